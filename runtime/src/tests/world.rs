//! Small projects for tests, and an in-memory cloud to apply them to.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;

use super::lowering::{self, Lowering};
use crate::{Coverage, Found, Memory, Observed, observe};

pub(super) const PROJECT: &str = "shop";
pub(super) const NOW: &str = "2026-01-01T00:00:00.000000";
pub(super) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
pub(super) const ENVS: [&str; 3] = ["ci", "prod", "qa"];
pub(super) const NETS: [&str; 3] = ["app", "db", "web"];
pub(super) const HOSTS: [&str; 3] = ["mhcfoo", "mhcfoobar", "mhcweb"];

/// A project: environments and peerings.
#[derive(Clone, Debug, Default)]
pub(super) struct Project {
    pub(super) envs: BTreeMap<&'static str, Env>,
    /// Pairs of environments, each sorted by name; pairs with an undeclared environment are ignored.
    pub(super) peerings: BTreeSet<(&'static str, &'static str)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    pub(super) block: u8,
    pub(super) region: usize,
    pub(super) protect: bool,
    pub(super) dhcp: Option<u8>,
    pub(super) vpn: bool,
    pub(super) endpoint: bool,
    /// Value of an optional tag.
    pub(super) team: Option<u8>,
    /// Rotates CIDR blocks, security group names and static addresses among the networks by this number.
    pub(super) turn: u8,
    pub(super) nets: BTreeMap<&'static str, Net>,
    /// Auto Scaling groups in the first network, by name.
    pub(super) machines: BTreeMap<&'static str, Machines>,
}

/// A launch template, an Auto Scaling group, an optional smoke test, and an alarm.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Machines {
    pub(super) stage: u8,
    pub(super) image: u8,
    pub(super) desired: Option<u32>,
    pub(super) is_tested: bool,
    /// Whether they have a load balancer.
    pub(super) is_balanced: bool,
}

/// A network: subnets, route tables, a security group, optional NAT gateways and an optional network interface.
#[derive(Clone, Debug, Default)]
pub(super) struct Net {
    pub(super) zones: u8,
    pub(super) wide: bool,
    pub(super) nat: Nat,
    pub(super) exit: Exit,
    /// Version of the name of its security group.
    pub(super) about: u8,
    /// Ports open to the address range of an office.
    pub(super) ports: BTreeMap<u8, u8>,
    /// Networks whose security groups are sources of ingress rules.
    pub(super) friends: BTreeSet<&'static str>,
    pub(super) host: Option<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Nat {
    #[default]
    None,
    Auto,
    Static,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Exit {
    #[default]
    None,
    Gateway,
    /// Through the NAT gateways of a network, if it has any.
    Nat(&'static str),
}

/// An in-memory cloud with VPN gateways, elastic IP addresses and resources of other owners.
pub(super) struct World {
    pub(super) memory: Memory,
    pub(super) gateways: BTreeMap<(&'static str, usize), String>,
    pub(super) addresses: BTreeMap<&'static str, Vec<String>>,
}

impl World {
    pub(super) fn new() -> Self {
        let memory = Memory::new();
        let mut world = Self { memory, gateways: BTreeMap::new(), addresses: BTreeMap::new() };
        for env in ENVS {
            for (index, region) in REGIONS.into_iter().enumerate() {
                world.gateways.insert((env, index), world.memory.plant_gateway(region, env));
            }
            let allocate = |_| world.memory.plant(REGIONS[0], ElasticIp {}.into(), BTreeMap::new());
            world.addresses.insert(env, (0..9).map(allocate).collect());
        }
        world.plant_neighbours();
        world
    }

    /// Adds resources that asiaq must not change: a VPC without tags, and resources of another project with the same
    /// addresses.
    fn plant_neighbours(&self) {
        let other = BTreeMap::from([
            (PROJECT_TAG.to_owned(), "other".to_owned()),
            (ADDRESS_TAG.to_owned(), "ci/vpc".to_owned()),
        ]);
        for (tags, cidr) in [(BTreeMap::new(), "10.0.0.0/16"), (other, "10.99.0.0/16")] {
            let region = REGIONS[0];
            let cidr = cidr.parse().unwrap();
            let vpc = Vpc { cidr, dns_support: true, dns_hostnames: false, dhcp_options: None };
            let vpc = Ref::Id(self.memory.plant(region, vpc.into(), tags.clone()));
            let group = SecurityGroup::new(vpc.clone(), "ci_app", "theirs");
            self.memory.plant(region, group.into(), tags.clone());
            self.memory.plant(region, InternetGateway { vpc: Some(vpc) }.into(), tags);
        }
    }

    /// A time that is later after each call.
    pub(super) fn now(&self) -> String {
        format!("2026-01-01T00:00:00.{:06}", self.memory.calls().len())
    }

    pub(super) async fn observe(&self) -> Observed {
        observe(&self.memory, PROJECT, &regions()).await.unwrap()
    }

    /// The live resources that do not belong to the project.
    pub(super) fn others(&self) -> Vec<Found> {
        let ours: BTreeSet<String> = self.ours().into_iter().map(|found| found.id).collect();
        self.memory.contents().into_iter().filter(|found| !ours.contains(&found.id)).collect()
    }

    /// The live resources of the project, including parts.
    pub(super) fn ours(&self) -> Vec<Found> {
        let contents = self.memory.contents();
        let is_ours = |found: &Found| found.tags.get(PROJECT_TAG).is_some_and(|name| name == PROJECT);
        let owners: BTreeSet<String> =
            contents.iter().filter(|found| is_ours(found)).map(|found| found.id.clone()).collect();
        let mut ours = contents;
        ours.retain(|found| match &found.resource {
            Resource::VpnAttachment(attachment) => owners.contains(attachment.vpc.id().unwrap()),
            _ => owners.contains(&found.id),
        });
        ours
    }

    pub(super) fn lower(&self, project: &Project) -> Ir {
        let mut ir = Ir { project: PROJECT.into(), ..Ir::default() };
        for (name, env) in &project.envs {
            let environment = Environment {
                region: REGIONS[env.region].into(),
                account: None,
                account_name: None,
                protect: env.protect,
                secrets: None,
                origin: lowering::origin(1),
            };
            ir.environments.insert((*name).into(), environment);
            Lowering { world: self, project, name, env, ir: &mut ir }.run();
        }
        ir
    }
}

pub(super) fn regions() -> BTreeSet<String> {
    REGIONS.into_iter().map(str::to_owned).collect()
}

pub(super) fn only(envs: &[&str]) -> Coverage {
    Coverage { only: Some(envs.iter().map(|env| Scope::environment(env)).collect()), ..Coverage::default() }
}

impl Project {
    /// Peerings whose ends are both declared.
    pub(super) fn peered(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.peerings.iter().copied().filter(|(a, b)| self.envs.contains_key(a) && self.envs.contains_key(b))
    }
}
