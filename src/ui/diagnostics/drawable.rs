//! Characters that a drawing cannot contain as they are.

use std::borrow::Cow;

/// `text` with blanks, as many as it has bytes, in place of each character that the drawing would take for the end of a
/// line although it is none, or that a terminal obeys. Places in bytes stay the same.
pub(super) fn drawable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut drawn = String::with_capacity(text.len());
    for character in text.chars() {
        if is_odd(character) {
            drawn.extend(std::iter::repeat_n(' ', character.len_utf8()));
        } else {
            drawn.push(character);
        }
    }
    Cow::Owned(drawn)
}

/// Form feeds, the line separators of Unicode, other control characters, and marks that change the direction of text.
fn is_odd(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}
