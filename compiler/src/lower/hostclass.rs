//! What a hostclass has of the network: a floating interface that keeps its static address.

use std::collections::BTreeSet;

use asiaq_ir::{NetworkInterface, Ref};

use super::{Lowering, path_of};
use crate::layout::EnvLayout;
use crate::model::{Environment, Host};
use crate::proof::{Place, place};
use crate::value::Address;

/// The description by which machines find their interface at boot.
const FLOATING: &str = "floating interface";

impl Lowering<'_> {
    pub(super) fn floating_interface(&mut self, env: &Environment, laid: &EnvLayout, host: &Host) {
        let Some(ip) = &host.ip else { return };
        let network = match &ip.value {
            Address::Offset { network: Some(network), .. } => &network.value,
            Address::Offset { network: None, .. } | Address::Ip(_) => &host.network.value,
        };
        let Some(own) = laid.networks.get(network) else { return };
        // An address that is no machine's has been reported.
        let Place::At(address) = place(&ip.value, &own.subnets) else { return };
        let Some(slot) = own.subnets.iter().position(|subnet| subnet.contains(&address)) else { return };
        let interface = NetworkInterface {
            subnet: Ref::to(&env.name, &path_of(network, "subnet", slot)),
            address,
            groups: BTreeSet::from([Ref::to(&env.name, &format!("{network}/security-group"))]),
            description: FLOATING.to_owned(),
        };
        self.add(env, &format!("interface/{}", host.name), host.span, interface)
            .tagged(env, &format!("{}_{}", env.name, host.name), &[])
            .because("address", &ip.chain)
            .because("subnet", &ip.chain);
    }
}
