//! The ends of a question. Some machines of a metanetwork are an end of their own.

use std::collections::BTreeSet;

use super::machines::{Class, Machine};
use super::network::{Network, Topology};
use super::place::{MachineKind, Place};

/// A place, with the machines that it means where these are not all of a metanetwork.
#[derive(Clone, Debug)]
pub(super) struct End<'i> {
    pub(super) place: Place,
    /// The metanetworks that the machines are in, without all other machines.
    pub(super) narrowed: Vec<Network<'i>>,
}

impl<'i> Topology<'i> {
    /// The end that `place` means.
    pub(super) fn end(&self, place: &Place) -> End<'i> {
        let narrowed = match place {
            Place::Machines { env, kind, names } => {
                let networks = self.environments.get(env.as_str()).into_iter();
                let networks = networks.flat_map(|env| env.networks.values());
                networks.filter_map(|network| network.narrowed(*kind, names)).collect()
            }
            Place::Internet | Place::Block(_) | Place::Network { .. } | Place::Vpn { .. } => Vec::new(),
        };
        End { place: place.clone(), narrowed }
    }
}

impl Network<'_> {
    /// The same metanetwork with some of its machines only; nothing if it has none of them.
    fn narrowed(&self, kind: MachineKind, names: &BTreeSet<String>) -> Option<Self> {
        let classes: Vec<Class<'_>> =
            self.classes.iter().filter_map(|class| class.narrowed(kind, names)).collect();
        (!classes.is_empty()).then(|| Self { classes, is_narrowed: true, ..self.clone() })
    }
}

impl Class<'_> {
    fn narrowed(&self, kind: MachineKind, names: &BTreeSet<String>) -> Option<Self> {
        if self.role.kind() != Some(kind) {
            return None;
        }
        let is_theirs = |machine: &&Machine| names.contains(machine.name());
        let members: BTreeSet<Machine> = self.members.iter().filter(is_theirs).cloned().collect();
        if members.is_empty() {
            return None;
        }
        let mut own = self.clone();
        own.members = members;
        own.addresses.retain(|_, hostclass| names.contains(*hostclass));
        own.sizes.retain(|hostclass, _| names.contains(*hostclass));
        own.serves.retain(|hostclass| names.contains(*hostclass));
        Some(own)
    }
}
