//! Routes, NAT and gateways that lead nowhere, or to two places.

use std::net::Ipv4Addr;

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use crate::model::{Environment, JointEnd, Network};

pub(crate) fn second_route(span: Span, to: Ipv4Net, first: Span, network: &str, env: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "second-route",
        span,
        format!("`{network}` of `{env}` has two routes to {}", shown(to)),
    )
    .help("a destination has one target: keep one of them");
    if span == first { diagnostic } else { diagnostic.related(first, "the other one") }
}

/// A destination in the user's words.
fn shown(block: Ipv4Net) -> String {
    if block.prefix_len() == 0 { "`internet`".to_owned() } else { block.to_string() }
}

pub(crate) fn route_inside_vpc(span: Span, to: Ipv4Net, env: &Environment, vpc: Ipv4Net) -> Diagnostic {
    let name = &env.name;
    Diagnostic::error("route-inside-vpc", span, format!("{to} lies inside `{name}` itself ({vpc})"))
        .related(env.cidr.place(env.span), format!("`{name}` gets {vpc} here"))
        .help("traffic inside a VPC needs no route: take it out")
}

pub(crate) fn vpn_route_over_vpc(span: Span, to: Ipv4Net, env: &Environment, vpc: Ipv4Net) -> Diagnostic {
    let name = &env.name;
    Diagnostic::warning(
        "vpn-route-over-vpc",
        span,
        format!("{to} behind the VPN gateway covers `{name}` itself ({vpc})"),
    )
    .related(env.cidr.place(env.span), format!("`{name}` gets {vpc} here"))
    .help("machines behind the VPN whose addresses are in the VPC's block cannot be reached")
}

pub(crate) fn route_over_peering(span: Span, to: Ipv4Net, far: &JointEnd, joint: Span) -> Diagnostic {
    Diagnostic::error(
        "second-route",
        span,
        format!("{to} is `{}/{}`, to which a peering leads already", far.env, far.network),
    )
    .related(joint, "this peering")
    .help("a peering makes its own routes: take this one out")
}

pub(crate) fn nat_of_itself(span: Span, network: &str) -> Diagnostic {
    Diagnostic::error("nat-of-itself", span, format!("`{network}` leaves through its own NAT gateways"))
        .help("a NAT gateway's own network leaves through the internet gateway: `internet via igw`")
}

pub(crate) fn nat_missing(span: Span, network: &str, env: &str, declared: Span) -> Diagnostic {
    Diagnostic::error("nat-missing", span, format!("`{network}` of `{env}` has no NAT gateways"))
        .related(declared, "declared here")
        .help(format!("add `nat = auto` to `{network}`"))
}

pub(crate) fn nat_without_internet(span: Span, network: &Network, env: &str) -> Diagnostic {
    let (name, routes) = (&network.name, &network.routes);
    let label = if routes.value.is_empty() { "it has no routes" } else { "its routes" };
    Diagnostic::error(
        "nat-without-internet",
        span,
        format!("NAT gateways of `{name}` in `{env}` cannot reach the internet"),
    )
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
    Diagnostic::error(
        "nat-addresses-and-zones",
        span,
        format!("{addresses} elastic IP {has} for {zones} {needs} of `{env}`"),
    )
    .related(zones_span, format!("`{env}` has {zones} {needs}"))
    .help("each zone has one NAT gateway: write as many addresses as zones")
}

pub(crate) fn not_public(span: Span, ip: Ipv4Addr) -> Diagnostic {
    Diagnostic::error("not-public", span, format!("{ip} is not a public address"))
        .help("write an elastic IP address that the account has")
}

pub(crate) fn elastic_ip_shared(
    span: Span,
    ip: Ipv4Addr,
    user: &str,
    first: Span,
    holder: &str,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("elastic-ip-shared", span, format!("{ip} is for {user}, and for {holder}"))
            .help("an elastic IP address serves one of them at a time: give the other one its own");
    if span == first { diagnostic } else { diagnostic.related(first, format!("for {holder} here")) }
}

pub(crate) fn elastic_ip_unknown(span: Span, ip: Ipv4Addr, region: &str) -> Diagnostic {
    Diagnostic::error(
        "elastic-ip-unknown",
        span,
        format!("the account has no elastic IP address {ip} in {region}"),
    )
    .help("allocate it first, or write `nat = auto`")
}

pub(crate) fn no_vpn_gateway(span: Span, env: &str, region: &str) -> Diagnostic {
    Diagnostic::warning(
        "no-vpn-gateway",
        span,
        format!("no VPN gateway is named `{env}` in {region}, so routes through it are left out"),
    )
    .help(format!("asiaq attaches a VPN gateway that somebody made: tag it `Name` = `{env}`"))
}

pub(crate) fn vpn_gateway_taken(span: Span, id: &str, env: &str, other: &str) -> Diagnostic {
    Diagnostic::error(
        "vpn-gateway-taken",
        span,
        format!("the VPN gateway {id}, named `{env}`, is attached to another VPC ({other})"),
    )
    .help("asiaq takes no gateway from another VPC: detach it there, or name another one")
}
