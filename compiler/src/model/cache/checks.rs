//! What AWS accepts of a cache (ElastiCache user guide and API reference, `CreateReplicationGroup`, `CreateCacheCluster`).

use asiaq_ir::version;
use asiaq_lang::{Diagnostic, Span};

use super::{Cache, Environment};
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::engines::{self, Known};
use crate::model::engine_checks;

/// Minutes of the shortest window.
const SHORTEST: u32 = 60;
/// Nodes of one shard: a primary node and its replicas.
const MOST_IN_SHARD: u32 = 6;
/// Nodes of all shards.
const MOST_NODES: u32 = 500;
/// The first version of Redis OSS with users (ElastiCache user guide, "Role-Based Access Control").
const FIRST_WITH_USERS: &str = "6.0";
/// The parameter that follows from `shards`.
const CLUSTER_PARAMETER: &str = "cluster-enabled";
/// Seconds of a day.
const DAY: u64 = 86_400;

/// Checks the caches of an environment.
pub(in crate::model) fn check_all(env: &Environment, diagnostics: &mut Vec<Diagnostic>) {
    for cache in &env.caches {
        let mut checks = Checks { env, cache, diagnostics };
        checks.name();
        checks.version();
        checks.node_type();
        checks.port();
        checks.windows();
        checks.parameters();
        if cache.is_memcached() {
            checks.memcached();
        } else {
            checks.nodes();
            checks.availability();
            checks.storage();
            checks.access();
        }
    }
}

struct Checks<'c, 'd> {
    env: &'c Environment,
    cache: &'c Cache,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Checks<'_, '_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(errors::cache_setting(span, message.into(), help.into()));
    }

    /// Letters, digits and single hyphens, a letter first.
    fn name(&mut self) {
        let Some(called) = &self.cache.called else { return };
        let name = &called.value;
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let has_letter = name.starts_with(|first: char| first.is_ascii_alphabetic());
        let most = if self.cache.is_memcached() { 50 } else { 40 };
        if !is_plain || !has_letter || name.contains("--") || name.ends_with('-') || name.len() > most {
            let message = format!("AWS accepts no cache called `{name}`");
            let help = format!(
                "write letters, digits and single hyphens, with a letter at the beginning and no hyphen at the end, at most {most}"
            );
            self.refuse(called.span(), message, help);
        }
    }

    /// AWS takes a whole version: two parts from Redis 6 on and of Valkey, three before and of Memcached.
    fn version(&mut self) {
        let (engine, said) = (self.cache.engine.value.as_str(), &self.cache.version);
        let is_partial = engines::known_version(engine, &said.value) == Some(Known::Offered)
            && !engines::versions(engine).any(|known| known == said.value);
        let found = if is_partial {
            let newest = engines::newest(engine, &said.value);
            Some(errors::partial_version(said.span(), engine, &said.value, newest))
        } else {
            engine_checks::version(engine, &said.value, said.span())
        };
        self.diagnostics.extend(found);
    }

    fn node_type(&mut self) {
        let (name, engine) = (&self.cache.node_type, self.cache.engine.value.as_str());
        let found = if engines::node_types().any(|known| known == name.value) {
            engine_checks::offer(&name.value, engine, self.env, name.span())
        } else {
            let meant = engines::misspelt(&name.value, engines::node_types());
            Some(errors::unknown_class(name.span(), &name.value, meant))
        };
        self.diagnostics.extend(found);
    }

    fn port(&mut self) {
        if self.cache.port.value == 0 {
            self.refuse(
                self.cache.port.place(self.cache.span),
                "a cache has one port",
                "write a port from 1 to 65535",
            );
        }
    }

    fn windows(&mut self) {
        let Cache { window, snapshot_window, .. } = self.cache;
        for declared in [window, snapshot_window].into_iter().flatten() {
            if declared.value.minutes() < SHORTEST {
                self.diagnostics.push(errors::short_window(declared.span(), declared.value, SHORTEST));
            }
        }
        if let (Some(window), Some(snapshots)) = (window, snapshot_window)
            && window.value.meets(snapshots.value)
        {
            let (span, at) = (snapshots.span(), window.span());
            self.diagnostics.push(errors::windows_meet(span, "snapshot_window", "window", at));
        }
    }

    fn parameters(&mut self) {
        let Some(parameters) = &self.cache.parameters else { return };
        if let Some(group) = &self.cache.parameter_group {
            self.refuse(
                group.span(),
                "a cache has one parameter group",
                "remove `parameter_group`, or `parameters`, of which asiaq makes one",
            );
        }
        if let Some(mode) = parameters.value.get(CLUSTER_PARAMETER) {
            self.refuse(
                mode.span,
                format!("`{CLUSTER_PARAMETER}` follows from `shards`"),
                "remove it; with `shards`, asiaq sets it",
            );
        }
    }

    fn memcached(&mut self) {
        let cache = self.cache;
        let set = [
            ("shards", cache.shards.as_ref().map(Resolved::span)),
            ("replicas", cache.replicas.as_ref().map(Resolved::span)),
            ("failover", cache.failover.as_ref().map(Resolved::span)),
            ("snapshots", said(&cache.snapshots)),
            ("snapshot_window", cache.snapshot_window.as_ref().map(Resolved::span)),
            ("encrypted", said(&cache.encrypted)),
            ("kms_key", cache.kms_key.as_ref().map(Resolved::span)),
            ("final_snapshot", said(&cache.final_snapshot)),
            ("description", cache.description.as_ref().map(Resolved::span)),
        ];
        for (field, span) in set.into_iter().filter_map(|(field, span)| Some((field, span?))) {
            let help = "remove it, or choose `valkey` or `redis`: Memcached keeps no copies of its data";
            self.refuse(span, format!("Memcached has no `{field}`"), help);
        }
        let of_clients = [("token", &cache.token), ("user_group", &cache.user_group)];
        for (field, set) in of_clients.into_iter().filter_map(|(field, set)| Some((field, set.as_ref()?))) {
            let help = "remove it, or choose `valkey` or `redis`: Memcached asks clients for nothing";
            self.refuse(set.span(), format!("Memcached has no `{field}`"), help);
        }
        if let Some(zones) = cache.multi_az.as_ref().filter(|zones| zones.value && cache.node_count() < 2) {
            self.refuse(
                zones.span(),
                "one node is in one zone",
                "write `nodes = 2` or more, or remove `multi_az`",
            );
        }
    }

    fn nodes(&mut self) {
        let cache = self.cache;
        match (&cache.nodes, &cache.shards, &cache.replicas) {
            (Some(nodes), Some(_), _) => self.refuse(
                nodes.span(),
                "with `shards`, the nodes of a cache follow from `replicas`",
                "remove `nodes`; the replicas of a shard are one less than its nodes",
            ),
            (_, None, Some(replicas)) => self.refuse(
                replicas.span(),
                "`replicas` is for a cache with `shards`",
                "write `nodes` in its place: the primary node and its replicas",
            ),
            (Some(nodes), None, None) if cache.node_count() > MOST_IN_SHARD => self.refuse(
                nodes.span(),
                format!("a cache without shards has at most {MOST_IN_SHARD} nodes"),
                "write a smaller number, or distribute the keys with `shards`",
            ),
            _ => {}
        }
        let (shards, replicas) = cache.shards_and_replicas();
        if let Some(set) = cache.shards.as_ref().filter(|_| shards * (replicas + 1) > MOST_NODES) {
            self.refuse(
                set.span(),
                format!("a cache has at most {MOST_NODES} nodes in all its shards"),
                "write fewer `shards` or fewer `replicas`",
            );
        }
    }

    fn availability(&mut self) {
        let cache = self.cache;
        let (_, replicas) = cache.shards_and_replicas();
        if let Some(failover) = &cache.failover {
            if failover.value && replicas == 0 && !cache.is_cluster() {
                self.refuse(
                    failover.span(),
                    "no replica can take the place of the only node",
                    "write `nodes = 2` or more, or remove `failover`",
                );
            } else if !failover.value && cache.is_cluster() {
                self.refuse(failover.span(), "a cache with shards always has failover", "remove `failover`");
            }
        }
        let Some(zones) = cache.multi_az.as_ref().filter(|zones| zones.value) else { return };
        if replicas == 0 {
            let more = if cache.is_cluster() { "`replicas = 1`" } else { "`nodes = 2`" };
            let help = format!("write {more} or more, or remove `multi_az`");
            self.refuse(zones.span(), "one node is in one zone", help);
        } else if !cache.has_failover() {
            let help = "remove `failover = false`, or `multi_az`";
            self.refuse(zones.span(), "nodes in several zones need `failover`", help);
        } else if self.env.zones.value < 2 {
            let message = format!("the environment `{}` has one zone", self.env.name);
            self.refuse(
                zones.span(),
                message,
                "write `zones = 2` or more in the environment, or remove `multi_az`",
            );
        }
    }

    /// What clients have to know or to be.
    fn access(&mut self) {
        let Cache { token, user_group, tls, .. } = self.cache;
        if let Some(token) = token {
            if token.value.is_empty() {
                let help = "write the key of a credential, as in `credential \"cache/sessions\"`";
                self.refuse(token.span(), "AWS makes and keeps no token of a cache", help);
            } else if self.cache.token_place.is_none() {
                self.diagnostics.push(errors::credential_without_bucket(token.span(), &self.env.name));
            }
        }
        if let Some(group) = user_group {
            let id = &group.value;
            let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !is_plain || !id.starts_with(|first: char| first.is_ascii_alphabetic()) {
                let help = "write its id: letters, digits and hyphens, with a letter at the beginning";
                self.refuse(group.span(), format!("no user group has the id `{id}`"), help);
            }
            let (engine, version) = (&self.cache.engine.value, &self.cache.version.value);
            if engine == "redis" && version::order(version, FIRST_WITH_USERS).is_lt() {
                let help = "choose a newer version, or write a `token` in place of `user_group`";
                self.refuse(group.span(), format!("Redis OSS {version} knows no users"), help);
            }
        }
        match (token, user_group) {
            (Some(token), Some(_)) => {
                let help = "remove `token`, or `user_group`";
                let message = "clients of a cache have a token, or they are users of a group";
                self.refuse(token.span(), message, help);
            }
            (Some(set), None) if !tls.value => {
                self.diagnostics.push(errors::setting_needs(set.span(), "token", "tls = true"));
            }
            (None, Some(set)) if !tls.value => {
                self.diagnostics.push(errors::setting_needs(set.span(), "user_group", "tls = true"));
            }
            _ => {}
        }
    }

    fn storage(&mut self) {
        let cache = self.cache;
        if let Some(key) = cache.kms_key.as_ref().filter(|_| !cache.encrypted.value) {
            self.diagnostics.push(errors::setting_needs(key.span(), "kms_key", "encrypted = true"));
        }
        let seconds = cache.snapshots.value;
        if !seconds.is_multiple_of(DAY) {
            self.diagnostics.push(errors::partial_days(cache.snapshots.span(), seconds));
        }
        if let Some(description) = cache.description.as_ref().filter(|text| text.value.is_empty()) {
            self.diagnostics.push(errors::empty_description(description.span()));
        }
    }
}

/// Where a field is set by the program.
fn said<T>(field: &Resolved<T>) -> Option<Span> {
    field.is_said().then(|| field.span())
}
