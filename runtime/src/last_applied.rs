//! What asiaq last wrote to AWS: short digests, by address, so that a plan can tell a change of the program
//! from one that somebody made by hand.
//!
//! It is only for attribution. Which steps a plan has never depends on it, and a plan without it is the same
//! but for the words.

mod after;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use asiaq_ir::{Address, CREATED_TAG, Change, Kind, Node, Resource};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What asiaq last wrote of one environment.
///
/// As text, and so in serde: the version of the form, then an entry for each resource, separated by spaces and in
/// a stable order. An entry is a digest of the address and one for each field, element of a set and tag that the
/// program decides, in base 64: 8 characters and 4 for each, about 60 for a resource.
///
/// Values are digested as the program says them, other resources by address: what is made anew under another AWS
/// id is still the same. What the program left to AWS is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LastApplied {
    entries: BTreeMap<[u8; KEY], ResourceDigests>,
}

/// What is written of one resource; nothing where that is in doubt.
type ResourceDigests = BTreeSet<[u8; VALUE]>;

/// Bytes of the digest of an address: of a million resources two share one with a chance of one in six hundred.
const KEY: usize = 6;
/// Bytes of the digest of a value: another value is mistaken for it once in a million times.
const VALUE: usize = 3;
/// First word of the text.
const VERSION: &str = "1";

/// A text that is no [`LastApplied`]: another version's, or damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record of what was written last cannot be read")]
pub struct Unreadable;

impl LastApplied {
    /// Whether it is known what was left at `address`, and that something was.
    pub(crate) fn knows(&self, address: &Address) -> bool {
        self.entries.get(&key(address)).is_some_and(|entry| !entry.is_empty())
    }

    /// Whether something may have been left at `address`.
    pub(crate) fn may_contain(&self, address: &Address) -> bool {
        self.entries.contains_key(&key(address))
    }

    /// Whether a resource of `kind` was left at `address` in `region`.
    pub(crate) fn has(&self, address: &Address, kind: Kind, region: &str) -> bool {
        self.says(address, "kind", &kind.name().into()) && self.says(address, "region", &region.into())
    }

    /// Whether `value` was written to `field` of what is at `address`, or is one of the elements that were.
    pub(crate) fn says(&self, address: &Address, field: &str, value: &Value) -> bool {
        let entry = self.entries.get(&key(address));
        entry.is_some_and(|entry| entry.contains(&digest(field, value)))
    }

    /// Whether tag `name` was written with `value`.
    pub(crate) fn has_tag(&self, address: &Address, name: &str, value: &Value) -> bool {
        self.says(address, &tag(name), value)
    }

    /// Takes down that a node stands as the program says it, but for `resource`, which is what was made of it.
    fn put(&mut self, address: &Address, node: &Node, resource: &Resource) {
        let schema = resource.kind().schema();
        let mut entry = ResourceDigests::from([digest("region", &node.region.clone().into())]);
        for (field, value) in resource.to_value().as_object().into_iter().flatten() {
            match schema.change(field) {
                Change::CreateOnly => {}
                Change::IfSet(_) if value.is_null() => {}
                Change::Elements { .. } => {
                    entry
                        .extend(value.as_array().into_iter().flatten().map(|element| digest(field, element)));
                }
                Change::Replace(_) | Change::InPlace(_) | Change::IfSet(_) | Change::DecreaseRisk(_) => {
                    entry.insert(digest(field, value));
                }
            }
        }
        if !schema.hides_tags {
            let tags = node.tags.iter().filter(|(name, _)| *name != CREATED_TAG);
            entry.extend(tags.map(|(name, value)| digest(&tag(name), &value.clone().into())));
        }
        self.entries.insert(key(address), entry);
    }
}

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
    fn from(written: LastApplied) -> Self {
        written.to_string()
    }
}
