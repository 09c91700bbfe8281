//! Property test: a renamed declaration keeps what AWS has for it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;
use proptest::prelude::*;

use super::converge::{assert_is, project};
use super::world::{ENVS, HOSTS, NETS, NOW, Project, World, only};
use crate::{Coverage, Found, Note, plan};

/// What each kind keeps when its declaration is renamed, as the documentation says it.
fn documented() -> BTreeMap<&'static str, bool> {
    let page = include_str!("../../../docs/language.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| Kind in AWS | After a rename |")).skip(2);
    let mut kinds = BTreeMap::new();
    for row in rows.take_while(|row| row.starts_with('|')) {
        let (names, after) = row.trim_matches('|').split_once(" | ").unwrap();
        let is_kept = after.starts_with("stays, with") || after.trim() == "stays";
        kinds.extend(names.split(',').map(|name| (name.trim(), is_kept)));
    }
    kinds
}

#[test]
fn every_kind_says_what_a_rename_keeps() {
    let documented = documented();
    for kind in Kind::ALL {
        let kept = match kind {
            Kind::Alarm => ("alarm", false),
            Kind::AutoScalingGroup | Kind::SmokeTest => ("Auto Scaling group", true),
            Kind::Bucket => ("bucket", false),
            Kind::CacheCluster
            | Kind::CacheParameterGroup
            | Kind::CacheSubnetGroup
            | Kind::ReplicationGroup => ("cache", true),
            Kind::ClassicLoadBalancer | Kind::LoadBalancer => ("load balancer", true),
            Kind::DhcpOptions => ("DHCP option set", true),
            Kind::Database
            | Kind::DatabaseCluster
            | Kind::DatabaseClusterInstance
            | Kind::DatabaseClusterParameterGroup
            | Kind::DatabaseParameterGroup
            | Kind::DatabaseSubnetGroup => ("database", true),
            Kind::Document => ("document", false),
            Kind::ElasticIp => ("elastic IP address", true),
            Kind::GatewayEndpoint => ("endpoint", true),
            Kind::HostedZone => ("hosted zone", true),
            Kind::InstanceProfile => ("instance profile", false),
            Kind::IngressRules | Kind::SecurityGroup => ("security group", true),
            Kind::InternetGateway | Kind::VpnAttachment => ("gateway", true),
            Kind::LaunchTemplate => ("launch template", true),
            Kind::LogGroup => ("log group", false),
            Kind::ManagedPolicy => ("managed policy", false),
            Kind::NatGateway => ("NAT gateway", true),
            Kind::NetworkInterface => ("interface", true),
            Kind::PeeringConnection => ("peering connection", true),
            Kind::RecordSet => ("DNS record", false),
            Kind::Role => ("role", false),
            Kind::RouteTable => ("route table", true),
            Kind::SamlProvider => ("SAML provider", false),
            Kind::SearchDomain => ("search domain", false),
            Kind::Subnet => ("subnet", true),
            Kind::Operator => ("operator", false),
            Kind::Table => ("table", false),
            Kind::TargetGroup => ("target group", true),
            Kind::Topic => ("topic", true),
            Kind::Trail => ("trail", false),
            Kind::User => ("user", false),
            Kind::UserGroup => ("user group", false),
            Kind::Vpc => ("VPC", true),
        };
        assert_eq!(documented.get(kept.0), Some(&kept.1), "{}", kept.0);
        assert_eq!(kind.schema().renamed == Renamed::Kept, kept.1, "{}", kept.0);
    }
}

/// New names for the environments, metanetworks, hostclasses, zones and topics of a project: names that are free.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    envs: BTreeMap<&'static str, &'static str>,
    nets: BTreeMap<&'static str, &'static str>,
    hosts: BTreeMap<&'static str, &'static str>,
    zones: BTreeMap<&'static str, &'static str>,
    topics: BTreeMap<&'static str, &'static str>,
}

/// Names of the zone and the topic of every environment, of which the first is the old one.
const ZONES: [&str; 2] = ["world", "inside"];
const TOPICS: [&str; 2] = ["pages", "calls"];

impl Names {
    /// A new name for one environment.
    pub(super) fn of_environment(old: &'static str, new: &'static str) -> Self {
        Self { envs: BTreeMap::from([(old, new)]), ..Self::default() }
    }

    /// Picks a name that no declaration had for some of those in `used`.
    fn pick(
        used: &BTreeSet<&'static str>,
        all: &[&'static str],
        mut mask: u64,
    ) -> BTreeMap<&'static str, &'static str> {
        let mut free: Vec<&'static str> = all.iter().copied().filter(|name| !used.contains(name)).collect();
        let mut names = BTreeMap::new();
        for old in used {
            mask = mask.rotate_left(7);
            if mask & 1 == 1
                && let Some(new) = free.pop()
            {
                names.insert(*old, new);
            }
        }
        names
    }

    fn of(project: &Project, mask: u64) -> Self {
        let envs = project.envs.values();
        let nets = envs.clone().flat_map(|env| env.nets.keys().copied()).collect();
        let hosts = envs.flat_map(|env| env.machines.keys().copied()).collect();
        let names = project.envs.keys().copied().collect();
        Self {
            envs: Self::pick(&names, &ENVS, mask),
            nets: Self::pick(&nets, &NETS, mask >> 3),
            hosts: Self::pick(&hosts, &HOSTS, mask >> 5),
            zones: Self::pick(&[ZONES[0]].into(), &ZONES, mask >> 7),
            topics: Self::pick(&[TOPICS[0]].into(), &TOPICS, mask >> 11),
        }
    }

    /// The program with the new names, and `moved` for each of them.
    fn rename(&self, ir: &Ir) -> Ir {
        let mut moved = BTreeMap::new();
        for (old, new) in &self.envs {
            moved.insert((*old).to_owned(), (*new).to_owned());
        }
        for env in ir.environments.keys() {
            let env = self.envs.get(env.as_str()).copied().unwrap_or(env);
            for (old, new) in &self.nets {
                moved.insert(format!("{env}/{old}"), format!("{env}/{new}"));
            }
            for (old, new) in &self.hosts {
                moved.insert(format!("{env}/hostclass/{old}"), format!("{env}/hostclass/{new}"));
            }
            for (kind, names) in [("zone", &self.zones), ("topic", &self.topics)] {
                for (old, new) in names {
                    moved.insert(format!("{env}/{kind}/{old}"), format!("{env}/{kind}/{new}"));
                }
            }
        }
        Ir { moved: moved.clone(), ..self.renamed(ir) }
    }

    /// Adds a zone with a record, a topic and alarms to each environment, under their new names. Their names in AWS have
    /// all names in them, as a compiler does it, but for those of the zone.
    fn watch(&self, project: &Project, ir: &mut Ir) {
        let now = |names: &BTreeMap<&'static str, &'static str>, old: &'static str| {
            names.get(old).copied().unwrap_or(old)
        };
        let (zone, topic) = (now(&self.zones, ZONES[0]), now(&self.topics, TOPICS[0]));
        for (number, (old, content)) in project.envs.iter().enumerate() {
            let env = now(&self.envs, old);
            let vpcs = if number % 2 == 1 { [Ref::to(env, "vpc")].into() } else { BTreeSet::new() };
            let domain = format!("d{number}.example");
            let zone_path = format!("zone/{zone}");
            let record = RecordSet {
                zone: Ref::to(env, &zone_path),
                name: format!("www.{domain}"),
                record: "A".to_owned(),
                ttl: Some(60),
                target: RecordTarget::Values(["203.0.113.1".to_owned()].into()),
            };
            let topic_path = format!("topic/{topic}");
            let alarm = |name: String, dimensions: BTreeSet<Dimension>| Alarm {
                name,
                description: String::new(),
                namespace: "AWS/EC2".to_owned(),
                metric: "CPUUtilization".to_owned(),
                dimensions,
                statistic: "Average".to_owned(),
                comparison: "GreaterThanThreshold".to_owned(),
                threshold: "95".to_owned(),
                period: 60,
                periods: 3,
                missing: "missing".to_owned(),
                actions: [Ref::to(env, &topic_path)].into(),
                ok_actions: BTreeSet::new(),
            };
            let mut parts: Vec<(String, Resource)> = vec![
                (format!("{zone_path}/record/www"), record.into()),
                (zone_path, HostedZone { domain, vpcs, comment: String::new() }.into()),
                (
                    topic_path.clone(),
                    Topic {
                        name: format!("shop_{env}_{topic}"),
                        subscriptions: BTreeSet::new(),
                        publishers: BTreeSet::new(),
                    }
                    .into(),
                ),
                ("alarm/all".to_owned(), alarm(format!("shop_{env}_all"), BTreeSet::new()).into()),
            ];
            for host in content.machines.keys().filter(|_| !content.nets.is_empty()) {
                let host = now(&self.hosts, host);
                let group = DimensionValue::Of(Ref::to(env, &format!("hostclass/{host}/group")));
                let dimension = Dimension { name: "AutoScalingGroupName".to_owned(), value: group };
                let alarm = alarm(format!("shop_{env}_{host}"), [dimension].into());
                parts.push((format!("hostclass/{host}/alarm/cpu"), alarm.into()));
            }
            for (path, resource) in parts {
                let address = Address::new(env, &path);
                let tags = address.ownership_tags(super::world::PROJECT);
                let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
                let node = Node {
                    resource,
                    region: super::world::REGIONS[content.region].to_owned(),
                    tags: tags.into(),
                    after: BTreeSet::new(),
                    origin: super::lowering::origin(4),
                    protect: None,
                    provenance: BTreeMap::new(),
                };
                ir.resources.insert(address, node);
            }
        }
    }

    /// The program under its new names, part by part of each address. It uses nothing of the engine.
    pub(super) fn renamed(&self, ir: &Ir) -> Ir {
        let env = |name: &str| self.envs.get(name).copied().unwrap_or(name).to_owned();
        let address = |address: &Address| {
            let mut parts: Vec<String> = address.as_str().split('/').map(str::to_owned).collect();
            parts[0] = env(&parts[0]);
            match parts[1].as_str() {
                "hostclass" => {
                    parts[2] =
                        self.hosts.get(parts[2].as_str()).map_or(parts[2].clone(), |new| (*new).to_owned());
                }
                "peering" => parts[2] = env(&parts[2]),
                net => parts[1] = self.nets.get(net).map_or(net.to_owned(), |new| (*new).to_owned()),
            }
            let mut ends = [parts[0].clone(), parts.get(2).cloned().unwrap_or_default()];
            if parts[1] == "peering" && ends[0] > ends[1] {
                ends.reverse();
                return Address::parse(&format!("{}/peering/{}", ends[0], ends[1]));
            }
            Address::parse(&parts.join("/"))
        };
        let reference = |reference: &Ref| match reference {
            Ref::To(to) => Ref::To(address(to)),
            other => other.clone(),
        };
        let name = |name: &str| {
            let (of, rest) = name.split_once(['_', '-']).unwrap();
            let separator = if name.as_bytes()[of.len()] == b'_' { '_' } else { '-' };
            format!("{}{separator}{}", env(of), self.hosts.get(rest).copied().unwrap_or(rest))
        };
        let resource = |resource: &Resource| {
            let mut resource = resolve(resource, &mut |of| reference(of));
            match &mut resource {
                Resource::AutoScalingGroup(of) => of.prefix = name(&of.prefix),
                Resource::ClassicLoadBalancer(of) => of.name = name(&of.name),
                Resource::LaunchTemplate(of) => of.name = name(&of.name),
                Resource::SecurityGroup(of) => of.name = name(&of.name),
                Resource::PeeringConnection(of) => {
                    let (a, b) = (of.requester.clone(), of.accepter.clone());
                    if let (Ref::To(one), Ref::To(other)) = (&a, &b)
                        && one > other
                    {
                        (of.requester, of.accepter) = (b, a);
                    }
                }
                _ => {}
            }
            resource
        };
        let mut new = Ir { project: ir.project.clone(), ..Ir::default() };
        new.environments = ir.environments.iter().map(|(name, of)| (env(name), of.clone())).collect();
        for (old, node) in &ir.resources {
            let address_now = address(old);
            let mut node = Node { resource: resource(&node.resource), ..node.clone() };
            node.after = node.after.iter().map(address).collect();
            for (tag, value) in [(ADDRESS_TAG, address_now.as_str()), (ENV_TAG, address_now.env())] {
                if let Some(tag) = node.tags.get_mut(tag) {
                    value.clone_into(tag);
                }
            }
            new.resources.insert(address_now, node);
        }
        for (barrier, members) in &ir.barriers {
            new.barriers.insert(address(barrier), members.iter().map(address).collect());
        }
        new
    }
}

/// Kind and AWS id of what a rename keeps.
pub(super) fn kept(found: &[Found]) -> BTreeSet<(Kind, String)> {
    let kept = found.iter().filter(|found| found.resource.kind().schema().renamed == Renamed::Kept);
    kept.map(|found| (found.resource.kind(), found.id.clone())).collect()
}

/// One region for all environments: a connection between two regions is made anew if the names turn its ends around.
pub(super) fn in_one_region(mut project: Project) -> Project {
    project.envs.values_mut().for_each(|env| env.region = 0);
    project
}

async fn renamed(project: Project, mask: u64, seed: u64) {
    let project = in_one_region(project);
    let world = World::new();
    let bare = world.lower(&project);
    let mut before = bare.clone();
    Names::default().watch(&project, &mut before);
    world.apply(&before, &Coverage::default()).await;
    let ids = kept(&world.ours());
    let names = Names::of(&project, mask);
    let mut after = names.rename(&bare);
    names.watch(&project, &mut after);
    let mut unsaid = names.renamed(&bare);
    names.watch(&project, &mut unsaid);
    world.memory.shuffle(seed);
    let steps = plan(&after, &world.observe().await, &Coverage::default(), NOW);
    let worst = steps.steps.iter().map(|step| step.risk).max().unwrap_or_default();
    assert_eq!(worst, Risk::Safe, "{:#?}", steps.steps);
    assert!(steps.unnamed_ends().is_empty(), "{:#?}", steps.unnamed_ends());
    world.apply(&after, &Coverage::default()).await;
    assert_eq!(kept(&world.ours()), ids, "{names:?}");
    assert_is(&world, &after);
    // The lines do no harm when everything has moved, and the program stays as it is when they are gone.
    for lines in [after.clone(), unsaid] {
        let again = plan(&lines, &world.observe().await, &Coverage::default(), NOW);
        assert!(again.is_empty(), "{:#?}", again.steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_rename_keeps_every_id_and_the_world_is_the_program(
        project in project(), mask in any::<u64>(), seed in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(renamed(project, mask, seed));
    }
}

#[tokio::test]
async fn an_environment_is_planned_under_both_of_its_names() {
    let project = super::plan::small();
    let world = World::with(&project).await;
    let names = Names::of_environment("ci", "qa");
    let after = names.rename(&world.lower(&project));
    let mut scope = only(&["qa"]);
    scope.follow(&after.moved);
    let plan = plan(&after, &world.observe().await, &scope, NOW);
    let leased: BTreeSet<String> =
        plan.scopes().into_values().flatten().map(|scope| scope.as_str().to_owned()).collect();
    assert_eq!(leased, BTreeSet::from(["ci".to_owned(), "qa".to_owned()]), "an old program may be at work");
    assert!(plan.steps.iter().all(|step| step.moved_from.is_some()), "{:#?}", plan.steps);
}

#[tokio::test]
async fn two_live_environments_are_not_one_that_moved() {
    let mut project = super::plan::small();
    let other = project.envs["ci"].clone();
    project.envs.insert("qa", super::world::Env { block: 1, ..other });
    let world = World::with(&project).await;
    let mut after = world.lower(&project);
    after.resources.retain(|address, _| address.env() != "ci");
    after.environments.remove("ci");
    after.moved.insert("ci".to_owned(), "qa".to_owned());
    after.renames.push(Rename {
        text: "env ci -> qa".to_owned(),
        from: BTreeSet::from(["ci".to_owned()]),
        origin: super::lowering::origin(3),
    });
    let plan = plan(&after, &world.observe().await, &Coverage::default(), NOW);
    assert!(plan.steps.iter().all(|step| step.moved_from.is_none()), "{:#?}", plan.steps);
    assert!(plan.notes.contains(&Note::BothLive { old: "ci".to_owned(), new: "qa".to_owned() }));
    assert_eq!(plan.unnamed_ends().len(), 1, "what would end is asked about");
}
