//! Resources without ownership tags in the place of resources that a plan would create. Without this check, most of
//! them would be created twice: AWS rejects few duplicates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use asiaq_ir::{ADDRESS_TAG, Address, Change, PROJECT_TAG, Ref, refs, refs_in, resolve};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::limits::LISTINGS;
use crate::{Action, Cause, Cloud, Create, Plan, Reason, Result, Step};

/// The untagged resources that conflict with a plan. The message has a line for each, with the tags that let asiaq
/// take it over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UntaggedConflicts(BTreeMap<String, Conflict>);

/// An untagged resource in the place of the wanted resource at `address`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Conflict {
    region: String,
    address: Address,
    remedy: String,
}

impl UntaggedConflicts {
    /// Searches for conflicts with `plan`; absent if there are none. Makes about one call for each resource to create
    /// that references a live resource or existed after the last apply.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn of<C: Cloud>(cloud: &C, plan: &Plan) -> Result<Option<Self>> {
        let lookups: Vec<_> = plan.steps.iter().filter_map(|step| lookup(cloud, plan, step)).collect();
        let found: Vec<_> = stream::iter(lookups).buffered(LISTINGS).try_collect().await?;
        let conflicts: BTreeMap<String, Conflict> =
            found.into_iter().flatten().chain(fixed_references(plan)).collect();
        Ok((!conflicts.is_empty()).then_some(Self(conflicts)))
    }
}

impl fmt::Display for UntaggedConflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (id, Conflict { region, address, remedy })) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}`{id}` in {region} stands where `{address}` belongs, and {remedy}")?;
        }
        Ok(())
    }
}

/// The remedy for a resource without ownership tags, as the end of a message.
pub fn take_over(project: &str, address: &str) -> String {
    format!(
        "no tags say whose it is: delete it, or let asiaq take it over by tagging it `{PROJECT_TAG} = {project}` and \
         `{ADDRESS_TAG} = {address}`"
    )
}

impl Conflict {
    fn new(plan: &Plan, region: &str, address: &Address) -> Self {
        let remedy = take_over(&plan.project, address.as_str());
        Self { region: region.to_owned(), address: address.clone(), remedy }
    }
}

/// Looks for an untagged resource in the place of the one that `step` creates: AWS id and conflict. Absent if the step
/// creates nothing, or if nothing that the new resource references exists yet.
fn lookup<C: Cloud>(
    cloud: &C,
    plan: &Plan,
    step: &Step,
) -> Option<impl Future<Output = Result<Option<(String, Conflict)>>> + Send> {
    let Action::Create { node } = &step.action else { return None };
    let known = |reference: &Ref| match reference {
        Ref::To(address) => plan.known.get(address),
        Ref::Id(_) | Ref::Find(_) => None,
    };
    let may_exist = step.cause == Cause::Drift || refs(&node.resource).iter().any(|to| known(to).is_some());
    may_exist.then_some(())?;
    let resource = resolve(&node.resource, &mut |reference| {
        known(reference).map_or_else(|| reference.clone(), |id| Ref::Id(id.clone()))
    });
    let (region, address, tags, token) = (&step.region, &step.address, &node.tags, "");
    Some(async move {
        let request = Create { region, address, resource: &resource, tags, token };
        let existing = cloud.existing_conflict(&request).await?;
        let is_unowned = |tags: &BTreeMap<String, String>| {
            [PROJECT_TAG, ADDRESS_TAG].iter().any(|tag| tags.get(*tag).is_none_or(String::is_empty))
        };
        let conflict = existing.filter(|(_, tags)| is_unowned(tags));
        Ok(conflict.map(|(id, _)| (id, Conflict::new(plan, region, address))))
    })
}

/// Resources that a live resource references in a field which AWS cannot change, and whose addresses the plan creates.
/// Such a resource is the one that asiaq created, without its tags: the reference cannot have changed since.
fn fixed_references(plan: &Plan) -> impl Iterator<Item = (String, Conflict)> {
    let created: BTreeSet<&Address> = plan
        .steps
        .iter()
        .filter(|step| matches!(step.action, Action::Create { .. }))
        .map(|step| &step.address)
        .collect();
    plan.steps.iter().flat_map(move |step| {
        let Action::Replace { live, .. } = &step.action else { return Vec::new() };
        let schema = step.kind.schema();
        let is_fixed = |reason: &&Reason| matches!(schema.change(&reason.field), Change::Replace(_));
        let drifted = step.reasons.iter().filter(|reason| reason.cause == Cause::Drift).filter(is_fixed);
        let conflict = |reason: &Reason| match (&refs_in(&reason.before)[..], &refs_in(&reason.after)[..]) {
            ([Ref::Id(id)], [Ref::To(address)]) if created.contains(address) => {
                Some((id.clone(), Conflict::new(plan, &live.region, address)))
            }
            _ => None,
        };
        drifted.filter_map(conflict).collect()
    })
}
