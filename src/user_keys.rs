//! The access keys of a user, as `asiaq keys` shows them.

use asiaq_runtime::{AccessKey, Retired};

/// A user with its access keys.
#[derive(Debug)]
pub(crate) struct UserKeys {
    /// Account id.
    pub(crate) account: String,
    /// The name of the account in the program.
    pub(crate) account_name: String,
    /// The user's name in AWS.
    pub(crate) user: String,
    /// The keys, the oldest first.
    pub(crate) keys: Vec<AccessKey>,
    /// The note of a rotation.
    pub(crate) retired: Option<Retired>,
}
