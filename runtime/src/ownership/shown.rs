//! Text of others in messages.

use std::fmt::{self, Write as _};

/// Displays a text from a tag or a name in AWS, in backticks, and escaped as by [`Escaped`].
pub(crate) struct Shown<'a>(pub(crate) &'a str);

/// Displays a text from a tag or a name in AWS. What a terminal or a CI system would take for an order is escaped:
/// control characters, line breaks, and characters that change the direction of the text or are not visible.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", Escaped(self.0))
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if is_hidden(letter) {
                write!(f, "{}", letter.escape_unicode())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_a_terminal_are_escaped() {
        let hostile = "a\n::error::\u{1b}[8m\u{9b}\u{202e}ö";
        assert_eq!(Shown(hostile).to_string(), "`a\\u{a}::error::\\u{1b}[8m\\u{9b}\\u{202e}ö`");
    }
}
