//! A check of the ownership tags: if they were changed by other means, a plan made from them would be wrong.

use std::fmt;

use asiaq_ir::{ACCOUNT_TAG, ADDRESS_TAG, Address, ENV_TAG, Kind, PROJECT_TAG, Ref};

use crate::ownership::{Double, Escaped, Homes, Shown, doubles};
use crate::{Coverage, Found, Observed};

/// Doubles that a message names one by one.
const NAMED: usize = 5;

/// An ownership tag that asiaq cannot have written, with a message about how to restore it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagIntegrityError {
    /// The address tag of a resource is not an address.
    #[error(
        "{} in {region} is tagged `{ADDRESS_TAG} = {}`, which is no address such as `ci/vpc`: restore the tag, or \
         remove its tag `{PROJECT_TAG}` so that asiaq does not manage it any more",
        Shown(id),
        Escaped(address.as_str())
    )]
    Address {
        /// AWS id.
        id: String,
        /// AWS region.
        region: String,
        /// The value of the tag.
        address: Address,
    },
    /// The tags of a resource name two environments.
    #[error(
        "{} in {region} is tagged `{tag} = {}` and `{ADDRESS_TAG} = {}`, which contradict each other: restore the \
         tags, or remove its tag `{PROJECT_TAG}` so that asiaq does not manage it any more",
        Shown(id),
        Escaped(value),
        Escaped(address.as_str())
    )]
    Scope {
        /// AWS id.
        id: String,
        /// AWS region.
        region: String,
        /// The tag with the environment or the account.
        tag: &'static str,
        /// Its value.
        value: String,
        /// The value of the tag with the address.
        address: Address,
    },
    /// A resource of the project is in a VPC without ownership tags.
    #[error(
        "`{inside}` is in `{vpc}` in {region}, which has lost its ownership tags: tag it `{PROJECT_TAG} = {project}` \
         and `{ADDRESS_TAG} = {address}`; if it was deleted a moment ago, try again; if `{vpc}` is not this \
         project's, remove the tag `{PROJECT_TAG}` of `{id}`"
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
        /// AWS id of the resource in the VPC.
        id: String,
    },
    /// A resource of the project is in a resource that is not the project's.
    #[error(
        "`{inside}` ({}) is in {} in {region}, which is not this project's: give that its tags back, or remove the \
         tag `{PROJECT_TAG}` of {} so that asiaq does not manage it any more",
        Shown(id),
        Shown(home),
        Shown(id)
    )]
    Home {
        /// AWS id of what the resource is in.
        home: String,
        /// AWS region.
        region: String,
        /// Address of the resource.
        inside: Address,
        /// AWS id of the resource.
        id: String,
    },
    /// Several resources have one address.
    #[error("{0}")]
    Doubles(Doubles),
}

/// Addresses with several resources, of which some may be copies that somebody else made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubles(Vec<Double>);

impl fmt::Display for Doubles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Double { address, ids, inside } in self.0.iter().take(NAMED) {
            let ids: Vec<String> =
                ids.iter().map(|(id, region)| format!("{} ({region})", Shown(id))).collect();
            write!(f, "{} is more than one resource: {}", Shown(address.as_str()), ids.join(" and "))?;
            match inside {
                0 => writeln!(f)?,
                1 => writeln!(f, ", and so is 1 resource in them")?,
                _ => writeln!(f, ", and so are {inside} resources in them")?,
            }
        }
        let more = self.0.len().saturating_sub(NAMED);
        if more > 0 {
            writeln!(f, "and {more} more")?;
        }
        write!(
            f,
            "they have the same ownership tags, and nothing shows that asiaq created all of them: remove the tag \
             `{PROJECT_TAG}` of the ones that are not asiaq's, or let `asiaq apply --allow data-loss` keep the one that \
             fits and delete the others"
        )
    }
}

/// Checks the ownership tags of the resources in `scope`. With wrong tags, a plan would create duplicates or delete
/// resources that are wanted, or somebody else's.
///
/// # Errors
/// The first wrong tag, in order of address; then all doubles.
#[expect(clippy::result_large_err, reason = "the error ends the command")]
pub fn check_tag_integrity(
    project: &str,
    observed: &Observed,
    scope: &Coverage,
) -> Result<(), TagIntegrityError> {
    let homes = Homes::new(&observed.found);
    for found in &observed.found {
        check(project, found, &homes, scope)?;
    }
    if scope.delete_doubles {
        return Ok(());
    }
    let mut doubles = doubles(&observed.found);
    doubles.retain(|double| scope.covers(double.address.scope()));
    if doubles.is_empty() { Ok(()) } else { Err(TagIntegrityError::Doubles(Doubles(doubles))) }
}

#[expect(clippy::result_large_err, reason = "the error ends the command")]
fn check(project: &str, found: &Found, homes: &Homes<'_>, scope: &Coverage) -> Result<(), TagIntegrityError> {
    let (expected, name) = found.address.scope().tag();
    let other = [ENV_TAG, ACCOUNT_TAG]
        .into_iter()
        .filter_map(|tag| Some((tag, found.tags.get(tag)?.clone())))
        .find(|(tag, value)| (*tag, value.as_str()) != (expected, name));
    let is_claimed = other.as_ref().is_some_and(|(tag, value)| {
        scope
            .only
            .as_ref()
            .is_none_or(|only| only.iter().any(|scope| scope.borrowed().tag() == (*tag, value.as_str())))
    });
    if !scope.covers(found.address.scope()) && !is_claimed {
        return Ok(());
    }
    let (id, region, address) = (found.id.clone(), found.region.clone(), found.address.clone());
    if !address.is_sound() {
        return Err(TagIntegrityError::Address { id, region, address });
    }
    if let Some((tag, value)) = other {
        return Err(TagIntegrityError::Scope { id, region, tag, value, address });
    }
    match homes.stranger(found) {
        Some(vpc) if is_in_vpc(found) => {
            let (inside, project) = (address.clone(), project.to_owned());
            let address = Address::of(&address.scope().to_scope(), "vpc");
            Err(TagIntegrityError::Vpc { vpc, region, project, address, inside, id })
        }
        Some(home) => Err(TagIntegrityError::Home { home, region, inside: address, id }),
        None => Ok(()),
    }
}

/// Whether a resource lies in a VPC, and not in a subnet or a group.
fn is_in_vpc(found: &Found) -> bool {
    let Some(vpc) = found.resource.lies_in().into_iter().find_map(Ref::id) else { return false };
    found.resource.field("vpc").get("id").and_then(serde_json::Value::as_str) == Some(vpc)
        || found.resource.kind() == Kind::PeeringConnection
}
