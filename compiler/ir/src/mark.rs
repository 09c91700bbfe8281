//! What tells a resource from a copy that has its tags.

/// What of its own the ownership mark of a resource names, so that the mark does not fit a copy of the resource.
///
/// A name is in the tag [`NAME_TAG`](crate::NAME_TAG) from the call that creates the resource; that of an alarm is in
/// its description too, and the zone of a record is in the TXT record beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Its name, which is unique in account and region.
    Name,
    /// Its name, which is unique in its VPC.
    NameInVpc,
    /// Its AWS id, which is a name that the engine chooses.
    Id,
    /// The hosted zone that it is in.
    Zone,
    /// Nothing: AWS chooses the id, and nothing else is its own. A copy has the time of creation of the original.
    Birth,
    /// It is a part of another resource, and whose it is follows from that one.
    Parent,
}
