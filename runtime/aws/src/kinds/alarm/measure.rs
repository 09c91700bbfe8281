//! The dimensions of an alarm's metric. CloudWatch identifies Application and Network Load Balancers and target
//! groups by the end of their ARN, and all other resources by their id.

use std::collections::BTreeSet;

use asiaq_ir::{Dimension, DimensionValue, Ref, Resource};
use aws_sdk_cloudwatch::types::Dimension as Live;

use crate::kinds::prelude::*;

/// What an ARN of a load balancer has before its type, name and id.
const BALANCER: &str = ":loadbalancer/";

/// A dimension as CloudWatch takes it.
pub(super) fn write(dimension: &Dimension) -> Live {
    let value = match &dimension.value {
        DimensionValue::Text(text) => text.as_str(),
        DimensionValue::Of(reference) => end_of(reference.id().unwrap_or_default()),
    };
    Live::builder().name(&dimension.name).value(value).build()
}

/// A dimension as the plan compares it: one that names a resource refers to it, so far as CloudWatch's name for
/// it and the ARN of the alarm tell which it is.
pub(super) fn read(live: &Live, namespace: &str, alarm: &str) -> Option<Dimension> {
    let (name, value) = (live.name()?, live.value()?);
    let of = |id: String| DimensionValue::Of(Ref::Id(id));
    let value = match (namespace, name) {
        (_, "AutoScalingGroupName") | ("AWS/ELB", "LoadBalancerName") => of(value.to_owned()),
        (_, "LoadBalancer") if value.contains('/') => of(arn(alarm, &format!("loadbalancer/{value}"))?),
        (_, "TargetGroup") if value.starts_with("targetgroup/") => of(arn(alarm, value)?),
        _ => DimensionValue::Text(value.to_owned()),
    };
    Some(Dimension { name: name.to_owned(), value })
}

/// Replaces references to resources outside the project by their CloudWatch names, in the dimensions of all alarms.
/// A program can only write such a dimension as text.
pub(crate) fn name_unowned(listings: &mut [(String, Listed)]) {
    let all = listings.iter().flat_map(|(_, listed)| &listed.found);
    let own: BTreeSet<String> = all.map(|found| found.id.clone()).collect();
    for found in listings.iter_mut().flat_map(|(_, listed)| &mut listed.found) {
        let Found { resource: Resource::Alarm(alarm), .. } = found else { continue };
        let dimensions = std::mem::take(&mut alarm.dimensions);
        alarm.dimensions = dimensions.into_iter().map(|dimension| named(dimension, &own)).collect();
    }
}

fn named(dimension: Dimension, own: &BTreeSet<String>) -> Dimension {
    let stranger = match &dimension.value {
        DimensionValue::Of(Ref::Id(id)) if !own.contains(id) => end_of(id).to_owned(),
        DimensionValue::Of(_) | DimensionValue::Text(_) => return dimension,
    };
    Dimension { value: DimensionValue::Text(stranger), ..dimension }
}

/// The ARN of a load balancer or target group in the alarm's account and region.
fn arn(alarm: &str, resource: &str) -> Option<String> {
    let mut parts = alarm.split(':');
    let (arn, partition, _cloudwatch) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account) = (parts.next()?, parts.next()?);
    Some(format!("{arn}:{partition}:elasticloadbalancing:{region}:{account}:{resource}"))
}

/// CloudWatch's name for the resource with this id or ARN.
fn end_of(id: &str) -> &str {
    match id.split_once(BALANCER) {
        Some((_, end)) => end,
        None if id.starts_with("arn:") => id.rsplit(':').next().unwrap_or(id),
        None => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALARM: &str = "arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:astro_ci_x";
    const AT: &str = "arn:aws-cn:elasticloadbalancing:cn-north-1:111122223333";

    fn round(namespace: &str, name: &str, value: DimensionValue) -> String {
        let dimension = Dimension { name: name.to_owned(), value };
        let live = write(&dimension);
        assert_eq!(read(&live, namespace, ALARM), Some(dimension));
        live.value().unwrap().to_owned()
    }

    fn of(id: &str) -> DimensionValue {
        DimensionValue::Of(Ref::Id(id.to_owned()))
    }

    #[test]
    fn things_go_by_the_name_that_cloudwatch_has_for_them() {
        let group = round("EC2/Memory", "AutoScalingGroupName", of("ci_mhcfoo_1"));
        assert_eq!(group, "ci_mhcfoo_1");
        assert_eq!(round("AWS/ELB", "LoadBalancerName", of("d8cda22c")), "d8cda22c");
        let balancer = of(&format!("{AT}:loadbalancer/app/web/50dc6c495c0c9188"));
        assert_eq!(round("AWS/ApplicationELB", "LoadBalancer", balancer), "app/web/50dc6c495c0c9188");
        let balancer = of(&format!("{AT}:loadbalancer/net/web/50dc6c495c0c9188"));
        assert_eq!(round("AWS/NetworkELB", "LoadBalancer", balancer), "net/web/50dc6c495c0c9188");
        let targets = of(&format!("{AT}:targetgroup/web/73e2d6bc24d8a067"));
        assert_eq!(round("AWS/ApplicationELB", "TargetGroup", targets), "targetgroup/web/73e2d6bc24d8a067");
    }

    #[test]
    fn texts_stay_texts() {
        let text = |text: &str| DimensionValue::Text(text.to_owned());
        assert_eq!(round("EC2/Memory", "env_hostclass", text("ci_mhcfoo")), "ci_mhcfoo");
        assert_eq!(round("AWS/RDS", "DBInstanceIdentifier", text("ci-users")), "ci-users");
        assert_eq!(round("Shop", "LoadBalancerName", text("web")), "web");
    }
}
