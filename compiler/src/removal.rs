//! Removes a part of a text so that the rest stays well-formed: with its separator, and with its line if it has
//! one to itself.

use asiaq_lang::Span;

/// The span to delete in order to remove the item, member or value at `span`.
pub(crate) fn removal(text: &str, span: Span) -> Span {
    let (before, after) = around(text, span);
    let lead = blanks_before(before);
    let rest = after.trim_start_matches(BLANKS);
    let (has_comma, rest) = match rest.strip_prefix(',') {
        Some(rest) => (true, rest.trim_start_matches(BLANKS)),
        None => (false, rest),
    };
    let starts_line = ends_line(before.len() - lead, before);
    if starts_line && is_line_end(rest) {
        let start = documented(before.get(..before.len() - lead).unwrap_or(before));
        return place(span, start, text.len() - after_line(rest).len());
    }
    if has_comma && !is_line_end(rest) {
        return place(span, before.len(), text.len() - rest.len());
    }
    match before.trim_end_matches(BLANKS).strip_suffix(',') {
        Some(earlier) => place(span, earlier.len(), span.end as usize),
        None if has_comma => place(span, before.len(), text.len() - rest.len()),
        None => span,
    }
}

/// The span to delete in order to remove a prefix of something: the prefix, with the blanks or the line break behind
/// it.
pub(crate) fn prefix(text: &str, span: Span) -> Span {
    let (before, after) = around(text, span);
    let lead = blanks_before(before);
    let rest = after.trim_start_matches(BLANKS);
    if ends_line(before.len() - lead, before) && is_line_end(rest) {
        return place(span, before.len() - lead, text.len() - after_line(rest).len());
    }
    place(span, before.len(), text.len() - rest.len())
}

const BLANKS: [char; 2] = [' ', '\t'];

fn around(text: &str, span: Span) -> (&str, &str) {
    let range = span.range();
    (text.get(..range.start).unwrap_or(""), text.get(range.end..).unwrap_or(""))
}

fn place(span: Span, start: usize, end: usize) -> Span {
    Span::new(span.file, start, end)
}

fn blanks_before(before: &str) -> usize {
    before.len() - before.trim_end_matches(BLANKS).len()
}

/// Whether a line starts at `at`.
fn ends_line(at: usize, text: &str) -> bool {
    text.get(..at).is_none_or(|before| before.is_empty() || before.ends_with(['\n', '\r']))
}

/// Whether only a comment follows on this line.
fn is_line_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['\n', '\r']) || rest.starts_with("//")
}

/// The text behind the line that `rest` ends.
fn after_line(rest: &str) -> &str {
    let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    rest.get(end..).unwrap_or("")
}

/// The start of the documentation and the `allow`s directly above the end of `before`.
fn documented(before: &str) -> usize {
    let mut start = before.len();
    for line in before.split_inclusive('\n').rev() {
        let text = line.trim();
        let is_allow = text.starts_with("allow(") && text.ends_with(')');
        if !text.starts_with("///") && !is_allow {
            break;
        }
        start -= line.len();
    }
    start
}

#[cfg(test)]
mod tests {
    use asiaq_lang::FileId;

    use super::*;

    /// `text` without the part between the bars.
    fn without(text: &str, cut: impl Fn(&str, Span) -> Span) -> String {
        let (before, rest) = text.split_once('|').unwrap();
        let (item, after) = rest.split_once('|').unwrap();
        let mut whole = [before, item, after].concat();
        let span = cut(&whole, Span::new(FileId(0), before.len(), before.len() + item.len()));
        whole.replace_range(span.range(), "");
        whole
    }

    #[test]
    fn an_item_goes_with_its_separator_or_its_line() {
        let cases = [
            ("[|a|]", "[]"),
            ("[|a|, b]", "[b]"),
            ("[a, |b|]", "[a]"),
            ("[a, |b|, c]", "[a, c]"),
            ("[a, |b|,]", "[a, ]"),
            ("{ |x = 1| }", "{  }"),
            ("[\n  a\n  |b| // why\n  c\n]", "[\n  a\n  c\n]"),
            ("[\n  a,\n  |b|\n]", "[\n  a,\n]"),
            ("[\n  |a|, b\n]", "[\n  b\n]"),
            ("[\n  a, |b|\n]", "[\n  a\n]"),
            ("[\n  a, |b|,\n  c\n]", "[\n  a,\n  c\n]"),
            ("[\n  a, |b|, // why\n]", "[\n  a, // why\n]"),
            ("x = 1\n/// Why.\n/// More.\nallow(c)\n|let a = 1|\nlet b = 2", "x = 1\nlet b = 2"),
            ("let a = 1\r\n|let b = 2|\r\nlet c = 3", "let a = 1\r\nlet c = 3"),
            ("|let a = 1|", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(without(text, removal), expected, "{text}");
        }
    }

    #[test]
    fn a_prefix_goes_and_what_it_belongs_to_stays() {
        let cases = [
            ("/// Doc.\n  |allow(a)|\n  x = 1", "/// Doc.\n  x = 1"),
            ("  |allow(a)| x = 1", "  x = 1"),
            ("y = 2, |allow(a)| x = 1", "y = 2, x = 1"),
        ];
        for (text, expected) in cases {
            assert_eq!(without(text, prefix), expected, "{text}");
        }
    }
}
