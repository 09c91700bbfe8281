use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use asiaq_ir::{ADDRESS_TAG, Address, ENV_TAG, GroupSize, PROJECT_TAG, RegionFacts};
use asiaq_runtime::{DeployRecord, Fleet, Group, Host, RaisedAlarm, Result, Sizes};
use aws_sdk_autoscaling::types as autoscaling;
use aws_sdk_ec2::types::{
    Image, Instance, InstanceNetworkInterface, InstanceNetworkInterfaceAttachment, Reservation,
};
use aws_smithy_types::date_time::Format;

use crate::bakes::GET_CONSOLE_OUTPUT;
use crate::config::Aws;
use crate::kinds::alarm;
use crate::kinds::autoscaling_group::{self, UPDATE_AUTO_SCALING_GROUP};
use crate::kinds::launch_template::{self, DESCRIBE_IMAGES};
use crate::kinds::smoke_test::DESCRIBE_INSTANCES;
use crate::operation::{Access, Operation};
use crate::region::Region;
use crate::tags::{self, filter, filter_any};

/// Every state but the last one.
const STATES: [&str; 5] = ["pending", "running", "shutting-down", "stopping", "stopped"];

/// The operations behind the list of instances, for a command that lists nothing else.
pub(crate) const LISTS: &[Operation] = &[
    autoscaling_group::DESCRIBE_AUTO_SCALING_GROUPS.used_for(Access::Read),
    launch_template::DESCRIBE_LAUNCH_TEMPLATES.used_for(Access::Read),
];

/// The operations of `asiaq ssh` and `asiaq exec` beside those that list instances.
pub(crate) const REACHES: &[Operation] = &[GET_CONSOLE_OUTPUT.used_for(Access::Read)];

/// The operations that list instances, beside those that list groups and launch templates.
pub(crate) const READS: &[Operation] =
    &[DESCRIBE_INSTANCES.used_for(Access::Read), DESCRIBE_IMAGES.used_for(Access::Read)];

impl Fleet for Aws {
    async fn hosts(&self, region: &str, project: &str, env: Option<&str>) -> Result<Vec<Host>> {
        let region = self.region(region);
        let instances = instances(&region, project, env).await?;
        let outdated = if instances.is_empty() {
            BTreeSet::new()
        } else {
            let templates = Box::pin(launch_template::newest_versions(&region, project));
            let groups = autoscaling_group::of_project(&region, project);
            let (groups, newest_versions) = futures::try_join!(groups, templates)?;
            outdated(&groups, newest_versions)
        };
        hosts(&region, &instances, &outdated).await
    }

    async fn groups(&self, region: &str, project: &str, env: Option<&str>) -> Result<Vec<Group>> {
        let groups = autoscaling_group::all_of_project(&self.region(region), project).await?;
        Ok(serving(groups, env).1)
    }

    async fn hosts_and_groups(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> Result<(Vec<Host>, Vec<Group>)> {
        let region = self.region(region);
        let (instances, groups) = futures::try_join!(
            instances(&region, project, env),
            autoscaling_group::all_of_project(&region, project)
        )?;
        let (live, groups) = serving(groups, env);
        let outdated = if instances.is_empty() {
            BTreeSet::new()
        } else {
            outdated(&live, Box::pin(launch_template::newest_versions(&region, project)).await?)
        };
        Ok((hosts(&region, &instances, &outdated).await?, groups))
    }

    async fn raised_alarms(
        &self,
        region: &str,
        project: &str,
        env: Option<&str>,
    ) -> Result<Vec<RaisedAlarm>> {
        let mut alarms = alarm::raised(&self.region(region), project).await?;
        alarms.retain(|alarm| env.is_none_or(|env| alarm.address.env() == env));
        alarms.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(alarms)
    }

    async fn scale(&self, region: &str, project: &str, group: &str, sizes: Sizes) -> Result<()> {
        let region = self.region(region);
        let live = autoscaling_group::look(&region, group).await?;
        let Some(live) = live else {
            return Err(autoscaling_group::UPDATE_AUTO_SCALING_GROUP
                .refused(format!("there is no autoscaling group `{group}`")));
        };
        let tags = autoscaling_group::tags_of(&live);
        if tags.get(PROJECT_TAG).map(String::as_str) != Some(project)
            || autoscaling_group::is_copy(group, &tags)
        {
            return Err(autoscaling_group::UPDATE_AUTO_SCALING_GROUP
                .refused(format!("the autoscaling group `{group}` is not this project's")));
        }
        if sizes == Sizes::default() {
            return Ok(());
        }
        let size = |size: Option<u32>| size.and_then(|size| i32::try_from(size).ok());
        let request = region
            .autoscaling()
            .update_auto_scaling_group()
            .auto_scaling_group_name(group)
            .set_min_size(size(sizes.min))
            .set_desired_capacity(size(sizes.desired))
            .set_max_size(size(sizes.max));
        region.retry_until_consistent(UPDATE_AUTO_SCALING_GROUP, || request.clone().send()).await.map(drop)
    }
}

/// The instances of a project that are not terminated.
async fn instances(region: &Region<'_>, project: &str, env: Option<&str>) -> Result<Vec<Instance>> {
    let of_env = env.map(|env| filter(&format!("tag:{ENV_TAG}"), env));
    let states = filter_any("instance-state-name", &STATES.map(ToOwned::to_owned));
    let filters = [tags::of_project(project), states].into_iter().chain(of_env).collect();
    let request = region.ec2().describe_instances().set_filters(Some(filters));
    let seen: Vec<Reservation> = DESCRIBE_INSTANCES.all(request.into_paginator().items().send()).await?;
    Ok(seen.into_iter().flat_map(|reservation| reservation.instances.unwrap_or_default()).collect())
}

/// The instances as hosts, sorted by environment, hostclass and id.
async fn hosts(
    region: &Region<'_>,
    instances: &[Instance],
    outdated: &BTreeSet<String>,
) -> Result<Vec<Host>> {
    let images = image_times(region, instances).await?;
    let hosts = instances.iter().filter_map(|one| host(region, one, &images));
    let mut hosts: Vec<Host> =
        hosts.map(|host| Host { outdated: outdated.contains(&host.id), ..host }).collect();
    hosts.sort_by(|a, b| {
        let key = |host: &Host| (host.environment.clone(), host.hostclass.clone(), host.id.clone());
        key(a).cmp(&key(b))
    });
    Ok(hosts)
}

/// Those of the groups of a project whose place no other one has taken, and what they are in an environment.
fn serving(
    mut groups: Vec<autoscaling::AutoScalingGroup>,
    env: Option<&str>,
) -> (Vec<autoscaling::AutoScalingGroup>, Vec<Group>) {
    // What is recorded stays on the group that is replaced, which is no longer the project's in the end.
    let deploys: Vec<(Option<String>, DeployRecord)> = groups
        .iter()
        .filter_map(|group| Some((group.auto_scaling_group_name.clone(), deploy_of(group)?)))
        .collect();
    groups.retain(|group| !asiaq_runtime::is_retired(&autoscaling_group::tags_of(group)));
    let with_deploy = |group: Group| {
        let mut of_group = deploys
            .iter()
            .filter(|(name, record)| name.as_ref() == Some(&group.name) || record.group == group.name);
        let deploy = of_group.next().map(|(_, record)| record.clone());
        Group { deploy, ..group }
    };
    let mut shown: Vec<Group> = groups
        .iter()
        .filter_map(group)
        .filter(|group| env.is_none_or(|env| group.address.env() == env))
        .map(with_deploy)
        .collect();
    shown.sort_by(|a, b| a.name.cmp(&b.name));
    (groups, shown)
}

/// Ids of the instances that their groups would launch from something newer now.
fn outdated(
    groups: &[autoscaling::AutoScalingGroup],
    newest_versions: BTreeMap<String, String>,
) -> BTreeSet<String> {
    let facts = RegionFacts { newest_versions, ..RegionFacts::default() };
    let mut outdated = BTreeSet::new();
    for group in groups {
        let Some(template) = autoscaling_group::template_of(group) else { continue };
        let old = group.instances().iter().filter(|instance| {
            autoscaling_group::launched_from(instance)
                .is_some_and(|launched| facts.is_outdated(&launched, &template))
        });
        outdated.extend(old.filter_map(|instance| instance.instance_id.clone()));
    }
    outdated
}

/// Creation times of the AMIs of `instances`, by AMI id. Deregistered AMIs are missing.
async fn image_times(region: &Region<'_>, instances: &[Instance]) -> Result<BTreeMap<String, String>> {
    let ids: BTreeSet<String> = instances.iter().filter_map(|one| one.image_id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut times = BTreeMap::new();
    for ids in ids.chunks(tags::VALUES) {
        // By filter: EC2 refuses a call that names an image it does not know any more.
        let wanted = filter_any("image-id", ids);
        let request = region.ec2().describe_images().include_deprecated(true).filters(wanted);
        let images: Vec<Image> = DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?;
        times.extend(images.into_iter().filter_map(|image| Some((image.image_id?, image.creation_date?))));
    }
    Ok(times)
}

fn host(region: &Region<'_>, instance: &Instance, images: &BTreeMap<String, String>) -> Option<Host> {
    let tag =
        |key: &str| tags::get(instance.tags(), key).filter(|value| !value.is_empty()).map(ToOwned::to_owned);
    let mut interfaces: Vec<&InstanceNetworkInterface> = instance.network_interfaces().iter().collect();
    interfaces.sort_by_key(|interface| {
        interface.attachment().and_then(InstanceNetworkInterfaceAttachment::device_index)
    });
    let parse = |text: &str| text.parse::<IpAddr>().ok();
    let private = interfaces.iter().filter_map(|interface| interface.private_ip_address());
    let mut private: Vec<IpAddr> = private.filter_map(parse).collect();
    // An instance that is shutting down has no network interface, but can still have an address.
    if private.is_empty() {
        private.extend(instance.private_ip_address().and_then(parse));
    }
    let state = instance.state().and_then(|state| state.name());
    let image = instance.image_id.clone();
    Some(Host {
        id: instance.instance_id.clone()?,
        region: region.name.to_owned(),
        zone: instance.placement().and_then(|placement| placement.availability_zone.clone()),
        environment: tag(ENV_TAG),
        hostclass: tag("hostclass"),
        hostname: tag("hostname"),
        owner: tag("owner"),
        product_line: tag("productline"),
        smoke_test: tag("smoketest"),
        group: tag("aws:autoscaling:groupName"),
        security_group: instance.security_groups().first().and_then(|group| group.group_name.clone()),
        state: state.map(ToString::to_string).unwrap_or_default(),
        public: instance.public_ip_address().and_then(parse),
        private,
        instance_type: instance.instance_type().map(ToString::to_string),
        image_created: image.as_ref().and_then(|image| images.get(image).cloned()),
        image,
        outdated: false,
        launched: instance.launch_time().and_then(|time| time.fmt(Format::DateTime).ok()),
    })
}

fn group(group: &autoscaling::AutoScalingGroup) -> Option<Group> {
    let tags = autoscaling_group::tags_of(group);
    // A group that somebody else made with copied tags is not the project's.
    group.auto_scaling_group_name().filter(|name| !autoscaling_group::is_copy(name, &tags))?;
    let GroupSize { min, desired, max } = autoscaling_group::sizes(group);
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Some(Group {
        name: group.auto_scaling_group_name.clone()?,
        address: Address::parse(tags.get(ADDRESS_TAG)?),
        hostclass: tags.get("hostclass").cloned(),
        min,
        desired,
        max,
        machines: count(group.instances().len()),
        in_service: count(
            group.instances().iter().filter(|machine| autoscaling_group::is_serving(machine)).count(),
        ),
        deploy: None,
    })
}

fn deploy_of(group: &autoscaling::AutoScalingGroup) -> Option<DeployRecord> {
    DeployRecord::read(&autoscaling_group::tags_of(group))
}
