//! A metanetwork: a security group, and a subnet with its route table and NAT gateway in each zone.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ElasticIp, Lookup, NatGateway, Ref, Route, RouteTable, SecurityGroup, Subnet};
use asiaq_lang::Span;
use ipnet::Ipv4Net;

use super::gateways::{Gateways, INTERNET};
use super::{Lowering, path_of, vpc_of};
use crate::errors;
use crate::layout::{EnvLayout, NetworkLayout};
use crate::model::{Environment, Network};
use crate::value::{Nat, Via};

impl Lowering<'_> {
    pub(super) fn metanetwork(
        &mut self,
        env: &Environment,
        network: &Network,
        laid: &EnvLayout,
        own: &NetworkLayout,
        gateways: &Gateways,
    ) {
        self.security_group(env, network);
        for (slot, (cidr, zone)) in own.subnets.iter().zip(&laid.zones).enumerate() {
            self.subnet(env, network, slot, *cidr, zone);
            self.route_table(env, network, slot, zone, gateways);
            self.nat_gateway(env, network, slot, zone);
        }
    }

    fn security_group(&mut self, env: &Environment, network: &Network) {
        let name = format!("{}_{}", env.name, network.name);
        let (description, chain) = match &network.description {
            Some(set) => (set.value.clone(), set.chain.clone()),
            None => (format!("Metanetwork {} of {}", network.name, env.name), vec![network.span]),
        };
        let group = SecurityGroup::new(vpc_of(env), name.clone(), description);
        self.add(env, &format!("{}/security-group", network.name), network.span, group)
            .tagged(env, &name, &[("meta_network", &network.name)])
            .provenance("description", &chain);
    }

    fn subnet(&mut self, env: &Environment, network: &Network, slot: usize, cidr: Ipv4Net, zone: &str) {
        let mut own = vec![("meta_network", network.name.as_str()), ("subnet", zone)];
        if matches!(network.nat.as_ref().map(|nat| &nat.value), Some(Nat::Auto)) {
            own.push(("dynonat", ""));
        }
        let subnet = Subnet { vpc: vpc_of(env), cidr, zone: zone.to_owned() };
        self.add(env, &path_of(&network.name, "subnet", slot), network.span, subnet)
            .tagged(env, &zone_name(env, network, zone), &own)
            .provenance("cidr", &network.cidr.chain)
            .provenance("zone", &env.zones.chain);
    }

    fn route_table(
        &mut self,
        env: &Environment,
        network: &Network,
        slot: usize,
        zone: &str,
        gateways: &Gateways,
    ) {
        let mut routes: BTreeMap<Ipv4Net, (Ref, Span)> = BTreeMap::new();
        for route in &network.routes.value {
            let target = match &route.value.via {
                Via::Igw => gateways.internet.clone(),
                Via::Vgw => gateways.vpn.clone(),
                Via::Nat(through) => Some(Ref::to(&env.name, &path_of(&through.value, "nat-gateway", slot))),
            };
            // A VPN gateway that cannot be had has been reported; everything else goes on without it.
            if let Some(target) = target {
                routes.insert(route.value.destination, (target, route.span));
            }
        }
        let layout = self.layout;
        for (far, joint) in self.model.joined(&env.name, &network.name) {
            if let Some(far_block) = layout.network(&far.env, &far.network).map(|laid| laid.block) {
                routes.insert(far_block, (super::peering::reference(&env.name, &far.env), joint));
            }
        }
        let propagation = gateways.vpn.clone().filter(|_| network.vgw_propagation.value);
        let table = RouteTable {
            vpc: vpc_of(env),
            subnet: Some(Ref::to(&env.name, &path_of(&network.name, "subnet", slot))),
            routes: routes
                .iter()
                .map(|(destination, (target, _))| Route { destination: *destination, target: target.clone() })
                .collect(),
            propagation,
        };
        let own = [("meta_network", network.name.as_str()), ("subnet", zone)];
        let mut draft = self
            .add(env, &path_of(&network.name, "route-table", slot), network.span, table)
            .tagged(env, &zone_name(env, network, zone), &own)
            .provenance("routes", &network.routes.chain)
            .provenance("propagation", &network.vgw_propagation.chain);
        for (destination, (_, span)) in &routes {
            draft = draft.provenance(&format!("routes/{destination}"), &[*span]);
        }
        drop(draft);
    }

    fn nat_gateway(&mut self, env: &Environment, network: &Network, slot: usize, zone: &str) {
        let Some(nat) = &network.nat else { return };
        let name = zone_name(env, network, zone);
        let elastic_ip = match &nat.value {
            Nat::Auto => {
                let path = path_of(&network.name, "elastic-ip", slot);
                self.add(env, &path, nat.span(), ElasticIp {}).tagged(env, &name, &[("dynamic", "true")]);
                Ref::to(&env.name, &path)
            }
            Nat::Static(addresses) => {
                let Some(ip) = addresses.get(slot) else { return };
                match self.region(env) {
                    None => Ref::Find(Lookup::ElasticIp(ip.value)),
                    Some(region) => {
                        let Some(id) = region.elastic_ips.get(&ip.value) else {
                            let unknown = errors::elastic_ip_unknown(ip.span, ip.value, &env.region.value);
                            self.diagnostics.push(unknown);
                            return;
                        };
                        Ref::Id(id.clone())
                    }
                }
            }
        };
        let subnet = Ref::to(&env.name, &path_of(&network.name, "subnet", slot));
        let own = [("meta_network", network.name.as_str()), ("subnet", zone)];
        let path = path_of(&network.name, "nat-gateway", slot);
        self.add(env, &path, nat.span(), NatGateway { subnet, elastic_ip })
            .tagged(env, &name, &own)
            .provenance("elastic_ip", &nat.chain)
            .after(env, INTERNET);
    }
}

/// The name of what belongs to one zone of a metanetwork: `ci_tunnel_us-west-2a`.
fn zone_name(env: &Environment, network: &Network, zone: &str) -> String {
    format!("{}_{}_{zone}", env.name, network.name)
}

/// References to the route tables of `networks` in every zone of `env`.
pub(super) fn route_tables<'n>(
    env: &Environment,
    laid: &EnvLayout,
    networks: impl Iterator<Item = &'n str>,
) -> BTreeSet<Ref> {
    networks
        .filter_map(|name| Some((name, laid.networks.get(name)?)))
        .flat_map(|(name, own)| {
            let slots = own.subnets.len().min(laid.zones.len());
            (0..slots).map(move |slot| path_of(name, "route-table", slot))
        })
        .map(|path| Ref::to(&env.name, &path))
        .collect()
}
