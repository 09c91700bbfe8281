//! Evaluates the fields of a declaration in one environment: resolves, types and joins its settings.

use std::sync::Arc;

use asiaq_lang::ast::Setting;
use asiaq_lang::{Diagnostic, FileId, Span};

use crate::block::{Block, Hit, winners};
use crate::errors;
use crate::library::kinds;
use crate::names::Names;
pub(crate) use crate::resolved::Resolved;
use crate::schema::{FieldSchema, Schemas};
use crate::typing::{Typer, Variables};
use crate::value::{Spanned, TextFile, Value};

/// Evaluates declarations for one environment.
pub(crate) struct Evaluator<'a, 'b> {
    pub(crate) schemas: &'b Schemas,
    pub(crate) names: &'b Names<'a>,
    /// The environment and the envtypes it descends from, itself first.
    pub(crate) lineage: Vec<&'a str>,
    pub(crate) variables: Variables,
}

/// The fields of one thing, by name; a field that nothing sets and that has no default is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields {
    /// In order of name.
    values: Vec<(Arc<str>, Arc<Resolved<Value>>)>,
    /// Whether a text in them was put together with the environment's variables.
    varies: bool,
}

impl Evaluator<'_, '_> {
    /// The file that a text is from, if places in it can be shown.
    pub(crate) fn source_of(&self, text: &TextFile) -> Option<FileId> {
        let (base, path) = text.file.as_ref()?;
        self.names.source_of(*base, path)
    }

    /// Evaluates the fields of `block`, a thing of `kind` that is declared at `site`.
    pub(crate) fn fields(
        &self,
        kind: &str,
        block: &Block<'_>,
        site: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Fields {
        let mut fields = Fields::default();
        let Some(schema) = self.schemas.kind(kind) else { return fields };
        // An environment cannot contain overrides; any there have been reported.
        let is_scope = kind == kinds::ENV || schema.fits(Some(kinds::ENV));
        let lineage = if is_scope { &[] } else { self.lineage.as_slice() };
        let has_unknown = block.has_unknown(schema);
        fields.values.reserve_exact(schema.fields.len());
        for field in &schema.fields {
            let hits = block.hits(&field.name, lineage);
            if has_unknown
                && hits.is_empty()
                && let Some(place) = block.misspelt(kind, &field.name, schema)
            {
                // It is set, under a wrong name, which has been reported: nothing follows from its absence.
                let broken = Resolved { value: Value::Error, chain: vec![place] };
                fields.values.push((Arc::clone(&field.key), Arc::new(broken)));
                continue;
            }
            if hits.is_empty()
                && let Some(unset) = field.unset.get()
            {
                fields.values.push((Arc::clone(&field.key), Arc::clone(unset)));
                continue;
            }
            let reported = diagnostics.len();
            match self.field(field, &hits, diagnostics) {
                Some((set, varies)) => {
                    fields.varies |= varies;
                    let set = Arc::new(set);
                    if hits.is_empty() && !varies && reported == diagnostics.len() {
                        let _ = field.unset.set(Arc::clone(&set));
                    }
                    fields.values.push((Arc::clone(&field.key), set));
                }
                None if field.is_required() => {
                    diagnostics.push(errors::missing_field(site, kind, &field.name, &field.ty));
                }
                None => {}
            }
        }
        fields.values.sort_by(|(a, _), (b, _)| a.cmp(b));
        fields.values.shrink_to_fit();
        fields
    }

    /// The value of a field that `hits` decide, the strongest first; its mistakes have been reported.
    pub(crate) fn value(&self, field: &FieldSchema, hits: &[Hit<'_>]) -> Option<Value> {
        let (with_default, used) = winners(hits);
        let default = with_default.then_some(field.default.as_ref()).flatten();
        let exprs = default.into_iter().chain(used.iter().map(|setting| &setting.value));
        let mut typer = Typer::new(self.names, Some(&self.variables));
        exprs.map(|expr| typer.value(expr, &field.ty)).reduce(join)
    }

    /// The value of a field that `hits` decide, and whether it was put together with the environment's variables.
    fn field(
        &self,
        field: &FieldSchema,
        hits: &[Hit<'_>],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Resolved<Value>, bool)> {
        if let [first, second, ..] = hits
            && first.strength == second.strength
            // Without a context the field or its block is there twice, which has been reported.
            && first.is_override
        {
            let env = self.lineage.first().copied().unwrap_or_default();
            diagnostics.push(errors::ambiguous_override(second.setting, heading(first.setting), env));
        }
        let (with_default, used) = winners(hits);
        let default = with_default.then_some(field.default.as_ref()).flatten();
        let mut typer = Typer::new(self.names, Some(&self.variables));
        // Types were checked where the values stand; only what depends on the environment is news here.
        let mut parts: Vec<Value> = default.into_iter().map(|expr| typer.value(expr, &field.ty)).collect();
        parts.extend(used.iter().map(|setting| typer.value(&setting.value, &field.ty)));
        diagnostics.append(&mut typer.diagnostics);
        let varies = typer.asked;
        let value = parts.into_iter().reduce(join)?;
        let mut chain: Vec<Span> = hits.iter().map(|hit| hit.setting.span).collect();
        if default.is_some() {
            chain.push(field.span);
        }
        Some((Resolved { value, chain }, varies))
    }
}

/// The name and context of a setting.
fn heading(setting: &Setting) -> Span {
    setting.context.as_ref().map_or(setting.name.span, |context| setting.name.span.to(context.span))
}

/// The result of `+=` for two values.
fn join(base: Value, more: Value) -> Value {
    match (base, more) {
        (Value::List(mut base), Value::List(more)) => {
            base.extend(more);
            Value::List(base)
        }
        (_, more) => more,
    }
}

/// The accessors for the structs in [`crate::library::fields`]. `pick` is the function of [`Value`] for the field's
/// type.
impl Fields {
    fn get(&self, field: &str) -> Option<&Resolved<Value>> {
        let at = self.values.binary_search_by(|(name, _)| (**name).cmp(field)).ok()?;
        self.values.get(at).map(|(_, set)| &**set)
    }

    /// The value of a field; absent if nothing sets it or if it is broken.
    pub(crate) fn one<T>(&self, field: &str, pick: impl Fn(Value) -> Option<T>) -> Option<Resolved<T>> {
        let set = self.get(field)?;
        Some(Resolved { value: pick(set.value.clone())?, chain: set.chain.clone() })
    }

    /// The value of a field that has a default. The default also replaces a broken value.
    pub(crate) fn one_or<T>(
        &self,
        field: &str,
        pick: impl Fn(Value) -> Option<T>,
        default: T,
        site: Span,
    ) -> Resolved<T> {
        let chain = || self.chain(field).map_or_else(|| vec![site], <[Span]>::to_vec);
        self.one(field, pick).unwrap_or_else(|| Resolved { value: default, chain: chain() })
    }

    /// `stand_in` if the field is broken, so that it is not also reported as missing.
    pub(crate) fn broken<T>(&self, field: &str, stand_in: T) -> Option<Resolved<T>> {
        let chain = self.chain(field).filter(|_| self.is_broken(field))?;
        Some(Resolved { value: stand_in, chain: chain.to_vec() })
    }

    /// The sound items of a list that is never absent.
    pub(crate) fn items<T>(
        &self,
        field: &str,
        pick: impl Fn(Value) -> Option<T>,
        site: Span,
    ) -> Resolved<Vec<Spanned<T>>> {
        self.list(field, pick).unwrap_or_else(|| Resolved { value: Vec::new(), chain: vec![site] })
    }

    /// Whether a field is set to something broken, which has been reported.
    pub(crate) fn is_broken(&self, field: &str) -> bool {
        self.get(field).is_some_and(|set| set.value == Value::Error)
    }

    /// Whether the value of any field could not be read.
    pub(crate) fn has_broken(&self) -> bool {
        self.values.iter().any(|(_, set)| set.value == Value::Error)
    }

    /// The sound items of a list. A broken list has none.
    pub(crate) fn list<T>(
        &self,
        field: &str,
        pick: impl Fn(Value) -> Option<T>,
    ) -> Option<Resolved<Vec<Spanned<T>>>> {
        let set = self.get(field)?;
        let items = match &set.value {
            Value::List(items) => items.as_slice(),
            // The place shows that a mistake has been reported.
            Value::Error => &[],
            _ => return None,
        };
        let items = items
            .iter()
            .cloned()
            .filter_map(|item| Some(Spanned::new(pick(item.value)?, item.span)))
            .collect();
        Some(Resolved { value: items, chain: set.chain.clone() })
    }

    /// Whether another environment may have other values for no other reason than its name.
    pub(crate) fn varies(&self) -> bool {
        self.varies
    }

    /// Where a field was set.
    pub(crate) fn chain(&self, field: &str) -> Option<&[Span]> {
        self.get(field).map(|set| set.chain.as_slice())
    }

    /// The items of each list, by the name of its field.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (&str, &[Spanned<Value>])> {
        self.values.iter().filter_map(|(name, set)| match &set.value {
            Value::List(items) => Some((&**name, items.as_slice())),
            _ => None,
        })
    }

    /// Where each field was set, by name.
    pub(crate) fn chains(&self) -> impl Iterator<Item = (&str, &[Span])> {
        self.values.iter().map(|(name, set)| (&**name, set.chain.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appending_joins_lists_and_anything_else_replaces() {
        let one = |n| Value::List(vec![Spanned::new(Value::Int(n), Span::default())]);
        assert_eq!(
            join(one(1), one(2)),
            Value::List(vec![
                Spanned::new(Value::Int(1), Span::default()),
                Spanned::new(Value::Int(2), Span::default())
            ])
        );
        assert_eq!(join(Value::Int(1), Value::Int(2)), Value::Int(2));
    }
}
