//! Name servers: those of a zone, and the names in it that other name servers answer for.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Assigned, Ref, RegionFacts};
use aws_sdk_route53::types::{ResourceRecordSet, RrType};

use super::{names, ownership_marker, sets, values};
use crate::kinds::hosted_zone::{self, bare};
use crate::kinds::prelude::*;
use crate::service::route53;

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

/// The name servers of `zone`, which is of `domain`. It may be new, and in another account of the run.
pub(super) async fn of(region: &Region<'_>, zone: &Ref, domain: &str) -> Result<BTreeSet<String>> {
    let zone = sets::LIST_RESOURCE_RECORD_SETS.part("hosted zone", zone.id())?;
    let look = || look(region, zone, domain);
    let there = region.retry_until_consistent(sets::LIST_RESOURCE_RECORD_SETS, look).await?;
    sets::LIST_RESOURCE_RECORD_SETS.part("name servers", own(&there))
}

/// The name servers of zones in other accounts of the run, by id: of those that `records` with name servers, of these
/// domains, are for. That is one call a zone where the account of its environment has it.
pub(super) async fn abroad(
    region: &Region<'_>,
    records: impl Iterator<Item = (&str, String, Address)>,
) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut found = BTreeMap::new();
    for (zone, domain, address) in records {
        let home = region.home_abroad(&address);
        if let Some(there) = look_abroad(region, home, zone, &domain).await? {
            found.extend(own(&there).map(|servers| (zone.to_owned(), servers)));
        }
    }
    Ok(found)
}

/// The records of `zone` from `domain` on, in this account, or else in another one of the run.
async fn look(region: &Region<'_>, zone: &str, domain: &str) -> Result<Vec<ResourceRecordSet>> {
    let here = sets::at(region, zone, domain).await;
    if here.as_ref().is_err_and(|error| route53.is_not_found(error))
        && let Some(there) = look_abroad(region, None, zone, domain).await?
    {
        return Ok(there);
    }
    here
}

/// The records of `zone` from `domain` on, in another account of the run: in `first`, or else in any.
async fn look_abroad(
    region: &Region<'_>,
    first: Option<&str>,
    zone: &str,
    domain: &str,
) -> Result<Option<Vec<ResourceRecordSet>>> {
    let rest = region.others_of_run().filter(|account| Some(*account) != first);
    for account in first.into_iter().chain(rest) {
        let Some(abroad) = region.read_abroad(account) else { continue };
        if let Some(there) = route53.found(sets::at(&abroad, zone, domain).await)? {
            return Ok(Some(there));
        }
    }
    Ok(None)
}

/// The name servers of a zone, by its own record of them.
fn own(records: &[ResourceRecordSet]) -> Option<BTreeSet<String>> {
    records.iter().find(|set| set.r#type == RrType::Ns).map(values::read)
}
