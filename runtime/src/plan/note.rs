//! Remarks about a plan, beside its steps.

use std::fmt;

use asiaq_ir::{Address, Lookup, ORIGIN_TAG, Ref, Resource};
use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use super::step::{Action, Step};
use crate::ownership::Shown;
use crate::{Foreign, Observed, Strange};

/// A remark about a plan for the user. Notes do not affect an apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A resource is not created because a dependency is out of scope and does not exist.
    LeftOut {
        /// The resource.
        address: Address,
        /// The dependency.
        missing: Address,
    },
    /// An element of a set is not created because the resource it references is out of scope and does not exist.
    ElementLeftOut {
        /// The resource.
        address: Address,
        /// The field with the set, such as `routes`.
        field: String,
        /// The key of the element (see [`Resource::element_key`](asiaq_ir::Resource::element_key)).
        element: String,
        /// The referenced resource.
        missing: Address,
    },
    /// A resource is kept although its environment is deleted.
    Stays {
        /// The resource.
        address: Address,
        /// Its AWS id.
        id: String,
    },
    /// A subscription to a notification topic is not confirmed yet.
    Unconfirmed {
        /// The topic.
        address: Address,
        /// The endpoint of the subscription: an e-mail address or a URL.
        endpoint: String,
    },
    /// A resource has the project's tags and is somebody else's: it is left alone.
    Foreign {
        /// The address in its tags.
        address: Address,
        /// Its AWS id.
        id: String,
        /// Why it is not the project's.
        why: Strange,
    },
    /// A VPC is created, and another project has one that may be the same under an old name of the project.
    Renamed {
        /// The new VPC.
        address: Address,
        /// AWS id of the other one.
        id: String,
        /// The other project.
        project: String,
    },
    /// Running instances of an Auto Scaling group have an older launch template than new ones get.
    OldTemplate {
        /// The group.
        address: Address,
        /// Number of these instances.
        old: usize,
        /// Number of all its instances.
        instances: usize,
        /// Whether the plan changes the launch template, so that these instances get older than new ones by it.
        planned: bool,
    },
    /// A step will fail because a reference leads to no resource.
    Unresolved {
        /// The resource.
        address: Address,
        /// The reference.
        reference: Ref,
    },
}

/// A note for each unconfirmed subscription to a topic in scope.
pub(super) fn unconfirmed(observed: &Observed, scope: &Coverage) -> impl Iterator<Item = Note> {
    observed.found.iter().filter(|found| scope.includes(&found.address)).flat_map(|found| {
        let region = observed.facts.regions.get(&found.region);
        let endpoints = region.and_then(|region| region.unconfirmed.get(&found.id));
        endpoints
            .into_iter()
            .flatten()
            .map(|endpoint| Note::Unconfirmed { address: found.address.clone(), endpoint: endpoint.clone() })
    })
}

/// A note for each foreign resource that has an address in scope.
pub(super) fn foreign(observed: &Observed, scope: &Coverage) -> impl Iterator<Item = Note> {
    let inside = observed.foreign.iter().filter(|foreign| scope.includes(&foreign.address));
    inside.map(|Foreign { address, id, why, .. }| Note::Foreign {
        address: address.clone(),
        id: id.clone(),
        why: why.clone(),
    })
}

/// A note for each VPC of another project that has the block of a new one, or is from the same place and of the same
/// environment.
pub(super) fn renamed(steps: &[Step], observed: &Observed) -> Vec<Note> {
    let mut notes = Vec::new();
    for step in steps {
        let Action::Create { node } = &step.action else { continue };
        let Resource::Vpc(vpc) = &node.resource else { continue };
        let facts = observed.facts.regions.get(&node.region).into_iter().flat_map(|region| &region.vpcs);
        for other in facts {
            let Some(owner) = &other.owner else { continue };
            let origin = node.tags.get(ORIGIN_TAG);
            let is_from_here =
                origin.is_some() && owner.origin.as_ref() == origin && owner.address == step.address;
            if is_from_here || other.blocks.first() == Some(&vpc.cidr) {
                let (address, id) = (step.address.clone(), other.id.clone());
                notes.push(Note::Renamed { address, id, project: owner.project.clone() });
            }
        }
    }
    notes
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut { address, missing } => {
                write!(
                    f,
                    "`{address}` is left out: it needs `{missing}`, which is out of scope and does not exist"
                )
            }
            Self::ElementLeftOut { address, field, element, missing } => write!(
                f,
                "`{element}` is left out of the {field} of `{address}`: \
                 it references `{missing}`, which is out of scope and does not exist"
            ),
            Self::Stays { address, id } => {
                write!(
                    f,
                    "`{address}` is kept when its environment is deleted: delete `{id}` by hand if it is not needed"
                )
            }
            Self::Unconfirmed { address, endpoint } => {
                write!(f, "`{endpoint}` has not yet confirmed its subscription to `{address}`")
            }
            Self::Foreign { address, id, why } => write!(
                f,
                "{} has the tags of {} and is left alone: {}",
                Shown(id),
                Shown(address.as_str()),
                Because(why)
            ),
            Self::Renamed { address, id, project } => write!(
                f,
                "{} is created, and {} of project {} may be what it was under another name of this project: to keep \
                 that, give the project the name {} again",
                Shown(address.as_str()),
                Shown(id),
                Shown(project),
                Shown(project)
            ),
            Self::OldTemplate { address, old, instances, planned } => {
                let (run, them) = if *old == 1 { ("instance runs", "it") } else { ("instances run", "them") };
                let of = if old == instances { String::new() } else { format!(" of {instances}") };
                let which = if *planned { "the old launch template" } else { "an older launch template" };
                write!(
                    f,
                    "{old}{of} {run} with {which} of `{address}`; new ones get the new one, and asiaq does not replace {them}"
                )
            }
            Self::Unresolved { address, reference } => {
                write!(f, "`{address}` references {}, which does not exist", Unresolved(reference))
            }
        }
    }
}

/// Displays why a resource is not the project's.
struct Because<'a>(&'a Strange);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Strange::Marks(other) => {
                write!(f, "the tags name {}, from which somebody copied them", Shown(other))
            }
            Strange::LiesIn(home) => write!(f, "it is in {}, which is not this project's", Shown(home)),
        }
    }
}

/// Displays a reference that leads to no resource.
struct Unresolved<'a>(&'a Ref);

impl fmt::Display for Unresolved<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ref::To(address) => write!(f, "`{address}`"),
            Ref::Id(id) => write!(f, "`{id}`"),
            Ref::Find(Lookup::ElasticIp(address)) => {
                write!(f, "the elastic IP address `{address}`")
            }
            Ref::Find(Lookup::VpnGateway(name)) => write!(f, "the VPN gateway `{name}`"),
            Ref::Find(Lookup::HostedZone(domain)) => write!(f, "the hosted zone `{domain}`"),
            Ref::Find(Lookup::Image(hostclass)) => write!(f, "the newest image of `{hostclass}`"),
            Ref::Find(Lookup::Certificate(domain)) => write!(f, "the certificate for `{domain}`"),
        }
    }
}
