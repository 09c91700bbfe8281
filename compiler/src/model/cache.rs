//! The caches of an environment (ElastiCache).

mod checks;

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::version;
use asiaq_lang::{Diagnostic, Span};
use md5::{Digest as _, Md5};

use super::database::Surroundings;
use super::{Environment, Provenance};
use crate::block::Block;
use crate::evaluate::{Evaluator, Resolved};
use crate::library::fields::CacheFields;
use crate::library::{engines, kinds};
use crate::value::{Ports, Spanned};
use crate::window::Window;

pub(super) use checks::check_all;

/// The metanetwork of a cache that names none.
const NETWORK: &str = "intranet";
/// The maintenance window of a cache that has none.
const WINDOW: Window = Window::of_saturday(5);
/// Minutes of a window that nobody declared, and from the end of the declared one to its beginning.
const HOUR: u32 = 60;
/// The first version of Redis with automatic failover (ElastiCache user guide, "Minimizing downtime").
const FIRST_WITH_FAILOVER: &str = "2.8.6";

/// A cache.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cache {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// `valkey`, `redis` or `memcached`.
    pub(crate) engine: Resolved<String>,
    /// Version of the engine.
    pub(crate) version: Resolved<String>,
    /// Type of its nodes.
    pub(crate) node_type: Resolved<String>,
    /// Number of nodes.
    pub(crate) nodes: Option<Resolved<i64>>,
    /// Number of shards, in cluster mode.
    pub(crate) shards: Option<Resolved<i64>>,
    /// Replicas of each shard.
    pub(crate) replicas: Option<Resolved<i64>>,
    /// Its metanetwork.
    pub(crate) network: Resolved<String>,
    /// Further metanetworks whose security groups it has.
    pub(crate) security: Resolved<Vec<Spanned<String>>>,
    /// Its port.
    pub(crate) port: Resolved<u16>,
    /// Whether a replica takes the place of a primary node that fails.
    pub(crate) failover: Option<Resolved<bool>>,
    /// Whether nodes are in several zones.
    pub(crate) multi_az: Option<Resolved<bool>>,
    /// When AWS maintains it.
    pub(crate) window: Option<Resolved<Window>>,
    /// Seconds that daily snapshots are kept.
    pub(crate) snapshots: Resolved<u64>,
    /// When AWS takes them.
    pub(crate) snapshot_window: Option<Resolved<Window>>,
    /// Settings of the engine.
    pub(crate) parameters: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Name of an existing parameter group.
    pub(crate) parameter_group: Option<Resolved<String>>,
    pub(crate) encrypted: Resolved<bool>,
    pub(crate) kms_key: Option<Resolved<String>>,
    pub(crate) tls: Resolved<bool>,
    /// Key of the credential with its AUTH token; empty for one that AWS would keep.
    pub(crate) token: Option<Resolved<String>>,
    /// The bucket and the key of that.
    pub(crate) token_place: Option<String>,
    /// Id of the user group whose users may connect.
    pub(crate) user_group: Option<Resolved<String>>,
    pub(crate) minor_upgrades: Resolved<bool>,
    pub(crate) final_snapshot: Resolved<bool>,
    pub(crate) apply_now: Resolved<bool>,
    /// Its name in AWS, if it is not composed from the other names.
    pub(crate) called: Option<Resolved<String>>,
    pub(crate) description: Option<Resolved<String>>,
    /// Domain, where it is not the project's.
    pub(crate) domain: Option<Resolved<String>>,
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
}

impl Cache {
    /// The name that people know it by: `ci-sessions`.
    pub(crate) fn human_name(&self, env: &str) -> String {
        format!("{env}-{}", self.name)
    }

    /// Its name in AWS where it says none.
    pub(crate) fn hashed_name(&self, env: &str) -> String {
        hashed_cache_name(env, &self.name)
    }

    /// Its name in AWS.
    pub(crate) fn aws_name(&self, env: &str) -> String {
        self.called.as_ref().map_or_else(|| self.hashed_name(env), |called| called.value.clone())
    }

    /// The id that its metrics have: of the first node, or of Memcached as a whole, in lower case.
    pub(crate) fn first_node(&self, env: &str) -> String {
        let id = self.aws_name(env).to_ascii_lowercase();
        match (self.is_memcached(), self.is_cluster()) {
            (true, _) => id,
            (false, true) => id + "-0001-001",
            (false, false) => id + "-001",
        }
    }

    /// Whether it is of Memcached, which has no replicas and keeps nothing.
    pub(crate) fn is_memcached(&self) -> bool {
        self.engine.value == "memcached"
    }

    /// Whether its keys are distributed over shards.
    pub(crate) fn is_cluster(&self) -> bool {
        self.shards.is_some() && !self.is_memcached()
    }

    /// Nodes of Memcached, or of a single shard.
    pub(crate) fn node_count(&self) -> u32 {
        self.nodes.as_ref().map_or(1, |nodes| unsigned(nodes.value))
    }

    /// Its shards, and the replicas of each.
    pub(crate) fn shards_and_replicas(&self) -> (u32, u32) {
        match &self.shards {
            Some(shards) => {
                let replicas = self.replicas.as_ref().map_or(1, |replicas| unsigned(replicas.value));
                (unsigned(shards.value), replicas)
            }
            None => (1, self.node_count().saturating_sub(1)),
        }
    }

    /// Whether a replica takes the place of a primary node that fails.
    pub(crate) fn has_failover(&self) -> bool {
        let (_, replicas) = self.shards_and_replicas();
        let is_old = ["cache.t1.", "cache.t2."].iter().any(|family| self.node_type.value.starts_with(family));
        let usual =
            replicas > 0 && !is_old && version::order(&self.version.value, FIRST_WITH_FAILOVER).is_ge();
        self.is_cluster() || self.failover.as_ref().map_or(usual, |set| set.value)
    }

    /// Whether its nodes are in several zones of `env`.
    pub(crate) fn is_in_zones(&self, env: &Environment) -> bool {
        let (_, replicas) = self.shards_and_replicas();
        let several =
            if self.is_memcached() { self.node_count() > 1 } else { self.has_failover() && replicas > 0 };
        self.multi_az.as_ref().map_or(several && env.zones.value > 1, |set| set.value)
    }

    /// When AWS maintains it, and when it takes snapshots. Where only one is declared, the other one is apart from it.
    pub(crate) fn windows(&self) -> (Window, Window) {
        match (&self.window, &self.snapshot_window) {
            (Some(window), Some(snapshots)) => (window.value, snapshots.value),
            (Some(window), None) => (window.value, Window::daily_after(window.value, HOUR, HOUR)),
            (None, Some(snapshots)) if WINDOW.meets(snapshots.value) => {
                (Window::saturday_after(snapshots.value, HOUR, HOUR), snapshots.value)
            }
            (None, Some(snapshots)) => (WINDOW, snapshots.value),
            (None, None) => (WINDOW, Window::daily_after(WINDOW, HOUR, HOUR)),
        }
    }

    /// The family of its parameter group.
    pub(crate) fn family(&self) -> String {
        engines::family(&self.engine.value, &self.version.value)
    }

    /// The domain in which it has a name, if any.
    pub(crate) fn domain_in<'e>(&'e self, env: &'e Environment) -> Option<&'e Resolved<String>> {
        self.domain.as_ref().or(env.common.domain.as_ref())
    }
}

/// The caches of one environment, in order of first appearance.
pub(super) fn of_environment(
    env: &Block<'_>,
    around: &Surroundings<'_>,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Cache> {
    let mut caches = Vec::new();
    for name in env.nested(kinds::CACHE) {
        let Some(block) = env.child(kinds::CACHE, Some(name), &[]) else { continue };
        let span = env.last_span(kinds::CACHE, Some(name));
        let fields = Arc::new(evaluator.fields(kinds::CACHE, &block, span, diagnostics));
        provenance.add(format!("cache.{name}"), Arc::clone(&fields));
        let of = CacheFields::of(&fields, span);
        let (Some(engine), Some(version), Some(node_type)) = (of.engine, of.version, of.r#type) else {
            continue;
        };
        let at = |value: &str| Resolved { value: value.to_owned(), chain: vec![span] };
        let usual_port = if engine.value == "memcached" { 11211 } else { 6379 };
        caches.push(Cache {
            name: name.to_owned(),
            span,
            engine,
            version,
            node_type,
            nodes: of.nodes,
            shards: of.shards,
            replicas: of.replicas,
            network: of.network.unwrap_or_else(|| at(NETWORK)),
            security: of.security,
            port: of.port.map_or_else(
                || Resolved { value: usual_port, chain: Vec::new() },
                |port| port.map(|Ports { from, .. }| from),
            ),
            failover: of.failover,
            multi_az: of.multi_az,
            window: of.window,
            snapshots: of.snapshots,
            snapshot_window: of.snapshot_window,
            parameters: of.parameters,
            parameter_group: of.parameter_group,
            encrypted: of.encrypted,
            kms_key: of.kms_key,
            tls: fields.broken(CacheFields::TLS, true).unwrap_or(of.tls),
            token_place: of.token.as_ref().and_then(|key| around.place_of(key)),
            token: of.token,
            user_group: of.user_group.map(|group| group.map(|id| id.to_ascii_lowercase())),
            minor_upgrades: of.minor_upgrades,
            final_snapshot: of.final_snapshot,
            apply_now: of.apply_now,
            called: of.name,
            description: of.description,
            domain: of.domain,
            tags: of.tags,
        });
    }
    caches
}

/// A number that its field keeps small and positive.
fn unsigned(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// The name in AWS of the cache `name` of an environment: short whatever these are called, and beginning with a letter.
pub(crate) fn hashed_cache_name(env: &str, name: &str) -> String {
    let digest = Md5::digest(format!("{env}-{name}"));
    let digits = digest.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    format!("A{digits:.15}")
}

#[cfg(test)]
mod tests {
    use crate::fixture;

    #[test]
    fn a_cache_has_the_name_that_follows_from_its_environment() {
        let cache = "cache dummy-redis { engine = redis, version = \"7.1\", type = cache.t4g.small }";
        let checked = fixture::check(&format!(
            "project p {{ region = us-west-2 }}\nenv ci {{ cidr = 10.0.0.0/20, metanetwork intranet {{}}, {cache} }}"
        ));
        let cache = &checked.model.environments[0].caches[0];
        assert_eq!(cache.aws_name("ci"), "A982d4467b4eb931");
    }
}
