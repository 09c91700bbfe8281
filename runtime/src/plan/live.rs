//! The live resources, indexed for planning.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Kind, Ref, Resource, refs_in};
use serde_json::Value;

use crate::Found;

/// The live resources, each serialized to JSON once. Indices are those of the observation.
pub(super) struct Live<'a> {
    items: Vec<Item<'a>>,
    by_address: BTreeMap<(&'a Address, Kind), Vec<usize>>,
    /// Number of references to a resource, by AWS id.
    users: BTreeMap<String, usize>,
    /// AWS ids that load balancers refer to.
    balanced: BTreeSet<String>,
    /// Addresses of what others can join, by AWS id.
    ends: BTreeMap<&'a str, &'a Address>,
}

/// One live resource.
pub(super) struct Item<'a> {
    pub(super) found: &'a Found,
    pub(super) value: Value,
    /// Whether AWS keeps it inside another resource, so that it has that one's id. It then references its own id.
    pub(super) is_part: bool,
}

impl<'a> Live<'a> {
    pub(super) fn new(found: &'a [Found]) -> Self {
        let mut live = Self {
            items: Vec::new(),
            by_address: BTreeMap::new(),
            users: BTreeMap::new(),
            balanced: BTreeSet::new(),
            ends: BTreeMap::new(),
        };
        for (index, found) in found.iter().enumerate() {
            let value = found.resource.to_value();
            let kind = found.resource.kind();
            live.by_address.entry((&found.address, kind)).or_default().push(index);
            if matches!(kind, Kind::Vpc | Kind::HostedZone) {
                live.ends.insert(&found.id, &found.address);
            }
            let mut is_part = false;
            for reference in refs_in(&value) {
                match reference {
                    Ref::Id(id) if id == found.id => is_part = true,
                    Ref::Id(id) => {
                        if kind == Kind::LoadBalancer {
                            live.balanced.insert(id.clone());
                        }
                        *live.users.entry(id).or_default() += 1;
                    }
                    Ref::To(_) | Ref::Find(_) => {}
                }
            }
            live.items.push(Item { found, value, is_part });
        }
        live
    }

    pub(super) fn item(&self, index: usize) -> Option<&Item<'a>> {
        self.items.get(index)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = (usize, &Item<'a>)> {
        self.items.iter().enumerate()
    }

    /// The live resources of `kind` at `address`; more than one if there are duplicates.
    pub(super) fn at(&self, address: &'a Address, kind: Kind) -> impl Iterator<Item = (usize, &Item<'a>)> {
        let indices = self.by_address.get(&(address, kind)).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|index| self.items.get(*index).map(|item| (*index, item)))
    }

    /// The number of live references to `id`.
    pub(super) fn users(&self, id: &str) -> usize {
        self.users.get(id).copied().unwrap_or_default()
    }

    /// Whether a load balancer refers to `id`.
    pub(super) fn is_balanced(&self, id: &str) -> bool {
        self.balanced.contains(id)
    }

    /// The address of the VPC or the hosted zone with AWS id `id`, if it belongs to the project.
    pub(super) fn end(&self, id: &str) -> Option<&'a Address> {
        self.ends.get(id).copied()
    }
}

impl Item<'_> {
    /// Whether it is an empty part of another resource, which exists as long as that one and needs no deletion.
    pub(super) fn is_vacant(&self) -> bool {
        match &self.found.resource {
            Resource::IngressRules(ingress) => ingress.rules.is_empty(),
            _ => false,
        }
    }

    /// The fields that are sets, each with its live elements.
    pub(super) fn sets(&self) -> impl Iterator<Item = (&'static str, &[Value])> {
        let schema = self.found.resource.kind().schema();
        schema.fields.iter().filter_map(|(field, change)| match change {
            Change::Elements { .. } => {
                let elements = self.value.get(*field).and_then(Value::as_array);
                Some((*field, elements.map(Vec::as_slice).unwrap_or_default()))
            }
            Change::Replace(_)
            | Change::InPlace(_)
            | Change::DecreaseRisk(_)
            | Change::CreateOnly { .. }
            | Change::SetOnce(_)
            | Change::IfSet(_) => None,
        })
    }
}
