//! Any text can be laid out, and stays as it is when it is laid out again.

#![no_main]
#![allow(dead_code)]

#[path = "../../lang/tests/parse/properties.rs"]
mod properties;
#[path = "../../lang/tests/parse/shown.rs"]
mod shown;

libfuzzer_sys::fuzz_target!(|text: &str| {
    properties::laid_out(text);
});
