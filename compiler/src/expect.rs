//! `expect` blocks: claims about which network reaches which, proved for every environment they name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_ir::{Ir, Origin, Protocol};
use asiaq_lang::ast::{Expect, Expectation, File, Item};
use asiaq_lang::{Diagnostic, SourceMap, Span};

use crate::errors;
use crate::evaluate::Resolved;
use crate::library::kinds;
use crate::model::{Environment, Model};
use crate::names::Names;
use crate::reach::{
    Answer, Because, Failure, Flow, MachineKind, Missed, Place, Ports, Proof, Reach, Reaches,
};
use crate::typing::Typer;
use crate::value::{EndOfClaim, Source, Spanned};

/// A claim whose names are resolved.
#[derive(Clone, Debug)]
pub(crate) struct Understood {
    /// Its place in the source.
    pub(crate) span: Span,
    can: bool,
    /// The ports; every port where empty.
    ports: Vec<Ports>,
    /// The ordered pairs it is about, in order of environment.
    pairs: Vec<(Place, Place)>,
}

/// Reads every claim of `files`; unknown names are reported.
pub(crate) fn read(
    files: &[Arc<File>],
    names: &Names<'_>,
    model: &Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Understood> {
    let mut claims = Vec::new();
    if model.environments.len() < names.env_order().len() {
        // If an environment is broken, its metanetworks are unknown.
        return claims;
    }
    let mut reader = Reader { names, model, diagnostics };
    for item in files.iter().flat_map(|file| &file.items) {
        match item {
            Item::Expect(expect) => reader.expect(expect, &mut claims),
            Item::Use(_) | Item::Let(_) | Item::Decl(_) | Item::Moved(_) | Item::Kind(_) => {}
        }
    }
    claims
}

struct Reader<'m, 'd> {
    names: &'m Names<'m>,
    model: &'m Model,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn expect(&mut self, expect: &Expect, claims: &mut Vec<Understood>) {
        let context = &expect.context;
        if self.names.environment(&context.text).is_none() {
            let known: Vec<&str> =
                self.names.of_kind(kinds::ENV).chain(self.names.of_kind(kinds::ENVTYPE)).collect();
            self.diagnostics.push(errors::unknown_environment(context, &known));
        }
        for claim in &expect.expectations {
            let before = self.diagnostics.len();
            let understood = self.claim(&context.text, claim);
            // Half a claim is another one.
            claims.extend(understood.filter(|_| self.diagnostics.len() == before));
        }
    }

    fn claim(&mut self, context: &str, claim: &Expectation) -> Option<Understood> {
        let mut typer = Typer::new(self.names, None);
        let (from, to) = (typer.ends_of_claim(&claim.from), typer.ends_of_claim(&claim.to));
        let ports = claim.port.as_ref().map(|port| typer.ports_of_claim(port));
        self.diagnostics.append(&mut typer.diagnostics);
        let ports = ports.map_or(Some(Vec::new()), |found| found)?;
        let mut pairs = Vec::new();
        let mut outside = None;
        for end in from.iter().chain(&to) {
            self.are_there(context, end);
        }
        for env in self.model.environments_of(context) {
            let targets: Vec<Place> = to.iter().flat_map(|end| self.places(env, end)).collect();
            for source in from.iter().flat_map(|end| self.places(env, end)).collect::<Vec<_>>() {
                for target in &targets {
                    if source.env().is_none() && target.env().is_none() {
                        outside = Some((source.clone(), target.clone()));
                    }
                    let pair = (source.clone(), target.clone());
                    if !pairs.contains(&pair) {
                        pairs.push(pair);
                    }
                }
            }
        }
        if let Some((source, target)) = outside {
            self.diagnostics.push(errors::claim_outside(claim.span, &source, &target));
        }
        let ports = ports.iter().map(|ports| Ports { first: ports.from, last: ports.to }).collect();
        Some(Understood { span: claim.span, can: claim.can, ports, pairs })
    }

    /// Reports machines that are in no environment of a claim: it would be about nothing.
    fn are_there(&mut self, context: &str, end: &Spanned<EndOfClaim>) {
        let EndOfClaim::Machines { env, kind, hostclass } = &end.value else { return };
        let context = env.as_deref().unwrap_or(context);
        let mut envs = self.model.environments_of(context).peekable();
        if envs.peek().is_some() && !envs.any(|env| has_machines(env, *kind, &hostclass.text)) {
            let found = errors::claim_without_machines(end.span, *kind, &hostclass.text, context);
            self.diagnostics.push(found);
        }
    }

    /// The places that an end means in environment `env`.
    fn places(&mut self, env: &Environment, end: &Spanned<EndOfClaim>) -> Vec<Place> {
        let network = |env: &Environment, name: &str| Place::network(&env.name, name);
        let source = match &end.value {
            EndOfClaim::Source(source) => source,
            EndOfClaim::Machines { env: of, kind, hostclass } => {
                let envs: Vec<&Environment> = match of {
                    Some(of) => self.model.environments_of(of).collect(),
                    None => vec![env],
                };
                let envs = envs.into_iter().filter(|env| has_machines(env, *kind, &hostclass.text));
                return envs.map(|env| Place::machines(&env.name, *kind, &hostclass.text)).collect();
            }
        };
        match source {
            Source::All => env.network_names().into_iter().map(|name| network(env, name)).collect(),
            Source::Cidr(block) if block.prefix_len() == 0 => vec![Place::Internet],
            Source::Cidr(block) => vec![Place::Block(*block)],
            Source::Network(name) if env.network(name).is_some() => vec![network(env, name)],
            Source::Network(name) if self.names.get(kinds::HOSTCLASS, name).is_some() => {
                self.diagnostics.push(errors::hostclass_in_claim(end.span, name, &env.name));
                Vec::new()
            }
            Source::Network(name) => {
                let known = env.network_names();
                self.diagnostics.push(errors::unknown_network(end.span, name, &env.name, &known));
                Vec::new()
            }
            Source::Peer(peer) => {
                let model = self.model;
                let envs = || model.environments_of(&peer.env);
                let found: Vec<Place> = envs()
                    .filter(|env| env.network(&peer.network).is_some())
                    .map(|env| network(env, &peer.network))
                    .collect();
                if let (true, Some(env)) = (found.is_empty(), envs().next()) {
                    let known = env.network_names();
                    let unknown = errors::unknown_network(end.span, &peer.network, &env.name, &known);
                    self.diagnostics.push(unknown);
                }
                found
            }
        }
    }
}

/// Whether an environment has machines of a hostclass.
fn has_machines(env: &Environment, kind: MachineKind, hostclass: &str) -> bool {
    match kind {
        MachineKind::Instances => env.runs(hostclass),
        MachineKind::Balancers => env.balancers().any(|(host, _)| host.name == hostclass),
    }
}

/// The result of a claim for one pair of places.
enum Fate {
    Holds,
    Fails(Box<Failure>),
    /// It depends on a VPN or on resources of others.
    Unknown,
}

/// The environments whose machines claims are about.
pub(crate) fn environments(claims: &[Understood], model: &Model) -> BTreeSet<String> {
    let places = || claims.iter().flat_map(|claim| &claim.pairs).flat_map(|(from, to)| [from, to]);
    if places().any(|place| matches!(place, Place::Block(_))) {
        // The block may lie in any of them.
        return model.environments.iter().map(|env| env.name.clone()).collect();
    }
    places().filter_map(Place::env).map(str::to_owned).collect()
}

/// Proves claims against the resources of a sound project, which have the machines of their environments.
pub(crate) fn prove(claims: &[Understood], ir: &Ir, sources: &SourceMap, model: &Model) -> Vec<Diagnostic> {
    if claims.is_empty() {
        return Vec::new();
    }
    let reach = Reach::of(ir);
    let mut diagnostics = Vec::new();
    let mut places = None;
    for claim in claims {
        let (mut failed, mut unknown) = (Vec::new(), Vec::new());
        for (from, to) in &claim.pairs {
            let proof = reach.proof(from, to);
            match fate(claim, &proof) {
                Fate::Holds => {}
                Fate::Fails(failure) => failed.push(*failure),
                Fate::Unknown => unknown.push(proof.answer),
            }
        }
        let places = places.get_or_insert(Places { sources, model, known: None });
        match (failed.split_first(), unknown.split_first()) {
            (Some((first, others)), _) => {
                let others: Vec<String> = others.iter().map(|failure| pair(&failure.answer)).collect();
                let related = places.cite(&reasons(claim, first));
                diagnostics.push(if claim.can {
                    errors::cannot_be_reached(claim.span, first, related, &others)
                } else {
                    let flows = narrowed(claim, &first.answer).0;
                    errors::can_be_reached(claim.span, &first.answer, &flows, related, &others)
                });
            }
            (None, Some((first, others))) => {
                let others: Vec<String> = others.iter().map(pair).collect();
                let flows = narrowed(claim, first).1;
                let related = places.cite(&because(flows.clone()));
                diagnostics.push(errors::reach_unknown(claim.span, first, &flows, related, &others));
            }
            (None, None) => {}
        }
    }
    diagnostics
}

/// The result of a claim. `can` is about TCP, `cannot` about TCP and UDP.
fn fate(claim: &Understood, proof: &Proof) -> Fate {
    let failure = |closed: Vec<Ports>, missed: Option<Missed>| {
        Fate::Fails(Box::new(Failure { answer: proof.answer.clone(), closed, missed }))
    };
    if !claim.can {
        let (flows, unknown) = narrowed(claim, &proof.answer);
        return match (flows.is_empty(), unknown.is_empty()) {
            (true, true) => Fate::Holds,
            (true, false) => Fate::Unknown,
            (false, _) => failure(Vec::new(), None),
        };
    }
    if claim.ports.is_empty() {
        return match proof.certainly_on_some_port() {
            Reaches::All => Fate::Holds,
            Reaches::Some(_) | Reaches::None if proof.is_possible_on_some_port() => Fate::Unknown,
            Reaches::Some(missed) => failure(Vec::new(), Some(missed)),
            Reaches::None => failure(Vec::new(), None),
        };
    }
    let mut closed = Vec::new();
    let mut missed = None;
    for ports in &claim.ports {
        match proof.certainly(Protocol::Tcp, *ports) {
            Reaches::All => continue,
            Reaches::Some(machines) => missed = missed.or(Some(machines)),
            Reaches::None => {}
        }
        closed.push(*ports);
    }
    match closed.as_slice() {
        [] => Fate::Holds,
        closed if closed.iter().all(|ports| proof.is_possible(Protocol::Tcp, *ports)) => Fate::Unknown,
        _ => failure(closed, missed),
    }
}

/// The flows of an answer on the claim's ports: open ones and unknown ones.
fn narrowed(claim: &Understood, answer: &Answer) -> (Vec<Flow>, Vec<Flow>) {
    if claim.ports.is_empty() {
        return (answer.flows.clone(), answer.unknown.clone());
    }
    let protocols: &[Protocol] = if claim.can { &[Protocol::Tcp] } else { &[Protocol::Tcp, Protocol::Udp] };
    let (mut flows, mut unknown) = (Vec::new(), Vec::new());
    for (protocol, ports) in protocols.iter().flat_map(|of| claim.ports.iter().map(|ports| (*of, *ports))) {
        let narrow = answer.clone().on(protocol, ports);
        for (into, from) in [(&mut flows, narrow.flows), (&mut unknown, narrow.unknown)] {
            for flow in from {
                if !into.contains(&flow) {
                    into.push(flow);
                }
            }
        }
    }
    (flows, unknown)
}

fn because(flows: Vec<Flow>) -> Vec<Because> {
    flows.into_iter().flat_map(|flow| flow.because).collect()
}

/// Why a claim does not hold.
fn reasons(claim: &Understood, failure: &Failure) -> Vec<Because> {
    let Failure { answer, closed, missed } = failure;
    if !claim.can {
        return because(narrowed(claim, answer).0);
    }
    let left_out = missed.iter().flat_map(|missed| missed.because.clone());
    let missing = closed.iter().flat_map(|ports| {
        let narrow = answer.clone().on(Protocol::Tcp, *ports);
        // Flows that cover only a part explain why the whole is not open.
        narrow.missing.into_iter().chain(because(narrow.flows))
    });
    let missing: Vec<Because> = left_out.chain(missing).collect();
    if missing.is_empty() { answer.missing.clone() } else { missing }
}

fn pair(answer: &Answer) -> String {
    format!("`{}` to `{}`", answer.from, answer.to)
}

/// From places in words back to stretches of the text.
struct Places<'m> {
    sources: &'m SourceMap,
    model: &'m Model,
    known: Option<BTreeMap<Origin, Span>>,
}

impl Places<'_> {
    /// The reasons with their places, each place once; those without a place last.
    fn cite(&mut self, reasons: &[Because]) -> Vec<(Option<Span>, String)> {
        let (sources, model) = (self.sources, self.model);
        let known = self.known.get_or_insert_with(|| known(sources, model));
        let mut cited: Vec<(Option<Span>, String)> = Vec::new();
        for reason in reasons {
            let span = reason.origin.as_ref().and_then(|origin| known.get(origin)).copied();
            let is_said = |(at, said): &(Option<Span>, String)| match span {
                Some(span) => *at == Some(span),
                None => *said == reason.what,
            };
            if !cited.iter().any(is_said) {
                cited.push((span, reason.what.clone()));
            }
        }
        cited.sort_by_key(|(span, _)| span.is_none());
        cited
    }
}

/// Everything in a model that a reason may come from.
fn known(sources: &SourceMap, model: &Model) -> BTreeMap<Origin, Span> {
    let mut spans: Vec<Span> = model.joints.iter().map(|joint| joint.span).collect();
    for env in &model.environments {
        for network in &env.networks {
            spans.push(network.span);
            spans.extend(network.ingress.value.iter().map(|rule| rule.span));
            spans.extend(network.routes.value.iter().map(|route| route.span));
        }
        for host in &env.hosts {
            spans.push(host.network.span());
            spans.extend(host.machine.security.value.iter().map(|network| network.span));
            spans.extend(host.balancers.iter().flat_map(|balancer| &balancer.network).map(Resolved::span));
        }
        spans.extend(env.customer.iter().flat_map(|customer| &customer.ports.value).map(|ports| ports.span));
    }
    spans.into_iter().map(|span| (crate::lower::origin(sources, span), span)).collect()
}
