//! Caches (ElastiCache): replication groups of Redis OSS and Valkey, clusters of Memcached, and their groups of subnets and
//! parameters.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use crate::{Ref, version};

const PORT_IS_FIXED: &str = "AWS cannot change the port of a cache";
const SUBNETS_ARE_FIXED: &str = "AWS cannot move a cache to another subnet group";

/// A replication group (Redis OSS, Valkey): shards, each with a primary node and its replicas. Its id is its name in lower
/// case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnets), renamed = Kept)]
#[resource(outputs(
    arn = "elasticache:{region}:{account}:replicationgroup:{id}",
    console = "elasticache/home?region={region}#/redis/{id}",
    fields(name, description, version, node_type),
    assigned(DnsName)
))]
#[resource(outage(seconds = 900, what = "the cache does not answer, and starts empty"))]
#[resource(deletion = DataLoss, summary(version, node_type))]
#[aws(tags = "elasticache:CreateReplicationGroup.Tags", own_tags = 3, shown = "cache")]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct ReplicationGroup {
    /// Its name, unique in account and region whatever the case of its letters: `A982d4467b4eb931`.
    #[resource(replace = "AWS cannot rename a replication group", exclusive, derived_name)]
    #[aws("elasticache:CreateReplicationGroup.ReplicationGroupId")]
    pub name: String,
    /// Its description, by which people know it: `ci-sessions`.
    #[aws("elasticache:CreateReplicationGroup.ReplicationGroupDescription")]
    pub description: String,
    /// Whether its engine is Valkey. Otherwise it is Redis OSS.
    #[resource(set_once = "AWS makes Valkey of Redis OSS, and not the other way round")]
    #[aws("elasticache:CreateReplicationGroup.Engine")]
    pub valkey: bool,
    /// Version of the engine, as far as AWS distinguishes versions: `8.0`, `5.0.6`.
    #[resource(in_place = Disruptive, windowed)]
    #[aws("elasticache:CreateReplicationGroup.EngineVersion")]
    pub version: String,
    /// Type of its nodes: `cache.t4g.small`.
    #[resource(in_place = Disruptive, windowed)]
    #[aws("elasticache:CreateReplicationGroup.CacheNodeType")]
    pub node_type: String,
    /// Whether keys are distributed over shards (cluster mode), however many there are.
    #[resource(replace = "clients of a cluster speak another protocol")]
    #[aws("elasticache:CreateReplicationGroup.ClusterMode")]
    pub cluster: bool,
    /// Number of shards; 1 without cluster mode.
    #[resource(decrease_risk = Disruptive)]
    #[aws("elasticache:CreateReplicationGroup.NumNodeGroups")]
    pub shards: u32,
    /// Replicas of each shard, beside its primary node.
    #[resource(decrease_risk = Disruptive)]
    #[aws("elasticache:CreateReplicationGroup.ReplicasPerNodeGroup")]
    pub replicas: u32,
    /// Whether a replica takes the place of a primary node that fails.
    #[resource(decrease_risk = Disruptive)]
    #[aws("elasticache:CreateReplicationGroup.AutomaticFailoverEnabled")]
    pub failover: bool,
    /// Whether the nodes of each shard are in several availability zones.
    #[resource(decrease_risk = Disruptive)]
    #[aws("elasticache:CreateReplicationGroup.MultiAZEnabled")]
    pub multi_az: bool,
    /// Its port.
    #[resource(replace = PORT_IS_FIXED)]
    #[aws("elasticache:CreateReplicationGroup.Port")]
    pub port: u16,
    /// Its subnet group.
    #[resource(replace = SUBNETS_ARE_FIXED, in_use)]
    #[aws("elasticache:CreateReplicationGroup.CacheSubnetGroupName")]
    pub subnets: Ref,
    /// Its security groups.
    #[resource(elements(changed = Disruptive, removed = Disruptive), in_use)]
    #[aws("elasticache:CreateReplicationGroup.SecurityGroupIds")]
    pub groups: BTreeSet<Ref>,
    /// Its parameter group.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("elasticache:CreateReplicationGroup.CacheParameterGroupName")]
    pub parameters: Ref,
    /// When AWS maintains it, by UTC: `sat:05:00-sat:06:00`.
    #[aws("elasticache:CreateReplicationGroup.PreferredMaintenanceWindow")]
    pub window: String,
    /// Days that daily snapshots are kept; 0 for none.
    #[resource(decrease_risk = Disruptive)]
    #[aws("elasticache:CreateReplicationGroup.SnapshotRetentionLimit")]
    pub snapshots: u32,
    /// When AWS takes the daily snapshots, by UTC: `07:00-08:00`.
    #[aws("elasticache:CreateReplicationGroup.SnapshotWindow")]
    pub snapshot_window: String,
    /// Whether data on disks is encrypted.
    #[resource(replace = "AWS encrypts only new caches")]
    #[aws("elasticache:CreateReplicationGroup.AtRestEncryptionEnabled")]
    pub encrypted: bool,
    /// ARN of the KMS key of that; AWS's own key where absent.
    #[resource(replace = "AWS cannot change the key of a cache")]
    #[aws("elasticache:CreateReplicationGroup.KmsKeyId")]
    pub kms_key: Option<String>,
    /// Whether clients have to use TLS.
    #[resource(in_place = Disruptive)]
    #[aws("elasticache:CreateReplicationGroup.TransitEncryptionEnabled")]
    pub tls: bool,
    /// The object of a bucket with the AUTH token that clients have to know: `BUCKET/KEY`. The text is empty where nobody
    /// knows which.
    // Clients that have the old one, or none, cannot connect.
    #[resource(in_place = Disruptive)]
    #[aws(not_sent = "it says where the token is")]
    pub token: Option<String>,
    /// Whether the token is what the object has now. Always wanted.
    #[resource(in_place = Disruptive)]
    #[aws(not_sent = "the next token brings it about")]
    pub newest_token: bool,
    /// The user group whose users may connect.
    #[resource(in_place = Disruptive)]
    #[aws("elasticache:CreateReplicationGroup.UserGroupIds", if_set)]
    pub user_group: Option<String>,
    /// Whether AWS installs new minor versions of the engine.
    #[aws("elasticache:CreateReplicationGroup.AutoMinorVersionUpgrade")]
    pub minor_upgrades: bool,
    /// Whether changes that would wait for the maintenance window are made at once.
    #[resource(create_only)]
    #[aws("elasticache:ModifyReplicationGroup.ApplyImmediately")]
    pub apply_now: bool,
}

/// A cluster of Memcached. Its id is its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnets), renamed = Kept)]
#[resource(outputs(
    arn = "elasticache:{region}:{account}:cluster:{id}",
    console = "elasticache/home?region={region}#/memcached/{id}",
    fields(name, version, node_type),
    assigned(DnsName)
))]
#[resource(outage(seconds = 600, what = "the cache does not answer, and starts empty"))]
#[resource(summary(version, node_type))]
#[aws(tags = "elasticache:CreateCacheCluster.Tags", own_tags = 1, shown = "cache")]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct CacheCluster {
    /// Its name, unique in account and region whatever the case of its letters: `A982d4467b4eb931`.
    #[resource(replace = "AWS cannot rename a cache cluster", exclusive, derived_name)]
    #[aws("elasticache:CreateCacheCluster.CacheClusterId")]
    pub name: String,
    /// Version of Memcached: `1.6.22`.
    #[resource(in_place = Disruptive, windowed)]
    #[aws("elasticache:CreateCacheCluster.EngineVersion")]
    pub version: String,
    /// Type of its nodes: `cache.t4g.small`.
    #[resource(replace = "AWS cannot change the node type of Memcached")]
    #[aws("elasticache:CreateCacheCluster.CacheNodeType")]
    pub node_type: String,
    /// Number of nodes.
    #[resource(decrease_risk = Disruptive)]
    #[aws("elasticache:CreateCacheCluster.NumCacheNodes")]
    pub nodes: u32,
    /// Whether new nodes are in several availability zones.
    #[aws("elasticache:CreateCacheCluster.AZMode")]
    pub multi_az: bool,
    /// Its port.
    #[resource(replace = PORT_IS_FIXED)]
    #[aws("elasticache:CreateCacheCluster.Port")]
    pub port: u16,
    /// Its subnet group.
    #[resource(replace = SUBNETS_ARE_FIXED, in_use)]
    #[aws("elasticache:CreateCacheCluster.CacheSubnetGroupName")]
    pub subnets: Ref,
    /// Its security groups.
    #[resource(elements(changed = Disruptive, removed = Disruptive), in_use)]
    #[aws("elasticache:CreateCacheCluster.SecurityGroupIds")]
    pub groups: BTreeSet<Ref>,
    /// Its parameter group.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("elasticache:CreateCacheCluster.CacheParameterGroupName")]
    pub parameters: Ref,
    /// When AWS maintains it, by UTC: `sat:05:00-sat:06:00`.
    #[aws("elasticache:CreateCacheCluster.PreferredMaintenanceWindow")]
    pub window: String,
    /// Whether clients have to use TLS.
    #[resource(replace = "AWS encrypts only new clusters of Memcached")]
    #[aws("elasticache:CreateCacheCluster.TransitEncryptionEnabled")]
    pub tls: bool,
    /// Whether AWS installs new minor versions of the engine.
    #[aws("elasticache:CreateCacheCluster.AutoMinorVersionUpgrade")]
    pub minor_upgrades: bool,
    /// Whether changes that would wait for the maintenance window are made at once.
    #[resource(create_only)]
    #[aws("elasticache:ModifyCacheCluster.ApplyImmediately")]
    pub apply_now: bool,
}

const NO_WAY_BACK: &str = "AWS does not take a version back";
const TOKEN_STAYS: &str = "AWS takes a token away only in exchange for a user group";

impl ReplicationGroup {
    /// Its engine, as AWS names it.
    pub fn engine(&self) -> &'static str {
        if self.valkey { "valkey" } else { "redis" }
    }

    /// The fields in which AWS does not take a live group back to this one in place, and why.
    pub(crate) fn never_back(&self, live: &Self) -> Vec<(&'static str, &'static str)> {
        let is_older = self.valkey == live.valkey && is_older(self.engine(), &self.version, &live.version);
        let is_open = live.token.is_some() && self.token.is_none() && self.user_group.is_none();
        let version = is_older.then_some((Self::VERSION.as_str(), NO_WAY_BACK));
        version.into_iter().chain(is_open.then_some((Self::TOKEN.as_str(), TOKEN_STAYS))).collect()
    }

    /// Whether this is another major version of the live group, or another engine: AWS takes back neither.
    pub fn is_major_upgrade(&self, live: &Self) -> bool {
        self.valkey && !live.valkey
            || self.valkey == live.valkey && is_older(self.engine(), &live.version, &self.version)
    }
}

impl CacheCluster {
    /// Its engine, as AWS names it.
    pub const ENGINE: &'static str = "memcached";

    /// The fields in which AWS does not take a live cluster back to this one in place, and why.
    pub(crate) fn never_back(&self, live: &Self) -> Vec<(&'static str, &'static str)> {
        let is_older = is_older(Self::ENGINE, &self.version, &live.version);
        is_older.then_some((Self::VERSION.as_str(), NO_WAY_BACK)).into_iter().collect()
    }

    /// Whether this is another major version of the live cluster.
    pub fn is_major_upgrade(&self, live: &Self) -> bool {
        is_older(Self::ENGINE, &live.version, &self.version)
    }
}

/// Whether the major version of one version is older than that of another.
fn is_older(engine: &str, version: &str, than: &str) -> bool {
    version::order(version::major(engine, version), version::major(engine, than)).is_lt()
}

/// The subnets of a cache. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnets), renamed = Kept)]
#[resource(outputs(
    arn = "elasticache:{region}:{account}:subnetgroup:{id}",
    console = "elasticache/home?region={region}#/subnet-groups/{id}"
))]
#[resource(outage(none), deletion = Safe, summary(subnets))]
#[aws(tags = "elasticache:CreateCacheSubnetGroup.Tags", own_tags = 1)]
pub struct CacheSubnetGroup {
    /// Its name, unique in account and region, in lower case: `ci-sessions`.
    #[resource(replace = "AWS cannot rename a subnet group", exclusive, derived_name)]
    #[aws("elasticache:CreateCacheSubnetGroup.CacheSubnetGroupName")]
    pub name: String,
    /// Description, for people.
    #[aws("elasticache:CreateCacheSubnetGroup.CacheSubnetGroupDescription")]
    pub description: String,
    /// The subnets, all of one VPC.
    #[resource(elements, min = 1, vpc_bound_by, in_use)]
    #[aws("elasticache:CreateCacheSubnetGroup.SubnetIds")]
    pub subnets: BTreeSet<Ref>,
}

/// Settings of the engine of a cache. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = Kept)]
#[resource(outputs(
    arn = "elasticache:{region}:{account}:parametergroup:{id}",
    console = "elasticache/home?region={region}#/parameter-groups/{id}",
    fields(family)
))]
#[resource(outage(none), deletion = Safe, summary(family))]
#[aws(tags = "elasticache:CreateCacheParameterGroup.Tags", own_tags = 1)]
pub struct CacheParameterGroup {
    /// Its name, unique in account and region, in lower case: `ci-sessions-valkey8`. A group of another family has another
    /// one, so that both exist during an upgrade.
    #[resource(replace = "AWS cannot rename a parameter group", exclusive, derived_name)]
    #[aws("elasticache:CreateCacheParameterGroup.CacheParameterGroupName")]
    pub name: String,
    /// The engine and its major version: `valkey8`.
    #[resource(replace = "a parameter group is for one family of engines")]
    #[aws("elasticache:CreateCacheParameterGroup.CacheParameterGroupFamily")]
    pub family: String,
    /// Description, for people.
    #[resource(create_only = "AWS cannot change the description of a parameter group")]
    #[aws("elasticache:CreateCacheParameterGroup.Description")]
    pub description: String,
    /// The parameters that differ from AWS's defaults. Others are reset.
    #[resource(in_place = Disruptive, initial = BTreeMap::new())]
    #[aws("elasticache:ModifyCacheParameterGroup.ParameterNameValues.ParameterValue")]
    pub parameters: BTreeMap<String, String>,
}
