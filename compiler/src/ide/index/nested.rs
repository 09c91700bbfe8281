//! Declarations inside environments and accounts. Through inheritance, several declarations can be one symbol.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::ast::{Body, File, Item, Member};

use crate::library::kinds::OF_ACCOUNTS;
use crate::names::{Names, is_account, is_environment};

/// The environments, accounts and types of these whose names are visible at a place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope<'a> {
    /// An environment, account or type of these and its descendants.
    Owner(&'a str),
    /// Several environments and envtypes.
    Owners(&'a [asiaq_lang::ast::Name]),
    /// All of them.
    Everywhere,
}

/// The nested declarations of a project.
#[derive(Debug, Default)]
pub(super) struct Nested<'a> {
    /// By kind and name, the environments, accounts and types of these that declare it.
    declared: BTreeMap<(&'a str, &'a str), Vec<&'a str>>,
    environments: Family<'a>,
    accounts: Family<'a>,
}

/// Who descends from whom.
#[derive(Debug, Default)]
struct Family<'a> {
    /// Each member with those it descends from, itself first.
    lineages: BTreeMap<&'a str, Vec<&'a str>>,
    /// Each member with those that descend from it, itself included.
    heirs: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Family<'a> {
    /// The farthest ancestor of `owner` that is one of `declarers`.
    fn root(&self, owner: &str, declarers: &[&'a str]) -> Option<&'a str> {
        let lineage = self.lineages.get(owner)?;
        lineage.iter().rev().find(|ancestor| declarers.contains(ancestor)).copied()
    }

    /// The same, or those of the members that descend from it.
    fn below(&self, owner: &str, declarers: &[&'a str]) -> Vec<&'a str> {
        if let Some(root) = self.root(owner, declarers) {
            vec![root]
        } else {
            let heirs = self.heirs.get(owner).into_iter().flatten();
            heirs.filter_map(|heir| self.root(heir, declarers)).collect()
        }
    }
}

impl<'a> Nested<'a> {
    pub(super) fn collect(files: &'a [Arc<File>], names: &Names<'a>) -> Self {
        let mut nested = Self::default();
        for item in files.iter().flat_map(|file| &file.items) {
            let Item::Decl(decl) = item else { continue };
            let (kind, Some(name)) = (decl.kind.text.as_str(), &decl.name) else { continue };
            if !is_environment(kind) && !is_account(kind) {
                continue;
            }
            nested.declarations(&name.text, &decl.body);
            let family = if is_account(kind) { &mut nested.accounts } else { &mut nested.environments };
            family.lineages.insert(&name.text, names.lineage_of(kind, &name.text));
        }
        for family in [&mut nested.environments, &mut nested.accounts] {
            for (owner, lineage) in &family.lineages {
                for ancestor in lineage {
                    family.heirs.entry(ancestor).or_default().push(owner);
                }
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
        // An environment and an account may have the same name, so the kind says whose names are meant.
        let family = if OF_ACCOUNTS.contains(&kind) { &self.accounts } else { &self.environments };
        let mut roots: Vec<&str> = match scope {
            Scope::Owner(owner) => family.below(owner, declarers),
            Scope::Owners(owners) => {
                owners.iter().flat_map(|owner| family.below(&owner.text, declarers)).collect()
            }
            Scope::Everywhere => declarers.iter().filter_map(|owner| family.root(owner, declarers)).collect(),
        };
        roots.sort_unstable();
        roots.dedup();
        roots
    }
}
