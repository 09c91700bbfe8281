use std::time::{Duration, Instant};

use asiaq_ir::{Address, Resource, SmokeCheck};
use asiaq_runtime::Host;
use serde::Serialize;

use crate::engine::{self, Chosen, Interrupts, Machines, duration};
use crate::exit::{Exit, Result};
use crate::ui::{self, Format, json};

/// Says of instances whether they are ready: whether they run, and have said that they passed their smoke test
///
/// Only a smoke test by tag is asked about: an instance sets its tag `smoketest` itself. Exits with 10 if one of them is not
/// ready, or if there is none.
#[derive(clap::Args, Debug)]
pub(crate) struct Ready {
    #[command(flatten)]
    machines: Machines,
    /// Waits until all are ready, at most for this time, such as `10m`. Default: does not wait
    #[arg(long, value_name = "TIME", value_parser = time)]
    wait: Option<Duration>,
}

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(5);

fn time(text: &str) -> std::result::Result<Duration, String> {
    duration(text).ok_or_else(|| "write a duration, such as `90s` or `10m`".to_owned())
}

/// How an instance is.
#[derive(Debug, Serialize)]
struct Readiness {
    #[serde(rename = "host")]
    id: String,
    hostclass: Option<String>,
    environment: Option<String>,
    ready: bool,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Ready {
    pub(crate) fn run(&self) -> Result<Exit> {
        engine::block_on(async |interrupts| self.look(&interrupts).await)
    }

    async fn look(&self, interrupts: &Interrupts) -> Result<Exit> {
        let started = Instant::now();
        let mut chosen = self.machines.choose(interrupts).await?;
        let all = loop {
            let all: Vec<Readiness> = chosen.hosts.iter().map(|host| readiness(&chosen, host)).collect();
            let is_ready = !all.is_empty() && all.iter().all(|one| one.ready);
            if is_ready || self.wait.is_none_or(|wait| started.elapsed() >= wait) {
                break all;
            }
            interrupts
                .until_interrupted(async {
                    tokio::time::sleep(PAUSE).await;
                    Ok(())
                })
                .await?;
            interrupts.guard(Box::pin(chosen.look())).await?;
        };
        match self.machines.way.format {
            Format::Json => json::print(&all),
            Format::Text => ui::out(&all.iter().map(line).collect::<String>()),
        }
        if all.is_empty() {
            ui::say("there are no instances\n");
        }
        let is_ready = !all.is_empty() && all.iter().all(|one| one.ready);
        Ok(if is_ready { Exit::of(chosen.session.is_partial) } else { Exit::Changes })
    }
}

fn readiness(chosen: &Chosen, host: &Host) -> Readiness {
    let why = if host.state != "running" {
        Some(host.state.clone())
    } else if host.smoke_test.is_none() && says_itself(chosen, host) {
        Some("it has not said that it passed its smoke test".to_owned())
    } else {
        None
    };
    Readiness {
        id: host.id.clone(),
        hostclass: host.hostclass.clone(),
        environment: host.environment.clone(),
        ready: why.is_none(),
        why,
    }
}

/// Whether the smoke test of an instance is a tag that it sets itself.
fn says_itself(chosen: &Chosen, host: &Host) -> bool {
    let (Some(env), Some(class)) = (&host.environment, &host.hostclass) else { return false };
    let below = Address::new(env, &format!("hostclass/{class}"));
    let declared = chosen.session.checked.declared();
    declared.resources.iter().any(|(address, node)| {
        address.is_below(below.as_str())
            && matches!(&node.resource, Resource::SmokeTest(test) if test.check == SmokeCheck::Tag)
    })
}

fn line(one: &Readiness) -> String {
    let class = one.hostclass.as_ref().map(|class| format!("{class} ")).unwrap_or_default();
    match &one.why {
        None => format!("{class}{} is ready\n", one.id),
        Some(why) => format!("{class}{} is not ready: {why}\n", one.id),
    }
}
