//! AWS's quotas beside what a program can grow to, as `asiaq limits` prints them.

use asiaq_runtime::Headroom;

/// The quotas of one account.
#[derive(Debug)]
pub(crate) struct AccountLimits {
    /// Account id.
    pub(crate) account: String,
    /// The quotas that something counts against.
    pub(crate) quotas: Vec<Headroom>,
    /// What could not be read, and what is compared instead.
    pub(crate) notes: Vec<String>,
}
