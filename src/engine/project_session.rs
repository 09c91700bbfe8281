//! A project and its instances in AWS, without a plan.

use std::collections::BTreeSet;
use std::path::Path;

use asiaq_aws::Aws;
use asiaq_compiler::{Checked, EnvironmentSummary};
use asiaq_runtime::{Accounts, CloudError, Group, Host, Identity, RaisedAlarm};

use super::accounts::{Asked, Connected};
use super::connect::connect_to_declared;
use super::{Connection, EnvironmentsRequest, Interrupts, account, sandboxes};
use crate::exit::Result;
use crate::ui::Format;

/// A project without errors, and the connection to its account.
#[derive(Debug)]
pub(crate) struct ProjectSession {
    pub(crate) checked: Checked,
    pub(crate) aws: Accounts<Aws>,
    /// The identity in the first account.
    pub(crate) identity: Identity,
    /// Whether an account could not be used.
    pub(crate) is_partial: bool,
    /// Regions of the selected environments.
    pub(crate) regions: BTreeSet<String>,
    /// The selected environments; all of the account if empty.
    envs: BTreeSet<String>,
}

/// Checks the program and connects to AWS.
pub(crate) async fn open_project(
    path: Option<&Path>,
    envs: &[String],
    connection: &Connection,
    format: Format,
    interrupts: &Interrupts,
) -> Result<ProjectSession> {
    let request = EnvironmentsRequest { path, envs, connection, format };
    open_project_knowing(request, envs, interrupts).await
}

/// The same, where the program also has those of the environments `known` that are sandboxes.
pub(super) async fn open_project_knowing(
    request: EnvironmentsRequest<'_>,
    known: &[String],
    interrupts: &Interrupts,
) -> Result<ProjectSession> {
    let EnvironmentsRequest { envs, connection, .. } = request;
    let checked = EnvironmentsRequest { envs: known, ..request };
    let checked = Box::pin(sandboxes::named(checked, interrupts)).await?;
    let asked = Asked { envs, ..Asked::default() };
    let Connected { aws, identity, reached } =
        connect_to_declared(&checked, asked, connection, interrupts).await?;
    let declared = checked.environments();
    let is_selected = |env: &&EnvironmentSummary| envs.contains(&env.name);
    let regions = match envs {
        [] => aws.regions(),
        _ => declared.iter().filter(is_selected).map(|env| env.region.clone()).collect(),
    };
    let (is_partial, envs) = (reached.is_partial(), envs.iter().cloned().collect());
    Ok(ProjectSession { checked, aws, identity, is_partial, regions, envs })
}

impl ProjectSession {
    /// The instances of the selected environments, ordered by region, environment, hostclass and id.
    pub(crate) async fn hosts(&self) -> Result<Vec<Host>> {
        let mut found = Vec::new();
        for region in &self.regions {
            let hosts = self.aws.hosts(region, self.checked.project(), self.only()).await;
            found.extend(hosts.map_err(|error| unusable(&error))?);
        }
        found.retain(|host| self.covers(host.environment.as_deref()));
        Ok(found)
    }

    /// The Auto Scaling groups of these environments with their regions, ordered by name.
    pub(crate) async fn groups(&self) -> Result<Vec<(String, Group)>> {
        let mut found = Vec::new();
        for region in &self.regions {
            let groups = self.aws.groups(region, self.checked.project(), self.only()).await;
            found.extend(
                groups.map_err(|error| unusable(&error))?.into_iter().map(|group| (region.clone(), group)),
            );
        }
        found.retain(|(_, group)| self.covers(Some(group.address.env())));
        Ok(found)
    }

    /// Both, from one listing of the groups.
    pub(crate) async fn hosts_and_groups(&self) -> Result<(Vec<Host>, Vec<(String, Group)>)> {
        let (mut hosts, mut groups) = (Vec::new(), Vec::new());
        for region in &self.regions {
            let found = self.aws.hosts_and_groups(region, self.checked.project(), self.only()).await;
            let (some_hosts, some_groups) = found.map_err(|error| unusable(&error))?;
            hosts.extend(some_hosts);
            groups.extend(some_groups.into_iter().map(|group| (region.clone(), group)));
        }
        hosts.retain(|host| self.covers(host.environment.as_deref()));
        groups.retain(|(_, group)| self.covers(Some(group.address.env())));
        Ok((hosts, groups))
    }

    /// The alarms of these environments that are on, ordered by region and name.
    pub(crate) async fn raised_alarms(&self) -> Result<Vec<RaisedAlarm>> {
        let mut found = Vec::new();
        for region in &self.regions {
            let alarms = self.aws.raised_alarms(region, self.checked.project(), self.only()).await;
            found.extend(alarms.map_err(|error| account::unusable("list the alarms", &error))?);
        }
        found.retain(|alarm| self.covers(Some(alarm.address.env())));
        Ok(found)
    }

    /// The selected environment if it is only one.
    fn only(&self) -> Option<&str> {
        self.envs.first().filter(|_| self.envs.len() == 1).map(String::as_str)
    }

    fn covers(&self, env: Option<&str>) -> bool {
        self.envs.is_empty() || env.is_some_and(|env| self.envs.contains(env))
    }
}

fn unusable(error: &CloudError) -> anyhow::Error {
    account::unusable("list the instances", error)
}
