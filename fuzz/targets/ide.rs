//! Editor requests at any place of any project succeed. The first bytes select the place.

#![no_main]
#![allow(dead_code)]

#[path = "../../compiler/tests/any/properties.rs"]
mod properties;

/// Bytes that choose two edits and the places that are asked about.
const NUMBERS: usize = 16;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((numbers, text)) = bytes.split_at_checked(NUMBERS) else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let numbers: Vec<u16> = numbers.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    properties::answers(&mut properties::Texts::of(text), &numbers);
});
