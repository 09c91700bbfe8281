//! Reasons in words, each with its place in the source.

use asiaq_ir::{GroupRule, IngressRules, Kind, Node, Origin, Protocol, Ref, Resource, RouteTable, Source};
use ipnet::Ipv4Net;

use super::address_range::is_public;
use super::answer::{Because, Ports};
use super::filter::Opening;
use super::network::{Entry, Network, Target};
use super::path::{Doubt, Hop, Obstacle};

/// The field with the rules of a security group.
const RULES: &str = IngressRules::RULES.as_str();

/// A block in the user's words.
fn block(block: Ipv4Net) -> String {
    if block.prefix_len() == 0 { "internet".to_owned() } else { block.to_string() }
}

fn name(network: &Network<'_>) -> String {
    format!("`{}/{}`", network.env, network.name)
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
        Target::Nat(subnet) => {
            format!("nat {}", subnet.as_str().split('/').nth(1).unwrap_or_default())
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
    let (first, last) = (rule.from, rule.to);
    let ports = match (rule.protocol, first, last) {
        (_, None, _) => String::new(),
        (Protocol::Icmp, Some(kind), Some(code)) => format!(" {kind}/{code}"),
        (_, Some(kind), None) => format!(" {kind}"),
        (protocol, Some(first), Some(last)) => format!(" {}", Ports { first, last }.text(protocol)),
    };
    let source = match &rule.source {
        Source::Cidr(cidr) => block(*cidr),
        Source::Group(Ref::To(group)) => {
            let network = group.as_str().strip_suffix("/security-group").unwrap_or(group.as_str());
            network.strip_prefix(&format!("{env}/")).unwrap_or(network).to_owned()
        }
        Source::Group(Ref::Id(id)) => id.clone(),
        Source::Group(Ref::Find(_)) => String::new(),
        Source::Other(words) => words.clone(),
    };
    format!("{}{} from {source}", rule.protocol, ports.trim_end())
}

fn rule_origin(rule: &GroupRule, node: &Node) -> Option<Origin> {
    let value = serde_json::to_value(rule).unwrap_or_default();
    let key = Resource::element_key(Kind::IngressRules, RULES, &value);
    known(node.cite(RULES, Some(&key)))
}

/// The rule that lets something in.
pub(super) fn opening(opening: &Opening<'_>, to: Option<&Network<'_>>) -> Option<Because> {
    let (rule, node) = opening.rule?;
    let network = to?;
    Some(Because {
        what: format!("{} allows `{}`", name(network), rule_text(rule, network.env)),
        origin: rule_origin(rule, node),
    })
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
        Hop::PublicAddress(network) => {
            (format!("this applies to instances of {} with a public address", name(network)), None)
        }
        Hop::OverInternet => ("both have a route to the internet".to_owned(), None),
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
        Doubt::Elsewhere(network, entry) => (
            format!(
                "{} routes to a resource outside this project, by {}",
                name(network),
                route(entry, network.env)
            ),
            route_origin(entry),
        ),
    };
    Because { what, origin }
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
