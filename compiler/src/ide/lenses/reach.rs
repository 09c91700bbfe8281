//! Lens above the declaration of a metanetwork or hostclass: the number of metanetworks that reach it and that it
//! reaches.

use std::collections::BTreeMap;
use std::fmt;

use asiaq_ir::{Address, Ir};
use asiaq_lang::Span;
use asiaq_lang::ast::Name;

use super::Lens;
use crate::Checked;
use crate::ide::Analysis;
use crate::model::Environment;
use crate::reach::{Crew, MachineKind, Place, Reach, Verdict};

/// Environments that are looked into for one file: an editor does not wait for more.
const ENVIRONMENTS: usize = 24;

/// Environments of an envtype that are compared.
const COMPARED: usize = 3;

/// Answers for the declarations of one file.
pub(super) struct Reaches<'a> {
    analysis: &'a Analysis,
    /// By environment.
    known: BTreeMap<&'a str, Known<'a>>,
}

/// Reachability in one environment.
#[derive(Debug, Default)]
struct Known<'a> {
    networks: BTreeMap<&'a str, Found<'a>>,
    /// Of the hostclasses whose instances fare differently from their metanetwork.
    hostclasses: BTreeMap<String, Found<'a>>,
}

/// Reachability of a metanetwork or hostclass in one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found<'a> {
    by: Others<'a>,
    to: Others<'a>,
}

/// The other ends of some traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Others<'a> {
    networks: BTreeMap<&'a str, Share>,
    internet: Option<Share>,
}

/// For how much of both ends some traffic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    All,
    Part,
}

impl<'a> Reaches<'a> {
    pub(super) fn of(analysis: &'a Analysis) -> Self {
        Self { analysis, known: BTreeMap::new() }
    }

    /// The lens of a metanetwork that environment or envtype `owner` declares. It covers the environments of `owner`
    /// that do not override this declaration, at most [`COMPARED`].
    pub(super) fn lens(&mut self, owner: &str, name: &Name) -> Option<Lens> {
        let envs = self.analysis.environments(Some(owner)).into_iter();
        let is_declared =
            |env: &&Environment| env.network(&name.text).is_some_and(|network| network.span == name.span);
        let envs: Vec<&Environment> = envs.filter(is_declared).take(COMPARED).collect();
        self.compared(&envs, name, |known| known.networks.get(name.text.as_str()))
    }

    /// The lens of a hostclass whose instances fare differently from other machines of their metanetwork.
    pub(super) fn hostclass(&mut self, name: &Name) -> Option<Lens> {
        let envs = self.analysis.checked.model.environments.iter();
        let envs: Vec<&Environment> = envs.filter(|env| env.runs(&name.text)).take(COMPARED).collect();
        self.compared(&envs, name, |known| known.hostclasses.get(&name.text))
    }

    fn compared(
        &mut self,
        envs: &[&'a Environment],
        name: &Name,
        of: impl for<'k> Fn(&'k Known<'a>) -> Option<&'k Found<'a>>,
    ) -> Option<Lens> {
        let mut found = Vec::new();
        for env in envs {
            if let Some(known) = self.known(env) {
                found.push((*env, of(known).cloned()));
            }
        }
        let (first, shown) = found.iter().find_map(|(env, found)| Some((*env, found.clone()?)))?;
        let is_same = found.iter().all(|(_, other)| other.as_ref() == Some(&shown));
        let place = if is_same { String::new() } else { format!("in {}: ", first.name) };
        let title = format!("{place}reached by {}; reaches {}", shown.by, shown.to);
        let others = shown.by.networks.keys().chain(shown.to.networks.keys());
        let others = others.filter_map(|other| first.network(other));
        let mut targets: Vec<Span> = others.map(|other| other.span).collect();
        targets.sort_unstable();
        targets.dedup();
        Some(Lens { span: name.span, title, targets })
    }

    /// Reachability in `env`. `None` after [`ENVIRONMENTS`] environments, to limit the work.
    fn known(&mut self, env: &'a Environment) -> Option<&Known<'a>> {
        if !self.known.contains_key(env.name.as_str()) {
            if self.known.len() >= ENVIRONMENTS {
                return None;
            }
            let Checked { sources, model, resources, .. } = &self.analysis.checked;
            let known = if resources.is_whole {
                look_into(&resources.ir, env)
            } else {
                look_into(&resources.of_environment(sources, model, &env.name), env)
            };
            self.known.insert(&env.name, known);
        }
        self.known.get(env.name.as_str())
    }
}

/// Reachability of all metanetworks and hostclasses of an environment.
fn look_into<'a>(ir: &Ir, env: &'a Environment) -> Known<'a> {
    let own = narrowed(ir, &env.name);
    let reach = Reach::of(&own);
    let places: Vec<(&str, Place)> = env
        .networks
        .iter()
        .map(|network| (network.name.as_str(), Place::network(&env.name, &network.name)))
        .collect();
    let found = |here: &Place, home: &str| {
        let mut found = Found::default();
        for (name, there) in places.iter().filter(|(name, _)| *name != home) {
            found.by.networks.extend(share(&reach, there, here).map(|share| (*name, share)));
            found.to.networks.extend(share(&reach, here, there).map(|share| (*name, share)));
        }
        found.by.internet = share(&reach, &Place::Internet, here);
        found.to.internet = share(&reach, here, &Place::Internet);
        found
    };
    let networks: BTreeMap<&str, Found<'_>> =
        places.iter().map(|(name, place)| (*name, found(place, name))).collect();
    let mut known = Known { networks, hostclasses: BTreeMap::new() };
    for Crew { network, place } in reach.crews(&env.name) {
        let Place::Machines { kind: MachineKind::Instances, names, .. } = &place else { continue };
        let own = found(&place, &network);
        if known.networks.get(network.as_str()) != Some(&own) {
            known.hostclasses.extend(names.iter().map(|name| (name.clone(), own.clone())));
        }
    }
    known
}

/// How far traffic gets; nothing if it does not certainly get through.
fn share(reach: &Reach<'_>, from: &Place, to: &Place) -> Option<Share> {
    let summary = reach.summary(from, to);
    let is_whole = summary.open.iter().any(|lane| !lane.is_part());
    (summary.verdict == Verdict::Allowed).then_some(if is_whole { Share::All } else { Share::Part })
}

/// The resources of one environment.
fn narrowed(ir: &Ir, env: &str) -> Ir {
    let first = Address::new(env, "");
    let own = ir.resources.range(first..).take_while(|(address, _)| address.env() == env);
    Ir {
        project: ir.project.clone(),
        resources: own.map(|(address, node)| (address.clone(), node.clone())).collect(),
        ..Ir::default()
    }
}

impl fmt::Display for Others<'_> {
    /// `3 metanetworks (1 in part) and the internet`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.networks.len();
        let parts = self.networks.values().filter(|share| **share == Share::Part).count();
        match number {
            0 => {}
            1 => f.write_str("1 metanetwork")?,
            many => write!(f, "{many} metanetworks")?,
        }
        match parts {
            0 => {}
            parts if parts == number => f.write_str(" (in part)")?,
            parts => write!(f, " ({parts} in part)")?,
        }
        match (number, self.internet) {
            (0, None) => f.write_str("nobody"),
            (_, None) => Ok(()),
            (number, Some(share)) => {
                let and = if number == 0 { "" } else { " and " };
                let part = if share == Share::Part { " (in part)" } else { "" };
                write!(f, "{and}the internet{part}")
            }
        }
    }
}
