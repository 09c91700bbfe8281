//! Whether the metanetworks that an environment's declarations name exist in it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_lang::ast::{Expr, ExprKind};
use asiaq_lang::{Diagnostic, Span};

use super::{Environment, Model, Network, UnresolvedNetwork, search};
use crate::errors;
use crate::library::kinds;
use crate::names::Names;
use crate::types::Ty;
use crate::typing::Typer;
use crate::value::{Address, End, Source, Spanned, Value, Via};

/// Checks every reference to a metanetwork.
pub(super) fn check(model: &Model, names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let are_known = model.environments.len() == names.env_order().len();
    let unjoined = if are_known { unjoined(model, names) } else { None };
    let mut checker = Checker { model, names, diagnostics, unjoined, networks: OnceCell::new() };
    for env in &model.environments {
        checker.environment(env);
    }
    // If an environment is broken, its metanetworks are unknown.
    if are_known {
        checker.hostclasses();
        for env in &model.environments {
            checker.runs(env);
        }
    }
}

/// The ends of the peerings that are broken: what they were meant to join is unknown. Nothing where a peering cannot be
/// read.
fn unjoined(model: &Model, names: &Names<'_>) -> Option<Vec<End>> {
    let mut ends = Vec::new();
    let peerings =
        names.of_kind(kinds::PEERING).filter_map(|name| names.get(kinds::PEERING, name)?.value.as_ref());
    for value in peerings {
        if value.kind == ExprKind::Error {
            return None;
        }
        let exists = |end: &Spanned<End>| {
            let network = end.value.network.as_str();
            model.environments_of(&end.value.env).all(|env| env.network(network).is_some())
        };
        let typed = Typer::new(names, None).value(value, &Ty::Peering);
        if !matches!(typed, Value::Peering(left, right) if exists(&left) && exists(&right)) {
            written_ends(value, model, &mut ends);
        }
    }
    Some(ends)
}

/// The ends of a peering as they are written.
fn written_ends(value: &Expr, model: &Model, into: &mut Vec<End>) {
    match &value.kind {
        ExprKind::Link(left, right) => {
            written_ends(left, model, into);
            written_ends(right, model, into);
        }
        ExprKind::Path(env, network) => {
            let end = |env: &str| End { env: env.to_owned(), network: network.text.clone() };
            into.push(end(&env.text));
            into.extend(model.environments_of(&env.text).map(|env| end(&env.name)));
        }
        _ => {}
    }
}

struct Checker<'m, 'd, 'n> {
    model: &'m Model,
    names: &'n Names<'n>,
    diagnostics: &'d mut Vec<Diagnostic>,
    /// Ends of broken peerings; absent where an environment or a peering cannot be read, so that nothing is known.
    unjoined: Option<Vec<End>>,
    /// The metanetworks of all environments.
    networks: OnceCell<BTreeSet<&'m str>>,
}

impl<'m> Checker<'m, '_, '_> {
    fn networks(&self) -> &BTreeSet<&'m str> {
        self.networks
            .get_or_init(|| self.model.environments.iter().flat_map(Environment::network_names).collect())
    }

    fn environment(&mut self, env: &Environment) {
        for network in &env.networks {
            self.network(env, network);
        }
        if let Some(customer) = &env.customer {
            self.sources(env, &customer.from.value);
            if !customer.ports.value.is_empty() && env.network("dmz").is_none() {
                let (span, names) = (customer.ports.span(), env.network_names());
                self.diagnostics.push(errors::customer_without_dmz(span, &env.name, &names));
            }
            for source in &customer.from.value {
                if let Source::Peer(end) = &source.value {
                    self.peer(env, "dmz", end, source.span);
                }
            }
        }
        if let Some(dhcp) = &env.dhcp {
            for (address, span) in dhcp.addresses() {
                self.address(env, address, span, None);
            }
        }
        for endpoint in &env.endpoints {
            for network in endpoint.networks.iter().flat_map(|set| &set.value) {
                self.exists(env, &network.value, network.span);
            }
        }
        search::check(env, self.diagnostics);
        for database in &env.databases {
            self.exists_for(env, &database.network.value, database.network.place(database.span));
            for network in &database.security.value {
                self.opens(env, &network.value, network.span);
            }
        }
        for cache in &env.caches {
            self.exists_for(env, &cache.network.value, cache.network.place(cache.span));
            for network in &cache.security.value {
                self.opens(env, &network.value, network.span);
            }
        }
        for host in &env.hosts {
            for (ip, span) in host.addresses() {
                self.address(env, ip, span, Some(&host.network.value));
            }
            for network in &host.machine.security.value {
                self.opens(env, &network.value, network.span);
            }
            for balancer in &host.balancers {
                if let Some(network) = &balancer.network {
                    self.exists(env, &network.value, network.place(balancer.span));
                }
            }
        }
    }

    fn network(&mut self, env: &Environment, network: &Network) {
        for rule in &network.ingress.value {
            self.sources(env, &rule.value.sources);
            for source in &rule.value.sources {
                if let Source::Peer(end) = &source.value {
                    self.peer(env, &network.name, end, source.span);
                }
            }
        }
        for route in &network.routes.value {
            if let Via::Nat(through) = &route.value.via {
                self.opens(env, &through.value, through.span);
            }
        }
    }

    fn sources(&mut self, env: &Environment, sources: &[Spanned<Source>]) {
        for source in sources {
            if let Source::Network(name) = &source.value
                && env.network(name).is_none()
            {
                let lets = self.names.lets().map(|(name, _)| name);
                let words = ["all", "internet"].into_iter().chain(lets);
                let known: Vec<&str> = env.network_names().into_iter().chain(words).collect();
                self.diagnostics.push(errors::unknown_source(source.span, name, &env.name, &known));
            }
        }
    }

    /// A metanetwork that a route or a group of instances names must exist; which one is meant decides who reaches what.
    fn opens(&mut self, env: &Environment, network: &str, span: Span) {
        if env.network(network).is_none() {
            let known = env.network_names();
            self.diagnostics.push(errors::unknown_source(span, network, &env.name, &known));
        }
    }

    /// A source across a peering needs that peering.
    fn peer(&mut self, env: &Environment, network: &str, end: &End, span: Span) {
        if end.env == env.name {
            self.diagnostics.push(errors::network_of_itself(span, end));
            return;
        }
        let is_joined = self.model.joined_to(&env.name, network, end).next().is_some();
        let is_own = |broken: &End| broken.env == env.name && broken.network == network;
        let may_be_joined = self
            .unjoined
            .as_ref()
            .is_none_or(|ends| ends.iter().any(|broken| broken == end || is_own(broken)));
        if !is_joined && !may_be_joined {
            self.diagnostics.push(errors::rule_without_peering(span, &env.name, network, end));
        }
    }

    fn address(&mut self, env: &Environment, address: &Address, span: Span, own: Option<&str>) {
        match address {
            Address::Offset { network: Some(network), .. } => self.exists(env, &network.value, network.span),
            Address::Offset { network: None, .. } if own.is_none() => {
                self.diagnostics.push(errors::offset_of_nothing(span));
            }
            Address::Offset { network: None, .. } | Address::Ip(_) => {}
        }
    }

    /// The same for a field whose place is the whole setting: a fix would break the line.
    fn exists_for(&mut self, env: &Environment, name: &str, setting: Span) {
        let before = self.diagnostics.len();
        self.exists(env, name, setting);
        for found in self.diagnostics.iter_mut().skip(before) {
            found.fix = None;
        }
    }

    fn exists(&mut self, env: &Environment, network: &str, span: Span) {
        if env.network(network).is_none() {
            let names = env.network_names();
            self.diagnostics.push(errors::unknown_network(span, network, &env.name, &names));
        }
    }

    /// Checks that each run in an environment has its metanetwork there.
    fn runs(&mut self, env: &Environment) {
        if env.without_network.is_empty() && env.strays.is_empty() {
            return;
        }
        let homeless: BTreeSet<&str> = env.without_network.iter().map(String::as_str).collect();
        let strays: BTreeMap<&str, &Arc<UnresolvedNetwork>> =
            env.strays.iter().rev().map(|stray| (stray.host.as_str(), stray)).collect();
        for run in env.pipeline.iter().flat_map(|pipeline| pipeline.runs()) {
            if homeless.contains(run.hostclass.as_str()) {
                self.diagnostics.push(errors::run_without_network(run.span, &run.hostclass));
            }
            // A metanetwork that is undeclared, or named in an override for this environment, is reported at its
            // name.
            let stray = strays.get(run.hostclass.as_str()).copied();
            let stray = stray.filter(|stray| self.networks().contains(stray.network.value.as_str()));
            if let Some(stray) = stray.filter(|stray| !stray.is_override) {
                let (network, by) =
                    (&stray.network, env.runs_by.as_ref().map(crate::evaluate::Resolved::span));
                let found = errors::run_outside_network(run.span, &run.hostclass, network, &env.name, by);
                self.diagnostics.push(found);
            }
        }
    }

    /// A hostclass lives where its metanetwork is; one that no environment has is a mistake, and so is one
    /// that an override names for an environment without it.
    fn hostclasses(&mut self) {
        for env in &self.model.environments {
            for stray in &env.strays {
                let UnresolvedNetwork { network, is_override, .. } = &**stray;
                if !self.networks().contains(network.value.as_str()) {
                    let known: Vec<&str> = self.networks().iter().copied().collect();
                    self.diagnostics.push(errors::network_of_nobody(network.span, &network.value, &known));
                } else if *is_override {
                    self.exists(env, &network.value, network.span);
                }
            }
        }
    }
}
