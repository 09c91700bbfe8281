//! Hosted zones, and the records in those of the project.

use std::collections::BTreeMap;

use asiaq_ir::Kind;
use asiaq_runtime::{Result, Sighting};

use super::super::hosted_zone::{self, bare};
use super::super::record_set;
use super::named;
use crate::operation::Operation;
use crate::region::Region;
use crate::tags;

/// The operations that list them.
pub(super) const LISTS: &[Operation] = &[
    hosted_zone::LIST_HOSTED_ZONES,
    hosted_zone::LIST_TAGS_FOR_RESOURCES,
    record_set::sets::LIST_RESOURCE_RECORD_SETS,
];

/// The zones of the account. A zone that is somebody else's stands for the records in it.
pub(super) async fn zones(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let zones = hosted_zone::every(region).await?;
    let tags = hosted_zone::owners(region, &zones).await?;
    let seen = zones.iter().filter_map(|zone| {
        let id = bare(&zone.id);
        let tags = tags.get(id).cloned().unwrap_or_default();
        let domain = record_set::names::plain(&zone.name);
        let service = zone.linked_service().and_then(|service| service.service_principal());
        let of_aws = service.map(|service| format!("made by {service}"));
        let seen = named(region, Kind::HostedZone, Some(id), Some(&domain), tags)?;
        Some(Sighting { of_aws, ..seen })
    });
    Ok(seen.collect())
}

/// The records in the zones of the project: AWS lists those of a zone at a time.
pub(super) async fn records(region: &Region<'_>, project: &str) -> Result<Vec<Sighting>> {
    let zones = hosted_zone::every(region).await?;
    let owners = hosted_zone::owners(region, &zones).await?;
    let mut seen = Vec::new();
    for zone in zones.iter() {
        let id = bare(&zone.id);
        if owners.get(id).and_then(|tags| tags::address_in(tags, project)).is_none() {
            continue;
        }
        for record in record_set::seen::of_zone(region, id, &zone.name).await? {
            let name = format!("{} {}", record.name, record.record);
            let key = format!("{id}/{}/{}", record.name, record.record);
            let one = named(region, Kind::RecordSet, Some(&key), Some(&name), record.tags);
            let within = Some(id.to_owned());
            seen.extend(one.map(|one| Sighting { within, of_aws: record.of_aws, ..one }));
        }
    }
    // Several with an identifier are one.
    let by_id: BTreeMap<String, Sighting> = seen.into_iter().map(|one| (one.id.clone(), one)).collect();
    Ok(by_id.into_values().collect())
}
