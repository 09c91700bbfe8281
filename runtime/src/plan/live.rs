//! What was observed, indexed for planning.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Change, Kind, Ref, Resource, refs_in};
use serde_json::Value;

use crate::Found;

/// Everything found, each with its JSON made once.
pub(super) struct Live<'a> {
    items: Vec<Item<'a>>,
    by_address: BTreeMap<(&'a Address, Kind), Vec<usize>>,
    users: BTreeMap<String, usize>,
    vpcs: BTreeMap<&'a str, &'a Address>,
}

/// One live resource.
pub(super) struct Item<'a> {
    pub(super) found: &'a Found,
    pub(super) value: Value,
    /// Whether it carries the id of what it points at, because AWS keeps it inside that.
    pub(super) is_part: bool,
}

impl<'a> Live<'a> {
    pub(super) fn new(found: &'a [Found]) -> Self {
        let mut live = Self {
            items: Vec::new(),
            by_address: BTreeMap::new(),
            users: BTreeMap::new(),
            vpcs: BTreeMap::new(),
        };
        for (index, found) in found.iter().enumerate() {
            let value = found.resource.to_value();
            let kind = found.resource.kind();
            live.by_address.entry((&found.address, kind)).or_default().push(index);
            if kind == Kind::Vpc {
                live.vpcs.insert(&found.id, &found.address);
            }
            let mut is_part = false;
            for reference in refs_in(&value) {
                match reference {
                    Ref::Id(id) if id == found.id => is_part = true,
                    Ref::Id(id) => *live.users.entry(id).or_default() += 1,
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

    /// What goes by `address` and is of `kind`.
    pub(super) fn at(&self, address: &'a Address, kind: Kind) -> impl Iterator<Item = (usize, &Item<'a>)> {
        let indices = self.by_address.get(&(address, kind)).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|index| self.items.get(*index).map(|item| (*index, item)))
    }

    /// How many live references lead to `id`.
    pub(super) fn users(&self, id: &str) -> usize {
        self.users.get(id).copied().unwrap_or_default()
    }

    /// Address of a VPC of the project, by AWS id.
    pub(super) fn vpc(&self, id: &str) -> Option<&'a Address> {
        self.vpcs.get(id).copied()
    }
}

impl Item<'_> {
    /// Whether it is an empty part of another resource: there as long as that one is, and nothing by itself.
    pub(super) fn is_vacant(&self) -> bool {
        match &self.found.resource {
            Resource::IngressRules(ingress) => ingress.rules.is_empty(),
            _ => false,
        }
    }

    /// Fields that are sets, with their elements.
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
            | Change::CreateOnly
            | Change::IfSet(_) => None,
        })
    }
}
