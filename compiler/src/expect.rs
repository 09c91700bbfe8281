//! `expect` blocks: claims about which network reaches which, proved for every environment they name.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::{Ir, Origin, Protocol};
use asiaq_lang::ast::{Expect, Expectation, File, Item};
use asiaq_lang::{Diagnostic, SourceMap, Span};

use crate::errors;
use crate::library::kinds;
use crate::model::{Environment, Model};
use crate::names::Names;
use crate::reach::{Answer, Because, Flow, Place, Ports, Reach};
use crate::typing::Typer;
use crate::value::{Source, Spanned};

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
            Item::Use(_) | Item::Let(_) | Item::Decl(_) | Item::Kind(_) => {}
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
        for env in self.model.environments_of(context) {
            let targets: Vec<(Place, Span)> = to.iter().flat_map(|end| self.places(env, end)).collect();
            for (source, _) in from.iter().flat_map(|end| self.places(env, end)).collect::<Vec<_>>() {
                for (target, _) in &targets {
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

    /// The places that an end means in environment `env`.
    fn places(&mut self, env: &Environment, end: &Spanned<Source>) -> Vec<(Place, Span)> {
        let network = |env: &Environment, name: &str| (Place::network(&env.name, name), end.span);
        match &end.value {
            Source::All => env.network_names().into_iter().map(|name| network(env, name)).collect(),
            Source::Cidr(block) if block.prefix_len() == 0 => vec![(Place::Internet, end.span)],
            Source::Cidr(block) => vec![(Place::Block(*block), end.span)],
            Source::Network(name) if env.network(name).is_some() => vec![network(env, name)],
            Source::Network(name) => {
                let known = env.network_names();
                self.diagnostics.push(errors::unknown_network(end.span, name, &env.name, &known));
                Vec::new()
            }
            Source::Peer(peer) => {
                let model = self.model;
                let envs = || model.environments_of(&peer.env);
                let found: Vec<(Place, Span)> = envs()
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

/// The result of a claim.
enum Fate {
    Holds,
    Fails,
    /// It depends on a VPN or on resources of others.
    Unknown,
}

/// Proves claims against the resources of a sound project.
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
            let answer = reach.between(from, to);
            match fate(claim, &answer) {
                Fate::Holds => {}
                Fate::Fails => failed.push(answer),
                Fate::Unknown => unknown.push(answer),
            }
        }
        let places = places.get_or_insert(Places { sources, model, known: None });
        let (fails, (first, others)) = match (failed.split_first(), unknown.split_first()) {
            (Some(split), _) => (true, split),
            (None, Some(split)) => (false, split),
            (None, None) => continue,
        };
        let others: Vec<String> = others.iter().map(pair).collect();
        let related = places.cite(&reasons(claim, first, fails));
        diagnostics.push(match (fails, claim.can) {
            (true, true) => {
                errors::cannot_be_reached(claim.span, first, &closed(claim, first), related, &others)
            }
            (true, false) => {
                errors::can_be_reached(claim.span, first, &narrowed(claim, first).0, related, &others)
            }
            (false, _) => {
                errors::reach_unknown(claim.span, first, &narrowed(claim, first).1, related, &others)
            }
        });
    }
    diagnostics
}

/// The protocols of a claim: TCP for `can`, TCP and UDP for `cannot`.
fn fate(claim: &Understood, answer: &Answer) -> Fate {
    let (flows, unknown) = narrowed(claim, answer);
    let holds = match (claim.can, claim.ports.is_empty()) {
        (true, true) => flows.iter().any(|flow| flow.part.is_empty()),
        (true, false) => closed(claim, answer).is_empty(),
        (false, _) => flows.is_empty() && unknown.is_empty(),
    };
    let may_be_otherwise = !unknown.is_empty() && (claim.can || flows.is_empty());
    match (holds, may_be_otherwise) {
        (true, _) => Fate::Holds,
        (false, true) => Fate::Unknown,
        (false, false) => Fate::Fails,
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

/// The ports of a claim that are not open to all of it.
fn closed(claim: &Understood, answer: &Answer) -> Vec<Ports> {
    claim.ports.iter().copied().filter(|ports| !answer.is_open(Protocol::Tcp, *ports)).collect()
}

/// Why a claim does not hold, or cannot be proved.
fn reasons(claim: &Understood, answer: &Answer, fails: bool) -> Vec<Because> {
    let of = |flows: Vec<Flow>| flows.into_iter().flat_map(|flow| flow.because).collect::<Vec<_>>();
    let (flows, unknown) = narrowed(claim, answer);
    if !fails {
        return of(unknown);
    }
    if !claim.can {
        return of(flows);
    }
    let missing = closed(claim, answer).into_iter().flat_map(|ports| {
        let narrow = answer.clone().on(Protocol::Tcp, ports);
        // Flows that cover only a part explain why the whole is not open.
        narrow.missing.into_iter().chain(of(narrow.flows))
    });
    let missing: Vec<Because> = missing.collect();
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
        spans.extend(env.customer.iter().flat_map(|customer| &customer.ports.value).map(|ports| ports.span));
    }
    spans.into_iter().map(|span| (crate::lower::origin(sources, span), span)).collect()
}
