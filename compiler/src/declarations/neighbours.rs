//! Fields of other kinds, and blocks, that an unknown field may be.

use asiaq_lang::Diagnostic;
use asiaq_lang::ast::Setting;
use asiaq_lang::aws_words::{self, Slot};

use super::Checker;
use crate::errors::{self, nearest};
use crate::library::kinds::{BLOCKS, TEMPLATES};
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
    /// A field that is a block: `spot = true`. `elsewhere` are fields of other kinds with that name.
    pub(super) fn block_as_field(
        &self,
        schema: &KindSchema,
        setting: &Setting,
        elsewhere: &[(&str, &str)],
    ) -> Option<Diagnostic> {
        let name = setting.name.text.as_str();
        let block = self.schemas.kind(name).filter(|block| !block.parents.is_empty())?;
        let is_field = elsewhere.first().is_some_and(|(field, _)| *field == name);
        let is_here = block.fits(Some(&schema.name));
        let is_aws = aws_words::help(Slot::Field(&schema.name), name).is_some();
        if is_aws || is_field && !is_here {
            return None;
        }
        let is_named = !BLOCKS.contains(&name);
        let has_required = block.fields.iter().any(FieldSchema::is_required);
        let parents: Vec<&str> = if is_here { Vec::new() } else { self.schemas.parents_of(name).collect() };
        Some(errors::block_as_field(setting, &schema.name, (is_named, has_required), &parents))
    }
}
