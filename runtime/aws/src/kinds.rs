//! The kinds of resource, one file each. To add one: a file that implements [`InAws`], and its name in
//! [`asiaq_ir::for_each_resource`].

mod alarm;
pub(crate) mod autoscaling_group;
mod balancer_tags;
mod certificates;
mod classic_load_balancer;
mod dhcp_options;
mod elastic_ip;
mod gateway_endpoint;
mod group_rules;
mod hosted_zone;
mod ingress_rules;
mod internet_gateway;
mod launch_template;
mod load_balancer;
mod log_group;
mod namesake;
mod nat_gateway;
mod network_interface;
mod peering_connection;
mod record_set;
mod route_table;
mod security_group;
mod smoke_test;
mod subnet;
mod target_group;
mod topic;
mod users;
mod vpc;
mod vpn_attachment;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Change, Kind, Need, Ref, RegionFacts, Resource};
use asiaq_runtime::{CloudError, Create, Fault, Found, Listed, Tagged};
use futures::future;
use ipnet::Ipv4Net;

use crate::error;
use crate::permissions::Rights;
use crate::region::Region;
use crate::tag_batches::Tags;

pub(crate) use alarm::name_strangers;

/// Times a thing is made again after a creation that nobody knows the outcome of.
const ROUNDS: usize = 3;

/// What AWS can do with a kind of resource. References are AWS ids throughout.
trait InAws: Sized + PartialEq {
    /// What IAM has to allow for the calls of the kind.
    const RIGHTS: Rights;

    /// Everything of the kind in the region that is `project`'s, and what the listing shows besides.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError>;

    /// What calls of their own say of the account: `needs` are the facts that are read.
    async fn facts(_: &Region<'_>, _needs: &BTreeSet<Need>) -> Result<RegionFacts, CloudError> {
        Ok(RegionFacts::default())
    }

    /// The tags of a thing at this moment, where a listing has them from elsewhere.
    async fn tags(_: &Region<'_>, _id: &str) -> Result<Option<Tags>, CloudError> {
        Ok(None)
    }

    /// Makes the bare thing with its tags, by one call that is not repeated when its answer is lost.
    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError>;

    /// Id and tags of what is where this should be. AWS may refuse this for it, or make a second one.
    async fn in_the_way(&self, _: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        Ok(None)
    }

    /// Waits until a thing that was made can be used.
    async fn ready(&self, _: &Region<'_>, _id: &str) -> Result<(), CloudError> {
        Ok(())
    }

    /// Sets and takes off tags.
    async fn retag(region: &Region<'_>, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        region.retag(id, tags).await
    }

    /// Changes the fields in which `self`, what there is, differs from what is wanted.
    async fn update(&self, _: &Region<'_>, _id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self == wanted { Ok(()) } else { Err(error::refused("Update", "AWS cannot change this in place")) }
    }

    /// Deletes the thing and waits until it is gone.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError>;
}

/// How the tags of a thing change.
#[derive(Clone, Copy)]
pub(crate) struct Retag<'a> {
    /// Tags to set.
    pub(crate) set: &'a BTreeMap<String, String>,
    /// Keys of tags to take off.
    pub(crate) remove: &'a BTreeSet<String>,
}

/// What came into being.
struct Made<T> {
    /// AWS id.
    id: String,
    /// What it is as it was born; the rest follows as an update.
    born: T,
    /// Whether it can be used at once.
    ready: bool,
}

macro_rules! kinds {
    ($($kind:ident),+ $(,)?) => {
        /// What IAM has to allow for the calls of a kind.
        pub(crate) fn rights(kind: Kind) -> Rights {
            match kind { $(Kind::$kind => <asiaq_ir::$kind as InAws>::RIGHTS),+ }
        }

        /// See [`asiaq_runtime::Cloud::list`]; of facts with calls of their own only those in `needs`.
        pub(crate) async fn list(
            region: &Region<'_>,
            kind: Kind,
            project: &str,
            needs: &BTreeSet<Need>,
        ) -> Result<Listed, CloudError> {
            let (mut listed, facts) = match kind { $(Kind::$kind => {
                let listing = Box::pin(asiaq_ir::$kind::list(region, project));
                future::try_join(listing, Box::pin(asiaq_ir::$kind::facts(region, needs))).await?
            }),+ };
            listed.facts.extend(facts);
            Ok(listed)
        }

        /// See [`asiaq_runtime::Cloud::tags`].
        pub(crate) async fn tags(
            region: &Region<'_>,
            kind: Kind,
            id: &str,
        ) -> Result<Option<Tags>, CloudError> {
            match kind { $(Kind::$kind => Box::pin(asiaq_ir::$kind::tags(region, id)).await),+ }
        }

        /// Makes a resource once and finishes it: the id.
        async fn try_create(region: &Region<'_>, order: &Create<'_>) -> Result<String, Unmade> {
            match order.resource {
                $(Resource::$kind(wanted) => {
                    let make = || wanted.make(region, order);
                    let made = Box::pin(region.vacated(make)).await.map_err(Unmade::NotEven)?;
                    let finish = async {
                        if !made.ready {
                            wanted.ready(region, &made.id).await?;
                        }
                        if made.born == *wanted {
                            return Ok(());
                        }
                        made.born.update(region, &made.id, wanted).await
                    };
                    Box::pin(finish).await.map_err(Unmade::Half)?;
                    Ok(made.id)
                })+
            }
        }

        /// See [`asiaq_runtime::Cloud::existing_conflict`].
        pub(crate) async fn in_the_way(
            region: &Region<'_>,
            wanted: &Resource,
        ) -> Result<Option<Tagged>, CloudError> {
            match wanted { $(Resource::$kind(wanted) => Box::pin(wanted.in_the_way(region)).await),+ }
        }

        async fn ready(region: &Region<'_>, id: &str, wanted: &Resource) -> Result<(), CloudError> {
            match wanted { $(Resource::$kind(wanted) => Box::pin(wanted.ready(region, id)).await),+ }
        }

        /// Sets and takes off the tags of a resource of `kind`.
        pub(crate) async fn retag(
            region: &Region<'_>,
            kind: Kind,
            id: &str,
            tags: Retag<'_>,
        ) -> Result<(), CloudError> {
            match kind { $(Kind::$kind => Box::pin(asiaq_ir::$kind::retag(region, id, tags)).await),+ }
        }

        /// See [`asiaq_runtime::Cloud::update`]; the tags are done already.
        pub(crate) async fn update(
            region: &Region<'_>,
            id: &str,
            live: &Resource,
            wanted: &Resource,
        ) -> Result<(), CloudError> {
            match (live, wanted) {
                $((Resource::$kind(live), Resource::$kind(wanted)) => {
                    Box::pin(live.update(region, id, wanted)).await
                })+
                _ => Err(error::refused("Update", "a resource of one kind cannot become one of another")),
            }
        }

        async fn try_delete(
            region: &Region<'_>,
            id: &str,
            live: &Resource,
        ) -> Result<(), CloudError> {
            match live { $(Resource::$kind(live) => Box::pin(live.delete(region, id)).await),+ }
        }
    };
}

asiaq_ir::for_each_resource!(kinds);

/// How far a creation came.
enum Unmade {
    /// The thing may not even exist.
    NotEven(CloudError),
    /// It exists, and is not finished.
    Half(CloudError),
}

/// See [`asiaq_runtime::Cloud::create`].
///
/// When the answer to the call that makes the thing is lost, it is looked for by its address before it is
/// made again, so that there are never two.
pub(crate) async fn create(region: &Region<'_>, order: &Create<'_>) -> Result<String, CloudError> {
    let mut round = 1;
    loop {
        let lost = match try_create(region, order).await {
            Ok(id) => return Ok(id),
            Err(Unmade::NotEven(error)) if error::unsure(&error) && round < ROUNDS => error,
            Err(Unmade::NotEven(error)) if error::taken(&error) => {
                return Err(match in_the_way(region, order.resource).await {
                    Ok(Some((id, tags))) => namesake::in_the_way(error, order, &id, &tags),
                    Ok(None) | Err(_) => error,
                });
            }
            Err(Unmade::NotEven(error) | Unmade::Half(error)) => return Err(error),
        };
        tracing::debug!(address = %order.address, %lost, "looking for what may have been made");
        if let Some(found) = turned_up(region, order).await? {
            ready(region, &found.id, order.resource).await?;
            update(region, &found.id, &found.resource, order.resource).await?;
            return Ok(found.id);
        }
        round += 1;
    }
}

/// See [`asiaq_runtime::Cloud::delete`]. What stands in the way in the end is named.
pub(crate) async fn delete(region: &Region<'_>, id: &str, live: &Resource) -> Result<(), CloudError> {
    match try_delete(region, id, live).await {
        Err(error) if error::in_use(&error) => Err(users::named(region, live.kind(), id, error).await),
        done => done,
    }
}

/// The thing that `order` made, should it have made one.
async fn turned_up(region: &Region<'_>, order: &Create<'_>) -> Result<Option<Found>, CloudError> {
    let Some(project) = order.tags.get(asiaq_ir::PROJECT_TAG) else { return Ok(None) };
    let look = || async {
        let listed = list(region, order.resource.kind(), project, &BTreeSet::new()).await?;
        Ok(listed.found.into_iter().find(|found| is_ordered(found, order)))
    };
    match region
        .until("Create", "what may have been made has not turned up", region.patience().lost, look)
        .await
    {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.fault == Fault::TimedOut => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a live thing is the one that was ordered: its address and tags, and the fields it cannot change.
fn is_ordered(found: &Found, order: &Create<'_>) -> bool {
    let fixed = |field: &&str| matches!(order.resource.kind().schema().change(field), Change::Replace(_));
    let fields = order.resource.kind().schema().fields.iter().map(|(field, _)| *field);
    found.address == *order.address
        && order.tags.iter().all(|(key, value)| found.tags.get(key) == Some(value))
        && fields.filter(fixed).all(|field| found.resource.field(field) == order.resource.field(field))
}

/// A block as AWS writes it, without host bits.
fn block(text: &str) -> Option<Ipv4Net> {
    text.parse().ok().map(|block: Ipv4Net| block.trunc())
}

/// Ids of references. What has none is not for AWS to know.
fn ids<'a>(refs: impl IntoIterator<Item = &'a Ref>) -> Vec<String> {
    refs.into_iter().filter_map(Ref::id).map(ToOwned::to_owned).collect()
}
