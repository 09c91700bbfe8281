//! What is told about the thing under the pointer.

mod literals;
mod networks;
mod phrases;
mod schema;
mod things;
mod words;

use asiaq_lang::Span;
use asiaq_lang::ast::{Decl, ExprKind};

use super::index::{Site, Thing};
use super::spot::{Spot, has_variables};
use super::{Analysis, Offset, markdown, values};
use crate::library;
use crate::model::Environment;

/// What is told about a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The thing.
    pub span: Span,
    /// What there is to say, in Markdown.
    pub markdown: String,
}

impl Analysis {
    /// What is told about the thing at a place.
    pub fn hover(&self, at: Offset) -> Option<Hover> {
        let spot = Spot::find(self.tree(at.file)?, at.at);
        if let Some((site, thing)) = self.name_at(at) {
            let markdown = self.hover_text(site, thing, &spot);
            if !markdown.is_empty() {
                return Some(Hover { span: site.span, markdown });
            }
        }
        // What has nothing to say may be part of something that has.
        spot.values.iter().rev().find_map(|value| {
            let markdown = self.told_of_value(value, &spot);
            (!markdown.is_empty()).then_some(Hover { span: value.span, markdown })
        })
    }

    fn hover_text(&self, site: &Site, thing: &Thing<String>, spot: &Spot<'_>) -> String {
        match thing {
            Thing::Kind(kind) => self.kind_told(kind),
            Thing::Field(kind, field) => {
                let path = spot.setting.and_then(|setting| values::path(&spot.decls, &setting.name.text));
                self.field_told(kind, field, path.as_ref())
            }
            Thing::Let(name) => self.let_told(name),
            Thing::Declared(kind, name) => self.declared_told(kind, name),
            Thing::Nested(kind, name, _) => {
                let owner = self.index().owner(site);
                self.nested_told(kind, name, owner, site, spot)
            }
            Thing::Variable(path) => self.variable_told(path, spot),
            Thing::File(file) => self.file_told(*file),
            Thing::Type(name) => words::ty(name),
            Thing::Region(name) => words::region(name),
            Thing::Protocol(_) => self.rule_around(spot),
            Thing::Code(code) => words::code(code),
            Thing::Word(word) if library::instance_types().contains_key(word.as_str()) => {
                words::instance_type(word)
            }
            Thing::Word(word) => match self.route_around(spot) {
                told if told.is_empty() => words::word(word),
                told => told,
            },
        }
    }

    /// What the variable of a text is in each environment.
    fn variable_told(&self, path: &str, spot: &Spot<'_>) -> String {
        let rows: Vec<(String, String)> = self
            .environments_at(spot)
            .into_iter()
            .filter_map(|env| Some((env.name.clone(), self.variable(path, env)?)))
            .collect();
        let title = markdown::program(&format!("${{{path}}}"));
        markdown::paragraphs([title, words::variable(path), by_environment("Value", rows)])
    }

    /// What a variable stands for in an environment.
    fn variable(&self, path: &str, env: &Environment) -> Option<String> {
        Some(match path {
            "env.name" => env.name.clone(),
            "env.type" => env.types.first().cloned().unwrap_or_default(),
            "project.name" => self.checked.model.project.clone(),
            "project.region" => {
                let chain = env.provenance.get("project.region")?;
                let said = self.sources().slice(*chain.first()?);
                said.split_once('=')?.1.trim().trim_matches('"').to_owned()
            }
            _ => return None,
        })
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
