//! A second read of the tags of the resources that a plan changes, because listings may be out of date.

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::limits::LISTINGS;
use crate::{Cloud, Found, Observed, Plan, Result, Step, ownership};

/// Reads the tags of the live resources that `plan` touches again and updates `observed`, from which the plan was
/// made. Returns whether any tag differed, so that the plan has to be recomputed. A resource whose tags name another
/// project or address is removed from `observed`.
pub async fn confirm_tags<C: Cloud>(cloud: &C, plan: &Plan, observed: &mut Observed) -> Result<bool> {
    let reads = plan.steps.iter().filter_map(Step::live).map(|live| async move {
        let tags = cloud.tags(live).await?;
        Ok(tags.map(|tags| ((live.resource.kind(), live.id.as_str()), tags)))
    });
    // Collected first, because rustc cannot prove the closure general enough over lifetimes inside the stream.
    let reads: Vec<_> = reads.collect();
    let fresh: Vec<_> = stream::iter(reads).buffered(LISTINGS).try_collect().await?;
    let fresh: BTreeMap<_, _> = fresh.into_iter().flatten().collect();
    let mut has_changed = false;
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

/// Whether the tags of a resource name `project` and the address it was listed under.
fn is_own(found: &Found, project: &str) -> bool {
    let has = |tag: &str, value: &str| found.tags.get(tag).is_some_and(|live| live == value);
    has(PROJECT_TAG, project) && has(ADDRESS_TAG, found.address.as_str())
}
