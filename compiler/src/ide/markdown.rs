//! Markdown of hovers: code, tables, and lists that end with "and N more".

use std::fmt::Write as _;

/// Rows of a table, and names of a list, before "and more".
const ROWS: usize = 12;
const NAMES: usize = 5;
/// Characters of a value in a table.
const WIDTH: usize = 80;

/// Text as code on a line.
pub(super) fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Program text as a Markdown code block.
pub(super) fn program(text: &str) -> String {
    format!("```asq\n{text}\n```")
}

/// A value as code, cut where it is long.
pub(super) fn value(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return code(text);
    }
    let cut: String = text.chars().take(WIDTH - 1).collect();
    code(&format!("{}…", cut.trim_end()))
}

/// A table; rows beyond the limit are counted.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let mut text = line(&heading.map(str::to_owned));
    text.push_str("\n|");
    text.push_str(&"---|".repeat(N));
    for row in rows.iter().take(ROWS) {
        text.push('\n');
        text.push_str(&line(row));
    }
    if let Some(more) = rows.len().checked_sub(ROWS).filter(|more| *more > 0) {
        let _ = write!(text, "\n\n… and {more} more");
    }
    text
}

/// Names as code, the first few of many.
pub(super) fn names<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES).map(|name| code(name.as_ref())).collect();
    match names.len().checked_sub(NAMES).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", shown.join(", ")),
        None => shown.join(", "),
    }
}

/// Paragraphs, the empty ones left out.
pub(super) fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}
