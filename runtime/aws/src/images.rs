//! The images of hostclasses, what uses them, and what is done with them beside bakes.

mod shares;
mod uses;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::image_name;
use asiaq_runtime::{HostclassImage, Result, SHARING_TAG};
use aws_sdk_ec2::types::{Image, LaunchPermission, PermissionGroup, Snapshot};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::config::Aws;
use crate::kinds::autoscaling_group::DESCRIBE_AUTO_SCALING_GROUPS;
use crate::kinds::launch_template::{
    DESCRIBE_IMAGES, DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, DESCRIBE_LAUNCH_TEMPLATES, DESCRIBE_SNAPSHOTS,
    GET_PARAMETERS,
};
use crate::kinds::smoke_test::DESCRIBE_INSTANCES;
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::service::ec2;
use crate::tags::{self, filter};

pub(crate) use shares::MODIFY_IMAGE_ATTRIBUTE;
pub(crate) use uses::{
    DESCRIBE_LAUNCH_CONFIGURATIONS, DESCRIBE_SPOT_INSTANCE_REQUESTS, Uses, configuration_name,
    launch_configurations, open_spot_requests, request_name, template_versions, version_name,
};

ops! { ec2:
    DESCRIBE_IMAGE_ATTRIBUTE = "DescribeImageAttribute", Read;
    CREATE_TAGS = "CreateTags", Write;
    DEREGISTER_IMAGE = "DeregisterImage", Write;
    DELETE_SNAPSHOT = "DeleteSnapshot", Write;
}

/// The operations of others that the commands call too.
pub(crate) const MORE: &[Operation] = &[
    DESCRIBE_IMAGES.used_for(Access::Read),
    DESCRIBE_SNAPSHOTS.used_for(Access::Read),
    DESCRIBE_INSTANCES.used_for(Access::Read),
    DESCRIBE_LAUNCH_TEMPLATES.used_for(Access::Read),
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS.used_for(Access::Read),
    DESCRIBE_AUTO_SCALING_GROUPS.used_for(Access::Read),
    GET_PARAMETERS.used_for(Access::Read),
];

/// The operations that share an image.
pub(crate) const SHARES: &[Operation] = shares::OPS;

/// What else a deploy calls to share one.
pub(crate) const SHARING: &[Operation] =
    &[DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_SNAPSHOTS.used_for(Access::Read)];

/// The operations that find out what uses an image.
pub(crate) const USES: &[Operation] = uses::OPS;

/// Tag of a snapshot whose image is being deleted: the id of the image. A run that ends between the two is finished by it.
const IMAGE_TAG: &str = "asiaq:image";
/// Tag of an image: its last promotion.
const PROMOTED_TAG: &str = "asiaq:promoted";
/// Most characters of a tag's value (EC2 user guide, "Tag restrictions").
const TAG_VALUE: usize = 256;

impl Aws {
    /// The images of hostclasses that the account owns in a region: of these hostclasses, or of all.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn images(
        &self,
        region: &str,
        hostclasses: Option<&BTreeSet<String>>,
    ) -> Result<Vec<HostclassImage>> {
        let region = self.region(region);
        let request = region.ec2().describe_images().owners("self").include_deprecated(true);
        let all: Vec<Image> = DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?;
        let images = all.iter().filter_map(|image| read(image, region.name));
        let is_meant = |image: &HostclassImage| {
            hostclasses.is_none_or(|hostclasses| hostclasses.contains(&image.hostclass))
        };
        Ok(images.filter(is_meant).collect())
    }

    /// What uses images in a region, in words, by image: instances, launch templates in any version, launch
    /// configurations, Spot requests, and these parameters.
    ///
    /// # Errors
    /// The first call that fails: what cannot be read may use an image.
    pub async fn uses_of_images(
        &self,
        region: &str,
        images: &BTreeSet<String>,
        parameters: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>> {
        uses::all(&self.region(region), images, parameters).await
    }

    /// The accounts that an image of this account is shared with, by id or ARN; `all` if it is public.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn shares_of_image(&self, region: &str, image: &str) -> Result<BTreeSet<String>> {
        let region = self.region(region);
        let attribute = aws_sdk_ec2::types::ImageAttributeName::LaunchPermission;
        let call = region.ec2().describe_image_attribute().image_id(image).attribute(attribute);
        let answer = ec2.found(DESCRIBE_IMAGE_ATTRIBUTE.call(call.send()).await)?;
        let permissions = answer.and_then(|answer| answer.launch_permissions).unwrap_or_default();
        Ok(permissions.into_iter().filter_map(shared_with).collect())
    }

    /// Writes the stage of an image, and that it was promoted.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn promote_image(&self, region: &str, image: &str, stage: &str, note: &str) -> Result<()> {
        let region = self.region(region);
        let note: String = note.chars().take(TAG_VALUE).collect();
        let tags = BTreeMap::from([("stage".to_owned(), stage.to_owned()), (PROMOTED_TAG.to_owned(), note)]);
        let call = region.ec2().create_tags().resources(image).set_tags(Some(tags::list(&tags)));
        CREATE_TAGS.call(call.send()).await.map(drop)
    }

    /// Deregisters an image and deletes its snapshots. They are tagged with its id first, so that
    /// [`Aws::snapshots_left`] finds them if the run ends in between. Returns the snapshots that stay because something
    /// else uses them.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn delete_image(&self, region: &str, image: &HostclassImage) -> Result<Vec<String>> {
        let region = self.region(region);
        if !image.snapshots.is_empty() {
            let tags = BTreeMap::from([(IMAGE_TAG.to_owned(), image.id.clone())]);
            let call = region.ec2().create_tags().set_resources(Some(image.snapshots.clone()));
            CREATE_TAGS.call(call.set_tags(Some(tags::list(&tags))).send()).await?;
        }
        let call = region.ec2().deregister_image().image_id(&image.id);
        match DEREGISTER_IMAGE.call(call.send()).await {
            Err(error) if error.code == "InvalidAMIID.Unavailable" || ec2.is_not_found(&error) => {}
            answer => drop(answer?),
        }
        delete_snapshots(&region, &image.snapshots).await
    }

    /// The snapshots of images that an earlier run has deregistered, by image.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn snapshots_left(&self, region: &str) -> Result<BTreeMap<String, Vec<String>>> {
        let region = self.region(region);
        let request =
            region.ec2().describe_snapshots().owner_ids("self").filters(filter("tag-key", IMAGE_TAG));
        let all: Vec<Snapshot> = DESCRIBE_SNAPSHOTS.all(request.into_paginator().items().send()).await?;
        let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for snapshot in all {
            let image = tags::get(snapshot.tags(), IMAGE_TAG).map(ToOwned::to_owned);
            if let (Some(image), Some(id)) = (image, snapshot.snapshot_id) {
                of.entry(image).or_default().push(id);
            }
        }
        if of.is_empty() {
            return Ok(of);
        }
        // An image that is still there is not deleted.
        let request = region.ec2().describe_images().owners("self").include_deprecated(true);
        let images: Vec<Image> = DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?;
        let live: BTreeSet<&str> = images.iter().filter_map(Image::image_id).collect();
        of.retain(|image, _| !live.contains(image.as_str()));
        Ok(of)
    }

    /// Deletes snapshots; returns those that stay because something uses them.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn delete_image_snapshots(&self, region: &str, snapshots: &[String]) -> Result<Vec<String>> {
        delete_snapshots(&self.region(region), snapshots).await
    }
}

/// Deletes snapshots; returns those that stay because something uses them.
pub(crate) async fn delete_snapshots(region: &Region<'_>, snapshots: &[String]) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for snapshot in snapshots {
        let call = region.ec2().delete_snapshot().snapshot_id(snapshot);
        match DELETE_SNAPSHOT.call(call.send()).await {
            // Another image has it.
            Err(error) if ec2.is_in_use(&error) => left.push(snapshot.clone()),
            Err(error) if ec2.is_not_found(&error) => {}
            answer => drop(answer?),
        }
    }
    Ok(left)
}

fn shared_with(permission: LaunchPermission) -> Option<String> {
    let everybody = (permission.group == Some(PermissionGroup::All)).then(|| "all".to_owned());
    let organization = permission.organization_arn.or(permission.organizational_unit_arn);
    permission.user_id.or(everybody).or(organization)
}

/// An image of a hostclass, which its name says.
fn read(image: &Image, region: &str) -> Option<HostclassImage> {
    let tags = tags::map(image.tags());
    let (hostclass, made) = image_name(image.name()?)?;
    let created = image.creation_date().and_then(|date| DateTime::from_str(date, Format::DateTime).ok());
    let disks = image.block_device_mappings().iter().filter_map(|mapping| mapping.ebs());
    Some(HostclassImage {
        id: image.image_id.clone()?,
        name: image.name.clone()?,
        hostclass: hostclass.to_owned(),
        account: image.owner_id.clone().unwrap_or_default(),
        region: region.to_owned(),
        stage: tags.get("stage").cloned(),
        product_line: tags.get("productline").cloned(),
        is_private: tags.get("is_private").is_some_and(|is| is.eq_ignore_ascii_case("true")),
        state: image.state().map(ToString::to_string).unwrap_or_default(),
        created: created.map_or(i64::try_from(made).unwrap_or(i64::MAX), |date| date.secs()),
        snapshots: disks.filter_map(|disk| disk.snapshot_id.clone()).filter(|id| !id.is_empty()).collect(),
        promoted: tags.get(PROMOTED_TAG).cloned(),
        is_half_shared: tags.contains_key(SHARING_TAG),
        used_by: Vec::new(),
    })
}
