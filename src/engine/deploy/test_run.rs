//! The integration test of a deploy, and the end of testing mode: by SSH, or by a document of Systems Manager.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use asiaq_compiler::{Deployable, IntegrationTest};
use asiaq_runtime::{DeployGroup, Host};

use super::failed::{Failed, Outcome};
use super::session::DeploySession;
use crate::engine::shell::quoted;
use crate::engine::ssh::{Ended, Output, RemoteOptions, Told, remote};
use crate::engine::{Interrupts, account};

/// Longest time of an integration test.
const LONGEST: Duration = Duration::from_hours(1);
/// Lines that a message has of a test.
const LINES: usize = 20;

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
            (None, Some(command)) => self.by_ssh(command, (runner, &hosts), test, &addresses).await,
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
        let sent = Box::pin(cloud.run_document(&runner.region, document, &runner.id, &parameters, LONGEST));
        let ended = self.interrupts.waited(sent).await?;
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
        (runner, hosts): (&Host, &[Host]),
        test: &IntegrationTest,
        addresses: &[String],
    ) -> Outcome {
        let line =
            format!("ASIAQ_ADDRESSES={} {command} {}", quoted(&addresses.join(" ")), quoted(&test.name));
        let project = self.session.images.project();
        let options = RemoteOptions::of(test.user.as_deref(), self.session.request.ssh_config);
        let remote = remote(project, hosts, &[runner], &options)?;
        let tail = Mutex::new(VecDeque::new());
        let take = |_: &Told, _: Output, said: &str| {
            let said = said.trim_end_matches(['\r', '\n']);
            (self.tell)(&format!("  {said}"));
            let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.push_back(said.to_owned());
            if tail.len() > LINES {
                tail.pop_front();
            }
        };
        let work = async {
            remote.prepare(project, true).await?;
            let command = [line];
            Ok(remote.run(&command, 1, Some(LONGEST), take, |_| {}).await?)
        };
        let outcomes = self.interrupts.guard(Box::pin(work)).await?;
        let tail = tail.into_inner().unwrap_or_else(PoisonError::into_inner);
        let tail: String = tail.iter().map(|line| ["\n    ", line].concat()).collect();
        let name = &test.name;
        match outcomes.into_iter().next().map(|outcome| outcome.ended) {
            Some(Ended::Code(0)) => Ok(()),
            Some(Ended::Code(code)) => Err(Failed::Image(anyhow!(
                "the integration test `{name}` on {} ended with code {code}:{tail}",
                runner.id
            ))),
            Some(Ended::TimedOut(limit)) => Err(Failed::Image(anyhow!(
                "the integration test `{name}` on {} has not ended after {} s:{tail}",
                runner.id,
                limit.as_secs()
            ))),
            // The host of the test is not what is tested.
            Some(Ended::Unreached(why) | Ended::Broken(why)) => {
                Err(anyhow!("`ssh` does not reach {} for the integration test `{name}`: {why}", runner.id)
                    .into())
            }
            None => Err(anyhow!("the integration test `{name}` did not run").into()),
        }
    }

    /// Switches testing mode off on the new instances.
    pub(super) async fn testing_mode_off(&self, document: &str, new: &DeployGroup) -> Outcome {
        let parameters = BTreeMap::from([("mode".to_owned(), "off".to_owned())]);
        for machine in new.in_service() {
            let (cloud, region) = (self.session.cloud(), &self.session.region);
            let sent = Box::pin(cloud.run_document(region, document, machine, &parameters, LONGEST));
            let ended = self.interrupts.waited(sent).await?;
            account::answered("switch testing mode off", ended)?
                .map_err(|why| anyhow!("testing mode cannot be switched off on {machine}: {why}"))?;
        }
        Ok(())
    }
}
