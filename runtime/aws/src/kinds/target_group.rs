use std::time::Duration;

use asiaq_ir::{Ref, Stickiness, TargetGroup, TargetHealthCheck};
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, ProtocolEnum, TargetGroupAttribute, TargetTypeEnum,
};

use super::attributes;
use super::balancer_tags::{self, BalancerTags};
use super::prelude::*;
use crate::service::{DUPLICATE_TARGETS, elasticloadbalancing};

ops! { elasticloadbalancing:
    DESCRIBE_TARGET_GROUPS = "DescribeTargetGroups", Read;
    DESCRIBE_TARGET_GROUP_ATTRIBUTES = "DescribeTargetGroupAttributes", Own;
    CREATE_TARGET_GROUP = "CreateTargetGroup", Write;
    MODIFY_TARGET_GROUP = "ModifyTargetGroup", Write;
    MODIFY_TARGET_GROUP_ATTRIBUTES = "ModifyTargetGroupAttributes", Write;
    DELETE_TARGET_GROUP = "DeleteTargetGroup", Delete;
}

/// Seconds AWS keeps a cookie where nothing is said: there is none for the browser's session.
const DAY: u32 = 86_400;
/// Attribute with the seconds that requests in flight have.
const DRAINING: &str = "deregistration_delay.timeout_seconds";

impl Api for TargetGroup {
    type Live = sdk::TargetGroup;
    type Tags = BalancerTags;

    const OPERATIONS: IamActions = &[OPS, balancer_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_TARGET_GROUPS;
    const GONE: Option<Limit> = Some(Limit(Duration::from_mins(1), "the target group is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_TARGET_GROUP, DUPLICATE_TARGETS, |group| &group.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::TargetGroup>> {
        let all = region.elbv2().describe_target_groups();
        let call = match which {
            // AWS has no filter for a project.
            Which::OfProject(_) => all,
            Which::Id(arn) => all.target_group_arns(arn),
            Which::InPlaceOf(wanted) => all.names(&wanted.name),
        };
        DESCRIBE_TARGET_GROUPS.all(call.into_paginator().items().send()).await
    }

    fn id(group: &sdk::TargetGroup) -> Option<&str> {
        group.target_group_arn()
    }

    /// None for a group that was just deleted, or whose targets are not instances.
    async fn read(region: &Region<'_>, group: &sdk::TargetGroup) -> Result<Option<Self>> {
        let call = region
            .elbv2()
            .describe_target_group_attributes()
            .set_target_group_arn(group.target_group_arn.clone());
        let answer = DESCRIBE_TARGET_GROUP_ATTRIBUTES.call(call.send()).await;
        Ok(elasticloadbalancing.found(answer)?.and_then(|answer| read(group, answer.attributes())))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let check = &self.health_check;
        let call = region
            .elbv2()
            .create_target_group()
            .name(&self.name)
            .protocol(self.protocol.as_str().into())
            .port(self.port.into())
            .set_vpc_id(id_of(&self.vpc))
            .target_type(TargetTypeEnum::Instance)
            .health_check_protocol(check.protocol.as_str().into())
            .health_check_port(check.port.to_string())
            .set_health_check_path(check.path.clone())
            .health_check_interval_seconds(signed(check.interval))
            .health_check_timeout_seconds(signed(check.timeout))
            .unhealthy_threshold_count(signed(check.unhealthy))
            .healthy_threshold_count(signed(check.healthy))
            .set_tags(balancer_tags::list(request.tags));
        let made = region.retry_until_consistent(CREATE_TARGET_GROUP, || call.clone().send()).await?;
        let arn = made.target_groups().first().and_then(|group| group.target_group_arn.clone());
        // "Target group attributes" of the guide.
        let initial = Self { draining: 300, stickiness: None, attributes: [].into(), ..self.clone() };
        Ok(Created::ready(CREATE_TARGET_GROUP.part("ARN", arn)?, initial))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.health_check != wanted.health_check {
            let check = &wanted.health_check;
            let request = region
                .elbv2()
                .modify_target_group()
                .target_group_arn(id)
                .health_check_protocol(check.protocol.as_str().into())
                .health_check_port(check.port.to_string())
                .set_health_check_path(check.path.clone())
                .health_check_interval_seconds(signed(check.interval))
                .health_check_timeout_seconds(signed(check.timeout))
                .unhealthy_threshold_count(signed(check.unhealthy))
                .healthy_threshold_count(signed(check.healthy));
            region.retry_until_consistent(MODIFY_TARGET_GROUP, || request.clone().send()).await?;
        }
        let mut attributes = Vec::new();
        if self.draining != wanted.draining {
            attributes.push(attribute(DRAINING, &wanted.draining.to_string()));
        }
        if self.stickiness != wanted.stickiness {
            attributes.extend(stickiness(&wanted.protocol, wanted.stickiness.as_ref()));
        }
        let others = wanted.attributes.iter();
        let others = others.filter(|(key, value)| self.attributes.get(*key) != Some(value));
        attributes.extend(others.map(|(key, value)| attribute(key, value)));
        if attributes.is_empty() {
            return Ok(());
        }
        let request = region
            .elbv2()
            .modify_target_group_attributes()
            .target_group_arn(id)
            .set_attributes(Some(attributes));
        region
            .retry_until_consistent(MODIFY_TARGET_GROUP_ATTRIBUTES, || request.clone().send())
            .await
            .map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.elbv2().delete_target_group().target_group_arn(id);
        region.retry_while_in_use(DELETE_TARGET_GROUP, || call.clone().send()).await
    }
}

fn read(group: &sdk::TargetGroup, attributes: &[TargetGroupAttribute]) -> Option<TargetGroup> {
    let seconds = |seconds: Option<i32>| seconds.and_then(|seconds| u32::try_from(seconds).ok());
    let port = group.port.and_then(|port| u16::try_from(port).ok())?;
    let protocol = |protocol: Option<&ProtocolEnum>| protocol.map(|protocol| protocol.as_str().to_owned());
    // One that asks for HTTP has a path, and AWS may remember the path of another time.
    let is_http = protocol(group.health_check_protocol())?.starts_with("HTTP");
    // A check that goes to the port of the traffic has no number.
    let check_port = group.health_check_port().and_then(|text| text.parse().ok()).unwrap_or(port);
    Some(TargetGroup {
        name: group.target_group_name.clone()?,
        vpc: Ref::Id(group.vpc_id.clone()?),
        protocol: protocol(group.protocol())?,
        port,
        health_check: TargetHealthCheck {
            protocol: protocol(group.health_check_protocol())?,
            port: check_port,
            path: group.health_check_path.clone().filter(|path| is_http && !path.is_empty()),
            interval: seconds(group.health_check_interval_seconds)?,
            timeout: seconds(group.health_check_timeout_seconds)?,
            unhealthy: seconds(group.unhealthy_threshold_count)?,
            healthy: seconds(group.healthy_threshold_count)?,
        },
        draining: value(attributes, DRAINING)?.parse().ok()?,
        stickiness: read_stickiness(attributes),
        attributes: attributes::unknown(attributes.iter().map(|one| (one.key(), one.value())), &[DRAINING]),
    })
}

fn value<'a>(attributes: &'a [TargetGroupAttribute], key: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.key() == Some(key)).and_then(TargetGroupAttribute::value)
}

fn attribute(key: &str, value: &str) -> TargetGroupAttribute {
    TargetGroupAttribute::builder().key(key).value(value).build()
}

/// The attributes that keep a client with one machine. Where connections are balanced, and not requests, there
/// are no cookies: the client's address decides.
fn stickiness(protocol: &str, wanted: Option<&Stickiness>) -> Vec<TargetGroupAttribute> {
    let Some(wanted) = wanted else { return vec![attribute("stickiness.enabled", "false")] };
    let mut attributes = vec![attribute("stickiness.enabled", "true")];
    match wanted {
        Stickiness::Application(cookie) => attributes.extend([
            attribute("stickiness.type", "app_cookie"),
            attribute("stickiness.app_cookie.cookie_name", cookie),
        ]),
        Stickiness::Balancer(seconds) if matches!(protocol, "HTTP" | "HTTPS") => attributes.extend([
            attribute("stickiness.type", "lb_cookie"),
            attribute("stickiness.lb_cookie.duration_seconds", &seconds.unwrap_or(DAY).to_string()),
        ]),
        Stickiness::Balancer(_) => attributes.push(attribute("stickiness.type", "source_ip")),
    }
    attributes
}

fn read_stickiness(attributes: &[TargetGroupAttribute]) -> Option<Stickiness> {
    value(attributes, "stickiness.enabled").filter(|enabled| *enabled == "true")?;
    let seconds =
        value(attributes, "stickiness.lb_cookie.duration_seconds").and_then(|text| text.parse().ok());
    Some(match value(attributes, "stickiness.type")? {
        "app_cookie" => {
            let cookie = value(attributes, "stickiness.app_cookie.cookie_name").unwrap_or_default();
            Stickiness::Application(cookie.to_owned())
        }
        "lb_cookie" => Stickiness::Balancer(seconds.filter(|seconds| *seconds != DAY)),
        "source_ip" => Stickiness::Balancer(None),
        // No cookie has such a name.
        other => Stickiness::Application(format!("({other})")),
    })
}
