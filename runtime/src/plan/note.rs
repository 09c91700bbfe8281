//! Remarks about a plan, beside its steps.

use std::fmt;

use asiaq_ir::{Address, Lookup, Ref};
use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use crate::Observed;

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
            Self::Unresolved { address, reference } => {
                write!(f, "`{address}` references {}, which does not exist", Unresolved(reference))
            }
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
