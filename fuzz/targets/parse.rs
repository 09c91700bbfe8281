//! Any text becomes a tree and diagnostics whose places are in it.

#![no_main]
#![allow(dead_code)]

#[path = "../../lang/tests/parse/properties.rs"]
mod properties;
#[path = "../../lang/tests/parse/shown.rs"]
mod shown;

libfuzzer_sys::fuzz_target!(|text: &str| {
    properties::parsed(text);
});
