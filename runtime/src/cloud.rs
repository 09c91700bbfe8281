//! The interface between the engine and the cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use asiaq_ir::{
    ACCOUNT_TAG, ADDRESS_TAG, Address, ENV_TAG, Home, Kind, NAME_TAG, Needs, PROJECT_TAG, RegionFacts,
    Resource, ScopeKind,
};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};

use crate::limits::LISTINGS;

/// A cloud that holds resources: AWS, or an in-memory one for tests.
///
/// The engine calls each method once. The implementation retries throttled and failed calls, waits until resources are
/// ready or deleted, and copes with eventual consistency.
pub trait Cloud: Send + Sync {
    /// The account and the user or role of the caller.
    fn identity(&self) -> impl Future<Output = Result<Identity>> + Send;

    /// Every resource of `kind` in `region` whose tags name `project`, from all pages, with AWS ids as references; and
    /// the facts about the account that the same listing shows.
    fn list(&self, region: &str, kind: Kind, project: &str) -> impl Future<Output = Result<Listed>> + Send;

    /// Like [`list`](Self::list), for every kind in each of `regions`, with the region of each listing. Of the facts
    /// that cost extra calls, fetches only those in `needs`. Calls that several listings share are made once.
    fn survey(
        &self,
        regions: &BTreeSet<String>,
        project: &str,
        needs: &Needs,
    ) -> impl Future<Output = Result<Vec<(String, Listed)>>> + Send {
        each_kind(regions, needs, move |region, kind| async move {
            self.list(&region, kind, project).await.map(|listed| (region, listed))
        })
    }

    /// The current tags of a listed resource; absent if the listing is as current. Some listings take tags from an
    /// index that is eventually consistent, so tags are read again before a plan acts on them.
    fn tags(&self, found: &Found) -> impl Future<Output = Result<Option<BTreeMap<String, String>>>> + Send {
        let _ = found;
        async { Ok(None) }
    }

    /// Tags of the resources of `kind`, by AWS id, of a kind whose listings may show only the ownership tags. Some may
    /// be missing.
    fn hidden_tags(
        &self,
        region: &str,
        kind: Kind,
    ) -> impl Future<Output = Result<BTreeMap<String, BTreeMap<String, String>>>> + Send {
        let _ = (region, kind);
        async { Ok(BTreeMap::new()) }
    }

    /// AWS id and tags of an existing resource that `request` would duplicate, with any owner. References to
    /// resources that do not exist yet are addresses; a resource inside one of these cannot exist.
    fn existing_conflict(&self, request: &Create<'_>) -> impl Future<Output = Result<Option<Tagged>>> + Send {
        let _ = request;
        async { Ok(None) }
    }

    /// Whether [`refusal`](Self::refusal) knows anything about a kind.
    fn may_refuse(&self, kind: Kind) -> bool {
        let _ = kind;
        false
    }

    /// Why the implementation would refuse to create, change or delete a resource, as far as the last survey shows; absent if it
    /// would not. `leaving` are the AWS ids of the resources that the same plan deletes. References to resources that
    /// do not exist yet are addresses.
    fn refusal(
        &self,
        region: &str,
        intent: &Intent<'_>,
        leaving: &BTreeSet<&str>,
    ) -> impl Future<Output = Result<Option<CloudError>>> + Send {
        let _ = (region, intent, leaving);
        async { Ok(None) }
    }

    /// What AWS says of how it would change a resource, for people; absent if it says nothing. Changes nothing.
    fn forecast(&self, update: &Update<'_>) -> impl Future<Output = Result<Option<String>>> + Send {
        let _ = update;
        async { Ok(None) }
    }

    /// Creates a resource with its tags, waits until it can be used, and returns its AWS id.
    fn create(&self, request: &Create<'_>) -> impl Future<Output = Result<String>> + Send;

    /// Creates a resource that takes the place of `displaced`, and deletes these in the same call: no moment passes
    /// without one of them. Only for kinds that AWS [hands over](asiaq_ir::Schema::handed_over).
    fn hand_over(
        &self,
        request: &Create<'_>,
        displaced: &[&Found],
    ) -> impl Future<Output = Result<String>> + Send;

    /// Waits until a resource that was created or changed serves: the instances of an Auto Scaling group are in
    /// service, and a load balancer has healthy targets.
    ///
    /// # Errors
    /// If it does not serve in time. What it replaces then stays.
    fn serving(&self, request: &Serving<'_>) -> impl Future<Output = Result<()>> + Send;

    /// Changes a resource in place.
    fn update(&self, request: &Update<'_>) -> impl Future<Output = Result<()>> + Send;

    /// Deletes a resource and waits until AWS no longer shows it. Succeeds if it does not exist.
    fn delete(&self, request: &Delete<'_>) -> impl Future<Output = Result<()>> + Send;
}

/// Calls `list` for every kind in every region, or for those that `needs` names, up to 32 at a time. What belongs to
/// accounts is listed only for those in `needs`; what is global, in their regions.
///
/// # Errors
/// The first listing that fails: in a partial result, resources would seem to be deleted.
pub async fn each_kind<F, Fut>(
    regions: &BTreeSet<String>,
    needs: &Needs,
    list: F,
) -> Result<Vec<(String, Listed)>>
where
    F: Fn(String, Kind) -> Fut,
    Fut: Future<Output = Result<(String, Listed)>>,
{
    let of_accounts: BTreeSet<&String> = needs.accounts.values().collect();
    let all: BTreeSet<&String> = regions.iter().chain(of_accounts.iter().copied()).collect();
    let is_listed = |region: &String, kind: Kind| match (kind.schema().scope, kind.schema().home) {
        (ScopeKind::Environment, _) => regions.contains(region),
        (ScopeKind::Account, Home::Region) => !of_accounts.is_empty(),
        (ScopeKind::Account, Home::Global) => of_accounts.contains(region),
    };
    let listings: Vec<_> = all
        .into_iter()
        .flat_map(|region| Kind::ALL.iter().map(move |kind| (region, *kind)))
        .filter(|(_, kind)| needs.only.as_ref().is_none_or(|only| only.contains(kind)))
        .filter(|(region, kind)| is_listed(region, *kind))
        .map(|(region, kind)| list(region.clone(), kind))
        .collect();
    stream::iter(listings).buffered(LISTINGS).try_collect().await
}

/// A listing that AWS did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// AWS region.
    pub region: String,
    /// The kind that was to be listed.
    pub kind: Kind,
    /// Why there is no listing.
    pub error: CloudError,
}

/// AWS id and tags of a resource.
pub type Tagged = (String, BTreeMap<String, String>);

/// The identity of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Account id: twelve digits.
    pub account: String,
    /// ARN of the user or role.
    pub arn: String,
}

/// The result of one listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The resources of the project.
    pub found: Vec<Found>,
    /// Facts about the account in the region.
    pub facts: RegionFacts,
    /// What AWS did not answer, where a plan may not need it.
    pub unread: Vec<Unread>,
    /// Id of the account, if the cloud has several and it is not the first of them.
    pub account: Option<String>,
}

/// A live resource of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Address from its `asiaq:address` tag. That of a part which AWS keeps inside another resource is derived from
    /// the address of its parent.
    pub address: Address,
    /// AWS id. A part has the AWS id of its parent.
    pub id: String,
    /// AWS region, such as `us-west-2`.
    pub region: String,
    /// All its tags; empty for a kind without tags.
    pub tags: BTreeMap<String, String>,
    /// The resource, with AWS ids as references.
    pub resource: Resource,
}

impl Found {
    /// Whether it may have more tags than the listing shows, which are those that tell the owner and the name.
    pub(crate) fn hides_tags(&self) -> bool {
        let is_ownership =
            |key: &String| [PROJECT_TAG, ENV_TAG, ACCOUNT_TAG, ADDRESS_TAG, NAME_TAG].contains(&key.as_str());
        self.resource.kind().schema().hides_tags && self.tags.keys().all(is_ownership)
    }
}

/// A request to create a resource.
#[derive(Clone, Copy, Debug)]
pub struct Create<'a> {
    /// AWS region of the resource.
    pub region: &'a str,
    /// Its address, for messages.
    pub address: &'a Address,
    /// The new resource, with AWS ids as references.
    pub resource: &'a Resource,
    /// All tags of the new resource.
    pub tags: &'a BTreeMap<String, String>,
    /// Idempotency token for API operations that take a client token: the same for every attempt at this step of this
    /// plan, and unique otherwise. At most 64 letters, digits and dashes.
    pub token: &'a str,
}

/// What a plan intends to do with a resource.
#[derive(Clone, Copy, Debug)]
pub enum Intent<'a> {
    /// Create it.
    Create(&'a Create<'a>),
    /// Change it in place.
    Update(&'a Update<'a>),
    /// Delete it.
    Delete(&'a Found),
    /// Delete it with the data that it keeps.
    Empty(&'a Found),
}

/// A request to change a resource in place.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// AWS region of the resource.
    pub region: &'a str,
    /// Its address, for messages.
    pub address: &'a Address,
    /// AWS id.
    pub id: &'a str,
    /// The live resource, with AWS ids as references.
    pub live: &'a Resource,
    /// The wanted resource, with AWS ids as references.
    pub wanted: &'a Resource,
    /// Tags to set, by key; only those that differ.
    pub set_tags: &'a BTreeMap<String, String>,
    /// Keys of tags to remove.
    pub remove_tags: &'a BTreeSet<String>,
}

/// A request to delete a resource.
#[derive(Clone, Copy, Debug)]
pub struct Delete<'a> {
    /// AWS region of the resource.
    pub region: &'a str,
    /// Its address, for messages.
    pub address: &'a Address,
    /// AWS id.
    pub id: &'a str,
    /// The live resource, with AWS ids as references.
    pub live: &'a Resource,
    /// Whether it is emptied first, where AWS deletes only what is empty.
    pub with_data: bool,
}

/// A resource that has to serve before what it replaces is removed.
#[derive(Clone, Copy, Debug)]
pub struct Serving<'a> {
    /// AWS region of the resource.
    pub region: &'a str,
    /// Its address, for messages.
    pub address: &'a Address,
    /// Its kind.
    pub kind: Kind,
    /// AWS id.
    pub id: &'a str,
}

/// The result of a call.
pub type Result<T, E = CloudError> = std::result::Result<T, E>;

/// A call that failed, after the implementation's own retries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{operation}: {message}{}", self.request.as_ref().map_or_else(String::new, |id| format!(" (request {id})")))]
pub struct CloudError {
    /// API operation, such as `CreateVpc`.
    pub operation: String,
    /// Category of the failure.
    pub fault: Fault,
    /// AWS error code, such as `VpcLimitExceeded`; empty if there was no response.
    pub code: String,
    /// Message from AWS, or about the failed connection.
    pub message: String,
    /// AWS request id; absent if there was no response.
    pub request: Option<String>,
}

/// The category of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// AWS refused the call.
    Refused,
    /// Credentials are missing, or lack the permission.
    Denied,
    /// There was no response: network, endpoint or time limit.
    Unreachable,
    /// There was a response, and it is none of AWS's: from a proxy, from another service, or damaged.
    Unreadable,
    /// The resource did not become ready, or was not deleted, in time.
    TimedOut,
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn listed(needs: &Needs) -> Vec<(String, Kind)> {
        let regions = BTreeSet::from(["eu-west-1".to_owned(), "us-west-2".to_owned()]);
        let seen = std::sync::Mutex::new(Vec::new());
        let list = |region: String, kind| {
            seen.lock().unwrap().push((region.clone(), kind));
            async { Ok((region, Listed::default())) }
        };
        each_kind(&regions, needs, list).await.unwrap();
        seen.into_inner().unwrap()
    }

    #[tokio::test]
    async fn what_belongs_to_accounts_is_listed_for_those_that_need_it() {
        let of_account = |(_, kind): &&(String, Kind)| kind.schema().scope == ScopeKind::Account;
        let without = listed(&Needs::all()).await;
        assert_eq!(without.iter().filter(of_account).count(), 0);
        let accounts = BTreeMap::from([("audit".to_owned(), "us-east-1".to_owned())]);
        let with = listed(&Needs { accounts, ..Needs::all() }).await;
        let roles: Vec<&str> =
            with.iter().filter(|(_, kind)| *kind == Kind::Role).map(|(region, _)| region.as_str()).collect();
        assert_eq!(roles, ["us-east-1"]);
        let others = |all: &[(String, Kind)]| all.iter().filter(|one| !of_account(one)).count();
        assert_eq!(others(&with), others(&without));
    }
}
