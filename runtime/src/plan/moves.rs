//! Live resources whose address changes: the wanted resource at another address is plainly the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Ir, Kind, Resource, ScopeRef};

use super::renames;
use crate::Found;

/// The live resources with the addresses that they have in the program.
pub(crate) struct Moves<'a> {
    pub(crate) found: Cow<'a, [Found]>,
    /// The old addresses, by new address, kind and AWS id.
    from: BTreeMap<(Address, Kind, String), Address>,
}

impl<'a> Moves<'a> {
    /// Finds the moves from what is observed to what is wanted.
    pub(crate) fn new(ir: &Ir, found: &'a [Found]) -> Self {
        let mut moves = Self { found: Cow::Borrowed(found), from: BTreeMap::new() };
        for (index, to) in declared(ir, found) {
            moves.relocate(index, to);
        }
        for (index, to) in renames::by_content(ir, &moves.found) {
            moves.relocate(index, to);
        }
        for (index, to) in by_identity(ir, &moves.found) {
            moves.relocate(index, to);
        }
        moves
    }

    /// The address that a resource had before.
    pub(crate) fn origin(&self, found: &Found) -> Option<&Address> {
        if self.from.is_empty() {
            return None;
        }
        self.from.get(&(found.address.clone(), found.resource.kind(), found.id.clone()))
    }

    fn relocate(&mut self, index: usize, to: Address) {
        if let Some(found) = self.found.to_mut().get_mut(index) {
            let from = std::mem::replace(&mut found.address, to.clone());
            let (kind, id) = (found.resource.kind(), found.id.clone());
            let first = self.from.remove(&(from.clone(), kind, id.clone())).unwrap_or(from);
            self.from.insert((to, kind, id), first);
        }
    }
}

/// The live resources under the addresses that the program says have moved: `ci/hostclass/app` and all below it, or
/// `hostclass/app` in every environment. Where the old address is still declared, or the new one is live, nothing moves.
fn declared(ir: &Ir, found: &[Found]) -> Vec<(usize, Address)> {
    if ir.moved.is_empty() {
        return Vec::new();
    }
    let live: BTreeSet<&Address> = found.iter().map(|found| &found.address).collect();
    let target = |found: &Found| {
        let text = found.address.as_str();
        let mut ends = text.match_indices('/').map(|(end, _)| end).chain([text.len()]).collect::<Vec<_>>();
        ends.reverse();
        let scope = text.len() - found.address.path().len();
        let new = ends.into_iter().find_map(|end| {
            let rest = text.get(end..)?;
            let whole = text.get(..end).and_then(|prefix| ir.moved.get(prefix)).cloned();
            let local = || Some(format!("{}{}", text.get(..scope)?, ir.moved.get(text.get(scope..end)?)?));
            Some(format!("{}{rest}", whole.or_else(local)?))
        })?;
        Some(Address::parse(&new))
    };
    let movable = |found: &Found| {
        let to = target(found)?;
        let can = !ir.resources.contains_key(&found.address) && !live.contains(&to);
        (can && !found.resource.kind().schema().hides_tags).then_some(to)
    };
    found.iter().enumerate().filter_map(|(index, found)| Some((index, movable(found)?))).collect()
}

/// What tells a resource from its siblings: its scope, its kind, the declaration that it comes from, and the values of
/// the fields in [`Schema::identity`](asiaq_ir::Schema).
type Identity<'a> = (ScopeRef<'a>, Kind, &'a str, String);

/// The live resources that are the wanted ones at other addresses, by what they are.
fn by_identity(ir: &Ir, found: &[Found]) -> Vec<(usize, Address)> {
    let wanted: BTreeMap<Identity<'_>, &Address> = ir
        .resources
        .iter()
        .filter_map(|(address, node)| Some((identity(address, &node.resource)?, address)))
        .collect();
    let mut taken: BTreeSet<&Address> = BTreeSet::new();
    let mut moved: Vec<(usize, &Address)> = Vec::new();
    for (index, found) in found.iter().enumerate() {
        let Some(to) = identity(&found.address, &found.resource).and_then(|own| wanted.get(&own)) else {
            continue;
        };
        if **to == found.address {
            taken.insert(to);
        } else {
            moved.push((index, to));
        }
    }
    moved.retain(|(_, to)| taken.insert(to));
    moved.into_iter().map(|(index, to)| (index, to.clone())).collect()
}

fn identity<'a>(address: &'a Address, resource: &Resource) -> Option<Identity<'a>> {
    let kind = resource.kind();
    let fields = kind.schema().identity;
    if fields.is_empty() {
        return None;
    }
    let value = resource.to_value();
    let values: Vec<String> =
        fields.iter().map(|field| value.get(*field).map(ToString::to_string).unwrap_or_default()).collect();
    Some((address.scope(), kind, declaration(address.path()), values.join(" ")))
}

/// The first two parts of a path: `hostclass/front`.
fn declaration(path: &str) -> &str {
    let end = path.match_indices('/').nth(1).map_or(path.len(), |(end, _)| end);
    path.get(..end).unwrap_or(path)
}
