//! What serves in an account, as its users see it: by the clients of AWS alone.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::ADDRESS_TAG;
use aws_sdk_autoscaling::types::LifecycleState;
use aws_sdk_ec2::types::{NatGatewayState, NetworkInterface, Tag};
use aws_sdk_elasticloadbalancingv2::types::{Listener, TargetHealthStateEnum};
use aws_sdk_route53::types::{ResourceRecordSet, RrType};

use crate::account::Account;

/// One line for each thing that serves: a name, a port behind a name, a number of instances in service, a way out of a
/// subnet, an address.
pub(super) type Facts = BTreeSet<String>;

/// What serves now.
pub(super) async fn of(account: &Account) -> Facts {
    let mut facts = Facts::new();
    let open = open_groups(account).await;
    let mut ports = newer(account, &open).await;
    ports.extend(classic(account, &open).await);
    names(account, &ports, &mut facts).await;
    groups(account, &open, &mut facts).await;
    ways_out(account, &mut facts).await;
    static_addresses(account, &mut facts).await;
    facts
}

/// The ports that lead to a healthy instance, by the DNS name of the load balancer.
type Ports = BTreeMap<String, BTreeSet<i32>>;

/// The security groups that let something in.
async fn open_groups(account: &Account) -> BTreeSet<String> {
    let groups = account.by_hand.describe_security_groups().send().await.unwrap();
    let open = groups.security_groups().iter().filter(|group| !group.ip_permissions().is_empty());
    open.filter_map(|group| group.group_id.clone()).collect()
}

/// Whether a member of these groups lets something in. A Network Load Balancer has none, and lets in everything.
fn is_open(groups: &[String], open: &BTreeSet<String>) -> bool {
    groups.is_empty() || groups.iter().any(|group| open.contains(group))
}

async fn newer(account: &Account, open: &BTreeSet<String>) -> Ports {
    let client = aws_sdk_elasticloadbalancingv2::Client::new(&account.sdk);
    let mut ports = Ports::new();
    for balancer in client.describe_load_balancers().send().await.unwrap().load_balancers() {
        if !is_open(balancer.security_groups(), open) {
            continue;
        }
        let call = client.describe_listeners().set_load_balancer_arn(balancer.load_balancer_arn.clone());
        // It may have gone meanwhile.
        let Ok(listeners) = call.send().await else { continue };
        for listener in listeners.listeners() {
            let mut is_served = false;
            for group in weighted(listener) {
                let call = client.describe_target_health().target_group_arn(group).send().await;
                let targets = call.map(|seen| seen.target_health_descriptions.unwrap_or_default());
                is_served |= targets.unwrap_or_default().iter().any(|target| {
                    let health = target.target_health().and_then(|health| health.state());
                    health == Some(&TargetHealthStateEnum::Healthy)
                });
            }
            if is_served {
                let name = balancer.dns_name().unwrap().to_lowercase();
                ports.entry(name).or_default().insert(listener.port().unwrap());
            }
        }
    }
    ports
}

/// The target groups that a listener sends requests to.
fn weighted(listener: &Listener) -> Vec<String> {
    let mut found = Vec::new();
    for action in listener.default_actions() {
        let groups = action
            .forward_config()
            .map(aws_sdk_elasticloadbalancingv2::types::ForwardActionConfig::target_groups)
            .unwrap_or_default();
        let groups = groups.iter().filter(|group| group.weight() != Some(0));
        let before = found.len();
        found.extend(groups.filter_map(|group| group.target_group_arn.clone()));
        if found.len() == before {
            found.extend(action.target_group_arn.clone());
        }
    }
    found
}

async fn classic(account: &Account, open: &BTreeSet<String>) -> Ports {
    let client = aws_sdk_elasticloadbalancing::Client::new(&account.sdk);
    let mut ports = Ports::new();
    for balancer in client.describe_load_balancers().send().await.unwrap().load_balancer_descriptions() {
        if !is_open(balancer.security_groups(), open) {
            continue;
        }
        let call =
            client.describe_instance_health().set_load_balancer_name(balancer.load_balancer_name.clone());
        let Ok(seen) = call.send().await else { continue };
        if seen.instance_states().iter().any(|instance| instance.state() == Some("InService")) {
            let listeners = balancer.listener_descriptions().iter().filter_map(|one| one.listener());
            let open =
                listeners.map(aws_sdk_elasticloadbalancing::types::Listener::load_balancer_port).collect();
            ports.insert(balancer.dns_name().unwrap().to_lowercase(), open);
        }
    }
    ports
}

/// Names of records, and the ports behind them.
async fn names(account: &Account, ports: &Ports, facts: &mut Facts) {
    let client = aws_sdk_route53::Client::new(&account.sdk);
    for zone in client.list_hosted_zones().send().await.unwrap().hosted_zones() {
        let Ok(seen) = client.list_resource_record_sets().hosted_zone_id(zone.id()).send().await else {
            continue;
        };
        for set in seen.resource_record_sets() {
            if matches!(set.r#type(), RrType::Ns | RrType::Soa | RrType::Txt) {
                continue;
            }
            facts.insert(format!("name {}", set.name()));
            let behind = aims(set).into_iter().filter_map(|aim| ports.get(&aim)).flatten();
            facts.extend(behind.map(|port| format!("{}:{port}", set.name())));
        }
    }
}

/// What a record leads to.
fn aims(set: &ResourceRecordSet) -> Vec<String> {
    let values = set.resource_records().iter().map(aws_sdk_route53::types::ResourceRecord::value);
    let alias = set.alias_target().map(aws_sdk_route53::types::AliasTarget::dns_name);
    let plain = |name: &str| name.trim_end_matches('.').trim_start_matches("dualstack.").to_lowercase();
    values.chain(alias).map(plain).collect()
}

/// How many instances of each group are in service and let something in.
async fn groups(account: &Account, open: &BTreeSet<String>, facts: &mut Facts) {
    let seen = account.by_hand.describe_instances().send().await.unwrap();
    let instances = seen.reservations().iter().flat_map(aws_sdk_ec2::types::Reservation::instances);
    let opened: BTreeSet<String> = instances
        .filter(|instance| {
            let groups = instance.security_groups().iter().filter_map(|group| group.group_id.clone());
            is_open(&groups.collect::<Vec<_>>(), open)
        })
        .filter_map(|instance| instance.instance_id.clone())
        .collect();
    let client = aws_sdk_autoscaling::Client::new(&account.sdk);
    let mut in_service: BTreeMap<String, usize> = BTreeMap::new();
    for group in client.describe_auto_scaling_groups().send().await.unwrap().auto_scaling_groups() {
        let address = group.tags().iter().find(|tag| tag.key() == Some(ADDRESS_TAG));
        let address = address.and_then(|tag| tag.value()).unwrap_or("none").to_owned();
        let instances = group.instances().iter();
        let instances = instances.filter(|one| one.instance_id().is_some_and(|id| opened.contains(id)));
        let states = instances.map(|instance| instance.lifecycle_state());
        *in_service.entry(address).or_default() +=
            states.filter(|state| *state == Some(&LifecycleState::InService)).count();
    }
    for (address, number) in in_service {
        facts.extend((1..=number).map(|at| format!("{at} of {address}")));
    }
}

/// Private addresses that an interface holds for instances.
async fn static_addresses(account: &Account, facts: &mut Facts) {
    let seen = account.by_hand.describe_network_interfaces().send().await.unwrap();
    let declared =
        |interface: &&NetworkInterface| interface.tag_set().iter().any(|tag| tag.key() == Some(ADDRESS_TAG));
    let addresses = seen.network_interfaces().iter().filter(declared);
    facts.extend(addresses.filter_map(|one| Some(format!("static address {}", one.private_ip_address()?))));
}

/// Subnets with a way to the internet, and the addresses that are seen there.
async fn ways_out(account: &Account, facts: &mut Facts) {
    let ec2 = &account.by_hand;
    let tag = |tags: &[Tag]| {
        let address = tags.iter().find(|tag| tag.key() == Some(ADDRESS_TAG));
        address.and_then(|tag| tag.value()).map(ToOwned::to_owned)
    };
    let nats = ec2.describe_nat_gateways().send().await.unwrap();
    let nats = nats.nat_gateways().iter().filter(|nat| nat.state() == Some(&NatGatewayState::Available));
    let mut out: BTreeSet<String> = BTreeSet::new();
    for nat in nats {
        out.extend(nat.nat_gateway_id.clone());
        let addresses = nat.nat_gateway_addresses().iter().filter_map(|address| address.public_ip());
        facts.extend(addresses.map(|address| format!("traffic leaves from {address}")));
    }
    let addresses = ec2.describe_addresses().send().await.unwrap();
    facts
        .extend(addresses.addresses().iter().filter_map(|one| Some(format!("address {}", one.public_ip()?))));
    let subnets = ec2.describe_subnets().send().await.unwrap();
    let subnets = subnets.subnets().iter();
    let subnets: BTreeMap<&str, Option<String>> =
        subnets.filter_map(|subnet| Some((subnet.subnet_id()?, tag(subnet.tags())))).collect();
    for table in ec2.describe_route_tables().send().await.unwrap().route_tables() {
        let leads_out = table.routes().iter().any(|route| {
            let is_default = route.destination_cidr_block() == Some("0.0.0.0/0");
            let is_open = route.gateway_id().is_some_and(|id| id.starts_with("igw-"))
                || route.nat_gateway_id().is_some_and(|id| out.contains(id));
            is_default && is_open
        });
        for association in table.associations().iter().filter(|_| leads_out) {
            let subnet = association.subnet_id().and_then(|id| subnets.get(id)?.clone());
            facts.extend(subnet.map(|subnet| format!("{subnet} has a way out")));
        }
    }
}
