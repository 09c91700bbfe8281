//! Ingress rules in AWS's form: one protocol, one port range and one source each.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{GroupRule, IngressRules, Kind, Protocol, Ref, Resource, Source as IrSource};
use asiaq_lang::Span;

use super::Lowering;
use crate::model::{Customer, Environment, Network};
use crate::value::{Ports, Rule, Source, Spanned};

/// The identity of a rule in AWS. The description is not part of it.
type Key = (Protocol, Option<u16>, Option<u16>, IrSource);

/// Expanded rules by key: the description, and the first place in the program.
#[derive(Default)]
struct Expanded(BTreeMap<Key, (String, Span)>);

impl Expanded {
    fn add(
        &mut self,
        protocol: Protocol,
        ports: (Option<u16>, Option<u16>),
        source: IrSource,
        why: &str,
        span: Span,
    ) {
        let (description, _) =
            self.0.entry((protocol, ports.0, ports.1, source)).or_insert_with(|| (why.to_owned(), span));
        if description.is_empty() {
            why.clone_into(description);
        }
    }
}

impl Lowering<'_> {
    pub(super) fn ingress(&mut self, env: &Environment, network: &Network) {
        let mut expanded = Expanded::default();
        for rule in &network.ingress.value {
            self.expand(env, &network.name, rule, &mut expanded);
        }
        if let Some(customer) = &env.customer {
            self.expand_customer(env, &network.name, customer, &mut expanded);
        }
        if expanded.0.is_empty() {
            return;
        }
        let rules: BTreeSet<GroupRule> = expanded
            .0
            .iter()
            .map(|((protocol, from, to, source), (description, _))| GroupRule {
                protocol: *protocol,
                from: *from,
                to: *to,
                source: source.clone(),
                description: description.clone(),
            })
            .collect();
        let places: Vec<(String, Span)> = rules
            .iter()
            .filter_map(|rule| {
                let value = serde_json::to_value(rule).ok()?;
                let key = (rule.protocol, rule.from, rule.to, rule.source.clone());
                let (_, span) = expanded.0.get(&key)?;
                Some((Resource::element_key(Kind::IngressRules, IngressRules::RULES.as_str(), &value), *span))
            })
            .collect();
        let path = format!("{}/ingress", group_path(&network.name));
        let mut node = self.node(env, &path, network.ingress.span()).declared_by(&network.name);
        for (key, span) in places {
            node.element(IngressRules::RULES, &key, &[span]);
        }
        let resource = IngressRules {
            group: Ref::to(&env.name, &group_path(&network.name)),
            rules: node.set(IngressRules::RULES, &network.ingress.chain, rules),
        };
        self.add(node, resource);
    }

    fn expand(&self, env: &Environment, network: &str, rule: &Spanned<Rule>, into: &mut Expanded) {
        let ranges: Vec<(Option<u16>, Option<u16>)> = if rule.value.ports.is_empty() {
            vec![(rule.value.icmp_type, None)]
        } else {
            rule.value.ports.iter().copied().map(both_ends).collect()
        };
        for source in &rule.value.sources {
            for source in self.sources(env, network, &source.value) {
                for ports in &ranges {
                    into.add(rule.value.protocol, *ports, source.clone(), &rule.value.why, rule.span);
                }
            }
        }
    }

    /// Customers reach `dmz`, whose instances may use the same ports of each other and of `intranet`.
    fn expand_customer(&self, env: &Environment, network: &str, customer: &Customer, into: &mut Expanded) {
        let dmz = || group(env, "dmz");
        let why = "customer";
        for ports in &customer.ports.value {
            match network {
                "dmz" => {
                    for source in &customer.from.value {
                        for from in self.sources(env, network, &source.value) {
                            into.add(Protocol::Tcp, both_ends(ports.value), from, why, ports.span);
                        }
                    }
                    into.add(Protocol::Tcp, both_ends(ports.value), dmz(), why, ports.span);
                }
                "intranet" if env.network("dmz").is_some() => {
                    into.add(Protocol::Tcp, both_ends(ports.value), dmz(), why, ports.span);
                }
                _ => {}
            }
        }
    }

    fn sources(&self, env: &Environment, network: &str, source: &Source) -> Vec<IrSource> {
        match source {
            Source::All => env.networks.iter().map(|network| group(env, &network.name)).collect(),
            Source::Network(name) => vec![group(env, name)],
            Source::Cidr(block) => vec![IrSource::Cidr(*block)],
            Source::Peer(end) => self
                .model
                .joined_to(&env.name, network, end)
                .filter_map(|far| self.layout.network(&far.env, &far.network))
                .map(|far| IrSource::Cidr(far.block))
                .collect(),
        }
    }
}

/// Both ends of a port range in AWS's form, which has no range for all ports.
fn both_ends(ports: Ports) -> (Option<u16>, Option<u16>) {
    match (ports.from, ports.to) {
        (0, u16::MAX) => (None, None),
        (from, to) => (Some(from), Some(to)),
    }
}

fn group(env: &Environment, network: &str) -> IrSource {
    IrSource::Group(Ref::to(&env.name, &group_path(network)))
}

fn group_path(network: &str) -> String {
    format!("{network}/security-group")
}
