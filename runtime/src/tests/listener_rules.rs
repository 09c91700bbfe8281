//! Rules that somebody added to listeners stay, or the plan says that they go.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::*;

use super::lowering::origin;
use super::world::{NOW, PROJECT, REGIONS};
use crate::{Action, Coverage, Found, Note, Observed, Plan, own_name, plan};

const BALANCER: &str = "hostclass/web/lb";

fn arn(port: u16) -> String {
    format!("arn:group-{port}")
}

fn path(port: u16) -> String {
    format!("hostclass/web/lb/target-group/{port}")
}

/// A load balancer whose listeners forward to target groups: port of the listener, port of the group.
fn program(scheme: Scheme, listeners: &[(u16, u16)]) -> Ir {
    let listener = |(port, group): &(u16, u16)| Listener {
        port: *port,
        protocol: "HTTP".to_owned(),
        certificate: None,
        tls_policy: None,
        further_certificates: None,
        target: Some(Ref::to("ci", &path(*group))),
        redirect: None,
    };
    let balancer = LoadBalancer {
        name: "ci-web".to_owned(),
        family: BalancerFamily::Application,
        scheme,
        subnets: [Ref::Id("subnet-1".to_owned()), Ref::Id("subnet-2".to_owned())].into(),
        groups: BTreeSet::new(),
        listeners: listeners.iter().map(listener).collect(),
        listener_rules: BTreeSet::new(),
        idle_timeout: Some(60),
        cross_zone: None,
        attributes: BTreeMap::new(),
    };
    let group = |port: u16| TargetGroup {
        name: format!("ci-web-{port}"),
        vpc: Ref::Id("vpc-1".to_owned()),
        protocol: "HTTP".to_owned(),
        port,
        health_check: TargetHealthCheck {
            protocol: "HTTP".to_owned(),
            port,
            path: Some("/".to_owned()),
            interval: 30,
            timeout: 5,
            unhealthy: 2,
            healthy: 2,
        },
        draining: 300,
        stickiness: None,
        attributes: BTreeMap::new(),
    };
    let groups: BTreeSet<u16> = listeners.iter().map(|(_, group)| *group).collect();
    let groups = groups.into_iter().map(|port| (path(port), group(port).into()));
    let resources = groups.chain([(BALANCER.to_owned(), balancer.into())]);
    let environment = Environment {
        region: REGIONS[0].to_owned(),
        account: None,
        account_name: None,
        protect: false,
        secrets: None,
        origin: origin(1),
    };
    let mut ir = Ir {
        project: PROJECT.to_owned(),
        environments: BTreeMap::from([("ci".to_owned(), environment)]),
        ..Ir::default()
    };
    for (path, resource) in resources {
        let address = Address::new("ci", &path);
        let tags = address.ownership_tags(PROJECT);
        let node = Node {
            resource,
            region: REGIONS[0].to_owned(),
            tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            after: BTreeSet::new(),
            origin: origin(1),
            protect: None,
            provenance: BTreeMap::new(),
        };
        ir.resources.insert(address, node);
    }
    ir
}

fn rule(port: u16, priority: u32, targets: &[String]) -> ListenerRule {
    ListenerRule {
        port,
        priority,
        text: format!("path-pattern /{priority}/* → forward"),
        targets: targets.iter().cloned().map(Ref::Id).collect(),
        has_secret: false,
        arn: format!("arn:rule-{port}-{priority}"),
    }
}

/// An account in which `ir` has been applied, and somebody has added `rules`.
fn live(ir: &Ir, rules: &[ListenerRule]) -> Observed {
    let id = |address: &Address| match address.path().rsplit_once("target-group/") {
        Some((_, port)) => arn(port.parse().unwrap()),
        None => "arn:balancer".to_owned(),
    };
    let found = ir.resources.iter().map(|(address, node)| {
        let mut resource = resolve(&node.resource, &mut |reference| match reference {
            Ref::To(address) => Ref::Id(id(address)),
            Ref::Id(_) | Ref::Find(_) => reference.clone(),
        });
        if let Resource::LoadBalancer(balancer) = &mut resource {
            balancer.listener_rules = rules.iter().cloned().collect();
        }
        let name = own_name(&resource, &id(address)).map(|name| (NAME_TAG.to_owned(), name));
        Found {
            address: address.clone(),
            id: id(address),
            region: node.region.clone(),
            tags: node.tags.clone().into_iter().chain(name).collect(),
            resource,
        }
    });
    Observed { found: found.collect(), ..Observed::default() }
}

fn planned(before: &Ir, rules: &[ListenerRule], after: &Ir) -> Plan {
    plan(after, &live(before, rules), &Coverage::default(), NOW)
}

/// The rules that the load balancer has after the plan: priority, and what it forwards to.
fn rules_after(plan: &Plan) -> Vec<(u32, Vec<Ref>)> {
    let mut wanted = plan.steps.iter().filter_map(|step| match &step.action {
        Action::Create { .. } => None,
        _ => step.wanted(),
    });
    let balancer = wanted.find_map(|wanted| match wanted {
        Resource::LoadBalancer(balancer) => Some(balancer),
        _ => None,
    });
    let rules = balancer.unwrap().listener_rules.iter();
    rules.map(|rule| (rule.priority, rule.targets.clone())).collect()
}

fn lost(plan: &Plan) -> Vec<&str> {
    let mut rules = Vec::new();
    for note in &plan.notes {
        if let Note::LosesRules { rules: lost, .. } = note {
            rules.extend(lost.iter().map(String::as_str));
        }
    }
    rules
}

#[test]
fn rules_are_no_difference() {
    let ir = program(Scheme::Internal, &[(80, 8080), (81, 9090)]);
    let rules = [rule(80, 1, &[]), rule(80, 2, &[arn(8080), "arn:other".to_owned()])];
    let plan = planned(&ir, &rules, &ir);
    assert_eq!((plan.steps, plan.notes), (vec![], vec![]));
}

#[test]
fn a_rule_follows_the_target_group_of_its_listener() {
    let before = program(Scheme::Internal, &[(80, 8080), (81, 9090)]);
    let rules =
        [rule(80, 1, &[]), rule(80, 2, &[arn(8080)]), rule(80, 3, &[arn(9090), "arn:other".to_owned()])];
    let plan = planned(&before, &rules, &program(Scheme::Internal, &[(80, 7070), (81, 9090)]));
    let other = Ref::Id("arn:other".to_owned());
    let expected =
        [(1, vec![]), (2, vec![Ref::to("ci", &path(7070))]), (3, vec![Ref::to("ci", &path(9090)), other])];
    assert_eq!(rules_after(&plan), expected);
    assert_eq!(plan.notes, vec![]);
}

#[test]
fn a_load_balancer_that_takes_the_place_of_another_one_gets_the_rules_that_it_can_have() {
    let before = program(Scheme::Internal, &[(80, 8080)]);
    let secret = ListenerRule { has_secret: true, ..rule(80, 4, &[]) };
    let rules = [rule(80, 1, &[]), rule(80, 2, &[arn(8080)]), rule(80, 3, &["arn:other".to_owned()]), secret];
    let plan = planned(&before, &rules, &program(Scheme::InternetFacing, &[(80, 8080)]));
    assert_eq!(rules_after(&plan), [(1, vec![]), (2, vec![Ref::to("ci", &path(8080))])]);
    assert_eq!(lost(&plan), ["port 80: path-pattern /3/* → forward", "port 80: path-pattern /4/* → forward"]);
}

#[test]
fn rules_of_a_port_that_closes_are_said_to_end() {
    let before = program(Scheme::Internal, &[(80, 8080), (81, 8080)]);
    let rules = [rule(80, 1, &[]), rule(81, 1, &[])];
    let plan = planned(&before, &rules, &program(Scheme::Internal, &[(80, 8080)]));
    assert_eq!(lost(&plan), ["port 81: path-pattern /1/* → forward"]);
    let none = Ir { resources: BTreeMap::new(), ..before.clone() };
    assert_eq!(lost(&planned(&before, &rules, &none)).len(), 2);
}

#[test]
fn a_target_group_stays_while_a_rule_forwards_to_it() {
    let before = program(Scheme::Internal, &[(80, 8080), (81, 9090)]);
    let rules = [rule(80, 1, &[arn(9090)])];
    let plan = planned(&before, &rules, &program(Scheme::Internal, &[(80, 8080)]));
    let stays = Note::TargetStays {
        address: Address::new("ci", &path(9090)),
        balancer: Address::new("ci", BALANCER),
        rule: "port 80: path-pattern /1/* → forward".to_owned(),
    };
    assert_eq!(plan.notes, [stays]);
    let kinds: Vec<Kind> = plan.steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [Kind::LoadBalancer]);
    // Its own rules end with a load balancer.
    let none = Ir { resources: BTreeMap::new(), ..before.clone() };
    let ends = planned(&before, &rules, &none).steps;
    assert_eq!(ends.len(), 3, "{ends:#?}");
}

#[test]
fn rules_survive_json() {
    let before = program(Scheme::Internal, &[(80, 8080)]);
    let found = live(&before, &[rule(80, 1, &[arn(8080)]), rule(80, 2, &[])]).found;
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Found>>(&text).unwrap(), found);
}
