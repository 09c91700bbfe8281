//! Things that go by a name of our choosing, where the name may be taken.

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
    let whose = match (tags.get(PROJECT_TAG), tags.get(ADDRESS_TAG)) {
        (Some(project), Some(address)) => format!("it is `{address}` of project `{project}`"),
        _ => "asiaq did not make it".to_owned(),
    };
    CloudError {
        operation: operation.to_owned(),
        fault: Fault::Refused,
        code: code.to_owned(),
        message: format!("there is a {what} `{name}` already, and {whose}: delete it, and apply again"),
        request: None,
    }
}
