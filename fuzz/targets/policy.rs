//! Any text is read, checked and evaluated as a policy of IAM.

#![no_main]
#![allow(dead_code)]

#[path = "../../compiler/iam/tests/any/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| {
    properties::policy(text);
});
