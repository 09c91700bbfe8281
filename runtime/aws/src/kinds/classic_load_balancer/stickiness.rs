//! Sticky sessions of a Classic Load Balancer: a cookie policy, set on every HTTP and HTTPS listener.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Stickiness;
use aws_sdk_elasticloadbalancing::types as sdk;

use super::listeners;
use crate::kinds::prelude::*;

ops! { elasticloadbalancing:
    DESCRIBE_LOAD_BALANCERS = "DescribeLoadBalancers", Read;
    DESCRIBE_LOAD_BALANCER_POLICIES = "DescribeLoadBalancerPolicies", Own;
    CREATE_APP_COOKIE_STICKINESS_POLICY = "CreateAppCookieStickinessPolicy", Write;
    CREATE_LB_COOKIE_STICKINESS_POLICY = "CreateLBCookieStickinessPolicy", Write;
    SET_LOAD_BALANCER_POLICIES_OF_LISTENER = "SetLoadBalancerPoliciesOfListener", Write;
    DELETE_LOAD_BALANCER_POLICY = "DeleteLoadBalancerPolicy", Write;
}

/// Name of asiaq's policy. AWS cannot change a policy, so its replacement has a number as suffix.
const POLICY: &str = "session-cookie-policy";
/// Placeholder for listeners with different policies. It is no valid cookie name, so it always shows as a difference.
const MIXED: &str = "(not the same on every port)";

/// The policies of a load balancer.
pub(super) async fn policies(region: &Region<'_>, name: &str) -> Result<Vec<sdk::PolicyDescription>> {
    let request = region.elb().describe_load_balancer_policies().load_balancer_name(name);
    let answer = DESCRIBE_LOAD_BALANCER_POLICIES.call(request.send()).await?;
    Ok(answer.policy_descriptions.unwrap_or_default())
}

/// The stickiness that a policy sets. `None` for policies of other types.
fn cookie(policy: &sdk::PolicyDescription) -> Option<Stickiness> {
    let attributes = policy.policy_attribute_descriptions();
    let value = |name: &str| {
        let named = attributes.iter().find(|attribute| attribute.attribute_name() == Some(name));
        named.and_then(|attribute| attribute.attribute_value())
    };
    match policy.policy_type_name()? {
        "AppCookieStickinessPolicyType" => {
            Some(Stickiness::Application(value("CookieName").unwrap_or_default().to_owned()))
        }
        "LBCookieStickinessPolicyType" => {
            let seconds = value("CookieExpirationPeriod").and_then(|text| text.parse().ok());
            // AWS returns 0 for a session cookie.
            Some(Stickiness::Balancer(seconds.filter(|seconds| *seconds > 0)))
        }
        _ => None,
    }
}

/// The cookie policies, by name.
fn cookies(policies: &[sdk::PolicyDescription]) -> BTreeMap<&str, Stickiness> {
    policies.iter().filter_map(|policy| Some((policy.policy_name()?, cookie(policy)?))).collect()
}

/// The stickiness of the HTTP and HTTPS listeners.
pub(super) fn read(
    ports: &[sdk::ListenerDescription],
    policies: &[sdk::PolicyDescription],
) -> Option<Stickiness> {
    let cookies = cookies(policies);
    let of_port = |port: &sdk::ListenerDescription| {
        port.policy_names().iter().find_map(|name| cookies.get(name.as_str()))
    };
    let mut all = http(ports).map(|(_, port)| of_port(port).cloned());
    let first = all.next()?;
    if all.all(|other| other == first) { first } else { Some(Stickiness::Application(MIXED.to_owned())) }
}

/// The HTTP and HTTPS listeners.
fn http(ports: &[sdk::ListenerDescription]) -> impl Iterator<Item = (i32, &sdk::ListenerDescription)> {
    ports.iter().filter_map(|port| {
        let listener = port.listener()?;
        listeners::is_http(&listener.protocol.to_ascii_uppercase())
            .then_some((listener.load_balancer_port, port))
    })
}

/// The listeners of a load balancer, with the names of their policies.
pub(super) async fn ports(region: &Region<'_>, name: &str) -> Result<Vec<sdk::ListenerDescription>> {
    let request = region.elb().describe_load_balancers().load_balancer_names(name);
    let there = region.retry_until_consistent(DESCRIBE_LOAD_BALANCERS, || request.clone().send()).await?;
    let found = there.load_balancer_descriptions.unwrap_or_default().into_iter().next();
    Ok(found.and_then(|found| found.listener_descriptions).unwrap_or_default())
}

/// Creates the wanted policy, sets it on every HTTP and HTTPS listener, and then deletes asiaq's old policies. In this
/// order no listener is without a policy. Policies of other types stay on their listeners.
pub(super) async fn update(region: &Region<'_>, name: &str, wanted: Option<&Stickiness>) -> Result<()> {
    let ports = ports(region, name).await?;
    if wanted.is_some() && http(&ports).next().is_none() {
        let message = "a cookie needs a port that speaks HTTP or HTTPS: add one, or take `sticky` away";
        return Err(SET_LOAD_BALANCER_POLICIES_OF_LISTENER.refused(message));
    }
    let policies = policies(region, name).await?;
    let cookies = cookies(&policies);
    let taken: BTreeSet<&str> = policies.iter().filter_map(sdk::PolicyDescription::policy_name).collect();
    let ours = match wanted {
        None => None,
        Some(wanted) => {
            let same =
                cookies.iter().find(|(policy, cookie)| policy.starts_with(POLICY) && *cookie == wanted);
            match same {
                Some((policy, _)) => Some((*policy).to_owned()),
                None => Some(make(region, name, &free(&taken), wanted).await?),
            }
        }
    };
    for (port, described) in http(&ports) {
        let before: Vec<String> = described.policy_names().to_vec();
        let others = before.iter().filter(|policy| !cookies.contains_key(policy.as_str())).cloned();
        let after: Vec<String> = others.chain(ours.clone()).collect();
        if before.iter().collect::<BTreeSet<_>>() != after.iter().collect() {
            set(region, name, port, after).await?;
        }
    }
    for policy in
        cookies.keys().filter(|policy| policy.starts_with(POLICY) && Some(**policy) != ours.as_deref())
    {
        let request =
            region.elb().delete_load_balancer_policy().load_balancer_name(name).policy_name(*policy);
        DELETE_LOAD_BALANCER_POLICY.call(request.send()).await?;
    }
    Ok(())
}

/// A name for a new policy that no policy of the load balancer has.
fn free(taken: &BTreeSet<&str>) -> String {
    let numbered = (2..).map(|number: u32| format!("{POLICY}-{number}"));
    let mut names = std::iter::once(POLICY.to_owned()).chain(numbered);
    names.find(|name| !taken.contains(name.as_str())).unwrap_or_else(|| POLICY.to_owned())
}

/// Creates a policy and returns its name. The caller has checked that the name is free, so `DuplicatePolicyName` means
/// that an earlier attempt created the policy and its response was lost.
async fn make(region: &Region<'_>, name: &str, policy: &str, wanted: &Stickiness) -> Result<String> {
    let made = match wanted {
        Stickiness::Application(cookie) => {
            let request = region
                .elb()
                .create_app_cookie_stickiness_policy()
                .load_balancer_name(name)
                .policy_name(policy)
                .cookie_name(cookie);
            CREATE_APP_COOKIE_STICKINESS_POLICY.call(request.send()).await.map(drop)
        }
        Stickiness::Balancer(seconds) => {
            let request = region
                .elb()
                .create_lb_cookie_stickiness_policy()
                .load_balancer_name(name)
                .policy_name(policy)
                .set_cookie_expiration_period(seconds.map(i64::from));
            CREATE_LB_COOKIE_STICKINESS_POLICY.call(request.send()).await.map(drop)
        }
    };
    match made {
        Err(error) if error.code != "DuplicatePolicyName" => Err(error),
        Ok(()) | Err(_) => Ok(policy.to_owned()),
    }
}

async fn set(region: &Region<'_>, name: &str, port: i32, policies: Vec<String>) -> Result<()> {
    let request = region
        .elb()
        .set_load_balancer_policies_of_listener()
        .load_balancer_name(name)
        .load_balancer_port(port)
        .set_policy_names(Some(policies));
    SET_LOAD_BALANCER_POLICIES_OF_LISTENER.call(request.send()).await.map(drop)
}
