//! Versions of a launch template: instances are launched from the newest; a few older ones are kept.

use aws_sdk_ec2::types::{LaunchTemplateVersion, RequestLaunchTemplateData};

use crate::kinds::prelude::*;
use crate::service::ec2;

ops! { ec2:
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS = "DescribeLaunchTemplateVersions", Own;
    CREATE_LAUNCH_TEMPLATE_VERSION = "CreateLaunchTemplateVersion", Write;
    MODIFY_LAUNCH_TEMPLATE = "ModifyLaunchTemplate", Write;
    DELETE_LAUNCH_TEMPLATE_VERSIONS = "DeleteLaunchTemplateVersions", Write;
}

/// Maximum number of templates or versions in one page or one delete call.
pub(super) const PAGE: i32 = 200;

/// Versions that are kept: the newest and four before it. A running instance names its version, and a group can be set
/// back to one by hand. Older ones only fill the list, of which AWS keeps at most 10,000.
const KEPT: usize = 5;

/// The newest version of every launch template in the region.
pub(super) async fn newest(region: &Region<'_>) -> Result<Vec<LaunchTemplateVersion>> {
    let request = region.ec2().describe_launch_template_versions().versions("$Latest");
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS.all(request.into_paginator().page_size(PAGE).items().send()).await
}

/// The newest version of a template and its AMI; absent where there is no such template.
pub(crate) async fn newest_of(region: &Region<'_>, template: &str) -> Result<Option<(String, String)>> {
    let call = region.ec2().describe_launch_template_versions().launch_template_id(template);
    let answer = ec2.found(DESCRIBE_LAUNCH_TEMPLATE_VERSIONS.call(call.versions("$Latest").send()).await)?;
    let newest = answer.and_then(|answer| answer.launch_template_versions?.into_iter().next());
    Ok(newest.and_then(|newest| {
        let image = newest.launch_template_data?.image_id?;
        Some((newest.version_number?.to_string(), image))
    }))
}

/// Creates a complete version, without a source version. Returns its number.
pub(super) async fn add(region: &Region<'_>, id: &str, data: RequestLaunchTemplateData) -> Result<i64> {
    let request =
        region.ec2().create_launch_template_version().launch_template_id(id).launch_template_data(data);
    let made =
        region.retry_until_consistent(CREATE_LAUNCH_TEMPLATE_VERSION, || request.clone().send()).await?;
    let number = made.launch_template_version.and_then(|version| version.version_number);
    CREATE_LAUNCH_TEMPLATE_VERSION.part("version number", number)
}

/// Makes a version the default.
pub(super) async fn make_default(region: &Region<'_>, id: &str, number: i64) -> Result<()> {
    let request =
        region.ec2().modify_launch_template().launch_template_id(id).default_version(number.to_string());
    region.retry_until_consistent(MODIFY_LAUNCH_TEMPLATE, || request.clone().send()).await.map(drop)
}

/// Deletes the versions that were superseded long ago.
pub(super) async fn prune(region: &Region<'_>, id: &str) -> Result<()> {
    let request = region.ec2().describe_launch_template_versions().launch_template_id(id);
    let pages = request.into_paginator().page_size(PAGE).items().send();
    let versions: Vec<LaunchTemplateVersion> = DESCRIBE_LAUNCH_TEMPLATE_VERSIONS.all(pages).await?;
    let mut prunable: Vec<i64> = versions
        .iter()
        .filter(|version| version.default_version() != Some(true))
        .filter_map(LaunchTemplateVersion::version_number)
        .collect();
    prunable.sort_unstable();
    // The default version is the newest, and one of those that stay.
    prunable.truncate(prunable.len().saturating_sub(KEPT - 1));
    for numbers in prunable.chunks(usize::try_from(PAGE).unwrap_or(1)) {
        let numbers = numbers.iter().map(ToString::to_string).collect();
        let request =
            region.ec2().delete_launch_template_versions().launch_template_id(id).set_versions(Some(numbers));
        let answer = DELETE_LAUNCH_TEMPLATE_VERSIONS.call(request.send()).await?;
        // The next change retries failed deletions. Nothing depends on them.
        for item in answer.unsuccessfully_deleted_launch_template_versions() {
            tracing::debug!(id, version = item.version_number(), error = ?item.response_error(), "not pruned");
        }
    }
    Ok(())
}
