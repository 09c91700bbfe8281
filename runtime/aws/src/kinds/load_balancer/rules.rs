//! Rules that somebody added to listeners of Application Load Balancers.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ListenerRule, Ref};
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, Action, ForwardActionConfig, HostHeaderConditionConfig, HttpHeaderConditionConfig,
    HttpRequestMethodConditionConfig, PathPatternConditionConfig, QueryStringConditionConfig, RuleCondition,
    SourceIpConditionConfig, TargetGroupTuple,
};

use super::listeners;
use crate::kinds::prelude::*;
use crate::service::{PRIORITY_TAKEN, elasticloadbalancing};

ops! { elasticloadbalancing:
    DESCRIBE_RULES = "DescribeRules", Own;
    CREATE_RULE = "CreateRule", Write;
    MODIFY_RULE = "ModifyRule", Write;
}

/// The rules of a listener beside its default action, from every page. Only listeners for HTTP have some.
pub(super) async fn of(region: &Region<'_>, listener: &sdk::Listener) -> Result<Vec<ListenerRule>> {
    let port = listeners::port(listener);
    let is_http = matches!(listener.protocol().map(sdk::ProtocolEnum::as_str), Some("HTTP" | "HTTPS"));
    let Some(port) = port.filter(|_| is_http) else { return Ok(Vec::new()) };
    let call = region.elbv2().describe_rules().set_listener_arn(listener.listener_arn.clone());
    let all = DESCRIBE_RULES.all(call.into_paginator().items().send()).await?;
    Ok(all.iter().filter_map(|rule| read(rule, port)).collect())
}

/// Absent for the default action.
fn read(rule: &sdk::Rule, port: u16) -> Option<ListenerRule> {
    let actions: Vec<String> = rule.actions().iter().map(listeners::name).collect();
    let conditions: Vec<String> = rule.conditions().iter().map(condition).collect();
    Some(ListenerRule {
        port,
        priority: priority(rule)?,
        text: format!("{} → {}", conditions.join(" and "), actions.join(", ")),
        targets: targets(rule).into_iter().map(Ref::Id).collect(),
        has_secret: rule.actions().iter().any(|action| action.authenticate_oidc_config().is_some()),
        arn: rule.rule_arn.clone()?,
    })
}

fn priority(rule: &sdk::Rule) -> Option<u32> {
    rule.priority()?.parse().ok()
}

/// The target groups that a rule forwards to, each once, in its order.
fn targets(rule: &sdk::Rule) -> Vec<String> {
    let mut targets = Vec::new();
    for action in rule.actions() {
        let weighted = action.forward_config().map(ForwardActionConfig::target_groups).unwrap_or_default();
        let weighted = weighted.iter().filter_map(TargetGroupTuple::target_group_arn);
        for arn in action.target_group_arn().into_iter().chain(weighted) {
            if !targets.iter().any(|known| known == arn) {
                targets.push(arn.to_owned());
            }
        }
    }
    targets
}

/// `path-pattern /api/* or /rest/*`
fn condition(condition: &RuleCondition) -> String {
    let lists = [
        Some(condition.values()),
        condition.host_header_config().map(HostHeaderConditionConfig::values),
        condition.http_header_config().map(HttpHeaderConditionConfig::values),
        condition.http_request_method_config().map(HttpRequestMethodConditionConfig::values),
        condition.path_pattern_config().map(PathPatternConditionConfig::values),
        condition.source_ip_config().map(SourceIpConditionConfig::values),
    ];
    let query = condition.query_string_config().map(QueryStringConditionConfig::values).unwrap_or_default();
    let query = query.iter().map(|pair| {
        let key = pair.key().map(|key| format!("{key}=")).unwrap_or_default();
        format!("{key}{}", pair.value().unwrap_or_default())
    });
    // A listing has the values of some conditions twice.
    let values: BTreeSet<String> = lists.into_iter().flatten().flatten().cloned().chain(query).collect();
    let values: Vec<String> = values.into_iter().collect();
    let header = condition.http_header_config().and_then(HttpHeaderConditionConfig::http_header_name);
    let field = header.or_else(|| condition.field()).unwrap_or("condition");
    format!("{field} {}", values.join(" or ")).trim_end().to_owned()
}

/// Lets rules forward to the target groups that they are to have from now on, and adds the rules that the load balancer
/// gets from one that it takes the place of. No rule is deleted: a listener takes its rules along.
pub(super) async fn update(
    region: &Region<'_>,
    balancer: &str,
    live: &BTreeSet<ListenerRule>,
    wanted: &BTreeSet<ListenerRule>,
) -> Result<()> {
    let before: BTreeMap<(u16, u32), &ListenerRule> =
        live.iter().map(|rule| ((rule.port, rule.priority), rule)).collect();
    let mut new = Vec::new();
    for rule in wanted {
        match before.get(&(rule.port, rule.priority)) {
            None => new.push(rule),
            Some(before) if before.targets == rule.targets => {}
            Some(before) => {
                let call = region.elbv2().modify_rule().rule_arn(&before.arn);
                // Somebody may have changed the rule since the plan was made, or deleted it.
                let Some(actions) = actions(region, &before.arn, rule).await? else { continue };
                let call = call.set_actions(Some(actions.1.into_iter().map(keeping_secret).collect()));
                region.retry_until_consistent(MODIFY_RULE, || call.clone().send()).await?;
            }
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let listed = listeners::of(region, balancer).await?;
    let arns: BTreeMap<u16, &str> =
        listed.iter().filter_map(|one| Some((listeners::port(one)?, one.listener_arn()?))).collect();
    for rule in new {
        let Some(listener) = arns.get(&rule.port) else { continue };
        let Some((there, actions)) = actions(region, &rule.arn, rule).await? else { continue };
        let call = region
            .elbv2()
            .create_rule()
            .listener_arn(*listener)
            .set_priority(i32::try_from(rule.priority).ok())
            .set_conditions(Some(there.conditions().iter().cloned().map(sent).collect()))
            .set_actions(Some(actions));
        match region.retry_until_consistent(CREATE_RULE, || call.clone().send()).await {
            // An earlier try added it.
            Err(error) if error.code == PRIORITY_TAKEN => {}
            made => drop(made?),
        }
    }
    Ok(())
}

/// A rule as it is in AWS, and its actions with the target groups of `wanted`; absent if it is not what the plan was
/// made from.
async fn actions(
    region: &Region<'_>,
    arn: &str,
    wanted: &ListenerRule,
) -> Result<Option<(sdk::Rule, Vec<Action>)>> {
    let call = region.elbv2().describe_rules().rule_arns(arn);
    let found = elasticloadbalancing.found(DESCRIBE_RULES.all(call.into_paginator().items().send()).await)?;
    let Some(rule) = found.into_iter().flatten().next() else { return Ok(None) };
    let now = targets(&rule);
    let next: Vec<&str> = wanted.targets.iter().filter_map(Ref::id).collect();
    if now.len() != next.len() {
        return Ok(None);
    }
    let next: BTreeMap<&str, &str> = now.iter().map(String::as_str).zip(next).collect();
    let actions = rule.actions().iter().map(|action| forwarding(action, &next)).collect();
    Ok(Some((rule, actions)))
}

/// An action with other target groups.
fn forwarding(action: &Action, next: &BTreeMap<&str, &str>) -> Action {
    let renamed = |arn: &mut Option<String>| {
        if let Some(arn) = arn
            && let Some(next) = next.get(arn.as_str())
        {
            (*next).clone_into(arn);
        }
    };
    let mut action = action.clone();
    renamed(&mut action.target_group_arn);
    if let Some(forward) = &mut action.forward_config {
        forward.target_groups.iter_mut().flatten().for_each(|group| renamed(&mut group.target_group_arn));
    }
    action
}

/// An action of a rule that exists: AWS shows no client secret, and keeps the one that it has.
fn keeping_secret(mut action: Action) -> Action {
    if let Some(login) = &mut action.authenticate_oidc_config {
        login.use_existing_client_secret = Some(true);
    }
    action
}

/// A condition as AWS takes it: without the values that a listing has a second time.
fn sent(mut condition: RuleCondition) -> RuleCondition {
    if condition.host_header_config().is_some() || condition.path_pattern_config().is_some() {
        condition.values = None;
    }
    condition
}
