//! Names in values. The expected type determines the symbol that a word refers to.

use std::sync::Arc;

use asiaq_lang::Span;
use asiaq_lang::ast::{Condition, Expr, ExprKind, File, Item, Let, Name, Rule, StringPart};

use super::Gatherer;
use super::shared_kind;
use super::statements::is_of_accounts;
use crate::ide::index::nested::Scope;
use crate::ide::index::{Role, Symbol};
use crate::library::kinds::{self, OF_ACCOUNTS};
use crate::types::Ty;
use crate::value::AppProtocol;

/// Maximum number of types recorded for one `let`. Further types are ignored, to limit the work.
const USES_LIMIT: usize = 8;

impl<'a> Gatherer<'a> {
    /// The names in a value of type `ty`.
    pub(super) fn value(&mut self, expr: &'a Expr, ty: &Ty, scope: Scope<'a>) {
        let ty = ty.required();
        match &expr.kind {
            ExprKind::Name(name) => self.word(name, expr.span, ty, scope),
            ExprKind::Path(account, name) if matches!(ty, Ty::Ref(kind) if OF_ACCOUNTS.contains(&kind.as_str())) => {
                if let Ty::Ref(kind) = ty
                    && self.names.get(kinds::ACCOUNT, &account.text).is_some()
                {
                    self.refer(account, Symbol::Declared(kinds::ACCOUNT, &account.text));
                    self.nested(kind, &name.text, name.span, Scope::Owner(&account.text), Role::Reference);
                }
            }
            ExprKind::Path(env, name) => {
                self.environment(env);
                if self.names.environment(&env.text).is_some() {
                    let kind = if *ty == Ty::DatabaseName { kinds::DATABASE } else { kinds::METANETWORK };
                    let scope = Scope::Owner(&env.text);
                    self.nested(kind, &name.text, name.span, scope, Role::Reference);
                }
            }
            ExprKind::Sum(network, _) => {
                self.nested(kinds::METANETWORK, &network.text, network.span, scope, Role::Reference);
            }
            ExprKind::Auto { pool, .. } => {
                if let Some(pool) = pool {
                    self.value(pool, &Ty::Cidr, scope);
                }
            }
            ExprKind::Range(low, high) => {
                self.value(low, ty, scope);
                self.value(high, ty, scope);
            }
            ExprKind::Link(left, right) => {
                self.value(left, ty, scope);
                self.value(right, ty, scope);
            }
            ExprKind::Phrase(word, argument) if AppProtocol::of(&word.text).is_some() => {
                self.refer(word, Symbol::Protocol(&word.text));
                self.value(argument, &Ty::PortRange, scope);
            }
            ExprKind::Phrase(word, argument)
                if *ty == Ty::Principals || *ty == Ty::Error && is_of_accounts(&word.text) =>
            {
                self.phrase_of_kind(word, argument, scope);
            }
            ExprKind::Phrase(word, end) if kinds::store(&word.text).is_some() => {
                self.store(word, end, scope);
            }
            ExprKind::Phrase(word, argument) => {
                self.refer(word, Symbol::Word(&word.text));
                let ty =
                    if ["file", "url"].contains(&word.text.as_str()) { Ty::String } else { Ty::Duration };
                self.value(argument, &ty, scope);
            }
            ExprKind::Arrow(front, back) | ExprKind::Redirect(front, back) => {
                self.value(front, &Ty::Listener, scope);
                self.value(back, &Ty::Listener, scope);
            }
            ExprKind::Timed(size, time) => {
                self.value(size, &Ty::Int, scope);
                self.value(time, &Ty::String, scope);
            }
            ExprKind::Condition(condition) => self.condition(condition, scope),
            ExprKind::List(items) => {
                let item = match ty {
                    Ty::List(item) => item,
                    other => other,
                };
                for expr in items {
                    self.value(expr, item, scope);
                }
            }
            ExprKind::Record(settings) => {
                for setting in settings {
                    self.value(&setting.value, &Ty::String, scope);
                }
            }
            ExprKind::String(parts) => {
                for part in parts {
                    if let StringPart::Interpolation(path) = part {
                        self.refer(path, Symbol::Variable(&path.text));
                    }
                }
            }
            ExprKind::Rule(rule) => self.rule(rule, scope),
            ExprKind::Route(route) => {
                self.value(&route.destination, &Ty::Cidr, scope);
                self.refer(&route.via, Symbol::Word(&route.via.text));
                if let Some(network) = &route.network {
                    self.word(&network.text, network.span, &Ty::Ref(kinds::METANETWORK.to_owned()), scope);
                }
            }
            ExprKind::Error
            | ExprKind::Int(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(..)
            | ExprKind::Ip(_)
            | ExprKind::Cidr(_)
            | ExprKind::Window(_)
            | ExprKind::Offset(_) => {}
        }
    }

    fn rule(&mut self, rule: &'a Rule, scope: Scope<'a>) {
        self.refer(&rule.protocol, Symbol::Protocol(&rule.protocol.text));
        if let Some(ports) = &rule.ports {
            match &ports.kind {
                // ICMP rules have a message type in place of ports.
                ExprKind::Name(word) if rule.protocol.text == "icmp" => {
                    self.note(ports.span, Symbol::Word(word), Role::Reference);
                }
                _ => self.value(ports, &Ty::List(Box::new(Ty::PortRange)), scope),
            }
        }
        self.value(&rule.sources, &Ty::Source, scope);
        if let Some(why) = &rule.why {
            self.value(why, &Ty::String, scope);
        }
    }

    fn condition(&mut self, condition: &'a Condition, scope: Scope<'a>) {
        for bound in &condition.bounds {
            self.refer(&bound.statistic, Symbol::Word(&bound.statistic.text));
            self.value(&bound.threshold, &Ty::Number, scope);
        }
        self.value(&condition.periods, &Ty::Int, scope);
        self.value(&condition.period, &Ty::Duration, scope);
    }

    /// A bare word as a value of type `ty`.
    fn word(&mut self, word: &'a str, span: Span, ty: &Ty, scope: Scope<'a>) {
        if self.names.get_let(word).is_some() {
            self.note(span, Symbol::Let(word), Role::Reference);
            self.used(word, ty);
            return;
        }
        match ty {
            Ty::Source | Ty::Cidr if matches!(word, "all" | "internet") => {
                self.note(span, Symbol::Word(word), Role::Reference);
            }
            Ty::Ref(kind) => {
                if self.schemas.kind(kind).is_some_and(|schema| !schema.parents.is_empty()) {
                    self.nested(kind, word, span, scope, Role::Reference);
                } else if let Some(decl) = self.names.get(kind, word) {
                    let symbol = Symbol::Declared(shared_kind(&decl.kind.text), word);
                    self.note(span, symbol, Role::Reference);
                }
            }
            Ty::Listener if AppProtocol::of(word).is_some() => {
                self.note(span, Symbol::Protocol(word), Role::Reference);
            }
            Ty::Watched if word != "all" => {
                self.word(word, span, &Ty::Ref(kinds::HOSTCLASS.to_owned()), scope);
            }
            Ty::DatabaseName => self.nested(kinds::DATABASE, word, span, scope, Role::Reference),
            Ty::Region => self.note(span, Symbol::Region(word), Role::Reference),
            Ty::List(item) => self.word(word, span, item, scope),
            Ty::Optional(inner) => self.word(word, span, inner, scope),
            // Without an expected type, the word may be the name of a metanetwork, or of something in an account.
            Ty::Error if self.nested.roots(kinds::METANETWORK, word, scope).is_empty() => {
                self.in_account(word, span, scope);
            }
            Ty::Source | Ty::Error => self.nested(kinds::METANETWORK, word, span, scope, Role::Reference),
            Ty::Bool
            | Ty::Int
            | Ty::Number
            | Ty::Percent
            | Ty::Duration
            | Ty::Size
            | Ty::String
            | Ty::Cidr
            | Ty::Ip
            | Ty::Address
            | Ty::Allocation
            | Ty::PortRange
            | Ty::Rule
            | Ty::Route
            | Ty::Nat
            | Ty::NameServer
            | Ty::Peering
            | Ty::AccountId
            | Ty::Domain
            | Ty::Tags
            | Ty::Texts
            | Ty::UserData
            | Ty::Dimensions
            | Ty::Listener
            | Ty::Capacity
            | Ty::Condition
            | Ty::Sticky
            | Ty::Reserve
            | Ty::Window
            | Ty::DailyWindow
            | Ty::Script
            | Ty::File
            | Ty::Folder
            | Ty::Metadata
            | Ty::Principals
            | Ty::AwsPolicy
            | Ty::Subscriber
            | Ty::Watched
            | Ty::InstanceType
            | Ty::Class
            | Ty::Snapshot
            | Ty::Credential
            | Ty::SecretStore
            | Ty::Parameters
            | Ty::AmiId
            | Ty::LogValue
            | Ty::Enum(_) => self.note(span, Symbol::Word(word), Role::Reference),
        }
    }

    /// `database orders.endpoint`, `database orders`
    fn store(&mut self, word: &'a Name, end: &'a Expr, scope: Scope<'a>) {
        self.refer(word, Symbol::Kind(&word.text));
        if let ExprKind::Name(name) = &end.kind {
            let name = name.rsplit_once('.').map_or(name.as_str(), |(name, _)| name);
            let start = end.span.start as usize;
            let span = Span::new(end.span.file, start, start + name.len());
            self.nested(&word.text, name, span, scope, Role::Reference);
        }
    }

    pub(super) fn used(&mut self, name: &'a str, ty: &Ty) {
        let uses = self.uses.entry(name).or_default();
        if uses.len() < USES_LIMIT && !uses.contains(ty) {
            uses.push(ty.clone());
            self.waiting.push((name, ty.clone()));
        }
    }

    /// Gathers the values of `let`s, once for each type that a `let` is used as. Unused ones have no expected type.
    pub(super) fn lets(&mut self, files: &'a [Arc<File>]) {
        while let Some((name, ty)) = self.waiting.pop() {
            if let Some(found) = self.names.get_let(name) {
                self.value(&found.value, &ty, Scope::Everywhere);
            }
        }
        let lets = files.iter().flat_map(|file| &file.items).filter_map(|item| match item {
            Item::Let(found) => Some(found),
            Item::Use(_) | Item::Decl(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
        });
        let unused: Vec<&Let> = lets
            .filter(|found| {
                let name = found.name.text.as_str();
                // Names refer to the first `let` of a name, so a duplicate is always unused.
                !self.uses.contains_key(name)
                    || self.names.get_let(name).is_some_and(|first| !std::ptr::eq(first, *found))
            })
            .collect();
        for found in unused {
            self.value(&found.value, &Ty::Error, Scope::Everywhere);
        }
        while let Some((name, ty)) = self.waiting.pop() {
            if let Some(found) = self.names.get_let(name) {
                self.value(&found.value, &ty, Scope::Everywhere);
            }
        }
    }
}
