//! Key pairs of EC2, as `asiaq keypair` lists them.

use serde::Serialize;

/// A key pair of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyPair {
    /// Its name, unique in account and region.
    pub name: String,
    /// AWS id.
    pub id: String,
    /// `rsa` or `ed25519`.
    pub form: String,
    /// Fingerprint as AWS shows it: its form depends on who made the key.
    pub fingerprint: String,
    /// The public key as one line of OpenSSH, where AWS shows it.
    pub public: Option<String>,
}

impl KeyPair {
    /// Whether it has this public key, a line of OpenSSH; nothing where AWS does not show its own.
    pub fn has(&self, line: &str) -> Option<bool> {
        let key = |line: &str| line.split_whitespace().take(2).map(ToOwned::to_owned).collect::<Vec<_>>();
        Some(key(self.public.as_ref()?) == key(line))
    }
}
