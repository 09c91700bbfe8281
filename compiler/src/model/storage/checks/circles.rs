//! Buckets whose access logs end in themselves grow for ever.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use crate::errors;
use crate::model::storage::Bucket;

pub(super) fn check(buckets: &[Bucket], diagnostics: &mut Vec<Diagnostic>) {
    let next: BTreeMap<&str, (&str, Span)> = buckets
        .iter()
        .filter_map(|bucket| {
            let (to, _) = bucket.logging.as_ref()?;
            Some((bucket.title.name.as_str(), (to.value.as_str(), to.span())))
        })
        .collect();
    // The walk from each start gives every bucket its number; one that meets its own number has closed a circle.
    let mut walk_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (walk, start) in next.keys().enumerate() {
        let (mut at, mut path) = (*start, Vec::new());
        while let Some((to, _)) = next.get(at).filter(|_| !walk_of.contains_key(at)) {
            walk_of.insert(at, walk);
            path.push(at);
            at = to;
        }
        if walk_of.get(at) == Some(&walk) {
            let circle: Vec<&str> = path.into_iter().skip_while(|name| *name != at).collect();
            if let Some((_, span)) = next.get(at) {
                diagnostics.push(errors::logs_in_a_circle(*span, &circle));
            }
        }
    }
}
