//! The one door to the world.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use asiaq_ir::{Address, Kind, Need, RegionFacts, Resource};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};

use crate::limits::LISTINGS;

/// A cloud that holds resources: AWS, or one in memory for tests.
///
/// Each call is one attempt as the engine sees it: retries of throttled and failed calls, waiting until a
/// resource is ready or gone, and patience with answers that lag behind are the implementation's.
pub trait Cloud: Send + Sync {
    /// Who the caller is.
    fn identity(&self) -> impl Future<Output = Result<Identity, CloudError>> + Send;

    /// Every resource of `kind` in `region` that is tagged as `project`'s, from every page, in the IR's
    /// form with AWS ids for references; and what that listing says of the account in general.
    fn list(
        &self,
        region: &str,
        kind: Kind,
        project: &str,
    ) -> impl Future<Output = Result<Listed, CloudError>> + Send;

    /// The same for every kind in each of `regions`, with of the facts that take calls of their own only those in
    /// `needs`. A cloud whose listings have calls in common makes each of these once.
    fn survey(
        &self,
        regions: &BTreeSet<String>,
        project: &str,
        needs: &BTreeSet<Need>,
    ) -> impl Future<Output = Result<Vec<(String, Listed)>, CloudError>> + Send {
        let _ = needs;
        each_kind(regions, move |region, kind| async move {
            self.list(&region, kind, project).await.map(|listed| (region, listed))
        })
    }

    /// The tags of something that was listed, as they are now: a listing may have them from an index that lags
    /// behind, and is believed as long as nothing follows from it. None where the listing was as good.
    fn tags(
        &self,
        found: &Found,
    ) -> impl Future<Output = Result<Option<BTreeMap<String, String>>, CloudError>> + Send {
        let _ = found;
        async { Ok(None) }
    }

    /// AWS id and tags of what stands where `order` would make something. References that point at nothing yet are
    /// left as addresses; what stands in something that is still to be made is nothing.
    fn in_the_way(
        &self,
        order: &Create<'_>,
    ) -> impl Future<Output = Result<Option<Tagged>, CloudError>> + Send {
        let _ = order;
        async { Ok(None) }
    }

    /// Makes a resource with its tags and waits until it can be used; the answer is its AWS id.
    fn create(&self, order: &Create<'_>) -> impl Future<Output = Result<String, CloudError>> + Send;

    /// Changes a resource in place.
    fn update(&self, order: &Update<'_>) -> impl Future<Output = Result<(), CloudError>> + Send;

    /// Deletes a resource and waits until it is gone. One that is gone already is no error.
    fn delete(&self, order: &Delete<'_>) -> impl Future<Output = Result<(), CloudError>> + Send;
}

/// What `list` says of every kind in every region, many at a time. Fails with the first listing that does: a partial
/// view would read as resources that are gone.
pub async fn each_kind<F, Fut>(
    regions: &BTreeSet<String>,
    list: F,
) -> Result<Vec<(String, Listed)>, CloudError>
where
    F: Fn(String, Kind) -> Fut,
    Fut: Future<Output = Result<(String, Listed), CloudError>>,
{
    let kinds = regions.iter().flat_map(|region| Kind::ALL.iter().map(move |kind| (region.clone(), *kind)));
    let listings: Vec<_> = kinds.map(|(region, kind)| list(region, kind)).collect();
    stream::iter(listings).buffered(LISTINGS).try_collect().await
}

/// AWS id and tags of something.
pub type Tagged = (String, BTreeMap<String, String>);

/// The caller, as the cloud knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Account id: twelve digits.
    pub account: String,
    /// ARN of the user or role.
    pub arn: String,
}

/// What one listing brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The project's resources.
    pub found: Vec<Found>,
    /// What else it showed.
    pub facts: RegionFacts,
}

/// A live resource of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// From its `asiaq:address` tag, or derived from its parent's where AWS keeps it inside that one.
    pub address: Address,
    /// AWS id. Parts that AWS keeps inside another resource carry that one's id.
    pub id: String,
    /// Region it is in.
    pub region: String,
    /// All its tags; empty for a kind without tags of its own.
    pub tags: BTreeMap<String, String>,
    /// The resource, references as AWS ids.
    pub resource: Resource,
}

/// An order to make a resource.
#[derive(Clone, Copy, Debug)]
pub struct Create<'a> {
    /// Where.
    pub region: &'a str,
    /// Its address, for messages.
    pub address: &'a Address,
    /// What, references as AWS ids.
    pub resource: &'a Resource,
    /// All tags it is born with.
    pub tags: &'a BTreeMap<String, String>,
    /// The same for every attempt at this step of this plan, and for no other: where AWS takes a client
    /// token this is it. At most 64 characters, letters, digits and dashes.
    pub token: &'a str,
}

/// An order to change a resource in place.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// Where.
    pub region: &'a str,
    /// Its address, for messages.
    pub address: &'a Address,
    /// AWS id.
    pub id: &'a str,
    /// What it is now, references as AWS ids.
    pub live: &'a Resource,
    /// What it should be, references as AWS ids.
    pub wanted: &'a Resource,
    /// Tags to set; those that are right already are not among them.
    pub set_tags: &'a BTreeMap<String, String>,
    /// Keys of tags to take off.
    pub remove_tags: &'a BTreeSet<String>,
}

/// An order to delete a resource.
#[derive(Clone, Copy, Debug)]
pub struct Delete<'a> {
    /// Where.
    pub region: &'a str,
    /// Its address, for messages.
    pub address: &'a Address,
    /// AWS id.
    pub id: &'a str,
    /// What it is now, references as AWS ids.
    pub live: &'a Resource,
}

/// A call that did not work, after the implementation's own retries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{operation}: {message}{}", self.request.as_ref().map_or_else(String::new, |id| format!(" (request {id})")))]
pub struct CloudError {
    /// API operation, such as `CreateVpc`.
    pub operation: String,
    /// What kind of failure it is.
    pub fault: Fault,
    /// AWS's error code, such as `VpcLimitExceeded`; empty where there was no answer.
    pub code: String,
    /// What AWS said, or what went wrong on the way.
    pub message: String,
    /// AWS's request id, where there was an answer.
    pub request: Option<String>,
}

/// The kinds of failure that matter to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// AWS refused the call.
    Refused,
    /// No credentials, or not the right to call it.
    Denied,
    /// No answer: the network, the endpoint, a time limit.
    Unreachable,
    /// The resource did not become ready, or did not go, in time.
    TimedOut,
}
