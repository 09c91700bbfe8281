use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use asiaq_ir::{ADDRESS_TAG, Address, Imagined, PROJECT_TAG, ResourceKind, Scope};
use asiaq_runtime::{Identity, Observer, Result};
use aws_config::SdkConfig;
use aws_sdk_ec2::types::Filter;
use tokio::sync::OnceCell;

use crate::batchers::{Batchers, Zones};
use crate::caller;
use crate::clients::Clients;
use crate::listing_cache::ListingCache;
use crate::retries;
use crate::tags::{self, Tags};
use crate::timeouts::Timeouts;

/// Clients and batchers of the regions used so far, by region name.
pub(crate) struct Regions {
    sdk: SdkConfig,
    sts: aws_sdk_sts::Client,
    /// The account of the caller, once it was asked.
    account: OnceCell<String>,
    timeouts: Timeouts,
    observer: Observer,
    used: Mutex<BTreeMap<String, Used>>,
    zones: Arc<Zones>,
    accounts: OnceLock<Introduced>,
}

/// The accounts of a run, where there are several.
struct Introduced {
    /// Id of this one.
    own: String,
    /// All of them, by id.
    all: BTreeMap<String, SdkConfig>,
    /// The accounts of scopes.
    homes: Arc<BTreeMap<Scope, String>>,
}

/// What is kept of one region.
#[derive(Clone)]
struct Used {
    clients: Clients,
    /// Clients that give up soon.
    hasty: Arc<OnceLock<Clients>>,
    batchers: Arc<Batchers>,
}

/// One region of AWS: what the code of a kind works with. It dereferences to its clients.
pub(crate) struct Region<'a> {
    regions: &'a Regions,
    clients: Clients,
    hasty: Arc<OnceLock<Clients>>,
    batchers: Arc<Batchers>,
    /// Listings that one survey of the account shares; none where every listing is a call.
    cache: Option<Arc<ListingCache>>,
    /// Such as `us-west-2`.
    pub(crate) name: &'a str,
}

impl Regions {
    pub(crate) fn new(
        sdk: SdkConfig,
        sts: aws_sdk_sts::Client,
        timeouts: Timeouts,
        observer: Observer,
    ) -> Self {
        let (account, accounts) = (OnceCell::new(), OnceLock::new());
        let (used, zones) = (Mutex::default(), Arc::default());
        Self { sdk, sts, account, timeouts, observer, used, zones, accounts }
    }

    /// Tells the id of this account, and those of all accounts of the run.
    pub(crate) fn introduce(
        &self,
        own: &str,
        all: BTreeMap<String, SdkConfig>,
        homes: Arc<BTreeMap<Scope, String>>,
    ) {
        // An account keeps its id.
        let _ = self.accounts.set(Introduced { own: own.to_owned(), all, homes });
    }

    pub(crate) fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    pub(crate) fn sts(&self) -> &aws_sdk_sts::Client {
        &self.sts
    }

    /// The account and the user or role of the caller, asked anew.
    pub(crate) async fn identity(&self) -> Result<Identity> {
        let identity = caller::identity(&self.sts).await?;
        // Credentials that are renewed are of the same account.
        let _ = self.account.set(identity.account.clone());
        Ok(identity)
    }

    /// A region. Its clients and batchers are created at the first use and kept.
    pub(crate) fn get<'a>(&'a self, name: &'a str) -> Region<'a> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let create = || Used {
            clients: Clients::new(&self.sdk, name, &self.observer),
            hasty: Arc::default(),
            batchers: Arc::new(Batchers::new(Arc::clone(&self.zones))),
        };
        let Used { clients, hasty, batchers } = used.entry(name.to_owned()).or_insert_with(create).clone();
        Region { regions: self, clients, hasty, batchers, cache: None, name }
    }
}

impl fmt::Debug for Regions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Regions").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

impl<'a> Region<'a> {
    /// The same region, with listings from `cache` where they are there.
    pub(crate) fn with_cache(self, cache: Arc<ListingCache>) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// The same region, whose calls give up soon where a service does not answer.
    pub(crate) fn hasty(mut self) -> Self {
        let Regions { sdk, observer, .. } = self.regions;
        let create = || {
            let sdk = sdk.to_builder().retry_config(retries::few(sdk.retry_config())).build();
            Clients::new(&sdk, self.name, observer)
        };
        self.clients = self.hasty.get_or_init(create).clone();
        self
    }

    /// Calls of several tasks that go out together.
    pub(crate) fn batchers(&self) -> &Batchers {
        &self.batchers
    }

    /// The listings of the survey that is in progress.
    pub(crate) fn cache(&self) -> Option<&ListingCache> {
        self.cache.as_deref()
    }

    /// The filter of a listing: the resources of a project, or all of them where it has to show more.
    pub(crate) fn filter_of<T: ResourceKind>(&self, project: &str) -> Option<Vec<Filter>> {
        let is_wider = self.imagined().is_some_and(|imagined| imagined.widens::<T>(self.name));
        (!is_wider).then(|| vec![tags::of_project(project)])
    }

    /// The tags of a resource, with those that it is imagined to have.
    pub(crate) fn imagine<T: ResourceKind>(&self, id: &str, mut tags: Tags) -> Tags {
        let more = self.imagined().and_then(|imagined| imagined.tags::<T>(self.name, id));
        if let Some(owner) = tags.get(PROJECT_TAG).filter(|_| tags.contains_key(ADDRESS_TAG)).cloned() {
            if more.is_none_or(|more| more.get(PROJECT_TAG) == Some(&owner)) {
                return tags;
            }
            tags.insert(Imagined::OWNER.to_owned(), owner);
        }
        tags.extend(more.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
        tags
    }

    /// Whether a resource is imagined to have tags.
    pub(crate) fn imagines<T: ResourceKind>(&self, id: &str) -> bool {
        self.imagined().is_some_and(|imagined| imagined.tags::<T>(self.name, id).is_some())
    }

    /// The address of a resource with these tags; none where it is not listed, because it is not the project's.
    pub(crate) fn address_of<T: ResourceKind>(
        &self,
        id: &str,
        tags: &Tags,
        project: &str,
    ) -> Option<Address> {
        let nobodys = || {
            let is_listed = self.imagined().is_some_and(Imagined::is_whole::<T>);
            is_listed.then(|| Address::nobodys(T::SCHEMA.name, id))
        };
        tags::address_in(tags, project).or_else(nobodys)
    }

    fn imagined(&self) -> Option<&Imagined> {
        self.cache.as_deref().map(|cache| &*cache.imagined).filter(|imagined| !imagined.is_empty())
    }

    /// Another region, or this one.
    pub(crate) fn other(&self, name: &'a str) -> Self {
        self.regions.get(name)
    }

    /// The account of the caller, which is asked once.
    pub(crate) async fn account(&self) -> Result<&'a str> {
        let ask = || async { Ok(caller::identity(&self.regions.sts).await?.account) };
        self.regions.account.get_or_try_init(ask).await.map(String::as_str)
    }

    /// Id of the account, where the run uses several.
    pub(crate) fn one_of_several(&self) -> Option<&'a str> {
        self.regions.accounts.get().map(|accounts| accounts.own.as_str())
    }

    /// Ids of the other accounts of the run.
    pub(crate) fn others_of_run(&self) -> impl Iterator<Item = &'a str> {
        let accounts = self.regions.accounts.get();
        accounts.into_iter().flat_map(|accounts| {
            accounts.all.keys().filter(|account| **account != accounts.own).map(String::as_str)
        })
    }

    /// Clients of a region of another account of the run.
    pub(crate) fn abroad(&self, account: &str, name: &str) -> Option<Clients> {
        let sdk = self.regions.accounts.get()?.all.get(account)?;
        Some(Clients::new(sdk, name, &self.regions.observer))
    }

    /// The account of the environment of a resource, if it is another one of the run.
    pub(crate) fn home_abroad(&self, address: &Address) -> Option<&'a str> {
        let accounts = self.regions.accounts.get()?;
        let home = accounts.homes.get(address.scope().as_str())?;
        (*home != accounts.own).then_some(home.as_str())
    }

    /// The same region of another account of the run, to read what is there.
    pub(crate) fn read_abroad(&self, account: &str) -> Option<Self> {
        let clients = self.abroad(account, self.name)?;
        let batchers = Arc::new(Batchers::new(Arc::default()));
        let Region { regions, name, .. } = *self;
        Some(Region { regions, clients, hasty: Arc::default(), batchers, cache: None, name })
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.regions.timeouts
    }

    pub(crate) fn observer(&self) -> &'a Observer {
        &self.regions.observer
    }
}

impl Deref for Region<'_> {
    type Target = Clients;

    fn deref(&self) -> &Clients {
        &self.clients
    }
}
