use std::path::Path;
use std::time::Duration;

use asiaq_ir::Risk;
use asiaq_runtime::{Goal, Sandbox as Environment};

use crate::engine::{
    self, Connection, Consent, Execution, Interrupts, Log, Request, SandboxRequest, Selection, Source, age,
};
use crate::exit::{Exit, Halt, Result};
use crate::project::Project;
use crate::sandbox_list::{SandboxEntry, Swept};
use crate::ui::{self, Format, sandboxes};

/// The longest time that a sandbox lasts.
const LONGEST: Duration = Duration::from_hours(24 * 366);

/// The result of a sandbox that was not destroyed.
const FAILED: &str = "failed";

/// Creates, changes or destroys an environment that no file declares
///
/// Works as if a file declared `env NAME : TYPE { pipeline = PIPELINE }`: shows the plan, asks, and applies it. Tags in AWS keep the
/// type, the pipeline, the owner and the end of the sandbox, so that other commands know it by `--env NAME`, and a further
/// `asiaq sandbox NAME` goes on with them. When its time has passed, `asiaq sandbox sweep` destroys it. A name that a file
/// declares is refused.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    one: One,
}

#[derive(clap::Subcommand, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
enum Part {
    /// Lists the sandboxes of a project: type, pipeline, owner, end and age
    List(List),
    /// Destroys the sandboxes whose time has passed
    ///
    /// Asks once for all of them. One that cannot be destroyed does not stop the others. Environments that files declare now,
    /// and sandboxes in which something was adopted, are left alone.
    Sweep(Sweep),
}

/// Where sandboxes are looked for.
#[derive(clap::Args, Clone, Debug)]
struct Regions {
    /// Also look in this region; may be repeated. A sandbox in a region that the program no longer uses is otherwise not found
    #[arg(long, value_name = "REGION")]
    also_region: Vec<String>,
}

/// A sandbox, and what is done with it.
#[derive(clap::Args, Clone, Debug)]
struct One {
    /// Name of the environment
    // Commands below `sandbox` have none.
    #[arg(value_name = "NAME", required = true)]
    name: Option<String>,
    #[command(flatten)]
    project: Project,
    /// Its envtype. Default: the one that it has; `sandbox` for a new one
    #[arg(long = "type", value_name = "TYPE")]
    envtype: Option<String>,
    /// The pipeline that it runs. Default: the one that it has; that of the envtype for a new one
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// How long it lasts from now on, such as `8h` or `3d`. Default: until the end that it has; 24h for a new one
    #[arg(long, value_name = "TIME", value_parser = ttl)]
    ttl: Option<Duration>,
    /// Who has it. Default: the one who has it; you for a new one
    #[arg(long, value_name = "WHO")]
    owner: Option<String>,
    /// Destroy it, with its notification topics
    #[arg(long, conflicts_with_all = ["envtype", "pipeline", "ttl", "owner"])]
    destroy: bool,
    #[command(flatten)]
    regions: Regions,
    #[command(flatten)]
    execution: Execution,
}

#[derive(clap::Args, Clone, Debug)]
struct List {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    regions: Regions,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

#[derive(clap::Args, Clone, Debug)]
struct Sweep {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    regions: Regions,
    #[command(flatten)]
    execution: Execution,
}

/// Parses how long a sandbox lasts.
fn ttl(text: &str) -> std::result::Result<Duration, String> {
    let time = age(text)?;
    match time.as_secs() {
        0 => Err("a sandbox lasts at least a second: write how long, such as `8h`".to_owned()),
        _ if time > LONGEST => Err("a sandbox lasts at most a year: write `366d` or less".to_owned()),
        _ => Ok(time),
    }
}

impl Sandbox {
    pub(crate) fn run(&self) -> Result<Exit> {
        match &self.part {
            Some(Part::List(list)) => list.run(),
            Some(Part::Sweep(sweep)) => sweep.run(),
            None if self.one.destroy => self.one.destroy(),
            None => self.one.make(),
        }
    }
}

impl One {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    fn request(&self) -> SandboxRequest<'_> {
        SandboxRequest {
            path: self.project.path.as_deref(),
            name: self.name(),
            envtype: self.envtype.as_deref(),
            pipeline: self.pipeline.as_deref(),
            owner: self.owner.as_deref(),
            ttl: self.ttl,
            also_regions: &self.regions.also_region,
            connection: &self.execution.connection,
            format: self.execution.format,
        }
    }

    fn make(&self) -> Result<Exit> {
        let Self { project, regions, execution, .. } = self;
        execution.refuse_prune("sandbox")?;
        let selection = Selection { also_region: regions.also_region.clone(), ..Selection::of(self.name()) };
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let wanted = engine::wanted_sandbox(self.request(), &interrupts);
                let sandbox = interrupts.guard(Box::pin(wanted)).await?;
                let request = Request {
                    verb: "sandbox",
                    sandbox: Some(&sandbox),
                    data_loss: execution.allows(Risk::DataLoss),
                    is_read: true,
                    ..Request::of(
                        &selection,
                        project.path.as_deref(),
                        Goal::Apply,
                        &execution.connection,
                        execution.format,
                        log,
                    )
                };
                let run = engine::run(Source::Program(request), execution, Consent::Yes, log, &interrupts);
                let exit = Box::pin(run).await?;
                let Environment { name, ends, .. } = &sandbox;
                if let (Exit::Done, false, Some(ends)) = (exit, execution.dry_run, ends) {
                    ui::say(&format!(
                        "`{name}` ends at {ends}; `asiaq sandbox {name} --ttl 8h` gives it more time\n"
                    ));
                }
                Ok(exit)
            };
            engine::recorded(&execution.recording, "sandbox", work).await
        })
    }

    fn destroy(&self) -> Result<Exit> {
        let Self { project, execution, .. } = self;
        execution.refuse_prune("sandbox")?;
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| {
                let live = engine::live_sandbox(self.request(), &interrupts);
                let live = interrupts.guard(Box::pin(live)).await?;
                let selection = selection(&live.sandbox.name, &live.region);
                let request = deletion(&live.sandbox, (project.path.as_deref(), &selection), execution, log);
                engine::run(Source::Program(request), execution, Consent::Names, log, &interrupts).await
            };
            engine::recorded(&execution.recording, "sandbox", work).await
        })
    }
}

/// A sandbox in a region, which the program may use for nothing else.
fn selection(name: &str, region: &str) -> Selection {
    Selection { also_region: vec![region.to_owned()], ..Selection::of(name) }
}

/// The request to delete a sandbox.
fn deletion<'a>(
    sandbox: &'a Environment,
    (path, selection): (Option<&'a Path>, &'a Selection),
    execution: &'a Execution,
    log: &'a Log,
) -> Request<'a> {
    Request {
        verb: "sandbox",
        sandbox: Some(sandbox),
        data_loss: execution.allows(Risk::DataLoss),
        with_topics: true,
        is_read: true,
        ..Request::of(selection, path, Goal::Destroy, &execution.connection, execution.format, log)
    }
}

impl List {
    fn run(&self) -> Result<Exit> {
        let Self { project, regions, format, connection } = self;
        let (all, is_partial) = engine::block_on(async |interrupts| {
            let place = (project.path.as_deref(), regions.also_region.as_slice());
            let all = engine::live_sandboxes(place, connection, *format, &interrupts);
            interrupts.guard(Box::pin(all)).await
        })?;
        ui::list(*format, &all, all.is_empty().then_some("there are no sandboxes"), || sandboxes::list(&all));
        Ok(Exit::of(is_partial))
    }
}

impl Sweep {
    fn run(&self) -> Result<Exit> {
        let execution = &self.execution;
        execution.refuse_prune("sandbox sweep")?;
        engine::block_on(async |interrupts| {
            let work = async |log: &Log| Box::pin(self.sweep(log, &interrupts)).await;
            engine::recorded(&execution.recording, "sandbox sweep", work).await
        })
    }

    async fn sweep(&self, log: &Log, interrupts: &Interrupts) -> Result<Exit> {
        let Self { project, regions, execution } = self;
        let place = (project.path.as_deref(), regions.also_region.as_slice());
        let all = engine::live_sandboxes(place, &execution.connection, execution.format, interrupts);
        let (mut all, is_partial) = interrupts.guard(Box::pin(all)).await?;
        all.retain(|one| one.ended);
        all.iter().filter(|one| one.declared).for_each(|one| {
            ui::say(&format!("left alone: `{}` has ended, and a file declares it now\n", one.name));
        });
        all.retain(|one| !one.declared);
        if execution.format == Format::Text && !all.is_empty() {
            ui::out(&sandboxes::list(&all));
        }
        if !(execution.dry_run || execution.yes || all.is_empty()) {
            let question =
                format!("Destroy {} with all they have? [y/N] ", ui::count(all.len(), "sandbox environment"));
            engine::confirm(question, interrupts).await?;
        }
        let mut ends = Vec::new();
        for one in &all {
            match self.end(one, log, interrupts).await {
                Ok(end) => ends.push(end),
                Err(Halt::Interrupted) => return Err(Halt::Interrupted),
                Err(Halt::External(error)) => ends.push(failed(one, format!("{error:#}"))),
                Err(Halt::Program) => ends.push(failed(one, "the program is refused".to_owned())),
            }
        }
        let none = ends.is_empty().then_some("no sandbox has ended");
        ui::list(execution.format, &ends, none, || sandboxes::swept(&ends));
        Ok(match ends.iter().any(|end| end.result == FAILED) || is_partial {
            true => Exit::Partial,
            false if execution.dry_run && !ends.is_empty() => Exit::Changes,
            false => Exit::Done,
        })
    }

    /// Destroys a sandbox, or shows what that would be.
    async fn end(&self, one: &SandboxEntry, log: &Log, interrupts: &Interrupts) -> Result<Swept> {
        let Self { project, execution, .. } = self;
        if let Some(adopted) = one.adopted.first() {
            return Err(anyhow::anyhow!(
                "`{adopted}` in it was adopted, and asiaq did not make it: look at it, and use `asiaq sandbox {} --destroy`",
                one.name
            )
            .into());
        }
        let selection = selection(&one.name, &one.region);
        let request = deletion(&one.live.sandbox, (project.path.as_deref(), &selection), execution, log);
        if execution.dry_run {
            let prepared = engine::prepare(request, interrupts).await?;
            if execution.format == Format::Text {
                let depth = execution.shown.depth();
                ui::out(&ui::plan::text(&prepared.plan, &prepared.reachability, depth));
            }
            let ids = prepared.plan.steps.iter().filter_map(|step| step.live().map(|live| live.id.clone()));
            let error = engine::refusal(&prepared.plan, &execution.allow);
            let result = if error.is_some() { "would be refused" } else { "would be destroyed" };
            return Ok(Swept { name: one.name.clone(), result, resources: ids.collect(), error });
        }
        let mut agreed = execution.clone();
        agreed.yes = true;
        let run = engine::run(Source::Program(request), &agreed, Consent::Given, log, interrupts);
        match Box::pin(run).await? {
            Exit::Done => {
                Ok(Swept { name: one.name.clone(), result: "destroyed", resources: Vec::new(), error: None })
            }
            Exit::Interrupted => Err(Halt::Interrupted),
            _ => Err(anyhow::anyhow!("part of it is still there: run `asiaq sandbox sweep` again").into()),
        }
    }
}

fn failed(one: &SandboxEntry, why: String) -> Swept {
    Swept { name: one.name.clone(), result: FAILED, resources: Vec::new(), error: Some(why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_lasts_for_some_time() {
        assert_eq!(ttl("8h"), Ok(Duration::from_hours(8)));
        assert_eq!(ttl("3d"), Ok(Duration::from_hours(72)));
        for refused in ["0", "0h", "0s", "500ms", "-1h", "8", "367d", "for ever"] {
            assert!(ttl(refused).is_err(), "{refused}");
        }
    }
}
