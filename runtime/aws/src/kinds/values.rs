//! Values between the IR's form and AWS's.

use asiaq_ir::Ref;
use ipnet::Ipv4Net;

/// A CIDR block as AWS writes it, without host bits.
pub(super) fn cidr_block(text: &str) -> Option<Ipv4Net> {
    text.parse().ok().map(|block: Ipv4Net| block.trunc())
}

/// The ids of references. A reference without one is to a resource that AWS does not have.
pub(super) fn ids<'a>(refs: impl IntoIterator<Item = &'a Ref>) -> Vec<String> {
    refs.into_iter().filter_map(Ref::id).map(ToOwned::to_owned).collect()
}

/// The id of a reference, as the SDK's builders take it.
pub(super) fn id_of(reference: &Ref) -> Option<String> {
    reference.id().map(ToOwned::to_owned)
}

/// A number as the SDK has it.
pub(super) fn signed(number: u32) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// A number of the SDK. AWS has none below zero.
pub(super) fn unsigned(number: i32) -> u32 {
    number.try_into().unwrap_or_default()
}
