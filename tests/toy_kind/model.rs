//! Beacons of an environment.

use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::Provenance;
use crate::block::Block;
use crate::evaluate::{Evaluator, Resolved};
use crate::library::fields::BeaconFields;
use crate::library::kinds;

/// A beacon.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beacon {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) message: Resolved<String>,
    /// Minutes.
    pub(crate) every: Resolved<i64>,
}

/// The beacons of one environment, in order of first appearance.
pub(super) fn of_environment(
    env: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
    provenance: &mut Provenance,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Beacon> {
    let mut beacons = Vec::new();
    for name in env.nested(kinds::BEACON) {
        let Some(block) = env.child(kinds::BEACON, Some(name), &[]) else { continue };
        let span = env.last_span(kinds::BEACON, Some(name));
        let fields = Arc::new(evaluator.fields(kinds::BEACON, &block, span, diagnostics));
        provenance.add(format!("beacon.{name}"), Arc::clone(&fields));
        let BeaconFields { message, every } = BeaconFields::of(&fields, span);
        if let Some(message) = message {
            beacons.push(Beacon { name: name.to_owned(), span, message, every });
        }
    }
    beacons
}
