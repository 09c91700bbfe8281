//! Names that are unique in an account and region.

use std::collections::BTreeMap;

use asiaq_lang::Span;

use crate::model::Environment;

/// The owners of the names in use, by name space, `ACCOUNT/REGION` and name.
#[derive(Debug, Default)]
pub(super) struct NameRegistry(BTreeMap<(NameSpace, String, String), Owner>);

/// The resource with a name.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// Address of the resource.
    pub(super) address: String,
    /// Its declaration.
    pub(super) span: Span,
}

/// Resources whose names must differ from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameSpace {
    Cache,
    Operators,
    Table,
    Topic,
    Alarm,
    LogMetric,
}

impl NameRegistry {
    /// Registers a name. Returns its owner if it is taken already.
    pub(super) fn register(
        &mut self,
        space: NameSpace,
        env: &Environment,
        name: &str,
        owner: Owner,
    ) -> Option<Owner> {
        // Environments without a declared account share one.
        let account = env.account.as_ref().map_or("", |account| account.value.as_str());
        let key = (space, format!("{account}/{}", env.region.value), name.to_owned());
        if let Some(first) = self.0.get(&key) {
            return Some(first.clone());
        }
        self.0.insert(key, owner);
        None
    }
}
