//! What stands in the way of a plan: resources without ownership tags in the place of resources that it would create,
//! most of which would be created twice, since AWS rejects few duplicates; and what the cloud would refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use asiaq_ir::{ADDRESS_TAG, Address, Change, PROJECT_TAG, Ref, Resource, refs, refs_in, resolve};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::limits::LISTINGS;
use crate::{Action, Cause, Cloud, Create, Found, Intent, Note, Plan, Reason, Result, Step, Update};

/// What stands in the way of a plan. The message has a line for each, with what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Conflicts(BTreeMap<String, Conflict>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Conflict {
    /// An untagged resource in the place of the wanted resource at `address`, and the tags that let asiaq take it over.
    Untagged { region: String, address: Address, remedy: String },
    /// Why the cloud would refuse a step.
    Refused(String),
}

impl Conflicts {
    /// Searches for conflicts with `plan`; absent if there are none. Makes about one call for each resource to create
    /// that references a live resource or existed after the last apply.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn of<C: Cloud>(cloud: &C, plan: &Plan) -> Result<Option<Self>> {
        let lookups: Vec<_> = plan.steps.iter().filter_map(|step| lookup(cloud, plan, step)).collect();
        let found: Vec<_> = stream::iter(lookups).buffered(LISTINGS).try_collect().await?;
        let mut conflicts: BTreeMap<String, Conflict> =
            found.into_iter().flatten().chain(fixed_references(plan)).collect();
        conflicts.extend(refusals(cloud, plan).await?);
        Ok((!conflicts.is_empty()).then_some(Self(conflicts)))
    }
}

impl fmt::Display for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (id, conflict)) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            match conflict {
                Conflict::Untagged { region, address, remedy } => {
                    write!(
                        f,
                        "{separator}`{id}` in {region} stands where `{address}` belongs, and {remedy}"
                    )?;
                }
                Conflict::Refused(why) => write!(f, "{separator}`{id}`: {why}")?,
            }
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
        Self::Untagged { region: region.to_owned(), address: address.clone(), remedy }
    }
}

/// The steps that the cloud would refuse, by address.
async fn refusals<C: Cloud>(cloud: &C, plan: &Plan) -> Result<Vec<(String, Conflict)>> {
    let deleted = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Replace { live, .. } | Action::Delete { live } => Some(live),
        Action::Create { .. } | Action::Update { .. } => None,
    });
    let leaving: &BTreeSet<&str> = &deleted.map(|live| live.id.as_str()).collect();
    let asked = plan.steps.iter().filter(|step| cloud.may_refuse(step.kind));
    let asked: Vec<_> = asked.map(|step| refusals_of(cloud, plan, step, leaving)).collect();
    let refused: Vec<_> = stream::iter(asked).buffered(LISTINGS).try_collect().await?;
    Ok(refused.into_iter().flatten().collect())
}

async fn refusals_of<C: Cloud>(
    cloud: &C,
    plan: &Plan,
    step: &Step,
    leaving: &BTreeSet<&str>,
) -> Result<Vec<(String, Conflict)>> {
    let mut reasons = Vec::new();
    if let Action::Create { node } | Action::Replace { node, .. } = &step.action
        && let Some(resource) = located(plan, step)
    {
        let (region, address, tags, token) = (step.region.as_str(), &step.address, &node.tags, "");
        let request = Create { region, address, resource: &resource, tags, token };
        reasons.extend(cloud.refusal(region, &Intent::Create(&request), leaving).await?);
    }
    if let Some((live, wanted)) = change(plan, step) {
        let update = update_of(step, live, &wanted);
        reasons.extend(cloud.refusal(&live.region, &Intent::Update(&update), leaving).await?);
    }
    if let Action::Replace { live, .. } | Action::Delete { live } = &step.action {
        let intent = if plan.scope.with_data { Intent::Empty(live) } else { Intent::Delete(live) };
        reasons.extend(cloud.refusal(&live.region, &intent, leaving).await?);
    }
    let reasons = reasons.into_iter().map(|reason| Conflict::Refused(reason.message));
    Ok(reasons.map(|reason| (step.address.to_string(), reason)).collect())
}

/// What AWS says of how it would make the changes of a plan. Makes a call for each change of a kind of which it says
/// something.
///
/// # Errors
/// The first call that fails.
pub async fn forecasts<C: Cloud>(cloud: &C, plan: &Plan) -> Result<Vec<Note>> {
    let mut notes = Vec::new();
    for step in &plan.steps {
        let Some((live, wanted)) = change(plan, step) else { continue };
        if let Some(says) = cloud.forecast(&update_of(step, live, &wanted)).await? {
            notes.push(Note::Forecast { address: step.address.clone(), says });
        }
    }
    Ok(notes)
}

/// The live resource of a change in place, and the wanted one with the AWS ids of what it references.
fn change<'p>(plan: &'p Plan, step: &'p Step) -> Option<(&'p Found, Resource)> {
    match &step.action {
        Action::Update { live, .. } => Some((live, located(plan, step)?)),
        Action::Create { .. } | Action::Replace { .. } | Action::Delete { .. } => None,
    }
}

fn update_of<'p>(step: &'p Step, live: &'p Found, wanted: &'p Resource) -> Update<'p> {
    static NONE: (BTreeMap<String, String>, BTreeSet<String>) = (BTreeMap::new(), BTreeSet::new());
    Update {
        region: &live.region,
        address: &step.address,
        id: &live.id,
        live: &live.resource,
        wanted,
        set_tags: &NONE.0,
        remove_tags: &NONE.1,
    }
}

/// The wanted resource of a step with the AWS ids of the live resources that it references.
fn located(plan: &Plan, step: &Step) -> Option<Resource> {
    let known = |reference: &Ref| known(plan, reference).map(|id| Ref::Id(id.clone()));
    let resource = step.wanted()?;
    Some(resolve(resource, &mut |reference| known(reference).unwrap_or_else(|| reference.clone())))
}

/// The AWS id of a live resource that is referenced by address.
fn known<'p>(plan: &'p Plan, reference: &Ref) -> Option<&'p String> {
    match reference {
        Ref::To(address) => plan.known.get(address),
        Ref::Id(_) | Ref::Find(_) => None,
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
    let may_exist =
        step.cause == Cause::Drift || refs(&node.resource).iter().any(|to| known(plan, to).is_some());
    may_exist.then_some(())?;
    let resource = located(plan, step)?;
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
