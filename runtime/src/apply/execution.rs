//! The execution of one operation, with all references resolved to AWS ids.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Change, Ref, Resource, refs_in, resolve};
use serde_json::Value;

use crate::digest::hex_digest;
use crate::graph::{Graph, Op, Part};
use crate::plan::{Action, Step};
use crate::{Cloud, CloudError, Create, Delete, Fault, Found, Plan, Result, Serving, Update};

/// A call to the cloud with all its arguments.
pub(super) struct Execution<'a> {
    /// What has to serve first: the step, and the AWS id of its new resource.
    serving: Vec<(&'a Step, String)>,
    call: Request<'a>,
}

#[allow(clippy::large_enum_variant, reason = "few live at a time, and none is moved often")]
enum Request<'a> {
    Create {
        step: &'a Step,
        resource: Resource,
        tags: &'a BTreeMap<String, String>,
        token: String,
        /// What the same call deletes.
        displaced: Vec<&'a Found>,
    },
    Update {
        step: &'a Step,
        live: Found,
        wanted: Resource,
        tags: Option<Tags<'a>>,
    },
    Delete {
        step: &'a Step,
        live: &'a Found,
        with_data: bool,
    },
    /// Another operation has deleted the resource.
    Included {
        live: &'a Found,
    },
}

/// The changes of tags in an update.
pub(super) struct Tags<'a> {
    set: &'a BTreeMap<String, String>,
    remove: &'a BTreeSet<String>,
}

impl<'a> Execution<'a> {
    /// `ids` are the AWS ids known so far, by address. Fails if a reference of the resource cannot be resolved.
    pub(super) fn new(
        plan: &'a Plan,
        graph: &Graph,
        op: usize,
        ids: &BTreeMap<Address, String>,
    ) -> Option<Result<Self>> {
        let Op { step, part } = *graph.op(op)?;
        let step = plan.steps.get(step)?;
        let steps =
            |indices: &[usize]| indices.iter().filter_map(|step| plan.steps.get(*step)).collect::<Vec<_>>();
        let serving = steps(graph.serving(op)).into_iter();
        let serving = serving.filter_map(|step| Some((step, ids.get(&step.address)?.clone()))).collect();
        let call = if graph.is_included(op) {
            Ok(Request::Included { live: step.live()? })
        } else {
            let displaced = steps(graph.displaced(op)).into_iter().filter_map(Step::live).collect();
            Request::new(plan, step, part, ids, displaced)
        };
        Some(call.map(|call| Self { serving, call }))
    }

    /// Waits for what has to serve first, makes the call, and returns the AWS id of the resource.
    pub(super) async fn run<C: Cloud>(self, cloud: &C) -> Result<String> {
        for (step, id) in &self.serving {
            let (region, address) = (step.region.as_str(), &step.address);
            cloud.serving(&Serving { region, address, kind: step.kind, id }).await?;
        }
        self.call.run(cloud).await
    }
}

impl<'a> Request<'a> {
    fn new(
        plan: &Plan,
        step: &'a Step,
        part: Part,
        ids: &BTreeMap<Address, String>,
        displaced: Vec<&'a Found>,
    ) -> Result<Self> {
        match (&step.action, part) {
            (Action::Create { node }, _) | (Action::Replace { node, .. }, Part::Create) => Ok(Self::Create {
                step,
                resource: filled(&node.resource, step, ids)?,
                tags: &node.tags,
                token: token(plan, step),
                displaced,
            }),
            (Action::Update { live, detach, .. }, Part::Detach) => Ok(Self::Update {
                step,
                live: live.clone(),
                wanted: without(&live.resource, detach),
                tags: None,
            }),
            (Action::Update { live, wanted, release, .. }, Part::Release) => {
                let wanted = filled(wanted, step, ids)?;
                let live = Found { resource: with(&wanted, &live.resource, release), ..live.clone() };
                Ok(Self::Update { step, live, wanted, tags: None })
            }
            (Action::Update { live, wanted, detach, release, set_tags, remove_tags, .. }, _) => {
                let kept = without(&live.resource, detach);
                Ok(Self::Update {
                    step,
                    wanted: with(&filled(wanted, step, ids)?, &kept, release),
                    live: Found { resource: kept, ..live.clone() },
                    tags: Some(Tags { set: set_tags, remove: remove_tags }),
                })
            }
            (Action::Replace { live, .. } | Action::Delete { live }, _) => {
                Ok(Self::Delete { step, live, with_data: plan.scope.with_data })
            }
        }
    }

    async fn run<C: Cloud>(self, cloud: &C) -> Result<String> {
        match &self {
            Self::Create { step, resource, tags, token, displaced } => {
                let (region, address) = (step.region.as_str(), &step.address);
                let request = Create { region, address, resource, tags, token };
                if displaced.is_empty() {
                    return cloud.create(&request).await;
                }
                cloud.hand_over(&request, displaced).await
            }
            Self::Update { step, live, wanted, tags } => {
                let none = (BTreeMap::new(), BTreeSet::new());
                let (set_tags, remove_tags) =
                    tags.as_ref().map_or((&none.0, &none.1), |tags| (tags.set, tags.remove));
                let request = Update {
                    region: &live.region,
                    address: &step.address,
                    id: &live.id,
                    live: &live.resource,
                    wanted,
                    set_tags,
                    remove_tags,
                };
                cloud.update(&request).await.map(|()| live.id.clone())
            }
            Self::Delete { step, live, with_data } => {
                let request = Delete {
                    region: &live.region,
                    address: &step.address,
                    id: &live.id,
                    live: &live.resource,
                    with_data: *with_data,
                };
                cloud.delete(&request).await.map(|()| live.id.clone())
            }
            Self::Included { live } => Ok(live.id.clone()),
        }
    }
}

/// `resource` with AWS ids in place of addresses. Fails with the first reference that has none.
fn filled(resource: &Resource, step: &Step, ids: &BTreeMap<Address, String>) -> Result<Resource> {
    let mut unresolved = None;
    let filled = resolve(resource, &mut |reference| {
        let id = match reference {
            Ref::To(address) => ids.get(address).cloned(),
            Ref::Id(id) => Some(id.clone()),
            Ref::Find(_) => None,
        };
        id.map_or_else(
            || {
                unresolved.get_or_insert_with(|| reference.clone());
                reference.clone()
            },
            Ref::Id,
        )
    });
    match unresolved {
        None => Ok(filled),
        Some(reference) => Err(CloudError {
            operation: "Resolve".to_owned(),
            fault: Fault::Refused,
            code: String::new(),
            message: crate::plan::Note::Unresolved { address: step.address.clone(), reference }.to_string(),
            request: None,
        }),
    }
}

/// `resource` without the set elements that reference an id in `detached`.
fn without(resource: &Resource, detached: &BTreeSet<String>) -> Resource {
    if detached.is_empty() {
        return resource.clone();
    }
    let mut value = resource.to_value();
    let is_detached = |element: &Value| {
        refs_in(element).iter().any(|reference| reference.id().is_some_and(|id| detached.contains(id)))
    };
    for (field, change) in resource.kind().schema().fields {
        if let (Change::Elements { .. }, Some(Value::Array(elements))) = (change, value.get_mut(*field)) {
            elements.retain(|element| !is_detached(element));
        }
    }
    serde_json::from_value(value).unwrap_or_else(|_| resource.clone())
}

/// `resource` with the elements of `live`'s sets that reference an id in `released`.
fn with(resource: &Resource, live: &Resource, released: &BTreeSet<String>) -> Resource {
    if released.is_empty() {
        return resource.clone();
    }
    let (mut value, live) = (resource.to_value(), live.to_value());
    for field in resource.kind().schema().released_last {
        let elements = live.get(*field).and_then(Value::as_array).into_iter().flatten();
        let is_released = |element: &&Value| {
            refs_in(element).iter().any(|reference| reference.id().is_some_and(|id| released.contains(id)))
        };
        if let Some(Value::Array(set)) = value.get_mut(*field) {
            set.extend(elements.filter(is_released).cloned());
        }
    }
    serde_json::from_value(value).unwrap_or_else(|_| resource.clone())
}

/// The idempotency token of a creation: 32 hexadecimal digits, the same for every attempt in this plan.
fn token(plan: &Plan, step: &Step) -> String {
    let text = [&plan.project, &plan.now, step.address.as_str(), step.kind.name()].join("\n");
    hex_digest(&text)
}
