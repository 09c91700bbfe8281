//! What holds for every text: for the tests that make texts up, and for the fuzzers.

use asiaq_lang::{Diagnostic, FileId, Parsed, Span, format, parse};

use crate::shown;

/// Parses, and checks what holds for every text.
pub(crate) fn parsed(text: &str) -> Parsed {
    let parsed = parse(FileId(7), text);
    let inside = |span: Span| {
        assert_eq!(span.file, FileId(7));
        assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    };
    for diagnostic in &parsed.diagnostics {
        places(diagnostic).for_each(inside);
        assert!(!diagnostic.message.contains("cannot be read"), "the grammar refused {text:?}");
        assert!(diagnostic.help.is_some() || diagnostic.fix.is_some(), "no way out of {diagnostic:?}");
    }
    parsed.tree.comments.iter().copied().for_each(inside);
    spans(&format!("{:?}", parsed.tree)).for_each(|(start, end)| {
        assert!(text.get(start..end).is_some(), "{start}..{end} of {text:?}");
    });
    parsed
}

fn places(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    let edits = diagnostic.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.span));
    let related = diagnostic.related.iter().map(|related| related.span);
    std::iter::once(diagnostic.primary).chain(related).chain(edits)
}

/// The spans in a tree, by the text of its `Debug`.
fn spans(debug: &str) -> impl Iterator<Item = (usize, usize)> {
    debug.split("Span { file: FileId(7), start: ").skip(1).filter_map(|rest| {
        let (start, rest) = rest.split_once(", end: ")?;
        let (end, _) = rest.split_once(' ')?;
        Some((start.parse().ok()?, end.parse().ok()?))
    })
}

/// Formats, and checks what holds for every text.
pub(crate) fn laid_out(text: &str) -> String {
    let formatted = format(text);
    assert_eq!(format(&formatted), formatted, "a second time is another layout, of\n{text}");
    let (before, after) = (parse(FileId(0), text), parse(FileId(0), &formatted));
    assert_eq!(comments(text, &before), comments(&formatted, &after), "of\n{text}");
    assert_eq!(substance(text), substance(&formatted), "of\n{text}");
    if before.diagnostics.is_empty() {
        assert_eq!(shown::tree(&before.tree), shown::tree(&after.tree), "of\n{text}");
        assert_eq!(after.diagnostics, [], "of\n{text}\nwhich became\n{formatted}");
        neat(&formatted);
    }
    let mistakes = |text: &str, parsed: &Parsed| -> Vec<(String, String)> {
        let said = parsed.diagnostics.iter();
        said.map(|found| {
            (
                found.code.to_string(),
                // Line ends may change; nothing else does.
                text.get(found.primary.range()).unwrap_or_default().trim_end().replace("\r\n", "\n"),
            )
        })
        .collect()
    };
    assert_eq!(
        mistakes(text, &before),
        mistakes(&formatted, &after),
        "of\n{text}\nwhich became\n{formatted}"
    );
    formatted
}

/// What the comments say that document nothing.
fn comments<'t>(text: &'t str, parsed: &Parsed) -> Vec<&'t str> {
    parsed
        .tree
        .comments
        .iter()
        .map(|comment| text.get(comment.range()).unwrap_or_default().trim_end())
        .collect()
}

/// How often each character occurs, separators left out.
fn substance(text: &str) -> Vec<char> {
    let is_kept = |c: &char| !matches!(c, ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}');
    let mut characters: Vec<char> = text.chars().filter(is_kept).collect();
    characters.sort_unstable();
    characters
}

/// What no layout has.
fn neat(text: &str) {
    let is_windows = text.contains('\r');
    assert!(!is_windows || text.matches('\n').count() == text.matches("\r\n").count(), "{text:?}");
    let text = &text.replace("\r\n", "\n");
    assert!(text.is_empty() || text.ends_with('\n') && !text.ends_with("\n\n") && !text.starts_with('\n'));
    assert!(!text.contains("\n\n\n") && !text.contains('\r'), "{text:?}");
    for line in text.lines() {
        assert_eq!(line.trim_end_matches([' ', '\t']), line, "{text}");
        let indent = line.len() - line.trim_start().len();
        assert!(
            indent.is_multiple_of(2) && !line.get(..indent).is_some_and(|blanks| blanks.contains('\t')),
            "{text}"
        );
    }
}
