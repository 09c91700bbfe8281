//! The mark of a resource: what of its own its tags name.

use asiaq_ir::{Mark, NAME_TAG, Resource};

use crate::Found;
use crate::digest::hex_digest;

/// The longest value of a tag.
const LONGEST: usize = 256;

/// What the mark of a resource with this AWS id has to name, as the value of [`NAME_TAG`]; absent for a kind whose mark
/// names nothing.
pub fn own_name(resource: &Resource, id: &str) -> Option<String> {
    let name = match resource.kind().mark() {
        Mark::Name | Mark::NameInVpc | Mark::Zone => resource.own_name()?,
        Mark::Id => id,
        Mark::Birth | Mark::Parent => return None,
    };
    Some(tag_value(name))
}

/// The tag that an owned resource lacks because an earlier version of asiaq created it, or somebody else tagged it.
pub(crate) fn missing_mark(found: &Found) -> Option<String> {
    own_name(&found.resource, &found.id).filter(|_| !found.tags.contains_key(NAME_TAG))
}

/// Whether the mark of a resource names this one: no copy has such a mark.
pub(super) fn is_marked(found: &Found) -> bool {
    own_name(&found.resource, &found.id).is_some_and(|own| found.tags.get(NAME_TAG) == Some(&own))
}

/// A name as the value of a tag: the name where AWS accepts it, otherwise a digest.
pub fn tag_value(name: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || " _.:/=+-@".contains(letter);
    if name.chars().count() <= LONGEST && name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!("sha256:{}", hex_digest(name))
}

/// What the mark of a resource names, if that is another resource.
pub(super) fn marks_another(found: &Found) -> Option<String> {
    let named = found.tags.get(NAME_TAG)?;
    own_name(&found.resource, &found.id).filter(|own| own != named).map(|_| named.clone())
}
