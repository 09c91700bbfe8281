//! What there is to know of a step in a few words.

use asiaq_ir::{GroupSize, Ref, Resource};
use asiaq_runtime::{Action, Plan, Step};

use crate::ui::text::{age, count, reference, route};

/// Of what is made the particulars, of what goes or changes the id that AWS gave it.
pub(super) fn of(plan: &Plan, step: &Step) -> String {
    let image = match step.wanted() {
        Some(Resource::LaunchTemplate(template)) => about(plan, &template.image),
        _ => String::new(),
    };
    match &step.action {
        Action::Create { node } => particulars(&node.resource, step.address.env()) + &image,
        Action::Update { live, .. } | Action::Replace { live, .. } => live.id.clone() + &image,
        Action::Delete { live } => live.id.clone(),
    }
}

/// Stage and age of an image, as far as they are known.
fn about(plan: &Plan, image: &Ref) -> String {
    let Some(known) = image.id().and_then(|id| plan.images.get(id)) else { return String::new() };
    let stage = known.tags.get("stage").map_or("no stage", String::as_str);
    let age = match age(&known.created, &plan.now) {
        Some(age) if age.ends_with('s') => ", new".to_owned(),
        Some(age) => format!(", {age} old"),
        None => String::new(),
    };
    format!(" ({stage}{age})")
}

fn particulars(resource: &Resource, env: &str) -> String {
    match resource {
        Resource::DhcpOptions(options) => options.domain_name.clone().unwrap_or_default(),
        Resource::Vpc(vpc) => vpc.cidr.to_string(),
        Resource::Subnet(subnet) => format!("{} {}", subnet.cidr, subnet.zone),
        Resource::RouteTable(table) => {
            table.routes.iter().map(|line| route(line, env)).collect::<Vec<_>>().join(", ")
        }
        Resource::IngressRules(rules) => count(rules.rules.len(), "rule"),
        Resource::GatewayEndpoint(endpoint) => count(endpoint.route_tables.len(), "route table"),
        Resource::NetworkInterface(interface) => interface.address.to_string(),
        Resource::VpnAttachment(attachment) => reference(&attachment.gateway),
        Resource::LaunchTemplate(template) => {
            format!("{} {}", template.instance_type, reference(&template.image))
        }
        Resource::AutoScalingGroup(group) => {
            let GroupSize { min, desired, max } = group.initial;
            format!("{min}..{max}, {} at first", count(desired as usize, "machine"))
        }
        Resource::SmokeTest(test) => format!("of {}", reference(&test.image)),
        Resource::ClassicLoadBalancer(balancer) => count(balancer.listeners.len(), "listener"),
        Resource::LoadBalancer(balancer) => count(balancer.listeners.len(), "listener"),
        Resource::TargetGroup(group) => format!("{} {}", group.protocol, group.port),
        Resource::HostedZone(zone) => zone.domain.clone(),
        Resource::RecordSet(record) => format!("{} {}", record.record, record.name),
        Resource::Topic(topic) => count(topic.subscriptions.len(), "subscription"),
        Resource::LogGroup(group) => group.name.clone(),
        Resource::Alarm(alarm) => alarm.name.clone(),
        Resource::PeeringConnection(_)
        | Resource::InternetGateway(_)
        | Resource::SecurityGroup(_)
        | Resource::ElasticIp(_)
        | Resource::NatGateway(_) => String::new(),
    }
}
