//! The listeners of a load balancer, with the omitted parts filled in.

use std::cmp::Ordering;

use asiaq_lang::Span;

use crate::value::{AppProtocol, Listener, Side, Spanned};

/// The front end of a listener, and the port of the instances behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// The side of the clients.
    pub(crate) front: Socket,
    /// The side of the instances, or where clients are redirected to.
    pub(crate) back: Socket,
    /// Whether clients are redirected.
    pub(crate) is_redirect: bool,
}

impl Mapping {
    /// The port of the instances; absent if clients are redirected.
    pub(crate) fn instances(&self) -> Option<Socket> {
        (!self.is_redirect).then_some(self.back)
    }
}

/// A protocol and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Socket {
    pub(crate) protocol: AppProtocol,
    pub(crate) port: u16,
}

/// The unit of traffic that a load balancer handles. Both sides of a listener have the same layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Requests,
    Connections,
    Datagrams,
}

/// The default listener, and the default port of instances.
const PLAIN: Socket = Socket { protocol: AppProtocol::Http, port: 80 };

impl AppProtocol {
    /// Its name with a classic load balancer.
    pub(crate) fn classic_name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Tcp => "TCP",
            Self::Ssl | Self::Tls => "SSL",
            Self::Udp => "UDP",
        }
    }

    /// Its name with the newer load balancers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ssl | Self::Tls => "TLS",
            Self::Http | Self::Https | Self::Tcp | Self::Udp => self.classic_name(),
        }
    }

    /// Whether requests are understood, and not connections alone.
    pub(crate) fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// The layer of the protocol.
    pub(crate) fn layer(self) -> Layer {
        match self {
            Self::Http | Self::Https => Layer::Requests,
            Self::Tcp | Self::Ssl | Self::Tls => Layer::Connections,
            Self::Udp => Layer::Datagrams,
        }
    }

    /// Whether the protocol is encrypted: a listener with it needs a certificate.
    pub(crate) fn has_certificate(self) -> bool {
        matches!(self, Self::Https | Self::Ssl | Self::Tls)
    }
}

/// By their names in AWS.
impl PartialEq for AppProtocol {
    fn eq(&self, other: &Self) -> bool {
        self.classic_name() == other.classic_name()
    }
}

impl Eq for AppProtocol {}

impl PartialOrd for AppProtocol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AppProtocol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.classic_name().cmp(other.classic_name())
    }
}

impl From<Side> for Socket {
    fn from(side: Side) -> Self {
        let (protocol, port) = side.resolved();
        Self { protocol, port }
    }
}

/// Both sides of every listener in `said`; HTTP on port 80 at `site` if `said` is empty.
///
/// A listener without a side for its instances takes it from the only listener that has one, or HTTP on port 80 if
/// none has. If several have one, or if the layers of the two sides would differ, it takes its front end.
pub(super) fn mappings(said: &[Spanned<Listener>], site: Span) -> Vec<Spanned<Mapping>> {
    if said.is_empty() {
        return vec![Spanned::new(Mapping { front: PLAIN, back: PLAIN, is_redirect: false }, site)];
    }
    let forwarding = said.iter().filter(|listener| !listener.value.is_redirect);
    let backs: Vec<Socket> =
        forwarding.filter_map(|listener| Some(listener.value.back.as_ref()?.value.into())).collect();
    let shared = match backs.as_slice() {
        [] => Some(PLAIN),
        [only] => Some(*only),
        _ => None,
    };
    let mapping = |listener: &Spanned<Listener>| {
        let front = Socket::from(listener.value.front.value);
        let fits = |shared: &Socket| shared.protocol.layer() == front.protocol.layer();
        let said = listener.value.back.as_ref().map(|back| back.value.into());
        let back = said.or(shared.filter(fits)).unwrap_or(front);
        Spanned::new(Mapping { front, back, is_redirect: listener.value.is_redirect }, listener.span)
    };
    said.iter().map(mapping).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn side(text: &str) -> Side {
        let mut words = text.split(' ');
        Side {
            protocol: words.clone().find_map(AppProtocol::of),
            port: words.find_map(|word| word.parse().ok()),
        }
    }

    pub(in crate::model::balancers) fn said(texts: &[&str]) -> Vec<Spanned<Listener>> {
        let at = |text: &str| Spanned::new(side(text), Span::default());
        let listener = |text: &&str| {
            let is_redirect = text.contains(" => ");
            let sides = text.split_once(if is_redirect { " => " } else { " -> " });
            let (front, back) = sides.map_or((*text, None), |(a, b)| (a, Some(b)));
            Spanned::new(Listener { front: at(front), back: back.map(at), is_redirect }, Span::default())
        };
        texts.iter().map(listener).collect()
    }

    fn shown(texts: &[&str]) -> Vec<String> {
        let socket = |socket: Socket| format!("{} {}", socket.protocol.classic_name(), socket.port);
        mappings(&said(texts), Span::default())
            .iter()
            .map(|mapping| format!("{} -> {}", socket(mapping.value.front), socket(mapping.value.back)))
            .collect()
    }

    #[test]
    fn nothing_said_is_http() {
        assert_eq!(shown(&[]), ["HTTP 80 -> HTTP 80"]);
        assert_eq!(shown(&["http"]), ["HTTP 80 -> HTTP 80"]);
        assert_eq!(shown(&["https"]), ["HTTPS 443 -> HTTP 80"]);
        assert_eq!(shown(&["443"]), ["HTTPS 443 -> HTTP 80"]);
    }

    #[test]
    fn a_protocol_follows_from_a_port_and_a_port_from_a_protocol() {
        assert_eq!(shown(&["443 -> 80"]), ["HTTPS 443 -> HTTP 80"]);
        assert_eq!(shown(&["https -> http"]), ["HTTPS 443 -> HTTP 80"]);
        assert_eq!(shown(&["9001 -> 9002"]), ["TCP 9001 -> TCP 9002"]);
        assert_eq!(
            shown(&["https 443 -> http 80", "https -> 80"]),
            ["HTTPS 443 -> HTTP 80", "HTTPS 443 -> HTTP 80"]
        );
    }

    #[test]
    fn one_machine_side_serves_all() {
        assert_eq!(
            shown(&["https 443 -> http 80", "http 9001"]),
            ["HTTPS 443 -> HTTP 80", "HTTP 9001 -> HTTP 80"]
        );
        assert_eq!(
            shown(&["443 -> http 80", "80 -> http 9001", "9002"]),
            ["HTTPS 443 -> HTTP 80", "HTTP 80 -> HTTP 9001", "TCP 9002 -> TCP 9002"]
        );
    }

    #[test]
    fn a_redirect_decides_nothing_about_the_instances() {
        assert_eq!(shown(&["http 80 => https 443", "443"]), ["HTTP 80 -> HTTPS 443", "HTTPS 443 -> HTTP 80"]);
    }

    #[test]
    fn datagrams_stay_datagrams() {
        assert_eq!(shown(&["udp 53", "tcp 54 -> tcp 53"]), ["UDP 53 -> UDP 53", "TCP 54 -> TCP 53"]);
        assert_eq!(shown(&["udp 53 -> udp 5353", "tcp 53"]), ["UDP 53 -> UDP 5353", "TCP 53 -> TCP 53"]);
    }

    #[test]
    fn connections_are_not_made_into_requests() {
        assert_eq!(shown(&["tcp 9001"]), ["TCP 9001 -> TCP 9001"]);
        assert_eq!(
            shown(&["https 443 -> http 80", "tcp 9001"]),
            ["HTTPS 443 -> HTTP 80", "TCP 9001 -> TCP 9001"]
        );
        assert_eq!(shown(&["ssl 9001 -> tcp 9002", "http"]), ["SSL 9001 -> TCP 9002", "HTTP 80 -> HTTP 80"]);
    }
}
