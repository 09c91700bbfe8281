//! To wait until others are done.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use futures::future::join_all;

use super::{Clock, Environments, GRACE, Held, LeaseSnapshot, Leases};
use crate::CloudError;

/// Pause after the first look; each further one is half as long again, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Looks until nobody holds one of these environments, or it is too late: the answer is what others still hold.
/// `on_busy` hears of it at every look that finds somebody.
pub async fn wait_until_free<L: Leases, C: Clock>(
    leases: &L,
    clock: &C,
    project: &str,
    environments: &Environments,
    end: SystemTime,
    on_busy: &(dyn Fn(&[Held]) + Sync),
) -> Result<Vec<Held>, CloudError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let busy = busy(leases, project, environments).await?;
        let left = end.duration_since(clock.now()).unwrap_or_default();
        if busy.is_empty() || left.is_zero() {
            return Ok(busy);
        }
        on_busy(&busy);
        let next = busy.iter().map(|held| held.grant.expires + GRACE).max();
        let next = next.and_then(|next| next.duration_since(clock.now()).ok());
        // A dead run's lease is free at a time that is known.
        let next = next.map_or(FIRST_PAUSE, |next| next.max(FIRST_PAUSE));
        clock.sleep(pause.min(left).min(next)).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

async fn busy<L: Leases>(
    leases: &L,
    project: &str,
    environments: &Environments,
) -> Result<Vec<Held>, CloudError> {
    let mut busy = Vec::new();
    for (region, snapshot) in look(leases, project, environments.keys()).await {
        let all = snapshot?.map(|snapshot| snapshot.alive(&region)).unwrap_or_default();
        let is_meant =
            |held: &Held| environments.get(&region).is_some_and(|envs| envs.contains(&held.environment));
        busy.extend(all.into_iter().filter(is_meant));
    }
    Ok(busy)
}

/// Looks at the leases of a project in several regions at once; nothing where a region has no place for them.
pub async fn look<L: Leases>(
    leases: &L,
    project: &str,
    regions: impl IntoIterator<Item = &String>,
) -> BTreeMap<String, Result<Option<LeaseSnapshot>, CloudError>> {
    let looks = regions.into_iter().map(|region| async move {
        let seen = leases.leases(region, project).await;
        (region.clone(), seen)
    });
    join_all(looks).await.into_iter().collect()
}
