//! Makes the plan of a program.

use std::collections::BTreeSet;
use std::path::Path;

use asiaq_compiler::Checked;
use asiaq_ir::Scope;
use asiaq_lang::Diagnostic;
use asiaq_runtime::{
    Coverage, Goal, RenamedEnvironments, Sandbox, keep_unseen, missing_facts, needed_listing, plan,
    write_origin,
};

use super::accounts::Asked;
use super::connect::connect_to;
use super::copied::Copied;
use super::deploy::{Imagined, leave_to_deploys};
use super::limits::warn_of_growth;
use super::live::{Intent, Live, Prepared};
use super::part::{self, Part};
use super::sandboxes::{self, Program};
use super::scope::Choice;
use super::{Connection, Interrupts, Log, Selection, account, clock, fetched, origin, prune, renamed};
use crate::exit::{Halt, Result};
use crate::project;
use crate::siblings;
use crate::ui::{Format, diagnostics, json};

/// The warning of the compiler about quotas.
const OVER_QUOTA: &str = "over-quota";

/// The plan to make.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
pub(crate) struct Request<'a> {
    /// The project.
    pub(crate) path: Option<&'a Path>,
    /// Names of environments; with `accounts` empty too, all of them.
    pub(crate) envs: &'a [String],
    /// Names of accounts whose own resources are meant.
    pub(crate) accounts: &'a [String],
    /// Regions to read in addition to those of the project.
    pub(crate) also_regions: &'a [String],
    /// Whether the command has read the program before, and counted its warnings.
    pub(crate) is_read: bool,
    /// Whether environments that were applied from another place are taken over.
    pub(crate) take_over: bool,
    /// Only this part of the one environment in `envs`.
    pub(crate) part: Option<Part<'a>>,
    /// Whether only the launch templates of that part are meant.
    pub(crate) templates_only: bool,
    /// The deploy that makes the plan.
    pub(crate) deploy: Option<&'a Imagined<'a>>,
    /// Only a database, which is made from a snapshot.
    pub(crate) copy: Option<Copied<'a>>,
    /// The environment that the command makes or deletes and that no file declares: the one in `envs`.
    pub(crate) sandbox: Option<&'a Sandbox>,
    /// The command's name.
    pub(crate) verb: &'a str,
    pub(crate) goal: Goal,
    /// Whether a destroy deletes the notification topics too.
    pub(crate) with_topics: bool,
    pub(crate) intent: Intent,
    /// Whether data may be lost: a bucket is emptied before it is deleted, and resources that may be copies somebody else
    /// made are deleted like those that asiaq created twice.
    pub(crate) data_loss: bool,
    /// Whether changes do not wait for maintenance windows.
    pub(crate) now: bool,
    /// Whether what no project of asiaq owns is removed from accounts with `prune`.
    pub(crate) prune: bool,
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
    /// The recorder of events.
    pub(crate) log: &'a Log,
}

impl<'a> Request<'a> {
    /// To apply or destroy the environments of `selection`.
    pub(crate) fn of(
        selection: &'a Selection,
        path: Option<&'a Path>,
        goal: Goal,
        connection: &'a Connection,
        format: Format,
        log: &'a Log,
    ) -> Self {
        let &Selection { ref envs, ref accounts, also_region: ref also_regions, take_over } = selection;
        let verb = match goal {
            Goal::Apply => "apply",
            Goal::Destroy => "destroy",
        };
        Self {
            path,
            envs,
            accounts,
            also_regions,
            is_read: false,
            take_over,
            part: None,
            templates_only: false,
            copy: None,
            sandbox: None,
            deploy: None,
            verb,
            goal,
            intent: Intent::Apply,
            data_loss: false,
            now: false,
            prune: false,
            with_topics: false,
            connection,
            format,
            log,
        }
    }
}

/// Checks the program, reads the account and makes the plan.
pub(crate) async fn prepare(request: Request<'_>, interrupts: &Interrupts) -> Result<Prepared> {
    interrupts.guard(Box::pin(unguarded(request, interrupts))).await
}

async fn unguarded(request: Request<'_>, interrupts: &Interrupts) -> Result<Prepared> {
    let Request {
        path, envs, accounts, also_regions, part, goal, intent, connection, format, log, copy, ..
    } = request;
    let checked = if copy.is_some() || request.is_read {
        project::again(path, format)?
    } else {
        project::named(path, format)?
    };
    siblings::refuse_missing(path, &checked, envs)?;
    let Program { checked, sandboxes, regions } =
        Box::pin(sandboxes::planned(checked, &request, interrupts)).await?;
    let also_regions = &also_regions.iter().cloned().chain(regions).collect::<Vec<_>>();
    let asked = Asked { envs, accounts, also_regions };
    let connected = connect_to(&checked, asked, connection, log, interrupts).await?;
    // A destroy needs the facts too: the declarations say what is protected.
    let needs = checked.needs();
    let mut live = Live::observe(connected, checked.declared(), &needs, intent).await?;
    if goal == Goal::Apply {
        live.observed.facts.documents = fetched::documents(&needs, asked).await;
    }
    request.deploy.iter().for_each(|deploy| deploy.put(&mut live.observed.facts));
    let mut scope = covered(&request, &checked, &live, asked)?;
    if goal == Goal::Destroy {
        sandboxes::refuse_changed(request.sandbox, &live.observed)?;
    }
    let is_whole = part.is_none() && request.copy.is_none();
    let now = clock::now();
    let renamed = match (goal, is_whole) {
        (Goal::Apply, true) => {
            let new = sandboxes.iter().map(|sandbox| sandbox.name.clone());
            let kept = new.chain(sandboxes::all(&live.observed)).collect();
            renamed::environments(&checked, &live.aws, &live.reached, (&live.observed, &kept))
        }
        (Goal::Apply | Goal::Destroy, _) => RenamedEnvironments::default(),
    };
    let (mut lowered, note) = renamed::lower(&checked, &live.observed, &mut scope, renamed, &now);

    let origin = origin::checked(checked.project(), &live.observed, &scope, (path, request.take_over))?;
    write_origin(&mut lowered.ir, origin.as_deref(), request.take_over);
    sandboxes::mark(&sandboxes, &mut lowered.ir, &live.observed);
    if let Some(copy) = request.copy {
        scope.under = Some(copy.put(&mut lowered.ir, &live.observed)?);
    }
    part::follow(&mut scope, &lowered.ir);
    scope.without = live.reached.away(&lowered.ir);
    leave_to_deploys(&mut scope, (&lowered.ir, &live.observed), request.deploy)?;
    if goal == Goal::Apply {
        let unseen = live.reached.unseen(&lowered.ir);
        let uncertain = keep_unseen(&mut lowered.ir, &live.observed, &unseen, &scope.without);
        live.reached.leave_uncertain(uncertain, &mut scope);
    }
    let is_refused = goal == Goal::Apply && lowered.diagnostics.iter().any(Diagnostic::is_error);
    let unread = needed_listing(&live.observed, &lowered.ir, &scope);
    let lookups = is_refused.then(|| missing_facts(&live.observed, checked.declared())).flatten();
    if let Some(unread) = unread.or(lookups) {
        return Err(account::unusable("read the account", &unread.error).into());
    }
    match goal {
        // An error that prevents a creation does not prevent a deletion.
        Goal::Destroy => {}
        Goal::Apply => {
            if is_refused && format == Format::Json {
                json::print(&json::report(&checked.sources, &lowered.diagnostics));
            } else {
                diagnostics::warn(&checked.sources, &lowered.diagnostics);
            }
            if is_refused {
                return Err(Halt::Program);
            }
        }
    }
    let mut plan = live.plan(|observed| plan(&lowered.ir, observed, &scope, &now)).await?;
    plan.notes.extend(note);
    if goal == Goal::Apply && is_whole {
        prune::add(&mut plan, &live, request.prune).await?;
    }
    // Whoever allows the warning of the program has had the quotas raised.
    if goal == Goal::Apply && !checked.allows(OVER_QUOTA) {
        Box::pin(warn_of_growth(&mut plan, &live)).await;
    }
    match goal {
        Goal::Apply => live.refuse_duplicates(&plan).await?,
        // A resource without tags would be left behind.
        Goal::Destroy => {
            let kept = Coverage { goal: Goal::Apply, ..scope.clone() };
            let kept = asiaq_runtime::plan(&lowered.ir, &live.observed, &kept, &now);
            live.refuse_duplicates(&kept).await?;
            live.refuse_duplicates(&plan).await?;
        }
    }
    live.forecast(&mut plan).await?;
    if let (Some(_), [env], Goal::Apply) = (part, envs, goal) {
        part::require_network(&plan, env)?;
    }
    Ok(live.prepared(plan, recheck(request)))
}

/// What the plan is about.
fn covered(
    request: &Request<'_>,
    checked: &Checked,
    live: &Live,
    asked: Asked<'_>,
) -> anyhow::Result<Coverage> {
    let &Request { envs, accounts, goal, part, .. } = request;
    let choice = Choice::new(&live.reached, asked.scopes())?;
    let existing: BTreeSet<Scope> =
        live.observed.found.iter().map(|found| found.address.scope().to_scope()).collect();
    let apart = sandboxes::apart(&live.observed, checked, envs);
    sandboxes::say_apart(&apart, envs, accounts);
    let mut scope = Coverage {
        delete_doubles: request.data_loss,
        with_data: request.data_loss,
        with_retained: request.with_topics,
        now: request.now,
        ..choice.scope(&existing, &apart, goal)?
    };
    scope.follow(&checked.moved_environments());
    if let (Some(part), [env]) = (part, envs) {
        let paths = part.paths(env, &checked.environments())?.into_iter();
        let own =
            |path: String| if request.templates_only { format!("{path}/launch-template") } else { path };
        scope.under = Some(paths.map(own).collect());
    }
    Ok(scope)
}

/// The command that plans this request again.
pub(super) fn recheck(request: Request<'_>) -> String {
    if let Some(copy) = request.copy {
        return copy.again.to_owned();
    }
    let path = request.path.map(|path| format!(" {}", path.display())).unwrap_or_default();
    if let Some(sandbox) = request.sandbox {
        return sandboxes::again(sandbox, &path, request.goal);
    }
    let envs: String = request.envs.iter().flat_map(|env| [" --env ", env]).collect();
    let accounts: String = request.accounts.iter().flat_map(|name| [" --account ", name]).collect();
    let regions: String =
        request.also_regions.iter().flat_map(|region| [" --also-region ", region]).collect();
    let part = request.part.map_or_else(String::new, |part| format!(" {}", part.pipeline));
    let hostclasses = request.part.map_or(&[][..], |part| part.hostclasses);
    let hostclasses: String = hostclasses.iter().flat_map(|name| [" --hostclass ", name]).collect();
    let topics = if request.with_topics { " --topics" } else { "" };
    format!("asiaq {}{part}{path}{envs}{accounts}{hostclasses}{regions}{topics}", request.verb)
}
