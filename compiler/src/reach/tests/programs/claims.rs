//! Random claims: each passes, fails or stays unknown as a search through all pairs of machines says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use asiaq_ir::{GroupRule, Ir, Protocol, Resource, Source};
use asiaq_lang::Diagnostic;

use super::super::packets::{Host, Outcome, Owner, World};
use super::text::{self, BLOCKS, NETWORKS, VPCS};
use super::{Dice, PORTS, hosts, ir_of, machines};
use crate::fixture;
use crate::reach::Place;

/// Programs in a run of the tests, and in a long one.
const PROGRAMS: (u64, u64) = (60, 3_000);
/// Claims about each program.
const CLAIMS: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Holds,
    Unknown,
    Fails,
}

#[derive(Clone, Debug)]
struct Claim {
    text: String,
    from: Place,
    to: Place,
    can: bool,
    ports: Option<(u16, u16)>,
}

/// An end of a claim about environment `env`, in words and as a place.
fn end(dice: &mut Dice, world: &World<'_>, env: usize, is_inside: bool) -> (String, Place) {
    let (own, other) = (VPCS[env].0, VPCS[1 - env].0);
    let network = *dice.pick(&NETWORKS);
    match if is_inside { dice.roll(8) } else { dice.roll(12) } {
        0..4 => (network.to_owned(), Place::network(own, network)),
        4 => (format!("{other}/{network}"), Place::network(other, network)),
        5..8 => match machines(dice, world) {
            Some(place) => (place.within(own), place),
            None => (network.to_owned(), Place::network(own, network)),
        },
        8 | 9 => ("internet".to_owned(), Place::Internet),
        _ => {
            let block = *dice.pick(&BLOCKS);
            (block.to_owned(), Place::Block(block.parse().unwrap()))
        }
    }
}

fn claim(dice: &mut Dice, world: &World<'_>, env: usize) -> Claim {
    let is_from_inside = dice.chance(50);
    let (source, from) = end(dice, world, env, is_from_inside);
    let (target, to) = end(dice, world, env, !is_from_inside || from.env().is_none());
    let can = dice.chance(50);
    let ports = match dice.roll(4) {
        0 => None,
        1 => Some((8000, 8010)),
        _ => {
            let port = *dice.pick(&[22, 80, 443]);
            Some((port, port))
        }
    };
    let verb = if can { "can" } else { "cannot" };
    let on = match ports {
        None => String::new(),
        Some((first, last)) if first == last => format!(":{first}"),
        Some((first, last)) => format!(":{first}..{last}"),
    };
    let text = format!("{source} {verb} reach {target}{on}");
    Claim { text, from, to, can, ports }
}

/// Machines or addresses, each by sets of hosts of which one must get through whole.
type Units = Vec<Vec<Vec<Host>>>;

fn units(world: &World<'_>, place: &Place, all: &[Host]) -> Units {
    let is_one = matches!(place, Place::Machines { .. });
    let mut units: Units = Vec::new();
    let mut networks: BTreeMap<(String, String), Vec<Host>> = BTreeMap::new();
    for host in all {
        match host {
            Host::Outside { .. } => units.push(vec![vec![host.clone()]]),
            Host::Inside { interface, .. } => {
                // Machines of a hostclass are the same ones in whatever metanetwork they have an interface.
                let network = if is_one { String::new() } else { interface.network.clone() };
                let network = (interface.env.clone(), network);
                networks.entry(network).or_default().push(host.clone());
            }
        }
    }
    for ((env, network), hosts) in networks {
        let mut own: Units = Vec::new();
        let mut owners: BTreeMap<Owner, Vec<Host>> = BTreeMap::new();
        for host in hosts {
            let Host::Inside { interface, .. } = &host else { unreachable!() };
            owners.entry(interface.owner.clone()).or_default().push(host);
        }
        let present: BTreeSet<String> = owners
            .keys()
            .filter_map(|owner| match owner {
                Owner::Instance { hostclass, .. } => Some(hostclass.clone()),
                _ => None,
            })
            .collect();
        for (owner, hosts) in &owners {
            match owner {
                Owner::Instance { hostclass, size, .. } => {
                    let mut ways = vec![hosts.clone()];
                    let fixed = owners.get(&Owner::Static(hostclass.clone())).cloned().unwrap_or_default();
                    let is_theirs = |of: &&super::Interface| {
                        of.owner == Owner::Static(hostclass.clone())
                            && of.env == env
                            && (is_one || of.network == network)
                    };
                    let number = world.interfaces.iter().filter(is_theirs).count();
                    if number == fixed.len() && number > 0 && number >= usize::try_from(*size).unwrap() {
                        ways.push(fixed);
                    }
                    own.push(ways);
                }
                Owner::Static(hostclass) if !present.contains(hostclass) => own.push(vec![hosts.clone()]),
                Owner::Nobody => own.push(vec![hosts.clone()]),
                Owner::Static(_) | Owner::Balancer(_) | Owner::Store(..) => {}
            }
        }
        if own.is_empty() {
            own.extend(owners.values().map(|hosts| vec![hosts.clone()]));
        }
        units.append(&mut own);
    }
    units
}

/// Whether every machine gets through to every machine, where packets with these outcomes do.
fn is_whole(
    world: &World<'_>,
    (sources, targets): (&Units, &Units),
    (protocol, port): (Protocol, u16),
    gets_through: &dyn Fn(Outcome) -> bool,
) -> bool {
    let reaches = |from: &[Host], to: &[Host]| {
        from.iter()
            .all(|from| to.iter().all(|to| gets_through(world.send(from, to, protocol, port).connects)))
    };
    // Between two places that do not exist, nothing is proved.
    !sources.is_empty()
        && !targets.is_empty()
        && sources.iter().all(|from| {
            targets.iter().all(|to| from.iter().any(|from| to.iter().any(|to| reaches(from, to))))
        })
}

fn expected(world: &World<'_>, claim: &Claim, is_peered: bool) -> Verdict {
    let envs = (claim.from.env(), claim.to.env());
    let sources = hosts(world, &claim.from, envs.1.or(envs.0).unwrap(), is_peered);
    let targets = hosts(world, &claim.to, envs.0.or(envs.1).unwrap(), is_peered);
    let of_claim = |port: &u16| claim.ports.is_none_or(|(first, last)| first <= *port && *port <= last);
    let ports: Vec<u16> = PORTS.into_iter().filter(of_claim).collect();
    let protocols: &[Protocol] = match (claim.can, claim.ports) {
        (true, Some(_)) => &[Protocol::Tcp],
        (false, Some(_)) => &[Protocol::Tcp, Protocol::Udp],
        (_, None) => &[Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Number(50)],
    };
    let kinds: Vec<(Protocol, u16)> = protocols
        .iter()
        .flat_map(|protocol| ports.iter().map(|port| (*protocol, *port)))
        .filter(|(protocol, port)| *protocol != Protocol::Icmp || *port < 256)
        .collect();
    if !claim.can {
        let mut worst = Outcome::Dropped;
        for (from, to) in sources.iter().flat_map(|from| targets.iter().map(move |to| (from, to))) {
            for (protocol, port) in &kinds {
                worst = worst.max(world.send(from, to, *protocol, *port).arrives);
            }
        }
        return match worst {
            Outcome::Dropped => Verdict::Holds,
            Outcome::Unknown => Verdict::Unknown,
            Outcome::Delivered => Verdict::Fails,
        };
    }
    let units = (units(world, &claim.from, &sources), units(world, &claim.to, &targets));
    let certain = |outcome| outcome == Outcome::Delivered;
    let possible = |outcome| outcome != Outcome::Dropped;
    let whole = |kind: &(Protocol, u16), gets_through: &dyn Fn(Outcome) -> bool| {
        is_whole(world, (&units.0, &units.1), *kind, gets_through)
    };
    let every = |gets_through: &dyn Fn(Outcome) -> bool| match claim.ports {
        Some(_) => kinds.iter().all(|kind| whole(kind, gets_through)),
        None => kinds.iter().any(|kind| whole(kind, gets_through)),
    };
    match (every(&certain), every(&possible)) {
        (true, _) => Verdict::Holds,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Fails,
    }
}

/// The resources with security groups that let everything in.
fn opened(ir: &Ir) -> Ir {
    let mut ir = ir.clone();
    for node in ir.resources.values_mut() {
        if let Resource::IngressRules(rules) = &mut node.resource {
            let source = Source::Cidr(ipnet::Ipv4Net::default());
            let (protocol, description) = (Protocol::Any, String::new());
            let all = GroupRule { protocol, from: None, to: None, source, description };
            rules.rules = BTreeSet::from([all]);
        }
    }
    ir
}

/// Whether following the advice of a message leads to a claim that holds: writing its opposite, or adding rules where
/// nothing else is missing. Nothing if there is no such advice.
fn leads_on(found: &Diagnostic, claim: &Claim, (ir, is_peered): (&Ir, bool)) -> Option<bool> {
    let help = found.help.as_deref().unwrap_or_default();
    let verb = if claim.can { "cannot reach" } else { "can reach" };
    if help.contains(&format!("write `{verb}`")) {
        let opposite = Claim { can: !claim.can, ..claim.clone() };
        return Some(expected(&World::of(ir), &opposite, is_peered) == Verdict::Holds);
    }
    let related = found.related.iter().map(|related| related.message.as_str());
    let mut reasons = related.chain(help.split("; ").filter(|note| !note.starts_with("add what is missing")));
    let are_rules = reasons.clone().next().is_some() && reasons.all(|reason| reason.starts_with("no rule"));
    (claim.can && are_rules).then(|| {
        let opened = opened(ir);
        expected(&World::of(&opened), claim, is_peered) != Verdict::Fails
    })
}

#[test]
fn claims_are_decided_as_by_every_pair_of_machines() {
    // The tests decide how long they run.
    #[allow(clippy::disallowed_methods)]
    let is_long = std::env::var("ASIAQ_TESTS").as_deref() == Ok("long");
    let mut verdicts: BTreeMap<(bool, Verdict), usize> = BTreeMap::new();
    let mut advised: BTreeMap<bool, usize> = BTreeMap::new();
    for seed in 1..=if is_long { PROGRAMS.1 } else { PROGRAMS.0 } {
        let mut dice = Dice::new(seed);
        let mut text = text::program(&mut dice);
        let Some(ir) = ir_of(&text.program) else { continue };
        let world = World::of(&ir);
        let mut claims: BTreeMap<u32, Claim> = BTreeMap::new();
        for at in 0..CLAIMS {
            let env = at % VPCS.len();
            let claim = claim(&mut dice, &world, env);
            let line = u32::try_from(text.program.lines().count()).unwrap() + 1;
            let _ = writeln!(text.program, "expect {} {{ {} }}", VPCS[env].0, claim.text);
            claims.insert(line, claim);
        }
        let checked = fixture::check(&text.program);
        let mut found: BTreeMap<u32, Verdict> = BTreeMap::new();
        for diagnostic in checked.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()) {
            let line = checked.sources.start(diagnostic.primary).line;
            let verdict = match diagnostic.code.as_str() {
                "expectation-failed" => Verdict::Fails,
                "expectation-unknown" => Verdict::Unknown,
                other => panic!("{other}: {}", text.program),
            };
            found.insert(line, verdict);
            if let Some(leads_on) = leads_on(diagnostic, &claims[&line], (&ir, text.is_peered)) {
                assert!(leads_on, "seed {seed}: {diagnostic:#?} in\n{}", text.program);
                *advised.entry(claims[&line].can).or_default() += 1;
            }
        }
        for (line, claim) in &claims {
            let verdict = found.get(line).copied().unwrap_or(Verdict::Holds);
            let expected = expected(&world, claim, text.is_peered);
            assert_eq!(verdict, expected, "seed {seed}: {} in\n{}", claim.text, text.program);
            *verdicts.entry((claim.can, verdict)).or_default() += 1;
        }
    }
    assert_eq!(verdicts.len(), 6, "{verdicts:?}");
    assert!(advised.values().all(|number| *number > 5) && advised.len() == 2, "{advised:?}");
}
