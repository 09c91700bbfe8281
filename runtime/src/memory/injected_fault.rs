use std::collections::BTreeSet;

use asiaq_ir::{Address, Kind, Resource};

use crate::{CloudError, Fault};

/// A call that reached a [`Memory`](crate::Memory).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Reads.
    List {
        /// Where.
        region: String,
        /// What.
        kind: Kind,
    },
    /// Writes.
    Create {
        /// Address of what is made.
        address: Address,
        /// Its kind.
        kind: Kind,
    },
    /// Writes.
    Update {
        /// Address of what is changed.
        address: Address,
        /// Its id.
        id: String,
    },
    /// Writes.
    Delete {
        /// Address of what is deleted.
        address: Address,
        /// Its id.
        id: String,
    },
}

impl Call {
    /// Whether it changes anything.
    pub fn is_write(&self) -> bool {
        match self {
            Self::List { .. } => false,
            Self::Create { .. } | Self::Update { .. } | Self::Delete { .. } => true,
        }
    }
}

/// How a call goes wrong. To the caller each looks the same: no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectedFault {
    /// Nothing happened.
    Before,
    /// A part happened: of what takes several requests in AWS, the first. Where one request does it all,
    /// the same as [`InjectedFault::After`].
    Partway,
    /// It happened, and the answer was lost.
    After,
}

/// The error of a call without an answer.
pub(super) fn lost(operation: &str) -> CloudError {
    CloudError {
        operation: operation.to_owned(),
        fault: Fault::Unreachable,
        code: String::new(),
        message: "the connection was closed before an answer came".to_owned(),
        request: None,
    }
}

/// What is there after only the first request of a creation.
pub(super) fn half(resource: &Resource) -> Resource {
    let mut resource = resource.clone();
    match &mut resource {
        Resource::Vpc(vpc) => (vpc.dns_support, vpc.dns_hostnames, vpc.dhcp_options) = (true, false, None),
        Resource::InternetGateway(gateway) => gateway.vpc = None,
        Resource::PeeringConnection(peering) => peering.accepted = false,
        Resource::RouteTable(table) => {
            table.subnet = None;
            table.propagation = None;
            let half = table.routes.len() / 2;
            table.routes = table.routes.iter().take(half).cloned().collect();
        }
        Resource::IngressRules(ingress) => {
            let half = ingress.rules.len() / 2;
            ingress.rules = ingress.rules.iter().take(half).cloned().collect();
        }
        Resource::Topic(topic) => topic.subscriptions.clear(),
        Resource::LogGroup(group) => (group.retention, group.filters) = (None, BTreeSet::new()),
        Resource::AutoScalingGroup(group) => {
            group.schedules.clear();
            group.policies.clear();
        }
        Resource::ClassicLoadBalancer(balancer) => balancer.stickiness = None,
        Resource::LoadBalancer(balancer) => balancer.listeners.clear(),
        Resource::TargetGroup(group) => group.stickiness = None,
        Resource::LaunchTemplate(_)
        | Resource::HostedZone(_)
        | Resource::RecordSet(_)
        | Resource::SmokeTest(_)
        | Resource::Alarm(_)
        | Resource::DhcpOptions(_)
        | Resource::VpnAttachment(_)
        | Resource::SecurityGroup(_)
        | Resource::Subnet(_)
        | Resource::ElasticIp(_)
        | Resource::NatGateway(_)
        | Resource::GatewayEndpoint(_)
        | Resource::NetworkInterface(_) => {}
    }
    resource
}
