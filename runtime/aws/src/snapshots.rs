//! EBS snapshots of the disks of hostclasses, and what is done with them.

mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asiaq_runtime::{DiskVolume, HostclassSnapshot, Result, TEMPORARY_TAG, TemporaryVolume};
use aws_sdk_ec2::types::{
    AvailabilityZone, Instance, Reservation, ResourceType, Snapshot, SnapshotState, Volume, VolumeState,
    VolumeType,
};
use aws_smithy_types::date_time::Format;

use crate::config::Aws;
use crate::error;
use crate::images::{self, DELETE_SNAPSHOT};
use crate::kinds::autoscaling_group::DESCRIBE_AUTO_SCALING_GROUPS;
use crate::kinds::ec2_tags::{self, CREATE_TAGS, DELETE_TAGS};
use crate::kinds::launch_template::{
    DESCRIBE_IMAGES, DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, DESCRIBE_LAUNCH_TEMPLATES, DESCRIBE_SNAPSHOTS,
};
use crate::kinds::smoke_test::DESCRIBE_INSTANCES;
use crate::kinds::subnet::DESCRIBE_AVAILABILITY_ZONES;
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::service::ec2;
use crate::tags::{self, filter};

ops! { ec2:
    DESCRIBE_VOLUMES = "DescribeVolumes", Read;
    CREATE_VOLUME = "CreateVolume", Write;
    DELETE_VOLUME = "DeleteVolume", Write;
    CREATE_SNAPSHOT = "CreateSnapshot", Write;
}

/// The operations of others that the commands call too.
pub(crate) const MORE: &[Operation] = &[
    DESCRIBE_SNAPSHOTS.used_for(Access::Read),
    DESCRIBE_IMAGES.used_for(Access::Read),
    DESCRIBE_INSTANCES.used_for(Access::Read),
    DESCRIBE_LAUNCH_TEMPLATES.used_for(Access::Read),
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS.used_for(Access::Read),
    DESCRIBE_AUTO_SCALING_GROUPS.used_for(Access::Read),
    DESCRIBE_AVAILABILITY_ZONES.used_for(Access::Read),
    images::DESCRIBE_SPOT_INSTANCE_REQUESTS,
    images::DESCRIBE_LAUNCH_CONFIGURATIONS,
    DELETE_SNAPSHOT.used_for(Access::Write),
    CREATE_TAGS.used_for(Access::Write),
    DELETE_TAGS.used_for(Access::Write),
];

/// Longest time until an empty volume can be used.
const VOLUME: Duration = Duration::from_mins(10);
/// Longest time until the snapshot of an empty volume is whole.
const EMPTY: Duration = Duration::from_mins(30);

impl Aws {
    /// The snapshots that the account owns in a region and that have the tags of a hostclass and an environment.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn snapshots(&self, region: &str, account: &str) -> Result<Vec<HostclassSnapshot>> {
        let region = self.region(region);
        let request = region
            .ec2()
            .describe_snapshots()
            .owner_ids("self")
            .filters(filter("tag-key", "hostclass"))
            .filters(filter("tag-key", "env"));
        let all: Vec<Snapshot> = DESCRIBE_SNAPSHOTS.all(request.into_paginator().items().send()).await?;
        Ok(all.iter().filter_map(|snapshot| read(snapshot, account, region.name)).collect())
    }

    /// What uses snapshots in a region, in words, by snapshot: AMIs, launch templates in any version, launch configurations,
    /// Spot requests, and volumes that are being made of them.
    ///
    /// # Errors
    /// The first call that fails: what cannot be read may use a snapshot.
    pub async fn uses_of_snapshots(
        &self,
        region: &str,
        snapshots: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, BTreeSet<String>>> {
        uses::all(&self.region(region), snapshots).await
    }

    /// Deletes a snapshot; returns whether it is gone. One that something uses stays.
    ///
    /// # Errors
    /// If AWS refuses otherwise.
    pub async fn delete_snapshot(&self, region: &str, id: &str) -> Result<bool> {
        let left = images::delete_snapshots(&self.region(region), &[id.to_owned()]).await?;
        Ok(left.is_empty())
    }

    /// Sets and removes tags of snapshots.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn tag_snapshots(
        &self,
        region: &str,
        ids: &[String],
        set: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<()> {
        ec2_tags::change(&self.region(region), ids, set, remove).await
    }

    /// An Availability Zone of a region in which volumes can be made: the first by name.
    ///
    /// # Errors
    /// If AWS refuses, or there is none.
    pub async fn any_zone(&self, region: &str) -> Result<String> {
        let region = self.region(region);
        let call = region
            .ec2()
            .describe_availability_zones()
            .filters(filter("state", "available"))
            .filters(filter("zone-type", "availability-zone"));
        let answer = DESCRIBE_AVAILABILITY_ZONES.call(call.send()).await?;
        let zones: Vec<AvailabilityZone> = answer.availability_zones.unwrap_or_default();
        let zone = zones.into_iter().filter_map(|zone| zone.zone_name).min();
        DESCRIBE_AVAILABILITY_ZONES.part("zone", zone)
    }

    /// Makes an empty volume that is there for a snapshot; `token` makes a repeated call make no other one.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn create_empty_volume(
        &self,
        region: &str,
        zone: &str,
        (size, encrypted): (u32, bool),
        tags: &BTreeMap<String, String>,
        token: &str,
    ) -> Result<String> {
        let region = self.region(region);
        let call = region
            .ec2()
            .create_volume()
            .client_token(token)
            .availability_zone(zone)
            .volume_type(VolumeType::Gp3)
            .set_size(i32::try_from(size).ok())
            .encrypted(encrypted)
            .set_tag_specifications(tags::tag_specifications(ResourceType::Volume, tags));
        let made = CREATE_VOLUME.call(call.send()).await?;
        CREATE_VOLUME.part("id", made.volume_id)
    }

    /// Waits until a new volume can be used.
    ///
    /// # Errors
    /// If AWS cannot make it, or it cannot be used in time.
    pub async fn volume_available(&self, region: &str, id: &str) -> Result<()> {
        let region = self.region(region);
        let look = || async {
            match volumes(&region, filter("volume-id", id)).await?.first().and_then(Volume::state) {
                Some(VolumeState::Available) => Ok(Some(())),
                Some(VolumeState::Error) => {
                    Err(CREATE_VOLUME.refused(format!("the volume {id} cannot be used: AWS says `error`")))
                }
                _ => Ok(None),
            }
        };
        region.poll(DESCRIBE_VOLUMES.name, "the volume is not available", VOLUME, look).await
    }

    /// Begins a snapshot of a volume. The snapshot is born with `tags`. One of this description that an answer which was
    /// lost tells of is taken up.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn create_snapshot(
        &self,
        region: &str,
        volume: &str,
        description: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<String> {
        let region = self.region(region);
        let call = region
            .non_idempotent_client()
            .create_snapshot()
            .volume_id(volume)
            .description(description)
            .set_tag_specifications(tags::tag_specifications(ResourceType::Snapshot, tags));
        match CREATE_SNAPSHOT.call(call.send()).await {
            Ok(made) => CREATE_SNAPSHOT.part("id", made.snapshot_id),
            Err(error) if error::unsure(&error) => {
                let mut wait = region.wait(region.timeouts().name_taken);
                loop {
                    let request = region
                        .ec2()
                        .describe_snapshots()
                        .owner_ids("self")
                        .filters(filter("volume-id", volume))
                        .filters(filter("description", description));
                    let found: Vec<Snapshot> =
                        DESCRIBE_SNAPSHOTS.all(request.into_paginator().items().send()).await?;
                    if let Some(id) = found.into_iter().find_map(|one| one.snapshot_id) {
                        return Ok(id);
                    }
                    if !wait.pause("the snapshot is not listed yet").await {
                        return Err(error);
                    }
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Waits until the snapshot of an empty volume is whole; returns whether it is encrypted.
    ///
    /// # Errors
    /// If AWS cannot make it, or it is not whole in time.
    pub async fn snapshot_completed(&self, region: &str, id: &str) -> Result<bool> {
        let region = self.region(region);
        let look = || async {
            let request =
                region.ec2().describe_snapshots().owner_ids("self").filters(filter("snapshot-id", id));
            let found: Vec<Snapshot> =
                DESCRIBE_SNAPSHOTS.all(request.into_paginator().items().send()).await?;
            let Some(one) = found.first() else { return Ok(None) };
            match one.state() {
                Some(SnapshotState::Completed) => Ok(Some(one.encrypted == Some(true))),
                Some(SnapshotState::Error) => {
                    let why = one.state_message().unwrap_or("AWS says `error`");
                    Err(CREATE_SNAPSHOT.refused(format!("the snapshot {id} cannot be made: {why}")))
                }
                _ => Ok(None),
            }
        };
        region.poll(DESCRIBE_SNAPSHOTS.name, "the snapshot is not whole", EMPTY, look).await
    }

    /// Deletes a volume. That it is gone already is no error.
    ///
    /// # Errors
    /// If AWS refuses, or something uses it all the time.
    pub async fn delete_volume(&self, region: &str, id: &str) -> Result<()> {
        let region = self.region(region);
        let call = region.ec2().delete_volume().volume_id(id);
        region.retry_while_in_use(DELETE_VOLUME, || call.clone().send()).await
    }

    /// The volumes that runs of a project made for snapshots and that are still there.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn temporary_volumes(
        &self,
        region: &str,
        account: &str,
        project: &str,
    ) -> Result<Vec<TemporaryVolume>> {
        let region = self.region(region);
        let all = volumes(&region, filter("tag-key", TEMPORARY_TAG)).await?;
        let place = (account, region.name);
        Ok(all
            .iter()
            .filter_map(|one| TemporaryVolume::read(one.volume_id()?, place, project, &tags::map(one.tags())))
            .collect())
    }

    /// A volume; none where there is none.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn disk_volume(&self, region: &str, id: &str) -> Result<Option<DiskVolume>> {
        let region = self.region(region);
        let Some(volume) = volumes(&region, filter("volume-id", id)).await?.into_iter().next() else {
            return Ok(None);
        };
        let Some(place) = volume.attachments().first() else {
            return Ok(Some(DiskVolume { instance: None, device: None, is_root: false }));
        };
        let (instance, device) = (place.instance_id.clone(), place.device.clone());
        let wanted = filter("instance-id", instance.as_deref().unwrap_or_default());
        let request = region.ec2().describe_instances().filters(wanted);
        let seen: Vec<Reservation> = DESCRIBE_INSTANCES.all(request.into_paginator().items().send()).await?;
        let root = seen.iter().flat_map(Reservation::instances).find_map(Instance::root_device_name);
        Ok(Some(DiskVolume { is_root: root.is_some() && root == device.as_deref(), instance, device }))
    }
}

async fn volumes(region: &Region<'_>, wanted: aws_sdk_ec2::types::Filter) -> Result<Vec<Volume>> {
    // A filter, because EC2 refuses ids of volumes that it does not list yet.
    let request = region.ec2().describe_volumes().filters(wanted);
    ec2.found(DESCRIBE_VOLUMES.all(request.into_paginator().items().send()).await)
        .map(Option::unwrap_or_default)
}

fn read(snapshot: &Snapshot, account: &str, region: &str) -> Option<HostclassSnapshot> {
    let mut tags = tags::map(snapshot.tags());
    let started = snapshot.start_time();
    // These take snapshots of their own with the tags of volumes, and delete them themselves.
    let services = [("aws:backup:", "AWS Backup"), ("aws:dlm:", "Data Lifecycle Manager")];
    let managers = services.iter().filter(|(start, _)| tags.keys().any(|key| key.starts_with(start)));
    Some(HostclassSnapshot {
        id: snapshot.snapshot_id.clone()?,
        used_by: managers.map(|(_, name)| format!("{name}, which made it")).collect(),
        hostclass: tags.remove("hostclass")?,
        environment: tags.remove("env")?,
        account: account.to_owned(),
        region: region.to_owned(),
        state: snapshot.state().map(ToString::to_string).unwrap_or_default(),
        started: started.and_then(|time| time.fmt(Format::DateTime).ok()).unwrap_or_default(),
        created: started.map(aws_smithy_types::DateTime::secs).unwrap_or_default(),
        size: snapshot.volume_size().and_then(|size| size.try_into().ok()).unwrap_or_default(),
        encrypted: snapshot.encrypted == Some(true),
        product_line: tags.remove("productline"),
        description: snapshot.description.clone().filter(|text| !text.is_empty()),
        volume: snapshot.volume_id.clone(),
        is_next: false,
    })
}
