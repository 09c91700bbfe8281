//! The wanted resources of a small project, as a compiler would lower it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;

use super::world::{ENVS, Env, Exit, Machines, NETS, Nat, Net, PROJECT, Project, REGIONS, World};

pub(super) fn origin(line: u32) -> Origin {
    Origin { file: "shop.asq".into(), line, column: 1 }
}

pub(super) struct Lowering<'a> {
    pub(super) world: &'a World,
    pub(super) project: &'a Project,
    pub(super) name: &'static str,
    pub(super) env: &'a Env,
    pub(super) ir: &'a mut Ir,
}

impl Lowering<'_> {
    pub(super) fn run(mut self) {
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
                accepter_account: None,
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
            endpoints: BTreeSet::new(),
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
                attributes: BTreeMap::new(),
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
            metrics: BTreeSet::new(),
        };
        let earlier = self.barrier_before(machines.stage);
        self.add(&path("group"), group, &earlier.iter().map(Address::path).collect::<Vec<_>>());
        self.tag(&path("group"), STAGE_TAG, &machines.stage.to_string());
        if machines.is_tested {
            let group = self.at(&path("group"));
            let test = SmokeTest { group, image, check: SmokeCheck::Tag, timeout: 60 };
            self.add(&path("group/smoke-test"), test, &[]);
        }
    }

    /// The barrier of the last stage before `stage` that has machines.
    fn barrier_before(&mut self, stage: u8) -> Option<Address> {
        let last =
            self.env.machines.values().map(|other| other.stage).filter(|other| *other < stage).max()?;
        let barrier = Address::new(self.name, &format!("pipeline/stage/{last}"));
        let mut members: BTreeSet<Address> = self.barrier_before(last).into_iter().collect();
        for (name, other) in self.env.machines.iter().filter(|(_, other)| other.stage == last) {
            let path = format!("hostclass/{name}/group");
            members.extend(other.is_tested.then(|| Address::new(self.name, &format!("{path}/smoke-test"))));
            members.insert(Address::new(self.name, &path));
        }
        self.ir.barriers.insert(barrier.clone(), members);
        Some(barrier)
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
                tags.insert("the team".to_owned(), format!("t{team}"));
                tags.insert(TAGS_TAG.to_owned(), list_tag_keys(["the team"]));
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
