//! Secrets in the stores of environments, as `asiaq secret` reads and writes them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

/// The value of a secret. It has no text for people or logs, and its memory is overwritten when it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Zeroizing<Vec<u8>>);

impl SecretValue {
    /// A value of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its text; none of one that is no UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(..)")
    }
}

/// A secret in a store, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredSecret {
    /// Its key.
    pub key: String,
    /// When it was last written: UTC, ISO 8601.
    pub changed: Option<String>,
    /// Its size in bytes, where the store says it.
    pub size: Option<u64>,
    /// Until when it can be had back, if it is deleted: UTC, ISO 8601.
    pub deleted: Option<String>,
}

/// A value that a secret has or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretVersion {
    /// What the store calls it.
    pub version: String,
    /// When it was written: UTC, ISO 8601.
    pub written: Option<String>,
    /// Who wrote it, where the store says it.
    pub by: Option<String>,
    /// Whether it is the value now.
    pub is_current: bool,
    /// Whether it is no value, but the mark of a deletion.
    pub is_deletion: bool,
}

/// A value to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewSecret<'s> {
    /// The value.
    pub value: &'s SecretValue,
    /// What it is for.
    pub description: Option<&'s str>,
    /// Tags of a new one, where the store has tags.
    pub tags: &'s BTreeMap<String, String>,
    /// Whether a value that is there stays.
    pub only_if_absent: bool,
}

/// What a write has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretWritten {
    /// It has the new value.
    Done,
    /// It has the new value, and was brought back from a deletion.
    Restored,
    /// It had a value, which stayed.
    Kept,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_no_text_for_logs() {
        let value = SecretValue::new(b"hunter2".to_vec());
        assert!(!format!("{value:?}").contains("hunter2"));
        assert_eq!(value.text(), Some("hunter2"));
        assert_eq!(SecretValue::new(vec![0xff]).text(), None);
    }
}
