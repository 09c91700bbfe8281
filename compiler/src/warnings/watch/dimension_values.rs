//! Values of dimensions that are not what CloudWatch calls a resource: ARNs, words in place of ids, and names of the
//! program's own declarations.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Alarm as Wanted, Resource};
use asiaq_lang::Diagnostic;

use super::Project;
use crate::errors;
use crate::model::{Alarm, Environment};
use crate::value::Spanned;

/// The beginnings of AWS's ids, by dimension.
const IDS: &[(&str, &str)] = &[
    ("FileSystemId", "fs-"),
    ("ImageId", "ami-"),
    ("InstanceId", "i-"),
    ("NatGatewayId", "nat-"),
    ("TransitGateway", "tgw-"),
    ("TransitGatewayAttachment", "tgw-attach-"),
    ("VolumeId", "vol-"),
    ("VpnId", "vpn-"),
];
/// Dimensions of what asiaq makes for a hostclass.
const OF_HOSTCLASS: &[&str] = &["AutoScalingGroupName", "LoadBalancer", "LoadBalancerName", "TargetGroup"];
/// The beginnings of load balancers in CloudWatch, by namespace.
const BALANCERS: &[(&str, &str)] =
    &[("AWS/ApplicationELB", "app/"), ("AWS/GatewayELB", "gwy/"), ("AWS/NetworkELB", "net/")];

/// The first value of an alarm's own dimensions that names nothing.
pub(super) fn find(
    project: &Project<'_>,
    env: &Environment,
    alarm: &Alarm,
    wanted: &Wanted,
) -> Option<Diagnostic> {
    let said: &BTreeMap<String, Spanned<String>> = &alarm.dimensions.as_ref()?.value;
    said.iter().find_map(|(name, value)| {
        let (span, value) = (value.span, value.value.as_str());
        let is_of_hostclass = OF_HOSTCLASS.contains(&name.as_str());
        if is_of_hostclass && env.host(value).is_some() {
            return Some(errors::dimension_of_hostclass(span, name, value));
        }
        if name == "TopicName"
            && let Some(called) = topic(project, env, value)
        {
            return Some(errors::dimension_of_topic(span, value, called));
        }
        if value.starts_with("arn:") && !name.to_ascii_lowercase().ends_with("arn") {
            return Some(errors::arn_as_dimension(span, name, of_arn(name, value)));
        }
        let start = match name.as_str() {
            "LoadBalancer" => {
                BALANCERS.iter().find(|(of, _)| *of == wanted.namespace).map(|(_, start)| *start)
            }
            "TargetGroup" => Some("targetgroup/"),
            _ => IDS.iter().find(|(id, _)| id == name).map(|(_, start)| *start),
        };
        let start = start.filter(|start| !value.starts_with(start))?;
        Some(errors::malformed_dimension(span, name, value, start))
    })
}

/// The name in AWS of the topic `name`, if it is another one.
fn topic<'p>(project: &'p Project<'_>, env: &Environment, name: &str) -> Option<&'p str> {
    let node = project.ir.resources.get(&Address::new(&env.name, &format!("topic/{name}")))?;
    let Resource::Topic(topic) = &node.resource else { return None };
    (topic.name != name).then_some(&topic.name)
}

/// What CloudWatch calls the resource of an ARN.
fn of_arn<'v>(dimension: &str, arn: &'v str) -> &'v str {
    let resource = arn.splitn(6, ':').last().unwrap_or(arn);
    match dimension {
        "LoadBalancer" | "LoadBalancerName" => resource.strip_prefix("loadbalancer/").unwrap_or(resource),
        "TargetGroup" => resource,
        _ => resource.rsplit([':', '/']).next().unwrap_or(resource),
    }
}
