//! The environments and accounts that a command is about.

use std::collections::BTreeSet;

use anyhow::bail;
use asiaq_ir::Scope;
use asiaq_runtime::{Coverage, Goal};

use super::reached::Reached;
use crate::project::unknown_environment;

/// What a command is about, from the view of the accounts that it can use.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    reached: &'a Reached,
    asked: BTreeSet<Scope>,
}

impl<'a> Choice<'a> {
    /// Refuses environments of other accounts, before AWS is read.
    pub(super) fn new(reached: &'a Reached, asked: BTreeSet<Scope>) -> anyhow::Result<Self> {
        reached.refuse_elsewhere(&asked)?;
        Ok(Self { reached, asked })
    }

    /// Refuses an environment that is not declared.
    pub(super) fn declared(&self) -> anyhow::Result<()> {
        self.known(&self.reached.here, &BTreeSet::new())
    }

    /// A message about what is skipped because it is in other accounts. What was selected is none of it, except what it
    /// has in another account.
    pub(super) fn left_alone(&self) -> Option<String> {
        let others = self.reached.skipped(&self.asked);
        (!others.is_empty()).then(|| {
            let account = self.reached.caller.as_deref().unwrap_or_default();
            format!("skipped, because these credentials are for account {account}:{others}\n")
        })
    }

    /// The scope of a plan; `live` are the scopes with resources in AWS. A scope that exists and is not declared belongs
    /// to the account that it exists in; one that is declared for an account which is not used does not, even if it
    /// exists elsewhere. Environments that are `apart` are left alone.
    pub(super) fn scope(
        &self,
        live: &BTreeSet<Scope>,
        apart: &BTreeSet<String>,
        goal: Goal,
    ) -> anyhow::Result<Coverage> {
        let is_apart = |scope: &Scope| scope.borrowed().environment().is_some_and(|env| apart.contains(env));
        let is_meant = |scope: &&Scope| !self.reached.is_left_out(scope) && !is_apart(scope);
        let mut known: BTreeSet<Scope> = live.iter().filter(is_meant).cloned().collect();
        known.extend(self.reached.here.iter().cloned());
        self.known(&known, apart)?;
        let only = match (self.asked.is_empty(), self.reached.is_whole() && apart.is_empty()) {
            (false, _) => Some(self.asked.intersection(&known).cloned().collect()),
            (true, false) => Some(known),
            (true, true) => None,
        };
        Ok(Coverage { only, goal, named: !self.asked.is_empty(), ..Coverage::default() })
    }

    /// Refuses what is asked for and not among `known`, except what has been left out with a message. There are also the
    /// environments that are `apart`.
    fn known(&self, known: &BTreeSet<Scope>, apart: &BTreeSet<String>) -> anyhow::Result<()> {
        let mut unknown = self.asked.difference(known).filter(|scope| !self.reached.is_left_out(scope));
        let Some(scope) = unknown.next() else { return Ok(()) };
        let environments: Vec<&str> =
            known.iter().filter_map(|scope| scope.borrowed().environment()).collect();
        let environments: Vec<&str> =
            environments.into_iter().chain(apart.iter().map(String::as_str)).collect();
        bail!(unknown_environment(scope.as_str(), &environments))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The environments in scope, `*` for all, or why there is no scope.
    fn scope(declared: &[(&str, Option<&str>)], asked: &[&str], live: &[&str]) -> String {
        let (mut here, mut elsewhere) = (BTreeSet::new(), BTreeMap::new());
        for (name, account) in declared {
            let scope = Scope::environment(name);
            match account.filter(|account| *account != "111") {
                Some(other) => drop(elsewhere.insert(scope, other.to_owned())),
                None => drop(here.insert(scope)),
            }
        }
        let reached = Reached { caller: Some("111".to_owned()), here, elsewhere, ..Reached::default() };
        let scopes = |names: &[&str]| names.iter().map(|name| Scope::environment(name)).collect();
        let choice = Choice::new(&reached, scopes(asked));
        let apart = BTreeSet::from(["box".to_owned()]);
        let apart = if live.contains(&"box") { apart } else { BTreeSet::new() };
        match choice
            .and_then(|choice| choice.scope(&scopes(live), &apart, Goal::Apply))
            .map(|scope| scope.only)
        {
            Ok(None) => "*".to_owned(),
            Ok(Some(only)) => only.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn everything_is_in_scope_where_one_account_holds_everything() {
        assert_eq!(scope(&[("ci", None), ("demo", Some("111"))], &[], &["ci", "old"]), "*");
    }

    #[test]
    fn environments_of_other_accounts_are_left_alone_even_where_they_live_here() {
        let declared = [("ci", None), ("prod", Some("222"))];
        assert_eq!(scope(&declared, &[], &["ci", "old", "prod"]), "ci old");
        assert_eq!(
            scope(&declared, &["prod"], &[]),
            "environment `prod` belongs to account 222, and these credentials to 111"
        );
    }

    #[test]
    fn what_is_apart_is_left_alone() {
        assert_eq!(scope(&[("ci", None)], &[], &["box", "ci", "old"]), "ci old");
    }

    #[test]
    fn an_environment_that_lives_undeclared_can_be_named() {
        assert_eq!(scope(&[("ci", None)], &["old"], &["old"]), "old");
        assert_eq!(
            scope(&[("live", None)], &["liev"], &[]),
            "there is no environment `liev`; did you mean `live`?"
        );
    }
}
