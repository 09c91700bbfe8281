use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Assigned, Facts, Needs, Resource, Scope};
use serde::{Deserialize, Serialize};

use crate::accounts::may_lodge;
use crate::{Cloud, Foreign, Found, LastApplied, Result, Unread, ownership};

/// The state of a project in AWS at the time of an observation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The project's resources, in order of address, kind and id.
    pub found: Vec<Found>,
    /// Resources that have the project's tags and are somebody else's: they are left alone.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub foreign: Vec<Foreign>,
    /// Facts about the account, for the lowering of the program.
    pub facts: Facts,
    /// Records of the last applies, by environment, as far as known. They only tell drift from changes of the program.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub written: BTreeMap<Scope, LastApplied>,
    /// Listings that AWS did not answer, and that a plan may not need: see [`needed_listing`](crate::needed_listing).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unread: Vec<Unread>,
}

/// Lists the resources of `project` of every kind in `regions`, and fetches every fact.
///
/// # Errors
/// The first call that fails.
pub async fn observe<C: Cloud>(cloud: &C, project: &str, regions: &BTreeSet<String>) -> Result<Observed> {
    observe_for(cloud, project, regions, &Needs::all()).await
}

/// Like [`observe`], but fetches only the facts listed in `needs`, because each of these costs an extra call.
pub async fn observe_for<C: Cloud>(
    cloud: &C,
    project: &str,
    regions: &BTreeSet<String>,
    needs: &Needs,
) -> Result<Observed> {
    let mut observed = Observed::default();
    let mut lodged = Vec::new();
    for (region, listed) in cloud.survey(regions, project, needs).await? {
        let facts = &mut observed.facts;
        let guests = listed.found.iter().filter(|found| may_lodge(found));
        lodged.extend(guests.map(|guest| (guest.address.clone(), listed.account.clone())));
        let regions = match listed.account {
            Some(account) => {
                let residents = listed.found.iter().filter(|found| !may_lodge(found));
                let scopes = residents.map(|found| found.address.scope().to_scope());
                facts.homes.extend(scopes.map(|scope| (scope, account.clone())));
                facts.others.entry(account).or_default()
            }
            None => &mut facts.regions,
        };
        regions.entry(region).or_default().extend(listed.facts);
        observed.found.extend(listed.found);
        observed.unread.extend(listed.unread);
    }
    let facts = &mut observed.facts;
    lodged.retain(|(address, account)| facts.homes.get(address.scope().as_str()) != account.as_ref());
    facts.guests = lodged.into_iter().collect();
    for found in &observed.found {
        let assigns_name = found.resource.kind().outputs().assigned.contains(&Assigned::DnsName);
        let facts = Some(found).filter(|_| assigns_name);
        let facts = facts.and_then(|found| observed.facts.near_mut(found.address.scope(), &found.region));
        if let Some(facts) = facts {
            let names = facts.assigned.get(&found.id).and_then(|assigned| assigned.get(&Assigned::DnsName));
            let name = names.and_then(BTreeSet::first).cloned();
            facts.endpoints.extend(name.map(|name| (found.address.clone(), name)));
        }
        if let Resource::LaunchTemplate(template) = &found.resource
            && let (Some(image), Some(facts)) =
                (template.image.id(), observed.facts.near_mut(found.address.scope(), &found.region))
        {
            facts.template_images.insert(found.address.clone(), image.to_owned());
        }
    }
    observed
        .found
        .sort_by(|a, b| (&a.address, a.resource.kind(), &a.id).cmp(&(&b.address, b.resource.kind(), &b.id)));
    ownership::separate(&mut observed.found, &mut observed.foreign, &mut observed.facts);
    Ok(observed)
}
