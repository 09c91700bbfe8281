//! Reasons in words, each with its place in the source.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    GroupRule, IngressRules, Kind, LaunchTemplate, Node, Origin, Protocol, Ref, Resource, RouteTable,
    Service, Source,
};
use ipnet::Ipv4Net;

use super::address_range::{Spot, is_public};
use super::answer::{Because, Ports};
use super::attempt::Lack;
use super::balancers::{Forward, Socket};
use super::fate::{Doubt, Hop, Obstacle};
use super::filter::Opening;
use super::group::Group;
use super::machines::{Class, Machine, Rule};
use super::network::{Endpoint, Entry, Network, Target};
use super::place::{MachineKind, Place, shortened};

/// The field with the rules of a security group.
const RULES: &str = IngressRules::RULES.as_str();

/// A block in the user's words.
fn block(block: Ipv4Net) -> String {
    if block.prefix_len() == 0 { "internet".to_owned() } else { block.to_string() }
}

pub(super) fn name(network: &Network<'_>) -> String {
    format!("`{}/{}`", network.env, network.name)
}

/// Machines as a subject: those of a whole metanetwork by its name.
pub(super) fn machines(spot: Spot<'_, '_>) -> String {
    let Spot { network, class, .. } = spot;
    if network.classes.len() < 2 && !class.is_special(network.group) && !network.is_narrowed {
        return name(network);
    }
    match members(class) {
        members if members.is_empty() => name(network),
        members => format!("{members} in {}", name(network)),
    }
}

/// The machines of a class, by their hostclasses.
pub(super) fn members(class: &Class<'_>) -> String {
    let mut by_kind: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for machine in &class.members {
        let (kind, name) = match machine {
            Machine::Instance { hostclass, elastic_ip: None } => {
                (("hostclass", "hostclasses"), format!("`{hostclass}`"))
            }
            Machine::Instance { hostclass, elastic_ip: Some(ip) } => {
                (("hostclass", "hostclasses"), format!("`{hostclass}` with {ip}"))
            }
            Machine::Balancer(hostclass) => {
                (("load balancer of", "load balancers of"), format!("`{hostclass}`"))
            }
            Machine::StaticAddress(hostclass) => {
                (("static address of", "static addresses of"), format!("`{hostclass}`"))
            }
            Machine::Store(kind, name) => {
                let words = match kind {
                    MachineKind::Caches => ("cache", "caches"),
                    MachineKind::SearchDomains => ("search domain", "search domains"),
                    _ => ("database", "databases"),
                };
                (words, format!("`{name}`"))
            }
        };
        by_kind.entry(kind).or_default().push(name);
    }
    let kinds = by_kind.into_iter().map(|((one, many), names)| {
        let kind = if names.len() == 1 { one } else { many };
        format!("{kind} {}", shortened(names.iter()))
    });
    kinds.collect::<Vec<_>>().join(", ")
}

/// `hostclass front, jobs in live/web`
pub(super) fn hostclasses_in(hostclasses: &[&str], network: &Network<'_>) -> String {
    let kind = if hostclasses.len() == 1 { "hostclass" } else { "hostclasses" };
    format!("{kind} {} in {}/{}", shortened(hostclasses.iter()), network.env, network.name)
}

/// Machines as a subject, by their hostclasses.
fn machines_or_members(spot: Spot<'_, '_>) -> String {
    match members(spot.class) {
        members if members.is_empty() => name(spot.network),
        members => format!("{members} in {}", name(spot.network)),
    }
}

/// The machines of a class without quotes: `hostclass front`.
pub(super) fn plain_members(class: &Class<'_>) -> String {
    members(class).replace('`', "")
}

/// A security group by its metanetwork.
fn group(group: Group<'_>, env: &str) -> String {
    match group {
        Group::Own(address) => {
            let network = address.as_str().strip_suffix("/security-group").unwrap_or(address.as_str());
            network.strip_prefix(&format!("{env}/")).unwrap_or(network).to_owned()
        }
        Group::Foreign(Ref::Id(id)) => id.clone(),
        Group::Foreign(_) => "a group outside this project".to_owned(),
    }
}

/// Why a machine is in a group besides its metanetwork's own.
fn joins(spot: Spot<'_, '_>, of: Group<'_>) -> Option<Because> {
    let Spot { network, class, .. } = spot;
    if network.group.map(Group::Own) == Some(of) {
        return None;
    }
    let node = class.joined_by.get(&of)?;
    let key = match of {
        Group::Own(address) => address.to_string(),
        Group::Foreign(Ref::Id(id)) => id.clone(),
        Group::Foreign(_) => String::new(),
    };
    Some(Because {
        what: format!("{} is in the security group of `{}`", machines(spot), group(of, "")),
        origin: known(node.cite(LaunchTemplate::GROUPS.as_str(), Some(&key))),
    })
}

/// A place in the source; absent for resources found in an account.
fn known(origin: &Origin) -> Option<Origin> {
    (!origin.file.is_empty()).then(|| origin.clone())
}

pub(super) fn declared(network: &Network<'_>) -> Option<Origin> {
    network.node.and_then(|node| known(&node.origin))
}

fn route_origin(entry: &Entry<'_>) -> Option<Origin> {
    known(entry.node.cite(RouteTable::ROUTES.as_str(), Some(&entry.route.destination.to_string())))
}

/// A route as it would be written.
fn route(entry: &Entry<'_>, env: &str) -> String {
    let via = match entry.target {
        Target::Internet => "igw".to_owned(),
        Target::Vpn => "vgw".to_owned(),
        Target::Nat(gateway) => {
            format!("nat {}", gateway.subnet.as_str().split('/').nth(1).unwrap_or_default())
        }
        Target::Peering(a, b) => format!("the peering with {}", if a == env { b } else { a }),
        Target::Nowhere => "a target that does not exist".to_owned(),
        Target::Elsewhere => match &entry.route.target {
            Ref::Id(id) => id.clone(),
            Ref::To(address) => address.to_string(),
            Ref::Find(_) => "a resource outside the project".to_owned(),
        },
    };
    format!("`{} via {via}`", block(entry.route.destination))
}

fn rule_text(rule: &GroupRule, env: &str) -> String {
    directed(rule, "from", env)
}

/// An egress rule, which the language cannot declare.
fn egress_text(rule: &GroupRule, env: &str) -> String {
    directed(rule, "to", env)
}

fn directed(rule: &GroupRule, word: &str, env: &str) -> String {
    let (first, last) = (rule.from, rule.to);
    let ports = match (rule.protocol, first, last) {
        (_, None, _) => String::new(),
        (Protocol::Icmp, Some(kind), Some(code)) => format!(" {kind}/{code}"),
        (_, Some(kind), None) => format!(" {kind}"),
        (protocol, Some(first), Some(last)) => format!(" {}", Ports { first, last }.text(protocol)),
    };
    let source = match &rule.source {
        Source::Cidr(cidr) => block(*cidr),
        Source::Group(source) => group(Group::of(source), env),
        Source::Other(words) => words.clone(),
    };
    format!("{}{} {word} {source}", rule.protocol, ports.trim_end())
}

fn rule_origin(rule: &GroupRule, node: &Node) -> Option<Origin> {
    let value = serde_json::to_value(rule).unwrap_or_default();
    let key = Resource::element_key(Kind::IngressRules, RULES, &value);
    known(node.cite(RULES, Some(&key)))
}

/// The rule that lets something in, and what makes it apply to these machines.
pub(super) fn opening(
    opening: &Opening<'_>,
    from: Option<Spot<'_, '_>>,
    to: Option<Spot<'_, '_>>,
) -> Vec<Because> {
    let leaves = opening.leave.map(|Rule { text, node, group: of }| Because {
        what: format!("`{}` allows outgoing `{}`", group(of, ""), egress_text(text, "")),
        origin: known(&node.origin),
    });
    let (Some(Rule { text: rule, node, group: of }), Some(to)) = (opening.rule, to) else {
        return leaves.into_iter().collect();
    };
    let allows = Because {
        what: format!("`{}` allows `{}`", group(of, ""), rule_text(rule, to.network.env)),
        origin: rule_origin(rule, node),
    };
    let member = match &rule.source {
        Source::Group(source) => from.and_then(|from| joins(from, Group::of(source))),
        Source::Cidr(_) | Source::Other(_) => None,
    };
    leaves.into_iter().chain([allows]).chain(joins(to, of)).chain(member).collect()
}

/// A step of a way that works.
pub(super) fn hop(hop: &Hop<'_, '_>) -> Because {
    let (what, origin) = match hop {
        Hop::Local(env) => (format!("inside the VPC of `{env}` every subnet has a route"), None),
        Hop::There(network, entry) => {
            (format!("{} sends it by {}", name(network), route(entry, network.env)), route_origin(entry))
        }
        Hop::Back(network, entry) => {
            (format!("{} replies by {}", name(network), route(entry, network.env)), route_origin(entry))
        }
        Hop::PublicAddress(spot) => {
            (format!("this applies to instances of {} with a public address", name(spot.network)), None)
        }
        Hop::OverInternet => ("both have a route to the internet".to_owned(), None),
        Hop::ByGateway(network) => (
            format!(
                "the internet gateway delivers single packets to public addresses in {}; replies have no way back",
                name(network)
            ),
            None,
        ),
        Hop::Forwarded(balancer, Forward { front, back, .. }) => (
            format!(
                "{} forward{} {} {} to {} {} and keep{} the address of the client",
                machines_or_members(*balancer),
                if balancer.class.members.len() > 1 { "" } else { "s" },
                front.0,
                front.1,
                back.0,
                back.1,
                if balancer.class.members.len() > 1 { "" } else { "s" },
            ),
            balancer.class.joined_by.values().next().and_then(|node| known(&node.origin)),
        ),
    };
    Because { what, origin }
}

/// The reason why the answer is unknown.
pub(super) fn doubt(doubt: &Doubt<'_, '_>) -> Because {
    let (what, origin) = match doubt {
        Doubt::Vpn(network, entry) => (
            format!(
                "{} routes to a VPN gateway by {}, so it depends on the network behind it",
                name(network),
                route(entry, network.env)
            ),
            route_origin(entry),
        ),
        Doubt::Learned(network) => (
            format!("{} accepts routes propagated by its VPN gateway, which are unknown", name(network)),
            declared(network),
        ),
        Doubt::Endpoint(network, endpoint) => (
            format!("{}, and its addresses are not known", reaches_service(network, *endpoint)),
            known(&endpoint.node.origin),
        ),
        Doubt::Elsewhere(network, entry) => (
            format!(
                "{} routes to a resource outside this project, by {}",
                name(network),
                route(entry, network.env)
            ),
            route_origin(entry),
        ),
        Doubt::NatAddress(network) => (
            format!("the private address of the NAT gateway in {} is not known", name(network)),
            declared(network),
        ),
        Doubt::PublicAddress(network) => {
            (format!("the public address for {} is not known", name(network)), declared(network))
        }
        Doubt::Joined(network) => (
            format!(
                "the VPC of {} is connected to networks outside this program, which may send single packets",
                name(network)
            ),
            declared(network),
        ),
        Doubt::ForeignGroup(spot) => {
            (format!("{} is in a security group outside this project", machines(*spot)), None)
        }
        Doubt::Destination(rule) => (
            format!("the addresses of `{}` are not known", egress_text(rule.text, "")),
            known(&rule.node.origin),
        ),
        Doubt::ForeignSource(rule) => (
            format!("the source of `{}` is not known", rule_text(rule.text, "")),
            rule_origin(rule.text, rule.node),
        ),
    };
    Because { what, origin }
}

/// What is no part of the internet, though its addresses are public.
pub(super) fn service(network: &Network<'_>, endpoint: Endpoint<'_>) -> Because {
    let what = format!("{}, which is not counted as the internet", reaches_service(network, endpoint));
    Because { what, origin: known(&endpoint.node.origin) }
}

fn reaches_service(network: &Network<'_>, Endpoint { service, .. }: Endpoint<'_>) -> String {
    let long = match service {
        Service::S3 => "Amazon S3",
        Service::DynamoDb => "Amazon DynamoDB",
    };
    format!("{} reaches {long} through `endpoint {}`", name(network), service.name())
}

/// Egress rules that let nothing out.
pub(super) fn held_back(from: Spot<'_, '_>, to: &Place) -> Because {
    let what = format!("no egress rule in AWS for {} allows `{to}`", machines(from));
    Because { what, origin: None }
}

/// Why nothing gets through although rules let it in, with a load balancer at one end: of its listeners, to those that
/// `is_meant` holds for.
pub(super) fn lack(
    lack: Lack,
    (from, to): (Option<Spot<'_, '_>>, Option<Spot<'_, '_>>),
    is_meant: &dyn Fn(Socket) -> bool,
) -> Option<Because> {
    let balancer = match lack {
        Lack::Target => from?,
        Lack::Listener | Lack::Behind => to?,
        Lack::Egress => return None,
    };
    let Class { service, members: balancers, joined_by, .. } = balancer.class;
    let many = if balancers.len() > 1 { ("", "their") } else { ("s", "its") };
    let who = machines_or_members(balancer);
    let what = match lack {
        Lack::Target => {
            format!(
                "{who} open{} connections to {} own targets only, on {}",
                many.0,
                many.1,
                sockets(service.calls())
            )
        }
        Lack::Behind => format!(
            "{who} keep{} the addresses of clients, and no rule for the targets allows these on {}",
            many.0,
            sockets(
                service
                    .forwards
                    .iter()
                    .filter(|forward| forward.keeps_client && is_meant(forward.front))
                    .map(|forward| forward.back)
            )
        ),
        Lack::Listener | Lack::Egress => {
            format!("{who} listen{} on {} only", many.0, sockets(service.listens()))
        }
    };
    Some(Because { what, origin: joined_by.values().next().and_then(|node| known(&node.origin)) })
}

/// `tcp 80, tcp 443`
fn sockets(sockets: impl IntoIterator<Item = Socket>) -> String {
    let sockets: BTreeSet<Socket> = sockets.into_iter().collect();
    let texts = sockets.iter().map(|(protocol, port)| format!("{protocol} {port}"));
    texts.collect::<Vec<_>>().join(", ")
}

/// The obstacle that blocks the traffic.
pub(super) fn obstacle(obstacle: &Obstacle<'_, '_>) -> Because {
    let (what, origin) = match obstacle {
        Obstacle::NoRoute(network, to) => {
            (format!("{} has no route to {}", name(network), whereabouts(*to)), declared(network))
        }
        Obstacle::NoWayBack(network, to) => {
            (format!("{} has no route back to {}", name(network), whereabouts(*to)), declared(network))
        }
        Obstacle::WrongRoute(network, entry, to) => (
            format!(
                "{} routes traffic for {} by {}, {}",
                name(network),
                whereabouts(*to),
                route(entry, network.env),
                dead_end(entry, *to)
            ),
            route_origin(entry),
        ),
        Obstacle::WrongWayBack(network, entry, to) => (
            format!(
                "{} has no route back to {}: replies go by {}, {}",
                name(network),
                whereabouts(*to),
                route(entry, network.env),
                dead_end(entry, *to)
            ),
            route_origin(entry),
        ),
        Obstacle::NoPeering(a, b) => (format!("there is no peering between `{a}` and `{b}`"), None),
        Obstacle::NoVpnRoute(network) => {
            (format!("{} has no route through the VPN gateway", name(network)), declared(network))
        }
        Obstacle::NoPublicAddress(spot, entry) => (
            format!(
                "{} {} no public address, which {} needs",
                machines_or_members(*spot),
                if spot.class.members.len() > 1 { "have" } else { "has" },
                route(entry, spot.network.env)
            ),
            route_origin(entry),
        ),
    };
    Because { what, origin }
}

fn whereabouts(to: Ipv4Net) -> String {
    if to.prefix_len() == 0 { "the internet".to_owned() } else { to.to_string() }
}

/// Why a route does not lead to where it should.
fn dead_end(entry: &Entry<'_>, to: Ipv4Net) -> &'static str {
    match entry.target {
        Target::Internet if !is_public(to) => "and private addresses are not reachable over the internet",
        Target::Internet => "and instances there are not reachable over the internet",
        Target::Vpn | Target::Elsewhere => "which goes to another network",
        Target::Nat(_) => "and a NAT gateway allows no incoming connections",
        Target::Peering(..) => "and a peering connects only its two environments",
        Target::Nowhere => "which leads nowhere",
    }
}
