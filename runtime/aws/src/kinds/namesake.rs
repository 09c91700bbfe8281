//! Things that go by a name of our choosing, or take up space, where something may be in the way.

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG};
use asiaq_runtime::{CloudError, Create, take_over};

use crate::error;
use crate::tag_batches::Tags;

/// Whether something with these tags is what `order` has made already: the answer was lost.
pub(super) fn is_ordered(order: &Create<'_>, tags: &Tags) -> bool {
    order.tags.contains_key(ADDRESS_TAG) && order.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// The refusal to take something over that is there under the name that `order` gives. Tried again for a
/// moment by the code, because what was just deleted may still be seen.
pub(super) fn refusal(operation: &str, code: &str, name: &str, order: &Create<'_>) -> CloudError {
    let what = order.resource.kind().name().replace('-', " ");
    let refused = error::refused(operation, format!("there is a {what} `{name}` already"));
    CloudError { code: code.to_owned(), ..refused }
}

/// AWS's refusal to make what `order` says beside `id`, which has `tags`; with a way out.
pub(super) fn in_the_way(refused: CloudError, order: &Create<'_>, id: &str, tags: &Tags) -> CloudError {
    let message = format!("{}; `{id}` is in the way, and {}", refused.message, way_out(order, tags));
    CloudError { message, ..refused }
}

/// Whose a thing with these tags is, and what to do about it. What has lost its tags is taken over by having them again.
fn way_out(order: &Create<'_>, tags: &Tags) -> String {
    let ordered = |key: &str| order.tags.get(key).map_or("", String::as_str);
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
