//! Sandboxes: environments that no program declares. A tag of everything in one says what it is.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADOPTED_TAG, Address, CREATED_TAG, Ir, Kind, SANDBOX_TAG, TAGS_TAG, list_tag_keys, listed_tag_keys,
};

use crate::{Found, Observed};

/// The longest value of a tag, in characters.
const LONGEST: usize = 256;
/// The longest owner.
const OWNER: usize = 100;

/// An environment that no program declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// Name of the environment.
    pub name: String,
    /// Its envtype.
    pub envtype: String,
    /// Its pipeline.
    pub pipeline: Option<String>,
    /// Who has it.
    pub owner: String,
    /// When it ends: UTC, RFC 3339 with seconds, as in `2026-12-01T07:00:00Z`. Absent where its tag does not say it.
    pub ends: Option<String>,
}

/// A sandbox that is in AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSandbox {
    /// What its tags say.
    pub sandbox: Sandbox,
    /// AWS region.
    pub region: String,
    /// When the first thing in it was made: UTC, ISO 8601.
    pub created: Option<String>,
    /// Number of resources in it that were listed.
    pub resources: usize,
    /// What in it was adopted, and not made by asiaq.
    pub adopted: BTreeSet<Address>,
}

impl Sandbox {
    /// An owner as a tag can say it: other characters than AWS accepts become `-`.
    pub fn owner(text: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").chars().map(|c| if is_plain(c) { c } else { '-' }).take(OWNER).collect()
    }

    /// The value of its tag.
    fn tag(&self) -> String {
        let Self { name: _, envtype, pipeline, owner, ends } = self;
        let part = |key: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!(" {key}={value}")).unwrap_or_default()
        };
        format!("type={envtype}{}{} owner={owner}", part("pipeline", pipeline), part("ends", ends))
    }

    /// What the tag of a resource of environment `name` says; nothing where it does not say a type.
    fn read(name: &str, value: &str) -> Option<Self> {
        let (fields, owner) = value.split_once(" owner=").unwrap_or((value, ""));
        let fields: BTreeMap<&str, &str> =
            fields.split_whitespace().filter_map(|field| field.split_once('=')).collect();
        let field = |key: &str| fields.get(key).map(|value| (*value).to_owned());
        Some(Self {
            name: name.to_owned(),
            envtype: field("type")?,
            pipeline: field("pipeline"),
            owner: owner.trim().to_owned(),
            ends: field("ends"),
        })
    }

    /// Writes its tag onto everything in it. What is there keeps the tag that it has, except for the VPC, whose tag counts:
    /// another end is one change.
    pub fn mark(&self, ir: &mut Ir, observed: &Observed) {
        let new = self.tag();
        let live = observed.found.iter().filter(|found| found.resource.kind() != Kind::Vpc);
        let live: BTreeMap<&Address, &String> =
            live.filter_map(|found| Some((&found.address, found.tags.get(SANDBOX_TAG)?))).collect();
        let own = ir.resources.iter_mut().filter(|(address, node)| {
            let is_tagged = !node.tags.is_empty() && !node.resource.kind().schema().hides_tags;
            is_tagged && address.scope().environment() == Some(&self.name)
        });
        for (address, node) in own {
            let value = live.get(address).map_or(&new, |live| *live);
            node.tags.insert(SANDBOX_TAG.to_owned(), value.clone());
            // A program that declares the environment takes the tag away.
            let listed = node.tags.get(TAGS_TAG).map(String::as_str).unwrap_or_default();
            let mut keys: BTreeSet<String> = listed_tag_keys(listed).collect();
            keys.insert(SANDBOX_TAG.to_owned());
            let keys = list_tag_keys(keys.iter().map(String::as_str));
            if keys.chars().count() <= LONGEST {
                node.tags.insert(TAGS_TAG.to_owned(), keys);
            }
        }
    }
}

/// The sandboxes among what is live, by name. What the VPC of an environment says counts; where there is none, as in a run that
/// was killed early, whatever else is in it.
pub fn sandboxes(observed: &Observed) -> BTreeMap<String, LiveSandbox> {
    let mut environments: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for found in &observed.found {
        if let Some(name) = found.address.scope().environment() {
            environments.entry(name).or_default().push(found);
        }
    }
    let live = |(name, all): (&str, Vec<&Found>)| Some((name.to_owned(), sandbox(name, &all)?));
    environments.into_iter().filter_map(live).collect()
}

fn sandbox(name: &str, all: &[&Found]) -> Option<LiveSandbox> {
    let vpcs: Vec<&Found> = all.iter().copied().filter(|found| found.resource.kind() == Kind::Vpc).collect();
    let telling = if vpcs.is_empty() { all } else { vpcs.as_slice() };
    let said = telling.iter().filter_map(|found| {
        Some((Sandbox::read(name, found.tags.get(SANDBOX_TAG)?)?, found.region.as_str()))
    });
    // A run that gave it another end may have been killed half-way.
    let (sandbox, region) = said.max_by(|(one, _), (other, _)| one.ends.cmp(&other.ends))?;
    let created = all.iter().filter_map(|found| found.tags.get(CREATED_TAG)).min().cloned();
    let adopted = all.iter().filter(|found| found.tags.contains_key(ADOPTED_TAG));
    Some(LiveSandbox {
        sandbox,
        region: region.to_owned(),
        created,
        resources: all.len(),
        adopted: adopted.map(|found| found.address.clone()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_read_as_it_is_written() {
        let full = Sandbox {
            name: "demo".to_owned(),
            envtype: "small".to_owned(),
            pipeline: Some("web".to_owned()),
            owner: "Jo Doe ends=never".to_owned(),
            ends: Some("2026-12-01T07:00:00Z".to_owned()),
        };
        assert_eq!(full.tag(), "type=small pipeline=web ends=2026-12-01T07:00:00Z owner=Jo Doe ends=never");
        let bare = Sandbox { pipeline: None, owner: String::new(), ends: None, ..full.clone() };
        for sandbox in [full, bare] {
            assert_eq!(Sandbox::read("demo", &sandbox.tag()), Some(sandbox));
        }
        assert_eq!(Sandbox::read("demo", "whatever"), None);
    }

    #[test]
    fn an_owner_fits_into_a_tag() {
        assert_eq!(Sandbox::owner("jo@host"), "jo@host");
        assert_eq!(Sandbox::owner(" Jö\t<Doe>\n"), "J- -Doe-");
        assert_eq!(Sandbox::owner(&"x".repeat(300)).len(), OWNER);
    }
}
