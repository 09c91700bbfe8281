//! A second reading of a tree, which shares nothing with the translation but the readers of files: what the original would do is
//! worked out option by option, in its own orders of search, and compared with what the program evaluates to.

mod accounts;
mod asked;
mod hostclasses;
mod networks;
mod pipelines;
mod resolvers;
mod stores;
mod tables;
mod watch;

use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_lang::{Code, Diagnostic, SourceMap, Span};

use self::asked::Evaluated;
use self::resolvers::Tree;
use crate::ini::Setting;
use crate::{Import, codes};

/// Warnings that tell why a value is another one.
const REASONS: [Code; 7] = [
    codes::ACCOUNT_WITHOUT_ID,
    codes::ADDRESSES_REORDERED,
    codes::CANNOT_BE_SAID,
    codes::CUSTOMER_PORTS_CLOSED,
    codes::INDENTED_COMMENT,
    codes::OVERRIDE_IGNORED,
    codes::REPEATED_ROW,
];

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
        self.verified.compared += 1;
        if old == new {
            return;
        }
        let reason = place.and_then(|place| self.reason(place));
        let (old, new) = (old.to_owned(), new.to_owned());
        self.verified.differences.push(Difference { path, old, new, place, reason });
    }

    /// The same of a value that several options make.
    pub(crate) fn compare_made(&mut self, path: String, old: &str, new: &str, places: &[Option<Span>]) {
        let mut said = places.iter().flatten().copied();
        let explained = said.clone().find(|place| self.reason(*place).is_some());
        self.compare(path, old, new, explained.or_else(|| said.next()));
    }

    /// The finding at a place that explains why a value is lost: an error, or else a warning of the importer.
    fn reason(&self, place: Span) -> Option<String> {
        let end = |span: Span| span.end.max(span.start + 1);
        let touches =
            |span: Span| span.file == place.file && span.start <= end(place) && place.start <= end(span);
        let is_reason = |found: &&Diagnostic| {
            found.is_error() || REASONS.contains(&found.code) || found.code == "idle-override"
        };
        let here = self.findings.iter().filter(|found| touches(found.primary)).filter(is_reason);
        let found = here.max_by_key(|found| found.is_error())?;
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
