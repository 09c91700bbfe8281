//! What uses an image. AWS deregisters an image whatever uses it: an Auto Scaling group then launches no instance any more.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_runtime::Result;
use aws_sdk_autoscaling::types::{LaunchConfiguration, LaunchTemplate as LaunchTemplateOfPolicy};
use aws_sdk_ec2::types::{
    Instance, LaunchTemplate, LaunchTemplateVersion, Reservation, SpotInstanceRequest, SpotInstanceState,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::kinds::autoscaling_group;
use crate::kinds::launch_template::{
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, DESCRIBE_LAUNCH_TEMPLATES, parameter_values,
};
use crate::kinds::smoke_test::DESCRIBE_INSTANCES;
use crate::operation::ops;
use crate::region::Region;
use crate::tags::{self, filter_any};

ops! {
    ec2 {
        DESCRIBE_SPOT_INSTANCE_REQUESTS = "DescribeSpotInstanceRequests", Read;
    }
    autoscaling {
        DESCRIBE_LAUNCH_CONFIGURATIONS = "DescribeLaunchConfigurations", Read;
    }
}

/// Every state of an instance but the last two.
const STATES: [&str; 4] = ["pending", "running", "stopping", "stopped"];
/// How a launch template names an image by a parameter (EC2 user guide, "Use a Systems Manager parameter instead of an AMI
/// ID in your launch template").
const BY_PARAMETER: &str = "resolve:ssm:";
/// Templates whose versions are asked for at the same time.
const AT_ONCE: usize = 4;

/// What uses some images, or some snapshots.
#[derive(Debug)]
pub(crate) struct Uses<'i> {
    ids: BTreeSet<&'i str>,
    /// By id, in words.
    pub(crate) found: BTreeMap<String, BTreeSet<String>>,
}

impl<'i> Uses<'i> {
    /// None is known yet.
    pub(crate) fn of(ids: &'i BTreeSet<String>) -> Self {
        Self { ids: ids.iter().map(String::as_str).collect(), found: BTreeMap::new() }
    }

    /// Notes what uses something, if it is asked for.
    pub(crate) fn note(&mut self, used: Option<&str>, by: impl FnOnce() -> String) {
        if let Some(used) = used.filter(|used| self.ids.contains(used)) {
            self.found.entry(used.to_owned()).or_default().insert(by());
        }
    }
}

pub(super) async fn all(
    region: &Region<'_>,
    images: &BTreeSet<String>,
    parameters: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>> {
    if images.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut uses = Uses::of(images);
    instances(region, images, &mut uses).await?;
    let mut parameters = parameters.clone();
    templates(region, &mut uses, &mut parameters).await?;
    for configuration in launch_configurations(region).await? {
        uses.note(configuration.image_id(), || configuration_name(&configuration));
    }
    for request in open_spot_requests(region).await? {
        let image = request.launch_specification().and_then(|launch| launch.image_id());
        uses.note(image, || request_name(&request));
    }
    let names = parameters.iter().map(String::as_str).collect();
    for (name, value) in parameter_values(region, &names).await? {
        uses.note(value.as_deref(), || format!("parameter {name}"));
    }
    Ok(uses.found)
}

async fn instances(region: &Region<'_>, images: &BTreeSet<String>, uses: &mut Uses<'_>) -> Result<()> {
    let ids: Vec<String> = images.iter().cloned().collect();
    for ids in ids.chunks(tags::VALUES) {
        let states = filter_any("instance-state-name", &STATES.map(ToOwned::to_owned));
        let request = region.ec2().describe_instances().filters(filter_any("image-id", ids)).filters(states);
        let seen: Vec<Reservation> = DESCRIBE_INSTANCES.all(request.into_paginator().items().send()).await?;
        for instance in seen.iter().flat_map(Reservation::instances) {
            uses.note(instance.image_id(), || format!("instance {}", instance_name(instance)));
        }
    }
    Ok(())
}

fn instance_name(instance: &Instance) -> &str {
    instance.instance_id().unwrap_or_default()
}

/// The images of all versions of all templates; adds the parameters that they name.
async fn templates(
    region: &Region<'_>,
    uses: &mut Uses<'_>,
    parameters: &mut BTreeSet<String>,
) -> Result<()> {
    for version in &template_versions(region).await? {
        let image = version.launch_template_data().and_then(|data| data.image_id());
        match image.and_then(|image| image.strip_prefix(BY_PARAMETER)) {
            Some(parameter) => drop(parameters.insert(parameter.to_owned())),
            None => uses.note(image, || version_name(version)),
        }
    }
    // A group may name an image of its own for some of its instance types.
    for group in autoscaling_group::every(region).await? {
        let name = group.auto_scaling_group_name().unwrap_or_default();
        let policy = group.mixed_instances_policy().and_then(|policy| policy.launch_template());
        for own in policy.map(LaunchTemplateOfPolicy::overrides).unwrap_or_default() {
            uses.note(own.image_id(), || format!("Auto Scaling group {name}"));
        }
    }
    Ok(())
}

/// A version of a launch template, in words.
pub(crate) fn version_name(version: &LaunchTemplateVersion) -> String {
    let (name, number) = (version.launch_template_name(), version.version_number());
    format!("launch template {} version {}", name.unwrap_or_default(), number.unwrap_or_default())
}

/// A launch configuration, in words.
pub(crate) fn configuration_name(configuration: &LaunchConfiguration) -> String {
    format!("launch configuration {}", configuration.launch_configuration_name().unwrap_or_default())
}

/// A Spot request, in words.
pub(crate) fn request_name(request: &SpotInstanceRequest) -> String {
    format!("Spot request {}", request.spot_instance_request_id().unwrap_or_default())
}

/// All versions of all launch templates.
pub(crate) async fn template_versions(region: &Region<'_>) -> Result<Vec<LaunchTemplateVersion>> {
    let pages = region.ec2().describe_launch_templates().into_paginator().items().send();
    let templates: Vec<LaunchTemplate> = DESCRIBE_LAUNCH_TEMPLATES.all(pages).await?;
    let ids = templates.into_iter().filter_map(|template| template.launch_template_id);
    let versions = stream::iter(ids).map(|id| async move {
        let request = region.ec2().describe_launch_template_versions().launch_template_id(id);
        DESCRIBE_LAUNCH_TEMPLATE_VERSIONS.all(request.into_paginator().items().send()).await
    });
    let versions: Vec<Vec<LaunchTemplateVersion>> = versions.buffered(AT_ONCE).try_collect().await?;
    Ok(versions.into_iter().flatten().collect())
}

/// All launch configurations.
pub(crate) async fn launch_configurations(region: &Region<'_>) -> Result<Vec<LaunchConfiguration>> {
    let pages = region.autoscaling().describe_launch_configurations().into_paginator().items().send();
    DESCRIBE_LAUNCH_CONFIGURATIONS.all(pages).await
}

/// The Spot requests that may still start instances.
pub(crate) async fn open_spot_requests(region: &Region<'_>) -> Result<Vec<SpotInstanceRequest>> {
    let pages = region.ec2().describe_spot_instance_requests().into_paginator().items().send();
    let mut all: Vec<SpotInstanceRequest> = DESCRIBE_SPOT_INSTANCE_REQUESTS.all(pages).await?;
    all.retain(|one| matches!(one.state(), Some(SpotInstanceState::Open | SpotInstanceState::Active)));
    Ok(all)
}
