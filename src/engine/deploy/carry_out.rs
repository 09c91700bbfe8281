//! Does deploys, or only their tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use anyhow::anyhow;
use asiaq_ir::Scope;
use asiaq_runtime::{CancellationToken, DeployEnd, HostclassImage, Scopes};

use super::failed::{Failed, Way};
use super::session::DeploySession;
use super::steps::Run;
use super::target::Target;
use super::test_run::Tester;
use crate::engine::{Execution, Interrupts, LeaseCheck, LeaseContext, LeaseWait};
use crate::exit::{Halt, Result};

impl DeploySession<'_> {
    /// Runs the integration tests of hostclasses on the instances that run.
    pub(crate) async fn test(
        &self,
        targets: &[Target],
        interrupts: &Interrupts,
        tell: impl Fn(&str, &str) + Sync,
    ) -> Result<Vec<DeployEnd>> {
        let mut ends = Vec::new();
        for target in targets {
            let Some(test) = &target.what.test else { continue };
            let tell = |what: &str| tell(&target.what.hostclass, what);
            tell(&format!("run the integration test `{}`", test.name));
            let tester = Tester { session: self, what: &target.what, interrupts, tell: &tell };
            let (result, error) = match tester.integration(test, &target.serving).await {
                Ok(()) => ("passed", None),
                Err(Failed::Image(error) | Failed::Other(Halt::External(error))) => {
                    ("failed", Some(format!("{error:#}")))
                }
                Err(Failed::Other(halt)) => return Err(halt),
            };
            let (env, hostclass) = (target.what.env.clone(), target.what.hostclass.clone());
            ends.push(DeployEnd {
                env,
                hostclass,
                image: target.newest.0.clone(),
                result,
                error,
                not_shared: None,
            });
        }
        Ok(ends)
    }

    /// Refuses what a deploy would refuse before it changes anything.
    pub(crate) async fn refuse(
        &self,
        deploys: &[(Target, HostclassImage)],
        execution: &Execution,
        interrupts: &Interrupts,
    ) -> Result<()> {
        let (stop, limits) = (&CancellationToken::new(), &execution.limits());
        let (written, before, tell) = (&Mutex::default(), &BTreeMap::new(), &|_: &str| {});
        for (target, image) in deploys.iter().filter(|(target, _)| !target.is_open()) {
            let run = Run { session: self, target, image, limits, stop, interrupts, written, before, tell };
            Box::pin(run.may_begin()).await?;
        }
        Ok(())
    }

    /// Does deploys one after the other, until one fails.
    pub(crate) async fn carry_out(
        &self,
        deploys: &[(Target, HostclassImage)],
        (way, execution): (Way, &Execution),
        interrupts: &Interrupts,
        tell: impl Fn(&str, &str) + Sync,
    ) -> Result<Vec<DeployEnd>> {
        let (aws, project) = (self.aws(), self.project());
        let scope = Scope::environment(self.request.env);
        let scopes = Scopes::from([(self.region.clone(), [scope].into())]);
        let caller = &self.images.project().identity.arn;
        let wait = LeaseWait::new(&execution.locking, execution.yes);
        let regions = BTreeSet::from([self.region.clone()]);
        let (lease_check, lock) = loop {
            let lease_check = LeaseCheck::at(aws, project, &regions).await;
            let context = LeaseContext { aws, caller, project, scopes: &scopes, lease_check: &lease_check };
            if wait.wait(&context, interrupts).await? {
                continue;
            }
            if let Some(lock) = wait.take(&context, interrupts).await? {
                break (lease_check, lock);
            }
        };
        let before = lease_check.written();
        let written = Mutex::new(before.clone());
        let (stop, limits) = (CancellationToken::new(), execution.limits());
        let work = async {
            // Another run may have been there between the question and the lease.
            let now = self.targets().await?;
            let mut ends = Vec::new();
            for (target, image) in deploys {
                let is_same = |one: &&Target| {
                    one.what.hostclass == target.what.hostclass
                        && one.serving.name == target.serving.name
                        && one.open == target.open
                        && one.newest == target.newest
                };
                let Some(target) = now.iter().find(is_same) else {
                    return Err(anyhow!(
                        "another run changed `{}` in the meantime; nothing was changed: run the command again",
                        target.what.hostclass
                    ));
                };
                let tell = |what: &str| tell(&target.what.hostclass, what);
                let (written, before) = (&written, &before);
                let (limits, stop) = (&limits, &stop);
                let run = Run {
                    session: self,
                    target,
                    image,
                    limits,
                    stop,
                    interrupts,
                    written,
                    before,
                    tell: &tell,
                };
                let end = Box::pin(run.carry_out(way)).await;
                let has_failed = end.error.is_some() || interrupts.any() || stop.requested();
                ends.push(end);
                if has_failed {
                    break;
                }
            }
            Ok(ends)
        };
        let work = async { Ok(work.await?) };
        let ends = tokio::select! {
            ends = interrupts.until_second(Box::pin(work)) => ends,
            never = lock.keep(aws, &stop) => match never {},
        };
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        let left = written.into_iter().map(|(scope, applied)| (scope, applied.to_string())).collect();
        lock.release(aws, &left).await;
        ends
    }
}
