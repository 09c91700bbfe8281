//! Envtypes whose machines an earlier draft has: nothing that machines are made of tells the two apart.

use std::collections::BTreeSet;

use asiaq_lang::Span;

use crate::evaluate::Resolved;
use crate::model::hosts::Hostclasses;
use crate::model::machines::Pipelines;
use crate::model::{Environment, Network, Provenance};
use crate::stand_in::stands_for;

/// Envtypes that others are compared with: a bound, so that the work does not grow with their square.
const KNOWN: usize = 64;

/// The envtypes whose machines were evaluated, by what machines depend on.
pub(super) struct Settings<'a> {
    hostclasses: Hostclasses<'a>,
    pipelines: Pipelines<'a>,
    /// The environments and envtypes that overrides of hostclasses and runs name.
    contexts: BTreeSet<&'a str>,
    known: Vec<Environment>,
}

impl<'a> Settings<'a> {
    pub(super) fn new(hostclasses: Hostclasses<'a>, pipelines: Pipelines<'a>) -> Self {
        let contexts = hostclasses.every_context().chain(pipelines.every_context()).collect();
        Self { hostclasses, pipelines, contexts, known: Vec::new() }
    }

    /// Whether an earlier envtype has the machines of `bare`, a draft without machines. It counts for later ones.
    pub(super) fn have(&mut self, bare: &Environment) -> bool {
        let setting = self.setting(bare);
        // Where a text depends on the environment, machines are never the same.
        let is_same = !self.hostclasses.vary() && !self.pipelines.vary();
        if is_same && self.known.iter().any(|known| covers(known, &setting)) {
            return true;
        }
        if self.known.len() < KNOWN {
            self.known.push(setting);
        }
        false
    }

    /// What the machines of a draft are evaluated with.
    pub(super) fn machines(&mut self) -> (&mut Hostclasses<'a>, &mut Pipelines<'a>) {
        (&mut self.hostclasses, &mut self.pipelines)
    }

    /// What machines depend on: not on rules and routes, for example. Its name is that of the envtype.
    fn setting(&self, bare: &Environment) -> Environment {
        let network = |network: &Network| Network {
            span: Span::default(),
            ingress: nothing(),
            routes: nothing(),
            nat: None,
            description: None,
            ..network.clone()
        };
        let told_apart = bare.types.iter().filter(|name| self.contexts.contains(name.as_str()));
        Environment {
            name: bare.types.first().cloned().unwrap_or_default(),
            span: Span::default(),
            types: told_apart.cloned().collect(),
            // A draft without a block of its own has the same one as others, set at its name.
            cidr: Resolved { chain: Vec::new(), ..bare.cidr.clone() },
            networks: bare.networks.iter().map(network).collect(),
            dhcp: None,
            customer: None,
            endpoints: Vec::new(),
            provenance: Provenance::default(),
            ..bare.clone()
        }
    }
}

fn nothing<T>() -> Resolved<Vec<T>> {
    Resolved { value: Vec::new(), chain: Vec::new() }
}

/// Whether `known` has the machines of `setting`. The name of the envtype is part of texts.
fn covers(known: &Environment, setting: &Environment) -> bool {
    stands_for(&setting.name, &known.name)
        && *known == Environment { name: known.name.clone(), ..setting.clone() }
}
