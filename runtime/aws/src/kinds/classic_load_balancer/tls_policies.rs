//! Security policies of a Classic Load Balancer: a policy that refers to a predefined one, set on each encrypted listener.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ClassicListener, TlsPolicy};
use aws_sdk_elasticloadbalancing::types as sdk;

use super::stickiness;
use crate::kinds::prelude::*;

ops! { elasticloadbalancing:
    DESCRIBE_LOAD_BALANCERS = "DescribeLoadBalancers", Read;
    CREATE_LOAD_BALANCER_POLICY = "CreateLoadBalancerPolicy", Write;
    SET_LOAD_BALANCER_POLICIES_OF_LISTENER = "SetLoadBalancerPoliciesOfListener", Write;
    DELETE_LOAD_BALANCER_POLICY = "DeleteLoadBalancerPolicy", Write;
}

/// What AWS sets on a new encrypted listener.
pub(super) const INITIAL: &str = "ELBSecurityPolicy-2016-08";
/// Start of the names of predefined policies.
const PREDEFINED: &str = "ELBSecurityPolicy-";
/// What precedes the name of a predefined policy in the name of asiaq's policy that refers to it.
const OURS: &str = "asiaq-";
/// The type of policies that set TLS versions and ciphers.
const TYPE: &str = "SSLNegotiationPolicyType";
/// The attribute by which a policy refers to a predefined one.
const REFERENCE: &str = "Reference-Security-Policy";

/// The predefined policy that a policy is by its name: one of AWS, or asiaq's reference to one.
pub(super) fn known(policy: &str) -> Option<&str> {
    let name = policy.strip_prefix(OURS).unwrap_or(policy);
    name.starts_with(PREDEFINED).then_some(name)
}

/// The security policy among the policies of a listener: the predefined one that it refers to, or its own name.
/// `described` may be empty if the names say all.
pub(super) fn read(names: &[String], described: &[sdk::PolicyDescription]) -> Option<TlsPolicy> {
    let refers_to = |name: &String| {
        if let Some(known) = known(name) {
            return Some(known.to_owned());
        }
        let policy = described.iter().find(|policy| policy.policy_name() == Some(name))?;
        if policy.policy_type_name() != Some(TYPE) {
            return None;
        }
        let mut attributes = policy.policy_attribute_descriptions().iter();
        let reference = attributes.find(|attribute| attribute.attribute_name() == Some(REFERENCE));
        let reference = reference.and_then(|attribute| attribute.attribute_value());
        Some(reference.filter(|name| !name.is_empty()).unwrap_or(name).to_owned())
    };
    names.iter().find_map(refers_to).map(TlsPolicy::Named)
}

/// Sets the security policies of the listeners that are to have another one, or that were `opened`. Policies of other
/// types stay on their listeners; policies of asiaq that no listener uses any more are deleted.
pub(super) async fn update(
    region: &Region<'_>,
    name: &str,
    live: &BTreeSet<ClassicListener>,
    wanted: &BTreeSet<ClassicListener>,
    opened: &BTreeSet<u16>,
) -> Result<()> {
    let before = |port: u16| -> Option<&str> {
        if opened.contains(&port) {
            return Some(INITIAL);
        }
        live.iter().find(|there| there.port == port)?.tls_policy.as_ref().map(TlsPolicy::name)
    };
    let wanted: BTreeMap<u16, &str> = wanted
        .iter()
        .filter_map(|listener| Some((listener.port, listener.tls_policy.as_ref()?.name())))
        .filter(|(port, policy)| before(*port) != Some(policy))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let ports = stickiness::ports(region, name).await?;
    let described = stickiness::policies(region, name).await?;
    let mut there: BTreeSet<String> =
        described.iter().filter_map(|policy| policy.policy_name.clone()).collect();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (port, policies) in ports.iter().filter_map(|port| {
        Some((u16::try_from(port.listener()?.load_balancer_port).ok()?, port.policy_names()))
    }) {
        let Some(policy) = wanted.get(&port) else {
            used.extend(policies.iter().cloned());
            continue;
        };
        let ours = format!("{OURS}{policy}");
        if there.insert(ours.clone()) {
            make(region, name, &ours, policy).await?;
        }
        let is_other = |name: &&String| read(std::slice::from_ref(*name), &described).is_none();
        let after: Vec<String> = policies.iter().filter(is_other).cloned().chain([ours]).collect();
        used.extend(after.iter().cloned());
        let request = region
            .elb()
            .set_load_balancer_policies_of_listener()
            .load_balancer_name(name)
            .load_balancer_port(port.into())
            .set_policy_names(Some(after));
        SET_LOAD_BALANCER_POLICIES_OF_LISTENER.call(request.send()).await?;
    }
    let is_ours = |policy: &&String| policy.starts_with(OURS) && known(policy).is_some();
    for policy in there.iter().filter(is_ours).filter(|policy| !used.contains(*policy)) {
        let request = region.elb().delete_load_balancer_policy().load_balancer_name(name).policy_name(policy);
        DELETE_LOAD_BALANCER_POLICY.call(request.send()).await?;
    }
    Ok(())
}

/// Creates a policy that refers to a predefined one. The caller has checked that the name is free, so
/// `DuplicatePolicyName` means that an earlier attempt created it and its response was lost.
async fn make(region: &Region<'_>, name: &str, policy: &str, predefined: &str) -> Result<()> {
    let reference =
        sdk::PolicyAttribute::builder().attribute_name(REFERENCE).attribute_value(predefined).build();
    let request = region
        .elb()
        .create_load_balancer_policy()
        .load_balancer_name(name)
        .policy_name(policy)
        .policy_type_name(TYPE)
        .policy_attributes(reference);
    match CREATE_LOAD_BALANCER_POLICY.call(request.send()).await {
        Err(error) if error.code != "DuplicatePolicyName" => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
