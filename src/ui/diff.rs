//! Unified diffs.

use similar::TextDiff;

use super::text::{BAD, BOLD, DIM, GOOD, PLAIN, paint};

/// The unified diff of file `name` from `before` to `after`, as `patch` takes it; empty if they are equal. Where line
/// ends change, `␍` shows those with a carriage return.
pub(crate) fn unified(name: &str, before: &str, after: &str) -> String {
    let is_mixed = before.contains("\r\n") && before.replace("\r\n", "").contains('\n');
    let shown = |text: &str| if is_mixed { text.replace('\r', "␍") } else { text.to_owned() };
    let (before, after) = (shown(before), shown(after));
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
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
