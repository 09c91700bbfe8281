//! Name servers: those of a zone, and the names in it that other name servers answer for.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Assigned, Ref, RegionFacts};
use aws_sdk_route53::types::{ResourceRecordSet, RrType};

use super::{names, ownership_marker, sets, values};
use crate::kinds::hosted_zone::{self, bare};
use crate::kinds::prelude::*;

/// The type of the records that name servers are in.
pub(super) const TYPE: &str = "NS";

/// The name servers of the public zones, as their own records name them, and the names in zones with name servers that
/// `project` did not write.
pub(super) async fn facts(
    region: &Region<'_>,
    project: &str,
    zones: &[(String, Vec<ResourceRecordSet>)],
) -> Result<RegionFacts> {
    let known = hosted_zone::every(region).await?;
    let domains: BTreeMap<&str, String> = known
        .iter()
        .filter(|zone| !hosted_zone::is_private(zone))
        .map(|zone| (bare(&zone.id), names::plain(&zone.name)))
        .collect();
    let mut facts = RegionFacts::default();
    for (zone, records) in zones {
        let Some(domain) = domains.get(zone.as_str()) else { continue };
        let mut others = BTreeSet::new();
        for set in records.iter().filter(|set| set.r#type == RrType::Ns) {
            let name = names::plain(&set.name);
            if name == *domain {
                let servers = BTreeMap::from([(Assigned::NameServers, values::read(set))]);
                facts.assigned.insert(zone.clone(), servers);
            } else {
                others.insert(name);
            }
        }
        if others.is_empty() {
            continue;
        }
        for set in records {
            let Some(name) = ownership_marker::name_of(set) else { continue };
            let is_ours = ownership_marker::all(set).any(|mark| {
                mark.project == project && mark.record == TYPE && mark.zone.is_none_or(|own| own == *zone)
            });
            if is_ours {
                others.remove(&name);
            }
        }
        facts.delegated.insert(zone.clone(), others);
    }
    Ok(facts)
}

/// The name servers of `zone`, which is of `domain`. It may be new.
pub(super) async fn of(region: &Region<'_>, zone: &Ref, domain: &str) -> Result<BTreeSet<String>> {
    let zone = sets::LIST_RESOURCE_RECORD_SETS.part("hosted zone", zone.id())?;
    let look = || sets::at(region, zone, domain);
    let there = region.retry_until_consistent(sets::LIST_RESOURCE_RECORD_SETS, look).await?;
    let own = there.iter().find(|set| set.r#type == RrType::Ns).map(values::read);
    sets::LIST_RESOURCE_RECORD_SETS.part("name servers", own)
}
