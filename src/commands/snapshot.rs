mod capture;
mod create;
mod link;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use asiaq_runtime::{HostclassSnapshot, SnapshotExpiry, TemporaryVolume};
use serde::Serialize;

use super::instances;
use crate::engine::{self, Interrupts, SnapshotSession, Way, Writing, age, ago};
use crate::exit::{Exit, Result};
use crate::project::{Project, some_names_and_path};
use crate::ui::{self, Format, json, snapshots};

/// Makes, lists, tags and deletes EBS snapshots, from which the disks of hostclasses with `stateful = true` start
#[derive(clap::Subcommand, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
pub(crate) enum Snapshot {
    /// Makes a snapshot of an empty disk, from which the first instances of a hostclass start
    ///
    /// The disk is encrypted, and has no file system yet. It is taken of a volume that is deleted in the end, also if the run is
    /// interrupted; what a killed run left is deleted by the next one.
    Create(create::Create),
    /// Takes snapshots of the disks of instances, or of a volume
    ///
    /// On instances, a script runs over SSH: it freezes the file system of the disk for the moment in which the snapshot
    /// begins. `--volume` takes one of a volume without that.
    Capture(capture::Capture),
    /// Lists the snapshots of hostclasses, with what uses them, and which one is used next
    List(List),
    /// Deletes snapshots
    ///
    /// A snapshot that something uses stays: an AMI, a launch template in any version, a launch configuration, a Spot request,
    /// or a volume that is being made of it. If one of the snapshots is used, none is deleted.
    Delete(Delete),
    /// Deletes old snapshots, and volumes that killed runs left
    ///
    /// Of each hostclass and environment the newest snapshots stay, and all that are not old enough; so does one that something
    /// uses (see `asiaq snapshot delete`).
    Cleanup(Cleanup),
    /// Makes a new version of the launch template of a hostclass, which starts its disk from the newest snapshot
    ///
    /// Instances that run keep their disks. The plan is shown first: the version takes over whatever else differs between the
    /// program and the launch template. An apply does the same for everything.
    Link(link::Link),
    /// Sets and removes tags of snapshots
    ///
    /// A launch template starts from the newest snapshot whose tags `hostclass` and `env` are its own. Without one of them, a
    /// snapshot stays and is not used.
    Tag(Tag),
}

#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    /// Only snapshots of this hostclass; may be repeated. Default: all hostclasses
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    #[command(flatten)]
    way: Way,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Delete {
    /// Ids of the snapshots; behind them a file, or a folder with .asq files. Default: this folder
    #[arg(value_name = "SNAPSHOT", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Cleanup {
    #[command(flatten)]
    project: Project,
    /// Number of snapshots of each hostclass and environment that stay, the newest; at least 1
    #[arg(long, value_name = "N", default_value = "3", value_parser = keep)]
    keep: NonZeroUsize,
    /// Only snapshots that are older than this time, such as `30d`. Default: of any age
    #[arg(long, value_name = "TIME", value_parser = age)]
    older_than: Option<Duration>,
    /// Only snapshots of this hostclass; may be repeated. Default: all hostclasses
    #[arg(long = "hostclass", value_name = "NAME")]
    hostclasses: Vec<String>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Tag {
    /// Ids of the snapshots; behind them a file, or a folder with .asq files. Default: this folder
    #[arg(value_name = "SNAPSHOT", required = true)]
    words: Vec<String>,
    /// Sets a tag; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = instances::tag)]
    set: Vec<(String, String)>,
    /// Removes a tag; may be repeated
    #[arg(long = "remove", value_name = "KEY")]
    remove: Vec<String>,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    writing: Writing,
}

fn keep(text: &str) -> std::result::Result<NonZeroUsize, String> {
    match text.parse::<usize>().map(NonZeroUsize::new) {
        Ok(Some(keep)) => Ok(keep),
        Ok(None) => Err("the newest snapshot is the one that the next instances start from: write 1 or \
                         more, or name what goes with `asiaq snapshot delete`"
            .to_owned()),
        Err(_) => Err("write a number".to_owned()),
    }
}

/// What a deletion is about.
#[derive(Debug, Default, Serialize)]
struct Doomed {
    /// Deleted.
    snapshots: Vec<HostclassSnapshot>,
    /// Old enough, and used.
    kept: Vec<HostclassSnapshot>,
    /// Volumes that runs left which are over.
    volumes: Vec<TemporaryVolume>,
}

impl Snapshot {
    pub(crate) fn run(&self) -> Result<Exit> {
        if let Self::Link(link) = self {
            return link.run();
        }
        engine::block_on(async |interrupts| match self {
            Self::Create(create) => create.run(&interrupts).await,
            Self::Capture(capture) => capture.run(&interrupts).await,
            Self::List(list) => list.run(&interrupts).await,
            Self::Delete(delete) => delete.run(&interrupts).await,
            Self::Cleanup(cleanup) => cleanup.run(&interrupts).await,
            Self::Tag(tag) => tag.run(&interrupts).await,
            Self::Link(_) => Ok(Exit::Done),
        })
    }
}

async fn session(path: Option<&Path>, way: &Way, interrupts: &Interrupts) -> Result<SnapshotSession> {
    let request = way.request(path);
    interrupts.guard(Box::pin(engine::snapshot_session(request, interrupts))).await
}

/// The snapshots of these ids, each once.
async fn named(
    session: &SnapshotSession,
    ids: &[String],
    interrupts: &Interrupts,
) -> Result<Vec<HostclassSnapshot>> {
    let look = async {
        let all = session.snapshots().await?;
        let ids: BTreeSet<&String> = ids.iter().collect();
        Ok(ids.into_iter().map(|id| all.find(session.checked(), id)).collect::<anyhow::Result<Vec<_>>>()?)
    };
    interrupts.guard(Box::pin(look)).await
}

impl List {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let look = async {
            let mut found = session.snapshots().await?.of(session.checked(), &self.hostclasses)?;
            session.note_uses(&mut found).await?;
            Ok(found)
        };
        let found = interrupts.guard(Box::pin(look)).await?;
        let none = found.is_empty().then_some("there are no snapshots of hostclasses");
        ui::list(self.way.format, &found, none, || snapshots::list(&found));
        Ok(Exit::of(session.is_partial()))
    }
}

impl Delete {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let (ids, path) = some_names_and_path(&self.words);
        let session = session(path, &self.way, interrupts).await?;
        let mut doomed = named(&session, ids, interrupts).await?;
        interrupts.until_interrupted(session.note_uses(&mut doomed)).await?;
        if let Some(used) = doomed.iter().find(|one| !one.used_by.is_empty()) {
            let by = used.used_by.join(", ");
            return Err(anyhow::anyhow!("{} is used by {by}; nothing was deleted", used.id).into());
        }
        let doomed = Doomed { snapshots: doomed, ..Doomed::default() };
        doomed.carry_out(&session, self.way.format, self.writing, interrupts).await
    }
}

impl Cleanup {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let session = session(self.project.path.as_deref(), &self.way, interrupts).await?;
        let expiry = SnapshotExpiry { keep: self.keep, before: self.older_than.map_or(i64::MAX, ago) };
        let look = async {
            let all = session.snapshots().await?.of(session.checked(), &self.hostclasses)?;
            let mut expired: Vec<HostclassSnapshot> = expiry.expired(&all).into_iter().cloned().collect();
            session.note_uses(&mut expired).await?;
            let (snapshots, kept): (Vec<_>, Vec<_>) =
                expired.into_iter().partition(|one| one.used_by.is_empty() && !one.is_next);
            Ok(Doomed { snapshots, kept, volumes: session.volumes_left().await? })
        };
        let doomed = interrupts.guard(Box::pin(look)).await?;
        doomed.carry_out(&session, self.way.format, self.writing, interrupts).await
    }
}

impl Doomed {
    /// Shows what goes and what stays, and deletes it unless it is a dry run.
    async fn carry_out(
        &self,
        session: &SnapshotSession,
        format: Format,
        writing: Writing,
        interrupts: &Interrupts,
    ) -> Result<Exit> {
        let Self { snapshots: doomed, kept, volumes } = self;
        match format {
            Format::Json => json::print(self),
            Format::Text => {
                if !doomed.is_empty() {
                    ui::out(&snapshots::list(doomed));
                }
                ui::out(&snapshots::volumes(volumes));
                for one in kept {
                    ui::say(&format!("{} stays: it is used by {}\n", one.id, one.used_by.join(", ")));
                }
            }
        }
        if doomed.is_empty() && volumes.is_empty() {
            if format == Format::Text {
                ui::say("no snapshot is deleted\n");
            }
            return Ok(Exit::of(session.is_partial()));
        }
        for next in doomed.iter().filter(|one| one.is_next) {
            ui::warn(&format!(
                "{} is the newest of `{}` in `{}`: the next instances start from an older one, or without the disk",
                next.id, next.hostclass, next.environment
            ));
        }
        if writing.dry_run {
            return Ok(Exit::Changes);
        }
        let left = if volumes.is_empty() {
            String::new()
        } else {
            format!(" and {}", ui::count(volumes.len(), "volume"))
        };
        let snapshots = ui::count(doomed.len(), "snapshot");
        writing.agreed(&format!("Delete {snapshots}{left}? They cannot be restored."), interrupts).await?;
        let mut stayed = false;
        for one in doomed {
            if session.delete(one).await? {
                ui::say(&format!("deleted {}\n", one.id));
            } else {
                stayed = true;
                ui::warn(&format!("{} stays: something uses it", one.id));
            }
        }
        for volume in volumes {
            session.delete_volume(volume).await?;
            ui::say(&format!("deleted {}\n", volume.id));
        }
        Ok(Exit::of(session.is_partial() || stayed))
    }
}

impl Tag {
    async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        instances::refuse_unusable_tags(&self.set, &self.remove, "a snapshot")?;
        let (ids, path) = some_names_and_path(&self.words);
        let session = session(path, &self.way, interrupts).await?;
        let chosen = named(&session, ids, interrupts).await?;
        let ids: Vec<&str> = chosen.iter().map(|one| one.id.as_str()).collect();
        let show = || match self.way.format {
            Format::Json => json::print(&ids),
            Format::Text => ui::out(&ids.iter().map(|id| [*id, "\n"].concat()).collect::<String>()),
        };
        let mut keys = self.set.iter().map(|(key, _)| key).chain(&self.remove);
        if keys.any(|key| key == "hostclass" || key == "env") {
            ui::say("the tags `hostclass` and `env` say what starts from a snapshot\n");
        }
        if self.writing.dry_run {
            show();
            return Ok(Exit::Changes);
        }
        let question = format!("Change tags of {}?", ui::count(ids.len(), "snapshot"));
        self.writing.agreed(&question, interrupts).await?;
        let set: BTreeMap<String, String> = self.set.iter().cloned().collect();
        for one in &chosen {
            session.tag(one, &set, &self.remove).await?;
        }
        show();
        Ok(Exit::of(session.is_partial()))
    }
}
