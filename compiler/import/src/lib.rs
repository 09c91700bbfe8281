//! Reads the configuration of the original Asiaq and writes it in `.asq`.
//!
//! [`import`] is pure and total: it takes the files of a tree and returns those of a program, which the compiler accepts, and
//! what is wrong with the old files, each at its place there. What the program cannot say is a comment in it.

mod account;
mod accounts;
mod alarms;
mod balancers;
mod buckets;
mod caches;
mod codes;
mod csv;
mod customers;
mod databases;
mod documents;
mod draft;
mod files;
mod hostclasses;
mod ini;
mod json;
mod lets;
mod log_metrics;
mod networks;
mod old;
mod options;
#[cfg(test)]
mod oracle;
mod peerings;
mod pipelines;
mod policies;
mod project;
mod roles;
mod rules;
mod scope;
mod scopes;
mod searches;
mod sections;
mod settle;
mod tables;
mod verify;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Code, Diagnostic, SourceMap, Span};

pub use verify::{Difference, Verified, verify};

use crate::draft::Draft;
use crate::old::Old;
use crate::scopes::Scopes;

/// The region of a tree that nobody has said a region for.
pub(crate) const USUAL_REGION: &str = "us-west-2";

/// What the files of a tree do not say.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Environments with their types.
    pub environments: Vec<(String, String)>,
    /// Environments with the paths of their pipelines in the tree.
    pub pipelines: Vec<(String, String)>,
    /// Environments with the paths of the files that define their tables.
    pub tables: Vec<(String, String)>,
    /// Accounts with their ids.
    pub accounts: Vec<(String, String)>,
    /// The region of the environments.
    pub region: Option<String>,
}

/// A tree that was read.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// The files of the program by their names. They are laid out as `asiaq fmt` does it.
    pub files: BTreeMap<String, String>,
    /// Files beside the program that it names, by their names: the content of documents.
    pub beside: BTreeMap<String, String>,
    /// The accounts, each with its id.
    pub accounts: Vec<(String, String)>,
    /// The region of the environments.
    pub region: String,
    /// The old files.
    pub sources: SourceMap,
    /// What is wrong with the old files, in order of place.
    pub findings: Vec<Diagnostic>,
    /// Names of environments that are left out, because nobody knows their types.
    pub unknown: Vec<String>,
    /// The environments, each with its type and the path of its pipeline.
    pub environments: Vec<(String, String, Option<String>)>,
    /// Environments with the paths of the files that define their tables.
    pub tables: Vec<(String, String)>,
}

impl Import {
    /// The file of the program, or beside it, at a path.
    pub fn text(&self, path: &str) -> Option<&String> {
        self.files.get(path).or_else(|| self.beside.get(path))
    }

    /// The old files, with `folder` before their names.
    pub fn sources_below(&self, folder: &str) -> SourceMap {
        let folder = folder.trim_end_matches('/');
        let mut sources = SourceMap::default();
        for file in self.sources.ids() {
            let path = self.sources.path(file);
            let path =
                if folder.is_empty() || folder == "." { path.to_owned() } else { format!("{folder}/{path}") };
            sources.add(path, self.sources.text(file));
        }
        sources
    }
}

/// The files of options.
const FILES: [&str; 7] = [
    "disco_alarms.ini",
    "disco_aws.ini",
    "disco_elasticache.ini",
    "disco_elasticsearch.ini",
    "disco_log_metrics.ini",
    "disco_rds.ini",
    "disco_vpc.ini",
];

/// Whether [`import`] reads the file at `path` in a tree.
pub fn is_read(path: &str) -> bool {
    FILES.contains(&path)
        || files::parameters_of(path).is_some()
        || files::is_of_accounts(path)
        || ["csv", "json"].into_iter().any(|end| files::ends_in(path, end))
}

/// Translates the files of a tree, given by their paths in it.
pub fn import(tree: &BTreeMap<String, Vec<u8>>, wish: &Wish) -> Import {
    let mut old = Old::read(tree);
    let scopes = Scopes::of(&mut old, wish);
    let mut draft = Draft::default();
    let region = wish.region.as_deref().unwrap_or(USUAL_REGION);
    networks::translate(&mut old, &scopes, region, &mut draft);
    let run = pipelines::run(&old);
    hostclasses::translate(&mut old, &scopes, &run, &mut draft);
    pipelines::translate(&mut old, &scopes, &mut draft);
    let team = alarms::translate(&mut old, &scopes, &mut draft);
    log_metrics::translate(&mut old, &mut draft);
    databases::translate(&mut old, &scopes, &mut draft);
    caches::translate(&mut old, &scopes, &mut draft);
    searches::translate(&mut old, &scopes, &mut draft);
    let tables = tables::translate(&mut old, &scopes, &wish.tables, &mut draft);
    accounts::translate(&mut old, &wish.accounts, region, &mut draft);
    project::translate(&mut old, &scopes, wish, team, &mut draft);
    unread(&mut old);
    lets::lift(&mut draft);
    draft.files.retain(|_, nodes| {
        nodes.retain(|node| !node.is_empty());
        !nodes.is_empty()
    });
    let (files, found) = settle::settle(&mut draft);
    let findings = in_order(old.findings.into_iter().chain(found));
    let environments =
        scopes.environments.into_values().map(|env| (env.name, env.envtype, env.pipeline)).collect();
    Import {
        files,
        beside: draft.beside,
        accounts: wish.accounts.clone(),
        region: region.to_owned(),
        sources: old.sources,
        findings,
        unknown: scopes.unknown.into_keys().collect(),
        environments,
        tables,
    }
}

/// What can be wrong with old files: the codes of [`Import::findings`], but for those of the compiler.
pub fn findings() -> impl Iterator<Item = Code> {
    codes::ALL.iter().copied()
}

fn unread(old: &mut Old) {
    for file in std::mem::take(&mut old.unread) {
        let message = format!("`{}` is not translated", old.sources.path(file));
        old.findings.push(Diagnostic::new(codes::UNREAD_FILE, Span::new(file, 0, 0), message));
    }
}

/// Sorted by place, and each once: environments inherit what is wrong with their types.
fn in_order(findings: impl Iterator<Item = Diagnostic>) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = findings.collect();
    findings.sort_by_key(|one| (one.primary, one.code));
    let mut seen = BTreeSet::new();
    findings.retain(|found| seen.insert((found.primary, found.code, found.message.clone())));
    findings
}
