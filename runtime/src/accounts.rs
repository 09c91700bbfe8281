//! Several accounts of a cloud as one: each call goes to the account of the scope that it is about, with the credentials
//! of that account.

mod leases;
mod survey;

pub(crate) use survey::may_lodge;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use asiaq_ir::{Address, Kind, Needs, Ref, Resource, Scope, ScopeRef};
use futures::future;

use crate::{
    Cloud, CloudError, Create, Delete, Fleet, Found, Group, Host, Identity, Intent, Listed, RaisedAlarm,
    Result, Serving, Tagged, Update,
};

/// One account, with the credentials of one caller.
#[derive(Debug)]
pub struct Member<C> {
    /// The account.
    pub cloud: C,
    /// Account id: twelve digits.
    pub account: String,
    /// Regions that are read.
    pub regions: BTreeSet<String>,
    /// The environments and accounts that the program declares to be in it.
    pub scopes: BTreeSet<Scope>,
    /// The hosted zones that the program declares to be in it, also those of environments of other accounts.
    pub zones: BTreeSet<Address>,
}

/// One or more accounts. What the program does not declare belongs to the account that it was found in, or else to the
/// first one.
///
/// A resource in one account whose scope is declared to be in another one is a [stray](Accounts::strays): it is left
/// alone. A hosted zone may be in another account than its environment; it is a *guest* there, and so are records in a
/// zone that is in another account than their environment. Calls for a record go to the account of its zone.
#[derive(Debug)]
pub struct Accounts<C> {
    first: Member<C>,
    others: Vec<Member<C>>,
    /// The member of each declared scope.
    declared: BTreeMap<Scope, usize>,
    /// The member of each declared hosted zone.
    zones: BTreeMap<Address, usize>,
    learned: Mutex<Learned>,
}

/// What the calls so far have shown.
#[derive(Debug, Default)]
struct Learned {
    /// The member of scopes that are not declared.
    scopes: BTreeMap<Scope, usize>,
    /// The member of each hosted zone, by its AWS id.
    zones: BTreeMap<String, usize>,
    /// The member that zones and records were found in.
    lodged: BTreeMap<Address, usize>,
    /// How many strays there are.
    strays: BTreeMap<Stray, usize>,
    /// Accounts that could not be read in the last survey.
    unread: BTreeMap<String, CloudError>,
    /// Accounts without a table of leases, by region.
    without_table: BTreeMap<String, BTreeSet<usize>>,
}

/// What is in another account than the program declares it to be in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stray {
    /// The scope, or the address of a hosted zone, as text.
    pub what: String,
    /// The account that it is in.
    pub account: String,
    /// The account that it is declared to be in.
    pub home: String,
}

impl<C> Accounts<C> {
    /// These accounts. Members of one account may differ in their credentials.
    pub fn new(first: Member<C>, others: Vec<Member<C>>) -> Self {
        let (mut declared, mut zones) = (BTreeMap::new(), BTreeMap::new());
        for (index, member) in std::iter::once(&first).chain(&others).enumerate() {
            declared.extend(member.scopes.iter().map(|scope| (scope.clone(), index)));
            zones.extend(member.zones.iter().map(|zone| (zone.clone(), index)));
        }
        Self { first, others, declared, zones, learned: Mutex::default() }
    }

    /// The first account.
    pub fn first(&self) -> &Member<C> {
        &self.first
    }

    /// All members, the first one first.
    pub fn members(&self) -> impl Iterator<Item = &Member<C>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// All regions that are read.
    pub fn regions(&self) -> BTreeSet<String> {
        self.members().flat_map(|member| member.regions.iter().cloned()).collect()
    }

    /// One member for each account, with the regions of the account that are read.
    pub fn each(&self) -> impl Iterator<Item = (&Member<C>, BTreeSet<String>)> {
        self.readers().map(|(_, reader)| (reader, self.regions_of(&reader.account)))
    }

    /// The member that a scope belongs to; the first one for a scope that is neither declared nor found.
    pub fn of(&self, scope: ScopeRef<'_>) -> &Member<C> {
        self.member(self.index(scope))
    }

    /// The member that a scope belongs to, if it is declared in one of these accounts or was found there.
    pub fn home(&self, scope: ScopeRef<'_>) -> Option<&Member<C>> {
        self.known(scope).map(|index| self.member(index))
    }

    /// The member that a resource is in, as far as its address says it: like [`Accounts::home`], and for guests theirs.
    pub fn home_of(&self, address: &Address) -> Option<&Member<C>> {
        let lodged = || self.learned().lodged.get(address).copied();
        let index = self.zones.get(address).copied().or_else(lodged);
        index.map(|index| self.member(index)).or_else(|| self.home(address.scope()))
    }

    /// The scopes that are not in the first account, with the ids of their accounts.
    pub fn homes(&self) -> BTreeMap<Scope, String> {
        let learned = self.learned();
        let known = learned.scopes.iter().chain(&self.declared);
        let home = |(scope, index): (&Scope, &usize)| {
            let account = &self.member(*index).account;
            (*account != self.first.account).then(|| (scope.clone(), account.clone()))
        };
        known.filter_map(home).collect()
    }

    /// What has resources in an account that it is not declared to be in, with the number of resources, as the last
    /// survey saw them.
    pub fn strays(&self) -> BTreeMap<Stray, usize> {
        self.learned().strays.clone()
    }

    /// The accounts that the last survey could not read.
    pub fn unread(&self) -> BTreeMap<String, CloudError> {
        self.learned().unread.clone()
    }

    fn member(&self, index: usize) -> &Member<C> {
        index.checked_sub(1).and_then(|index| self.others.get(index)).unwrap_or(&self.first)
    }

    /// The member that a call about a resource goes to. `id` is its AWS id, if it has one.
    fn place(&self, address: &Address, resource: &Resource, id: Option<&str>) -> usize {
        let (id, zone) = match resource {
            Resource::HostedZone(_) => (id, Some(address)),
            Resource::RecordSet(record) => match &record.zone {
                Ref::Id(id) => (Some(id.as_str()), None),
                Ref::To(zone) => (None, Some(zone)),
                Ref::Find(_) => (None, None),
            },
            _ => (None, None),
        };
        let known = id.and_then(|id| self.learned().zones.get(id).copied());
        known.or_else(|| self.zones.get(zone?).copied()).unwrap_or_else(|| self.index(address.scope()))
    }

    /// The cloud that a call about a live resource goes to.
    fn of_found(&self, found: &Found) -> &C {
        &self.member(self.place(&found.address, &found.resource, Some(&found.id))).cloud
    }

    fn index(&self, scope: ScopeRef<'_>) -> usize {
        self.known(scope).unwrap_or_default()
    }

    fn known(&self, scope: ScopeRef<'_>) -> Option<usize> {
        let declared = self.declared.get(scope.as_str()).copied();
        declared.or_else(|| self.learned().scopes.get(scope.as_str()).copied())
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The members that are asked for what is in an account: one for each account.
    fn readers(&self) -> impl Iterator<Item = (usize, &Member<C>)> {
        let mut seen = BTreeSet::new();
        self.members().enumerate().filter(move |(_, member)| seen.insert(&member.account))
    }

    /// Those of them whose account is read in `region`.
    fn readers_in(&self, region: &str) -> impl Iterator<Item = (usize, &Member<C>)> {
        self.readers().filter(move |(_, reader)| self.regions_of(&reader.account).contains(region))
    }

    /// The regions of an account that are read.
    fn regions_of(&self, account: &str) -> BTreeSet<String> {
        let of_account = self.members().filter(|member| member.account == account);
        of_account.flat_map(|member| member.regions.iter().cloned()).collect()
    }

    /// Whether what is in `reader`'s account under this scope belongs there.
    fn is_at_home(&self, scope: ScopeRef<'_>, reader: &Member<C>) -> bool {
        self.declared.get(scope.as_str()).is_none_or(|home| self.member(*home).account == reader.account)
    }
}

impl<C: Fleet> Accounts<C> {
    /// See [`Fleet::hosts`]: of all accounts, or of that of `env`.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn hosts(&self, region: &str, project: &str, env: Option<&str>) -> Result<Vec<Host>> {
        let mut all = Vec::new();
        for member in self.asked(region, env) {
            let found = member.cloud.hosts(region, project, env).await?;
            all.extend(found.into_iter().filter(|host| self.is_host_at_home(host, member)));
        }
        Ok(all)
    }

    fn is_host_at_home(&self, host: &Host, member: &Member<C>) -> bool {
        let env = host.environment.as_deref().map(ScopeRef::of_environment);
        env.is_none_or(|env| self.is_at_home(env, member))
    }

    /// See [`Fleet::groups`]: of all accounts, or of that of `env`.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn groups(&self, region: &str, project: &str, env: Option<&str>) -> Result<Vec<Group>> {
        let mut all = Vec::new();
        for member in self.asked(region, env) {
            let found = member.cloud.groups(region, project, env).await?;
            all.extend(found.into_iter().filter(|group| self.is_at_home(group.address.scope(), member)));
        }
        Ok(all)
    }

    /// See [`Fleet::hosts_and_groups`]: of all accounts, or of that of `env`.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn hosts_and_groups(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> Result<(Vec<Host>, Vec<Group>)> {
        let (mut hosts, mut groups) = (Vec::new(), Vec::new());
        for member in self.asked(region, env) {
            let (some_hosts, some_groups) = member.cloud.hosts_and_groups(region, project, env).await?;
            hosts.extend(some_hosts.into_iter().filter(|host| self.is_host_at_home(host, member)));
            groups.extend(
                some_groups.into_iter().filter(|group| self.is_at_home(group.address.scope(), member)),
            );
        }
        Ok((hosts, groups))
    }

    /// See [`Fleet::raised_alarms`]: of all accounts, or of that of `env`.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn raised_alarms(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> Result<Vec<RaisedAlarm>> {
        let mut all = Vec::new();
        for member in self.asked(region, env) {
            let found = member.cloud.raised_alarms(region, project, env).await?;
            all.extend(found.into_iter().filter(|alarm| self.is_at_home(alarm.address.scope(), member)));
        }
        Ok(all)
    }

    /// The members to ask about an environment, which is in one of them if it is declared.
    fn asked(&self, region: &str, env: Option<&str>) -> Vec<&Member<C>> {
        let home = env.and_then(|env| self.declared.get(env));
        match home {
            Some(home) => vec![self.member(*home)],
            None => self.readers_in(region).map(|(_, member)| member).collect(),
        }
    }
}

impl<C: Cloud> Cloud for Accounts<C> {
    async fn identity(&self) -> Result<Identity> {
        self.first.cloud.identity().await
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed> {
        let listings = self.readers_in(region).map(|(index, member)| async move {
            let listed = member.cloud.list(region, kind, project).await?;
            Ok(self.sorted(index, vec![(region.to_owned(), listed)]))
        });
        let mut all = Listed::default();
        for (_, listed) in future::try_join_all(listings).await?.into_iter().flatten() {
            all.found.extend(listed.found);
            all.unread.extend(listed.unread);
            if listed.account.is_none() {
                all.facts = listed.facts;
            }
        }
        Ok(all)
    }

    async fn survey(
        &self,
        regions: &BTreeSet<String>,
        project: &str,
        needs: &Needs,
    ) -> Result<Vec<(String, Listed)>> {
        self.read(regions, project, needs).await
    }

    async fn tags(&self, found: &Found) -> Result<Option<BTreeMap<String, String>>> {
        self.of_found(found).tags(found).await
    }

    async fn hidden_tags(
        &self,
        region: &str,
        kind: Kind,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>> {
        let asked = self.readers_in(region).map(|(_, member)| member.cloud.hidden_tags(region, kind));
        Ok(future::try_join_all(asked).await?.into_iter().flatten().collect())
    }

    async fn existing_conflict(&self, request: &Create<'_>) -> Result<Option<Tagged>> {
        let place = self.place(request.address, request.resource, None);
        self.member(place).cloud.existing_conflict(request).await
    }

    fn may_refuse(&self, kind: Kind) -> bool {
        self.first.cloud.may_refuse(kind)
    }

    async fn refusal(
        &self,
        region: &str,
        intent: &Intent<'_>,
        leaving: &BTreeSet<&str>,
    ) -> Result<Option<CloudError>> {
        let cloud = match intent {
            Intent::Create(request) => {
                &self.member(self.place(request.address, request.resource, None)).cloud
            }
            Intent::Update(update) => {
                &self.member(self.place(update.address, update.wanted, Some(update.id))).cloud
            }
            Intent::Delete(found) | Intent::Empty(found) => self.of_found(found),
        };
        cloud.refusal(region, intent, leaving).await
    }

    async fn forecast(&self, update: &Update<'_>) -> Result<Option<String>> {
        self.member(self.place(update.address, update.wanted, Some(update.id))).cloud.forecast(update).await
    }

    async fn create(&self, request: &Create<'_>) -> Result<String> {
        let place = self.place(request.address, request.resource, None);
        let id = self.member(place).cloud.create(request).await?;
        if let Resource::HostedZone(_) = request.resource {
            self.learned().zones.insert(id.clone(), place);
        }
        Ok(id)
    }

    async fn hand_over(&self, request: &Create<'_>, displaced: &[&Found]) -> Result<String> {
        let place = self.place(request.address, request.resource, None);
        self.member(place).cloud.hand_over(request, displaced).await
    }

    async fn serving(&self, request: &Serving<'_>) -> Result<()> {
        self.of(request.address.scope()).cloud.serving(request).await
    }

    async fn update(&self, request: &Update<'_>) -> Result<()> {
        let place = self.place(request.address, request.live, Some(request.id));
        self.member(place).cloud.update(request).await
    }

    async fn delete(&self, request: &Delete<'_>) -> Result<()> {
        let place = self.place(request.address, request.live, Some(request.id));
        self.member(place).cloud.delete(request).await
    }
}
