//! Diagnostics as SARIF (OASIS "Static Analysis Results Interchange Format", version 2.1.0), which code hosts
//! and editors take in.

use std::collections::BTreeSet;

use asiaq_compiler::pages::{self, Page};
use asiaq_lang::{Diagnostic, Fix, Severity, SourceMap, Span};
use serde_json::{Value, json};

/// The log of one run: the rules that were broken, with their pages, and where. `root` stands before the
/// names of files, so that they are as the repository has them.
pub(crate) fn log(sources: &SourceMap, diagnostics: &[Diagnostic], root: &str) -> Value {
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

    /// One change for each file.
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
