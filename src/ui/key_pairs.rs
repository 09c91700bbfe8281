//! Key pairs of EC2, and the SSH keys in the stores of environments.

use asiaq_runtime::KeyPair;
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, GOOD};

/// An SSH key of an environment.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Pair {
    pub(crate) environment: String,
    pub(crate) name: String,
    /// Whether the store has the private key.
    pub(crate) has_private: bool,
    /// Whether the store has the public key.
    pub(crate) has_public: bool,
    /// When the private key was written: UTC, ISO 8601.
    pub(crate) changed: Option<String>,
    /// Whether the program names it as a key pair of EC2.
    pub(crate) is_named: bool,
    /// The key pair of EC2 with the name.
    pub(crate) live: Option<KeyPair>,
    /// Whether that is the key of the store; absent where AWS does not say it.
    pub(crate) is_same: Option<bool>,
}

/// A line for each.
pub(crate) fn list(found: &[Pair]) -> String {
    let row = |one: &Pair| {
        let stored = match (one.has_private, one.has_public) {
            (true, true) => Cell::new(GOOD, "both keys"),
            (true, false) => Cell::new(CHANGED, "private key only"),
            (false, true) => Cell::new(CHANGED, "public key only"),
            (false, false) => Cell::plain("-"),
        };
        let live = match (&one.live, one.is_same) {
            (None, _) if one.is_named => Cell::new(BAD, "missing"),
            (None, _) => Cell::plain("-"),
            (Some(live), Some(false)) => {
                Cell::new(CHANGED, format!("{} {}, another key", live.form, live.id))
            }
            (Some(live), _) => Cell::new(GOOD, format!("{} {}", live.form, live.id)),
        };
        vec![
            Cell::plain(&one.environment),
            Cell::new(BOLD, &one.name),
            stored,
            Cell::plain(one.changed.as_deref().unwrap_or("-")),
            live,
            Cell::plain(if one.is_named { "yes" } else { "-" }),
        ]
    };
    table::listing(&["ENVIRONMENT", "KEY", "STORE", "CHANGED", "EC2", "IN PROGRAM"], found.iter().map(row), 2)
}
