//! What a person should know of a plan that no step says.

use std::fmt;

use asiaq_ir::{Address, Lookup, Ref};
use serde::{Deserialize, Serialize};

use super::scope::Scope;
use crate::Observed;

/// Something about a plan that no step says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A resource is not made, because one it needs is out of scope and not there.
    LeftOut {
        /// The resource.
        address: Address,
        /// What it needs.
        missing: Address,
    },
    /// An element of a field is not made, because what it leads to is out of scope and not there.
    ElementLeftOut {
        /// The resource.
        address: Address,
        /// The field.
        field: String,
        /// The element, by its key.
        element: String,
        /// What it leads to.
        missing: Address,
    },
    /// A resource outlives its environment and is left where it is.
    Stays {
        /// The resource.
        address: Address,
        /// Its AWS id.
        id: String,
    },
    /// Somebody has not yet said that they want to hear from a topic.
    Unconfirmed {
        /// The topic.
        address: Address,
        /// Who: an address or a URL.
        endpoint: String,
    },
    /// A step will fail, because it points at something that is nowhere.
    Unresolved {
        /// The resource.
        address: Address,
        /// What it points at.
        reference: Ref,
    },
}

/// Who has not confirmed a subscription to a topic in scope.
pub(super) fn unconfirmed(observed: &Observed, scope: &Scope) -> impl Iterator<Item = Note> {
    observed.found.iter().filter(|found| scope.includes(&found.address)).flat_map(|found| {
        let region = observed.facts.regions.get(&found.region);
        let waiting = region.and_then(|region| region.unconfirmed.get(&found.id));
        waiting
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
                    "`{address}` is left out: it needs `{missing}`, which is out of scope and not there"
                )
            }
            Self::ElementLeftOut { address, field, element, missing } => write!(
                f,
                "`{element}` is left out of the {field} of `{address}`: \
                 it leads to `{missing}`, which is out of scope and not there"
            ),
            Self::Stays { address, id } => {
                write!(
                    f,
                    "`{address}` outlives its environment and stays: delete `{id}` by hand if nobody needs it"
                )
            }
            Self::Unconfirmed { address, endpoint } => {
                write!(f, "`{endpoint}` has not yet confirmed its subscription to `{address}`")
            }
            Self::Unresolved { address, reference } => {
                write!(f, "`{address}` points at {}, which is nowhere", Nowhere(reference))
            }
        }
    }
}

/// A reference, in words.
struct Nowhere<'a>(&'a Ref);

impl fmt::Display for Nowhere<'_> {
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
