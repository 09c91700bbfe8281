//! Tickets: a program or a service outside is asked before a deploy, and told how it ended.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{anyhow, bail};
use asiaq_runtime::{DeployEnd, HostclassImage};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::failed::Way;
use super::target::Target;
use crate::ui;

/// Longest time of one question.
const LIMIT: Duration = Duration::from_mins(1);
/// How often an end is told to a service that does not answer.
const TIMES: u32 = 5;
/// Pause before it is told again, growing with each time.
const PAUSE: Duration = Duration::from_secs(1);

/// Status of a deploy that came to a good end, as the original says it.
const GOOD: u32 = 100;
/// Status of one that did not.
const BAD: u32 = 300;

/// What is said of a deploy.
#[derive(Serialize)]
struct Said<'a> {
    sub_cmd: &'a str,
    environment: &'a str,
    hostclass: &'a str,
    #[serde(rename = "amiId")]
    ami_id: &'a str,
    previous_ami_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// The ticket that deploys belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket<'a> {
    /// Its id, as the hook knows it.
    pub(crate) id: &'a str,
    /// Who is asked: a URL that begins with `http://` or `https://`, or a program.
    pub(crate) hook: &'a str,
    /// What is done.
    pub(crate) way: Way,
}

impl Ticket<'_> {
    /// Asks whether these deploys may begin.
    ///
    /// # Errors
    /// If one may not, or nobody answers.
    pub(crate) async fn validate(&self, deploys: &[(Target, HostclassImage)]) -> anyhow::Result<()> {
        for (target, image) in deploys {
            let body = self.body(&self.said(target, image));
            if let Err(why) = self.ask("validate", &body).await {
                bail!(
                    "the ticket `{}` does not allow a deploy of {} of `{}`: {}; nothing was changed",
                    self.id,
                    image.id,
                    target.what.hostclass,
                    shown(&why)
                );
            }
        }
        Ok(())
    }

    /// Tells how deploys ended. That nobody listens is a warning: what is done is done.
    pub(crate) async fn tell(&self, deploys: &[(Target, HostclassImage)], ends: &[DeployEnd]) {
        for end in ends {
            let Some((target, image)) =
                deploys.iter().find(|(target, _)| target.what.hostclass == end.hostclass)
            else {
                continue;
            };
            let is_good = end.error.is_none() && end.result != "interrupted";
            let event = Said {
                status: Some(if is_good { GOOD } else { BAD }),
                message: Some(end.error.as_deref().unwrap_or(end.result)),
                ..self.said(target, image)
            };
            let event = self.body(&event);
            if let Err(why) = self.told(&event).await {
                let name = &end.hostclass;
                ui::warn(&format!("the ticket `{}` was not told how {name} ended: {}", self.id, shown(&why)));
            }
        }
    }

    async fn told(&self, event: &Value) -> Result<(), String> {
        let mut times = 0;
        loop {
            let Err(why) = self.ask("event", event).await else { return Ok(()) };
            times += 1;
            if times >= TIMES {
                return Err(why);
            }
            tokio::time::sleep(PAUSE.saturating_mul(times)).await;
        }
    }

    fn said<'t>(&self, target: &'t Target, image: &'t HostclassImage) -> Said<'t> {
        Said {
            sub_cmd: if self.way == Way::Test { "test" } else { "update" },
            environment: &target.what.env,
            hostclass: &target.what.hostclass,
            ami_id: &image.id,
            previous_ami_id: target.before(),
            status: None,
            message: None,
        }
    }

    fn body(&self, said: &Said<'_>) -> Value {
        json!({ "ticketId": self.id, "cmd": "DeployEvent", "data": said })
    }

    async fn ask(&self, what: &str, body: &Value) -> Result<(), String> {
        let is_url = ["http://", "https://"].iter().any(|start| self.hook.starts_with(start));
        if is_url {
            let url = format!("{}/{what}", self.hook.trim_end_matches('/'));
            return asiaq_aws::post(&url, body.to_string(), LIMIT).await;
        }
        match tokio::time::timeout(LIMIT, ask_program(self.hook, what, body)).await {
            Ok(answer) => answer.map_err(|error| format!("{error:#}")),
            Err(_) => Err(format!("`{}` has not ended in {} s", self.hook, LIMIT.as_secs())),
        }
    }
}

/// Runs a program with a word as its argument and what is said as its input. Another exit code than 0 is a no, and the reason is
/// what it says on stderr.
async fn ask_program(program: &str, what: &str, body: &Value) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.arg(what).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| anyhow!("`{program}` cannot be run: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        // One that does not read its input has its own reasons.
        let _ = input.write_all(body.to_string().as_bytes()).await;
    }
    let output = child.wait_with_output().await?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.trim().lines().last().unwrap_or_default();
    let code =
        output.status.code().map_or_else(|| "by a signal".to_owned(), |code| format!("with code {code}"));
    bail!("`{program}` ended {code}{}{last}", if last.is_empty() { "" } else { ": " })
}

/// What somebody else says, which may change no terminal.
fn shown(said: &str) -> String {
    if said.contains(char::is_control) { format!("{said:?}") } else { said.to_owned() }
}
