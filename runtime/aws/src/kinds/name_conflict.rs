//! Things that go by a name of our choosing, or take up space, where something may be in the way.

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG};
use asiaq_runtime::{CloudError, Create, take_over};

use crate::error;
use crate::operation::Operation;
use crate::tags::Tags;

/// Whether something with these tags is what `request` has made already: the answer was lost.
pub(super) fn is_requested(request: &Create<'_>, tags: &Tags) -> bool {
    request.tags.contains_key(ADDRESS_TAG)
        && request.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// The refusal to take something over that is there under the name that `request` gives. Tried again for a
/// moment by the code, because what was just deleted may still be seen.
pub(super) fn refusal(operation: Operation, code: &str, name: &str, request: &Create<'_>) -> CloudError {
    let what = request.resource.kind().name().replace('-', " ");
    let refused = error::refused(operation, format!("there is a {what} `{name}` already"));
    CloudError { code: code.to_owned(), ..refused }
}

/// AWS's refusal to make what `request` says beside `id`, which has `tags`; with a way out.
pub(super) fn explained(refused: CloudError, request: &Create<'_>, id: &str, tags: &Tags) -> CloudError {
    let message = format!("{}; `{id}` is in the way, and {}", refused.message, way_out(request, tags));
    CloudError { message, ..refused }
}

/// Whose a thing with these tags is, and what to do about it. What has lost its tags is taken over by having them again.
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
