//! Databases of a project, as `asiaq database` shows them.

use std::collections::BTreeMap;

use asiaq_ir::{Database, DatabaseCluster, version};
use serde::Serialize;

/// A database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectDatabase {
    /// Its environment.
    pub environment: String,
    /// Its address.
    pub address: String,
    /// Its identifier.
    pub id: String,
    /// Its engine.
    pub engine: String,
    /// Its version in force.
    pub version: String,
    /// Its class in force.
    pub class: String,
    /// GiB that AWS has allocated.
    pub storage: i32,
    /// What it is doing, as AWS says it.
    pub status: String,
    /// Host name, without the port; none while AWS has none yet.
    pub endpoint: Option<String>,
    /// Port.
    pub port: Option<i32>,
    /// What AWS has accepted and not put in force, in words.
    pub waiting: Vec<String>,
    /// The snapshot that it was made from, if it was made from one.
    pub restored_from: Option<String>,
    /// Host name of the readers of a cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_endpoint: Option<String>,
    /// Its instances, if it is a cluster, the one that writes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<Vec<ClusterInstance>>,
}

impl ProjectDatabase {
    /// Whether it is a cluster of Aurora.
    pub fn is_cluster(&self) -> bool {
        self.instances.is_some()
    }
}

/// An instance of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClusterInstance {
    /// Its identifier.
    pub id: String,
    /// Whether it is the one that writes.
    pub is_writer: bool,
    /// Its class in force.
    pub class: String,
    /// What it is doing, as AWS says it.
    pub status: String,
    /// Its availability zone.
    pub zone: Option<String>,
    /// What AWS has accepted and not put in force, in words.
    pub waiting: Vec<String>,
}

/// All that AWS tells of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "AWS has these")]
pub struct DatabaseDetails {
    /// What a list of databases has too.
    #[serde(flatten)]
    pub database: ProjectDatabase,
    /// Its ARN.
    pub arn: String,
    /// Its availability zone.
    pub zone: Option<String>,
    /// That of its standby.
    pub standby_zone: Option<String>,
    /// Whether it has a standby.
    pub multi_az: bool,
    /// Type of its volumes.
    pub storage_type: String,
    /// Operations a second.
    pub iops: Option<i32>,
    /// MiB a second.
    pub throughput: Option<i32>,
    /// GiB up to which AWS adds storage.
    pub max_storage: Option<i32>,
    /// Whether its volumes are encrypted.
    pub encrypted: bool,
    /// ARN of the KMS key of its volumes.
    pub kms_key: Option<String>,
    /// Name of the master user.
    pub user: String,
    /// ARN of the secret in which RDS keeps the password.
    pub secret: Option<String>,
    /// Its parameter group.
    pub parameter_group: Option<String>,
    /// Whether the values of the parameter group are in force, as AWS says it.
    pub parameters_status: Option<String>,
    /// The parameters that are not the engine's default.
    pub parameters: BTreeMap<String, String>,
    /// Its subnet group.
    pub subnet_group: Option<String>,
    /// Ids of its security groups.
    pub security_groups: Vec<String>,
    /// Whether its name leads to a public address.
    pub public: bool,
    /// Days that its automated backups are kept.
    pub backups: i32,
    /// When automated backups begin.
    pub backup_window: Option<String>,
    /// When AWS may restart it.
    pub maintenance_window: Option<String>,
    /// The last second since 1970 that its backups can restore.
    pub restorable: Option<i64>,
    /// The database that it is a replica of.
    pub replica_of: Option<String>,
    /// Its replicas.
    pub replicas: Vec<String>,
    /// The authority of its TLS certificate.
    pub ca: Option<String>,
    /// Whether AWS installs new minor versions.
    pub minor_upgrades: bool,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// Whether Performance Insights is on.
    pub insights: bool,
    /// The logs that it sends to CloudWatch.
    pub logs: Vec<String>,
}

/// The data that a database can be made from: those of a snapshot, or of a live database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseData {
    /// Engine.
    pub engine: String,
    /// Version.
    pub version: String,
    /// Name of the master user.
    pub user: String,
    /// Whether they are encrypted.
    pub encrypted: bool,
    /// ARN of their KMS key.
    pub kms_key: Option<String>,
}

impl DatabaseData {
    /// What a wanted database is to have.
    pub fn of(wanted: &Database) -> Self {
        Self {
            engine: wanted.engine.clone(),
            version: wanted.version.clone(),
            user: wanted.user.clone(),
            encrypted: wanted.encrypted,
            kms_key: wanted.kms_key.clone(),
        }
    }

    /// What a wanted cluster is to have.
    pub fn of_cluster(wanted: &DatabaseCluster) -> Self {
        Self {
            engine: wanted.engine.clone(),
            version: wanted.version.clone(),
            user: wanted.user.clone(),
            encrypted: wanted.encrypted,
            kms_key: wanted.kms_key.clone(),
        }
    }

    /// Why a database cannot be made from them: AWS would make another one than is wanted, and cannot change it.
    pub fn unfit_for(&self, wanted: &Self) -> Option<String> {
        let Self { engine, version, user, encrypted, kms_key } = self;
        let major = |version| version::major(engine, version);
        if *engine != wanted.engine {
            return Some(format!("the data are those of `{engine}`, and not of `{}`", wanted.engine));
        }
        if major(version) != major(&wanted.version) {
            return Some(format!(
                "the data are of version {version}, and {} is another major version: declare that one first, and \
                 upgrade then",
                wanted.version
            ));
        }
        if version::order(&wanted.version, version).is_lt() && !version::covers(&wanted.version, version) {
            return Some(format!(
                "the data are of version {version}, which is newer than {}",
                wanted.version
            ));
        }
        if *user != wanted.user {
            return Some(format!("the master user of the data is `{user}`: declare `user = \"{user}\"`"));
        }
        if *encrypted != wanted.encrypted {
            return Some(format!("AWS keeps whether data are encrypted: declare `encrypted = {encrypted}`"));
        }
        let own = wanted.kms_key.as_ref().filter(|key| key.contains(":key/"));
        if own.is_some() && own != kms_key.as_ref() {
            return Some(
                "AWS keeps the KMS key of data, and another one is declared: remove `kms_key`".to_owned(),
            );
        }
        None
    }
}

/// The name of the snapshot from which a database becomes the copy of another one. While it is there, the copy is not whole.
pub fn clone_snapshot(database: &str) -> String {
    format!("{database}-clone")
}

/// A snapshot of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseSnapshot {
    /// The environment of its database.
    pub environment: String,
    /// Its id.
    pub id: String,
    /// The identifier of its database.
    pub database: String,
    /// Whether its database is a cluster of Aurora.
    pub is_cluster: bool,
    /// Why it was taken.
    pub taken: Taken,
    /// GiB.
    pub storage: i32,
    /// What is happening to it, as AWS says it.
    pub status: String,
    /// When it was taken, in seconds since 1970; none while it is being taken.
    pub created: Option<i64>,
    /// What is in it.
    #[serde(flatten)]
    pub data: DatabaseData,
}

/// Why a snapshot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Taken {
    /// As an automated backup, which AWS deletes by itself.
    Automated,
    /// When its database was deleted.
    Final,
    /// By a call for it.
    Manual,
}

/// Which snapshots a cleanup deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The newest of each database that stay.
    pub keep: usize,
    /// Snapshots that were taken before this second since 1970.
    pub before: i64,
    /// Whether final snapshots are deleted too.
    pub with_final: bool,
}

impl Expiry {
    /// The snapshots to delete, of those of a project. What AWS deletes by itself, and what is not whole, stays.
    pub fn expired<'s>(&self, snapshots: &'s [DatabaseSnapshot]) -> Vec<&'s DatabaseSnapshot> {
        let mut all: Vec<&DatabaseSnapshot> = snapshots
            .iter()
            .filter(|one| match one.taken {
                Taken::Automated => false,
                Taken::Final => self.with_final,
                Taken::Manual => true,
            })
            .filter(|one| one.status == "available")
            .collect();
        all.sort_by(|a, b| (&a.database, b.created, &b.id).cmp(&(&b.database, a.created, &a.id)));
        let (mut of, mut kept) = ("", 0);
        all.retain(|one| {
            if one.database != of {
                (of, kept) = (&one.database, 0);
            }
            kept += 1;
            kept > self.keep && one.created.is_some_and(|created| created < self.before)
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(id: &str, database: &str, taken: Taken, created: i64) -> DatabaseSnapshot {
        let environment = "ci".to_owned();
        let (id, database, status) = (id.to_owned(), database.to_owned(), "available".to_owned());
        let data = data("postgres", "16.4");
        DatabaseSnapshot {
            environment,
            id,
            database,
            is_cluster: false,
            taken,
            storage: 20,
            status,
            created: Some(created),
            data,
        }
    }

    fn data(engine: &str, version: &str) -> DatabaseData {
        let (engine, version, user) = (engine.to_owned(), version.to_owned(), "asiaq".to_owned());
        DatabaseData { engine, version, user, encrypted: true, kms_key: None }
    }

    #[test]
    fn data_fit_a_database_that_aws_can_make_of_them() {
        let wanted: Database = serde_json::from_value(serde_json::json!({
            "name": "ci-orders", "engine": "postgres", "version": "16.4", "class": "db.m7g.large", "storage": 100,
            "storage_type": "gp3", "subnet_group": { "id": "ci-orders" }, "groups": [], "parameter_group": { "id": "p" },
            "port": 5432, "multi_az": true, "backups": 7, "user": "asiaq", "password": "managed", "encrypted": true,
            "public": false, "minor_upgrades": true, "deletion_protection": false, "final_snapshot": true,
            "insights": false, "monitoring": 0, "logs": [], "apply_now": false, "in_force": true,
        }))
        .unwrap();
        let wanted = DatabaseData::of(&wanted);
        assert_eq!(data("postgres", "16.4").unfit_for(&wanted), None);
        let with = |version: &str| DatabaseData { version: version.to_owned(), ..wanted.clone() };
        assert_eq!(data("postgres", "16.4").unfit_for(&with("16")), None);
        assert_eq!(data("postgres", "16.4").unfit_for(&with("16.6")), None, "a minor upgrade follows");
        let why = |data: DatabaseData, wanted: &DatabaseData| data.unfit_for(wanted).unwrap();
        assert!(why(data("mysql", "8.0.40"), &wanted).contains("`mysql`, and not of `postgres`"));
        assert!(why(data("postgres", "16.4"), &with("17")).contains("another major version"));
        assert!(why(data("postgres", "16.6"), &with("16.4")).contains("newer than 16.4"));
        let other = DatabaseData { user: "root".to_owned(), ..data("postgres", "16.4") };
        assert!(why(other, &wanted).contains("declare `user = \"root\"`"));
        let own = DatabaseData {
            kms_key: Some("arn:aws:kms:us-west-2:123456789012:key/1".to_owned()),
            ..wanted.clone()
        };
        assert!(why(data("postgres", "16.4"), &own).contains("remove `kms_key`"));
        let plain = DatabaseData { encrypted: false, ..data("postgres", "16.4") };
        assert!(why(plain, &wanted).contains("declare `encrypted = false`"));
    }

    #[test]
    fn the_newest_snapshots_of_each_database_stay() {
        let all = [
            snapshot("a1", "a", Taken::Manual, 1),
            snapshot("a2", "a", Taken::Manual, 2),
            snapshot("a3", "a", Taken::Manual, 3),
            snapshot("b1", "b", Taken::Manual, 1),
            snapshot("final", "a", Taken::Final, 0),
            snapshot("auto", "a", Taken::Automated, 0),
        ];
        let ids = |expiry: Expiry| -> Vec<&str> {
            expiry.expired(&all).into_iter().map(|one| one.id.as_str()).collect()
        };
        assert_eq!(ids(Expiry { keep: 2, before: 10, with_final: false }), ["a1"]);
        assert_eq!(ids(Expiry { keep: 1, before: 2, with_final: false }), ["a1"]);
        assert_eq!(ids(Expiry { keep: 2, before: 10, with_final: true }), ["a1", "final"]);
        assert_eq!(ids(Expiry { keep: 0, before: 10, with_final: false }), ["a3", "a2", "a1", "b1"]);
    }
}
