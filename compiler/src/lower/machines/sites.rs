//! Where machines are: the addresses of the resources of metanetworks that they need, once for all of an environment.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Ref};

use crate::layout::{EnvLayout, NetworkLayout};
use crate::lower::{Lowering, path_of};
use crate::model::Environment;

/// The metanetworks of an environment, by name.
pub(in crate::lower) type Sites<'m> = BTreeMap<&'m str, Site>;

/// A metanetwork. The subnets and route tables are in the order of the zones.
pub(in crate::lower) struct Site {
    pub(super) subnets: Vec<Ref>,
    /// Absent where a zone has none of its own.
    pub(super) tables: Vec<Option<Address>>,
    pub(super) group: Address,
    /// The rules of the security group, if it has any.
    pub(super) ingress: Option<Address>,
}

impl Lowering<'_> {
    /// The metanetworks of an environment, which is lowered without its machines.
    pub(super) fn sites<'m>(&self, env: &Environment, laid: &'m EnvLayout) -> Sites<'m> {
        let known = |address: Address| self.ir.resources.contains_key(&address).then_some(address);
        let site = |(name, own): (&'m String, &'m NetworkLayout)| {
            let slots = 0..own.subnets.len().min(laid.zones.len());
            let part = |part, slot| Address::new(&env.name, &path_of(name, part, slot));
            let group = Address::new(&env.name, &group_of(name));
            let site = Site {
                subnets: slots.clone().map(|slot| Ref::To(part("subnet", slot))).collect(),
                tables: slots.map(|slot| known(part("route-table", slot))).collect(),
                ingress: known(group.child("ingress")),
                group,
            };
            (name.as_str(), site)
        };
        laid.networks.iter().map(site).collect()
    }
}

/// The path of the security group of a metanetwork.
pub(super) fn group_of(network: &str) -> String {
    format!("{network}/security-group")
}
