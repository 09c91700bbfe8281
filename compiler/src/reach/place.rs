use std::collections::BTreeSet;
use std::fmt;

use ipnet::Ipv4Net;
use serde::{Serialize, Serializer};

use crate::library::kinds;

/// Names in a text before "and more".
const NAMES: usize = 3;

/// The first few names, and how many more there are.
pub(super) fn shortened<T: AsRef<str>>(names: impl ExactSizeIterator<Item = T>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let first: Vec<T> = names.take(NAMES).collect();
    let shown = first.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

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
    /// The machines of some hostclasses, by all of their network interfaces, or those of databases, caches or search
    /// domains.
    Machines {
        /// Environment.
        env: String,
        /// What they are.
        kind: MachineKind,
        /// The hostclasses, databases, caches or search domains; one for a question, several for a row of a table.
        names: BTreeSet<String>,
    },
    /// Whatever is behind the VPN gateway of an environment.
    Vpn {
        /// Environment.
        env: String,
    },
}

/// Machines that are a place of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MachineKind {
    /// The instances of a hostclass, with their static addresses.
    Instances,
    /// The load balancers of a hostclass.
    Balancers,
    /// A database.
    Databases,
    /// The nodes of a cache.
    Caches,
    /// A search domain.
    SearchDomains,
}

impl MachineKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Instances, Self::Balancers, Self::Databases, Self::Caches, Self::SearchDomains];

    /// The kind that a word before a name means.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word before the name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Instances => kinds::HOSTCLASS,
            Self::Balancers => kinds::LB,
            Self::Databases => kinds::DATABASE,
            Self::Caches => kinds::CACHE,
            Self::SearchDomains => kinds::SEARCH,
        }
    }

    /// Whether the name is that of a hostclass; otherwise it is declared in an environment.
    pub fn is_of_hostclass(self) -> bool {
        matches!(self, Self::Instances | Self::Balancers)
    }
}

impl Place {
    /// Metanetwork `network` of environment `env`.
    pub fn network(env: &str, network: &str) -> Self {
        Self::Network { env: env.to_owned(), network: network.to_owned() }
    }

    /// The machines of hostclass `name` in environment `env`, or its database, cache or search domain `name`.
    pub fn machines(env: &str, kind: MachineKind, name: &str) -> Self {
        Self::Machines { env: env.to_owned(), kind, names: [name.to_owned()].into() }
    }

    /// The environment whose machines it means; none for addresses.
    pub(super) fn home(&self) -> Option<&str> {
        match self {
            Self::Network { env, .. } | Self::Machines { env, .. } => Some(env),
            Self::Internet | Self::Block(_) | Self::Vpn { .. } => None,
        }
    }

    /// Takes in the machines of `other`, if both are of one kind.
    pub(super) fn take_in(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Machines { env, kind, names }, Self::Machines { env: of, kind: like, names: more })
                if env == of && kind == like =>
            {
                names.extend(more.iter().cloned());
                true
            }
            _ => false,
        }
    }

    /// The environment it belongs to.
    pub fn env(&self) -> Option<&str> {
        match self {
            Self::Network { env, .. } | Self::Machines { env, .. } | Self::Vpn { env } => Some(env),
            Self::Internet | Self::Block(_) => None,
        }
    }

    /// Its name within environment `env`: a metanetwork of it needs no more than its own. Of many machines it has the
    /// first few.
    pub fn within(&self, env: &str) -> String {
        match self {
            Self::Network { env: own, network } if own == env => network.clone(),
            Self::Vpn { env: own } if own == env => "vpn".to_owned(),
            Self::Machines { env: own, kind, names } if own == env => {
                format!("{} {}", kind.word(), shortened(names.iter()))
            }
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
            Self::Machines { env, kind, names } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                write!(f, "{} {env}/{}", kind.word(), names.join(", "))
            }
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
