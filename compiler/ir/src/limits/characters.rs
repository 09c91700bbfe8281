/// The characters that AWS accepts in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Characters {
    pub(super) class: Class,
    /// The characters in words: "letters, digits and `_-`".
    pub shown: &'static str,
}

/// A character class of a regular expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "one for each category")]
pub(crate) struct Class {
    /// Whether it contains all characters but the others.
    pub(crate) is_negated: bool,
    /// The characters of ASCII: one bit each.
    pub(crate) ascii: u128,
    /// Ranges that end beyond ASCII.
    pub(crate) beyond: &'static [(char, char)],
    /// Unicode's categories L, N and Z, with control characters that count as spaces.
    pub(crate) letters: bool,
    pub(crate) numbers: bool,
    pub(crate) spaces: bool,
}

impl Characters {
    /// The first character of a text that is none of them.
    pub(super) fn first_other(&self, text: &str) -> Option<char> {
        // Nearly every text is plain ASCII.
        if !self.class.is_negated {
            let listed = self.class.ascii.to_le_bytes();
            let mut bytes = text.as_bytes();
            // A loop, because it runs for every character of every tag.
            while let [byte, rest @ ..] = bytes {
                match listed.get(usize::from(byte >> 3)) {
                    Some(bits) if bits >> (byte & 7) & 1 == 1 => bytes = rest,
                    Some(_) | None => break,
                }
            }
            if bytes.is_empty() {
                return None;
            }
        }
        text.chars().find(|character| !self.contains(*character))
    }

    /// Whether `character` is one of them.
    pub fn contains(&self, character: char) -> bool {
        let Class { is_negated, ascii, beyond, letters, numbers, spaces } = self.class;
        let code = u32::from(character);
        let is_listed = if code < 128 {
            ascii >> code & 1 == 1
        } else {
            beyond.iter().any(|(first, last)| (*first..=*last).contains(&character))
        };
        let is_of_category = letters && character.is_alphabetic()
            || numbers && character.is_numeric()
            || spaces && character.is_whitespace();
        (is_listed || is_of_category) != is_negated
    }
}
