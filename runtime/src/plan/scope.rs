//! What of a project a command is about.

use std::collections::BTreeSet;

use asiaq_ir::Address;
use serde::{Deserialize, Serialize};

/// What a command is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Environments by name; absent for all of them, those included that live but are no longer declared.
    pub only: Option<BTreeSet<String>>,
    /// What of these environments: resources whose path is one of these or begins with one and `/`; absent for
    /// everything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub under: Option<BTreeSet<String>>,
    /// What they should become.
    pub goal: Goal,
}

/// What the environments in scope should become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// What the program says.
    #[default]
    Apply,
    /// Nothing.
    Destroy,
}

impl Scope {
    /// Whether an environment is in it, as a whole or in part.
    pub fn covers(&self, env: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(env))
    }

    /// Whether what is at `address` is in it.
    pub fn includes(&self, address: &Address) -> bool {
        let is_under = |part: &String| {
            let rest = address.path().strip_prefix(part.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.covers(address.env()) && self.under.as_ref().is_none_or(|under| under.iter().any(is_under))
    }
}
