use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Facts, Kind};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::limits::LISTINGS;
use crate::{Cloud, CloudError, Found, Written};

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

/// Lists every kind in every region, concurrently.
///
/// Fails with the first listing that does: a partial view would read as resources that are gone.
pub async fn observe<C: Cloud>(
    cloud: &C,
    project: &str,
    regions: &BTreeSet<String>,
) -> Result<Observed, CloudError> {
    let listings: Vec<_> = regions
        .iter()
        .flat_map(|region| Kind::ALL.iter().map(move |kind| (region, *kind)))
        .map(|(region, kind)| async move {
            cloud.list(region, kind, project).await.map(|listed| (region.clone(), listed))
        })
        .collect();
    let answers: Vec<_> = stream::iter(listings).buffered(LISTINGS).try_collect().await?;

    let mut observed = Observed::default();
    for (region, listed) in answers {
        observed.found.extend(listed.found);
        observed.facts.regions.entry(region).or_default().extend(listed.facts);
    }
    observed
        .found
        .sort_by(|a, b| (&a.address, a.resource.kind(), &a.id).cmp(&(&b.address, b.resource.kind(), &b.id)));
    Ok(observed)
}
