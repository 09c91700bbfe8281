//! The value of a field in each environment, and the place that sets it.

use asiaq_lang::Span;
use asiaq_lang::ast::{Decl, Op, Setting};

use super::Analysis;
use super::cursor_context::{CursorContext, setting_at};
use super::markdown;
use crate::explain::on_one_line;
use crate::library;
use crate::library::kinds;
use crate::model::Environment;
use crate::names::is_environment;

/// A field of a declaration, by its path in the provenance of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The environment or envtype it is in; nothing if it applies to every environment.
    pub(super) owner: Option<String>,
    /// The part of the path before the field, as in `intranet.` or `dhcp.`; may be empty.
    prefix: String,
    /// The kind it is a field of.
    pub(super) kind: String,
    pub(super) field: String,
}

/// The value of a field in an environment.
#[derive(Clone, Debug)]
pub(super) struct Effective<'a> {
    pub(super) env: &'a Environment,
    /// As it is written.
    pub(super) value: String,
    /// The places that set it, the winner first.
    pub(super) chain: &'a [Span],
}

/// The path of field `field` of the innermost of `decls`, which are ordered from the outside to the inside.
pub(super) fn path(decls: &[&Decl], field: &str) -> Option<Path> {
    let named = |decl: &Decl| decl.name.as_ref().map(|name| name.text.clone());
    let (owner, prefix, kind) = match decls {
        [top] if is_environment(&top.kind.text) => (named(top), String::new(), kinds::ENV),
        [top] if top.kind.text == kinds::PROJECT => (None, "project.".to_owned(), kinds::PROJECT),
        [top] => (None, named(top)? + ".", top.kind.text.as_str()),
        [top, inner, inside @ ..] if is_environment(&top.kind.text) => {
            let kind = inner.kind.text.as_str();
            let prefix = match named(inner) {
                Some(name) if kind == kinds::METANETWORK => format!("{name}."),
                Some(name) => format!("{kind}.{name}."),
                None => format!("{kind}."),
            };
            let last = inside.last().unwrap_or(inner);
            (named(top), prefix + &within(inside), last.kind.text.as_str())
        }
        [top, _, run, inside @ ..] if top.kind.text == kinds::PIPELINE && run.kind.text == kinds::RUN => {
            let last = inside.last().unwrap_or(run);
            (None, format!("{}.run.{}", named(run)?, within(inside)), last.kind.text.as_str())
        }
        [top, inside @ ..] if top.kind.text != kinds::PIPELINE => {
            let last = inside.last().unwrap_or(top);
            (None, format!("{}.{}", named(top)?, within(inside)), last.kind.text.as_str())
        }
        _ => return None,
    };
    Some(Path { owner, prefix, kind: kind.to_owned(), field: field.to_owned() })
}

/// The path of nested declarations within the outermost one, with a dot at its end: `disk.data.`.
fn within(decls: &[&Decl]) -> String {
    let part = |decl: &&Decl| match &decl.name {
        Some(name) => format!("{}.{}.", decl.kind.text, name.text),
        None => format!("{}.", decl.kind.text),
    };
    decls.iter().map(part).collect()
}

impl Analysis {
    /// The environment `owner`, or the environments of envtype `owner`; all of them if there is none.
    pub(super) fn environments(&self, owner: Option<&str>) -> Vec<&Environment> {
        let model = &self.checked.model;
        match owner {
            Some(owner) => model.environments_of(owner).collect(),
            None => model.environments.iter().collect(),
        }
    }

    /// The environments that a place applies to.
    pub(super) fn environments_at(&self, cursor: &CursorContext<'_>) -> Vec<&Environment> {
        if let Some(owner) = cursor.owner() {
            return self.environments(owner.name.as_ref().map(|name| name.text.as_str()));
        }
        let Some(context) = cursor.context else { return self.environments(None) };
        let mut found: Vec<&Environment> =
            context.names.iter().flat_map(|name| self.environments(Some(&name.text))).collect();
        found.dedup_by(|a, b| a.name == b.name);
        found
    }

    /// For each environment that has a field, the places that set it, the winner first.
    pub(super) fn chains(&self, path: &Path) -> impl Iterator<Item = (&Environment, &[Span])> {
        let key = format!("{}{}", path.prefix, path.field);
        let envs = self.environments(path.owner.as_deref()).into_iter();
        envs.filter_map(move |env| Some((env, env.provenance.get(&key)?)))
    }

    /// The value of a field in each environment that has it.
    pub(super) fn effective(&self, path: &Path) -> Vec<Effective<'_>> {
        self.chains(path)
            .map(|(env, chain)| Effective { env, value: self.value_of(path, chain), chain })
            .collect()
    }

    /// The setting that a chain of provenance cites.
    pub(super) fn setting_at(&self, span: Span) -> Option<&Setting> {
        setting_at(self.tree(span.file)?, span)
    }

    /// The value of a chain of settings as it is written: the last value that was set and everything appended to it.
    pub(super) fn value_of(&self, path: &Path, chain: &[Span]) -> String {
        let mut parts = Vec::new();
        for span in chain {
            if library::is_schema(span.file) {
                parts.extend(self.default_of(&path.kind, &path.field));
                break;
            }
            let Some(setting) = self.setting_at(*span) else { break };
            parts.push(on_one_line(self.sources().slice(setting.value.span)));
            if setting.op == Op::Set {
                break;
            }
        }
        parts.reverse();
        parts.join(" + ")
    }

    /// Text of a program with the values of an environment in place of its variables.
    fn filled(&self, text: &str, env: &Environment) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let variable = after.split_once('}').filter(|_| !before.ends_with('\\'));
            let value = variable.and_then(|(path, tail)| Some((self.variable(path, env)?, tail)));
            rest = if let Some((value, tail)) = value {
                filled.push_str(&value);
                tail
            } else {
                filled.push_str("${");
                after
            };
        }
        filled + rest
    }

    /// The value of a variable in an environment.
    pub(super) fn variable(&self, path: &str, env: &Environment) -> Option<String> {
        Some(match path {
            "env.name" => env.name.clone(),
            "env.type" => env.types.first().cloned().unwrap_or_default(),
            "project.name" => self.checked.model.project.clone(),
            "project.domain" | "project.region" | "project.team" => {
                let (project, field) = path.split_once('.')?;
                env.provenance.text(project, field)?.value
            }
            _ => return None,
        })
    }

    /// The default of a field, as it is written.
    pub(super) fn default_of(&self, kind: &str, field: &str) -> Option<String> {
        let field = self.schemas.kind(kind)?.field(field)?;
        let default = field.default.as_ref()?;
        Some(self.sources().slice(default.span).to_owned())
    }

    /// `file:line`, or `the default`.
    pub(super) fn place(&self, span: Span) -> String {
        if library::is_schema(span.file) {
            return "the default".to_owned();
        }
        format!("{}:{}", self.sources().path(span.file), self.sources().start(span).line)
    }

    /// The values of a field as Markdown: one sentence if all environments agree, else a table.
    pub(super) fn values_text(&self, path: &Path) -> String {
        let effective = self.effective(path);
        let mut rows: Vec<(Vec<&str>, String, Span)> = Vec::new();
        for found in &effective {
            let place = found.chain.first().copied().unwrap_or_default();
            let filled = self.filled(&found.value, found.env);
            match rows.iter_mut().find(|(_, value, at)| *value == filled && *at == place) {
                Some((envs, ..)) => envs.push(&found.env.name),
                None => rows.push((vec![&found.env.name], filled, place)),
            }
        }
        match rows.as_slice() {
            [] => String::new(),
            [(envs, value, place)] => {
                let envs = match envs.as_slice() {
                    [one] => format!("In {}", markdown::code(one)),
                    _ if path.owner.is_none() => "In every environment".to_owned(),
                    many => format!("In {}", markdown::names(many)),
                };
                format!("{envs}: {} ({})", markdown::value(value), self.place(*place))
            }
            _ => {
                let rows: Vec<[String; 3]> = rows
                    .iter()
                    .map(|(envs, value, place)| {
                        [markdown::names(envs), markdown::value(value), self.place(*place)]
                    })
                    .collect();
                markdown::table(["Environment", "Value", "Set in"], &rows)
            }
        }
    }
}
