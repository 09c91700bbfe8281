//! A second look at the tags of what a plan changes: listings may show old ones.

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::limits::LISTINGS;
use crate::{Cloud, CloudError, Found, Observed, Plan, Step};

/// Reads the tags of the live resources that `plan` touches again and updates `observed`, from which the plan was
/// made. Returns whether any tag differed, so that the plan has to be recomputed. A resource whose tags name another
/// project or address is removed from `observed`.
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
