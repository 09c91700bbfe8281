//! The integration test of a deploy, and the end of testing mode: by SSH, or by a document of Systems Manager.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use asiaq_compiler::{Deployable, IntegrationTest};
use asiaq_runtime::{DeployGroup, Host};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;

use super::session::DeploySession;
use super::steps::{Failed, Outcome};
use crate::engine::{Interrupts, account};

/// Longest time of an integration test.
const LONGEST: Duration = Duration::from_hours(1);
/// Lines that a message has of a test.
const LINES: usize = 20;
/// Exit code of `ssh` where it could not connect.
const SSH_FAILED: i32 = 255;

/// What tests the instances of a hostclass.
#[derive(Clone, Copy)]
pub(super) struct Tester<'a> {
    pub(super) session: &'a DeploySession<'a>,
    pub(super) what: &'a Deployable,
    pub(super) interrupts: &'a Interrupts,
    pub(super) tell: &'a (dyn Fn(&str) + Sync),
}

impl Tester<'_> {
    /// Runs the integration test on an instance of the hostclass that has it.
    pub(super) async fn integration(&self, test: &IntegrationTest, new: &DeployGroup) -> Outcome {
        let hosts = self.session.hosts().await?;
        let own: BTreeSet<&str> = new.in_service().into_iter().collect();
        let is_own = test.hostclass == self.what.hostclass && test.env == self.what.env;
        let runs_it = |host: &&Host| {
            host.state == "running"
                && if is_own {
                    own.contains(host.id.as_str())
                } else {
                    host.environment.as_deref() == Some(&test.env)
                        && host.hostclass.as_deref() == Some(&test.hostclass)
                }
        };
        // One that has passed its own smoke test is preferred.
        let runner = hosts.iter().filter(runs_it).max_by_key(|host| host.smoke_test.is_some());
        let Some(runner) = runner else {
            return Err(anyhow!(
                "no instance of `{}` runs in `{}`, which the integration test `{}` needs",
                test.hostclass,
                test.env,
                test.name
            )
            .into());
        };
        let addresses: Vec<String> = hosts
            .iter()
            .filter(|host| own.contains(host.id.as_str()))
            .filter_map(|host| Some(host.preferred_private()?.to_string()))
            .collect();
        match (&test.document, &test.command) {
            (Some(document), _) => self.by_document(document, runner, test).await,
            (None, Some(command)) => self.by_ssh(command, runner, test, &addresses).await,
            (None, None) => Err(anyhow!(
                "`{}` has the integration test `{}`, and its `test` block no `command` and no `integration` document",
                self.what.hostclass,
                test.name
            )
            .into()),
        }
    }

    async fn by_document(&self, document: &str, runner: &Host, test: &IntegrationTest) -> Outcome {
        let parameters =
            [("test", Some(&test.name)), ("command", test.command.as_ref()), ("user", test.user.as_ref())];
        let parameters: BTreeMap<String, String> = parameters
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?.clone())))
            .collect();
        let cloud = self.session.cloud_of(&test.env);
        let sent = cloud.run_document(&runner.region, document, &runner.id, &parameters, LONGEST);
        let ended = self.interrupts.guard(async { Ok(sent.await) }).await?;
        let ended = account::answered("run the integration test", ended)?;
        match ended {
            Ok(()) => Ok(()),
            Err(why) => Err(Failed::Image(anyhow!(
                "the integration test `{}` on {} ended: {why}",
                test.name,
                runner.id
            ))),
        }
    }

    async fn by_ssh(
        &self,
        command: &str,
        runner: &Host,
        test: &IntegrationTest,
        addresses: &[String],
    ) -> Outcome {
        let address = runner.address().with_context(|| format!("{} has no address", runner.id))?;
        let remote =
            format!("ASIAQ_ADDRESSES={} {command} {}", quoted(&addresses.join(" ")), quoted(&test.name));
        let to = SshTo {
            address: address.to_string(),
            user: test.user.as_deref(),
            instance: &runner.id,
            config: self.session.request.ssh_config,
        };
        let tell = self.tell;
        let work = to.run(&remote, |line| tell(&format!("  {line}")));
        let ended = self.interrupts.guard(Box::pin(async { Ok(work.await?) })).await?;
        match ended {
            (0, _) => Ok(()),
            // The host of the test is not what is tested.
            (SSH_FAILED, tail) => Err(anyhow!(
                "`ssh` does not reach {} at {address} for the integration test:{}",
                runner.id,
                shown(&tail)
            )
            .into()),
            (code, tail) => Err(Failed::Image(anyhow!(
                "the integration test `{}` on {} ended with code {code}:{}",
                test.name,
                runner.id,
                shown(&tail)
            ))),
        }
    }

    /// Switches testing mode off on the new instances.
    pub(super) async fn testing_mode_off(&self, document: &str, new: &DeployGroup) -> Outcome {
        let parameters = BTreeMap::from([("mode".to_owned(), "off".to_owned())]);
        for machine in new.in_service() {
            let sent = self.session.cloud().run_document(
                &self.session.region,
                document,
                machine,
                &parameters,
                LONGEST,
            );
            let ended = self.interrupts.guard(async { Ok(sent.await) }).await?;
            account::answered("switch testing mode off", ended)?
                .map_err(|why| anyhow!("testing mode cannot be switched off on {machine}: {why}"))?;
        }
        Ok(())
    }
}

/// How an instance is reached by the system's own `ssh`.
struct SshTo<'a> {
    address: String,
    user: Option<&'a str>,
    /// Its id: the name of its host keys.
    instance: &'a str,
    config: Option<&'a Path>,
}

impl SshTo<'_> {
    /// Runs a command; returns its exit code and its last lines.
    async fn run(&self, remote: &str, line: impl Fn(&str)) -> anyhow::Result<(i32, Vec<String>)> {
        let mut command = Command::new("ssh");
        if let Some(config) = self.config {
            command.arg("-F").arg(config);
        }
        command.arg("-o").arg(format!("HostKeyAlias={}", self.instance));
        for option in ["CheckHostIP=no", "BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=15"] {
            command.arg("-o").arg(option);
        }
        if let Some(user) = self.user {
            command.arg("-l").arg(user);
        }
        command.arg("-T").arg("--").arg(&self.address).arg(remote);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("cannot start `ssh`")?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let tail = std::cell::RefCell::new(Vec::new());
        let take = |text: String| {
            line(&text);
            let mut tail = tail.borrow_mut();
            tail.push(text);
            if tail.len() > LINES {
                tail.remove(0);
            }
        };
        let work = async {
            let (_, _, status) = tokio::join!(lines(out, &take), lines(err, &take), child.wait());
            status
        };
        let status = tokio::time::timeout(LONGEST, work).await;
        let status =
            status.map_err(|_| anyhow!("the command has not ended after {} s", LONGEST.as_secs()))?;
        let code = status.context("cannot wait for `ssh`")?.code().unwrap_or(SSH_FAILED);
        Ok((code, tail.into_inner()))
    }
}

async fn lines(stream: Option<impl AsyncRead + Unpin>, take: &impl Fn(String)) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while let Ok(1..) = reader.read_until(b'\n', &mut bytes).await {
        take(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned());
        bytes.clear();
    }
}

fn shown(tail: &[String]) -> String {
    tail.iter().map(|line| format!("\n    {line}")).collect()
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
