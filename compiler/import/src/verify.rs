//! A second reading of a tree, which shares nothing with the translation but the readers of files: what the original would do is
//! worked out option by option, in its own orders of search, and compared with what the program evaluates to.

mod accounts;
mod asked;
mod bakes;
mod hostclasses;
mod networks;
mod peerings;
mod pipelines;
mod resolvers;
mod stores;
mod tables;
mod watch;

use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_lang::{Diagnostic, SourceMap, Span};

use self::asked::Evaluated;
use self::resolvers::Tree;
use crate::ini::Setting;
use crate::settle::SAME;
use crate::{Import, codes};

/// Whether a warning can tell why a value is another one: each is about some values only.
fn explains(found: &Diagnostic, path: &str, old: &str) -> bool {
    let warnings = [
        (codes::ACCOUNT_WITHOUT_ID, path.starts_with("account ")),
        (codes::ADDRESSES_REORDERED, path.strip_suffix(".nat").is_some()),
        (codes::CANNOT_BE_SAID, true),
        (codes::CUSTOMER_PORTS_CLOSED, path.ends_with(".ingress")),
        // The comment is a part of what the original has, or else hides it.
        (codes::INDENTED_COMMENT, old.is_empty() || old.contains(['#', ';'])),
        (codes::OVERRIDE_IGNORED, true),
        (codes::REPEATED_ROW, path.contains(".run.")),
        (codes::SECTION_OF_TWO, path.contains(".database [")),
    ];
    let is_about = warnings.iter().any(|(code, is_about)| found.code == *code && *is_about);
    is_about || found.is_error() || found.code == "idle-override"
}

/// What a comparison found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Values that were compared.
    pub compared: usize,
    /// Those that are not equal.
    pub differences: Vec<Difference>,
}

/// A value that is another one in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which value, as `asiaq explain` calls it: `ci.mhcbanana.eip`.
    pub path: String,
    /// What the original has.
    pub old: String,
    /// What the program has.
    pub new: String,
    /// Where the old files say it.
    pub place: Option<Span>,
    /// Why it differs: a finding at the place.
    pub reason: Option<String>,
}

/// An environment as the original knows it.
pub(crate) struct Scope<'a> {
    pub(crate) env: &'a str,
    pub(crate) envtype: &'a str,
    pub(crate) pipeline: Option<&'a str>,
}

/// Collects what is compared.
pub(crate) struct Comparison<'a> {
    sources: &'a SourceMap,
    findings: &'a [Diagnostic],
    region: &'a str,
    verified: Verified,
}

impl Comparison<'_> {
    /// Compares a value. An old one without a place is a default of the original.
    pub(crate) fn compare(&mut self, path: String, old: &str, new: &str, place: Option<Span>) {
        let reason = place.filter(|_| old != new).and_then(|place| self.reason(place, &path, old));
        self.add(path, (old, new), place, reason);
    }

    /// The same of a value that nobody says: nothing at `place`, which is shown, is about it.
    pub(crate) fn compare_default(&mut self, path: String, old: &str, new: &str, place: Span) {
        self.add(path, (old, new), Some(place), None);
    }

    /// The same of a value that several options make.
    pub(crate) fn compare_made(&mut self, path: String, old: &str, new: &str, places: &[Option<Span>]) {
        let said = || places.iter().flatten().copied();
        let explained = said().find(|place| self.reason(*place, &path, old).is_some());
        self.compare(path, old, new, explained.or_else(|| said().next()));
    }

    fn add(&mut self, path: String, (old, new): (&str, &str), place: Option<Span>, reason: Option<String>) {
        self.verified.compared += 1;
        if old != new {
            let (old, new) = (old.to_owned(), new.to_owned());
            self.verified.differences.push(Difference { path, old, new, place, reason });
        }
    }

    /// The finding at a place that explains why a value is lost: an error, or else a warning that is about such values.
    fn reason(&self, place: Span, path: &str, old: &str) -> Option<String> {
        let end = |span: Span| span.end.max(span.start + 1);
        let overlaps =
            |span: Span| span.file == place.file && span.start < end(place) && place.start < end(span);
        let same = |found: &Diagnostic| {
            found.related.iter().any(|other| other.message == SAME && overlaps(other.span))
        };
        let here = self.findings.iter().filter(|found| overlaps(found.primary) || same(found));
        let rank = |found: &&Diagnostic| match found.code {
            code if code == codes::SECTION_OF_TWO => 3,
            // What is missing makes the compiler refuse something.
            code if code == codes::MISSING_OPTION => 1,
            _ => {
                if found.is_error() {
                    2
                } else {
                    0
                }
            }
        };
        let found = here.filter(|found| explains(found, path, old)).max_by_key(rank)?;
        Some(format!("{} ({})", found.message, found.code))
    }

    /// The place of a part of a value.
    pub(crate) fn part(&self, setting: &Setting, part: &str) -> Span {
        let part = part.trim();
        match self.sources.slice(setting.span).find(part).filter(|_| !part.is_empty()) {
            Some(at) => {
                let start = setting.span.start as usize + at;
                Span::new(setting.span.file, start, start + part.len())
            }
            None => setting.key_span.to(setting.span),
        }
    }
}

/// Compares the program of an import with the old files.
pub fn verify(imported: &Import) -> Verified {
    let tree = Tree::read(&imported.sources);
    let checked = checked(imported);
    let mut comparison = Comparison {
        sources: &imported.sources,
        findings: &imported.findings,
        region: &imported.region,
        verified: Verified::default(),
    };
    for (env, envtype, pipeline) in &imported.environments {
        let scope = Scope { env, envtype, pipeline: pipeline.as_deref() };
        let evaluated = Evaluated::of(&checked, env);
        let is_there = checked.environments().iter().any(|known| known.name == *env);
        let of_env = tree.vpc.section(&format!("env:{env}"));
        let section = of_env.or_else(|| tree.vpc.section(&format!("envtype:{envtype}")));
        comparison.compare(env.clone(), "true", &is_there.to_string(), section.map(|section| section.span));
        if !is_there {
            continue;
        }
        networks::compare(&tree, &scope, &evaluated, &mut comparison);
        hostclasses::compare(&tree, &scope, &evaluated, &mut comparison);
        pipelines::compare(&tree, &scope, &evaluated, &mut comparison);
        watch::compare(&tree, &scope, &evaluated, &mut comparison);
        stores::compare(&tree, &scope, &evaluated, &mut comparison);
        tables::compare(&tree, &scope, &imported.tables, &evaluated, &mut comparison);
    }
    bakes::compare(&tree, &checked, &mut comparison);
    peerings::compare(&tree, imported, &checked, &mut comparison);
    accounts::compare(&tree, &imported.accounts, &checked, &mut comparison);
    comparison.verified
}

fn checked(imported: &Import) -> Checked {
    struct Texts<'a>(&'a Import);
    impl Files for Texts<'_> {
        fn read(&self, path: &str) -> Result<String, String> {
            self.0.text(path).cloned().ok_or_else(|| format!("there is no file `{path}`"))
        }
    }
    let entries: Vec<String> = imported.files.keys().cloned().collect();
    Workspace::load(&entries, &Texts(imported)).map(check).unwrap_or_default()
}
