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

/// A place in the source; what was found in an account has none.
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
        Target::Nowhere => "something that is not there".to_owned(),
        Target::Elsewhere => match &entry.route.target {
            Ref::Id(id) => id.clone(),
            Ref::To(address) => address.to_string(),
            Ref::Find(_) => "something that is not the project's".to_owned(),
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
        what: format!("{} lets `{}` in", name(network), rule_text(rule, network.env)),
        origin: rule_origin(rule, node),
    })
}

/// A step of a way that works.
pub(super) fn hop(hop: &Hop<'_, '_>) -> Because {
    let (what, origin) = match hop {
        Hop::Local(env) => (format!("within the VPC of `{env}` everything has a route"), None),
        Hop::There(network, entry) => {
            (format!("{} leaves by {}", name(network), route(entry, network.env)), route_origin(entry))
        }
        Hop::Back(network, entry) => {
            (format!("{} answers by {}", name(network), route(entry, network.env)), route_origin(entry))
        }
        Hop::PublicAddress(network) => {
            (format!("this is for machines of {} that have a public address", name(network)), None)
        }
        Hop::OverInternet => ("both have a way to the internet, and meet there".to_owned(), None),
    };
    Because { what, origin }
}

/// Why nobody can tell.
pub(super) fn doubt(doubt: &Doubt<'_, '_>) -> Because {
    let (what, origin) = match doubt {
        Doubt::Vpn(network, entry) => (
            format!(
                "{} leads through a VPN gateway by {}, and what is behind it decides",
                name(network),
                route(entry, network.env)
            ),
            route_origin(entry),
        ),
        Doubt::Learned(network) => (
            format!("{} takes in routes that its VPN gateway learns, and nobody knows which", name(network)),
            declared(network),
        ),
        Doubt::Elsewhere(network, entry) => (
            format!(
                "{} leads to something that is not this project's, by {}",
                name(network),
                route(entry, network.env)
            ),
            route_origin(entry),
        ),
    };
    Because { what, origin }
}

/// What stands in the way.
pub(super) fn obstacle(obstacle: &Obstacle<'_, '_>) -> Because {
    let (what, origin) = match obstacle {
        Obstacle::NoRoute(network, to) => {
            (format!("{} has no route to {}", name(network), whereabouts(*to)), declared(network))
        }
        Obstacle::NoWayBack(network, to) => {
            (format!("{} has no way back to {}", name(network), whereabouts(*to)), declared(network))
        }
        Obstacle::WrongRoute(network, entry, to) => (
            format!(
                "{} sends what is for {} by {}, {}",
                name(network),
                whereabouts(*to),
                route(entry, network.env),
                dead_end(entry, *to)
            ),
            route_origin(entry),
        ),
        Obstacle::WrongWayBack(network, entry, to) => (
            format!(
                "{} has no way back to {}: answers leave by {}, {}",
                name(network),
                whereabouts(*to),
                route(entry, network.env),
                dead_end(entry, *to)
            ),
            route_origin(entry),
        ),
        Obstacle::NoPeering(a, b) => (format!("nothing joins `{a}` and `{b}`: there is no peering"), None),
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
        Target::Internet if !is_public(to) => "and private addresses are not on the internet",
        Target::Internet => "and machines there are not met on the internet",
        Target::Vpn | Target::Elsewhere => "which leads elsewhere",
        Target::Nat(_) => "and nobody comes in through a NAT gateway",
        Target::Peering(..) => "and a peering leads to its two environments only",
        Target::Nowhere => "which leads nowhere",
    }
}
