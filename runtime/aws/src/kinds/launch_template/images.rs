//! AMIs and EBS snapshots that instances can be launched from.

use std::collections::BTreeMap;

use asiaq_ir::{ImageFact, SnapshotFact};
use aws_sdk_ec2::types::{Image, ImageState, Snapshot, SnapshotState};
use aws_smithy_types::date_time::Format;
use futures::try_join;

use crate::kinds::prelude::*;

ops! { ec2:
    DESCRIBE_IMAGES = "DescribeImages", Fact(Images);
    DESCRIBE_SNAPSHOTS = "DescribeSnapshots", Fact(Snapshots);
}

/// The caller's account, as an owner or user in a request.
const SELF: &str = "self";

/// AMIs that this account owns, and AMIs that are shared with it explicitly. Public AMIs are omitted.
pub(super) async fn images(region: &Region<'_>) -> Result<Vec<ImageFact>> {
    let request = || region.ec2().describe_images();
    let own = request().owners(SELF).into_paginator().items().send().collect();
    let shared = request().executable_users(SELF).into_paginator().items().send().collect();
    let (own, shared): (Vec<Image>, Vec<Image>) =
        try_join!(DESCRIBE_IMAGES.call(own), DESCRIBE_IMAGES.call(shared))?;
    let facts = own.iter().chain(&shared).filter_map(image);
    let by_id: BTreeMap<String, ImageFact> = facts.map(|fact| (fact.id.clone(), fact)).collect();
    Ok(by_id.into_values().collect())
}

/// EBS snapshots of this account that have a hostclass tag.
pub(super) async fn snapshots(region: &Region<'_>) -> Result<Vec<SnapshotFact>> {
    let request = region.ec2().describe_snapshots().owner_ids(SELF).filters(filter("tag-key", "hostclass"));
    let snapshots: Vec<Snapshot> = DESCRIBE_SNAPSHOTS.all(request.into_paginator().items().send()).await?;
    let mut facts: Vec<SnapshotFact> = snapshots.iter().filter_map(snapshot).collect();
    facts.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(facts)
}

fn image(image: &Image) -> Option<ImageFact> {
    let root_device = image.root_device_name.clone().unwrap_or_default();
    let mappings = image.block_device_mappings();
    let root = mappings.iter().find(|mapping| mapping.device_name() == Some(root_device.as_str()));
    let root_size = root.and_then(|mapping| mapping.ebs()?.volume_size());
    Some(ImageFact {
        id: image.image_id.clone()?,
        name: image.name.clone().unwrap_or_default(),
        owner: image.owner_id.clone().unwrap_or_default(),
        created: image.creation_date.clone().unwrap_or_default(),
        is_available: image.state() == Some(&ImageState::Available),
        tags: tags::map(image.tags()),
        root_size: root_size.and_then(|size| size.try_into().ok()),
        root_device,
        architecture: image.architecture().map(ToString::to_string).unwrap_or_default(),
    })
}

fn snapshot(snapshot: &Snapshot) -> Option<SnapshotFact> {
    let started = snapshot.start_time().and_then(|time| time.fmt(Format::DateTime).ok());
    Some(SnapshotFact {
        id: snapshot.snapshot_id.clone()?,
        started: started.unwrap_or_default(),
        is_completed: snapshot.state() == Some(&SnapshotState::Completed),
        size: snapshot.volume_size().and_then(|size| size.try_into().ok()).unwrap_or_default(),
        tags: tags::map(snapshot.tags()),
    })
}
