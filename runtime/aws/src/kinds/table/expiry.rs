//! When items of a table are deleted, and how long it can be restored as it was.

use aws_sdk_dynamodb::types::{PointInTimeRecoverySpecification, TimeToLiveSpecification};

use super::{is_invalid, read};
use crate::kinds::prelude::*;

ops! { dynamodb:
    UPDATE_TIME_TO_LIVE = "UpdateTimeToLive", Write;
    UPDATE_CONTINUOUS_BACKUPS = "UpdateContinuousBackups", Write;
}

/// Sets the attribute with the time at which items are deleted, or switches it off. AWS takes one change an hour, so
/// that another attribute takes two.
pub(super) async fn set(
    region: &Region<'_>,
    table: &str,
    live: Option<&str>,
    wanted: Option<&str>,
) -> Result<()> {
    let changed = match (live, wanted) {
        (Some(live), _) => switch(region, table, live, false).await,
        (None, Some(wanted)) => switch(region, table, wanted, true).await,
        (None, None) => Ok(()),
    };
    changed.map_err(|error| {
        if !is_invalid(&error) {
            return error;
        }
        let message = format!(
            "AWS takes one change an hour of the attribute by which items are deleted: run `asiaq apply` again in an hour \
             ({})",
            error.message
        );
        CloudError { message, ..error }
    })
}

async fn switch(region: &Region<'_>, table: &str, attribute: &str, is_on: bool) -> Result<()> {
    let ttl = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(is_on).build();
    let call = region
        .dynamodb()
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(UPDATE_TIME_TO_LIVE.built(ttl)?);
    match region.retry_until_consistent(UPDATE_TIME_TO_LIVE, || call.clone().send()).await {
        // AWS refuses a change that is made already: the answer to an earlier attempt may have been lost.
        Err(error) if is_invalid(&error) => {
            let live = read::ttl(region, table).await?;
            if (live.as_deref() == Some(attribute)) == is_on { Ok(()) } else { Err(error) }
        }
        answer => answer.map(drop),
    }
}

/// Sets for how many days the table can be restored as it was at any second.
pub(super) async fn set_recovery(region: &Region<'_>, table: &str, days: Option<u32>) -> Result<()> {
    let recovery = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(days.is_some())
        .set_recovery_period_in_days(days.map(signed))
        .build();
    let call = region
        .dynamodb()
        .update_continuous_backups()
        .table_name(table)
        .point_in_time_recovery_specification(UPDATE_CONTINUOUS_BACKUPS.built(recovery)?);
    region.retry_until_consistent(UPDATE_CONTINUOUS_BACKUPS, || call.clone().send()).await.map(drop)
}
