use anyhow::bail;
use asiaq_compiler::did_you_mean;
use asiaq_runtime::TemporaryVolume;
use serde::Serialize;

use crate::engine::{self, Connection, EmptyDisk, EnvironmentsRequest, Interrupts, SnapshotSession, Writing};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format, json, snapshots};

/// Greatest size of a volume of EBS in GiB.
const GREATEST: i64 = 65_536;

#[derive(clap::Args, Debug)]
pub(crate) struct Create {
    #[command(flatten)]
    project: Project,
    /// Name of the environment
    #[arg(long, value_name = "NAME")]
    env: String,
    /// Name of the hostclass
    #[arg(long, value_name = "NAME")]
    hostclass: String,
    /// Size of the disk in GiB
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u32).range(1..=GREATEST))]
    size: u32,
    /// Makes a disk that is not encrypted
    #[arg(long)]
    unencrypted: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    writing: Writing,
}

/// The snapshot that is made.
#[derive(Serialize)]
struct Made<'a> {
    /// Absent in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    environment: &'a str,
    hostclass: &'a str,
    size: u32,
    encrypted: bool,
    /// The snapshot that instances started from before.
    before: Option<&'a str>,
    /// Volumes that runs left which are over.
    volumes: &'a [TemporaryVolume],
}

impl Create {
    pub(super) async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        let Self { env, hostclass, size, unencrypted, .. } = self;
        let (encrypted, envs) = (!unencrypted, [env.clone()]);
        let path = self.project.path.as_deref();
        let request =
            EnvironmentsRequest { path, envs: &envs, connection: &self.connection, format: self.format };
        let session = engine::snapshot_session(request, interrupts);
        let session: SnapshotSession = interrupts.guard(Box::pin(session)).await?;
        let product_line = self.product_line(&session)?;
        let look = async {
            let all = session.snapshots().await?.of(session.checked(), std::slice::from_ref(hostclass))?;
            Ok((all, session.volumes_left().await?))
        };
        let (all, volumes) = interrupts.guard(Box::pin(look)).await?;
        let before = all.iter().find(|one| one.is_next).map(|one| one.id.as_str());
        let how = if encrypted { "an encrypted" } else { "an unencrypted" };
        let what = format!("{how} snapshot of an empty disk of {size} GiB for `{hostclass}` in `{env}`");
        if let Some(before) = before {
            ui::warn(&format!(
                "`{hostclass}` has {before} in `{env}`: the next instances start with an empty disk instead"
            ));
        }
        let made =
            Made { id: None, environment: env, hostclass, size: *size, encrypted, before, volumes: &volumes };
        if self.writing.dry_run {
            match self.format {
                Format::Json => json::print(&made),
                Format::Text => ui::out(&format!("would make {what}\n{}", snapshots::volumes(&volumes))),
            }
            return Ok(Exit::Changes);
        }
        self.writing.agreed(&format!("Make {what}?"), interrupts).await?;
        for volume in &volumes {
            session.delete_volume(volume).await?;
            ui::say(&format!("deleted {}, which an earlier run left\n", volume.id));
        }
        let disk = EmptyDisk { env, hostclass, product_line: &product_line, size: *size, encrypted };
        let (id, is_encrypted) = session.create(disk, interrupts).await?;
        let Some(is_encrypted) = is_encrypted else { return Ok(Exit::Interrupted) };
        if is_encrypted != encrypted {
            ui::warn(if is_encrypted {
                "the snapshot is encrypted all the same: the account encrypts every new volume"
            } else {
                "AWS says that the snapshot is not encrypted"
            });
        }
        match self.format {
            Format::Json => json::print(&Made { id: Some(&id), encrypted: is_encrypted, ..made }),
            Format::Text => ui::out(&format!("{id}\n")),
        }
        ui::say(&format!(
            "`asiaq snapshot link {hostclass} --env {env}` has the next instances start from it\n"
        ));
        Ok(Exit::of(session.is_partial()))
    }

    /// The product line of the hostclass. Says if nothing uses the snapshot.
    fn product_line(&self, session: &SnapshotSession) -> anyhow::Result<String> {
        let Self { env, hostclass, .. } = self;
        let checked = session.checked();
        let Some(disk) = checked.kept_disk(env, hostclass) else {
            let known = checked.hostclasses();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            match did_you_mean(hostclass, &known) {
                Some(near) => bail!("there is no hostclass `{hostclass}`; did you mean `{near}`?"),
                None => bail!("there is no hostclass `{hostclass}` in `{env}`"),
            }
        };
        if !disk.is_stateful {
            ui::warn(&format!(
                "`{hostclass}` is not `stateful = true` in `{env}`, so that no instance starts from a snapshot"
            ));
        } else if !disk.is_run {
            ui::warn(&format!("the pipeline of `{env}` runs no `{hostclass}`"));
        }
        Ok(disk.product_line.unwrap_or_else(|| "unknown".to_owned()))
    }
}
