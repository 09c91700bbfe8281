//! Backups of tables, such as the one of a table that is about to be deleted.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::{
    BackupDescription, BackupDetails, BackupStatus, BackupSummary, BackupTypeFilter,
};
use aws_smithy_types::DateTime;

use crate::error;
use crate::kinds::prelude::*;

ops! { dynamodb:
    CREATE_BACKUP = "CreateBackup", Delete;
    DESCRIBE_BACKUP = "DescribeBackup", Delete;
    LIST_BACKUPS = "ListBackups", Delete;
}

/// A backup that a run took and then was killed is not taken again for so long.
const RECENT: Duration = Duration::from_mins(10);
/// How often it is tried to take a backup where no answer comes.
const ROUNDS: usize = 3;
/// The most characters that the name of a backup has.
const LONGEST: usize = 255;

/// Takes a backup of a table whose name says of which table it is, and when it was taken, and waits for it.
pub(super) async fn last(region: &Region<'_>, table: &str) -> Result<()> {
    let now = SystemTime::now();
    let arn = match recent(region, table, now).await? {
        Some(arn) => arn,
        None => take(region, table, &name(table, "final", now)).await?,
    };
    finished(region, &arn).await.map(drop)
}

/// A backup, once it is whole.
pub(crate) async fn finished(region: &Region<'_>, arn: &str) -> Result<BackupDetails> {
    let mut wait = region.wait(region.timeouts().ready * super::CHANGED);
    loop {
        let details = described(region, arn).await?.and_then(|seen| seen.backup_details);
        match details {
            Some(details) if details.backup_status == BackupStatus::Available => return Ok(details),
            Some(details) if details.backup_status == BackupStatus::Deleted => {
                return Err(DESCRIBE_BACKUP.refused("somebody deleted the backup of the table"));
            }
            Some(_) | None => {}
        }
        if !wait.pause("the backup of the table is not available yet").await {
            return Err(error::timed_out(DESCRIBE_BACKUP.name, "the backup of the table is not available"));
        }
    }
}

/// What AWS says of a backup; none where it is gone.
pub(crate) async fn described(region: &Region<'_>, arn: &str) -> Result<Option<BackupDescription>> {
    let call = region.dynamodb().describe_backup().backup_arn(arn);
    let seen = crate::service::dynamodb.found(DESCRIBE_BACKUP.call(call.send()).await)?;
    Ok(seen.and_then(|seen| seen.backup_description))
}

/// The backup that an earlier run took of the table, just before.
async fn recent(region: &Region<'_>, table: &str, now: SystemTime) -> Result<Option<String>> {
    let since = DateTime::from(now.checked_sub(RECENT).unwrap_or(now));
    let start = beginning(table, "final");
    let is_last = |backup: &BackupSummary| {
        let is_recent = backup.backup_creation_date_time.is_none_or(|at| at >= since);
        let is_kept = backup.backup_status != Some(BackupStatus::Deleted);
        is_recent && is_kept && backup.backup_name().is_some_and(|name| name.starts_with(&start))
    };
    let all = listed(region, table, BackupTypeFilter::User, Some(since)).await?;
    Ok(all.into_iter().find(is_last).and_then(|found| found.backup_arn))
}

/// The backups of a table, from every page.
pub(crate) async fn listed(
    region: &Region<'_>,
    table: &str,
    of: BackupTypeFilter,
    since: Option<DateTime>,
) -> Result<Vec<BackupSummary>> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let call = region
            .dynamodb()
            .list_backups()
            .table_name(table)
            .backup_type(of.clone())
            .set_time_range_lower_bound(since)
            .set_exclusive_start_backup_arn(next);
        let page = LIST_BACKUPS.call(call.send()).await?;
        all.extend(page.backup_summaries.unwrap_or_default());
        next = page.last_evaluated_backup_arn;
        if next.is_none() {
            return Ok(all);
        }
    }
}

/// Takes a backup. Where the answer is lost, the backup is searched by its name before it is taken again.
pub(crate) async fn take(region: &Region<'_>, table: &str, name: &str) -> Result<String> {
    let call = region.dynamodb_at_most_once().create_backup().table_name(table).backup_name(name);
    let mut round = 1;
    loop {
        let made = match region.retry_until_consistent(CREATE_BACKUP, || call.clone().send()).await {
            Err(error) if error::unsure(&error) && round < ROUNDS => {
                round += 1;
                named(region, table, name).await?
            }
            made => Some(CREATE_BACKUP.part("ARN", made?.backup_details.map(|details| details.backup_arn))?),
        };
        if let Some(arn) = made {
            return Ok(arn);
        }
    }
}

/// The backup of this name that was just taken.
async fn named(region: &Region<'_>, table: &str, name: &str) -> Result<Option<String>> {
    let since = SystemTime::now().checked_sub(RECENT).map(DateTime::from);
    let call = region.dynamodb().list_backups().table_name(table).set_time_range_lower_bound(since);
    let page = LIST_BACKUPS.call(call.send()).await?;
    let found = page.backup_summaries().iter().find(|backup| backup.backup_name() == Some(name));
    Ok(found.and_then(|found| found.backup_arn.clone()))
}

/// `users_ci-final-20261130-040000`, for what it is taken.
pub(crate) fn name(table: &str, what: &str, now: SystemTime) -> String {
    let stamp = DateTime::from(now).to_string();
    let digits: String = stamp.chars().filter(char::is_ascii_digit).take(14).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    format!("{}{day}-{time}", beginning(table, what))
}

/// What the names of such backups of a table begin with.
fn beginning(table: &str, what: &str) -> String {
    const STAMP: usize = "20261130-040000".len();
    let end = format!("-{what}-");
    let most = LONGEST.saturating_sub(STAMP).saturating_sub(end.len());
    let table: String = table.chars().take(most).collect();
    table + &end
}

/// Whether a backup was taken when its table was deleted.
pub(crate) fn is_final(table: &str, name: &str) -> bool {
    name.starts_with(&beginning(table, "final"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_last_backup_says_of_what_and_when() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_796_011_234);
        assert_eq!(name("users_ci", "final", at), "users_ci-final-20261130-040034");
        assert_eq!(name(&"t".repeat(255), "final", at).len(), LONGEST);
    }
}
