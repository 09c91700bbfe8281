use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{anyhow, bail};
use asiaq_aws::Aws;
use asiaq_ir::ScopeRef;
use asiaq_runtime::{DiskVolume, Host};
use serde::Serialize;

use crate::commands::exec::{self, Run};
use crate::commands::instances;
use crate::engine::{self, Chosen, Interrupts, Machines, RemoteOptions, Writing};
use crate::exit::{Exit, Result};
use crate::ui::{self, Format, json};

/// Runs a script as root, without a question: nobody answers.
const AS_ROOT: &str = r#"if [ "$(id -u)" = 0 ]; then exec "$0" "$1"; else exec sudo -n "$0" "$1"; fi"#;

#[derive(clap::Args, Debug)]
#[command(
    override_usage = "asiaq snapshot capture [OPTIONS] INSTANCE... [PATH]\n       asiaq snapshot capture [OPTIONS] --volume VOLUME [PATH]"
)]
pub(crate) struct Capture {
    #[command(flatten)]
    machines: Machines,
    /// Takes a snapshot of this volume of an instance, without freezing its file system
    #[arg(long, value_name = "VOLUME")]
    volume: Option<String>,
    /// Sets a further tag of the snapshot of `--volume`; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = instances::tag, requires = "volume")]
    tags: Vec<(String, String)>,
    /// Script on the instances that takes the snapshot, as root; its argument is the device
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/usr/local/sbin/asiaq-snapshot",
        conflicts_with = "volume"
    )]
    script: String,
    /// Device of the disk on the instances
    #[arg(long, value_name = "DEVICE", default_value = "/dev/sdb", conflicts_with = "volume")]
    device: String,
    /// Longest time of the script on an instance, such as `90s` or `10m`
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = exec::limit)]
    timeout: Duration,
    /// Number of instances at the same time
    #[arg(long, value_name = "N", default_value = "20")]
    concurrency: NonZeroUsize,
    #[command(flatten)]
    remote: RemoteOptions,
    #[command(flatten)]
    writing: Writing,
}

/// The snapshot of a volume.
#[derive(Serialize)]
struct Taken<'a> {
    /// Absent in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    volume: &'a str,
    instance: &'a str,
    tags: &'a BTreeMap<String, String>,
}

impl Capture {
    pub(super) async fn run(&self, interrupts: &Interrupts) -> Result<Exit> {
        match &self.volume {
            Some(volume) => self.of_volume(volume, interrupts).await,
            None => self.of_instances(interrupts).await,
        }
    }

    /// Runs the script on instances.
    async fn of_instances(&self, interrupts: &Interrupts) -> Result<Exit> {
        let chosen = self.machines.choose_for("take snapshots of", interrupts).await?;
        let (running, others) = chosen.running()?;
        let remote = engine::remote(&chosen.session, &chosen.all, &running, &self.remote)?;
        let format = self.machines.way.format;
        let reaches = remote.reaches();
        if self.writing.dry_run {
            match format {
                Format::Json => json::print(&reaches),
                Format::Text => ui::out(&exec::listed(&reaches)),
            }
            exec::say_unasked(&others);
            return Ok(Exit::Changes);
        }
        if !self.writing.yes {
            ui::say(&exec::listed(&reaches));
        }
        let question =
            format!("Take snapshots of {} on {}?", self.device, ui::count(running.len(), "instance"));
        self.writing.agreed(&question, interrupts).await?;
        interrupts.until_interrupted(remote.prepare(&chosen.session, true)).await?;
        let command = ["sh", "-c", AS_ROOT, &self.script, &self.device].map(str::to_owned);
        let run = Run { command: &command, at_once: self.concurrency, limit: Some(self.timeout), format };
        run.on(&chosen, &remote, &others, interrupts).await
    }

    /// Takes a snapshot of a volume.
    async fn of_volume(&self, volume: &str, interrupts: &Interrupts) -> Result<Exit> {
        if !self.tags.is_empty() {
            instances::refuse_unusable_tags(&self.tags, &[], "snapshot")?;
        }
        let chosen = self.machines.choose(interrupts).await?;
        if !chosen.is_everything() {
            return Err(anyhow!("name instances or `--volume`, not both").into());
        }
        let look = interrupts.until_interrupted(find(&chosen, volume));
        let (cloud, disk, host) = Box::pin(look).await?;
        if disk.is_root {
            return Err(anyhow!(
                "{volume} is the root of {}: the disk of the next instance of a hostclass starts from a snapshot of its own",
                host.id
            )
            .into());
        }
        let mut tags = own_tags(host)?;
        tags.extend(self.tags.iter().cloned());
        let (format, device) = (self.machines.way.format, disk.device.as_deref().unwrap_or("-"));
        let taken = Taken { id: None, volume, instance: &host.id, tags: &tags };
        let what = format!(
            "a snapshot of {volume}, {device} of {}, for `{}` in `{}`",
            host.id,
            host.hostclass.as_deref().unwrap_or_default(),
            host.environment.as_deref().unwrap_or_default()
        );
        if self.writing.dry_run {
            match format {
                Format::Json => json::print(&taken),
                Format::Text => ui::out(&format!("would take {what}\n")),
            }
            return Ok(Exit::Changes);
        }
        let question = format!("Take {what}? Its file system is not frozen.");
        self.writing.agreed(&question, interrupts).await?;
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let description = format!("{volume} of {} at {now}", host.id);
        let id = cloud.create_snapshot(&host.region, volume, &description, &tags).await;
        let id = id.map_err(|error| engine::unusable("make a snapshot", &error))?;
        match format {
            Format::Json => json::print(&Taken { id: Some(&id), ..taken }),
            Format::Text => ui::out(&format!("{id}\n")),
        }
        ui::say(&format!("{id} is being made; instances start from it once it is whole\n"));
        Ok(Exit::of(chosen.session.is_partial))
    }
}

/// A volume, and the instance of these environments that it is attached to.
async fn find<'c>(chosen: &'c Chosen, volume: &str) -> anyhow::Result<(&'c Aws, DiskVolume, &'c Host)> {
    let mut places: BTreeMap<(&str, &str), &Aws> = BTreeMap::new();
    for host in &chosen.all {
        let env = host.environment.as_deref().unwrap_or_default();
        let member = chosen.session.aws.of(ScopeRef::of_environment(env));
        places.insert((&member.account, &host.region), &member.cloud);
    }
    for ((_, region), cloud) in places {
        let found = cloud.disk_volume(region, volume).await;
        let Some(disk) = found.map_err(|error| engine::unusable("list the volumes", &error))? else {
            continue;
        };
        let Some(instance) = &disk.instance else {
            bail!("{volume} is attached to no instance, so that nothing says whose disk it is");
        };
        let Some(host) = chosen.all.iter().find(|host| host.id == *instance && host.region == region) else {
            bail!("{volume} is attached to {instance}, which is no instance of these environments");
        };
        return Ok((cloud, disk, host));
    }
    bail!("there is no volume `{volume}` of an instance in these environments")
}

/// The tags by which the hostclass of an instance finds the snapshot.
fn own_tags(host: &Host) -> anyhow::Result<BTreeMap<String, String>> {
    let (Some(hostclass), Some(env)) = (&host.hostclass, &host.environment) else {
        bail!("{} has no hostclass, so that nothing would start from the snapshot", host.id);
    };
    let product_line = host.product_line.as_deref().unwrap_or("unknown");
    let tags = [("hostclass", hostclass.as_str()), ("env", env), ("productline", product_line)];
    Ok(tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into())
}
