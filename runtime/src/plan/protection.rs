//! What is protected, and what a plan would do to it.

use std::collections::BTreeSet;
use std::fmt;

use asiaq_ir::{Address, Ir, Kind, Origin, PROTECT_TAG, Risk};

use super::contents::Plan;
use super::scope::Goal;
use super::step::{Action, Step};
use crate::Observed;

/// Who protects something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A place in the program.
    Declared(Origin),
    /// Its tag in AWS, because it is no longer declared.
    Tagged,
    /// The tag of the VPC of its environment, because that is no longer declared.
    TaggedEnvironment(String),
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(place) => write!(f, "protected by {place}"),
            Self::Tagged => write!(f, "protected by its tag `{PROTECT_TAG}`"),
            Self::TaggedEnvironment(env) => {
                write!(f, "protected by the tag `{PROTECT_TAG}` of the VPC of `{env}`")
            }
        }
    }
}

/// A step that is refused unless its risk is allowed in so many words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The step.
    pub step: &'a Step,
    /// What has to be allowed.
    pub risk: Risk,
    /// Who protects it.
    pub by: Protection,
}

/// The protected environments. What the program says of one counts; of one it no longer names, the tag.
pub(super) fn environments(ir: &Ir, observed: &Observed) -> BTreeSet<String> {
    let declared = ir.environments.iter().filter(|(_, env)| env.protect).map(|(name, _)| name.clone());
    let vpcs = observed.found.iter().filter(|found| found.resource.kind() == Kind::Vpc);
    let left = vpcs.filter(|found| found.tags.contains_key(PROTECT_TAG));
    let left = left.map(|found| found.address.env().to_owned());
    declared.chain(left.filter(|env| !ir.environments.contains_key(env))).collect()
}

impl Refusal<'_> {
    fn is_deletion(&self) -> bool {
        deletes(self.step)
    }
}

fn deletes(step: &Step) -> bool {
    matches!(step.action, Action::Delete { .. })
}

/// What has to be allowed so that none of these is refused any more.
pub fn to_allow(refusals: &[Refusal<'_>]) -> BTreeSet<Risk> {
    let (deletions, others): (Vec<_>, Vec<_>) = refusals.iter().partition(|refusal| refusal.is_deletion());
    let others = others.into_iter().map(|refusal| refusal.risk);
    others.chain(deletions.into_iter().map(|refusal| refusal.risk).max()).collect()
}

impl Plan {
    /// Steps that replace, lose or delete something protected, at a risk that is not `allowed`. A deletion is allowed
    /// with anything that is worse.
    ///
    /// What is protected by itself is not deleted at any risk; in a protected environment the program may still
    /// take away what comes back as it was, but an order to take things down may not.
    pub fn refused(&self, allowed: &BTreeSet<Risk>) -> Vec<Refusal<'_>> {
        let is_allowed = |refusal: &Refusal<'_>| {
            allowed.contains(&refusal.risk)
                || refusal.is_deletion() && allowed.iter().any(|risk| *risk > refusal.risk)
        };
        let refusals = self.steps.iter().filter_map(|step| self.refusal(step));
        refusals.filter(|refusal| !is_allowed(refusal)).collect()
    }

    fn refusal<'a>(&'a self, step: &'a Step) -> Option<Refusal<'a>> {
        let deletes = deletes(step);
        let at_least = |is_deletion: bool| if is_deletion { step.risk.max(Risk::Replace) } else { step.risk };
        let own = self.own_protection(step).map(|by| (at_least(deletes), by));
        let of_environment = || {
            let by = step.environments().into_iter().find_map(|env| self.protection_of(env))?;
            Some((at_least(deletes && self.scope.goal == Goal::Destroy), by))
        };
        let (risk, by) = own.or_else(of_environment)?;
        (risk >= Risk::Replace).then_some(Refusal { step, risk, by })
    }

    /// What the program says of a thing counts; of one it no longer names, the tag.
    fn own_protection(&self, step: &Step) -> Option<Protection> {
        match self.ir.resources.get(&step.address) {
            Some(node) => node.protect.clone().map(Protection::Declared),
            None => {
                step.live().filter(|live| live.tags.contains_key(PROTECT_TAG)).map(|_| Protection::Tagged)
            }
        }
    }

    fn protection_of(&self, env: &str) -> Option<Protection> {
        if !self.protected.contains(env) {
            return None;
        }
        let Some(declared) = self.ir.environments.get(env) else {
            return Some(Protection::TaggedEnvironment(env.to_owned()));
        };
        let vpc = self.ir.resources.get(&Address::new(env, "vpc"));
        let place = vpc.and_then(|vpc| vpc.protect.as_ref()).unwrap_or(&declared.origin);
        Some(Protection::Declared(place.clone()))
    }
}
