//! The data of a plan, and what can be computed from it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, CREATED_TAG, ImageFact, Ir, Kind, Risk, Scope, ScopeRef};
use serde::{Deserialize, Serialize};

use super::coverage::{Coverage, Goal};
use super::note::Note;
use super::step::{Action, Step};
use crate::Found;
use crate::event::Planned;
use crate::graph::{Graph, Part};
use crate::lease::Scopes;

/// What an apply will do, and the inputs of the decision. A saved plan is this as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the project.
    pub project: String,
    /// Time of planning, UTC, ISO 8601 with microseconds: the creation time of the resources it creates.
    pub now: String,
    /// The scope it was made for.
    pub scope: Coverage,
    /// The wanted resources of the whole project.
    pub ir: Ir,
    /// The steps, in order of address, kind and id.
    pub steps: Vec<Step>,
    /// Remarks for the user, in a stable order.
    pub notes: Vec<Note>,
    /// AWS ids of the kept resources that the steps reference, by address.
    pub known: BTreeMap<Address, String>,
    /// The AMIs of the launch templates that steps create or update, by AWS id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub images: BTreeMap<String, ImageFact>,
    /// Protected scopes: declared as protected, or no longer declared and with a protection tag on their VPC.
    pub protected: BTreeSet<Scope>,
    /// What accounts have that no project of asiaq owns and that stays, by address, with its AWS id: of accounts with
    /// `prune`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub unmanaged: BTreeMap<Address, String>,
}

impl Plan {
    /// Deletes what accounts have that no project of asiaq owns.
    pub fn prune(&mut self, unmanaged: Vec<Found>) {
        for live in unmanaged {
            let account = live.address.scope().account().and_then(|name| self.ir.accounts.get(name));
            let origin = account.map(|account| account.origin.clone());
            let address = live.address.clone();
            let step = Step::new(Action::Delete { live }, &address, Vec::new(), origin.as_ref());
            self.steps.push(Step { risk: Risk::DataLoss, ..step });
        }
        self.steps.sort_by(|a, b| a.rank().cmp(&b.rank()));
    }

    /// Whether it has no steps. It may have notes.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The scopes that an apply of this plan changes, by region. One that moves to another region is listed in both; one
    /// that gets another name is listed under both.
    pub fn scopes(&self) -> Scopes {
        let mut touched = Scopes::new();
        for step in &self.steps {
            let region =
                |scope: ScopeRef<'_>| Some(self.ir.environments.get(scope.environment()?)?.region.clone());
            let declared = step.scopes().into_iter().filter_map(|scope| Some((region(scope)?, scope)));
            let own = step.live().map(|live| &live.region).into_iter().chain([&step.region]);
            let own = own.map(|region| (region.clone(), step.address.scope()));
            let before = step.moved_from.iter().map(|from| (step.region.clone(), from.scope()));
            for (region, scope) in declared.chain(own).chain(before) {
                touched.entry(region).or_default().insert(scope.to_scope());
            }
        }
        touched
    }

    /// The environments and accounts whose resources an apply of this plan deletes because they are no longer declared,
    /// with the number of resources that are deleted. None if the user named the scopes of the plan: that something is
    /// missing from the program is no order to delete all of it.
    pub fn unnamed_ends(&self) -> BTreeMap<Scope, usize> {
        let mut ends = BTreeMap::new();
        if self.scope.goal == Goal::Destroy || self.scope.named {
            return ends;
        }
        let mut with_vpc = BTreeSet::new();
        for step in self.steps.iter().filter(|step| matches!(step.action, Action::Delete { .. })) {
            let scope = step.address.scope();
            if !self.ir.declares(scope) {
                *ends.entry(scope.to_scope()).or_default() += 1;
                with_vpc.extend((step.kind == Kind::Vpc).then(|| scope.to_scope()));
            }
        }
        // What is left under the old name of an environment that has moved.
        ends.retain(|scope, _| with_vpc.contains(scope) || !self.ir.moved.contains_key(scope.as_str()));
        ends
    }

    /// The number of operations of an apply of this plan.
    pub fn operations(&self) -> usize {
        Graph::new(self).len()
    }

    /// The operations of an apply of this plan with the numbers of their predecessors. The number of an operation is
    /// its index.
    pub fn order(&self) -> Vec<Planned> {
        let graph = Graph::new(self);
        let mut planned: Vec<Planned> = (0..graph.len())
            .filter_map(|number| {
                let op = graph.op(number)?;
                let step = self.steps.get(op.step)?;
                let region = match op.part {
                    Part::Create => step.region.clone(),
                    Part::Update | Part::Detach | Part::Release | Part::Delete => {
                        step.live().map_or_else(|| step.region.clone(), |live| live.region.clone())
                    }
                };
                Some(Planned { operation: op.of_step(step), region, after: Vec::new() })
            })
            .collect();
        for number in 0..graph.len() {
            for next in graph.successors(number) {
                if let Some(next) = planned.get_mut(next) {
                    next.after.push(number);
                }
            }
        }
        planned
    }

    /// Addresses with other steps or AWS ids in `fresh`, a plan made later of the same program, scope and time. They
    /// show that AWS has changed since this plan was made. Causes are not compared.
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

    /// The plan with every step rated as safe, to compare plans of versions that rate differently.
    #[must_use]
    pub fn without_risks(&self) -> Self {
        let mut plan = self.clone();
        for step in &mut plan.steps {
            step.risk = Risk::Safe;
            for reason in &mut step.reasons {
                reason.risk = Risk::Safe;
            }
        }
        plan
    }

    /// Whether `later`, a plan made at another time, has the same steps, scope and AWS ids. Creation times and causes
    /// are not compared.
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
