//! From a program to a plan.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::anyhow;
use asiaq_aws::Aws;
use asiaq_compiler::reach::{Difference, Reach, difference};
use asiaq_lang::Diagnostic;
use asiaq_runtime::{
    Goal, Identity, Observed, Plan, Scope, UntaggedConflicts, check_tag_integrity, current_ir, observe_for,
    plan, planned_ir,
};

use super::part::{self, Part};
use super::scope::Choice;
use super::{Connection, Interrupts, LeaseCheck, Log, account, clock, lease};
use crate::exit::{Halt, Result};
use crate::project;
use crate::ui::lease::Others;
use crate::ui::{self, Format, diagnostics, json};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The project.
    pub(crate) path: Option<&'a Path>,
    /// Environments by name; all of the account's where empty.
    pub(crate) envs: &'a [String],
    /// Regions to look in beside those the project speaks of.
    pub(crate) also_regions: &'a [String],
    /// Only these machines of the one environment that is named.
    pub(crate) part: Option<Part<'a>>,
    /// The command's name.
    pub(crate) verb: &'a str,
    pub(crate) goal: Goal,
    pub(crate) intent: Intent,
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
    /// Who listens.
    pub(crate) log: &'a Log,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// To be shown.
    Show,
    /// To be applied: whoever comes in between has to be noticed.
    Apply,
}

/// A plan, and the account it is for.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    /// What the plan does to who reaches whom.
    pub(crate) reachability: Difference,
    pub(crate) account: String,
    /// ARN of the caller.
    pub(crate) caller: String,
    /// The leases, as they were before anything else was looked at.
    pub(crate) lease_check: LeaseCheck,
    /// Environments with something in the account of which nobody knows what was written last.
    pub(crate) unrecorded: BTreeSet<String>,
    /// Regions that were looked at.
    pub(crate) regions: BTreeSet<String>,
    pub(crate) aws: Aws,
    /// The command that goes on from wherever an apply of this ends.
    pub(crate) again: String,
}

/// Checks the program, looks at the account and decides what to do.
pub(crate) async fn prepare(request: Request<'_>, interrupts: &Interrupts) -> Result<Prepared> {
    interrupts.guard(Box::pin(unguarded(request))).await
}

async fn unguarded(request: Request<'_>) -> Result<Prepared> {
    let checked = project::sound(request.path, request.format)?;
    if checked.project().is_empty() {
        return Err(anyhow!("no project is declared: add `project NAME {{ region = us-west-2 }}`").into());
    }
    let (aws, Identity { account, arn: caller }) =
        account::connect(request.connection, checked.regions(None).into_iter().next(), request.log).await?;
    let environments = checked.environments();
    let choice = Choice::new(&environments, &account, request.envs)?;
    if let Some(left_alone) = choice.left_alone() {
        ui::say(&left_alone);
    }
    let mut regions = checked.regions(Some(&account));
    regions.extend(request.also_regions.iter().cloned());
    // Also where nothing is made: what is declared says what is protected.
    let needs = checked.needs();
    let look = Box::pin(LeaseCheck::at(&aws, checked.project(), &regions));
    let observe = Box::pin(observe_for(&aws, checked.project(), &regions, &needs));
    let (lease_check, observed) = match request.intent {
        Intent::Show => lease::check_alongside(look, observe).await,
        Intent::Apply => (look.await, observe.await),
    };
    let mut observed = observed.map_err(|error| account::unusable("look at the account", &error))?;
    observed.facts.account = Some(account.clone());
    observed.written = lease_check.written();
    let live: BTreeSet<&str> = observed.found.iter().map(|found| found.address.env()).collect();
    let mut scope = choice.scope(&live, request.goal)?;
    if let (Some(part), [env]) = (request.part, request.envs) {
        scope.under = Some(part.paths(env, &environments)?);
    }

    check_tag_integrity(checked.project(), &observed, &scope).map_err(anyhow::Error::from)?;
    let lowered = checked.lower_for(&observed.facts, scope.only.as_ref());
    part::follow(&mut scope, &lowered.ir);
    match request.goal {
        // What is in the way of making something is not in the way of taking it down.
        Goal::Destroy => {}
        Goal::Apply => {
            let is_refused = lowered.diagnostics.iter().any(Diagnostic::is_error);
            if is_refused && request.format == Format::Json {
                json::print(&json::report(&checked.sources, &lowered.diagnostics));
            } else {
                diagnostics::warn(&checked.sources, &lowered.diagnostics);
            }
            if is_refused {
                return Err(Halt::Program);
            }
        }
    }
    let now = clock::now();
    let mut plan = plan(&lowered.ir, &observed, &scope, &now);
    if confirm(&aws, &plan, &mut observed).await? {
        plan = asiaq_runtime::plan(&lowered.ir, &observed, &scope, &now);
    }
    match request.goal {
        Goal::Apply => refuse_strays(&aws, &plan).await?,
        // What would be in the way of an apply would be left behind.
        Goal::Destroy => {
            let kept = Scope { goal: Goal::Apply, ..scope.clone() };
            refuse_strays(&aws, &asiaq_runtime::plan(&lowered.ir, &observed, &kept, &now)).await?;
        }
    }
    if let (Some(_), [env], Goal::Apply) = (request.part, request.envs, request.goal) {
        part::require_network(&plan, env)?;
    }
    let reachability = reachability(&plan, &observed);
    let unrecorded = unrecorded(&plan, &observed);
    Ok(Prepared {
        plan,
        reachability,
        account,
        caller,
        lease_check,
        unrecorded,
        regions,
        aws,
        again: again(request),
    })
}

impl Prepared {
    /// Runs that are at work on environments of the plan, or died at it.
    pub(crate) fn others(&self) -> Others {
        self.lease_check.others(|env| self.plan.scope.covers(env))
    }
}

/// Environments in the scope of a plan that are there, without a record of what was written last.
pub(super) fn unrecorded(plan: &Plan, observed: &Observed) -> BTreeSet<String> {
    let live = observed.found.iter().map(|found| found.address.env());
    let live = live.filter(|env| plan.scope.covers(env) && !observed.written.contains_key(*env));
    live.map(str::to_owned).collect()
}

/// Refuses where a plan would make something a second time. See [`UntaggedConflicts`].
pub(super) async fn refuse_strays(aws: &Aws, plan: &Plan) -> anyhow::Result<()> {
    let strays = UntaggedConflicts::of(aws, plan)
        .await
        .map_err(|error| account::unusable("look at the account", &error))?;
    strays.map_or(Ok(()), |strays| Err(strays.into()))
}

/// See [`asiaq_runtime::confirm_tags`].
pub(super) async fn confirm(aws: &Aws, plan: &Plan, observed: &mut Observed) -> anyhow::Result<bool> {
    let confirmed = asiaq_runtime::confirm_tags(aws, plan, observed).await;
    confirmed.map_err(|error| account::unusable("look at the account", &error))
}

/// What a plan, made from what was observed, does to who reaches whom.
pub(super) fn reachability(plan: &Plan, observed: &Observed) -> Difference {
    let (before, after) = (current_ir(observed), planned_ir(plan, observed));
    difference(&Reach::of(&before), &Reach::of(&after))
}

fn again(request: Request<'_>) -> String {
    let path = request.path.map(|path| format!(" {}", path.display())).unwrap_or_default();
    let envs: String = request.envs.iter().flat_map(|env| [" --env ", env]).collect();
    let regions: String =
        request.also_regions.iter().flat_map(|region| [" --also-region ", region]).collect();
    let part = request.part.map_or_else(String::new, |part| format!(" {}", part.pipeline));
    let hostclasses = request.part.map_or(&[][..], |part| part.hostclasses);
    let hostclasses: String = hostclasses.iter().flat_map(|name| [" --hostclass ", name]).collect();
    format!("asiaq {}{part}{path}{envs}{hostclasses}{regions}", request.verb)
}
