//! The secrets of environments, and what is done with them.

mod generate;
mod hashes;
mod key_pairs;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use asiaq_compiler::{DeclaredSecret, EnvironmentSecrets, did_you_mean};
use asiaq_ir::{ENV_TAG, PROJECT_TAG, SecretStore};
use asiaq_runtime::{NewSecret, SecretValue, SecretVersion, SecretWritten, StoredSecret};

use super::environments::{Environments, EnvironmentsRequest};
use super::{Interrupts, account};
use crate::exit::Result;
use crate::ui;
use crate::ui::stored_secrets::{Entry, State};

pub(crate) use generate::generate;
use hashes::{AppAuthKey, list_of};
pub(crate) use key_pairs::NewKey;

/// The environments of a program with their stores, and the way to them.
#[derive(Debug)]
pub(crate) struct SecretSession {
    environments: Environments,
    /// Those that have a store and that the command is about.
    secrets: Vec<EnvironmentSecrets>,
    /// Names of the key pairs of EC2 that the program has, by environment.
    key_names: BTreeMap<String, BTreeSet<String>>,
}

/// A write of a secret that a person has asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'c> {
    pub(crate) key: &'c str,
    pub(crate) value: &'c SecretValue,
    /// Whether a value that is there stays.
    pub(crate) only_if_absent: bool,
}

/// Connects to the accounts of the environments.
pub(crate) async fn secret_session(
    request: EnvironmentsRequest<'_>,
    interrupts: &Interrupts,
) -> Result<SecretSession> {
    let envs = request.envs;
    let (environments, checked) = Environments::connect(request, interrupts).await?;
    let secrets: Vec<EnvironmentSecrets> = checked.secrets();
    if let Some(none) = envs.iter().find(|env| secrets.iter().all(|one| one.env != **env)) {
        return Err(without_store(none).into());
    }
    let is_asked = |one: &EnvironmentSecrets| envs.is_empty() || envs.contains(&one.env);
    let secrets = secrets.into_iter().filter(is_asked).collect();
    Ok(SecretSession { environments, secrets, key_names: checked.key_pairs() })
}

fn without_store(env: &str) -> anyhow::Error {
    anyhow!(
        "the environment `{env}` has no place for secrets: add `credential_buckets = [\"{env}\"]`, or a store such as \
         `secrets = parameters \"/PROJECT/{env}/\"`"
    )
}

impl SecretSession {
    /// Whether an account of the environments could not be used.
    pub(crate) fn is_partial(&self) -> bool {
        self.environments.is_partial()
    }

    /// The environments that the command is about.
    pub(crate) fn environments(&self) -> &[EnvironmentSecrets] {
        &self.secrets
    }

    /// The environment that a command about one secret is about.
    pub(crate) fn one(&self) -> anyhow::Result<&EnvironmentSecrets> {
        match self.secrets.as_slice() {
            [one] => Ok(one),
            [] => bail!(
                "no environment has a place for secrets: add `credential_buckets`, or `secrets = parameters \"/PATH/\"`"
            ),
            several => {
                let names: Vec<&str> = several.iter().map(|one| one.env.as_str()).collect();
                bail!("{} have secrets: choose one with `--env`", ui::listed(&names))
            }
        }
    }

    /// The secrets of the environments: those in the stores, and the declared ones that are not there.
    pub(crate) async fn list(&self, prefix: &str) -> anyhow::Result<Vec<Entry>> {
        let mut all = Vec::new();
        for of in &self.secrets {
            let mut stored = BTreeMap::new();
            for one in self.stored(of, prefix).await? {
                stored.insert(one.key.clone(), one);
            }
            let declared = of.declared.iter().map(|one| one.key.as_str());
            let wanted: BTreeSet<&str> = declared
                .chain(of.used.iter().map(String::as_str))
                .filter(|key| key.starts_with(prefix))
                .collect();
            let keys: BTreeSet<&str> = stored.keys().map(String::as_str).chain(wanted).collect();
            all.extend(keys.into_iter().map(|key| entry(of, key, stored.get(key))));
        }
        Ok(all)
    }

    /// What is in the store of an environment.
    pub(crate) async fn stored(
        &self,
        of: &EnvironmentSecrets,
        prefix: &str,
    ) -> anyhow::Result<Vec<StoredSecret>> {
        let (cloud, region) = self.environments.of(&of.env);
        let found = cloud.secrets(region, &of.store, prefix).await;
        found.map_err(|error| match (&of.store, error.code.as_str()) {
            (SecretStore::Bucket(bucket), "NoSuchBucket") => anyhow!(
                "there is no bucket `{bucket}` yet: declare it as a `bucket` of the account and apply, or create it"
            ),
            _ => account::unusable(&format!("list {}", of.store.words()), &error),
        })
    }

    /// The value of a secret; an error where there is none.
    pub(crate) async fn value(
        &self,
        of: &EnvironmentSecrets,
        key: &str,
        version: Option<&str>,
    ) -> anyhow::Result<SecretValue> {
        if let Some(value) = self.current(of, key, version).await? {
            return Ok(value);
        }
        if let Some(version) = version {
            bail!(
                "the secret `{key}` of `{}` has no version `{version}`: `asiaq secret history {key}`",
                of.env
            );
        }
        let stored = self.stored(of, "").await?;
        let known: Vec<&str> = stored.iter().map(|one| one.key.as_str()).collect();
        match did_you_mean(key, &known) {
            Some(near) => bail!("there is no secret `{key}` in {}; did you mean `{near}`?", of.store.words()),
            None => bail!("there is no secret `{key}` in {}", of.store.words()),
        }
    }

    /// The value of a secret, if it has one.
    pub(crate) async fn current(
        &self,
        of: &EnvironmentSecrets,
        key: &str,
        version: Option<&str>,
    ) -> anyhow::Result<Option<SecretValue>> {
        let (cloud, region) = self.environments.of(&of.env);
        let found = cloud.secret(region, &of.store, key, version).await;
        account::answered("read the secret", found)
    }

    /// The values that a secret has and had.
    pub(crate) async fn versions(
        &self,
        of: &EnvironmentSecrets,
        key: &str,
    ) -> anyhow::Result<Vec<SecretVersion>> {
        let (cloud, region) = self.environments.of(&of.env);
        let found = cloud.secret_versions(region, &of.store, key).await;
        account::answered("list the versions", found)
    }

    /// Writes a secret, and the list of hashes that it belongs to.
    pub(crate) async fn put(
        &self,
        of: &EnvironmentSecrets,
        change: Change<'_>,
    ) -> anyhow::Result<SecretWritten> {
        let written = self.write(of, change).await?;
        self.hash(of, change.key).await?;
        Ok(written)
    }

    async fn write(&self, of: &EnvironmentSecrets, change: Change<'_>) -> anyhow::Result<SecretWritten> {
        let (cloud, region) = self.environments.of(&of.env);
        let tags = self.tags(of);
        let description = declared(of, change.key).and_then(|one| one.description.as_deref());
        let Change { key, value, only_if_absent } = change;
        let new = NewSecret { value, description, tags: &tags, only_if_absent };
        let done = cloud.put_secret(region, &of.store, key, new).await;
        account::answered(&format!("write the secret `{key}`"), done)
    }

    /// The tags of what belongs to an environment and not to a resource of it.
    fn tags(&self, of: &EnvironmentSecrets) -> BTreeMap<String, String> {
        let project = (PROJECT_TAG.to_owned(), self.environments.project().to_owned());
        BTreeMap::from([project, (ENV_TAG.to_owned(), of.env.clone())])
    }

    /// Deletes a secret, and takes it out of the list of hashes that it belongs to.
    pub(crate) async fn delete(
        &self,
        of: &EnvironmentSecrets,
        key: &str,
        days: i64,
    ) -> anyhow::Result<Option<String>> {
        let (cloud, region) = self.environments.of(&of.env);
        let done = cloud.delete_secret(region, &of.store, key, days).await;
        let until = account::answered("delete the secret", done)?;
        self.hash(of, key).await?;
        Ok(until)
    }

    /// Brings the list of hashes in order that a secret belongs to, if it belongs to one.
    async fn hash(&self, of: &EnvironmentSecrets, key: &str) -> anyhow::Result<()> {
        let (Some(form), Some(at)) = (of.app_auth, AppAuthKey::of(key)) else { return Ok(()) };
        let mut users = Vec::new();
        for stored in self.stored(of, &format!("{}/", at.folder)).await? {
            let Some(user) = AppAuthKey::of(&stored.key).filter(|one| one.folder == at.folder) else {
                continue;
            };
            let name = user.user.to_owned();
            if stored.deleted.is_none()
                && let Some(value) = self.current(of, &stored.key, None).await?
            {
                users.push((name, value));
            }
        }
        let list_key = at.list();
        let live = self.current(of, &list_key, None).await?;
        let list = list_of(form, &users, live.as_ref())?;
        if live.as_ref() == Some(&list) {
            return Ok(());
        }
        self.write(of, Change { key: &list_key, value: &list, only_if_absent: false }).await?;
        ui::say(&format!("wrote the list of hashes `{list_key}`\n"));
        Ok(())
    }
}

/// The declaration of a key.
pub(super) fn declared<'s>(of: &'s EnvironmentSecrets, key: &str) -> Option<&'s DeclaredSecret> {
    of.declared.iter().find(|one| one.key == key)
}

fn entry(of: &EnvironmentSecrets, key: &str, stored: Option<&StoredSecret>) -> Entry {
    let state = match stored {
        None => State::Missing,
        Some(StoredSecret { deleted: Some(until), .. }) => State::Deleted { until: until.clone() },
        Some(_) => State::Present,
    };
    Entry {
        environment: of.env.clone(),
        key: key.to_owned(),
        name: declared(of, key).map(|one| one.name.clone()),
        is_used: of.used.contains(key),
        is_generated: declared(of, key).is_some_and(|one| one.generate.is_some()),
        state,
        changed: stored.and_then(|one| one.changed.clone()),
        size: stored.and_then(|one| one.size),
        place: place(&of.store, key),
    }
}

fn place(store: &SecretStore, key: &str) -> String {
    match store {
        SecretStore::Bucket(bucket) => format!("s3://{bucket}/{key}"),
        SecretStore::Parameters(_) | SecretStore::SecretsManager(_) => store.name(key),
    }
}
