//! Things that go by a name of our choosing, or take up space, where something may be in the way.

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG};
use asiaq_runtime::{CloudError, Create, Fault};

use crate::tag_batches::Tags;

/// Whether something with these tags is what `order` has made already: the answer was lost.
pub(super) fn is_ordered(order: &Create<'_>, tags: &Tags) -> bool {
    order.tags.contains_key(ADDRESS_TAG) && order.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// The refusal to take something over that is there under the name that `order` gives. Tried again for a
/// moment by the code, because what was just deleted may still be seen.
pub(super) fn refusal(operation: &str, code: &str, what: &str, name: &str, tags: &Tags) -> CloudError {
    let whose = whose(tags).unwrap_or_else(|| "asiaq did not make it".to_owned());
    CloudError {
        operation: operation.to_owned(),
        fault: Fault::Refused,
        code: code.to_owned(),
        message: format!("there is a {what} `{name}` already, and {whose}: delete it, and apply again"),
        request: None,
    }
}

/// AWS's refusal to make what `order` says beside `id`, which has `tags`; with a way out. What has lost its tags is
/// taken over by having them again.
pub(super) fn in_the_way(refused: CloudError, order: &Create<'_>, id: &str, tags: &Tags) -> CloudError {
    let way_out = if let Some(whose) = whose(tags) {
        format!("`{id}` is in the way, and {whose}: delete it, and apply again")
    } else {
        let tag = |key: &str| order.tags.get(key).map_or("", String::as_str);
        format!(
            "`{id}` is in the way, and no tags say whose it is: delete it, or let asiaq take it over by tagging it \
                 `{PROJECT_TAG} = {}` and `{ADDRESS_TAG} = {}`, and apply again",
            tag(PROJECT_TAG),
            tag(ADDRESS_TAG),
        )
    };
    CloudError { message: format!("{}; {way_out}", refused.message), ..refused }
}

/// Whose a thing with these tags is.
fn whose(tags: &Tags) -> Option<String> {
    let (project, address) = (tags.get(PROJECT_TAG)?, tags.get(ADDRESS_TAG)?);
    Some(format!("it is `{address}` of project `{project}`"))
}
