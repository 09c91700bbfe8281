//! The buckets of a region with their tags. AWS's list shows none: they come from the index of tags, and for buckets that
//! are younger than the index from the buckets themselves.

use std::time::{Duration, SystemTime};

use asiaq_ir::Partition;
use aws_sdk_s3::primitives::DateTime;

use super::super::prelude::*;
use super::{Live, place};
use crate::tag_index;

/// The tags of a bucket of this age are in the index. AWS names minutes; and a change of its policy makes a bucket young.
const SETTLED: Duration = Duration::from_hours(24);
/// The buckets of the region, each with its tags where the index has them.
pub(super) async fn of_region(region: &Region<'_>) -> Result<Vec<Live>> {
    let all = place::of_region(region).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let index = tag_index::buckets(region).await?;
    let partition = Partition::of(region.name).name();
    let live = all.into_iter().filter_map(|bucket| {
        let is_young = is_young(bucket.creation_date.as_ref());
        let name = bucket.name?;
        let tags = index.as_ref().and_then(|index| {
            let known = index.get(&format!("arn:{partition}:s3:::{name}")).cloned();
            known.or_else(|| (!is_young).then(Tags::new))
        });
        Some(Live { name, tags })
    });
    Ok(live.collect())
}

/// Whether a bucket may be younger than the index. One without a time may.
fn is_young(created: Option<&DateTime>) -> bool {
    let Some(created) = created.and_then(|moment| SystemTime::try_from(*moment).ok()) else { return true };
    // One of the future is young: a clock is wrong.
    SystemTime::now().duration_since(created).map_or(true, |age| age < SETTLED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_young_for_a_day() {
        let ago = |hours: u64| DateTime::from(SystemTime::now() - Duration::from_hours(hours));
        assert!(is_young(Some(&ago(23))) && !is_young(Some(&ago(25))));
        let ahead = DateTime::from(SystemTime::now() + Duration::from_hours(1));
        assert!(is_young(Some(&ahead)) && is_young(None));
    }
}
