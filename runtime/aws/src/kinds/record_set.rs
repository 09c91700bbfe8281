mod balancers;
mod changes;
mod handing_over;
mod name_servers;
pub(super) mod names;
pub(super) mod ownership_marker;
pub(super) mod seen;
pub(super) mod sets;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_ir::{ADDRESS_TAG, Address, Assigned, NAME_TAG, RecordSet, RecordTarget, Ref};
use aws_sdk_route53::types::{self as sdk, ChangeAction, ResourceRecordSet, RrType};
use futures::future;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::endpoints;
use super::hosted_zone::{self, AT_ONCE, bare};
use super::load_balancer;
use super::prelude::*;
use super::resource::AwsResource;
use crate::batchers::Marked;
use crate::listing_cache::ByName;
use crate::service::route53;
use changes::{CHANGE_RESOURCE_RECORD_SETS, change};
pub(super) use handing_over::hand_over;
use ownership_marker::{Mark, referent};

/// Attempts at one change. AWS rejects a change if the record was modified after it was read.
const ROUNDS: usize = 5;
/// Default TTL of a record, in seconds.
const TTL: u32 = 300;

impl AwsResource for RecordSet {
    const ACTIONS: IamActions = &[&[load_balancer::DESCRIBE_LOAD_BALANCERS], changes::OPS, sets::OPS];
    const SERVICE: &'static Service = &route53;

    /// Lists every record of every zone of the account: a record of the project may be in a zone that asiaq did not
    /// create, and AWS cannot search by content. That is one call per zone, and one more per 300 records.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let zones = every(region).await?;
        let facts = name_servers::facts(region, project, &zones).await?;
        let mut ours = Vec::new();
        for (zone, records) in zones.iter() {
            let by_name: BTreeMap<(String, &str), &ResourceRecordSet> = records
                .iter()
                .filter(|set| set.set_identifier.is_none())
                .map(|set| ((names::plain(&set.name), set.r#type.as_str()), set))
                .collect();
            for set in records {
                let Some(name) = ownership_marker::name_of(set) else { continue };
                let marks = ownership_marker::all(set)
                    .filter(|mark| mark.project == project && mark.region == region.name);
                // A mark whose record is gone says nothing.
                ours.extend(marks.filter_map(|mark| {
                    let record = *by_name.get(&(name.clone(), mark.record.as_str()))?;
                    let known = region.batchers().zone(zone);
                    known.note(&name, &mark.record, (record.clone(), set.clone()));
                    Some((zone, mark, record))
                }));
            }
        }
        let points =
            ours.iter().filter(|(_, mark, _)| mark.target.is_some() && mark.record != name_servers::TYPE);
        // What records point at: load balancers, where it is nothing else.
        let place = |address: &Address| (region.home_abroad(address), endpoints::Kind::at(address));
        let places: BTreeSet<_> = points.map(|(_, mark, _)| place(&Address::parse(&mark.address))).collect();
        let mut named = BTreeMap::new();
        for (home, kind) in places {
            let found = match kind {
                Some(kind) => endpoints::all(region, home, kind).await?,
                None => balancers::all(region, home).await?,
            };
            named.insert((home, kind), found);
        }
        // Name servers of zones in other accounts.
        let known = |zone: &str| facts.assigned.contains_key(zone);
        let below = ours.iter().filter(|(_, mark, _)| mark.record == name_servers::TYPE).filter_map(
            |(_, mark, record)| {
                let zone = mark.target.as_deref().filter(|zone| !known(zone))?;
                Some((zone, names::plain(&record.name), Address::parse(&mark.address)))
            },
        );
        let abroad = name_servers::abroad(region, below).await?;
        let servers = |zone: &String| {
            let here = facts.assigned.get(zone).and_then(|zone| zone.get(&Assigned::NameServers));
            here.or_else(|| abroad.get(zone))
        };
        let none = BTreeMap::new();
        let found = ours.into_iter().map(|(zone, mark, set)| {
            let address = Address::parse(&mark.address);
            let named = named.get(&place(&address)).unwrap_or(&none);
            let resource = read(zone, &mark, set, named, mark.target.as_ref().and_then(servers));
            let mut tags = tags::of_owned(&address, &mark.project);
            tags.extend(mark.zone.clone().map(|zone| (NAME_TAG.to_owned(), zone)));
            Found {
                address,
                id: id(zone, &resource),
                region: region.name.to_owned(),
                tags,
                resource: resource.into(),
            }
        });
        Ok(Listed { found: found.collect(), facts, ..Listed::default() })
    }

    /// Creates the record and its ownership marker in one change. A record without a marker of this request is left as
    /// it is.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let zone = zone_of(self)?;
        let mark = Mark::new(self, region.name, request)?;
        let record = write(region, self, request.address).await?;
        // Usually no record exists. If one does, AWS rejects the change.
        let mut changes = ownership_marker::changes(&self.name, None, &self.record, Some(&mark))?;
        changes.push(change(ChangeAction::Create, record.clone())?);
        if sets::change(region, zone, changes).await? {
            return Ok(Created { id: id(zone, self), initial: self.clone(), ready: true });
        }
        let initial = attempts(|| async {
            let look = || There::look(region, zone, &self.name, &self.record);
            // The zone may be new.
            let there = region.retry_until_consistent(sets::LIST_RESOURCE_RECORD_SETS, look).await?;
            if there.record.is_some() {
                if !there.mark.as_ref().is_some_and(|known| known.is_of(&mark)) {
                    return Err(there.refusal(self, Some(&mark)));
                }
                // The answer to the first attempt was lost. The update that follows sets its content.
                return Ok(Some(Self { target: RecordTarget::Values([].into()), ..self.clone() }));
            }
            let mut changes =
                ownership_marker::changes(&self.name, there.marks.as_ref(), &self.record, Some(&mark))?;
            changes.push(change(ChangeAction::Create, record.clone())?);
            Ok(sets::change(region, zone, changes).await?.then(|| self.clone()))
        })
        .await?;
        Ok(Created { id: id(zone, self), initial, ready: true })
    }

    /// Of the tags only those in the marker change.
    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        let parts = id.split_once('/').and_then(|(zone, rest)| Some((zone, rest.rsplit_once('/')?)));
        let Some((zone, (name, record))) = parts else { return Ok(()) };
        if ![ADDRESS_TAG, NAME_TAG].iter().any(|tag| tags.set.contains_key(*tag)) {
            return Ok(());
        }
        attempts(|| async {
            let there = There::look(region, zone, name, record).await?;
            let Some(known) = there.mark.clone() else { return Ok(Some(())) };
            let address = tags.set.get(ADDRESS_TAG).cloned().unwrap_or_else(|| known.address.clone());
            let mark = Mark { zone: Some(zone.to_owned()), address, ..known };
            let changes = ownership_marker::changes(name, there.marks.as_ref(), record, Some(&mark))?;
            if changes.is_empty() {
                return Ok(Some(()));
            }
            Ok(sets::change(region, zone, changes).await?.then_some(()))
        })
        .await
    }

    async fn update(&self, region: &Region<'_>, _: &str, wanted: &Self) -> Result<()> {
        // A replaced load balancer may have the name of the old one, and has another DNS name.
        if self == wanted && referent(&wanted.target).is_none() {
            return Ok(());
        }
        let zone = zone_of(wanted)?;
        attempts(|| async {
            let there = There::look(region, zone, &wanted.name, &wanted.record).await?;
            let Some(known) = there.mark.clone() else { return Err(there.refusal(wanted, None)) };
            let record = write(region, wanted, &Address::parse(&known.address)).await?;
            let mark = Mark { target: referent(&wanted.target).map(ToOwned::to_owned), ..known };
            let mut changes =
                ownership_marker::changes(&wanted.name, there.marks.as_ref(), &wanted.record, Some(&mark))?;
            changes.push(change(ChangeAction::Upsert, record)?);
            Ok(sets::change(region, zone, changes).await?.then_some(()))
        })
        .await
    }

    /// Deletes the record with its ownership marker. A record without a marker no longer belongs to asiaq, and is kept.
    async fn delete(&self, region: &Region<'_>, _: &str) -> Result<()> {
        let zone = zone_of(self)?;
        let end = async |there: There| {
            if there.mark.is_none() {
                return Ok(Some(()));
            }
            let mut changes =
                ownership_marker::changes(&self.name, there.marks.as_ref(), &self.record, None)?;
            if let Some(record) = there.record.filter(|set| set.set_identifier.is_none()) {
                changes.push(change(ChangeAction::Delete, record)?);
            }
            Ok(sets::change(region, zone, changes).await?.then_some(()))
        };
        // AWS rejects a deletion of anything else than what is there: what was listed needs no second look.
        let listed = region.batchers().zone(zone).take_listed(&self.name, &self.record);
        let deleted = async {
            if let Some(listed) = listed
                && end(There::of(listed, &self.record)).await?.is_some()
            {
                return Ok(());
            }
            attempts(|| async { end(There::look(region, zone, &self.name, &self.record).await?).await }).await
        };
        route53.found(deleted.await).map(drop)
    }
}

/// Why the record of `request` cannot be created, as far as the survey shows: a record of somebody else has its name.
/// `leaving` are the ids of records that are deleted before, or by the same call.
pub(super) async fn refusal(
    wanted: &RecordSet,
    region: &Region<'_>,
    request: &Create<'_>,
    leaving: &BTreeSet<&str>,
) -> Result<Option<CloudError>> {
    let Some(zone) = wanted.zone.id() else { return Ok(None) };
    let names = by_name(region).await?;
    let Some(sets) = names.get(&(zone.to_owned(), wanted.name.clone())) else { return Ok(None) };
    let marks = sets.iter().filter(|set| ownership_marker::name_of(set).as_ref() == Some(&wanted.name));
    let marks: Vec<Mark> = marks.flat_map(ownership_marker::all).collect();
    let mark = Mark::new(wanted, region.name, request)?;
    for set in sets.iter().filter(|set| names::plain(&set.name) == wanted.name) {
        let of = set.r#type.as_str();
        // A CNAME record is alone at its name.
        let clashes = of == wanted.record || [of, wanted.record.as_str()].contains(&"CNAME");
        let is_leaving = leaving.contains(format!("{zone}/{}/{of}", wanted.name).as_str());
        let whose = marks.iter().find(|mark| mark.record == of);
        if clashes && !is_leaving && !whose.is_some_and(|whose| whose.is_of(&mark)) {
            let there = There { record: Some(set.clone()), mark: whose.cloned(), marks: None };
            return Ok(Some(there.refusal(wanted, Some(&mark))));
        }
    }
    Ok(None)
}

/// The records of every zone of the account, as the survey shows them.
async fn by_name(region: &Region<'_>) -> Result<Arc<ByName>> {
    cached(region.cache().map(|cache| &cache.everywhere.names), || async {
        let mut names = ByName::new();
        for (zone, records) in every(region).await?.iter() {
            for set in records {
                let at = [Some(names::plain(&set.name)), ownership_marker::name_of(set)];
                for name in at.into_iter().flatten() {
                    names.entry((zone.clone(), name)).or_default().push(set.clone());
                }
            }
        }
        Ok(names)
    })
    .await
}

/// Every record of every zone of the account, by the zone's id.
async fn every(region: &Region<'_>) -> Result<Arc<Vec<(String, Vec<ResourceRecordSet>)>>> {
    let of_zone = async |zone: String| {
        let records = route53.found(sets::all(region, &zone).await)?;
        Ok((zone, records.unwrap_or_default()))
    };
    cached(region.cache().map(|cache| &cache.everywhere.records), || async {
        let zones = hosted_zone::every(region).await?;
        let looks: Vec<_> = zones.iter().map(|zone| of_zone(bare(&zone.id).to_owned())).collect();
        stream::iter(looks).buffered(AT_ONCE).try_collect().await
    })
    .await
}

/// The records of a name before a change.
struct There {
    /// The record of the type that changes.
    record: Option<ResourceRecordSet>,
    /// The ownership marker of `record`.
    mark: Option<Mark>,
    /// The TXT record with the ownership markers of all record types of the name.
    marks: Option<ResourceRecordSet>,
}

impl There {
    /// A record of this type, as it was listed with its marker.
    fn of((set, marks): Marked, record: &str) -> Self {
        let mark = ownership_marker::all(&marks).find(|mark| mark.record == record);
        Self { record: Some(set), mark, marks: Some(marks) }
    }

    async fn look(region: &Region<'_>, zone: &str, name: &str, record: &str) -> Result<Self> {
        let beside = ownership_marker::name(name);
        let (sets, marks) =
            future::try_join(sets::at(region, zone, name), sets::at(region, zone, &beside)).await?;
        let marks = marks.into_iter().find(|set| set.r#type == RrType::Txt);
        let mark = marks.iter().flat_map(ownership_marker::all).find(|mark| mark.record == record);
        Ok(Self { record: sets.into_iter().find(|set| set.r#type.as_str() == record), mark, marks })
    }

    /// The error for an existing record of another owner. `mark` is the ownership marker with which asiaq would take an
    /// unmarked record over.
    fn refusal(&self, wanted: &RecordSet, mark: Option<&Mark>) -> CloudError {
        let whose = match &self.mark {
            Some(mark) => format!("it is `{}` of project `{}`", mark.address, mark.project),
            None => "it has no mark of asiaq beside it, so somebody else made it".to_owned(),
        };
        let name = &wanted.name;
        let record = self.record.as_ref().map_or(wanted.record.as_str(), |set| set.r#type.as_str());
        let take_over = match (&self.mark, mark) {
            (None, Some(mark)) if record == wanted.record => {
                let (beside, text) = (ownership_marker::name(name), mark.write());
                format!(", or let asiaq take it over by a TXT record `{beside}` that has the value `{text}`")
            }
            _ => String::new(),
        };
        CHANGE_RESOURCE_RECORD_SETS.refused(format!(
            "`{name}` has a {record} record in its zone, and {whose}: delete it there, or take another \
                 name{take_over}"
        ))
    }
}

/// Repeats `attempt` while it returns `None`: the records were modified between reading and changing them.
async fn attempts<T, F, Fut>(mut attempt: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>>>,
{
    for _ in 0..ROUNDS {
        if let Some(done) = attempt().await? {
            return Ok(done);
        }
    }
    Err(CHANGE_RESOURCE_RECORD_SETS
        .refused("somebody else keeps changing the records of this name: apply again"))
}

fn id(zone: &str, record: &RecordSet) -> String {
    format!("{zone}/{}/{}", record.name, record.record)
}

/// Id of the zone of a record.
fn zone_of(record: &RecordSet) -> Result<&str> {
    CHANGE_RESOURCE_RECORD_SETS.part("zone", record.zone.id())
}

/// The record at `address` as AWS takes it, with the name that what it points at has now: it is in the account of the
/// environment, which may be another one than that of the zone.
async fn write(region: &Region<'_>, record: &RecordSet, address: &Address) -> Result<ResourceRecordSet> {
    let set = ResourceRecordSet::builder().name(&record.name).r#type(record.record.as_str().into());
    let timed = |set: sdk::builders::ResourceRecordSetBuilder| set.ttl(record.ttl.unwrap_or(TTL).into());
    let set = match &record.target {
        RecordTarget::Values(values) => timed(set).set_resource_records(Some(values::write(values)?)),
        RecordTarget::ServersOf(zone) => {
            let servers = name_servers::of(region, zone, &record.name).await?;
            timed(set).set_resource_records(Some(values::write(&servers)?))
        }
        RecordTarget::NameOf(store) if endpoints::Kind::at(address).is_some() => {
            let id = CHANGE_RESOURCE_RECORD_SETS.part("id", store.id())?;
            let name = endpoints::of(region, address, id).await?;
            let name = names::plain(&CHANGE_RESOURCE_RECORD_SETS.part("endpoint", name)?);
            timed(set).set_resource_records(Some(values::write([&name])?))
        }
        RecordTarget::NameOf(balancer) => {
            let name = balancers::name_of(region, address, balancer).await?;
            timed(set).set_resource_records(Some(values::write([&name])?))
        }
        RecordTarget::Alias(balancer) => {
            let (name, zone) = balancers::look_up(region, address, balancer).await?;
            // Where no machine serves, Route 53 would answer all the same: nothing else has this name.
            let alias = sdk::AliasTarget::builder()
                .dns_name(name)
                .hosted_zone_id(zone)
                .evaluate_target_health(false)
                .build();
            set.alias_target(CHANGE_RESOURCE_RECORD_SETS.built(alias)?)
        }
    };
    CHANGE_RESOURCE_RECORD_SETS.built(set.build())
}

/// The record in the IR's form. It points at its load balancer, database, cache or search domain as long as it says what that
/// one is called now, and has the name servers of a zone as long as these are the zone's.
fn read(
    zone: &str,
    mark: &Mark,
    set: &ResourceRecordSet,
    named: &BTreeMap<String, String>,
    servers: Option<&BTreeSet<String>>,
) -> RecordSet {
    let values = values::read(set);
    let below = mark.target.as_ref().filter(|_| servers == Some(&values));
    let name = |target: &String| Some(names::plain(named.get(target)?));
    let called = mark.target.as_ref().and_then(|target| Some((target, name(target)?)));
    let target = match (called, set.alias_target()) {
        _ if mark.record == name_servers::TYPE && below.is_some() => {
            RecordTarget::ServersOf(Ref::Id(below.cloned().unwrap_or_default()))
        }
        (Some((balancer, called)), Some(alias)) if names::of_alias(&alias.dns_name) == called => {
            RecordTarget::Alias(Ref::Id(balancer.clone()))
        }
        (Some((balancer, called)), None) if values.iter().eq([&called]) => {
            RecordTarget::NameOf(Ref::Id(balancer.clone()))
        }
        (_, Some(alias)) => {
            // No value has this form.
            RecordTarget::Values([format!("alias of {}", names::of_alias(&alias.dns_name))].into())
        }
        (_, None) => RecordTarget::Values(values),
    };
    RecordSet {
        zone: Ref::Id(zone.to_owned()),
        name: names::plain(&set.name),
        record: set.r#type.as_str().to_owned(),
        ttl: set.ttl.filter(|_| set.alias_target.is_none()).and_then(|seconds| seconds.try_into().ok()),
        target,
    }
}
