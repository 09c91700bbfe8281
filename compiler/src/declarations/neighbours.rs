//! Fields of other kinds that an unknown field may be.

use asiaq_lang::ast::Setting;

use super::Checker;
use crate::errors::nearest;
use crate::library::kinds::TEMPLATES;
use crate::schema::{FieldSchema, KindSchema};

/// Kinds that are named; where more have the field, its name alone says nothing.
const MOST: usize = 3;

impl Checker<'_, '_> {
    /// Fields of other kinds with the name of an unknown one, or else the nearest to it, each with its kind: those that
    /// its value fits, or else those of the kinds around and inside.
    pub(super) fn elsewhere(&self, schema: &KindSchema, setting: &Setting) -> Vec<(&str, &str)> {
        let name = setting.name.text.as_str();
        let all = || {
            self.schemas.all().filter(|kind| {
                kind.name != schema.name && !TEMPLATES.iter().any(|(template, _)| *template == kind.name)
            })
        };
        let names: Vec<&str> = all().flat_map(|kind| &kind.fields).map(|field| field.name.as_str()).collect();
        let Some(meant) =
            names.iter().copied().find(|field| *field == name).or_else(|| nearest(name, &names))
        else {
            return Vec::new();
        };
        let having = || all().filter_map(|kind| Some((kind, kind.field(meant)?)));
        let fits = |(_, field): &(&KindSchema, &FieldSchema)| self.is_sound(&setting.value, &field.ty);
        let is_near = |(kind, _): &(&KindSchema, &FieldSchema)| {
            kind.fits(Some(&schema.name)) || schema.fits(Some(&kind.name))
        };
        let mut found: Vec<_> = having().filter(fits).collect();
        if found.is_empty() || found.len() > MOST {
            found = having().filter(is_near).collect();
        }
        if found.len() > MOST {
            return Vec::new();
        }
        found.into_iter().map(|(kind, field)| (field.name.as_str(), kind.name.as_str())).collect()
    }
}
