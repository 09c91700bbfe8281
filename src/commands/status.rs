use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::time::Duration;

use asiaq_runtime::Goal;
use serde::Serialize;

use crate::engine::{self, Intent, Interrupts, Log, Request, Selection, Way, duration, open_project};
use crate::exit::{Exit, Halt, Result};
use crate::project::Project;
use crate::status::{EnvironmentStatus, Pending, Seen, pending, statuses};
use crate::ui::lease::View;
use crate::ui::{self, Format};

/// Shows what runs in environments, and how it stands to the program
///
/// For each environment: healthy instances of each hostclass, the AMIs that they run, how many have an old launch template,
/// alarms that are on, and what an apply would change. Reads AWS and changes nothing.
#[derive(clap::Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    project: Project,
    /// Leaves out what an apply would change, which takes most of the time
    #[arg(long)]
    no_plan: bool,
    /// Shows it again after each pause, until it is interrupted. Default of the pause: 30s
    #[arg(long, value_name = "PAUSE", value_parser = pause, num_args = 0..=1, default_missing_value = "30s", require_equals = true)]
    watch: Option<Duration>,
    #[command(flatten)]
    way: Way,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Report<'a> {
    environments: &'a [EnvironmentStatus],
    /// Runs that hold a lease.
    leases: Vec<View>,
    /// Why there is no plan, where one was to be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_plan: Option<&'a str>,
}

/// A plan by environment, and the runs that are under way.
#[derive(Default)]
struct Planned {
    pending: Option<BTreeMap<String, Pending>>,
    leases: Vec<View>,
    /// The note about the runs.
    note: String,
    failure: Option<String>,
    is_partial: bool,
}

fn pause(text: &str) -> std::result::Result<Duration, String> {
    let is_long = |time: &Duration| *time >= Duration::from_secs(1);
    duration(text).filter(is_long).ok_or_else(|| "write a second or more, such as `30s` or `5m`".to_owned())
}

impl Status {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| {
            loop {
                let exit = self.look(&interrupts).await?;
                let Some(pause) = self.watch else { return Ok(exit) };
                interrupts
                    .until_interrupted(async {
                        tokio::time::sleep(pause).await;
                        Ok(())
                    })
                    .await?;
            }
        })
    }

    async fn look(&self, interrupts: &Interrupts) -> Result<Exit> {
        let Way { envs, format, connection } = &self.way;
        let look = async {
            let path = self.project.path.as_deref();
            let session = Box::pin(open_project(path, envs, connection, *format, interrupts)).await?;
            let ((hosts, groups), alarms) =
                futures::try_join!(session.hosts_and_groups(), session.raised_alarms())?;
            Ok((session.checked.environments(), Seen { hosts, groups, alarms }, session.is_partial))
        };
        let (mut declared, seen, is_partial) = interrupts.guard(Box::pin(look)).await?;
        declared.retain(|env| envs.is_empty() || envs.contains(&env.name));
        let planned = if self.no_plan { Planned::default() } else { self.plan(interrupts).await? };
        let all = statuses(&declared, &seen, planned.pending.as_ref());
        if self.watch.is_some() && *format == Format::Text && std::io::stdout().is_terminal() {
            ui::out("\x1b[H\x1b[2J");
        }
        let report =
            Report { environments: &all, leases: planned.leases, no_plan: planned.failure.as_deref() };
        let none = all.is_empty().then_some("no environments are declared, and nothing runs");
        ui::list(*format, &report, none, || ui::status::text(&all));
        ui::say(&planned.note);
        if let Some(why) = &planned.failure {
            ui::warn(&format!("there is no plan: {why}"));
        }
        Ok(Exit::of(is_partial || planned.is_partial))
    }

    /// What an apply would change. Why there is no plan is part of the answer: what runs is known all the same.
    async fn plan(&self, interrupts: &Interrupts) -> Result<Planned> {
        let Way { envs, connection, .. } = &self.way;
        let selection = Selection { envs: envs.clone(), ..Selection::of("") };
        let log = Log::none();
        let path = self.project.path.as_deref();
        let request = Request {
            intent: Intent::Show,
            is_read: true,
            // Messages about the program are for people; the data is that of this command.
            ..Request::of(&selection, path, Goal::Apply, connection, Format::Text, &log)
        };
        match Box::pin(engine::prepare(request, interrupts)).await {
            Ok(prepared) => {
                let others = prepared.others();
                Ok(Planned {
                    pending: Some(pending(&prepared.plan)),
                    leases: others.views(),
                    note: others.note(),
                    failure: None,
                    is_partial: prepared.is_partial,
                })
            }
            Err(Halt::Interrupted) => Err(Halt::Interrupted),
            Err(Halt::Program) => {
                let failure = Some("the program needs something that is not there".to_owned());
                Ok(Planned { failure, ..Planned::default() })
            }
            Err(Halt::External(error)) => {
                Ok(Planned { failure: Some(format!("{error:#}")), ..Planned::default() })
            }
        }
    }
}
