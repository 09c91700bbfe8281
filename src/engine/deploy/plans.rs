//! The plans that a deploy makes and applies.

use std::sync::{Arc, PoisonError};

use anyhow::anyhow;
use asiaq_ir::{Kind, LaunchTemplate, Resource, Scope, SmokeTest};
use asiaq_runtime::{Action, Goal, LastApplied, Plan, apply};

use super::open::Imagined;
use super::steps::Run;
use crate::engine::{Part, Request, Selection, account, prepare};
use crate::exit::{Halt, Result};
use crate::ui::progress::Progress;

impl Run<'_> {
    /// The plan of the hostclass, in which an AMI counts as good, and the launch template that it wants.
    pub(super) async fn plan(&self, image: Option<&str>) -> Result<(Plan, LaunchTemplate)> {
        let request = self.session.request;
        let selection = Selection::of(self.env());
        let hostclasses = [self.hostclass().to_owned()];
        let stage = self.stage();
        let is_back = image.is_some() && self.is_back();
        let deploy = Imagined {
            env: self.env(),
            hostclass: self.hostclass(),
            image,
            stage: &stage,
            bad: is_back.then_some((self.before(), self.target.what.bad_stage.as_str())),
        };
        let request = Request {
            part: Some(Part { pipeline: &self.session.pipeline, hostclasses: &hostclasses }),
            deploy: Some(&deploy),
            verb: "up",
            ..Request::of(
                &selection,
                request.path,
                Goal::Apply,
                request.connection,
                request.format,
                request.log,
            )
        };
        let prepared = Box::pin(prepare(request, self.interrupts)).await?;
        account::verify(&prepared.plan, &prepared.aws)?;
        let template = prepared.plan.ir.resources.get(&self.address("launch-template"));
        let Some(Resource::LaunchTemplate(wanted)) = template.map(|node| &node.resource) else {
            return Err(anyhow!("the program has no launch template of `{}`", self.hostclass()).into());
        };
        let wanted = wanted.clone();
        Ok((prepared.plan, wanted))
    }

    /// The smoke test of the hostclass, if its instances have one.
    pub(super) fn smoke_test(&self, plan: &Plan) -> Option<SmokeTest> {
        match &plan.ir.resources.get(&self.address("group/smoke-test"))?.resource {
            Resource::SmokeTest(test) => Some(test.clone()),
            _ => None,
        }
    }

    /// Applies steps of a plan.
    pub(super) async fn apply(&self, plan: &Plan) -> Result<()> {
        let session = self.session;
        let (aws, log) = (session.aws(), session.request.log);
        let progress = Arc::new(Progress::new(plan));
        log.begin(plan, session.account(), Arc::clone(&progress));
        let limits = self.limits;
        let on_event = |event| log.take(&event);
        let outcome = tokio::select! {
            outcome = apply(aws, plan, limits, self.stop, &on_event) => outcome,
            never = self.interrupts.pass_on(self.stop) => match never {},
        };
        progress.finish();
        let scope = Scope::environment(self.env());
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let after = LastApplied::after(written.get(&scope), plan, &outcome, scope.borrowed());
        written.insert(scope, after);
        drop(written);
        if let Some(failure) = outcome.failed.first() {
            let address = &failure.operation.address;
            return Err(anyhow!("{address}: {}", failure.error).into());
        }
        if outcome.is_complete() { Ok(()) } else { Err(Halt::Interrupted) }
    }

    /// Applies what is left of the plan of the hostclass: alarms, times and policies of the new group.
    pub(super) async fn settle(&self) -> Result<()> {
        let (mut plan, _) = self.plan(None).await?;
        let is_gentle = |action: &Action| !matches!(action, Action::Delete { .. } | Action::Replace { .. });
        let own = |kind: Kind| matches!(kind, Kind::AutoScalingGroup | Kind::Alarm | Kind::SmokeTest);
        plan.steps.retain(|step| own(step.kind) && is_gentle(&step.action));
        if plan.steps.is_empty() {
            return Ok(());
        }
        (self.tell)("carry over times, policies and alarms");
        self.apply(&plan).await
    }
}
