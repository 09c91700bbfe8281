//! Draws what is wrong with a program, in the program.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::io::Write as _;

use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};
use asiaq_compiler::{Checked, pages};
use asiaq_lang::{Applicability, Diagnostic, FileId, Fix, Severity, SourceMap, Span};

use super::style::{BOLD, GOOD, paint};
use super::words::count;
use crate::mending::Mended;

/// Every diagnostic with the text around it.
pub(crate) fn draw(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let mut files = Files { sources, read: BTreeMap::new() };
    let mut drawing = Vec::new();
    for diagnostic in diagnostics {
        // Writing to memory does not fail, and the place of a diagnostic is in `sources`.
        let _ = draw_one(&mut files, diagnostic, &mut drawing);
    }
    // The drawing pads its lines.
    String::from_utf8_lossy(&drawing).lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// Draws diagnostics beside the data, and counts them where there is an error.
pub(crate) fn warn(sources: &SourceMap, diagnostics: &[Diagnostic]) {
    super::say(&draw(sources, diagnostics));
    if diagnostics.iter().any(Diagnostic::is_error) {
        super::say(&format!("{}\n", tally(diagnostics)));
    }
}

/// The last line of a check.
pub(crate) fn verdict(checked: &Checked) -> String {
    if !checked.diagnostics.is_empty() {
        return format!("{}\n", tally(&checked.diagnostics));
    }
    let environments = count(checked.environments().len(), "environment");
    match checked.project() {
        "" => format!("{}, no project: nothing is wrong\n", paint(GOOD, "ok")),
        project => format!("{}, `{project}` with {environments}: nothing is wrong\n", paint(GOOD, "ok")),
    }
}

/// Where there is more to read about what is wrong: one line, or none where nothing is wrong.
pub(crate) fn further(diagnostics: &[Diagnostic]) -> String {
    let mut codes =
        diagnostics.iter().map(|found| found.code.as_str()).filter(|code| pages::page(code).is_some());
    let Some(first) = codes.next() else { return String::new() };
    if codes.all(|code| code == first) {
        format!("`asiaq explain {first}` says more\n")
    } else {
        format!("`asiaq explain CODE` says more, as in `asiaq explain {first}`\n")
    }
}

/// How many of the mistakes `check --fix` would mend: one line, or none where it would mend none.
pub(crate) fn mendable(diagnostics: &[Diagnostic]) -> String {
    let safe = |fix: &Fix| fix.applicability == Applicability::Safe;
    let mendable = diagnostics.iter().filter(|found| found.fix.as_ref().is_some_and(safe)).count();
    match (mendable, diagnostics.len()) {
        (0, _) => String::new(),
        (1, 1) => "`asiaq check --fix` mends it\n".to_owned(),
        (all, number) if all == number => "`asiaq check --fix` mends them\n".to_owned(),
        (some, _) => format!("`asiaq check --fix` mends {some} of them\n"),
    }
}

/// What was mended, or would be, and what is left alone because it is elsewhere: one line each.
pub(crate) fn mended(mended: &Mended, verb: &str) -> String {
    let done = mended.done.iter();
    let mut text: String =
        done.map(|done| format!("{} {}: {}\n", paint(GOOD, verb), done.place, done.title)).collect();
    for name in &mended.elsewhere {
        let _ = writeln!(text, "`{name}` is not in the folder of the project: it is left as it is");
    }
    if text.is_empty() && !mended.after.diagnostics.is_empty() {
        text.push_str("nothing can be mended without you\n");
    }
    text
}

/// How many errors and warnings there are.
pub(crate) fn tally(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    format!("{}, {}", count(errors, "error"), count(diagnostics.len() - errors, "warning"))
}

fn draw_one(files: &mut Files<'_>, diagnostic: &Diagnostic, into: &mut Vec<u8>) -> std::io::Result<()> {
    let (severity, color) = match diagnostic.severity {
        Severity::Error => ("error", Color::Red),
        Severity::Warning => ("warning", Color::Yellow),
    };
    let headline = format!("{severity}[{}]", diagnostic.code);
    let sources = files.sources;
    let place = |span: Span| (File { id: span.file, path: sources.path(span.file) }, span.range());
    // A label that says nothing is not drawn at all, so it says "here".
    let here = diagnostic.label.as_deref().unwrap_or("here");
    let mut labels = vec![(diagnostic.primary, here, color)];
    labels.extend(
        diagnostic.related.iter().map(|related| (related.span, related.message.as_str(), Color::Cyan)),
    );
    // Labels of one file are drawn together only where they come in order of line.
    labels.sort_by_key(|(span, ..)| (span.file != diagnostic.primary.file, *span));
    let labels = labels
        .into_iter()
        .map(|(span, message, color)| Label::new(place(span)).with_message(message).with_color(color));
    Report::build(ReportKind::Custom(&headline, color), place(diagnostic.primary))
        .with_config(Config::new().with_index_type(IndexType::Byte))
        .with_message(&diagnostic.message)
        .with_labels(labels)
        .finish()
        .write(files, &mut *into)?;
    for (word, text) in footers(diagnostic) {
        writeln!(into, "  {} {text}", paint(BOLD, word))?;
    }
    writeln!(into)
}

fn footers(diagnostic: &Diagnostic) -> impl Iterator<Item = (&'static str, &str)> {
    let help = diagnostic.help.as_deref().map(|text| ("help:", text));
    let fix = diagnostic.fix.as_ref().map(|fix| ("fix:", fix.title.as_str()));
    help.into_iter().chain(fix)
}

/// A file, with the name that messages call it by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct File<'s> {
    id: FileId,
    path: &'s str,
}

impl fmt::Display for File<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path)
    }
}

/// The files of a project, split into lines when they are first drawn.
struct Files<'s> {
    sources: &'s SourceMap,
    read: BTreeMap<FileId, Source<&'s str>>,
}

impl<'s> Cache<File<'s>> for &mut Files<'s> {
    type Storage = &'s str;

    fn fetch(&mut self, file: &File<'s>) -> Result<&Source<&'s str>, impl fmt::Debug> {
        let text = self.sources.text(file.id);
        Ok::<_, Infallible>(self.read.entry(file.id).or_insert_with(|| Source::from(text)))
    }

    fn display<'a>(&self, file: &'a File<'s>) -> Option<impl fmt::Display + 'a> {
        Some(file)
    }
}
