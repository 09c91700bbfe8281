//! What is known of the versions of engines, and of where the classes and node types that run them are offered.

use asiaq_lang::{Diagnostic, Span};

use super::Environment;
use crate::errors;
use crate::library::engines::{self, Known};

/// The version `said` of an engine, written at `place`: unknown, retired, or soon without support.
pub(super) fn version(engine: &str, said: &str, place: Span) -> Option<Diagnostic> {
    match engines::known_version(engine, said)? {
        Known::Unknown => Some(errors::unknown_version(place, said, engines::nearest_version(engine, said))),
        Known::Gone => {
            let newest = engines::versions(engine).next_back();
            Some(errors::retired_version(place, engine, said, newest))
        }
        Known::Offered => engines::ending(engine, said)
            .map(|ending| errors::ending_version(place, said, ending.day, ending.is_over)),
    }
}

/// A class or node type for an engine, written at `place`: not offered in the region of an environment.
pub(super) fn offer(class: &str, engine: &str, env: &Environment, place: Span) -> Option<Diagnostic> {
    let region = &env.region.value;
    let is_missing = engines::is_offered(class, engine, region) == Some(false);
    is_missing.then(|| errors::class_not_offered(place, class, &env.name, region))
}
