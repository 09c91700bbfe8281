use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Facts, Need};
use serde::{Deserialize, Serialize};

use crate::{Action, Cloud, CloudError, Found, Plan, Written};

/// What a project has in AWS, as it was when it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The project's resources, in order of address, kind and id.
    pub found: Vec<Found>,
    /// What else the listings showed, for the lowering.
    pub facts: Facts,
    /// What asiaq wrote last, by environment, where that is known: it only tells what is drift.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub written: BTreeMap<String, Written>,
}

/// Lists every kind in every region, with every fact.
pub async fn observe<C: Cloud>(
    cloud: &C,
    project: &str,
    regions: &BTreeSet<String>,
) -> Result<Observed, CloudError> {
    observe_for(cloud, project, regions, &Need::ALL.into()).await
}

/// The same for somebody who reads of the facts that take calls of their own only those in `needs`.
pub async fn observe_for<C: Cloud>(
    cloud: &C,
    project: &str,
    regions: &BTreeSet<String>,
    needs: &BTreeSet<Need>,
) -> Result<Observed, CloudError> {
    let mut observed = Observed::default();
    for (region, listed) in cloud.survey(regions, project, needs).await? {
        observed.found.extend(listed.found);
        observed.facts.regions.entry(region).or_default().extend(listed.facts);
    }
    observed
        .found
        .sort_by(|a, b| (&a.address, a.resource.kind(), &a.id).cmp(&(&b.address, b.resource.kind(), &b.id)));
    Ok(observed)
}

/// Looks again at the tags that `plan`, made from what was `observed`, would change; whether there are others than
/// were thought, so that the plan has to be made again.
pub async fn confirm_tags<C: Cloud>(
    cloud: &C,
    plan: &Plan,
    observed: &mut Observed,
) -> Result<bool, CloudError> {
    let mut is_other = false;
    let retagged = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Update { live, set_tags, remove_tags, .. } => {
            (!set_tags.is_empty() || !remove_tags.is_empty()).then_some(live)
        }
        Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => None,
    });
    for live in retagged {
        let is_it = |found: &&mut Found| found.id == live.id && found.resource.kind() == live.resource.kind();
        let Some(found) = observed.found.iter_mut().find(is_it) else { continue };
        if let Some(tags) = cloud.tags(found).await?
            && tags != found.tags
        {
            found.tags = tags;
            is_other = true;
        }
    }
    Ok(is_other)
}
