//! Protection of resources and environments: the steps that need an explicit permission.

use std::collections::BTreeSet;
use std::fmt;

use asiaq_ir::{Address, Ir, Kind, Origin, PROTECT_TAG, Ref, Resource, Risk, Scope, ScopeRef, resolve_in};
use serde_json::Value;

use super::contents::Plan;
use super::coverage::Goal;
use super::step::{Action, Reason, Step};
use crate::{Found, Observed};

/// The origin of a protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// `protect` in the program.
    Declared(Origin),
    /// The tag [`PROTECT_TAG`] of the resource, which is no longer declared.
    Tagged,
    /// The tag [`PROTECT_TAG`] of the VPC of this environment, which is no longer declared.
    TaggedScope(Scope),
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(place) => write!(f, "protected by {place}"),
            Self::Tagged => write!(f, "protected by its tag `{PROTECT_TAG}`"),
            Self::TaggedScope(scope) => {
                write!(f, "protected by the tag `{PROTECT_TAG}` of the VPC of `{scope}`")
            }
        }
    }
}

/// A step that is refused unless its risk is allowed explicitly, as by `--allow replace`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// The step.
    pub step: &'a Step,
    /// The risk to allow.
    pub risk: Risk,
    /// The protection that refuses it.
    pub by: Protection,
}

/// The protected scopes. The program decides for what it declares, the tag of the VPC for other environments.
pub(super) fn scopes(ir: &Ir, observed: &Observed) -> BTreeSet<Scope> {
    // A program from a saved plan may have been edited: what its VPC carries says the same a second time.
    let is_protected = |name: &str| {
        let vpc = ir.resources.get(&Address::of(&Scope::environment(name), "vpc"));
        vpc.is_some_and(|vpc| vpc.tags.contains_key(PROTECT_TAG))
    };
    let declared = ir
        .environments
        .iter()
        .filter(|(name, env)| env.protect || is_protected(name))
        .map(|(name, _)| Scope::environment(name));
    let accounts = ir.accounts.iter().filter(|(_, account)| account.protect);
    let declared = declared.chain(accounts.map(|(name, _)| Scope::account(name)));
    let vpcs = observed.found.iter().filter(|found| found.resource.kind() == Kind::Vpc);
    let tagged = vpcs.filter(|found| found.tags.contains_key(PROTECT_TAG)).map(|found| found.address.scope());
    let undeclared = tagged.filter(|scope| !ir.declares(*scope));
    declared.chain(undeclared.map(ScopeRef::to_scope)).collect()
}

impl Refusal<'_> {
    fn is_deletion(&self) -> bool {
        deletes(self.step)
    }
}

fn deletes(step: &Step) -> bool {
    matches!(step.action, Action::Delete { .. })
}

/// Whether a step ends something that serves or keeps data.
fn ends(step: &Step) -> bool {
    let schema = step.kind.schema();
    match &step.action {
        Action::Delete { .. } => schema.is_held(),
        Action::Update { live, wanted, .. } => {
            let is_end =
                |reason: &Reason| reason.after.is_null() && schema.serving.contains(&reason.field.as_str());
            step.reasons.iter().any(is_end) || is_emptied(&live.resource, wanted)
        }
        // The risk of a replacement is high enough as it is.
        Action::Create { .. } | Action::Replace { .. } => false,
    }
}

/// Whether a group with instances is left without any.
fn is_emptied(live: &Resource, wanted: &Resource) -> bool {
    let (Resource::AutoScalingGroup(live), Resource::AutoScalingGroup(wanted)) = (live, wanted) else {
        return false;
    };
    live.desired != Some(0) && (wanted.desired == Some(0) || wanted.max == Some(0))
}

/// The risks to allow so that none of `refusals` remains. For deletions only the greatest risk, because it implies the
/// lesser ones.
pub fn to_allow(refusals: &[Refusal<'_>]) -> BTreeSet<Risk> {
    let (deletions, others): (Vec<_>, Vec<_>) = refusals.iter().partition(|refusal| refusal.is_deletion());
    let others = others.into_iter().map(|refusal| refusal.risk);
    others.chain(deletions.into_iter().map(|refusal| refusal.risk).max()).collect()
}

impl Plan {
    /// The steps with a risk of [`Risk::Replace`] or more to a protected resource that is not `allowed`. A deletion is
    /// also allowed by a greater risk than its own.
    ///
    /// The end of something that serves or keeps data counts as at least [`Risk::Replace`], whether its declaration is
    /// gone or only its instances are. So does every deletion of a resource with a protection of its own, and in a
    /// protected environment every deletion for [`Goal::Destroy`].
    pub fn refused(&self, allowed: &BTreeSet<Risk>) -> Vec<Refusal<'_>> {
        let is_allowed = |refusal: &Refusal<'_>| {
            allowed.contains(&refusal.risk)
                || refusal.is_deletion() && allowed.iter().any(|risk| *risk > refusal.risk)
        };
        let handed_over = self.handed_over();
        let refusals = self.steps.iter().filter_map(|step| self.refusal(step, &handed_over));
        refusals.filter(|refusal| !is_allowed(refusal)).collect()
    }

    /// What AWS hands over to new resources in the call that deletes the old ones: the values of which there is only
    /// one, as JSON.
    fn handed_over(&self) -> BTreeSet<(Kind, String)> {
        let created = self.steps.iter().filter(|step| !deletes(step) && step.kind.schema().handed_over);
        created.filter_map(|step| Some((step.kind, self.exclusive(step.wanted()?)))).collect()
    }

    /// The values of a resource of which there is only one, with AWS ids as far as known.
    fn exclusive(&self, resource: &Resource) -> String {
        let fields = resource.kind().schema().exclusive.iter().map(|field| resource.field(field));
        let resolved = fields.map(|value| {
            resolve_in(value, &mut |reference| match reference {
                Ref::To(address) => {
                    self.known.get(address).map_or_else(|| reference.clone(), |id| Ref::Id(id.clone()))
                }
                Ref::Id(_) | Ref::Find(_) => reference.clone(),
            })
        });
        resolved.collect::<Value>().to_string()
    }

    fn refusal<'a>(&'a self, step: &'a Step, handed_over: &BTreeSet<(Kind, String)>) -> Option<Refusal<'a>> {
        let at_least = |is_end: bool| if is_end { step.risk.max(Risk::Replace) } else { step.risk };
        let stays = |live: &Found| handed_over.contains(&(step.kind, self.exclusive(&live.resource)));
        let is_handed_over = step.kind.schema().handed_over && step.live().is_some_and(stays);
        let deletes = deletes(step) && !is_handed_over;
        let ends = ends(step) && !is_handed_over;
        let own = self.own_protection(step).map(|by| (at_least(deletes || ends), by));
        let of_environment = || {
            let by = step.scopes().into_iter().find_map(|scope| self.protection_of(scope))?;
            Some((at_least(ends || deletes && self.scope.goal == Goal::Destroy), by))
        };
        let (risk, by) = own.or_else(of_environment)?;
        (risk >= Risk::Replace).then_some(Refusal { step, risk, by })
    }

    /// The protection of a step's resource itself. The program decides for declared resources, the tag for others.
    fn own_protection(&self, step: &Step) -> Option<Protection> {
        let is_tagged = |live: &&Found| live.tags.contains_key(PROTECT_TAG) && !live.address.is_unmanaged();
        match self.ir.resources.get(&step.address) {
            Some(node) => node.protect.clone().map(Protection::Declared),
            None => step.live().filter(is_tagged).map(|_| Protection::Tagged),
        }
    }

    fn protection_of(&self, scope: ScopeRef<'_>) -> Option<Protection> {
        if !self.protected.contains(scope.as_str()) {
            return None;
        }
        if let Some(account) = scope.account().and_then(|name| self.ir.accounts.get(name)) {
            return Some(Protection::Declared(account.origin.clone()));
        }
        let Some(declared) = scope.environment().and_then(|env| self.ir.environments.get(env)) else {
            return Some(Protection::TaggedScope(scope.to_scope()));
        };
        let vpc = self.ir.resources.get(&Address::of(&scope.to_scope(), "vpc"));
        let place = vpc.and_then(|vpc| vpc.protect.as_ref()).unwrap_or(&declared.origin);
        Some(Protection::Declared(place.clone()))
    }
}
