//! The parser: text in, tree and diagnostics out.

mod allows;
mod arbitrary;
mod broken_values;
mod formatting;
mod layout;
mod programs;
mod properties;
mod recovery;
mod shown;
mod statements;
mod well_formed;

/// What the parser makes of `text` is `expected`.
#[track_caller]
fn check(text: &str, expected: &str) {
    let shown = shown::shown(text);
    assert_eq!(shown.trim_end(), expected.trim(), "of\n{text}\n");
}
