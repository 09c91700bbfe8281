//! How much of what AWS limits a program can grow to.

mod headroom;

use std::collections::BTreeMap;

use asiaq_ir::quotas::{self, Quota};
use asiaq_ir::{Address, AutoScalingGroup, BalancerFamily, Ir, Ref, Resource};

use crate::Found;
pub use headroom::{Basis, Headroom, Usage, headroom};

/// How many instances of an Auto Scaling group count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As many as it can have.
    Largest,
    /// As many as it has after an apply.
    Desired,
}

/// Where a quota is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    /// AWS region; absent for what an account has in all regions together.
    pub region: Option<String>,
    /// Availability zone, for quotas of zones.
    pub zone: Option<String>,
}

/// How much of something there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The number; for a quota of each resource, that of the resource with the most.
    pub number: usize,
    /// That resource.
    pub at: Option<Address>,
    /// The resources that count; none for a quota of each resource.
    pub users: Vec<Address>,
}

/// Numbers by quota and area.
pub type Counts = BTreeMap<(Quota, Area), Count>;

/// A resource that counts.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    address: &'a Address,
    id: Option<&'a str>,
    region: &'a str,
    resource: &'a Resource,
}

impl<'a> Counted<'a> {
    /// Resources of a program.
    pub fn wanted(ir: &'a Ir) -> impl Iterator<Item = Self> {
        let of = |(address, node): (&'a Address, &'a asiaq_ir::Node)| Self {
            address,
            id: None,
            region: &node.region,
            resource: &node.resource,
        };
        ir.resources.iter().map(of)
    }

    /// A resource in AWS.
    pub fn live(found: &'a Found) -> Self {
        let Found { address, id, region, resource, .. } = found;
        Self { address, id: Some(id), region, resource }
    }

    /// Its address.
    pub fn address(&self) -> &'a Address {
        self.address
    }
}

/// How much of what AWS limits these resources of one account are. `vcpus` are the virtual processors of an instance type.
pub fn counts(all: &[Counted<'_>], size: Size, vcpus: &dyn Fn(&str) -> Option<u32>) -> Counts {
    let by_address = all.iter().map(|one| (one.address.as_str(), *one)).collect();
    let by_id = all.iter().filter_map(|one| Some((one.id?, *one))).collect();
    let mut tally = Tally { by_address, by_id, size, vcpus, counts: Counts::new(), parts: BTreeMap::new() };
    for one in all {
        tally.add(*one);
    }
    tally.finish()
}

struct Tally<'a> {
    by_address: BTreeMap<&'a str, Counted<'a>>,
    by_id: BTreeMap<&'a str, Counted<'a>>,
    size: Size,
    vcpus: &'a dyn Fn(&str) -> Option<u32>,
    counts: Counts,
    /// What is in other resources, by quota and by these.
    parts: BTreeMap<(Quota, &'a Ref), usize>,
}

impl<'a> Tally<'a> {
    fn find(&self, to: &Ref) -> Option<Counted<'a>> {
        match to {
            Ref::To(address) => self.by_address.get(address.as_str()).copied(),
            Ref::Id(id) => self.by_id.get(id.as_str()).copied(),
            Ref::Find(_) => None,
        }
    }

    fn more(&mut self, quota: Quota, area: Area, number: usize, of: Counted<'a>) {
        let count = self.counts.entry((quota, area)).or_default();
        count.number += number;
        count.users.push(of.address.clone());
    }

    fn one(&mut self, quota: Quota, of: Counted<'a>) {
        self.more(quota, area(quota, of), 1, of);
    }

    /// So much of something is in one resource.
    fn inside(&mut self, quota: Quota, of: Counted<'a>, number: usize) {
        let key = (quota, area(quota, of));
        if number > self.counts.get(&key).map_or(0, |most| most.number) {
            self.counts.insert(key, Count { number, at: Some(of.address.clone()), users: Vec::new() });
        }
    }

    fn part(&mut self, quota: Quota, of: &'a Ref, number: usize) {
        *self.parts.entry((quota, of)).or_default() += number;
    }

    fn finish(mut self) -> Counts {
        for ((quota, of), number) in std::mem::take(&mut self.parts) {
            // The resource may belong to somebody else, who knows what else is in it.
            if let Some(of) = self.find(of) {
                self.inside(quota, of, number + of_aws(quota));
            }
        }
        self.counts
    }

    fn add(&mut self, one: Counted<'a>) {
        match one.resource {
            Resource::ManagedPolicy(_) => self.one(quotas::MANAGED_POLICIES, one),
            Resource::SamlProvider(_) => self.one(quotas::SAML_PROVIDERS, one),
            Resource::Role(role) => {
                self.one(quotas::ROLES, one);
                self.inside(quotas::POLICIES_OF_ROLE, one, role.policies.len());
            }
            Resource::InstanceProfile(_) => self.one(quotas::INSTANCE_PROFILES, one),
            Resource::UserGroup(group) => {
                self.one(quotas::USER_GROUPS, one);
                self.inside(quotas::POLICIES_OF_USER_GROUP, one, group.policies.len());
            }
            Resource::User(user) => {
                self.one(quotas::USERS, one);
                self.inside(quotas::POLICIES_OF_USER, one, user.policies.len());
                self.inside(quotas::GROUPS_OF_USER, one, user.groups.len());
            }
            Resource::DhcpOptions(_) => self.one(quotas::DHCP_OPTION_SETS, one),
            Resource::Vpc(_) => {
                self.one(quotas::VPCS, one);
                // Its default security group and its main route table.
                self.one(quotas::SECURITY_GROUPS, one);
            }
            Resource::InternetGateway(_) => self.one(quotas::INTERNET_GATEWAYS, one),
            Resource::SecurityGroup(_) => self.one(quotas::SECURITY_GROUPS, one),
            Resource::Subnet(subnet) => self.part(quotas::SUBNETS_OF_VPC, &subnet.vpc, 1),
            Resource::ElasticIp(_) => self.one(quotas::ELASTIC_IPS, one),
            Resource::NatGateway(gateway) => {
                if let Some(Resource::Subnet(subnet)) = self.find(&gateway.subnet).map(|found| found.resource)
                {
                    let area = Area { region: Some(one.region.to_owned()), zone: Some(subnet.zone.clone()) };
                    self.more(quotas::NAT_GATEWAYS, area, 1, one);
                }
            }
            Resource::PeeringConnection(peering) => {
                self.part(quotas::PEERINGS_OF_VPC, &peering.requester, 1);
                self.part(quotas::PEERINGS_OF_VPC, &peering.accepter, 1);
            }
            Resource::RouteTable(table) => {
                self.part(quotas::ROUTE_TABLES_OF_VPC, &table.vpc, 1);
                self.inside(quotas::ROUTES_OF_TABLE, one, table.routes.len());
            }
            Resource::IngressRules(group) => self.inside(quotas::RULES_OF_GROUP, one, group.rules.len()),
            Resource::GatewayEndpoint(_) => self.one(quotas::GATEWAY_ENDPOINTS, one),
            Resource::NetworkInterface(interface) => {
                self.inside(quotas::GROUPS_OF_INTERFACE, one, interface.groups.len());
            }
            Resource::HostedZone(_) => self.one(quotas::HOSTED_ZONES, one),
            // Each has a marker beside it.
            Resource::RecordSet(record) => self.part(quotas::RECORDS_OF_ZONE, &record.zone, 2),
            Resource::Bucket(_) => self.one(quotas::BUCKETS, one),
            Resource::Table(_) => self.one(quotas::TABLES, one),
            Resource::Trail(_) => self.one(quotas::TRAILS, one),
            Resource::TargetGroup(_) => self.one(quotas::TARGET_GROUPS, one),
            Resource::ClassicLoadBalancer(balancer) => {
                self.one(quotas::CLASSIC_LOAD_BALANCERS, one);
                self.inside(quotas::LISTENERS_OF_CLASSIC, one, balancer.listeners.len());
            }
            Resource::LoadBalancer(balancer) => {
                let (balancers, listeners) = match balancer.family {
                    BalancerFamily::Application => {
                        (quotas::APPLICATION_LOAD_BALANCERS, quotas::LISTENERS_OF_APPLICATION)
                    }
                    BalancerFamily::Network => (quotas::NETWORK_LOAD_BALANCERS, quotas::LISTENERS_OF_NETWORK),
                };
                self.one(balancers, one);
                self.inside(listeners, one, balancer.listeners.len());
            }
            Resource::LaunchTemplate(template) => {
                self.one(quotas::LAUNCH_TEMPLATES, one);
                self.inside(quotas::GROUPS_OF_INTERFACE, one, template.groups.len());
            }
            Resource::AutoScalingGroup(group) => {
                self.one(quotas::AUTO_SCALING_GROUPS, one);
                self.inside(quotas::POLICIES_OF_SCALING_GROUP, one, group.policies.len());
                self.processors(group, one);
            }
            Resource::Alarm(_) => self.one(quotas::ALARMS, one),
            Resource::VpnAttachment(_)
            | Resource::Topic(_)
            | Resource::LogGroup(_)
            | Resource::CacheCluster(_)
            | Resource::CacheParameterGroup(_)
            | Resource::CacheSubnetGroup(_)
            | Resource::ReplicationGroup(_)
            | Resource::Document(_)
            | Resource::Operator(_)
            | Resource::SearchDomain(_)
            | Resource::DatabaseSubnetGroup(_)
            | Resource::DatabaseParameterGroup(_)
            | Resource::Database(_)
            | Resource::DatabaseClusterParameterGroup(_)
            | Resource::DatabaseCluster(_)
            | Resource::DatabaseClusterInstance(_)
            | Resource::SmokeTest(_) => {}
        }
    }

    /// The virtual processors of a group, of its type with the most.
    fn processors(&mut self, group: &AutoScalingGroup, one: Counted<'a>) {
        let template = match self.find(&group.launch_template).map(|found| found.resource) {
            Some(Resource::LaunchTemplate(template)) => Some(&template.instance_type),
            _ => None,
        };
        let template = template.filter(|_| group.types.is_empty());
        let types = group.types.iter().chain(template);
        let largest = types.filter_map(|of| Some(((self.vcpus)(of)?, of))).max();
        let Some((each, of)) = largest else { return };
        let number = instances(group, self.size);
        let spot = group.spot.map_or(0, |spot| {
            let beyond = number.saturating_sub(spot.base);
            beyond.saturating_sub(beyond.saturating_mul(spot.on_demand).div_ceil(100))
        });
        for (number, is_spot) in [(number.saturating_sub(spot), false), (spot, true)] {
            if let Some(quota) = quotas::vcpus_of(of, is_spot).filter(|_| number > 0) {
                let vcpus = usize::try_from(number.saturating_mul(each)).unwrap_or(usize::MAX);
                self.more(quota, area(quota, one), vcpus, one);
            }
        }
    }
}

/// Where a quota counts what a resource is.
fn area(quota: Quota, of: Counted<'_>) -> Area {
    Area { region: (!quota.is_global()).then(|| of.region.to_owned()), zone: None }
}

/// What AWS puts into each: the main route table of a VPC, and the `NS` and the `SOA` record of a zone.
fn of_aws(quota: Quota) -> usize {
    match quota {
        quotas::ROUTE_TABLES_OF_VPC => 1,
        quotas::RECORDS_OF_ZONE => 2,
        _ => 0,
    }
}

fn instances(group: &AutoScalingGroup, size: Size) -> u32 {
    let initial = group.initial;
    match size {
        Size::Desired => group.desired.unwrap_or(initial.desired),
        Size::Largest => {
            let schedules = group.schedules.iter().flat_map(|schedule| [schedule.max, schedule.desired]);
            let sizes = schedules.chain([group.max, group.desired]).flatten();
            sizes.chain([initial.max]).max().unwrap_or_default()
        }
    }
}
