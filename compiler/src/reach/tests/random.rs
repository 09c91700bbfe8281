//! Random resources: every answer is what the simulator says of every packet that could tell.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use asiaq_ir::{
    Address, ElasticIp, GroupRule, IngressRules, InternetGateway, Ir, Lookup, NatGateway, Node, Origin,
    PeeringConnection, Protocol, Ref, Resource, Route, RouteTable, SecurityGroup, Source, Subnet, Vpc,
    VpnAttachment,
};
use ipnet::Ipv4Net;
use proptest::prelude::*;

use super::packets::{Host, Kin, Outcome, Owner, Passage, World, is_private};
use crate::reach::{Flow, Place, Reach};

/// Environments of a random world: all have the same metanetworks and zones.
const ENVS: [&str; 3] = ["a", "b", "c"];
const NETWORKS: [&str; 3] = ["x", "y", "z"];
const ZONES: usize = 2;

/// Blocks that rules and routes name.
const NESTED: [&str; 9] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.0.0/25",
    "10.2.1.0/24",
    "172.16.0.0/12",
    "203.0.113.0/28",
    "52.0.0.0/8",
    "203.0.113.0/24",
];

/// Ports that tell the rules apart.
const PORTS: [u16; 5] = [0, 22, 23, 443, 65535];

fn vpc(env: usize) -> Ipv4Net {
    Ipv4Net::new(Ipv4Addr::new(10, u8::try_from(env).unwrap() + 1, 0, 0), 16).unwrap()
}

/// Each metanetwork has a /24, each zone of it half of that.
fn subnet(env: usize, network: usize, zone: usize) -> Ipv4Net {
    let [env, network, zone] = [env + 1, network, zone * 128].map(|part| u8::try_from(part).unwrap());
    Ipv4Net::new(Ipv4Addr::new(10, env, network, zone), 25).unwrap()
}

fn block(at: usize) -> Ipv4Net {
    NESTED[at].parse().unwrap()
}

#[derive(Clone, Debug)]
struct WildRule {
    network: usize,
    protocol: u8,
    ports: Option<(usize, usize)>,
    source: WildSource,
}

#[derive(Clone, Debug)]
enum WildSource {
    Block(usize),
    Group(usize),
}

#[derive(Clone, Debug)]
struct WildRoute {
    subnet: usize,
    to: usize,
    via: usize,
}

/// What the resources are made from.
#[derive(Clone, Debug)]
struct Wild {
    rules: Vec<WildRule>,
    routes: Vec<WildRoute>,
    /// Pairs of subnets with routes to each other's metanetwork over a peering; either way may be missing.
    joints: Vec<(usize, usize, bool, bool)>,
    learns: BTreeSet<usize>,
    /// By environment: whether the gateway is attached.
    igw: [bool; 3],
}

fn wild() -> impl Strategy<Value = Wild> {
    let networks = ENVS.len() * NETWORKS.len();
    let subnets = networks * ZONES;
    let source =
        prop_oneof![(0..NESTED.len()).prop_map(WildSource::Block), (0..networks).prop_map(WildSource::Group)];
    let ports = proptest::option::of((0..PORTS.len(), 0..PORTS.len()));
    let rule = (0..networks, 0..5_u8, ports, source)
        .prop_map(|(network, protocol, ports, source)| WildRule { network, protocol, ports, source });
    let route =
        (0..subnets, 0..NESTED.len(), 0..8_usize).prop_map(|(subnet, to, via)| WildRoute { subnet, to, via });
    (
        proptest::collection::vec(rule, 0..40),
        proptest::collection::vec(route, 0..24),
        proptest::collection::vec((0..subnets, 0..subnets, any::<bool>(), any::<bool>()), 0..12),
        proptest::collection::btree_set(0..subnets, 0..2),
        any::<[bool; 3]>(),
    )
        .prop_map(|(rules, routes, joints, learns, igw)| Wild { rules, routes, joints, learns, igw })
}

fn node(resource: impl Into<Resource>) -> Node {
    Node {
        resource: resource.into(),
        region: "us-west-2".to_owned(),
        tags: BTreeMap::new(),
        after: BTreeSet::new(),
        origin: Origin { file: "infra.asq".to_owned(), line: 1, column: 1 },
        protect: None,
        provenance: BTreeMap::new(),
    }
}

fn network_of(at: usize) -> (usize, usize) {
    (at / NETWORKS.len(), at % NETWORKS.len())
}

fn group(at: usize) -> Ref {
    let (env, network) = network_of(at);
    Ref::to(ENVS[env], &format!("{}/security-group", NETWORKS[network]))
}

impl Wild {
    fn ir(&self) -> Ir {
        let mut ir = Ir::default();
        let mut add = |env: usize, path: &str, resource: Resource| {
            ir.resources.insert(Address::new(ENVS[env], path), node(resource));
        };
        for (env, name) in ENVS.iter().enumerate() {
            let own = Ref::to(name, "vpc");
            let vpc = Vpc { cidr: vpc(env), dns_support: true, dns_hostnames: true, dhcp_options: None };
            add(env, "vpc", vpc.into());
            let attached = self.igw[env].then(|| own.clone());
            add(env, "internet-gateway", InternetGateway { vpc: attached }.into());
            let gateway = Ref::Find(Lookup::VpnGateway(ENVS[env].to_owned()));
            add(env, "vpc/vpn-gateway", VpnAttachment { gateway, vpc: own.clone() }.into());
            for (other, name) in ENVS.iter().enumerate().skip(env + 1) {
                let connection = PeeringConnection {
                    requester: own.clone(),
                    accepter: Ref::to(name, "vpc"),
                    accepter_region: "us-west-2".to_owned(),
                    accepter_account: None,
                    // One pair is not joined.
                    accepted: (env, other) != (1, 2),
                };
                add(env, &format!("peering/{name}"), connection.into());
            }
            for (at, name) in NETWORKS.iter().enumerate() {
                let made = SecurityGroup::new(own.clone(), *name, "");
                add(env, &format!("{name}/security-group"), made.into());
                let rules = self.rules.iter().filter(|rule| rule.network == env * NETWORKS.len() + at);
                let rules: BTreeSet<GroupRule> = rules.map(WildRule::rule).collect();
                let ingress = IngressRules { group: group(env * NETWORKS.len() + at), rules };
                add(env, &format!("{name}/security-group/ingress"), ingress.into());
                for zone in 0..ZONES {
                    let path = |part: &str| format!("{name}/{part}/{}", zone + 1);
                    let cidr = subnet(env, at, zone);
                    let made = Subnet { vpc: own.clone(), cidr, zone: format!("us-west-2{zone}") };
                    add(env, &path("subnet"), made.into());
                    add(env, &path("elastic-ip"), ElasticIp {}.into());
                    let nat = NatGateway {
                        subnet: Ref::to(ENVS[env], &path("subnet")),
                        elastic_ip: Ref::to(ENVS[env], &path("elastic-ip")),
                    };
                    add(env, &path("nat-gateway"), nat.into());
                    add(env, &path("route-table"), self.table(env, at, zone).into());
                }
            }
        }
        ir
    }

    fn table(&self, env: usize, network: usize, zone: usize) -> RouteTable {
        let own = (env * NETWORKS.len() + network) * ZONES + zone;
        let mut routes: BTreeMap<Ipv4Net, Ref> = BTreeMap::new();
        for route in self.routes.iter().filter(|route| route.subnet == own) {
            let to = block(route.to);
            // What lies in the VPC itself is no route that AWS would take.
            if vpc(env).contains(&to) {
                continue;
            }
            let target = match route.via {
                0..3 if self.igw[env] => Ref::to(ENVS[env], "internet-gateway"),
                3 => Ref::to(ENVS[env], "vpc/vpn-gateway"),
                4 => Ref::to(ENVS[env], "gone"),
                via => Ref::to(ENVS[env], &format!("{}/nat-gateway/1", NETWORKS[via % NETWORKS.len()])),
            };
            routes.insert(to, target);
        }
        for (one, other, there, back) in &self.joints {
            for (from, to, exists) in [(one, other, there), (other, one, back)] {
                let (far, _) = network_of(to / ZONES);
                if *from == own && *exists && far != env {
                    let (_, network) = network_of(to / ZONES);
                    let (first, second) = (env.min(far), env.max(far));
                    let target = Ref::to(ENVS[first], &format!("peering/{}", ENVS[second]));
                    routes.insert(subnet(far, network, 0).supernet().unwrap(), target);
                }
            }
        }
        let part = |part: &str| format!("{}/{part}/{}", NETWORKS[network], zone + 1);
        RouteTable {
            vpc: Ref::to(ENVS[env], "vpc"),
            subnet: Some(Ref::to(ENVS[env], &part("subnet"))),
            routes: routes.into_iter().map(|(destination, target)| Route { destination, target }).collect(),
            propagation: self.learns.contains(&own).then(|| Ref::to(ENVS[env], "vpc/vpn-gateway")),
        }
    }
}

impl WildRule {
    fn rule(&self) -> GroupRule {
        let protocol = match self.protocol {
            0 => Protocol::Any,
            1 => Protocol::Udp,
            2 => Protocol::Icmp,
            _ => Protocol::Tcp,
        };
        let range = |(a, b): (usize, usize)| (PORTS[a.min(b)], PORTS[a.max(b)]);
        let (from, to) = match (protocol, self.ports.map(range)) {
            (Protocol::Any, _) | (_, None) => (None, None),
            (Protocol::Icmp, Some((kind, _))) => (Some(kind.min(255)), None),
            (_, Some((from, to))) => (Some(from), Some(to)),
        };
        let source = match self.source {
            WildSource::Block(at) => Source::Cidr(block(at)),
            WildSource::Group(at) => Source::Group(group(at)),
        };
        GroupRule { protocol, from, to, source, description: String::new() }
    }
}

/// Every address of `place` that could fare differently from another one, as seen from `env`.
fn hosts(world: &World<'_>, place: &Place, env: usize) -> Vec<Host> {
    let is_known = |ip: &Ipv4Addr| {
        // The peers of an environment, and itself.
        let known =
            (0..ENVS.len()).filter(|other| *other == env || (env.min(*other), env.max(*other)) != (1, 2));
        known.map(vpc).any(|vpc| vpc.contains(ip))
    };
    let blocks: Vec<Ipv4Net> = (0..NESTED.len()).map(block).chain((0..ENVS.len()).map(vpc)).collect();
    let near = |ip: Ipv4Addr| [u32::from(ip).wrapping_sub(1), u32::from(ip), u32::from(ip).wrapping_add(1)];
    let edges = blocks.iter().flat_map(|block| [block.network(), block.broadcast()]).flat_map(near);
    let borders: BTreeSet<Ipv4Addr> = edges.map(Ipv4Addr::from).chain([Ipv4Addr::new(8, 8, 8, 8)]).collect();
    let outside = |keep: &dyn Fn(&Ipv4Addr) -> bool| -> Vec<Host> {
        let found = borders.iter().filter(|ip| !is_known(ip) && keep(ip));
        let kin = if *place == Place::Internet { Kin::Nobody } else { Kin::Named };
        found.map(|ip| Host::Outside { ip: *ip, kin }).collect()
    };
    let inside = |keep: &dyn Fn(&str, &str, &Ipv4Addr) -> bool| -> Vec<Host> {
        let mut hosts = Vec::new();
        for interface in &world.interfaces {
            assert_eq!(interface.owner, Owner::Nobody, "these resources have no hostclasses");
            let addresses = world.addresses(interface).into_iter();
            let kept = addresses.filter(|ip| keep(&interface.env, &interface.network, ip));
            hosts.extend(kept.map(|ip| Host::Inside { ip, interface: interface.clone() }));
        }
        hosts
    };
    match place {
        Place::Network { env, network } => inside(&|of, name, _| of == env && name == network),
        Place::Internet => {
            // Narrow blocks are places of their own where a rule or route of the other end names them.
            let named: Vec<Ipv4Net> = (0..NESTED.len()).map(block).filter(|b| b.prefix_len() >= 16).collect();
            outside(&|ip| !is_private(*ip) && !named.iter().any(|block| block.contains(ip)))
        }
        Place::Block(block) => {
            let mut hosts = outside(&|ip| block.contains(ip));
            hosts.extend(inside(&|_, _, ip| block.contains(ip) && is_known(ip)));
            hosts
        }
        Place::Machines { .. } | Place::Vpn { .. } => Vec::new(),
    }
}

fn takes(flow: &Flow, protocol: Protocol, port: u16) -> bool {
    match protocol {
        Protocol::Icmp => flow.takes(Protocol::Icmp, port << 8),
        _ => flow.takes(protocol, port),
    }
}

/// What the answer says of connections on one port: whether it is open for all, for some, and whether it may be.
fn said(flows: &[Flow], unknown: &[Flow], protocol: Protocol, port: u16) -> (bool, bool, bool) {
    let open = flows.iter().filter(|flow| takes(flow, protocol, port) && !flow.arrives_only);
    let whole = open.clone().any(|flow| flow.part.is_empty());
    (whole, open.count() > 0, unknown.iter().any(|flow| takes(flow, protocol, port)))
}

fn agree(wild: &Wild, from: &Place, to: &Place, env: usize) -> Result<(), TestCaseError> {
    let ir = wild.ir();
    let world = World::of(&ir);
    let answer = Reach::of(&ir).between(from, to);
    let sources = hosts(&world, from, env);
    let targets = hosts(&world, to, env);
    for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Number(50)] {
        for port in PORTS.into_iter().chain([1, 80, 1000]) {
            let port = if protocol == Protocol::Icmp { port.min(255) } else { port };
            let passages: Vec<Passage> = sources
                .iter()
                .flat_map(|from| targets.iter().map(|to| world.send(from, to, protocol, port)))
                .collect();
            let connects = passages.iter().filter(|passage| passage.connects == Outcome::Delivered).count();
            let some = connects > 0;
            let (whole, open, unknown) = said(&answer.flows, &answer.unknown, protocol, port);
            let arrives = passages.iter().any(|passage| passage.arrives == Outcome::Delivered);
            let is_said = answer.flows.iter().any(|flow| takes(flow, protocol, port));
            prop_assert_eq!(is_said, arrives, "{} -> {} {} {}: {:#?}", from, to, protocol, port, answer);
            // Of a port that is open to some, it may be said that it is unknown as well.
            let is_unknown = passages.iter().any(|passage| passage.arrives == Outcome::Unknown);
            let may_be = is_unknown || arrives && unknown;
            prop_assert_eq!(
                (whole, open, unknown),
                (some && connects == passages.len(), some, may_be),
                "{} -> {} {} {}: {:#?}",
                from,
                to,
                protocol,
                port,
                answer
            );
        }
    }
    let is_denied = answer.flows.is_empty() && answer.unknown.is_empty();
    prop_assert!(!is_denied || !answer.missing.is_empty(), "a denial has a reason: {from} -> {to}");
    Ok(())
}

fn network(at: usize) -> Place {
    let (env, network) = network_of(at);
    Place::network(ENVS[env], NETWORKS[network])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn between_metanetworks_it_is_what_packets_do(wild in wild(), from in 0..9_usize, to in 0..9_usize) {
        agree(&wild, &network(from), &network(to), network_of(from).0)?;
    }

    #[test]
    fn between_the_internet_and_metanetworks_it_is_what_packets_do(wild in wild(), at in 0..9_usize) {
        let (env, _) = network_of(at);
        agree(&wild, &Place::Internet, &network(at), env)?;
        agree(&wild, &network(at), &Place::Internet, env)?;
    }

    #[test]
    fn between_blocks_and_metanetworks_it_is_what_packets_do(
        wild in wild(),
        at in 0..9_usize,
        named in 1..NESTED.len(),
    ) {
        let (env, _) = network_of(at);
        let place = Place::Block(block(named));
        // A block inside an environment is its metanetworks, which are asked above.
        let is_inside = (0..ENVS.len()).any(|env| vpc(env).contains(&block(named)));
        if !is_inside {
            agree(&wild, &place, &network(at), env)?;
            agree(&wild, &network(at), &place, env)?;
        }
    }

    #[test]
    fn a_rule_more_never_closes_anything(wild in wild(), to in 0..9_usize, from in 0..9_usize, rule in wild_rule()) {
        let less = wild.ir();
        let mut more = wild.clone();
        more.rules.push(rule);
        let more = more.ir();
        for from in [network(from), Place::Internet] {
            let (before, after) = (Reach::of(&less).between(&from, &network(to)), Reach::of(&more).between(&from, &network(to)));
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                for port in PORTS {
                    let (was, is) = (
                        said(&before.flows, &before.unknown, protocol, port),
                        said(&after.flows, &after.unknown, protocol, port),
                    );
                    // The internet is less where a rule names a part of it.
                    prop_assert!(from == Place::Internet || was.0 <= is.0, "{before:#?} {after:#?}");
                    prop_assert!(from == Place::Internet || (was.1 <= is.1 && was.2 <= is.2), "{before:#?} {after:#?}");
                }
            }
        }
    }

    #[test]
    fn nothing_gets_in_without_a_rule(wild in wild(), to in 0..9_usize, from in 0..9_usize) {
        let mut wild = wild;
        wild.rules.clear();
        let ir = wild.ir();
        for from in [network(from), Place::Internet, Place::Block(block(1)), Place::Vpn { env: "a".to_owned() }] {
            let answer = Reach::of(&ir).between(&from, &network(to));
            prop_assert!(answer.flows.is_empty() && answer.unknown.is_empty(), "{answer:#?}");
        }
    }
}

fn wild_rule() -> impl Strategy<Value = WildRule> {
    let networks = ENVS.len() * NETWORKS.len();
    let source =
        prop_oneof![(0..NESTED.len()).prop_map(WildSource::Block), (0..networks).prop_map(WildSource::Group)];
    (0..networks, 0..5_u8, proptest::option::of((0..PORTS.len(), 0..PORTS.len())), source)
        .prop_map(|(network, protocol, ports, source)| WildRule { network, protocol, ports, source })
}
