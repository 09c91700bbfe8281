//! Scheduled actions.
//!
//! The group belongs to the project, so a recurring action that no program declares is deleted, whatever its name. An
//! action that happens once was made by hand, and is kept.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Schedule;
use aws_sdk_autoscaling::types::{
    FailedScheduledUpdateGroupActionRequest, ScheduledUpdateGroupAction, ScheduledUpdateGroupActionRequest,
};

use crate::kinds::prelude::*;

ops! { autoscaling:
    DESCRIBE_SCHEDULED_ACTIONS = "DescribeScheduledActions", Own;
    BATCH_PUT_SCHEDULED_UPDATE_GROUP_ACTION = "BatchPutScheduledUpdateGroupAction", Write;
    BATCH_DELETE_SCHEDULED_ACTION = "BatchDeleteScheduledAction", Write;
}

/// The most that one call takes.
const AT_ONCE: usize = 50;

/// A recurring action as the IR says it. Its times are UTC; one of another time zone says so, and is none that
/// a program can say.
pub(super) fn read(action: &ScheduledUpdateGroupAction) -> Option<Schedule> {
    let fields: Vec<&str> = action.recurrence()?.split_whitespace().collect();
    let zone = action.time_zone().filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC"));
    let cron: Vec<&str> = fields.into_iter().chain(zone).collect();
    Some(Schedule {
        cron: cron.join(" "),
        min: action.min_size().map(unsigned),
        desired: action.desired_capacity().map(unsigned),
        max: action.max_size().map(unsigned),
    })
}

/// Makes the recurring actions of `group` the wanted ones. An action that loses a field is replaced, because AWS keeps
/// what a call leaves out.
pub(super) async fn change(
    region: &Region<'_>,
    group: &str,
    live: &BTreeSet<Schedule>,
    wanted: &BTreeSet<Schedule>,
) -> Result<()> {
    if live == wanted {
        return Ok(());
    }
    let named = if live.is_empty() { BTreeMap::new() } else { named(region, group).await? };
    let wanted: BTreeMap<String, &Schedule> =
        wanted.iter().map(|schedule| (name(group, &schedule.cron), schedule)).collect();
    let goes = |(name, schedule): &(&String, &Schedule)| {
        wanted.get(*name).is_none_or(|wanted| loses(schedule, wanted))
    };
    let gone: Vec<String> = named.iter().filter(goes).map(|(name, _)| name.clone()).collect();
    for names in gone.chunks(AT_ONCE) {
        delete(region, group, names).await?;
    }
    let is_new = |(name, schedule): &(&String, &&Schedule)| {
        gone.contains(name) || named.get(*name).is_none_or(|live| live != **schedule)
    };
    let requests: Vec<_> =
        wanted.iter().filter(is_new).map(|(name, schedule)| request(name, schedule)).collect();
    for requests in requests.chunks(AT_ONCE) {
        put(region, group, requests.to_vec()).await?;
    }
    Ok(())
}

/// The name of an action.
fn name(group: &str, cron: &str) -> String {
    format!("{group}_{}", cron.replace('*', "star").replace(' ', "_"))
}

/// Whether a live action says something that the wanted one of its name does not say.
fn loses(live: &Schedule, wanted: &Schedule) -> bool {
    let loses = |live: Option<u32>, wanted: Option<u32>| live.is_some() && wanted.is_none();
    live.cron != wanted.cron
        || loses(live.min, wanted.min)
        || loses(live.desired, wanted.desired)
        || loses(live.max, wanted.max)
}

/// The recurring actions of a group, by name.
async fn named(region: &Region<'_>, group: &str) -> Result<BTreeMap<String, Schedule>> {
    let request = region.autoscaling().describe_scheduled_actions().auto_scaling_group_name(group);
    let pages = request.into_paginator().items().send();
    let actions: Vec<ScheduledUpdateGroupAction> = DESCRIBE_SCHEDULED_ACTIONS.all(pages).await?;
    let named =
        |action: &ScheduledUpdateGroupAction| Some((action.scheduled_action_name.clone()?, read(action)?));
    Ok(actions.iter().filter_map(named).collect())
}

fn request(name: &str, schedule: &Schedule) -> ScheduledUpdateGroupActionRequest {
    ScheduledUpdateGroupActionRequest::builder()
        .scheduled_action_name(name)
        .recurrence(&schedule.cron)
        .set_min_size(schedule.min.map(signed))
        .set_desired_capacity(schedule.desired.map(signed))
        .set_max_size(schedule.max.map(signed))
        .build()
}

async fn put(
    region: &Region<'_>,
    group: &str,
    requests: Vec<ScheduledUpdateGroupActionRequest>,
) -> Result<()> {
    let request = region
        .autoscaling()
        .batch_put_scheduled_update_group_action()
        .auto_scaling_group_name(group)
        .set_scheduled_update_group_actions(Some(requests));
    let put = || async {
        let answer = BATCH_PUT_SCHEDULED_UPDATE_GROUP_ACTION.call(request.clone().send()).await?;
        all_done(BATCH_PUT_SCHEDULED_UPDATE_GROUP_ACTION, answer.failed_scheduled_update_group_actions())
    };
    region.retry_until_consistent(BATCH_PUT_SCHEDULED_UPDATE_GROUP_ACTION, put).await
}

async fn delete(region: &Region<'_>, group: &str, names: &[String]) -> Result<()> {
    let request = region
        .autoscaling()
        .batch_delete_scheduled_action()
        .auto_scaling_group_name(group)
        .set_scheduled_action_names(Some(names.to_vec()));
    let delete = || async {
        let answer = BATCH_DELETE_SCHEDULED_ACTION.call(request.clone().send()).await?;
        all_done(BATCH_DELETE_SCHEDULED_ACTION, answer.failed_scheduled_actions())
    };
    region.retry_while_in_use(BATCH_DELETE_SCHEDULED_ACTION, delete).await
}

/// Refusals that come inside an answer.
fn all_done(operation: Operation, failed: &[FailedScheduledUpdateGroupActionRequest]) -> Result<()> {
    failed.iter().try_for_each(|action| {
        let name = action.scheduled_action_name().unwrap_or_default();
        let message = action.error_message().unwrap_or("AWS did not say why");
        Err(operation.refused_as(action.error_code().unwrap_or_default(), format!("`{name}`: {message}")))
    })
}
