//! What a run can work on, and what is left out.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Error, anyhow, bail};
use asiaq_aws::Aws;
use asiaq_ir::{Address, Ir, Scope};
use asiaq_runtime::{Accounts, Coverage};

use super::account::unusable;
use crate::ui;

/// Which declared environments and accounts a run can work on.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// The account of what names none, if it was identified.
    pub(super) caller: Option<String>,
    pub(super) here: BTreeSet<Scope>,
    /// What is in an account that names no way to it and is not the caller's, with the id of that account.
    pub(super) elsewhere: BTreeMap<Scope, String>,
    pub(super) failed: Vec<Failed>,
    /// The accounts that have resources of their own.
    pub(super) holders: BTreeSet<Scope>,
    /// The ids of the accounts that are used.
    pub(super) used: BTreeSet<String>,
    /// What is asked for and in another account than its environment, with the id of that account.
    pub(super) guests: BTreeMap<Address, String>,
}

/// An account that cannot be used.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    /// Its environments, and itself.
    pub(super) scopes: BTreeSet<Scope>,
    /// What it has of environments of other accounts.
    pub(super) guests: BTreeSet<Address>,
    /// The message.
    pub(super) why: String,
}

impl Failed {
    /// Says which account cannot be used, and what is left out for it. `holders` are the accounts with resources of
    /// their own.
    pub(super) fn report(&self, holders: &BTreeSet<Scope>) {
        let scopes = self.scopes.iter().filter(|scope| has_something(scope, holders)).map(Scope::as_str);
        let names: Vec<&str> = scopes.chain(self.guests.iter().map(Address::as_str)).collect();
        let left =
            if names.is_empty() { String::new() } else { format!("\nleft out: {}", ui::listed(&names)) };
        ui::warn(&format!("{}{left}", self.why));
    }
}

impl Reached {
    /// Why there is nothing to work on.
    pub(super) fn nothing(&self) -> Error {
        let mut parts: Vec<String> = self.failed.iter().map(|failed| failed.why.clone()).collect();
        if !self.elsewhere.is_empty() {
            let account = self.caller.as_deref().unwrap_or_default();
            parts.push(format!(
                "no environment belongs to account {account}:{}",
                self.skipped(&BTreeSet::new())
            ));
        }
        anyhow!(parts.join("\n"))
    }

    /// What is skipped because it is in other accounts, as the end of a message: of `asked`, of everything if that is
    /// empty.
    pub(super) fn skipped(&self, asked: &BTreeSet<Scope>) -> String {
        let mut by_account: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (scope, account) in self.elsewhere.iter().filter(|_| asked.is_empty()) {
            if has_something(scope, &self.holders) {
                by_account.entry(account).or_default().push(scope.as_str());
            }
        }
        for (guest, account) in self.guests.iter().filter(|(_, account)| !self.used.contains(*account)) {
            if !self.failed.iter().any(|failed| failed.guests.contains(guest)) {
                by_account.entry(account).or_default().push(guest.as_str());
            }
        }
        let parts: Vec<String> =
            by_account.iter().map(|(account, names)| format!("{} of {account}", ui::listed(names))).collect();
        if parts.is_empty() { String::new() } else { format!(" {}", parts.join(", ")) }
    }

    /// What is asked for and in this account, without its environment.
    pub(super) fn guests_of(&self, account: &str) -> BTreeSet<Address> {
        let guests = self.guests.iter().filter(|(_, of)| *of == account);
        guests.map(|(address, _)| address.clone()).collect()
    }

    /// What the program has in accounts that are not used, without its environment.
    pub(super) fn away(&self, ir: &Ir) -> BTreeSet<Address> {
        let is_used = |name: &String| ir.accounts.get(name).is_some_and(|one| self.used.contains(&one.id));
        let away = ir.elsewhere.iter().filter(|(_, name)| !is_used(name));
        away.map(|(address, _)| address.clone()).collect()
    }

    /// Whether an account could not be used.
    pub(super) fn is_partial(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Whether all that the program declares can be used.
    pub(super) fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.elsewhere.is_empty()
    }

    /// Whether a declared scope is in an account that is not used.
    pub(super) fn is_left_out(&self, scope: &Scope) -> bool {
        self.elsewhere.contains_key(scope) || self.failed.iter().any(|failed| failed.scopes.contains(scope))
    }

    /// The declared environments and accounts that are in no account that is used.
    pub(super) fn unseen(&self, ir: &Ir) -> BTreeSet<Scope> {
        let environments = ir.environments.keys().map(|name| Scope::environment(name));
        let accounts = ir.accounts.keys().map(|name| Scope::account(name));
        environments.chain(accounts).filter(|scope| !self.here.contains(scope)).collect()
    }

    /// Refuses scopes of other accounts than the caller's that name no way there.
    pub(super) fn refuse_elsewhere(&self, asked: &BTreeSet<Scope>) -> anyhow::Result<()> {
        let account = self.caller.as_deref().unwrap_or_default();
        for scope in asked {
            let Some(other) = self.elsewhere.get(scope) else { continue };
            match scope.borrowed().account() {
                Some(name) => bail!(
                    "account `{name}` is {other}, and these credentials belong to {account}: add `profile` or `role`"
                ),
                None => bail!(
                    "environment `{scope}` belongs to account {other}, and these credentials to {account}"
                ),
            }
        }
        Ok(())
    }

    /// Leaves out what cannot be planned without the accounts that are not used.
    pub(super) fn leave_uncertain(&mut self, uncertain: BTreeSet<Scope>, coverage: &mut Coverage) {
        let is_meant = |scope: &Scope| coverage.covers(scope.borrowed());
        let scopes: BTreeSet<Scope> = uncertain.into_iter().filter(is_meant).collect();
        if scopes.is_empty() {
            return;
        }
        let known = coverage.only.take().unwrap_or_else(|| self.here.clone());
        coverage.only = Some(known.difference(&scopes).cloned().collect());
        let why = "the blocks of environments that a peering leads to are not known without their account"
            .to_owned();
        let failed = Failed { scopes, guests: BTreeSet::new(), why };
        failed.report(&self.holders);
        self.failed.push(failed);
    }

    /// Leaves out the accounts that could not be read.
    pub(super) fn leave_out(&mut self, accounts: &Accounts<Aws>) {
        for (id, error) in accounts.unread() {
            let is_there = |scope: &&Scope| accounts.of(scope.borrowed()).account == id;
            let scopes: BTreeSet<Scope> = self.here.iter().filter(is_there).cloned().collect();
            self.here.retain(|scope| !scopes.contains(scope));
            let why = format!("account {id}: {}", unusable("read the account", &error));
            self.used.remove(&id);
            let failed = Failed { scopes, guests: self.guests_of(&id), why };
            failed.report(&self.holders);
            self.failed.push(failed);
        }
    }
}

/// Whether there is something in a scope that could be worked on.
fn has_something(scope: &Scope, holders: &BTreeSet<Scope>) -> bool {
    scope.borrowed().environment().is_some() || holders.contains(scope)
}
