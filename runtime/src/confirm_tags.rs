//! A second read of the tags of the resources that a plan changes, because listings may be out of date.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ADDRESS_TAG, CREATED_TAG, Kind, PROJECT_TAG};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::limits::LISTINGS;
use crate::{Cloud, Found, Goal, Observed, Plan, Result, Step, ownership};

/// Reads the tags of the live resources that `plan` touches again and updates `observed`, from which the plan was
/// made. Adds tags that listings hide, if the program changes them. Returns whether any tag differed, so that the plan
/// has to be recomputed. A resource whose tags name another project or address is removed from `observed`.
pub async fn confirm_tags<C: Cloud>(cloud: &C, plan: &Plan, observed: &mut Observed) -> Result<bool> {
    let is_revealed = reveal(cloud, plan, observed).await?;
    let reads = plan.steps.iter().filter_map(Step::live).map(|live| async move {
        let tags = cloud.tags(live).await?;
        Ok(tags.map(|tags| ((live.resource.kind(), live.id.as_str()), tags)))
    });
    // Collected first, because rustc cannot prove the closure general enough over lifetimes inside the stream.
    let reads: Vec<_> = reads.collect();
    let fresh: Vec<_> = stream::iter(reads).buffered(LISTINGS).try_collect().await?;
    let fresh: BTreeMap<_, _> = fresh.into_iter().flatten().collect();
    let mut has_changed = is_revealed;
    observed.found.retain_mut(|found| match fresh.get(&(found.resource.kind(), found.id.as_str())) {
        Some(tags) if *tags != found.tags => {
            has_changed = true;
            found.tags.clone_from(tags);
            is_own(found, &plan.project)
        }
        Some(_) | None => true,
    });
    if has_changed {
        ownership::separate(&mut observed.found, &mut observed.foreign, &mut observed.facts);
    }
    Ok(has_changed)
}

/// Adds the tags that listings hide to the resources in `observed` whose wanted tags are not those of the last apply.
/// Returns whether any were hidden.
async fn reveal<C: Cloud>(cloud: &C, plan: &Plan, observed: &mut Observed) -> Result<bool> {
    let places: BTreeSet<(String, Kind)> = observed
        .found
        .iter()
        .filter(|found| found.hides_tags() && is_in_doubt(plan, observed, found))
        .map(|found| (found.region.clone(), found.resource.kind()))
        .collect();
    let mut has_changed = false;
    for (region, kind) in places {
        let mut hidden = cloud.hidden_tags(&region, kind).await?;
        let own = |found: &&mut Found| found.region == region && found.resource.kind() == kind;
        for found in observed.found.iter_mut().filter(own) {
            if let Some(tags) = hidden.remove(&found.id)
                && tags != found.tags
                && tags.get(ADDRESS_TAG) == found.tags.get(ADDRESS_TAG)
            {
                found.tags = tags;
                has_changed = true;
            }
        }
    }
    Ok(has_changed)
}

/// Whether the last apply may have left other tags on a resource than the plan wants.
fn is_in_doubt(plan: &Plan, observed: &Observed, found: &Found) -> bool {
    let Some(node) = plan.ir.resources.get(&found.address) else { return false };
    let is_covered = plan.scope.goal == Goal::Apply && plan.scope.includes(&found.address);
    let record = observed.written.get(found.address.scope().as_str());
    let was_applied = |(key, value): (&String, &String)| {
        key == CREATED_TAG
            || record.is_some_and(|record| record.has_tag(&found.address, key, &value.as_str().into()))
    };
    is_covered && node.resource.kind().tags().is_some() && !node.tags.iter().all(was_applied)
}

/// Whether the tags of a resource name `project` and the address it was listed under.
fn is_own(found: &Found, project: &str) -> bool {
    let has = |tag: &str, value: &str| found.tags.get(tag).is_some_and(|live| live == value);
    has(PROJECT_TAG, project) && has(ADDRESS_TAG, found.address.as_str())
}
