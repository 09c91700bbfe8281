//! A record that takes the place of others of its name, in one change: no moment passes without the name.

use std::collections::BTreeSet;

use asiaq_ir::{RecordSet, Resource};
use asiaq_runtime::{Create, Found};
use aws_sdk_route53::types::{ChangeAction, RrType};

use super::changes::change;
use super::ownership_marker::{self, Mark};
use super::{There, attempts, id, sets, write, zone_of};
use crate::kinds::prelude::*;

/// Creates `wanted` and deletes the records in `displaced`, which have its zone and its name. Records and markers
/// change together or not at all. Records without a marker of this project are left as they are.
pub(in crate::kinds) async fn hand_over(
    wanted: &RecordSet,
    region: &Region<'_>,
    request: &Create<'_>,
    displaced: &[&Found],
) -> Result<String> {
    let zone = zone_of(wanted)?;
    let mark = Mark::new(wanted, region.name, request)?;
    let record = write(region, wanted, request.address).await?;
    let leaving: BTreeSet<&str> = displaced
        .iter()
        .filter_map(|found| match &found.resource {
            Resource::RecordSet(record) => Some(record.record.as_str()),
            _ => None,
        })
        .collect();
    let addresses: BTreeSet<&str> = displaced.iter().map(|found| found.address.as_str()).collect();
    attempts(|| {
        Box::pin(async {
            let beside = ownership_marker::name(&wanted.name);
            let looks = (sets::at(region, zone, &wanted.name), sets::at(region, zone, &beside));
            let (there, beside) = futures::try_join!(looks.0, looks.1)?;
            let marks = beside.into_iter().find(|set| set.r#type == RrType::Txt);
            let known: Vec<Mark> = marks.iter().flat_map(ownership_marker::all).collect();
            let is_ours = |other: &Mark| {
                other.project == mark.project && addresses.contains(other.address.as_str())
                    || other.is_of(&mark)
            };
            let mut changes = Vec::new();
            let mut gone: Vec<&str> = vec![&wanted.record];
            for set in there {
                let of = set.r#type.as_str().to_owned();
                if of != wanted.record && !leaving.contains(of.as_str()) {
                    continue;
                }
                match known.iter().find(|mark| mark.record == of) {
                    Some(own) if is_ours(own) => changes.push(change(ChangeAction::Delete, set)?),
                    own if of == wanted.record => {
                        let there = There { record: Some(set), mark: own.cloned(), marks: marks.clone() };
                        return Err(there.refusal(wanted, Some(&mark)));
                    }
                    Some(_) | None => continue,
                }
                gone.extend(leaving.get(of.as_str()));
            }
            changes.extend(ownership_marker::changes_of(&wanted.name, marks.as_ref(), &gone, Some(&mark))?);
            changes.push(change(ChangeAction::Create, record.clone())?);
            Ok(sets::change(region, zone, changes).await?.then(|| id(zone, wanted)))
        })
    })
    .await
}
