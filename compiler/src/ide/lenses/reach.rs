//! Lens above the declaration of a metanetwork: the number of metanetworks that reach it and that it reaches.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Ir};
use asiaq_lang::Span;
use asiaq_lang::ast::Name;

use super::Lens;
use crate::ide::Analysis;
use crate::model::Environment;
use crate::reach::{Place, Reach, Verdict};

/// Environments that are looked into for one file: an editor does not wait for more.
const ENVIRONMENTS: usize = 24;

/// Environments of an envtype that are compared.
const COMPARED: usize = 3;

/// Answers for the declarations of one file.
pub(super) struct Reaches<'a> {
    analysis: &'a Analysis,
    /// By environment and metanetwork.
    known: BTreeMap<&'a str, BTreeMap<&'a str, Found<'a>>>,
}

/// Reachability of a metanetwork in one environment: names of other metanetworks, and the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found<'a> {
    by: Vec<&'a str>,
    to: Vec<&'a str>,
    by_internet: bool,
    to_internet: bool,
}

impl<'a> Reaches<'a> {
    pub(super) fn of(analysis: &'a Analysis) -> Self {
        Self { analysis, known: BTreeMap::new() }
    }

    /// The lens of a metanetwork that environment or envtype `owner` declares. It covers the environments of `owner`
    /// that do not override this declaration, at most [`COMPARED`].
    pub(super) fn lens(&mut self, owner: &str, name: &Name) -> Option<Lens> {
        let envs: Vec<&Environment> = self
            .analysis
            .environments(Some(owner))
            .into_iter()
            .filter(|env| env.network(&name.text).is_some_and(|network| network.span == name.span))
            .take(COMPARED)
            .collect();
        let first = *envs.first()?;
        let found = self.found(first, &name.text)?;
        let is_same =
            envs.iter().skip(1).all(|env| self.found(env, &name.text).is_none_or(|other| other == found));
        let place = if is_same { String::new() } else { format!("in {}: ", first.name) };
        let title = format!(
            "{place}reached by {}; reaches {}",
            counted(found.by.len(), found.by_internet),
            counted(found.to.len(), found.to_internet)
        );
        let others = found.by.iter().chain(&found.to).filter_map(|other| first.network(other));
        let mut targets: Vec<Span> = others.map(|other| other.span).collect();
        targets.sort_unstable();
        targets.dedup();
        Some(Lens { span: name.span, title, targets })
    }

    /// Reachability of `network` in `env`. `None` after [`ENVIRONMENTS`] environments, to limit the work.
    fn found(&mut self, env: &'a Environment, network: &str) -> Option<Found<'a>> {
        if !self.known.contains_key(env.name.as_str()) {
            if self.known.len() >= ENVIRONMENTS {
                return None;
            }
            self.known.insert(&env.name, look_into(&self.analysis.checked.resources.ir, env));
        }
        self.known.get(env.name.as_str())?.get(network).cloned()
    }
}

/// Reachability of all metanetworks of an environment, by name.
fn look_into<'a>(ir: &Ir, env: &'a Environment) -> BTreeMap<&'a str, Found<'a>> {
    let own = narrowed(ir, &env.name);
    let reach = Reach::of(&own);
    let gets_through = |from: &Place, to: &Place| reach.summary(from, to).verdict == Verdict::Allowed;
    let places: Vec<(&str, Place)> = env
        .networks
        .iter()
        .map(|network| (network.name.as_str(), Place::network(&env.name, &network.name)))
        .collect();
    let mut known: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    for (from, here) in &places {
        for (to, there) in places.iter().filter(|(to, _)| to != from) {
            if gets_through(here, there) {
                known.entry(from).or_default().to.push(to);
                known.entry(to).or_default().by.push(from);
            }
        }
        let found = known.entry(from).or_default();
        found.by_internet = gets_through(&Place::Internet, here);
        found.to_internet = gets_through(here, &Place::Internet);
    }
    known
}

/// The resources of one environment.
fn narrowed(ir: &Ir, env: &str) -> Ir {
    let first = Address::new(env, "");
    let own = ir.resources.range(first..).take_while(|(address, _)| address.env() == env);
    Ir {
        project: ir.project.clone(),
        environments: BTreeMap::new(),
        resources: own.map(|(address, node)| (address.clone(), node.clone())).collect(),
        ..Ir::default()
    }
}

/// `3 metanetworks and the internet`
fn counted(networks: usize, internet: bool) -> String {
    let networks = match networks {
        0 => None,
        1 => Some("1 metanetwork".to_owned()),
        many => Some(format!("{many} metanetworks")),
    };
    match (networks, internet) {
        (None, false) => "nobody".to_owned(),
        (None, true) => "the internet".to_owned(),
        (Some(networks), false) => networks,
        (Some(networks), true) => format!("{networks} and the internet"),
    }
}
