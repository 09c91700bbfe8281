//! Where the program of an environment is from: a tag of its VPC, and a refusal where that is somewhere else.

use std::collections::BTreeSet;

use asiaq_ir::{Ir, Kind, ORIGIN_TAG};

use crate::ownership::Shown;
use crate::{Coverage, Found, Observed};

/// The origin of a program that is in no repository, where another one was known before.
const NONE: &str = "none";

/// Environments that were applied from another place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "project {} has been applied to {} from {}, and this program is {}: two projects in an account need two names; if \
     the program has moved, add `--take-over`",
    Shown(project),
    listed(scopes),
    Shown(there),
    here.as_ref().map_or_else(|| "in no Git repository with a remote".to_owned(), |here| format!("from {}", Shown(here)))
)]
pub struct OtherOrigin {
    project: String,
    scopes: BTreeSet<String>,
    there: String,
    here: Option<String>,
}

fn listed(scopes: &BTreeSet<String>) -> String {
    let scopes: Vec<String> = scopes.iter().map(|scope| Shown(scope).to_string()).collect();
    scopes.join(", ")
}

/// Checks that the environments in `scope` were applied from `here`, as far as their VPCs say it.
///
/// # Errors
/// The first other origin.
pub fn check_origin(
    project: &str,
    observed: &Observed,
    scope: &Coverage,
    here: Option<&str>,
) -> Result<(), OtherOrigin> {
    let vpcs = || {
        observed
            .found
            .iter()
            .filter(|found| found.resource.kind() == Kind::Vpc && scope.covers(found.address.scope()))
    };
    let is_other = |origin: &&str| Some(*origin) != here;
    let Some(there) = vpcs().filter_map(origin).find(is_other) else { return Ok(()) };
    let scopes = vpcs().filter(|vpc| origin(vpc) == Some(there));
    let scopes = scopes.map(|vpc| vpc.address.scope().as_str().to_owned()).collect();
    let (project, there) = (project.to_owned(), there.to_owned());
    Err(OtherOrigin { project, scopes, there, here: here.map(str::to_owned) })
}

fn origin(vpc: &Found) -> Option<&str> {
    vpc.tags.get(ORIGIN_TAG).map(String::as_str).filter(|origin| *origin != NONE)
}

/// Writes the origin into the tags of the wanted VPCs. Without one, a tag that is there stays, unless the environments
/// are taken over.
pub fn write_origin(ir: &mut Ir, here: Option<&str>, is_taken_over: bool) {
    let Some(origin) = here.or_else(|| is_taken_over.then_some(NONE)) else { return };
    for node in ir.resources.values_mut().filter(|node| node.resource.kind() == Kind::Vpc) {
        node.tags.insert(ORIGIN_TAG.to_owned(), origin.to_owned());
    }
}
