//! Tests of lists whose order means nothing: an element is known by what it is, and not by its place.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Facts, Node, Resource};
use serde_json::Value;

use crate::fixture;

/// Lists whose order has a meaning, which the reference tells.
const ORDERED: [&str; 11] = [
    "ami.stages",
    "database.readers",
    "dhcp.dns",
    "dhcp.ntp",
    "env.ami_stages",
    "env.credential_buckets",
    "hostclass.termination_policies",
    "lb.certificates",
    "project.jump_hosts",
    "run.termination_policies",
    "run.types",
];

/// Lists whose order means nothing: the field, elements of it, and a program with `LIST` in their place.
const UNORDERED: [(&str, [&str; 3], &str); 41] = [
    (
        "cache.security",
        ["edge", "db", "web"],
        "env e { CIDR, cache c { engine = valkey, version = \"8.0\", type = cache.t4g.small, network = app, security = [LIST] } }",
    ),
    (
        "cors.expose",
        ["\"ETag\"", "\"Age\"", "\"Date\""],
        "env e { CIDR } account a { id = \"222222222222\", bucket b { cors c { methods = [get], origins = [\"*\"], expose = [LIST] } } }",
    ),
    (
        "cors.headers",
        ["\"x-a\"", "\"x-c\"", "\"x-b\""],
        "env e { CIDR } account a { id = \"222222222222\", bucket b { cors c { methods = [get], origins = [\"*\"], headers = [LIST] } } }",
    ),
    (
        "cors.methods",
        ["put", "get", "head"],
        "env e { CIDR } account a { id = \"222222222222\", bucket b { cors c { methods = [LIST], origins = [\"*\"] } } }",
    ),
    (
        "cors.origins",
        ["\"https://b.shop.example\"", "\"https://a.shop.example\"", "\"https://c.shop.example\""],
        "env e { CIDR } account a { id = \"222222222222\", bucket b { cors c { methods = [get], origins = [LIST] } } }",
    ),
    (
        "customer.from",
        ["app", "edge", "db"],
        "use std/classic env e : classic { CIDR, metanetwork dmz {}, metanetwork intranet {}, customer { ports = [443], from = [LIST] } }",
    ),
    (
        "customer.ports",
        ["22", "80", "443"],
        "use std/classic env e : classic { CIDR, metanetwork dmz {}, metanetwork intranet {}, customer { from = [internet], ports = [LIST] } }",
    ),
    (
        "elb.listeners",
        ["http 80 -> http 8080", "http 81 -> http 9090", "tcp 25 -> tcp 2500"],
        "env e { CIDR, pipeline = everything } hostclass h { network = app, elb { listeners = [LIST] } } RUN",
    ),
    ("endpoint.networks", ["app", "edge", "db"], "env e { CIDR, endpoint s3 { networks = [LIST] } }"),
    (
        "grant.allow",
        ["write", "read", "read_acp"],
        "env e { CIDR } account a { id = \"222222222222\", bucket b { ownership = object_writer, grant g { to = \"log_delivery\", allow = [LIST] } } }",
    ),
    (
        "group.managed",
        ["ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess"],
        "env e { CIDR } account a { id = \"222222222222\", policy x { allow s3:* on all }, policy y { allow ec2:* on all }, policy z { allow sqs:* on all }, group g { managed = [LIST] } }",
    ),
    (
        "group.policies",
        ["x", "y", "z"],
        "env e { CIDR } account a { id = \"222222222222\", policy x { allow s3:* on all }, policy y { allow ec2:* on all }, policy z { allow sqs:* on all }, group g { policies = [LIST] } }",
    ),
    (
        "hostclass.ips",
        ["+5", "+6", "+7"],
        "env e { CIDR, pipeline = everything } hostclass h { network = app, ips = [LIST] } RUN",
    ),
    (
        "hostclass.security",
        ["edge", "db", "web"],
        "env e { CIDR, pipeline = everything } hostclass h { network = app, security = [LIST] } RUN",
    ),
    (
        "image_share.bakers",
        ["\"jenkins\"", "\"alice\"", "\"release\""],
        "env e { CIDR } account a { id = \"111111111111\", image_share { to = [b], bakers = [LIST] } } account b { id = \"222222222222\" } account c { id = \"333333333333\" } account d { id = \"444444444444\" }",
    ),
    (
        "image_share.to",
        ["c", "b", "d"],
        "env e { CIDR } account a { id = \"111111111111\", image_share { to = [LIST], bakers = [\"jenkins\"] } } account b { id = \"222222222222\" } account c { id = \"333333333333\" } account d { id = \"444444444444\" }",
    ),
    (
        "index.include",
        ["\"y\"", "\"x\"", "\"z\""],
        "env e { CIDR, table t { key = \"a\", index one { key = \"b\", include = [LIST] } } }",
    ),
    (
        "lb.listeners",
        ["http 80 -> http 8080", "http 81 -> https 8080", "http 82 -> http 9090"],
        "env e { CIDR, pipeline = everything } hostclass h { network = app, lb { listeners = [LIST] } } RUN",
    ),
    (
        "log.more_types",
        ["\"slow\"", "\"access\"", "\"trace\""],
        "env e { CIDR }\nlog l { more_types = [LIST] }",
    ),
    ("log.types", ["stat", "app", "errors"], "env e { CIDR }\nlog l { types = [LIST] }"),
    (
        "metanetwork.ingress",
        ["tcp 22 from db", "tcp [80, 81] from internet", "udp 53 from 10.9.0.0/16"],
        "env e { CIDR, metanetwork own { ingress = [LIST] } }",
    ),
    (
        "metanetwork.routes",
        ["internet via igw", "10.8.0.0/16 via vgw", "10.9.0.0/16 via vgw"],
        "env e { CIDR, metanetwork own { routes = [LIST] } }",
    ),
    (
        "notification.events",
        ["\"s3:ObjectRemoved:*\"", "\"s3:ObjectCreated:*\"", "\"s3:ObjectRestore:*\""],
        "env e { CIDR } account a { id = \"222222222222\", bucket b { notification n { topic = \"arn:aws:sns:us-west-2:222222222222:t\", events = [LIST] } } }",
    ),
    (
        "project.trusted_accounts",
        ["\"111111111111\"", "\"222222222222\"", "\"333333333333\""],
        "env e { CIDR }",
    ),
    (
        "operator.groups",
        ["\"users\"", "\"ops\"", "\"wheel\""],
        "env e { CIDR, credential_buckets = [\"e\"] } operator o { groups = [LIST] }",
    ),
    (
        "operator.ssh_keys",
        [
            "\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZ1T3UukjLqPzB0U79LWmWRYqYWdoSVjwzw2qzLuT3N\"",
            "\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEOIxkugqctwX+17FuVXA7EHdZC9Q813Ldzsob7Tuwb6\"",
            "\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbWOZVnvMUBLfO4ylHjP0PqTgeDmxx6ozpTkS3Gotj2\"",
        ],
        "env e { CIDR, credential_buckets = [\"e\"] } operator o { ssh_keys = [LIST] }",
    ),
    (
        "record.values",
        ["\"203.0.113.9\"", "\"203.0.113.1\"", "\"203.0.113.5\""],
        "env e { CIDR, zone z { domain = \"shop.example\", record r { type = A, values = [LIST] } } }",
    ),
    (
        "role.managed",
        ["ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess"],
        "env e { CIDR } account a { id = \"222222222222\", policy x { allow s3:* on all }, policy y { allow ec2:* on all }, policy z { allow sqs:* on all }, role r { trust = ec2, managed = [LIST] } }",
    ),
    (
        "role.policies",
        ["x", "y", "z"],
        "env e { CIDR } account a { id = \"222222222222\", policy x { allow s3:* on all }, policy y { allow ec2:* on all }, policy z { allow sqs:* on all }, role r { trust = ec2, policies = [LIST] } }",
    ),
    (
        "database.logs",
        ["\"error\"", "\"general\"", "\"slowquery\""],
        "env e { CIDR, database d { engine = mysql, version = \"8.4\", class = db.m7g.large, storage = 20GB, network = app, logs = [LIST] } }",
    ),
    (
        "database.security",
        ["edge", "db", "web"],
        "env e { CIDR, database d { engine = mysql, version = \"8.4\", class = db.m7g.large, storage = 20GB, network = app, security = [LIST] } }",
    ),
    (
        "search.allowed",
        ["10.0.0.0/8", "nat", "203.0.113.0/24"],
        "env e { CIDR, metanetwork a { nat = auto, routes = [internet via igw] }, search s { version = \"OpenSearch_2.19\", type = m7g.large.search, storage = 10GB, allowed = [LIST] } }",
    ),
    (
        "search.security",
        ["b", "c", "d"],
        "env e { CIDR, metanetwork a {}, metanetwork b {}, metanetwork c {}, metanetwork d {}, search s { version = \"OpenSearch_2.19\", type = m7g.large.search, storage = 10GB, network = a, security = [LIST] } }",
    ),
    (
        "table.binaries",
        ["\"b\"", "\"a\"", "\"c\""],
        "env e { CIDR, table t { key = \"a\", sort = \"b\", binaries = [LIST], index one { key = \"c\" } } }",
    ),
    (
        "table.numbers",
        ["\"b\"", "\"a\"", "\"c\""],
        "env e { CIDR, table t { key = \"a\", sort = \"b\", numbers = [LIST], index one { key = \"c\" } } }",
    ),
    (
        "table.replicas",
        ["eu-west-1", "eu-central-1", "us-east-1"],
        "env e { CIDR, table t { key = \"a\", replicas = [LIST] } }",
    ),
    (
        "topic.subscribers",
        ["\"a@shop.example\"", "\"b@shop.example\"", "\"c@shop.example\""],
        "env e { CIDR } topic t { subscribers = [LIST] }",
    ),
    (
        "trail.objects",
        ["y", "z", "x"],
        "env e { CIDR } account a { id = \"222222222222\", bucket x {}, bucket y {}, bucket z {}, trail main { bucket = x, objects = [LIST] } }",
    ),
    (
        "user.groups",
        ["k", "l", "m"],
        "env e { CIDR } account a { id = \"222222222222\", policy x { allow s3:* on all }, policy y { allow ec2:* on all }, policy z { allow sqs:* on all }, group k {}, group l {}, group m {}, user u { groups = [LIST] } }",
    ),
    (
        "user.managed",
        ["ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess"],
        "env e { CIDR } account a { id = \"222222222222\", policy x { allow s3:* on all }, policy y { allow ec2:* on all }, policy z { allow sqs:* on all }, user u { managed = [LIST] } }",
    ),
    (
        "user.policies",
        ["x", "y", "z"],
        "env e { CIDR } account a { id = \"222222222222\", policy x { allow s3:* on all }, policy y { allow ec2:* on all }, policy z { allow sqs:* on all }, user u { policies = [LIST] } }",
    ),
];

/// Lists whose elements change what is there.
const CHANGING: [&str; 2] = ["table.binaries", "table.numbers"];

fn program(text: &str, elements: &[&str]) -> String {
    let networks = ["app", "edge", "db", "web"].map(|name| format!("metanetwork {name} {{}}")).join(", ");
    let zone = if text.contains("hostclass") { ", zone w { domain = \"shop.example\" }" } else { "" };
    let text = text
        .replace("LIST", &elements.join(", "))
        .replace("CIDR", &format!("cidr = 10.0.0.0/16, zones = 2, {networks}{zone}"))
        .replace("} hostclass", "}\nhostclass")
        .replace("} topic", "}\ntopic")
        .replace("} operator", "}\noperator")
        .replace("} account", "}\naccount")
        .replace("classic env", "classic\nenv")
        .replace("RUN", "\npipeline everything { stage { run h { desired = 0 } } }");
    let (uses, rest) = text.split_at(text.find("env e").unwrap());
    let trusted = if text.contains("trusted") { elements.join(", ") } else { String::new() };
    format!(
        "{uses}\nproject shop {{ region = us-west-2, domain = \"shop.example\", trusted_accounts = [{trusted}] }}\n{rest}"
    )
}

/// The resources and tags of a program, by address.
fn lowered(text: &str, elements: &[&str]) -> BTreeMap<Address, (Resource, BTreeMap<String, String>)> {
    let text = program(text, elements);
    let checked = fixture::check(&text);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    let nodes = checked.lower(&Facts::default()).ir.resources.into_iter();
    nodes.map(|(address, Node { resource, tags, .. })| (address, (resource, tags))).collect()
}

/// Whether `more` has all that `less` has.
fn includes(more: &Value, less: &Value) -> bool {
    match (more, less) {
        (Value::Object(more), Value::Object(less)) => {
            less.iter().all(|(key, value)| more.get(key).is_some_and(|more| includes(more, value)))
        }
        (Value::Array(more), Value::Array(less)) => {
            less.iter().all(|one| more.iter().any(|other| includes(other, one)))
        }
        _ => more == less,
    }
}

/// The fields whose declared type is a list.
fn lists() -> BTreeSet<String> {
    let mut lists = BTreeSet::new();
    for (path, text) in crate::library::schemas() {
        let kind = path.rsplit('/').next().unwrap().trim_end_matches(".asq");
        let fields = text.lines().filter(|line| line.starts_with("  ") && line.contains(": ["));
        lists.extend(fields.map(|line| format!("{kind}.{}", line.split(':').next().unwrap().trim())));
    }
    lists
}

#[test]
fn each_list_is_in_one_of_the_tables() {
    let tables: BTreeSet<String> =
        ORDERED.into_iter().chain(UNORDERED.map(|(field, ..)| field)).map(str::to_owned).collect();
    assert_eq!(lists(), tables);
}

#[test]
fn the_order_of_a_list_that_has_no_meaning_makes_no_difference() {
    for (field, [a, b, c], text) in UNORDERED {
        let first = lowered(text, &[a, b, c]);
        for other in [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
            assert_eq!(lowered(text, &other), first, "{field}: {other:?}");
        }
    }
}

#[test]
fn an_element_written_before_others_adds_to_what_is_there() {
    for (field, [a, b, c], text) in UNORDERED.into_iter().filter(|(field, ..)| !CHANGING.contains(field)) {
        let before = lowered(text, &[b, c]);
        let after = lowered(text, &[a, b, c]);
        for (address, (resource, _)) in before {
            // The program that an instance starts with lists its addresses.
            let Some((more, _)) = after.get(&address) else { panic!("{field}: no {address}") };
            let (mut more, mut less) = (more.to_value(), resource.to_value());
            for value in [&mut more, &mut less] {
                value.as_object_mut().unwrap().remove("user_data");
                value.as_object_mut().unwrap().remove("health_check");
            }
            assert!(includes(&more, &less), "{field}: {address}\n{less:#}\n{more:#}");
        }
    }
}
