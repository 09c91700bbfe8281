//! The pages of diagnostic codes on a terminal.

use asiaq_compiler::pages::Page;
use asiaq_lang::Severity;
use serde::Serialize;

use super::prose::wrap;
use super::text::{BOLD, CHANGED, DIM, ERROR, GOOD, PLAIN, paint};
use super::width::width;

/// A page as `explain CODE --format json` prints it.
#[derive(Serialize)]
pub(crate) struct Data {
    code: &'static str,
    severity: Severity,
    text: &'static str,
}

/// A page in the list of all pages.
#[derive(Serialize)]
pub(crate) struct Line {
    code: &'static str,
    severity: Severity,
    summary: String,
}

pub(crate) fn data(page: Page) -> Data {
    Data { code: page.code, severity: page.severity(), text: page.text }
}

pub(crate) fn line(page: Page) -> Line {
    Line { code: page.code, severity: page.severity(), summary: page.summary() }
}

/// Every page in one or two lines: its code and summary.
pub(crate) fn list(pages: impl Iterator<Item = Page>) -> String {
    let pages: Vec<Page> = pages.collect();
    let column = pages.iter().map(|page| page.code.len()).max().unwrap_or_default() + 2;
    let rest = " ".repeat(column);
    let line = |page: &Page| {
        let summary = wrap(&page.summary(), width(), &rest, &rest);
        let gap = " ".repeat(column.saturating_sub(page.code.len()));
        format!("{}{gap}{}", paint(BOLD, page.code), summary.strip_prefix(&rest).unwrap_or(&summary))
    };
    pages.iter().map(line).collect()
}

/// A page: wrapped prose, indented programs, the corrected program in green.
pub(crate) fn render(page: Page) -> String {
    let mut text = headline(page);
    let width = width();
    let mut lines = page.text.lines().skip(1).peekable();
    while let Some(line) = lines.next() {
        if let Some(fence) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            text.push_str(&block(fence, &body));
        } else if line.is_empty() {
            text.push('\n');
        } else {
            let (first, mut sentence) = match line.strip_prefix("- ") {
                Some(item) => ("- ", item.to_owned()),
                None => ("", line.to_owned()),
            };
            let continues =
                |line: &&str| !line.is_empty() && !line.starts_with("- ") && !line.starts_with("```");
            while let Some(next) = lines.next_if(continues) {
                sentence.push(' ');
                sentence.push_str(next.trim_start());
            }
            text.push_str(&wrap(&sentence, width, first, &" ".repeat(first.len())));
        }
    }
    // A `facts` block is left out, but not the blank line before it.
    text.replace("\n\n\n", "\n\n")
}

fn headline(page: Page) -> String {
    let (severity, style) = match page.severity() {
        Severity::Error => ("error", ERROR),
        Severity::Warning => ("warning", CHANGED.bold()),
    };
    format!("{}\n", paint(style, &format!("{severity}[{}]", page.code)))
}

fn block(fence: &str, body: &[&str]) -> String {
    let (caption, style) = match fence.split_once(' ') {
        None if fence == "facts" => return String::new(),
        Some((_, "fixed")) => (None, GOOD),
        Some((_, name)) if !name.contains('=') => {
            (Some(format!("    {}\n", paint(DIM, &format!("{name}:")))), PLAIN)
        }
        Some(_) | None => (None, PLAIN),
    };
    let line = |line: &&str| match *line {
        "" => "\n".to_owned(),
        line => format!("    {}\n", paint(style, line)),
    };
    caption.unwrap_or_default() + &body.iter().map(line).collect::<String>()
}
