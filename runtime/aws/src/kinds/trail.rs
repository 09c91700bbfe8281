mod selectors;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Ref, Trail};
use aws_sdk_cloudtrail::types::{Tag, Trail as Live};

use super::prelude::*;
use super::values::name_of;
use crate::service::{DUPLICATE_TRAIL, cloudtrail};
use crate::tag_batches;

ops! { cloudtrail:
    DESCRIBE_TRAILS = "DescribeTrails", Read;
    GET_TRAIL_STATUS = "GetTrailStatus", Own;
    LIST_TAGS = "ListTags", Read;
    CREATE_TRAIL = "CreateTrail", Write;
    UPDATE_TRAIL = "UpdateTrail", Write;
    START_LOGGING = "StartLogging", Write;
    STOP_LOGGING = "StopLogging", Write;
    ADD_TAGS = "AddTags", Write;
    REMOVE_TAGS = "RemoveTags", Write;
    DELETE_TRAIL = "DeleteTrail", Delete;
}

/// Trails that one call asks the tags of.
const BATCH: usize = 20;

/// The trails of the account whose home is the region.
pub(crate) async fn of_region(region: &Region<'_>) -> Result<Vec<Live>> {
    Trail::describe(region, Which::OfProject("")).await
}

impl Api for Trail {
    type Live = Live;
    type Tags = TrailTags;

    const OPERATIONS: IamActions = &[OPS, selectors::OPS];
    const DESCRIBE: Operation = DESCRIBE_TRAILS;
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_TRAIL, DUPLICATE_TRAIL, |trail| &trail.name));

    /// The trails of the account whose home is the region: not those that another region, or the organization, shows here
    /// too.
    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let name = match which {
            Which::OfProject(_) => None,
            Which::Id(arn) => Some(name_of(arn)),
            Which::InPlaceOf(wanted) => Some(wanted.name.as_str()),
        };
        let call = region.cloudtrail().describe_trails().include_shadow_trails(false);
        let call = call.set_trail_name_list(name.map(|name| vec![name.to_owned()]));
        let trails = DESCRIBE_TRAILS.call(call.send()).await?.trail_list.unwrap_or_default();
        if trails.is_empty() {
            return Ok(trails);
        }
        let account = region.account().await?;
        let is_here = |trail: &Live| {
            trail.home_region().is_none_or(|home| home == region.name)
                && trail.trail_arn().and_then(|arn| arn.split(':').nth(4)) == Some(account)
                && name.is_none_or(|name| trail.name() == Some(name))
        };
        Ok(trails.into_iter().filter(is_here).collect())
    }

    fn id(trail: &Live) -> Option<&str> {
        trail.trail_arn()
    }

    async fn read(region: &Region<'_>, trail: &Live) -> Result<Option<Self>> {
        let Some(name) = trail.name() else { return Ok(None) };
        let call = region.cloudtrail().get_trail_status().name(name);
        let Some(status) = cloudtrail.found(GET_TRAIL_STATUS.call(call.send()).await)? else {
            return Ok(None);
        };
        let (management, data) = selectors::read(region, name).await?;
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        Ok(Some(Self {
            name: name.to_owned(),
            bucket: Ref::Id(trail.s3_bucket_name.clone().unwrap_or_default()),
            prefix: text(trail.s3_key_prefix()),
            multi_region: trail.is_multi_region_trail.unwrap_or_default(),
            global_events: trail.include_global_service_events.unwrap_or_default(),
            organization: trail.is_organization_trail.unwrap_or_default(),
            validation: trail.log_file_validation_enabled.unwrap_or_default(),
            kms_key: text(trail.kms_key_id()),
            log_group: text(trail.cloud_watch_logs_log_group_arn()),
            log_role: text(trail.cloud_watch_logs_role_arn()),
            topic: text(trail.sns_topic_arn()).map(Ref::Id),
            logging: status.is_logging.unwrap_or_default(),
            management,
            data,
        }))
    }

    /// AWS checks that it may write to the bucket, whose policy may have been written just before.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .cloudtrail()
            .create_trail()
            .name(&self.name)
            .set_s3_bucket_name(id_of(&self.bucket))
            .set_s3_key_prefix(self.prefix.clone())
            .is_multi_region_trail(self.multi_region)
            .include_global_service_events(self.global_events)
            .is_organization_trail(self.organization)
            .enable_log_file_validation(self.validation)
            .set_kms_key_id(self.kms_key.clone())
            .set_cloud_watch_logs_log_group_arn(self.log_group.clone())
            .set_cloud_watch_logs_role_arn(self.log_role.clone())
            .set_sns_topic_name(self.topic.as_ref().and_then(|topic| topic_name(region, topic)))
            .set_tags_list(Some(sdk_tags(request.tags)).filter(|tags| !tags.is_empty()));
        let made = region.retry_until_consistent(CREATE_TRAIL, || call.clone().send()).await?;
        let initial = Self {
            logging: false,
            management: Some(selectors::USUAL.to_owned()),
            data: BTreeSet::new(),
            ..self.clone()
        };
        Ok(Created::ready(CREATE_TRAIL.part("ARN", made.trail_arn)?, initial))
    }

    async fn update(&self, region: &Region<'_>, _: &str, wanted: &Self) -> Result<()> {
        let is_other = |live: &Self| {
            let rest = Self {
                logging: wanted.logging,
                management: wanted.management.clone(),
                data: wanted.data.clone(),
                ..live.clone()
            };
            rest != *wanted
        };
        if is_other(self) {
            change(region, wanted).await?;
        }
        if (&self.management, &self.data) != (&wanted.management, &wanted.data) {
            selectors::set(region, wanted).await?;
        }
        match (self.logging, wanted.logging) {
            (false, true) => {
                let call = region.cloudtrail().start_logging().name(&wanted.name);
                region.retry_until_consistent(START_LOGGING, || call.clone().send()).await.map(drop)
            }
            (true, false) => {
                let call = region.cloudtrail().stop_logging().name(&wanted.name);
                region.retry_until_consistent(STOP_LOGGING, || call.clone().send()).await.map(drop)
            }
            (true, true) | (false, false) => Ok(()),
        }
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.cloudtrail().delete_trail().name(name_of(id));
        region.retry_while_in_use(DELETE_TRAIL, || call.clone().send()).await
    }
}

/// Changes the trail itself. AWS keeps what a call does not say: an empty text takes it away.
async fn change(region: &Region<'_>, wanted: &Trail) -> Result<()> {
    let text = |text: Option<&String>| Some(text.cloned().unwrap_or_default());
    let topic = wanted.topic.as_ref().and_then(|topic| topic_name(region, topic));
    let call = region
        .cloudtrail()
        .update_trail()
        .name(&wanted.name)
        .set_s3_bucket_name(id_of(&wanted.bucket))
        .set_s3_key_prefix(text(wanted.prefix.as_ref()))
        .is_multi_region_trail(wanted.multi_region)
        .include_global_service_events(wanted.global_events)
        .is_organization_trail(wanted.organization)
        .enable_log_file_validation(wanted.validation)
        .set_kms_key_id(text(wanted.kms_key.as_ref()))
        .set_cloud_watch_logs_log_group_arn(text(wanted.log_group.as_ref()))
        .set_cloud_watch_logs_role_arn(text(wanted.log_role.as_ref()))
        .set_sns_topic_name(text(topic.as_ref()));
    region.retry_until_consistent(UPDATE_TRAIL, || call.clone().send()).await.map(drop)
}

/// A topic as CloudTrail takes it: by name in its own region, by ARN elsewhere.
fn topic_name(region: &Region<'_>, topic: &Ref) -> Option<String> {
    let arn = topic.id()?;
    let is_here = arn.split(':').nth(3) == Some(region.name);
    Some(if is_here { arn.rsplit(':').next()? } else { arn }.to_owned())
}

/// Tags of trails, by ARN.
pub(super) struct TrailTags;

impl TagFamily for TrailTags {
    async fn of(region: &Region<'_>, arns: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        tag_batches::of(&cloudtrail, &arns, BATCH, |batch| async move {
            let call = region.cloudtrail().list_tags().set_resource_id_list(Some(batch));
            let pages = call.into_paginator().items().send();
            let mut tags: BTreeMap<String, Tags> = BTreeMap::new();
            for one in LIST_TAGS.all(pages).await? {
                let Some(arn) = one.resource_id else { continue };
                let own = one.tags_list.unwrap_or_default().into_iter();
                let own = own.map(|tag| (tag.key, tag.value.unwrap_or_default()));
                tags.entry(arn).or_default().extend(own);
            }
            Ok(tags)
        })
        .await
    }

    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.cloudtrail().add_tags().resource_id(arn).set_tags_list(Some(sdk_tags(tags)));
        region.retry_until_consistent(ADD_TAGS, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let tags = keys.into_iter().filter_map(|key| Tag::builder().key(key).build().ok()).collect();
        let call = region.cloudtrail().remove_tags().resource_id(arn).set_tags_list(Some(tags));
        region.retry_until_consistent(REMOVE_TAGS, || call.clone().send()).await.map(drop)
    }
}

/// A tag without a value has none: AWS takes no empty one.
fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| {
        let value = Some(value.clone()).filter(|value| !value.is_empty());
        Tag::builder().key(key).set_value(value).build().ok()
    };
    tags.iter().filter_map(tag).collect()
}
