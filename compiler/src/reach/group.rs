//! Security groups, by reference.

use asiaq_ir::{Address, Ref};

/// A security group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group<'i> {
    /// One of the project.
    Own(&'i Address),
    /// One of somebody else.
    Foreign(&'i Ref),
}

impl<'i> Group<'i> {
    pub(super) fn of(reference: &'i Ref) -> Self {
        named(reference).map_or(Self::Foreign(reference), Self::Own)
    }
}

pub(super) fn named(reference: &Ref) -> Option<&Address> {
    match reference {
        Ref::To(address) => Some(address),
        Ref::Id(_) | Ref::Find(_) => None,
    }
}
