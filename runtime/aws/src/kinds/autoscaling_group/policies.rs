//! Scaling policies.
//!
//! The group belongs to the project, so a policy of a type that a program can declare is deleted where no program
//! declares it. Other policies (predictive ones, custom metrics, exact sizes) are kept.

use std::collections::BTreeSet;

use asiaq_ir::{Scaling, ScalingPolicy, ScalingStep};
use aws_sdk_autoscaling::operation::put_scaling_policy::builders::PutScalingPolicyFluentBuilder;
use aws_sdk_autoscaling::types::{
    self as sdk, MetricType, PredefinedMetricSpecification, StepAdjustment, TargetTrackingConfiguration,
};

use crate::kinds::prelude::*;

ops! { autoscaling:
    PUT_SCALING_POLICY = "PutScalingPolicy", Write;
    DELETE_POLICY = "DeletePolicy", Write;
}

const PERCENT: &str = "PercentChangeInCapacity";
const MACHINES: &str = "ChangeInCapacity";

/// A policy as the IR says it; none for one that it cannot say.
pub(super) fn read(policy: &sdk::ScalingPolicy) -> Option<ScalingPolicy> {
    let percent = match policy.adjustment_type() {
        Some(PERCENT) => true,
        Some(MACHINES) | None => false,
        Some(_) => return None,
    };
    let at_least = policy.min_adjustment_magnitude().filter(|_| percent).map(unsigned);
    let scaling = match policy.policy_type()? {
        "TargetTrackingScaling" => {
            let tracking = policy.target_tracking_configuration()?;
            let metric = tracking.predefined_metric_specification()?.predefined_metric_type()?;
            Scaling::Track {
                metric: metric.as_str().to_owned(),
                target: tracking.target_value()?.to_string(),
            }
        }
        "SimpleScaling" => Scaling::Simple {
            by: policy.scaling_adjustment()?,
            percent,
            at_least,
            cooldown: policy.cooldown().map(unsigned).unwrap_or_default(),
        },
        "StepScaling" => Scaling::Steps {
            percent,
            at_least,
            warmup: policy.estimated_instance_warmup().map(unsigned).unwrap_or_default(),
            steps: read_steps(policy.step_adjustments())?,
        },
        _ => return None,
    };
    Some(ScalingPolicy { name: policy.policy_name.clone()?, scaling })
}

fn read_steps(steps: &[StepAdjustment]) -> Option<Vec<ScalingStep>> {
    let mut steps: Vec<&StepAdjustment> = steps.iter().collect();
    let from = |step: &StepAdjustment| step.metric_interval_lower_bound().unwrap_or(f64::NEG_INFINITY);
    steps.sort_by(|a, b| from(a).total_cmp(&from(b)));
    let step = |step: &StepAdjustment| {
        Some(ScalingStep {
            from: step.metric_interval_lower_bound().map(|bound| bound.to_string()),
            to: step.metric_interval_upper_bound().map(|bound| bound.to_string()),
            by: step.scaling_adjustment()?,
        })
    };
    steps.into_iter().map(step).collect()
}

/// Makes the policies of `group` the wanted ones. A policy that changes its type or loses a field is replaced, because
/// AWS keeps what a call leaves out.
pub(super) async fn change(
    region: &Region<'_>,
    group: &str,
    live: &BTreeSet<ScalingPolicy>,
    wanted: &BTreeSet<ScalingPolicy>,
) -> Result<()> {
    for policy in live {
        let successor = wanted.iter().find(|wanted| wanted.name == policy.name);
        if successor.is_none_or(|wanted| !can_become(&policy.scaling, &wanted.scaling)) {
            let request = region.autoscaling().delete_policy().auto_scaling_group_name(group);
            let request = request.policy_name(&policy.name);
            region.retry_while_in_use(DELETE_POLICY, || request.clone().send()).await?;
        }
    }
    for policy in wanted.difference(live) {
        let request = region.autoscaling().put_scaling_policy().auto_scaling_group_name(group);
        let request = write(request.policy_name(&policy.name), &policy.scaling)?;
        region.retry_until_consistent(PUT_SCALING_POLICY, || request.clone().send()).await?;
    }
    Ok(())
}

fn can_become(live: &Scaling, wanted: &Scaling) -> bool {
    match (live, wanted) {
        (Scaling::Track { .. }, Scaling::Track { .. }) => true,
        (Scaling::Simple { at_least: live, .. }, Scaling::Simple { at_least: wanted, .. })
        | (Scaling::Steps { at_least: live, .. }, Scaling::Steps { at_least: wanted, .. }) => {
            live.is_none() || wanted.is_some()
        }
        (Scaling::Track { .. } | Scaling::Simple { .. } | Scaling::Steps { .. }, _) => false,
    }
}

fn write(request: PutScalingPolicyFluentBuilder, scaling: &Scaling) -> Result<PutScalingPolicyFluentBuilder> {
    let adjustment = |percent: &bool| if *percent { PERCENT } else { MACHINES };
    let at_least = |at_least: &Option<u32>, percent: &bool| at_least.filter(|_| *percent).map(signed);
    Ok(match scaling {
        Scaling::Track { metric, target } => {
            let metric = PredefinedMetricSpecification::builder()
                .predefined_metric_type(MetricType::from(metric.as_str()))
                .build();
            let tracking = TargetTrackingConfiguration::builder()
                .predefined_metric_specification(metric)
                .target_value(number(target)?)
                .build();
            request.policy_type("TargetTrackingScaling").target_tracking_configuration(tracking)
        }
        Scaling::Simple { by, percent, at_least: least, cooldown } => request
            .policy_type("SimpleScaling")
            .adjustment_type(adjustment(percent))
            .scaling_adjustment(*by)
            .set_min_adjustment_magnitude(at_least(least, percent))
            .cooldown(signed(*cooldown)),
        Scaling::Steps { percent, at_least: least, warmup, steps } => request
            .policy_type("StepScaling")
            .adjustment_type(adjustment(percent))
            .set_min_adjustment_magnitude(at_least(least, percent))
            .estimated_instance_warmup(signed(*warmup))
            .set_step_adjustments(Some(steps.iter().map(write_step).collect::<Result<_, _>>()?)),
    })
}

fn write_step(step: &ScalingStep) -> Result<StepAdjustment> {
    let bound = |text: &Option<String>| text.as_deref().map(number).transpose();
    Ok(StepAdjustment::builder()
        .set_metric_interval_lower_bound(bound(&step.from)?)
        .set_metric_interval_upper_bound(bound(&step.to)?)
        .scaling_adjustment(step.by)
        .build())
}

/// The number that a decimal text says.
fn number(text: &str) -> Result<f64> {
    text.parse().map_err(|_| PUT_SCALING_POLICY.refused(format!("`{text}` is no number")))
}
