//! Condition keys and the types of their values.

use crate::pattern;

/// A condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name without the prefix of its service; with a prefix if it is another's. `*` is a part that varies.
    pub(super) name: &'static str,
    /// The type of its values.
    pub kind: KeyType,
}

/// The type of the values of a condition key, and whether there may be several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are IAM's own words")]
pub enum KeyType {
    Arn,
    ArrayOfArn,
    ArrayOfBool,
    ArrayOfString,
    Bool,
    Date,
    IpAddress,
    Numeric,
    String,
}

impl KeyType {
    pub(super) fn read(word: &str) -> Self {
        match word {
            "ARN" => Self::Arn,
            "ArrayOfARN" => Self::ArrayOfArn,
            "ArrayOfBool" => Self::ArrayOfBool,
            "ArrayOfString" => Self::ArrayOfString,
            "Bool" => Self::Bool,
            "Date" => Self::Date,
            "IPAddress" => Self::IpAddress,
            "Numeric" => Self::Numeric,
            _ => Self::String,
        }
    }

    /// Whether a request may have several values.
    pub fn is_list(self) -> bool {
        matches!(self, Self::ArrayOfArn | Self::ArrayOfBool | Self::ArrayOfString)
    }
}

impl Key {
    /// The name with its prefix for a key of the service `prefix`, as in `s3:prefix`; `*` is a part that varies.
    pub(super) fn full_name(self, prefix: &str) -> String {
        if self.name.contains(':') {
            return self.name.to_owned();
        }
        format!("{prefix}:{}", self.name)
    }

    /// Whether `key`, with its prefix, is this key of the service `prefix`.
    pub(super) fn is(self, prefix: &str, key: &str) -> bool {
        if self.name.contains(':') {
            return pattern::matches_ignoring_case(self.name, key);
        }
        key.split_once(':').is_some_and(|(of, rest)| {
            of.eq_ignore_ascii_case(prefix) && pattern::matches_ignoring_case(self.name, rest)
        })
    }
}
