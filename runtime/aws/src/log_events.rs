//! Events of log groups.

use asiaq_runtime::{LogEvent, Result};
use aws_sdk_cloudwatchlogs::types::{FilteredLogEvent, LogGroup};

use crate::config::Aws;
use crate::kinds::log_group::DESCRIBE_LOG_GROUPS;
use crate::operation::{Access, Operation, ops};

ops! { logs:
    FILTER_LOG_EVENTS = "FilterLogEvents", Read;
}

/// The operations of others that are called too.
pub(crate) const MORE: &[Operation] = &[DESCRIBE_LOG_GROUPS.used_for(Access::Read)];

impl Aws {
    /// The names of the log groups that begin so, in order.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn log_groups(&self, region: &str, prefix: &str) -> Result<Vec<String>> {
        let region = self.region(region);
        let call = region.logs().describe_log_groups().log_group_name_prefix(prefix);
        let found: Vec<LogGroup> = DESCRIBE_LOG_GROUPS.all(call.into_paginator().items().send()).await?;
        let mut names: Vec<String> = found.into_iter().filter_map(|group| group.log_group_name).collect();
        names.sort();
        Ok(names)
    }

    /// The events of a log group from a time on, in milliseconds since 1970; with a pattern in CloudWatch's syntax only those that
    /// match.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn log_events(
        &self,
        region: &str,
        group: &str,
        from: i64,
        pattern: Option<&str>,
    ) -> Result<Vec<LogEvent>> {
        let region = self.region(region);
        let call = region.logs().filter_log_events().log_group_name(group).start_time(from);
        let call = call.set_filter_pattern(pattern.map(ToOwned::to_owned));
        let pages = FILTER_LOG_EVENTS.all(call.into_paginator().send()).await?;
        let found = pages.into_iter().flat_map(|page| page.events.unwrap_or_default());
        let event = |event: FilteredLogEvent| {
            Some(LogEvent {
                id: event.event_id?,
                group: group.to_owned(),
                stream: event.log_stream_name.unwrap_or_default(),
                millis: event.timestamp?,
                message: event.message.unwrap_or_default(),
            })
        };
        Ok(found.filter_map(event).collect())
    }
}
