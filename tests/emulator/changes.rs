//! Every kind of change, in place where AWS allows it.

use super::World;

/// A program whose one environment has this in it, with `web` and `app` as metanetworks.
fn program(zones: usize, rest: &str) -> String {
    format!(
        "project p {{ region = us-west-2 }}\nenv ci {{\n  cidr = 10.0.0.0/20\n  zones = {zones}\n{rest}\n}}\n"
    )
}

/// Applies one program after another to one account and shows what each changed, seen from outside.
fn history(steps: &[(&str, String)]) -> String {
    let world = World::new("project p { region = us-west-2 }");
    let mut text = String::new();
    let mut before: Vec<String> = Vec::new();
    for (title, program) in steps {
        world.write(program);
        world.apply();
        let now: Vec<String> = world.look().lines().map(str::to_owned).collect();
        text.extend(["# ", title, "\n"]);
        for line in difference(&before, &now) {
            text.push_str(&line);
            text.push('\n');
        }
        before = now;
    }
    assert_eq!(world.asiaq(&["destroy", "--yes"]).code, 0);
    assert_eq!(world.look().trim(), "");
    text
}

/// Lines that went and lines that came, each under the line they belong to.
fn difference(before: &[String], now: &[String]) -> Vec<String> {
    let owned = |lines: &[String]| {
        let mut head = String::new();
        let mut owned = Vec::new();
        for line in lines {
            if line.starts_with("  ") {
                owned.push(format!("{head}: {}", line.trim()));
            } else {
                head.clone_from(line);
                owned.push(line.clone());
            }
        }
        owned
    };
    let (before, now) = (owned(before), owned(now));
    let gone = before.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}"));
    let came = now.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(came).collect()
}

#[test]
fn rules_are_added_changed_and_revoked() {
    let with =
        |rules: &str| program(1, &format!("metanetwork web {{ ingress = [{rules}] }}\nmetanetwork app {{}}"));
    let changes = history(&[
        ("nothing", with("")),
        ("two rules", with("tcp 80 from internet, tcp [443, 8000..8010] from app \"tls\"")),
        ("one more, one less", with("udp from all, tcp [443, 8000..8010] from app \"tls\"")),
        ("another reason", with("udp from all, tcp [443, 8000..8010] from app \"encrypted\"")),
        (
            "other protocols",
            with("icmp from web, icmp echo-request from internet, any from 10.9.0.0/16, proto 50 from app"),
        ),
        ("nothing again", with("")),
    ]);
    insta::assert_snapshot!(changes);
}

#[test]
fn routes_and_nat_gateways_come_and_go() {
    let with = |web: &str, app: &str| {
        program(2, &format!("metanetwork web {{ {web} }}\nmetanetwork app {{ {app} }}"))
    };
    let changes = history(&[
        ("closed", with("", "")),
        ("a route out", with("routes = [203.0.113.0/24 via igw]", "")),
        (
            "everything out, and NAT",
            with("routes = [internet via igw], nat = auto", "routes = [internet via nat web]"),
        ),
        (
            "one NAT gateway for both zones",
            with("routes = [internet via igw], nat = one", "routes = [internet via nat web]"),
        ),
        (
            "one in each zone again",
            with("routes = [internet via igw], nat = auto", "routes = [internet via nat web]"),
        ),
        ("another way", with("routes = [internet via igw], nat = auto", "routes = [internet via igw]")),
        ("no NAT", with("routes = [internet via igw]", "routes = []")),
        ("closed again", with("", "")),
    ]);
    insta::assert_snapshot!(changes);
}

#[test]
fn named_addresses_are_paired_with_zones_in_order_and_kept() {
    let world = World::new("project p { region = us-west-2 }");
    let ips = world.boto("result = [ec2.allocate_address(Domain='vpc')['PublicIp'] for _ in range(3)]");
    let ip = |at: usize| ips[at].as_str().unwrap().to_owned();
    let with = |nat: &str| {
        let web = format!("metanetwork web {{ routes = [internet via igw], nat = {nat} }}");
        program(2, &format!("{web}\nmetanetwork app {{ routes = [internet via nat web] }}"))
    };
    let nats = |world: &World| {
        world.boto(
            "result = sorted([[next(t['Value'] for t in n['Tags'] if t['Key'] == 'subnet'), n['NatGatewayAddresses'][0]['PublicIp']] \
             for n in ec2.describe_nat_gateways()['NatGateways'] if n['State'] == 'available'])",
        )
    };
    world.write(&with(&format!("[{}, {}]", ip(0), ip(1))));
    world.apply();
    assert_eq!(nats(&world), serde_json::json!([["us-west-2a", ip(0)], ["us-west-2b", ip(1)]]));
    // One changes, then two swap, then they are allocated, then named again.
    world.write(&with(&format!("[{}, {}]", ip(2), ip(1))));
    world.apply();
    assert_eq!(nats(&world), serde_json::json!([["us-west-2a", ip(2)], ["us-west-2b", ip(1)]]));
    world.write(&with(&format!("[{}, {}]", ip(1), ip(2))));
    world.apply();
    assert_eq!(nats(&world), serde_json::json!([["us-west-2a", ip(1)], ["us-west-2b", ip(2)]]));
    world.write(&with("auto"));
    world.apply();
    assert_eq!(world.lines("address").len(), 5);
    world.write(&with(&format!("[{}, {}]", ip(0), ip(2))));
    world.apply();
    assert_eq!(world.lines("address"), ["address static", "address static", "address static"]);
    // One gateway for both zones, with an address that another gateway has, and with one of its own.
    world.write(&with(&format!("[{}]", ip(2))));
    world.apply();
    assert_eq!(nats(&world), serde_json::json!([["us-west-2a", ip(2)]]));
    world.write(&with("one"));
    world.apply();
    assert_eq!(world.lines("address").len(), 4);
    // An address that was allocated and is then named becomes the user's own.
    world.write(&with("auto"));
    world.apply();
    let allocated = nats(&world);
    let ip = |at: usize| allocated[at][1].as_str().unwrap();
    world.write(&with(&format!("[{}, {}]", ip(0), ip(1))));
    world.apply();
    assert_eq!(nats(&world), allocated);
    assert_eq!(world.asiaq(&["destroy", "--yes"]).code, 0);
    assert_eq!(world.lines("address").len(), 5, "named addresses are never released");
}

#[test]
fn another_description_makes_no_group_anew() {
    let with = |text: &str| program(1, &format!("metanetwork web {{ description = \"{text}\" }}"));
    let world = World::new(&with("before"));
    world.apply();
    world.write(&with("after"));
    world.assert_settled();
    assert_eq!(world.lines("group"), ["group ci_web (before)"]);
}

#[test]
fn as_many_other_rules_as_the_quota_takes_replace_those_that_were_there() {
    let with = |first: u32| {
        let rules: Vec<String> =
            (first..first + 40).map(|port| format!("tcp {port} from internet")).collect();
        program(1, &format!("metanetwork web {{ ingress = [{}] }}", rules.join(", ")))
    };
    let world = World::new(&with(1000));
    world.apply();
    world.write(&with(2000));
    world.apply();
    assert_eq!(world.lines("tcp 2").len(), 40);
    assert_eq!(world.lines("tcp 1").len(), 0);
}

#[test]
fn every_port_said_in_two_ways_is_one_rule() {
    let with = |rules: &str| program(1, &format!("metanetwork web {{ ingress = [{rules}] }}"));
    let world = World::new(&with("tcp 0..65535 from internet, tcp from internet, udp 0..65535 from web"));
    world.apply();
    world.write(&with("tcp from internet, tcp 22 from web"));
    world.apply();
    assert_eq!(world.lines(" from "), ["tcp 0-65535 from 0.0.0.0/0", "tcp 22-22 from ci_web"],);
}

#[test]
fn zones_and_metanetworks_come_and_go_without_renumbering() {
    let networks = |zones: usize, names: &[&str]| {
        let body: Vec<String> = names.iter().map(|name| format!("metanetwork {name} {{}}")).collect();
        program(zones, &body.join("\n"))
    };
    let changes = history(&[
        ("two zones", networks(2, &["web", "app", "ops"])),
        ("a metanetwork more", networks(2, &["queue", "web", "app", "ops"])),
        ("one zone", networks(1, &["queue", "web", "app", "ops"])),
        ("metanetworks less", networks(1, &["app", "ops"])),
        ("two zones again", networks(2, &["app", "ops"])),
        ("three zones, which need another grid", networks(3, &["app", "ops"])),
    ]);
    insta::assert_snapshot!(changes);
}

#[test]
fn dhcp_options_endpoints_and_interfaces_change() {
    let with = |rest: &str, host: &str| {
        program(1, &format!("metanetwork web {{}}\nmetanetwork app {{}}\n{rest}")) + host
    };
    let changes = history(&[
        ("nothing", with("", "")),
        (
            "all of it",
            with(
                "dhcp { domain_name = \"a.internal\" }\nendpoint s3 {}",
                "hostclass h { network = web, ip = +7 }",
            ),
        ),
        (
            "other values",
            with(
                "dhcp { domain_name = \"b.internal\", dns = [web + 9, amazon], ntp = [10.0.0.9] }\nendpoint s3 { networks = [app] }\nendpoint dynamodb {}",
                "hostclass h { network = app, ip = -7 }",
            ),
        ),
        ("nothing again", with("", "")),
    ]);
    insta::assert_snapshot!(changes);
}

#[test]
fn peerings_carry_every_pair_and_their_rules() {
    let with = |rules: &str, peerings: &str| {
        format!(
            "project p {{ region = us-west-2 }}
envtype box {{ zones = 1, metanetwork web {{ ingress = [{rules}] }}, metanetwork app {{}} }}
env a : box {{ cidr = 10.0.0.0/20 }}
env b {{ cidr = 10.1.0.0/20, zones = 1, metanetwork web {{}}, metanetwork app {{}} }}
{peerings}"
        )
    };
    let changes = history(&[
        ("apart", with("", "")),
        ("joined", with("tcp 443 from b/web", "peering one = a/web <-> b/web")),
        (
            "two pairs",
            with("tcp 443 from b/web", "peering one = a/web <-> b/web\npeering two = a/app <-> b/web"),
        ),
        ("another pair", with("", "peering two = a/app <-> b/app")),
        ("apart again", with("", "")),
    ]);
    insta::assert_snapshot!(changes);
}

#[test]
fn tags_follow_and_those_of_others_stay() {
    let with = |tags: &str| program(1, &format!("tags = {tags}\nmetanetwork web {{}}"));
    let world = World::new(&with("{ owner = \"ops\", cost = \"1\" }"));
    world.apply();
    world.boto(
        "vpc = next(v for v in ec2.describe_vpcs()['Vpcs'] if not v['IsDefault'])['VpcId']\n\
         ec2.create_tags(Resources=[vpc], Tags=[{'Key': 'theirs', 'Value': 'stays'}])",
    );
    world.assert_settled();
    world.write(&with("{ owner = \"web\" }"));
    world.apply();
    let tags = world.boto(
        "vpc = next(v for v in ec2.describe_vpcs()['Vpcs'] if not v['IsDefault'])\n\
         result = {t['Key']: t['Value'] for t in vpc['Tags']}",
    );
    assert_eq!(tags["owner"], "web");
    assert_eq!(tags["theirs"], "stays");
    assert_eq!(tags.get("cost"), None);
}

#[test]
fn a_vpc_that_has_to_be_replaced_says_why() {
    let world = World::new(&program(1, "metanetwork web {}"));
    world.apply();
    world.write(&program(1, "metanetwork web {}").replace("10.0.0.0/20", "10.7.0.0/20"));
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10);
    assert!(plan.stdout.contains("AWS cannot change the primary block of a VPC"), "{}", plan.stdout);
    world.apply();
    assert_eq!(world.lines("vpc "), ["vpc ci 10.7.0.0/20 dns True True dhcp default"]);
}

const BALANCED: &str = r#"
project shop { region = us-west-2, domain = "dev.shop.example" }
env ci { cidr = 10.20.0.0/20, zones = 3, pipeline = web, metanetwork app {} }
hostclass api { network = app, lb { kind = application, listeners = [http 80 -> http 8080] } }
pipeline web { stage { run api { desired = 1 } } }
"#;

#[test]
fn a_load_balancer_that_would_be_left_in_one_zone_is_made_anew() {
    let world = World::new(BALANCED);
    world.stock_with(r#"{"images": ["api"], "zones": ["dev.shop.example"]}"#);
    world.apply();
    // Two networks in place of one: neither is plainly the old one under another name.
    let moved = BALANCED
        .replace("metanetwork app {}", "metanetwork apps {}, metanetwork more {}")
        .replace("network = app,", "network = apps,");
    let smaller = moved.replace("zones = 3", "zones = 2").replace("10.20.0.0", "10.30.0.0");
    for program in [&moved, &smaller, &BALANCED.to_owned()] {
        world.write(program);
        let plan = world.asiaq(&["plan"]);
        let is_replaced = |line: &str| line.contains("± replace") && line.contains(" load-balancer ");
        assert!(plan.stdout.lines().any(is_replaced), "{plan:#?}");
        world.apply();
    }
}
