//! Waiting until other runs release their leases.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use futures::future::join_all;

use super::{Clock, GRACE, Held, LeaseSnapshot, Leases, Scopes};
use crate::Result;
use crate::moment::later;

/// Pause after the first read; each further pause is 1.5 times as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Polls the leases of `scopes` until no run holds one, or until `end`. Returns the scopes still held, so
/// an empty list means that all are free. Calls `on_busy` after every read that finds some held.
///
/// # Errors
/// The first read that fails.
pub async fn wait_until_free<L: Leases, C: Clock>(
    leases: &L,
    clock: &C,
    project: &str,
    scopes: &Scopes,
    end: SystemTime,
    on_busy: &(dyn Fn(&[Held]) + Sync),
) -> Result<Vec<Held>> {
    let mut pause = FIRST_PAUSE;
    loop {
        let held = held(leases, project, scopes).await?;
        let left = end.duration_since(clock.now()).unwrap_or_default();
        if held.is_empty() || left.is_zero() {
            return Ok(held);
        }
        on_busy(&held);
        // Unless they are renewed, all grants have expired by this time: no pause needs to be longer.
        let expiry = held.iter().map(|held| later(held.grant.expires, GRACE)).max();
        let expiry = expiry.and_then(|expiry| expiry.duration_since(clock.now()).ok());
        let expiry = expiry.map_or(FIRST_PAUSE, |expiry| expiry.max(FIRST_PAUSE));
        clock.sleep(pause.min(left).min(expiry)).await;
        pause = (pause.saturating_mul(3) / 2).min(LONGEST_PAUSE);
    }
}

/// Those of `scopes` that are held by runs that may still be alive.
async fn held<L: Leases>(leases: &L, project: &str, scopes: &Scopes) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    for (region, snapshot) in look(leases, project, scopes.keys()).await {
        let all = snapshot?.map(|snapshot| snapshot.alive(&region)).unwrap_or_default();
        let is_requested =
            |held: &Held| scopes.get(&region).is_some_and(|scopes| scopes.contains(&held.scope));
        held.extend(all.into_iter().filter(is_requested));
    }
    Ok(held)
}

/// Reads the leases of a project in several regions concurrently. A snapshot is absent if the region has no table yet.
pub async fn look<L: Leases>(
    leases: &L,
    project: &str,
    regions: impl IntoIterator<Item = &String>,
) -> BTreeMap<String, Result<Option<LeaseSnapshot>>> {
    let reads = regions.into_iter().map(|region| async move {
        let snapshot = leases.leases(region, project).await;
        (region.clone(), snapshot)
    });
    join_all(reads).await.into_iter().collect()
}
