//! Leases of several accounts: each has a table of its own.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Scope;
use futures::future;

use super::Accounts;
use crate::{Change, Changed, LeaseSnapshot, Leases, Result};

impl<C: Leases> Accounts<C> {
    /// The accounts of `scopes` without a table of leases in `region`, as the last look at the leases saw them.
    pub fn without_table(&self, region: &str, scopes: &BTreeSet<Scope>) -> BTreeSet<String> {
        let homes: BTreeSet<&str> =
            scopes.iter().map(|scope| self.of(scope.borrowed()).account.as_str()).collect();
        let learned = self.learned();
        let without = learned.without_table.get(region).into_iter().flatten();
        let without = without.map(|index| self.member(*index).account.as_str());
        without.filter(|account| homes.contains(account)).map(str::to_owned).collect()
    }

    /// Creates the tables of leases of these accounts in `region`.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn create_tables(&self, region: &str, accounts: &BTreeSet<String>) -> Result<()> {
        let meant = self.readers().filter(|(_, reader)| accounts.contains(&reader.account));
        future::try_join_all(meant.map(|(_, reader)| reader.cloud.create_table(region))).await?;
        Ok(())
    }
}

impl<C: Leases> Leases for Accounts<C> {
    /// The leases of all accounts; absent if none has a table.
    async fn leases(&self, region: &str, project: &str) -> Result<Option<LeaseSnapshot>> {
        let looks = self
            .readers_in(region)
            .map(|(index, reader)| async move { Ok((index, reader.cloud.leases(region, project).await?)) });
        let seen = future::try_join_all(looks).await?;
        let mut learned = self.learned();
        let without = learned.without_table.entry(region.to_owned()).or_default();
        *without = seen.iter().filter(|(_, seen)| seen.is_none()).map(|(index, _)| *index).collect();
        let mut all: Option<LeaseSnapshot> = None;
        for (index, snapshot) in seen {
            let Some(mut snapshot) = snapshot else { continue };
            let reader = self.member(index);
            snapshot.leases.retain(|scope, _| self.is_at_home(scope.borrowed(), reader));
            for scope in snapshot.leases.keys().filter(|scope| !self.declared.contains_key(*scope)) {
                learned.scopes.entry(scope.clone()).or_insert(index);
            }
            match &mut all {
                None => all = Some(snapshot),
                Some(all) => {
                    for (scope, lease) in snapshot.leases {
                        all.leases.entry(scope).or_insert(lease);
                    }
                }
            }
        }
        Ok(all)
    }

    /// Each account's leases change as one. If those of one account do not change, those of others may have.
    async fn change(
        &self,
        region: &str,
        project: &str,
        changes: &BTreeMap<Scope, Change<'_>>,
    ) -> Result<Changed> {
        let mut by_member: BTreeMap<usize, BTreeMap<Scope, Change<'_>>> = BTreeMap::new();
        for (scope, change) in changes {
            by_member.entry(self.index(scope.borrowed())).or_default().insert(scope.clone(), *change);
        }
        let asked = by_member
            .iter()
            .map(|(index, changes)| self.member(*index).cloud.change(region, project, changes));
        let mut unchanged: Option<BTreeMap<_, _>> = None;
        for changed in future::join_all(asked).await {
            if let Changed::None(now) = changed? {
                unchanged.get_or_insert_default().extend(now);
            }
        }
        Ok(unchanged.map_or(Changed::All, Changed::None))
    }

    async fn create_table(&self, region: &str) -> Result<()> {
        let all = self.readers_in(region).map(|(_, reader)| reader.account.clone()).collect();
        self.create_tables(region, &all).await
    }
}
