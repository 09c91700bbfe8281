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
    declared: Declared,
    /// The same of what the accounts keep, by account.
    pub(crate) kept: Arc<BTreeMap<String, Declared>>,
}

/// ARNs by kind and name of the declaration.
pub(crate) type Declared = BTreeMap<(&'static str, String), Vec<String>>;

impl Arns {
    /// For the account with this id; `accounts` are the ids of all accounts, by name.
    pub(crate) fn new(
        partition: &'static str,
        account: &str,
        accounts: Arc<BTreeMap<String, String>>,
    ) -> Self {
        let (declared, kept) = (Declared::new(), Arc::default());
        Self { partition, account: account.to_owned(), accounts, declared, kept }
    }

    /// Adds a declaration of IAM that is called `name`; `aws` is its name in AWS.
    pub(crate) fn add_identity(&mut self, kind: &'static str, name: &str, path: &str, aws: &str) {
        let what = match kind {
            kinds::SAML => format!("saml-provider/{aws}"),
            _ => format!("{kind}{path}{aws}"),
        };
        let arn = format!("arn:{}:iam::{}:{what}", self.partition, self.account);
        self.add(kind, name, vec![arn]);
    }

    /// Adds a declaration that is called `name`.
    pub(crate) fn add(&mut self, kind: &'static str, name: &str, arns: Vec<String>) {
        self.declared.insert((kind, name.to_owned()), arns);
    }

    /// The ARNs of a declaration; `audit/logs` is one of the account `audit`.
    pub(crate) fn of(&self, kind: &str, name: &str) -> Option<&[String]> {
        let kind = kinds::OF_ACCOUNTS.iter().find(|known| **known == kind)?;
        let (declared, name) = match name.split_once('/') {
            Some((account, name)) => (self.kept.get(account)?, name),
            None => (&self.declared, name),
        };
        declared.get(&(*kind, name.to_owned())).map(Vec::as_slice)
    }

    /// All that is declared.
    pub(crate) fn declared(&self) -> &Declared {
        &self.declared
    }

    /// The kinds of the declarations with this name.
    pub(crate) fn kinds_of(&self, name: &str) -> Vec<&'static str> {
        kinds::OF_ACCOUNTS.iter().copied().filter(|kind| self.of(kind, name).is_some()).collect()
    }

    /// Names of the declarations of `kind`.
    pub(crate) fn names_of(&self, kind: &str) -> Vec<&str> {
        self.declared.keys().filter(|(of, _)| *of == kind).map(|(_, name)| name.as_str()).collect()
    }

    /// What a reference of `kind` may have meant: names in the account that it names, or in this one.
    pub(crate) fn names_beside(&self, kind: &str, reference: &str) -> Vec<String> {
        let Some((account, _)) = reference.split_once('/') else {
            return self.names_of(kind).into_iter().map(str::to_owned).collect();
        };
        let kept = self.kept.get(account).into_iter().flat_map(BTreeMap::keys);
        kept.filter(|(of, _)| *of == kind).map(|(_, name)| format!("{account}/{name}")).collect()
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
