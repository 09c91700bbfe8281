//! Walks the trees and notes every name.

mod statements;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use asiaq_lang::ast::{
    Body, Context, Decl, Expect, Expectation, Expr, ExprKind, File, Item, KindDecl, Member, Moved, Name,
    Setting, TypeExpr, TypeKind,
};
use asiaq_lang::{SourceMap, Span};

use super::nested::{Nested, Scope};
use super::{Index, Occurrence, Role, Symbol};
use crate::library::kinds::{self, OF_ACCOUNTS};
use crate::names::{Names, is_account, is_environment, parent_kind};
use crate::pages;
use crate::reach::MachineKind;
use crate::schema::Schemas;
use crate::types::Ty;
use crate::workspace::beside;

impl Index {
    /// Notes every name in `files`.
    pub(in crate::ide) fn gather<'a>(
        sources: &'a SourceMap,
        files: &'a [Arc<File>],
        schemas: &'a Schemas,
        names: &'a Names<'a>,
    ) -> Self {
        let mut gatherer = Gatherer {
            sources,
            schemas,
            names,
            nested: Nested::collect(files, names),
            ids: HashMap::new(),
            symbols: Vec::new(),
            joined: Vec::new(),
            everywhere: HashMap::new(),
            occurrences: Vec::new(),
            uses: HashMap::new(),
            waiting: Vec::new(),
        };
        for item in files.iter().flat_map(|file| &file.items) {
            gatherer.item(item);
        }
        for code in files.iter().flat_map(|file| &file.allows).flat_map(|allow| &allow.codes) {
            if pages::page(&code.text).is_some() {
                gatherer.refer(code, Symbol::Code(&code.text));
            }
        }
        gatherer.lets(files);
        gatherer.finish()
    }
}

struct Gatherer<'a> {
    sources: &'a SourceMap,
    schemas: &'a Schemas,
    names: &'a Names<'a>,
    nested: Nested<'a>,
    ids: HashMap<Symbol<&'a str>, u32>,
    symbols: Vec<Symbol<&'a str>>,
    /// Union-find parents: for each symbol id, the id of an equal symbol, or the id itself.
    joined: Vec<u32>,
    /// Cache of nested symbols in [`Scope::Everywhere`], by kind and name.
    everywhere: HashMap<(&'a str, &'a str), Option<u32>>,
    occurrences: Vec<Occurrence>,
    /// The types each `let` is used as.
    uses: HashMap<&'a str, Vec<Ty>>,
    /// Uses whose values have not been walked.
    waiting: Vec<(&'a str, Ty)>,
}

impl<'a> Gatherer<'a> {
    fn id(&mut self, symbol: Symbol<&'a str>) -> u32 {
        if let Some(id) = self.ids.get(&symbol) {
            return *id;
        }
        let id = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
        self.ids.insert(symbol, id);
        self.symbols.push(symbol);
        self.joined.push(id);
        id
    }

    fn note(&mut self, span: Span, symbol: Symbol<&'a str>, role: Role) {
        let symbol = self.id(symbol);
        self.occurrences.push(Occurrence { span, role, symbol, owner: None });
    }

    fn refer(&mut self, name: &'a Name, symbol: Symbol<&'a str>) {
        self.note(name.span, symbol, Role::Reference);
    }

    /// The representative of the symbols that are equal to `id`.
    fn same(&self, mut id: u32) -> u32 {
        while let Some(next) = self.joined.get(id as usize).copied().filter(|next| *next != id) {
            id = next;
        }
        id
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.same(a), self.same(b));
        // The first one met stays, so that the same text gives the same index.
        if let Some(slot) = self.joined.get_mut(a.max(b) as usize) {
            *slot = a.min(b);
        }
    }

    fn item(&mut self, item: &'a Item) {
        match item {
            Item::Use(used) => {
                let base = self.sources.path(used.path.span.file);
                if let Some(file) = self.sources.find(&beside(base, &used.path.text)) {
                    self.note(used.path.span, Symbol::File(file), Role::Reference);
                }
            }
            Item::Let(found) => {
                self.note(found.name.span, Symbol::Let(&found.name.text), Role::Declaration);
                if let Some(ty) = &found.ty {
                    self.ty(ty);
                    let schemas = self.schemas;
                    if let Some(ty) = Ty::of(ty, &|name| schemas.kind(name).is_some()) {
                        self.used(&found.name.text, &ty);
                    }
                }
            }
            Item::Decl(decl) => self.decl(decl, None, Scope::Everywhere),
            Item::Expect(expect) => {
                self.expect(expect);
            }
            Item::Moved(moved) => self.moved(moved),
            Item::Kind(kind) => self.kind(kind),
        }
    }

    /// Only the new name is a declaration; the old one is gone.
    fn moved(&mut self, moved: &'a Moved) {
        let kind = moved.kind.text.as_str();
        if self.schemas.kind(kind).is_some() {
            self.refer(&moved.kind, Symbol::Kind(kind));
        }
        let places = [&moved.old.place, &moved.new.place];
        for place in places.into_iter().flatten() {
            self.environment(place);
        }
        let new = &moved.new.name;
        if is_environment(kind) {
            self.environment(new);
        } else if self.names.get(kind, &new.text).is_some() {
            self.refer(new, Symbol::Declared(shared_kind(kind), &new.text));
        } else {
            let scope = moved.place().map_or(Scope::Everywhere, |place| Scope::Owner(&place.text));
            self.nested(kind, &new.text, new.span, scope, Role::Reference);
        }
    }

    fn expect(&mut self, expect: &'a Expect) {
        let context = &expect.context;
        // A name may be both an account's and an environment's.
        if expect.expectations.is_empty() && self.names.is_account(&context.text) {
            self.refer(context, Symbol::Declared(kinds::ACCOUNT, &context.text));
        } else {
            self.environment(context);
        }
        for claim in &expect.expectations {
            self.claim(claim, &context.text);
        }
        for claim in &expect.permissions {
            self.who(&claim.who, &context.text);
            self.statement(&claim.what, Scope::Owner(&context.text));
        }
    }

    /// `role deployer`, in the accounts that a claim is about.
    fn who(&mut self, who: &'a Expr, context: &'a str) {
        match &who.kind {
            ExprKind::List(items) => items.iter().for_each(|item| self.who(item, context)),
            ExprKind::Phrase(word, name) => {
                self.refer(word, Symbol::Kind(&word.text));
                self.value(name, &Ty::Ref(word.text.clone()), Scope::Owner(context));
            }
            _ => {}
        }
    }

    fn claim(&mut self, claim: &'a Expectation, context: &'a str) {
        for end in [&claim.from, &claim.to] {
            self.end_of_claim(end, context);
        }
        if let Some(port) = &claim.port {
            self.value(port, &Ty::PortRange, Scope::Owner(context));
        }
    }

    fn end_of_claim(&mut self, end: &'a Expr, context: &'a str) {
        match &end.kind {
            ExprKind::List(items) => items.iter().for_each(|item| self.end_of_claim(item, context)),
            ExprKind::Phrase(word, named) if MachineKind::of(&word.text).is_some() => {
                self.refer(word, Symbol::Kind(&word.text));
                let (owner, name, span) = match &named.kind {
                    ExprKind::Name(name) => (context, name.as_str(), named.span),
                    ExprKind::Path(env, name) => {
                        self.environment(env);
                        (env.text.as_str(), name.text.as_str(), name.span)
                    }
                    _ => return,
                };
                if MachineKind::of(&word.text).is_some_and(MachineKind::is_of_hostclass) {
                    self.hostclass(name, span);
                } else {
                    self.nested(&word.text, name, span, Scope::Owner(owner), Role::Reference);
                }
            }
            // What is no metanetwork is reported; the hostclass may be meant.
            ExprKind::Name(name)
                if self.names.get_let(name).is_none()
                    && self.nested.roots(kinds::METANETWORK, name, Scope::Owner(context)).is_empty()
                    && self.names.get(kinds::HOSTCLASS, name).is_some() =>
            {
                self.hostclass(name, end.span);
            }
            _ => self.value(end, &Ty::Source, Scope::Owner(context)),
        }
    }

    fn hostclass(&mut self, name: &'a str, span: Span) {
        if self.names.get(kinds::HOSTCLASS, name).is_some() {
            self.note(span, Symbol::Declared(kinds::HOSTCLASS, name), Role::Reference);
        }
    }

    fn kind(&mut self, kind: &'a KindDecl) {
        self.note(kind.name.span, Symbol::Kind(&kind.name.text), Role::Declaration);
        for parent in &kind.parents {
            self.refer(parent, Symbol::Kind(&parent.text));
        }
        for field in &kind.fields {
            let symbol = Symbol::Field(shared_kind(&kind.name.text), field.name.text.as_str());
            self.note(field.name.span, symbol, Role::Declaration);
            self.ty(&field.ty);
            let schemas = self.schemas;
            let ty = Ty::of(&field.ty, &|name| schemas.kind(name).is_some()).unwrap_or(Ty::Error);
            for value in [&field.default, &field.bounds].into_iter().flatten() {
                self.value(value, &ty, Scope::Everywhere);
            }
        }
    }

    fn ty(&mut self, ty: &'a TypeExpr) {
        match &ty.kind {
            TypeKind::Named(name) if self.schemas.kind(name).is_some() => {
                self.note(ty.span, Symbol::Kind(name), Role::Reference);
            }
            TypeKind::Named(name) => self.note(ty.span, Symbol::Type(name), Role::Reference),
            TypeKind::List(inner) | TypeKind::Optional(inner) => self.ty(inner),
            TypeKind::Enum(words) => {
                for word in words {
                    self.note(word.span, Symbol::Word(&word.text), Role::Declaration);
                }
            }
        }
    }

    fn environment(&mut self, name: &'a Name) {
        if self.names.environment(&name.text).is_some() {
            self.refer(name, Symbol::Declared(kinds::ENV, &name.text));
        }
    }

    fn decl(&mut self, decl: &'a Decl, parent: Option<&'a str>, scope: Scope<'a>) {
        let kind = decl.kind.text.as_str();
        if self.schemas.kind(kind).is_some() {
            self.note(decl.kind.span, Symbol::Kind(kind), Role::Reference);
        }
        let mut inside = scope;
        if let Some(name) = &decl.name {
            match scope {
                Scope::Owner(owner) if parent.is_some() => {
                    self.nested(kind, &name.text, name.span, Scope::Owner(owner), Role::Declaration);
                }
                // The name of a run is a reference to the hostclass of that name.
                Scope::Owners(_) | Scope::Everywhere if parent.is_some() && kind == kinds::RUN => {
                    if self.names.get(kinds::HOSTCLASS, &name.text).is_some() {
                        self.refer(name, Symbol::Declared(kinds::HOSTCLASS, &name.text));
                    }
                }
                // Outside environments, only heirs can refer to a nested declaration, so the index omits its name.
                Scope::Owners(_) | Scope::Everywhere if parent.is_some() => {}
                Scope::Owner(_) | Scope::Owners(_) | Scope::Everywhere => {
                    let symbol = Symbol::Declared(shared_kind(kind), name.text.as_str());
                    self.note(name.span, symbol, Role::Declaration);
                }
            }
            if (is_environment(kind) || is_account(kind)) && parent.is_none() {
                inside = Scope::Owner(&name.text);
            }
        }
        if let Some(heir) = &decl.parent
            && self.names.get(parent_kind(kind), &heir.text).is_some()
        {
            self.refer(heir, Symbol::Declared(shared_kind(kind), &heir.text));
        }
        if let Some(value) = &decl.value {
            let ty = self.field_ty(kind, "value");
            self.value(value, &ty, inside);
        }
        self.body(kind, &decl.body, inside);
    }

    fn field_ty(&self, kind: &str, field: &str) -> Ty {
        let field = self.schemas.kind(kind).and_then(|schema| schema.field(field));
        field.map_or(Ty::Error, |field| field.ty.clone())
    }

    fn body(&mut self, kind: &'a str, body: &'a Body, scope: Scope<'a>) {
        for member in &body.members {
            match member {
                Member::Field(setting) => self.setting(kind, setting, scope),
                Member::Decl(decl) => self.decl(decl, Some(kind), scope),
                Member::Override(inner) => {
                    self.context(&inner.context);
                    let scope = narrowed(scope, Some(&inner.context));
                    self.body(kind, &inner.body, scope);
                }
                Member::Statement(statement) => self.statement(statement, scope),
            }
        }
    }

    fn context(&mut self, context: &'a Context) {
        for name in &context.names {
            self.environment(name);
        }
    }

    fn setting(&mut self, kind: &'a str, setting: &'a Setting, scope: Scope<'a>) {
        let ty = self.field_ty(kind, &setting.name.text);
        if self.schemas.kind(kind).and_then(|schema| schema.field(&setting.name.text)).is_some() {
            self.refer(&setting.name, Symbol::Field(shared_kind(kind), &setting.name.text));
        }
        if let Some(context) = &setting.context {
            self.context(context);
        }
        self.value(&setting.value, &ty, narrowed(scope, setting.context.as_ref()));
    }

    /// Records a name of a nested declaration. If it can refer to several symbols, they are merged into one, because a
    /// rename has to change all of them.
    fn nested(&mut self, kind: &str, name: &'a str, span: Span, scope: Scope<'a>, role: Role) {
        let Some(kind) = self.schemas.kind(kind).map(|schema| schema.name.as_str()) else { return };
        let owner = match scope {
            Scope::Owner(owner) if OF_ACCOUNTS.contains(&kind) => {
                Some(self.id(Symbol::Declared(kinds::ACCOUNT, owner)))
            }
            Scope::Owner(owner) => Some(self.id(Symbol::Declared(kinds::ENV, owner))),
            Scope::Owners(_) | Scope::Everywhere => None,
        };
        if matches!(scope, Scope::Everywhere)
            && let Some(known) = self.everywhere.get(&(kind, name))
        {
            if let Some(symbol) = *known {
                self.occurrences.push(Occurrence { span, role, symbol, owner });
            }
            return;
        }
        let mut first = None;
        for root in self.nested.roots(kind, name, scope) {
            let symbol = self.id(Symbol::Nested(kind, name, root));
            match first {
                None => first = Some(symbol),
                Some(first) => self.join(first, symbol),
            }
        }
        if matches!(scope, Scope::Everywhere) {
            self.everywhere.insert((kind, name), first);
        }
        if let Some(symbol) = first {
            self.occurrences.push(Occurrence { span, role, symbol, owner });
        }
    }

    fn finish(mut self) -> Index {
        let mut occurrences = std::mem::take(&mut self.occurrences);
        for occurrence in &mut occurrences {
            occurrence.symbol = self.same(occurrence.symbol);
        }
        occurrences.sort_by_key(|occurrence| occurrence.span);
        // A `let` that is used as several symbols has been walked as often.
        occurrences.dedup_by_key(|occurrence| occurrence.span);
        let mut by_symbol: Vec<Vec<u32>> = vec![Vec::new(); self.symbols.len()];
        for wanted in [Role::Declaration, Role::Reference] {
            for (at, occurrence) in
                occurrences.iter().enumerate().filter(|(_, occurrence)| occurrence.role == wanted)
            {
                if let (Some(list), Ok(at)) =
                    (by_symbol.get_mut(occurrence.symbol as usize), u32::try_from(at))
                {
                    list.push(at);
                }
            }
        }
        let symbols = self.symbols.into_iter().map(owned).collect();
        Index { symbols, occurrences, by_symbol }
    }
}

/// The kind under which a symbol is known: environments and envtypes share names and fields, and so do accounts and
/// accounttypes.
pub(in crate::ide) fn shared_kind(kind: &str) -> &str {
    match kind {
        kinds::ENVTYPE => kinds::ENV,
        kinds::ACCOUNTTYPE => kinds::ACCOUNT,
        _ => kind,
    }
}

/// The scope inside a setting or block that applies to `context` only.
fn narrowed<'a>(scope: Scope<'a>, context: Option<&'a Context>) -> Scope<'a> {
    match (scope, context) {
        (Scope::Everywhere | Scope::Owners(_), Some(context)) => Scope::Owners(&context.names),
        (scope, _) => scope,
    }
}

fn owned(symbol: Symbol<&str>) -> Symbol<String> {
    match symbol {
        Symbol::Kind(a) => Symbol::Kind(a.to_owned()),
        Symbol::Field(a, b) => Symbol::Field(a.to_owned(), b.to_owned()),
        Symbol::Let(a) => Symbol::Let(a.to_owned()),
        Symbol::Declared(a, b) => Symbol::Declared(a.to_owned(), b.to_owned()),
        Symbol::Nested(a, b, c) => Symbol::Nested(a.to_owned(), b.to_owned(), c.to_owned()),
        Symbol::Variable(a) => Symbol::Variable(a.to_owned()),
        Symbol::File(a) => Symbol::File(a),
        Symbol::Type(a) => Symbol::Type(a.to_owned()),
        Symbol::Protocol(a) => Symbol::Protocol(a.to_owned()),
        Symbol::Region(a) => Symbol::Region(a.to_owned()),
        Symbol::Code(a) => Symbol::Code(a.to_owned()),
        Symbol::Word(a) => Symbol::Word(a.to_owned()),
    }
}
