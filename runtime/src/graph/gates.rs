//! The gates of barriers: many resources that wait for many others are connected by one node.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::Address;
use petgraph::graph::NodeIndex;

use super::operation::{Node, OperationGraph};

/// What each barrier lists, by address (see [`Ir::barriers`](asiaq_ir::Ir::barriers)).
pub(super) type Barriers = BTreeMap<Address, BTreeSet<Address>>;

/// The gates of the barriers that the steps of a plan wait for.
#[derive(Default)]
pub(super) struct Gates<'a> {
    by_address: BTreeMap<&'a Address, Gate<'a>>,
}

/// The two nodes of a barrier.
pub(super) struct Gate<'a> {
    /// Resources and other barriers.
    pub(super) members: &'a BTreeSet<Address>,
    /// Ends when the members exist.
    pub(super) entry: NodeIndex,
    /// Ends when everything behind the barrier is created or updated.
    pub(super) exit: NodeIndex,
}

impl<'a> Gates<'a> {
    /// The gates of the barriers among `required`, and of those that they list.
    pub(super) fn new(
        required: impl Iterator<Item = &'a Address>,
        barriers: &'a Barriers,
        graph: &mut OperationGraph,
    ) -> Self {
        let mut gates = Self::default();
        let mut rest: Vec<&Address> = required.collect();
        while let Some(address) = rest.pop() {
            let Some((address, members)) = barriers.get_key_value(address) else { continue };
            gates.by_address.entry(address).or_insert_with(|| {
                rest.extend(members);
                Gate { members, entry: graph.add_node(Node::Gate), exit: graph.add_node(Node::Gate) }
            });
        }
        gates
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Gate<'a>> {
        self.by_address.values()
    }

    pub(super) fn entry(&self, barrier: &Address) -> Option<NodeIndex> {
        self.by_address.get(barrier).map(|gate| gate.entry)
    }

    pub(super) fn exit(&self, barrier: &Address) -> Option<NodeIndex> {
        self.by_address.get(barrier).map(|gate| gate.exit)
    }
}
