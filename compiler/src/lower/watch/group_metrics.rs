//! The metrics of Auto Scaling groups that alarms monitor: a group sends them only if their collection is switched on.

use asiaq_ir::{
    Alarm as Wanted, AutoScalingGroup, DimensionValue, METRICS_TAG, Ref, Resource, TAGS_TAG, list_tag_keys,
    listed_tag_keys,
};
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
            found.tags.insert(METRICS_TAG.to_owned(), metrics.join(" "));
            let listed = found.tags.get(TAGS_TAG).map(String::as_str).unwrap_or_default();
            let mut keys: std::collections::BTreeSet<String> = listed_tag_keys(listed).collect();
            keys.insert(METRICS_TAG.to_owned());
            let listed = list_tag_keys(keys.iter().map(String::as_str));
            found.tags.insert(TAGS_TAG.to_owned(), listed);
            let places = found.provenance.entry(AutoScalingGroup::METRICS.as_str().to_owned());
            places.or_default().push(node::origin(self.sources, place));
        }
    }
}
