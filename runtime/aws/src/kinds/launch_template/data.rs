//! Conversion of launch template versions between the IR and AWS.

use std::collections::BTreeSet;

use asiaq_ir::{Disk, LaunchTemplate, Ref, user_data};
use aws_sdk_ec2::types::{
    LaunchTemplateBlockDeviceMapping, LaunchTemplateBlockDeviceMappingRequest,
    LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateHttpTokensState,
    LaunchTemplateIamInstanceProfileSpecificationRequest, LaunchTemplateInstanceMetadataEndpointState,
    LaunchTemplateInstanceMetadataOptionsRequest,
    LaunchTemplateInstanceNetworkInterfaceSpecification as Interface,
    LaunchTemplateInstanceNetworkInterfaceSpecificationRequest, LaunchTemplateVersion,
    LaunchTemplatesMonitoring, LaunchTemplatesMonitoringRequest, RequestLaunchTemplateData,
    ResponseLaunchTemplateData, VolumeType,
};
use aws_smithy_types::base64;

use crate::kinds::prelude::*;

/// Prefix of AWS's names for instance store volumes. A number follows.
const EPHEMERAL: &str = "ephemeral";

/// The data of a complete version, which inherits no field from another version.
pub(super) fn write(template: &LaunchTemplate) -> RequestLaunchTemplateData {
    let profile = template
        .profile
        .as_ref()
        .map(|name| LaunchTemplateIamInstanceProfileSpecificationRequest::builder().name(name).build());
    let interface = LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
        .device_index(0)
        .set_groups(Some(ids(&template.groups)))
        .associate_public_ip_address(template.public_ip)
        .delete_on_termination(true)
        .build();
    let tokens = if template.metadata_tokens {
        LaunchTemplateHttpTokensState::Required
    } else {
        LaunchTemplateHttpTokensState::Optional
    };
    let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_endpoint(LaunchTemplateInstanceMetadataEndpointState::Enabled)
        .http_tokens(tokens)
        .build();
    let encoded =
        (!template.user_data.is_empty()).then(|| base64::encode(user_data::sent(&template.user_data)));
    let disks: Vec<_> = template.disks.iter().map(write_disk).collect();
    RequestLaunchTemplateData::builder()
        .set_image_id(template.image.id().map(ToOwned::to_owned))
        .instance_type(template.instance_type.as_str().into())
        .set_key_name(template.key.clone())
        .set_iam_instance_profile(profile)
        .network_interfaces(interface)
        .set_block_device_mappings((!disks.is_empty()).then_some(disks))
        .set_user_data(encoded)
        .ebs_optimized(template.ebs_optimized)
        .monitoring(LaunchTemplatesMonitoringRequest::builder().enabled(template.monitoring).build())
        .metadata_options(metadata)
        .build()
}

/// A version in the IR's form. A version without an image has an empty id there.
pub(super) fn read(version: &LaunchTemplateVersion) -> Option<LaunchTemplate> {
    let data = version.launch_template_data()?;
    let interfaces = data.network_interfaces();
    let primary = interfaces.iter().find(|interface| interface.device_index().unwrap_or_default() == 0);
    let groups = primary.map_or(data.security_group_ids(), |interface| interface.groups());
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let tokens = data.metadata_options().and_then(|options| options.http_tokens());
    Some(LaunchTemplate {
        name: version.launch_template_name.clone()?,
        image: Ref::Id(data.image_id.clone().unwrap_or_default()),
        instance_type: data.instance_type().map(ToString::to_string).unwrap_or_default(),
        key: text(data.key_name()),
        profile: profile(data),
        groups: groups.iter().cloned().map(Ref::Id).collect(),
        public_ip: primary.and_then(Interface::associate_public_ip_address) == Some(true),
        disks: data.block_device_mappings().iter().filter_map(read_disk).collect(),
        endpoints: BTreeSet::new(),
        user_data: decoded(data.user_data().unwrap_or_default()),
        ebs_optimized: data.ebs_optimized() == Some(true),
        monitoring: data.monitoring().and_then(LaunchTemplatesMonitoring::enabled) == Some(true),
        metadata_tokens: tokens == Some(&LaunchTemplateHttpTokensState::Required),
    })
}

/// The name of the instance profile, which a version may also say by an ARN.
fn profile(data: &ResponseLaunchTemplateData) -> Option<String> {
    let profile = data.iam_instance_profile()?;
    let last = |arn: &str| arn.rsplit('/').next().map(ToOwned::to_owned);
    profile.name().map(ToOwned::to_owned).or_else(|| profile.arn().and_then(last))
}

/// User data before it was compressed and encoded.
fn decoded(encoded: &str) -> String {
    base64::decode(encoded).map_or_else(|_| encoded.to_owned(), |bytes| user_data::received(&bytes))
}

fn write_disk(disk: &Disk) -> LaunchTemplateBlockDeviceMappingRequest {
    let mapping = LaunchTemplateBlockDeviceMappingRequest::builder().device_name(&disk.device);
    if let Some(number) = disk.ephemeral {
        return mapping.virtual_name(format!("{EPHEMERAL}{number}")).build();
    }
    let ebs = LaunchTemplateEbsBlockDeviceRequest::builder()
        .set_volume_size(disk.size.and_then(signed))
        .set_volume_type(disk.volume.as_deref().map(VolumeType::from))
        .set_iops(disk.iops.and_then(signed))
        .set_throughput(disk.throughput.and_then(signed))
        .set_encrypted(disk.encrypted)
        .set_snapshot_id(disk.snapshot.clone())
        .delete_on_termination(true)
        .build();
    mapping.ebs(ebs).build()
}

fn read_disk(mapping: &LaunchTemplateBlockDeviceMapping) -> Option<Disk> {
    let device = mapping.device_name.clone()?;
    let ephemeral = mapping.virtual_name().and_then(|name| name.strip_prefix(EPHEMERAL)?.parse().ok());
    let Some(ebs) = mapping.ebs().filter(|_| ephemeral.is_none()) else {
        return Some(Disk { device, ephemeral, ..Disk::default() });
    };
    Some(Disk {
        device,
        size: ebs.volume_size().and_then(unsigned),
        volume: ebs.volume_type().map(ToString::to_string),
        iops: ebs.iops().and_then(unsigned),
        throughput: ebs.throughput().and_then(unsigned),
        encrypted: ebs.encrypted(),
        snapshot: ebs.snapshot_id.clone(),
        ephemeral: None,
    })
}

fn signed(number: u32) -> Option<i32> {
    number.try_into().ok()
}

fn unsigned(number: i32) -> Option<u32> {
    number.try_into().ok()
}
