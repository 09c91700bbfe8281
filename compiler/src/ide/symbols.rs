//! The outline of a file, and the search for declarations of a project.

use asiaq_lang::ast::{Body, Decl, Expr, FieldDecl, Item, Member};
use asiaq_lang::{FileId, Span};

use super::Analysis;
use crate::explain::on_one_line;
use crate::library;
use crate::library::kinds;

/// Characters of a value beside a name.
const DETAIL: usize = 60;

/// A declared symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineSymbol {
    /// Name of the symbol, or its kind if it has no name.
    pub name: String,
    /// Kind and parent of a declaration; the value of a field.
    pub detail: Option<String>,
    /// Kind of the symbol.
    pub kind: SymbolKind,
    /// Span of the whole declaration.
    pub span: Span,
    /// Span of the name.
    pub selection: Span,
    /// Symbols that are declared inside it.
    pub children: Vec<OutlineSymbol>,
}

/// Kind of a declared symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A project.
    Project,
    /// An environment.
    Environment,
    /// An envtype.
    Envtype,
    /// A metanetwork.
    Network,
    /// A hostclass.
    Hostclass,
    /// Any other named declaration.
    Declaration,
    /// A block without a name, such as `dhcp`.
    Block,
    /// A block of overrides.
    Override,
    /// A statement of a policy.
    Statement,
    /// A field.
    Field,
    /// A `let`.
    Let,
    /// A test of the network.
    Expect,
    /// A kind, in the library.
    Kind,
}

impl Analysis {
    /// Symbols that a file declares, in order.
    pub fn symbols(&self, file: FileId) -> Vec<OutlineSymbol> {
        let Some(tree) = self.tree(file) else { return Vec::new() };
        tree.items.iter().filter_map(|item| self.item(item)).collect()
    }

    /// Symbols of the project whose names contain the letters of `query` in order, the closest match first. They have
    /// no children. Symbols of the library are omitted.
    pub fn find_symbols(&self, query: &str) -> Vec<OutlineSymbol> {
        let mut found = Vec::new();
        for file in self.sources().ids().filter(|file| !library::is_schema(*file)) {
            for symbol in self.symbols(file) {
                closest(query, symbol, "", &mut found);
            }
        }
        // The sort is stable: equally close symbols stay in source order.
        found.sort_by_key(|(distance, _)| *distance);
        found.into_iter().map(|(_, symbol)| symbol).collect()
    }

    fn item(&self, item: &Item) -> Option<OutlineSymbol> {
        Some(match item {
            Item::Use(_) | Item::Moved(_) => return None,
            Item::Let(found) => OutlineSymbol {
                name: found.name.text.clone(),
                detail: Some(self.shown(&found.value)),
                kind: SymbolKind::Let,
                span: found.span,
                selection: found.name.span,
                children: Vec::new(),
            },
            Item::Decl(decl) => self.decl(decl),
            Item::Expect(expect) => OutlineSymbol {
                name: expect.context.text.clone(),
                detail: Some("expect".to_owned()),
                kind: SymbolKind::Expect,
                span: expect.span,
                selection: expect.context.span,
                children: Vec::new(),
            },
            Item::Kind(kind) => OutlineSymbol {
                name: kind.name.text.clone(),
                detail: Some("kind".to_owned()),
                kind: SymbolKind::Kind,
                span: kind.span,
                selection: kind.name.span,
                children: kind.fields.iter().map(|field| self.schema_field(field)).collect(),
            },
        })
    }

    fn decl(&self, decl: &Decl) -> OutlineSymbol {
        let named = decl.name.as_ref().unwrap_or(&decl.kind);
        let detail = match (&decl.name, &decl.parent) {
            (Some(_), Some(parent)) => Some(format!("{} : {}", decl.kind.text, parent.text)),
            (Some(_), None) => Some(decl.kind.text.clone()),
            (None, _) => None,
        };
        let mut children = Vec::new();
        self.members(&decl.body, &mut children);
        OutlineSymbol {
            name: named.text.clone(),
            detail,
            kind: match (decl.kind.text.as_str(), &decl.name) {
                (_, None) => SymbolKind::Block,
                (kinds::PROJECT, _) => SymbolKind::Project,
                (kinds::ENV, _) => SymbolKind::Environment,
                (kinds::ENVTYPE, _) => SymbolKind::Envtype,
                (kinds::METANETWORK, _) => SymbolKind::Network,
                (kinds::HOSTCLASS, _) => SymbolKind::Hostclass,
                _ => SymbolKind::Declaration,
            },
            span: decl.span,
            selection: named.span,
            children,
        }
    }

    fn members(&self, body: &Body, into: &mut Vec<OutlineSymbol>) {
        for member in &body.members {
            into.push(match member {
                Member::Decl(decl) => self.decl(decl),
                Member::Field(setting) => {
                    let name = setting
                        .context
                        .as_ref()
                        .map_or(setting.name.span, |context| setting.name.span.to(context.span));
                    OutlineSymbol {
                        name: on_one_line(self.sources().slice(name)),
                        detail: Some(self.shown(&setting.value)),
                        kind: SymbolKind::Field,
                        span: setting.span,
                        selection: setting.name.span,
                        children: Vec::new(),
                    }
                }
                Member::Override(inner) => {
                    let mut children = Vec::new();
                    self.members(&inner.body, &mut children);
                    OutlineSymbol {
                        name: on_one_line(self.sources().slice(inner.context.span)),
                        detail: None,
                        kind: SymbolKind::Override,
                        span: inner.span,
                        selection: inner.context.span,
                        children,
                    }
                }
                Member::Statement(statement) => OutlineSymbol {
                    name: on_one_line(
                        self.sources().slice(statement.effect_span.to(statement.actions.value.span)),
                    ),
                    detail: statement.text.as_ref().map(|text| self.shown(text)),
                    kind: SymbolKind::Statement,
                    span: statement.span,
                    selection: statement.effect_span,
                    children: Vec::new(),
                },
            });
        }
    }

    fn schema_field(&self, field: &FieldDecl) -> OutlineSymbol {
        OutlineSymbol {
            name: field.name.text.clone(),
            detail: Some(self.sources().slice(field.ty.span).to_owned()),
            kind: SymbolKind::Field,
            span: field.span,
            selection: field.name.span,
            children: Vec::new(),
        }
    }

    /// A value on one line, cut where it is long.
    fn shown(&self, value: &Expr) -> String {
        let text = on_one_line(self.sources().slice(value.span));
        if text.chars().count() <= DETAIL {
            return text;
        }
        let cut: String = text.chars().take(DETAIL - 1).collect();
        cut + "…"
    }
}

/// Adds `symbol` and the named symbols in it that `query` may mean, each with how far it is.
fn closest(query: &str, mut symbol: OutlineSymbol, within: &str, found: &mut Vec<(usize, OutlineSymbol)>) {
    let children = std::mem::take(&mut symbol.children);
    for child in children {
        match child.kind {
            SymbolKind::Network | SymbolKind::Declaration => closest(query, child, &symbol.name, found),
            SymbolKind::Project
            | SymbolKind::Environment
            | SymbolKind::Envtype
            | SymbolKind::Hostclass
            | SymbolKind::Block
            | SymbolKind::Override
            | SymbolKind::Statement
            | SymbolKind::Field
            | SymbolKind::Let
            | SymbolKind::Expect
            | SymbolKind::Kind => {}
        }
    }
    if let Some(distance) = distance(query, &symbol.name) {
        if !within.is_empty() {
            let kind = symbol.detail.unwrap_or_default();
            symbol.detail = Some(format!("{kind} in {within}"));
        }
        found.push((distance, symbol));
    }
}

/// How far a name is from a query whose letters it has in their order: the letters between them, and before
/// them twice.
fn distance(query: &str, name: &str) -> Option<usize> {
    let mut letters = name.chars().enumerate();
    let (mut first, mut last) = (None, 0);
    let mut count = 0;
    for wanted in query.chars().filter(|c| !c.is_whitespace()) {
        let (at, _) = letters.find(|(_, letter)| letter.eq_ignore_ascii_case(&wanted))?;
        first = first.or(Some(at));
        last = at;
        count += 1;
    }
    let Some(first) = first else { return Some(0) };
    let after = name.chars().count() - last - 1;
    Some((first * 2 + (last + 1 - first - count)) * 64 + after.min(63))
}
