//! Checks of each declaration on its own: kinds, fields, contexts, types of values.
//!
//! Each value is typed here once, in however many environments it is used.

mod neighbours;
mod runs;

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::ACCOUNT_SEGMENT;
use asiaq_lang::ast::{Body, Context, Decl, Expr, ExprKind, File, Item, Member, Name, Setting};
use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::library::kinds::{self, BLOCKS, ENDPOINT_NAMES, INHERITABLE, REPEATABLE, STATEMENTS};
use crate::names::{self, Names};
use crate::schema::{FieldSchema, KindSchema, Schemas};
use crate::types::Ty;
use crate::typing::Typer;
use crate::value::Value;

/// Checks every declaration of `files`.
pub(crate) fn check(files: &[Arc<File>], schemas: &Schemas, names: &Names<'_>) -> Vec<Diagnostic> {
    let mut checker = Checker { schemas, names, diagnostics: Vec::new(), namesakes: BTreeMap::new() };
    for item in files.iter().flat_map(|file| &file.items) {
        match item {
            Item::Decl(decl) => checker.decl(decl, None, Overrides::Allowed, None),
            Item::Let(found) => {
                let Some(expected) = &found.ty else {
                    checker.literals(&found.value);
                    continue;
                };
                match Ty::of(expected, &|name| schemas.kind(name).is_some()) {
                    Some(ty) => checker.value(&found.value, &ty),
                    None => checker.diagnostics.push(errors::unknown_type(expected)),
                }
            }
            // A kind is the library's own; a project's are reported by the workspace that knows which is
            // which. Claims and moves are read where the environments are known.
            Item::Use(_) | Item::Kind(_) | Item::Expect(_) | Item::Moved(_) => {}
        }
    }
    for (name, networks) in &checker.namesakes {
        if let Some(found) = names.get_let(name) {
            checker.diagnostics.push(errors::let_and_networks(&found.name, networks));
        }
    }
    checker.diagnostics
}

/// The declarations nested in a body.
fn decls(body: &Body) -> impl Iterator<Item = &Decl> {
    body.members.iter().filter_map(|member| match member {
        Member::Decl(decl) => Some(decl),
        Member::Field(_) | Member::Override(_) | Member::Statement(_) => None,
    })
}

/// Whether overrides (`@`) are allowed in a body.
#[derive(Clone, Copy, PartialEq)]
enum Overrides<'a> {
    Allowed,
    /// Inside an environment or envtype, which is itself the place for what differs.
    InEnvironment(&'a Name),
    /// Inside an account, which is the same for all environments.
    InAccount(&'a Name),
}

struct Checker<'a, 'b> {
    schemas: &'b Schemas,
    names: &'b Names<'a>,
    diagnostics: Vec<Diagnostic>,
    /// Metanetworks that are called as a `let` is, by its name.
    namesakes: BTreeMap<String, Vec<Span>>,
}

impl Checker<'_, '_> {
    /// Checks a declaration; `context` is that of the override block around it, if there is one.
    fn decl(
        &mut self,
        decl: &Decl,
        parent: Option<&str>,
        overrides: Overrides<'_>,
        context: Option<&Context>,
    ) {
        let kind = decl.kind.text.as_str();
        let Some(schema) = self.schemas.kind(kind) else {
            let field = parent.and_then(|parent| self.schemas.kind(parent)?.field(kind));
            if let Some(field) = field {
                self.diagnostics.push(errors::field_as_block(&decl.kind, &field.ty));
                return;
            }
            let known: Vec<&str> = self.schemas.allowed_in(parent).collect();
            let others: Vec<&str> = self.schemas.all().map(|kind| kind.name.as_str()).collect();
            self.diagnostics.push(errors::unknown_kind(&decl.kind, parent, &known, &others));
            return;
        };
        if !schema.fits(parent) {
            self.diagnostics.push(errors::misplaced_kind(&decl.kind, parent, &schema.parents));
            return;
        }
        self.heading(decl, parent);
        match &decl.value {
            Some(value) => match schema.value() {
                Some(field) => self.value(value, &field.ty),
                None if value.kind == ExprKind::Error => {}
                None => self.diagnostics.push(errors::body_expected(kind, value.span)),
            },
            None if schema.value().is_some() => {
                self.diagnostics.push(errors::value_expected(&decl.kind, names::name_span(decl)));
                return;
            }
            None => {}
        }
        let overrides = match &decl.name {
            Some(name) if names::is_environment(kind) => Overrides::InEnvironment(name),
            Some(name) if names::is_account(kind) => Overrides::InAccount(name),
            _ => overrides,
        };
        self.body(schema, &decl.body, overrides, context);
    }

    /// Name, parent and `replace` of a declaration.
    fn heading(&mut self, decl: &Decl, parent: Option<&str>) {
        let kind = decl.kind.text.as_str();
        match &decl.name {
            Some(name) if BLOCKS.contains(&kind) => {
                self.diagnostics.push(errors::block_with_name(kind, name));
            }
            None if !BLOCKS.contains(&kind) && !REPEATABLE.contains(&kind) => {
                self.diagnostics.push(errors::missing_name(&decl.kind));
            }
            Some(name) if names::is_environment(kind) && name.text.contains('_') => {
                self.diagnostics.push(errors::underscore_in_environment(name));
            }
            Some(name) if names::is_environment(kind) && name.text.starts_with("sg-") => {
                self.diagnostics.push(errors::group_prefix_in_environment(name));
            }
            // An address that begins so belongs to an account.
            Some(name) if names::is_environment(kind) && name.text == ACCOUNT_SEGMENT => {
                self.diagnostics.push(errors::path_word("environment", name));
            }
            Some(name) if kind == kinds::ENDPOINT && !ENDPOINT_NAMES.contains(&name.text.as_str()) => {
                self.diagnostics.push(errors::unknown_endpoint(name, ENDPOINT_NAMES));
            }
            Some(name) if kind == kinds::RUN && self.names.get(kinds::HOSTCLASS, &name.text).is_none() => {
                let known: Vec<&str> = self.names.of_kind(kinds::HOSTCLASS).collect();
                self.diagnostics.push(errors::unknown_reference(
                    name.span,
                    kinds::HOSTCLASS,
                    &name.text,
                    &known,
                ));
            }
            Some(name) if kind == kinds::METANETWORK => {
                names::check_network(name, &mut self.diagnostics);
                if let Some(found) = self.names.get_let(&name.text) {
                    self.namesakes.entry(found.name.text.clone()).or_default().push(name.span);
                }
            }
            Some(_) | None => {}
        }
        if let Some(heir) = &decl.parent
            && !INHERITABLE.contains(&kind)
        {
            self.diagnostics.push(errors::cannot_inherit(kind, heir, INHERITABLE));
        }
        if let (Some(replace), None) = (decl.replace, parent) {
            self.diagnostics.push(errors::replace_at_top(replace));
        }
        if INHERITABLE.contains(&kind) && parent.is_none() {
            self.replacements(decl);
        }
        if kind == kinds::PIPELINE {
            decl.name.iter().for_each(|name| names::check_pipeline(name, &mut self.diagnostics));
            runs::check(decl, &mut self.diagnostics);
        }
    }

    /// Checks that each `replace` declaration of `heir` has an inherited declaration to replace.
    fn replacements(&mut self, heir: &Decl) {
        let kind = heir.kind.text.as_str();
        let declared = heir.name.as_ref().and_then(|name| match kind {
            kinds::ENV | kinds::ENVTYPE => self.names.environment(&name.text),
            kinds::ACCOUNT | kinds::ACCOUNTTYPE => self.names.account(&name.text),
            _ => self.names.get(kind, &name.text),
        });
        // If an ancestor is undeclared, the inherited declarations are unknown.
        let Some(chain) = declared.and_then(|decl| self.names.whole_chain(decl)) else { return };
        let nested = |decl: &Decl, wanted: &Decl| {
            decls(&decl.body).any(|found| {
                let name = |decl: &Decl| decl.name.as_ref().map(|name| name.text.clone());
                found.kind.text == wanted.kind.text && name(found) == name(wanted)
            })
        };
        for decl in decls(&heir.body) {
            let Some(replace) = decl.replace else { continue };
            if !chain.iter().skip(1).any(|ancestor| nested(ancestor, decl)) {
                self.diagnostics.push(errors::replaces_nothing(replace, decl, heir));
            }
        }
    }

    fn body(
        &mut self,
        schema: &KindSchema,
        body: &Body,
        overrides: Overrides<'_>,
        context: Option<&Context>,
    ) {
        let mut settings: BTreeMap<(&str, Vec<&str>), Span> = BTreeMap::new();
        let mut nested: BTreeMap<(&str, Option<&str>), Span> = BTreeMap::new();
        for member in &body.members {
            match member {
                Member::Field(setting) => {
                    self.setting(schema, setting, overrides, context);
                    let key = (setting.name.text.as_str(), context_key(setting.context.as_ref()));
                    if let Some(first) = settings.get(&key) {
                        self.diagnostics.push(errors::set_twice(&setting.name, *first));
                    } else {
                        settings.insert(key, setting.name.span);
                    }
                }
                Member::Decl(decl) => {
                    self.decl(decl, Some(&schema.name), overrides, context);
                    let name = decl.name.as_ref().map(|name| name.text.as_str());
                    let key = (decl.kind.text.as_str(), name);
                    let is_another = name.is_none() && REPEATABLE.contains(&decl.kind.text.as_str());
                    if let Some(first) = nested.get(&key).filter(|_| !is_another) {
                        let at = decl.name.as_ref().unwrap_or(&decl.kind);
                        self.diagnostics.push(errors::declared_twice(&decl.kind.text, at, *first));
                    } else {
                        nested.insert(key, names::name_span(decl));
                    }
                }
                Member::Override(inner) => {
                    self.context(&inner.context, overrides, context);
                    self.body(schema, &inner.body, overrides, Some(&inner.context));
                }
                Member::Statement(statement) => {
                    let is_allowed = STATEMENTS.contains(&schema.name.as_str());
                    // One message is enough for one that is broken.
                    if !is_allowed && !statement.is_broken {
                        self.diagnostics.push(errors::misplaced_statement(statement, &schema.name));
                    }
                }
            }
        }
    }

    fn setting(
        &mut self,
        schema: &KindSchema,
        setting: &Setting,
        overrides: Overrides<'_>,
        outer: Option<&Context>,
    ) {
        if let Some(context) = &setting.context {
            self.context(context, overrides, outer);
        }
        let Some(field) = schema.field(&setting.name.text) else {
            let known: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
            let elsewhere = self.elsewhere(schema, setting);
            let found = self
                .block_as_field(schema, setting, &elsewhere)
                .unwrap_or_else(|| errors::unknown_field(&setting.name, &schema.name, &known, &elsewhere));
            self.diagnostics.push(found);
            return;
        };
        if setting.op == asiaq_lang::ast::Op::Append && !matches!(field.ty.required(), Ty::List(_)) {
            self.diagnostics.push(errors::append_to_one(&setting.name, setting.span));
        }
        self.bounded(&setting.value, field);
    }

    fn context(&mut self, context: &Context, overrides: Overrides<'_>, outer: Option<&Context>) {
        let misplaced = match overrides {
            Overrides::InEnvironment(env) => Some(errors::override_in_environment(context.span, &env.text)),
            Overrides::InAccount(account) => Some(errors::override_in_account(context.span, &account.text)),
            Overrides::Allowed => None,
        };
        if let Some(found) = misplaced {
            self.diagnostics.push(found);
            return;
        }
        if let Some(outer) = outer {
            self.diagnostics.push(errors::nested_override(context.span, outer.span));
        }
        for name in &context.names {
            if self.names.environment(&name.text).is_none() {
                let known: Vec<&str> =
                    self.names.of_kind(kinds::ENV).chain(self.names.of_kind(kinds::ENVTYPE)).collect();
                self.diagnostics.push(errors::unknown_environment(name, &known));
            }
        }
    }

    fn bounded(&mut self, expr: &Expr, field: &FieldSchema) {
        let mut typer = Typer::new(self.names, None);
        let value = typer.value(expr, &field.ty);
        if let Some(Expr { kind: ExprKind::Range(low, high), .. }) = &field.bounds
            && let Some(value) = magnitude(&value)
            && let Some(least) = magnitude(&typer.value(low, &field.ty))
            && let Some(most) = magnitude(&typer.value(high, &field.ty))
            && !(least..=most).contains(&value)
        {
            typer.diagnostics.push(errors::out_of_bounds(expr.span, &field.name, &shown(low), &shown(high)));
        }
        self.diagnostics.append(&mut typer.diagnostics);
    }

    fn is_sound(&self, expr: &Expr, ty: &Ty) -> bool {
        let mut typer = Typer::new(self.names, None);
        typer.value(expr, ty) != Value::Error && typer.diagnostics.is_empty()
    }

    fn value(&mut self, expr: &Expr, ty: &Ty) {
        let mut typer = Typer::new(self.names, None);
        typer.value(expr, ty);
        self.diagnostics.append(&mut typer.diagnostics);
    }

    /// Checks the literals of a value that no field has asked for yet.
    fn literals(&mut self, expr: &Expr) {
        let ty = match &expr.kind {
            ExprKind::Cidr(_) => Ty::Cidr,
            ExprKind::Ip(_) => Ty::Ip,
            ExprKind::Range(..) => Ty::PortRange,
            ExprKind::Window(text) if text.starts_with(|c: char| c.is_ascii_digit()) => Ty::DailyWindow,
            ExprKind::Window(_) => Ty::Window,
            ExprKind::Rule(_) => Ty::Rule,
            ExprKind::Route(_) => Ty::Route,
            ExprKind::Link(..) => Ty::Peering,
            ExprKind::Phrase(word, _) if word.text == "cookie" => Ty::Sticky,
            ExprKind::Phrase(word, _) if word.text == "credential" => Ty::Credential,
            ExprKind::Phrase(word, _) if matches!(word.text.as_str(), "parameters" | "secrets_manager") => {
                Ty::SecretStore
            }
            ExprKind::Phrase(word, _) if word.text == "file" => Ty::Script,
            ExprKind::Phrase(word, _) if word.text == "dir" => Ty::Folder,
            ExprKind::Phrase(word, _) if word.text == "url" => Ty::Metadata,
            ExprKind::Phrase(..) | ExprKind::Arrow(..) | ExprKind::Redirect(..) => Ty::Listener,
            ExprKind::Timed(..) => Ty::Capacity,
            ExprKind::Condition(_) => Ty::Condition,
            ExprKind::String(_) => Ty::String,
            ExprKind::Auto { .. } => Ty::Allocation,
            ExprKind::List(items) => {
                for item in items {
                    self.literals(item);
                }
                return;
            }
            ExprKind::Record(settings) => {
                let mut typer = Typer::new(self.names, None);
                typer.keys(settings);
                self.diagnostics.append(&mut typer.diagnostics);
                return;
            }
            ExprKind::Error
            | ExprKind::Name(_)
            | ExprKind::Int(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(..)
            | ExprKind::Path(..)
            | ExprKind::Offset(_)
            | ExprKind::Sum(..) => return,
        };
        self.value(expr, &ty);
    }
}

fn context_key(context: Option<&Context>) -> Vec<&str> {
    let mut names: Vec<&str> = context
        .map(|context| context.names.iter().map(|name| name.text.as_str()).collect())
        .unwrap_or_default();
    names.sort_unstable();
    names
}

/// How large a value is, in its unit.
fn magnitude(value: &Value) -> Option<f64> {
    // Bounds are small numbers, which a float holds exactly.
    #[allow(clippy::cast_precision_loss)]
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Duration(number) | Value::Size(number) => Some(*number as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// A bound as it is written.
fn shown(bound: &Expr) -> String {
    match &bound.kind {
        ExprKind::Int(text) | ExprKind::Number(text) => text.clone(),
        ExprKind::Quantity(text, unit) => format!("{text}{unit}"),
        _ => String::new(),
    }
}
