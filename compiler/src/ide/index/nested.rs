//! Declarations inside environments. Through inheritance, several declarations can be one symbol.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::ast::{Body, File, Item, Member};

use crate::names::{Names, is_environment};

/// The environments and envtypes whose names are visible at a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope<'a> {
    /// An environment or envtype and its descendants.
    Owner(&'a str),
    /// Several environments and envtypes.
    Owners(&'a [asiaq_lang::ast::Name]),
    /// All environments and envtypes.
    Everywhere,
}

/// The nested declarations of a project.
#[derive(Debug, Default)]
pub(super) struct Nested<'a> {
    /// By kind and name, the environments and envtypes that declare it.
    declared: BTreeMap<(&'a str, &'a str), Vec<&'a str>>,
    /// Each environment and envtype with those it descends from, itself first.
    lineages: BTreeMap<&'a str, Vec<&'a str>>,
    /// Each environment and envtype with those that descend from it, itself included.
    heirs: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Nested<'a> {
    pub(super) fn collect(files: &'a [Arc<File>], names: &Names<'a>) -> Self {
        let mut nested = Self::default();
        for item in files.iter().flat_map(|file| &file.items) {
            if let Item::Decl(decl) = item
                && let Some(name) = decl.name.as_ref().filter(|_| is_environment(&decl.kind.text))
            {
                nested.declarations(&name.text, &decl.body);
                nested.lineages.insert(&name.text, names.lineage(&name.text));
            }
        }
        for (owner, lineage) in &nested.lineages {
            for ancestor in lineage {
                nested.heirs.entry(ancestor).or_default().push(owner);
            }
        }
        nested
    }

    fn declarations(&mut self, owner: &'a str, body: &'a Body) {
        for member in &body.members {
            match member {
                Member::Decl(decl) => {
                    if let Some(name) = &decl.name {
                        self.declared.entry((&decl.kind.text, &name.text)).or_default().push(owner);
                    }
                }
                Member::Override(inner) => self.declarations(owner, &inner.body),
                Member::Field(_) | Member::Statement(_) => {}
            }
        }
    }

    /// The farthest ancestors that declare a symbol to which `name` can refer in `scope`.
    pub(super) fn roots(&self, kind: &str, name: &str, scope: Scope<'a>) -> Vec<&'a str> {
        let Some((_, declarers)) = self.declared.get_key_value(&(kind, name)) else { return Vec::new() };
        let root = |owner: &str| {
            let lineage = self.lineages.get(owner)?;
            lineage.iter().rev().find(|ancestor| declarers.contains(ancestor)).copied()
        };
        let below = |owner: &str| match root(owner) {
            Some(root) => vec![root],
            None => {
                self.heirs.get(owner).into_iter().flatten().filter_map(|heir| root(heir)).collect::<Vec<_>>()
            }
        };
        let mut roots: Vec<&str> = match scope {
            Scope::Owner(owner) => below(owner),
            Scope::Owners(owners) => owners.iter().flat_map(|owner| below(&owner.text)).collect(),
            Scope::Everywhere => declarers.iter().filter_map(|owner| root(owner)).collect(),
        };
        roots.sort_unstable();
        roots.dedup();
        roots
    }
}
