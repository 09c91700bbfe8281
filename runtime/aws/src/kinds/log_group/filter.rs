//! Metric filters of log groups.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::MetricFilter;
use aws_sdk_cloudwatchlogs::types::{MetricFilter as Live, MetricTransformation};

use crate::kinds::prelude::*;

ops! { logs:
    DESCRIBE_METRIC_FILTERS = "DescribeMetricFilters", Own;
    PUT_METRIC_FILTER = "PutMetricFilter", Write;
    DELETE_METRIC_FILTER = "DeleteMetricFilter", Write;
}

/// The filters of every group, by the group's name.
pub(super) async fn of_region(region: &Region<'_>) -> Result<BTreeMap<String, BTreeSet<MetricFilter>>> {
    let pages = region.logs().describe_metric_filters().into_paginator().items().send();
    let live = DESCRIBE_METRIC_FILTERS.all(pages).await?;
    let mut filters: BTreeMap<String, BTreeSet<MetricFilter>> = BTreeMap::new();
    for one in &live {
        if let (Some(group), Some(filter)) = (one.log_group_name(), read(one)) {
            filters.entry(group.to_owned()).or_default().insert(filter);
        }
    }
    Ok(filters)
}

/// Puts new and changed filters, and then deletes the others. A put replaces the filter of the same name, so no filter
/// is missing in between.
pub(super) async fn change(
    region: &Region<'_>,
    group: &str,
    live: &BTreeSet<MetricFilter>,
    wanted: &BTreeSet<MetricFilter>,
) -> Result<()> {
    for filter in wanted.difference(live) {
        let request = region
            .logs()
            .put_metric_filter()
            .log_group_name(group)
            .filter_name(&filter.name)
            .filter_pattern(&filter.pattern)
            .metric_transformations(transformation(filter)?);
        region.retry_until_consistent(PUT_METRIC_FILTER, || request.clone().send()).await?;
    }
    let is_gone = |filter: &&MetricFilter| wanted.iter().all(|wanted| wanted.name != filter.name);
    for filter in live.iter().filter(is_gone) {
        let request = region.logs().delete_metric_filter().log_group_name(group).filter_name(&filter.name);
        region.retry_while_in_use(DELETE_METRIC_FILTER, || request.clone().send()).await?;
    }
    Ok(())
}

fn transformation(filter: &MetricFilter) -> Result<MetricTransformation> {
    let built = MetricTransformation::builder()
        .metric_namespace(&filter.namespace)
        .metric_name(&filter.metric)
        .metric_value(&filter.value)
        .build();
    built.map_err(|error| PUT_METRIC_FILTER.refused(error.to_string()))
}

fn read(live: &Live) -> Option<MetricFilter> {
    let metric = live.metric_transformations().first()?;
    Some(MetricFilter {
        name: live.filter_name.clone()?,
        pattern: live.filter_pattern.clone().unwrap_or_default(),
        namespace: metric.metric_namespace.clone(),
        metric: metric.metric_name.clone(),
        value: metric.metric_value.clone(),
    })
}
