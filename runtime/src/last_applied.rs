//! The record of the last apply: short digests of values by address, so that a plan can tell changes of the program
//! from drift.
//!
//! The record only decides the [`Cause`](crate::Cause) of steps and reasons. The steps of a plan never depend on it.

mod after;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use asiaq_ir::{Address, AutoScalingGroup, CREATED_TAG, Change, Kind, Node, Resource};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The record of the last apply to one environment.
///
/// As text, and in serde: the version of the format, then an entry for each resource, separated by spaces and in a
/// stable order. An entry is a digest of the address and one digest for each field, element of a set and tag that
/// the program sets, in URL-safe base64: 8 characters for the address and 4 for each value, about 60 per resource.
///
/// Digests are of the program's values, with references by address, so that they do not change when a referenced
/// resource is replaced. Values that the program leaves to AWS have no digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LastApplied {
    entries: BTreeMap<[u8; KEY], ResourceDigests>,
}

/// The digests of the values of one resource; empty if its state is in doubt.
type ResourceDigests = BTreeSet<[u8; VALUE]>;

/// Bytes of the digest of an address. Among a million resources, two collide with a probability of 1 in 600.
const KEY: usize = 6;
/// Bytes of the digest of a value. For a resource with 16 values, another value is mistaken for one of them with a
/// probability of 1 in a million.
const VALUE: usize = 3;
/// Version of the format: the first word of the text.
const VERSION: &str = "1";

/// A text that cannot be parsed as [`LastApplied`]: it has another version or is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record of what was written last cannot be read")]
pub struct Unreadable;

impl LastApplied {
    /// Whether the record has a resource at `address` whose state is not in doubt.
    pub(crate) fn knows(&self, address: &Address) -> bool {
        self.entries.get(&key(address)).is_some_and(|entry| !entry.is_empty())
    }

    /// Whether the record has a resource at `address`, even if its state is in doubt.
    pub(crate) fn may_contain(&self, address: &Address) -> bool {
        self.entries.contains_key(&key(address))
    }

    /// Whether the last apply left a resource of `kind` at `address` in `region`.
    pub(crate) fn has(&self, address: &Address, kind: Kind, region: &str) -> bool {
        self.contains(address, "kind", &kind.name().into())
            && self.contains(address, "region", &region.into())
    }

    /// Whether the last apply may have left a resource of `kind`.
    pub(crate) fn may_have_kind(&self, kind: Kind) -> bool {
        let digest = digest("kind", &kind.name().into());
        self.entries.values().any(|entry| entry.is_empty() || entry.contains(&digest))
    }

    /// Whether the last apply left `value` in `field` of the resource at `address`, or as an element of that set.
    pub(crate) fn contains(&self, address: &Address, field: &str, value: &Value) -> bool {
        let Some(entry) = self.entries.get(&key(address)) else { return false };
        entry.contains(&digest(field, value))
            || of_older_version(value).is_some_and(|value| entry.contains(&digest(field, &value)))
    }

    /// Whether the record has the values at creation that listings do not show. One of an older version has none.
    pub(crate) fn has_creation_values(&self, address: &Address) -> bool {
        self.contains(address, CREATION, &true.into())
    }

    /// Whether the last apply left tag `name` with `value` on the resource at `address`.
    pub(crate) fn has_tag(&self, address: &Address, name: &str, value: &Value) -> bool {
        self.contains(address, &tag(name), value)
    }

    /// Records `resource`, with the region and the tags of `node`. `resource` is that of the node, except for elements
    /// that the plan left out.
    fn put(&mut self, address: &Address, node: &Node, resource: &Resource) {
        let schema = resource.kind().schema();
        let mut entry = ResourceDigests::from([digest("region", &node.region.clone().into())]);
        for (field, value) in resource.to_value().as_object().into_iter().flatten() {
            match schema.change(field) {
                Change::CreateOnly { is_read: true, .. } => {}
                Change::CreateOnly { is_read: false, .. } => {
                    entry.insert(digest(CREATION, &true.into()));
                    entry.extend(creation_values(field, value).map(|(name, value)| digest(&name, value)));
                }
                Change::IfSet(_) | Change::SetOnce(_) if value.is_null() => {}
                Change::Elements { .. } => {
                    entry
                        .extend(value.as_array().into_iter().flatten().map(|element| digest(field, element)));
                }
                Change::Replace(_)
                | Change::InPlace(_)
                | Change::IfSet(_)
                | Change::DecreaseRisk(_)
                | Change::SetOnce(_) => {
                    entry.insert(digest(field, value));
                }
            }
        }
        if resource.kind().tags().is_some() {
            let tags = node.tags.iter().filter(|(name, _)| *name != CREATED_TAG);
            entry.extend(tags.map(|(name, value)| digest(&tag(name), &value.clone().into())));
        }
        self.entries.insert(key(address), entry);
    }
}

/// A value as older versions recorded it, without the security policy of a listener; absent if they recorded the same.
fn of_older_version(value: &Value) -> Option<Value> {
    let mut fields = value.as_object()?.clone();
    fields.remove("tls_policy").map(|_| Value::Object(fields))
}

/// The field name of a digest that tells that the values at creation are recorded.
const CREATION: &str = "at creation";

/// The values of `field`, which is set at creation, each with the name under which it is digested: `initial/min`.
pub(crate) fn creation_values<'v>(
    field: &str,
    value: &'v Value,
) -> impl Iterator<Item = (String, &'v Value)> {
    let parts = value.as_object().filter(|_| field == AutoScalingGroup::INITIAL.as_str());
    let whole = parts.is_none().then(|| (field.to_owned(), value));
    let parts = parts.into_iter().flatten();
    parts.map(|(part, value)| (part.clone(), value)).chain(whole)
}

/// The field name under which a tag is digested.
fn tag(name: &str) -> String {
    format!("tags/{name}")
}

fn key(address: &Address) -> [u8; KEY] {
    short(&Sha256::digest(address.as_str()))
}

fn digest(field: &str, value: &Value) -> [u8; VALUE] {
    short(&Sha256::digest(format!("{field}\n{value}")))
}

/// The first bytes of a hash.
fn short<const N: usize>(hash: &[u8]) -> [u8; N] {
    hash.first_chunk().copied().unwrap_or([0; N])
}

impl fmt::Display for LastApplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VERSION)?;
        for (key, entry) in &self.entries {
            let bytes: Vec<u8> = key.iter().chain(entry.iter().flatten()).copied().collect();
            write!(f, " {}", URL_SAFE_NO_PAD.encode(bytes))?;
        }
        Ok(())
    }
}

impl FromStr for LastApplied {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut words = text.split(' ');
        if words.next() != Some(VERSION) {
            return Err(Unreadable);
        }
        let entry = |word: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(word).map_err(|_| Unreadable)?;
            let (key, rest) = bytes.split_first_chunk().ok_or(Unreadable)?;
            let (values, rest) = rest.as_chunks();
            if rest.is_empty() { Ok((*key, values.iter().copied().collect())) } else { Err(Unreadable) }
        };
        Ok(Self { entries: words.map(entry).collect::<Result<_, _>>()? })
    }
}

impl TryFrom<String> for LastApplied {
    type Error = Unreadable;

    fn try_from(text: String) -> Result<Self, Unreadable> {
        text.parse()
    }
}

impl From<LastApplied> for String {
    fn from(last_applied: LastApplied) -> Self {
        last_applied.to_string()
    }
}
