//! Tables of `stdlib/` as text: lines in order of their first word.

use std::cmp::Ordering;

/// The line whose first word is `key`, by bisection: a check that asks for a word does not read the table.
pub(crate) fn line<'t>(table: &'t str, key: &str) -> Option<&'t str> {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = floor(table, usize::midpoint(low, high));
        let start = table.get(low..middle)?.rfind('\n').map_or(low, |at| low + at + 1);
        let end = table.get(middle..high)?.find('\n').map_or(high, |at| middle + at);
        let line = table.get(start..end)?;
        let first = line.split(' ').next()?;
        match first.cmp(key) {
            Ordering::Equal => return Some(line),
            // A comment comes before every word.
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

/// The lines that are no comments.
pub(crate) fn lines(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// The next place at or before `at` that is between two characters.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_nothing_else() {
        let table = "# made by hand\n# a b\nab 1\nabc 2\nb 3\nbé 4\nc\n";
        for found in lines(table) {
            assert_eq!(line(table, found.split(' ').next().unwrap()), Some(found));
        }
        for key in ["", "a", "abcd", "bb", "d", "é"] {
            assert_eq!(line(table, key), None, "{key}");
        }
        assert_eq!(line("", "a"), None);
        assert_eq!(line("a", "a"), Some("a"));
    }
}
