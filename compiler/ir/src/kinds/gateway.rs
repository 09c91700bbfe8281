use serde::{Deserialize, Serialize};

use crate::{Change, Kind, Ref, Replacement, Risk, Schema};

/// An internet gateway, attached to its VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// VPC it is attached to; absent while it is not attached.
    pub vpc: Option<Ref>,
}

impl InternetGateway {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "internet-gateway",
        fields: &[("vpc", Change::InPlace(Risk::Disruptive))],
        // A gateway cannot leave a VPC in which something has a public address.
        delete_after_kinds: &[
            Kind::NatGateway,
            Kind::AutoScalingGroup,
            Kind::ClassicLoadBalancer,
            Kind::LoadBalancer,
        ],
        ..Schema::DEFAULT
    };
}

/// The attachment of a VPN gateway that somebody else made; its id is the gateway's.
///
/// The gateway itself is never created, deleted or taken from another VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpnAttachment {
    /// The gateway.
    pub gateway: Ref,
    /// VPC it is attached to.
    pub vpc: Ref,
}

impl VpnAttachment {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "vpn-attachment",
        fields: &[
            ("gateway", Change::Replace("another gateway has to be attached")),
            ("vpc", Change::Replace("the gateway has to be attached to another VPC")),
        ],
        replacement: Replacement::DeleteFirst,
        exclusive: &["gateway"],
        ..Schema::DEFAULT
    };
}

/// A public NAT gateway in a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// Subnet it lives in.
    pub subnet: Ref,
    /// Elastic IP address it speaks from.
    pub elastic_ip: Ref,
}

impl NatGateway {
    pub(crate) const SCHEMA: Schema = Schema {
        name: "nat-gateway",
        fields: &[
            ("subnet", Change::Replace("a NAT gateway cannot move to another subnet")),
            ("elastic_ip", Change::Replace("AWS cannot change the address of a NAT gateway")),
        ],
        exclusive: &["elastic_ip"],
        // Machines that end still finish what they do.
        delete_after_kinds: &[Kind::AutoScalingGroup],
        ..Schema::DEFAULT
    };
}
