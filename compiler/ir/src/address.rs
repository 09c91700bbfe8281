use std::fmt;

use serde::{Deserialize, Serialize};

use crate::scope::{Scope, ScopeRef};
use crate::{ADDRESS_TAG, PROJECT_TAG};

/// The first part of the paths of what an account has and no project of asiaq owns.
const UNMANAGED: &str = "unmanaged";

/// Stable name of a resource, unique in a project: `SCOPE/PATH`, as in `ci/intranet/subnet/1`; that of an account is
/// `account/NAME/PATH`.
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

    /// The address of `path` in `scope`.
    pub fn of(scope: &Scope, path: &str) -> Self {
        Self::new(scope.as_str(), path)
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

    /// The tags by which asiaq knows its own resource at this address.
    pub fn ownership_tags<'a>(&'a self, project: &'a str) -> [(&'static str, &'a str); 3] {
        [(PROJECT_TAG, project), self.scope().tag(), (ADDRESS_TAG, self.as_str())]
    }

    /// The environment or account that the resource belongs to.
    pub fn scope(&self) -> ScopeRef<'_> {
        ScopeRef::split(&self.0).0
    }

    /// Name of the environment the resource belongs to; empty where it belongs to none.
    pub fn env(&self) -> &str {
        self.scope().environment().unwrap_or_default()
    }

    /// Path of the resource in its scope: `intranet/subnet/1`.
    pub fn path(&self) -> &str {
        ScopeRef::split(&self.0).1
    }

    /// Whether it is `part` or lies below it: `ci/web` is below `ci`, and `ci/website` is not below `ci/web`.
    pub fn is_below(&self, part: &str) -> bool {
        self.rest_below(part).is_some()
    }

    /// What follows `part` if it [is below](Self::is_below) that: nothing, or a path after a `/`, with the `/`.
    pub fn rest_below(&self, part: &str) -> Option<&str> {
        below(&self.0, part)
    }

    /// Whether its path in its scope is `part` or lies below it.
    pub fn has_path_below(&self, part: &str) -> bool {
        below(self.path(), part).is_some()
    }

    /// The path of an identity of an account that no project of asiaq owns.
    pub fn unmanaged(kind: &str, name: &str) -> String {
        format!("{UNMANAGED}/{kind}/{name}")
    }

    /// The address of a resource that is not the project's, in listings that show it.
    pub fn nobodys(kind: &str, id: &str) -> Self {
        Self(format!("-/{kind}/{id}"))
    }

    /// Whether it is that of an identity which no project of asiaq owns.
    pub fn is_unmanaged(&self) -> bool {
        self.scope().account().is_some() && self.has_path_below(UNMANAGED)
    }

    /// Whether it can be the address of a resource: a scope and a path without empty parts, `.` and `..`, and without
    /// control characters.
    pub fn is_sound(&self) -> bool {
        let is_sound = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(char::is_control);
        !self.scope().as_str().is_empty() && !self.path().is_empty() && self.0.split('/').all(is_sound)
    }

    /// The whole address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn below<'a>(text: &'a str, part: &str) -> Option<&'a str> {
    text.strip_prefix(part).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
