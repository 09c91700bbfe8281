//! The resources of a project, as `asiaq show` prints them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Scope};
use asiaq_runtime::{Entry, Foreign, Host, Standing, Unread};

/// The resources of a project, declared and live.
#[derive(Debug)]
pub(crate) struct Inventory {
    pub(crate) project: String,
    pub(crate) account: String,
    /// The environments and accounts that are in another account, with its id.
    pub(crate) accounts: BTreeMap<Scope, String>,
    /// Whether an account could not be read.
    pub(crate) is_partial: bool,
    /// The resources that were asked for.
    pub(crate) entries: Vec<Entry>,
    /// Whether a single resource was asked for.
    pub(crate) is_single: bool,
    /// Addresses of everything that is declared or was read.
    pub(crate) known: BTreeSet<Address>,
    /// The instances of the groups among the entries.
    pub(crate) hosts: Vec<Host>,
    /// Resources with the project's tags that are somebody else's.
    pub(crate) foreign: Vec<Foreign>,
    /// Listings that AWS did not answer. None of the entries that are not in AWS would be in them.
    pub(crate) unread: Vec<Unread>,
}

impl Inventory {
    /// The resources that are declared and not in AWS.
    pub(crate) fn absent(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.state == Standing::Absent)
    }

    /// The instances of an Auto Scaling group.
    pub(crate) fn hosts_of<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = &'a Host> {
        let is_group = entry.kind == Kind::AutoScalingGroup;
        let hosts = self.hosts.iter().filter(move |_| is_group);
        hosts.filter(|host| host.group == entry.id && host.region == entry.region)
    }
}
