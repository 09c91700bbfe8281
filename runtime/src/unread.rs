//! Listings that AWS did not answer. A plan goes on without one if nothing of its kind is wanted, and as far as the
//! records of the last applies tell, nothing of it is owned.

use std::collections::BTreeSet;

use asiaq_ir::{Home, Ir, Scope};

use crate::{Coverage, Observed, Unread};

/// Whether a plan of `ir` in `scope` needs a listing: the program has resources of the kind there, the last apply left
/// some, or there is no record of the last apply to an environment that exists.
fn is_needed(
    unread: &Unread,
    ir: &Ir,
    observed: &Observed,
    scope: &Coverage,
    existing: &BTreeSet<Scope>,
) -> bool {
    let is_here = |region: &str| region == unread.region || unread.kind.schema().home == Home::Global;
    let is_wanted = ir.resources.iter().any(|(address, node)| {
        node.resource.kind() == unread.kind && is_here(&node.region) && scope.covers(address.scope())
    });
    is_wanted
        || existing.iter().any(|scope| match observed.written.get(scope) {
            Some(record) => record.may_have_kind(unread.kind),
            None => true,
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
