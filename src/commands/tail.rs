use std::time::Duration;

use anyhow::anyhow;
use asiaq_ir::ScopeRef;
use asiaq_runtime::{LogEvent, LogFollower};
use jiff::Timestamp;
use serde::Serialize;

use crate::engine::{self, Interrupts, Way, age, open_project};
use crate::exit::{Exit, Result};
use crate::project::Project;
use crate::ui::{self, Format};

/// Prints the log events of a hostclass
///
/// Reads the log groups `ENV/HOSTCLASS/FILE` of CloudWatch Logs, to which an agent on the instances sends files. Each event is a
/// line with its time, its file and its stream, by custom the id of an instance. `--format json` prints an object for each.
#[derive(clap::Args, Debug)]
pub(crate) struct Tail {
    /// Name of the hostclass
    #[arg(value_name = "HOSTCLASS")]
    hostclass: String,
    #[command(flatten)]
    project: Project,
    /// Only log files whose paths begin so; may be repeated, as in `/var/log/httpd`. Default: all files
    #[arg(long = "file", value_name = "PATH")]
    files: Vec<String>,
    /// Only events that match a filter pattern of CloudWatch Logs. Default: all events
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,
    /// Only events of this time until now, such as `1h`
    #[arg(long, value_name = "TIME", value_parser = age, default_value = "10m")]
    since: Duration,
    /// Goes on with new events, until it is interrupted
    #[arg(long, short)]
    follow: bool,
    #[command(flatten)]
    way: Way,
}

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(3);

/// A log group, and where it is.
#[derive(Debug)]
struct Source {
    env: String,
    region: String,
    group: String,
}

/// An event for a program.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    #[serde(flatten)]
    event: &'a LogEvent,
}

impl Tail {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| self.read(&interrupts).await)
    }

    async fn read(&self, interrupts: &Interrupts) -> Result<Exit> {
        let Way { envs, format, connection } = &self.way;
        let path = self.project.path.as_deref();
        let open = open_project(path, envs, connection, *format, interrupts);
        let session = interrupts.guard(Box::pin(open)).await?;
        let cloud = |env: &str| &session.aws.of(ScopeRef::of_environment(env)).cloud;
        let look = async {
            let mut sources = Vec::new();
            for env in session.checked.environments() {
                if !envs.is_empty() && !envs.contains(&env.name) {
                    continue;
                }
                // The slash keeps out hostclasses whose names only begin so.
                let prefix = format!("{}/{}/", env.name, self.hostclass);
                let groups = cloud(&env.name).log_groups(&env.region, &prefix).await;
                let groups = groups.map_err(|error| engine::unusable("list the log groups", &error))?;
                let groups = groups.into_iter().filter(|group| self.is_meant(group, &prefix));
                let (env, region) = (env.name, env.region);
                sources.extend(groups.map(|group| Source {
                    env: env.clone(),
                    region: region.clone(),
                    group,
                }));
            }
            Ok(sources)
        };
        let sources = interrupts.until_interrupted(look).await?;
        if sources.is_empty() {
            return Err(anyhow!(
                "there is no log group of `{}`: its name would begin with `ENV/{}/`, and an agent on the instances has to send \
                 to it",
                self.hostclass,
                self.hostclass
            )
            .into());
        }
        let start = Timestamp::now().as_millisecond();
        let start = start.saturating_sub(i64::try_from(self.since.as_millis()).unwrap_or(i64::MAX));
        let mut follower = LogFollower::default();
        loop {
            let read = async {
                let mut events = Vec::new();
                for source in &sources {
                    let from = follower.from(start);
                    let filter = self.filter.as_deref();
                    let found =
                        cloud(&source.env).log_events(&source.region, &source.group, from, filter).await;
                    events.extend(found.map_err(|error| engine::unusable("read the log events", &error))?);
                }
                Ok(events)
            };
            let events = interrupts.until_interrupted(read).await?;
            for event in follower.unseen(events) {
                print(&event, *format);
            }
            if !self.follow {
                return Ok(Exit::of(session.is_partial));
            }
            interrupts
                .until_interrupted(async {
                    tokio::time::sleep(PAUSE).await;
                    Ok(())
                })
                .await?;
        }
    }

    /// Whether a log group is of one of the files.
    fn is_meant(&self, group: &str, prefix: &str) -> bool {
        let file = group.strip_prefix(prefix).unwrap_or_default();
        let is_of = |path: &String| file.starts_with(path.trim_start_matches('/'));
        self.files.is_empty() || self.files.iter().any(is_of)
    }
}

fn print(event: &LogEvent, format: Format) {
    let time = Timestamp::from_millisecond(event.millis).map(|time| time.to_string()).unwrap_or_default();
    match format {
        Format::Json => {
            // All keys are strings, so that this does not fail.
            let line = serde_json::to_string(&Line { time, event }).unwrap_or_default();
            ui::out(&format!("{line}\n"));
        }
        Format::Text => {
            ui::out(&format!("{time} {} {}: {}\n", event.group, event.stream, event.message.trim_end()));
        }
    }
}
