//! Any text is read as a configuration of the original, and becomes a program that the compiler accepts.

#![no_main]

#[path = "../../compiler/import/tests/any/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| {
    properties::is_translated(&properties::tree(text));
});
