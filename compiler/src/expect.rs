//! `expect` blocks: claims about which network reaches which, proved for every environment they name, and about who may do
//! what in accounts. A claim about an
//! envtype that no environment is of is proved for its declaration alone.

mod permissions;
mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_ir::{Facts, Ir, Protocol};
use asiaq_lang::ast::{Expect, Expectation, File, Item};
use asiaq_lang::{Diagnostic, SourceMap, Span};

use self::places::Places;
use crate::address_space::overlaps;
use crate::block::Block;
use crate::errors;
use crate::library::kinds;
use crate::lower::{Machines, Proved};
use crate::model::{self, DRAFT_CIDR, Draft, Environment, Model};
use crate::names::Names;
use crate::reach::{
    Answer, Because, Failure, Flow, MachineKind, Missed, Place, Ports, Proof, Reach, Reaches,
};
use crate::resources::Resources;
use crate::schema::Schemas;
use crate::typing::Typer;
use crate::value::{EndOfClaim, Source, Spanned};

/// The claims of a project, with resolved names.
#[derive(Default)]
pub(crate) struct Claims {
    of_environments: Vec<Understood>,
    /// Those about envtypes that no environment is of.
    of_types: Vec<OfType>,
    /// Those about accounts.
    permissions: permissions::Claims,
}

/// Claims about an envtype that no environment is of.
struct OfType {
    /// An environment of it.
    draft: Draft,
    claims: Vec<Understood>,
}

/// A claim whose names are resolved.
#[derive(Clone, Debug)]
struct Understood {
    /// Its place in the source.
    span: Span,
    can: bool,
    /// The ports; every port where empty.
    ports: Vec<Ports>,
    /// The pairs of places that it is about, each once.
    pairs: Vec<(Place, Place)>,
    /// For each end that is written at the left, with each at the right, what of `pairs` it stands for.
    items: Vec<Vec<usize>>,
}

/// Reads every claim of `files`; unknown names are reported.
pub(crate) fn read(
    files: &[Arc<File>],
    (schemas, names): (&Schemas, &Names<'_>),
    model: &Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> Claims {
    let mut claims = Claims::default();
    for item in files.iter().flat_map(|file| &file.items) {
        if let Item::Expect(expect) = item
            && !expect.permissions.is_empty()
        {
            permissions::read(expect, names, model, &mut claims.permissions, diagnostics);
        }
    }
    if model.environments.len() < names.env_order().len() {
        // If an environment is broken, its metanetworks are unknown.
        return claims;
    }
    for item in files.iter().flat_map(|file| &file.items) {
        let Item::Expect(expect) = item else { continue };
        let context = &expect.context;
        let is_account =
            [kinds::ACCOUNT, kinds::ACCOUNTTYPE].iter().any(|kind| names.get(kind, &context.text).is_some());
        // The name of the block is an account's, and has been looked for where there are claims.
        if expect.expectations.is_empty() && (is_account || !expect.permissions.is_empty()) {
            continue;
        }
        if names.environment(&context.text).is_none() {
            let known: Vec<&str> = names.of_kind(kinds::ENV).chain(names.of_kind(kinds::ENVTYPE)).collect();
            let found = errors::unknown_environment(context, &known);
            diagnostics.push(if is_account { errors::claim_of_account(found) } else { found });
        }
        let draft = if model.environments_of(&context.text).next().is_none() {
            model::draft_of(schemas, names, model, &context.text)
        } else {
            None
        };
        let subject = draft.as_ref().map_or(model, |draft| &draft.model);
        let has_space = draft.as_ref().is_none_or(|draft| draft.has_space);
        let mut reader = Reader { names, project: model, model: subject, has_space, diagnostics: Vec::new() };
        let found = reader.expect(expect);
        let mut reported = reader.diagnostics;
        match draft {
            Some(draft) => {
                for found in &mut reported {
                    of_envtype(found, &context.text);
                }
                claims.of_types.push(OfType { draft, claims: found });
            }
            None => claims.of_environments.extend(found),
        }
        diagnostics.append(&mut reported);
    }
    claims
}

/// Says in a message about the draft of an envtype that it is one.
fn of_envtype(found: &mut Diagnostic, name: &str) {
    found.message = found.message.replace(&format!("environment `{name}`"), &format!("envtype `{name}`"));
}

struct Reader<'m> {
    names: &'m Names<'m>,
    project: &'m Model,
    /// The project's, or that of the draft which the claims are about.
    model: &'m Model,
    /// Whether the address space of the environments is known.
    has_space: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn expect(&mut self, expect: &Expect) -> Vec<Understood> {
        let mut claims = Vec::new();
        for claim in &expect.expectations {
            let before = self.diagnostics.len();
            let understood = self.claim(&expect.context.text, claim);
            // Half a claim is another one.
            claims.extend(understood.filter(|_| self.diagnostics.len() == before));
        }
        claims
    }

    fn claim(&mut self, context: &str, claim: &Expectation) -> Option<Understood> {
        let mut typer = Typer::new(self.names, None);
        let (from, to) = (typer.ends_of_claim(&claim.from), typer.ends_of_claim(&claim.to));
        let ports = claim.port.as_ref().map(|port| typer.ports_of_claim(port));
        self.diagnostics.append(&mut typer.diagnostics);
        let ports = ports.map_or(Some(Vec::new()), |found| found)?;
        let (mut pairs, mut items, mut outside) = (Vec::new(), Vec::new(), None);
        for end in from.iter().chain(&to) {
            self.are_there(context, end);
            self.is_in_envtype(end);
        }
        let model = self.model;
        let envs: Vec<&Environment> = model.environments_of(context).collect();
        let mut places = |end: &Spanned<EndOfClaim>| -> Vec<Vec<Place>> {
            envs.iter().map(|env| self.places(env, end)).collect()
        };
        let sources: Vec<Vec<Vec<Place>>> = from.iter().map(&mut places).collect();
        let targets: Vec<Vec<Vec<Place>>> = to.iter().map(&mut places).collect();
        for (sources, targets) in sources.iter().flat_map(|from| targets.iter().map(move |to| (from, to))) {
            let mut item = Vec::new();
            for (sources, targets) in sources.iter().zip(targets) {
                for pair in sources.iter().flat_map(|from| targets.iter().map(move |to| (from, to))) {
                    if pair.0.env().is_none() && pair.1.env().is_none() {
                        outside = Some((pair.0.clone(), pair.1.clone()));
                    }
                    item.push((pair.0.clone(), pair.1.clone()));
                }
            }
            items.push(item);
        }
        if let Some((source, target)) = outside {
            self.diagnostics.push(errors::claim_outside(claim.span, &source, &target));
        }
        let mut known: BTreeMap<(Place, Place), usize> = BTreeMap::new();
        let mut number = |pair: (Place, Place)| {
            *known.entry(pair).or_insert_with_key(|pair| {
                pairs.push(pair.clone());
                pairs.len() - 1
            })
        };
        let items = items.into_iter().map(|item: Vec<_>| item.into_iter().map(&mut number).collect());
        let items = items.collect();
        let ports = ports.iter().map(|ports| Ports { first: ports.from, last: ports.to }).collect();
        Some(Understood { span: claim.span, can: claim.can, ports, pairs, items })
    }

    /// Reports machines that are in no environment of a claim: it would be about nothing.
    fn are_there(&mut self, context: &str, end: &Spanned<EndOfClaim>) {
        let EndOfClaim::Machines { env, kind, name } = &end.value else { return };
        let context = env.as_deref().unwrap_or(context);
        // The environments of an envtype may run a pipeline that it does not name.
        let envs: Vec<&Environment> = self.model.environments_of(context).collect();
        let is_decided =
            envs.iter().any(|env| env.pipeline.is_some()) || std::ptr::eq(self.model, self.project);
        let is_decided = is_decided || !kind.is_of_hostclass();
        if is_decided && !envs.is_empty() && !envs.iter().any(|env| has_machines(env, *kind, &name.text)) {
            let stores = envs.iter().flat_map(|env| env.stores()).filter(|store| store.kind == *kind);
            let known: Vec<&str> = stores.map(|store| store.name).collect();
            let found = errors::claim_without_machines(end.span, *kind, &name.text, context, &known);
            self.diagnostics.push(found);
        }
    }

    /// Reports a metanetwork of an envtype that no environment is of, if the envtype does not have it.
    fn is_in_envtype(&mut self, end: &Spanned<EndOfClaim>) {
        let EndOfClaim::Source(Source::Peer(peer)) = &end.value else { return };
        let is_known = |model: &Model| model.environments_of(&peer.env).next().is_some();
        if is_known(self.project) || is_known(self.model) {
            return;
        }
        let chain = self.names.environment(&peer.env).and_then(|decl| self.names.whole_chain(decl));
        let Some(chain) = chain else { return };
        let known: Vec<&str> = Block::of_chain(&chain).nested(kinds::METANETWORK);
        if !known.contains(&peer.network.as_str()) {
            let mut found = errors::unknown_network(end.span, &peer.network, &peer.env, &known);
            of_envtype(&mut found, &peer.env);
            self.diagnostics.push(found);
        }
    }

    /// The places that an end means in environment `env`.
    fn places(&mut self, env: &Environment, end: &Spanned<EndOfClaim>) -> Vec<Place> {
        let network = |env: &Environment, name: &str| Place::network(&env.name, name);
        let source = match &end.value {
            EndOfClaim::Source(source) => source,
            EndOfClaim::Machines { env: of, kind, name } => {
                let envs: Vec<&Environment> = match of {
                    Some(of) => self.model.environments_of(of).collect(),
                    None => vec![env],
                };
                let envs = envs.into_iter().filter(|env| has_machines(env, *kind, &name.text));
                return envs.map(|env| Place::machines(&env.name, *kind, &name.text)).collect();
            }
        };
        match source {
            Source::All => env.network_names().into_iter().map(|name| network(env, name)).collect(),
            Source::Cidr(block) if block.prefix_len() == 0 => vec![Place::Internet],
            // Whether the block lies in an environment of the envtype is not known.
            Source::Cidr(block) if !self.has_space && overlaps(*block, DRAFT_CIDR) => Vec::new(),
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
                let of_project = self.project.environments_of(&peer.env);
                let mut of_project = of_project.filter(|_| !std::ptr::eq(self.model, self.project));
                let is_elsewhere = of_project.any(|env| env.network(&peer.network).is_some());
                let first = envs().next().or(self.project.environments_of(&peer.env).next());
                if let (true, false, Some(env)) = (found.is_empty(), is_elsewhere, first) {
                    let known = env.network_names();
                    let unknown = errors::unknown_network(end.span, &peer.network, &env.name, &known);
                    self.diagnostics.push(unknown);
                }
                found
            }
        }
    }
}

/// Whether an environment has machines of a hostclass, or a database, a cache or a search domain of this name.
fn has_machines(env: &Environment, kind: MachineKind, name: &str) -> bool {
    match kind {
        MachineKind::Instances => env.runs(name),
        MachineKind::Balancers => env.balancers().any(|(host, _)| host.name == name),
        MachineKind::Databases | MachineKind::Caches | MachineKind::SearchDomains => {
            env.stores().any(|store| store.kind == kind && store.name == name)
        }
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
pub(crate) fn environments(claims: &Claims, model: &Model) -> BTreeSet<String> {
    let places =
        || claims.of_environments.iter().flat_map(|claim| &claim.pairs).flat_map(|(from, to)| [from, to]);
    if places().any(|place| matches!(place, Place::Block(_))) {
        // The block may lie in any of them.
        return model.environments.iter().map(|env| env.name.clone()).collect();
    }
    places().filter_map(Place::env).map(str::to_owned).collect()
}

/// Proves claims against the resources of a sound project, which have the machines of their environments.
pub(crate) fn prove(claims: &Claims, ir: &Ir, sources: &SourceMap, model: &Model) -> Vec<Diagnostic> {
    let mut diagnostics = prove_all(&claims.of_environments, ir, sources, model);
    diagnostics.extend(permissions::prove(&claims.permissions, sources, model));
    for OfType { draft, claims } in &claims.of_types {
        let whole = draft.model.environments.iter().map(|env| env.name.clone()).collect();
        let machines = Machines::Unproved { whole: &whole, proved: &mut Proved::default() };
        let resources = Resources::of(sources, &draft.model, &Facts::default(), None, machines);
        let is_broken = draft.found.iter().chain(&resources.diagnostics).any(Diagnostic::is_error);
        diagnostics.extend(if is_broken {
            claims.iter().map(|claim| errors::idle_expectation(claim.span)).collect()
        } else {
            prove_all(claims, &resources.ir, sources, &draft.model)
        });
    }
    diagnostics
}

fn prove_all(claims: &[Understood], ir: &Ir, sources: &SourceMap, model: &Model) -> Vec<Diagnostic> {
    if claims.is_empty() {
        return Vec::new();
    }
    let reach = Reach::of(ir);
    let mut diagnostics = Vec::new();
    let mut places = None;
    for claim in claims {
        let (mut failed, mut unknown) = (Vec::new(), Vec::new());
        let mut idle = BTreeSet::new();
        for (at, (from, to)) in claim.pairs.iter().enumerate() {
            let proof = reach.proof(from, to);
            if proof.is_idle {
                idle.insert(at);
            }
            match fate(claim, &proof) {
                Fate::Holds => {}
                Fate::Fails(failure) => failed.push(*failure),
                Fate::Unknown => unknown.push(proof.answer),
            }
        }
        let places = places.get_or_insert(Places::new(sources, model));
        match (failed.split_first(), unknown.split_first()) {
            (Some((first, others)), _) => {
                let others: Vec<String> = others.iter().map(|failure| pair(&failure.answer)).collect();
                let related = places.cite(&reasons(claim, first));
                let opposite = is_opposite(claim, &reach);
                diagnostics.push(if claim.can {
                    errors::cannot_be_reached(claim.span, first, related, &others, opposite)
                } else {
                    let flows = narrowed(claim, &first.answer).0;
                    errors::can_be_reached(claim.span, (&first.answer, &flows), related, &others, opposite)
                });
            }
            (None, Some((first, others))) => {
                let others: Vec<String> = others.iter().map(pair).collect();
                let flows = narrowed(claim, first).1;
                let related = places.cite(&because(flows.clone()));
                let found = errors::reach_unknown(claim.span, (first, &flows), related, &others, claim.can);
                diagnostics.push(found);
            }
            (None, None) => {
                let is_idle = |item: &Vec<usize>| item.iter().all(|pair| idle.contains(pair));
                let is_idle = claim.items.iter().any(is_idle);
                diagnostics.extend(is_idle.then(|| errors::idle_expectation(claim.span)));
            }
        }
    }
    diagnostics
}

/// Whether the opposite of a claim holds.
fn is_opposite(claim: &Understood, reach: &Reach<'_>) -> bool {
    let opposite = Understood { can: !claim.can, ..claim.clone() };
    let mut pairs = opposite.pairs.iter();
    pairs.all(|(from, to)| matches!(fate(&opposite, &reach.proof(from, to)), Fate::Holds))
}

/// The result of a claim. `can` is about TCP, `cannot` about TCP and UDP.
fn fate(claim: &Understood, proof: &Proof) -> Fate {
    let failure = |closed: Vec<Ports>, missed: Option<Missed>| {
        let unconnected = match closed.as_slice() {
            [] if claim.ports.is_empty() => proof.unconnected(None),
            closed => {
                closed.iter().flat_map(|ports| proof.unconnected(Some((Protocol::Tcp, *ports)))).collect()
            }
        };
        Fate::Fails(Box::new(Failure { answer: proof.answer.clone(), closed, missed, unconnected }))
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
    let Failure { answer, closed, missed, unconnected } = failure;
    if !claim.can {
        return because(narrowed(claim, answer).0);
    }
    let left_out = missed.iter().flat_map(|missed| missed.because.clone());
    let missing = closed.iter().flat_map(|ports| {
        let narrow = answer.clone().on(Protocol::Tcp, *ports);
        // Flows that cover only a part explain why the whole is not open.
        let flows = narrow.flows.into_iter().filter(|flow| !flow.arrives_only).collect();
        narrow.missing.into_iter().chain(because(flows))
    });
    let missing: Vec<Because> = left_out.chain(missing).chain(unconnected.iter().cloned()).collect();
    if missing.is_empty() { answer.missing.clone() } else { missing }
}

fn pair(answer: &Answer) -> String {
    format!("`{}` to `{}`", answer.from, answer.to)
}

#[cfg(test)]
mod tests;
