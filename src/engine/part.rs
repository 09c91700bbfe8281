//! A pipeline of an environment: the part that `up` and `down` change, without the network.

use std::collections::BTreeSet;

use anyhow::bail;
use asiaq_compiler::{EnvironmentSummary, did_you_mean};
use asiaq_ir::{Ir, Node, Ref, Resource};
use asiaq_runtime::{Coverage, Note, Plan};

use crate::ui;

/// The hostclasses of an environment that a command is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    /// Name of the pipeline.
    pub(crate) pipeline: &'a str,
    /// Names of hostclasses; all of the pipeline if empty.
    pub(crate) hostclasses: &'a [String],
}

impl Part<'_> {
    /// The address paths in `env` that belong to it.
    pub(super) fn paths(
        &self,
        env: &str,
        environments: &[EnvironmentSummary],
    ) -> anyhow::Result<BTreeSet<String>> {
        let declared = environments.iter().find(|declared| declared.name == env);
        let Some(runs) = declared.and_then(|declared| declared.pipeline.as_ref()) else {
            bail!("environment `{env}` runs no instances: it has no `pipeline`")
        };
        if runs.name != self.pipeline {
            bail!("environment `{env}` runs pipeline `{}`, not `{}`", runs.name, self.pipeline);
        }
        let known: Vec<&str> = runs.stages.iter().flatten().map(String::as_str).collect();
        let unknown = self.hostclasses.iter().map(String::as_str).find(|name| !known.contains(name));
        if let Some(name) = unknown {
            match did_you_mean(name, &known) {
                Some(near) => bail!("pipeline `{}` runs no `{name}`; did you mean `{near}`?", runs.name),
                None => bail!("pipeline `{}` runs no `{name}`; it runs {}", runs.name, ui::listed(&known)),
            }
        }
        let is_meant =
            |name: &&str| self.hostclasses.is_empty() || self.hostclasses.iter().any(|h| h == name);
        Ok(known.into_iter().filter(is_meant).map(|name| format!("hostclass/{name}")).collect())
    }
}

/// Adds DNS records of load balancers in the scope to the scope: without its load balancer, a record points to
/// nothing.
pub(super) fn follow(scope: &mut Coverage, ir: &Ir) {
    let names = ir.resources.iter().filter(|(_, node)| matches!(node.resource, Resource::RecordSet(_)));
    let points_into_scope = |node: &Node| {
        asiaq_ir::refs(&node.resource).iter().any(|to| matches!(to, Ref::To(to) if scope.includes(to)))
    };
    let paths =
        names.filter(|(_, node)| points_into_scope(node)).map(|(address, _)| address.path().to_owned());
    let paths: Vec<String> = paths.collect();
    scope.under.iter_mut().for_each(|under| under.extend(paths.iter().cloned()));
}

/// Refuses to start instances whose network does not exist.
pub(super) fn require_network(plan: &Plan, env: &str) -> anyhow::Result<()> {
    let missing = plan.notes.iter().find_map(|note| match note {
        Note::LeftOut { missing, .. } => Some(missing),
        Note::ElementLeftOut { .. }
        | Note::Keeps { .. }
        | Note::KeepsBlocks { .. }
        | Note::KeepsSize(_)
        | Note::Forecast { .. }
        | Note::LosesRules { .. }
        | Note::TargetStays { .. }
        | Note::Stays { .. }
        | Note::LeavesCopy { .. }
        | Note::Deactivated { .. }
        | Note::StaysInUse { .. }
        | Note::Waits { .. }
        | Note::OldTemplate { .. }
        | Note::Quota { .. }
        | Note::Unread { .. }
        | Note::AsksPrivately { .. }
        | Note::LogStays { .. }
        | Note::RenamedEnvironment { .. }
        | Note::MayBeRenamed { .. }
        | Note::NothingMoved { .. }
        | Note::BothLive { .. }
        | Note::Unconfirmed { .. }
        | Note::Foreign { .. }
        | Note::Renamed { .. }
        | Note::Undelegated { .. }
        | Note::Unresolved { .. } => None,
    });
    match missing {
        None => Ok(()),
        Some(missing) => {
            bail!(
                "the instances of `{env}` need `{missing}`, which does not exist: run `asiaq apply --env {env}`"
            )
        }
    }
}
