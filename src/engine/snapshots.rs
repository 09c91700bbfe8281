//! The EBS snapshots of the hostclasses of a program, and what is done with them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Scope, ScopeRef};
use asiaq_runtime::{HostclassSnapshot, TemporaryVolume, mark_next};
use jiff::Timestamp;

use super::project_session::{ProjectSession, open_project};
use super::{EnvironmentsRequest, Interrupts, account, holder};
use crate::exit::{Halt, Result};
use crate::ui;

/// Seconds after which a volume for a snapshot is no longer of a run that is under way: all its waits together are shorter.
const RUN: i64 = 2 * 60 * 60;

/// The environments of a program that a command is about, with the snapshots of their hostclasses.
#[derive(Debug)]
pub(crate) struct SnapshotSession {
    session: ProjectSession,
    /// The selected environments, by the account and region in which they are.
    places: BTreeMap<(String, String), BTreeSet<String>>,
}

/// Snapshots as an account has them.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    /// Of the selected environments, ordered by environment and hostclass, the oldest first.
    pub(crate) own: Vec<HostclassSnapshot>,
    /// Of others.
    others: Vec<HostclassSnapshot>,
}

/// A snapshot to make of an empty disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmptyDisk<'a> {
    pub(crate) env: &'a str,
    pub(crate) hostclass: &'a str,
    pub(crate) product_line: &'a str,
    /// In GiB.
    pub(crate) size: u32,
    pub(crate) encrypted: bool,
}

/// Checks the program and connects to the accounts of its environments.
pub(crate) async fn snapshot_session(
    request: EnvironmentsRequest<'_>,
    interrupts: &Interrupts,
) -> Result<SnapshotSession> {
    let EnvironmentsRequest { path, envs, connection, format } = request;
    let session = open_project(path, envs, connection, format, interrupts).await?;
    let mut places: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for env in session.checked.environments() {
        if envs.is_empty() || envs.contains(&env.name) {
            let account = session.aws.of(Scope::environment(&env.name).borrowed()).account.clone();
            places.entry((account, env.region)).or_default().insert(env.name);
        }
    }
    Ok(SnapshotSession { session, places })
}

impl SnapshotSession {
    pub(crate) fn checked(&self) -> &Checked {
        &self.session.checked
    }

    /// Whether an account could not be used.
    pub(crate) fn is_partial(&self) -> bool {
        self.session.is_partial
    }

    /// The accounts and regions of the selected environments, as far as they can be used.
    fn places(&self) -> impl Iterator<Item = (&Aws, &str, &str, &BTreeSet<String>)> {
        self.session.aws.each().flat_map(move |(member, _)| {
            let own = self.places.iter().filter(|((account, _), _)| *account == member.account);
            own.map(|((account, region), envs)| (&member.cloud, account.as_str(), region.as_str(), envs))
        })
    }

    fn cloud(&self, account: &str) -> anyhow::Result<&Aws> {
        let mut members = self.session.aws.members();
        let member = members.find(|member| member.account == account);
        member.map(|member| &member.cloud).ok_or_else(|| anyhow!("account {account} is away"))
    }

    /// The snapshots in these accounts and regions, without what uses them.
    pub(crate) async fn snapshots(&self) -> anyhow::Result<Snapshots> {
        let mut found = Snapshots::default();
        for (cloud, account, region, envs) in self.places() {
            let all = account::answered("list the snapshots", cloud.snapshots(region, account).await)?;
            let (own, others): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|one| envs.contains(&one.environment));
            found.own.extend(own);
            found.others.extend(others);
        }
        mark_next(&mut found.own);
        found.own.sort_by(|a, b| {
            let key = |one: &HostclassSnapshot| {
                (one.environment.clone(), one.hostclass.clone(), one.started.clone(), one.id.clone())
            };
            key(a).cmp(&key(b))
        });
        Ok(found)
    }

    /// Adds what uses snapshots.
    pub(crate) async fn note_uses(&self, snapshots: &mut [HostclassSnapshot]) -> anyhow::Result<()> {
        for (cloud, account, region, _) in self.places() {
            let is_here = |one: &HostclassSnapshot| one.account == account && one.region == region;
            let ids = snapshots.iter().filter(|one| is_here(one)).map(|one| one.id.clone()).collect();
            let uses = cloud.uses_of_snapshots(region, &ids).await;
            let uses = account::answered("find out what uses the snapshots", uses)?;
            for one in snapshots.iter_mut().filter(|one| is_here(one)) {
                one.used_by.extend(uses.get(&one.id).into_iter().flatten().cloned());
            }
        }
        Ok(())
    }

    /// Deletes a snapshot; returns whether it is gone: one that something uses stays.
    pub(crate) async fn delete(&self, snapshot: &HostclassSnapshot) -> anyhow::Result<bool> {
        let gone = self.cloud(&snapshot.account)?.delete_snapshot(&snapshot.region, &snapshot.id).await;
        account::answered(&format!("delete the snapshot {}", snapshot.id), gone)
    }

    /// Sets and removes tags of a snapshot.
    pub(crate) async fn tag(
        &self,
        snapshot: &HostclassSnapshot,
        set: &BTreeMap<String, String>,
        remove: &[String],
    ) -> anyhow::Result<()> {
        let (cloud, ids) = (self.cloud(&snapshot.account)?, [snapshot.id.clone()]);
        let done = cloud.tag_snapshots(&snapshot.region, &ids, set, remove).await;
        account::answered(&format!("tag the snapshot {}", snapshot.id), done)
    }

    /// The volumes that runs which are over have left in the selected environments.
    pub(crate) async fn volumes_left(&self) -> anyhow::Result<Vec<TemporaryVolume>> {
        let mut left = Vec::new();
        for (cloud, account, region, envs) in self.places() {
            let all = cloud.temporary_volumes(region, account, self.session.checked.project()).await;
            let all = account::answered("list the volumes", all)?;
            left.extend(all.into_iter().filter(|one| envs.contains(&one.environment) && is_over(one)));
        }
        Ok(left)
    }

    /// Deletes such a volume.
    pub(crate) async fn delete_volume(&self, volume: &TemporaryVolume) -> anyhow::Result<()> {
        let gone = self.cloud(&volume.account)?.delete_volume(&volume.region, &volume.id).await;
        account::answered(&format!("delete the volume {}", volume.id), gone)
    }

    /// Makes a snapshot of an empty disk, through a volume that is deleted whatever happens; gives its id, and whether it is
    /// encrypted, or nothing if an interrupt came before it was whole.
    pub(crate) async fn create(
        &self,
        disk: EmptyDisk<'_>,
        interrupts: &Interrupts,
    ) -> Result<(String, Option<bool>)> {
        let env = self.session.checked.environments().into_iter().find(|env| env.name == disk.env);
        let region = &env.ok_or_else(|| anyhow!("there is no environment `{}`", disk.env))?.region;
        let cloud = &self.session.aws.of(ScopeRef::of_environment(disk.env)).cloud;
        let zone = async { Ok(account::answered("list the zones", cloud.any_zone(region).await)?) };
        let zone = interrupts.guard(Box::pin(zone)).await?;
        let of = (self.session.checked.project(), disk.env, disk.hostclass);
        let by = (holder::owner(), std::process::id(), Timestamp::now().as_second());
        let tags = TemporaryVolume::tags(of, (&by.0, by.1, by.2));
        // Not guarded: what is made has to be known.
        let shape = (disk.size, disk.encrypted);
        let volume = cloud.create_empty_volume(region, &zone, shape, &tags, &holder::run()).await;
        let volume = account::answered("make a volume", volume)?;
        ui::say(&format!("made the volume {volume} in {zone}, which is deleted in the end\n"));
        let made = Box::pin(snapshot_of(cloud, (region, &volume), disk, interrupts)).await;
        let gone = cloud.delete_volume(region, &volume).await;
        let gone = account::answered(&format!("delete the volume {volume}"), gone);
        match (made, gone) {
            (Ok(made), Ok(())) => Ok(made),
            (Ok((id, _)), Err(error)) => {
                let stays = format!(
                    "the snapshot {id} is made; the volume {volume} stays: `asiaq snapshot cleanup` deletes it"
                );
                Err(error.context(stays).into())
            }
            (Err(halt), Ok(())) => {
                ui::say(&format!("deleted the volume {volume}\n"));
                Err(halt)
            }
            (Err(halt), Err(error)) => {
                let stays = format!("the volume {volume} stays: `asiaq snapshot cleanup` deletes it");
                if let Halt::External(why) = halt {
                    ui::error(&why);
                }
                Err(error.context(stays).into())
            }
        }
    }
}

/// The snapshot of a new volume, when it is whole, or when an interrupt ends the wait for that.
async fn snapshot_of(
    cloud: &Aws,
    (region, volume): (&str, &str),
    disk: EmptyDisk<'_>,
    interrupts: &Interrupts,
) -> Result<(String, Option<bool>)> {
    let ready =
        async { Ok(account::answered("make a volume", cloud.volume_available(region, volume).await)?) };
    interrupts.guard(Box::pin(ready)).await?;
    let EmptyDisk { env, hostclass, product_line, .. } = disk;
    let tags = [("hostclass", hostclass), ("env", env), ("productline", product_line)];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let description = format!("{env} {hostclass}, empty");
    let id = cloud.create_snapshot(region, volume, &description, &tags).await;
    let id = account::answered("make a snapshot", id)?;
    ui::say(&format!("{id} is being made\n"));
    let whole =
        async { Ok(account::answered("make a snapshot", cloud.snapshot_completed(region, &id).await)?) };
    match interrupts.guard(Box::pin(whole)).await {
        Ok(encrypted) => Ok((id, Some(encrypted))),
        Err(Halt::Interrupted) => {
            ui::say(&format!("\ninterrupted; {id} is being made: `asiaq snapshot delete {id}` deletes it\n"));
            Ok((id, None))
        }
        Err(halt) => Err(halt),
    }
}

impl Snapshots {
    /// Those of some hostclasses, of all if none is named.
    pub(crate) fn of(&self, checked: &Checked, named: &[String]) -> anyhow::Result<Vec<HostclassSnapshot>> {
        let declared = checked.hostclasses();
        let seen = self.own.iter().map(|one| &one.hostclass);
        let known: BTreeSet<&str> = declared.iter().chain(seen).map(String::as_str).collect();
        if let Some(name) = named.iter().find(|name| !known.contains(name.as_str())) {
            let known: Vec<&str> = known.into_iter().collect();
            match did_you_mean(name, &known) {
                Some(near) => bail!("there is no hostclass `{name}`; did you mean `{near}`?"),
                None => bail!("there is no hostclass `{name}`, and no snapshot of one"),
            }
        }
        let is_meant = |one: &&HostclassSnapshot| named.is_empty() || named.contains(&one.hostclass);
        Ok(self.own.iter().filter(is_meant).cloned().collect())
    }

    /// The snapshot with an id. Refuses those of other environments.
    pub(crate) fn find(&self, checked: &Checked, id: &str) -> anyhow::Result<HostclassSnapshot> {
        if let Some(one) = self.own.iter().find(|one| one.id == id) {
            return Ok(one.clone());
        }
        if let Some(other) = self.others.iter().find(|one| one.id == id) {
            let env = &other.environment;
            if checked.environments().iter().any(|declared| declared.name == *env) {
                bail!("{id} is of environment `{env}`: choose it with `--env {env}`; nothing was changed");
            }
            bail!("{id} is of `{env}`, which is no environment of this program; nothing was changed");
        }
        let known: Vec<&str> = self.own.iter().map(|one| one.id.as_str()).collect();
        match did_you_mean(id, &known) {
            Some(near) => bail!("there is no snapshot `{id}` of a hostclass; did you mean `{near}`?"),
            None => bail!(
                "there is no snapshot `{id}` of a hostclass in these environments: `asiaq snapshot list` shows them"
            ),
        }
    }
}

/// Whether the run that made a volume for a snapshot is over.
fn is_over(volume: &TemporaryVolume) -> bool {
    let age = Timestamp::now().as_second().saturating_sub(volume.since);
    age > RUN || volume.by == holder::owner() && !is_running(volume.process)
}

/// Whether a process of this machine may still run.
#[cfg(unix)]
fn is_running(process: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) else { return false };
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

/// Other systems do not say it.
#[cfg(not(unix))]
fn is_running(_: u32) -> bool {
    true
}
