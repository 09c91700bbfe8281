use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ACCOUNT_TAG, ENV_TAG};

/// First segment of the address of a resource that belongs to an account; no environment has this name.
pub const ACCOUNT_SEGMENT: &str = "account";

/// What resources belong to and what is planned, leased and protected as one: an environment, or an account of the
/// project. As text, and in serde, `ci` or `account/audit`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(String);

/// A borrowed [`Scope`], such as the one an address begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeRef<'a>(&'a str);

impl Scope {
    /// The environment of this name.
    pub fn environment(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The account that the project declares under this name.
    pub fn account(name: &str) -> Self {
        Self([ACCOUNT_SEGMENT, "/", name].concat())
    }

    /// The same, borrowed.
    pub fn borrowed(&self) -> ScopeRef<'_> {
        ScopeRef(&self.0)
    }

    /// The whole scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> ScopeRef<'a> {
    /// The environment of this name.
    pub fn of_environment(name: &'a str) -> Self {
        Self(name)
    }

    /// The scope that an address in text form begins with, and the rest of the address.
    pub(crate) fn split(address: &'a str) -> (Self, &'a str) {
        let end = |from: usize| address.get(from..).and_then(|rest| rest.find('/')).map(|slash| from + slash);
        let length = match end(0) {
            Some(slash) if address.get(..slash) == Some(ACCOUNT_SEGMENT) => end(slash + 1),
            slash => slash,
        };
        let (scope, rest) = length.map_or((address, ""), |length| address.split_at(length));
        (Self(scope), rest.strip_prefix('/').unwrap_or(rest))
    }

    /// Name of the environment; absent for an account.
    pub fn environment(self) -> Option<&'a str> {
        self.account().is_none().then_some(self.0)
    }

    /// Name of the account in the project; absent for an environment.
    pub fn account(self) -> Option<&'a str> {
        self.0.strip_prefix(ACCOUNT_SEGMENT)?.strip_prefix('/')
    }

    /// Key and value of the tag by which resources of the scope are known.
    pub fn tag(self) -> (&'static str, &'a str) {
        match self.account() {
            Some(name) => (ACCOUNT_TAG, name),
            None => (ENV_TAG, self.0),
        }
    }

    /// The whole scope as text.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The same, owned.
    pub fn to_scope(self) -> Scope {
        Scope(self.0.to_owned())
    }
}

/// Reads a scope back from its text.
impl From<String> for Scope {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A map with scopes as keys is asked by text.
impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Scope {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for ScopeRef<'_> {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ScopeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Address;

    #[test]
    fn an_address_begins_with_an_environment_or_an_account() {
        let parts = |address: &str| {
            let address = Address::parse(address);
            let scope = address.scope();
            let names = (scope.environment().map(str::to_owned), scope.account().map(str::to_owned));
            (scope.to_string(), names, address.path().to_owned())
        };
        let environment = |name: &str| (Some(name.to_owned()), None);
        let account = |name: &str| (None, Some(name.to_owned()));
        assert_eq!(parts("ci/web/subnet/1"), ("ci".into(), environment("ci"), "web/subnet/1".into()));
        assert_eq!(parts("ci"), ("ci".into(), environment("ci"), String::new()));
        assert_eq!(parts("accounting/vpc"), ("accounting".into(), environment("accounting"), "vpc".into()));
        assert_eq!(
            parts("account/audit/role/web"),
            ("account/audit".into(), account("audit"), "role/web".into())
        );
        assert_eq!(parts("account/audit"), ("account/audit".into(), account("audit"), String::new()));
        assert_eq!(parts(""), (String::new(), environment(""), String::new()));
    }

    #[test]
    fn a_scope_is_a_string_in_json() {
        let scopes = [Scope::environment("ci"), Scope::account("audit")];
        let text = serde_json::to_string(&scopes).unwrap();
        assert_eq!(text, r#"["ci","account/audit"]"#);
        assert_eq!(serde_json::from_str::<[Scope; 2]>(&text).unwrap(), scopes);
        assert_eq!(
            scopes.each_ref().map(|scope| scope.borrowed().tag()),
            [(ENV_TAG, "ci"), (ACCOUNT_TAG, "audit")]
        );
        assert_eq!(Address::of(&scopes[1], "role/web").as_str(), "account/audit/role/web");
    }
}
