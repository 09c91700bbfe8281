//! Routes, NAT and gateways that lead nowhere, or to two places.

use std::net::Ipv4Addr;

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::{codes, few};
use crate::model::{Environment, JointEnd, Network};

pub(crate) fn second_route(span: Span, to: Ipv4Net, first: Span, network: &str, env: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        codes::SECOND_ROUTE,
        span,
        format!("`{network}` of `{env}` has two routes to {}", shown(to)),
    )
    .label("same destination again")
    .help("a destination has one target: remove one of them");
    if span == first { diagnostic } else { diagnostic.related(first, "the other one") }
}

/// A destination in the user's words.
fn shown(block: Ipv4Net) -> String {
    if block.prefix_len() == 0 { "`internet`".to_owned() } else { block.to_string() }
}

pub(crate) fn route_inside_vpc(span: Span, to: Ipv4Net, env: &Environment, vpc: Ipv4Net) -> Diagnostic {
    let name = &env.name;
    Diagnostic::new(codes::ROUTE_INSIDE_VPC, span, format!("{to} is inside `{name}` itself ({vpc})"))
        .label("inside the VPC")
        .related(env.cidr.place(env.span), format!("`{name}` gets {vpc} here"))
        .help("traffic inside a VPC needs no route: remove this one")
}

pub(crate) fn route_to_link_local(span: Span, to: Ipv4Net, reserved: Ipv4Net) -> Diagnostic {
    Diagnostic::new(codes::ROUTE_INSIDE_VPC, span, format!("{to} is inside {reserved}, which AWS reserves"))
        .label("reserved by AWS")
        .help("instances reach the services at these addresses without a route: remove this one")
}

pub(crate) fn vpn_route_over_vpc(span: Span, to: Ipv4Net, env: &Environment, vpc: Ipv4Net) -> Diagnostic {
    let name = &env.name;
    Diagnostic::new(
        codes::VPN_ROUTE_OVER_VPC,
        span,
        format!("most of {to}, routed to the VPN gateway, is `{name}` itself ({vpc})"),
    )
    .label("half of these addresses or more are the VPC's")
    .related(env.cidr.place(env.span), format!("`{name}` gets {vpc} here"))
    .help("traffic to the VPC's own addresses stays inside: route the blocks that are behind the VPN")
}

pub(crate) fn route_over_peering(span: Span, to: Ipv4Net, far: &JointEnd, joint: Span) -> Diagnostic {
    Diagnostic::new(
        codes::SECOND_ROUTE,
        span,
        format!("{to} is `{}/{}`, which already has a route through a peering", far.env, far.network),
    )
    .label("same destination as the peering")
    .related(joint, "this peering creates the route")
    .help("routes of a peering are created automatically: remove this one")
}

pub(crate) fn nat_of_itself(span: Span, network: &str) -> Diagnostic {
    Diagnostic::new(codes::NAT_OF_ITSELF, span, format!("`{network}` routes to its own NAT gateways"))
        .label("own NAT gateways")
        .help("the metanetwork of a NAT gateway must use the internet gateway: `internet via igw`")
}

pub(crate) fn nat_missing(span: Span, network: &str, env: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(codes::NAT_MISSING, span, format!("`{network}` of `{env}` has no NAT gateways"))
        .label("no NAT gateways there")
        .related(declared, "declared here")
        .help(format!("add `nat = auto` to `{network}`"))
}

pub(crate) fn nat_without_internet(span: Span, network: &Network, env: &str) -> Diagnostic {
    let (name, routes) = (&network.name, &network.routes);
    let label = if routes.value.is_empty() { "this has no routes" } else { "no `internet via igw` here" };
    Diagnostic::new(
        codes::NAT_WITHOUT_INTERNET,
        span,
        format!("NAT gateways of `{name}` in `{env}` cannot reach the internet"),
    )
    .label("needs a route to the internet gateway")
    .related(routes.place(network.span), label)
    .help(format!("add `internet via igw` to the routes of `{name}`"))
}

pub(crate) fn nat_addresses_and_zones(
    span: Span,
    addresses: usize,
    zones: usize,
    env: &str,
    zones_span: Span,
) -> Diagnostic {
    let has = if addresses == 1 { "address" } else { "addresses" };
    let needs = if zones == 1 { "zone" } else { "zones" };
    Diagnostic::new(
        codes::NAT_ADDRESSES_AND_ZONES,
        span,
        format!("{addresses} Elastic IP {has} for {zones} {needs} of `{env}`"),
    )
    .label(format!("{addresses} {has}"))
    .related(zones_span, format!("`{env}` has {zones} {needs}"))
    .help("write one address for each zone, or a single address for one NAT gateway that serves all zones")
}

pub(crate) fn not_public(span: Span, ip: Ipv4Addr) -> Diagnostic {
    Diagnostic::new(codes::NOT_PUBLIC, span, format!("{ip} is not a public address"))
        .label("private or reserved")
        .help("write an Elastic IP address of the account")
}

pub(crate) fn elastic_ip_shared(
    span: Span,
    ip: Ipv4Addr,
    user: &str,
    first: Span,
    holder: &str,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::ELASTIC_IP_SHARED, span, format!("{ip} is used by both {user} and {holder}"))
            .label(format!("also used by {user}"))
            .help("an Elastic IP address has one user at a time: use another address for one of them");
    if span == first { diagnostic } else { diagnostic.related(first, format!("used by {holder} here")) }
}

pub(crate) fn elastic_ip_unknown(span: Span, ip: Ipv4Addr, region: &str) -> Diagnostic {
    Diagnostic::new(
        codes::ELASTIC_IP_UNKNOWN,
        span,
        format!("the account has no Elastic IP address {ip} in {region}"),
    )
    .label("not an address of the account")
    .help("allocate it first, or write `nat = auto`")
}

pub(crate) fn no_vpn_gateway(span: Span, envs: &[String], region: &str) -> Diagnostic {
    let (message, help) = match envs {
        [env] => (
            format!("no VPN gateway is named `{env}` in {region}, so its routes are omitted"),
            format!("create a VPN gateway with the tag `Name` = `{env}`; asiaq attaches it"),
        ),
        several => (
            format!(
                "there are no VPN gateways for {} in {region}, so their routes are omitted",
                few(several)
            ),
            "create a VPN gateway for each of them, with its name as the tag `Name`; asiaq attaches it"
                .to_owned(),
        ),
    };
    Diagnostic::new(codes::NO_VPN_GATEWAY, span, message).label("no gateway for this route").help(help)
}

pub(crate) fn vpn_gateway_taken(span: Span, id: &str, env: &str, other: &str) -> Diagnostic {
    Diagnostic::new(
        codes::VPN_GATEWAY_TAKEN,
        span,
        format!("the VPN gateway {id}, named `{env}`, is attached to another VPC ({other})"),
    )
    .label("needs the gateway here")
    .help("asiaq does not detach it from another VPC: detach it there, or tag another gateway")
}
