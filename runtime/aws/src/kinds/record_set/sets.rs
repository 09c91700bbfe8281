//! The record sets of a zone: listed and changed.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet};

use super::changes::{CHANGE_RESOURCE_RECORD_SETS, change as changed};
use super::{names, ownership_marker};
use crate::kinds::prelude::*;
use crate::service::BATCH_REFUSED;

ops! { route53:
    LIST_RESOURCE_RECORD_SETS = "ListResourceRecordSets", Read;
}

/// Records that a look at one name asks for: more than a name has, as a rule.
const FEW: i32 = 20;
/// Names that are looked at and changed together: AWS takes 32,000 characters in one call, and a record with its mark
/// has a few hundred.
const TOGETHER: usize = 50;

/// Every record of a zone, from every page.
pub(crate) async fn all(region: &Region<'_>, zone: &str) -> Result<Vec<ResourceRecordSet>> {
    from(region, zone, None).await
}

/// The records of a name.
pub(super) async fn at(region: &Region<'_>, zone: &str, name: &str) -> Result<Vec<ResourceRecordSet>> {
    let look = async |names: Vec<String>| {
        let seen = under(region, zone, &names).await;
        each(&names, seen, |seen, name| seen.get(name).cloned().unwrap_or_default())
    };
    region.batchers().zone(zone).looks.ask(name.to_owned(), TOGETHER, look).await
}

/// The records of several names, in one call where the names are close together: a page begins at a name and has the
/// records after it.
async fn under(
    region: &Region<'_>,
    zone: &str,
    names: &[String],
) -> Result<BTreeMap<String, Vec<ResourceRecordSet>>> {
    let mut left: BTreeMap<String, String> =
        names.iter().map(|name| (names::order(name), name.clone())).collect();
    let mut seen: BTreeMap<String, Vec<ResourceRecordSet>> = BTreeMap::new();
    while let Some((place, first)) = left.pop_first() {
        if left.is_empty() || !names::is_plain(&first) {
            seen.insert(first.clone(), from(region, zone, Some(&first)).await?);
            continue;
        }
        let request = region.route53().list_resource_record_sets().hosted_zone_id(zone);
        let page = LIST_RESOURCE_RECORD_SETS.call(request.start_record_name(&first).send()).await?;
        let end = page.next_record_name.filter(|_| page.is_truncated);
        let end = end.map(|end| names::order(end.trim_end_matches('.')));
        let is_whole = |place: &String| end.as_ref().is_none_or(|end| place < end);
        let mut by_name: BTreeMap<String, Vec<ResourceRecordSet>> = BTreeMap::new();
        for set in page.resource_record_sets {
            by_name.entry(names::plain(&set.name)).or_default().push(set);
        }
        if !is_whole(&place) {
            seen.insert(first.clone(), from(region, zone, Some(&first)).await?);
            continue;
        }
        let covered = |place: &String, name: &String| is_whole(place) && names::is_plain(name);
        seen.insert(first.clone(), by_name.remove(&first).unwrap_or_default());
        left.retain(|place, name| {
            let covered = covered(place, name);
            if covered {
                seen.insert(name.clone(), by_name.remove(name).unwrap_or_default());
            }
            !covered
        });
    }
    Ok(seen)
}

/// The records of a name, or all of them.
async fn from(region: &Region<'_>, zone: &str, only: Option<&str>) -> Result<Vec<ResourceRecordSet>> {
    let mut request = region
        .route53()
        .list_resource_record_sets()
        .hosted_zone_id(zone)
        .set_start_record_name(only.map(ToOwned::to_owned))
        .set_max_items(only.map(|_| FEW));
    let is_meant = |name: &str| only.is_none_or(|only| names::plain(name) == only);
    let mut records = Vec::new();
    loop {
        let page = LIST_RESOURCE_RECORD_SETS.call(request.clone().send()).await?;
        records.extend(page.resource_record_sets.into_iter().filter(|set| is_meant(&set.name)));
        let next = page.next_record_name.filter(|name| page.is_truncated && is_meant(name));
        let Some(next) = next else { return Ok(records) };
        request = request
            .set_start_record_name(Some(next))
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
}

/// Applies all of `changes` or none, batched with concurrent changes of the zone. Returns false if AWS rejected them
/// because a record was modified after it was read. Only the text of AWS's message identifies this error.
pub(super) async fn change(region: &Region<'_>, zone: &str, changes: Vec<Change>) -> Result<bool> {
    let change = async |all: Vec<Vec<Change>>| {
        let together = submit(region, zone, all.concat()).await;
        let is_refused = match &together {
            Ok(is_done) => !is_done,
            Err(error) => error.code == BATCH_REFUSED,
        };
        if !is_refused || all.len() == 1 {
            return each(&all, together, |is_done, _| *is_done);
        }
        // AWS rejected one change, and with it the batch. Each change is sent alone.
        let mut alone = Vec::new();
        for changes in all {
            alone.push(submit(region, zone, changes).await);
        }
        alone
    };
    region.batchers().zone(zone).changes.ask(changes, TOGETHER, change).await
}

async fn submit(region: &Region<'_>, zone: &str, changes: Vec<Change>) -> Result<bool> {
    let batch =
        CHANGE_RESOURCE_RECORD_SETS.built(ChangeBatch::builder().set_changes(Some(changes)).build())?;
    let request = region.route53().change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    match region.retry_until_consistent(CHANGE_RESOURCE_RECORD_SETS, || request.clone().send()).await {
        Err(error) if error.code == BATCH_REFUSED && is_of_another_time(&error.message) => Ok(false),
        answer => answer.map(|_| true),
    }
}

fn is_of_another_time(message: &str) -> bool {
    ["but it already exists", "but it was not found", "do not match the current values"]
        .iter()
        .any(|said| message.contains(said))
}

/// The ownership markers of missing records, and the remaining records.
pub(crate) fn idle_marks(
    records: Vec<ResourceRecordSet>,
) -> (Vec<ResourceRecordSet>, Vec<ResourceRecordSet>) {
    let there: BTreeSet<(String, String)> =
        records.iter().map(|set| (names::plain(&set.name), set.r#type.as_str().to_owned())).collect();
    let is_idle = |set: &ResourceRecordSet| {
        ownership_marker::name_of(set).is_some_and(|name| {
            let marks: Vec<_> = ownership_marker::all(set).collect();
            marks.len() == set.resource_records().len()
                && marks.into_iter().all(|mark| !there.contains(&(name.clone(), mark.record)))
        })
    };
    records.into_iter().partition(is_idle)
}

/// Deletes ownership markers of missing records. Returns the remaining records.
pub(crate) async fn without_idle_marks(
    region: &Region<'_>,
    zone: &str,
    records: Vec<ResourceRecordSet>,
) -> Result<Vec<ResourceRecordSet>> {
    let (idle, left) = idle_marks(records);
    for set in idle {
        change(region, zone, vec![changed(ChangeAction::Delete, set)?]).await?;
    }
    Ok(left)
}
