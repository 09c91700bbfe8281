//! Notes about what AWS keeps although the program states something else.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Change, Ir, KeptSubnets, Kind, ScopeRef, SmokeTest};
use serde_json::Value;

use super::coverage::{Coverage, Goal};
use super::live::Live;
use super::matching::{Decision, Decisions, resolved};
use super::note::Note;
use super::select::{Selection, Wanted};
use crate::last_applied::creation_values;
use crate::{LastApplied, Observed};

/// A note for each value that is set at creation and differs, of the resources that are kept.
pub(super) fn values(
    selection: &Selection<'_>,
    decisions: &Decisions<'_>,
    live: &Live<'_>,
    observed: &Observed,
) -> Vec<Note> {
    let mut notes = Vec::new();
    for (address, wanted) in selection.wanted.iter().filter(|(_, wanted)| wanted.inside) {
        let Some(Decision::Keep { found, .. }) = decisions.get(*address) else { continue };
        let Some(item) = live.item(*found) else { continue };
        let record = observed.written.get(address.scope().as_str());
        for (field, change) in wanted.node.resource.kind().schema().fields {
            let Change::CreateOnly { why, is_read } = change else { continue };
            if why.is_empty() {
                continue;
            }
            let value = wanted.value.get(*field).unwrap_or(&Value::Null);
            if *is_read {
                let there = item.value.get(*field).unwrap_or(&Value::Null);
                if resolved(value, decisions, live) != *there {
                    notes.push(note(address, wanted, field, Some(there), value, why));
                }
            } else if let Some(record) = record {
                let changed = changed(record, address, wanted, field, value);
                notes.extend(changed.map(|(name, value)| note(address, wanted, &name, None, value, why)));
            }
        }
    }
    notes
}

/// The values at creation in `field` that differ from those of the last apply: listings do not show them.
fn changed<'v>(
    record: &'v LastApplied,
    address: &'v Address,
    wanted: &'v Wanted<'_>,
    field: &'v str,
    value: &'v Value,
) -> impl Iterator<Item = (String, &'v Value)> {
    // The step of the launch template tells that the AMI changes.
    let is_told = wanted.node.resource.kind() == Kind::SmokeTest && field == SmokeTest::IMAGE.as_str();
    let is_recorded = record.has_creation_values(address);
    creation_values(field, value).filter(move |(name, value)| {
        // A size that also has a value after the creation is compared there.
        let is_compared = name != field && wanted.value.get(name.as_str()).is_some_and(|now| !now.is_null());
        is_recorded && !is_told && !is_compared && !record.contains(address, name, value)
    })
}

fn note(
    address: &Address,
    wanted: &Wanted<'_>,
    field: &str,
    live: Option<&Value>,
    value: &Value,
    why: &str,
) -> Note {
    Note::Keeps {
        address: address.clone(),
        field: field.to_owned(),
        live: live.map(shown),
        wanted: shown(value),
        why: why.to_owned(),
        origin: wanted.node.cite(field, None).clone(),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Notes about the metanetworks in scope that keep their subnets: one for each that the program gives another size, and
/// one for each environment about the others.
pub(super) fn subnets(ir: &Ir, scope: &Coverage) -> impl Iterator<Item = Note> {
    let is_covered = |kept: &&KeptSubnets| {
        scope.goal == Goal::Apply
            && scope.under.is_none()
            && scope.covers(ScopeRef::of_environment(&kept.environment))
    };
    let mut elsewhere: BTreeMap<&str, Vec<KeptSubnets>> = BTreeMap::new();
    let mut notes = Vec::new();
    for kept in ir.kept.iter().filter(is_covered) {
        match kept.parts {
            Some(_) => notes.push(Note::KeepsSize(kept.clone())),
            None => elsewhere.entry(&kept.environment).or_default().push(kept.clone()),
        }
    }
    let elsewhere = elsewhere
        .into_iter()
        .map(|(environment, networks)| Note::KeepsBlocks { environment: environment.to_owned(), networks });
    notes.into_iter().chain(elsewhere)
}
