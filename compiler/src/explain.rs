//! The provenance of values: every place that set a value, the winner first.

use asiaq_lang::Span;
use serde::Serialize;

use crate::Checked;
use crate::errors::nearest;

/// The provenance of one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The path of the value, as in `staging.mhcbanana.eip`.
    pub path: String,
    /// The places that set it, the winner first, the losers after.
    pub places: Vec<Place>,
}

/// A place that set a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its file.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
    /// The text of the setting on one line.
    pub text: String,
    /// Whether its value is the effective one.
    pub wins: bool,
}

/// The name among `known` that is closest to `word`, if one is close.
pub fn did_you_mean<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    nearest(word, known)
}

impl Checked {
    /// Explains `path`: an environment and a field, with the blocks between them joined by dots. A path that
    /// ends at a block explains every field of it. The error is the closest known path.
    pub fn explain(&self, path: &str) -> Result<Vec<Explanation>, Option<String>> {
        let (env, rest) = path.split_once('.').unwrap_or((path, ""));
        let names: Vec<&str> = self.model.environments.iter().map(|env| env.name.as_str()).collect();
        let Some(found) = self.model.environment(env) else {
            let dot = if rest.is_empty() { "" } else { "." };
            return Err(nearest(env, &names).map(|near| format!("{near}{dot}{rest}")));
        };
        let explained: Vec<Explanation> = found
            .provenance
            .paths()
            .iter()
            .filter(|(field, _)| {
                rest.is_empty()
                    || *field == rest
                    || field.strip_prefix(rest).is_some_and(|tail| tail.starts_with('.'))
            })
            .map(|(field, chain)| Explanation {
                path: format!("{env}.{field}"),
                places: chain.iter().enumerate().map(|(at, span)| self.place(*span, at == 0)).collect(),
            })
            .collect();
        if explained.is_empty() && found.provenance.get(&format!("project.{rest}")).is_some() {
            // Fields that the environment does not set come from the project.
            return self.explain(&format!("{env}.project.{rest}"));
        }
        if explained.is_empty() {
            let paths = found.provenance.paths();
            let known: Vec<&str> = paths.keys().map(String::as_str).collect();
            return Err(nearest(rest, &known).map(|near| format!("{env}.{near}")));
        }
        Ok(explained)
    }

    fn place(&self, span: Span, wins: bool) -> Place {
        let at = self.sources.start(span);
        let written = self.sources.slice(span).trim();
        // The span of a default is only its name; show the whole line.
        let line =
            || self.sources.text(span.file).lines().nth(at.line as usize - 1).unwrap_or_default().trim();
        let text = if written.contains('=') { on_one_line(written) } else { line().to_owned() };
        Place { file: self.sources.path(span.file).to_owned(), line: at.line, text, wins }
    }
}

/// A value written on one line, with commas in place of the line breaks between its items.
pub(crate) fn on_one_line(text: &str) -> String {
    let mut joined = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
        let goes_on = joined.is_empty() || joined.ends_with(['[', '{', ',', '=']);
        let ends = line.starts_with([']', '}', ',']);
        joined.push_str(match (joined.is_empty(), goes_on, ends) {
            (true, ..) => "",
            (_, true, _) if joined.ends_with(['[', '{']) => "",
            (_, true, _) => " ",
            (_, _, true) => "",
            _ => ", ",
        });
        joined.push_str(line);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::on_one_line;

    #[test]
    fn line_breaks_become_commas() {
        assert_eq!(on_one_line("zones = 3"), "zones = 3");
        assert_eq!(
            on_one_line("ingress = [\n  tcp from all\n  // later\n  udp from [\n    a, b\n  ]\n]"),
            "ingress = [tcp from all, udp from [a, b]]"
        );
        assert_eq!(on_one_line("routes =\n  [a,\n   b]"), "routes = [a, b]");
    }
}
