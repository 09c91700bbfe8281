//! Databases (RDS), and what belongs to each: its group of subnets and its group of parameters.

use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, Part, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::{Ref, version};

/// A DB subnet group. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnets), renamed = Kept, deletion = Safe)]
#[resource(outputs(
    arn = "rds:{region}:{account}:subgrp:{id}",
    console = "rds/home?region={region}#db-subnet-group:id={id}"
))]
#[resource(outage(none), summary(subnets))]
#[aws(tags = "rds:CreateDBSubnetGroup.Tags", own_tags = 1, shown = "DB subnet group")]
pub struct DatabaseSubnetGroup {
    /// Its name, unique in the region: `ci-orders`.
    #[resource(create_only, exclusive, chosen_name, derived_name)]
    #[aws("rds:CreateDBSubnetGroup.DBSubnetGroupName")]
    pub name: String,
    /// What it is for.
    #[aws("rds:CreateDBSubnetGroup.DBSubnetGroupDescription")]
    pub description: String,
    /// Its subnets, in two availability zones at least.
    #[resource(elements(changed = Disruptive, removed = Disruptive), min = 1, vpc_bound_by, in_use)]
    #[aws("rds:CreateDBSubnetGroup.SubnetIds")]
    pub subnets: BTreeSet<Ref>,
}

/// A DB parameter group. Its id is its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = Kept, deletion = Safe)]
#[resource(outputs(
    arn = "rds:{region}:{account}:pg:{id}",
    console = "rds/home?region={region}#parameter-groups-detail:ids={id};type=DbParameterGroup"
))]
#[resource(outage(none), summary(family, parameters))]
#[aws(tags = "rds:CreateDBParameterGroup.Tags", own_tags = 1, shown = "DB parameter group")]
pub struct DatabaseParameterGroup {
    /// Its name, unique in the region: `ci-orders-postgres16`.
    #[resource(create_only, exclusive, chosen_name, derived_name)]
    #[aws("rds:CreateDBParameterGroup.DBParameterGroupName")]
    pub name: String,
    /// The engine and the part of its version that parameters belong to: `postgres16`.
    #[resource(replace = "AWS cannot change the family of a parameter group")]
    #[aws("rds:CreateDBParameterGroup.DBParameterGroupFamily")]
    pub family: String,
    /// What it is for.
    #[resource(create_only)]
    #[aws("rds:CreateDBParameterGroup.Description")]
    pub description: String,
    /// The parameters that are not the engine's default.
    #[resource(elements(changed = Disruptive, removed = Disruptive), initial = BTreeSet::new())]
    #[aws("rds:ModifyDBParameterGroup.Parameters")]
    pub parameters: BTreeSet<Parameter>,
}

/// A parameter of a [`DatabaseParameterGroup`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct Parameter {
    /// Its name, as in `max_connections`.
    #[element(key)]
    #[aws("rds:ModifyDBParameterGroup.Parameters.ParameterName")]
    pub name: String,
    /// Its value.
    #[aws("rds:ModifyDBParameterGroup.Parameters.ParameterValue")]
    pub value: String,
}

/// A database: an instance of RDS. Its id is its identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(subnet_group), renamed = Kept, deletion = DataLoss, replacement = DeleteFirst)]
#[resource(outputs(
    arn = "rds:{region}:{account}:db:{id}",
    console = "rds/home?region={region}#database:id={id};is-cluster=false",
    fields(engine, version, class),
    assigned(DnsName)
))]
#[resource(outage(seconds = 1800, what = "there is no database"))]
#[resource(summary(engine, version, class))]
#[aws(tags = "rds:CreateDBInstance.Tags", own_tags = 5)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these")]
pub struct Database {
    /// Its identifier, unique in account and region: `ci-orders`.
    #[resource(create_only = "AWS restarts a database to rename it", exclusive, derived_name)]
    #[aws("rds:CreateDBInstance.DBInstanceIdentifier")]
    pub name: String,
    /// Its engine, as AWS names it: `postgres`, `oracle-se2`.
    #[resource(replace = "AWS cannot change the engine of a database")]
    #[aws("rds:CreateDBInstance.Engine")]
    pub engine: String,
    /// Its version, or the beginning of it: `16` for the newest minor version.
    #[resource(in_place = Disruptive, windowed)]
    #[aws("rds:CreateDBInstance.EngineVersion")]
    pub version: String,
    /// Its class: `db.m7g.large`.
    #[resource(in_place = Disruptive, windowed)]
    #[aws("rds:CreateDBInstance.DBInstanceClass")]
    pub class: String,
    /// Storage in GiB, as far as the program says: AWS may have added to it.
    #[resource(windowed)]
    #[aws("rds:CreateDBInstance.AllocatedStorage")]
    pub storage: u32,
    /// Type of its volumes: `gp3`.
    #[resource(windowed)]
    #[aws("rds:CreateDBInstance.StorageType")]
    pub storage_type: String,
    /// Operations a second that its volumes are paid for; AWS's number for the size where absent.
    #[resource(if_set = Safe, windowed)]
    #[aws("rds:CreateDBInstance.Iops")]
    pub iops: Option<u32>,
    /// MiB a second that its volumes are paid for; AWS's number for the size where absent.
    #[resource(if_set = Safe, windowed)]
    #[aws("rds:CreateDBInstance.StorageThroughput")]
    pub throughput: Option<u32>,
    /// GiB up to which AWS adds to the storage when it gets full; it adds nothing where absent.
    #[aws("rds:CreateDBInstance.MaxAllocatedStorage")]
    pub max_storage: Option<u32>,
    /// Its subnets.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("rds:CreateDBInstance.DBSubnetGroupName")]
    pub subnet_group: Ref,
    /// Security groups.
    #[resource(elements(changed = Disruptive, removed = Disruptive), min = 1, in_use)]
    #[aws("rds:CreateDBInstance.VpcSecurityGroupIds")]
    pub groups: BTreeSet<Ref>,
    /// Its parameters.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("rds:CreateDBInstance.DBParameterGroupName")]
    pub parameter_group: Ref,
    /// The port that it listens on.
    #[resource(in_place = Disruptive)]
    #[aws("rds:CreateDBInstance.Port")]
    pub port: u16,
    /// Whether it has a standby in another availability zone.
    #[resource(decrease_risk = Disruptive, windowed)]
    #[aws("rds:CreateDBInstance.MultiAZ")]
    pub multi_az: bool,
    /// Days that its automated backups are kept; 0 for none.
    // Older backups are gone at once.
    #[resource(decrease_risk = DataLoss)]
    #[aws("rds:CreateDBInstance.BackupRetentionPeriod")]
    pub backups: u32,
    /// When automated backups begin, in UTC: `05:04-05:34`. AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("rds:CreateDBInstance.PreferredBackupWindow")]
    pub backup_window: Option<String>,
    /// When AWS may restart it, in UTC: `sat:06:00-sat:06:30`. AWS's choice where absent.
    #[resource(if_set = Safe)]
    #[aws("rds:CreateDBInstance.PreferredMaintenanceWindow")]
    pub maintenance_window: Option<String>,
    /// Name of the master user.
    #[resource(replace = "AWS cannot rename the master user of a database")]
    #[aws("rds:CreateDBInstance.MasterUsername")]
    pub user: String,
    /// Who has the password of the master user.
    // Clients that have the old one cannot connect.
    #[resource(in_place = Disruptive)]
    #[aws(not_sent = "it says where the password is")]
    pub password: Password,
    /// License model; AWS's default where absent.
    #[resource(if_set = Disruptive, windowed)]
    #[aws("rds:CreateDBInstance.LicenseModel")]
    pub license: Option<String>,
    /// Character set; the engine's default where absent.
    #[resource(replace = "AWS cannot change the character set of a database")]
    #[aws("rds:CreateDBInstance.CharacterSetName")]
    pub character_set: Option<String>,
    /// Whether its volumes are encrypted.
    #[resource(replace = "AWS cannot encrypt a database, or decrypt it, in place")]
    #[aws("rds:CreateDBInstance.StorageEncrypted")]
    pub encrypted: bool,
    /// ARN or alias of the KMS key of its volumes; that of RDS where absent.
    #[resource(replace = "AWS cannot change the key of a database")]
    #[aws("rds:CreateDBInstance.KmsKeyId")]
    pub kms_key: Option<String>,
    /// Whether its name leads to a public address.
    #[resource(in_place = Disruptive)]
    #[aws("rds:CreateDBInstance.PubliclyAccessible")]
    pub public: bool,
    /// Whether AWS installs new minor versions in the maintenance window.
    #[aws("rds:CreateDBInstance.AutoMinorVersionUpgrade")]
    pub minor_upgrades: bool,
    /// Whether AWS refuses to delete it.
    #[aws("rds:CreateDBInstance.DeletionProtection")]
    pub deletion_protection: bool,
    /// Whether a snapshot is taken when it is deleted.
    #[aws(not_sent = "the deletion asks for it")]
    pub final_snapshot: bool,
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
    /// Option group; that of AWS without options where absent.
    #[resource(if_set = Disruptive, windowed)]
    #[aws("rds:CreateDBInstance.OptionGroupName")]
    pub option_group: Option<String>,
    /// The logs that it sends to CloudWatch.
    #[aws("rds:CreateDBInstance.EnableCloudwatchLogsExports")]
    pub logs: BTreeSet<String>,
    /// The database that it is a read replica of: its identifier, or its ARN in another region.
    #[resource(in_place = Disruptive)]
    #[aws("rds:CreateDBInstanceReadReplica.SourceDBInstanceIdentifier", if_set)]
    pub source: Option<Ref>,
    /// The snapshot that it is made from: `latest`, its id, or `fresh:ID` for a new one of that database. It is read at the
    /// creation only.
    #[resource(create_only)]
    #[aws("rds:RestoreDBInstanceFromDBSnapshot.DBSnapshotIdentifier", if_set)]
    pub restore: Option<String>,
    /// Whether changes do not wait for the maintenance window.
    #[resource(create_only)]
    #[aws("rds:ModifyDBInstance.ApplyImmediately")]
    pub apply_now: bool,
    /// Whether the values of its parameters are in force. Always wanted; static ones wait for a reboot.
    #[resource(in_place = Disruptive)]
    #[aws(not_sent = "a reboot brings it about")]
    pub in_force: bool,
}

/// Who has the password of the master user of a [`Database`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Part)]
#[serde(rename_all = "kebab-case")]
pub enum Password {
    /// RDS, which keeps and rotates it in Secrets Manager.
    Managed,
    /// An object of a bucket: `BUCKET/KEY`. The text is empty where nobody knows which.
    #[aws(not_sent = "it says where the password is")]
    Credential(String),
    /// The database that it is a replica of.
    OfSource,
}

impl Database {
    /// The fields in which AWS does not take a live database back to this one in place, and why.
    pub(crate) fn never_back(&self, live: &Self) -> Vec<(&'static str, &'static str)> {
        let mut fields = Vec::new();
        if self.storage < live.storage {
            fields.push((Self::STORAGE.as_str(), "AWS cannot shrink storage"));
        }
        let is_older = version::order(&self.version, &live.version).is_lt()
            && !version::covers(&self.version, &live.version);
        if is_older {
            fields.push((Self::VERSION.as_str(), "AWS does not take a version back"));
        }
        if self.source.is_some() {
            fields.push((Self::SOURCE.as_str(), "AWS cannot make a database the replica of another one"));
        }
        fields
    }

    /// Whether a version is a major upgrade of the one that is live.
    pub fn is_major_upgrade(engine: &str, live: &str, wanted: &str) -> bool {
        let major = |version| version::major(engine, version);
        version::order(major(wanted), major(live)).is_gt()
    }

    /// Whether AWS may have made the live version of the wanted one: it begins so, or is a later minor version.
    pub fn is_kept_version(engine: &str, live: &str, wanted: &str) -> bool {
        let of_same_major = version::major(engine, live) == version::major(engine, wanted);
        version::covers(wanted, live) || (of_same_major && version::order(wanted, live).is_lt())
    }
}
