//! Draws diagnostics in the source text.

mod drawable;
mod excerpt;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::ops::Range;

use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};
use asiaq_compiler::{Checked, ZoneCost, pages};
use asiaq_ir::Needs;
use asiaq_lang::{Applicability, Diagnostic, FileId, Fix, Related, Severity, SourceMap, Span};

use self::drawable::drawable;
use self::excerpt::{Excerpt, excerpt};
use super::table;
use super::text::{BOLD, GOOD, PLAIN, count, listed, paint};
use super::width::width;
use crate::autofix::Fixed;

/// Related places that a drawing has at most.
const MOST_PLACES: usize = 12;

/// Every diagnostic with the text around it.
pub(crate) fn draw(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let mut files = Files { sources, read: BTreeMap::new(), shortened: BTreeMap::new() };
    let mut drawing = Vec::new();
    for diagnostic in diagnostics {
        // Writing to memory does not fail, and the place of a diagnostic is in `sources`.
        let _ = draw_one(&mut files, diagnostic, &mut drawing);
    }
    // The drawing pads its lines.
    String::from_utf8_lossy(&drawing).lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// Draws diagnostics on stderr, with a count if there is an error.
pub(crate) fn warn(sources: &SourceMap, diagnostics: &[Diagnostic]) {
    super::say(&draw(sources, diagnostics));
    if diagnostics.iter().any(Diagnostic::is_error) {
        super::say(&format!("{}\n", tally(diagnostics)));
    }
}

/// How many claims that do not hold, and how many warnings, `check` shows. Empty if there are none.
pub(crate) fn reminder(diagnostics: &[Diagnostic]) -> String {
    let claims = diagnostics.iter().filter(|found| found.is_error()).count();
    let warnings = diagnostics.len() - claims;
    let held = match claims {
        1 => "1 claim does not hold".to_owned(),
        several => format!("{several} claims do not hold"),
    };
    let parts = match (claims, warnings) {
        (0, 0) => return String::new(),
        (0, _) => count(warnings, "warning"),
        (_, 0) => held,
        _ => format!("{held}, {}", count(warnings, "warning")),
    };
    let them = if diagnostics.len() == 1 { "it" } else { "them" };
    format!("{parts}: `asiaq check` shows {them}\n")
}

/// The last line of a check.
pub(crate) fn verdict(checked: &Checked) -> String {
    if !checked.diagnostics.is_empty() {
        return format!("{}\n", tally(&checked.diagnostics));
    }
    let accounts = checked.declared().accounts.len();
    let parts = match checked.environments().len() {
        0 if accounts > 0 => count(accounts, "account"),
        environments => count(environments, "environment"),
    };
    match checked.project() {
        "" => format!("{}, no project: no errors, no warnings\n", paint(GOOD, "ok")),
        project => {
            format!("{}, `{project}` with {parts}: no errors, no warnings\n", paint(GOOD, "ok"))
        }
    }
}

/// The last line of an import.
pub(crate) fn verdict_of_import(found: &[Diagnostic]) -> String {
    match found {
        [] => format!("{}: nothing is wrong in the old files\n", paint(GOOD, "ok")),
        found => format!("{} in the old files: `asiaq docs migrate` explains them\n", tally(found)),
    }
}

/// A hint for each number of zones to which no zone can be added without replacing subnets.
pub(crate) fn zone_hints(costs: &[ZoneCost]) -> String {
    let lines = costs.iter().flat_map(|cost| {
        let ZoneCost { environments, zones, replaced, subnets, origin } = cost;
        let text = format!(
            "hint: {origin}: one more zone of {} replaces {replaced} of {} and all that is in them; `max_zones = {}` \
             keeps room for it",
            listed(environments),
            count(*subnets, "subnet"),
            zones + 1,
        );
        table::wrapped(PLAIN, &text, width(), 2)
    });
    lines.map(|line| line + "\n").collect()
}

/// A hint for each document that a check does not read.
pub(crate) fn unread_hints(needs: &Needs) -> String {
    let lines = needs.documents.keys().flat_map(|url| {
        let text =
            format!("hint: `{url}` is not read by `check`: a plan reads it, and says if there is a mistake");
        table::wrapped(PLAIN, &text, width(), 2)
    });
    lines.map(|line| line + "\n").collect()
}

/// One line that names `asiaq explain`. Empty if there are no diagnostics.
pub(crate) fn explain_hint(diagnostics: &[Diagnostic]) -> String {
    let mut codes =
        diagnostics.iter().map(|found| found.code.as_str()).filter(|code| pages::page(code).is_some());
    let Some(first) = codes.next() else { return String::new() };
    if codes.all(|code| code == first) {
        format!("`asiaq explain {first}` shows details\n")
    } else {
        format!("`asiaq explain CODE` shows details, as in `asiaq explain {first}`\n")
    }
}

/// One line: how many of the mistakes `check --fix` fixes. Empty if it fixes none.
pub(crate) fn fixable(diagnostics: &[Diagnostic]) -> String {
    let safe = |fix: &Fix| fix.applicability == Applicability::Safe;
    let fixable = diagnostics.iter().filter(|found| found.fix.as_ref().is_some_and(safe)).count();
    match (fixable, diagnostics.len()) {
        (0, _) => String::new(),
        (1, 1) => "`asiaq check --fix` fixes it\n".to_owned(),
        (all, number) if all == number => "`asiaq check --fix` fixes them\n".to_owned(),
        (some, _) => format!("`asiaq check --fix` fixes {some} of them\n"),
    }
}

/// One line for each fix that was applied or would be, and for each file that has fixes but is outside the project.
pub(crate) fn fixed(fixed: &Fixed, verb: &str) -> String {
    let mut text = String::new();
    for done in &fixed.done {
        let _ = writeln!(text, "{} {}: {}", paint(GOOD, verb), done.place, done.title);
    }
    for name in &fixed.elsewhere {
        let _ = writeln!(text, "`{name}` is outside the project's folder: it is not changed");
    }
    if text.is_empty() && !fixed.after.diagnostics.is_empty() {
        text.push_str("no fix is safe to apply unattended\n");
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
    files.shorten(diagnostic);
    let places: Vec<(Span, Range<usize>)> = spans(diagnostic).map(|span| (span, files.place(span))).collect();
    let place = |span: Span| {
        let range =
            places.iter().find(|(of, _)| *of == span).map_or(span.range(), |(_, range)| range.clone());
        (File { id: span.file, path: sources.path(span.file) }, range)
    };
    // An empty label is not drawn at all.
    let here = diagnostic.label.as_deref().unwrap_or("here");
    let mut labels = vec![(diagnostic.primary, here, color)];
    labels.extend(
        drawn(diagnostic).iter().map(|related| (related.span, related.message.as_str(), Color::Cyan)),
    );
    // Labels of one file are drawn together only if they are in order.
    labels.sort_by_key(|(span, ..)| (span.file != diagnostic.primary.file, *span));
    let labels = labels
        .into_iter()
        .map(|(span, message, color)| Label::new(place(span)).with_message(message).with_color(color));
    let mut drawing = Vec::new();
    Report::build(ReportKind::Custom(&headline, color), place(diagnostic.primary))
        .with_config(Config::new().with_index_type(IndexType::Byte))
        .with_message(&diagnostic.message)
        .with_labels(labels)
        .finish()
        .write(&mut *files, &mut drawing)?;
    into.extend(files.true_columns(&drawing, diagnostic).as_bytes());
    let left = diagnostic.related.len() - drawn(diagnostic).len();
    if left > 0 {
        writeln!(
            into,
            "  {} and {}; `--format json` has all",
            paint(BOLD, "note:"),
            count(left, "more place")
        )?;
    }
    for (word, text) in footers(diagnostic) {
        writeln!(into, "  {} {text}", paint(BOLD, word))?;
    }
    writeln!(into)
}

/// Every span of a diagnostic that is drawn.
fn spans(diagnostic: &Diagnostic) -> impl Iterator<Item = Span> {
    std::iter::once(diagnostic.primary).chain(drawn(diagnostic).iter().map(|related| related.span))
}

/// The related places that are drawn. The time for a drawing grows with the cube of the places in a line.
fn drawn(diagnostic: &Diagnostic) -> &[Related] {
    diagnostic.related.get(..MOST_PLACES).unwrap_or(&diagnostic.related)
}

fn footers(diagnostic: &Diagnostic) -> impl Iterator<Item = (&'static str, &str)> {
    let help = diagnostic.help.as_deref().map(|text| ("help:", text));
    let fix = diagnostic.fix.as_ref().map(|fix| ("fix:", fix.title.as_str()));
    help.into_iter().chain(fix)
}

/// A file with its name in messages.
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
    read: BTreeMap<FileId, Source<Cow<'s, str>>>,
    /// Files whose long lines are shortened for the current diagnostic.
    shortened: BTreeMap<FileId, (Excerpt, Source<Cow<'s, str>>)>,
}

impl Files<'_> {
    /// Shortens long lines for `diagnostic`.
    fn shorten(&mut self, diagnostic: &Diagnostic) {
        self.shortened.clear();
        let mut places: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
        for span in spans(diagnostic) {
            places.entry(span.file).or_default().push(span.range());
        }
        for (file, places) in places {
            if let Some(excerpt) = excerpt(self.sources.text(file), &places) {
                let source = Source::from(Cow::Owned(drawable(&excerpt.text).into_owned()));
                self.shortened.insert(file, (excerpt, source));
            }
        }
    }

    /// The range of a span in the drawn text.
    fn place(&self, span: Span) -> Range<usize> {
        let shortened = self.shortened.get(&span.file);
        shortened.map_or(span.range(), |(excerpt, _)| excerpt.place(span.range()))
    }

    /// Replaces the columns of shortened lines by those of the files.
    fn true_columns(&self, drawing: &[u8], diagnostic: &Diagnostic) -> String {
        let mut drawing = String::from_utf8_lossy(drawing).into_owned();
        for span in spans(diagnostic) {
            let Some((excerpt, _)) = self.shortened.get(&span.file) else { continue };
            let at = self.sources.start(span);
            let before = excerpt.text.get(..self.place(span).start).unwrap_or("");
            let column = before.chars().rev().take_while(|c| !matches!(c, '\n' | '\r')).count() + 1;
            let path = self.sources.path(span.file);
            let drawn = format!(" {path}:{}:{column} ", at.line);
            drawing = drawing.replacen(&drawn, &format!(" {path}:{}:{} ", at.line, at.column), 1);
        }
        drawing
    }
}

impl<'s> Cache<File<'s>> for &mut Files<'s> {
    type Storage = Cow<'s, str>;

    fn fetch(&mut self, file: &File<'s>) -> Result<&Source<Cow<'s, str>>, impl fmt::Debug> {
        if let Some((_, source)) = self.shortened.get(&file.id) {
            return Ok::<_, Infallible>(source);
        }
        let text = self.sources.text(file.id);
        Ok(self.read.entry(file.id).or_insert_with(|| Source::from(drawable(text))))
    }

    fn display<'a>(&self, file: &'a File<'s>) -> Option<impl fmt::Display + 'a> {
        Some(file)
    }
}

#[cfg(test)]
mod tests {
    use asiaq_compiler::{Files as ProjectFiles, Workspace, check};

    use super::*;

    struct One(String);

    impl ProjectFiles for One {
        fn read(&self, _: &str) -> Result<String, String> {
            Ok(self.0.clone())
        }
    }

    /// Draws what is wrong with `text` and holds that each drawing names the place of its diagnostic.
    fn is_drawn(text: &str) {
        let checked = check(Workspace::load(&["a.asq".to_owned()], &One(text.to_owned())).unwrap());
        for found in &checked.diagnostics {
            let drawing = draw(&checked.sources, std::slice::from_ref(found));
            let drawing = anstream::adapter::strip_str(&drawing).to_string();
            let at = checked.sources.start(found.primary);
            let place = format!("─[ a.asq:{}:{} ]", at.line, at.column);
            assert!(drawing.contains(&place), "{text:?}: {place} is not in\n{drawing}");
        }
    }

    #[test]
    fn wherever_a_text_breaks_off_its_mistakes_are_drawn_in_place() {
        let text = "project p { region = us-wst-2 }\r\n\r\nenv ci {\r\n\tcidr\t= 10.1.0.1/20, 日本 = \"é🦀\"\r\n}\
                    \nenv ci { metanetwork web { ingress = [tcp 70000 from [all, wbe]] } } // ✓";
        for (at, _) in text.char_indices() {
            is_drawn(text.get(..at).unwrap());
        }
    }

    #[test]
    fn characters_that_end_lines_elsewhere_end_none_here() {
        for odd in ["\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}", "\u{1b}[2J", "\u{202e}"] {
            let text = format!(
                "project p {{\n  region = us-west-2 // a{odd}b\n  zone = \"{odd}\"\n  bogus = 1\n}}\n"
            );
            is_drawn(&text);
            is_drawn(&text.replace('\n', "\r\n"));
            is_drawn(&text.replace('\n', "\r"));
            let long = text.replace("// a", &format!("// {}", "a".repeat(300)));
            is_drawn(&long.replace("zone", &format!("zone{}", "e".repeat(300))));
        }
    }

    #[test]
    fn long_lines_are_drawn_in_place() {
        let many = "é = 10.0.0.1/16, ".repeat(60);
        is_drawn(&format!("env ci {{ {many} }}\nenv ci {{ {many} }}\n"));
        is_drawn(&"x".repeat(100_000));
        is_drawn(&format!("let a = \"{}", "日".repeat(5_000)));
        is_drawn(&"[".repeat(500));
    }
}
