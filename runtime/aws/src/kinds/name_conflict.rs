//! Errors for new resources whose name or CIDR block an existing resource has.

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG};
use asiaq_runtime::{CloudError, Create, take_over};

use crate::operation::Operation;
use crate::tags::Tags;

/// Whether the resource with these tags was created by an earlier attempt at `request` whose response was lost.
pub(super) fn is_requested(request: &Create<'_>, tags: &Tags) -> bool {
    request.tags.contains_key(ADDRESS_TAG)
        && request.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// The error for a resource that already has the name in `request`. It has AWS's `code`, so that the call is retried
/// for a moment: a resource that was just deleted may still be listed.
pub(super) fn refusal(operation: Operation, code: &str, name: &str, request: &Create<'_>) -> CloudError {
    let what = request.resource.kind().name().replace('-', " ");
    operation.refused_as(code, format!("there is a {what} `{name}` already"))
}

/// Describes the conflict of `request` with the existing resource `id`, which has `tags`, and how to resolve it.
pub(super) fn explained(refused: CloudError, request: &Create<'_>, id: &str, tags: &Tags) -> CloudError {
    let message = format!("{}; `{id}` is in the way, and {}", refused.message, way_out(request, tags));
    CloudError { message, ..refused }
}

/// The owner of a resource with these tags, and how to resolve the conflict. A resource without tags can be taken over
/// by setting the tags again.
fn way_out(request: &Create<'_>, tags: &Tags) -> String {
    let ordered = |key: &str| request.tags.get(key).map_or("", String::as_str);
    match (tags.get(PROJECT_TAG), tags.get(ADDRESS_TAG)) {
        (Some(project), Some(address))
            if project == ordered(PROJECT_TAG) && address == ordered(ADDRESS_TAG) =>
        {
            "another run has made it meanwhile: apply again".to_owned()
        }
        (Some(project), Some(address)) => {
            format!("it is `{address}` of project `{project}`: delete it, and apply again")
        }
        _ => format!("{}, and apply again", take_over(ordered(PROJECT_TAG), ordered(ADDRESS_TAG))),
    }
}
