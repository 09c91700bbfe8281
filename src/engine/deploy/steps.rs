//! The phases of a deploy, and the way back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, anyhow};
use asiaq_aws::Aws;
use asiaq_ir::{Address, CREATED_TAG, GroupSize, NAME_TAG, Ref, Scope};
use asiaq_runtime::{
    Action, CancellationToken, DEPLOY_OF_TAG, DEPLOY_TAGS, DEPLOYED_TAG, DeployEnd, DeployGroup, DeployPhase,
    DeployPlace, DeployRecord, DeployStrategy, Deployed, HostclassImage, LastApplied, Limits, Plan,
    tag_value,
};

use super::failed::{Failed, Outcome, Way};
use super::session::DeploySession;
use super::target::Target;
use super::test_run::Tester;
use crate::engine::{Interrupts, account, clock, holder};
use crate::exit::{Halt, Result};

/// Tag of instances under test; only projects that use it have it on their groups.
pub(super) const TESTING_TAG: &str = "is_testing";
/// Label of errors of instances that do not pass, which are no errors of calls.
const TESTS: &str = "SmokeTest";

/// The result of a deploy that has come to its end, and why its AMI is not shared, if that failed.
type Ended = (&'static str, Option<String>);

/// A deploy of one hostclass.
pub(super) struct Run<'a> {
    pub(super) session: &'a DeploySession<'a>,
    pub(super) target: &'a Target,
    pub(super) image: &'a HostclassImage,
    pub(super) limits: &'a Limits,
    pub(super) stop: &'a CancellationToken,
    pub(super) interrupts: &'a Interrupts,
    /// What asiaq last applied.
    pub(super) written: &'a Mutex<BTreeMap<Scope, LastApplied>>,
    /// What it had applied before this run.
    pub(super) before: &'a BTreeMap<Scope, LastApplied>,
    pub(super) tell: &'a (dyn Fn(&str) + Sync),
}

impl Run<'_> {
    pub(super) fn cloud(&self) -> &Aws {
        self.session.cloud()
    }

    pub(super) fn region(&self) -> &str {
        &self.session.region
    }

    pub(super) fn env(&self) -> &str {
        self.session.request.env
    }

    pub(super) fn hostclass(&self) -> &str {
        &self.target.what.hostclass
    }

    pub(super) fn address(&self, part: &str) -> Address {
        Address::new(self.env(), &format!("hostclass/{}/{part}", self.hostclass()))
    }

    /// Stops between two steps after an interrupt or the loss of the lease.
    pub(super) fn go_on(&self) -> Result<()> {
        if self.interrupts.any() || self.stop.requested() { Err(Halt::Interrupted) } else { Ok(()) }
    }

    /// Does the deploy, from where it is.
    pub(super) async fn carry_out(&self, way: Way) -> DeployEnd {
        let (result, error, not_shared) = match Box::pin(self.phases(way)).await {
            Ok((result, not_shared)) => (result, None, not_shared),
            Err(Halt::External(error)) => ("failed", Some(format!("{error:#}")), None),
            Err(Halt::Program) => ("failed", Some("the program has errors".to_owned()), None),
            Err(Halt::Interrupted) => ("interrupted", None, None),
        };
        DeployEnd {
            env: self.env().to_owned(),
            hostclass: self.hostclass().to_owned(),
            image: self.image.id.clone(),
            result,
            error,
            not_shared,
        }
    }

    async fn phases(&self, way: Way) -> Result<Ended> {
        let (old, record, plan) = if let Some((old, record)) = &self.target.open {
            (old.clone(), record.clone(), None)
        } else {
            let (record, plan) = self.begin(way).await?;
            (self.target.serving.name.clone(), record, Some(plan))
        };
        let from = record.phase;
        let way = if from == DeployPhase::Trying && way == Way::On { Way::Test } else { way };
        let stays = way == Way::Test || !self.target.what.is_deployable;
        if from == DeployPhase::Undoing || way == Way::Back && from != DeployPhase::Retiring {
            if way == Way::Back {
                // Where no stage is asked for, the next apply would put it in place again.
                self.promote(&record.image, &self.target.what.bad_stage).await?;
            }
            self.undo(&old, &record).await?;
            return Ok(("undone", None));
        }
        let is_tested = matches!(from, DeployPhase::Switching | DeployPhase::Retiring);
        let tried = async {
            if !is_tested {
                self.test(&old, &record, plan).await?;
                if stays {
                    return Ok(());
                }
                self.note(&old, &record, DeployPhase::Switching).await?;
            }
            match (record.strategy, from) {
                (DeployStrategy::Rolling, _) => self.roll(&old, &record).await,
                (DeployStrategy::BlueGreen, DeployPhase::Retiring) => Ok(()),
                (DeployStrategy::BlueGreen, _) => self.switch(&old, &record).await,
            }
        };
        match Box::pin(tried).await {
            Ok(()) => {}
            Err(Failed::Other(Halt::Interrupted)) => return Err(Halt::Interrupted),
            Err(failed) => return Err(self.given_up(&old, &record, failed).await),
        }
        if stays && !is_tested {
            return self.keep_old(&old, &record, way).await;
        }
        let not_shared = match record.strategy {
            DeployStrategy::Rolling => self.leave_group(&old, &record).await?,
            DeployStrategy::BlueGreen => self.retire(&old, &record).await?,
        };
        Ok(("deployed", not_shared))
    }

    /// Goes back after a failure, and says both.
    async fn given_up(&self, old: &str, record: &DeployRecord, failed: Failed) -> Halt {
        let (why, is_bad) = match failed {
            Failed::Image(error) => (format!("{error:#}"), true),
            Failed::Other(Halt::External(error)) => (format!("{error:#}"), false),
            Failed::Other(Halt::Program) => ("the program has errors".to_owned(), false),
            Failed::Other(Halt::Interrupted) => return Halt::Interrupted,
        };
        (self.tell)(&format!("failed: {why}"));
        let mut said = vec![why];
        if is_bad {
            let bad = &self.target.what.bad_stage;
            match self.promote(&record.image, bad).await {
                Ok(()) => said.push(format!("{} is in stage `{bad}` now", record.image)),
                Err(Halt::External(error)) => {
                    said.push(format!("{} could not be put into stage `{bad}`: {error:#}", record.image));
                }
                Err(Halt::Interrupted | Halt::Program) => {}
            }
        }
        match Box::pin(self.undo(old, record)).await {
            Ok(()) => said.push("the old instances serve, and nothing of the deploy is left".to_owned()),
            Err(Halt::External(error)) => said.push(format!(
                "what it made is not all gone: {error:#}; `asiaq deploy rollback` finishes that"
            )),
            Err(Halt::Interrupted | Halt::Program) => {
                said.push("what it made is not all gone: `asiaq deploy rollback` finishes that".to_owned());
            }
        }
        anyhow!(said.join("\n  ")).into()
    }

    /// The plan of a new deploy. Refuses one that the next apply would undo, or that is not all that AWS lacks of the hostclass.
    pub(super) async fn may_begin(&self) -> Result<Plan> {
        let (plan, wanted) = self.plan(Some(&self.image.id)).await?;
        let template = self.address("launch-template");
        match &wanted.image {
            Ref::Id(id) if *id == self.image.id => {}
            other => {
                let other = other.id().unwrap_or("another one");
                return Err(anyhow!(
                    "after a deploy of {}, the next `asiaq apply` would put {other} in place, which the program prefers for \
                     `{}`: promote that one to `{}`, or deploy it",
                    self.image.id,
                    self.hostclass(),
                    self.target.what.bad_stage
                )
                .into());
            }
        }
        let tested = self.address("group/smoke-test");
        let others: BTreeSet<String> = plan
            .steps
            .iter()
            .filter(|step| ![&template, &tested].contains(&&step.address))
            .map(|step| step.address.to_string())
            .collect();
        if !others.is_empty() {
            let others: Vec<&str> = others.iter().map(String::as_str).collect();
            return Err(anyhow!(
                "AWS is not what the program says of {}: run `asiaq apply --env {}` first",
                crate::ui::listed(&others),
                self.env()
            )
            .into());
        }
        Ok(plan)
    }

    /// Writes down a new deploy, before anything changes; gives its plan too.
    async fn begin(&self, way: Way) -> Result<(DeployRecord, Plan)> {
        let plan = self.may_begin().await?;
        let old = &self.target.serving;
        let Some(live) = &old.template else {
            return Err(anyhow!("{} has no launch template", old.name).into());
        };
        let (since, id) = (now(), holder::run());
        let prefix = old.name.rsplit_once('_').map_or(old.name.as_str(), |(prefix, _)| prefix);
        let record = DeployRecord {
            id,
            since,
            by: holder::owner(),
            phase: if way == Way::Test { DeployPhase::Trying } else { DeployPhase::Testing },
            image: self.image.id.clone(),
            before: self.target.newest.0.clone(),
            template: live.template.clone(),
            version: self.target.newest.1.clone(),
            group: format!("{prefix}_{since}"),
            strategy: if self.target.what.is_rolling {
                DeployStrategy::Rolling
            } else {
                DeployStrategy::BlueGreen
            },
        };
        self.go_on()?;
        self.note(&old.name, &record, record.phase).await?;
        Ok((record, plan))
    }

    /// Writes down a phase.
    async fn note(&self, old: &str, record: &DeployRecord, phase: DeployPhase) -> Result<()> {
        let tags = DeployRecord { phase, ..record.clone() }.tags();
        answered("write down the deploy", self.cloud().tag_group(self.region(), old, &tags).await)
    }

    /// The AMI before this deploy.
    pub(super) fn before(&self) -> &str {
        self.target.before()
    }

    /// Whether the AMI is older than that before: the way back from a deploy that has ended.
    pub(super) fn is_back(&self) -> bool {
        self.session.is_older(&self.image.id, self.before())
    }

    /// The stage that the AMI gets when it has passed.
    pub(super) fn stage(&self) -> String {
        let what = &self.target.what;
        match what.stages.first() {
            Some(first) if !what.stages.contains(&what.good_stage) => first.clone(),
            Some(_) | None => what.good_stage.clone(),
        }
    }

    /// Makes the new group and tests its instances. A deploy that goes on has no plan yet.
    async fn test(&self, old: &str, record: &DeployRecord, plan: Option<Plan>) -> Outcome {
        let (cloud, region, tell) = (self.cloud(), self.region(), self.tell);
        let mut plan = match plan {
            Some(plan) => plan,
            None => self.plan(Some(&record.image)).await?.0,
        };
        let smoke_test = self.smoke_test(&plan);
        self.go_on()?;
        tell(&format!("{old} goes on starting instances from version {} of its template", record.version));
        answered("keep the old group as it is", cloud.pin_group(region, old, &record.version).await)?;
        let newest =
            answered("read a launch template", cloud.newest_version(region, &record.template).await)?;
        if newest.is_none_or(|(_, image)| image != record.image) {
            self.go_on()?;
            let template = self.address("launch-template");
            let is_meant = |action: &Action| matches!(action, Action::Update { .. });
            plan.steps.retain(|step| step.address == template && is_meant(&step.action));
            if plan.steps.is_empty() {
                return Err(anyhow!("the launch template `{template}` cannot be changed in place").into());
            }
            tell(&format!("make a version of the launch template with {}", record.image));
            self.apply(&plan).await?;
        }
        self.go_on()?;
        let live = self.group(old).await?;
        let sizes = match record.strategy {
            DeployStrategy::BlueGreen => at_least_one(live.sizes_now()),
            DeployStrategy::Rolling => GroupSize { min: 1, desired: 1, max: 1 },
        };
        if self.found(&record.group).await?.is_none() {
            tell(&format!("start {} of {} in {}", sizes.desired, record.image, record.group));
            let tags = new_tags(&live, record);
            let names = (old, record.group.as_str());
            answered("make the new group", cloud.copy_group(region, names, sizes, &tags).await)?;
        }
        self.go_on()?;
        tell("wait until they are in service");
        self.passed(Box::pin(cloud.until_in_service(region, &record.group, self.session.request.timeout)))
            .await?;
        if let Some(test) = &smoke_test {
            tell("wait until they pass the smoke test");
            self.passed(Box::pin(cloud.until_tested(region, &record.group, test))).await?;
        }
        let new = self.group(&record.group).await?;
        if let Some(test) = &self.target.what.test {
            tell(&format!("run the integration test `{}`", test.name));
            self.tester().integration(test, &new).await?;
        }
        if let Some(document) = &self.target.what.testing_mode {
            tell("switch testing mode off");
            self.tester().testing_mode_off(document, &new).await?;
        }
        if live.tags.contains_key(TESTING_TAG) {
            let ids: Vec<String> = new.in_service().into_iter().map(str::to_owned).collect();
            let tags = BTreeMap::from([(TESTING_TAG.to_owned(), "0".to_owned())]);
            answered("tag the instances", cloud.tag_instances(region, &ids, &tags, &[]).await)?;
        }
        Ok(())
    }

    fn tester(&self) -> Tester<'_> {
        let Self { session, target, interrupts, tell, .. } = *self;
        Tester { session, what: &target.what, interrupts, tell }
    }

    /// Waits for instances to pass, unless it is interrupted. That they do not is a fault of the AMI.
    pub(super) async fn passed(&self, wait: impl Future<Output = asiaq_runtime::Result<()>>) -> Outcome {
        let result = self.interrupts.waited(wait).await?;
        result.map_err(|error: asiaq_runtime::CloudError| {
            let is_test = error.operation == TESTS && !error.message.contains("could not be launched");
            let error = anyhow!("{}", error.message);
            if is_test { Failed::Image(error) } else { Failed::Other(error.into()) }
        })
    }

    pub(super) async fn found(&self, name: &str) -> Result<Option<DeployGroup>> {
        answered("read an Auto Scaling group", self.cloud().deploy_group(self.region(), name).await)
    }

    pub(super) async fn group(&self, name: &str) -> Result<DeployGroup> {
        let found = self.found(name).await?;
        found.ok_or_else(|| anyhow!("there is no Auto Scaling group `{name}` any more").into())
    }

    /// Ends a deploy after whose tests the old instances stay.
    async fn keep_old(&self, old: &str, record: &DeployRecord, way: Way) -> Result<Ended> {
        if way == Way::Test {
            let stage = self.stage();
            self.promote(&record.image, &stage).await?;
            let not_shared = self.shared(&record.image, &stage).await?;
            self.undo(old, record).await?;
            return Ok(("tested", not_shared));
        }
        (self.tell)(&format!("new instances of {old} start from {}", record.image));
        Ok(("deployed", self.leave_group(old, record).await?))
    }

    /// Ends a deploy after which the group stays, and starts instances from the new AMI.
    async fn leave_group(&self, group: &str, record: &DeployRecord) -> Result<Option<String>> {
        let (cloud, region) = (self.cloud(), self.region());
        let not_shared = self.promote_passed(record).await?;
        answered("change the group", cloud.pin_group(region, group, "$Latest").await)?;
        let live = self.group(group).await?;
        let deployed = Deployed { image: record.image.clone(), before: record.before.clone(), at: now() };
        let mut tags = BTreeMap::from([(DEPLOYED_TAG.to_owned(), deployed.tag())]);
        if live.tags.contains_key(asiaq_ir::TESTED_TAG) {
            tags.insert(asiaq_ir::TESTED_TAG.to_owned(), record.image.clone());
        }
        answered("tag the group", cloud.tag_group(region, group, &tags).await)?;
        self.remove(&record.group).await?;
        answered("end the deploy", cloud.forget_deploy(region, group, &[]).await)?;
        Ok(not_shared)
    }

    /// Promotes the AMI and shares it; gives why it is not shared, if that failed. One that is taken back is a bad one.
    async fn promote_passed(&self, record: &DeployRecord) -> Result<Option<String>> {
        let stage = self.stage();
        self.promote(&record.image, &stage).await?;
        if self.session.is_older(&record.image, &record.before) {
            self.promote(&record.before, &self.target.what.bad_stage).await?;
        }
        self.shared(&record.image, &stage).await
    }

    /// Ends a deploy whose new group is in place: what hangs on the group follows, and the old one leaves.
    async fn retire(&self, old: &str, record: &DeployRecord) -> Result<Option<String>> {
        let (cloud, region, tell) = (self.cloud(), self.region(), self.tell);
        let not_shared = self.promote_passed(record).await?;
        self.go_on()?;
        self.settle().await?;
        if let Some(live) = self.found(old).await? {
            self.go_on()?;
            tell(&format!("drain {old}"));
            let new = self.group(&record.group).await?;
            let places: BTreeSet<DeployPlace> = live.places.iter().chain(&new.places).cloned().collect();
            let places: Vec<DeployPlace> = places.into_iter().collect();
            answered("detach the old group", cloud.detach_group(region, old, &live.places).await)?;
            let machines = live.machines.iter().map(|one| one.id.clone()).collect();
            self.drained(&places, &machines).await?;
            self.go_on()?;
            tell(&format!("delete {old}"));
            answered("delete the old group", cloud.remove_group(region, old).await)?;
        }
        let key = DEPLOY_OF_TAG;
        answered("end the deploy", cloud.forget_deploy(region, &record.group, &[key]).await)?;
        Ok(not_shared)
    }

    /// Takes down what a deploy made. The old group serves as before.
    async fn undo(&self, old: &str, record: &DeployRecord) -> Result<()> {
        let (cloud, region) = (self.cloud(), self.region());
        self.note(old, record, DeployPhase::Undoing).await?;
        self.remove(&record.group).await?;
        if let Some(version) = self.new_version(record).await? {
            if record.strategy == DeployStrategy::Rolling {
                self.roll_back(old, record, &version).await?;
            }
            (self.tell)(&format!("delete version {version} of the launch template"));
            let dropped = cloud.drop_version(region, &record.template, &version, &record.version).await;
            answered("delete a version of the launch template", dropped)?;
        }
        answered("change the old group", cloud.pin_group(region, old, "$Latest").await)?;
        self.forget_version();
        answered("end the deploy", cloud.forget_deploy(region, old, &[]).await)
    }

    /// What was last applied is what it was before this run: the version of the launch template is gone.
    fn forget_version(&self) {
        let scope = Scope::environment(self.env());
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        match self.before.get(&scope) {
            Some(before) => drop(written.insert(scope, before.clone())),
            None => drop(written.remove(&scope)),
        }
    }

    /// Writes the stage of an AMI; what is in it already stays as it is.
    async fn promote(&self, image: &str, stage: &str) -> Result<()> {
        let Some(image) = self.session.image(image) else { return Ok(()) };
        if image.stage.as_deref() == Some(stage) {
            return Ok(());
        }
        (self.tell)(&format!("promote {} to `{stage}`", image.id));
        let from = image.stage.as_deref().unwrap_or("-");
        let by = holder::owner();
        let note = format!("{} {from} -> {stage} by {by}, deploy to {}", clock::stamp(), self.env());
        self.session.images.promote(image, stage, &note).await.context("the AMI cannot be promoted")?;
        if stage == self.target.what.bad_stage {
            let staged = HostclassImage { stage: Some(stage.to_owned()), ..image.clone() };
            if let Err(error) = self.session.restage(staged, self.tell).await {
                let id = &image.id;
                (self.tell)(&format!(
                    "the stage of {id} is not written in the accounts that have it: {error:#}"
                ));
            }
        }
        Ok(())
    }
}

fn at_least_one(sizes: GroupSize) -> GroupSize {
    let desired = sizes.desired.max(1);
    GroupSize { desired, max: sizes.max.max(desired), ..sizes }
}

/// The tags of the new group: those of the old one, without its place.
fn new_tags(old: &DeployGroup, record: &DeployRecord) -> BTreeMap<String, String> {
    let mut tags = old.tags.clone();
    for key in DEPLOY_TAGS.into_iter().chain([asiaq_ir::ADDRESS_TAG, asiaq_ir::TESTED_TAG, DEPLOYED_TAG]) {
        tags.remove(key);
    }
    tags.insert(NAME_TAG.to_owned(), tag_value(&record.group));
    tags.insert(DEPLOY_OF_TAG.to_owned(), record.id.clone());
    tags.insert(CREATED_TAG.to_owned(), clock::now());
    if let Some(testing) = tags.get_mut(TESTING_TAG) {
        "1".clone_into(testing);
    }
    tags.retain(|key, _| !key.starts_with("aws:"));
    tags
}

/// The second since 1970.
pub(super) fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default()
}

pub(super) fn answered<T>(aim: &str, answer: asiaq_runtime::Result<T>) -> Result<T> {
    Ok(account::answered(aim, answer)?)
}
