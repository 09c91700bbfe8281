//! Listeners of Application and Network Load Balancers.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Listener, Ref, TlsPolicy};
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, Action, ActionTypeEnum, Certificate, ForwardActionConfig,
};

use crate::kinds::prelude::*;

ops! { elasticloadbalancing:
    DESCRIBE_LISTENERS = "DescribeListeners", Read;
    CREATE_LISTENER = "CreateListener", Write;
    MODIFY_LISTENER = "ModifyListener", Write;
    DELETE_LISTENER = "DeleteListener", Write;
}

/// The listeners of a load balancer, from every page.
pub(super) async fn of(region: &Region<'_>, balancer: &str) -> Result<Vec<sdk::Listener>> {
    let pages =
        region.elbv2().describe_listeners().load_balancer_arn(balancer).into_paginator().items().send();
    DESCRIBE_LISTENERS.all(pages).await
}

/// A listener in the IR's form. An action other than forwarding to one target group is named in place of the group.
pub(super) fn read(listener: &sdk::Listener) -> Option<Listener> {
    let certificate =
        listener.certificates().first().and_then(|certificate| certificate.certificate_arn.clone());
    let does = match listener.default_actions() {
        [one] => target(one).unwrap_or_else(|| name(one)),
        several => several.iter().map(name).collect::<Vec<_>>().join(" and "),
    };
    // AWS may keep the policy of an earlier protocol.
    let is_encrypted = matches!(listener.protocol()?.as_str(), "HTTPS" | "TLS");
    Some(Listener {
        port: u16::try_from(listener.port?).ok()?,
        protocol: listener.protocol()?.as_str().to_owned(),
        certificate: certificate.map(Ref::Id),
        tls_policy: listener.ssl_policy.clone().filter(|_| is_encrypted).map(TlsPolicy::Named),
        target: Ref::Id(does),
    })
}

/// The only target group that an action forwards to, or the only one with a weight.
fn target(action: &Action) -> Option<String> {
    let groups = action.forward_config().map(ForwardActionConfig::target_groups).unwrap_or_default();
    let mut weighted = groups.iter().filter(|group| group.weight() != Some(0));
    match (groups, weighted.next(), weighted.next()) {
        ([] | [_], ..) => {
            action.target_group_arn.clone().or_else(|| groups.first()?.target_group_arn.clone())
        }
        (_, Some(only), None) => only.target_group_arn.clone(),
        _ => None,
    }
}

fn name(action: &Action) -> String {
    action.r#type().map_or("unknown", ActionTypeEnum::as_str).to_owned()
}

/// Opens, changes and closes ports, each in place: new ones come first, and old ones go last. A port that another target
/// group is to serve goes on with the old one until the new one is healthy.
pub(super) async fn update(
    region: &Region<'_>,
    balancer: &str,
    live: &BTreeSet<Listener>,
    wanted: &BTreeSet<Listener>,
) -> Result<()> {
    if live == wanted {
        return Ok(());
    }
    let there = of(region, balancer).await?;
    let arns: BTreeMap<u16, &sdk::Listener> =
        there.iter().filter_map(|listener| Some((u16::try_from(listener.port?).ok()?, listener))).collect();
    for listener in wanted.iter().filter(|listener| !arns.contains_key(&listener.port)) {
        open(region, balancer, listener).await?;
    }
    for listener in wanted {
        if let Some(there) = arns.get(&listener.port)
            && read(there).as_ref() != Some(listener)
        {
            change(region, there, listener).await?;
        }
    }
    for (port, there) in arns {
        let (is_known, is_wanted) = (has(live, port), has(wanted, port));
        // A port that was added after the plan was made is left for the next plan.
        if is_known && !is_wanted {
            close(region, there.listener_arn.clone()).await?;
        }
    }
    Ok(())
}

fn has(listeners: &BTreeSet<Listener>, port: u16) -> bool {
    listeners.iter().any(|listener| listener.port == port)
}

/// Opens a port. Returns the ARN of its listener.
pub(super) async fn open(region: &Region<'_>, balancer: &str, listener: &Listener) -> Result<Option<String>> {
    let request = region
        .elbv2()
        .create_listener()
        .load_balancer_arn(balancer)
        .port(listener.port.into())
        .protocol(listener.protocol.as_str().into())
        .set_certificates(certificates(listener))
        .set_ssl_policy(policy(listener))
        .default_actions(forward(&listener.target));
    let made = region.retry_until_consistent(CREATE_LISTENER, || request.clone().send()).await?;
    Ok(made.listeners().first().and_then(|listener| listener.listener_arn.clone()))
}

async fn change(region: &Region<'_>, there: &sdk::Listener, wanted: &Listener) -> Result<()> {
    let request = region
        .elbv2()
        .modify_listener()
        .set_listener_arn(there.listener_arn.clone())
        .protocol(wanted.protocol.as_str().into())
        .set_certificates(certificates(wanted))
        .set_ssl_policy(policy(wanted))
        .default_actions(forward(&wanted.target));
    region.retry_until_consistent(MODIFY_LISTENER, || request.clone().send()).await.map(drop)
}

pub(super) async fn close(region: &Region<'_>, listener: Option<String>) -> Result<()> {
    let request = region.elbv2().delete_listener().set_listener_arn(listener);
    region.retry_while_in_use(DELETE_LISTENER, || request.clone().send()).await
}

fn certificates(listener: &Listener) -> Option<Vec<Certificate>> {
    let arn = listener.certificate.as_ref().and_then(Ref::id)?;
    Some(vec![Certificate::builder().certificate_arn(arn).build()])
}

fn policy(listener: &Listener) -> Option<String> {
    listener.tls_policy.as_ref().map(|policy| policy.name().to_owned())
}

fn forward(target: &Ref) -> Action {
    let action = Action::builder().r#type(ActionTypeEnum::Forward);
    action.set_target_group_arn(target.id().map(ToOwned::to_owned)).build()
}
