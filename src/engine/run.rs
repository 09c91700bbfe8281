//! Applies a plan: refusals, confirmation, leases, the apply, and its result.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use anyhow::anyhow;
use asiaq_ir::{Address, Kind, Risk, ScopeRef};
use asiaq_runtime::{CancellationToken, LastApplied, Outcome, Plan, apply, to_allow};

use super::lease::Lock;
use super::{Allow, Execution, Interrupts, LeaseContext, LeaseWait, Log, Prepared, Source, account, consent};
use crate::exit::{Exit, Result};
use crate::ui::progress::Progress;
use crate::ui::{self, Format, json, outcome};

/// How the user confirms.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Consent {
    /// By answering yes.
    Yes,
    /// By typing the names of the environments.
    Names,
    /// By answering yes to an adoption.
    Adopt,
    /// By answering yes to the end of one.
    Release,
    /// By an answer to a question about several runs, whose results are printed together.
    Given,
}

/// Shows a plan, asks for confirmation, takes the leases, applies the plan, and prints the result.
pub(crate) async fn run(
    source: Source<'_>,
    execution: &Execution,
    consent: Consent,
    log: &Log,
    interrupts: &Interrupts,
) -> Result<Exit> {
    let (prepared, lock) = match Box::pin(agree(source, execution, consent, interrupts)).await? {
        Agreed::Begin(prepared, lock) => (prepared, lock),
        Agreed::End(exit) => return Ok(exit),
    };
    let Prepared { plan, account, aws, recheck, .. } = &*prepared;

    let started = Instant::now();
    let stop = CancellationToken::new();
    let progress = Arc::new(Progress::new(plan));
    log.begin(plan, account, Arc::clone(&progress));
    let limits = execution.limits();
    let on_event = |event| log.take(&event);
    let outcome = tokio::select! {
        outcome = apply(aws, plan, &limits, &stop, &on_event) => outcome,
        never = interrupts.pass_on(&stop) => match never {},
        never = lock.keep(aws, &stop) => match never {},
    };
    progress.finish();
    let before = prepared.lease_check.written();
    // Tags alone say nothing of what the program has been applied to.
    let only_tags = matches!(consent, Consent::Adopt | Consent::Release);
    let kept = before.iter().map(|(scope, written)| (scope.clone(), written.to_string()));
    let left = plan.scopes().into_values().flatten().map(|scope| {
        let written = LastApplied::after(before.get(&scope), plan, &outcome, scope.borrowed()).to_string();
        (scope, written)
    });
    lock.release(aws, &if only_tags { kept.collect() } else { left.collect() }).await;
    let took = started.elapsed();
    match execution.format {
        Format::Json if matches!(consent, Consent::Given) => {}
        Format::Json => outcome::print_json(plan, account, prepared.homes(), &outcome, took),
        Format::Text => outcome::print(plan, &outcome, took, recheck),
    }
    Ok(if lock.is_lost() {
        Exit::Partial
    } else if outcome.stopped {
        Exit::Interrupted
    } else if outcome.is_complete() {
        if prepared.is_partial { Exit::Partial } else { Exit::Done }
    } else {
        Exit::Partial
    })
}

/// The outcome of the confirmation.
enum Agreed {
    /// The plan to apply, with its leases.
    Begin(Box<Prepared>, Box<Lock>),
    /// There is nothing to apply.
    End(Exit),
}

/// Shows a plan, asks for confirmation, and takes the leases of the environments that it changes. If another run
/// changed them in the meantime, the plan is made again, and confirmed again only if it differs.
async fn agree(
    source: Source<'_>,
    execution: &Execution,
    consent: Consent,
    interrupts: &Interrupts,
) -> Result<Agreed> {
    let lease_wait = LeaseWait::new(&execution.locking, execution.yes);
    let mut agreed: Option<Plan> = None;
    loop {
        let prepared = Box::new(source.plan(interrupts).await?);
        let Prepared { plan, account, caller, aws, lease_check, .. } = &*prepared;
        account::verify(plan, aws)?;
        let scopes = plan.scopes();
        let project = &plan.project;
        let context = LeaseContext { aws, caller, project, scopes: &scopes, lease_check };
        let is_idle = plan.is_empty() || execution.dry_run;
        if !is_idle && lease_wait.wait(&context, interrupts).await? {
            continue;
        }
        let is_new = agreed.as_ref().is_none_or(|agreed| !agreed.is_like(plan));
        if is_new {
            if agreed.is_some() {
                ui::say(
                    "another run changed the environment while you were confirming; here is the new plan:\n",
                );
            }
            show(&prepared, execution);
        }
        if !execution.dry_run {
            refuse(plan, &execution.allow)?;
        }
        if is_new {
            if is_idle {
                let is_told = execution.format == Format::Json && !matches!(consent, Consent::Given);
                if is_told && !execution.dry_run {
                    let none = Outcome::default();
                    outcome::print_json(plan, account, prepared.homes(), &none, std::time::Duration::ZERO);
                }
                return Ok(Agreed::End(prepared.shown()));
            }
            if !execution.yes {
                obtain(plan, &prepared.accounts(), consent, interrupts).await?;
            }
        }
        match lease_wait.take(&context, interrupts).await? {
            Some(lock) => return Ok(Agreed::Begin(prepared, lock)),
            None => agreed = Some(plan.clone()),
        }
    }
}

fn show(prepared: &Prepared, execution: &Execution) {
    if let Some(adopted) = &prepared.adopted {
        let text = || ui::adoption::text(adopted, &prepared.accounts(), execution.shown.depth());
        match (execution.format, execution.dry_run) {
            (Format::Text, _) => ui::out(&text()),
            (Format::Json, true) => json::print(&ui::adoption::data(adopted, &prepared.account)),
            (Format::Json, false) if !execution.yes => ui::say(&text()),
            (Format::Json, false) => {}
        }
        return;
    }
    match (execution.format, execution.dry_run) {
        (Format::Text, _) => {
            ui::out(&ui::plan::text(&prepared.plan, &prepared.reachability, execution.shown.depth()));
        }
        (Format::Json, true) => prepared.print_json(),
        // Stdout has only the result; the plan to confirm goes to stderr.
        (Format::Json, false) if !execution.yes => {
            ui::say(&ui::plan::text(&prepared.plan, &prepared.reachability, execution.shown.depth()));
        }
        (Format::Json, false) => {}
    }
    // A command that does not wait for other runs shows them.
    if execution.dry_run || prepared.plan.is_empty() || execution.locking.no_lock {
        ui::say(&prepared.others().note());
    }
    if execution.dry_run {
        would_be_refused(&prepared.plan, &execution.allow);
    }
}

/// Why an apply of a plan would be refused, and which options allow it.
pub(crate) fn refusal(plan: &Plan, allowed: &[Allow]) -> Option<String> {
    let refusals = refusals(plan, allowed);
    (!refusals.is_empty()).then(|| refusals.join("\nand because "))
}

/// Says if an apply of a plan would be refused, and which options allow it.
pub(crate) fn would_be_refused(plan: &Plan, allowed: &[Allow]) {
    for refusal in refusals(plan, allowed) {
        ui::say(&format!("an apply would be refused, because {refusal}\n"));
    }
}

fn refuse(plan: &Plan, allowed: &[Allow]) -> anyhow::Result<()> {
    match refusal(plan, allowed) {
        None => Ok(()),
        Some(why) => Err(anyhow!("refused, because {why}")),
    }
}

/// Why an apply of a plan is refused, and what allows it.
fn refusals(plan: &Plan, allow: &[Allow]) -> Vec<String> {
    let allowed = &allow.iter().filter_map(|allow| allow.risk()).collect::<BTreeSet<Risk>>();
    let ends = if allowed.contains(&Risk::DataLoss) { BTreeMap::new() } else { plan.unnamed_ends() };
    let ends = (!ends.is_empty()).then(|| ui::plan::unnamed_ends(plan, &ends));
    let refused = plan.refused(allowed);
    let words: Vec<String> =
        to_allow(&refused).iter().map(|risk| format!("--allow {}", risk.word())).collect();
    let steps = ui::plan::refusals(&refused);
    let protected = (!refused.is_empty())
        .then(|| format!("of protection:\n{steps}to apply anyway, add `{}`", words.join(" ")));
    let upgrades = if allow.contains(&Allow::MajorUpgrade) { Vec::new() } else { major_upgrades(plan) };
    let emptied = if allowed.contains(&Risk::DataLoss) { Vec::new() } else { emptied(plan) };
    ends.into_iter().chain(protected).chain(upgrades).chain(emptied).collect()
}

/// The upgrades of databases and caches to other major versions, which AWS does not take back.
fn major_upgrades(plan: &Plan) -> Vec<String> {
    let upgrades = plan.steps.iter().filter_map(|step| Some((&step.address, step.major_upgrade()?)));
    let upgrade = |(address, version): (&Address, &str)| {
        format!(
            "`{address}` gets another major version, {version}, which cannot be taken back; to apply anyway, add \
             `--allow major-upgrade`"
        )
    };
    upgrades.map(upgrade).collect()
}

/// The databases and tables in whose place empty ones would be.
fn emptied(plan: &Plan) -> Vec<String> {
    let emptied = plan.emptied().into_iter().map(|(old, new)| {
        let (lost, made) = (&old.address, &new.address);
        let how = if lost == made {
            "be made anew without any, since AWS cannot change it".to_owned()
        } else {
            let name = |address: &Address| address.path().rsplit('/').next().unwrap_or_default().to_owned();
            let keep = match old.live() {
                Some(live) if old.kind == Kind::Table => {
                    format!("name = \"{}\"` in `table {}", live.id, name(made))
                }
                _ => format!("moved database {} -> {}", name(lost), name(made)),
            };
            format!("`{made}` be made without any; if they are the same, write `{keep}`")
        };
        format!(
            "`{lost}` would be deleted with its data, and {how}; to apply anyway, add `--allow data-loss`"
        )
    });
    emptied.collect()
}

/// Asks, and comes back only with a yes.
async fn obtain(plan: &Plan, accounts: &str, consent: Consent, interrupts: &Interrupts) -> Result<()> {
    let envs: BTreeSet<ScopeRef<'_>> = plan.steps.iter().flat_map(asiaq_runtime::Step::scopes).collect();
    let listed = ui::listed(&envs.iter().collect::<Vec<_>>());
    match consent {
        Consent::Given => Ok(()),
        Consent::Yes => {
            let question = format!("Apply these changes to {listed} in {accounts}? [y/N] ");
            consent::yes(question, interrupts).await
        }
        Consent::Adopt => {
            let resources = ui::count(plan.steps.len(), "resource");
            let question = format!(
                "Adopt {resources} into {listed} in {accounts}? They get tags, and nothing else. [y/N] "
            );
            consent::yes(question, interrupts).await
        }
        Consent::Release => {
            let resources = ui::count(plan.steps.len(), "resource");
            let question = format!(
                "Release {resources} of {listed} in {accounts}? They lose the tags of the adoption, and nothing else. \
                 [y/N] "
            );
            consent::yes(question, interrupts).await
        }
        Consent::Names => {
            let question = format!(
                "This {} {listed} in {accounts}. Type the name{} to confirm: ",
                if plan.scope.under.is_some() { "takes down instances of" } else { "destroys" },
                if envs.len() == 1 { "" } else { "s" }
            );
            let answer = consent::required(question, interrupts).await?;
            let named: BTreeSet<&str> = answer.split([' ', ',']).filter(|name| !name.is_empty()).collect();
            if named == envs.iter().map(|scope| scope.as_str()).collect() {
                Ok(())
            } else {
                Err(anyhow!("cancelled: the names do not match; nothing was changed").into())
            }
        }
    }
}
