//! Renamed declarations: what comes from a declaration that is gone is plainly the same as what comes from a new one.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    Address, CacheCluster, CacheSubnetGroup, Change, Database, Ir, Kind, LoadBalancer, Node, Ref, Renamed,
    ReplicationGroup, Resource, refs_in, resolve_in, version,
};
use serde_json::Value;

use crate::Found;

/// Parts of addresses that a name follows.
const GROUPS: [&str; 9] =
    ["cache", "database", "hostclass", "interface", "log", "peering", "topic", "zone", "endpoint"];
/// What stands for the declaration's own address in a form.
const OWN: &str = "*";
/// Rounds of looking: a renamed resource may refer to another renamed one.
const ROUNDS: usize = 4;

/// The live resources of renamed declarations, with their new addresses, by index; and the prefixes of addresses of
/// these declarations, with the new ones.
pub(super) fn by_content(ir: &Ir, found: &[Found]) -> (Vec<(usize, Address)>, BTreeMap<String, String>) {
    let mut all = BTreeMap::new();
    let mut addresses: Vec<Address> = found.iter().map(|found| found.address.clone()).collect();
    for _ in 0..ROUNDS {
        let renames = renames(ir, found, &addresses);
        if renames.is_empty() {
            break;
        }
        for address in &mut addresses {
            let (old, rest) = unit(address);
            if let Some(new) = renames.get(old) {
                *address = Address::parse(&format!("{new}{rest}"));
            }
        }
        all.extend(renames);
    }
    let moved = addresses.into_iter().enumerate();
    let moved = moved
        .filter(|(index, address)| found.get(*index).is_some_and(|found| found.address != *address))
        .collect();
    (moved, all)
}

/// The prefix of the new declaration, by that of the old one.
fn renames(ir: &Ir, found: &[Found], addresses: &[Address]) -> BTreeMap<String, String> {
    let wanted: BTreeSet<&str> = ir.resources.keys().map(|address| unit(address).0).collect();
    let live: BTreeSet<&str> = addresses.iter().map(|address| unit(address).0).collect();
    if wanted.is_subset(&live) || live.is_subset(&wanted) {
        return BTreeMap::new();
    }
    // Groups of subnets may have the names of databases, which are the ids of both.
    let kinds = [Kind::DatabaseSubnetGroup, Kind::CacheSubnetGroup];
    let is_subnets = |found: &Found| {
        kinds.contains(&found.resource.kind()) && !found.address.path().ends_with("/cluster-subnets")
    };
    let (subnets, others): (Vec<_>, Vec<_>) =
        found.iter().zip(addresses).partition(|(found, _)| is_subnets(found));
    let subnets: BTreeMap<(Kind, &str), &Address> = subnets
        .into_iter()
        .map(|(found, address)| ((found.resource.kind(), found.id.as_str()), address))
        .collect();
    let ids: BTreeMap<&str, &Address> = others
        .into_iter()
        .filter(|(found, _)| !is_part(found))
        .map(|(found, address)| (found.id.as_str(), address))
        .collect();
    let mut old: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (found, address) in found.iter().zip(addresses) {
        let (unit, rest) = unit(address);
        if ir.declares(address.scope()) && !wanted.contains(unit) && counts(found.resource.kind()) {
            let mut value = found.resource.to_value();
            if let Some((field, kind, group)) = subnet_group(&found.resource)
                && let Some(group) = group.id().and_then(|id| subnets.get(&(kind, id)))
                && let Some(fields) = value.as_object_mut()
            {
                let group = serde_json::to_value(Ref::To((*group).clone())).unwrap_or_default();
                fields.insert(field.to_owned(), group);
            }
            let value = resolve_in(value, &mut |reference| {
                let address = reference.id().and_then(|id| ids.get(id));
                address.map_or_else(|| reference.clone(), |address| Ref::To((*address).clone()))
            });
            let form = form(&found.resource, value, unit, rest, &found.region, &|_| true);
            old.entry(unit).or_default().push(form);
        }
    }
    let mut new: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (address, node) in &ir.resources {
        let (unit, rest) = unit(address);
        if !live.contains(unit) && counts(node.resource.kind()) {
            let Node { resource, region, provenance, .. } = node;
            let is_derived = |field: &str| !provenance.contains_key(field);
            let form = form(resource, resource.to_value(), unit, rest, region, &is_derived);
            new.entry(unit).or_default().push(form);
        }
    }
    let (old, new) = (by_form(old), by_form(new));
    let pairs = old.iter().filter_map(|(form, old)| match (old.as_slice(), new.get(form)?.as_slice()) {
        ([old], [new]) => Some(((*old).to_owned(), (*new).to_owned())),
        _ => None,
    });
    pairs.collect()
}

/// The group of subnets of a database or cache, with its kind and the field that has it.
fn subnet_group(resource: &Resource) -> Option<(&'static str, Kind, &Ref)> {
    let of_caches = Kind::CacheSubnetGroup;
    match resource {
        Resource::Database(database) => {
            Some((Database::SUBNET_GROUP.as_str(), Kind::DatabaseSubnetGroup, &database.subnet_group))
        }
        Resource::ReplicationGroup(group) => {
            Some((ReplicationGroup::SUBNETS.as_str(), of_caches, &group.subnets))
        }
        Resource::CacheCluster(cluster) => {
            Some((CacheCluster::SUBNETS.as_str(), of_caches, &cluster.subnets))
        }
        _ => None,
    }
}

/// Whether a kind tells that a declaration is the same: not those that are known by names of their own.
fn counts(kind: Kind) -> bool {
    kind.schema().renamed == Renamed::Kept && !matches!(kind, Kind::SmokeTest)
}

fn is_part(found: &Found) -> bool {
    refs_in(&found.resource.to_value()).contains(&Ref::Id(found.id.clone()))
}

/// The declarations by what they consist of; those that consist of several resources in order.
fn by_form(units: BTreeMap<&str, Vec<String>>) -> BTreeMap<(String, Vec<String>), Vec<&str>> {
    let mut forms: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (unit, mut parts) in units {
        parts.sort();
        let scope = unit.split_once('/').map_or(unit, |(scope, _)| scope);
        let group = group(unit).unwrap_or_default();
        forms.entry((format!("{scope} {group}"), parts)).or_default().push(unit);
    }
    forms
}

/// A resource without its name, with `*` for the address of its declaration. Two declarations are the same if all
/// forms of their resources are.
fn form(
    resource: &Resource,
    mut value: Value,
    unit: &str,
    rest: &str,
    region: &str,
    is_derived: &dyn Fn(&str) -> bool,
) -> String {
    let kind = resource.kind();
    let schema = kind.schema();
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|field, _| {
            let is_name = schema.derived_name == Some(field.as_str()) && is_derived(field);
            // It names the hostclass.
            let is_told = kind == Kind::LaunchTemplate && field == "user_data";
            // Others may have switched metrics on, or added rules.
            let is_told = is_told || (kind == Kind::AutoScalingGroup && field == "metrics");
            let is_told = is_told || field == LoadBalancer::LISTENER_RULES.as_str();
            let is_compared = !matches!(schema.change(field), Change::CreateOnly { .. } | Change::IfSet(_));
            is_compared && !is_name && !is_told
        });
    }
    if let Some(fields) = value.as_object_mut() {
        // AWS installs minor versions, and says which key and which character set it chose.
        let versioned = match resource {
            Resource::Database(one) => Some((one.engine.as_str(), &one.version)),
            Resource::DatabaseCluster(one) => Some((one.engine.as_str(), &one.version)),
            Resource::ReplicationGroup(one) => Some((one.engine(), &one.version)),
            Resource::CacheCluster(one) => Some((CacheCluster::ENGINE, &one.version)),
            _ => None,
        };
        if let Some((engine, version)) = versioned {
            let major = version::major(engine, version);
            fields.insert(Database::VERSION.as_str().to_owned(), Value::from(major));
        }
        let described = ReplicationGroup::DESCRIPTION.as_str();
        let changing: &[&str] = match resource {
            Resource::Database(_) | Resource::DatabaseCluster(_) => {
                &[Database::KMS_KEY.as_str(), Database::CHARACTER_SET.as_str()]
            }
            // It names the cache.
            Resource::ReplicationGroup(_) if is_derived(described) => {
                &[ReplicationGroup::KMS_KEY.as_str(), ReplicationGroup::NEWEST_TOKEN.as_str(), described]
            }
            Resource::ReplicationGroup(_) => {
                &[ReplicationGroup::KMS_KEY.as_str(), ReplicationGroup::NEWEST_TOKEN.as_str()]
            }
            Resource::CacheSubnetGroup(_) => &[CacheSubnetGroup::DESCRIPTION.as_str()],
            _ => &[],
        };
        fields.retain(|field, _| !changing.contains(&field.as_str()));
    }
    let mut value = resolve_in(value, &mut |reference| match reference {
        Ref::To(address) => match address.rest_below(unit) {
            Some(rest) => Ref::To(Address::parse(&format!("{OWN}{rest}"))),
            None => reference.clone(),
        },
        Ref::Id(_) | Ref::Find(_) => reference.clone(),
    });
    if let Some(fields) = value.as_object_mut() {
        for elements in fields.values_mut().filter_map(Value::as_array_mut) {
            // The program may leave the security policy of a listener to AWS, and its further certificates.
            for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                element.remove("tls_policy");
                element.remove("further_certificates");
            }
            elements.sort_by_key(ToString::to_string);
        }
    }
    format!("{rest} {region} {value}")
}

/// The group of the names that a unit belongs to: `hostclass`.
fn group(unit: &str) -> Option<&str> {
    let path = unit.split_once('/')?.1;
    path.split_once('/').map(|(group, _)| group)
}

/// The prefix of an address that names its declaration, and the rest: `ci/hostclass/front` and `/group`.
fn unit(address: &Address) -> (&str, &str) {
    let text = address.as_str();
    let path = address.path();
    let scope = text.len() - path.len();
    let parts = usize::from(GROUPS.iter().any(|group| path.split('/').next() == Some(group)));
    let end = path.match_indices('/').nth(parts).map_or(text.len(), |(end, _)| scope + end);
    text.split_at_checked(end).unwrap_or((text, ""))
}
