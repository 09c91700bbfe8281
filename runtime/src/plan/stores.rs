//! Caches and search domains with what AWS may have made of them.

use asiaq_ir::{CacheCluster, Database, ReplicationGroup, Resource, SearchDomain};
use serde_json::Value;

use super::waiting;
use crate::{Found, Observed};

/// A cache with what AWS may have made of it: a later minor version, which can be taken back while it waits, and the key that
/// an alias stands for.
pub(super) fn cache(wanted: &Resource, live: &Found, observed: &Observed) -> Option<Resource> {
    let (engine, asked, there) = match (wanted, &live.resource) {
        (Resource::ReplicationGroup(wanted), Resource::ReplicationGroup(live)) => {
            let engine = (wanted.valkey == live.valkey).then_some(wanted.engine());
            (engine, &wanted.version, &live.version)
        }
        (Resource::CacheCluster(wanted), Resource::CacheCluster(live)) => {
            (Some(CacheCluster::ENGINE), &wanted.version, &live.version)
        }
        _ => return None,
    };
    let version = ReplicationGroup::VERSION.as_str();
    let accepted = waiting::of(observed, live).iter().find(|waiting| waiting.field == version);
    let is_taken_back = accepted.is_some_and(|waiting| waiting.in_force.as_str() == Some(asked));
    let is_kept = engine.is_some_and(|engine| Database::is_kept_version(engine, there, asked));
    let mut settled = wanted.clone();
    if is_kept && asked != there && !is_taken_back {
        settled = settled.with_field(version, Value::String(there.clone()));
    }
    if let (Resource::ReplicationGroup(settled), Resource::ReplicationGroup(live)) =
        (&mut settled, &live.resource)
        && settled.encrypted
        && live.encrypted
        && stands_for(settled.kms_key.as_deref(), live.kms_key.as_deref())
    {
        settled.kms_key.clone_from(&live.kms_key);
    }
    (settled != *wanted).then_some(settled)
}

/// A search domain with the key that an alias stands for.
pub(super) fn search(wanted: &SearchDomain, live: &Found) -> Option<SearchDomain> {
    let Resource::SearchDomain(there) = &live.resource else { return None };
    let is_alias = wanted.kms_key.as_deref().is_some_and(|key| key.contains("alias/"));
    let settled = SearchDomain { kms_key: there.kms_key.clone(), ..wanted.clone() };
    (is_alias && there.kms_key.is_some() && settled != *wanted).then_some(settled)
}

/// Whether what a program says of a KMS key may be the live one: nothing, an alias, or its id without the rest of its ARN. A
/// listing shows the ARN.
fn stands_for(said: Option<&str>, live: Option<&str>) -> bool {
    match said {
        None => true,
        Some(key) if key.contains("alias/") => live.is_some(),
        Some(key) => live.and_then(|arn| arn.rsplit_once(":key/")).is_some_and(|(_, id)| id == key),
    }
}
