//! The declarations of a project by kind and name, and their inheritance.

mod lets;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_lang::ast::{Body, Decl, Expr, File, Item, Let, Member, Name};
use asiaq_lang::{Diagnostic, FileId, Span};

use crate::errors;
use crate::library::kinds::{self, ADDRESSED, INHERITABLE};
use crate::texts::Texts;

pub(crate) use lets::LIST_LIMIT;

/// Declarations that one may inherit from, directly and through others.
const MAX_ANCESTORS: usize = 64;

/// Reserved words.
pub(crate) const RESERVED: &[&str] =
    &["all", "amazon", "auto", "env", "false", "internet", "project", "true"];

/// Words that begin addresses of resources and are not kinds.
const PATH_WORDS: &[&str] = &["interface", "internet-gateway", "log", "vpc"];

/// The declarations of a project by kind and name, as places in its files. It borrows nothing, so that an editor
/// can keep it beside the files; [`NameTable::names`] reads it.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameTable {
    lets: BTreeMap<String, ItemAt>,
    /// The `let`s whose values are not followed: they are circular, nested too deeply or too large.
    unfit_lets: BTreeSet<String>,
    /// Every other declaration at the top of a file, by kind and name.
    decls: BTreeMap<String, BTreeMap<String, ItemAt>>,
    /// The project declarations; a sound project has one.
    projects: Vec<ItemAt>,
    /// Names of environments in order of declaration.
    env_order: Vec<String>,
    /// Names of the declarations in accounts and types of accounts, by kind.
    in_accounts: BTreeMap<String, BTreeSet<String>>,
    /// The texts of files that values name.
    texts: Arc<Texts>,
}

/// The number of a file, and the number of an item in it.
#[derive(Clone, Copy, Debug)]
struct ItemAt {
    file: usize,
    item: usize,
}

/// The declarations of a project: a [`NameTable`] with the files it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    table: &'a NameTable,
    files: &'a [Arc<File>],
}

/// Mistakes in who inherits from whom; a declaration is named by its kind and name.
#[derive(Default)]
struct Ancestry<'a> {
    /// The declarations that inherit from themselves, through others or not, by the circle they are in.
    cycles: Vec<Vec<(&'a str, &'a str)>>,
    /// The first of each line of inheritance that has too many ancestors.
    too_deep: Vec<(&'a str, &'a str)>,
}

/// The value of a `let`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LetValue<'a> {
    /// One that can be followed.
    Fit(&'a Expr),
    /// One that is circular, nested too deeply or too large, which has been reported.
    Unfit,
}

/// A declaration and its ancestors, from itself to the root.
pub(crate) type Chain<'a> = Vec<&'a Decl>;

impl NameTable {
    /// Collects the declarations of `files`. If several have the same name, the first is used.
    pub(crate) fn collect(files: &[Arc<File>], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut table = Self::default();
        for (file, tree) in files.iter().enumerate() {
            for (item, found) in tree.items.iter().enumerate() {
                let at = ItemAt { file, item };
                match found {
                    Item::Let(found) => table.take_let(found, at, files, diagnostics),
                    Item::Decl(decl) => table.take_decl(decl, at, files, diagnostics),
                    Item::Use(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => {}
                }
            }
        }
        let names = table.names(files);
        if names.project().is_none()
            && let Some(env) = names.env_order().first().and_then(|env| names.get(kinds::ENV, env))
        {
            diagnostics.push(errors::no_project(env.kind.span.to(name_span(env))));
        }
        names.check_parents(diagnostics);
        table.unfit_lets = lets::check(names, diagnostics);
        table
    }

    /// Adds the texts of files that values name.
    pub(crate) fn with_texts(self, texts: &Arc<Texts>) -> Self {
        Self { texts: Arc::clone(texts), ..self }
    }

    /// The declarations themselves; `files` are those the table was collected from.
    pub(crate) fn names<'a>(&'a self, files: &'a [Arc<File>]) -> Names<'a> {
        Names { table: self, files }
    }

    fn take_let(&mut self, found: &Let, at: ItemAt, files: &[Arc<File>], diagnostics: &mut Vec<Diagnostic>) {
        let name = &found.name;
        check_reserved(name, diagnostics);
        if let Some(first) = self.names(files).get_let(&name.text) {
            diagnostics.push(errors::declared_twice("let", name, first.name.span));
        } else {
            self.lets.insert(name.text.clone(), at);
        }
    }

    fn take_decl(&mut self, decl: &Decl, at: ItemAt, files: &[Arc<File>], diagnostics: &mut Vec<Diagnostic>) {
        let kind = decl.kind.text.as_str();
        let Some(name) = &decl.name else { return };
        check_reserved(name, diagnostics);
        if kind == kinds::PROJECT {
            if let Some(first) = self.names(files).project() {
                diagnostics.push(errors::second_project(name, name_span(first)));
            }
            self.projects.push(at);
            return;
        }
        // Environments and envtypes share one set of names, and so do accounts and accounttypes.
        let shared: &[&str] = match kind {
            kinds::ENV | kinds::ENVTYPE => &[kinds::ENV, kinds::ENVTYPE],
            kinds::ACCOUNT | kinds::ACCOUNTTYPE => &[kinds::ACCOUNT, kinds::ACCOUNTTYPE],
            _ => &[kind],
        };
        if let Some(first) = shared.iter().find_map(|kind| self.names(files).get(kind, &name.text)) {
            diagnostics.push(errors::declared_twice(kind, name, name_span(first)));
            return;
        }
        if kind == kinds::ENV {
            self.env_order.push(name.text.clone());
        }
        if is_account(kind) {
            let nested = decl.body.members.iter().filter_map(|member| match member {
                Member::Decl(inner) => Some((&inner.kind.text, inner.name.as_ref()?)),
                _ => None,
            });
            for (kind, name) in nested {
                self.in_accounts.entry(kind.clone()).or_default().insert(name.text.clone());
            }
        }
        self.decls.entry(kind.to_owned()).or_default().insert(name.text.clone(), at);
    }
}

impl<'a> Names<'a> {
    /// The text of the file that is written as `path` in file `base`, or why it cannot be read.
    pub(crate) fn file(&self, base: FileId, path: &str) -> Option<&'a Result<Arc<str>, String>> {
        self.table.texts.get(base, path)
    }

    /// The folder that is written as `path` in file `base`, by its path for commands, or why there is none.
    pub(crate) fn folder(&self, base: FileId, path: &str) -> Option<&'a Result<String, String>> {
        self.table.texts.folder(base, path)
    }

    /// The JSON or YAML document that is written as `path` in file `base`, as a file of the sources.
    pub(crate) fn source_of(self, base: FileId, path: &str) -> Option<FileId> {
        self.table.texts.source(base, path)
    }

    /// Checks what inherits; kinds that do not inherit say so themselves.
    fn check_parents(self, diagnostics: &mut Vec<Diagnostic>) {
        let ancestry = self.ancestry();
        for cycle in ancestry.cycles {
            let parents =
                cycle.iter().filter_map(|(kind, name)| Some((*name, self.get(kind, name)?.parent.as_ref()?)));
            let mut parents: Vec<(&str, &Name)> = parents.collect();
            parents.sort_by_key(|(_, parent)| (parent.span.file, parent.span.start));
            diagnostics.extend(errors::inheritance_cycle(&parents));
        }
        for (kind, name) in ancestry.too_deep {
            let parent = self.get(kind, name).and_then(|decl| decl.parent.as_ref());
            diagnostics
                .extend(parent.map(|parent| errors::inheritance_too_deep(name, parent, MAX_ANCESTORS)));
        }
        for (kind, name, decl) in self.all() {
            let Some(parent) = decl.parent.as_ref().filter(|_| INHERITABLE.contains(&kind)) else { continue };
            let from = parent_kind(kind);
            if self.get(from, &parent.text).is_none() {
                let env = self.get(kinds::ENV, &parent.text).filter(|_| kind == kinds::ENV);
                diagnostics.push(match env {
                    Some(env) => errors::inherits_from_env(name, parent, name_span(env)),
                    None => errors::unknown_parent(
                        from,
                        parent,
                        self.of_kind(from).filter(|other| *other != name),
                    ),
                });
            }
        }
    }

    /// The mistakes in who inherits from whom.
    fn ancestry(self) -> Ancestry<'a> {
        let mut ancestry = Ancestry::default();
        // Each declaration is met by one walk up its parents; one that meets itself has gone round. The second number
        // is that of its ancestors.
        let mut met: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for (walk, (kind, name, _)) in self.all().enumerate() {
            let mut path = Vec::new();
            let mut next = Some((kind, name));
            let mut above = Some(0);
            while let Some(at) = next {
                match met.get(&at) {
                    Some((earlier, _)) if *earlier == walk => {
                        ancestry
                            .cycles
                            .push(path.iter().copied().skip_while(|passed| *passed != at).collect());
                        above = None;
                        break;
                    }
                    Some((_, ancestors)) => {
                        above = Some(ancestors + 1);
                        break;
                    }
                    None => {}
                }
                met.insert(at, (walk, 0));
                path.push(at);
                let parent = self.get(at.0, at.1).and_then(|decl| decl.parent.as_ref());
                let parent = parent.map(|parent| (parent_kind(at.0), parent.text.as_str()));
                next = parent.filter(|(kind, name)| self.get(kind, name).is_some());
            }
            let Some(above) = above else { continue };
            for (ancestors, at) in (above..).zip(path.into_iter().rev()) {
                met.insert(at, (walk, ancestors));
                if ancestors == MAX_ANCESTORS + 1 {
                    ancestry.too_deep.push(at);
                }
            }
        }
        ancestry
    }

    fn item(self, at: ItemAt) -> Option<&'a Item> {
        self.files.get(at.file)?.items.get(at.item)
    }

    fn decl(self, at: ItemAt) -> Option<&'a Decl> {
        match self.item(at)? {
            Item::Decl(decl) => Some(decl),
            Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
        }
    }

    fn found_let(self, at: ItemAt) -> Option<&'a Let> {
        match self.item(at)? {
            Item::Let(found) => Some(found),
            Item::Use(_) | Item::Decl(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
        }
    }

    /// The `let` of this name.
    pub(crate) fn get_let(self, name: &str) -> Option<&'a Let> {
        self.found_let(*self.table.lets.get(name)?)
    }

    /// The value of the `let` of this name; absent if there is no such `let`.
    pub(crate) fn let_value(self, name: &str) -> Option<LetValue<'a>> {
        let found = self.get_let(name)?;
        Some(if self.table.unfit_lets.contains(name) { LetValue::Unfit } else { LetValue::Fit(&found.value) })
    }

    /// Every `let`, in order of name.
    pub(crate) fn lets(self) -> impl Iterator<Item = (&'a str, &'a Let)> {
        self.table.lets.iter().filter_map(move |(name, at)| Some((name.as_str(), self.found_let(*at)?)))
    }

    /// The project declarations; a sound project has one.
    pub(crate) fn projects(self) -> impl Iterator<Item = &'a Decl> {
        self.table.projects.iter().filter_map(move |at| self.decl(*at))
    }

    /// The first project declaration.
    pub(crate) fn project(self) -> Option<&'a Decl> {
        self.projects().next()
    }

    /// Names of environments in order of declaration.
    pub(crate) fn env_order(self) -> &'a [String] {
        &self.table.env_order
    }

    /// Every declaration other than projects and `let`s: kind, name and itself, in order of kind and name.
    pub(crate) fn all(self) -> impl Iterator<Item = (&'a str, &'a str, &'a Decl)> {
        let of_kind = move |(kind, decls): (&'a String, &'a BTreeMap<String, ItemAt>)| {
            let found = move |(name, at): (&'a String, &'a ItemAt)| {
                Some((kind.as_str(), name.as_str(), self.decl(*at)?))
            };
            decls.iter().filter_map(found)
        };
        self.table.decls.iter().flat_map(of_kind)
    }

    /// The declaration `name` of `kind`.
    pub(crate) fn get(self, kind: &str, name: &str) -> Option<&'a Decl> {
        self.decl(*self.table.decls.get(kind)?.get(name)?)
    }

    /// The environment or envtype `name`.
    pub(crate) fn environment(self, name: &str) -> Option<&'a Decl> {
        self.get(kinds::ENV, name).or_else(|| self.get(kinds::ENVTYPE, name))
    }

    /// The account or accounttype `name`.
    pub(crate) fn account(self, name: &str) -> Option<&'a Decl> {
        self.get(kinds::ACCOUNT, name).or_else(|| self.get(kinds::ACCOUNTTYPE, name))
    }

    /// Names of the declarations of `kind` in accounts and types of accounts.
    pub(crate) fn in_accounts(self, kind: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table.in_accounts.get(kind).into_iter().flatten().map(String::as_str)
    }

    /// Whether an account or a type of accounts declares `name` of `kind`.
    pub(crate) fn has_in_accounts(self, kind: &str, name: &str) -> bool {
        self.table.in_accounts.get(kind).is_some_and(|names| names.contains(name))
    }

    /// Whether an account or a type of accounts has this name.
    pub(crate) fn is_account(self, name: &str) -> bool {
        [kinds::ACCOUNT, kinds::ACCOUNTTYPE].iter().any(|kind| self.get(kind, name).is_some())
    }

    /// Whether an environment or envtype declares a metanetwork `name`.
    pub(crate) fn has_network(self, name: &str) -> bool {
        let is_it = |member: &Member| match member {
            Member::Decl(decl) => {
                decl.kind.text == kinds::METANETWORK
                    && decl.name.as_ref().is_some_and(|found| found.text == name)
            }
            Member::Field(_) | Member::Override(_) | Member::Statement(_) => false,
        };
        self.all().any(|(kind, _, decl)| is_environment(kind) && decl.body.members.iter().any(is_it))
    }

    /// Names of all declarations of `kind`, in order.
    pub(crate) fn of_kind(self, kind: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table.decls.get(kind).into_iter().flat_map(|decls| decls.keys().map(String::as_str))
    }

    /// Whether a pipeline declares a scaling policy `name`.
    pub(crate) fn is_policy(self, name: &str) -> bool {
        let is_wanted = |decl: &Decl| {
            let is_named = decl.name.as_ref().is_some_and(|found| found.text == name);
            decl.kind.text == kinds::SCALING && is_named
        };
        let mut bodies: Vec<&Body> = self
            .of_kind(kinds::PIPELINE)
            .filter_map(|pipeline| Some(&self.get(kinds::PIPELINE, pipeline)?.body))
            .collect();
        while let Some(body) = bodies.pop() {
            for member in &body.members {
                match member {
                    Member::Decl(decl) if is_wanted(decl) => return true,
                    Member::Decl(decl) => bodies.push(&decl.body),
                    Member::Override(inner) => bodies.push(&inner.body),
                    Member::Field(_) | Member::Statement(_) => {}
                }
            }
        }
        false
    }

    /// `decl` and its ancestors, as far as inheritance is followed; so a cycle ends, too.
    pub(crate) fn chain(self, decl: &'a Decl) -> Chain<'a> {
        let mut chain = vec![decl];
        while chain.len() <= MAX_ANCESTORS
            && let Some(last) = chain.last()
            && let Some(parent) = &last.parent
            && let Some(next) = self.get(parent_kind(&last.kind.text), &parent.text)
        {
            chain.push(next);
        }
        chain
    }

    /// `chain`, if every ancestor is declared; absent otherwise.
    pub(crate) fn whole_chain(self, decl: &'a Decl) -> Option<Chain<'a>> {
        let chain = self.chain(decl);
        chain.last().is_none_or(|root| root.parent.is_none()).then_some(chain)
    }

    /// Names of `env` and the envtypes it descends from, itself first.
    pub(crate) fn lineage(self, env: &str) -> Vec<&'a str> {
        self.lineage_of(kinds::ENV, env)
    }

    /// Names of an environment, account or type of these and what it descends from, itself first.
    pub(crate) fn lineage_of(self, kind: &str, name: &str) -> Vec<&'a str> {
        let decl = if is_account(kind) { self.account(name) } else { self.environment(name) };
        decl.map(|decl| self.chain(decl))
            .unwrap_or_default()
            .into_iter()
            .filter_map(|decl| decl.name.as_ref().map(|name| name.text.as_str()))
            .collect()
    }
}

/// The kind that a declaration of `kind` may inherit from.
pub(crate) fn parent_kind(kind: &str) -> &str {
    match kind {
        kinds::ENV => kinds::ENVTYPE,
        kinds::ACCOUNT => kinds::ACCOUNTTYPE,
        _ => kind,
    }
}

/// Whether declarations of a kind are accounts or types of accounts, which share one set of names.
pub(crate) fn is_account(kind: &str) -> bool {
    matches!(kind, kinds::ACCOUNT | kinds::ACCOUNTTYPE)
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
        diagnostics.push(errors::path_word(kinds::METANETWORK, name));
    }
    check_reserved(name, diagnostics);
}

/// Words behind `asiaq deploy` that are no pipelines.
const DEPLOY_WORDS: [&str; 4] = ["list", "rollback", "status", "test"];

/// Checks the name of a pipeline.
pub(crate) fn check_pipeline(name: &Name, diagnostics: &mut Vec<Diagnostic>) {
    if DEPLOY_WORDS.contains(&name.text.as_str()) {
        diagnostics.push(errors::command_word(name));
    }
}

pub(crate) fn check_reserved(name: &Name, diagnostics: &mut Vec<Diagnostic>) {
    if RESERVED.contains(&name.text.as_str()) {
        diagnostics.push(errors::reserved_name(name));
    }
}
