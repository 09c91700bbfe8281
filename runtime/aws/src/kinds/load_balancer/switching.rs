//! The switch of a listener from one target group to another: the instances pass the health checks of the new one
//! before it receives traffic.
//!
//! AWS checks the health of targets only while a listener forwards to their target group. A listener of an Application
//! Load Balancer can forward to several, also with weight 0. A Network Load Balancer cannot, so that a listener on a
//! spare port forwards to the new target group meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asiaq_ir::{Listener, Ref};
use asiaq_runtime::Fault;
use aws_sdk_elasticloadbalancingv2::types::{
    self as sdk, Action, ActionTypeEnum, ForwardActionConfig, TargetGroupTuple,
};

use super::listeners::{self, MODIFY_LISTENER};
use crate::kinds::health::{self, DESCRIBE_TARGET_HEALTH};
use crate::kinds::prelude::*;

/// The longest wait for the first health checks.
const LIMIT: Duration = Duration::from_mins(15);

/// Waits until the target groups that `wanted` switches to serve as well as the ones that the `live` listeners
/// forward to. If they do not in time, the old ones keep the traffic.
pub(super) async fn prepare(
    region: &Region<'_>,
    balancer: &str,
    live: &BTreeSet<Listener>,
    wanted: &BTreeSet<Listener>,
) -> Result<()> {
    let is_switched =
        |old: &Listener| wanted.iter().any(|new| new.port == old.port && new.target != old.target);
    if !live.iter().any(is_switched) {
        return Ok(());
    }
    let listed = listeners::of(region, balancer).await?;
    let there: BTreeMap<u16, &sdk::Listener> =
        listed.iter().filter_map(|listener| Some((listeners::port(listener)?, listener))).collect();
    let mut pairs: BTreeMap<(String, String), Vec<(&sdk::Listener, &Listener)>> = BTreeMap::new();
    for listener in wanted {
        let Some(live) = there.get(&listener.port) else { continue };
        let Some(read) = listeners::read(live) else { continue };
        let group = |listener: &Listener| listener.target.as_ref()?.id().map(ToOwned::to_owned);
        if let (Some(old), Some(new)) = (group(&read), group(listener))
            && old != new
            && old.starts_with("arn:")
        {
            pairs.entry((old, new)).or_default().push((*live, listener));
        }
    }
    let used: BTreeSet<u16> = there.keys().copied().chain(wanted.iter().map(|one| one.port)).collect();
    let mut spare = (1..=u16::MAX).rev().filter(|port| !used.contains(port));
    for ((old, new), switched) in pairs {
        // Where nothing serves, there is nothing to keep.
        if health::of_targets(region, &old).await?.healthy.is_empty() {
            continue;
        }
        let is_http = |listener: &Listener| matches!(listener.protocol.as_str(), "HTTP" | "HTTPS");
        let Some((_, first)) = switched.first() else { continue };
        if is_http(first) {
            for (live, _) in &switched {
                share(region, live, &old, &new).await?;
            }
            until_healthy(region, &old, &new).await?;
        } else if let Some(port) = spare.next() {
            let probe = Listener { port, further_certificates: None, ..(*first).clone() };
            let arn = listeners::open(region, balancer, &probe).await?;
            let passed = until_healthy(region, &old, &new).await;
            listeners::close(region, arn).await?;
            passed?;
        }
    }
    Ok(())
}

/// Lets a listener forward everything to `old`, and `new` be checked.
async fn share(region: &Region<'_>, listener: &sdk::Listener, old: &str, new: &str) -> Result<()> {
    let weighted =
        |arn: &str, weight| TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build();
    let forward =
        ForwardActionConfig::builder().target_groups(weighted(old, 1)).target_groups(weighted(new, 0));
    let action = Action::builder().r#type(ActionTypeEnum::Forward).forward_config(forward.build());
    let request = region
        .elbv2()
        .modify_listener()
        .set_listener_arn(listener.listener_arn.clone())
        .default_actions(action.build());
    region.retry_until_consistent(MODIFY_LISTENER, || request.clone().send()).await.map(drop)
}

/// Waits until as many targets of `new` are healthy as of `old`.
async fn until_healthy(region: &Region<'_>, old: &str, new: &str) -> Result<()> {
    let look = || async {
        let serving = health::of_targets(region, old).await?.healthy.len();
        let next = health::of_targets(region, new).await?;
        Ok((next.healthy.len() >= serving.max(1)).then_some(()))
    };
    let what = "the instances have not passed the health checks of the new target group";
    match region.poll(DESCRIBE_TARGET_HEALTH.name, what, LIMIT, look).await {
        Err(error) if error.fault == Fault::TimedOut => {
            let reasons = health::of_targets(region, new).await?.reasons();
            let message = format!(
                "{}{reasons}; the listener still forwards to the old target group, which serves: find out why, for \
                 example with the port and the health check, and apply again",
                error.message
            );
            Err(CloudError { message, ..error })
        }
        passed => passed,
    }
}

/// The target groups that listeners forward to.
pub(super) fn targets(listeners: &[sdk::Listener]) -> impl Iterator<Item = String> + '_ {
    let read = listeners.iter().filter_map(listeners::read);
    read.filter_map(|listener| match listener.target {
        Some(Ref::Id(arn)) if arn.starts_with("arn:") => Some(arn),
        _ => None,
    })
}
