//! What the program of an import has in other words than the old files.

use std::fmt::Write as _;

use asiaq_import::{Difference, Verified};
use asiaq_lang::SourceMap;

use super::table;
use super::text::{BAD, BOLD, GOOD, PLAIN, count, paint};
use super::width::width;

/// A paragraph for each value that differs, those without a reason last, and a line with the numbers.
pub(crate) fn shown(sources: &SourceMap, verified: &Verified) -> String {
    let (explained, open): (Vec<&Difference>, Vec<&Difference>) =
        verified.differences.iter().partition(|difference| difference.reason.is_some());
    let mut text = String::new();
    for difference in explained.iter().chain(&open) {
        text.push_str(&paragraph(sources, difference));
    }
    let verdict = if open.is_empty() { paint(GOOD, "ok") } else { paint(BAD, "not the same") };
    let _ = writeln!(
        text,
        "{verdict}: {} compared, {} with a reason, {} without",
        count(verified.compared, "value"),
        count(explained.len(), "difference"),
        open.len()
    );
    text
}

fn paragraph(sources: &SourceMap, difference: &Difference) -> String {
    let place = difference.place.map(|span| {
        let at = sources.start(span);
        format!("{}:{}:{}", sources.path(span.file), at.line, at.column)
    });
    let said = |value: &str| {
        if value.is_empty() { "nothing".to_owned() } else { format!("`{value}`").replace('\n', " ") }
    };
    let mut text = paint(BOLD, &difference.path);
    if let Some(place) = place {
        let _ = write!(text, "  {place}");
    }
    text.push('\n');
    let what =
        format!("the original has {}, the program has {}", said(&difference.old), said(&difference.new));
    let why = match &difference.reason {
        Some(reason) => format!("reason: {reason}"),
        None => "no reason is known".to_owned(),
    };
    for line in [what, why].iter().flat_map(|line| table::wrapped(PLAIN, line, width().saturating_sub(2), 0))
    {
        let _ = writeln!(text, "  {line}");
    }
    text
}
