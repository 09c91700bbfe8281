//! What the program leaves to AWS, as it is in AWS.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    Address, AutoScalingGroup, ClassicLoadBalancer, Ir, Kind, LoadBalancer, METRICS_TAG, Ref, Resource,
    TargetGroup,
};

use super::listener_rules::{self, Declared};
use super::moves::Moves;
use super::{kept_names, peerings, stores, waiting};
use crate::{Found, Observed};

/// The program with what it leaves to AWS as it is in the live resources at the same addresses.
pub(super) fn settled<'a>(ir: &'a Ir, moves: &Moves<'_>, observed: &Observed) -> Cow<'a, Ir> {
    let found = &*moves.found;
    let mut live: BTreeMap<(&Address, Kind), &Found> = BTreeMap::new();
    for found in found {
        live.entry((&found.address, found.resource.kind())).or_insert(found);
    }
    let replaced = replaced_targets(ir, found, &live);
    let declared = target_groups(found).map(|found| (found.id.as_str(), &found.address));
    let declared: Declared<'_> =
        declared.filter(|(_, address)| ir.resources.contains_key(*address)).collect();
    let settled = ir.resources.iter().filter_map(|(address, node)| {
        let there = live.get(&(address, node.resource.kind())).copied();
        let there = there.or_else(|| replaced.get(address).copied());
        Some((address, of_resource(&node.resource, there, (found, observed), &declared)?))
    });
    let watched = kept_names::alarms(ir, &live, moves);
    let settled: Vec<(&Address, Resource)> = settled.chain(watched).collect();
    if settled.is_empty() {
        return Cow::Borrowed(ir);
    }
    let mut program = ir.clone();
    for (address, resource) in settled {
        if let Some(node) = program.resources.get_mut(address) {
            node.resource = resource;
        }
    }
    Cow::Owned(program)
}

/// A resource with what the program leaves to AWS; absent if that changes nothing.
fn of_resource(
    wanted: &Resource,
    live: Option<&Found>,
    (all, observed): (&[Found], &Observed),
    declared: &Declared<'_>,
) -> Option<Resource> {
    match (wanted, live) {
        (Resource::Database(wanted), Some(live)) => waiting::settled(wanted, live, observed).map(Into::into),
        (Resource::DatabaseCluster(wanted), Some(live)) => {
            waiting::settled_cluster(wanted, live, observed).map(Into::into)
        }
        (Resource::ReplicationGroup(_) | Resource::CacheCluster(_), Some(live)) => {
            stores::cache(wanted, live, observed)
        }
        (Resource::SearchDomain(wanted), Some(live)) => stores::search(wanted, live).map(Into::into),
        (Resource::Table(wanted), Some(live)) => {
            waiting::settled_table(wanted, live, observed).map(Into::into)
        }
        (Resource::AutoScalingGroup(wanted), Some(live)) => {
            let metrics = metrics_of_others(live)?;
            let metrics = metrics.union(&wanted.metrics).cloned().collect();
            Some(AutoScalingGroup { metrics, ..wanted.clone() }.into())
        }
        (
            Resource::PeeringConnection(wanted),
            Some(Found { resource: Resource::PeeringConnection(live), .. }),
        ) => peerings::turned(wanted, live, all).map(Into::into),
        (wanted, live) => {
            let live = live.map(|live| &live.resource);
            let settled = wanted.with_tls_policies(live);
            with_additions(settled.as_ref().unwrap_or(wanted), live, declared).or(settled)
        }
    }
}

/// A load balancer or target group with what somebody set by hand; absent if there is nothing.
fn with_additions(wanted: &Resource, live: Option<&Resource>, declared: &Declared<'_>) -> Option<Resource> {
    if let Resource::LoadBalancer(wanted) = wanted {
        let live = live.and_then(|live| match live {
            Resource::LoadBalancer(live) => Some(live).filter(|live| live.family == wanted.family),
            _ => None,
        });
        let settled = of_balancer(wanted, live, declared);
        return (settled != *wanted).then(|| settled.into());
    }
    match (wanted, live?) {
        (Resource::ClassicLoadBalancer(wanted), Resource::ClassicLoadBalancer(live))
            if !live.attributes.is_empty() =>
        {
            Some(ClassicLoadBalancer { attributes: live.attributes.clone(), ..wanted.clone() }.into())
        }
        (Resource::TargetGroup(wanted), Resource::TargetGroup(live))
            if is_http(&wanted.protocol) == is_http(&live.protocol) && !live.attributes.is_empty() =>
        {
            Some(TargetGroup { attributes: live.attributes.clone(), ..wanted.clone() }.into())
        }
        _ => None,
    }
}

/// A load balancer with the attributes, certificates and rules that somebody added to a live one.
fn of_balancer(wanted: &LoadBalancer, live: Option<&LoadBalancer>, declared: &Declared<'_>) -> LoadBalancer {
    let there = |port: u16| live?.listeners.iter().find(|there| there.port == port);
    let listeners = wanted.listeners.iter().map(|listener| {
        let mut listener = listener.clone();
        let live = there(listener.port).and_then(|there| there.further_certificates.clone());
        let is_encrypted = listener.certificate.is_some();
        let further = listener.further_certificates.take().or(live.filter(|_| is_encrypted));
        listener.further_certificates = further.filter(|further| !further.is_empty());
        listener
    });
    LoadBalancer {
        listeners: listeners.collect(),
        listener_rules: live.map(|live| listener_rules::kept(wanted, live, declared)).unwrap_or_default(),
        attributes: live.map(|live| live.attributes.clone()).unwrap_or_default(),
        ..wanted.clone()
    }
}

/// Whether a target group has the attributes of an Application Load Balancer.
fn is_http(protocol: &str) -> bool {
    matches!(protocol, "HTTP" | "HTTPS")
}

fn target_groups(found: &[Found]) -> impl Iterator<Item = &Found> {
    found.iter().filter(|found| found.resource.kind() == Kind::TargetGroup)
}

/// The live target groups that a listener leaves for one that is new, by the address of the new one.
fn replaced_targets<'a>(
    ir: &'a Ir,
    found: &'a [Found],
    live: &BTreeMap<(&Address, Kind), &'a Found>,
) -> BTreeMap<&'a Address, &'a Found> {
    let groups: BTreeMap<&str, &Found> =
        target_groups(found).map(|found| (found.id.as_str(), found)).collect();
    let mut replaced = BTreeMap::new();
    if groups.is_empty() {
        return replaced;
    }
    for (address, node) in &ir.resources {
        let Resource::LoadBalancer(wanted) = &node.resource else { continue };
        let there = live.get(&(address, Kind::LoadBalancer)).map(|found| &found.resource);
        let Some(Resource::LoadBalancer(there)) = there else { continue };
        for listener in &wanted.listeners {
            let before = there.listeners.iter().find(|before| before.port == listener.port);
            let group = before.and_then(|before| groups.get(before.target.as_ref()?.id()?));
            if let (Some(Ref::To(target)), Some(group)) = (&listener.target, group) {
                replaced.entry(target).or_insert(*group);
            }
        }
    }
    replaced
}

/// The metrics of a live group that asiaq did not switch on: they stay on. Absent if there are none.
fn metrics_of_others(live: &Found) -> Option<BTreeSet<String>> {
    let Resource::AutoScalingGroup(group) = &live.resource else { return None };
    let own: BTreeSet<&str> =
        live.tags.get(METRICS_TAG).map(String::as_str).unwrap_or_default().split(' ').collect();
    let others = group.metrics.iter().filter(|metric| !own.contains(metric.as_str()));
    let others: BTreeSet<String> = others.cloned().collect();
    (!others.is_empty()).then_some(others)
}
