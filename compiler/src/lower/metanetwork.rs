//! A metanetwork: a security group, and a subnet with its route table and NAT gateway in each zone, or one NAT
//! gateway for all zones.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, ElasticIp, Lookup, NatGateway, Ref, Route, RouteTable, SecurityGroup, Subnet};
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
        let mut node = self
            .node(env, &format!("{}/security-group", network.name), network.span)
            .declared_by(&network.name)
            .tagged(&name, &[("meta_network", &network.name)]);
        let parts = [(env.name.as_str(), env.span), (network.name.as_str(), network.span)];
        for (text, span) in parts {
            node.part(SecurityGroup::NAME, text, span);
            if network.description.is_none() {
                node.part(SecurityGroup::DESCRIPTION, text, span);
            }
        }
        let description = node.set(SecurityGroup::DESCRIPTION, &chain, description);
        self.add(node, SecurityGroup::new(vpc_of(env), name, description));
    }

    fn subnet(&mut self, env: &Environment, network: &Network, slot: usize, cidr: Ipv4Net, zone: &str) {
        let mut own = vec![("meta_network", network.name.as_str()), ("subnet", zone)];
        match network.nat.as_ref().map(|nat| &nat.value) {
            Some(Nat::Auto) => own.push(("dynonat", "")),
            Some(Nat::One) if slot == 0 => own.push(("dynonat", "")),
            Some(Nat::One | Nat::Static(_)) | None => {}
        }
        let mut node = self
            .node(env, &path_of(&network.name, "subnet", slot), network.span)
            .declared_by(&network.name)
            .tagged(&zone_name(env, network, zone), &own);
        let subnet = Subnet {
            vpc: vpc_of(env),
            cidr: node.set(Subnet::CIDR, &network.cidr.chain, cidr),
            zone: node.set(Subnet::ZONE, &env.zones.chain, zone.to_owned()),
        };
        self.add(node, subnet);
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
                Via::Nat(through) => {
                    let nat = env.network(&through.value).and_then(|target| target.nat.as_ref());
                    let slot = if nat.is_some_and(|nat| nat.value.is_one()) { 0 } else { slot };
                    Some(Ref::to(&env.name, &path_of(&through.value, "nat-gateway", slot)))
                }
            };
            // A VPN gateway that is not available has been reported; the other routes are kept.
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
        let own = [("meta_network", network.name.as_str()), ("subnet", zone)];
        let mut node = self
            .node(env, &path_of(&network.name, "route-table", slot), network.span)
            .declared_by(&network.name)
            .tagged(&zone_name(env, network, zone), &own);
        for (destination, (_, span)) in &routes {
            node.element(RouteTable::ROUTES, &destination, &[*span]);
        }
        let routes = routes.into_iter().map(|(destination, (target, _))| Route { destination, target });
        let table = RouteTable {
            vpc: vpc_of(env),
            subnet: Some(Ref::to(&env.name, &path_of(&network.name, "subnet", slot))),
            routes: node.set(RouteTable::ROUTES, &network.routes.chain, routes.collect()),
            propagation: node.set(RouteTable::PROPAGATION, &network.vgw_propagation.chain, propagation),
        };
        self.add(node, table);
    }

    fn nat_gateway(&mut self, env: &Environment, network: &Network, slot: usize, zone: &str) {
        let Some(nat) = &network.nat else { return };
        if nat.value.is_one() && slot > 0 {
            return;
        }
        let name = zone_name(env, network, zone);
        let elastic_ip = match &nat.value {
            Nat::Auto | Nat::One => {
                let path = path_of(&network.name, "elastic-ip", slot);
                let node = self
                    .node(env, &path, nat.span())
                    .declared_by(&network.name)
                    .tagged(&name, &[("dynamic", "true")]);
                self.add(node, ElasticIp {});
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
        let mut node = self
            .node(env, &path_of(&network.name, "nat-gateway", slot), nat.span())
            .declared_by(&network.name)
            .tagged(&name, &own)
            .after([Address::new(&env.name, INTERNET)]);
        let elastic_ip = node.set(NatGateway::ELASTIC_IP, &nat.chain, elastic_ip);
        self.add(node, NatGateway { subnet, elastic_ip });
    }
}

/// The name of the resources in one availability zone of a metanetwork: `ci_tunnel_us-west-2a`.
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
