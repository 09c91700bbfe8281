//! What a plan consists of, and what can be read off it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, CREATED_TAG, ImageFact, Ir};
use serde::{Deserialize, Serialize};

use super::note::Note;
use super::scope::Scope;
use super::step::{Action, Step};
use crate::event::Planned;
use crate::graph::{Graph, Part};
use crate::lease::Environments;

/// What an apply will do, and what it was decided from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the project.
    pub project: String,
    /// Time of planning, UTC, ISO 8601 with microseconds: the creation time of what is made.
    pub now: String,
    /// What was asked for.
    pub scope: Scope,
    /// The program.
    pub ir: Ir,
    /// The steps, in order of address, kind and id.
    pub steps: Vec<Step>,
    /// What a person should know beside the steps.
    pub notes: Vec<Note>,
    /// AWS ids of the live resources that wanted ones point at.
    pub known: BTreeMap<Address, String>,
    /// The images that steps put machines on, by AWS id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub images: BTreeMap<String, ImageFact>,
    /// Environments that are protected: declared so, or no longer declared and protected when they were.
    pub protected: BTreeSet<String>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The environments that an apply of this plan changes, by the region in which they are declared; one that
    /// moves is in more than one.
    pub fn environments(&self) -> Environments {
        let mut touched = Environments::new();
        for step in &self.steps {
            let declared = |env: &str| self.ir.environments.get(env).map(|env| env.region.clone());
            let places = step.environments().into_iter().filter_map(|env| Some((declared(env)?, env)));
            let own = step.live().map(|live| &live.region).into_iter().chain([&step.region]);
            let own = own.map(|region| (region.clone(), step.address.env()));
            for (region, env) in places.chain(own) {
                touched.entry(region).or_default().insert(env.to_owned());
            }
        }
        touched
    }

    /// Calls that an apply of this plan makes, for progress.
    pub fn operations(&self) -> usize {
        Graph::new(&self.steps, &self.known).len()
    }

    /// The operations of an apply of this plan, by number, and what each has to come after.
    pub fn order(&self) -> Vec<Planned> {
        let graph = Graph::new(&self.steps, &self.known);
        let mut planned: Vec<Planned> = (0..graph.len())
            .filter_map(|number| {
                let op = graph.op(number)?;
                let step = self.steps.get(op.step)?;
                let region = match op.part {
                    Part::Create => step.region.clone(),
                    Part::Update | Part::Detach | Part::Delete => {
                        step.live().map_or_else(|| step.region.clone(), |live| live.region.clone())
                    }
                };
                Some(Planned { operation: op.of_step(step), region, after: Vec::new() })
            })
            .collect();
        for number in 0..graph.len() {
            for next in graph.next(number) {
                if let Some(next) = planned.get_mut(*next) {
                    next.after.push(number);
                }
            }
        }
        planned
    }

    /// Addresses about which a fresh plan of the same program, scope and time says something else: the
    /// world has moved since this one was made. What its steps come from does not count.
    pub fn differs_from(&self, fresh: &Plan) -> BTreeSet<Address> {
        let mine: BTreeMap<_, _> = self.steps.iter().map(|step| (step.rank(), step)).collect();
        let theirs: BTreeMap<_, _> = fresh.steps.iter().map(|step| (step.rank(), step)).collect();
        let steps = mine
            .iter()
            .filter(|(rank, step)| theirs.get(*rank).is_none_or(|other| step.bare() != other.bare()))
            .chain(theirs.iter().filter(|(rank, _)| !mine.contains_key(*rank)))
            .map(|(_, step)| step.address.clone());
        let ids = self.known.iter().filter(|(address, id)| fresh.known.get(*address) != Some(*id));
        steps.chain(ids.map(|(address, _)| address.clone())).collect()
    }

    /// Whether a plan that was made at another time does the same.
    pub fn is_like(&self, later: &Plan) -> bool {
        let timeless = |plan: &Plan| {
            let mut steps: Vec<Step> = plan.steps.iter().map(Step::bare).collect();
            for step in &mut steps {
                match &mut step.action {
                    Action::Create { node } | Action::Replace { node, .. } => {
                        node.tags.remove(CREATED_TAG);
                    }
                    Action::Update { .. } | Action::Delete { .. } => {}
                }
            }
            steps
        };
        (timeless(self), &self.known, &self.scope) == (timeless(later), &later.known, &later.scope)
    }
}
