//! Where the secrets of an environment are.

use serde::{Deserialize, Serialize};

/// The store of the secrets of an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretStore {
    /// Objects of this bucket.
    Bucket(String),
    /// Encrypted parameters of Systems Manager below this path, which begins and ends with a slash.
    Parameters(String),
    /// Secrets of Secrets Manager whose names begin so.
    SecretsManager(String),
}

/// A secret in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretPlace<'p> {
    /// An object.
    Object {
        /// Name of its bucket.
        bucket: &'p str,
        /// Key in the bucket.
        key: &'p str,
    },
    /// A parameter, by its whole name, which begins with a slash.
    Parameter(&'p str),
    /// A secret of Secrets Manager, by its whole name.
    Secret(&'p str),
}

/// What is known of a declared secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretState {
    /// It has a value.
    Present,
    /// It has none.
    Missing,
    /// It is deleted, and can be had back until this moment: UTC, ISO 8601.
    Deleted(String),
    /// AWS did not say, for this reason.
    Unknown(String),
}

const PARAMETER: &str = "ssm:";
const SECRET: &str = "secretsmanager:";

impl SecretStore {
    /// The place of a secret as one text, which [`SecretPlace::read`] reads.
    ///
    /// ```
    /// use asiaq_ir::{SecretPlace, SecretStore};
    /// let store = SecretStore::Parameters("/shop/ci/".to_owned());
    /// let place = store.place("billing/password");
    /// assert_eq!(SecretPlace::read(&place), Some(SecretPlace::Parameter("/shop/ci/billing/password")));
    /// ```
    pub fn place(&self, key: &str) -> String {
        let name = self.name(key);
        match self {
            Self::Bucket(bucket) => format!("{bucket}/{name}"),
            Self::Parameters(_) => format!("{PARAMETER}{name}"),
            Self::SecretsManager(_) => format!("{SECRET}{name}"),
        }
    }

    /// The whole name of a secret in the store.
    pub fn name(&self, key: &str) -> String {
        match self {
            Self::Bucket(_) => key.to_owned(),
            Self::Parameters(start) | Self::SecretsManager(start) => format!("{start}{key}"),
        }
    }

    /// What people call it: `the bucket b`, `parameters below /shop/`, `Secrets Manager`.
    pub fn words(&self) -> String {
        match self {
            Self::Bucket(bucket) => format!("the bucket {bucket}"),
            Self::Parameters(path) => format!("parameters below {path}"),
            Self::SecretsManager(prefix) if prefix.is_empty() => "Secrets Manager".to_owned(),
            Self::SecretsManager(prefix) => format!("secrets of Secrets Manager that begin with {prefix}"),
        }
    }
}

impl<'p> SecretPlace<'p> {
    /// Reads the text that [`SecretStore::place`] has written.
    pub fn read(place: &'p str) -> Option<Self> {
        // No bucket has a colon in its name.
        if let Some(name) = place.strip_prefix(PARAMETER) {
            return Some(Self::Parameter(name));
        }
        if let Some(name) = place.strip_prefix(SECRET) {
            return Some(Self::Secret(name));
        }
        let (bucket, key) = place.split_once('/')?;
        Some(Self::Object { bucket, key })
    }
}

/// Whether a key of a secret may have a character; a slash is between its words.
pub fn is_secret_key_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')
}

/// Why no secret can have a key.
///
/// ```
/// assert_eq!(asiaq_ir::secret_key_problem("app_auth/billing/reports"), None);
/// assert!(asiaq_ir::secret_key_problem("../billing").is_some());
/// ```
pub fn secret_key_problem(key: &str) -> Option<String> {
    if key.is_empty() {
        return Some("it is empty".to_owned());
    }
    if let Some(bad) = key.chars().find(|c| !is_secret_key_character(*c)) {
        return Some(format!("it contains `{}`", bad.escape_default()));
    }
    let is_path = key.split('/').all(|word| !matches!(word, "" | "." | ".."));
    (!is_path).then(|| "it has a slash too many, or `.` between slashes".to_owned())
}
