//! Diagnostics for code hosts: GitHub's workflow commands, which annotate the lines of a pull request, and SARIF
//! (OASIS "Static Analysis Results Interchange Format", version 2.1.0).

use std::collections::BTreeSet;

use asiaq_compiler::pages::{self, Page};
use asiaq_lang::{Diagnostic, Fix, Severity, SourceMap, Span};
use serde_json::{Value, json};

/// One command a line (GitHub Actions documentation, "Workflow commands"). `root` is prepended to file names
/// so that they are relative to the repository.
pub(crate) fn github(sources: &SourceMap, diagnostics: &[Diagnostic], root: &str) -> String {
    diagnostics.iter().map(|diagnostic| command(sources, diagnostic, root)).collect()
}

fn command(sources: &SourceMap, diagnostic: &Diagnostic, root: &str) -> String {
    let name = level(diagnostic.severity);
    let (start, end) = (sources.start(diagnostic.primary), sources.end(diagnostic.primary));
    let file = format!("{root}{}", sources.path(diagnostic.primary.file));
    let mut properties = vec![("file", file), ("line", start.line.to_string())];
    // GitHub uses columns only within a line, and its last column is inclusive.
    if start.line == end.line {
        properties.push(("col", start.column.to_string()));
        properties.push(("endColumn", end.column.saturating_sub(1).max(start.column).to_string()));
    }
    properties.push(("endLine", end.line.to_string()));
    properties.push(("title", format!("asiaq: {}", diagnostic.code)));
    let properties: Vec<String> =
        properties.into_iter().map(|(name, value)| format!("{name}={}", property(&value))).collect();
    format!("::{name} {}::{}\n", properties.join(","), data(&message(sources, diagnostic)))
}

/// The message, related locations, help and fix, one per line.
fn message(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let related = diagnostic.related.iter().map(|related| {
        let line = sources.start(related.span).line;
        format!("{}:{line}: {}", sources.path(related.span.file), related.message)
    });
    let help = diagnostic.help.iter().map(|help| format!("help: {help}"));
    let fix = diagnostic.fix.iter().map(|fix| format!("fix: {}", fix.title));
    let lines: Vec<String> =
        std::iter::once(diagnostic.message.clone()).chain(related).chain(help).chain(fix).collect();
    lines.join("\n")
}

/// Escapes the text after `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The log of one run: each violated rule with its page, and the violations. `root` is prepended to file names so
/// that they are relative to the repository.
pub(crate) fn sarif(sources: &SourceMap, diagnostics: &[Diagnostic], root: &str) -> Value {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    let rules: Vec<Page> = codes.into_iter().filter_map(pages::page).collect();
    let writer = Writer { sources, root, rules };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "asiaq",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": writer.rules.iter().map(|page| rule(*page)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|found| writer.result(found)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(page: Page) -> Value {
    json!({
        "id": page.code,
        "shortDescription": { "text": page.summary() },
        "help": { "text": page.text, "markdown": page.text },
        "defaultConfiguration": { "level": level(page.severity()) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

struct Writer<'a> {
    sources: &'a SourceMap,
    root: &'a str,
    rules: Vec<Page>,
}

impl Writer<'_> {
    fn result(&self, diagnostic: &Diagnostic) -> Value {
        let help = diagnostic.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        let mut result = json!({
            "ruleId": diagnostic.code,
            "level": level(diagnostic.severity),
            "message": { "text": format!("{}{help}", diagnostic.message) },
            "locations": [self.location(diagnostic.primary)],
        });
        let rule = self.rules.iter().position(|page| page.code == diagnostic.code);
        let mut add = |name: &str, value: Value| {
            if let Some(fields) = result.as_object_mut() {
                fields.insert(name.to_owned(), value);
            }
        };
        if let Some(rule) = rule {
            add("ruleIndex", rule.into());
        }
        if !diagnostic.related.is_empty() {
            let related = diagnostic.related.iter().enumerate().map(|(at, related)| {
                let mut location = self.location(related.span);
                if let Some(fields) = location.as_object_mut() {
                    fields.insert("id".to_owned(), at.into());
                    fields.insert("message".to_owned(), json!({ "text": related.message }));
                }
                location
            });
            add("relatedLocations", related.collect());
        }
        if let Some(fix) = &diagnostic.fix {
            add("fixes", json!([self.fix(fix)]));
        }
        result
    }

    fn location(&self, span: Span) -> Value {
        json!({ "physicalLocation": {
            "artifactLocation": self.artifact(span),
            "region": self.region(span),
        } })
    }

    fn artifact(&self, span: Span) -> Value {
        json!({ "uri": uri(&format!("{}{}", self.root, self.sources.path(span.file))) })
    }

    fn region(&self, span: Span) -> Value {
        let (start, end) = (self.sources.start(span), self.sources.end(span));
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        })
    }

    /// One change per file.
    fn fix(&self, fix: &Fix) -> Value {
        let files: BTreeSet<_> = fix.edits.iter().map(|edit| edit.span.file).collect();
        let change = |file| {
            let edits = || fix.edits.iter().filter(move |edit| edit.span.file == file);
            let replacement = |edit: &asiaq_lang::Edit| {
                json!({
                    "deletedRegion": self.region(edit.span),
                    "insertedContent": { "text": edit.text },
                })
            };
            json!({
                "artifactLocation": edits().next().map(|edit| self.artifact(edit.span)),
                "replacements": edits().map(replacement).collect::<Vec<_>>(),
            })
        };
        json!({
            "description": { "text": fix.title },
            "artifactChanges": files.into_iter().map(change).collect::<Vec<_>>(),
        })
    }
}

/// A path as a relative reference of a URI (RFC 3986).
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encode =
        |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.bytes().map(encode).collect()
}
