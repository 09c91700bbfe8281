//! Characters of other languages: comments, quotes, spaces and separators.

use super::excerpt;
use crate::{Applicability, Diagnostic, Edit, Span, codes};

/// Adds another occurrence on the same line to the fix.
pub(crate) fn again(found: &mut Diagnostic, span: Span, text: &str) {
    if let Some(fix) = &mut found.fix {
        fix.edits.push(Edit { span, text: text.to_owned() });
    }
}

/// A `;` between fields, or at the end of a line where `meant` is nothing.
pub(crate) fn semicolon(place: Span, meant: &str) -> Diagnostic {
    if meant.is_empty() {
        return Diagnostic::new(codes::SEMICOLON, place, "unexpected `;` at the end of a line")
            .label("unexpected `;`")
            .help("remove it: a line break is enough")
            .safe_fix("remove it", place, "");
    }
    Diagnostic::new(codes::SEMICOLON, place, "`;` is not a separator")
        .label("not a separator")
        .help("write a comma or a line break")
        .safe_fix("write `,`", place, meant)
}

/// A `# …` or `; …`.
pub(crate) fn foreign_comment(place: Span, text: &str) -> Diagnostic {
    let mark = if text.starts_with('#') { "#" } else { ";" };
    let rest = text.trim_start_matches(['#', ';']);
    commented(place, mark, rest)
}

/// A `-- …`.
pub(crate) fn dashed_comment(place: Span, text: &str) -> Diagnostic {
    commented(place, "--", text.trim_start_matches('-'))
}

fn commented(place: Span, mark: &str, rest: &str) -> Diagnostic {
    let blank = if rest.starts_with(' ') || rest.is_empty() { "" } else { " " };
    Diagnostic::new(codes::FOREIGN_COMMENT, place, format!("comments start with `//`, not `{mark}`"))
        .label("not a comment")
        .help("write `//`: a comment ends with its line")
        .safe_fix("write `//`", place, format!("//{blank}{rest}"))
}

/// A `/* … */`; `is_last` where nothing else follows on its last line, nor precedes it on the first of several.
pub(crate) fn block_comment(place: Span, text: &str, is_last: bool) -> Diagnostic {
    let found = Diagnostic::new(codes::FOREIGN_COMMENT, place, "comments start with `//`, not `/*`")
        .label("not a comment");
    if !is_last {
        return found.help("move it to the end of the line, after `//`");
    }
    let inside = text.trim_start_matches(['/', '*']).trim_end_matches(['/', '*']);
    let lines: Vec<String> = inside
        .trim()
        .lines()
        .map(|line| format!("// {}", line.trim().trim_start_matches('*').trim()).trim_end().to_owned())
        .collect();
    found.help("write `//`: a comment ends with its line").safe_fix(
        "write `//`",
        place,
        if lines.is_empty() { "//".to_owned() } else { lines.join("\n") },
    )
}

/// A `/*` that nothing closes, and the rest of its line.
pub(crate) fn unclosed_comment(place: Span, line: Span, text: &str) -> Diagnostic {
    let rest = text.trim_start_matches(['/', '*']).trim();
    Diagnostic::new(codes::FOREIGN_COMMENT, place, "this `/*` has no `*/`; comments start with `//`")
        .label("not a comment")
        .help("start each line of the comment with `//`")
        .fix("write `//`", line, format!("// {rest}").trim_end())
}

/// Typographic quotes; `close` where the second is one of them too.
pub(crate) fn curly_quotes(open: Span, close: Option<Span>) -> Diagnostic {
    Diagnostic::new(codes::CURLY_QUOTES, open, "strings need straight quotes")
        .label("typographic quote")
        .help("write `\"` instead of typographic quotes")
        .edits(
            if close.is_some() { Applicability::Safe } else { Applicability::Suggested },
            "write `\"`",
            std::iter::once(open).chain(close).map(|span| (span, "\"".to_owned())),
        )
}

/// A character that looks like one of the language.
pub(crate) fn foreign_character(place: Span, character: char, meant: &str) -> Diagnostic {
    let number = format!("U+{:04X}", u32::from(character));
    let (what, help) = match meant.trim() {
        "" if meant.is_empty() => ("an invisible character".to_owned(), "remove it".to_owned()),
        "" => ("not a plain space".to_owned(), "write a space".to_owned()),
        meant => (format!("not {}", excerpt(meant)), format!("write {}", excerpt(meant))),
    };
    let is_seen = !character.is_whitespace() && !character.is_control() && !meant.trim().is_empty();
    let shown = if is_seen { format!("`{character}` ({number})") } else { format!("the character {number}") };
    Diagnostic::new(codes::FOREIGN_CHARACTER, place, format!("{shown} is {what}"))
        .label("not a character of the language")
        .help(format!("{help}: this character is often inserted by another keyboard layout or program"))
        .safe_fix(help.clone(), place, meant)
}

pub(crate) fn single_quotes(place: Span, text: &str) -> Diagnostic {
    let found = Diagnostic::new(codes::SINGLE_QUOTES, place, "strings need double quotes")
        .label("single quotes")
        .help("write `\"` instead of `'`");
    let inner = text.trim_matches('\'');
    if inner.contains(['"', '\\', '$']) {
        return found;
    }
    found.safe_fix(format!("write `\"{inner}\"`"), place, format!("\"{inner}\""))
}
