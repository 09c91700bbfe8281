//! The hostclasses of each environment. Each hostclass is evaluated once for all environments that its overrides do
//! not distinguish.

use std::collections::BTreeSet;
use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::balancers;
use super::machines::{Machine, Parts};
use super::provenance::{Provenance, SharedParts};
use super::{Host, Network, UnresolvedNetwork};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::HostclassFields;
use crate::library::kinds;
use crate::names::{Names, name_span};
use crate::value::Spanned;

/// The metanetwork of a hostclass that names none, in an environment that nobody declares.
const NOWHERE: &str = "nowhere";

/// The hostclasses of a project whose inheritance is whole.
#[derive(Default)]
pub(super) struct Hostclasses<'a>(Vec<Hostclass<'a>>);

struct Hostclass<'a> {
    name: Arc<str>,
    span: Span,
    block: Block<'a>,
    /// The environments and envtypes that its overrides name.
    contexts: BTreeSet<&'a str>,
    /// The results so far. The key is the part of `contexts` that an environment is or descends from.
    known: Vec<(Vec<&'a str>, Option<Placed>)>,
    /// Whether some result depends on the environment in other ways.
    varies: bool,
}

/// A hostclass that names a metanetwork.
#[derive(Clone)]
struct Placed {
    host: Arc<Host>,
    /// The same for an environment without that metanetwork.
    stray: Option<Arc<UnresolvedNetwork>>,
    /// Its own fields, and those of its blocks by their paths.
    parts: Arc<SharedParts>,
}

/// The hostclasses of one environment.
#[derive(Default)]
pub(super) struct Found {
    pub(super) hosts: Vec<Arc<Host>>,
    pub(super) strays: Vec<Arc<UnresolvedNetwork>>,
    pub(super) without_network: Vec<String>,
}

impl<'a> Hostclasses<'a> {
    pub(super) fn of(names: &Names<'a>) -> Self {
        let hostclass = |name: &'a str| {
            let decl = names.get(kinds::HOSTCLASS, name)?;
            let block = Block::of_chain(&names.whole_chain(decl)?);
            let (contexts, known) = (block.contexts(), Vec::new());
            let span = name_span(decl);
            Some(Hostclass { name: name.into(), span, block, contexts, known, varies: false })
        };
        Self(names.of_kind(kinds::HOSTCLASS).filter_map(hostclass).collect())
    }

    fn get(&self, name: &str) -> Option<&Hostclass<'a>> {
        let at = self.0.binary_search_by(|hostclass| (*hostclass.name).cmp(name)).ok()?;
        self.0.get(at)
    }

    /// Whether a hostclass was evaluated whose fields depend on the environment.
    pub(super) fn vary(&self) -> bool {
        self.0.iter().any(|hostclass| hostclass.varies)
    }

    /// The environments and envtypes that overrides name, each once or several times.
    pub(super) fn every_context(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().flat_map(|hostclass| hostclass.contexts.iter().copied())
    }

    /// The environments and envtypes that the overrides of a hostclass name.
    pub(super) fn contexts(&self, name: &str) -> Option<&BTreeSet<&'a str>> {
        Some(&self.get(name)?.contexts)
    }

    /// The hostclass `name` for an environment that nobody declares, in whatever metanetwork it is, and whether it names
    /// none.
    pub(super) fn drafted(
        &self,
        name: &str,
        evaluator: &Evaluator<'a, '_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Arc<Host>, bool)> {
        let hostclass = self.get(name)?;
        let is_complete = hostclass.contexts.is_empty();
        let mut found = Vec::new();
        let fields = evaluator.fields(kinds::HOSTCLASS, &hostclass.block, hostclass.span, &mut found);
        let is_homeless = fields.chain(HostclassFields::NETWORK).is_none();
        let placed = hostclass.place(fields, evaluator, Some(NOWHERE), &mut found);
        // An override may set what is missing.
        found.retain(|found| is_complete || found.code != errors::codes::MISSING_FIELD);
        diagnostics.append(&mut found);
        placed.map(|placed| (placed.host, is_homeless && is_complete))
    }

    /// Those whose metanetwork is among `networks`, and those whose is not.
    pub(super) fn in_environment(
        &mut self,
        evaluator: &Evaluator<'a, '_>,
        networks: &[Network],
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Found {
        let mut found = Found::default();
        let mut parts = Vec::new();
        for hostclass in &mut self.0 {
            let Some(placed) = hostclass.placed(evaluator, diagnostics) else {
                // A metanetwork that is broken has been reported.
                if hostclass.block.hits(HostclassFields::NETWORK, &evaluator.lineage).is_empty() {
                    found.without_network.push((*hostclass.name).to_owned());
                }
                continue;
            };
            if networks.iter().any(|known| known.name == placed.host.network.value) {
                parts.push((Arc::clone(&hostclass.name), placed.parts));
                found.hosts.push(placed.host);
            } else {
                found.strays.extend(placed.stray);
            }
        }
        provenance.add_hostclasses(parts);
        found
    }
}

impl<'a> Hostclass<'a> {
    fn placed(&mut self, evaluator: &Evaluator<'a, '_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Placed> {
        let lineage = evaluator.lineage.iter().copied();
        let told_apart: Vec<&str> = lineage.filter(|name| self.contexts.contains(name)).collect();
        if let Some((_, placed)) = self.known.iter().find(|(known, _)| *known == told_apart) {
            return placed.clone();
        }
        let fields = evaluator.fields(kinds::HOSTCLASS, &self.block, self.span, diagnostics);
        let mut varies = fields.varies();
        let placed = self.place(fields, evaluator, None, diagnostics);
        varies |= placed.iter().flat_map(|placed| placed.parts.fields()).any(|fields| fields.varies());
        if varies {
            self.varies = true;
        } else {
            self.known.push((told_apart, placed.clone()));
        }
        placed
    }

    fn place(
        &self,
        fields: Fields,
        evaluator: &Evaluator<'_, '_>,
        stand_in: Option<&str>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Placed> {
        let mut own = HostclassFields::of(&fields, self.span);
        let stand_in = stand_in.map(|name| Resolved { value: name.to_owned(), chain: vec![self.span] });
        let Some(network) = own.network.take().or(stand_in) else {
            if let Some(ip) = own.ip.filter(|_| !fields.is_broken(HostclassFields::NETWORK)) {
                diagnostics.push(errors::address_without_network(ip.span(), &self.name));
            }
            return None;
        };
        let hits = self.block.hits(HostclassFields::NETWORK, &evaluator.lineage);
        let stray = hits.first().map(|hit| {
            let network = Spanned::new(network.value.clone(), hit.setting.value.span);
            Arc::new(UnresolvedNetwork {
                host: (*self.name).to_owned(),
                network,
                is_override: hit.is_override,
            })
        });
        let mut blocks = Parts::new();
        let (ip, eip, public_ip) = (own.ip.take(), own.eip.take(), own.public_ip.clone());
        let machine = Machine::of(own, &fields, &self.block, self.span, evaluator, &mut blocks, diagnostics);
        let balancers = balancers::of_hostclass(&self.block, self.span, evaluator, &mut blocks, diagnostics);
        let host = Host {
            name: (*self.name).to_owned(),
            span: self.span,
            network,
            ip,
            eip,
            public_ip,
            machine,
            balancers,
        };
        let blocks = blocks.into_iter().map(|(path, of)| (format!("{}.{path}", self.name).into(), of));
        let parts = std::iter::once((Arc::clone(&self.name), Arc::new(fields))).chain(blocks).collect();
        Some(Placed { host: Arc::new(host), stray, parts: Arc::new(parts) })
    }
}
