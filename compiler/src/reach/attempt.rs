//! What gets through on a path: by the rules at both ends, and by what load balancers do.

use asiaq_ir::Protocol;

use super::address_range::{AddressRange, Home, Spot};
use super::balancers::Forward;
use super::fate::{Fate, Hop};
use super::filter::{EVERYTHING, Opening, Openings, leaving, openings, passed_on};
use super::machines::{Class, Role};
use super::path::{Aim, Path, Seen};

/// A path, with what gets through on it.
#[derive(Debug)]
pub(super) struct Attempt<'w, 'i> {
    pub(super) path: Path<'w, 'i>,
    pub(super) openings: Vec<Opening<'i>>,
    /// Whether packets arrive that are no connection of the source: without a way back, or by way of a load balancer.
    pub(super) is_arrival: bool,
    /// Whether it is for some of the machines only.
    pub(super) is_some: bool,
    pub(super) lack: Option<Lack>,
    /// What rules let in, whether or not the load balancer at one end listens there or sends it.
    pub(super) unheard: Vec<Opening<'i>>,
}

/// Why nothing gets through although rules let traffic in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// None of it is let out at its start.
    Egress,
    /// The load balancer at its end listens on other ports.
    Listener,
    /// The load balancer at its start calls only its targets.
    Target,
    /// The machines behind the load balancer at its end see the addresses of its clients, and let none of these in.
    Behind,
}

/// How traffic gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// A connection.
    Open,
    /// Packets that are no connection of the source.
    Arriving,
    /// A connection that depends on what is not known.
    Doubtful,
    /// Such packets that depend on what is not known.
    Expected,
    /// A connection, certain or not.
    Possible,
}

impl Certainty {
    /// Whether it is about packets that are no connection.
    pub(super) fn is_arrival(self) -> bool {
        match self {
            Self::Arriving | Self::Expected => true,
            Self::Open | Self::Doubtful | Self::Possible => false,
        }
    }
}

impl Attempt<'_, '_> {
    pub(super) fn is(&self, certainty: Certainty) -> bool {
        if self.is_arrival != certainty.is_arrival() {
            return false;
        }
        match self.path.fate {
            Fate::Open(_) => matches!(certainty, Certainty::Open | Certainty::Arriving | Certainty::Possible),
            Fate::Doubtful(..) => {
                matches!(certainty, Certainty::Doubtful | Certainty::Expected | Certainty::Possible)
            }
            Fate::Blocked(_) => false,
        }
    }
}

impl<'w, 'i> Attempt<'w, 'i> {
    fn of(path: Path<'w, 'i>, openings: Vec<Opening<'i>>) -> Self {
        Self { path, openings, is_arrival: false, is_some: false, lack: None, unheard: Vec::new() }
    }
}

/// The attempts on a path: first the connections that rules certainly let through, then what may or does arrive.
pub(super) fn attempts_on<'w, 'i>(
    path: &Path<'w, 'i>,
    source: AddressRange<'w, 'i>,
    target: AddressRange<'w, 'i>,
) -> Vec<Attempt<'w, 'i>> {
    let mut entering = match (path.seen, target.home) {
        (Seen::Unchecked, _) | (_, Home::Outside | Home::Internet | Home::Vpn) => {
            Openings { certain: vec![EVERYTHING], doubtful: Vec::new() }
        }
        (seen, Home::Inside(to)) => openings(to, seen),
    };
    if path.is_translated && target.spot().is_some() {
        entering = entering.and(&translated());
    }
    if let Some(from) = source.spot()
        && from.class.role == Role::Balancers
    {
        return called(path, (from, target), entering);
    }
    let leaving = source.spot().and_then(|from| leaving(from, path.aim, &path.exits));
    let through = leaving.map(|leaving| leaving.and(&entering));
    let is_held_back = !entering.certain.is_empty() && through.as_ref().is_some_and(Openings::is_empty);
    let through = through.unwrap_or(entering);
    let mut attempts = match target.spot() {
        Some(to) if to.class.role.listens() => heard(path, to, &through),
        Some(_) | None => {
            let arrival = path.arrival.clone();
            let singles = arrival.as_ref().map(|_| through.only(Opening::without_tcp));
            let mut attempts = certain_and_doubtful(path, through);
            if let (Some(arrival), Some(singles)) = (arrival, singles) {
                attempts.extend(arriving(path, &arrival, singles));
            }
            attempts
        }
    };
    if let (true, Some(first)) = (is_held_back, attempts.first_mut()) {
        first.lack = Some(Lack::Egress);
    }
    attempts
}

/// One attempt with what is certainly let through, which may be nothing, and one for each opening that may be.
fn certain_and_doubtful<'w, 'i>(path: &Path<'w, 'i>, through: Openings<'w, 'i>) -> Vec<Attempt<'w, 'i>> {
    let Openings { certain, doubtful } = through;
    let mut attempts = vec![Attempt::of(path.clone(), certain)];
    for (opening, doubt) in doubtful {
        let fate = path.fate.clone().doubted(doubt);
        attempts.push(Attempt::of(Path { fate, ..path.clone() }, vec![opening]));
    }
    attempts
}

/// The same of packets that only arrive, with this fate.
fn arriving<'w, 'i>(
    path: &Path<'w, 'i>,
    fate: &Fate<'w, 'i>,
    through: Openings<'w, 'i>,
) -> impl Iterator<Item = Attempt<'w, 'i>> + use<'w, 'i> {
    let path = Path { fate: fate.clone(), arrival: None, ..path.clone() };
    let attempts = certain_and_doubtful(&path, through).into_iter();
    let some = attempts.filter(|attempt| !attempt.openings.is_empty());
    some.map(|attempt| Attempt { is_arrival: true, ..attempt })
}

/// What a NAT gateway translates.
fn translated() -> Openings<'static, 'static> {
    let all =
        [Protocol::Tcp, Protocol::Udp, Protocol::Icmp].map(|protocol| Opening { protocol, ..EVERYTHING });
    Openings { certain: all.to_vec(), doubtful: Vec::new() }
}

/// What a load balancer sends: to its targets, and nothing else.
fn called<'w, 'i>(
    path: &Path<'w, 'i>,
    (from, target): (Spot<'w, 'i>, AddressRange<'w, 'i>),
    entering: Openings<'w, 'i>,
) -> Vec<Attempt<'w, 'i>> {
    let is_local = matches!(path.fate, Fate::Open(_)) && matches!(path.seen, Seen::Machines(..));
    let to = target.spot().filter(|to| is_local && to.network.env == from.network.env);
    let served = to.map_or(Served::None, |to| served(from.class, to.class));
    let unheard = entering.certain.clone();
    let through = match (served, leaving(from, path.aim, &path.exits)) {
        (Served::None, _) => Openings::default(),
        (Served::Some | Served::Each | Served::All, None) => entering,
        (Served::Some | Served::Each | Served::All, Some(leaving)) => leaving.and(&entering),
    };
    let calls = from.class.service.calls();
    let through = through.on(calls);
    let lacks = !unheard.is_empty() && through.is_empty();
    let mut attempts = certain_and_doubtful(path, through);
    for attempt in &mut attempts {
        attempt.is_some = served != Served::All;
    }
    if let Some(first) = attempts.first_mut() {
        first.lack = lacks.then_some(Lack::Target);
        first.unheard = unheard;
    }
    attempts
}

/// What a load balancer, a database, a cache or a search domain hears: what its listeners take, and pings.
fn heard<'w, 'i>(path: &Path<'w, 'i>, to: Spot<'w, 'i>, through: &Openings<'w, 'i>) -> Vec<Attempt<'w, 'i>> {
    let service = &to.class.service;
    let (mut connects, mut refused, mut packets) =
        (Openings::default(), Openings::default(), Openings::default());
    for Forward { front, back, keeps_client } in &service.forwards {
        let heard = through.on([*front]);
        if front.0 != Protocol::Tcp && path.arrival.is_some() {
            packets.extend(heard.clone());
        }
        if !keeps_client || service.behind.is_none() {
            connects.extend(heard);
            continue;
        }
        // The machines behind it decide by the addresses of its clients.
        let passed = passed_on(to, path.seen, *back);
        match (passed.certain.first(), passed.doubtful.first()) {
            (Some(_), _) => connects.extend(heard),
            (None, doubt) => {
                refused.extend(heard.clone());
                connects.extend(doubt.map(|(_, doubt)| heard.doubted(*doubt)).unwrap_or_default());
            }
        }
    }
    connects.extend(through.on(service.answers.iter().copied()));
    let lack = match (connects.is_empty(), refused.is_empty(), packets.is_empty()) {
        (true, true, true) => (!through.certain.is_empty()).then_some(Lack::Listener),
        (true, false, _) => Some(Lack::Behind),
        (true, true, false) | (false, ..) => None,
    };
    let mut attempts = certain_and_doubtful(path, connects);
    attempts.extend(arriving(path, &path.fate, refused));
    packets.extend(through.only(Opening::of_icmp));
    attempts.extend(arriving(path, path.arrival.as_ref().unwrap_or(&path.fate), packets));
    if let Some(first) = attempts.first_mut() {
        first.lack = lack;
        first.unheard.clone_from(&through.certain);
    }
    attempts
}

/// A Network Load Balancer that keeps the addresses of its clients, and the ways to it from a source, with what its
/// rules let in.
pub(super) struct Front<'w, 'i> {
    spot: Spot<'w, 'i>,
    ways: Vec<(Path<'w, 'i>, Openings<'w, 'i>)>,
}

impl<'w, 'i> Front<'w, 'i> {
    /// The load balancer at `spot` on these paths from `source`.
    pub(super) fn of(spot: Spot<'w, 'i>, source: AddressRange<'w, 'i>, paths: Vec<Path<'w, 'i>>) -> Self {
        let through = |path: Path<'w, 'i>| {
            let entering = openings(spot, path.seen);
            let leaving = source.spot().and_then(|from| leaving(from, path.aim, &path.exits));
            (path, leaving.map_or_else(|| entering.clone(), |leaving| leaving.and(&entering)))
        };
        Self { spot, ways: paths.into_iter().map(through).collect() }
    }
}

/// What a load balancer passes on to a target, from its clients.
pub(super) fn forwarded<'w, 'i>(front: &Front<'w, 'i>, target: AddressRange<'w, 'i>) -> Vec<Attempt<'w, 'i>> {
    let mut attempts = Vec::new();
    let Some(to) = target.spot() else { return attempts };
    let served = served(front.spot.class, to.class);
    // A hostclass may run in several environments, and each has load balancers of its own.
    if served == Served::None || front.spot.network.env != to.network.env {
        return attempts;
    }
    let aim = Aim::Machines(to, target.block);
    let leaving = leaving(front.spot, aim, &[]);
    for (path, through) in &front.ways {
        let seen = path.seen.through(front.spot);
        let entering = openings(to, seen);
        let entering = leaving.as_ref().map_or_else(|| entering.clone(), |leaving| leaving.and(&entering));
        for forward in front.spot.class.service.forwards.iter().filter(|forward| forward.keeps_client) {
            let fate = match forward.front.0 {
                Protocol::Tcp => &path.fate,
                _ => path.arrival.as_ref().unwrap_or(&path.fate),
            };
            let heard = through.on([forward.front]);
            let doubt = match (heard.certain.first(), heard.doubtful.first()) {
                (Some(_), _) => None,
                (None, Some((_, doubt))) => Some(*doubt),
                (None, None) => continue,
            };
            let fate = fate.clone().then(Fate::Open(vec![Hop::Forwarded(front.spot, *forward)]));
            let fate = doubt.map_or_else(|| fate.clone(), |doubt| fate.clone().doubted(doubt));
            let path = Path { seen, aim, ..path.clone() };
            let found = arriving(&path, &fate, entering.on([forward.back]));
            attempts.extend(found.map(|attempt| Attempt { is_some: served == Served::Some, ..attempt }));
        }
    }
    attempts
}

/// Which machines of a class are targets of which load balancers of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Served {
    /// None.
    None,
    /// Some, or all of them by different load balancers.
    Some,
    /// Each is one of some load balancer.
    Each,
    /// Each is one of the only load balancer.
    All,
}

/// Which of `machines` are targets of which of `balancers`, both of one environment.
pub(super) fn served(balancers: &Class<'_>, machines: &Class<'_>) -> Served {
    let is_served = |hostclass: &&str| balancers.serves.contains(hostclass);
    let hostclasses = || machines.sizes.keys();
    if !hostclasses().any(&is_served) {
        return Served::None;
    }
    match (hostclasses().all(is_served), balancers.serves.len()) {
        (false, _) => Served::Some,
        (true, 1) => Served::All,
        (true, _) => Served::Each,
    }
}
