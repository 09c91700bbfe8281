//! The caches of a project and their snapshots, for the commands about them.

use std::time::Duration;

use asiaq_ir::{Address, Until, Waiting};
use asiaq_runtime::{ProjectCache, Result};
use aws_sdk_elasticache::types::CacheCluster as Cluster;

use crate::config::Aws;
use crate::kinds::cache_cluster;
use crate::kinds::cache_tags::{self, sdk_tags};
use crate::kinds::replication_group::{self as group, Group};
use crate::operation::{Operation, ops};
use crate::region::Region;
use crate::service::elasticache;
use crate::tag_index;
use crate::tags::{address_in, of_owned};

ops! { elasticache:
    CREATE_SNAPSHOT = "CreateSnapshot", Write;
    DESCRIBE_SNAPSHOTS = "DescribeSnapshots", Read;
}

/// The operations of kinds that the commands call too.
pub(crate) const MORE: &[Operation] = &[
    group::DESCRIBE_REPLICATION_GROUPS,
    group::DESCRIBE_CACHE_CLUSTERS,
    cache_tags::LIST_TAGS_FOR_RESOURCE,
    tag_index::GET_RESOURCES,
    // The call gives the snapshot its tags.
    cache_tags::ADD_TAGS_TO_RESOURCE,
];

/// How long a snapshot may take.
const SNAPSHOT: Duration = Duration::from_hours(3);

impl Aws {
    /// The caches of a project in a region.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn caches(&self, region: &str, project: &str) -> Result<Vec<ProjectCache>> {
        let region = self.region(region);
        let (groups, clusters) = (group::all(&region).await?, cache_cluster::all(&region).await?);
        let arns = groups.iter().map(|one| one.group.arn()).chain(clusters.iter().map(Cluster::arn));
        let tags = cache_tags::by_arn(&region, arns.flatten().map(ToOwned::to_owned).collect()).await?;
        let address = |arn: Option<&str>| address_in(tags.get(arn?)?, project);
        let of_groups = groups.iter().filter_map(|one| Some(of_group(one, &address(one.group.arn())?)));
        let of_clusters = clusters.iter().filter_map(|one| Some(of_cluster(one, &address(one.arn())?)));
        let all = of_groups.chain(of_clusters).collect();
        Ok(all)
    }

    /// Takes a snapshot of a cache of a project, which has the tags of an owner, and waits until it is whole.
    ///
    /// # Errors
    /// If AWS refuses, or it is not whole in time.
    pub async fn snapshot_cache(
        &self,
        region: &str,
        cache: &ProjectCache,
        project: &str,
        name: &str,
    ) -> Result<()> {
        let region = self.region(region);
        group::settled(&region, &cache.id).await?;
        let tags = of_owned(&Address::parse(&cache.address), project);
        let call = region.elasticache().create_snapshot().replication_group_id(&cache.id).snapshot_name(name);
        let call = call.set_tags(Some(sdk_tags(&tags)));
        match CREATE_SNAPSHOT.call(call.send()).await {
            // The answer to an earlier attempt was lost, if it is of this cache.
            Err(error) if elasticache.is_taken(&error) => {
                if of_snapshot(&region, name).await?.is_none_or(|(of, _)| of != cache.id) {
                    return Err(error);
                }
            }
            done => done.map(drop)?,
        }
        let look = || async {
            match of_snapshot(&region, name).await? {
                Some((_, status)) if status == "available" => Ok(Some(())),
                Some((_, status)) if status == "failed" => {
                    Err(DESCRIBE_SNAPSHOTS.refused(format!("the snapshot `{name}` failed")))
                }
                Some(_) | None => Ok(None),
            }
        };
        region.poll(DESCRIBE_SNAPSHOTS.name, "the snapshot is not whole", SNAPSHOT, look).await
    }
}

/// The replication group of a snapshot, and its status; none where there is no such snapshot.
async fn of_snapshot(region: &Region<'_>, name: &str) -> Result<Option<(String, String)>> {
    let call = region.elasticache().describe_snapshots().snapshot_name(name);
    let answer = elasticache.found(DESCRIBE_SNAPSHOTS.call(call.send()).await)?;
    let found = answer.and_then(|answer| answer.snapshots).unwrap_or_default().into_iter().next();
    Ok(found.map(|found| (text(found.replication_group_id()), text(found.snapshot_status()))))
}

fn of_group(live: &Group, address: &Address) -> ProjectCache {
    let Group { group, members } = live;
    let first = members.first();
    let engine = text(group.engine().or(first.and_then(Cluster::engine)));
    let version = first.and_then(Cluster::engine_version).map(|of| group::short(&engine, of));
    let endpoint = group::endpoint(group);
    ProjectCache {
        environment: address.scope().environment().unwrap_or_default().to_owned(),
        address: address.as_str().to_owned(),
        id: text(group.replication_group_id()),
        description: Some(text(group.description())),
        engine,
        version: version.unwrap_or_default(),
        node_type: text(group.cache_node_type()),
        nodes: group.member_clusters().len(),
        shards: group.cluster_enabled().unwrap_or_default().then(|| live.shards()),
        status: text(group.status()),
        endpoint: endpoint.and_then(|endpoint| endpoint.address.clone()),
        port: endpoint.and_then(|endpoint| endpoint.port),
        waiting: group::waiting_of_group(live).iter().map(in_words).collect(),
    }
}

fn of_cluster(live: &Cluster, address: &Address) -> ProjectCache {
    let endpoint = live.configuration_endpoint();
    ProjectCache {
        environment: address.scope().environment().unwrap_or_default().to_owned(),
        address: address.as_str().to_owned(),
        id: text(live.cache_cluster_id()),
        description: None,
        engine: text(live.engine()),
        version: text(live.engine_version()),
        node_type: text(live.cache_node_type()),
        nodes: usize::try_from(live.num_cache_nodes().unwrap_or_default()).unwrap_or_default(),
        shards: None,
        status: text(live.cache_cluster_status()),
        endpoint: endpoint.and_then(|endpoint| endpoint.address.clone()),
        port: endpoint.and_then(|endpoint| endpoint.port),
        waiting: group::waiting_of_cluster(live).iter().map(in_words).collect(),
    }
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// What waits, and for what.
fn in_words(waiting: &Waiting) -> String {
    if waiting.until == Until::Reboot {
        return format!("a static parameter {}", waiting.until.words());
    }
    let value = waiting.accepted.as_str().map_or_else(|| waiting.accepted.to_string(), str::to_owned);
    format!("{} {value} {}", waiting.field.replace('_', " "), waiting.until.words())
}
