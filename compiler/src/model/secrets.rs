//! The secrets of an environment, without their values.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::{SecretStore, secret_key_problem};
use asiaq_lang::{Diagnostic, Span};

use super::{Environment, Provenance};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Resolved};
use crate::instance_data;
use crate::library::fields::SecretFields;
use crate::library::kinds;
use crate::value::Spanned;

/// A secret that has to have a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Secret {
    /// Name.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Its key in the store.
    pub(crate) key: Resolved<String>,
    /// Number of characters of a generated value.
    pub(crate) generate: Option<Resolved<i64>>,
    /// What a generated value is made of.
    pub(crate) characters: Resolved<String>,
    /// What it is for.
    pub(crate) description: Option<Resolved<String>>,
}

/// What the text of a `SecretStore` begins with.
pub(crate) const PARAMETERS: &str = "parameters ";
/// What the text of another one begins with.
pub(crate) const SECRETS_MANAGER: &str = "secrets_manager ";

/// The store that a value of type `SecretStore` names; none for buckets where there are none.
pub(super) fn store(
    set: &str,
    (region, project): (&str, &str),
    buckets: &[Spanned<String>],
) -> Option<SecretStore> {
    if let Some(path) = set.strip_prefix(PARAMETERS) {
        return Some(SecretStore::Parameters(path.to_owned()));
    }
    if let Some(prefix) = set.strip_prefix(SECRETS_MANAGER) {
        return Some(SecretStore::SecretsManager(prefix.to_owned()));
    }
    let ending = buckets.first()?;
    Some(SecretStore::Bucket(instance_data::bucket_name(region, project, &ending.value)))
}

impl Environment {
    /// Where its secrets are; none where it has no bucket for them.
    pub(crate) fn secret_store(&self, project: &str) -> Option<SecretStore> {
        store(&self.store.value, (&self.region.value, project), &self.credential_buckets.value)
    }
}

/// The secrets of an environment, in order of first appearance.
pub(super) fn of_environment(
    env: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Secret> {
    let mut secret = |name: &str| {
        let block = env.child(kinds::SECRET, Some(name), &[])?;
        let span = env.last_span(kinds::SECRET, Some(name));
        let fields = Arc::new(evaluator.fields(kinds::SECRET, &block, span, diagnostics));
        provenance.add(format!("secret.{name}"), Arc::clone(&fields));
        let SecretFields { key, generate, characters, description } = SecretFields::of(&fields, span);
        Some(Secret { name: name.to_owned(), span, key: key?, generate, characters, description })
    };
    env.nested(kinds::SECRET).into_iter().filter_map(&mut secret).collect()
}

/// Reports keys that a store refuses, keys of two secrets, and a missing store. `set` is what the environment says of its
/// store with its credential buckets; nothing where they cannot be read.
pub(super) fn check_all(
    secrets: &[Secret],
    (env, region, project): (&str, &str, &str),
    set: Option<(&str, &[Spanned<String>])>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for secret in secrets {
        let (place, key) = (secret.key.span(), secret.key.value.as_str());
        if let Some(why) = secret_key_problem(key) {
            diagnostics.push(errors::secret_key(place, key, &why));
            continue;
        }
        if let Some(other) = keys.insert(key, &secret.name) {
            diagnostics.push(errors::secret_key_twice(place, key, other));
        }
        let Some((set, buckets)) = set else { continue };
        let Some(store) = store(set, (region, project), buckets) else {
            diagnostics.push(errors::credential_without_bucket(place, env));
            return;
        };
        if let Some(why) = too_long(&store, key) {
            diagnostics.push(errors::secret_key(place, key, &why));
        }
    }
}

/// Why a store takes no secret of so long a key (Systems Manager: `PutParameter`, without the characters of an ARN; Secrets
/// Manager: `CreateSecret`; Amazon S3: "Object key naming guidelines").
fn too_long(store: &SecretStore, key: &str) -> Option<String> {
    let name = store.name(key);
    let most = match store {
        SecretStore::Bucket(_) => 1024,
        SecretStore::Parameters(_) => 1011,
        SecretStore::SecretsManager(_) => 512,
    };
    if name.len() > most {
        return Some(format!(
            "its name in the store would have {} characters, and {most} are allowed",
            name.len()
        ));
    }
    let words = name.split('/').count() - 1;
    let is_deep = matches!(store, SecretStore::Parameters(_)) && words > 15;
    is_deep.then(|| format!("its name in the store would have {words} words, and 15 are allowed"))
}
