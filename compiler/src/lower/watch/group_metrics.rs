//! The metrics of Auto Scaling groups that alarms monitor: a group sends them only if their collection is switched on.

use asiaq_ir::{Alarm as Wanted, AutoScalingGroup, DimensionValue, METRICS_TAG, Ref, Resource};
use asiaq_lang::Span;

use crate::lower::{Lowering, node};

const NAMESPACE: &str = "AWS/AutoScaling";
/// Metrics that a group can send to CloudWatch (Amazon EC2 Auto Scaling API reference, `EnableMetricsCollection`),
/// without those of warm pools.
const METRICS: &[&str] = &[
    "GroupDesiredCapacity",
    "GroupInServiceCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingCapacity",
    "GroupPendingInstances",
    "GroupStandbyCapacity",
    "GroupStandbyInstances",
    "GroupTerminatingCapacity",
    "GroupTerminatingInstances",
    "GroupTotalCapacity",
    "GroupTotalInstances",
];

impl Lowering<'_> {
    /// Switches the metric of an alarm on, for each group of the program that the alarm monitors. `place` is where the
    /// alarm names the metric.
    pub(super) fn send_metric(&mut self, alarm: &Wanted, place: Span) {
        if alarm.namespace != NAMESPACE || !METRICS.contains(&alarm.metric.as_str()) {
            return;
        }
        for dimension in &alarm.dimensions {
            let DimensionValue::Of(Ref::To(address)) = &dimension.value else { continue };
            let Some(found) = self.ir.resources.get_mut(address) else { continue };
            let Resource::AutoScalingGroup(group) = &mut found.resource else { continue };
            group.metrics.insert(alarm.metric.clone());
            let metrics: Vec<&str> = group.metrics.iter().map(String::as_str).collect();
            node::list_tag(&mut found.tags, METRICS_TAG, &metrics.join(" "));
            let places = found.provenance.entry(AutoScalingGroup::METRICS.as_str().to_owned());
            places.or_default().push(node::origin(self.sources, place));
        }
    }
}
