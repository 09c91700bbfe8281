use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use crate::{Change, Kind, Ref, Risk, Schema};

/// A route table and the one subnet it serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// Its VPC.
    pub vpc: Ref,
    /// Subnet associated with it.
    pub subnet: Option<Ref>,
    /// Routes beside the VPC's own, which AWS keeps.
    pub routes: BTreeSet<Route>,
    /// VPN gateway whose routes are propagated into the table.
    pub propagation: Option<Ref>,
}

/// Where traffic for a block goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route {
    /// Destination block; `0.0.0.0/0` is everything else.
    pub destination: Ipv4Net,
    /// Internet gateway, VPN gateway, NAT gateway or peering connection.
    pub target: Ref,
}

impl RouteTable {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "route-table",
        fields: &[
            ("vpc", Change::Replace("a route table cannot move to another VPC")),
            ("subnet", Change::InPlace(Risk::Disruptive)),
            (
                "routes",
                Change::Elements {
                    key: &["destination"],
                    changed: Risk::Disruptive,
                    removed: Risk::Disruptive,
                },
            ),
            ("propagation", Change::InPlace(Risk::Disruptive)),
        ],
        // Machines that end still finish what they do.
        delete_after_kinds: &[Kind::AutoScalingGroup],
        auto_detached: &["subnet", "routes", "propagation"],
        deleted_after_user: &["subnet"],
        ..Schema::DEFAULT
    };
}
