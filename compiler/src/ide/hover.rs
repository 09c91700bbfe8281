//! The text that explains the symbol under the pointer.

mod declarations;
mod literals;
mod networks;
mod phrases;
mod schema;
mod statements;
mod words;

use asiaq_lang::Span;
use asiaq_lang::ast::{Decl, ExprKind};

use super::cursor_context::{CursorContext, has_variables};
use super::index::{Occurrence, Symbol};
use super::{Analysis, Offset, markdown, values};
use crate::library;

/// The explanation of a symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The symbol.
    pub span: Span,
    /// The explanation, in Markdown.
    pub markdown: String,
}

impl Analysis {
    /// The explanation of the symbol at a place.
    pub fn hover(&self, at: Offset) -> Option<Hover> {
        let cursor = CursorContext::find(self.tree(at.file)?, at.at);
        if let Some(found) = cursor.statement.and_then(|statement| statements::hover(statement, at.at)) {
            return Some(found);
        }
        if let Some((occurrence, symbol)) = self.name_at(at) {
            let markdown = self.hover_text(occurrence, symbol, &cursor);
            if !markdown.is_empty() {
                return Some(Hover { span: occurrence.span, markdown });
            }
        }
        // A value without an explanation may be part of one that has one.
        cursor.values.iter().rev().find_map(|value| {
            let markdown = self.value_text(value, &cursor);
            (!markdown.is_empty()).then_some(Hover { span: value.span, markdown })
        })
    }

    fn hover_text(
        &self,
        occurrence: &Occurrence,
        symbol: &Symbol<String>,
        cursor: &CursorContext<'_>,
    ) -> String {
        match symbol {
            Symbol::Kind(kind) => self.kind_text(kind),
            Symbol::Field(kind, field) => {
                let path = cursor.setting.and_then(|setting| values::path(&cursor.decls, &setting.name.text));
                self.field_text(kind, field, path.as_ref())
            }
            Symbol::Let(name) => self.let_text(name),
            Symbol::Declared(kind, name) => self.declared_text(kind, name),
            Symbol::Nested(kind, name, _) => {
                let owner = self.index().owner(occurrence);
                self.nested_text(kind, name, owner, occurrence, cursor)
            }
            Symbol::Variable(path) => self.variable_text(path, cursor),
            Symbol::File(file) => self.file_text(*file),
            Symbol::Type(name) => words::ty(name),
            Symbol::Region(name) => words::region(name),
            Symbol::Protocol(_) => self.rule_around(cursor),
            Symbol::Code(code) => words::code(code),
            Symbol::Word(word) if library::is_instance_type(word) => words::instance_type(word),
            Symbol::Word(word) => match self.route_around(cursor) {
                text if text.is_empty() => words::word(word),
                text => text,
            },
        }
    }

    /// Explains a variable of a text, with its value in each environment.
    fn variable_text(&self, path: &str, cursor: &CursorContext<'_>) -> String {
        let rows: Vec<(String, String)> = self
            .environments_at(cursor)
            .into_iter()
            .filter_map(|env| Some((env.name.clone(), self.variable(path, env)?)))
            .collect();
        let title = markdown::program(&format!("${{{path}}}"));
        markdown::paragraphs([title, words::variable(path), by_environment("Value", rows)])
    }
}

/// A value for each environment: one sentence where all agree, else a table.
fn by_environment(heading: &str, rows: Vec<(String, String)>) -> String {
    let first = rows.first().map(|(_, value)| value.clone());
    match first {
        None => String::new(),
        Some(value) if rows.iter().all(|(_, other)| *other == value) => {
            let envs: Vec<&str> = rows.iter().map(|(env, _)| env.as_str()).collect();
            format!("{} in {}", markdown::value(&value), markdown::names(&envs))
        }
        Some(_) => {
            let rows: Vec<[String; 2]> = rows
                .into_iter()
                .map(|(env, value)| [markdown::code(&env), markdown::value(&value)])
                .collect();
            markdown::table(["Environment", heading], &rows)
        }
    }
}

/// Documentation as one paragraph after the other.
fn docs(lines: &[String]) -> String {
    lines.join("\n")
}

/// `env ci : sandbox`
fn heading(decl: &Decl) -> String {
    let mut text = decl.kind.text.clone();
    if let Some(name) = &decl.name {
        text = format!("{text} {}", name.text);
    }
    match &decl.parent {
        Some(parent) => format!("{text} : {}", parent.text),
        None => text,
    }
}

/// Whether a value is a text with variables in it.
fn is_template(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::String(parts) if has_variables(parts))
}
