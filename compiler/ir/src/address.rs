use std::fmt;

use serde::{Deserialize, Serialize};

/// Stable name of a resource, unique in a project: `ENV/PATH`, as in `ci/intranet/subnet/1`.
///
/// It does not change while the declaration keeps its name, and it is written to the `asiaq:address` tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// The address of `path` in environment `env`.
    pub fn new(env: &str, path: &str) -> Self {
        Self([env, "/", path].concat())
    }

    /// Reads an address back from a tag or a command line.
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The address of a part of this resource, such as the rules of a security group.
    #[must_use]
    pub fn child(&self, part: &str) -> Self {
        Self([&self.0, "/", part].concat())
    }

    /// Environment of the resource.
    pub fn env(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// Path of the resource in its environment: everything after the first slash.
    pub fn path(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, path)| path)
    }

    /// The whole address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
