//! What a deploy does in AWS: a second Auto Scaling group, and the traffic of the first one.

mod refresh;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asiaq_ir::{ADDRESS_TAG, Address, GroupSize, Ref, SmokeTest, TemplateVersion};
use asiaq_runtime::{DEPLOY_TAGS, DeployGroup, DeployMachine, DeployPlace, Result};
use aws_sdk_autoscaling::types::{self as sdk, LaunchTemplateSpecification, MixedInstancesPolicy};

use crate::config::Aws;
use crate::kinds::autoscaling_group::{self, GroupTags};
use crate::kinds::health;
use crate::kinds::launch_template::{self, DELETE_LAUNCH_TEMPLATE_VERSIONS, MODIFY_LAUNCH_TEMPLATE};
use crate::kinds::smoke_test::{command, until_passed};
use crate::kinds::tag_family::TagFamily as _;
use crate::kinds::values::signed;
use crate::operation::{Access, IamActions};

/// The operations that deploys call beside those of an apply.
pub(crate) const MORE: IamActions = &[
    &[
        launch_template::DESCRIBE_IMAGES.used_for(Access::Read),
        crate::kinds::ec2_tags::CREATE_TAGS.used_for(Access::Write),
        command::SEND_COMMAND,
        command::GET_COMMAND_INVOCATION,
    ],
    refresh::OPS,
];

/// How an instance is seen behind what sends traffic to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unready {
    /// What sends traffic.
    pub place: String,
    /// The instance.
    pub machine: String,
    /// What it lacks.
    pub why: String,
    /// Whether waiting cannot help.
    pub is_final: bool,
}

impl Aws {
    /// The Auto Scaling groups of a project in a region, those of deploys included.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn deploy_groups(&self, region: &str, project: &str) -> Result<Vec<DeployGroup>> {
        let region = self.region(region);
        let groups = autoscaling_group::all_of_project(&region, project).await?;
        Ok(groups.iter().filter_map(read).collect())
    }

    /// One of them; absent where there is no such group.
    ///
    /// # Errors
    /// If AWS does not answer.
    pub async fn deploy_group(&self, region: &str, name: &str) -> Result<Option<DeployGroup>> {
        Ok(autoscaling_group::look(&self.region(region), name).await?.as_ref().and_then(read))
    }

    /// The newest version of a launch template and its AMI; absent where there is no such template.
    ///
    /// # Errors
    /// If AWS does not answer.
    pub async fn newest_version(&self, region: &str, template: &str) -> Result<Option<(String, String)>> {
        launch_template::newest_of(&self.region(region), template).await
    }

    /// Writes tags of a group.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn tag_group(&self, region: &str, group: &str, tags: &BTreeMap<String, String>) -> Result<()> {
        GroupTags::set(&self.region(region), group, tags).await
    }

    /// Removes the record of a deploy from a group.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn forget_deploy(&self, region: &str, group: &str, more: &[&str]) -> Result<()> {
        let keys = DEPLOY_TAGS.iter().chain(more).map(|key| (*key).to_owned()).collect();
        GroupTags::remove(&self.region(region), group, keys).await
    }

    /// Makes a group start its instances from a version of its launch template: a number, or `$Latest`.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn pin_group(&self, region: &str, group: &str, version: &str) -> Result<()> {
        let region = self.region(region);
        let Some(live) = autoscaling_group::look(&region, group).await? else { return Ok(()) };
        let (plain, mixed) = launch(&live, version);
        let call = region.autoscaling().update_auto_scaling_group().auto_scaling_group_name(group);
        let call = call.set_launch_template(plain).set_mixed_instances_policy(mixed);
        let operation = autoscaling_group::UPDATE_AUTO_SCALING_GROUP;
        region.retry_until_consistent(operation, || call.clone().send()).await.map(drop)
    }

    /// Makes a group like another one, which starts from the newest version of its launch template, has these tags and
    /// sizes, and is behind nothing.
    ///
    /// # Errors
    /// If AWS refuses, or the other one is gone.
    pub async fn copy_group(
        &self,
        region: &str,
        (model, name): (&str, &str),
        sizes: GroupSize,
        tags: &BTreeMap<String, String>,
    ) -> Result<()> {
        let region = self.region(region);
        let operation = autoscaling_group::CREATE_AUTO_SCALING_GROUP;
        let Some(live) = autoscaling_group::look(&region, model).await? else {
            return Err(operation.refused(format!("there is no Auto Scaling group `{model}` any more")));
        };
        let (plain, mixed) = launch(&live, "$Latest");
        let policies = live.termination_policies().to_vec();
        let call = region
            .autoscaling()
            .create_auto_scaling_group()
            .auto_scaling_group_name(name)
            .set_launch_template(plain)
            .set_mixed_instances_policy(mixed)
            .set_vpc_zone_identifier(live.vpc_zone_identifier.clone())
            .min_size(signed(sizes.min))
            .max_size(signed(sizes.max))
            .desired_capacity(signed(sizes.desired))
            .set_health_check_type(live.health_check_type.clone())
            .set_health_check_grace_period(live.health_check_grace_period)
            .set_default_cooldown(live.default_cooldown)
            .set_new_instances_protected_from_scale_in(live.new_instances_protected_from_scale_in)
            .set_termination_policies((!policies.is_empty()).then_some(policies))
            .set_tags(Some(autoscaling_group::write_tags(name, tags)));
        match region.retry_until_consistent(operation, || call.clone().send()).await {
            // The answer to an earlier attempt was lost.
            Err(error) if error.code == "AlreadyExists" => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Waits until the instances of a group have passed a smoke test.
    ///
    /// # Errors
    /// If they do not, with the state of each.
    pub async fn until_tested(&self, region: &str, group: &str, test: &SmokeTest) -> Result<()> {
        let test = SmokeTest { group: Ref::Id(group.to_owned()), ..test.clone() };
        until_passed(&self.region(region), group, &test).await
    }

    /// Waits until a group has as many instances in service as it should have.
    ///
    /// # Errors
    /// If it does not in this time, with the state of each and the failed launches.
    pub async fn until_in_service(&self, region: &str, group: &str, limit: Duration) -> Result<()> {
        crate::kinds::smoke_test::until_in_service(&self.region(region), group, limit).await
    }

    /// Attaches a group to target groups and load balancers.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn attach_group(&self, region: &str, group: &str, places: &[DeployPlace]) -> Result<()> {
        let (balancers, targets) = split(places);
        autoscaling_group::attach_to(&self.region(region), group, &balancers, &targets).await
    }

    /// Detaches a group from target groups and load balancers, which drain its instances.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn detach_group(&self, region: &str, group: &str, places: &[DeployPlace]) -> Result<()> {
        let (balancers, targets) = split(places);
        autoscaling_group::detach_from(&self.region(region), group, &balancers, &targets).await
    }

    /// What keeps instances from getting traffic, in any of some places; empty if all of them get it from all.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn unready(
        &self,
        region: &str,
        places: &[DeployPlace],
        machines: &[&str],
    ) -> Result<Vec<Unready>> {
        let region = self.region(region);
        let mut unready = Vec::new();
        for place in places {
            let health = match place {
                DeployPlace::Targets(arn) => health::of_targets(&region, arn).await?,
                DeployPlace::Classic(name) => health::of_instances(&region, name).await?,
            };
            for machine in machines {
                let Some(why) = health.obstacle(machine) else { continue };
                unready.push(Unready {
                    place: place.name().to_owned(),
                    machine: (*machine).to_owned(),
                    why: why.to_owned(),
                    is_final: health.unused.contains(*machine),
                });
            }
        }
        Ok(unready)
    }

    /// Which of some instances places still know, while they are drained.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn still_behind(
        &self,
        region: &str,
        places: &[DeployPlace],
        machines: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>> {
        let region = self.region(region);
        let mut still = BTreeSet::new();
        for place in places {
            let known = match place {
                DeployPlace::Targets(arn) => health::registered(&region, arn).await?,
                DeployPlace::Classic(name) => health::of_instances(&region, name).await?.healthy,
            };
            still.extend(known.into_iter().filter(|machine| machines.contains(machine)));
        }
        Ok(still)
    }

    /// Puts a group in the place of another one, in one call: it gets the address, and the other one is retired.
    ///
    /// # Errors
    /// If AWS refuses: then nothing has changed.
    pub async fn switch_groups(
        &self,
        region: &str,
        (new, tags): (&str, &BTreeMap<String, String>),
        (old, retired): (&str, &BTreeMap<String, String>),
        address: &Address,
    ) -> Result<()> {
        let region = self.region(region);
        let mut tags = tags.clone();
        tags.insert(ADDRESS_TAG.to_owned(), address.to_string());
        let mut all = autoscaling_group::write_tags(new, &tags);
        all.extend(autoscaling_group::write_tags(old, retired));
        let call = region.autoscaling().create_or_update_tags().set_tags(Some(all));
        let operation = autoscaling_group::CREATE_OR_UPDATE_TAGS;
        region.retry_until_consistent(operation, || call.clone().send()).await.map(drop)
    }

    /// Deletes a group: its instances leave first.
    ///
    /// # Errors
    /// If AWS refuses, or it is not gone in time.
    pub async fn remove_group(&self, region: &str, group: &str) -> Result<()> {
        autoscaling_group::remove(&self.region(region), group).await
    }

    /// Makes an older version of a launch template its newest one again: the newer one is deleted.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn drop_version(
        &self,
        region: &str,
        template: &str,
        version: &str,
        back_to: &str,
    ) -> Result<()> {
        let region = self.region(region);
        let call = region.ec2().modify_launch_template().launch_template_id(template);
        let call = call.default_version(back_to);
        region.retry_until_consistent(MODIFY_LAUNCH_TEMPLATE, || call.clone().send()).await?;
        let call = region.ec2().delete_launch_template_versions().launch_template_id(template);
        let answer = DELETE_LAUNCH_TEMPLATE_VERSIONS.call(call.versions(version).send()).await?;
        let failed = answer.unsuccessfully_deleted_launch_template_versions();
        let why = failed.iter().find_map(|one| {
            let error = one.response_error()?;
            let code = error.code().map_or("", |code| code.as_str());
            (code != "launchTemplateVersionDoesNotExist").then(|| error.message().unwrap_or(code).to_owned())
        });
        why.map_or(Ok(()), |why| {
            let what =
                format!("version {version} of the launch template {template} cannot be deleted: {why}");
            Err(DELETE_LAUNCH_TEMPLATE_VERSIONS.refused(what))
        })
    }

    /// Runs a command document of Systems Manager on an instance, and waits for its end: why it is no success, where it is
    /// none.
    ///
    /// # Errors
    /// If AWS refuses, or the command has not ended in this time.
    pub async fn run_document(
        &self,
        region: &str,
        document: &str,
        machine: &str,
        parameters: &BTreeMap<String, String>,
        limit: Duration,
    ) -> Result<std::result::Result<(), String>> {
        command::run(&self.region(region), document, machine, parameters, limit).await
    }

    /// Waits until something is so, for at most `limit`; `what` is it in words.
    ///
    /// # Errors
    /// Those of `look`; or if it is not so in time, with what `look` said last.
    pub async fn until(
        &self,
        region: &str,
        limit: Duration,
        mut look: impl AsyncFnMut() -> Result<std::result::Result<(), String>>,
    ) -> Result<()> {
        let region = self.region(region);
        let mut wait = region.wait(limit);
        loop {
            let Err(missing) = look().await? else { return Ok(()) };
            if !wait.pause(&missing).await {
                let what = format!("after {} s {missing}", limit.as_secs());
                return Err(crate::error::timed_out("Deploy", what));
            }
        }
    }
}

/// The names of Classic Load Balancers and the ARNs of target groups.
fn split(places: &[DeployPlace]) -> (Vec<String>, Vec<String>) {
    let mut all = (Vec::new(), Vec::new());
    for place in places {
        match place {
            DeployPlace::Classic(name) => all.0.push(name.clone()),
            DeployPlace::Targets(arn) => all.1.push(arn.clone()),
        }
    }
    all
}

/// The launch settings of a live group with another version of its template.
fn launch(
    live: &sdk::AutoScalingGroup,
    version: &str,
) -> (Option<LaunchTemplateSpecification>, Option<MixedInstancesPolicy>) {
    let with = |said: &LaunchTemplateSpecification| {
        let id = said.launch_template_id.clone();
        LaunchTemplateSpecification::builder().set_launch_template_id(id).version(version).build()
    };
    let Some(policy) = live.mixed_instances_policy() else {
        return (live.launch_template().map(with), None);
    };
    let mut policy = policy.clone();
    if let Some(template) = &mut policy.launch_template {
        template.launch_template_specification = template.launch_template_specification.as_ref().map(with);
    }
    (None, Some(policy))
}

fn read(group: &sdk::AutoScalingGroup) -> Option<DeployGroup> {
    let said = group.launch_template().or_else(|| {
        let policy = group.mixed_instances_policy()?;
        policy.launch_template()?.launch_template_specification()
    });
    let template = said.and_then(|said| {
        let version = said.version().unwrap_or("$Default").to_owned();
        Some(TemplateVersion { template: said.launch_template_id.clone()?, version })
    });
    let targets = group.target_group_arns().iter().cloned().map(DeployPlace::Targets);
    let classic = group.load_balancer_names().iter().cloned().map(DeployPlace::Classic);
    Some(DeployGroup {
        name: group.auto_scaling_group_name.clone()?,
        tags: autoscaling_group::tags_of(group),
        sizes: autoscaling_group::sizes(group),
        machines: group.instances().iter().filter_map(machine).collect(),
        template,
        places: targets.chain(classic).collect(),
        warmup: warmup(group),
    })
}

/// The time until a new instance counts: AWS uses the grace period where there is no time of its own for this.
fn warmup(group: &sdk::AutoScalingGroup) -> Duration {
    let seconds = group.default_instance_warmup().or(group.health_check_grace_period()).unwrap_or_default();
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

fn machine(one: &sdk::Instance) -> Option<DeployMachine> {
    Some(DeployMachine {
        id: one.instance_id.clone()?,
        is_in_service: autoscaling_group::is_serving(one),
        state: one.lifecycle_state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        version: autoscaling_group::launched_from(one).map(|from| from.version),
    })
}
