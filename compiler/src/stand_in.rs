//! Texts that may stand for each other in a proof.

/// Whether AWS accepts every value that `text` is part of if it accepts the one with `other` in its place.
pub(crate) fn stands_for(text: &str, other: &str) -> bool {
    text == other || (text.len() <= other.len() && is_plain(text) && is_plain(other))
}

/// Whether a text has only characters that AWS accepts wherever it accepts the others of them.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
