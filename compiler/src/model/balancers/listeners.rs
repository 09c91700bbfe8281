//! What a load balancer listens on, with everything that was left out filled in.

use asiaq_lang::Span;

use crate::value::{AppProtocol, Listener, Side, Spanned};

/// Where a load balancer listens, and where its machines do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// What clients use.
    pub(crate) front: Socket,
    /// What the machines use.
    pub(crate) back: Socket,
}

/// A port and what is spoken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Socket {
    pub(crate) protocol: AppProtocol,
    pub(crate) port: u16,
}

/// What a load balancer understands of what passes: the two sides of a listener have this in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Requests,
    Connections,
    Datagrams,
}

/// What is listened on where nobody says anything, and where machines listen unless they say so.
const PLAIN: Socket = Socket { protocol: AppProtocol::Http, port: 80 };

impl AppProtocol {
    /// Its name with a classic load balancer.
    pub(crate) fn classic_name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Tcp => "TCP",
            Self::Ssl => "SSL",
            Self::Udp => "UDP",
        }
    }

    /// Its name with the newer load balancers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ssl => "TLS",
            Self::Http | Self::Https | Self::Tcp | Self::Udp => self.classic_name(),
        }
    }

    /// Whether requests are understood, and not connections alone.
    pub(crate) fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// What is understood of what passes.
    pub(crate) fn layer(self) -> Layer {
        match self {
            Self::Http | Self::Https => Layer::Requests,
            Self::Tcp | Self::Ssl => Layer::Connections,
            Self::Udp => Layer::Datagrams,
        }
    }

    /// Whether who listens with it shows a certificate.
    pub(crate) fn has_certificate(self) -> bool {
        matches!(self, Self::Https | Self::Ssl)
    }
}

impl From<Side> for Socket {
    fn from(side: Side) -> Self {
        let (protocol, port) = side.resolved();
        Self { protocol, port }
    }
}

/// What was said, with both sides of everything; where nothing was, HTTP on port 80 at `site`.
///
/// A listener that does not say what its machines use takes what the only one that does says, or HTTP on port
/// 80 where none does. Where several do, or where one side would speak of requests and the other of
/// connections, its machines use what its clients use.
pub(super) fn mappings(said: &[Spanned<Listener>], site: Span) -> Vec<Spanned<Mapping>> {
    if said.is_empty() {
        return vec![Spanned::new(Mapping { front: PLAIN, back: PLAIN }, site)];
    }
    let backs: Vec<Socket> =
        said.iter().filter_map(|listener| Some(listener.value.back.as_ref()?.value.into())).collect();
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
        Spanned::new(Mapping { front, back }, listener.span)
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
            let (front, back) = text.split_once(" -> ").map_or((*text, None), |(a, b)| (a, Some(b)));
            Spanned::new(Listener { front: at(front), back: back.map(at) }, Span::default())
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
