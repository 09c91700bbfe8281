//! What becomes of traffic on a path, and on several ones.

use ipnet::Ipv4Net;

use super::address_range::Spot;
use super::balancers::Forward;
use super::machines::Rule;
use super::network::{Endpoint, Entry, Network};

/// The result of a path.
#[derive(Clone, Debug)]
pub(super) enum Fate<'w, 'i> {
    Open(Vec<Hop<'w, 'i>>),
    Doubtful(Vec<Hop<'w, 'i>>, Doubt<'w, 'i>),
    Blocked(Vec<Obstacle<'w, 'i>>),
}

/// A step of a path that works.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hop<'w, 'i> {
    /// Within one VPC.
    Local(&'i str),
    /// This route leads there.
    There(&'w Network<'i>, Entry<'i>),
    /// This route leads answers back.
    Back(&'w Network<'i>, Entry<'i>),
    /// Machines here need a public address.
    PublicAddress(Spot<'w, 'i>),
    /// Out of one environment to the internet and from there into the other.
    OverInternet,
    /// The internet gateway delivers packets to public addresses here, whatever leads back.
    ByGateway(&'w Network<'i>),
    /// A Network Load Balancer forwards it, with the address of the client.
    Forwarded(Spot<'w, 'i>, Forward),
}

/// Why a result is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Doubt<'w, 'i> {
    /// This route leads through a VPN gateway.
    Vpn(&'w Network<'i>, Entry<'i>),
    /// This metanetwork accepts the routes that a VPN gateway propagates.
    Learned(&'w Network<'i>),
    /// A gateway endpoint for this metanetwork leads to addresses of a service.
    Endpoint(&'w Network<'i>, Endpoint<'i>),
    /// This route leads to something that is not the project's.
    Elsewhere(&'w Network<'i>, Entry<'i>),
    /// The address of the NAT gateway in this metanetwork decides.
    NatAddress(&'w Network<'i>),
    /// The public address of machines of this metanetwork decides.
    PublicAddress(&'w Network<'i>),
    /// Machines here are in a group that is not the project's.
    ForeignGroup(Spot<'w, 'i>),
    /// The source of this rule is not the project's.
    ForeignSource(Rule<'i>),
    /// The VPC of this metanetwork is joined to networks that are not the project's.
    Joined(&'w Network<'i>),
    /// Nobody knows whether the destination of this egress rule is meant.
    Destination(Rule<'i>),
}

/// Why a path is blocked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Obstacle<'w, 'i> {
    /// No route leads from a metanetwork to these addresses.
    NoRoute(&'w Network<'i>, Ipv4Net),
    /// No route leads answers back to these addresses.
    NoWayBack(&'w Network<'i>, Ipv4Net),
    /// The route there leads elsewhere.
    WrongRoute(&'w Network<'i>, Entry<'i>, Ipv4Net),
    /// The route back leads elsewhere.
    WrongWayBack(&'w Network<'i>, Entry<'i>, Ipv4Net),
    /// Nothing joins two environments.
    NoPeering(&'i str, &'i str),
    /// No route of a metanetwork leads through the VPN gateway.
    NoVpnRoute(&'w Network<'i>),
    /// Machines here have no public address, which this route needs.
    NoPublicAddress(Spot<'w, 'i>, Entry<'i>),
}

/// The fate of traffic to one of several addresses: `doubt` where it depends on which one it is.
pub(super) fn together<'w, 'i>(
    fates: impl Iterator<Item = Fate<'w, 'i>>,
    doubt: Doubt<'w, 'i>,
) -> Fate<'w, 'i> {
    let mut fates = fates;
    let Some(mut all) = fates.next() else { return Fate::Blocked(Vec::new()) };
    for fate in fates {
        all = match (all, fate) {
            (Fate::Open(hops), Fate::Open(_)) => Fate::Open(hops),
            (Fate::Blocked(obstacles), Fate::Blocked(_)) => Fate::Blocked(obstacles),
            (Fate::Doubtful(hops, doubt), _) | (_, Fate::Doubtful(hops, doubt)) => {
                Fate::Doubtful(hops, doubt)
            }
            (Fate::Open(hops), Fate::Blocked(_)) | (Fate::Blocked(_), Fate::Open(hops)) => {
                Fate::Doubtful(hops, doubt)
            }
        };
    }
    all
}

impl<'w, 'i> Fate<'w, 'i> {
    /// The same, but not certain.
    pub(super) fn doubted(self, doubt: Doubt<'w, 'i>) -> Self {
        self.then(Self::Doubtful(Vec::new(), doubt))
    }

    /// The fate of traffic that meets first this and then `next`.
    pub(super) fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Blocked(mut obstacles), Self::Blocked(further)) => {
                obstacles.extend(further);
                Self::Blocked(obstacles)
            }
            (Self::Blocked(obstacles), _) | (_, Self::Blocked(obstacles)) => Self::Blocked(obstacles),
            (Self::Open(hops), Self::Open(further)) => Self::Open([hops, further].concat()),
            (Self::Open(hops), Self::Doubtful(further, doubt))
            | (Self::Doubtful(hops, doubt), Self::Open(further) | Self::Doubtful(further, _)) => {
                Self::Doubtful([hops, further].concat(), doubt)
            }
        }
    }
}
