//! The metrics that a group sends to CloudWatch.

use std::collections::BTreeSet;

use crate::kinds::prelude::*;

ops! { autoscaling:
    ENABLE_METRICS_COLLECTION = "EnableMetricsCollection", Write;
    DISABLE_METRICS_COLLECTION = "DisableMetricsCollection", Write;
}

/// The only granularity that AWS has.
const GRANULARITY: &str = "1Minute";

/// Switches metrics on that a group is to send, and those off that it is no longer to send.
pub(super) async fn change(
    region: &Region<'_>,
    group: &str,
    live: &BTreeSet<String>,
    wanted: &BTreeSet<String>,
) -> Result<()> {
    let more: Vec<String> = wanted.difference(live).cloned().collect();
    if !more.is_empty() {
        let request = region
            .autoscaling()
            .enable_metrics_collection()
            .auto_scaling_group_name(group)
            .granularity(GRANULARITY)
            .set_metrics(Some(more));
        region.retry_until_consistent(ENABLE_METRICS_COLLECTION, || request.clone().send()).await?;
    }
    let less: Vec<String> = live.difference(wanted).cloned().collect();
    if !less.is_empty() {
        let request = region
            .autoscaling()
            .disable_metrics_collection()
            .auto_scaling_group_name(group)
            .set_metrics(Some(less));
        region.retry_until_consistent(DISABLE_METRICS_COLLECTION, || request.clone().send()).await?;
    }
    Ok(())
}
