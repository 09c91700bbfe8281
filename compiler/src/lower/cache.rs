//! Caches, with their groups of subnets and parameters and their record.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    CacheCluster, CacheParameterGroup, CacheSubnetGroup, FINAL_SNAPSHOT_TAG, Ref, ReplicationGroup, Resource,
    ResourceKind,
};
use asiaq_lang::Span;

use super::names::{NameSpace, Owner};
use super::node::{NodeBuilder, chain};
use super::{Lowering, path_of};
use crate::errors;
use crate::layout::EnvLayout;
use crate::library::kinds;
use crate::model::{Cache, Environment};

const CLUSTER: (&str, &str) = ("cluster-enabled", "yes");
/// Seconds of a day.
const DAY: u64 = 86_400;

impl<'a> Lowering<'a> {
    pub(super) fn caches(&mut self, env: &Environment, laid: &EnvLayout) {
        for cache in &env.caches {
            self.cache(env, laid, cache);
        }
    }

    fn cache<'m>(&mut self, env: &'m Environment, laid: &EnvLayout, cache: &'m Cache)
    where
        'a: 'm,
    {
        // A metanetwork that is not there has been reported.
        let Some(network) = laid.networks.get(&cache.network.value) else { return };
        let (name, place) = match &cache.called {
            Some(called) => (called.value.to_ascii_lowercase(), called.span()),
            None => (cache.hashed_name(&env.name), cache.span),
        };
        let owner = Owner { address: format!("{}/cache/{}", env.name, cache.name), span: place };
        if let Some(first) = self.names.register(NameSpace::Cache, env, &name.to_ascii_lowercase(), owner) {
            self.diagnostics.push(errors::same_name_in_aws(place, "cache", &name, first.span));
            return;
        }
        let slots = network.subnets.len().min(laid.zones.len());
        let subnets: BTreeSet<Ref> = (0..slots)
            .map(|slot| Ref::to(&env.name, &path_of(&cache.network.value, "subnet", slot)))
            .collect();
        let subnet_group = self.subnet_group(env, cache, subnets);
        let parameters = self.parameters(env, cache);
        if cache.is_memcached() {
            self.memcached(env, cache, name, (subnet_group, parameters));
        } else {
            self.replication_group(env, cache, name, (subnet_group, parameters));
        }
        self.cache_record(env, cache);
    }

    /// A cluster of Memcached, with its groups of subnets and of parameters.
    fn memcached<'m>(
        &mut self,
        env: &'m Environment,
        cache: &'m Cache,
        name: String,
        (subnet_group, parameters): (Ref, Ref),
    ) where
        'a: 'm,
    {
        let mut node = self.part_of::<CacheCluster>(env, cache, "", &name);
        let resource = CacheCluster {
            name: named(&mut node, CacheCluster::NAME, cache, name),
            version: node.value(CacheCluster::VERSION, &cache.version),
            node_type: node.value(CacheCluster::NODE_TYPE, &cache.node_type),
            nodes: node.set(CacheCluster::NODES, chain(cache.nodes.as_ref()), cache.node_count()),
            multi_az: node.set(
                CacheCluster::MULTI_AZ,
                chain(cache.multi_az.as_ref()),
                cache.is_in_zones(env),
            ),
            port: node.value(CacheCluster::PORT, &cache.port),
            subnets: node.set(CacheCluster::SUBNETS, &cache.network.chain, subnet_group),
            groups: node.set(CacheCluster::GROUPS, &places_of_groups(cache), groups(env, cache)),
            parameters: node.set(CacheCluster::PARAMETERS, &places_of_parameters(cache), parameters),
            window: node.set(CacheCluster::WINDOW, chain(cache.window.as_ref()), cache.windows().0.aws()),
            tls: node.value(CacheCluster::TLS, &cache.tls),
            minor_upgrades: node.value(CacheCluster::MINOR_UPGRADES, &cache.minor_upgrades),
            apply_now: node.value(CacheCluster::APPLY_NOW, &cache.apply_now),
        };
        self.add(node, resource);
    }

    /// A replication group, with its groups of subnets and of parameters.
    fn replication_group<'m>(
        &mut self,
        env: &'m Environment,
        cache: &'m Cache,
        name: String,
        (subnet_group, parameters): (Ref, Ref),
    ) where
        'a: 'm,
    {
        let (window, snapshot_window) = cache.windows();
        let (shards, replicas) = cache.shards_and_replicas();
        let places_of_replicas = chain(cache.replicas.as_ref().or(cache.nodes.as_ref()));
        let days = u32::try_from(cache.snapshots.value / DAY).unwrap_or_default();
        let mut node = self.part_of::<ReplicationGroup>(env, cache, "", &name);
        if cache.final_snapshot.value {
            node.optional_tag(FINAL_SNAPSHOT_TAG, "true");
        }
        let description = match &cache.description {
            Some(description) => node.value(ReplicationGroup::DESCRIPTION, description),
            None => cache.human_name(&env.name),
        };
        let resource = ReplicationGroup {
            name: named(&mut node, ReplicationGroup::NAME, cache, name),
            description,
            valkey: node.set(ReplicationGroup::VALKEY, &cache.engine.chain, cache.engine.value == "valkey"),
            version: node.value(ReplicationGroup::VERSION, &cache.version),
            node_type: node.value(ReplicationGroup::NODE_TYPE, &cache.node_type),
            cluster: node.set(ReplicationGroup::CLUSTER, chain(cache.shards.as_ref()), cache.is_cluster()),
            shards: node.set(ReplicationGroup::SHARDS, chain(cache.shards.as_ref()), shards),
            replicas: node.set(ReplicationGroup::REPLICAS, places_of_replicas, replicas),
            failover: node.set(
                ReplicationGroup::FAILOVER,
                chain(cache.failover.as_ref()),
                cache.has_failover(),
            ),
            multi_az: node.set(
                ReplicationGroup::MULTI_AZ,
                chain(cache.multi_az.as_ref()),
                cache.is_in_zones(env),
            ),
            port: node.value(ReplicationGroup::PORT, &cache.port),
            subnets: node.set(ReplicationGroup::SUBNETS, &cache.network.chain, subnet_group),
            groups: node.set(ReplicationGroup::GROUPS, &places_of_groups(cache), groups(env, cache)),
            parameters: node.set(ReplicationGroup::PARAMETERS, &places_of_parameters(cache), parameters),
            window: node.set(ReplicationGroup::WINDOW, chain(cache.window.as_ref()), window.aws()),
            snapshots: node.set(ReplicationGroup::SNAPSHOTS, &cache.snapshots.chain, days),
            snapshot_window: node.set(
                ReplicationGroup::SNAPSHOT_WINDOW,
                chain(cache.snapshot_window.as_ref()),
                snapshot_window.aws(),
            ),
            encrypted: node.value(ReplicationGroup::ENCRYPTED, &cache.encrypted),
            kms_key: node.optional(ReplicationGroup::KMS_KEY, cache.kms_key.as_ref()),
            tls: node.value(ReplicationGroup::TLS, &cache.tls),
            token: node.set(ReplicationGroup::TOKEN, chain(cache.token.as_ref()), cache.token_place.clone()),
            newest_token: true,
            user_group: node.optional(ReplicationGroup::USER_GROUP, cache.user_group.as_ref()),
            minor_upgrades: node.value(ReplicationGroup::MINOR_UPGRADES, &cache.minor_upgrades),
            apply_now: node.value(ReplicationGroup::APPLY_NOW, &cache.apply_now),
        };
        self.add(node, resource);
    }

    fn subnet_group<'m>(&mut self, env: &'m Environment, cache: &'m Cache, subnets: BTreeSet<Ref>) -> Ref
    where
        'a: 'm,
    {
        let name = cache.human_name(&env.name).to_ascii_lowercase();
        let mut node = self.part_of::<CacheSubnetGroup>(env, cache, "/subnets", &name);
        node.part(CacheSubnetGroup::NAME, &cache.name, cache.span);
        node.part(CacheSubnetGroup::NAME, &env.name, env.span);
        let resource = CacheSubnetGroup {
            name,
            description: cache.human_name(&env.name),
            subnets: node.set(CacheSubnetGroup::SUBNETS, &cache.network.chain, subnets),
        };
        self.add(node, resource);
        Ref::to(&env.name, &format!("cache/{}/subnets", cache.name))
    }

    /// The parameter group of a cache: its own, one that exists, or AWS's for the engine.
    fn parameters<'m>(&mut self, env: &'m Environment, cache: &'m Cache) -> Ref
    where
        'a: 'm,
    {
        let family = cache.family();
        if let Some(named) = &cache.parameter_group {
            return Ref::Id(named.value.to_ascii_lowercase());
        }
        let Some(declared) = &cache.parameters else {
            let ending = if cache.is_cluster() { ".cluster.on" } else { "" };
            return Ref::Id(format!("default.{family}{ending}"));
        };
        // Its name has no dots.
        let name =
            format!("{}-{}", cache.human_name(&env.name), family.replace('.', "-")).to_ascii_lowercase();
        let mut node = self.part_of::<CacheParameterGroup>(env, cache, "/parameters", &name);
        node.part(CacheParameterGroup::NAME, &cache.name, cache.span);
        node.part(CacheParameterGroup::NAME, &env.name, env.span);
        let own = declared.value.iter().map(|(name, text)| (name.clone(), text.value.clone()));
        let mode = cache.is_cluster().then(|| (CLUSTER.0.to_owned(), CLUSTER.1.to_owned()));
        let values: BTreeMap<String, String> = own.chain(mode).collect();
        let resource = CacheParameterGroup {
            name,
            family: node.set(CacheParameterGroup::FAMILY, &cache.version.chain, family),
            description: cache.human_name(&env.name),
            parameters: node.set(CacheParameterGroup::PARAMETERS, &declared.chain, values),
        };
        self.add(node, resource);
        Ref::to(&env.name, &format!("cache/{}/parameters", cache.name))
    }

    /// The name of the cache for people and programs, which stays when the cache is replaced.
    fn cache_record(&mut self, env: &Environment, cache: &Cache) {
        let Some(domain) = cache.domain_in(env) else { return };
        let name = format!("{}-{}.{}", cache.name, env.name, domain.value).to_ascii_lowercase();
        let Some(zone) = self.zone_of(env, &name, false, domain.place(cache.span)) else { return };
        self.store_record(env, (kinds::CACHE, &cache.name, cache.span), zone, (domain, name));
    }

    /// The node of a part of a cache, called `name` in AWS.
    fn part_of<'m, R>(
        &self,
        env: &'m Environment,
        cache: &'m Cache,
        part: &str,
        name: &str,
    ) -> NodeBuilder<'m, R>
    where
        'a: 'm,
        R: ResourceKind + Into<Resource>,
    {
        self.node(env, &format!("cache/{}{part}", cache.name), cache.span)
            .declared_by(format!("cache.{}", cache.name))
            .tagged(name, &[])
            .optional_tags(cache.tags.as_ref())
    }
}

/// The name in AWS, with the place of a declared one.
fn named<'m, R: ResourceKind + Into<Resource>>(
    node: &mut NodeBuilder<'m, R>,
    field: asiaq_ir::Field<R, String>,
    cache: &'m Cache,
    name: String,
) -> String {
    node.set(field, chain(cache.called.as_ref()), name)
}

/// The security groups of its metanetworks.
fn groups(env: &Environment, cache: &Cache) -> BTreeSet<Ref> {
    let further = cache.security.value.iter().map(|network| network.value.as_str());
    let networks = std::iter::once(cache.network.value.as_str()).chain(further);
    networks.map(|network| Ref::to(&env.name, &format!("{network}/security-group"))).collect()
}

fn places_of_groups(cache: &Cache) -> Vec<Span> {
    cache.network.chain.iter().chain(&cache.security.chain).copied().collect()
}

/// What decides the parameter group: what is declared of it, or else the version.
fn places_of_parameters(cache: &Cache) -> Vec<Span> {
    let declared = chain(cache.parameter_group.as_ref());
    let own = cache.parameters.as_ref().map_or(&[][..], |own| &own.chain);
    let all = if declared.is_empty() && own.is_empty() { &cache.version.chain } else { own };
    declared.iter().chain(all).copied().collect()
}
