//! The way of a packet, and of its answer.

use std::net::Ipv4Addr;

use asiaq_ir::{Address, Lookup, Protocol, Ref, Resource};

use super::balancers::Socket;
use super::doors::Door;
use super::reading::to;
use super::{Egress, Host, Interface, Kin, Next, Outcome, Owner, Passage, Public, World, env_of, is_private};

impl World<'_> {
    /// Sends a packet that would begin a connection.
    pub(in super::super) fn send(&self, from: &Host, to: &Host, protocol: Protocol, port: u16) -> Passage {
        let socket = (protocol, port);
        let mut passage = self.send_directly(from, to, socket);
        if let (Host::Inside { ip: far, interface: machine }, false) = (to, is_balancer(from)) {
            for (balancer, front) in self.keepers(machine, socket) {
                if !self.sends(balancer, *far, &machine.groups, protocol, port) {
                    continue;
                }
                let door = Door { interface: balancer, socket: front, behind: Some((machine, socket)) };
                for ip in self.addresses(balancer) {
                    // It is no connection to the machine that the client could have asked for.
                    let arrives = self.travel(from, ip, &door).of_protocol(front.0).arrives;
                    passage.arrives = passage.arrives.max(arrives);
                }
            }
        }
        passage
    }

    fn send_directly(&self, from: &Host, to: &Host, socket: Socket) -> Passage {
        let Host::Inside { ip: far, interface: there } = to else {
            return self.send_outside(from, to, socket);
        };
        let door = Door { interface: there, socket, behind: None };
        if let Host::Inside { ip, interface } = from
            && interface.is_balancer()
        {
            let is_called = interface.calls(there, socket) && interface.env == there.env;
            let leaves = self.sends(interface, *far, &there.groups, socket.0, socket.1);
            let gets_through = is_called && leaves && door.admits(self, *ip, &interface.groups);
            return Passage::of(if gets_through { Outcome::Delivered } else { Outcome::Dropped });
        }
        let passage = self.travel(from, *far, &door).of_protocol(socket.0);
        if let Owner::Store(_, _, port) = there.owner {
            return match socket.0 {
                Protocol::Icmp => Passage { connects: Outcome::Dropped, ..passage },
                Protocol::Tcp if socket.1 == port => passage,
                _ => Passage::DROPPED,
            };
        }
        if !there.is_balancer() {
            return passage;
        }
        match (socket.0, there.listener(socket)) {
            (Protocol::Icmp, _) => Passage { connects: Outcome::Dropped, ..passage },
            (_, None) => Passage::DROPPED,
            (_, Some(listener)) => {
                let through = self.behind(listener).into_iter().map(|machine| {
                    let door = Door { behind: Some((machine, listener.back)), ..door };
                    self.travel(from, *far, &door).connects
                });
                let connects = through.min().unwrap_or(passage.connects);
                Passage { connects: passage.connects.min(connects), ..passage }
            }
        }
    }

    fn send_outside(&self, from: &Host, to: &Host, (protocol, port): Socket) -> Passage {
        match (from, to) {
            (Host::Inside { interface, .. }, Host::Outside { ip, kin }) => {
                let may = !interface.is_balancer() && self.sends(interface, *ip, &[], protocol, port);
                let leaves = if may { self.leave(interface, *ip, *kin).0 } else { Outcome::Dropped };
                Passage::of(leaves)
            }
            _ => Passage::DROPPED,
        }
    }

    /// To a door that has this address.
    fn travel(&self, from: &Host, far: Ipv4Addr, door: &Door<'_>) -> Passage {
        let there = door.interface;
        match from {
            Host::Inside { ip, interface: from } => {
                let private = if !self.sends(from, far, &there.groups, door.socket.0, door.socket.1) {
                    Passage::DROPPED
                } else if from.env != there.env {
                    self.peered((from, *ip), far, door)
                } else if door.admits(self, *ip, &from.groups) {
                    Passage::of(Outcome::Delivered)
                } else {
                    Passage::DROPPED
                };
                private.or(self.around(from, door))
            }
            Host::Outside { ip, kin } => self.enter(door, *ip, *kin),
        }
    }

    /// From an address outside.
    fn enter(&self, door: &Door<'_>, ip: Ipv4Addr, kin: Kin) -> Passage {
        let there = door.interface;
        if !door.admits(self, ip, &[]) {
            return Passage::DROPPED;
        }
        let connects = self.answer(there, ip, kin);
        let by_gateway =
            if !is_private(ip) && there.public != Public::No && self.gateways.contains(there.env.as_str()) {
                Outcome::Delivered
            } else if kin == Kin::Named && self.vpns.contains(there.env.as_str()) {
                Outcome::Unknown
            } else {
                Outcome::Dropped
            };
        Passage { arrives: connects.max(by_gateway), connects }
    }

    /// The answer to an address outside.
    fn answer(&self, interface: &Interface, ip: Ipv4Addr, kin: Kin) -> Outcome {
        let by_table = match (self.next(&interface.subnet, ip), interface.public) {
            (Next::Igw, Public::Known(_) | Public::Dynamic) if !is_private(ip) => Outcome::Delivered,
            (Next::Vpn, _) => Outcome::Unknown,
            _ => Outcome::Dropped,
        };
        self.sway(&interface.subnet, ip, kin, by_table)
    }

    fn leave(&self, interface: &Interface, ip: Ipv4Addr, kin: Kin) -> (Outcome, Egress) {
        let found = self.leave_by_table(interface, ip, kin);
        self.leave_otherwise(&interface.subnet, ip, kin, found)
    }

    /// The same with the ways that no route of the table is.
    fn leave_otherwise(
        &self,
        subnet: &Address,
        ip: Ipv4Addr,
        kin: Kin,
        (by_table, egress): (Outcome, Egress),
    ) -> (Outcome, Egress) {
        let found = self.sway(subnet, ip, kin, by_table);
        let is_service = kin == Kin::Named && !is_private(ip) && self.served.contains(subnet);
        match (by_table, found) {
            (Outcome::Dropped, Outcome::Dropped) if is_service => (Outcome::Unknown, Egress::Elsewhere),
            (Outcome::Dropped, found) => (found, Egress::Elsewhere),
            (_, found) => (found, egress),
        }
    }

    fn leave_by_table(&self, interface: &Interface, ip: Ipv4Addr, kin: Kin) -> (Outcome, Egress) {
        match (self.next(&interface.subnet, ip), interface.public) {
            (Next::Igw, Public::Known(own)) if !is_private(ip) => (Outcome::Delivered, Egress::Known(own)),
            (Next::Igw, Public::Dynamic) if !is_private(ip) => (Outcome::Delivered, Egress::Dynamic),
            (Next::Vpn, _) => (Outcome::Unknown, Egress::Elsewhere),
            (Next::Nat(nat), _) => {
                let subnet = to(&nat.subnet).unwrap();
                let found = match self.next(subnet, ip) {
                    Next::Igw if !is_private(ip) => match &nat.elastic_ip {
                        Ref::Find(Lookup::ElasticIp(own)) => (Outcome::Delivered, Egress::Known(*own)),
                        _ => (Outcome::Delivered, Egress::Dynamic),
                    },
                    Next::Vpn => (Outcome::Unknown, Egress::Elsewhere),
                    _ => (Outcome::Dropped, Egress::Elsewhere),
                };
                self.leave_otherwise(subnet, ip, kin, found)
            }
            _ => (Outcome::Dropped, Egress::Elsewhere),
        }
    }

    fn joins(&self, next: &Next<'_>, envs: [&str; 2]) -> bool {
        let Next::Peer(connection) = next else { return false };
        let Resource::PeeringConnection(connection) = &self.ir.resources[*connection].resource else {
            panic!("{connection}")
        };
        let joined = [&connection.requester, &connection.accepter].map(|end| env_of(to(end).unwrap()));
        joined == envs || joined == [envs[1], envs[0]]
    }

    /// Between environments by private addresses.
    fn peered(&self, (from, ip): (&Interface, Ipv4Addr), far: Ipv4Addr, door: &Door<'_>) -> Passage {
        let there = door.interface;
        let envs = [from.env.as_str(), there.env.as_str()];
        let reply = |seen: Ipv4Addr, groups: &[Address]| {
            if !door.admits(self, seen, groups) {
                return Passage::DROPPED;
            }
            let by_table = match self.next(&there.subnet, seen) {
                Next::Vpn => Outcome::Unknown,
                next if self.joins(&next, envs) => Outcome::Delivered,
                _ => Outcome::Dropped,
            };
            let connects = self.sway(&there.subnet, seen, Kin::Own, by_table);
            Passage { arrives: Outcome::Delivered, connects }
        };
        let unknown = || reply(ip, &from.groups).on(Outcome::Unknown);
        let propagated =
            |subnet: &Address| if self.is_contested(subnet, far) { unknown() } else { Passage::DROPPED };
        match self.next(&from.subnet, far) {
            Next::Vpn => unknown(),
            Next::Nat(nat) => {
                let subnet = to(&nat.subnet).unwrap();
                match self.next(subnet, far) {
                    Next::Vpn => unknown(),
                    next if self.joins(&next, envs) && is_translated(door) => {
                        let block = self.block(subnet);
                        let own = self.borders().into_iter().filter(|ip| block.contains(ip));
                        let seen = own.chain([block.network(), block.broadcast()]);
                        Passage::alike(seen.map(|seen| reply(seen, &[])))
                    }
                    next if self.joins(&next, envs) => Passage::DROPPED,
                    _ => propagated(subnet).or(propagated(&from.subnet)),
                }
            }
            next if self.joins(&next, envs) => reply(ip, &from.groups),
            _ => propagated(&from.subnet),
        }
    }

    /// From public address to public address.
    fn around(&self, from: &Interface, door: &Door<'_>) -> Passage {
        let there = door.interface;
        let targets = match there.public {
            Public::No => return Passage::DROPPED,
            Public::Known(ip) => vec![ip],
            Public::Dynamic => self.dynamic.clone(),
        };
        let arrives = |seen: &Ipv4Addr| {
            if door.admits(self, *seen, &[]) {
                let by_gateway = if self.gateways.contains(there.env.as_str()) {
                    Outcome::Delivered
                } else {
                    Outcome::Dropped
                };
                let connects = self.answer(there, *seen, Kin::Own);
                Passage { arrives: by_gateway.max(connects), connects }
            } else {
                Passage::DROPPED
            }
        };
        let mut passages = Vec::new();
        for target in targets {
            let (leaves, egress) = self.leave(from, target, Kin::Own);
            let is_nat = matches!(self.next(&from.subnet, target), Next::Nat(_));
            if leaves == Outcome::Dropped
                || is_nat && !is_translated(door)
                || !self.sends(from, target, &[], door.socket.0, door.socket.1)
            {
                passages.push(Passage::DROPPED);
                continue;
            }
            let found = match egress {
                Egress::Known(ip) => arrives(&ip),
                Egress::Dynamic => Passage::alike(self.dynamic.iter().map(arrives)),
                Egress::Elsewhere => self.anywhere.iter().map(arrives).fold(Passage::DROPPED, Passage::or),
            };
            passages.push(found.on(leaves));
        }
        Passage::alike(passages)
    }
}

/// Whether a NAT gateway translates such packets.
fn is_translated(door: &Door<'_>) -> bool {
    !matches!(door.socket.0, Protocol::Number(_))
}

fn is_balancer(host: &Host) -> bool {
    matches!(host, Host::Inside { interface, .. } if interface.is_balancer())
}
