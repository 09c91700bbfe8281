//! A plan as JSON.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_compiler::reach::Difference;
use asiaq_ir::{Origin, Risk, Scope};
use asiaq_runtime::{Action, Cause, Interruption, Interruptions, Plan, Reason};
use serde::Serialize;

use crate::ui::lease;

/// The number of steps by action.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(in crate::ui) struct Tally {
    pub(in crate::ui) create: usize,
    pub(in crate::ui) update: usize,
    pub(in crate::ui) replace: usize,
    pub(in crate::ui) delete: usize,
    /// Steps among them that undo drift, wholly or in part.
    pub(in crate::ui) drift: usize,
}

#[derive(Serialize)]
struct View<'a> {
    project: &'a str,
    account: &'a str,
    /// The environments and accounts that are in another account, with its id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    accounts: BTreeMap<Scope, String>,
    summary: Tally,
    steps: Vec<StepView<'a>>,
    /// Addresses of protected resources whose steps an apply would refuse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<&'a str>,
    /// Environments that are no longer declared, and that an apply deletes only if it is asked to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unnamed_ends: Vec<String>,
    notes: Vec<String>,
    /// What no project of asiaq owns and `--allow prune` removes, with its AWS id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unmanaged: &'a BTreeMap<asiaq_ir::Address, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    images: &'a BTreeMap<String, asiaq_ir::ImageFact>,
    reachability: &'a Difference,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leases: Vec<lease::View>,
}

#[derive(Serialize)]
struct StepView<'a> {
    address: &'a str,
    kind: &'static str,
    region: &'a str,
    action: &'static str,
    risk: Risk,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a Origin>,
    #[serde(skip_serializing_if = "<[Reason]>::is_empty")]
    reasons: &'a [Reason],
    /// What stops during the step, and for how long.
    #[serde(skip_serializing_if = "<[Interruption]>::is_empty")]
    interruptions: &'a [Interruption],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a asiaq_ir::Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a BTreeMap<String, String>>,
}

/// Prints a plan: its steps with their reasons, the resources to create, the changed connections, and the leases of
/// other runs.
pub(crate) fn print_json(
    plan: &Plan,
    account: &str,
    accounts: BTreeMap<Scope, String>,
    difference: &Difference,
    leases: Vec<lease::View>,
) {
    let interruptions = Interruptions::of(plan);
    let steps = plan.steps.iter().map(|step| {
        let (action, tags) = match &step.action {
            Action::Create { node } => ("create", Some(&node.tags)),
            Action::Update { .. } => ("update", None),
            Action::Replace { node, .. } => ("replace", Some(&node.tags)),
            Action::Delete { .. } => ("delete", None),
        };
        StepView {
            address: step.address.as_str(),
            kind: step.kind.name(),
            region: &step.region,
            action,
            risk: step.risk,
            cause: Some(step.cause).filter(|cause| *cause != Cause::Unknown),
            id: step.live().map(|live| live.id.as_str()),
            origin: step.origin.as_ref(),
            reasons: &step.reasons,
            interruptions: interruptions.by(step),
            resource: step.wanted(),
            tags: tags.filter(|tags| !tags.is_empty()),
        }
    });
    crate::ui::json::print(&View {
        project: &plan.project,
        account,
        accounts,
        summary: Tally::of(plan),
        steps: steps.collect(),
        refused: plan.refused(&BTreeSet::new()).iter().map(|refusal| refusal.step.address.as_str()).collect(),
        unnamed_ends: plan.unnamed_ends().into_keys().map(|scope| scope.to_string()).collect(),
        notes: plan.notes.iter().map(ToString::to_string).collect(),
        unmanaged: &plan.unmanaged,
        images: &plan.images,
        reachability: difference,
        leases,
    });
}

impl Tally {
    pub(in crate::ui) fn of(plan: &Plan) -> Self {
        let mut tally = Self::default();
        for step in &plan.steps {
            *match step.action {
                Action::Create { .. } => &mut tally.create,
                Action::Update { .. } => &mut tally.update,
                Action::Replace { .. } => &mut tally.replace,
                Action::Delete { .. } => &mut tally.delete,
            } += 1;
            tally.drift += usize::from(step.cause == Cause::Drift);
        }
        tally
    }
}
