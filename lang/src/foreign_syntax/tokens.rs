//! A value, split at spaces.

use std::ops::Range;

/// A word, a string or a list, between spaces.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) at: Range<usize>,
}

impl<'t> Token<'t> {
    /// The text between its quotes, if it is a string.
    pub(super) fn quoted(&self) -> Option<&'t str> {
        let inside = self.text.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
        (!inside.contains(['"', '$', '\\'])).then_some(inside)
    }

    /// The word, without the quotes it may have.
    pub(super) fn bare(&self) -> &'t str {
        self.quoted().unwrap_or(self.text)
    }
}

/// The parts of a text, separated by blanks and commas outside of quotes and brackets.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        let is_inside = depth > 0 || quote.is_some();
        match c {
            _ if quote == Some(c) => quote = None,
            _ if quote.is_some() => {}
            '"' | '\'' => quote = Some(c),
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !is_inside && (c.is_whitespace() || c == ',') {
            if let Some(start) = start.take() {
                found.extend(token(text, start..at));
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(start) = start {
        found.extend(token(text, start..text.len()));
    }
    found
}

fn token(text: &str, at: Range<usize>) -> Option<Token<'_>> {
    text.get(at.clone()).map(|text| Token { text, at })
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A bare word, dots and one slash included.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}

/// A block or an address.
pub(super) fn is_block(text: &str) -> bool {
    text.contains('.')
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/'))
}
