//! The provenance of values: every place that set a value, the winner first.

use asiaq_lang::Span;
use serde::Serialize;

use crate::Checked;
use crate::errors::nearest;
use crate::model::Provenance;

/// How the scopes of accounts begin.
const ACCOUNT: &str = "account/";

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
    /// Explains `path`: an environment or account and a field, with the blocks between them joined by dots; where both
    /// have the name, `account/NAME` is the account. A path that ends at a block explains every field of it. The error is
    /// the closest known path.
    pub fn explain(&self, path: &str) -> Result<Vec<Explanation>, Option<String>> {
        let (owner, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(provenance) = self.provenance_of(owner) else {
            let accounts = self.model.accounts.iter().map(|account| account.name.as_str());
            let names: Vec<&str> =
                self.model.environments.iter().map(|env| env.name.as_str()).chain(accounts.clone()).collect();
            let dot = if rest.is_empty() { "" } else { "." };
            let near = match owner.strip_prefix(ACCOUNT) {
                Some(name) => {
                    nearest(name, &accounts.collect::<Vec<_>>()).map(|near| format!("{ACCOUNT}{near}"))
                }
                None => nearest(owner, &names).map(str::to_owned),
            };
            return Err(near.map(|near| format!("{near}{dot}{rest}")));
        };
        let explained: Vec<Explanation> = provenance
            .paths()
            .iter()
            .filter(|(field, _)| {
                rest.is_empty()
                    || *field == rest
                    || field.strip_prefix(rest).is_some_and(|tail| tail.starts_with('.'))
            })
            .map(|(field, chain)| Explanation {
                path: format!("{owner}.{field}"),
                places: chain.iter().enumerate().map(|(at, span)| self.place(*span, at == 0)).collect(),
            })
            .collect();
        if explained.is_empty() && provenance.get(&format!("project.{rest}")).is_some() {
            // Fields that the environment does not set come from the project.
            return self.explain(&format!("{owner}.project.{rest}"));
        }
        if explained.is_empty() {
            let paths = provenance.paths();
            let known: Vec<&str> = paths.keys().map(String::as_str).collect();
            return Err(near_path(rest, &known).map(|near| format!("{owner}.{near}")));
        }
        Ok(explained)
    }

    /// What set the fields of an environment or account.
    fn provenance_of(&self, owner: &str) -> Option<&Provenance> {
        let of_account = |name: &str| self.model.account(name).map(|account| &account.provenance);
        match owner.strip_prefix(ACCOUNT) {
            Some(name) => of_account(name),
            None => self.model.environment(owner).map(|env| &env.provenance).or_else(|| of_account(owner)),
        }
    }

    fn place(&self, span: Span, wins: bool) -> Place {
        let at = self.sources.start(span);
        let written = self.sources.slice(span).trim();
        // The span of a default is only its name; show the whole declaration.
        let lines = || self.sources.text(span.file).lines().skip(at.line as usize - 1);
        let text =
            on_one_line(&if written.contains('=') { written.to_owned() } else { declaration(lines()) });
        Place { file: self.sources.path(span.file).to_owned(), line: at.line, text, wins }
    }
}

/// The first of `lines`, and those after it up to the end of its brackets.
fn declaration<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    let mut text = String::new();
    let mut open = 0_usize;
    for line in lines {
        text.extend([line, "\n"]);
        open = (open + line.matches(['[', '{']).count()).saturating_sub(line.matches([']', '}']).count());
        if open == 0 {
            break;
        }
    }
    text
}

/// The path among `known` that is meant by `path`: one that has its parts and few more, as `zone.public.domain` has those
/// of `public.domain`, or else the closest.
fn near_path<'k>(path: &str, known: &[&'k str]) -> Option<&'k str> {
    let parts = |path: &str| path.split('.').count();
    let with_parts = known.iter().filter(|known| {
        let mut rest = known.split('.');
        path.split('.').all(|part| rest.any(|other| other == part))
    });
    if let Some(found) = with_parts.min_by_key(|known| (parts(known), known.len())) {
        return Some(found);
    }
    let tails: Vec<(&str, &'k str)> = known
        .iter()
        .flat_map(|known| {
            let later = known.match_indices('.').filter_map(|(at, _)| known.get(at + 1..));
            std::iter::once(*known).chain(later).map(|tail| (tail, *known))
        })
        .filter(|(tail, _)| parts(tail) == parts(path))
        .collect();
    let words: Vec<&str> = tails.iter().map(|(tail, _)| *tail).collect();
    let near = nearest(path, &words).or_else(|| nearest(path, known))?;
    tails.iter().find(|(tail, _)| *tail == near).map(|(_, known)| *known).or(Some(near))
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
    use super::{near_path, on_one_line};

    #[test]
    fn a_path_without_all_of_its_parts_leads_to_the_whole_one() {
        let known =
            ["cidr", "web.lb.dns_alias", "web.lb.public", "web.run.max", "zone.public.domain", "zones"];
        let near = |path| near_path(path, &known);
        assert_eq!(near("public.domain"), Some("zone.public.domain"));
        assert_eq!(near("public.domian"), Some("zone.public.domain"));
        assert_eq!(near("web.max"), Some("web.run.max"));
        assert_eq!(near("web.lb.publik"), Some("web.lb.public"));
        assert_eq!(near("zone"), Some("zone.public.domain"));
        assert_eq!(near("cdir"), Some("cidr"));
        assert_eq!(near("colour"), None);
    }

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
