//! Shortens long lines to the text around the spans of a drawing.

use std::ops::Range;

/// Lines up to this many characters are drawn as they are.
const LONGEST: usize = 160;
/// Characters that are kept on each side of a place.
const AROUND: usize = 40;
/// The mark for text that was cut out.
const GAP: &str = "…";

/// A text with cuts in its long lines; it has as many lines as before.
#[derive(Debug)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// What was cut out, in order, none overlapping.
    cuts: Vec<Range<usize>>,
}

/// Shortens the lines of `text` in which `places` begin or end; nothing where none of them is long.
pub(super) fn excerpt(text: &str, places: &[Range<usize>]) -> Option<Excerpt> {
    let mut ends: Vec<usize> = places.iter().flat_map(|place| [place.start, place.end]).collect();
    ends.sort_unstable();
    let mut cuts = Vec::new();
    while let Some(first) = ends.first().copied() {
        let line = line_at(text, first);
        let here: Vec<usize> = ends.iter().copied().take_while(|end| *end <= line.end).collect();
        ends.drain(..here.len().max(1));
        cuts.extend(cuts_in_line(text, line, &here));
    }
    if cuts.is_empty() {
        return None;
    }
    let mut shortened = String::new();
    let mut at = 0;
    for cut in &cuts {
        shortened.push_str(text.get(at..cut.start).unwrap_or(""));
        shortened.push_str(GAP);
        at = cut.end;
    }
    shortened.push_str(text.get(at..).unwrap_or(""));
    Some(Excerpt { text: shortened, cuts })
}

impl Excerpt {
    /// Where a place of the text is in the excerpt.
    pub(super) fn place(&self, place: Range<usize>) -> Range<usize> {
        self.offset(place.start)..self.offset(place.end)
    }

    fn offset(&self, at: usize) -> usize {
        let before = self.cuts.iter().filter(|cut| cut.end <= at);
        let (cut, gaps) = before.fold((0, 0), |(cut, gaps), range| (cut + range.len(), gaps + GAP.len()));
        (at + gaps).saturating_sub(cut)
    }
}

/// The line that byte `at` is in, without what ends it.
fn line_at(text: &str, at: usize) -> Range<usize> {
    let before = text.get(..at).unwrap_or("");
    let after = text.get(at..).unwrap_or("");
    let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    start..at + after.find(['\n', '\r']).unwrap_or(after.len())
}

/// What of a long line is far from all of `ends`.
fn cuts_in_line(text: &str, line: Range<usize>, ends: &[usize]) -> Vec<Range<usize>> {
    let characters: Vec<usize> = text
        .get(line.clone())
        .unwrap_or("")
        .char_indices()
        .map(|(at, _)| line.start + at)
        .chain([line.end])
        .collect();
    if characters.len() <= LONGEST {
        return Vec::new();
    }
    let byte = |index: usize| characters.get(index).copied().unwrap_or(line.end);
    let mut cuts = Vec::new();
    let mut kept = line.start;
    for end in ends {
        let index = characters.partition_point(|at| at < end);
        let window = byte(index.saturating_sub(AROUND))..byte(index + AROUND);
        if window.start > kept {
            cuts.push(kept..window.start);
        }
        kept = kept.max(window.end);
    }
    if kept < line.end {
        cuts.push(kept..line.end);
    }
    cuts
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn short_lines_stay_and_long_ones_keep_what_is_around() {
        assert!(excerpt("short\nlines\n", &[0..5, 6..11]).is_none());
        let text = format!("short\n{}MARK{}\r\nshort", "é".repeat(200), "x".repeat(200));
        let at = text.find("MARK").unwrap();
        let found = excerpt(&text, &[0..5, at..at + 4]).unwrap();
        let expected = format!("short\n…{}MARK{}…\r\nshort", "é".repeat(40), "x".repeat(40));
        assert_eq!(found.text, expected);
        assert_eq!(&found.text[found.place(at..at + 4)], "MARK");
        assert_eq!(&found.text[found.place(0..5)], "short");
    }

    #[test]
    fn of_a_long_place_both_ends_are_kept() {
        let text = format!("({})", "x".repeat(400));
        let found = excerpt(&text, std::slice::from_ref(&(0..text.len()))).unwrap();
        assert_eq!(found.text, format!("({}…{})", "x".repeat(39), "x".repeat(39)));
        assert_eq!(&found.text[found.place(0..text.len())], found.text);
    }
}
