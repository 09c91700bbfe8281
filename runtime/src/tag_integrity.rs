//! Tags by which asiaq knows its own, where somebody has changed them so that no plan could be right.

use std::collections::BTreeSet;

use asiaq_ir::{ADDRESS_TAG, Address, Kind, PROJECT_TAG, Resource};

use crate::{Found, Observed, Scope};

/// What somebody did to the tags of the account, with a way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Tampered {
    /// The address of something is none.
    #[error(
        "`{id}` in {region} is tagged `{ADDRESS_TAG} = {address}`, which is no address as `ci/vpc` is one: write there \
         what it was, or take its tag `{PROJECT_TAG}` off, and asiaq lets it alone"
    )]
    Address {
        /// AWS id.
        id: String,
        /// AWS region.
        region: String,
        /// What the tag says.
        address: Address,
    },
    /// Something stands in a VPC that asiaq does not know.
    #[error(
        "`{inside}` is in `{vpc}` in {region}, which does not have the tags by which asiaq knows a VPC: tag it \
         `{PROJECT_TAG} = {project}` and `{ADDRESS_TAG} = {address}`; where it was deleted a moment ago, look again"
    )]
    Vpc {
        /// AWS id of the VPC.
        vpc: String,
        /// AWS region.
        region: String,
        /// The project.
        project: String,
        /// What the tag of the VPC should say.
        address: Address,
        /// What is in it.
        inside: Address,
    },
}

/// Refuses to plan with what was observed of a project where the tags in `scope` cannot be what asiaq wrote: it would
/// make anew what is there, or delete it.
///
/// # Errors
/// The first thing that is wrong, in order of address.
pub fn tampered(project: &str, observed: &Observed, scope: &Scope) -> Result<(), Tampered> {
    let vpcs: BTreeSet<&str> = observed
        .found
        .iter()
        .filter(|found| found.resource.kind() == Kind::Vpc)
        .map(|found| found.id.as_str())
        .collect();
    for found in observed.found.iter().filter(|found| scope.covers(found.address.env())) {
        let (id, region, address) = (found.id.clone(), found.region.clone(), &found.address);
        if address.env().is_empty() || address.path().is_empty() {
            return Err(Tampered::Address { id, region, address: address.clone() });
        }
        if let Some(vpc) = home(found).filter(|vpc| !vpcs.contains(vpc)) {
            let (vpc, project) = (vpc.to_owned(), project.to_owned());
            let (inside, address) = (address.clone(), Address::new(address.env(), "vpc"));
            return Err(Tampered::Vpc { vpc, region, project, address, inside });
        }
    }
    Ok(())
}

/// The VPC that cannot be gone while this is there.
fn home(found: &Found) -> Option<&str> {
    match &found.resource {
        Resource::Subnet(subnet) => subnet.vpc.id(),
        Resource::SecurityGroup(group) => group.vpc.id(),
        _ => None,
    }
}
