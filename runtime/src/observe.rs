use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ADDRESS_TAG, Facts, Need, PROJECT_TAG};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};

use crate::limits::LISTINGS;
use crate::{Cloud, CloudError, Found, LastApplied, Plan, Step};

/// What a project has in AWS, as it was when it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The project's resources, in order of address, kind and id.
    pub found: Vec<Found>,
    /// What else the listings showed, for the lowering.
    pub facts: Facts,
    /// What asiaq wrote last, by environment, where that is known: it only tells what is drift.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub written: BTreeMap<String, LastApplied>,
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

/// Looks again at the tags of what `plan`, made from what was `observed`, would touch; whether there are others than
/// were thought, so that the plan has to be made again. What is not the project's any more is no longer observed.
pub async fn confirm_tags<C: Cloud>(
    cloud: &C,
    plan: &Plan,
    observed: &mut Observed,
) -> Result<bool, CloudError> {
    let looks = plan.steps.iter().filter_map(Step::live).map(|live| async move {
        let tags = cloud.tags(live).await?;
        Ok(tags.map(|tags| ((live.resource.kind(), live.id.as_str()), tags)))
    });
    // In a list first: the compiler takes no closure here whose borrows it would have to know for every lifetime.
    let looks: Vec<_> = looks.collect();
    let fresh: Vec<_> = stream::iter(looks).buffered(LISTINGS).try_collect().await?;
    let fresh: BTreeMap<_, _> = fresh.into_iter().flatten().collect();
    let mut is_other = false;
    observed.found.retain_mut(|found| match fresh.get(&(found.resource.kind(), found.id.as_str())) {
        Some(tags) if *tags != found.tags => {
            is_other = true;
            found.tags.clone_from(tags);
            is_own(found, &plan.project)
        }
        Some(_) | None => true,
    });
    Ok(is_other)
}

/// Whether the tags of something say that it is what it was taken for.
fn is_own(found: &Found, project: &str) -> bool {
    let says = |tag: &str, value: &str| found.tags.get(tag).is_some_and(|said| said == value);
    says(PROJECT_TAG, project) && says(ADDRESS_TAG, found.address.as_str())
}
