//! What is in all accounts, each resource in the account that it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Needs, Resource, Scope, ScopeRef};
use futures::future;

use super::{Accounts, Stray};
use crate::{Cloud, Found, Listed, Result};

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
            learned.lodged.clear();
            learned.unread.clear();
        }
        let surveys = self.readers().map(|(index, member)| async move {
            let of_account = self.regions_of(&member.account);
            let regions = regions.intersection(&of_account).cloned().collect();
            let mut needs = needs.clone();
            let home = |name: &String| self.home(Scope::account(name).borrowed());
            let is_here = |name: &String| home(name).is_some_and(|home| home.account == member.account);
            needs.accounts.retain(|name, _| is_here(name));
            needs.imagined.retain(|scope| self.home(scope).is_none_or(|home| home.account == member.account));
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
        let facts = listings.iter().flat_map(|(_, listed)| &listed.facts.hosted_zones);
        let zones: BTreeMap<String, Option<Address>> =
            facts.map(|zone| (zone.id.clone(), zone.address.clone())).collect();
        let residents =
            listings.iter().flat_map(|(_, listed)| &listed.found).filter(|found| !may_lodge(found));
        let residents: BTreeSet<Scope> = residents.map(|found| found.address.scope().to_scope()).collect();
        let mut learned = self.learned();
        learned.zones.extend(zones.keys().map(|zone| (zone.clone(), index)));
        let listings = listings.into_iter().map(|(region, mut listed)| {
            listed.found.retain(|found| {
                let scope = found.address.scope();
                let zone = zone_of(found, &zones);
                // Where zones were not listed, nothing is known of those that records are in.
                let is_known = !zones.is_empty() || !may_lodge(found);
                if let Some(home) = self.stray_from(scope, zone, index, &residents).filter(|_| is_known) {
                    let what = zone.filter(|zone| self.zones.contains_key(*zone));
                    let what = what.map_or(scope.as_str(), Address::as_str).to_owned();
                    let home = self.member(home).account.clone();
                    let stray = Stray { what, account: member.account.clone(), home };
                    *learned.strays.entry(stray).or_default() += 1;
                    return false;
                }
                let is_declared = self.declared.contains_key(scope.as_str());
                if may_lodge(found) {
                    learned.lodged.insert(found.address.clone(), index);
                    if !is_declared {
                        learned.scopes.entry(scope.to_scope()).or_insert(index);
                    }
                } else if !is_declared {
                    learned.scopes.insert(scope.to_scope(), index);
                }
                true
            });
            listed.account = (member.account != self.first.account).then(|| member.account.clone());
            (region, listed)
        });
        listings.collect()
    }

    /// The member that something in the account of member `index` is declared to be in, if that is another account: as a
    /// part of `zone`, or of its scope. `residents` are the scopes with something else than zones and records there. A
    /// zone that is no longer declared is left from a scope that was never there itself.
    fn stray_from(
        &self,
        scope: ScopeRef<'_>,
        zone: Option<&Address>,
        index: usize,
        residents: &BTreeSet<Scope>,
    ) -> Option<usize> {
        let account = &self.member(index).account;
        let is_left = || zone.is_some() && !residents.contains(scope.as_str());
        let home = match zone.and_then(|zone| self.zones.get(zone)) {
            Some(home) => *home,
            None => self.declared.get(scope.as_str()).copied().filter(|_| !is_left())?,
        };
        (self.member(home).account != *account).then_some(home)
    }
}

/// Whether a resource may be in another account than its scope.
pub(crate) fn may_lodge(found: &Found) -> bool {
    matches!(found.resource.kind(), Kind::HostedZone | Kind::RecordSet)
}

/// The address of the zone that something is or is in, if the project owns the zone.
fn zone_of<'a>(found: &'a Found, zones: &'a BTreeMap<String, Option<Address>>) -> Option<&'a Address> {
    match &found.resource {
        Resource::HostedZone(_) => Some(&found.address),
        Resource::RecordSet(record) => zones.get(record.zone.id()?)?.as_ref(),
        _ => None,
    }
}
