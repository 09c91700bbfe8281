//! Listings that AWS did not answer. A plan goes on without one if nothing of its kind is wanted, and as far as the
//! records of the last applies tell, nothing of it is owned.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Home, Ir, Kind, Scope, lookups};

use crate::{CloudError, Coverage, LastApplied, Observed, Unread};

impl Unread {
    /// Whether the listing would have shown the resources of `kind` in `region`.
    pub fn is_of(&self, kind: Kind, region: &str) -> bool {
        self.kind == kind && (self.region == region || kind.schema().home == Home::Global)
    }
}

/// The kinds that could not be listed, by region and reason.
pub fn unread_kinds(unread: &[Unread]) -> BTreeMap<(&str, String), Vec<Kind>> {
    let mut same: BTreeMap<(&str, String), Vec<Kind>> = BTreeMap::new();
    for unread in unread {
        let why = CloudError { request: None, ..unread.error.clone() }.to_string();
        same.entry((&unread.region, why)).or_default().push(unread.kind);
    }
    same
}

/// Whether a plan of `ir` in `scope` needs a listing: the program has resources of the kind there, the last apply left
/// some, or there is no record of the last apply to an environment that exists.
fn is_needed(
    unread: &Unread,
    ir: &Ir,
    observed: &Observed,
    scope: &Coverage,
    existing: &BTreeSet<Scope>,
) -> bool {
    let is_wanted = ir.resources.iter().any(|(address, node)| {
        unread.is_of(node.resource.kind(), &node.region) && scope.covers(address.scope())
    });
    is_wanted
        || existing.iter().any(|scope| match observed.written.get(scope) {
            Some(record) => record.may_have_kind(unread.kind),
            None => true,
        })
}

/// Whether the project may own something of `kinds`, which were not listed: an environment or account that exists has no
/// record of the last apply, or one that does not fit what was found, or one with such resources.
pub fn may_own(observed: &Observed, kinds: &BTreeSet<Kind>) -> bool {
    let recorded = |scope: &Scope| observed.written.get(scope);
    let has_kind = |record: &LastApplied| kinds.iter().any(|kind| record.may_have_kind(*kind));
    observed.written.values().any(has_kind)
        || observed.found.iter().any(|found| {
            let record = recorded(&found.address.scope().to_scope());
            record.is_none_or(|record| !record.may_contain(&found.address))
        })
}

/// The first missing listing without which a plan of `ir` in `scope` might be wrong; absent if there is none.
pub fn needed_listing<'o>(observed: &'o Observed, ir: &Ir, scope: &Coverage) -> Option<&'o Unread> {
    if observed.unread.is_empty() {
        return None;
    }
    let live = observed.found.iter().map(|found| found.address.scope().to_scope());
    let existing: BTreeSet<Scope> = live.chain(observed.written.keys().cloned()).collect();
    let existing: BTreeSet<Scope> =
        existing.into_iter().filter(|known| scope.covers(known.borrowed())).collect();
    observed.unread.iter().find(|unread| is_needed(unread, ir, observed, scope, &existing))
}

/// The first missing listing that shows facts which `declared`, a program lowered without facts, looks something up in: an
/// account may have what a lowering with these facts says it lacks.
pub fn missing_facts<'o>(observed: &'o Observed, declared: &Ir) -> Option<&'o Unread> {
    observed.unread.iter().find(|unread| {
        declared.resources.values().any(|node| {
            lookups(&node.resource).any(|lookup| unread.is_of(lookup.listed_with(), &node.region))
        })
    })
}
