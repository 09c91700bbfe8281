//! Listeners of Application and Network Load Balancers.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Listener, Redirect, Ref, TlsPolicy};
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, Action, ActionTypeEnum, Certificate, ForwardActionConfig, RedirectActionConfig,
    RedirectActionStatusCodeEnum,
};

use crate::kinds::prelude::*;

ops! { elasticloadbalancing:
    DESCRIBE_LISTENERS = "DescribeListeners", Own;
    CREATE_LISTENER = "CreateListener", Write;
    MODIFY_LISTENER = "ModifyListener", Write;
    DELETE_LISTENER = "DeleteListener", Write;
    DESCRIBE_LISTENER_CERTIFICATES = "DescribeListenerCertificates", Own;
    ADD_LISTENER_CERTIFICATES = "AddListenerCertificates", Write;
    REMOVE_LISTENER_CERTIFICATES = "RemoveListenerCertificates", Write;
}

/// The parts of a URL that a redirect leaves as they are ("Redirect actions" of the guide): host, path and query.
const SAME: [&str; 3] = ["#{host}", "/#{path}", "#{query}"];

/// The listeners of a load balancer, from every page.
pub(super) async fn of(region: &Region<'_>, balancer: &str) -> Result<Vec<sdk::Listener>> {
    let pages =
        region.elbv2().describe_listeners().load_balancer_arn(balancer).into_paginator().items().send();
    DESCRIBE_LISTENERS.all(pages).await
}

pub(super) fn port(listener: &sdk::Listener) -> Option<u16> {
    u16::try_from(listener.port?).ok()
}

/// The certificates of a listener beside its default one, from every page; none if it has no certificate at all.
pub(super) async fn further(region: &Region<'_>, listener: &sdk::Listener) -> Result<BTreeSet<Ref>> {
    if listener.certificates().is_empty() {
        return Ok(BTreeSet::new());
    }
    let call =
        region.elbv2().describe_listener_certificates().set_listener_arn(listener.listener_arn.clone());
    let all = DESCRIBE_LISTENER_CERTIFICATES.all(call.into_paginator().items().send()).await?;
    let further = all.into_iter().filter(|one| one.is_default() != Some(true));
    Ok(further.filter_map(|one| one.certificate_arn).map(Ref::Id).collect())
}

/// Adds and removes certificates of a listener beside its default one.
async fn set_further(
    region: &Region<'_>,
    listener: &str,
    live: &BTreeSet<Ref>,
    wanted: &BTreeSet<Ref>,
) -> Result<()> {
    let certificate = |arn: &str| Certificate::builder().certificate_arn(arn).build();
    for arn in wanted.difference(live).filter_map(Ref::id) {
        let call = region.elbv2().add_listener_certificates().listener_arn(listener);
        let call = call.certificates(certificate(arn));
        region.retry_until_consistent(ADD_LISTENER_CERTIFICATES, || call.clone().send()).await?;
    }
    for arn in live.difference(wanted).filter_map(Ref::id) {
        let call = region.elbv2().remove_listener_certificates().listener_arn(listener);
        let call = call.certificates(certificate(arn));
        region.retry_until_consistent(REMOVE_LISTENER_CERTIFICATES, || call.clone().send()).await?;
    }
    Ok(())
}

/// A listener in the IR's form, without its further certificates. An action other than forwarding to one target group,
/// or a redirect that the IR has, is named in place of the group.
pub(super) fn read(listener: &sdk::Listener) -> Option<Listener> {
    let certificate =
        listener.certificates().first().and_then(|certificate| certificate.certificate_arn.clone());
    let (does, redirect) = match listener.default_actions() {
        [one] => (target(one).unwrap_or_else(|| name(one)), redirect(one)),
        several => (several.iter().map(name).collect::<Vec<_>>().join(" and "), None),
    };
    // AWS may keep the policy of an earlier protocol.
    let is_encrypted = matches!(listener.protocol()?.as_str(), "HTTPS" | "TLS");
    Some(Listener {
        port: port(listener)?,
        protocol: listener.protocol()?.as_str().to_owned(),
        certificate: certificate.map(Ref::Id),
        tls_policy: listener.ssl_policy.clone().filter(|_| is_encrypted).map(TlsPolicy::Named),
        further_certificates: None,
        target: redirect.is_none().then_some(Ref::Id(does)),
        redirect,
    })
}

/// Where an action redirects clients to, if it leaves the rest of the URL as it is and is permanent.
fn redirect(action: &Action) -> Option<Redirect> {
    let redirect = action.redirect_config()?;
    let rest = [redirect.host(), redirect.path(), redirect.query()];
    let is_same = rest.into_iter().zip(SAME).all(|(part, same)| part.is_none_or(|part| part == same));
    let is_permanent = redirect.status_code() == Some(&RedirectActionStatusCodeEnum::Http301);
    let to = Redirect { protocol: redirect.protocol()?.to_owned(), port: redirect.port()?.parse().ok()? };
    (is_same && is_permanent).then_some(to)
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

pub(super) fn name(action: &Action) -> String {
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
        there.iter().filter_map(|listener| Some((port(listener)?, listener))).collect();
    for listener in wanted.iter().filter(|listener| !arns.contains_key(&listener.port)) {
        open(region, balancer, listener).await?;
    }
    for listener in wanted {
        if let Some(there) = arns.get(&listener.port)
            && let Some(arn) = there.listener_arn()
        {
            let before = live.iter().find(|live| live.port == listener.port);
            let wanted = Listener { further_certificates: None, ..listener.clone() };
            if read(there) != Some(wanted) {
                change(region, there, listener).await?;
            }
            let of = |listener: Option<&Listener>| listener?.further_certificates.clone();
            let (before, after) = (of(before).unwrap_or_default(), of(Some(listener)).unwrap_or_default());
            set_further(region, arn, &before, &after).await?;
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
        .default_actions(action(listener));
    let made = region.retry_until_consistent(CREATE_LISTENER, || request.clone().send()).await?;
    let made = made.listeners().first().and_then(|listener| listener.listener_arn.clone());
    if let (Some(arn), Some(further)) = (&made, &listener.further_certificates) {
        set_further(region, arn, &BTreeSet::new(), further).await?;
    }
    Ok(made)
}

async fn change(region: &Region<'_>, there: &sdk::Listener, wanted: &Listener) -> Result<()> {
    let request = region
        .elbv2()
        .modify_listener()
        .set_listener_arn(there.listener_arn.clone())
        .protocol(wanted.protocol.as_str().into())
        .set_certificates(certificates(wanted))
        .set_ssl_policy(policy(wanted))
        .default_actions(action(wanted));
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

fn action(listener: &Listener) -> Action {
    if let Some(Redirect { protocol, port }) = &listener.redirect {
        let redirect = RedirectActionConfig::builder().protocol(protocol).port(port.to_string());
        let redirect = redirect.status_code(RedirectActionStatusCodeEnum::Http301).build();
        return Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(redirect).build();
    }
    let action = Action::builder().r#type(ActionTypeEnum::Forward);
    let target = listener.target.as_ref().and_then(Ref::id);
    action.set_target_group_arn(target.map(ToOwned::to_owned)).build()
}
