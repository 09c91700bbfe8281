//! Secrets in the three stores that an environment can have, for `asiaq secret` and for plans.

pub(crate) mod buckets;
mod managed;
mod parameters;

use std::collections::BTreeMap;

use asiaq_ir::{Need, Needs, SecretPlace, SecretState, SecretStore};
use asiaq_runtime::{CloudError, NewSecret, Result, SecretValue, SecretVersion, SecretWritten, StoredSecret};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures::stream::{self, StreamExt as _};

pub(crate) use buckets::LIST_OBJECTS as LIST_BUCKET_OBJECTS;

use crate::config::Aws;
use crate::operation::Operation;
use crate::region::Region;

/// Secrets that are looked at at the same time.
const AT_ONCE: usize = 8;

/// The operations of the commands about secrets, by store.
pub(crate) const BUCKETS: &[Operation] = buckets::OPS;
/// See [`BUCKETS`].
pub(crate) const PARAMETERS: &[Operation] = parameters::OPS;
/// See [`BUCKETS`].
pub(crate) const MANAGED: &[Operation] = managed::OPS;

/// The operations of a plan.
pub(crate) const LOOKS: &[Operation] = &[
    buckets::LIST_OBJECTS.used_for(crate::operation::Access::Fact(Need::BucketSecrets)),
    parameters::DESCRIBE_PARAMETERS.used_for(crate::operation::Access::Fact(Need::ParameterSecrets)),
    managed::DESCRIBE_SECRET.used_for(crate::operation::Access::Fact(Need::ManagedSecrets)),
];

impl Aws {
    /// The secrets of a store whose keys begin so, in order of key, without their values.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn secrets(
        &self,
        region: &str,
        store: &SecretStore,
        prefix: &str,
    ) -> Result<Vec<StoredSecret>> {
        let region = self.region(region);
        let mut all = match store {
            SecretStore::Bucket(bucket) => buckets::list(&region, bucket, prefix).await?,
            SecretStore::Parameters(path) => parameters::list(&region, path, prefix).await?,
            SecretStore::SecretsManager(start) => managed::list(&region, start, prefix).await?,
        };
        all.retain(|secret| secret.key.starts_with(prefix));
        all.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(all)
    }

    /// The value of a secret, or of a version of it; none where there is none.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn secret(
        &self,
        region: &str,
        store: &SecretStore,
        key: &str,
        version: Option<&str>,
    ) -> Result<Option<SecretValue>> {
        let (region, name) = (self.region(region), store.name(key));
        match store {
            SecretStore::Bucket(bucket) => buckets::get(&region, bucket, key, version).await,
            SecretStore::Parameters(_) => parameters::get(&region, &name, version).await,
            SecretStore::SecretsManager(_) => managed::get(&region, &name, version).await,
        }
    }

    /// Writes the value of a secret. One that is deleted and can be had back is brought back first.
    ///
    /// # Errors
    /// If the store does not take the value, before AWS is asked; or if AWS refuses.
    pub async fn put_secret(
        &self,
        region: &str,
        store: &SecretStore,
        key: &str,
        new: NewSecret<'_>,
    ) -> Result<SecretWritten> {
        let (region, name) = (self.region(region), store.name(key));
        match store {
            SecretStore::Bucket(bucket) => buckets::put(&region, bucket, key, new).await,
            SecretStore::Parameters(_) => parameters::put(&region, &name, new).await,
            SecretStore::SecretsManager(_) => managed::put(&region, &name, new).await,
        }
    }

    /// Deletes a secret; returns until when it can be had back, where the store keeps it for some days.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn delete_secret(
        &self,
        region: &str,
        store: &SecretStore,
        key: &str,
        days: i64,
    ) -> Result<Option<String>> {
        let (region, name) = (self.region(region), store.name(key));
        match store {
            SecretStore::Bucket(bucket) => buckets::delete(&region, bucket, key).await.map(|()| None),
            SecretStore::Parameters(_) => parameters::delete(&region, &name).await.map(|()| None),
            SecretStore::SecretsManager(_) => managed::delete(&region, &name, days).await,
        }
    }

    /// The values that a secret has and had, the newest first.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn secret_versions(
        &self,
        region: &str,
        store: &SecretStore,
        key: &str,
    ) -> Result<Vec<SecretVersion>> {
        let (region, name) = (self.region(region), store.name(key));
        match store {
            SecretStore::Bucket(bucket) => buckets::versions(&region, bucket, key).await,
            SecretStore::Parameters(_) => parameters::versions(&region, &name).await,
            SecretStore::SecretsManager(_) => managed::versions(&region, &name).await,
        }
    }
}

/// Which of the secrets that a program declares in this region have a value. No value is read.
pub(crate) async fn states(region: &Region<'_>, needs: &Needs) -> BTreeMap<String, SecretState> {
    let places: Vec<&String> = needs.secrets.get(region.name).into_iter().flatten().collect();
    let mut states = BTreeMap::new();
    let mut names = Vec::new();
    let mut looks = Vec::new();
    for place in places {
        match SecretPlace::read(place) {
            Some(SecretPlace::Parameter(name)) => names.push((place, name)),
            Some(SecretPlace::Object { bucket, key }) => looks.push((place, Some(bucket), key)),
            Some(SecretPlace::Secret(name)) => looks.push((place, None, name)),
            None => {}
        }
    }
    let looks: Vec<_> = looks
        .into_iter()
        .map(|(place, bucket, name)| async move {
            let state = match bucket {
                Some(bucket) => buckets::state(region, bucket, name).await,
                None => managed::state(region, name).await,
            };
            (place.clone(), state.unwrap_or_else(|error| unknown(&error)))
        })
        .collect();
    states.extend(stream::iter(looks).buffered(AT_ONCE).collect::<Vec<_>>().await);
    let plain: Vec<&str> = names.iter().map(|(_, name)| *name).collect();
    let there = if plain.is_empty() { Ok(Vec::new()) } else { parameters::existing(region, &plain).await };
    states.extend(names.into_iter().map(|(place, name)| {
        let state = match &there {
            Ok(there) if there.iter().any(|one| one == name) => SecretState::Present,
            Ok(_) => SecretState::Missing,
            Err(error) => unknown(error),
        };
        (place.clone(), state)
    }));
    states
}

/// A plan does not fail because nobody may look at a secret.
fn unknown(error: &CloudError) -> SecretState {
    SecretState::Unknown(format!("{} was refused: {}", error.operation, error.message))
}

/// A moment as people and JSON have it.
fn moment(moment: Option<&DateTime>) -> Option<String> {
    // Whole seconds: some stores have more digits than others.
    DateTime::from_secs(moment?.secs()).fmt(Format::DateTime).ok()
}
