//! What a bake does in AWS: an instance, its key pair, and the AMI that is made from it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use asiaq_ir::{ENV_TAG, Needs, RegionFacts};
use asiaq_runtime::{
    BAKE_TAG, BAKED_FROM_TAG, BAKERY_TAG, BakeInstance, BakeKey, BakeLaunch, BakePlace, BakedImage, Result,
};
use aws_sdk_ec2::types::{
    self as sdk, AttributeBooleanValue, AttributeValue, BlockDeviceMapping, EbsBlockDevice, HttpTokensState,
    IamInstanceProfileSpecification, Image, Instance, InstanceMetadataOptionsRequest,
    InstanceNetworkInterfaceSpecification, InstanceType, Reservation, ResourceType, ShutdownBehavior,
    TagSpecification,
};
use aws_smithy_types::{Blob, base64};

use crate::config::Aws;
use crate::error;
use crate::images::MODIFY_IMAGE_ATTRIBUTE;
use crate::kinds::launch_template::{self, DESCRIBE_IMAGES};
use crate::kinds::security_group::DESCRIBE_SECURITY_GROUPS;
use crate::kinds::smoke_test::DESCRIBE_INSTANCES;
use crate::kinds::subnet::DESCRIBE_SUBNETS;
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::service::ec2;
use crate::tags::{self, filter, filter_any};

ops! { ec2:
    RUN_INSTANCES = "RunInstances", Write;
    STOP_INSTANCES = "StopInstances", Write;
    TERMINATE_INSTANCES = "TerminateInstances", Write;
    GET_CONSOLE_OUTPUT = "GetConsoleOutput", Write;
    MODIFY_INSTANCE_ATTRIBUTE = "ModifyInstanceAttribute", Write;
    IMPORT_KEY_PAIR = "ImportKeyPair", Write;
    DELETE_KEY_PAIR = "DeleteKeyPair", Write;
    CREATE_IMAGE = "CreateImage", Write;
}

/// The operations of others that bakes call too.
pub(crate) const MORE: &[Operation] = &[
    DESCRIBE_IMAGES.used_for(Access::Read),
    DESCRIBE_INSTANCES.used_for(Access::Read),
    DESCRIBE_SUBNETS.used_for(Access::Read),
    DESCRIBE_SECURITY_GROUPS.used_for(Access::Read),
    launch_template::DESCRIBE_KEY_PAIRS.used_for(Access::Read),
    launch_template::GET_PARAMETERS.used_for(Access::Read),
    crate::images::CREATE_TAGS.used_for(Access::Write),
    MODIFY_IMAGE_ATTRIBUTE,
];

/// Longest time until an instance runs or has stopped.
const INSTANCE: Duration = Duration::from_mins(15);
/// Longest time until an AMI is available. Large and encrypted disks take an hour and more.
const IMAGE: Duration = Duration::from_hours(3);
/// Time in which AWS may not find what it has just made.
const NEW: Duration = Duration::from_mins(3);

impl Aws {
    /// Where instances run in a metanetwork of an environment; none if that is not applied.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn bake_place(
        &self,
        region: &str,
        project: &str,
        env: &str,
        network: &str,
    ) -> Result<Option<BakePlace>> {
        let region = self.region(region);
        let request = region.ec2().describe_subnets().filters(tags::of_project(project));
        let subnets: Vec<sdk::Subnet> = DESCRIBE_SUBNETS.all(request.into_paginator().items().send()).await?;
        let request = region.ec2().describe_security_groups().filters(tags::of_project(project));
        let groups: Vec<sdk::SecurityGroup> =
            DESCRIBE_SECURITY_GROUPS.all(request.into_paginator().items().send()).await?;
        let is_of_network = |tags: &[sdk::Tag], part: &str| {
            let address = tags::address(tags, project);
            address.is_some_and(|address| {
                let path = address.path().strip_prefix(network).and_then(|rest| rest.strip_prefix('/'));
                address.env() == env && path.is_some_and(|path| path.starts_with(part))
            })
        };
        let group = groups.into_iter().find(|group| is_of_network(group.tags(), "security-group"));
        let subnets = subnets.into_iter().filter(|subnet| is_of_network(subnet.tags(), "subnet"));
        let subnets: Vec<String> = subnets.filter_map(|subnet| subnet.subnet_id).collect();
        let Some(group) = group.and_then(|group| group.group_id) else { return Ok(None) };
        Ok((!subnets.is_empty()).then_some(BakePlace { subnets, group }))
    }

    /// The private address of an instance of a hostclass that runs in an environment; none where there is none.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn address_of_host(
        &self,
        region: &str,
        project: &str,
        env: &str,
        hostclass: &str,
    ) -> Result<Option<IpAddr>> {
        let region = self.region(region);
        let request = region
            .ec2()
            .describe_instances()
            .filters(tags::of_project(project))
            .filters(filter(&format!("tag:{ENV_TAG}"), env))
            .filters(filter("tag:hostclass", hostclass))
            .filters(filter("instance-state-name", "running"));
        let seen: Vec<Reservation> = DESCRIBE_INSTANCES.all(request.into_paginator().items().send()).await?;
        let found = seen.iter().flat_map(Reservation::instances).filter_map(instance);
        Ok(found.filter_map(|instance| instance.private).min())
    }

    /// The AMIs that bakes start from, as `needs` asks for them.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn base_images(&self, region: &str, needs: &Needs) -> Result<RegionFacts> {
        launch_template::image_facts(&self.region(region), needs).await
    }

    /// Imports the public key of a run, in the form of OpenSSH. That it is there already, by an answer that was lost, is no
    /// error: names are unique.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn import_bake_key(
        &self,
        region: &str,
        name: &str,
        public: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<()> {
        let region = self.region(region);
        let call = region.ec2().import_key_pair().key_name(name).public_key_material(Blob::new(public));
        let call = call.set_tag_specifications(tags::tag_specifications(ResourceType::KeyPair, tags));
        match IMPORT_KEY_PAIR.call(call.send()).await {
            Err(error) if error.code == "InvalidKeyPair.Duplicate" => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Deletes a key pair. That it is gone already is no error.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn delete_bake_key(&self, region: &str, name: &str) -> Result<()> {
        let region = self.region(region);
        let call = region.ec2().delete_key_pair().key_name(name);
        ec2.found(DELETE_KEY_PAIR.call(call.send()).await).map(drop)
    }

    /// The key pairs that runs of bakes imported for a project.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn bake_keys(&self, region: &str, project: &str) -> Result<Vec<BakeKey>> {
        let region = self.region(region);
        let call = region.ec2().describe_key_pairs().filters(of_bakery(project));
        let answer = launch_template::DESCRIBE_KEY_PAIRS.call(call.send()).await?;
        let keys = answer.key_pairs.unwrap_or_default().into_iter();
        Ok(keys
            .filter_map(|key| Some(BakeKey { tags: tags::map(key.tags()), name: key.key_name? }))
            .collect())
    }

    /// Starts an instance; `token` makes a repeated call start no other one.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn run_bake(&self, region: &str, launch: &BakeLaunch, token: &str) -> Result<String> {
        let region = self.region(region);
        let interface = InstanceNetworkInterfaceSpecification::builder()
            .device_index(0)
            .subnet_id(&launch.subnet)
            .groups(&launch.group)
            .associate_public_ip_address(launch.is_public)
            .delete_on_termination(true)
            .build();
        let metadata =
            InstanceMetadataOptionsRequest::builder().http_tokens(HttpTokensState::Required).build();
        let root = EbsBlockDevice::builder().delete_on_termination(true).build();
        let root = BlockDeviceMapping::builder().device_name(&launch.root_device).ebs(root).build();
        let of = |of: ResourceType| {
            TagSpecification::builder().resource_type(of).set_tags(Some(tags::list(&launch.tags))).build()
        };
        let stop = format!("#!/bin/sh\nshutdown -P +{}\n", launch.minutes);
        let stop = (launch.minutes > 0).then(|| base64::encode(stop));
        let profile = launch
            .instance_profile
            .as_ref()
            .map(|name| IamInstanceProfileSpecification::builder().name(name).build());
        let call = region
            .ec2()
            .run_instances()
            .client_token(token)
            .image_id(&launch.image)
            .instance_type(InstanceType::from(launch.instance_type.as_str()))
            .min_count(1)
            .max_count(1)
            .key_name(&launch.key)
            .network_interfaces(interface)
            .set_iam_instance_profile(profile)
            .metadata_options(metadata)
            .set_block_device_mappings((!launch.root_device.is_empty()).then(|| vec![root]))
            .instance_initiated_shutdown_behavior(ShutdownBehavior::Terminate)
            .set_user_data(stop)
            .tag_specifications(of(ResourceType::Instance))
            .tag_specifications(of(ResourceType::Volume));
        let answer = region.retry_until_consistent(RUN_INSTANCES, || call.clone().send()).await?;
        let started = answer.instances.unwrap_or_default().into_iter().next();
        RUN_INSTANCES.part("instance", started.and_then(|instance| instance.instance_id))
    }

    /// The instances of the bakes of a project that are not gone.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn bake_instances(&self, region: &str, project: &str) -> Result<Vec<BakeInstance>> {
        let region = self.region(region);
        let found = instances(&region, of_bakery(project)).await?;
        Ok(found.into_iter().filter(|instance| !instance.is_gone()).collect())
    }

    /// Waits until an instance runs and has an address.
    ///
    /// # Errors
    /// If it ends instead, or does not run in time.
    pub async fn bake_running(&self, region: &str, id: &str) -> Result<BakeInstance> {
        self.bake_until(region, id, "the instance does not run", |instance| {
            instance.state == "running" && instance.private.is_some()
        })
        .await
    }

    /// Stops an instance and waits until it has stopped.
    ///
    /// # Errors
    /// If AWS refuses, or it does not stop in time.
    pub async fn stop_bake(&self, region: &str, id: &str) -> Result<()> {
        let region_of = self.region(region);
        let call = region_of.ec2().stop_instances().instance_ids(id);
        STOP_INSTANCES.call(call.send()).await?;
        let has_stopped = |instance: &BakeInstance| instance.state == "stopped";
        self.bake_until(region, id, "the instance has not stopped", has_stopped).await.map(drop)
    }

    async fn bake_until(
        &self,
        region: &str,
        id: &str,
        what: &str,
        is_so: impl Fn(&BakeInstance) -> bool,
    ) -> Result<BakeInstance> {
        let region = self.region(region);
        let started = std::time::Instant::now();
        let mut was_seen = false;
        let mut look = async || {
            let instance = instances(&region, filter("instance-id", id)).await?.into_iter().next();
            was_seen |= instance.is_some();
            match instance {
                Some(instance) if is_so(&instance) => Ok(Some(instance)),
                Some(instance) if instance.is_gone() => {
                    let why = instance.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                    Err(DESCRIBE_INSTANCES.refused(format!("the instance {id} was terminated{why}")))
                }
                None if was_seen || started.elapsed() > NEW => {
                    Err(DESCRIBE_INSTANCES.refused(format!("the instance {id} is gone")))
                }
                _ => Ok(None),
            }
        };
        // A wait of its own, because the look remembers.
        let mut wait = region.wait(INSTANCE);
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if !wait.pause(&format!("{what} yet")).await {
                let what = format!("{what} after {} minutes", INSTANCE.as_secs() / 60);
                return Err(error::timed_out(DESCRIBE_INSTANCES.name, what));
            }
        }
    }

    /// Terminates an instance. That it is gone already is no error.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn terminate_bake(&self, region: &str, id: &str) -> Result<()> {
        let region = self.region(region);
        let call = region.ec2().terminate_instances().instance_ids(id);
        ec2.found(TERMINATE_INSTANCES.call(call.send()).await).map(drop)
    }

    /// Sets tags of what a bake has made.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn tag_bake(&self, region: &str, id: &str, tags: &BTreeMap<String, String>) -> Result<()> {
        let region = self.region(region);
        let call = region.ec2().create_tags().resources(id).set_tags(Some(tags::list(tags)));
        let operation = crate::images::CREATE_TAGS;
        region.retry_until_consistent(operation, || call.clone().send()).await.map(drop)
    }

    /// What an instance has written to its console so far; none where AWS has none yet.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn bake_console(&self, region: &str, id: &str) -> Result<Option<String>> {
        let region = self.region(region);
        // Instances on Nitro have the latest output; others have what AWS keeps.
        let call = |latest: bool| region.ec2().get_console_output().instance_id(id).latest(latest).send();
        let answer = match GET_CONSOLE_OUTPUT.call(call(true)).await {
            Err(error) if error.code == "UnsupportedOperation" => GET_CONSOLE_OUTPUT.call(call(false)).await,
            answer => answer,
        };
        let text = ec2.found(answer)?.and_then(|answer| answer.output);
        let decoded = text.and_then(|text| base64::decode(text).ok());
        let text = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    /// Switches enhanced networking (ENA) on for a stopped instance; its AMI takes it over.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn enable_bake_ena(&self, region: &str, id: &str) -> Result<()> {
        let region = self.region(region);
        let on = AttributeBooleanValue::builder().value(true).build();
        let call = region.ec2().modify_instance_attribute().instance_id(id).ena_support(on);
        MODIFY_INSTANCE_ATTRIBUTE.call(call.send()).await.map(drop)
    }

    /// Makes an AMI of a stopped instance. The image and its snapshots are born with `tags`. One of that name that this bake
    /// has made already is taken up: an answer may have been lost.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn create_bake_image(
        &self,
        region: &str,
        instance: &str,
        (name, description): (&str, &str),
        tags: &BTreeMap<String, String>,
    ) -> Result<String> {
        let region = self.region(region);
        if let Some(id) = image_named(&region, name, tags).await? {
            return Ok(id);
        }
        let of = |of: ResourceType| {
            TagSpecification::builder().resource_type(of).set_tags(Some(tags::list(tags))).build()
        };
        let call = region
            .non_idempotent_client()
            .create_image()
            .instance_id(instance)
            .name(name)
            .description(description)
            .no_reboot(true)
            .tag_specifications(of(ResourceType::Image))
            .tag_specifications(of(ResourceType::Snapshot));
        match CREATE_IMAGE.call(call.send()).await {
            Ok(answer) => CREATE_IMAGE.part("image", answer.image_id),
            Err(error) if error::unsure(&error) || error.code == "InvalidAMIName.Duplicate" => {
                let limit = region.timeouts().name_taken;
                let mut wait = region.wait(limit);
                loop {
                    if let Some(id) = image_named(&region, name, tags).await? {
                        return Ok(id);
                    }
                    if !wait.pause("the image is not listed yet").await {
                        return Err(error);
                    }
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Waits until an AMI is available and each of its disks has a snapshot.
    ///
    /// # Errors
    /// If AWS cannot make it, or it is not available in time; it stays then, and AWS goes on.
    pub async fn bake_available(&self, region: &str, id: &str) -> Result<BakedImage> {
        let region = self.region(region);
        let started = std::time::Instant::now();
        let mut was_seen = false;
        let mut wait = region.wait(IMAGE);
        loop {
            let image = images(&region, filter("image-id", id)).await?.into_iter().next();
            was_seen |= image.is_some();
            match image {
                Some(image) if image.state == "available" && image.snapshots.iter().all(Option::is_some) => {
                    return Ok(image);
                }
                Some(image)
                    if ["failed", "error", "invalid", "deregistered"].contains(&image.state.as_str()) =>
                {
                    let why = image.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                    return Err(DESCRIBE_IMAGES.refused(format!("the AMI {id} is `{}`{why}", image.state)));
                }
                None if was_seen || started.elapsed() > NEW => {
                    return Err(DESCRIBE_IMAGES.refused(format!("the AMI {id} is gone")));
                }
                Some(_) | None => {}
            }
            if !wait.pause("the AMI is not available yet").await {
                let hours = IMAGE.as_secs() / 3600;
                let what = format!("the AMI {id} is not available after {hours} hours");
                return Err(error::timed_out(DESCRIBE_IMAGES.name, what));
            }
        }
    }

    /// The AMIs of the bakes of a project.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn bake_images(&self, region: &str, project: &str) -> Result<Vec<BakedImage>> {
        images(&self.region(region), of_bakery(project)).await
    }

    /// An AMI by its id; none where there is none.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn bake_image(&self, region: &str, id: &str) -> Result<Option<BakedImage>> {
        Ok(images(&self.region(region), filter("image-id", id)).await?.into_iter().next())
    }

    /// Has instances of an AMI use tokens for their metadata. AWS never takes this back.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn require_bake_tokens(&self, region: &str, image: &str) -> Result<()> {
        let region = self.region(region);
        let version = AttributeValue::builder().value("v2.0").build();
        let call = region.ec2().modify_image_attribute().image_id(image).imds_support(version);
        region.retry_until_consistent(MODIFY_IMAGE_ATTRIBUTE, || call.clone().send()).await.map(drop)
    }
}

fn of_bakery(project: &str) -> sdk::Filter {
    filter(&format!("tag:{BAKERY_TAG}"), project)
}

async fn instances(region: &Region<'_>, wanted: sdk::Filter) -> Result<Vec<BakeInstance>> {
    // A filter, because EC2 rejects ids of instances that it does not list yet.
    let request = region.ec2().describe_instances().filters(wanted);
    let seen: Vec<Reservation> = DESCRIBE_INSTANCES.all(request.into_paginator().items().send()).await?;
    Ok(seen.iter().flat_map(Reservation::instances).filter_map(instance).collect())
}

fn instance(instance: &Instance) -> Option<BakeInstance> {
    let address = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let state = instance.state().and_then(|state| state.name());
    Some(BakeInstance {
        id: instance.instance_id.clone()?,
        state: state.map(ToString::to_string).unwrap_or_default(),
        reason: instance.state_reason().and_then(|reason| reason.message.clone()),
        public: address(instance.public_ip_address()),
        private: address(instance.private_ip_address()),
        tags: tags::map(instance.tags()),
    })
}

async fn images(region: &Region<'_>, wanted: sdk::Filter) -> Result<Vec<BakedImage>> {
    let request = region.ec2().describe_images().include_deprecated(true).filters(wanted);
    let all: Vec<Image> = DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?;
    Ok(all.iter().filter_map(image).collect())
}

fn image(image: &Image) -> Option<BakedImage> {
    let disks = image.block_device_mappings().iter().filter_map(|mapping| mapping.ebs());
    let snapshots = disks.map(|disk| disk.snapshot_id.clone().filter(|id| !id.is_empty()));
    let text = |name: &str, value: Option<String>| Some((name.to_owned(), value?));
    let features = [
        text("architecture", image.architecture().map(ToString::to_string)),
        text("boot mode", image.boot_mode().map(ToString::to_string)),
        text("enhanced networking (ENA)", image.ena_support.filter(|on| *on).map(|_| "on".to_owned())),
        text("enhanced networking (SR-IOV)", image.sriov_net_support.clone()),
    ];
    Some(BakedImage {
        id: image.image_id.clone()?,
        name: image.name.clone().unwrap_or_default(),
        state: image.state().map(ToString::to_string).unwrap_or_default(),
        reason: image.state_reason().and_then(|reason| reason.message.clone()),
        snapshots: snapshots.collect(),
        tags: tags::map(image.tags()),
        features: features.into_iter().flatten().collect(),
    })
}

/// The AMI of a name, if this bake has made it.
async fn image_named(
    region: &Region<'_>,
    name: &str,
    tags: &BTreeMap<String, String>,
) -> Result<Option<String>> {
    let request =
        region.ec2().describe_images().owners("self").filters(filter_any("name", &[name.to_owned()]));
    let all: Vec<Image> = DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?;
    let is_own = |image: &&Image| {
        [BAKE_TAG, BAKED_FROM_TAG]
            .iter()
            .all(|key| tags::get(image.tags(), key) == tags.get(*key).map(String::as_str))
    };
    Ok(all.iter().find(is_own).and_then(|image| image.image_id.clone()))
}
