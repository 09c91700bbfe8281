//! What is in the account: the same steps for a plan from a program and for a saved one.

use std::collections::BTreeSet;

use asiaq_aws::Aws;
use asiaq_compiler::reach::{Difference, Reach, difference};
use asiaq_ir::{Needs, Scope, ScopeRef};
use asiaq_runtime::{
    Conflicts, Identity, Observed, Plan, as_moved, confirm_tags, current_ir, observe_for, planned_ir,
};

use super::{LeaseCheck, account, lease};
use crate::ui::lease::Others;

/// The purpose of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// To be shown.
    Show,
    /// To be applied: a run that starts in between must be noticed.
    Apply,
}

/// A plan, and the account it is for.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    /// The connections that the plan allows or no longer allows.
    pub(crate) reachability: Difference,
    pub(crate) account: String,
    /// ARN of the caller.
    pub(crate) caller: String,
    /// The leases, read before the resources.
    pub(crate) lease_check: LeaseCheck,
    /// Existing environments without a record of the last apply.
    pub(crate) unrecorded: BTreeSet<Scope>,
    /// Regions that were read.
    pub(crate) regions: BTreeSet<String>,
    pub(crate) aws: Aws,
    /// The command that continues after an apply of this plan, however that ended.
    pub(crate) recheck: String,
}

/// The leases and the resources of a project, as AWS has them now.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) aws: Aws,
    pub(super) identity: Identity,
    /// Regions that were read.
    pub(super) regions: BTreeSet<String>,
    pub(super) lease_check: LeaseCheck,
    pub(super) observed: Observed,
}

impl Live {
    /// Reads the leases and the resources of `project`, and the account facts in `needs`.
    pub(super) async fn observe(
        (aws, identity): (Aws, Identity),
        project: &str,
        regions: BTreeSet<String>,
        needs: &Needs,
        intent: Intent,
    ) -> anyhow::Result<Self> {
        let look = Box::pin(LeaseCheck::at(&aws, project, &regions));
        let observe = Box::pin(observe_for(&aws, project, &regions, needs));
        let (lease_check, observed) = match intent {
            Intent::Show => lease::check_alongside(look, observe).await,
            Intent::Apply => (look.await, observe.await),
        };
        let mut observed = observed.map_err(|error| account::unusable("read the account", &error))?;
        observed.written = lease_check.written();
        Ok(Self { aws, identity, regions, lease_check, observed })
    }

    /// The plan that `decide` makes; it is made a second time if AWS's tag index was out of date.
    pub(super) async fn plan(&mut self, decide: impl Fn(&Observed) -> Plan) -> anyhow::Result<Plan> {
        let plan = decide(&self.observed);
        let confirmed = confirm_tags(&self.aws, &plan, &mut self.observed).await;
        let is_outdated = confirmed.map_err(|error| account::unusable("read the account", &error))?;
        Ok(if is_outdated { decide(&self.observed) } else { plan })
    }

    /// Refuses a plan that would create a duplicate, or that AWS would refuse. See [`Conflicts`].
    pub(super) async fn refuse_duplicates(&self, plan: &Plan) -> anyhow::Result<()> {
        let conflicts = Conflicts::of(&self.aws, plan)
            .await
            .map_err(|error| account::unusable("read the account", &error))?;
        conflicts.map_or(Ok(()), |conflicts| Err(conflicts.into()))
    }

    /// The plan with what it changes; `recheck` is the command that continues after an apply of it.
    pub(super) fn prepared(self, plan: Plan, recheck: String) -> Prepared {
        let Self { aws, identity: Identity { account, arn: caller }, regions, lease_check, observed } = self;
        let reachability = reachability(&plan, &observed);
        let unrecorded = unrecorded(&plan, &observed);
        Prepared { plan, reachability, account, caller, lease_check, unrecorded, regions, aws, recheck }
    }
}

impl Prepared {
    /// Other runs on environments of the plan, active or dead.
    pub(crate) fn others(&self) -> Others {
        self.lease_check.others(|scope| self.plan.scope.covers(scope))
    }
}

/// Scopes of a plan that exist, but have no record of the last apply.
fn unrecorded(plan: &Plan, observed: &Observed) -> BTreeSet<Scope> {
    let live = observed.found.iter().map(|found| found.address.scope());
    let live =
        live.filter(|scope| plan.scope.covers(*scope) && !observed.written.contains_key(scope.as_str()));
    live.map(ScopeRef::to_scope).collect()
}

/// How a plan changes which connections the network allows.
fn reachability(plan: &Plan, observed: &Observed) -> Difference {
    let observed = as_moved(&plan.ir, observed);
    let (before, after) = (current_ir(&observed), planned_ir(plan, &observed));
    difference(&Reach::of(&before), &Reach::of(&after))
}
