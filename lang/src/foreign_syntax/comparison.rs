//! Comparisons as other languages write them.

use super::{ForeignKind, ForeignSyntax, tokens::is_name};

/// Other spellings of comparisons, longer ones first, and the comparison where there is only one that it can be.
const SPELLINGS: &[(&str, Option<&str>)] = &[
    (" GreaterThanOrEqualToThreshold ", Some(">=")),
    (" LessThanOrEqualToThreshold ", Some("<=")),
    (" GreaterThanThreshold ", Some(">")),
    (" LessThanThreshold ", Some("<")),
    (" greater_than ", Some(">")),
    (" less_than ", Some("<")),
    (" exceeds ", Some(">")),
    (" equals ", None),
    (" above ", Some(">")),
    (" below ", Some("<")),
    (" under ", Some("<")),
    (" over ", Some(">")),
    (" gte ", Some(">=")),
    (" lte ", Some("<=")),
    (" ge ", Some(">=")),
    (" gt ", Some(">")),
    (" le ", Some("<=")),
    (" lt ", Some("<")),
    (" is ", None),
    ("===", None),
    ("==", None),
    ("!=", None),
    ("<>", None),
    ("=>", Some(">=")),
    ("=<", Some("<=")),
    ("≥", Some(">=")),
    ("≤", Some("<=")),
    ("≠", None),
];

/// `average => 90 for 5 x 5m`
pub(super) fn comparison(text: &str) -> Option<ForeignSyntax> {
    let found =
        SPELLINGS.iter().filter_map(|(spelling, meant)| Some((text.find(spelling)?, *spelling, meant)));
    let (at, spelling, meant) =
        found.min_by_key(|(at, spelling, _)| (*at, std::cmp::Reverse(spelling.len())))?;
    let (left, right) = (text.get(..at)?.trim(), text.get(at + spelling.len()..)?.trim_start());
    let is_number = right.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit());
    // Between two ends or two protocols with ports such a sign means something else.
    if !is_name(left) || left.contains('/') || !is_number {
        return None;
    }
    let start = at + spelling.len() - spelling.trim_start().len();
    let place = start..start + spelling.trim().len();
    Some(ForeignSyntax::new(
        ForeignKind::Comparison,
        place,
        meant.map(|meant| format!("{left} {meant} {right}")),
    ))
}
