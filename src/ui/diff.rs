//! Unified diffs.

use similar::TextDiff;

use super::text::{BAD, BOLD, DIM, GOOD, PLAIN, paint};

/// The unified diff of file `name` from `before` to `after`, as `patch` takes it; empty if they are equal.
pub(crate) fn unified(name: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let text = diff.unified_diff().header(name, name).to_string();
    let mut painted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let style = match line.chars().next() {
            _ if line.starts_with("--- ") || line.starts_with("+++ ") => BOLD,
            Some('@') => DIM,
            Some('-') => BAD,
            Some('+') => GOOD,
            Some(_) | None => PLAIN,
        };
        let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
        painted.push_str(&paint(style, text));
        painted.push_str(end);
    }
    painted
}

/// The same without colours, for JSON.
pub(crate) fn plain(name: &str, before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after).unified_diff().header(name, name).to_string()
}
