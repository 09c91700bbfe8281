mod document;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use asiaq_runtime::Host;

use crate::engine::{
    self, Chosen, Ended, Interrupts, Machines, Outcome, Output, Reach, Remote, RemoteOptions, Told, Writing,
    duration,
};
use crate::exit::{Exit, Result};
use crate::ui::remote::{self, End, Printer};
use crate::ui::{self, Format, json};

/// Runs a command on instances over SSH or Systems Manager, and prints what it writes
///
/// Each line has the instance before it. One word after `--` is a line of the shell there, several are the words of one command:
/// `asiaq exec web -- 'uptime; df -h'`. Nobody answers questions: keys have to be in the agent, or to need no passphrase.
///
/// With `--ssm`, the agents of the instances run a document of Systems Manager, and its output appears when it ends.
///
/// The exit code is the highest of the commands, as one of a shell: 255 where an instance cannot be reached, 124 where the
/// command did not end in time. `--format json` prints an object for each line, and one for each end.
#[derive(clap::Args, Debug)]
#[command(override_usage = "asiaq exec [OPTIONS] INSTANCE... [PATH] [-- <COMMAND>...]")]
pub(crate) struct Exec {
    #[command(flatten)]
    machines: Machines,
    #[command(flatten)]
    remote: RemoteOptions,
    #[command(flatten)]
    ssm: document::Ssm,
    /// Number of instances at the same time
    #[arg(long, value_name = "N", default_value = "20")]
    concurrency: NonZeroUsize,
    /// Longest time of the command on an instance, such as `90s` or `10m`. Default: none
    #[arg(long, value_name = "TIME", value_parser = limit)]
    timeout: Option<Duration>,
    #[command(flatten)]
    writing: Writing,
    /// The command
    #[arg(last = true, required_unless_present = "ssm", conflicts_with = "ssm", value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn limit(text: &str) -> std::result::Result<Duration, String> {
    let time = duration(text).filter(|time| !time.is_zero());
    time.ok_or_else(|| "write a duration, such as `90s` or `10m`".to_owned())
}

impl Exec {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| self.exec(&interrupts).await)
    }

    async fn exec(&self, interrupts: &Interrupts) -> Result<Exit> {
        self.ssm.refuse_alone()?;
        let chosen = self.machines.choose_for("run the command on", interrupts).await?;
        let (running, others) = chosen.running()?;
        if self.ssm.document().is_some() {
            return self.run_document(&chosen, &running, &others, interrupts).await;
        }
        let remote = engine::remote(&chosen.session, &chosen.all, &running, &self.remote)?;
        let format = self.machines.way.format;
        if self.writing.dry_run {
            let reaches = remote.reaches();
            match format {
                Format::Json => json::print(&reaches),
                Format::Text => ui::out(&listed(&reaches)),
            }
            say_unasked(&others);
            return Ok(Exit::Changes);
        }
        if running.len() > 1 && !self.writing.yes {
            ui::say(&listed(&remote.reaches()));
            let question = format!("Run the command on {}?", ui::count(running.len(), "instance"));
            self.writing.agreed(&question, interrupts).await?;
        }
        interrupts.until_interrupted(remote.prepare(&chosen.session, true)).await?;
        let run = Run { command: &self.command, at_once: self.concurrency, limit: self.timeout, format };
        run.on(&chosen, &remote, &others, interrupts).await
    }
}

/// A command, and how it is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    pub(super) command: &'a [String],
    /// Number of instances at the same time.
    pub(super) at_once: NonZeroUsize,
    /// Longest time of the command on an instance.
    pub(super) limit: Option<Duration>,
    pub(super) format: Format,
}

impl Run<'_> {
    /// Runs it over SSH, and prints what it writes.
    pub(super) async fn on(
        self,
        chosen: &Chosen,
        remote: &Remote,
        others: &[&Host],
        interrupts: &Interrupts,
    ) -> Result<Exit> {
        let format = self.format;
        let reaches = remote.reaches();
        let printer = printer(format, reaches.iter().map(|reach| &reach.host));
        let work = remote.run(
            self.command,
            self.at_once.get(),
            self.limit,
            |host, output, text| printer.line(host, &host.label(), output == Output::Stderr, text),
            |outcome| {
                let failure = failure(&outcome.ended);
                let end = End {
                    code: outcome.code(),
                    failure: failure.as_deref(),
                    seconds: Some(outcome.seconds),
                    cut: None,
                };
                printer.ended(&outcome.host, &outcome.host.label(), end);
            },
        );
        let outcomes = match interrupts.until_interrupted(work).await {
            Ok(outcomes) => outcomes,
            Err(crate::exit::Halt::Interrupted) => {
                ui::say("\ninterrupted; the command may still run on instances\n");
                return Ok(Exit::Interrupted);
            }
            Err(other) => return Err(other),
        };
        if format == Format::Text && (outcomes.len() > 1 || !others.is_empty()) {
            let codes = outcomes.iter().map(|outcome| match outcome.ended {
                Ended::Code(code) => Some(code),
                Ended::TimedOut(_) | Ended::Unreached(_) | Ended::Broken(_) => None,
            });
            ui::say(&summary(codes, others.len()));
        }
        say_unasked(others);
        let highest = outcomes.iter().map(Outcome::code).max().unwrap_or_default();
        Ok(match highest {
            0 => Exit::of(chosen.session.is_partial),
            code => Exit::Command(code),
        })
    }
}

/// Prints as wide as the longest label is.
fn printer<'t>(format: Format, hosts: impl Iterator<Item = &'t Told>) -> Printer {
    let width = hosts.map(|host| host.label().chars().count()).max().unwrap_or_default();
    Printer { format, width }
}

/// The instances, a line for each.
pub(super) fn listed(reaches: &[Reach]) -> String {
    let labels: Vec<String> = reaches.iter().map(|reach| reach.host.label()).collect();
    remote::reaches(reaches.iter().zip(&labels).map(|(reach, label)| {
        let env = reach.host.environment.clone().unwrap_or_default();
        (label.as_str(), env, reach.address.as_str(), reach.jump.as_deref())
    }))
}

/// Why a command has no exit code of its own.
fn failure(ended: &Ended) -> Option<String> {
    match ended {
        Ended::Code(_) => None,
        Ended::TimedOut(limit) => Some(format!(
            "the command did not end within {} seconds, and may still run there",
            limit.as_secs()
        )),
        Ended::Unreached(why) => Some(format!("not reached: {why}")),
        Ended::Broken(why) => Some(format!("the connection broke: {why}")),
    }
}

/// How many ended how, by their exit codes; absent for one that failed before it ended.
fn summary(outcomes: impl Iterator<Item = Option<u8>>, unasked: usize) -> String {
    let mut codes: BTreeMap<u8, usize> = BTreeMap::new();
    let mut failures = 0;
    for code in outcomes {
        match code {
            Some(code) => *codes.entry(code).or_default() += 1,
            None => failures += 1,
        }
    }
    let codes: Vec<(u8, usize)> = codes.into_iter().collect();
    remote::summary(&codes, failures, unasked)
}

/// Says which instances were left out.
pub(super) fn say_unasked(others: &[&Host]) {
    if !others.is_empty() {
        let others: Vec<String> =
            others.iter().map(|host| format!("{} is {}", host.id, host.state)).collect();
        ui::say(&format!("not asked: {}\n", others.join(", ")));
    }
}
