//! The part of a project that a command works on.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Scope, ScopeRef};
use serde::{Deserialize, Serialize};

/// The scopes and resources that a command works on, and its goal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
pub struct Coverage {
    /// Absent for all scopes, including live ones that are no longer declared.
    pub only: Option<BTreeSet<Scope>>,
    /// Path prefixes, such as `intranet/subnet`: only resources whose path in their scope equals one or starts with
    /// one and `/` are in scope. Absent for all resources.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub under: Option<BTreeSet<String>>,
    /// Resources that are left out, because they are in an account that cannot be used.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub without: BTreeSet<Address>,
    /// The wanted state of the resources in scope.
    pub goal: Goal,
    /// Whether the user named the environments and accounts in `only`.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub named: bool,
    /// Whether a resource that may be a copy somebody else made is deleted like one that asiaq created twice. See
    /// [`doubles`](crate::doubles).
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub delete_doubles: bool,
    /// Whether what is deleted is emptied first, where AWS deletes only what is empty.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub with_data: bool,
    /// Whether changes do not wait for maintenance windows, and what waits does not either.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub now: bool,
    /// Whether to delete also what is otherwise kept when its environment is deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub with_retained: bool,
}

/// The wanted state of the resources in scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// As declared in the program.
    #[default]
    Apply,
    /// Deleted.
    Destroy,
}

impl Coverage {
    /// Names of the environments that are covered; absent for all.
    pub fn environments(&self) -> Option<BTreeSet<String>> {
        let names = |only: &BTreeSet<Scope>| {
            only.iter().filter_map(|scope| scope.borrowed().environment()).map(str::to_owned).collect()
        };
        self.only.as_ref().map(names)
    }

    /// Covers an environment under all its names, of which `moved` has the old ones with the new ones.
    pub fn follow(&mut self, moved: &BTreeMap<String, String>) {
        let Some(only) = &mut self.only else { return };
        loop {
            let before = only.len();
            for (old, new) in moved {
                if only.contains(old.as_str()) || only.contains(new.as_str()) {
                    only.extend([old, new].map(|name| Scope::environment(name)));
                }
            }
            if only.len() == before {
                break;
            }
        }
    }

    /// Whether `scope` is covered, as a whole or in part.
    pub fn covers(&self, scope: ScopeRef<'_>) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(scope.as_str()))
    }

    /// Whether the resource at `address` is covered.
    pub fn includes(&self, address: &Address) -> bool {
        let is_under = |under: &BTreeSet<String>| under.iter().any(|part| address.has_path_below(part));
        self.covers(address.scope())
            && !self.without.contains(address)
            && self.under.as_ref().is_none_or(is_under)
    }
}
