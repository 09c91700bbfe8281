//! The diagnostics of the parser, each made by a function named by the mistake.

mod declarations;
mod foreign_characters;
mod foreign_declarations;
mod foreign_values;
mod statements;
mod values;

pub(crate) use declarations::*;
pub(crate) use foreign_characters::*;
pub(crate) use foreign_declarations::*;
pub(crate) use foreign_values::*;
pub(crate) use statements::*;
pub(crate) use values::*;

use crate::{Diagnostic, Span, codes, scan::Bracket};

/// Code as a message shows it: one line of it, shortened where it is long.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.lines().next().unwrap_or("").trim();
    if line.chars().count() <= LONGEST && line.len() == text.trim_end().len() {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("`{}…`", start.trim_end())
}

/// The bare word that text is, if it is one.
pub(crate) fn as_word(text: &str) -> Option<&str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(inside);
    word.then_some(text)
}

// --------------------------------------------------------------------------------------- Brackets and quotes

pub(crate) fn too_many_mistakes(at: Span) -> Diagnostic {
    Diagnostic::new(codes::TOO_MANY_MISTAKES, at, "too many errors; the rest of the file is not reported")
        .label("not checked from here on")
        .help("fix the errors above first, or check that this is an `.asq` file")
}

pub(crate) fn nested_too_deeply(place: Span) -> Diagnostic {
    Diagnostic::new(codes::NESTED_TOO_DEEPLY, place, "brackets are nested more than 64 deep")
        .label("65th level")
        .help("give an inner value a name with `let`")
}

pub(crate) fn unclosed(opened: Span, bracket: Bracket, next: Option<Span>) -> Diagnostic {
    let (code, what) = match bracket {
        Bracket::Brace => (codes::UNCLOSED_BLOCK, "this `{` has no `}`"),
        Bracket::Square => (codes::UNCLOSED_LIST, "this `[` has no `]`"),
    };
    let found = Diagnostic::new(code, opened, what).label("opened here");
    match next {
        Some(next) => found
            .related(next, "this is outside of it")
            .help(format!("add `{}` before this", bracket.close())),
        None => found.help(format!("add `{}` where it ends", bracket.close())),
    }
}

pub(crate) fn wrong_close(close: Span, opened: Span, bracket: Bracket) -> Diagnostic {
    let (code, open, right) = match bracket {
        Bracket::Brace => (codes::UNCLOSED_BLOCK, "{", "}"),
        Bracket::Square => (codes::UNCLOSED_LIST, "[", "]"),
    };
    Diagnostic::new(code, close, format!("`{open}` must be closed by `{right}`, not by this"))
        .label(format!("expected `{right}`"))
        .related(opened, "opened here")
        .fix(format!("write `{right}`"), close, right)
}

pub(crate) fn unopened(header: Span, close: Span) -> Diagnostic {
    Diagnostic::new(codes::UNOPENED_BLOCK, header, "a `{` is missing at the end of this line")
        .label("`{` missing at the end")
        .related(close, "this `}` closes it")
        .fix("add `{`", header, " {")
}

pub(crate) fn stray_close(place: Span, bracket: Bracket) -> Diagnostic {
    Diagnostic::new(codes::STRAY_CLOSE, place, format!("this `{}` closes nothing", bracket.close()))
        .label("no matching opening bracket")
        .help("remove it, or add the matching opening bracket")
        .fix("remove it", place, "")
}

pub(crate) fn unclosed_string(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNCLOSED_STRING, place, "this string has no closing `\"`")
        .label("closing `\"` missing")
        .help("add a `\"`: a string ends on the line where it starts")
}

/// Only a limit of the parser's own leads here.
pub(crate) fn unreadable(place: Span) -> Diagnostic {
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, "this declaration cannot be parsed")
}

// ------------------------------------------------------------------------------------------------ Separation

pub(crate) fn missing_separator(place: Span, next: &str) -> Diagnostic {
    let next: String = next.chars().take_while(|c| !c.is_whitespace()).collect();
    let message = format!("expected a comma or a line break before {}", excerpt(&next));
    Diagnostic::new(codes::MISSING_SEPARATOR, place, message)
        .label("separator missing")
        .help("separate the two with a comma or a line break")
        .fix("add a comma", place, ", ")
}

pub(crate) fn unexpected(place: Span, text: &str) -> Diagnostic {
    if text.starts_with('\'') && text.ends_with('\'') && text.len() > 1 {
        return single_quotes(place, text);
    }
    let message = format!("unexpected {}", excerpt(text));
    Diagnostic::new(codes::UNEXPECTED_TEXT, place, message)
        .label("unexpected")
        .help("separate fields, list items and declarations with a comma or a line break")
}
