//! The machines of an environment by hostclass, database, cache and search domain: those that no rule and no route can tell apart together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::Reach;
use super::machines::{Machine, Role};
use super::place::{MachineKind, Place};

/// Machines of hostclasses with the metanetwork that they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crew {
    /// The metanetwork; of instances, that of their primary interfaces.
    pub network: String,
    /// The machines.
    pub place: Place,
}

/// What tells the machines of two hostclasses apart: their classes, by metanetwork and position, and static addresses.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Signature<'i> {
    classes: BTreeSet<(&'i str, usize)>,
    addresses: BTreeSet<Ipv4Addr>,
    /// The Network Load Balancers that keep client addresses in front of them.
    fronts: BTreeSet<(&'i str, usize)>,
    /// The metanetwork that the machines belong to.
    network: &'i str,
}

impl<'i> Reach<'i> {
    /// The machines of environment `env`, by metanetwork; those of hostclasses that are alike in one crew.
    pub fn crews(&self, env: &str) -> Vec<Crew> {
        let mut by_hostclass: BTreeMap<(MachineKind, String), Signature<'i>> = BTreeMap::new();
        let networks =
            || self.topology.environments.get(env).into_iter().flat_map(|env| env.networks.values());
        for network in networks() {
            for (at, class) in network.classes.iter().enumerate() {
                let Some(kind) = class.role.kind() else { continue };
                for machine in &class.members {
                    let hostclass = machine.name();
                    let found = by_hostclass.entry((kind, hostclass.to_owned())).or_default();
                    found.classes.insert((network.name, at));
                    if class.role != Role::StaticAddresses || found.network.is_empty() {
                        found.network = network.name;
                    }
                    let own = class.addresses.iter().filter(|(_, holder)| **holder == hostclass);
                    found.addresses.extend(own.map(|(ip, _)| *ip));
                }
            }
        }
        for network in networks() {
            let keepers =
                network.classes.iter().enumerate().filter(|(_, class)| class.service.keeps_clients());
            for (at, hostclass) in keepers.flat_map(|(at, class)| class.serves.iter().map(move |of| (at, of)))
            {
                let behind = (MachineKind::Instances, (*hostclass).to_owned());
                if let Some(found) = by_hostclass.get_mut(&behind) {
                    found.fronts.insert((network.name, at));
                }
            }
        }
        let mut crews: BTreeMap<(&str, MachineKind, Signature<'i>), BTreeSet<String>> = BTreeMap::new();
        for ((kind, hostclass), signature) in by_hostclass {
            crews.entry((signature.network, kind, signature)).or_default().insert(hostclass);
        }
        let crew = |((network, kind, _), hostclasses): ((&str, MachineKind, _), BTreeSet<String>)| Crew {
            network: network.to_owned(),
            place: Place::Machines { env: env.to_owned(), kind, names: hostclasses },
        };
        crews.into_iter().map(crew).collect()
    }

    /// The hostclasses of environment `env` with machines of a kind, by name.
    pub fn hostclasses(&self, env: &str, kind: MachineKind) -> BTreeSet<&str> {
        let networks = self.topology.environments.get(env).into_iter().flat_map(|env| env.networks.values());
        let classes =
            networks.flat_map(|network| &network.classes).filter(|class| class.role.kind() == Some(kind));
        classes.flat_map(|class| &class.members).map(Machine::name).collect()
    }

    /// Whether there are machines of `place`, which is one of [`Place::Machines`].
    pub fn has_machines(&self, place: &Place) -> bool {
        let Place::Machines { env, kind, names } = place else { return false };
        let known = self.hostclasses(env, *kind);
        names.iter().any(|name| known.contains(name.as_str()))
    }
}
