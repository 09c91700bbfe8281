//! Live resources whose address changes: the wanted resource at another address is plainly the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Ir, Kind, Renamed, Resource, ScopeRef, moved_address};

use super::{peerings, renames};
use crate::Found;

/// The live resources with the addresses that they have in the program.
pub(crate) struct Moves<'a> {
    pub(crate) found: Cow<'a, [Found]>,
    /// The old addresses, by new address, kind and AWS id.
    from: BTreeMap<(Address, Kind, String), Address>,
    /// The prefixes of addresses that have moved, with the new ones.
    prefixes: BTreeMap<String, String>,
}

impl<'a> Moves<'a> {
    /// Finds the moves from what is observed to what is wanted.
    pub(crate) fn new(ir: &Ir, found: &'a [Found]) -> Self {
        let prefixes = ir.moved.clone();
        let mut moves = Self { found: Cow::Borrowed(found), from: BTreeMap::new(), prefixes };
        for (index, to) in declared(ir, found) {
            moves.relocate(index, to);
        }
        let (by_content, renames) = renames::by_content(ir, &moves.found);
        moves.prefixes.extend(renames);
        for (index, to) in by_content {
            if moves.found.get(index).is_some_and(|found| can_move(ir, found, &to)) {
                moves.relocate(index, to);
            }
        }
        for (index, to) in peerings::by_ends(ir, &moves.found) {
            moves.relocate(index, to);
        }
        for (index, to) in by_identity(ir, &moves.found) {
            moves.relocate(index, to);
        }
        for (index, to) in by_name(ir, &moves.found) {
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

    /// The addresses that resources had before.
    pub(super) fn origins(&self) -> impl Iterator<Item = &Address> {
        self.from.values()
    }

    /// The address that a resource would have if AWS could rename it: its declaration has moved.
    pub(super) fn successor(&self, address: &Address) -> Option<Address> {
        if self.prefixes.is_empty() {
            return None;
        }
        moved_address(&self.prefixes, address, &|_| false)
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

/// The live resources under the addresses that the program says have moved: `ci`, `ci/hostclass/app` and all below it,
/// or `hostclass/app` in every environment. Where the old address is still declared, or the new one is live, nothing
/// moves.
fn declared(ir: &Ir, found: &[Found]) -> Vec<(usize, Address)> {
    if ir.moved.is_empty() {
        return Vec::new();
    }
    let live: BTreeSet<(&Address, Kind)> =
        found.iter().map(|found| (&found.address, found.resource.kind())).collect();
    let mut moves: Vec<(usize, Address)> = Vec::new();
    for (index, found) in
        found.iter().enumerate().filter(|(_, found)| !ir.resources.contains_key(&found.address))
    {
        let kind = found.resource.kind();
        let is_live = |address: &Address| {
            live.contains(&(address, kind)) || address.path() == "vpc" && live.contains(&(address, Kind::Vpc))
        };
        let to = moved_address(&ir.moved, &found.address, &is_live);
        moves.extend(to.filter(|to| can_move(ir, found, to)).map(|to| (index, to)));
    }
    moves
}

/// Whether a resource can have a new address: a kind that is known by its name only under that name.
fn can_move(ir: &Ir, found: &Found, to: &Address) -> bool {
    match found.resource.kind().schema().renamed {
        Renamed::Kept => true,
        Renamed::ByName => {
            ir.resources.get(to).is_some_and(|wanted| has_name_of(&found.resource, &wanted.resource))
        }
    }
}

/// Whether two resources have the same name in AWS.
fn has_name_of(live: &Resource, wanted: &Resource) -> bool {
    let names = |resource: &Resource| {
        let fields = resource.kind().schema().exclusive.iter().map(|field| resource.field(field));
        fields.filter(serde_json::Value::is_string).collect::<Vec<_>>()
    };
    live.kind() == wanted.kind() && names(live) == names(wanted)
}

/// The live resources that are wanted ones at other addresses because they have their names, of which AWS has only one.
fn by_name(ir: &Ir, found: &[Found]) -> Vec<(usize, Address)> {
    let name = |resource: &Resource| {
        let [field] = resource.kind().schema().exclusive else { return None };
        resource.field(field).as_str().map(str::to_owned)
    };
    let is_gone =
        |found: &&Found| !ir.resources.contains_key(&found.address) && ir.declares(found.address.scope());
    let gone: Vec<(usize, &Found)> = found.iter().enumerate().filter(|(_, found)| is_gone(found)).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let live: BTreeSet<&Address> = found.iter().map(|found| &found.address).collect();
    let mut wanted: BTreeMap<(Kind, &str, String), &Address> = BTreeMap::new();
    for (address, node) in ir.resources.iter().filter(|(address, _)| !live.contains(address)) {
        if let Some(name) = name(&node.resource) {
            wanted.insert((node.resource.kind(), node.region.as_str(), name), address);
        }
    }
    let moves = gone.into_iter().filter_map(|(index, found)| {
        let key = (found.resource.kind(), found.region.as_str(), name(&found.resource)?);
        let to = wanted.remove(&key).filter(|to| to.scope() == found.address.scope())?;
        Some((index, to.clone()))
    });
    moves.collect()
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
