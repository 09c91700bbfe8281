//! The end of a database, with its final snapshot.

use std::time::SystemTime;

use asiaq_ir::Database;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::super::prelude::*;
use super::changes::MODIFY_DB_INSTANCE;
use super::settled;
use crate::service::rds;

ops! { rds:
    DELETE_DB_INSTANCE = "DeleteDBInstance", Delete;
}

/// Deletes a database. What was allowed to be deleted loses AWS's protection first.
pub(super) async fn delete(database: &Database, region: &Region<'_>, id: &str) -> Result<()> {
    let Some(live) = adapter::look::<Database>(region, id).await? else { return Ok(()) };
    // The answer to an earlier call was lost: a second one would want a second snapshot.
    if live.db_instance_status() == Some("deleting") {
        return Ok(());
    }
    let is_snapped = database.final_snapshot && database.source.is_none();
    if is_snapped || live.deletion_protection == Some(true) {
        settled(region, id).await?;
    }
    if live.deletion_protection == Some(true) {
        let call = region.rds().modify_db_instance().db_instance_identifier(id).deletion_protection(false);
        region.retry_until_consistent(MODIFY_DB_INSTANCE, || call.clone().send()).await?;
        settled(region, id).await?;
    }
    let call = region.rds().delete_db_instance().db_instance_identifier(id).skip_final_snapshot(!is_snapped);
    let call = call.set_final_db_snapshot_identifier(is_snapped.then(|| final_name(id)));
    // A repeated call would ask for a snapshot of a name that the first one has taken.
    let done = DELETE_DB_INSTANCE.call(call.send()).await;
    rds.found(done).map(drop)
}

/// The name of the snapshot that is taken when a database is deleted now.
pub(crate) fn final_name(id: &str) -> String {
    let now = DateTime::from_secs(DateTime::from(SystemTime::now()).secs());
    let text = now.fmt(Format::DateTime).unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    format!("{id}-final-{day}-{time}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_snapshot_is_named_after_the_moment() {
        let name = final_name("ci-orders");
        let digits: Vec<&str> = name.trim_start_matches("ci-orders-final-").split('-').collect();
        assert_eq!(digits.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 6], "{name}");
    }
}
