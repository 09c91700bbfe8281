mod access;
mod changes;
mod live;
mod waiting;

use asiaq_ir::{Assigned, FINAL_SNAPSHOT_TAG, Kind, ReplicationGroup, Waiting};

pub(crate) use self::live::Group;
use super::cache_tags::{self, CHANGES, families, sdk_tags};
use super::prelude::*;
use crate::credentials::{self, Credential};
use crate::service::{DUPLICATE_REPLICATION_GROUP, elasticache};

pub(super) use self::live::declared;
pub use self::live::snapshot_name;
pub(crate) use self::live::{DESCRIBE_CACHE_CLUSTERS, all, endpoint, settled, short};
pub(crate) use self::waiting::{of_cluster as waiting_of_cluster, of_group as waiting_of_group};

ops! { elasticache:
    DESCRIBE_REPLICATION_GROUPS = "DescribeReplicationGroups", Read;
    CREATE_REPLICATION_GROUP = "CreateReplicationGroup", Write;
    DELETE_REPLICATION_GROUP = "DeleteReplicationGroup", Delete;
}

families! {
    /// Tags of replication groups. A group changes while it takes tags.
    ReplicationGroupTags: "replicationgroup", then changed;
}

/// Waits until the group with an ARN takes other changes.
async fn changed(region: &Region<'_>, arn: &str) -> Result<()> {
    settled(region, arn.rsplit(':').next().unwrap_or_default()).await.map(drop)
}

impl Api for ReplicationGroup {
    type Live = Group;
    type Tags = ReplicationGroupTags;

    const OPERATIONS: IamActions =
        &[OPS, cache_tags::OPS, access::OPS, changes::OPS, live::OPS, credentials::OPS];
    const DESCRIBE: Operation = DESCRIBE_REPLICATION_GROUPS;
    const READY: Option<Limit> = Some(Limit(CHANGES, "the cache is not available"));
    const GONE: Option<Limit> = Some(Limit(CHANGES, "the cache is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_REPLICATION_GROUP, DUPLICATE_REPLICATION_GROUP, |group| &group.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Group>> {
        match which {
            Which::OfProject(_) => live::all(region).await,
            Which::Id(id) => Ok(live::one(region, id).await?.into_iter().collect()),
            Which::InPlaceOf(wanted) => Ok(live::one(region, &wanted.name).await?.into_iter().collect()),
        }
    }

    fn id(live: &Group) -> Option<&str> {
        live.group.replication_group_id()
    }

    fn tag_key(live: &Group) -> Option<&str> {
        live.group.arn()
    }

    fn state(live: &Group) -> State {
        live.state()
    }

    /// One that is being created shows not all of itself, and is waited for.
    async fn read(region: &Region<'_>, live: &Group) -> Result<Option<Self>> {
        if let Some(read) = live.read() {
            return Ok(Some(read));
        }
        let Some(id) = Self::id(live) else { return Ok(None) };
        if live.is_going() {
            return Ok(None);
        }
        Ok(settled(region, id).await?.and_then(|live| live.read()))
    }

    fn assigned(live: &Group) -> Vec<(Assigned, &str)> {
        let endpoint = live::endpoint(&live.group).and_then(|endpoint| endpoint.address());
        endpoint.map(|name| (Assigned::DnsName, name)).into_iter().collect()
    }

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let live = Self::describe(region, Which::OfProject(project)).await?;
        let mut facts = adapter::assigned::<Self>(&live);
        for group in &live {
            let waiting = waiting::of_group(group);
            if let Some(id) = Self::id(group).filter(|_| !waiting.is_empty()) {
                facts.waiting.insert(Waiting::key(Kind::ReplicationGroup, id), waiting);
            }
        }
        let found = adapter::found::<Self>(region, project, live).await?;
        let found = Box::pin(access::with_tokens(region, found)).await;
        Ok(Listed { found, facts, ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let (mut tags, mut token) = (request.tags.clone(), None);
        if let Some(place) = &self.token {
            let Credential { text, written } = access::token(region, place).await?;
            tags.extend(access::tags(place, &written));
            token = Some(text);
        }
        let call = region
            .elasticache()
            .create_replication_group()
            .replication_group_id(&self.name)
            .replication_group_description(&self.description)
            .engine(self.engine())
            .engine_version(&self.version)
            .cache_node_type(&self.node_type)
            .set_cluster_mode(self.cluster.then_some(aws_sdk_elasticache::types::ClusterMode::Enabled))
            .num_node_groups(signed(self.shards))
            .replicas_per_node_group(signed(self.replicas))
            .automatic_failover_enabled(self.failover)
            .multi_az_enabled(self.multi_az)
            .port(self.port.into())
            .set_cache_subnet_group_name(id_of(&self.subnets))
            .set_security_group_ids(Some(ids(&self.groups)))
            .set_cache_parameter_group_name(id_of(&self.parameters))
            .preferred_maintenance_window(&self.window)
            .snapshot_retention_limit(signed(self.snapshots))
            .snapshot_window(&self.snapshot_window)
            .at_rest_encryption_enabled(self.encrypted)
            .set_kms_key_id(self.kms_key.clone())
            .transit_encryption_enabled(self.tls)
            .set_auth_token(token.clone())
            .set_user_group_ids(self.user_group.clone().map(|group| vec![group]))
            .auto_minor_version_upgrade(self.minor_upgrades)
            .set_tags(Some(sdk_tags(&tags)));
        let made = region.retry_until_consistent(CREATE_REPLICATION_GROUP, || call.clone().send()).await;
        let made = made.map_err(|error| access::without(error, token.as_deref()))?;
        let id = made.replication_group.and_then(|group| group.replication_group_id);
        let id = CREATE_REPLICATION_GROUP.part("id", id)?;
        Ok(Created { id, initial: self.clone(), ready: false })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        changes::make(region, id, self, wanted).await
    }

    /// Waits until AWS takes the deletion. With a tag that says so, a snapshot is taken first, which stays.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let Some(live) = live::deletable(region, id).await? else { return Ok(()) };
        if live.is_going() {
            return Ok(());
        }
        let tags = <ReplicationGroupTags as TagFamily>::now(region, id).await?.unwrap_or_default();
        let is_kept = tags.get(FINAL_SNAPSHOT_TAG).is_some_and(|value| value == "true");
        let snapshot = is_kept.then(|| live::snapshot_name(&self.description));
        let call = region.elasticache().delete_replication_group().replication_group_id(id);
        let call = call.set_final_snapshot_identifier(snapshot);
        match DELETE_REPLICATION_GROUP.call(call.send()).await {
            // The answer to an earlier attempt was lost.
            Err(error) if elasticache.is_busy(&error) => {
                let live = live::one(region, id).await?;
                if live.is_none_or(|live| live.is_going()) { Ok(()) } else { Err(error) }
            }
            Err(error) if !elasticache.is_not_found(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
