//! Images that are shared with other accounts: with their snapshots, and the keys that encrypt these.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Partition;
use asiaq_runtime::{CloudError, HostclassImage, ImageDisk, Result};
use aws_sdk_ec2::types::{ImageAttributeName, OperationType, SnapshotAttributeName, Tag};
use aws_sdk_kms::types::{GrantOperation, KeyManagerType};

use crate::config::Aws;
use crate::kinds::launch_template::{DESCRIBE_IMAGES, DESCRIBE_SNAPSHOTS};
use crate::operation::ops;
use crate::region::Region;
use crate::service::{self, ec2};
use crate::tags;

use super::CREATE_TAGS;

ops! {
    ec2 {
        DESCRIBE_SNAPSHOT_ATTRIBUTE = "DescribeSnapshotAttribute", Read;
        MODIFY_IMAGE_ATTRIBUTE = "ModifyImageAttribute", Write;
        MODIFY_SNAPSHOT_ATTRIBUTE = "ModifySnapshotAttribute", Write;
        DELETE_TAGS = "DeleteTags", Write;
    }
    kms {
        DESCRIBE_KEY = "DescribeKey", Read;
        LIST_GRANTS = "ListGrants", Read;
        CREATE_GRANT = "CreateGrant", Write;
    }
}

/// What Auto Scaling does with the key of an encrypted disk ("Required AWS KMS key policy for use with encrypted volumes",
/// EC2 Auto Scaling user guide).
const USES: [GrantOperation; 7] = [
    GrantOperation::CreateGrant,
    GrantOperation::Decrypt,
    GrantOperation::DescribeKey,
    GrantOperation::Encrypt,
    GrantOperation::GenerateDataKeyWithoutPlaintext,
    GrantOperation::ReEncryptFrom,
    GrantOperation::ReEncryptTo,
];

impl Aws {
    /// The disks of an image that this account owns.
    ///
    /// # Errors
    /// The first call that fails; a disk that is encrypted by the key of AWS for EBS, which no other account can use.
    pub async fn image_disks(&self, image: &HostclassImage) -> Result<Vec<ImageDisk>> {
        let region = self.region(&image.region);
        if image.snapshots.is_empty() {
            return Ok(Vec::new());
        }
        let call = region.ec2().describe_snapshots().set_snapshot_ids(Some(image.snapshots.clone()));
        let found = DESCRIBE_SNAPSHOTS.call(call.send()).await?.snapshots.unwrap_or_default();
        let mut disks = Vec::new();
        let mut of_aws = BTreeMap::new();
        for snapshot in found {
            let id = DESCRIBE_SNAPSHOTS.part("id", snapshot.snapshot_id)?;
            let key = if snapshot.encrypted == Some(true) { snapshot.kms_key_id } else { None };
            if let Some(key) = &key {
                if !of_aws.contains_key(key) {
                    of_aws.insert(key.clone(), is_of_aws(&region, key).await?);
                }
                if of_aws.get(key) == Some(&true) {
                    return Err(MODIFY_SNAPSHOT_ATTRIBUTE.refused(format!(
                        "the snapshot {id} is encrypted by `aws/ebs`, the key of AWS, which no other account can use: bake the \
                         image where the default key of EBS is a key of your own, and share that one"
                    )));
                }
            }
            let shared_with = volume_permissions(&region, &id).await?;
            disks.push(ImageDisk { snapshot: id, key, shared_with });
        }
        disks.sort_by(|one, other| one.snapshot.cmp(&other.snapshot));
        Ok(disks)
    }

    /// The tags of an image as this account sees them; none where it does not see the image.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn tags_of_image(&self, region: &str, image: &str) -> Result<Option<BTreeMap<String, String>>> {
        let region = self.region(region);
        let call = region.ec2().describe_images().image_ids(image);
        let answer = ec2.found(DESCRIBE_IMAGES.call(call.send()).await)?;
        let found = answer.and_then(|answer| answer.images).unwrap_or_default().into_iter().next();
        Ok(found.map(|image| tags::map(image.tags())))
    }

    /// Whether the Auto Scaling groups of this account may use a key of another one.
    ///
    /// # Errors
    /// If AWS refuses: the policy of the key does not allow this account to look.
    pub async fn has_key_grant(&self, region: &str, account: &str, key: &str) -> Result<bool> {
        let region = self.region(region);
        let call =
            region.kms().list_grants().key_id(key).grantee_principal(scaling_role(region.name, account));
        let all = LIST_GRANTS.all(call.into_paginator().items().send()).await;
        let all = all.map_err(|error| unusable(error, key, account))?;
        Ok(all.iter().any(|grant| USES.iter().all(|one| grant.operations().contains(one))))
    }

    /// Lets the Auto Scaling groups of this account use a key of another one.
    ///
    /// # Errors
    /// If AWS refuses: the policy of the key does not allow this account to do so.
    pub async fn grant_key(&self, region: &str, account: &str, key: &str) -> Result<()> {
        let region = self.region(region);
        // A grant of the same name with the same content is made once.
        let call = region.kms().create_grant().key_id(key).name("asiaq-shared-images");
        let call =
            call.grantee_principal(scaling_role(region.name, account)).set_operations(Some(USES.into()));
        CREATE_GRANT.call(call.send()).await.map(drop).map_err(|error| unusable(error, key, account))
    }

    /// Lets an account make volumes of a snapshot of this one, or no longer.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn share_snapshot(&self, region: &str, snapshot: &str, account: &str, add: bool) -> Result<()> {
        let region = self.region(region);
        let call = region
            .ec2()
            .modify_snapshot_attribute()
            .snapshot_id(snapshot)
            .attribute(SnapshotAttributeName::CreateVolumePermission)
            .operation_type(operation(add))
            .user_ids(account);
        MODIFY_SNAPSHOT_ATTRIBUTE.call(call.send()).await?;
        let is_there = volume_permissions(&region, snapshot).await?.contains(account);
        said(is_there == add, "snapshot", snapshot)
    }

    /// Lets an account start an image of this one, or no longer.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn share_image(&self, region: &str, image: &str, account: &str, add: bool) -> Result<()> {
        let here = self.region(region);
        let call = here
            .ec2()
            .modify_image_attribute()
            .image_id(image)
            .attribute(ImageAttributeName::LaunchPermission.as_str())
            .operation_type(operation(add))
            .user_ids(account);
        MODIFY_IMAGE_ATTRIBUTE.call(call.send()).await?;
        let is_there = self.shares_of_image(region, image).await?.contains(account);
        said(is_there == add, "image", image)
    }

    /// Writes tags of an image that this account sees, or removes them.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn tag_image(
        &self,
        region: &str,
        image: &str,
        tags: &BTreeMap<String, String>,
        add: bool,
    ) -> Result<()> {
        let region = self.region(region);
        if add {
            let call = region.ec2().create_tags().resources(image).set_tags(Some(tags::list(tags)));
            return CREATE_TAGS.call(call.send()).await.map(drop);
        }
        let keys = tags.keys().map(|key| Tag::builder().key(key).build()).collect();
        let call = region.ec2().delete_tags().resources(image).set_tags(Some(keys));
        DELETE_TAGS.call(call.send()).await.map(drop)
    }
}

fn operation(add: bool) -> OperationType {
    if add { OperationType::Add } else { OperationType::Remove }
}

/// Whether AWS manages a key: its policy cannot be changed, and it has no grants of ours.
async fn is_of_aws(region: &Region<'_>, key: &str) -> Result<bool> {
    let call = region.kms().describe_key().key_id(key);
    let answer = service::kms.found(DESCRIBE_KEY.call(call.send()).await)?;
    let key = answer.and_then(|answer| answer.key_metadata);
    Ok(key.is_some_and(|key| key.key_manager == Some(KeyManagerType::Aws)))
}

async fn volume_permissions(region: &Region<'_>, snapshot: &str) -> Result<BTreeSet<String>> {
    let attribute = SnapshotAttributeName::CreateVolumePermission;
    let call = region.ec2().describe_snapshot_attribute().snapshot_id(snapshot).attribute(attribute);
    let answer = DESCRIBE_SNAPSHOT_ATTRIBUTE.call(call.send()).await?;
    Ok(answer.create_volume_permissions().iter().filter_map(|one| one.user_id.clone()).collect())
}

fn said(is_so: bool, what: &str, id: &str) -> Result<()> {
    if is_so {
        return Ok(());
    }
    Err(MODIFY_IMAGE_ATTRIBUTE.refused(format!(
        "AWS has accepted the change of the {what} {id}, and does not show it yet: run it again"
    )))
}

/// The role with which Auto Scaling starts instances in an account.
fn scaling_role(region: &str, account: &str) -> String {
    let partition = Partition::of(region).name();
    format!(
        "arn:{partition}:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
}

fn unusable(error: CloudError, key: &str, account: &str) -> CloudError {
    let message = format!(
        "{}. The policy of the key {key} has to allow the account {account} `kms:CreateGrant`, `kms:ListGrants` and the use of \
         the key, and the role has to be there: AWS makes it with the first Auto Scaling group of the account",
        error.message.trim_end_matches('.')
    );
    CloudError { message, ..error }
}
