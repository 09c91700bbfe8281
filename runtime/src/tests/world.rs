//! Small projects to plan and apply, lowered without a compiler.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;

use crate::{
    Cloud, CloudError, Create, Delete, Fault, Found, Identity, Listed, Memory, Observed, Scope, Update,
    observe,
};

pub(super) const PROJECT: &str = "shop";
pub(super) const NOW: &str = "2026-01-01T00:00:00.000000";
pub(super) const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
pub(super) const ENVS: [&str; 3] = ["ci", "prod", "qa"];
pub(super) const NETS: [&str; 3] = ["app", "db", "web"];
pub(super) const HOSTS: [&str; 3] = ["mhcfoo", "mhcfoobar", "mhcweb"];

/// A project: environments and who is peered with whom.
#[derive(Clone, Debug, Default)]
pub(super) struct Project {
    pub(super) envs: BTreeMap<&'static str, Env>,
    /// Each pair in order of name; one that is not declared is ignored.
    pub(super) peerings: BTreeSet<(&'static str, &'static str)>,
}

/// An environment.
#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    pub(super) block: u8,
    pub(super) region: usize,
    pub(super) protect: bool,
    pub(super) dhcp: Option<u8>,
    pub(super) vpn: bool,
    pub(super) endpoint: bool,
    /// An optional tag, and its value.
    pub(super) team: Option<u8>,
    /// Which network has which block, group name and static addresses: the same ones turned by so many.
    pub(super) turn: u8,
    pub(super) nets: BTreeMap<&'static str, Net>,
    /// Groups of machines in the first network, by name.
    pub(super) machines: BTreeMap<&'static str, Machines>,
}

/// A launch template, a group, perhaps a smoke test, and an alarm.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Machines {
    pub(super) stage: u8,
    pub(super) image: u8,
    pub(super) desired: Option<u32>,
    pub(super) is_tested: bool,
    /// Whether a load balancer stands before them.
    pub(super) is_balanced: bool,
}

/// A network: subnets, route tables, a group, perhaps NAT gateways and a floating interface.
#[derive(Clone, Debug, Default)]
pub(super) struct Net {
    pub(super) zones: u8,
    pub(super) wide: bool,
    pub(super) nat: Nat,
    pub(super) exit: Exit,
    /// Version of the name of its group.
    pub(super) about: u8,
    /// Ports open to an office.
    pub(super) ports: BTreeMap<u8, u8>,
    /// Networks whose groups may come in.
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
    /// Through the NAT gateways of a network, if it has some.
    Nat(&'static str),
}

/// A cloud with what projects find there: VPN gateways, addresses allocated by hand, and neighbours.
pub(super) struct World {
    pub(super) memory: Memory,
    gateways: BTreeMap<(&'static str, usize), String>,
    addresses: BTreeMap<&'static str, Vec<String>>,
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

    /// What asiaq must not touch: a VPC by hand, and another project's with our addresses.
    fn plant_neighbours(&self) {
        let other = BTreeMap::from([
            (PROJECT_TAG.to_owned(), "other".to_owned()),
            (ADDRESS_TAG.to_owned(), "ci/vpc".to_owned()),
        ]);
        for tags in [BTreeMap::new(), other] {
            let region = REGIONS[0];
            let cidr = "10.0.0.0/16".parse().unwrap();
            let vpc = Vpc { cidr, dns_support: true, dns_hostnames: false, dhcp_options: None };
            let vpc = Ref::Id(self.memory.plant(region, vpc.into(), tags.clone()));
            let group = SecurityGroup::new(vpc.clone(), "ci_app", "theirs");
            self.memory.plant(region, group.into(), tags.clone());
            self.memory.plant(region, InternetGateway { vpc: Some(vpc) }.into(), tags);
        }
    }

    pub(super) async fn observe(&self) -> Observed {
        observe(&self.memory, PROJECT, &regions()).await.unwrap()
    }

    /// What is there and not the project's.
    pub(super) fn others(&self) -> Vec<Found> {
        let ours: BTreeSet<String> = self.ours().into_iter().map(|found| found.id).collect();
        self.memory.contents().into_iter().filter(|found| !ours.contains(&found.id)).collect()
    }

    /// What is there and the project's, parts included.
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
                protect: env.protect,
                origin: origin(1),
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

pub(super) fn only(envs: &[&str]) -> Scope {
    Scope { only: Some(envs.iter().map(|env| (*env).to_owned()).collect()), ..Scope::default() }
}

fn origin(line: u32) -> Origin {
    Origin { file: "shop.asq".into(), line, column: 1 }
}

impl Project {
    /// Peerings whose ends are both declared.
    fn peered(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.peerings.iter().copied().filter(|(a, b)| self.envs.contains_key(a) && self.envs.contains_key(b))
    }
}

struct Lowering<'a> {
    world: &'a World,
    project: &'a Project,
    name: &'static str,
    env: &'a Env,
    ir: &'a mut Ir,
}

impl Lowering<'_> {
    fn run(mut self) {
        let env = self.env;
        if let Some(version) = env.dhcp {
            let options = DhcpOptions {
                domain_name: Some(format!("v{version}.example")),
                domain_name_servers: vec!["AmazonProvidedDNS".into()],
                ntp_servers: Vec::new(),
            };
            self.add("dhcp", options, &[]);
        }
        let vpc = Vpc {
            cidr: self.block(0, 16),
            dns_support: true,
            dns_hostnames: env.team.is_some(),
            dhcp_options: env.dhcp.map(|_| self.at("dhcp")),
        };
        self.add("vpc", vpc, &[]);
        let gateway = InternetGateway { vpc: Some(self.at("vpc")) };
        self.add("igw", gateway, &[]);
        if env.vpn {
            let gateway = self.world.gateways[&(self.name, env.region)].clone();
            self.add(
                "vpc/vpn-gateway",
                VpnAttachment { gateway: Ref::Id(gateway), vpc: self.at("vpc") },
                &[],
            );
        }
        for (number, (name, net)) in env.nets.iter().enumerate() {
            self.network(u8::try_from(number).unwrap(), name, net);
        }
        for (name, machines) in &env.machines {
            if let Some((net, _)) = env.nets.first_key_value() {
                self.machines(net, name, machines);
            }
        }
        if env.endpoint {
            let tables =
                env.nets.iter().flat_map(|(net, it)| zones(it).map(move |z| format!("{net}/table/{z}")));
            let route_tables = tables.map(|table| self.at(&table)).collect();
            self.add("s3", GatewayEndpoint { vpc: self.at("vpc"), service: Service::S3, route_tables }, &[]);
        }
        for (a, b) in self.project.peered().filter(|(a, _)| *a == self.name).collect::<Vec<_>>() {
            let peering = PeeringConnection {
                requester: Ref::to(a, "vpc"),
                accepter: Ref::to(b, "vpc"),
                accepter_region: REGIONS[self.project.envs[b].region].into(),
                accepted: true,
            };
            self.add(&format!("peering/{b}"), peering, &[]);
        }
    }

    fn network(&mut self, number: u8, name: &str, net: &Net) {
        let turned = (number + self.env.turn) % 3;
        let label = NETS[usize::from(turned)];
        let group_name = format!("{}_{label}_{}", self.name, net.about);
        let group = SecurityGroup::new(self.at("vpc"), group_name, "a network");
        self.add(&format!("{name}/group"), group, &[]);
        let ingress = IngressRules { group: self.at(&format!("{name}/group")), rules: self.rules(net) };
        self.add(&format!("{name}/group/ingress"), ingress, &[]);
        for zone in zones(net) {
            let (third, bits) =
                if net.wide { (turned * 16 + zone * 2, 23) } else { (turned * 16 + zone, 24) };
            let cidr = self.block(third, bits);
            let letter = char::from(b'a' + zone);
            let zone_name = format!("{}{letter}", REGIONS[self.env.region]);
            let subnet = format!("{name}/subnet/{zone}");
            self.add(&subnet, Subnet { vpc: self.at("vpc"), cidr, zone: zone_name }, &[]);
            let address = match net.nat {
                Nat::None => None,
                Nat::Auto => {
                    self.add(&format!("{name}/address/{zone}"), ElasticIp {}, &[]);
                    Some(self.at(&format!("{name}/address/{zone}")))
                }
                Nat::Static => {
                    let pool = &self.world.addresses[self.name];
                    Some(Ref::Id(pool[usize::from(turned * 3 + zone)].clone()))
                }
            };
            if let Some(elastic_ip) = address {
                let nat = NatGateway { subnet: self.at(&subnet), elastic_ip };
                self.add(&format!("{name}/nat/{zone}"), nat, &["igw"]);
            }
            let table = RouteTable {
                vpc: self.at("vpc"),
                subnet: Some(self.at(&subnet)),
                routes: self.routes(net, zone),
                propagation: self.env.vpn.then(|| self.at("vpc/vpn-gateway")),
            };
            self.add(&format!("{name}/table/{zone}"), table, &["igw"]);
            if let (0, Some(host)) = (zone, net.host) {
                let interface = NetworkInterface {
                    subnet: self.at(&subnet),
                    address: std::net::Ipv4Addr::from(u32::from(cidr.network()) + 10 + u32::from(host)),
                    groups: BTreeSet::from([self.at(&format!("{name}/group"))]),
                    description: name.into(),
                };
                self.add(&format!("{name}/host"), interface, &[]);
            }
        }
    }

    fn machines(&mut self, net: &str, name: &str, machines: &Machines) {
        let image = Ref::Id(format!("ami-{}", machines.image));
        let groups = BTreeSet::from([self.at(&format!("{net}/group"))]);
        let subnets = BTreeSet::from([self.at(&format!("{net}/subnet/0"))]);
        let path = |part: &str| format!("hostclass/{name}/{part}");
        let template = LaunchTemplate {
            name: format!("{}_{name}", self.name),
            image: image.clone(),
            instance_type: "m5.large".to_owned(),
            key: None,
            profile: None,
            groups: groups.clone(),
            public_ip: false,
            disks: BTreeSet::new(),
            user_data: String::new(),
            ebs_optimized: true,
            monitoring: false,
            metadata_tokens: true,
        };
        self.add(&path("launch-template"), template, &[]);
        if machines.is_balanced {
            let balancer = ClassicLoadBalancer {
                name: format!("{}-{name}", self.name),
                scheme: Scheme::Internal,
                subnets: subnets.clone(),
                groups,
                listeners: BTreeSet::new(),
                health_check: ClassicHealthCheck {
                    target: "TCP:80".to_owned(),
                    interval: 5,
                    timeout: 4,
                    unhealthy: 2,
                    healthy: 2,
                },
                stickiness: None,
                idle_timeout: 300,
                draining: 300,
                cross_zone: true,
            };
            self.add(&path("elb"), balancer, &[]);
        }
        let group = AutoScalingGroup {
            prefix: format!("{}_{name}", self.name),
            launch_template: self.at(&path("launch-template")),
            types: Vec::new(),
            spot: None,
            subnets,
            min: Some(0),
            max: Some(9),
            desired: machines.desired,
            initial: GroupSize { min: 0, desired: machines.desired.unwrap_or(1), max: 9 },
            health: Health::Ec2,
            grace: 300,
            termination_policies: Vec::new(),
            load_balancers: machines.is_balanced.then(|| self.at(&path("elb"))).into_iter().collect(),
            target_groups: BTreeSet::new(),
            schedules: BTreeSet::new(),
            policies: BTreeSet::new(),
        };
        let earlier: Vec<String> = self
            .env
            .machines
            .iter()
            .filter(|(_, other)| other.stage < machines.stage)
            .flat_map(|(name, other)| {
                let group = format!("hostclass/{name}/group");
                let test = format!("hostclass/{name}/group/smoke-test");
                [Some(group), other.is_tested.then_some(test)].into_iter().flatten()
            })
            .collect();
        let earlier: Vec<&str> = earlier.iter().map(String::as_str).collect();
        self.add(&path("group"), group, &earlier);
        self.tag(&path("group"), STAGE_TAG, &machines.stage.to_string());
        if machines.is_tested {
            let group = self.at(&path("group"));
            let test = SmokeTest { group, image, check: SmokeCheck::Tag, timeout: 60 };
            self.add(&path("group/smoke-test"), test, &[]);
        }
    }

    fn tag(&mut self, path: &str, key: &str, value: &str) {
        if let Some(node) = self.ir.resources.get_mut(&Address::new(self.name, path)) {
            node.tags.insert(key.to_owned(), value.to_owned());
        }
    }

    fn rules(&self, net: &Net) -> BTreeSet<GroupRule> {
        let office = net.ports.iter().map(|(port, version)| GroupRule {
            protocol: Protocol::Tcp,
            from: Some(u16::from(*port)),
            to: Some(u16::from(*port)),
            source: Source::Cidr("192.0.2.0/24".parse().unwrap()),
            description: format!("v{version}"),
        });
        let friends = net.friends.iter().filter(|friend| self.env.nets.contains_key(*friend));
        let friends = friends.map(|friend| GroupRule {
            protocol: Protocol::Any,
            from: None,
            to: None,
            source: Source::Group(self.at(&format!("{friend}/group"))),
            description: String::new(),
        });
        office.chain(friends).collect()
    }

    fn routes(&self, net: &Net, zone: u8) -> BTreeSet<Route> {
        let exit = match net.exit {
            Exit::None => None,
            Exit::Gateway => Some(self.at("igw")),
            Exit::Nat(via) => {
                let via_net = self.env.nets.get(via).filter(|via| via.nat != Nat::None);
                via_net.map(|net| self.at(&format!("{via}/nat/{}", zone.min(net.zones - 1))))
            }
        };
        let mut routes: BTreeSet<Route> = exit
            .map(|target| Route { destination: "0.0.0.0/0".parse().unwrap(), target })
            .into_iter()
            .collect();
        if self.env.vpn {
            let target = self.at("vpc/vpn-gateway");
            routes.insert(Route { destination: "192.168.0.0/16".parse().unwrap(), target });
        }
        for (a, b) in self.project.peered().filter(|(a, b)| [*a, *b].contains(&self.name)) {
            let far = if a == self.name { b } else { a };
            let position = ENVS.iter().position(|env| *env == far).unwrap();
            let destination = format!("172.{}.0.0/16", 16 + position).parse().unwrap();
            routes.insert(Route { destination, target: Ref::to(a, &format!("peering/{b}")) });
        }
        routes
    }

    fn block(&self, third: u8, bits: u8) -> ipnet::Ipv4Net {
        let network = std::net::Ipv4Addr::new(10, self.env.block, third, 0);
        ipnet::Ipv4Net::new(network, bits).unwrap()
    }

    fn at(&self, path: &str) -> Ref {
        Ref::to(self.name, path)
    }

    fn add(&mut self, path: &str, resource: impl Into<Resource>, after: &[&str]) {
        let resource = resource.into();
        let address = Address::new(self.name, path);
        let mut tags = BTreeMap::new();
        if !matches!(resource.kind(), Kind::IngressRules | Kind::VpnAttachment | Kind::SmokeTest) {
            tags.insert(PROJECT_TAG.to_owned(), PROJECT.to_owned());
            tags.insert(ENV_TAG.to_owned(), self.name.to_owned());
            tags.insert(ADDRESS_TAG.to_owned(), address.to_string());
            if let Some(team) = self.env.team {
                tags.insert("team".to_owned(), format!("t{team}"));
                tags.insert(TAGS_TAG.to_owned(), "team".to_owned());
            }
        }
        let node = Node {
            resource,
            region: REGIONS[self.env.region].into(),
            tags,
            after: after.iter().map(|path| Address::new(self.name, path)).collect(),
            origin: origin(2),
            protect: None,
            provenance: BTreeMap::new(),
        };
        self.ir.resources.insert(address, node);
    }
}

fn zones(net: &Net) -> std::ops::Range<u8> {
    0..net.zones
}

/// A cloud in which making things of one kind does not work.
pub(super) struct Failing<'a> {
    pub(super) memory: &'a Memory,
    pub(super) kind: Kind,
    pub(super) how: Trouble,
}

/// How something does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Fails,
    Hangs,
}

impl Cloud for Failing<'_> {
    async fn identity(&self) -> Result<Identity, CloudError> {
        self.memory.identity().await
    }

    async fn list(&self, region: &str, kind: Kind, project: &str) -> Result<Listed, CloudError> {
        self.memory.list(region, kind, project).await
    }

    async fn create(&self, order: &Create<'_>) -> Result<String, CloudError> {
        if order.resource.kind() != self.kind {
            return self.memory.create(order).await;
        }
        if self.how == Trouble::Hangs {
            std::future::pending::<()>().await;
        }
        Err(CloudError {
            operation: "Create".to_owned(),
            fault: Fault::TimedOut,
            code: String::new(),
            message: "it did not come about".to_owned(),
            request: None,
        })
    }

    async fn update(&self, order: &Update<'_>) -> Result<(), CloudError> {
        self.memory.update(order).await
    }

    async fn delete(&self, order: &Delete<'_>) -> Result<(), CloudError> {
        self.memory.delete(order).await
    }
}
