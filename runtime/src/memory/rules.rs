//! Requests that AWS rejects, with the error codes of the EC2 API reference and the VPC user guide.

use std::collections::BTreeSet;

use asiaq_ir::{Kind, Ref, Resource, refs};
use ipnet::Ipv4Net;

use super::{Refusal, State, Thing};

pub(super) fn not_found(id: &str) -> Refusal {
    ("NotFound", format!("`{id}` does not exist"))
}

impl State {
    /// Checks a requested resource; `id` is its own if it exists already.
    pub(super) fn check(
        &self,
        kind: Kind,
        id: Option<&str>,
        region: &str,
        resource: &Resource,
    ) -> Result<(), Refusal> {
        let before = id.and_then(|id| self.things.get(&(kind, id.to_owned()))).map(|thing| &thing.resource);
        // Existing routes may have a deleted target; new routes may not.
        let old: BTreeSet<Ref> = before.map(refs).unwrap_or_default().into_iter().collect();
        for reference in refs(resource).iter().filter(|reference| !old.contains(*reference)) {
            let id = reference.id().ok_or_else(|| ("Malformed", format!("{reference:?} is no id")))?;
            // Images are not resources of this cloud; every id exists.
            let is_there = id.starts_with("ami-")
                || self.gateways.contains_key(id)
                || Kind::ALL.iter().any(|kind| self.has(*kind, id));
            is_there.then_some(()).ok_or_else(|| not_found(id))?;
        }
        let mut others = self
            .things
            .iter()
            .filter(|((of, other), thing)| {
                *of == kind && Some(other.as_str()) != id && thing.region == region
            })
            .map(|(_, thing)| &thing.resource);
        match (resource, before) {
            (Resource::InternetGateway(gateway), Some(Resource::InternetGateway(before)))
                if before.vpc != gateway.vpc =>
            {
                self.may_detach(before.vpc.as_ref())?;
            }
            (Resource::RouteTable(table), _) => self.check_table(table, id)?,
            (Resource::NetworkInterface(interface), _) => {
                let subnet = self.block(Kind::Subnet, &interface.subnet)?;
                if !usable(subnet, interface.address) {
                    return Err((
                        "InvalidParameterValue",
                        format!("{} is not usable in {subnet}", interface.address),
                    ));
                }
                if interface.groups.is_empty() {
                    return Err(("InvalidParameterValue", "an interface needs a security group".to_owned()));
                }
            }
            (Resource::Subnet(subnet), _) => {
                let vpc = self.block(Kind::Vpc, &subnet.vpc)?;
                if !vpc.contains(&subnet.cidr) {
                    return Err(("InvalidSubnet.Range", format!("{} is not in {vpc}", subnet.cidr)));
                }
            }
            (Resource::NatGateway(nat), _) => {
                let vpc = self.vpc_of_subnet(&nat.subnet);
                let is_public = self.all(Kind::InternetGateway).any(|thing| {
                    matches!(&thing.resource, Resource::InternetGateway(gateway) if gateway.vpc == vpc)
                });
                if vpc.is_none() || !is_public {
                    return Err(("Gateway.NotAttached", "the VPC has no internet gateway".to_owned()));
                }
            }
            _ => {}
        }
        match others.find_map(|other| clash(resource, other)) {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }

    /// Checks whether a resource may be deleted.
    pub(super) fn may_delete(&self, kind: Kind, id: &str) -> Result<(), Refusal> {
        let Some(thing) = self.things.get(&(kind, id.to_owned())) else { return Ok(()) };
        if let Resource::InternetGateway(gateway) = &thing.resource {
            self.may_detach(gateway.vpc.as_ref())?;
        }
        if matches!(kind, Kind::IngressRules | Kind::VpnAttachment | Kind::SmokeTest) {
            return Ok(());
        }
        // A part has the id of its resource, and does not keep it in use: the rules of a group may name the group.
        let mut others = self.things.iter().filter(|((_, other), _)| other != id);
        let user = others.find(|(_, other)| {
            other.resource.references_in_use().into_iter().any(|reference| reference.id() == Some(id))
        });
        match user {
            Some(((kind, user), _)) => {
                Err(("DependencyViolation", format!("`{id}` is in use by {} `{user}`", kind.name())))
            }
            None => Ok(()),
        }
    }

    /// Removes a resource, and everything that AWS removes with it.
    pub(super) fn remove(&mut self, kind: Kind, id: &str) {
        if kind == Kind::IngressRules {
            if let Some(Thing { resource: Resource::IngressRules(ingress), .. }) =
                self.things.get_mut(&(kind, id.to_owned()))
            {
                ingress.rules.clear();
            }
            return;
        }
        self.things.remove(&(kind, id.to_owned()));
        let gone = Ref::Id(id.to_owned());
        for thing in self.things.values_mut() {
            match (&mut thing.resource, kind) {
                (Resource::RouteTable(table), Kind::Subnet) => table.subnet.take_if(|subnet| *subnet == gone),
                (Resource::RouteTable(table), Kind::VpnAttachment) => {
                    table.propagation.take_if(|gateway| *gateway == gone)
                }
                (Resource::GatewayEndpoint(endpoint), Kind::RouteTable) => endpoint.route_tables.take(&gone),
                _ => None,
            };
        }
        match kind {
            Kind::SecurityGroup => self.things.remove(&(Kind::IngressRules, id.to_owned())),
            Kind::AutoScalingGroup => self.things.remove(&(Kind::SmokeTest, id.to_owned())),
            _ => None,
        };
    }

    fn may_detach(&self, vpc: Option<&Ref>) -> Result<(), Refusal> {
        let mapped = self.all(Kind::NatGateway).any(|thing| match &thing.resource {
            Resource::NatGateway(nat) => vpc.is_some() && self.vpc_of_subnet(&nat.subnet).as_ref() == vpc,
            _ => false,
        });
        if mapped {
            return Err(("DependencyViolation", "the VPC has some mapped public addresses".to_owned()));
        }
        Ok(())
    }

    fn check_table(&self, table: &asiaq_ir::RouteTable, id: Option<&str>) -> Result<(), Refusal> {
        if let Some(subnet) = &table.subnet {
            let taken = self.things.iter().any(|((_, other), thing)| match &thing.resource {
                Resource::RouteTable(thing) => {
                    Some(other.as_str()) != id && thing.subnet.as_ref() == Some(subnet)
                }
                _ => false,
            });
            if taken {
                return Err(("Resource.AlreadyAssociated", format!("{subnet:?} has a route table")));
            }
            if self.vpc_of_subnet(subnet).as_ref() != Some(&table.vpc) {
                return Err(("InvalidParameterValue", "the subnet is in another VPC".to_owned()));
            }
        }
        if let Some(gateway) = table.propagation.as_ref().and_then(Ref::id)
            && self.attached_to(gateway) != table.vpc.id()
        {
            return Err(("Gateway.NotAttached", format!("`{gateway}` is not attached to the VPC")));
        }
        for route in &table.routes {
            let peering = (Kind::PeeringConnection, route.target.id().unwrap_or_default().to_owned());
            if let Some(Resource::PeeringConnection(peering)) =
                self.things.get(&peering).map(|thing| &thing.resource)
                && !peering.accepted
            {
                return Err(("InvalidStateTransition", "the peering connection is not active".to_owned()));
            }
        }
        let destinations: BTreeSet<Ipv4Net> = table.routes.iter().map(|route| route.destination).collect();
        if destinations.len() < table.routes.len() {
            return Err(("RouteAlreadyExists", "two routes have one destination".to_owned()));
        }
        Ok(())
    }

    fn all(&self, kind: Kind) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(move |((of, _), _)| *of == kind).map(|(_, thing)| thing)
    }

    fn has(&self, kind: Kind, id: &str) -> bool {
        self.things.contains_key(&(kind, id.to_owned()))
    }

    fn vpc_of_subnet(&self, subnet: &Ref) -> Option<Ref> {
        match &self.things.get(&(Kind::Subnet, subnet.id()?.to_owned()))?.resource {
            Resource::Subnet(subnet) => Some(subnet.vpc.clone()),
            _ => None,
        }
    }

    fn block(&self, kind: Kind, reference: &Ref) -> Result<Ipv4Net, Refusal> {
        let id = reference.id().unwrap_or_default();
        match self.things.get(&(kind, id.to_owned())).map(|thing| &thing.resource) {
            Some(Resource::Vpc(vpc)) => Ok(vpc.cidr),
            Some(Resource::Subnet(subnet)) => Ok(subnet.cidr),
            _ => Err(not_found(id)),
        }
    }
}

/// AWS reserves the first four addresses of a subnet and the last one.
fn usable(subnet: Ipv4Net, address: std::net::Ipv4Addr) -> bool {
    let (first, last, address) =
        (u32::from(subnet.network()), u32::from(subnet.broadcast()), u32::from(address));
    (first + 4..last).contains(&address)
}

fn taken(name: &str, other: &str) -> Option<Refusal> {
    (name == other).then(|| ("AlreadyExists", format!("the name `{name}` is taken")))
}

/// The reason why two resources of a kind cannot both exist.
fn clash(new: &Resource, other: &Resource) -> Option<Refusal> {
    let overlap = |a: &Ipv4Net, b: &Ipv4Net| a.contains(b) || b.contains(a);
    match (new, other) {
        (Resource::InternetGateway(a), Resource::InternetGateway(b)) => (a.vpc.is_some() && a.vpc == b.vpc)
            .then(|| ("Resource.AlreadyAssociated", "the VPC has an internet gateway".to_owned())),
        (Resource::VpnAttachment(a), Resource::VpnAttachment(b)) => (a.vpc == b.vpc
            || a.gateway == b.gateway)
            .then(|| ("VpnGatewayAttachmentLimitExceeded", format!("{:?} is attached", b.gateway))),
        (Resource::SecurityGroup(a), Resource::SecurityGroup(b)) => (a.vpc == b.vpc && a.name == b.name)
            .then(|| ("InvalidGroup.Duplicate", format!("there is a group `{}`", a.name))),
        (Resource::Subnet(a), Resource::Subnet(b)) => (a.vpc == b.vpc && overlap(&a.cidr, &b.cidr))
            .then(|| ("InvalidSubnet.Conflict", format!("{} overlaps {}", a.cidr, b.cidr))),
        (Resource::NatGateway(a), Resource::NatGateway(b)) => (a.elastic_ip == b.elastic_ip)
            .then(|| ("Resource.AlreadyAssociated", format!("{:?} has a NAT gateway", a.elastic_ip))),
        (Resource::PeeringConnection(a), Resource::PeeringConnection(b)) => {
            let pair = |peering: &asiaq_ir::PeeringConnection| {
                BTreeSet::from([peering.requester.clone(), peering.accepter.clone()])
            };
            (pair(a) == pair(b))
                .then(|| ("VpcPeeringConnectionAlreadyExists", "the VPCs are peered".to_owned()))
        }
        (Resource::GatewayEndpoint(a), Resource::GatewayEndpoint(b)) => {
            let shares =
                a.vpc == b.vpc && a.service == b.service && !a.route_tables.is_disjoint(&b.route_tables);
            shares.then(|| ("RouteAlreadyExists", "a route table leads to another endpoint".to_owned()))
        }
        (Resource::RecordSet(a), Resource::RecordSet(b)) => {
            let is_alone = |record: &asiaq_ir::RecordSet| record.record == "CNAME";
            let shares = a.zone == b.zone && a.name == b.name;
            (shares && (a.record == b.record || is_alone(a) || is_alone(b)))
                .then(|| ("InvalidChangeBatch", format!("`{}` has a {} record", b.name, b.record)))
        }
        (Resource::HostedZone(a), Resource::HostedZone(b)) => (a.domain == b.domain
            && !a.vpcs.is_disjoint(&b.vpcs))
        .then(|| ("ConflictingDomainExists", format!("a VPC has a zone for {}", b.domain))),
        (Resource::LoadBalancer(a), Resource::LoadBalancer(b)) => {
            let targets = |one: &asiaq_ir::LoadBalancer| -> BTreeSet<Ref> {
                one.listeners.iter().filter_map(|listener| listener.target.clone()).collect()
            };
            if !targets(a).is_disjoint(&targets(b)) {
                return Some(("TargetGroupAssociationLimit", "it serves another load balancer".to_owned()));
            }
            taken(&a.name, &b.name)
        }
        (Resource::ClassicLoadBalancer(a), Resource::ClassicLoadBalancer(b)) => taken(&a.name, &b.name),
        (Resource::ManagedPolicy(a), Resource::ManagedPolicy(b)) => taken(&a.name, &b.name),
        (Resource::Role(a), Resource::Role(b)) => taken(&a.name, &b.name),
        (Resource::InstanceProfile(a), Resource::InstanceProfile(b)) => taken(&a.name, &b.name),
        (Resource::UserGroup(a), Resource::UserGroup(b)) => taken(&a.name, &b.name),
        (Resource::User(a), Resource::User(b)) => taken(&a.name, &b.name),
        (Resource::SamlProvider(a), Resource::SamlProvider(b)) => taken(&a.name, &b.name),
        (Resource::TargetGroup(a), Resource::TargetGroup(b)) => taken(&a.name, &b.name),
        (Resource::LaunchTemplate(a), Resource::LaunchTemplate(b)) => taken(&a.name, &b.name),
        (Resource::NetworkInterface(a), Resource::NetworkInterface(b)) => (a.subnet == b.subnet
            && a.address == b.address)
            .then(|| ("InvalidIPAddress.InUse", format!("{} is in use", a.address))),
        _ => None,
    }
}
