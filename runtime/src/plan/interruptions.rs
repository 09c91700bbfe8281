//! What an apply of a plan interrupts, and for how long.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Kind};
use serde::Serialize;

use super::contents::Plan;
use super::step::Step;
use crate::graph::stops;

/// Something that stops during an apply and starts again, because AWS does not let the old and the new resource exist
/// at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Interruption {
    /// What stops, for people, as in `port 443 is closed`.
    pub what: String,
    /// About how many seconds, as a rule.
    pub seconds: u32,
}

/// The interruptions of a plan, by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interruptions<'p>(BTreeMap<(&'p Address, Kind, &'p str), Vec<Interruption>>);

impl<'p> Interruptions<'p> {
    /// What an apply of `plan` interrupts.
    pub fn of(plan: &'p Plan) -> Self {
        let mut by_step: BTreeMap<_, Vec<Interruption>> = BTreeMap::new();
        for (index, seconds, what) in stops(&plan.steps, &plan.known) {
            if let Some(step) = plan.steps.get(index) {
                by_step.entry(step.rank()).or_default().push(Interruption { what, seconds });
            }
        }
        Self(by_step)
    }

    /// What a step of the plan interrupts.
    pub fn by<'s>(&'s self, step: &'s Step) -> &'s [Interruption] {
        self.0.get(&step.rank()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Each step that interrupts something, with what it interrupts.
    pub fn iter(&self) -> impl Iterator<Item = (&'p Address, Kind, &[Interruption])> {
        self.0.iter().map(|((address, kind, _), stops)| (*address, *kind, stops.as_slice()))
    }
}
