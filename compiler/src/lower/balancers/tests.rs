//! Programs in, resources out, in accounts that hold something.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    Address, CertificateFact, Facts, HostedZoneFact, ImageFact, Ir, Node, Ref, RegionFacts, Resource,
};

use crate::{Checked, Lowered, fixture};

/// A project whose environment `ci` runs the hostclasses `front`, which says `front`, and `queue`; the environment
/// says `ci`, and `more` follows.
fn checked(front: &str, ci: &str, more: &str) -> Checked {
    let text = format!(
        "project shop {{ region = us-west-2, domain = \"dev.shop.example\" }}
env ci {{ cidr = auto /20 in 10.0.0.0/8, zones = 2, metanetwork app {{}}, pipeline = both, {ci} }}
hostclass front {{ network = app, {front} }}
hostclass queue {{
  network      = app
  product_line = \"post\"
  lb {{ kind = network, listeners = [tls 5671 -> tcp 5672, tcp 25 -> tcp 25] }}
}}
pipeline both {{ stage {{ run front {{ desired = 1 }}, run queue {{ desired = 1 }} }} }}
{more}
"
    );
    let checked = fixture::check(&text);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    checked
}

fn zone(id: &str, domain: &str, is_private: bool) -> HostedZoneFact {
    HostedZoneFact { id: id.to_owned(), domain: domain.to_owned(), is_private, address: None, is_used: false }
}

fn certificate(arn: &str, name: &str) -> CertificateFact {
    CertificateFact {
        arn: arn.to_owned(),
        names: vec![name.to_owned()],
        is_of_iam: false,
        issued: "2026".to_owned(),
    }
}

fn account(hosted_zones: Vec<HostedZoneFact>, certificates: Vec<CertificateFact>) -> Facts {
    let image = |host: &str| ImageFact {
        id: format!("ami-{host}"),
        name: format!("{host} 1760000000"),
        owner: "123456789012".to_owned(),
        created: "2026-01-01T00:00:00.000Z".to_owned(),
        is_available: true,
        tags: BTreeMap::from([("productline".to_owned(), "post".to_owned())]),
        root_device: "/dev/xvda".to_owned(),
        root_size: Some(8),
        architecture: "x86_64".to_owned(),
    };
    let region = RegionFacts {
        zones: vec!["us-west-2a".to_owned(), "us-west-2b".to_owned()],
        images: vec![image("front"), image("queue")],
        hosted_zones,
        certificates,
        ..RegionFacts::default()
    };
    Facts { regions: BTreeMap::from([("us-west-2".to_owned(), region)]), ..Facts::default() }
}

fn node<'i>(ir: &'i Ir, path: &str) -> &'i Node {
    let found = ir.resources.get(&Address::new("ci", path));
    found.unwrap_or_else(|| panic!("{path} is not among {:#?}", ir.resources.keys()))
}

fn zone_of(lowered: &Lowered, path: &str) -> Ref {
    match &node(&lowered.ir, path).resource {
        Resource::RecordSet(record) => record.zone.clone(),
        other => panic!("{other:?}"),
    }
}

fn certificate_of(lowered: &Lowered) -> Option<Ref> {
    match &node(&lowered.ir, "hostclass/front/elb").resource {
        Resource::ClassicLoadBalancer(balancer) => balancer.listeners.first().unwrap().certificate.clone(),
        other => panic!("{other:?}"),
    }
}

/// What is wrong in view of the account.
fn said(lowered: &Lowered) -> Vec<String> {
    let shown = |found: &asiaq_lang::Diagnostic| {
        format!("{}: {} ({})", found.code, found.message, found.help.as_deref().unwrap_or_default())
    };
    lowered.diagnostics.iter().map(shown).collect()
}

const RECORD: &str = "hostclass/front/elb/record/front-ci";

#[test]
fn machines_register_with_what_their_hostclass_has() {
    let ir = checked("elb {}", "", "").lower(&Facts::default()).ir;
    let of = |host: &str| match &node(&ir, &format!("hostclass/{host}/group")).resource {
        Resource::AutoScalingGroup(group) => (group.load_balancers.clone(), group.target_groups.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(of("front"), (BTreeSet::from([Ref::to("ci", "hostclass/front/elb")]), BTreeSet::new()));
    let groups = ["25", "5672"].map(|port| Ref::to("ci", &format!("hostclass/queue/lb/target-group/{port}")));
    assert_eq!(of("queue"), (BTreeSet::new(), BTreeSet::from(groups)));
}

#[test]
fn the_group_of_a_load_balancer_that_is_not_wanted_is_left_alone() {
    let ir = checked("elb { enabled = false }", "", "").lower(&Facts::default()).ir;
    match &node(&ir, "hostclass/front/group").resource {
        Resource::AutoScalingGroup(group) => assert_eq!(group.load_balancers, BTreeSet::new()),
        other => panic!("{other:?}"),
    }
    assert!(ir.resources.keys().all(|address| !address.as_str().contains("/elb")));
}

#[test]
fn load_balancers_are_tagged_with_what_they_are_for() {
    let ir = checked("elb {}", "", "").lower(&Facts::default()).ir;
    let tag = |path: &str, key: &str| node(&ir, path).tags.get(key).cloned();
    for (path, product_line, name) in [
        ("hostclass/front/elb", "unknown", "ci-front"),
        ("hostclass/queue/lb", "post", "ci-queue"),
        ("hostclass/queue/lb/target-group/25", "post", "ci-queue-25-tcp"),
    ] {
        assert_eq!(tag(path, "productline").as_deref(), Some(product_line), "{path}");
        assert_eq!(tag(path, "Name").as_deref(), Some(name), "{path}");
        assert_eq!(tag(path, "environment").as_deref(), Some("ci"), "{path}");
        assert_eq!(tag(path, "is_testing").as_deref(), Some("0"), "{path}");
        assert_eq!(tag(path, "asiaq:address"), Some(format!("ci/{path}")));
    }
    // Its tags are in the mark beside it.
    assert_eq!(tag(RECORD, "asiaq:address"), Some(format!("ci/{RECORD}")));
}

#[test]
fn a_name_goes_into_the_public_zone_it_lies_deepest_in() {
    let zones = || {
        vec![
            zone("Z1", "shop.example", false),
            zone("Z2", "Dev.Shop.example", false),
            zone("Z3", "dev.shop.example", true),
            zone("Z4", "v.shop.example", false),
        ]
    };
    let some = vec![certificate("arn:queue", "queue-ci.dev.shop.example")];
    let lowered = checked("elb {}", "", "").lower(&account(zones(), some.clone()));
    assert_eq!(said(&lowered), Vec::<String>::new());
    assert_eq!(zone_of(&lowered, RECORD), Ref::Id("Z2".to_owned()));
    let declared = checked("elb {}", "zone own { domain = \"shop.example\" }", "");
    assert_eq!(zone_of(&declared.lower(&account(zones(), some)), RECORD), Ref::to("ci", "zone/own"));
}

#[test]
fn of_two_declared_zones_the_private_one_is_for_internal_names() {
    let zones = "zone world { domain = \"dev.shop.example\" }
  zone inside { domain = \"dev.shop.example\", private = true }
  metanetwork edge { routes = [internet via igw] }";
    let of = |front: &str| zone_of(&checked(front, zones, "").lower(&Facts::default()), RECORD);
    assert_eq!(of("elb {}"), Ref::to("ci", "zone/inside"));
    assert_eq!(of("elb { public = true, network = edge }"), Ref::to("ci", "zone/world"));
}

#[test]
fn a_name_in_no_zone_is_said_with_the_zones_there_are() {
    let some = vec![certificate("arn:queue", "queue-ci.dev.shop.example")];
    let zones = vec![zone("Z1", "other.example", false), zone("Z2", "dev.shop.example", true)];
    let lowered = checked("elb {}", "", "").lower(&account(zones, some.clone()));
    let found = said(&lowered);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(
        found[0],
        "zone-unknown: the account has no hosted zone for `front-ci.dev.shop.example` (its public hosted zones are \
         `other.example`: declare a `zone`, or change `domain`)"
    );
    let more = "env common { cidr = 10.200.0.0/20, zone main { domain = \"shop.example\" } }";
    let found = said(&checked("elb {}", "", more).lower(&account(Vec::new(), some)));
    assert!(found[0].ends_with("(`common` declares one: apply that environment first)"), "{found:#?}");
}

#[test]
fn certificates_are_looked_for_by_the_name_that_clients_use() {
    let facts = || {
        account(
            vec![zone("Z1", "shop.example", false)],
            vec![
                certificate("arn:own", "front-ci.dev.shop.example"),
                certificate("arn:www", "www.dev.shop.example"),
                certificate("arn:any", "*.dev.shop.example"),
                certificate("arn:bare", "shop.example"),
            ],
        )
    };
    let of = |front: &str| certificate_of(&checked(front, "", "").lower(&facts()));
    let id = |arn: &str| Some(Ref::Id(arn.to_owned()));
    assert_eq!(of("elb { listeners = [https] }"), id("arn:own"));
    assert_eq!(of("elb { listeners = [https], dns_alias = \"www\" }"), id("arn:www"));
    assert_eq!(of("elb { listeners = [https], dns_alias = \"web\" }"), id("arn:any"));
    assert_eq!(of("elb { listeners = [https], certificate = \"shop.example\" }"), id("arn:bare"));
    assert_eq!(of("elb {}"), None);
    let front = "domain = \"shop.example\", elb { listeners = [https] }";
    let lowered = checked(front, "", "").lower(&facts());
    assert_eq!(certificate_of(&lowered), None);
    assert_eq!(
        said(&lowered),
        [
            "certificate-unknown: the account has no certificate for `front-ci.shop.example` in us-west-2 (did you \
          mean `front-ci.dev.shop.example`?; request one first, or name one with `certificate`)"
        ]
    );
}

#[test]
fn what_decided_is_cited() {
    let ir = checked("elb {\n  listeners = [http 80,\n    http 81]\n}", "", "").lower(&Facts::default()).ir;
    let balancer = node(&ir, "hostclass/front/elb");
    assert_eq!(balancer.cite("listeners", Some("81")).line, 5);
    assert_eq!(balancer.cite("listeners", None).line, 4);
    assert_eq!(balancer.cite("scheme", None).file, "std/elb");
}
