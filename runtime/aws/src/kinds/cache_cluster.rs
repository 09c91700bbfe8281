use asiaq_ir::{Assigned, CacheCluster, Kind, Ref, Waiting};
use aws_sdk_elasticache::operation::modify_cache_cluster::builders::ModifyCacheClusterFluentBuilder as Modify;
use aws_sdk_elasticache::types::{AzMode, CacheCluster as Live, PendingModifiedValues};

use super::cache_tags::{self, CHANGES, CacheClusterTags, sdk_tags};
use super::prelude::*;
use super::replication_group::{DESCRIBE_CACHE_CLUSTERS, declared, waiting_of_cluster};
use crate::error;
use crate::service::{DUPLICATE_CACHE_CLUSTER, elasticache};

ops! { elasticache:
    CREATE_CACHE_CLUSTER = "CreateCacheCluster", Write;
    MODIFY_CACHE_CLUSTER = "ModifyCacheCluster", Write;
    DELETE_CACHE_CLUSTER = "DeleteCacheCluster", Delete;
}

/// In place of the zone of a cluster whose nodes are in several.
const SEVERAL: &str = "Multiple";

impl Api for CacheCluster {
    type Live = Live;
    type Tags = CacheClusterTags;

    const OPERATIONS: IamActions = &[OPS, cache_tags::OPS, &[DESCRIBE_CACHE_CLUSTERS]];
    const DESCRIBE: Operation = DESCRIBE_CACHE_CLUSTERS;
    const READY: Option<Limit> = Some(Limit(CHANGES, "the cache is not available"));
    const GONE: Option<Limit> = Some(Limit(CHANGES, "the cache is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_CACHE_CLUSTER, DUPLICATE_CACHE_CLUSTER, |cluster| &cluster.name));

    /// Members of replication groups are no clusters of their own.
    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let all = region.elasticache().describe_cache_clusters().show_cache_node_info(true);
        let call = match which {
            Which::OfProject(_) => all.show_cache_clusters_not_in_replication_groups(true),
            Which::Id(id) => all.cache_cluster_id(id),
            Which::InPlaceOf(wanted) => all.cache_cluster_id(&wanted.name),
        };
        let clusters = DESCRIBE_CACHE_CLUSTERS.all(call.into_paginator().items().send()).await?;
        Ok(clusters.into_iter().filter(|cluster| cluster.engine() == Some(Self::ENGINE)).collect())
    }

    fn id(cluster: &Live) -> Option<&str> {
        cluster.cache_cluster_id()
    }

    fn tag_key(cluster: &Live) -> Option<&str> {
        cluster.arn()
    }

    fn state(cluster: &Live) -> State {
        match cluster.cache_cluster_status().unwrap_or_default() {
            "available" if cluster.configuration_endpoint().is_some() => State::Ready,
            status @ ("create-failed" | "restore-failed" | "incompatible-network") => {
                let message = format!("the cache is in the state `{status}`: delete it, and run again");
                State::Failed(error::refused(DESCRIBE_CACHE_CLUSTERS.name, message))
            }
            _ => State::Pending,
        }
    }

    /// One that is being created shows not all of itself, and is waited for.
    async fn read(region: &Region<'_>, live: &Live) -> Result<Option<Self>> {
        if let Some(read) = read(live) {
            return Ok(Some(read));
        }
        match Self::id(live) {
            Some(id) if live.cache_cluster_status() != Some("deleting") => {
                Ok(settled(region, id, |_| true).await?.as_ref().and_then(read))
            }
            Some(_) | None => Ok(None),
        }
    }

    fn assigned(cluster: &Live) -> Vec<(Assigned, &str)> {
        let endpoint = cluster.configuration_endpoint().and_then(|endpoint| endpoint.address());
        endpoint.map(|name| (Assigned::DnsName, name)).into_iter().collect()
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let live = Self::describe(region, Which::OfProject(project)).await?;
        let mut facts = adapter::assigned::<Self>(&live);
        for cluster in &live {
            let waiting = waiting_of_cluster(cluster);
            if let Some(id) = Self::id(cluster).filter(|_| !waiting.is_empty()) {
                facts.waiting.insert(Waiting::key(Kind::CacheCluster, id), waiting);
            }
        }
        let found = adapter::found::<Self>(region, project, live).await?;
        Ok(Listed { found, facts, ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .elasticache()
            .create_cache_cluster()
            .cache_cluster_id(&self.name)
            .engine(Self::ENGINE)
            .engine_version(&self.version)
            .cache_node_type(&self.node_type)
            .num_cache_nodes(signed(self.nodes))
            .az_mode(az_mode(self.multi_az))
            .port(self.port.into())
            .set_cache_subnet_group_name(id_of(&self.subnets))
            .set_security_group_ids(Some(ids(&self.groups)))
            .set_cache_parameter_group_name(id_of(&self.parameters))
            .preferred_maintenance_window(&self.window)
            .transit_encryption_enabled(self.tls)
            .auto_minor_version_upgrade(self.minor_upgrades)
            .set_tags(Some(sdk_tags(request.tags)));
        let made = region.retry_until_consistent(CREATE_CACHE_CLUSTER, || call.clone().send()).await?;
        let id = made.cache_cluster.and_then(|cluster| cluster.cache_cluster_id);
        let id = CREATE_CACHE_CLUSTER.part("id", id)?;
        Ok(Created { id, initial: self.clone(), ready: false })
    }

    /// Nodes change at once, and so does the version if its parameters are of another family.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let live = settled(region, id, |_| true).await?;
        let has_parameters = self.parameters != wanted.parameters;
        let is_now = wanted.apply_now || has_parameters;
        let change = |call: Modify| {
            call.set_preferred_maintenance_window(
                (self.window != wanted.window).then(|| wanted.window.clone()),
            )
            .set_security_group_ids((self.groups != wanted.groups).then(|| ids(&wanted.groups)))
            .set_auto_minor_version_upgrade(
                (self.minor_upgrades != wanted.minor_upgrades).then_some(wanted.minor_upgrades),
            )
            .set_engine_version((self.version != wanted.version).then(|| wanted.version.clone()))
            .set_cache_parameter_group_name(id_of(&wanted.parameters).filter(|_| has_parameters))
            .apply_immediately(is_now)
        };
        let rest =
            Self { nodes: self.nodes, multi_az: self.multi_az, apply_now: self.apply_now, ..wanted.clone() };
        if rest != *self {
            let has_rest = |live: &Live| {
                let seen = if is_now { in_force(live) } else { read(live) };
                seen.is_some_and(|now| {
                    now.version == wanted.version
                        && now.parameters == wanted.parameters
                        && now.groups == wanted.groups
                        && now.window == wanted.window
                        && now.minor_upgrades == wanted.minor_upgrades
                })
            };
            modify(region, id, change, has_rest).await?;
        }
        if self.nodes != wanted.nodes || self.multi_az != wanted.multi_az {
            let gone = last_nodes(live.as_ref(), self.nodes.saturating_sub(wanted.nodes));
            let change = |call: Modify| {
                call.num_cache_nodes(signed(wanted.nodes))
                    .set_cache_node_ids_to_remove(Some(gone).filter(|gone| !gone.is_empty()))
                    .set_az_mode((self.multi_az != wanted.multi_az).then(|| az_mode(wanted.multi_az)))
                    .apply_immediately(true)
            };
            let has_nodes = |cluster: &Live| cluster.num_cache_nodes() == Some(signed(wanted.nodes));
            modify(region, id, change, has_nodes).await?;
        }
        Ok(())
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let look = || async {
            let live = adapter::look::<Self>(region, id).await?;
            let is_ready = live.as_ref().is_none_or(|live| !matches!(Self::state(live), State::Pending));
            let is_going = live.as_ref().and_then(Live::cache_cluster_status) == Some("deleting");
            Ok((is_ready || is_going).then_some(live.is_none() || is_going))
        };
        let what = "the cache cannot be deleted, because it is changing";
        if region.poll(DESCRIBE_CACHE_CLUSTERS.name, what, CHANGES, look).await? {
            return Ok(());
        }
        let call = region.elasticache().delete_cache_cluster().cache_cluster_id(id);
        match DELETE_CACHE_CLUSTER.call(call.send()).await {
            // The answer to an earlier attempt was lost.
            Err(error) if elasticache.is_busy(&error) => {
                let live = adapter::look::<Self>(region, id).await?;
                let is_going = |live: &Live| live.cache_cluster_status() == Some("deleting");
                if live.as_ref().is_none_or(is_going) { Ok(()) } else { Err(error) }
            }
            Err(error) if !elasticache.is_not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// All clusters of the region that are no members of replication groups.
pub(crate) async fn all(region: &Region<'_>) -> Result<Vec<Live>> {
    CacheCluster::describe(region, Which::OfProject("")).await
}

fn az_mode(is_in_zones: bool) -> AzMode {
    if is_in_zones { AzMode::CrossAz } else { AzMode::SingleAz }
}

/// The nodes that go: AWS wants to know which. The last ones.
fn last_nodes(live: Option<&Live>, count: u32) -> Vec<String> {
    let nodes = live.map(Live::cache_nodes).unwrap_or_default();
    let mut names: Vec<&str> = nodes.iter().filter_map(|node| node.cache_node_id()).collect();
    names.sort_unstable();
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    names.into_iter().rev().take(count).map(ToOwned::to_owned).collect()
}

async fn modify(
    region: &Region<'_>,
    id: &str,
    change: impl FnOnce(Modify) -> Modify,
    is_made: impl Fn(&Live) -> bool,
) -> Result<()> {
    let call = change(region.elasticache().modify_cache_cluster().cache_cluster_id(id));
    match region.retry_until_consistent(MODIFY_CACHE_CLUSTER, || call.clone().send()).await {
        Ok(_) => {}
        // Somebody else changes it, or the answer to an earlier attempt was lost.
        Err(error) if elasticache.is_busy(&error) => {
            let Some(live) = settled(region, id, |_| true).await? else { return Ok(()) };
            if !is_made(&live) {
                MODIFY_CACHE_CLUSTER.call(call.send()).await?;
            }
        }
        Err(error) => return Err(error),
    }
    settled(region, id, is_made).await.map(drop)
}

/// The cluster as soon as it takes changes and is as `is_wanted` says; none where it is gone.
async fn settled(region: &Region<'_>, id: &str, is_wanted: impl Fn(&Live) -> bool) -> Result<Option<Live>> {
    let look = || async {
        let Some(live) = adapter::look::<CacheCluster>(region, id).await? else { return Ok(Some(None)) };
        match CacheCluster::state(&live) {
            State::Failed(error) => Err(error),
            State::Ready if is_wanted(&live) => Ok(Some(Some(live))),
            State::Ready | State::Pending | State::Gone => Ok(None),
        }
    };
    region.poll(DESCRIBE_CACHE_CLUSTERS.name, "the cache is not available", CHANGES, look).await
}

/// In the IR's form; none of a cluster that does not show yet what it will be. What AWS has accepted and not put in force
/// yet counts.
fn read(live: &Live) -> Option<CacheCluster> {
    let pending = live.pending_modified_values();
    let in_force = in_force(live)?;
    let version = pending.and_then(PendingModifiedValues::engine_version);
    let nodes = pending.and_then(PendingModifiedValues::num_cache_nodes);
    Some(CacheCluster {
        version: version.map_or_else(|| in_force.version.clone(), ToOwned::to_owned),
        nodes: nodes.map_or(in_force.nodes, unsigned),
        ..in_force
    })
}

/// The same without what waits.
fn in_force(live: &Live) -> Option<CacheCluster> {
    let groups = live.security_groups().iter().filter_map(|group| group.security_group_id.clone());
    let parameters = live.cache_parameter_group()?.cache_parameter_group_name()?;
    Some(CacheCluster {
        name: declared(live.cache_cluster_id()?),
        version: live.engine_version()?.to_owned(),
        node_type: live.cache_node_type()?.to_owned(),
        nodes: unsigned(live.num_cache_nodes()?),
        multi_az: live.preferred_availability_zone() == Some(SEVERAL),
        port: u16::try_from(live.configuration_endpoint()?.port?).ok()?,
        subnets: Ref::Id(live.cache_subnet_group_name()?.to_owned()),
        groups: groups.map(Ref::Id).collect(),
        parameters: Ref::Id(parameters.to_owned()),
        window: live.preferred_maintenance_window().unwrap_or_default().to_owned(),
        tls: live.transit_encryption_enabled().unwrap_or_default(),
        minor_upgrades: live.auto_minor_version_upgrade().unwrap_or_default(),
        apply_now: false,
    })
}
