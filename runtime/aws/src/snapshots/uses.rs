//! What uses a snapshot. AWS refuses to delete one of an AMI, but not one that a launch template starts disks from: an Auto
//! Scaling group then launches no instance any more.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_runtime::Result;
use aws_sdk_ec2::types::{Image, LaunchSpecification, ResponseLaunchTemplateData, Volume};

use super::volumes;
use crate::images::{
    Uses, configuration_name, launch_configurations, open_spot_requests, request_name, template_versions,
    version_name,
};
use crate::kinds::launch_template::DESCRIBE_IMAGES;
use crate::region::Region;
use crate::tags::filter;

pub(super) async fn all(
    region: &Region<'_>,
    snapshots: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>> {
    if snapshots.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut uses = Uses::of(snapshots);
    images(region, &mut uses).await?;
    for version in template_versions(region).await? {
        let data = version.launch_template_data();
        for disk in data.into_iter().flat_map(ResponseLaunchTemplateData::block_device_mappings) {
            uses.note(disk.ebs().and_then(|ebs| ebs.snapshot_id()), || version_name(&version));
        }
    }
    for configuration in launch_configurations(region).await? {
        for disk in configuration.block_device_mappings() {
            uses.note(disk.ebs().and_then(|ebs| ebs.snapshot_id()), || configuration_name(&configuration));
        }
    }
    for request in open_spot_requests(region).await? {
        let launch = request.launch_specification();
        for disk in launch.into_iter().flat_map(LaunchSpecification::block_device_mappings) {
            uses.note(disk.ebs().and_then(|ebs| ebs.snapshot_id()), || request_name(&request));
        }
    }
    let being_made: Vec<Volume> = volumes(region, filter("status", "creating")).await?;
    for volume in &being_made {
        let id = volume.volume_id().unwrap_or_default();
        uses.note(volume.snapshot_id(), || format!("volume {id}, which is being made of it"));
    }
    Ok(uses.found)
}

/// Those of all AMIs, also of deprecated and disabled ones.
async fn images(region: &Region<'_>, uses: &mut Uses<'_>) -> Result<()> {
    let request = region.ec2().describe_images().owners("self");
    let request = request.include_deprecated(true).include_disabled(true);
    let images: Vec<Image> = DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?;
    for image in &images {
        for disk in image.block_device_mappings() {
            let id = image.image_id().unwrap_or_default();
            uses.note(disk.ebs().and_then(|ebs| ebs.snapshot_id()), || format!("AMI {id}"));
        }
    }
    Ok(())
}
