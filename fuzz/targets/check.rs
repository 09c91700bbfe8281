//! Any project is checked, and what is sound is lowered and explained.

#![no_main]
#![allow(dead_code)]

#[path = "../../compiler/tests/any/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| {
    properties::checks(&properties::Texts::of(text));
});
