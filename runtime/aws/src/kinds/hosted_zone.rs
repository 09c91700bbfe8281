mod identity;
mod vpcs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_ir::{ADDRESS_TAG, Address, HostedZone, HostedZoneFact, Ref, RegionFacts};
use aws_sdk_route53::operation::change_tags_for_resource::builders::ChangeTagsForResourceFluentBuilder;
use aws_sdk_route53::types::{self as sdk, HostedZoneConfig, ResourceRecordSet, Tag, TagResourceType};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::prelude::*;
use super::record_set::{names, ownership_marker, sets};
use super::resource::AwsResource;
use crate::service::route53;
use crate::tag_batches;

ops! { route53:
    LIST_HOSTED_ZONES = "ListHostedZones", Read;
    LIST_TAGS_FOR_RESOURCES = "ListTagsForResources", Read;
    CREATE_HOSTED_ZONE = "CreateHostedZone", Write;
    UPDATE_HOSTED_ZONE_COMMENT = "UpdateHostedZoneComment", Write;
    CHANGE_TAGS_FOR_RESOURCE = "ChangeTagsForResource", Write;
    DELETE_HOSTED_ZONE = "DeleteHostedZone", Delete;
}

/// Tag with the region of the environment: zones are global, and a resource of the engine has a region.
const REGION_TAG: &str = "asiaq:region";
/// Zones that one call asks the tags of.
const BATCH: usize = 10;
/// Zones whose details are asked for at the same time; AWS takes five calls a second of an account.
pub(super) const AT_ONCE: usize = 4;
/// Records that an error names.
const NAMED: usize = 5;

impl AwsResource for HostedZone {
    const ACTIONS: IamActions = &[OPS, vpcs::OPS];
    const SERVICE: &'static Service = &route53;
    const HAS_TOKEN: bool = true;

    /// Lists every zone of the account: AWS has no filter, and a record may go into a zone that asiaq did not create.
    /// A zone of the project is found in the region that it was created for.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let zones = every(region).await?;
        let tags = tags_of(region, &zones).await?;
        let mut facts = Vec::new();
        let mut ours = Vec::new();
        for zone in zones.iter() {
            let id = bare(&zone.id).to_owned();
            let tags = tags.get(&id).cloned().unwrap_or_default();
            let owner = Owner::of(region, zone, tags, project);
            facts.push(HostedZoneFact {
                domain: names::plain(&zone.name),
                is_private: is_private(zone),
                address: owner.as_ref().map(|owner| owner.address.clone()),
                id,
                is_used: false,
            });
            ours.extend(owner.filter(|owner| owner.region == region.name).map(|owner| (zone, owner)));
        }
        let looks: Vec<_> = ours
            .into_iter()
            .map(|(zone, owner)| async move {
                let resource = read(region, zone).await?;
                Ok(resource.map(|resource| Found {
                    address: owner.address,
                    id: bare(&zone.id).to_owned(),
                    region: owner.region,
                    tags: owner.tags,
                    resource: resource.into(),
                }))
            })
            .collect();
        let found: Vec<Option<Found>> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
        Ok(Listed {
            found: found.into_iter().flatten().collect(),
            facts: RegionFacts { hosted_zones: facts, ..RegionFacts::default() },
            ..Listed::default()
        })
    }

    /// A zone is created without tags. Until it has them, its caller reference says which project owns it.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let reference = identity::reference(region.name, request);
        let config = HostedZoneConfig::builder().comment(&self.comment).private_zone(!self.vpcs.is_empty());
        let first = self.vpcs.first().map(|vpc| vpcs::write(region.name, vpc));
        let call = region
            .route53()
            .create_hosted_zone()
            .name(&self.domain)
            .caller_reference(&reference)
            .set_vpc(first)
            .hosted_zone_config(config.build());
        let zone = match region.retry_until_consistent(CREATE_HOSTED_ZONE, || call.clone().send()).await {
            // The response to an earlier attempt was lost.
            Err(error) if error.code == "HostedZoneAlreadyExists" => {
                let zones = every(region).await?;
                zones.iter().find(|zone| zone.caller_reference == reference).cloned().ok_or(error)?
            }
            answer => CREATE_HOSTED_ZONE.part("zone", answer?.hosted_zone)?,
        };
        let id = bare(&zone.id).to_owned();
        ZoneTags::set(region, &id, request.tags).await?;
        let vpcs = self.vpcs.iter().take(1).cloned().collect();
        Ok(Created { id, initial: Self { vpcs, ..self.clone() }, ready: true })
    }

    /// A zone of this name that asiaq created.
    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let zones = every(region).await?;
        let is_other = |zone: &&sdk::HostedZone| {
            names::plain(&zone.name) == names::plain(&self.domain)
                && is_private(zone) != self.vpcs.is_empty()
                && identity::may_be(&zone.caller_reference)
        };
        let Some(zone) = zones.iter().find(is_other) else { return Ok(None) };
        let id = bare(&zone.id).to_owned();
        let tags = ZoneTags::now(region, &id).await?;
        Ok(tags.map(|tags| (id, tags)))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        tag_family::retag::<ZoneTags>(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.comment != wanted.comment {
            let request = region.route53().update_hosted_zone_comment().id(id).comment(&wanted.comment);
            region.retry_until_consistent(UPDATE_HOSTED_ZONE_COMMENT, || request.clone().send()).await?;
        }
        if self.vpcs == wanted.vpcs {
            return Ok(());
        }
        if self.vpcs.is_empty() || wanted.vpcs.is_empty() {
            let message = "AWS cannot make a private zone of a public one, nor the other way round: \
                           declare another zone for the domain, and take this one away";
            return Err(vpcs::ASSOCIATE_VPC_WITH_HOSTED_ZONE.refused(message));
        }
        vpcs::update(
            region,
            id,
            &ids(wanted.vpcs.difference(&self.vpcs)),
            &ids(self.vpcs.difference(&wanted.vpcs)),
        )
        .await
    }

    /// Deletes a zone that has only the records that AWS created. Records of the project were deleted before; any
    /// other record keeps the zone.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let Some(records) = route53.found(sets::all(region, id).await)? else { return Ok(()) };
        let records = sets::without_idle_marks(region, id, records).await?;
        if let Some(refusal) = kept_by(self, &records) {
            return Err(refusal);
        }
        let request = region.route53().delete_hosted_zone().id(id);
        region.retry_while_in_use(DELETE_HOSTED_ZONE, || request.clone().send()).await
    }
}

/// Why the zone cannot be deleted, as far as the survey shows: somebody else's records are in it. `leaving` are the ids
/// of the records that are deleted before.
pub(super) async fn refusal(
    zone: &HostedZone,
    region: &Region<'_>,
    id: &str,
    leaving: &BTreeSet<&str>,
) -> Result<Option<CloudError>> {
    let mut records = surveyed(region, id).await?;
    records.retain(|set| {
        let of = format!("{id}/{}/{}", names::plain(&set.name), set.r#type.as_str());
        !leaving.contains(of.as_str()) || set.set_identifier.is_some()
    });
    let (_, left) = sets::idle_marks(records);
    Ok(kept_by(zone, &left))
}

/// The records of a zone as the survey saw them, or as they are now.
async fn surveyed(region: &Region<'_>, id: &str) -> Result<Vec<ResourceRecordSet>> {
    let seen = region.cache().and_then(|cache| cache.everywhere.records.get());
    if let Some((_, records)) = seen.and_then(|zones| zones.iter().find(|(zone, _)| zone == id)) {
        return Ok(records.clone());
    }
    Ok(route53.found(sets::all(region, id).await)?.unwrap_or_default())
}

/// Why a zone stays: it has records that AWS did not create.
fn kept_by(zone: &HostedZone, records: &[ResourceRecordSet]) -> Option<CloudError> {
    let apex = names::plain(&zone.domain);
    let is_awss = |set: &&ResourceRecordSet| {
        matches!(set.r#type.as_str(), "NS" | "SOA") && names::plain(&set.name) == apex
    };
    let (marks, left): (Vec<_>, Vec<_>) =
        records.iter().filter(|set| !is_awss(set)).partition(|set| ownership_marker::name_of(set).is_some());
    // The error lists ownership markers only if there are no other records.
    let left = [left, marks].into_iter().find(|left| !left.is_empty())?;
    Some(DELETE_HOSTED_ZONE.refused(not_empty(&apex, &left)))
}

/// Why a zone stays, with the first records that are in it.
fn not_empty(apex: &str, left: &[&ResourceRecordSet]) -> String {
    let name = |set: &&ResourceRecordSet| format!("`{}` {}", names::plain(&set.name), set.r#type.as_str());
    let named: Vec<String> = left.iter().take(NAMED).map(name).collect();
    let more = left.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "`{apex}` still has records that somebody else made: {}{more}; delete them there and go on, or keep the zone",
        named.join(", ")
    )
}

/// The owner of a zone.
struct Owner {
    address: Address,
    region: String,
    tags: Tags,
}

impl Owner {
    /// The owner according to the tags of a zone, or to its caller reference if it has no tags yet. `None` if the zone
    /// does not belong to `project`.
    fn of(region: &Region<'_>, zone: &sdk::HostedZone, tags: Tags, project: &str) -> Option<Self> {
        let is_bare = tags.is_empty();
        let initial = || identity::read(&zone.caller_reference, project);
        let id = bare(&zone.id);
        let mut tags = region.imagine::<HostedZone>(id, tags);
        let own = tags.remove(REGION_TAG).or_else(|| Some(initial()?.0));
        let address = tags::address_in(&tags, project).or_else(|| Some(initial().filter(|_| is_bare)?.1));
        let address = address.or_else(|| region.address_of::<HostedZone>(id, &tags, project));
        // A zone without a region is imagined in each.
        Some(Self { address: address?, region: own.unwrap_or_else(|| region.name.to_owned()), tags })
    }
}

/// Every zone of the account, from every page.
pub(crate) async fn every(region: &Region<'_>) -> Result<Arc<Vec<sdk::HostedZone>>> {
    cached(region.cache().map(|cache| &cache.everywhere.zones), || async {
        LIST_HOSTED_ZONES.all(region.route53().list_hosted_zones().into_paginator().items().send()).await
    })
    .await
}

/// An id without the path before it.
pub(super) fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

pub(super) fn is_private(zone: &sdk::HostedZone) -> bool {
    zone.config().is_some_and(|config| config.private_zone)
}

/// The tags of zones, by zone id; of one that has none yet, what its caller reference says of its owner.
pub(super) async fn owners(region: &Region<'_>, zones: &[sdk::HostedZone]) -> Result<BTreeMap<String, Tags>> {
    let known = tags_of(region, zones).await?;
    let of_zone = |zone: &sdk::HostedZone| {
        let id = bare(&zone.id).to_owned();
        let listed = known.get(&id).filter(|tags| !tags.is_empty()).cloned();
        let initial = || {
            identity::owner(&zone.caller_reference)
                .map(|(project, address)| tags::of_owned(&address, &project))
        };
        (id, listed.or_else(initial).unwrap_or_default())
    };
    Ok(zones.iter().map(of_zone).collect())
}

/// Tags of all zones, by zone id: one that was adopted has a caller reference of somebody else.
async fn tags_of(region: &Region<'_>, zones: &[sdk::HostedZone]) -> Result<Arc<BTreeMap<String, Tags>>> {
    let ids: Vec<String> = zones.iter().map(|zone| bare(&zone.id).to_owned()).collect();
    cached(region.cache().map(|cache| &cache.everywhere.zone_tags), || ZoneTags::of(region, ids)).await
}

/// Tags of zones, by id.
struct ZoneTags;

impl TagFamily for ZoneTags {
    async fn of(region: &Region<'_>, ids: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_batches::of(&route53, &ids, BATCH, |batch| async move {
            let call = region.route53().list_tags_for_resources().resource_type(TagResourceType::Hostedzone);
            let answer = LIST_TAGS_FOR_RESOURCES.call(call.set_resource_ids(Some(batch)).send()).await?;
            let each = answer.resource_tag_sets.into_iter().filter_map(|one| {
                let tags = one.tags.unwrap_or_default().into_iter();
                let tags = tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
                Some((one.resource_id?, tags.collect()))
            });
            Ok(each.collect())
        })
        .await
    }

    /// Sets tags and the region tag, at most ten per call.
    async fn set(region: &Region<'_>, id: &str, tags: &Tags) -> Result<()> {
        let own = (&REGION_TAG.to_owned(), &region.name.to_owned());
        // The tags that identify the owner come first, so that one call sets them together.
        let (ours, others): (Vec<_>, Vec<_>) =
            tags.iter().chain([own]).partition(|(key, _)| key.starts_with("asiaq:"));
        let all = ours.into_iter().chain(others);
        let all: Vec<Tag> = all.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        for some in all.chunks(BATCH) {
            change_tags(region, id, |call| call.set_add_tags(Some(some.to_vec()))).await?;
        }
        Ok(())
    }

    async fn remove(region: &Region<'_>, id: &str, mut keys: Vec<String>) -> Result<()> {
        // The region goes with the owner.
        if keys.iter().any(|key| key == ADDRESS_TAG) {
            keys.push(REGION_TAG.to_owned());
        }
        for some in keys.chunks(BATCH) {
            change_tags(region, id, |call| call.set_remove_tag_keys(Some(some.to_vec()))).await?;
        }
        Ok(())
    }
}

async fn change_tags(
    region: &Region<'_>,
    id: &str,
    change: impl FnOnce(ChangeTagsForResourceFluentBuilder) -> ChangeTagsForResourceFluentBuilder,
) -> Result<()> {
    let call = region.route53().change_tags_for_resource();
    let call = change(call.resource_type(TagResourceType::Hostedzone).resource_id(id));
    region.retry_until_consistent(CHANGE_TAGS_FOR_RESOURCE, || call.clone().send()).await.map(drop)
}

/// Reads all fields of the zone. `None` if it was just deleted.
async fn read(region: &Region<'_>, zone: &sdk::HostedZone) -> Result<Option<HostedZone>> {
    let vpcs = if is_private(zone) { vpcs::of(region, &zone.id).await? } else { Some(Vec::new()) };
    let comment = zone.config().and_then(|config| config.comment.clone()).unwrap_or_default();
    Ok(vpcs.map(|vpcs| HostedZone {
        domain: names::plain(&zone.name),
        vpcs: vpcs.into_iter().filter_map(|vpc| vpc.vpc_id).map(Ref::Id).collect(),
        comment,
    }))
}
