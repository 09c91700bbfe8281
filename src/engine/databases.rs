//! The databases of the environments of a program, and what is done with them beside applies.

use std::collections::BTreeMap;

use anyhow::anyhow;
use asiaq_ir::{Address, Database, DatabaseCluster, Ir, Resource};
use asiaq_runtime::{DatabaseData, DatabaseDetails, DatabaseSnapshot, ProjectDatabase};

use super::environments::{Environments, EnvironmentsRequest, named};
use super::{Interrupts, account};
use crate::exit::Result;

/// The environments of a program, and the way to their databases.
#[derive(Debug)]
pub(crate) struct DatabaseSession {
    environments: Environments,
    /// The declared databases, with their parameters.
    declared: BTreeMap<Address, (Declared, BTreeMap<String, String>)>,
}

/// What commands ask of a declared database.
#[derive(Debug)]
pub(crate) struct Declared {
    /// Its identifier in AWS.
    pub(crate) name: String,
    /// Whether it is a read replica.
    pub(crate) is_replica: bool,
    /// Whether it is a cluster of Aurora.
    pub(crate) is_cluster: bool,
    /// What its data have to be.
    pub(crate) data: DatabaseData,
}

impl Declared {
    fn new(database: &Database) -> Self {
        Self {
            name: database.name.clone(),
            is_replica: database.source.is_some(),
            is_cluster: false,
            data: DatabaseData::of(database),
        }
    }

    fn of_cluster(cluster: &DatabaseCluster) -> Self {
        Self {
            name: cluster.name.clone(),
            is_replica: false,
            is_cluster: true,
            data: DatabaseData::of_cluster(cluster),
        }
    }
}

/// Connects to the accounts of the environments.
pub(crate) async fn database_session(
    request: EnvironmentsRequest<'_>,
    interrupts: &Interrupts,
) -> Result<DatabaseSession> {
    let (environments, checked) = Environments::connect(request, interrupts).await?;
    let ir = checked.declared();
    let databases = ir.resources.iter().filter_map(|(address, node)| match &node.resource {
        Resource::Database(database) => {
            Some((address.clone(), (Declared::new(database), parameters(ir, address))))
        }
        Resource::DatabaseCluster(cluster) => {
            Some((address.clone(), (Declared::of_cluster(cluster), parameters(ir, address))))
        }
        _ => None,
    });
    Ok(DatabaseSession { environments, declared: databases.collect() })
}

/// The declared parameters of a database.
fn parameters(ir: &Ir, database: &Address) -> BTreeMap<String, String> {
    let of_database = |address: &Address| {
        address.env() == database.env() && address.has_path_below(&format!("{}/parameters", database.path()))
    };
    let groups = ir.resources.iter().filter(|(address, _)| of_database(address));
    let declared = groups.filter_map(|(_, node)| match &node.resource {
        Resource::DatabaseParameterGroup(group) => Some(&group.parameters),
        Resource::DatabaseClusterParameterGroup(group) => Some(&group.parameters),
        _ => None,
    });
    declared.flatten().map(|one| (one.name.clone(), one.value.clone())).collect()
}

impl DatabaseSession {
    /// The databases of the environments, in order of address.
    pub(crate) async fn databases(&self) -> anyhow::Result<Vec<ProjectDatabase>> {
        let look =
            async |aws: &asiaq_aws::Aws, region: &str, project: &str| aws.databases(region, project).await;
        let mut all = self.environments.all("list the databases", look, |one| &one.environment).await?;
        all.sort_by(|one, other| one.address.cmp(&other.address));
        Ok(all)
    }

    /// All that AWS tells of a live database.
    pub(crate) async fn details(&self, database: &ProjectDatabase) -> anyhow::Result<DatabaseDetails> {
        let (cloud, region) = self.environments.of(&database.environment);
        let found = cloud.database_details(region, self.environments.project(), database).await;
        let found = found
            .map_err(|error| account::unusable(&format!("read the database `{}`", database.id), &error))?;
        found.ok_or_else(|| anyhow!("the database `{}` is gone", database.id))
    }

    /// A declared database of an environment, with its parameters.
    pub(crate) fn declared(
        &self,
        env: &str,
        name: &str,
    ) -> Option<(&Address, &Declared, &BTreeMap<String, String>)> {
        let address = Address::new(env, &format!("database/{name}"));
        let (address, (database, parameters)) = self.declared.get_key_value(&address)?;
        Some((address, database, parameters))
    }

    /// Whether two environments are in the same account and region.
    pub(crate) fn are_together(&self, env: &str, other: &str) -> bool {
        self.environments.place(env) == self.environments.place(other)
    }

    /// The snapshots of the databases of the environments, the newest first.
    pub(crate) async fn snapshots(&self) -> anyhow::Result<Vec<DatabaseSnapshot>> {
        let look = async |aws: &asiaq_aws::Aws, region: &str, project: &str| {
            aws.database_snapshots(region, project).await
        };
        let mut all = self.environments.all("list the snapshots", look, |one| &one.environment).await?;
        all.sort_by(|a, b| (&a.database, b.created, &b.id).cmp(&(&b.database, a.created, &a.id)));
        Ok(all)
    }

    /// The live database that a declaration or an identifier names.
    pub(crate) async fn database(&self, name: &str) -> anyhow::Result<ProjectDatabase> {
        let all = self.databases().await?;
        let declared: Vec<String> = self.declared.keys().map(|address| address.as_str().to_owned()).collect();
        let meant = named(("database", name), &all, &declared, |one| (&one.address, &one.id))?;
        Ok(meant.clone())
    }

    /// Deletes a snapshot.
    pub(crate) async fn delete(&self, snapshot: &DatabaseSnapshot) -> anyhow::Result<()> {
        self.delete_own(&snapshot.environment, &snapshot.id, snapshot.is_cluster).await
    }

    /// Deletes a snapshot that was taken for a copy. That it is gone already is no error.
    pub(crate) async fn delete_own(&self, env: &str, id: &str, is_cluster: bool) -> anyhow::Result<()> {
        let (cloud, region) = self.environments.of(env);
        let done = cloud.delete_database_snapshot(region, id, is_cluster).await;
        done.map_err(|error| account::unusable(&format!("delete the snapshot `{id}`"), &error))
    }

    /// Reboots a database; with `failover` its standby takes over.
    pub(crate) async fn reboot(&self, database: &ProjectDatabase, failover: bool) -> anyhow::Result<()> {
        let (cloud, region) = self.environments.of(&database.environment);
        let done = match (database.is_cluster(), failover) {
            (false, _) => cloud.reboot_database(region, &database.id, failover).await,
            (true, false) => cloud.reboot_cluster(region, &database.id).await,
            (true, true) => cloud.fail_cluster_over(region, &database.id).await,
        };
        done.map_err(|error| account::unusable(&format!("reboot the database `{}`", database.id), &error))
    }
}
