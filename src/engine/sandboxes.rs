//! Sandboxes: environments that no file declares. What is known of one is in its tags in AWS, and it is read as if a file
//! declared it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use anyhow::{anyhow, bail};
use asiaq_compiler::{Checked, did_you_mean};
use asiaq_ir::{Ir, Kind, Needs};
use asiaq_runtime::{Goal, LiveSandbox, Observed, Sandbox, observe_for, sandboxes};
use jiff::Timestamp;

use super::accounts::{Asked, Connected, Ways, reach};
use super::{Connection, EnvironmentsRequest, Interrupts, Log, Request, account, holder};
use crate::exit::Result;
use crate::project;
use crate::sandbox_list::{SandboxEntry, USUAL_TIME, ends_of};
use crate::ui::{self, Format};

/// The envtype of a sandbox where nothing says another.
const USUAL_TYPE: &str = "sandbox";

/// The words after `asiaq sandbox` that are no names.
const COMMANDS: [&str; 3] = ["help", "list", "sweep"];

/// A name that nobody gives an environment: what no program declares may be in every account.
const ANY: &str = "*";

/// A program, with the sandboxes that a command is about.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) checked: Checked,
    /// Those that it declares beside its files.
    pub(super) sandboxes: Vec<Sandbox>,
    /// Where these are.
    pub(super) regions: BTreeSet<String>,
}

/// The sandbox that a command makes or changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SandboxRequest<'a> {
    pub(crate) path: Option<&'a Path>,
    pub(crate) name: &'a str,
    /// What its tags say, and then the usual, where absent; so are those below.
    pub(crate) envtype: Option<&'a str>,
    pub(crate) pipeline: Option<&'a str>,
    pub(crate) owner: Option<&'a str>,
    /// How long it lasts from now on.
    pub(crate) ttl: Option<Duration>,
    /// Regions to read in addition to those of the program.
    pub(crate) also_regions: &'a [String],
    pub(crate) connection: &'a Connection,
    pub(crate) format: Format,
}

/// The environments of a project in AWS.
struct Seen {
    sandboxes: BTreeMap<String, LiveSandbox>,
    /// Names of all of them, whoever declares them.
    environments: BTreeSet<String>,
    is_partial: bool,
}

/// Checks the program, with the sandboxes that a command names.
pub(super) async fn named(request: EnvironmentsRequest<'_>, interrupts: &Interrupts) -> Result<Checked> {
    let checked = project::named(request.path, request.format)?;
    Ok(joined(checked, (request, &[]), Goal::Apply, interrupts).await?.checked)
}

/// The same for a plan, of a program that is `checked`.
pub(super) async fn planned(
    checked: Checked,
    request: &Request<'_>,
    interrupts: &Interrupts,
) -> Result<Program> {
    let &Request { path, envs, also_regions, connection, format, goal, sandbox, .. } = request;
    if let Some(sandbox) = sandbox {
        return declare(checked, path, vec![sandbox.clone()], goal, format);
    }
    let request = EnvironmentsRequest { path, envs, connection, format };
    joined(checked, (request, also_regions), goal, interrupts).await
}

/// The program with those of the named environments that no file declares and that are sandboxes.
async fn joined(
    checked: Checked,
    (request, also_regions): (EnvironmentsRequest<'_>, &[String]),
    goal: Goal,
    interrupts: &Interrupts,
) -> Result<Program> {
    let EnvironmentsRequest { path, envs, connection, format } = request;
    let declared = checked.environments();
    let is_declared = |name: &String| declared.iter().any(|env| env.name == *name);
    let unknown: Vec<String> = envs.iter().filter(|name| !is_declared(name)).cloned().collect();
    let mut live = if unknown.is_empty() {
        BTreeMap::new()
    } else {
        Box::pin(seen(&checked, (connection, also_regions), &unknown, interrupts)).await?.sandboxes
    };
    live.retain(|name, _| unknown.contains(name));
    let regions = live.values().map(|live| live.region.clone()).collect();
    let all = live.into_values().map(|live| live.sandbox).collect();
    Ok(Program { regions, ..declare(checked, path, all, goal, format)? })
}

/// The program as if a file declared the sandboxes too. What is to be deleted need not fit the program any more.
fn declare(
    plain: Checked,
    path: Option<&Path>,
    sandboxes: Vec<Sandbox>,
    goal: Goal,
    format: Format,
) -> Result<Program> {
    let none = |checked| Program { checked, sandboxes: Vec::new(), regions: BTreeSet::new() };
    if sandboxes.is_empty() {
        return Ok(none(plain));
    }
    let texts = sandboxes.iter().map(|sandbox| (format!("<sandbox {}>", sandbox.name), declaration(sandbox)));
    let checked = project::with(path, &texts.collect())?;
    match (checked.has_errors(), goal) {
        (false, _) => Ok(Program { checked, sandboxes, regions: BTreeSet::new() }),
        (true, Goal::Destroy) => Ok(none(plain)),
        (true, Goal::Apply) => project::refused(&checked, format),
    }
}

/// The regions in which those of the environments may be that the program does not have.
pub(super) fn regions_of_unknown(checked: &Checked, envs: &[String]) -> BTreeSet<String> {
    let declared = checked.environments();
    let is_unknown = |name: &String| !declared.iter().any(|env| env.name == *name);
    if envs.iter().any(is_unknown) { regions_of_types(checked).collect() } else { BTreeSet::new() }
}

fn regions_of_types(checked: &Checked) -> impl Iterator<Item = String> {
    checked.envtypes().iter().filter_map(|(_, region)| region.clone())
}

/// A sandbox as a file would declare it.
fn declaration(sandbox: &Sandbox) -> String {
    let Sandbox { name, envtype, pipeline, .. } = sandbox;
    match pipeline {
        Some(pipeline) => format!("env {name} : {envtype} {{ pipeline = {pipeline} }}\n"),
        None => format!("env {name} : {envtype} {{}}\n"),
    }
}

/// The environments of the project in AWS: those of the names `meant`, or all where none of these is found at once.
async fn seen(
    checked: &Checked,
    (connection, also_regions): (&Connection, &[String]),
    meant: &[String],
    interrupts: &Interrupts,
) -> Result<Seen> {
    let regions: BTreeSet<String> = regions_of_types(checked).chain(also_regions.iter().cloned()).collect();
    let regions: Vec<String> = regions.into_iter().collect();
    let asked = Asked { envs: meant, accounts: &[], also_regions: &regions };
    let log = Log::none();
    let ways = Ways { connection, usual: checked.usual_region(), log: &log, interrupts };
    let Connected { aws, reached, .. } =
        Box::pin(reach(checked.declared(), checked.region(), asked, &ways)).await?;
    let regions = aws.regions();
    let look = async |needs: Needs| {
        let read = Box::pin(observe_for(&aws, checked.project(), &regions, &needs)).await;
        let observed = read.map_err(|error| account::unusable("look for sandboxes", &error))?;
        anyhow::Ok(Seen::of(&observed, reached.is_partial()))
    };
    // Almost every sandbox has a VPC, and one listing shows them all.
    let vpcs = look(Needs { only: Some(BTreeSet::from([Kind::Vpc])), ..Needs::default() }).await?;
    if meant.iter().all(|name| vpcs.sandboxes.contains_key(name)) {
        return Ok(vpcs);
    }
    // One that cannot be looked for like this is unknown, which is said with the names that there are.
    Ok(look(Needs::of(checked.declared())).await.unwrap_or_else(|error| {
        ui::warn(&format!("{error:#}"));
        vpcs
    }))
}

impl Seen {
    fn of(observed: &Observed, is_partial: bool) -> Self {
        let environments = observed.found.iter().filter_map(|found| found.address.scope().environment());
        let environments = environments.map(str::to_owned).collect();
        Self { sandboxes: sandboxes(observed), environments, is_partial }
    }
}

/// The sandbox that a command makes, or changes.
pub(crate) async fn wanted_sandbox(request: SandboxRequest<'_>, interrupts: &Interrupts) -> Result<Sandbox> {
    let SandboxRequest { path, name, envtype, pipeline, owner, ttl, also_regions, connection, format } =
        request;
    let checked = project::named(path, format)?;
    refuse_name(name, &checked, "apply")?;
    let seen = Box::pin(seen(&checked, (connection, also_regions), &[name.to_owned()], interrupts)).await?;
    let live = seen.sandboxes.get(name);
    if live.is_none() && seen.environments.contains(name) {
        return Err(anyhow!(
            "there is an environment `{name}` in AWS that is no sandbox, because a program declared it: choose another name, \
             or delete it with `asiaq destroy --env {name}`"
        )
        .into());
    }
    let before = live.map(|live| &live.sandbox);
    let envtype = envtype.map(str::to_owned).or_else(|| before.map(|before| before.envtype.clone()));
    let pipeline = pipeline.map(str::to_owned).or_else(|| before.and_then(|before| before.pipeline.clone()));
    let owner = owner.map(Sandbox::owner).or_else(|| before.map(|before| before.owner.clone()));
    let ends = match (ttl, live.and_then(ends_of)) {
        (None, Some(ends)) => ends,
        (ttl, _) => end(ttl.unwrap_or(USUAL_TIME))?,
    };
    let sandbox = Sandbox {
        name: name.to_owned(),
        envtype: usual_type(envtype, &checked)?,
        pipeline,
        owner: owner.unwrap_or_else(|| Sandbox::owner(&holder::owner())),
        ends: Some(ends),
    };
    if live.is_none() && ttl.is_none() {
        let usual = ui::span(USUAL_TIME);
        ui::say(&format!("`{name}` ends in {usual}, which is the default; `--ttl 8h` says another time\n"));
    }
    Ok(sandbox)
}

/// The sandbox in AWS that a command deletes.
pub(crate) async fn live_sandbox(
    request: SandboxRequest<'_>,
    interrupts: &Interrupts,
) -> Result<LiveSandbox> {
    let SandboxRequest { path, name, also_regions, connection, format, .. } = request;
    let checked = project::named(path, format)?;
    refuse_name(name, &checked, "destroy")?;
    let mut seen =
        Box::pin(seen(&checked, (connection, also_regions), &[name.to_owned()], interrupts)).await?;
    if let Some(live) = seen.sandboxes.remove(name) {
        return Ok(live);
    }
    let known: Vec<&str> = seen.sandboxes.keys().map(String::as_str).collect();
    let way_out = match did_you_mean(name, &known) {
        _ if seen.environments.contains(name) => {
            format!(
                ", and what is in AWS of an environment `{name}` is not marked as one: `asiaq destroy --env {name}`"
            )
        }
        Some(near) => format!("; did you mean `{near}`?"),
        None if known.is_empty() => ", and no other".to_owned(),
        None => format!("; there is {}", ui::listed(&known)),
    };
    Err(anyhow!("there is no sandbox `{name}`{way_out}").into())
}

/// All sandboxes of a project in order of name, and whether an account could not be used.
pub(crate) async fn live_sandboxes(
    (path, also_regions): (Option<&Path>, &[String]),
    connection: &Connection,
    format: Format,
    interrupts: &Interrupts,
) -> Result<(Vec<SandboxEntry>, bool)> {
    let checked = project::named(path, format)?;
    let Seen { sandboxes, is_partial, .. } =
        Box::pin(seen(&checked, (connection, also_regions), &[ANY.to_owned()], interrupts)).await?;
    let declared = checked.environments();
    let is_declared = |name: &str| declared.iter().any(|env| env.name == name);
    let now = Timestamp::now();
    let entry = |live: LiveSandbox| {
        let declared = is_declared(&live.sandbox.name);
        SandboxEntry::of(live, declared, now)
    };
    Ok((sandboxes.into_values().map(entry).collect(), is_partial))
}

/// The time of an end.
fn end(ttl: Duration) -> anyhow::Result<String> {
    let seconds = i64::try_from(ttl.as_secs()).ok();
    let end = seconds.and_then(|seconds| Timestamp::now().as_second().checked_add(seconds));
    let end = end.and_then(|end| Timestamp::from_second(end).ok());
    Ok(end.ok_or_else(|| anyhow!("there is no such time"))?.to_string())
}

/// Refuses a name that no sandbox can have. `verb` is the command that does the same to what a file declares.
fn refuse_name(name: &str, checked: &Checked, verb: &str) -> anyhow::Result<()> {
    if COMMANDS.contains(&name) {
        bail!("`{name}` is no name of a sandbox, because `asiaq sandbox {name}` is a command");
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(is_word) {
        bail!("`{name}` is no name of an environment: write letters, digits, `_` and `-`, a letter first");
    }
    if let Some(place) = checked.declared_at(name) {
        bail!("`{name}` is declared at {place}, so it is no sandbox: use `asiaq {verb} --env {name}`");
    }
    if checked.envtypes().iter().any(|(envtype, _)| envtype == name) {
        bail!("`{name}` is an envtype, and environments have other names than these: choose another name");
    }
    Ok(())
}

/// The envtype of a sandbox.
fn usual_type(envtype: Option<String>, checked: &Checked) -> anyhow::Result<String> {
    let all: Vec<&str> = checked.envtypes().iter().map(|(name, _)| name.as_str()).collect();
    match envtype {
        Some(envtype) if all.contains(&envtype.as_str()) => Ok(envtype),
        None if all.contains(&USUAL_TYPE) => Ok(USUAL_TYPE.to_owned()),
        None if all.is_empty() => bail!(
            "the program has no envtype, and a sandbox is an environment of one: declare `envtype {USUAL_TYPE} {{ … }}`"
        ),
        None => bail!(
            "the program has no envtype `{USUAL_TYPE}`, the default: choose another with `--type`; there is {}",
            ui::listed(&all)
        ),
        Some(envtype) => match did_you_mean(&envtype, &all) {
            Some(near) => bail!("there is no envtype `{envtype}`; did you mean `{near}`?"),
            None if all.is_empty() => bail!("there is no envtype `{envtype}`, and no other"),
            None => {
                bail!("there is no envtype `{envtype}`; choose one with `--type`: {}", ui::listed(&all))
            }
        },
    }
}

/// The names of the sandboxes in AWS.
pub(super) fn all(observed: &Observed) -> BTreeSet<String> {
    sandboxes(observed).into_keys().collect()
}

/// The sandboxes in AWS that a command leaves alone: those that it does not name.
pub(super) fn apart(observed: &Observed, checked: &Checked, envs: &[String]) -> BTreeSet<String> {
    let declared = checked.environments();
    let mut apart = all(observed);
    apart.retain(|name| !envs.contains(name) && !declared.iter().any(|env| env.name == *name));
    apart
}

/// Says which sandboxes a command leaves alone, if it would otherwise be about them.
pub(super) fn say_apart(apart: &BTreeSet<String>, envs: &[String], accounts: &[String]) {
    if apart.is_empty() || !envs.is_empty() || !accounts.is_empty() {
        return;
    }
    let names: Vec<&String> = apart.iter().collect();
    let what = if names.len() == 1 { "the sandbox" } else { "the sandboxes" };
    ui::say(&format!("left alone: {what} {}; `--env` names one\n", ui::listed(&names)));
}

/// Refuses to delete a sandbox that has become something else since: one that was given more time, or that a program
/// declares now.
pub(super) fn refuse_changed(sandbox: Option<&Sandbox>, observed: &Observed) -> anyhow::Result<()> {
    let Some(sandbox) = sandbox else { return Ok(()) };
    let name = &sandbox.name;
    let is_there =
        observed.found.iter().any(|found| found.address.scope().environment() == Some(name.as_str()));
    match sandboxes(observed).get(name) {
        Some(live) if live.sandbox == *sandbox => Ok(()),
        None if !is_there => Ok(()),
        Some(_) | None => {
            bail!("the sandbox `{name}` has changed a moment ago: look at it with `asiaq sandbox list`")
        }
    }
}

/// Marks what is in sandboxes as theirs.
pub(super) fn mark(sandboxes: &[Sandbox], ir: &mut Ir, observed: &Observed) {
    for sandbox in sandboxes {
        sandbox.mark(ir, observed);
    }
}

/// The command that goes on with a sandbox.
pub(super) fn again(sandbox: &Sandbox, path: &str, goal: Goal) -> String {
    let Sandbox { name, envtype, pipeline, .. } = sandbox;
    let pipeline = pipeline.as_ref().map(|pipeline| format!(" --pipeline {pipeline}")).unwrap_or_default();
    match goal {
        Goal::Apply => format!("asiaq sandbox {name}{path} --type {envtype}{pipeline}"),
        Goal::Destroy => format!("asiaq sandbox {name}{path} --destroy"),
    }
}
