//! The traffic of a deploy: how the new group gets it, and how a group leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::anyhow;
use asiaq_aws::Unready;
use asiaq_ir::GroupSize;
use asiaq_runtime::{
    DEPLOYED_TAG, DeployGroup, DeployPhase, DeployPlace, DeployRecord, Deployed, Fleet as _, Sizes,
};

use super::failed::{Failed, Outcome};
use super::steps::{Run, TESTING_TAG, answered, now};
use crate::exit::Result;
use crate::ui;

/// Longest time until instances are drained: the longest deregistration delay, and some minutes.
const DRAINED: Duration = Duration::from_mins(65);
/// How often in a row instances have to be healthy.
const TIMES: u32 = 2;

impl Run<'_> {
    /// Puts the new group behind what sends traffic to the old one, and then into its place.
    pub(super) async fn switch(&self, old: &str, record: &DeployRecord) -> Outcome {
        let (cloud, region, tell) = (self.cloud(), self.region(), self.tell);
        let live = self.group(old).await?;
        // More instances may serve by now than when the new ones were started.
        let (sizes, new) = (live.sizes_now(), self.group(&record.group).await?);
        if new.sizes != sizes {
            self.go_on()?;
            tell(&format!("make {} as large as {old}: {}", record.group, sizes.desired));
            let GroupSize { min, desired, max } = sizes;
            let wanted = Sizes { min: Some(min), desired: Some(desired), max: Some(max) };
            let project = self.session.project();
            let scaled = cloud.scale(region, project, &record.group, wanted).await;
            answered("resize the new group", scaled)?;
            self.passed(Box::pin(cloud.until_in_service(
                region,
                &record.group,
                self.session.request.timeout,
            )))
            .await?;
        }
        let places = live.places.clone();
        let missing: Vec<DeployPlace> =
            places.iter().filter(|place| !new.places.contains(place)).cloned().collect();
        if !missing.is_empty() {
            self.go_on()?;
            let names: Vec<&str> = missing.iter().map(DeployPlace::name).collect();
            tell(&format!("put {} behind {}", record.group, ui::listed(&names)));
            answered("attach the new group", cloud.attach_group(region, &record.group, &missing).await)?;
        }
        if !places.is_empty() && sizes.desired > 0 {
            tell("wait until they are healthy there");
            self.healthy(&record.group, &places, sizes.desired).await?;
        }
        self.go_on()?;
        tell(&format!("{} takes the place of {old}", record.group));
        let (mut tags, address) = (BTreeMap::new(), self.address("group"));
        let deployed = Deployed { image: record.image.clone(), before: record.before.clone(), at: now() };
        tags.insert(DEPLOYED_TAG.to_owned(), deployed.tag());
        if live.tags.contains_key(asiaq_ir::TESTED_TAG) {
            tags.insert(asiaq_ir::TESTED_TAG.to_owned(), record.image.clone());
        }
        if live.tags.contains_key(TESTING_TAG) {
            tags.insert(TESTING_TAG.to_owned(), "0".to_owned());
        }
        let retired = DeployRecord { phase: DeployPhase::Retiring, ..record.clone() }.tags();
        let switched = cloud.switch_groups(region, (&record.group, &tags), (old, &retired), &address).await;
        Ok(answered("put the new group in place", switched)?)
    }

    /// Waits until so many instances of a group are healthy in all places, twice in a row.
    pub(super) async fn healthy(&self, group: &str, places: &[DeployPlace], count: u32) -> Outcome {
        let (cloud, region) = (self.cloud(), self.region());
        let (mut times, mut last): (u32, Option<Unready>) = (0, None);
        let look = async || {
            let now = cloud.deploy_group(region, group).await?;
            let now = now.iter().flat_map(DeployGroup::in_service).map(str::to_owned).collect::<Vec<_>>();
            let machines: Vec<&str> = now.iter().map(String::as_str).collect();
            if machines.len() < usize::try_from(count).unwrap_or(usize::MAX) {
                times = 0;
                return Ok(Err(format!(
                    "{} of {count} instances of `{group}` are in service",
                    machines.len()
                )));
            }
            let unready = cloud.unready(region, places, &machines).await?;
            let Some(first) = unready.into_iter().next() else {
                (times, last) = (times + 1, None);
                let again = format!("the instances of `{group}` are healthy for the first time");
                return Ok(if times >= TIMES { Ok(()) } else { Err(again) });
            };
            times = 0;
            let said = format!("{} is not healthy behind `{}`: {}", first.machine, first.place, first.why);
            last = Some(first);
            Ok(Err(said))
        };
        let wait = Box::pin(cloud.until(region, self.session.request.timeout, look));
        let result = self.interrupts.waited(wait).await?;
        result.map_err(|error| {
            let error = anyhow!("{}", error.message);
            // Nobody asks the instances there: that is not the fault of the AMI.
            let is_unused = last.is_some_and(|last| last.is_final);
            if is_unused { Failed::Other(error.into()) } else { Failed::Image(error) }
        })
    }

    /// Waits until instances are drained in all places.
    pub(super) async fn drained(&self, places: &[DeployPlace], machines: &BTreeSet<String>) -> Result<()> {
        let (cloud, region) = (self.cloud(), self.region());
        let look = async || {
            let still = cloud.still_behind(region, places, machines).await?;
            let still: Vec<&str> = still.iter().map(String::as_str).collect();
            let all = || {
                format!(
                    "{} {} drained",
                    ui::listed(&still),
                    if still.len() == 1 { "is being" } else { "are being" }
                )
            };
            Ok(if still.is_empty() { Ok(()) } else { Err(all()) })
        };
        let wait = Box::pin(cloud.until(region, DRAINED, look));
        let result = self.interrupts.waited(wait).await?;
        answered("wait for the drained instances", result)
    }

    /// Drains and deletes the group that a deploy made.
    pub(super) async fn remove(&self, group: &str) -> Result<()> {
        let (cloud, region) = (self.cloud(), self.region());
        let Some(live) = self.found(group).await? else { return Ok(()) };
        (self.tell)(&format!("delete {group}"));
        if !live.places.is_empty() {
            answered("detach the new group", cloud.detach_group(region, group, &live.places).await)?;
            let machines = live.machines.iter().map(|one| one.id.clone()).collect();
            self.drained(&live.places, &machines).await?;
        }
        answered("delete the new group", cloud.remove_group(region, group).await)
    }
}
