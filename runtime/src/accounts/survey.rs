//! What is in all accounts, each resource in the account that it belongs to.

use std::collections::BTreeSet;

use asiaq_ir::{Needs, Scope};
use futures::future;

use super::Accounts;
use crate::{Cloud, Listed, Result};

impl<C: Cloud> Accounts<C> {
    /// See [`Cloud::survey`]. An account that cannot be read is left out, unless none can be read.
    pub(super) async fn read(
        &self,
        regions: &BTreeSet<String>,
        project: &str,
        needs: &Needs,
    ) -> Result<Vec<(String, Listed)>> {
        {
            let mut learned = self.learned();
            learned.strays.clear();
            learned.unread.clear();
        }
        let surveys = self.readers().map(|(index, member)| async move {
            let of_account = self.regions_of(&member.account);
            let regions = regions.intersection(&of_account).cloned().collect();
            let mut needs = needs.clone();
            let home = |name: &String| self.home(Scope::account(name).borrowed());
            let is_here = |name: &String| home(name).is_some_and(|home| home.account == member.account);
            needs.accounts.retain(|name, _| is_here(name));
            (index, member.cloud.survey(&regions, project, &needs).await)
        });
        let (mut all, mut failed) = (Vec::new(), None);
        let mut has_answered = false;
        for (index, listed) in future::join_all(surveys).await {
            match listed {
                Ok(listed) => {
                    has_answered = true;
                    all.extend(self.sorted(index, listed));
                }
                Err(error) => {
                    let account = self.member(index).account.clone();
                    self.learned().unread.insert(account, error.clone());
                    failed.get_or_insert(error);
                }
            }
        }
        match failed {
            Some(error) if !has_answered => Err(error),
            Some(_) | None => Ok(all),
        }
    }

    /// The listings of a member's account without strays. What is not declared belongs to the account from now on.
    pub(super) fn sorted(&self, index: usize, listings: Vec<(String, Listed)>) -> Vec<(String, Listed)> {
        let member = self.member(index);
        if self.others.is_empty() {
            return listings;
        }
        let mut learned = self.learned();
        let listings = listings.into_iter().map(|(region, mut listed)| {
            listed.found.retain(|found| {
                let scope = found.address.scope();
                let is_at_home = self.is_at_home(scope, member);
                if !is_at_home {
                    let stray = (scope.to_scope(), member.account.clone());
                    *learned.strays.entry(stray).or_default() += 1;
                } else if !self.declared.contains_key(scope.as_str()) {
                    learned.scopes.insert(scope.to_scope(), index);
                }
                is_at_home
            });
            listed.account = (member.account != self.first.account).then(|| member.account.clone());
            (region, listed)
        });
        listings.collect()
    }
}
