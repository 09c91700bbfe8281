//! Rolling deploys: AWS replaces the instances of the group a few at a time, and goes back if they are not healthy.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use asiaq_runtime::{DeployGroup, DeployRecord, InstanceRefresh, RefreshState};

use super::failed::{Failed, Outcome};
use super::steps::{Run, answered};
use crate::exit::Result;

/// How long new instances may be unhealthy, where `--timeout` is not less.
const PAUSE: Duration = Duration::from_mins(5);
/// The longest time of a whole refresh.
const LONGEST: Duration = Duration::from_hours(24);

/// What a look at a refresh found.
enum Seen {
    /// All instances are replaced.
    Done,
    /// It goes on; what is missing.
    Going(String),
    /// It will not come to a good end.
    Lost(Failed),
}

/// A refresh, as one looks at it again and again.
struct Watch<'a> {
    group: &'a str,
    /// The version of the launch template that it puts in place.
    version: &'a str,
    /// Since when each new instance is not healthy.
    unhealthy: BTreeMap<String, Instant>,
    /// What it had come to, and when.
    progress: (u32, usize, Instant),
}

impl Run<'_> {
    /// How long new instances may be unhealthy behind the load balancers.
    fn pause(&self) -> Duration {
        self.session.request.timeout.min(PAUSE)
    }

    /// How long AWS may take until the next instance is replaced: it launches one, lets it warm up, and may pause.
    fn patience(&self, warmup: Duration) -> Duration {
        [self.session.request.timeout, warmup, PAUSE, PAUSE].iter().sum()
    }

    /// Replaces the instances of the group. Each new one has to get healthy before many others follow.
    pub(super) async fn roll(&self, old: &str, record: &DeployRecord) -> Outcome {
        let (cloud, region, tell) = (self.cloud(), self.region(), self.tell);
        // It was for the tests.
        self.remove(&record.group).await?;
        let Some(version) = self.new_version(record).await? else {
            return Err(anyhow!("the version of the launch template with {} is gone", record.image).into());
        };
        let live = self.group(old).await?;
        let is_replaced =
            |live: &DeployGroup| live.machines.iter().all(|one| one.version.as_ref() == Some(&version));
        let refresh = answered("read an instance refresh", cloud.refresh(region, old).await)?;
        let is_going = refresh.is_some_and(|one| one.state == RefreshState::Running);
        if is_going || !is_replaced(&live) {
            self.go_on()?;
            tell(&format!("replace the instances of {old}, a few at a time"));
            // What does not get healthy is seen before AWS goes on.
            let started = cloud.start_refresh(region, old, &version, self.pause().saturating_mul(2)).await;
            answered("start an instance refresh", started)?;
            self.refreshed(old, &version).await?;
        }
        let live = self.group(old).await?;
        let count = live.sizes.desired;
        if !live.places.is_empty() && count > 0 {
            tell("wait until all of them are healthy behind the load balancers");
            self.healthy(old, &live.places, count).await?;
        }
        Ok(())
    }

    /// Waits for the end of a refresh, and gives it up where its instances do not get healthy.
    async fn refreshed(&self, group: &str, version: &str) -> Outcome {
        let mut watch =
            Watch { group, version, unhealthy: BTreeMap::new(), progress: (0, 0, Instant::now()) };
        let mut lost = None;
        let look = async || {
            Ok(match self.look(&mut watch).await? {
                Seen::Done => Ok(()),
                Seen::Going(what) => Err(what),
                Seen::Lost(failed) => {
                    lost = Some(failed);
                    Ok(())
                }
            })
        };
        let wait = Box::pin(self.cloud().until(self.region(), LONGEST, look));
        let result = self.interrupts.waited(wait).await?;
        answered("wait for the new instances", result)?;
        lost.map_or(Ok(()), Err)
    }

    async fn look(&self, watch: &mut Watch<'_>) -> asiaq_runtime::Result<Seen> {
        let (cloud, region, group) = (self.cloud(), self.region(), watch.group);
        let Some(refresh) = cloud.refresh(region, group).await? else {
            return Ok(Seen::Lost(anyhow!("the instance refresh of {group} is gone").into()));
        };
        let InstanceRefresh { state, percent, reason, .. } = &refresh;
        match state {
            RefreshState::Done => return Ok(Seen::Done),
            RefreshState::Running => {}
            RefreshState::Failed | RefreshState::RollingBack | RefreshState::RolledBack => {
                let why = if reason.is_empty() { "AWS does not say why" } else { reason };
                return Ok(Seen::Lost(anyhow!("the instance refresh of {group} was given up: {why}").into()));
            }
        }
        let Some(live) = cloud.deploy_group(region, group).await? else {
            return Ok(Seen::Lost(anyhow!("there is no Auto Scaling group `{group}` any more").into()));
        };
        let is_new = |id: &&str| {
            let mut machines = live.machines.iter();
            machines.any(|one| one.id == *id && one.version.as_deref() == Some(watch.version))
        };
        let new: Vec<&str> = live.in_service().into_iter().filter(is_new).collect();
        let unready = cloud.unready(region, &live.places, &new).await?;
        watch.unhealthy.retain(|id, _| unready.iter().any(|one| one.machine == *id));
        for one in &unready {
            let since = watch.unhealthy.entry(one.machine.clone()).or_insert_with(Instant::now);
            if since.elapsed() > self.pause() {
                let why = anyhow!("{} is not healthy behind `{}`: {}", one.machine, one.place, one.why);
                // Nobody asks the instances there: that is not the fault of the AMI.
                return Ok(Seen::Lost(if one.is_final { why.into() } else { Failed::Image(why) }));
            }
        }
        let (last_percent, last_count, since) = watch.progress;
        if (last_percent, last_count) != (*percent, new.len()) {
            watch.progress = (*percent, new.len(), Instant::now());
        } else if since.elapsed() > self.patience(live.warmup) {
            let since = since.elapsed().as_secs();
            let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            return Ok(Seen::Lost(anyhow!("no instance of {group} was replaced for {since} s{why}").into()));
        }
        Ok(Seen::Going(format!("{percent} % of the instances of {group} are replaced")))
    }

    /// The version of the launch template that this deploy made; absent where it is gone or not made yet.
    pub(super) async fn new_version(&self, record: &DeployRecord) -> Result<Option<String>> {
        let newest = self.cloud().newest_version(self.region(), &record.template).await;
        let newest = answered("read a launch template", newest)?;
        let is_own =
            |(version, image): &(String, String)| *image == record.image && *version != record.version;
        Ok(newest.filter(is_own).map(|(version, _)| version))
    }

    /// Puts the old version in place again in what a refresh has replaced by the new one.
    pub(super) async fn roll_back(&self, old: &str, record: &DeployRecord, version: &str) -> Result<()> {
        let (cloud, region, tell) = (self.cloud(), self.region(), self.tell);
        let is_new = |of: &Option<String>| of.as_deref() == Some(version);
        let refresh = answered("read an instance refresh", cloud.refresh(region, old).await)?;
        if let Some(refresh) = refresh.filter(|one| is_new(&one.version)) {
            if refresh.state == RefreshState::Running {
                tell(&format!("stop replacing the instances of {old}, and put {} back", record.before));
                let back = cloud.roll_back_refresh(region, old).await;
                answered("roll an instance refresh back", back)?;
            }
            self.settled(old).await?;
        }
        let live = self.group(old).await?;
        if live.machines.iter().any(|one| is_new(&one.version)) {
            tell(&format!("put {} back into the instances of {old}", record.before));
            let started = cloud.start_refresh(region, old, &record.version, Duration::ZERO).await;
            answered("start an instance refresh", started)?;
            self.settled(old).await?;
            let live = self.group(old).await?;
            if live.machines.iter().any(|one| is_new(&one.version)) {
                return Err(anyhow!("not all instances of {old} have {} again", record.before).into());
            }
        }
        Ok(())
    }

    /// Waits until the refresh of a group has ended, one way or the other.
    async fn settled(&self, group: &str) -> Result<()> {
        let (cloud, region) = (self.cloud(), self.region());
        let look = async || {
            let refresh = cloud.refresh(region, group).await?;
            let going =
                refresh.filter(|one| matches!(one.state, RefreshState::Running | RefreshState::RollingBack));
            Ok(going.map_or(Ok(()), |_| Err(format!("the instances of {group} are put back"))))
        };
        let wait = Box::pin(cloud.until(region, LONGEST, look));
        let result = self.interrupts.waited(wait).await?;
        answered("wait for the old instances", result)
    }
}
