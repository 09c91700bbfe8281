//! Address space that does not add up.

use std::net::Ipv4Addr;

use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::{codes, listed};
use crate::address_space::{LONGEST, SHORTEST, bits};
use crate::model::Environment;
use crate::value::Address;

/// An environment and its block.
type Placed<'a> = (&'a Environment, Ipv4Net);

/// Adds the place of an environment to a diagnostic about two.
trait RelatedTo {
    /// With the place where an environment gets its block.
    fn related_to(self, placed: Placed<'_>) -> Self;
}

impl RelatedTo for Diagnostic {
    fn related_to(self, (env, block): Placed<'_>) -> Self {
        self.related(env.cidr.span(), format!("`{}` gets {block} here", env.name))
    }
}

pub(crate) fn environment_without_pool(span: Span, env: &str) -> Diagnostic {
    Diagnostic::new(
        codes::ENVIRONMENT_WITHOUT_POOL,
        span,
        format!("the CIDR block of `{env}` is missing its pool"),
    )
    .label("no pool")
    .help("write a CIDR block, or a size and a pool as in `auto /20 in 10.0.0.0/8`")
}

pub(crate) fn pool_in_network(span: Span, network: &str) -> Diagnostic {
    Diagnostic::new(
        codes::POOL_IN_NETWORK,
        span,
        format!("a metanetwork's CIDR block comes from its environment, so `{network}` cannot name a pool"),
    )
    .label("a metanetwork cannot name a pool")
    .help("write `auto`, `auto /N` or a CIDR block")
}

pub(crate) fn pool_exhausted(
    span: Span,
    env: &str,
    prefix: u8,
    pool: Ipv4Net,
    obstacles: &str,
) -> Diagnostic {
    Diagnostic::new(codes::POOL_EXHAUSTED, span, format!("{pool} has no free /{prefix} for `{env}`"))
        .label(format!("no free /{prefix}"))
        .help(format!("use a larger pool or smaller blocks; in use are:{obstacles}"))
}

pub(crate) fn not_enough_zones(
    span: Span,
    env: &Environment,
    wanted: usize,
    available: &[String],
) -> Diagnostic {
    let names: Vec<&str> = available.iter().map(String::as_str).collect();
    let (name, region) = (&env.name, &env.region.value);
    Diagnostic::new(
        codes::NOT_ENOUGH_ZONES,
        span,
        format!("`{name}` needs {wanted} zones, but {region} has {}", available.len()),
    )
    .label(format!("needs {wanted} zones"))
    .related(env.region.place(env.span), format!("`{name}` is in {region} because of this"))
    .help(format!("its zones are {}", listed(&names)))
}

/// More zones than there is to be room for.
pub(crate) fn max_zones(most: (Span, usize), zones: (Span, usize), whose: &str) -> Diagnostic {
    let message = format!("`{whose}` has room for {} of {} zones", most.1, zones.1);
    Diagnostic::new(codes::MAX_ZONES, most.0, message)
        .label(format!("`max_zones` is {}", most.1))
        .related(zones.0, format!("`zones` is {}", zones.1))
        .help(format!("write {} or more, or remove it", zones.1))
}

pub(crate) fn no_room(span: Span, network: &str, env: &str, vpc: Ipv4Net, free: &str) -> Diagnostic {
    Diagnostic::new(codes::NO_ROOM, span, format!("`{env}` ({vpc}) has no free space for `{network}`")).label("does not fit")
        .help(format!("use a larger CIDR block for the environment, or smaller ones for its metanetworks; free are:{free}"))
}

pub(crate) fn vpc_size(span: Span, env: &str, vpc: Ipv4Net) -> Diagnostic {
    Diagnostic::new(
        codes::VPC_SIZE,
        span,
        format!("`{env}` is a /{}, and AWS allows a VPC from /{SHORTEST} to /{LONGEST}", vpc.prefix_len()),
    )
    .label(format!("/{} is not allowed", vpc.prefix_len()))
    .help(format!("write a prefix length from /{SHORTEST} to /{LONGEST}"))
}

pub(crate) fn unusable_block(span: Span, env: &str, vpc: Ipv4Net, special: Ipv4Net) -> Diagnostic {
    Diagnostic::new(
        codes::UNUSABLE_BLOCK,
        span,
        format!("`{env}` ({vpc}) is in {special}, which AWS does not allow for a VPC"),
    )
    .label("not usable for a VPC")
    .help("use a private CIDR block from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
}

pub(crate) fn subnet_too_small(
    span: Span,
    network: &str,
    env: &str,
    block: Ipv4Net,
    zones: usize,
    prefix: u8,
) -> Diagnostic {
    let needed = LONGEST.saturating_sub(bits(zones));
    Diagnostic::new(
        codes::SUBNET_TOO_SMALL,
        span,
        format!(
            "`{network}` of `{env}` has {block}: divided among {zones} zone{}, its subnets are /{prefix}",
            if zones == 1 { "" } else { "s" }
        ),
    )
    .label("too small")
    .help(format!("the smallest subnet in AWS is /{LONGEST}, so the metanetwork needs a /{needed} or larger"))
}

pub(crate) fn fixed_in_pool(span: Span, network: &str, env: &str, pool: Span) -> Diagnostic {
    Diagnostic::new(
        codes::FIXED_IN_POOL,
        span,
        format!("`{network}` has a fixed CIDR block, but that of `{env}` is allocated at the first apply"),
    )
    .label("fixed CIDR block")
    .related(pool, "allocated from a pool")
    .help("write `auto /N` for the metanetwork, or a fixed CIDR block for the environment")
}

pub(crate) fn network_outside_vpc(
    span: Span,
    network: &str,
    block: Ipv4Net,
    env: &str,
    vpc: Ipv4Net,
    vpc_span: Span,
) -> Diagnostic {
    Diagnostic::new(
        codes::NETWORK_OUTSIDE_VPC,
        span,
        format!("`{network}` has {block}, which is outside `{env}` ({vpc})"),
    )
    .label(format!("outside {vpc}"))
    .related(vpc_span, format!("`{env}` gets {vpc} here"))
    .help(format!("write a CIDR block inside {vpc}, or `auto /{}`", block.prefix_len()))
}

pub(crate) fn networks_overlap(
    span: Span,
    (name, block): (&str, Ipv4Net),
    other_span: Span,
    (other, other_block): (&str, Ipv4Net),
    env: &str,
) -> Diagnostic {
    Diagnostic::new(
        codes::NETWORKS_OVERLAP,
        span,
        format!("`{name}` ({block}) and `{other}` ({other_block}) overlap in `{env}`"),
    )
    .label(format!("overlaps `{other}`"))
    .related(other_span, format!("`{other}` gets {other_block} here"))
    .help(format!("change one of them, or write `auto /{}`", block.prefix_len()))
}

/// A metanetwork in the spare slot of another that a peering joins.
pub(crate) fn spare_slot_peered(
    span: Span,
    (name, block): (&str, Ipv4Net),
    other_span: Span,
    (other, other_block): (&str, Ipv4Net),
    env: &str,
    joint: Span,
) -> Diagnostic {
    let is_outer = block.contains(&other_block);
    let (inner, outer) = if is_outer { (other, name) } else { (name, other) };
    let message = format!(
        "`{name}` ({block}) and `{other}` ({other_block}) overlap in `{env}`: `{inner}` is in the spare slot of \
         `{outer}`"
    );
    Diagnostic::new(codes::NETWORKS_OVERLAP, span, message)
        .label(format!("overlaps `{other}`"))
        .related(other_span, format!("`{other}` gets {other_block} here"))
        .related(joint, format!("this peers `{outer}`"))
        .help(format!(
            "the rules and routes of a peering are about the whole block of `{outer}`, the spare slot included: \
             place one of the two elsewhere"
        ))
}

pub(crate) fn peers_overlap(span: Span, (a, of_a): Placed<'_>, (b, of_b): Placed<'_>) -> Diagnostic {
    Diagnostic::new(
        codes::PEERS_OVERLAP,
        span,
        format!("`{}` ({of_a}) and `{}` ({of_b}) are peered, but overlap", a.name, b.name),
    )
    .label("peers VPCs that overlap")
    .related_to((a, of_a))
    .related_to((b, of_b))
    .help("AWS peers only VPCs that do not overlap: change one of the CIDR blocks")
}

pub(crate) fn peers_of_one_overlap(
    span: Span,
    middle: &str,
    (a, of_a): Placed<'_>,
    (b, of_b): Placed<'_>,
) -> Diagnostic {
    Diagnostic::new(
        codes::PEERS_OVERLAP,
        span,
        format!(
            "`{}` ({of_a}) and `{}` ({of_b}) are both peered with `{middle}`, but overlap",
            a.name, b.name
        ),
    )
    .label("peers VPCs that overlap")
    .related_to((a, of_a))
    .related_to((b, of_b))
    .help(format!("routes of `{middle}` can lead to only one of them: change the other CIDR block"))
}

pub(crate) fn vpn_sharers_overlap((a, of_a): Placed<'_>, (b, of_b): Placed<'_>) -> Diagnostic {
    Diagnostic::new(
        codes::VPN_SHARERS_OVERLAP,
        b.cidr.span(),
        format!("`{}` ({of_a}) and `{}` ({of_b}) overlap behind one VPN", a.name, b.name),
    ).label(format!("`{}` gets {of_b} here", b.name))
    .related_to((a, of_a))
    .help("both have VPN routes to the same addresses, and replies can reach only one of them: change one CIDR block")
}

pub(crate) fn address_in_pool(span: Span, ip: Ipv4Addr, env: &str, pool: Span) -> Diagnostic {
    Diagnostic::new(
        codes::ADDRESS_IN_POOL,
        span,
        format!("{ip} may be outside `{env}`, whose CIDR block is allocated at the first apply"),
    )
    .label("fixed address")
    .related(pool, "allocated from a pool")
    .help("write an offset such as `+5`")
}

pub(crate) fn reserved_address(
    span: Span,
    ip: Ipv4Addr,
    subnet: Ipv4Net,
    host: &str,
    env: &str,
) -> Diagnostic {
    Diagnostic::new(
        codes::RESERVED_ADDRESS,
        span,
        format!("AWS reserves {ip}, the address of `{host}` in `{env}`"),
    )
    .label("reserved by AWS")
    .help(format!(
        "AWS reserves the first four addresses and the last of each subnet: use another one of {subnet}"
    ))
}

pub(crate) fn address_outside(
    span: Span,
    address: &Address,
    network: &str,
    env: &str,
    subnets: &[Ipv4Net],
) -> Diagnostic {
    let address = match address {
        Address::Ip(ip) => ip.to_string(),
        Address::Offset { by, .. } => format!("offset {by:+}"),
    };
    let subnets: Vec<String> = subnets.iter().map(ToString::to_string).collect();
    Diagnostic::new(codes::ADDRESS_OUTSIDE, span, format!("{address} is outside `{network}` of `{env}`"))
        .label(format!("not an address of `{network}`"))
        .help(format!("its subnets are {}", subnets.join(", ")))
}

pub(crate) fn duplicate_address(
    span: Span,
    ip: Ipv4Addr,
    host: &str,
    first: Span,
    other: &str,
    env: &str,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        codes::DUPLICATE_ADDRESS,
        span,
        format!("`{host}` and `{other}` both have {ip} in `{env}`"),
    )
    .label(format!("`{host}` has {ip} too"));
    if span == first {
        return diagnostic.help("the address is inherited: give one of them another address");
    }
    diagnostic.related(first, format!("`{other}` uses it here")).help("give one of them another address")
}
