//! Diagnostics as GitHub's workflow commands, which annotate the lines of a pull request.

use asiaq_lang::{Diagnostic, Severity, SourceMap};

/// One command a line (GitHub Actions documentation, "Workflow commands"). `root` stands before the names of
/// files, so that they are as the repository has them.
pub(crate) fn commands(sources: &SourceMap, diagnostics: &[Diagnostic], root: &str) -> String {
    diagnostics.iter().map(|diagnostic| command(sources, diagnostic, root)).collect()
}

fn command(sources: &SourceMap, diagnostic: &Diagnostic, root: &str) -> String {
    let name = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let (start, end) = (sources.start(diagnostic.primary), sources.end(diagnostic.primary));
    let file = format!("{root}{}", sources.path(diagnostic.primary.file));
    let mut properties = vec![("file", file), ("line", start.line.to_string())];
    // Columns mean something only within a line, and GitHub's last one is the last that belongs to it.
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

/// The headline, the other places that contributed, and the way out: a line each.
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

/// What stands after `::`: nothing in it ends the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: nothing in it ends the value, either.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
