//! Capacity that AWS changes by itself (Application Auto Scaling): a scalable target with a policy for the reads, and one for
//! the writes, of a table and of each index.

use std::collections::BTreeMap;

use asiaq_ir::{CapacityScaling, Table, TableCapacity};
use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ScalableTarget, ScalingPolicy,
    ServiceNamespace, TargetTrackingScalingPolicyConfiguration,
};

use crate::kinds::prelude::*;

ops! { application_autoscaling:
    DESCRIBE_SCALABLE_TARGETS = "DescribeScalableTargets", Own;
    DESCRIBE_SCALING_POLICIES = "DescribeScalingPolicies", Own;
    REGISTER_SCALABLE_TARGET = "RegisterScalableTarget", Write;
    PUT_SCALING_POLICY = "PutScalingPolicy", Write;
    DEREGISTER_SCALABLE_TARGET = "DeregisterScalableTarget", Delete;
}

/// What is registered in a region: by resource and dimension the least and most units, and the percentage of the policy.
#[derive(Default)]
pub(super) struct Scaling(BTreeMap<(String, String), (i64, i64, i64)>);

/// What a capacity is of: reads or writes of a table or an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    resource: String,
    is_index: bool,
    is_read: bool,
}

impl Target {
    fn new(table: &str, index: Option<&str>, is_read: bool) -> Self {
        let resource = match index {
            Some(index) => format!("table/{table}/index/{index}"),
            None => format!("table/{table}"),
        };
        Self { resource, is_index: index.is_some(), is_read }
    }

    fn dimension(&self) -> ScalableDimension {
        let of = if self.is_index { "index" } else { "table" };
        let units = if self.is_read { "Read" } else { "Write" };
        ScalableDimension::from(format!("dynamodb:{of}:{units}CapacityUnits").as_str())
    }

    fn metric(&self) -> MetricType {
        if self.is_read {
            MetricType::DynamoDbReadCapacityUtilization
        } else {
            MetricType::DynamoDbWriteCapacityUtilization
        }
    }

    /// The name of its policy, of which it has one.
    fn policy(&self) -> &'static str {
        if self.is_read { "asiaq-read" } else { "asiaq-write" }
    }
}

impl Scaling {
    /// The capacity of a table or an index as the program says it: where it scales, the least units are those that are
    /// registered, wherever AWS has moved the units to.
    pub(super) fn over(&self, table: &str, index: Option<&str>, units: &TableCapacity) -> TableCapacity {
        let of = |is_read| {
            let target = Target::new(table, index, is_read);
            self.0.get(&(target.resource.clone(), target.dimension().as_str().to_owned()))
        };
        let (reads, writes) = (of(true), of(false));
        let scaling = |of: Option<&(i64, i64, i64)>| {
            of.map(|(_, max, target)| CapacityScaling { max: *max, target: *target })
        };
        TableCapacity {
            read: reads.map_or(units.read, |(least, ..)| *least),
            write: writes.map_or(units.write, |(least, ..)| *least),
            read_scaling: scaling(reads),
            write_scaling: scaling(writes),
        }
    }
}

/// What is registered for the tables of a region, by two listings.
pub(super) async fn of_region(region: &Region<'_>) -> Result<Scaling> {
    let client = region.applicationautoscaling();
    let targets = client.describe_scalable_targets().service_namespace(ServiceNamespace::Dynamodb);
    let policies = client.describe_scaling_policies().service_namespace(ServiceNamespace::Dynamodb);
    let (targets, policies): (Vec<ScalableTarget>, Vec<ScalingPolicy>) = futures::try_join!(
        DESCRIBE_SCALABLE_TARGETS.all(targets.into_paginator().items().send()),
        DESCRIBE_SCALING_POLICIES.all(policies.into_paginator().items().send()),
    )?;
    let percentage = |target: &ScalableTarget| {
        let of_target = |policy: &&ScalingPolicy| {
            policy.resource_id == target.resource_id && policy.scalable_dimension == target.scalable_dimension
        };
        let tracking = policies.iter().filter(of_target);
        let mut tracking =
            tracking.filter_map(|policy| policy.target_tracking_scaling_policy_configuration.as_ref());
        // One without a policy does not scale: no percentage is zero.
        #[expect(clippy::cast_possible_truncation, reason = "a percentage is small")]
        tracking.next().map_or(0, |tracking| tracking.target_value.round() as i64)
    };
    let entry = |target: &ScalableTarget| {
        let key = (target.resource_id.clone(), target.scalable_dimension.as_str().to_owned());
        (key, (i64::from(target.min_capacity), i64::from(target.max_capacity), percentage(target)))
    };
    Ok(Scaling(targets.iter().map(entry).collect()))
}

/// Every capacity of a table that scales, with its least units.
fn scaled(table: &Table) -> BTreeMap<Target, (i64, CapacityScaling)> {
    let own = table.capacity.iter().map(|capacity| (None, capacity));
    let of_indexes = table.index_capacity.iter().map(|one| (Some(one.index.as_str()), &one.capacity));
    let mut all = BTreeMap::new();
    for (index, capacity) in own.chain(of_indexes) {
        let reads = (true, capacity.read, &capacity.read_scaling);
        let writes = (false, capacity.write, &capacity.write_scaling);
        for (is_read, least, scaling) in [reads, writes] {
            if let Some(scaling) = scaling {
                all.insert(Target::new(&table.name, index, is_read), (least, scaling.clone()));
            }
        }
    }
    all
}

/// Takes away what scales `live` and is not wanted, before its units are changed. That it is gone already is no error.
pub(super) async fn release(region: &Region<'_>, live: &Table, wanted: &Table) -> Result<()> {
    let wanted = scaled(wanted);
    for target in scaled(live).into_keys().filter(|target| !wanted.contains_key(target)) {
        let call = region
            .applicationautoscaling()
            .deregister_scalable_target()
            .service_namespace(ServiceNamespace::Dynamodb)
            .resource_id(&target.resource)
            .scalable_dimension(target.dimension());
        region.retry_while_in_use(DEREGISTER_SCALABLE_TARGET, || call.clone().send()).await?;
    }
    Ok(())
}

/// Registers what is to scale, once the table is active with the right units.
pub(super) async fn acquire(region: &Region<'_>, live: &Table, wanted: &Table) -> Result<()> {
    let live = scaled(live);
    let units = |units: i64| i32::try_from(units).unwrap_or(i32::MAX);
    for (target, (least, scaling)) in scaled(wanted) {
        let before = live.get(&target);
        if before.is_none_or(|(before, was)| (*before, was.max) != (least, scaling.max)) {
            let call = region
                .applicationautoscaling()
                .register_scalable_target()
                .service_namespace(ServiceNamespace::Dynamodb)
                .resource_id(&target.resource)
                .scalable_dimension(target.dimension())
                .min_capacity(units(least))
                .max_capacity(units(scaling.max));
            region.retry_until_consistent(REGISTER_SCALABLE_TARGET, || call.clone().send()).await?;
        }
        if before.is_none_or(|(_, was)| was.target != scaling.target) {
            follow(region, &target, scaling.target).await?;
        }
    }
    Ok(())
}

/// Sets the policy of a target.
async fn follow(region: &Region<'_>, target: &Target, percentage: i64) -> Result<()> {
    let metric = PredefinedMetricSpecification::builder().predefined_metric_type(target.metric()).build();
    let percentage = f64::from(i32::try_from(percentage).unwrap_or(i32::MAX));
    let tracking = TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(percentage)
        .predefined_metric_specification(PUT_SCALING_POLICY.built(metric)?)
        .build();
    let call = region
        .applicationautoscaling()
        .put_scaling_policy()
        .policy_name(target.policy())
        .service_namespace(ServiceNamespace::Dynamodb)
        .resource_id(&target.resource)
        .scalable_dimension(target.dimension())
        .policy_type(PolicyType::TargetTrackingScaling)
        .target_tracking_scaling_policy_configuration(PUT_SCALING_POLICY.built(tracking)?);
    region.retry_until_consistent(PUT_SCALING_POLICY, || call.clone().send()).await.map(drop)
}
