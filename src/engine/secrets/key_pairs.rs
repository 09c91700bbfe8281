//! SSH keys in the stores of environments, and the key pairs of EC2 that are made of them.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use asiaq_compiler::EnvironmentSecrets;
use asiaq_runtime::{KeyPair, SecretValue};

use super::{Change, SecretSession};
use crate::engine::{account, ssh_keygen};
use crate::ui::key_pairs::Pair;

/// Where private keys are in a store.
const PRIVATE: &str = "private_keys/ssh/";
/// What the keys of private keys end with.
const KEY: &str = ".key";
/// Where public keys are in a store.
const PUBLIC: &str = "public_keys/ssh/";
/// What the keys of public keys end with.
const PUB: &str = ".pub";

/// A key that was just made.
pub(crate) struct NewKey {
    private: SecretValue,
    public: String,
}

impl NewKey {
    /// Makes a key by the system's own `ssh-keygen`; the private one is in a file only while that runs.
    pub(crate) fn make(form: &str, comment: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a folder for the key")?;
        let public = ssh_keygen::make(folder.path(), form, comment)?;
        let private = std::fs::read(folder.path().join("key")).context("cannot read the private key")?;
        Ok(Self { private: SecretValue::new(private), public })
    }
}

impl SecretSession {
    /// The key pairs of an environment: those in its store, those of EC2 in its region, and those that the program names.
    pub(crate) async fn key_pairs(&self, of: &EnvironmentSecrets) -> anyhow::Result<Vec<Pair>> {
        let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
        let named = self.key_names.get(&of.env).cloned().unwrap_or_default();
        let pair =
            |name: &str| Pair { environment: of.env.clone(), name: name.to_owned(), ..Pair::default() };
        for name in &named {
            pairs.entry(name.clone()).or_insert_with(|| pair(name)).is_named = true;
        }
        for (prefix, end, is_private) in [(PRIVATE, KEY, true), (PUBLIC, PUB, false)] {
            for stored in self.stored(of, prefix).await? {
                let inner = stored.key.strip_prefix(prefix).and_then(|name| name.strip_suffix(end));
                let Some(name) = inner.filter(|_| stored.deleted.is_none()) else { continue };
                let pair = pairs.entry(name.to_owned()).or_insert_with(|| pair(name));
                if is_private {
                    (pair.has_private, pair.changed) = (true, stored.changed);
                } else {
                    pair.has_public = true;
                }
            }
        }
        for live in self.live_pairs(of).await? {
            let is_known = pairs.contains_key(&live.name);
            if is_known && let Some(line) = self.public_key(of, &live.name).await? {
                pairs.entry(live.name.clone()).or_insert_with(|| pair(&live.name)).is_same = live.has(&line);
            }
            let name = live.name.clone();
            pairs.entry(name.clone()).or_insert_with(|| pair(&name)).live = Some(live);
        }
        Ok(pairs.into_values().collect())
    }

    async fn live_pairs(&self, of: &EnvironmentSecrets) -> anyhow::Result<Vec<KeyPair>> {
        let (cloud, region) = self.environments.of(&of.env);
        let found = cloud.key_pairs(region).await;
        account::answered("list the key pairs", found)
    }

    /// The public key in a store.
    async fn public_key(&self, of: &EnvironmentSecrets, name: &str) -> anyhow::Result<Option<String>> {
        let value = self.current(of, &format!("{PUBLIC}{name}{PUB}"), None).await?;
        Ok(value.and_then(|value| value.text().map(|line| line.trim().to_owned())))
    }

    /// Writes a new key to the store: the private one first, so that no public key is there without it.
    pub(crate) async fn store_key(
        &self,
        of: &EnvironmentSecrets,
        name: &str,
        key: &NewKey,
    ) -> anyhow::Result<()> {
        let public = SecretValue::new(key.public.clone().into_bytes());
        for (at, value) in
            [(format!("{PRIVATE}{name}{KEY}"), &key.private), (format!("{PUBLIC}{name}{PUB}"), &public)]
        {
            self.put(of, Change { key: &at, value, only_if_absent: false }).await?;
        }
        Ok(())
    }

    /// Puts the public key of the store into EC2, under its name.
    pub(crate) async fn import_key(&self, of: &EnvironmentSecrets, name: &str) -> anyhow::Result<()> {
        let Some(line) = self.public_key(of, name).await? else {
            bail!(
                "{} has no public key `{PUBLIC}{name}{PUB}`: `asiaq keypair rotate {name}` makes one",
                of.store.words()
            );
        };
        if !line.starts_with("ssh-") {
            bail!("`{PUBLIC}{name}{PUB}` is no public key of OpenSSH");
        }
        let tags = self.tags(of);
        let (cloud, region) = self.environments.of(&of.env);
        let done = cloud.replace_key_pair(region, name, &line, &tags).await;
        account::answered("import the key pair", done)
    }
}
