use std::fmt;

use ipnet::Ipv4Net;
use serde::{Serialize, Serializer};

/// Somewhere that traffic comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The internet: every public address that no rule or route names by a block of its own. A block of /16
    /// or narrower, such as an office's, is a place of its own; a wider one is part of the internet.
    Internet,
    /// Addresses outside of the environments, or, where the block lies in an environment, inside.
    Block(Ipv4Net),
    /// The instances of a metanetwork.
    Network {
        /// Environment.
        env: String,
        /// Metanetwork.
        network: String,
    },
    /// Whatever is behind the VPN gateway of an environment.
    Vpn {
        /// Environment.
        env: String,
    },
}

impl Place {
    /// Metanetwork `network` of environment `env`.
    pub fn network(env: &str, network: &str) -> Self {
        Self::Network { env: env.to_owned(), network: network.to_owned() }
    }

    /// The environment it belongs to.
    pub fn env(&self) -> Option<&str> {
        match self {
            Self::Network { env, .. } | Self::Vpn { env } => Some(env),
            Self::Internet | Self::Block(_) => None,
        }
    }

    /// Its name within environment `env`: a metanetwork of it needs no more than its own.
    pub fn within(&self, env: &str) -> String {
        match self {
            Self::Network { env: own, network } if own == env => network.clone(),
            Self::Vpn { env: own } if own == env => "vpn".to_owned(),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internet => f.write_str("internet"),
            Self::Block(block) => block.fmt(f),
            Self::Network { env, network } => write!(f, "{env}/{network}"),
            Self::Vpn { env } => write!(f, "{env}/vpn"),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Which paths and places are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of them.
    Everything,
    /// Private addresses only. Traffic over the internet follows from each environment's own rules for the
    /// internet.
    Private,
}
