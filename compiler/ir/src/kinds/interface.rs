use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{Change, Kind, Ref, Replacement, Risk, Schema};

/// A floating network interface: it keeps the static address of a hostclass while machines come and go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// Subnet the address lies in.
    pub subnet: Ref,
    /// Primary private address.
    pub address: Ipv4Addr,
    /// Security groups.
    pub groups: BTreeSet<Ref>,
    /// Description, by which machines find it at boot.
    pub description: String,
}

impl NetworkInterface {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "network-interface",
        fields: &[
            ("subnet", Change::Replace("an interface cannot move to another subnet")),
            ("address", Change::Replace("AWS cannot change the primary address of an interface")),
            ("groups", Change::Elements { key: &[], changed: Risk::Disruptive, removed: Risk::Disruptive }),
        ],
        // The address is free for the new one only when the old one is gone.
        replacement: Replacement::DeleteFirst,
        exclusive: &["subnet", "address"],
        // A machine that runs would have it taken away.
        delete_after_kinds: &[Kind::AutoScalingGroup],
        never_empty: &["groups"],
        ..Schema::DEFAULT
    };
}
