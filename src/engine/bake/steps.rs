//! The steps of one bake, from an instance to an AMI, and what happens to the instance where one fails.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use asiaq_aws::Aws;
use asiaq_runtime::{BAKE_TAG, BAKED_FROM_TAG, BAKERY_TAG, BakeInstance, BakeLaunch, BakePlace};

use super::leftovers::{ALIVE, BY_TAG, DONE_TAG, KEPT_TAG, OF_IMAGE, TOKENS_TAG, UNTIL_TAG, now};
use super::recipe::Job;
use super::scripts::{self, FINISH, PREPARE};
use super::ssh::{Ended, Log, Ssh};
use crate::engine::host_keys::host_keys;
use crate::engine::{Interrupts, account};
use crate::exit::Halt;
use crate::ui;

/// Longest time in which an instance writes its host keys to its console.
const CONSOLE: Duration = Duration::from_mins(6);
/// Seconds between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(100);

/// What all bakes of a run have in common.
#[derive(Debug)]
pub(super) struct Run<'r> {
    pub(super) cloud: &'r Aws,
    pub(super) project: &'r str,
    pub(super) place: BakePlace,
    /// Unique id of the run.
    pub(super) id: String,
    /// `user@host` and number of the process.
    pub(super) by: String,
    /// Name of the key pair.
    pub(super) key_pair: String,
    /// Its key, where it is one of this run.
    pub(super) key: Option<RunKey>,
    pub(super) options: &'r RunOptions,
    /// Folder for files of this run that nobody else can read.
    pub(super) private: &'r Path,
    pub(super) interrupts: &'r Interrupts,
}

/// How bakes are done.
#[derive(Debug)]
pub(crate) struct RunOptions {
    /// Keeps the instance, and makes no AMI.
    pub(crate) keep: bool,
    /// Reaches the instance by its private address.
    pub(crate) use_private_ip: bool,
    /// Accepts the host key of the first contact.
    pub(crate) accept_host_key: bool,
    /// Configuration of `ssh` in place of the usual one.
    pub(crate) ssh_config: Option<PathBuf>,
    /// Folder of the logs.
    pub(crate) log_folder: PathBuf,
}

/// The key pair of a run.
#[derive(Debug)]
pub(super) struct RunKey {
    /// File with the private key.
    pub(super) file: PathBuf,
    /// The public key without its type and comment.
    pub(super) public: String,
    /// The public key as OpenSSH has it.
    pub(super) line: String,
}

/// A bake that has ended well.
#[derive(Debug)]
pub(super) struct Finished {
    /// The AMI; none where the instance was kept.
    pub(super) image: Option<String>,
    /// The instance that was kept, and how to get there.
    pub(super) kept: Option<(String, String)>,
    /// What is left of it although it was to go, in words.
    pub(super) left: Option<String>,
    pub(super) log: PathBuf,
}

/// Why a bake has failed.
#[derive(Debug)]
pub(super) struct Failed {
    /// None for an interrupt.
    pub(super) error: Option<anyhow::Error>,
    /// What became of the instance, in words.
    pub(super) left: Option<String>,
    pub(super) log: Option<PathBuf>,
}

/// Tells somebody how far a bake is.
pub(super) type Tell<'t> = dyn Fn(&str) + Sync + 't;

impl Run<'_> {
    /// The tags of everything that a bake makes.
    fn tags(&self, job: &Job) -> BTreeMap<String, String> {
        [(BAKERY_TAG, self.project), (BAKE_TAG, job.name.as_str())]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    fn alive(&self) -> BTreeMap<String, String> {
        let until = now() + ALIVE;
        [(UNTIL_TAG, until.to_string()), (BY_TAG, self.by.clone())]
            .map(|(key, value)| (key.to_owned(), value))
            .into()
    }

    /// Does a bake. Its instance is gone afterwards, or what is left of it is told.
    pub(super) async fn bake(&self, job: &Job, tell: &Tell<'_>) -> Result<Finished, Failed> {
        let early = |error: anyhow::Error| Failed { error: Some(error), left: None, log: None };
        let file = format!("{}-{}", job.recipe.name, job.second);
        let log = Log::create(&self.options.log_folder, &file).map_err(early)?;
        let failed = |error: anyhow::Error, left: Option<String>| Failed {
            error: Some(error),
            left,
            log: Some(log.path.clone()),
        };
        let tell = |what: &str| {
            log.line(&format!("== {what}"));
            tell(what);
        };
        tell(&format!("start a {} from {}", job.instance_type, job.base.id));
        let region = job.region();
        let started = self.cloud.run_bake(region, &self.launch(job), &self.token(job)).await;
        let id = account::answered("start an instance", started).map_err(|error| failed(error, None))?;
        let work = async {
            let work = self.inside(job, &id, &log, &tell);
            tokio::select! {
                result = work => Ok(result?),
                never = self.live(job, &id) => match never {},
            }
        };
        let result = self.interrupts.guard(Box::pin(work)).await;
        match result {
            Ok(finished) if finished.kept.is_some() => Ok(finished),
            Ok(finished) => {
                tell("terminate the instance");
                let left = self.remove(region, &id).await.err();
                Ok(Finished { left, ..finished })
            }
            Err(halt) => {
                let error = match halt {
                    Halt::External(error) => Some(error),
                    Halt::Program | Halt::Interrupted => None,
                };
                match &error {
                    Some(error) => log.line(&format!("== failed: {error:#}")),
                    None => tell("interrupted; interrupt again to leave the instance to the next run"),
                }
                let left = self.after_failure(job, &id, &tell).await;
                Err(Failed { error, left, log: Some(log.path.clone()) })
            }
        }
    }

    /// What becomes of the instance of a bake that failed, in words where it is still there.
    async fn after_failure(&self, job: &Job, id: &str, tell: &Tell<'_>) -> Option<String> {
        let region = job.region();
        if self.options.keep {
            return Some(format!("{id} is kept: terminate it when you have looked at it"));
        }
        // Where the scripts have run, the next run makes or finishes the AMI.
        let found = self.cloud.bake_instances(region, self.project).await.unwrap_or_default();
        let is_done = |one: &BakeInstance| one.id == id && one.tags.contains_key(DONE_TAG);
        if found.iter().any(is_done) {
            let ended = BTreeMap::from([(UNTIL_TAG.to_owned(), "0".to_owned())]);
            let _ = self.cloud.tag_bake(region, id, &ended).await;
            return Some(format!(
                "{id} stays: its scripts have run, and the next `asiaq bake` makes its AMI"
            ));
        }
        tell("terminate the instance");
        self.remove(region, id).await.err()
    }

    /// Terminates an instance, or says that it is still there.
    async fn remove(&self, region: &str, id: &str) -> Result<(), String> {
        let mut tries = 0;
        loop {
            match self.cloud.terminate_bake(region, id).await {
                Ok(()) => return Ok(()),
                Err(_) if tries < 2 => tries += 1,
                Err(error) => {
                    return Err(format!(
                        "{id} is still there, and the next `asiaq bake` removes it: {error}"
                    ));
                }
            }
        }
    }

    fn token(&self, job: &Job) -> String {
        let token = format!("{}-{}", self.id, job.name.replace(' ', "-"));
        token.chars().take(64).collect()
    }

    fn launch(&self, job: &Job) -> BakeLaunch {
        let mut tags = self.tags(job);
        tags.extend(self.alive());
        tags.insert("Name".to_owned(), format!("bake {}", job.recipe.name));
        let hostclass = job.recipe.hostclasses.first().map_or("", String::as_str);
        tags.insert("hostclass".to_owned(), format!("bake_{hostclass}"));
        tags.extend(job.tags.iter().map(|(key, value)| (format!("{OF_IMAGE}{key}"), value.clone())));
        let tokens = if job.recipe.metadata_tokens { "yes" } else { "no" };
        tags.insert(TOKENS_TAG.to_owned(), tokens.to_owned());
        if self.options.keep {
            tags.insert(KEPT_TAG.to_owned(), "yes".to_owned());
        }
        // Bakes of one run are spread over the zones.
        let subnets = &self.place.subnets;
        let second = usize::try_from(job.second).unwrap_or_default();
        let place = (second + job.recipe.name.len()) % subnets.len().max(1);
        BakeLaunch {
            image: job.base.id.clone(),
            root_device: job.base.root_device.clone(),
            instance_type: job.instance_type.clone(),
            subnet: subnets.get(place).cloned().unwrap_or_default(),
            group: self.place.group.clone(),
            key: self.key_pair.clone(),
            instance_profile: job
                .recipe
                .instance_profile
                .clone()
                .or_else(|| job.bakery.instance_profile.clone()),
            is_public: !self.options.use_private_ip,
            minutes: if self.options.keep { 0 } else { job.bakery.limit.div_ceil(60) },
            tags,
        }
    }

    /// Says again and again that the run is alive.
    async fn live(&self, job: &Job, id: &str) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            // The next sign of life may arrive.
            let _ = self.cloud.tag_bake(job.region(), id, &self.alive()).await;
        }
    }

    /// All that happens while there is an instance.
    async fn inside(&self, job: &Job, id: &str, log: &Log, tell: &Tell<'_>) -> anyhow::Result<Finished> {
        tell(&format!("wait until {id} runs"));
        let instance =
            account::answered("start the instance", self.cloud.bake_running(job.region(), id).await)?;
        let ssh = self.reach(job, &instance, log, tell).await?;
        tell(&format!("wait for {}@{}", ssh.user, ssh.address));
        ssh.wait(log).await?;
        self.fill(job, &ssh, log, tell).await?;
        if self.options.keep {
            let kept = Some((id.to_owned(), ssh.shown()));
            return Ok(Finished { image: None, kept, left: None, log: log.path.clone() });
        }
        let done = BTreeMap::from([(DONE_TAG.to_owned(), "yes".to_owned())]);
        account::answered("tag the instance", self.cloud.tag_bake(job.region(), id, &done).await)?;
        let image = self.image(job, id, tell).await?;
        Ok(Finished { image: Some(image), kept: None, left: None, log: log.path.clone() })
    }

    /// The way to an instance, with the host keys that it has written to its console.
    async fn reach(
        &self,
        job: &Job,
        instance: &BakeInstance,
        log: &Log,
        tell: &Tell<'_>,
    ) -> anyhow::Result<Ssh> {
        let address = if self.options.use_private_ip { instance.private } else { instance.public };
        let address = address.ok_or_else(|| {
            anyhow!(
                "the instance {} has no public address, because its subnet has no way to the internet; \
                 `--use-private-ip` reaches it by its private one",
                instance.id
            )
        })?;
        let known_hosts = if self.options.accept_host_key {
            None
        } else {
            tell("learn its host keys from its console");
            self.host_keys(job, &instance.id).await?
        };
        if known_hosts.is_none() && !self.options.accept_host_key {
            log.line("the console has no host keys; the configuration of ssh decides");
        }
        Ok(Ssh {
            user: job.recipe.user.clone(),
            address,
            instance: instance.id.clone(),
            known_hosts,
            key: self.key.as_ref().map(|key| key.file.clone()),
            config: self.options.ssh_config.clone(),
            accept_host_key: self.options.accept_host_key,
        })
    }

    /// A file with the host keys of an instance; none if its console does not tell them in time.
    async fn host_keys(&self, job: &Job, id: &str) -> anyhow::Result<Option<PathBuf>> {
        let started = Instant::now();
        let mut pause = Duration::from_millis(500);
        loop {
            let console =
                account::answered("read the console", self.cloud.bake_console(job.region(), id).await)?;
            let keys = console.map(|console| host_keys(&console)).unwrap_or_default();
            if !keys.is_empty() {
                let lines: Vec<String> = keys.iter().map(|key| format!("{id} {key}\n")).collect();
                let file = self.private.join(format!("{id}.hosts"));
                fs::write(&file, lines.concat()).context("cannot write the host keys")?;
                return Ok(Some(file));
            }
            if started.elapsed() > CONSOLE {
                return Ok(None);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(10));
        }
    }

    /// Copies files to the instance and runs its scripts.
    async fn fill(&self, job: &Job, ssh: &Ssh, log: &Log, tell: &Tell<'_>) -> anyhow::Result<()> {
        let destination = job.bakery.destination.as_str();
        let root = job.bakery.root.as_str();
        tell("wait until cloud-init has finished");
        let ended = ssh.script(false, PREPARE, &[destination], log).await?;
        let ended = succeeded("the instance is not ready", ended)?;
        let stage = ended.output.lines().last().unwrap_or_default().trim().to_owned();
        if !stage.starts_with(&format!("{destination}/.bake.")) {
            bail!("the instance has no folder for temporary files:{}", ended.shown());
        }
        if let Some(sources) = job.sources() {
            tell(&format!("copy {} to {destination}", sources.display()));
            let more = ["--delete", "--filter", ":- .nosync", "--exclude", "/.bake.*"];
            let copied = ssh.copy(&sources, destination, true, &more, log).await;
            copied.with_context(|| format!("cannot copy `{}`", sources.display()))?;
        }
        let local = self.stage(job).context("cannot put the files of the bake together")?;
        tell("copy its files");
        ssh.copy(local.path(), &stage, false, &[], log).await.context("cannot copy the files of the bake")?;
        if let Some(overlay) = &job.overlay {
            tell(&format!("put {} below {root}", ui::count(overlay.files(), "overlay file")));
            let ended = ssh.script(true, &scripts::apply(overlay), &[&stage, root], log).await?;
            succeeded("the overlay files could not be put to their places", ended)?;
        }
        let arguments = job.arguments();
        for (place, (name, _)) in job.recipe.scripts.iter().enumerate() {
            let script = format!("{stage}/scripts/{}", Job::script_name(place, name));
            let words: Vec<&str> =
                std::iter::once(script.as_str()).chain(arguments.iter().map(String::as_str)).collect();
            tell(&format!("run {name}"));
            let ended = ssh.program(destination, &words, log).await?;
            succeeded(&format!("`{name}`"), ended)?;
        }
        if let Some(logs) = &job.logs {
            tell("put the configuration of logs to its place");
            let ended = ssh.script(true, &logs.script(), &[&stage, root], log).await?;
            succeeded("the configuration of logs is not accepted: the check", ended)?;
        }
        if self.options.keep {
            return Ok(());
        }
        tell("clean the instance");
        let clean = if job.bakery.clean { "yes" } else { "no" };
        let key = self.key.as_ref().map_or("", |key| key.public.as_str());
        let ended = ssh.script(true, FINISH, &[&stage, root, clean, key], log).await?;
        succeeded("the instance could not be cleaned", ended).map(drop)
    }

    /// A folder with the scripts and overlay files of a bake.
    fn stage(&self, job: &Job) -> anyhow::Result<tempfile::TempDir> {
        let stage = tempfile::tempdir_in(self.private)?;
        let folder = stage.path().join("scripts");
        fs::create_dir(&folder)?;
        for (place, (name, text)) in job.recipe.scripts.iter().enumerate() {
            let file = folder.join(Job::script_name(place, name));
            fs::write(&file, text.as_bytes())?;
            make_executable(&file)?;
        }
        let files = stage.path().join("files");
        fs::create_dir(&files)?;
        for (path, entry) in job.overlay.iter().flat_map(|overlay| &overlay.entries) {
            let to = files.join(path);
            match entry {
                super::overlay::Entry::Folder(_) => fs::create_dir_all(&to)?,
                super::overlay::Entry::File(from, _) => {
                    fs::copy(from, &to).with_context(|| format!("`{}`", from.display()))?;
                    let modified = fs::metadata(from)?.modified()?;
                    make_readable(&to)?;
                    fs::File::options().write(true).open(&to)?.set_modified(modified)?;
                }
                // The script makes it.
                super::overlay::Entry::Link(_) => {}
            }
        }
        Ok(stage)
    }

    /// Stops an instance and makes its AMI.
    pub(super) async fn image(&self, job: &Job, id: &str, tell: &Tell<'_>) -> anyhow::Result<String> {
        let region = job.region();
        tell("stop the instance");
        account::answered("stop the instance", self.cloud.stop_bake(region, id).await)?;
        let base = account::answered("read the base AMI", self.cloud.bake_image(region, &job.base.id).await)?;
        let base = base.map(|base| base.features).unwrap_or_default();
        if job.recipe.enhanced_networking && !base.contains_key("enhanced networking (ENA)") {
            tell("switch enhanced networking on");
            account::answered("switch enhanced networking on", self.cloud.enable_bake_ena(region, id).await)?;
        }
        let mut tags = self.tags(job);
        tags.extend(job.tags.clone());
        let named =
            Named { name: &job.name, base: &job.base.id, metadata_tokens: job.recipe.metadata_tokens };
        let image = make_image(self.cloud, region, id, named, tags, tell).await?;
        let made = account::answered("read the AMI", self.cloud.bake_image(region, &image).await)?;
        let features = made.map(|made| made.features).unwrap_or_default();
        let lost: Vec<String> = base
            .iter()
            .filter(|(key, value)| features.get(*key) != Some(*value))
            .map(|(key, value)| format!("{key} is `{value}`"))
            .collect();
        if !lost.is_empty() {
            let bad = BTreeMap::from([("stage".to_owned(), job.bakery.bad_stage.clone())]);
            let _ = self.cloud.tag_bake(region, &image, &bad).await;
            bail!(
                "the AMI {image} has lost what its base {} has: {}; it is in stage `{}`",
                job.base.id,
                lost.join(", "),
                job.bakery.bad_stage
            );
        }
        Ok(image)
    }
}

/// What an AMI is called and made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'n> {
    pub(super) name: &'n str,
    pub(super) base: &'n str,
    pub(super) metadata_tokens: bool,
}

/// Makes the AMI of a stopped instance and waits for it.
pub(super) async fn make_image(
    cloud: &Aws,
    region: &str,
    instance: &str,
    named: Named<'_>,
    mut tags: BTreeMap<String, String>,
    tell: &Tell<'_>,
) -> anyhow::Result<String> {
    tell(&format!("make the AMI `{}`", named.name));
    tags.insert(BAKED_FROM_TAG.to_owned(), instance.to_owned());
    let description = format!("made by asiaq bake from {} on {instance}", named.base);
    let made = cloud.create_bake_image(region, instance, (named.name, &description), &tags).await;
    let image = account::answered("make the AMI", made)?;
    complete_image(cloud, region, &image, named.metadata_tokens, tell).await?;
    Ok(image)
}

/// Waits for an AMI, and finishes it.
pub(super) async fn complete_image(
    cloud: &Aws,
    region: &str,
    image: &str,
    metadata_tokens: bool,
    tell: &Tell<'_>,
) -> anyhow::Result<()> {
    tell(&format!("wait until {image} is available"));
    account::answered("wait for the AMI", cloud.bake_available(region, image).await)?;
    if metadata_tokens {
        let required = cloud.require_bake_tokens(region, image).await;
        account::answered("have instances of the AMI require tokens", required)?;
    }
    Ok(())
}

/// Refuses what has not ended with 0.
fn succeeded(what: &str, ended: Ended) -> anyhow::Result<Ended> {
    match ended.code {
        0 => Ok(ended),
        code => bail!("{what} ended with code {code}:{}", ended.shown()),
    }
}

#[cfg(unix)]
fn make_executable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

/// The owner may read and write it until it has its place.
#[cfg(unix)]
fn make_readable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn make_readable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
