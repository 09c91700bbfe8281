//! Character classes of regular expressions, such as `[A-Za-z0-9_\-]`, as Rust and in words.

use std::fmt::Write as _;

/// A character class.
#[derive(Default)]
pub(crate) struct Class {
    is_negated: bool,
    /// The ranges of characters, in order.
    ranges: Vec<(char, char)>,
    /// `L`, `N` and `Z` of `\p{…}`.
    categories: String,
}

impl Class {
    /// Reads a class with its brackets.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let inner = inner.ok_or_else(|| format!("`{text}` is not a character class"))?;
        let mut class = Self { is_negated: inner.starts_with('^'), ..Self::default() };
        let mut rest = inner.strip_prefix('^').unwrap_or(inner);
        while !rest.is_empty() {
            if let Some((category, after)) = rest.strip_prefix("\\p{").and_then(|rest| rest.split_once('}')) {
                class.categories.push_str(category);
                rest = after;
                continue;
            }
            let (first, after) = one(rest)?;
            let end = after.strip_prefix('-').filter(|end| !end.is_empty());
            let (last, after) = end.map_or(Ok((first, after)), one)?;
            class.ranges.push((first, last));
            rest = after;
        }
        class.ranges.sort_unstable();
        Ok(class)
    }

    /// The class as an expression of Rust.
    pub(crate) fn rust(&self) -> String {
        let ascii = (0..128u8).map(char::from).filter(|c| self.ranges.iter().any(|(a, b)| a <= c && c <= b));
        let ascii = ascii.fold(0u128, |set, c| set | 1 << u32::from(c));
        let beyond = self.ranges.iter().filter(|(_, last)| !last.is_ascii());
        let beyond: Vec<String> = beyond.map(|(first, last)| format!("({first:?}, {last:?})")).collect();
        let has = |category: char| self.categories.contains(category);
        format!(
            "Class {{ is_negated: {}, ascii: {ascii:#x}, beyond: &[{}], letters: {}, numbers: {}, spaces: {} }}",
            self.is_negated,
            beyond.join(", "),
            has('L'),
            has('N'),
            has('Z'),
        )
    }

    /// What it contains, in words: "letters, digits, spaces and `._-`".
    pub(crate) fn words(&self) -> String {
        let is_whole = |first: char, last: char| self.ranges.iter().any(|(a, b)| *a <= first && last <= *b);
        let has = |category: char| self.categories.contains(category);
        if is_whole(' ', '~') {
            let beyond = self.ranges.iter().any(|(_, last)| !last.is_ascii());
            return if beyond { "all but control characters" } else { "printable ASCII characters" }
                .to_owned();
        }
        let mut words = Vec::new();
        match (is_whole('a', 'z'), is_whole('A', 'Z')) {
            _ if has('L') => words.push("letters"),
            (true, true) => words.push("the letters `a` to `z` and `A` to `Z`"),
            (true, false) => words.push("the letters `a` to `z`"),
            (false, true) => words.push("the letters `A` to `Z`"),
            (false, false) => {}
        }
        if has('N') || is_whole('0', '9') {
            words.push("digits");
        }
        if has('Z') || is_whole(' ', ' ') {
            words.push("spaces");
        }
        let others = self.ranges.iter().filter(|(first, last)| first == last && *first != ' ');
        let mut listed = String::new();
        for (only, _) in others {
            // A backtick would end the quotation.
            let _ = write!(listed, "{only}");
        }
        if !listed.is_empty() {
            listed = format!("`{listed}`");
            words.push(&listed);
        }
        let all = match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => words.concat(),
        };
        if self.is_negated { format!("all characters but {all}") } else { all }
    }
}

/// The first character of a class and what follows it.
fn one(text: &str) -> Result<(char, &str), String> {
    let bad = || format!("`{text}` does not begin with a character of a class");
    if let Some((digits, after)) = text.strip_prefix("\\u{").and_then(|rest| rest.split_once('}')) {
        let code = u32::from_str_radix(digits, 16).map_err(|_| bad())?;
        return Ok((char::from_u32(code).ok_or_else(bad)?, after));
    }
    let mut chars = text.chars();
    let first = match chars.next().ok_or_else(bad)? {
        '\\' => match chars.next().ok_or_else(bad)? {
            'r' => '\r',
            'n' => '\n',
            't' => '\t',
            letter if letter.is_alphanumeric() => return Err(bad()),
            escaped => escaped,
        },
        plain => plain,
    };
    Ok((first, chars.as_str()))
}
