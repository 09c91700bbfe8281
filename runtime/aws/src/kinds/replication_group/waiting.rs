//! What AWS has accepted of a cache and not put in force yet. The members of a replication group say it.

use asiaq_ir::{CacheCluster as Memcached, ReplicationGroup, Until, Waiting};
use aws_sdk_elasticache::types::CacheCluster;
use serde_json::{Value, json};

use super::live::{Group, short};

/// The field that the parameters are in.
const PARAMETERS: &str = ReplicationGroup::PARAMETERS.as_str();

/// The fields of a replication group whose values wait, with the values in force.
pub(crate) fn of_group(live: &Group) -> Vec<Waiting> {
    let Some(first) = live.members.first() else { return Vec::new() };
    let static_parameter = live.members.iter().any(needs_reboot).then(static_parameter);
    let Some(pending) = first.pending_modified_values() else {
        return static_parameter.into_iter().collect();
    };
    let engine = live.group.engine().or(first.engine()).unwrap_or_default();
    let version = |text: Option<&str>| text.map(|text| json!(short(engine, text)));
    let name = |text: Option<&str>| text.map(|text| json!(text));
    let of = [
        waits(
            ReplicationGroup::VERSION.as_str(),
            version(first.engine_version()),
            version(pending.engine_version()),
        ),
        waits(
            ReplicationGroup::NODE_TYPE.as_str(),
            name(first.cache_node_type()),
            name(pending.cache_node_type()),
        ),
        static_parameter,
    ];
    of.into_iter().flatten().collect()
}

/// The fields of a cluster of Memcached whose values wait, with the values in force.
pub(crate) fn of_cluster(live: &CacheCluster) -> Vec<Waiting> {
    let static_parameter = needs_reboot(live).then(static_parameter);
    let Some(pending) = live.pending_modified_values() else { return static_parameter.into_iter().collect() };
    let version = |text: Option<&str>| text.map(|text| json!(text));
    let nodes = |count: Option<i32>| count.map(|count| json!(count));
    let of = [
        waits(Memcached::VERSION.as_str(), version(live.engine_version()), version(pending.engine_version())),
        waits(Memcached::NODES.as_str(), nodes(live.num_cache_nodes()), nodes(pending.num_cache_nodes())),
        static_parameter,
    ];
    of.into_iter().flatten().collect()
}

/// Whether nodes of a cluster, or of a member of a group, have to be rebooted for the values of parameters.
fn needs_reboot(live: &CacheCluster) -> bool {
    live.cache_parameter_group().is_some_and(|group| !group.cache_node_ids_to_reboot().is_empty())
}

/// AWS does not say which parameter it is.
fn static_parameter() -> Waiting {
    let field = PARAMETERS.to_owned();
    Waiting { field, in_force: Value::Null, accepted: Value::Null, until: Until::Reboot }
}

fn waits(field: &str, in_force: Option<Value>, accepted: Option<Value>) -> Option<Waiting> {
    let (in_force, accepted) = (in_force.unwrap_or_default(), accepted?);
    let field = field.to_owned();
    (in_force != accepted).then_some(Waiting { field, in_force, accepted, until: Until::MaintenanceWindow })
}
