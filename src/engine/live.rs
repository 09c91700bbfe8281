//! What is in the account: the same steps for a plan from a program and for a saved one.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_aws::Aws;
use asiaq_compiler::reach::{Difference, Reach, difference};
use asiaq_ir::{Ir, Needs, Scope, ScopeRef};
use asiaq_runtime::{
    Accounts, Adopted, Conflicts, Coverage, Identity, Observed, Plan, Stray, as_moved, confirm_tags,
    current_ir, forecasts, may_own, needed_listing, observe_for, planned_ir,
};

use super::accounts::Connected;
use super::reached::Reached;
use super::{LeaseCheck, account, lease};
use crate::exit::Exit;
use crate::ui;
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
    pub(crate) aws: Accounts<Aws>,
    /// What is adopted, if the plan is to adopt it.
    pub(crate) adopted: Option<Adopted>,
    /// Whether an account could not be used, so that something is left out.
    pub(crate) is_partial: bool,
    /// The command that continues after an apply of this plan, however that ended.
    pub(crate) recheck: String,
}

/// The leases and the resources of a project, as AWS has them now.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) aws: Accounts<Aws>,
    pub(super) identity: Identity,
    pub(super) reached: Reached,
    /// Regions that were read.
    pub(super) regions: BTreeSet<String>,
    pub(super) lease_check: LeaseCheck,
    pub(super) observed: Observed,
}

impl Live {
    /// Reads the leases and the resources of `project`, and the account facts in `needs`.
    pub(super) async fn observe(
        Connected { aws, identity, mut reached }: Connected,
        declared: &Ir,
        needs: &Needs,
        intent: Intent,
    ) -> anyhow::Result<Self> {
        let regions = aws.regions();
        let project = declared.project.as_str();
        let look = || Box::pin(LeaseCheck::at(&aws, project, &regions));
        let mut needs = needs.clone();
        needs.unasked = needs.unused.iter().copied().filter(|kind| kind.has_own_service()).collect();
        // Resources that an account has no longer declared are known by its lease.
        let first = match intent {
            Intent::Apply => Some(look().await),
            Intent::Show if !declared.accounts.is_empty() => Some(lease::check_soon(look()).await),
            Intent::Show => None,
        };
        let (lease_check, observed) = if let Some(lease_check) = first {
            needs.accounts.extend(lease_check.accounts(declared));
            (lease_check, observe_for(&aws, project, &regions, &needs).await)
        } else {
            let read = Box::pin(observe_for(&aws, project, &regions, &needs));
            let (lease_check, observed) = lease::check_alongside(look(), read).await;
            let left = lease_check.accounts(declared);
            if left.is_empty() {
                (lease_check, observed)
            } else {
                needs.accounts.extend(left);
                (lease_check, Box::pin(observe_for(&aws, project, &regions, &needs)).await)
            }
        };
        let mut observed = observed.map_err(|error| account::unusable("read the account", &error))?;
        observed.written = lease_check.written();
        // What the program does not use may be in AWS all the same.
        let is_needed = needed_listing(&observed, &Ir::default(), &Coverage::default()).is_some();
        if is_needed || !needs.unasked.is_empty() && may_own(&observed, &needs.unasked) {
            let unused = if is_needed { BTreeSet::new() } else { needs.unused.clone() };
            let patient = Needs { unused, unasked: BTreeSet::new(), ..needs };
            let again = Box::pin(observe_for(&aws, project, &regions, &patient)).await;
            let again = again.map_err(|error| account::unusable("read the account", &error))?;
            observed = Observed { written: observed.written, ..again };
        }
        reached.leave_out(&aws);
        observed.facts.account = Some(identity.account.clone());
        observed.facts.homes = aws.homes();
        say_strays(&aws);
        Ok(Self { aws, identity, reached, regions, lease_check, observed })
    }

    /// The plan that `decide` makes; it is made a second time if AWS's tag index was out of date.
    pub(super) async fn plan(&mut self, decide: impl Fn(&Observed) -> Plan) -> anyhow::Result<Plan> {
        let plan = decide(&self.observed);
        let confirmed = confirm_tags(&self.aws, &plan, &mut self.observed).await;
        let is_outdated = confirmed.map_err(|error| account::unusable("read the account", &error))?;
        Ok(if is_outdated { decide(&self.observed) } else { plan })
    }

    /// Adds what AWS says of how it would make the changes.
    pub(super) async fn forecast(&self, plan: &mut Plan) -> anyhow::Result<()> {
        let notes = forecasts(&self.aws, plan).await;
        plan.notes.extend(notes.map_err(|error| account::unusable("read the account", &error))?);
        Ok(())
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
        let Self { aws, identity, reached, regions, lease_check, observed } = self;
        let Identity { account, arn: caller } = identity;
        let reachability = reachability(&plan, &observed);
        let unrecorded = unrecorded(&plan, &observed);
        let is_partial = reached.is_partial();
        Prepared {
            plan,
            reachability,
            account,
            caller,
            lease_check,
            unrecorded,
            regions,
            aws,
            adopted: None,
            is_partial,
            recheck,
        }
    }
}

impl Prepared {
    /// The accounts that the plan changes, as a message names them.
    pub(crate) fn accounts(&self) -> String {
        let ir = &self.plan.ir;
        let ids = self.plan.steps.iter().flat_map(|step| {
            let declared = ir.elsewhere.get(&step.address).and_then(|name| ir.accounts.get(name));
            let found = || self.aws.home_of(&step.address).map(|home| home.account.as_str());
            match declared.map(|account| account.id.as_str()).or_else(found) {
                Some(account) if step.scopes().len() == 1 => vec![account],
                Some(_) | None => {
                    step.scopes().into_iter().map(|scope| self.aws.of(scope).account.as_str()).collect()
                }
            }
        });
        let ids: BTreeSet<&str> = ids.collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        match ids.split_last() {
            Some((last, first @ [_, ..])) => format!("accounts {} and {last}", first.join(", ")),
            Some((only, [])) => format!("account {only}"),
            None => format!("account {}", self.account),
        }
    }

    /// The environments and accounts of the plan that are not in [`Prepared::account`], with the ids of theirs.
    pub(crate) fn homes(&self) -> BTreeMap<Scope, String> {
        let mut homes = self.aws.homes();
        homes.retain(|scope, _| self.plan.scope.covers(scope.borrowed()));
        homes
    }

    /// The exit code of a command that only shows the plan.
    pub(crate) fn shown(&self) -> Exit {
        match (self.is_partial, self.plan.is_empty()) {
            (true, _) => Exit::Partial,
            (false, true) => Exit::Done,
            (false, false) => Exit::Changes,
        }
    }

    /// Prints the plan as JSON.
    pub(crate) fn print_json(&self) {
        let leases = self.others().views();
        ui::plan::print_json(&self.plan, &self.account, self.homes(), &self.reachability, leases);
    }

    /// Other runs on environments of the plan, active or dead.
    pub(crate) fn others(&self) -> Others {
        self.lease_check.others(|scope| self.plan.scope.covers(scope))
    }
}

/// Says which environments have resources in an account that they are not declared to be in.
fn say_strays(aws: &Accounts<Aws>) {
    for (Stray { what, account, home }, count) in aws.strays() {
        let resources = ui::count(count, "resource");
        ui::say(&format!(
            "left alone: {resources} of `{what}` in account {account}, because the program declares `{what}` in account \
             {home}\n"
        ));
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
