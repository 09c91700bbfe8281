mod form;
mod measure;
mod ownership_marker;

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, Alarm, NAME_TAG, PROJECT_TAG};
use asiaq_runtime::RaisedAlarm;
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::{MetricAlarm, StateValue, Tag};
use aws_smithy_types::date_time::Format;
use futures::future;

pub(crate) use self::measure::name_unowned;
use self::ownership_marker::Mark;
use super::prelude::*;
use super::resource::AwsResource;
use crate::operation::Access;
use crate::service::cloudwatch;
use crate::tag_index;

ops! { cloudwatch:
    DESCRIBE_ALARMS = "DescribeAlarms", Read;
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource", Free;
    PUT_METRIC_ALARM = "PutMetricAlarm", Write;
    TAG_RESOURCE = "TagResource", Write;
    UNTAG_RESOURCE = "UntagResource", Write;
    DELETE_ALARMS = "DeleteAlarms", Delete;
}

/// What an adoption reads beside.
pub(crate) const ADOPTED: &[Operation] = &[LIST_TAGS_FOR_RESOURCE.used_for(Access::Read)];

/// The most names that one call deletes.
const AT_ONCE: usize = 100;

impl AwsResource for Alarm {
    const ACTIONS: IamActions = &[OPS];
    const SERVICE: &'static Service = &cloudwatch;

    /// The owner of an alarm is in its description: a listing shows no tags, and reading those of each alarm would
    /// take one call per alarm of the account. Where the description was overwritten, the index of tags has the owner.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let pages = region.cloudwatch().describe_alarms().max_records(100).into_paginator().send();
        let pages = DESCRIBE_ALARMS.all(pages).await?;
        let alarms = || pages.iter().flat_map(DescribeAlarmsOutput::metric_alarms);
        let read = |alarm| ownership_marker::read(MetricAlarm::alarm_description(alarm).unwrap_or_default());
        let index = if alarms().all(|alarm| read(alarm).1.is_some()) {
            BTreeMap::new()
        } else {
            tag_index::alarms(region).await?
        };
        let mut listed = Listed::default();
        for alarm in alarms() {
            let (description, mark) = read(alarm);
            let name = alarm.alarm_name().unwrap_or_default();
            let tags = || {
                let known = alarm.alarm_arn().and_then(|arn| index.get(arn)).cloned().unwrap_or_default();
                Mark::in_tags(&region.imagine::<Self>(name, known))
            };
            match mark.or_else(tags).filter(|mark| mark.project == project) {
                Some(mark) if region.imagines::<Self>(name) => {
                    let tags = region.imagine::<Self>(name, tags_of(region, alarm).await?);
                    let known = found(region, alarm, description, &mark);
                    listed.found.extend(known.map(|found| Found { tags, ..found }));
                }
                Some(mark) => listed.found.extend(found(region, alarm, description, &mark)),
                None => listed.facts.foreign_alarms.extend(alarm.alarm_name.clone()),
            }
        }
        Ok(listed)
    }

    async fn hidden_tags(region: &Region<'_>) -> Result<BTreeMap<String, Tags>> {
        let tags = tag_index::alarms(region).await?.into_iter();
        // The name of an alarm is the end of its ARN, and may have colons.
        let name = |arn: &str| arn.split_once(":alarm:").map(|(_, name)| name.to_owned());
        Ok(tags.filter_map(|(arn, tags)| Some((name(&arn)?, tags))).collect())
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let project = PUT_METRIC_ALARM.part("project", request.tags.get(PROJECT_TAG))?;
        let name = request.tags.get(NAME_TAG).cloned();
        let mark = Mark { project: project.clone(), address: request.address.clone(), name };
        let call = form::write(region.cloudwatch().put_metric_alarm(), self, Some(&mark));
        PUT_METRIC_ALARM.call(call.set_tags(Some(sdk_tags(request.tags))).send()).await?;
        Ok(Created::ready(&self.name, self.clone()))
    }

    /// The owner is in the description too. An alarm that gets its first owner has it in its tags first, so that its tags are
    /// whole if nothing follows.
    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        let first = Mark::in_tags(tags.set);
        if first.is_some() {
            tag_family::retag::<AlarmTags>(region, id, tags).await?;
        }
        let ends = tags.remove.contains(ADDRESS_TAG);
        if ends || [PROJECT_TAG, ADDRESS_TAG, NAME_TAG].iter().any(|tag| tags.set.contains_key(*tag)) {
            let live = DESCRIBE_ALARMS.part("alarm of this name", live(region, id).await?)?;
            let mark = match &first {
                _ if ends => None,
                Some(mark) => Some(mark.clone()),
                None => Some(mark_of(region, &live).await?.with(tags.set)),
            };
            let (description, _) = ownership_marker::read(live.alarm_description().unwrap_or_default());
            let alarm = DESCRIBE_ALARMS.part("form that asiaq knows", form::read(&live, description))?;
            let call = form::write(region.cloudwatch().put_metric_alarm(), &alarm, mark.as_ref());
            PUT_METRIC_ALARM.call(call.send()).await?;
        }
        if first.is_some() { Ok(()) } else { tag_family::retag::<AlarmTags>(region, id, tags).await }
    }

    /// Overwrites the alarm, which keeps its state and its history. The ownership marker in its description is kept.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self == wanted {
            return Ok(());
        }
        let live = DESCRIBE_ALARMS.part("alarm of this name", live(region, id).await?)?;
        let mark = mark_of(region, &live).await?;
        let request = form::write(region.cloudwatch().put_metric_alarm(), wanted, Some(&mark));
        PUT_METRIC_ALARM.call(request.send()).await.map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let delete = async |names: Vec<String>| {
            let request = region.cloudwatch().delete_alarms().set_alarm_names(Some(names.clone()));
            let together = DELETE_ALARMS.call(request.send()).await;
            if names.len() == 1 || !together.as_ref().is_err_and(|error| cloudwatch.is_not_found(error)) {
                return each(&names, together.map(drop), |(), _| ());
            }
            // Where one is gone AWS deletes none: each for itself then.
            let alone = async |name: &String| {
                let request = region.cloudwatch().delete_alarms().alarm_names(name);
                DELETE_ALARMS.call(request.send()).await.map(drop)
            };
            future::join_all(names.iter().map(alone)).await
        };
        region
            .retry_while_in_use(DELETE_ALARMS, || {
                region.batchers().alarms.ask(id.to_owned(), AT_ONCE, delete)
            })
            .await
    }
}

/// The ownership tags of an alarm as the mark in its description says them.
pub(super) fn marked(alarm: &MetricAlarm) -> Tags {
    let Some(mark) = ownership_marker::read(alarm.alarm_description().unwrap_or_default()).1 else {
        return Tags::new();
    };
    let mut tags = tags::of_owned(&mark.address, &mark.project);
    tags.extend(mark.name.map(|name| (NAME_TAG.to_owned(), name)));
    tags
}

/// Tags of alarms, by name. AWS changes them by ARN.
struct AlarmTags;

impl TagFamily for AlarmTags {
    async fn key(region: &Region<'_>, name: &str) -> Result<String> {
        DESCRIBE_ALARMS.part("ARN", live(region, name).await?.and_then(|alarm| alarm.alarm_arn))
    }

    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region.cloudwatch().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(tags)));
        TAG_RESOURCE.call(call.send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region.cloudwatch().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        UNTAG_RESOURCE.call(call.send()).await.map(drop)
    }
}

/// The alarms of a project that are on.
pub(crate) async fn raised(region: &Region<'_>, project: &str) -> Result<Vec<RaisedAlarm>> {
    let request = region.cloudwatch().describe_alarms().state_value(StateValue::Alarm).max_records(100);
    let pages = DESCRIBE_ALARMS.all(request.into_paginator().send()).await?;
    let alarms: Vec<&MetricAlarm> = pages.iter().flat_map(DescribeAlarmsOutput::metric_alarms).collect();
    let marked =
        |alarm: &MetricAlarm| ownership_marker::read(alarm.alarm_description().unwrap_or_default()).1;
    let index = if alarms.iter().all(|alarm| marked(alarm).is_some()) {
        BTreeMap::new()
    } else {
        tag_index::alarms(region).await?
    };
    let raised = alarms.into_iter().filter_map(|alarm| {
        let tags = || alarm.alarm_arn().and_then(|arn| index.get(arn)).and_then(Mark::in_tags);
        let mark = marked(alarm).or_else(tags).filter(|mark| mark.project == project)?;
        Some(RaisedAlarm {
            name: alarm.alarm_name.clone()?,
            address: mark.address,
            since: alarm.state_updated_timestamp().and_then(|time| time.fmt(Format::DateTime).ok()),
            reason: alarm.state_reason.clone(),
        })
    });
    Ok(raised.collect())
}

/// The mark of an alarm of the project.
async fn mark_of(region: &Region<'_>, live: &MetricAlarm) -> Result<Mark> {
    let (_, mut mark) = ownership_marker::read(live.alarm_description().unwrap_or_default());
    if mark.is_none() {
        let index = tag_index::alarms(region).await?;
        mark = live.alarm_arn().and_then(|arn| index.get(arn)).and_then(Mark::in_tags);
    }
    DESCRIBE_ALARMS.part("mark in its description or its tags", mark)
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// All tags of an alarm.
async fn tags_of(region: &Region<'_>, alarm: &MetricAlarm) -> Result<Tags> {
    let call = region.cloudwatch().list_tags_for_resource().set_resource_arn(alarm.alarm_arn.clone());
    let answer = cloudwatch.found(LIST_TAGS_FOR_RESOURCE.call(call.send()).await)?;
    let tags = answer.and_then(|answer| answer.tags).unwrap_or_default().into_iter();
    Ok(tags.filter_map(|tag| Some((tag.key?, tag.value?))).collect())
}

/// The alarm of this name, where there is one.
async fn live(region: &Region<'_>, name: &str) -> Result<Option<MetricAlarm>> {
    let request = region.cloudwatch().describe_alarms().alarm_names(name);
    let seen = DESCRIBE_ALARMS.call(request.send()).await?;
    Ok(seen.metric_alarms.unwrap_or_default().into_iter().next())
}

fn found(region: &Region<'_>, alarm: &MetricAlarm, description: &str, mark: &Mark) -> Option<Found> {
    let mut tags = tags::of_owned(&mark.address, &mark.project);
    tags.extend(mark.name.clone().map(|name| (NAME_TAG.to_owned(), name)));
    Some(Found {
        address: mark.address.clone(),
        id: alarm.alarm_name.clone()?,
        region: region.name.to_owned(),
        tags,
        resource: form::read(alarm, description)?.into(),
    })
}
