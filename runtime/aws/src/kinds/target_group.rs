use std::time::Duration;

use asiaq_ir::{Ref, Stickiness, TargetGroup, TargetHealthCheck};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, ProtocolEnum, TargetGroupAttribute, TargetTypeEnum,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::{InAws, Made, Retag, balancer_tags, namesake};
use crate::permissions::Rights;
use crate::region::Region;
use crate::{error, tags};

const CREATE: &str = "CreateTargetGroup";
const DESCRIBE: &str = "DescribeTargetGroups";
const LIMIT: Duration = Duration::from_mins(1);
/// Groups whose attributes are asked for at the same time.
const AT_ONCE: usize = 8;
/// Seconds AWS keeps a cookie where nothing is said: there is none for the browser's session.
const DAY: u32 = 86_400;

impl InAws for TargetGroup {
    const RIGHTS: Rights = Rights {
        look: &[
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTags",
        ],
        make: &[
            "elasticloadbalancing:CreateTargetGroup",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
        ],
        tags: &["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
        delete: &["elasticloadbalancing:DeleteTargetGroup"],
        ..Rights::NONE
    };

    /// Lists every target group of the region, because AWS filters none, and looks closer at the project's.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let pages = region.elbv2().describe_target_groups().into_paginator().items().send();
        let all: Vec<sdk::TargetGroup> = error::call(DESCRIBE, pages.collect()).await?;
        let arns: Vec<String> = all.iter().filter_map(|group| group.target_group_arn.clone()).collect();
        let mut tags = balancer_tags::of(region, &arns).await?;
        let ours = all.into_iter().filter_map(|group| {
            let arn = group.target_group_arn.clone()?;
            let tags = tags.remove(&arn)?;
            tags::address_in(&tags, project).map(|_| (arn, tags, group))
        });
        let looks: Vec<_> = ours
            .map(|(arn, tags, group)| async move {
                let resource = read(region, &group).await?;
                Ok(tags::found_with(region.name, project, tags, &arn, resource))
            })
            .collect();
        let found: Vec<_> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
        Ok(Listed { found: found.into_iter().flatten().collect(), ..Listed::default() })
    }

    /// AWS answers a call for a name that is taken as if it had worked, where the settings are the same. So the
    /// name is looked up first.
    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        if let Some(made) = made_before(region, &self.name, order).await? {
            return Ok(made);
        }
        let check = &self.health_check;
        let request = region
            .elbv2()
            .create_target_group()
            .name(&self.name)
            .protocol(self.protocol.as_str().into())
            .port(self.port.into())
            .set_vpc_id(self.vpc.id().map(ToOwned::to_owned))
            .target_type(TargetTypeEnum::Instance)
            .health_check_protocol(check.protocol.as_str().into())
            .health_check_port(check.port.to_string())
            .set_health_check_path(check.path.clone())
            .health_check_interval_seconds(number(check.interval))
            .health_check_timeout_seconds(number(check.timeout))
            .unhealthy_threshold_count(number(check.unhealthy))
            .healthy_threshold_count(number(check.healthy))
            .set_tags(balancer_tags::list(order.tags));
        let made = match region.settled(|| error::call(CREATE, request.clone().send())).await {
            Err(error) if error.code == error::DUPLICATE_TARGETS => {
                return made_before(region, &self.name, order).await?.ok_or(error);
            }
            answer => answer?,
        };
        let arn = made.target_groups().first().and_then(|group| group.target_group_arn.clone());
        // "Target group attributes" of the guide.
        let born = Self { draining: 300, stickiness: None, ..self.clone() };
        Ok(Made { id: error::part(CREATE, "ARN", arn)?, born, ready: true })
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        Ok(called(region, &self.name).await?.map(|(_, tagged)| tagged))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        balancer_tags::change(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self.health_check != wanted.health_check {
            let check = &wanted.health_check;
            let request = region
                .elbv2()
                .modify_target_group()
                .target_group_arn(id)
                .health_check_protocol(check.protocol.as_str().into())
                .health_check_port(check.port.to_string())
                .set_health_check_path(check.path.clone())
                .health_check_interval_seconds(number(check.interval))
                .health_check_timeout_seconds(number(check.timeout))
                .unhealthy_threshold_count(number(check.unhealthy))
                .healthy_threshold_count(number(check.healthy));
            region.settled(|| error::call("ModifyTargetGroup", request.clone().send())).await?;
        }
        let mut attributes = Vec::new();
        if self.draining != wanted.draining {
            attributes.push(attribute("deregistration_delay.timeout_seconds", &wanted.draining.to_string()));
        }
        if self.stickiness != wanted.stickiness {
            attributes.extend(stickiness(&wanted.protocol, wanted.stickiness.as_ref()));
        }
        if attributes.is_empty() {
            return Ok(());
        }
        let request = region
            .elbv2()
            .modify_target_group_attributes()
            .target_group_arn(id)
            .set_attributes(Some(attributes));
        region.settled(|| error::call("ModifyTargetGroupAttributes", request.clone().send())).await.map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.elbv2().delete_target_group().target_group_arn(id);
        region.released(|| error::call("DeleteTargetGroup", request.clone().send())).await?;
        let gone = || async {
            let request = region.elbv2().describe_target_groups().target_group_arns(id);
            match error::call(DESCRIBE, request.send()).await {
                Err(error) if error::not_found(&error) => Ok(Some(())),
                answer => Ok(answer?.target_groups().is_empty().then_some(())),
            }
        };
        region.until(DESCRIBE, "the target group is not gone", LIMIT, gone).await
    }
}

/// What `order` has made already, as it is now. An error where the name is somebody else's.
async fn made_before(
    region: &Region<'_>,
    name: &str,
    order: &Create<'_>,
) -> Result<Option<Made<TargetGroup>>, CloudError> {
    let Some((there, (id, tags))) = called(region, name).await? else { return Ok(None) };
    if !namesake::is_ordered(order, &tags) {
        return Err(namesake::refusal(CREATE, error::DUPLICATE_TARGETS, name, order));
    }
    Ok(read(region, &there).await?.map(|born| Made { id, born, ready: true }))
}

/// The group of a name, with ARN and tags.
async fn called(region: &Region<'_>, name: &str) -> Result<Option<(sdk::TargetGroup, Tagged)>, CloudError> {
    let request = region.elbv2().describe_target_groups().names(name);
    let there = match error::call(DESCRIBE, request.send()).await {
        Err(error) if error::not_found(&error) => return Ok(None),
        answer => answer?.target_groups.unwrap_or_default().pop(),
    };
    let Some(there) = there else { return Ok(None) };
    let id = error::part(DESCRIBE, "ARN", there.target_group_arn.clone())?;
    let tags = balancer_tags::of(region, std::slice::from_ref(&id)).await?.remove(&id).unwrap_or_default();
    Ok(Some((there, (id, tags))))
}

/// Reads it whole; nothing where it has just gone, or where no machines but something else is behind it.
async fn read(region: &Region<'_>, group: &sdk::TargetGroup) -> Result<Option<TargetGroup>, CloudError> {
    let request = region
        .elbv2()
        .describe_target_group_attributes()
        .set_target_group_arn(group.target_group_arn.clone());
    match error::call("DescribeTargetGroupAttributes", request.send()).await {
        Err(gone) if error::not_found(&gone) => Ok(None),
        answer => Ok(whole(group, answer?.attributes())),
    }
}

fn whole(group: &sdk::TargetGroup, attributes: &[TargetGroupAttribute]) -> Option<TargetGroup> {
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
        draining: value(attributes, "deregistration_delay.timeout_seconds")?.parse().ok()?,
        stickiness: read_stickiness(attributes),
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

fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
