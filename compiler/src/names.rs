//! The declarations of a project by kind and name, and their inheritance.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_lang::ast::{Decl, File, Item, Let, Name};
use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::library::kinds::{self, ADDRESSED, INHERITABLE};

/// Reserved words.
pub(crate) const RESERVED: &[&str] =
    &["all", "amazon", "auto", "env", "false", "internet", "project", "true"];

/// Words that begin addresses of resources and are not kinds.
const PATH_WORDS: &[&str] = &["interface", "internet-gateway", "log", "vpc"];

/// The declarations of a project.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    pub(crate) lets: BTreeMap<&'a str, &'a Let>,
    /// Every other declaration at the top of a file, by kind and name, in order of name.
    decls: BTreeMap<(&'a str, &'a str), &'a Decl>,
    /// The project declarations; a sound project has one.
    pub(crate) projects: Vec<&'a Decl>,
    /// Names of environments in order of declaration.
    pub(crate) env_order: Vec<&'a str>,
}

/// Declarations from one to the root of what it inherits from, itself first.
pub(crate) type Chain<'a> = Vec<&'a Decl>;

impl<'a> Names<'a> {
    /// Collects the declarations of `files`. Of several with one name the first counts.
    pub(crate) fn collect(files: &'a [Arc<File>], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut names = Self::default();
        for item in files.iter().flat_map(|file| &file.items) {
            match item {
                Item::Let(found) => names.take_let(found, diagnostics),
                Item::Decl(decl) => names.take_decl(decl, diagnostics),
                Item::Use(_) | Item::Expect(_) | Item::Kind(_) => {}
            }
        }
        if names.projects.is_empty()
            && let Some(env) = names.env_order.first().and_then(|env| names.get(kinds::ENV, env))
        {
            diagnostics.push(errors::no_project(env.kind.span.to(name_span(env))));
        }
        names.check_parents(diagnostics);
        names
    }

    fn take_let(&mut self, found: &'a Let, diagnostics: &mut Vec<Diagnostic>) {
        let name = &found.name;
        check_reserved(name, diagnostics);
        if let Some(first) = self.lets.get(name.text.as_str()) {
            diagnostics.push(errors::declared_twice("let", name, first.name.span));
        } else {
            self.lets.insert(&name.text, found);
        }
    }

    fn take_decl(&mut self, decl: &'a Decl, diagnostics: &mut Vec<Diagnostic>) {
        let kind = decl.kind.text.as_str();
        let Some(name) = &decl.name else { return };
        check_reserved(name, diagnostics);
        if kind == kinds::PROJECT {
            if let Some(first) = self.projects.first() {
                diagnostics.push(errors::second_project(name, name_span(first)));
            }
            self.projects.push(decl);
            return;
        }
        // Environments and envtypes share one set of names.
        let shared: &[&str] = if is_environment(kind) { &[kinds::ENV, kinds::ENVTYPE] } else { &[kind] };
        if let Some(first) = shared.iter().find_map(|kind| self.get(kind, &name.text)) {
            diagnostics.push(errors::declared_twice(kind, name, name_span(first)));
            return;
        }
        if kind == kinds::ENV {
            self.env_order.push(&name.text);
        }
        self.decls.insert((kind, &name.text), decl);
    }

    /// Checks what inherits; kinds that do not inherit say so themselves.
    fn check_parents(&self, diagnostics: &mut Vec<Diagnostic>) {
        for cycle in self.cycles() {
            let parents = cycle.iter().filter_map(|key| Some((key.1, self.decls.get(key)?.parent.as_ref()?)));
            let mut parents: Vec<(&str, &Name)> = parents.collect();
            parents.sort_by_key(|(_, parent)| (parent.span.file, parent.span.start));
            diagnostics.extend(errors::inheritance_cycle(&parents));
        }
        for ((kind, name), decl) in &self.decls {
            let Some(parent) = decl.parent.as_ref().filter(|_| INHERITABLE.contains(kind)) else { continue };
            let from = parent_kind(kind);
            if self.get(from, &parent.text).is_none() {
                let env = self.get(kinds::ENV, &parent.text).filter(|_| *kind == kinds::ENV);
                diagnostics.push(match env {
                    Some(env) => errors::inherits_from_env(name, parent, name_span(env)),
                    None => {
                        errors::unknown_parent(from, parent, self.of_kind(from).filter(|other| other != name))
                    }
                });
            }
        }
    }

    /// The declarations that inherit from themselves, through others or not, by the circle they are in.
    fn cycles(&self) -> Vec<Vec<(&'a str, &'a str)>> {
        let mut cycles = Vec::new();
        // Each declaration is met by one walk up its parents; one that meets itself has gone round.
        let mut met: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (walk, start) in self.decls.keys().enumerate() {
            let mut path = Vec::new();
            let mut next = Some(*start);
            while let Some(at) = next {
                match met.get(&at) {
                    Some(earlier) if *earlier == walk => {
                        cycles.push(path.iter().copied().skip_while(|passed| *passed != at).collect());
                        break;
                    }
                    Some(_) => break,
                    None => {}
                }
                met.insert(at, walk);
                path.push(at);
                let parent = self.decls.get(&at).and_then(|decl| decl.parent.as_ref());
                let parent = parent.map(|parent| (parent_kind(at.0), parent.text.as_str()));
                next = parent.filter(|parent| self.decls.contains_key(parent));
            }
        }
        cycles
    }

    /// The declaration `name` of `kind`.
    pub(crate) fn get(&self, kind: &str, name: &str) -> Option<&'a Decl> {
        self.decls.get(&(kind, name)).copied()
    }

    /// The environment or envtype `name`.
    pub(crate) fn environment(&self, name: &str) -> Option<&'a Decl> {
        self.get(kinds::ENV, name).or_else(|| self.get(kinds::ENVTYPE, name))
    }

    /// Names of all declarations of `kind`, in order.
    pub(crate) fn of_kind<'n>(&'n self, kind: &'n str) -> impl Iterator<Item = &'a str> + 'n {
        self.decls.keys().filter(move |(found, _)| *found == kind).map(|(_, name)| *name)
    }

    /// `decl` and what it inherits from; a cycle ends where it closes.
    pub(crate) fn chain(&self, decl: &'a Decl) -> Chain<'a> {
        let mut chain = vec![decl];
        while let Some(parent) = chain.last().and_then(|last| last.parent.as_ref()) {
            match self.get(parent_kind(&decl.kind.text), &parent.text) {
                Some(next) if chain.len() <= self.decls.len() + 1 => chain.push(next),
                Some(_) => {
                    // More than there are: it goes round.
                    let mut seen = BTreeSet::new();
                    let once = chain.iter().take_while(|decl| seen.insert(std::ptr::from_ref::<Decl>(decl)));
                    let once = once.count();
                    chain.truncate(once);
                    break;
                }
                None => break,
            }
        }
        chain
    }

    /// The same where all of it is declared: of anything else, what it would say is a guess.
    pub(crate) fn whole_chain(&self, decl: &'a Decl) -> Option<Chain<'a>> {
        let chain = self.chain(decl);
        chain.last().is_none_or(|root| root.parent.is_none()).then_some(chain)
    }

    /// Names of `env` and the envtypes it descends from, itself first.
    pub(crate) fn lineage(&self, env: &str) -> Vec<&'a str> {
        self.environment(env)
            .map(|decl| self.chain(decl))
            .unwrap_or_default()
            .into_iter()
            .filter_map(|decl| decl.name.as_ref().map(|name| name.text.as_str()))
            .collect()
    }
}

/// The kind that a declaration of `kind` may inherit from.
fn parent_kind(kind: &str) -> &str {
    if is_environment(kind) { kinds::ENVTYPE } else { kind }
}

/// Whether declarations of a kind are environments or types of environments, which share one set of names.
pub(crate) fn is_environment(kind: &str) -> bool {
    matches!(kind, kinds::ENV | kinds::ENVTYPE)
}

/// Where a declaration is named; its kind where it has no name.
pub(crate) fn name_span(decl: &Decl) -> Span {
    decl.name.as_ref().map_or(decl.kind.span, |name| name.span)
}

/// Whether addresses of an environment's resources begin with `word`, so that no metanetwork may be called that.
pub(crate) fn is_path_word(word: &str) -> bool {
    ADDRESSED.contains(&word) || PATH_WORDS.contains(&word)
}

/// Checks the name of a metanetwork.
pub(crate) fn check_network(name: &Name, diagnostics: &mut Vec<Diagnostic>) {
    if is_path_word(&name.text) {
        diagnostics.push(errors::path_word(name));
    }
    check_reserved(name, diagnostics);
}

pub(crate) fn check_reserved(name: &Name, diagnostics: &mut Vec<Diagnostic>) {
    if RESERVED.contains(&name.text.as_str()) {
        diagnostics.push(errors::reserved_name(name));
    }
}
