//! Random programs: every packet, and every claim, fares as plain search through their resources says.

mod claims;
mod text;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_ir::{Address, Facts, GroupRule, Ir, Protocol, Ref, Resource, Source};

use super::packets::{Host, Interface, Kin, Outcome, Owner, Passage, Public, World, is_private};
use crate::fixture;
use crate::reach::address_range::{AddressRange, Home};
use crate::reach::attempt::{Attempt, Certainty};
use crate::reach::evaluate::{Evaluation, Trial, evaluate};
use crate::reach::machines::Machine;
use crate::reach::path::Seen;
use crate::reach::{Extent, MachineKind, Place, Reach};

/// Packets of a run of the tests, and of a long one.
const PACKETS: (usize, usize) = (100_000, 10_000_000);
/// Places of machines of a hostclass for each program.
const MACHINES: usize = 4;
/// Packets between two places.
const EACH: usize = 16;

/// Ports that tell the rules of programs apart.
const PORTS: [u16; 9] = [0, 22, 23, 80, 443, 8000, 8005, 8010, 65535];

/// Numbers that are the same in every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % sides
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

/// The resources of a random program without claims; nothing if it has errors.
fn ir_of(text: &str) -> Option<Ir> {
    let checked = fixture::check(text);
    (!checked.has_errors()).then(|| checked.lower(&Facts::default()).ir)
}

/// The machines of a hostclass.
pub(super) fn machines(dice: &mut Dice, world: &World<'_>) -> Option<Place> {
    let found = world.interfaces.iter().filter_map(|interface| match &interface.owner {
        Owner::Instance { hostclass, .. } => Some((&interface.env, MachineKind::Instances, hostclass)),
        Owner::Balancer(hostclass) => Some((&interface.env, MachineKind::Balancers, hostclass)),
        Owner::Store(kind, name, _) => Some((&interface.env, *kind, name)),
        Owner::Static(_) | Owner::Nobody => None,
    });
    let found: Vec<Place> = found.map(|(env, kind, name)| Place::machines(env, kind, name)).collect();
    (!found.is_empty()).then(|| dice.pick(&found).clone())
}

/// Gives security groups other egress rules than programs do, as somebody may in AWS.
fn restrict(dice: &mut Dice, ir: &mut Ir) {
    let groups: Vec<Address> =
        ir.resources.keys().filter(|of| of.path().ends_with("security-group")).cloned().collect();
    for node in ir.resources.values_mut() {
        let Resource::SecurityGroup(group) = &mut node.resource else { continue };
        if dice.chance(50) {
            continue;
        }
        let rule = |dice: &mut Dice| {
            let (from, to) = *dice.pick(&[(None, None), (Some(22), Some(22)), (Some(80), Some(8005))]);
            let protocol = *dice.pick(&[Protocol::Tcp, Protocol::Tcp, Protocol::Udp]);
            let source = match dice.roll(4) {
                0 => Source::Group(Ref::To(dice.pick(&groups).clone())),
                1 => Source::Cidr(ipnet::Ipv4Net::default()),
                _ => Source::Cidr(dice.pick(&text::BLOCKS).parse().unwrap()),
            };
            let protocol = if dice.chance(20) { Protocol::Any } else { protocol };
            let (from, to) = if protocol == Protocol::Any { (None, None) } else { (from, to) };
            GroupRule { protocol, from, to, source, description: String::new() }
        };
        group.egress = (0..dice.roll(4)).map(|_| rule(dice)).collect();
    }
}

fn wanted() -> usize {
    // The tests decide how long they run.
    #[allow(clippy::disallowed_methods)]
    let is_long = std::env::var("ASIAQ_TESTS").as_deref() == Ok("long");
    if is_long { PACKETS.1 } else { PACKETS.0 }
}

/// Every host of a place, as seen from `env`, that could fare differently from another one.
pub(super) fn hosts(world: &World<'_>, place: &Place, env: &str, is_peered: bool) -> Vec<Host> {
    let is_known = |of: &str| of == env || is_peered;
    let mut hosts = Vec::new();
    for interface in &world.interfaces {
        let is_here = |ip: &Ipv4Addr| match place {
            Place::Network { env, network } => interface.env == *env && interface.network == *network,
            Place::Block(block) => block.contains(ip) && is_known(&interface.env),
            Place::Machines { env, kind, names } => {
                let hostclass = match (kind, &interface.owner) {
                    (
                        MachineKind::Instances,
                        Owner::Instance { hostclass, .. } | Owner::Static(hostclass),
                    )
                    | (MachineKind::Balancers, Owner::Balancer(hostclass)) => Some(hostclass),
                    (kind, Owner::Store(own, name, _)) if kind == own => Some(name),
                    _ => None,
                };
                interface.env == *env && hostclass.is_some_and(|hostclass| names.contains(hostclass))
            }
            Place::Internet | Place::Vpn { .. } => false,
        };
        let mut addresses = world.addresses(interface);
        if let Place::Block(block) = place
            && interface.ip.is_none()
        {
            let subnet = world.block(&interface.subnet);
            let ends = [block.network(), block.broadcast(), subnet.network(), subnet.broadcast()];
            let taken = |ip: &Ipv4Addr| world.interfaces.iter().any(|other| other.ip == Some(*ip));
            addresses.extend(ends.into_iter().filter(|ip| subnet.contains(ip) && !taken(ip)));
        }
        let here = addresses.into_iter().filter(is_here);
        hosts.extend(here.map(|ip| Host::Inside { ip, interface: interface.clone() }));
    }
    let is_narrow =
        |ip: &Ipv4Addr| world.named.iter().any(|block| block.prefix_len() >= 16 && block.contains(ip));
    let vpcs = text::VPCS.iter().filter(|(name, _)| is_known(name)).map(|(_, block)| block.parse().unwrap());
    let vpcs: Vec<ipnet::Ipv4Net> = vpcs.collect();
    let is_outside = |ip: &Ipv4Addr| match place {
        Place::Internet => !is_private(*ip) && !is_narrow(ip),
        Place::Block(block) => block.contains(ip) && !vpcs.iter().any(|vpc| vpc.contains(ip)),
        Place::Network { .. } | Place::Machines { .. } | Place::Vpn { .. } => false,
    };
    let mut borders = world.borders();
    borders.insert(Ipv4Addr::new(8, 8, 8, 8));
    if let Place::Block(block) = place {
        borders.extend([block.network(), block.broadcast()]);
    }
    let kin = if *place == Place::Internet { Kin::Nobody } else { Kin::Named };
    hosts.extend(borders.into_iter().filter(is_outside).map(|ip| Host::Outside { ip, kin }));
    hosts
}

fn machine(interface: &Interface) -> Option<Machine> {
    match &interface.owner {
        Owner::Instance { hostclass, is_holder, .. } => Some(Machine::Instance {
            hostclass: hostclass.clone(),
            elastic_ip: match interface.public {
                Public::Known(ip) if *is_holder => Some(ip),
                _ => None,
            },
        }),
        Owner::Static(hostclass) => Some(Machine::StaticAddress(hostclass.clone())),
        Owner::Balancer(hostclass) => Some(Machine::Balancer(hostclass.clone())),
        Owner::Store(kind, name, _) => Some(Machine::Store(*kind, name.clone())),
        Owner::Nobody => None,
    }
}

/// The range of a host; within a VPC, one subnet stands for all.
fn range_of(ranges: &[AddressRange<'_, '_>], host: &Host) -> usize {
    let (ip, interface) = match host {
        Host::Inside { ip, interface } => (ip, Some(interface)),
        Host::Outside { ip, .. } => (ip, None),
    };
    let numbered = || ranges.iter().enumerate();
    let narrowest = numbered().filter(|(_, range)| match (range.home, interface) {
        (Home::Inside(spot), Some(interface)) => {
            range.block.contains(ip) && *spot.subnet.address == interface.subnet && is_of(range, interface)
        }
        (Home::Outside | Home::Internet, None) => range.block.contains(ip),
        _ => false,
    });
    let narrowest = narrowest.max_by_key(|(_, range)| range.block.prefix_len());
    let any = || numbered().find(|(_, range)| interface.is_some_and(|interface| is_of(range, interface)));
    let found = narrowest.or_else(any).map(|(at, _)| at);
    assert!(found.is_some(), "no range of {host:?}");
    found.unwrap_or_default()
}

fn is_of(range: &AddressRange<'_, '_>, interface: &Interface) -> bool {
    range.spot().is_some_and(|spot| {
        let is_member = match machine(interface) {
            Some(machine) => spot.class.members.contains(&machine),
            None => spot.class.members.is_empty(),
        };
        spot.network.env == interface.env && spot.network.name == interface.network && is_member
    })
}

/// Whether an attempt that is for some machines only is for these.
fn is_for(attempt: &Attempt<'_, '_>, from: &Host, to: &Host) -> bool {
    let Host::Inside {
        interface: Interface { owner: Owner::Instance { hostclass: served, .. }, .. }, ..
    } = to
    else {
        return true;
    };
    match (attempt.path.seen, from) {
        (Seen::Clients(balancer, _), _) => balancer.class.serves.contains(served.as_str()),
        (_, Host::Inside { interface: Interface { owner: Owner::Balancer(hostclass), .. }, .. }) => {
            hostclass == served
        }
        _ => true,
    }
}

fn trial_of<'e, 'w, 'i>(evaluation: &'e Evaluation<'w, 'i>, from: &Host, to: &Host) -> &'e Trial<'w, 'i> {
    let (source, target) = (range_of(&evaluation.sources, from), range_of(&evaluation.targets, to));
    &evaluation.trials[source * evaluation.targets.len() + target]
}

fn proved(evaluation: &Evaluation<'_, '_>, from: &Host, to: &Host, protocol: Protocol, port: u16) -> Passage {
    let trial = trial_of(evaluation, from, to);
    let number = if protocol == Protocol::Icmp { port << 8 } else { port };
    let lets_through = |keep: &dyn Fn(&Attempt<'_, '_>) -> bool| {
        let attempts = trial.attempts.iter().filter(|attempt| keep(attempt) && is_for(attempt, from, to));
        attempts.into_iter().any(|attempt| {
            attempt.openings.iter().any(|opening| {
                let ports = opening.range.0 <= number && number <= opening.range.1;
                let is_any =
                    opening.protocol == Protocol::Any && !(attempt.is_arrival && protocol == Protocol::Tcp);
                is_any || opening.protocol == protocol && ports
            })
        })
    };
    let outcome = |certain: bool, possible: bool| match (certain, possible) {
        (true, _) => Outcome::Delivered,
        (false, true) => Outcome::Unknown,
        (false, false) => Outcome::Dropped,
    };
    let connects = lets_through(&|attempt| attempt.is(Certainty::Open));
    let may_connect = lets_through(&|attempt| attempt.is(Certainty::Possible));
    let arrives = connects || lets_through(&|attempt| attempt.is(Certainty::Arriving));
    let may_arrive = may_connect || lets_through(&|attempt| attempt.is(Certainty::Expected));
    Passage { arrives: outcome(arrives, may_arrive), connects: outcome(connects, may_connect) }
}

#[test]
fn packets_fare_as_proved() {
    let (mut packets, mut seed, mut outcomes) = (0, 0, BTreeMap::<(Outcome, Outcome), usize>::new());
    let mut valid = 0_u64;
    while packets < wanted() {
        seed += 1;
        let mut dice = Dice::new(seed);
        let text = text::program(&mut dice);
        let Some(ir) = ir_of(&text.program) else { continue };
        valid += 1;
        let mut ir = ir;
        if dice.chance(30) {
            restrict(&mut dice, &mut ir);
        }
        let world = World::of(&ir);
        let reach = Reach::of(&ir);
        let mut places = text::places();
        for _ in 0..MACHINES {
            places.extend(machines(&mut dice, &world));
        }
        for from in &places {
            for to in places.iter().filter(|to| from.env().or(to.env()).is_some()) {
                let (near, far) = (from.env().or(to.env()).unwrap(), to.env().or(from.env()).unwrap());
                let ends = (reach.topology.end(from), reach.topology.end(to));
                let evaluation = evaluate(&reach.topology, &ends.0, &ends.1, Extent::Everything);
                let sources = hosts(&world, from, far, text.is_peered);
                let targets = hosts(&world, to, near, text.is_peered);
                if sources.is_empty() || targets.is_empty() {
                    continue;
                }
                for _ in 0..EACH {
                    let (from, to) = (dice.pick(&sources), dice.pick(&targets));
                    let protocol = *dice.pick(&[
                        Protocol::Tcp,
                        Protocol::Tcp,
                        Protocol::Udp,
                        Protocol::Icmp,
                        Protocol::Number(50),
                    ]);
                    let port = *dice.pick(&PORTS);
                    let port = if protocol == Protocol::Icmp { port.min(255) } else { port };
                    let passage = world.send(from, to, protocol, port);
                    assert_eq!(
                        proved(&evaluation, from, to, protocol, port),
                        passage,
                        "seed {seed}: {protocol} {port} from {from:#?} to {to:#?} in\n{}",
                        text.program
                    );
                    packets += 1;
                    *outcomes.entry((passage.connects, passage.arrives)).or_default() += 1;
                }
            }
        }
    }
    // Programs with errors, and packets of one outcome only, would prove nothing.
    assert!(valid * 4 > seed, "{valid} of {seed} programs are without errors");
    let alike = outcomes.iter().filter(|((connects, arrives), _)| connects == arrives);
    assert!(
        alike.clone().count() == 3 && alike.into_iter().all(|(_, number)| *number * 50 > packets),
        "{outcomes:?}"
    );
    // Packets that arrive, or may, and are no connection.
    assert!(
        outcomes.len() == 6 && outcomes.values().all(|number| *number * 10_000 > packets),
        "{outcomes:?}"
    );
}
