//! Rules taken apart: what each lets in, as far as the text says it.

use asiaq_ir::Protocol;
use asiaq_lang::Span;
use ipnet::Ipv4Net;

use super::Project;
use crate::model::{Environment, Network};
use crate::value::{Allocation, Ports, Rule, Source};

/// One protocol, one range of ports, one source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Atom<'m> {
    pub(super) protocol: Protocol,
    /// Ports, or the type of ICMP messages.
    pub(super) ports: Ports,
    pub(super) source: Who<'m>,
}

/// Who comes in.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Who<'m> {
    /// A metanetwork of the environment.
    Group(&'m str),
    /// A block.
    Block(Ipv4Net),
    /// A metanetwork across a peering.
    Far { env: &'m str, network: &'m str },
}

/// What one declaration lets in.
#[derive(Clone, Debug)]
pub(super) struct Opening<'m> {
    pub(super) span: Span,
    pub(super) atoms: Vec<Atom<'m>>,
    /// Whether it is a rule of its own, which can be taken out, and not part of the customer ports.
    pub(super) is_rule: bool,
}

const EVERY: Ports = Ports { from: 0, to: u16::MAX };

/// What `network` lets in, in the order of its rules, the customer ports last.
pub(super) fn openings<'m>(
    project: &Project<'m>,
    env: &'m Environment,
    network: &'m Network,
) -> Vec<Opening<'m>> {
    let mut found: Vec<Opening<'m>> = network
        .ingress
        .value
        .iter()
        .map(|rule| Opening {
            span: rule.span,
            atoms: of_rule(project, env, network, &rule.value),
            is_rule: true,
        })
        .collect();
    let Some(customer) = &env.customer else { return found };
    for ports in &customer.ports.value {
        let atom = |source| Atom { protocol: Protocol::Tcp, ports: ports.value, source };
        let mut atoms = Vec::new();
        if network.name == "dmz" {
            let sources = customer.from.value.iter();
            atoms.extend(sources.flat_map(|source| who(project, env, network, &source.value)).map(atom));
        }
        if matches!(network.name.as_str(), "dmz" | "intranet") && env.network("dmz").is_some() {
            atoms.push(atom(Who::Group("dmz")));
        }
        if !atoms.is_empty() {
            found.push(Opening { span: ports.span, atoms, is_rule: false });
        }
    }
    found
}

fn of_rule<'m>(
    project: &Project<'m>,
    env: &'m Environment,
    network: &'m Network,
    rule: &'m Rule,
) -> Vec<Atom<'m>> {
    let every = match rule.icmp_type {
        Some(of) => Ports { from: of, to: of },
        None => EVERY,
    };
    let ranges = if rule.ports.is_empty() { vec![every] } else { rule.ports.clone() };
    let mut atoms = Vec::with_capacity(ranges.len() * rule.sources.len());
    for source in &rule.sources {
        for source in who(project, env, network, &source.value) {
            atoms.extend(ranges.iter().map(|ports| Atom {
                protocol: rule.protocol,
                ports: *ports,
                source: source.clone(),
            }));
        }
    }
    atoms
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
            .joined(&env.name, &network.name)
            .filter(|(far, _)| far.network == end.network)
            .filter(|(far, _)| project.model.environments_of(&end.env).any(|env| env.name == far.env))
            .map(|(far, _)| Who::Far { env: &far.env, network: &far.network })
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
