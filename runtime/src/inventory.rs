//! What is live in AWS of what a program declares.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Assigned, Facts, Ir, Kind, Mark, Origin};
use serde::Serialize;
use serde_json::Value;

use crate::plan::Moves;
use crate::{Coverage, Found, Observed};

/// A resource that a program declares, or that is live, or both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its address in the program; of one that is no longer declared, its address in AWS.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// AWS region, such as `us-west-2`; for a global resource, that of its environment.
    pub region: String,
    /// Whether it is there.
    pub state: Standing,
    /// AWS id; absent if it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// ARN; absent if it is not there, or has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its page in the AWS Management Console; absent if it is not there, or has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// What else its kind shows, by name: texts, numbers and lists of texts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<&'static str, Value>,
    /// The address that it still has in AWS, if its declaration was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Address>,
    /// The place that declares it; absent if nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_at: Option<Origin>,
}

/// Whether a resource is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is declared and in AWS.
    Live,
    /// It is declared and not in AWS.
    Absent,
    /// It is in AWS and no longer declared.
    Undeclared,
}

impl Entry {
    /// Whether it is a part of another resource that has nothing of its own to show, such as the rules of a security
    /// group.
    pub fn is_part(&self) -> bool {
        self.kind.mark() == Mark::Parent && self.kind.outputs().arn.is_none()
    }
}

/// The resources in `scope`, in order of address. Two live resources with one address are two entries.
pub fn inventory(ir: &Ir, observed: &Observed, scope: &Coverage) -> Vec<Entry> {
    let moves = Moves::new(ir, &observed.found);
    let mut live: BTreeMap<(&Address, Kind), Vec<&Found>> = BTreeMap::new();
    for found in moves.found.iter() {
        live.entry((&found.address, found.resource.kind())).or_default().push(found);
    }
    let declared = ir.resources.iter().map(|(address, node)| (address, node.resource.kind()));
    let all: BTreeSet<(&Address, Kind)> = declared.chain(live.keys().copied()).collect();
    let mut entries = Vec::new();
    for (address, kind) in all.into_iter().filter(|(address, _)| scope.includes(address)) {
        let node = ir.resources.get(address).filter(|node| node.resource.kind() == kind);
        let declared_at = node.map(|node| node.origin.clone());
        let of = |region: &str, state| Entry {
            address: address.clone(),
            kind,
            region: region.to_owned(),
            state,
            id: None,
            arn: None,
            console: None,
            values: BTreeMap::new(),
            moved_from: None,
            declared_at: declared_at.clone(),
        };
        let found = live.get(&(address, kind)).map(Vec::as_slice).unwrap_or_default();
        let state = if node.is_some() { Standing::Live } else { Standing::Undeclared };
        entries.extend(found.iter().map(|found| {
            let entry = Entry { moved_from: moves.origin(found).cloned(), ..of(&found.region, state) };
            described(entry, found, &observed.facts)
        }));
        if let Some(node) = node.filter(|_| found.is_empty()) {
            entries.push(of(&node.region, Standing::Absent));
        }
    }
    entries
}

/// An entry with what its kind shows of a live resource.
fn described(mut entry: Entry, found: &Found, facts: &Facts) -> Entry {
    let outputs = entry.kind.outputs();
    let scope = found.address.scope();
    let account = facts.account_of(scope).unwrap_or_default();
    let region = facts.beside(&found.address, &found.region);
    let assigned = region.and_then(|region| region.assigned.get(&found.id));
    let values = |what: Assigned| assigned.and_then(|assigned| assigned.get(&what));
    let first = |what| values(what).and_then(|values| values.first());
    entry.arn =
        outputs.arn(&found.region, account, &found.id).or_else(|| first(Assigned::Arn).map(String::to_owned));
    entry.console = outputs.console(&found.region, &found.id);
    let whole = found.resource.to_value();
    for field in outputs.fields {
        if let Some(value) = whole.get(*field).filter(|value| !value.is_null()) {
            entry.values.insert(field, value.clone());
        }
    }
    for what in outputs.assigned.iter().copied().filter(|what| *what != Assigned::Arn) {
        let value = match values(what) {
            Some(values) if what.is_list() => values.iter().map(String::as_str).collect(),
            Some(values) => values.first().map(|value| Value::from(value.as_str())).unwrap_or_default(),
            None => Value::Null,
        };
        if !value.is_null() {
            entry.values.insert(what.name(), value);
        }
    }
    entry.id = Some(found.id.clone());
    entry
}
