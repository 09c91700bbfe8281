//! The databases of the environments of a program, and what is done with them beside applies.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_compiler::did_you_mean;
use asiaq_ir::{Address, Database, Ir, Resource, Scope};
use asiaq_runtime::{Accounts, DatabaseDetails, DatabaseSnapshot, ProjectDatabase};

use super::accounts::{Asked, Connected};
use super::connect::connect_to;
use super::{Connection, Interrupts, Log, account};
use crate::exit::Result;
use crate::project;
use crate::ui::{self, Format};

/// The environments that a command about databases is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DatabasesRequest<'a> {
    pub(crate) path: Option<&'a Path>,
    pub(crate) envs: &'a [String],
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
}

/// The environments of a program, and the way to their databases.
#[derive(Debug)]
pub(crate) struct DatabaseSession {
    aws: Accounts<Aws>,
    project: String,
    /// Environments with their regions.
    envs: Vec<(String, String)>,
    /// The declared databases, with their parameters.
    declared: BTreeMap<Address, (Database, BTreeMap<String, String>)>,
}

/// Connects to the accounts of the environments.
pub(crate) async fn database_session(
    request: DatabasesRequest<'_>,
    interrupts: &Interrupts,
) -> Result<DatabaseSession> {
    let DatabasesRequest { path, envs, connection, format } = request;
    let checked = project::named(path, format)?;
    let ir = checked.declared();
    for env in envs {
        if !ir.environments.contains_key(env) {
            let known: Vec<&str> = ir.environments.keys().map(String::as_str).collect();
            return Err(anyhow!(project::unknown_environment(env, &known)).into());
        }
    }
    let asked = Asked { envs, ..Asked::default() };
    let Connected { aws, .. } = connect_to(&checked, asked, connection, &Log::none(), interrupts).await?;
    let is_asked = |name: &String| envs.is_empty() || envs.contains(name);
    let environments = ir.environments.iter().filter(|(name, _)| is_asked(name));
    let environments = environments.map(|(name, env)| (name.clone(), env.region.clone()));
    let databases = ir.resources.iter().filter_map(|(address, node)| match &node.resource {
        Resource::Database(database) => Some((address.clone(), (database.clone(), parameters(ir, address)))),
        _ => None,
    });
    Ok(DatabaseSession {
        aws,
        project: checked.project().to_owned(),
        envs: environments.collect(),
        declared: databases.collect(),
    })
}

/// The declared parameters of a database.
fn parameters(ir: &Ir, database: &Address) -> BTreeMap<String, String> {
    let of_database = |address: &Address| {
        address.env() == database.env() && address.has_path_below(&format!("{}/parameters", database.path()))
    };
    let groups = ir.resources.iter().filter(|(address, _)| of_database(address));
    let declared = groups.filter_map(|(_, node)| match &node.resource {
        Resource::DatabaseParameterGroup(group) => Some(&group.parameters),
        _ => None,
    });
    declared.flatten().map(|one| (one.name.clone(), one.value.clone())).collect()
}

impl DatabaseSession {
    /// The databases of the environments, in order of address.
    pub(crate) async fn databases(&self) -> anyhow::Result<Vec<ProjectDatabase>> {
        let mut all = Vec::new();
        for (place @ (_, region), env) in self.places() {
            let found = self.cloud(env).databases(region, &self.project).await;
            let found = found.map_err(|error| account::unusable("list the databases", &error))?;
            all.extend(found.into_iter().filter(|one| self.place(&one.environment) == Some(place)));
        }
        all.sort_by(|one, other| one.address.cmp(&other.address));
        Ok(all)
    }

    /// All that AWS tells of a live database.
    pub(crate) async fn details(&self, database: &ProjectDatabase) -> anyhow::Result<DatabaseDetails> {
        let region = self.region(&database.environment);
        let cloud = self.cloud(&database.environment);
        let found = cloud.database_details(region, &self.project, &database.id).await;
        let found = found
            .map_err(|error| account::unusable(&format!("read the database `{}`", database.id), &error))?;
        found.ok_or_else(|| anyhow!("the database `{}` is gone", database.id))
    }

    /// A declared database of an environment, with its parameters.
    pub(crate) fn declared(
        &self,
        env: &str,
        name: &str,
    ) -> Option<(&Address, &Database, &BTreeMap<String, String>)> {
        let address = Address::new(env, &format!("database/{name}"));
        let (address, (database, parameters)) = self.declared.get_key_value(&address)?;
        Some((address, database, parameters))
    }

    /// Whether two environments are in the same account and region.
    pub(crate) fn are_together(&self, env: &str, other: &str) -> bool {
        self.place(env) == self.place(other)
    }

    /// The snapshots of the databases of the environments, the newest first.
    pub(crate) async fn snapshots(&self) -> anyhow::Result<Vec<DatabaseSnapshot>> {
        let mut all = Vec::new();
        for (place @ (_, region), env) in self.places() {
            let found = self.cloud(env).database_snapshots(region, &self.project).await;
            let found = found.map_err(|error| account::unusable("list the snapshots", &error))?;
            all.extend(found.into_iter().filter(|one| self.place(&one.environment) == Some(place)));
        }
        all.sort_by(|a, b| (&a.database, b.created, &b.id).cmp(&(&b.database, a.created, &a.id)));
        Ok(all)
    }

    /// The live database that a declaration or an identifier names.
    pub(crate) async fn database(&self, name: &str) -> anyhow::Result<ProjectDatabase> {
        let all = self.databases().await?;
        let end = |address: &str| address.rsplit('/').next() == Some(name);
        let mut meant = all.iter().filter(|one| one.id == name || one.address == name || end(&one.address));
        match (meant.next(), meant.next()) {
            (Some(one), None) => Ok(one.clone()),
            (Some(_), Some(_)) => {
                bail!("several environments have a database `{name}`: choose one with `--env`")
            }
            (None, _) => {
                let known: Vec<&str> =
                    all.iter().map(|one| one.address.rsplit('/').next().unwrap_or_default()).collect();
                let is_declared = self.declared.keys().any(|address| end(address.as_str()));
                match did_you_mean(name, &known) {
                    Some(near) => bail!("there is no database `{name}`; did you mean `{near}`?"),
                    None if is_declared => bail!("there is no database `{name}` yet: run `asiaq apply`"),
                    None if known.is_empty() => bail!("there is no database `{name}`, and no other"),
                    None => bail!("there is no database `{name}`; there is {}", ui::listed(&known)),
                }
            }
        }
    }

    /// Deletes a snapshot.
    pub(crate) async fn delete(&self, snapshot: &DatabaseSnapshot) -> anyhow::Result<()> {
        let region = self.region(&snapshot.environment);
        let done = self.cloud(&snapshot.environment).delete_database_snapshot(region, &snapshot.id).await;
        done.map_err(|error| account::unusable(&format!("delete the snapshot `{}`", snapshot.id), &error))
    }

    /// Deletes a snapshot that was taken for a copy. That it is gone already is no error.
    pub(crate) async fn delete_own(&self, env: &str, id: &str) -> anyhow::Result<()> {
        let done = self.cloud(env).delete_database_snapshot(self.region(env), id).await;
        done.map_err(|error| account::unusable(&format!("delete the snapshot `{id}`"), &error))
    }

    /// Reboots a database; with `failover` its standby takes over.
    pub(crate) async fn reboot(&self, database: &ProjectDatabase, failover: bool) -> anyhow::Result<()> {
        let region = self.region(&database.environment);
        let done = self.cloud(&database.environment).reboot_database(region, &database.id, failover).await;
        done.map_err(|error| account::unusable(&format!("reboot the database `{}`", database.id), &error))
    }

    /// The accounts and regions of the environments, each with one of its environments.
    fn places(&self) -> BTreeMap<(&str, &str), &str> {
        let envs = self.envs.iter().map(|(env, _)| env.as_str());
        envs.filter_map(|env| Some((self.place(env)?, env))).collect()
    }

    /// The account and the region of an environment; none for one that the command is not about.
    fn place(&self, env: &str) -> Option<(&str, &str)> {
        let (_, region) = self.envs.iter().find(|(name, _)| name == env)?;
        Some((&self.aws.of(Scope::environment(env).borrowed()).account, region))
    }

    fn region(&self, env: &str) -> &str {
        self.envs.iter().find(|(name, _)| name == env).map_or("", |(_, region)| region)
    }

    fn cloud(&self, env: &str) -> &Aws {
        &self.aws.of(Scope::environment(env).borrowed()).cloud
    }
}
