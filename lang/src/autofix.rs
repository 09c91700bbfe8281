//! Applies the fixes of diagnostics.

use std::collections::BTreeMap;

use crate::{Edit, FileId, Fix, SourceMap, Span};

/// The result of applying fixes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed<'f> {
    /// The new texts of the files that changed.
    pub texts: BTreeMap<FileId, String>,
    /// The fixes that were applied, in the order they were given.
    pub applied: Vec<&'f Fix>,
}

/// Applies those of `fixes` that do not get into one another's way, each as a whole; the first come first.
///
/// A fix that would change nothing, or that names places which are not in `sources`, is passed over.
pub fn apply_fixes<'f>(sources: &SourceMap, fixes: impl IntoIterator<Item = &'f Fix>) -> Fixed<'f> {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut applied = Vec::new();
    for fix in fixes {
        let edits: Vec<&Edit> = fix.edits.iter().collect();
        let is_idle = edits.iter().all(|edit| sources.slice(edit.span) == edit.text);
        let fits = edits.iter().enumerate().all(|(at, edit)| {
            let others = taken.iter().chain(edits.iter().take(at));
            sources.text(edit.span.file).get(edit.span.range()).is_some()
                && others.into_iter().all(|other| !meet(edit.span, other.span))
        });
        if fits && !is_idle {
            taken.extend(edits);
            applied.push(fix);
        }
    }
    taken.sort_by_key(|edit| edit.span);
    let mut by_file: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in taken {
        by_file.entry(edit.span.file).or_default().push(edit);
    }
    let texts = by_file.into_iter().map(|(file, edits)| (file, rewrite(sources.text(file), &edits)));
    Fixed { texts: texts.collect(), applied }
}

/// Whether the order of two edits would matter: they overlap, or one inserts where the other begins or ends.
fn meet(a: Span, b: Span) -> bool {
    let touch = a.file == b.file && a.start <= b.end && b.start <= a.end;
    let inserts = a.start == a.end || b.start == b.end;
    touch && (inserts || (a.start < b.end && b.start < a.end))
}

/// `text` with `edits`, which are in order and do not meet.
fn rewrite(text: &str, edits: &[&Edit]) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        rewritten.push_str(text.get(at..range.start).unwrap_or(""));
        rewritten.push_str(&edit.text);
        at = range.end;
    }
    rewritten.push_str(text.get(at..).unwrap_or(""));
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Diagnostic;

    fn mended(edits: &[(usize, usize, &str)]) -> (String, usize) {
        let mut sources = SourceMap::default();
        let file = sources.add("infra.asq", "one two thrée");
        let fixes: Vec<Fix> = edits
            .iter()
            .filter_map(|(start, end, text)| {
                let span = Span::new(file, *start, *end);
                Diagnostic::new(crate::codes::SEMICOLON, span, "x").safe_fix("x", span, *text).fix
            })
            .collect();
        let mended = apply_fixes(&sources, &fixes);
        (mended.texts.get(&file).cloned().unwrap_or_default(), mended.applied.len())
    }

    #[test]
    fn fixes_apart_are_applied_together() {
        assert_eq!(mended(&[(8, 14, "3"), (0, 3, "1"), (4, 7, "zwei")]), ("1 zwei 3".to_owned(), 3));
        assert_eq!(mended(&[(0, 3, "1"), (3, 4, "_")]), ("1_two thrée".to_owned(), 2));
    }

    #[test]
    fn of_fixes_in_one_place_the_first_is_applied() {
        assert_eq!(mended(&[(0, 5, "1"), (4, 7, "2")]), ("1wo thrée".to_owned(), 1));
        assert_eq!(mended(&[(3, 3, ","), (3, 3, ";")]), ("one, two thrée".to_owned(), 1));
        assert_eq!(mended(&[(0, 3, "1"), (3, 3, ",")]), ("1 two thrée".to_owned(), 1));
    }

    #[test]
    fn what_changes_nothing_or_is_nowhere_is_passed_over() {
        assert_eq!(mended(&[(0, 3, "one"), (90, 91, "x"), (11, 12, "x")]), (String::new(), 0));
    }
}
