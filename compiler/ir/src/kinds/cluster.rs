//! Clusters of Aurora, with their instances and their parameters.

use std::collections::BTreeSet;

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

use super::database::{Database, Parameter, Password};
use crate::{Ref, version};

/// A DB cluster parameter group. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = Kept, deletion = Safe)]
#[resource(outputs(
    arn = "rds:{region}:{account}:cluster-pg:{id}",
    console = "rds/home?region={region}#parameter-groups-detail:ids={id};type=DbClusterParameterGroup"
))]
#[resource(outage(none), summary(family, parameters))]
#[aws(tags = "rds:CreateDBClusterParameterGroup.Tags", own_tags = 1, shown = "DB cluster parameter group")]
pub struct DatabaseClusterParameterGroup {
    /// Its name, unique in the region: `ci-orders-aurora-postgresql16`.
    #[resource(create_only, exclusive, chosen_name, derived_name)]
    #[aws("rds:CreateDBClusterParameterGroup.DBClusterParameterGroupName")]
    pub name: String,
    /// The engine and the part of its version that parameters belong to: `aurora-postgresql16`.
    #[resource(replace = "AWS cannot change the family of a parameter group")]
    #[aws("rds:CreateDBClusterParameterGroup.DBParameterGroupFamily")]
    pub family: String,
    /// What it is for.
    #[resource(create_only)]
    #[aws("rds:CreateDBClusterParameterGroup.Description")]
    pub description: String,
    /// The parameters that are not the engine's default.
    #[resource(elements(changed = Disruptive, removed = Disruptive), initial = BTreeSet::new())]
    #[aws("rds:ModifyDBClusterParameterGroup.Parameters")]
    pub parameters: BTreeSet<Parameter>,
}

/// A cluster of Aurora: a volume, its endpoints, and what its instances share. Its id is its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnet_group), renamed = Kept, deletion = DataLoss, replacement = DeleteFirst)]
#[resource(outputs(
    arn = "rds:{region}:{account}:cluster:{id}",
    console = "rds/home?region={region}#database:id={id};is-cluster=true",
    fields(engine, version),
    assigned(DnsName)
))]
#[resource(outage(seconds = 1800, what = "there is no database"))]
#[resource(summary(engine, version))]
#[aws(tags = "rds:CreateDBCluster.Tags", own_tags = 4)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these")]
pub struct DatabaseCluster {
    /// Its identifier, unique in account and region: `ci-orders`.
    #[resource(
        create_only = "AWS gives a cluster with another name other endpoints",
        exclusive,
        derived_name
    )]
    #[aws("rds:CreateDBCluster.DBClusterIdentifier")]
    pub name: String,
    /// Its engine, as AWS names it: `aurora-postgresql`.
    #[resource(replace = "AWS cannot change the engine of a database")]
    #[aws("rds:CreateDBCluster.Engine")]
    pub engine: String,
    /// Its version, or the beginning of it: `16` for the newest minor version.
    #[resource(in_place = Disruptive, windowed)]
    #[aws("rds:CreateDBCluster.EngineVersion")]
    pub version: String,
    /// How its storage is paid for: `aurora`, or `aurora-iopt1`, in whose price requests are included.
    #[resource(windowed)]
    #[aws("rds:CreateDBCluster.StorageType")]
    pub storage_type: String,
    /// Its subnets.
    #[resource(replace = "AWS cannot move a cluster to another subnet group", in_use)]
    #[aws("rds:CreateDBCluster.DBSubnetGroupName")]
    pub subnet_group: Ref,
    /// Security groups.
    #[resource(elements(changed = Disruptive, removed = Disruptive), min = 1, in_use)]
    #[aws("rds:CreateDBCluster.VpcSecurityGroupIds")]
    pub groups: BTreeSet<Ref>,
    /// Its parameters, and those of its instances.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("rds:CreateDBCluster.DBClusterParameterGroupName")]
    pub parameter_group: Ref,
    /// The port that it listens on.
    #[resource(in_place = Disruptive)]
    #[aws("rds:CreateDBCluster.Port")]
    pub port: u16,
    /// The least that an instance of class `db.serverless` has, in capacity units: `0.5`.
    #[resource(if_set = Safe)]
    #[aws("rds:CreateDBCluster.ServerlessV2ScalingConfiguration.MinCapacity")]
    pub min_capacity: Option<String>,
    /// The most that an instance of class `db.serverless` has, in capacity units: `16`.
    #[resource(if_set = Safe)]
    #[aws("rds:CreateDBCluster.ServerlessV2ScalingConfiguration.MaxCapacity")]
    pub max_capacity: Option<String>,
    /// Days that its automated backups are kept.
    // Older backups are gone at once.
    #[resource(decrease_risk = DataLoss)]
    #[aws("rds:CreateDBCluster.BackupRetentionPeriod")]
    pub backups: u32,
    /// When automated backups begin, in UTC: `05:04-05:34`. AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("rds:CreateDBCluster.PreferredBackupWindow")]
    pub backup_window: Option<String>,
    /// When AWS may upgrade it, in UTC: `sat:06:00-sat:06:30`. AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("rds:CreateDBCluster.PreferredMaintenanceWindow")]
    pub maintenance_window: Option<String>,
    /// Name of the master user.
    #[resource(replace = "AWS cannot rename the master user of a database")]
    #[aws("rds:CreateDBCluster.MasterUsername")]
    pub user: String,
    /// Who has the password of the master user.
    // Clients that have the old one cannot connect.
    #[resource(in_place = Disruptive)]
    #[aws(not_sent = "it says where the password is")]
    pub password: Password,
    /// Whether its volume is encrypted.
    #[resource(replace = "AWS cannot encrypt a database, or decrypt it, in place")]
    #[aws("rds:CreateDBCluster.StorageEncrypted")]
    pub encrypted: bool,
    /// ARN or alias of the KMS key of its volume; that of RDS where absent.
    #[resource(replace = "AWS cannot change the key of a database")]
    #[aws("rds:CreateDBCluster.KmsKeyId")]
    pub kms_key: Option<String>,
    /// Whether AWS refuses to delete it.
    #[aws("rds:CreateDBCluster.DeletionProtection")]
    pub deletion_protection: bool,
    /// Whether a snapshot is taken when it is deleted.
    #[aws(not_sent = "the deletion asks for it")]
    pub final_snapshot: bool,
    /// The logs that it sends to CloudWatch.
    #[aws("rds:CreateDBCluster.EnableCloudwatchLogsExports")]
    pub logs: BTreeSet<String>,
    /// The snapshot that it is made from: `latest`, its id, or `fresh:ID` for a new one of that cluster. It is read at the
    /// creation only.
    #[resource(create_only)]
    #[aws("rds:RestoreDBClusterFromSnapshot.SnapshotIdentifier", if_set)]
    pub restore: Option<String>,
    /// Whether changes do not wait for the maintenance window.
    #[resource(create_only)]
    #[aws("rds:ModifyDBCluster.ApplyImmediately")]
    pub apply_now: bool,
    /// Whether the values of its parameters are in force. Always wanted; static ones wait for a reboot of each instance.
    #[resource(in_place = Disruptive)]
    #[aws(not_sent = "reboots bring it about")]
    pub in_force: bool,
}

impl DatabaseCluster {
    /// The fields in which AWS does not take a live cluster back to this one in place, and why.
    pub(crate) fn never_back(&self, live: &Self) -> Vec<(&'static str, &'static str)> {
        let is_older = version::order(&self.version, &live.version).is_lt()
            && !Database::is_kept_version(&self.engine, &live.version, &self.version);
        let field = (Self::VERSION.as_str(), "AWS does not take a version back");
        if is_older { vec![field] } else { Vec::new() }
    }
}

/// An instance of a [`DatabaseCluster`]. Which one writes is AWS's choice, and changes with each failover. Its id is its
/// identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(cluster), renamed = Kept, replacement = DeleteFirst)]
#[resource(outputs(
    arn = "rds:{region}:{account}:db:{id}",
    console = "rds/home?region={region}#database:id={id};is-cluster=false",
    fields(class)
))]
#[resource(outage(seconds = 900, what = "the cluster has one instance less"))]
#[resource(summary(class))]
#[aws(tags = "rds:CreateDBInstance.Tags", own_tags = 1)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these")]
pub struct DatabaseClusterInstance {
    /// Its identifier, unique in account and region: `ci-orders-1`.
    #[resource(create_only = "AWS restarts a database to rename it", exclusive, derived_name)]
    #[aws("rds:CreateDBInstance.DBInstanceIdentifier")]
    pub name: String,
    /// Its cluster.
    #[resource(replace = "AWS cannot move an instance to another cluster", in_use)]
    #[aws("rds:CreateDBInstance.DBClusterIdentifier")]
    pub cluster: Ref,
    /// The engine of its cluster.
    #[resource(replace = "AWS cannot change the engine of a database")]
    #[aws("rds:CreateDBInstance.Engine")]
    pub engine: String,
    /// Its class: `db.r7g.large`.
    #[resource(in_place = Disruptive, windowed)]
    #[aws("rds:CreateDBInstance.DBInstanceClass")]
    pub class: String,
    /// Whether its name leads to a public address.
    #[resource(in_place = Disruptive)]
    #[aws("rds:CreateDBInstance.PubliclyAccessible")]
    pub public: bool,
    /// Whether AWS installs new minor versions in the maintenance window.
    #[aws("rds:CreateDBInstance.AutoMinorVersionUpgrade")]
    pub minor_upgrades: bool,
    /// When AWS may restart it, in UTC: `sat:06:00-sat:06:30`. AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("rds:CreateDBInstance.PreferredMaintenanceWindow")]
    pub maintenance_window: Option<String>,
    /// The authority of its TLS certificate; AWS's choice where absent.
    #[resource(if_set = Disruptive)]
    #[aws("rds:CreateDBInstance.CACertificateIdentifier")]
    pub ca: Option<String>,
    /// Whether Performance Insights is on.
    #[aws("rds:CreateDBInstance.EnablePerformanceInsights")]
    pub insights: bool,
    /// Seconds between two measurements of its operating system (Enhanced Monitoring); 0 for none.
    #[aws("rds:CreateDBInstance.MonitoringInterval")]
    pub monitoring: u32,
    /// ARN of the role that sends these to CloudWatch Logs.
    #[aws("rds:CreateDBInstance.MonitoringRoleArn")]
    pub monitoring_role: Option<String>,
    /// Whether changes do not wait for the maintenance window.
    #[resource(create_only)]
    #[aws("rds:ModifyDBInstance.ApplyImmediately")]
    pub apply_now: bool,
}
