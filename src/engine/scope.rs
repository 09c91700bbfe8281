//! The environments that a command is about.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use asiaq_compiler::EnvironmentSummary;
use asiaq_ir::Scope;
use asiaq_runtime::{Coverage, Goal};

use crate::project::unknown_environment;
use crate::ui;

/// The environments of a project, from the view of one account.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    account: &'a str,
    asked: BTreeSet<&'a str>,
    /// Declared environments of this account.
    here: BTreeSet<&'a str>,
    /// Declared environments of other accounts, with those.
    elsewhere: BTreeMap<&'a str, &'a str>,
}

impl<'a> Choice<'a> {
    /// Refuses environments of other accounts, before AWS is read.
    pub(super) fn new(
        declared: &'a [EnvironmentSummary],
        account: &'a str,
        asked: &'a [String],
    ) -> anyhow::Result<Self> {
        let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
        let (mut here, mut elsewhere) = (BTreeSet::new(), BTreeMap::new());
        for env in declared {
            match env.account.as_deref().filter(|declared| *declared != account) {
                Some(other) => {
                    elsewhere.insert(env.name.as_str(), other);
                }
                None => {
                    here.insert(env.name.as_str());
                }
            }
        }
        for env in &asked {
            if let Some(other) = elsewhere.get(env) {
                bail!("environment `{env}` belongs to account {other}, and these credentials to {account}");
            }
        }
        if here.is_empty() && !elsewhere.is_empty() {
            bail!("no environment belongs to account {account}:{}", list(&elsewhere));
        }
        Ok(Self { account, asked, here, elsewhere })
    }

    /// Refuses an environment that is not declared.
    pub(super) fn declared(&self) -> anyhow::Result<()> {
        match self.asked.difference(&self.here).next() {
            Some(env) => bail!(unknown_environment(env, &self.here.iter().copied().collect::<Vec<_>>())),
            None => Ok(()),
        }
    }

    /// A message about the environments of other accounts that are skipped; `None` if environments were selected.
    pub(super) fn left_alone(&self) -> Option<String> {
        let is_partial = self.asked.is_empty() && !self.elsewhere.is_empty();
        is_partial.then(|| {
            format!(
                "skipped, because these credentials are for account {}:{}\n",
                self.account,
                list(&self.elsewhere)
            )
        })
    }

    /// The scope of a plan; `live` are the environments with resources in AWS. An environment that exists and is not
    /// declared belongs to this account; one that is declared for another account does not, even if it exists here.
    pub(super) fn scope(&self, live: &BTreeSet<&str>, goal: Goal) -> anyhow::Result<Coverage> {
        let mut known: BTreeSet<&str> =
            live.iter().copied().filter(|env| !self.elsewhere.contains_key(env)).collect();
        known.extend(&self.here);
        if let Some(env) = self.asked.difference(&known).next() {
            bail!(unknown_environment(env, &known.into_iter().collect::<Vec<_>>()));
        }
        let only = match (self.asked.is_empty(), self.elsewhere.is_empty()) {
            (false, _) => Some(&self.asked),
            (true, false) => Some(&known),
            (true, true) => None,
        };
        let only = only.map(|envs| envs.iter().map(|env| Scope::environment(env)).collect());
        Ok(Coverage { only, goal, named: !self.asked.is_empty(), ..Coverage::default() })
    }
}

fn list(elsewhere: &BTreeMap<&str, &str>) -> String {
    let mut by_account: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (env, account) in elsewhere {
        by_account.entry(account).or_default().push(env);
    }
    let parts: Vec<String> =
        by_account.iter().map(|(account, envs)| format!("{} of {account}", ui::listed(envs))).collect();
    if parts.is_empty() { String::new() } else { format!(" {}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str, account: Option<&str>) -> EnvironmentSummary {
        EnvironmentSummary {
            name: name.to_owned(),
            envtype: None,
            region: "us-west-2".to_owned(),
            account: account.map(str::to_owned),
            protect: false,
            cidr: String::new(),
            zones: 3,
            networks: Vec::new(),
            pipeline: None,
        }
    }

    /// The environments in scope, `*` for all, or why there is no scope.
    fn scope(declared: &[(&str, Option<&str>)], asked: &[&str], live: &[&str]) -> String {
        let declared: Vec<_> = declared.iter().map(|(name, account)| env(name, *account)).collect();
        let asked: Vec<String> = asked.iter().map(ToString::to_string).collect();
        let live = live.iter().copied().collect();
        let scope = Choice::new(&declared, "111", &asked).and_then(|choice| choice.scope(&live, Goal::Apply));
        match scope.map(|scope| scope.only) {
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
        assert_eq!(
            scope(&[("prod", Some("222"))], &[], &[]),
            "no environment belongs to account 111: `prod` of 222"
        );
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
