//! A database that is made from a snapshot: the part that `database clone` changes.

use std::collections::BTreeSet;

use anyhow::anyhow;
use asiaq_ir::{Address, Ir, Ref, Resource, refs};
use asiaq_runtime::Observed;

/// A declared database, and where its data are from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copied<'a> {
    /// Its address.
    pub(crate) address: &'a Address,
    /// The snapshot, as the field `restore` of a database names it.
    pub(crate) from: &'a str,
    /// The command that goes on.
    pub(crate) again: &'a str,
}

impl Copied<'_> {
    /// Has the database made from the snapshot. The paths of what belongs to it, and of what it needs and is not there.
    pub(super) fn put(&self, ir: &mut Ir, observed: &Observed) -> anyhow::Result<BTreeSet<String>> {
        let node = ir.resources.get_mut(self.address);
        let restore = match node.map(|node| &mut node.resource) {
            Some(Resource::Database(database)) => &mut database.restore,
            Some(Resource::DatabaseCluster(cluster)) => &mut cluster.restore,
            _ => return Err(anyhow!("the program declares no database `{}`", self.address)),
        };
        *restore = Some(self.from.to_owned());
        let is_part = |address: &Address| {
            address.env() == self.address.env() && address.has_path_below(self.address.path())
        };
        let is_there = |address: &Address| observed.found.iter().any(|found| found.address == *address);
        let mut paths = BTreeSet::from([self.address.path().to_owned()]);
        let mut open: Vec<&Address> = ir.resources.keys().filter(|address| is_part(address)).collect();
        let mut seen: BTreeSet<&Address> = open.iter().copied().collect();
        while let Some(address) = open.pop() {
            let Some(node) = ir.resources.get(address) else { continue };
            let needed = refs(&node.resource).into_iter().filter_map(|to| match to {
                Ref::To(to) => ir.resources.get_key_value(&to).map(|(to, _)| to),
                Ref::Id(_) | Ref::Find(_) => None,
            });
            for to in needed.chain(&node.after).filter(|to| !is_there(to)) {
                if seen.insert(to) {
                    // What is not a resource by itself comes with the one that it is a part of.
                    paths.insert(to.path().to_owned());
                    open.push(to);
                }
            }
        }
        Ok(paths)
    }
}
