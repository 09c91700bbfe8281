//! What stands where a plan would make something, and has lost the tags by which asiaq knows its own. AWS would make
//! a second one beside most of it without a word.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use asiaq_ir::{ADDRESS_TAG, Address, Change, PROJECT_TAG, Ref, refs, refs_in, resolve};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::limits::LISTINGS;
use crate::{Action, Cause, Cloud, CloudError, Create, Plan, Reason, Step};

/// Everything that stands in the way of a plan, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UntaggedConflicts(BTreeMap<String, Stray>);

/// Something that stands where something else is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stray {
    region: String,
    address: Address,
    way_out: String,
}

impl UntaggedConflicts {
    /// Looks for them: about one call for each resource that `plan` would make in, or from, something that is there
    /// already, and for each that was there after the last apply.
    ///
    /// # Errors
    /// What the cloud could not be asked.
    pub async fn of<C: Cloud>(cloud: &C, plan: &Plan) -> Result<Option<Self>, CloudError> {
        let looks: Vec<_> = plan.steps.iter().filter_map(|step| in_the_way(cloud, plan, step)).collect();
        let seen: Vec<_> = stream::iter(looks).buffered(LISTINGS).try_collect().await?;
        let strays: BTreeMap<String, Stray> = seen.into_iter().flatten().chain(leant_on(plan)).collect();
        Ok((!strays.is_empty()).then_some(Self(strays)))
    }
}

impl fmt::Display for UntaggedConflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (id, Stray { region, address, way_out })) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}`{id}` in {region} stands where `{address}` belongs, and {way_out}")?;
        }
        Ok(())
    }
}

/// What to do about something without tags that say whose it is.
pub fn take_over(project: &str, address: &str) -> String {
    format!(
        "no tags say whose it is: delete it, or let asiaq take it over by tagging it `{PROJECT_TAG} = {project}` and \
         `{ADDRESS_TAG} = {address}`"
    )
}

impl Stray {
    fn new(plan: &Plan, region: &str, address: &Address) -> Self {
        let way_out = take_over(&plan.project, address.as_str());
        Self { region: region.to_owned(), address: address.clone(), way_out }
    }
}

/// A look at what stands where a step would make something; none where nothing that it points at is there yet.
fn in_the_way<C: Cloud>(
    cloud: &C,
    plan: &Plan,
    step: &Step,
) -> Option<impl Future<Output = Result<Option<(String, Stray)>, CloudError>> + Send> {
    let Action::Create { node } = &step.action else { return None };
    let known = |reference: &Ref| match reference {
        Ref::To(address) => plan.known.get(address),
        Ref::Id(_) | Ref::Find(_) => None,
    };
    let may_be_there =
        step.cause == Cause::Drift || refs(&node.resource).iter().any(|to| known(to).is_some());
    may_be_there.then_some(())?;
    let resource = resolve(&node.resource, &mut |reference| {
        known(reference).map_or_else(|| reference.clone(), |id| Ref::Id(id.clone()))
    });
    let (region, address, tags, token) = (&step.region, &step.address, &node.tags, "");
    Some(async move {
        let order = Create { region, address, resource: &resource, tags, token };
        let seen = cloud.in_the_way(&order).await?;
        let is_nameless = |tags: &BTreeMap<String, String>| {
            [PROJECT_TAG, ADDRESS_TAG].iter().any(|tag| tags.get(*tag).is_none_or(String::is_empty))
        };
        let stray = seen.filter(|(_, tags)| is_nameless(tags));
        Ok(stray.map(|(id, _)| (id, Stray::new(plan, region, address))))
    })
}

/// What cannot be another one than the one that was made: something of ours was made with it, and AWS cannot have
/// changed that since.
fn leant_on(plan: &Plan) -> impl Iterator<Item = (String, Stray)> {
    let made: BTreeSet<&Address> = plan
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
        let stray = |reason: &Reason| match (&refs_in(&reason.before)[..], &refs_in(&reason.after)[..]) {
            ([Ref::Id(id)], [Ref::To(address)]) if made.contains(address) => {
                Some((id.clone(), Stray::new(plan, &live.region, address)))
            }
            _ => None,
        };
        drifted.filter_map(stray).collect()
    })
}
