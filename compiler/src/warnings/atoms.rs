//! Rules split into atoms: one protocol, port range and source each.

use asiaq_ir::Protocol;
use asiaq_lang::Span;
use ipnet::Ipv4Net;

use super::Project;
use crate::model::{Environment, Network};
use crate::value::{Allocation, Ports, Rule, Source, Spanned};

/// One protocol, one range of ports, one source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Atom<'m> {
    pub(super) protocol: Protocol,
    /// Ports, or the type of ICMP messages.
    pub(super) ports: Ports,
    pub(super) source: Who<'m>,
}

/// The source of an atom.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Who<'m> {
    /// A metanetwork of the environment.
    Group(&'m str),
    /// A block.
    Block(Ipv4Net),
    /// A metanetwork across a peering.
    Far { env: &'m str, network: &'m str },
}

/// The traffic that one declaration lets in.
#[derive(Clone, Debug)]
pub(super) struct Opening<'m> {
    pub(super) span: Span,
    pub(super) atoms: Vec<Atom<'m>>,
    /// Whether it is a rule of its own, which can be taken out, and not part of the customer ports.
    pub(super) is_rule: bool,
}

const EVERY: Ports = Ports { from: 0, to: u16::MAX };

/// The openings of `network`, in the order of its rules, the customer ports last; absent if there are more than AWS
/// accepts.
pub(super) fn openings<'m>(
    project: &Project<'m>,
    env: &'m Environment,
    network: &'m Network,
) -> Option<Vec<Opening<'m>>> {
    let stated = stated(project, env, network);
    let atoms = stated.iter().map(Stated::count).fold(0, usize::saturating_add);
    (atoms <= MOST).then(|| stated.into_iter().map(Stated::open).collect())
}

/// Rules that one network interface has at most, whatever the quotas of an account are (VPC user guide,
/// "Amazon VPC quotas").
const MOST: usize = 1000;

/// The statements of one declaration, not yet split.
pub(super) struct Stated<'m> {
    pub(super) span: Span,
    protocol: Protocol,
    ports: Vec<Ports>,
    pub(super) sources: Vec<Who<'m>>,
    is_rule: bool,
}

impl<'m> Stated<'m> {
    /// How many rules AWS makes of it.
    pub(super) fn count(&self) -> usize {
        self.ports.len().saturating_mul(self.sources.len())
    }

    /// Whether it is about this port.
    pub(super) fn is_for(&self, protocol: Protocol, port: u16) -> bool {
        let is_port = || self.ports.iter().any(|ports| ports.contains(port));
        self.protocol == Protocol::Any || self.protocol == protocol && is_port()
    }

    fn open(self) -> Opening<'m> {
        let Self { span, protocol, ports, sources, is_rule } = self;
        let of_source =
            |source: &Who<'m>| ports.iter().map(|ports| (*ports, source.clone())).collect::<Vec<_>>();
        let atoms = sources.iter().flat_map(of_source);
        let atoms = atoms.map(|(ports, source)| Atom { protocol, ports, source }).collect();
        Opening { span, atoms, is_rule }
    }
}

/// The statements of `network`, in the order of its rules, the customer ports last.
pub(super) fn stated<'m>(
    project: &Project<'m>,
    env: &'m Environment,
    network: &'m Network,
) -> Vec<Stated<'m>> {
    let all = |sources: &'m [Spanned<Source>]| -> Vec<Who<'m>> {
        sources.iter().flat_map(|source| who(project, env, network, &source.value)).collect()
    };
    let mut found: Vec<Stated<'m>> = network
        .ingress
        .value
        .iter()
        .map(|Spanned { value: rule, span }| Stated {
            span: *span,
            protocol: rule.protocol,
            ports: ports(rule),
            sources: all(&rule.sources),
            is_rule: true,
        })
        .collect();
    let Some(customer) = &env.customer else { return found };
    let mut sources = if network.name == "dmz" { all(&customer.from.value) } else { Vec::new() };
    if matches!(network.name.as_str(), "dmz" | "intranet") && env.network("dmz").is_some() {
        sources.push(Who::Group("dmz"));
    }
    if !sources.is_empty() {
        found.extend(customer.ports.value.iter().map(|ports| Stated {
            span: ports.span,
            protocol: Protocol::Tcp,
            ports: vec![ports.value],
            sources: sources.clone(),
            is_rule: false,
        }));
    }
    found
}

fn ports(rule: &Rule) -> Vec<Ports> {
    match rule.icmp_type {
        Some(of) => vec![Ports { from: of, to: of }],
        None if rule.ports.is_empty() => vec![EVERY],
        None => rule.ports.clone(),
    }
}

fn who<'m>(
    project: &Project<'m>,
    env: &'m Environment,
    network: &'m Network,
    source: &'m Source,
) -> Vec<Who<'m>> {
    match source {
        Source::All => env.networks.iter().map(|network| Who::Group(&network.name)).collect(),
        Source::Network(name) => vec![Who::Group(name)],
        Source::Cidr(block) => vec![Who::Block(*block)],
        Source::Peer(end) => project
            .model
            .joined_to(&env.name, &network.name, end)
            .map(|far| Who::Far { env: &far.env, network: &far.network })
            .collect(),
    }
}

impl Atom<'_> {
    /// Whether it lets in everything that `other` does, in `env`.
    pub(super) fn covers(&self, other: &Self, project: &Project<'_>, env: &Environment) -> bool {
        (self.protocol == Protocol::Any || self.protocol == other.protocol)
            && self.ports.from <= other.ports.from
            && other.ports.to <= self.ports.to
            && self.source.covers(&other.source, project, env)
    }
}

impl Who<'_> {
    fn covers(&self, other: &Self, project: &Project<'_>, env: &Environment) -> bool {
        let holds =
            |block: &Ipv4Net, inner: Option<Ipv4Net>| inner.is_some_and(|inner| block.contains(&inner));
        match (self, other) {
            (Self::Block(block), Self::Block(inner)) => block.contains(inner),
            (Self::Block(block), Self::Group(network)) => holds(block, extent(project, env, network)),
            (Self::Block(block), Self::Far { env, network }) => {
                let far = project.model.environment(env);
                holds(block, far.and_then(|far| extent(project, far, network)))
            }
            _ => self == other,
        }
    }
}

/// Where the addresses of a metanetwork certainly are: its block, or the pool from which its environment's is
/// chosen when it is first applied.
pub(super) fn extent(project: &Project<'_>, env: &Environment, network: &str) -> Option<Ipv4Net> {
    match env.cidr.value {
        Allocation::Pool { pool, .. } => Some(pool),
        Allocation::Fixed(_) | Allocation::Sized(_) | Allocation::Share => {
            project.layout.network(&env.name, network).map(|laid| laid.block)
        }
    }
}
