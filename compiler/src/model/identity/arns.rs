//! The ARNs of what an account declares: they follow from names, so policies can have them before anything exists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::library::kinds;

/// What policies of an account can refer to by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arns {
    /// Partition of the account's region: `aws`.
    pub(crate) partition: &'static str,
    /// Id of the account.
    pub(crate) account: String,
    /// Ids of all declared accounts, by name.
    pub(crate) accounts: Arc<BTreeMap<String, String>>,
    /// ARNs by kind and name of the declaration: of a bucket that of the bucket and that of its objects.
    declared: BTreeMap<(&'static str, String), Vec<String>>,
}

impl Arns {
    /// For the account with this id; `accounts` are the ids of all accounts, by name.
    pub(crate) fn new(
        partition: &'static str,
        account: &str,
        accounts: Arc<BTreeMap<String, String>>,
    ) -> Self {
        Self { partition, account: account.to_owned(), accounts, declared: BTreeMap::new() }
    }

    /// Adds a declaration of IAM that is called `name`; `aws` is its name in AWS.
    pub(crate) fn add_identity(&mut self, kind: &'static str, name: &str, path: &str, aws: &str) {
        let what = match kind {
            kinds::SAML => format!("saml-provider/{aws}"),
            _ => format!("{kind}{path}{aws}"),
        };
        let arn = format!("arn:{}:iam::{}:{what}", self.partition, self.account);
        self.declared.insert((kind, name.to_owned()), vec![arn]);
    }

    /// The ARNs of a declaration.
    pub(crate) fn of(&self, kind: &str, name: &str) -> Option<&[String]> {
        let kind = kinds::OF_ACCOUNTS.iter().find(|known| **known == kind)?;
        self.declared.get(&(*kind, name.to_owned())).map(Vec::as_slice)
    }

    /// The kinds of the declarations with this name.
    pub(crate) fn kinds_of(&self, name: &str) -> Vec<&'static str> {
        kinds::OF_ACCOUNTS.iter().copied().filter(|kind| self.of(kind, name).is_some()).collect()
    }

    /// Names of the declarations of `kind`.
    pub(crate) fn names_of(&self, kind: &str) -> Vec<&str> {
        self.declared.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name.as_str()).collect()
    }

    /// The principal that stands for a whole account.
    pub(crate) fn root(&self, id: &str) -> String {
        format!("arn:{}:iam::{id}:root", self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_have_the_forms_of_the_manual() {
        let mut arns = Arns::new("aws", "123456789012", Arc::default());
        arns.add_identity(kinds::ROLE, "web", "/shop/", "instance_web");
        arns.add_identity(kinds::SAML, "okta", "/", "Okta");
        assert_eq!(arns.of("role", "web").unwrap(), ["arn:aws:iam::123456789012:role/shop/instance_web"]);
        assert_eq!(arns.of("saml", "okta").unwrap(), ["arn:aws:iam::123456789012:saml-provider/Okta"]);
        assert_eq!(arns.of("role", "okta"), None);
        assert_eq!(arns.kinds_of("web"), ["role"]);
        assert_eq!(arns.root("210987654321"), "arn:aws:iam::210987654321:root");
    }
}
