//! A check of the ownership tags: if they were changed by other means, a plan made from them would be wrong.

use std::collections::BTreeSet;

use asiaq_ir::{ADDRESS_TAG, Address, Kind, PROJECT_TAG, Resource};

use crate::{Coverage, Found, Observed};

/// An ownership tag that asiaq cannot have written, with a message about how to restore it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagIntegrityError {
    /// The address tag of a resource is not an address.
    #[error(
        "`{id}` in {region} is tagged `{ADDRESS_TAG} = {address}`, which is no address such as `ci/vpc`: restore the \
         tag, or remove its tag `{PROJECT_TAG}` so that asiaq does not manage it any more"
    )]
    Address {
        /// AWS id.
        id: String,
        /// AWS region.
        region: String,
        /// The value of the tag.
        address: Address,
    },
    /// A resource of the project is in a VPC without ownership tags.
    #[error(
        "`{inside}` is in `{vpc}` in {region}, which has lost its ownership tags: tag it `{PROJECT_TAG} = {project}` \
         and `{ADDRESS_TAG} = {address}`; if it was deleted a moment ago, try again"
    )]
    Vpc {
        /// AWS id of the VPC.
        vpc: String,
        /// AWS region.
        region: String,
        /// Name of the project.
        project: String,
        /// Address that the VPC should be tagged with.
        address: Address,
        /// Address of the resource in the VPC.
        inside: Address,
    },
}

/// Checks the ownership tags of the resources in `scope`. With wrong tags, a plan would create duplicates or delete
/// resources that are wanted.
///
/// # Errors
/// The first wrong tag, in order of address.
pub fn check_tag_integrity(
    project: &str,
    observed: &Observed,
    scope: &Coverage,
) -> Result<(), TagIntegrityError> {
    let vpcs: BTreeSet<&str> = observed
        .found
        .iter()
        .filter(|found| found.resource.kind() == Kind::Vpc)
        .map(|found| found.id.as_str())
        .collect();
    for found in observed.found.iter().filter(|found| scope.covers(found.address.scope())) {
        let (id, region, address) = (found.id.clone(), found.region.clone(), &found.address);
        if address.scope().as_str().is_empty() || address.path().is_empty() {
            return Err(TagIntegrityError::Address { id, region, address: address.clone() });
        }
        if let Some(vpc) = vpc_id(found).filter(|vpc| !vpcs.contains(vpc)) {
            let (vpc, project) = (vpc.to_owned(), project.to_owned());
            let (inside, address) = (address.clone(), Address::of(&address.scope().to_scope(), "vpc"));
            return Err(TagIntegrityError::Vpc { vpc, region, project, address, inside });
        }
    }
    Ok(())
}

/// The VPC of a subnet or security group: it exists as long as these do.
fn vpc_id(found: &Found) -> Option<&str> {
    match &found.resource {
        Resource::Subnet(subnet) => subnet.vpc.id(),
        Resource::SecurityGroup(group) => group.vpc.id(),
        _ => None,
    }
}
