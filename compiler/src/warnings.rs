//! Warnings about programs without errors. Each file finds one group of them, from the results of the check.

mod atoms;
mod covered;
mod delegations;
mod idle;
mod machines;
mod mentions;
mod operators;
mod overrides;
mod peerings;
mod quotas;
mod reachable;
mod repeated;
mod returns;
mod routes;
mod rules;
mod same;
mod unused;
mod uses;
mod watch;
mod zones;

use std::borrow::Borrow;
use std::cell::OnceCell;
use std::collections::BTreeSet;

use asiaq_ir::Ir;
use asiaq_lang::ast::File;
use asiaq_lang::{Diagnostic, FileId, SourceMap, Span};

use crate::layout::Layout;
use crate::library;
use crate::model::Model;
use crate::names::Names;
use crate::schema::Schemas;

/// A sound project, and everything a check knows of it.
pub(crate) struct Project<'a> {
    pub(crate) sources: &'a SourceMap,
    /// Its trees, the library's included.
    pub(crate) files: Vec<&'a File>,
    pub(crate) names: &'a Names<'a>,
    pub(crate) schemas: &'a Schemas,
    pub(crate) model: &'a Model,
    pub(crate) layout: &'a Layout,
    pub(crate) ir: &'a Ir,
    /// The folder of its first file, with a slash at its end.
    folder: &'a str,
    /// The names that each file mentions, computed on first use.
    mentions: OnceCell<Vec<BTreeSet<&'a str>>>,
}

impl<'a> Project<'a> {
    pub(crate) fn new<F: Borrow<File>>(
        sources: &'a SourceMap,
        files: &'a [F],
        names: &'a Names<'a>,
        schemas: &'a Schemas,
        model: &'a Model,
        layout: &'a Layout,
        ir: &'a Ir,
    ) -> Self {
        let files: Vec<&File> = files.iter().map(Borrow::borrow).collect();
        let mut paths = files.iter().map(|file| sources.path(file.file));
        let first = paths.find(|path| !library::is_library(path)).unwrap_or_default();
        let folder = first.rfind('/').and_then(|at| first.get(..=at)).unwrap_or_default();
        Self { sources, files, names, schemas, model, layout, ir, folder, mentions: OnceCell::new() }
    }

    /// Every file with the names that it mentions.
    fn mentions(&self) -> impl Iterator<Item = (&'a File, &BTreeSet<&'a str>)> {
        let mentions =
            self.mentions.get_or_init(|| self.files.iter().map(|file| mentions::of_file(file)).collect());
        self.files.iter().copied().zip(mentions)
    }

    /// Whether a file belongs to the project. Files outside of its folder may be shared with other projects.
    fn is_own(&self, file: FileId) -> bool {
        let path = self.sources.path(file);
        let inside = path.strip_prefix(self.folder);
        !library::is_library(path) && inside.is_some_and(|rest| !rest.starts_with(['/', '.']))
    }

    /// `span`, or `site` where that is the library's: a warning is shown in the user's own text.
    fn place(&self, span: Span, site: Span) -> Span {
        if library::is_library(self.sources.path(span.file)) { site } else { span }
    }

    fn removal(&self, span: Span) -> Span {
        crate::removal::removal(self.sources.text(span.file), span)
    }
}

/// All warnings, unordered; a warning about an envtype may occur once for each of its environments.
pub(crate) fn find(project: &Project<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    quotas::of_accounts(project, &mut found);
    if project.model.environments.is_empty() {
        // A library of templates, or a new project: unused declarations are normal.
        return found;
    }
    rules::find(project, &mut found);
    covered::find(project, &mut found);
    repeated::find(project, &mut found);
    quotas::find(project, &mut found);
    returns::find(project, &mut found);
    reachable::find(project, &mut found);
    peerings::find(project, &mut found);
    routes::find(project, &mut found);
    zones::find(project, &mut found);
    delegations::find(project, &mut found);
    overrides::find(project, &mut found);
    unused::find(project, &mut found);
    idle::find(project, &mut found);
    operators::find(project, &mut found);
    machines::find(project, &mut found);
    uses::find(project, &mut found);
    watch::find(project, &mut found);
    found.retain(|found| !library::is_library(project.sources.path(found.primary.file)));
    found
}

#[cfg(test)]
mod tests;
