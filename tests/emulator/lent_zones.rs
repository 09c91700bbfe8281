//! Hosted zones in another account than their environment: applied, looked at from outside, changed, taken away.

use serde_json::{Value, json};

use super::accounts::Two;
use super::proxy::{Fault, Proxy};
use super::{World, joined, moto};

const PROGRAM: &str = r#"project shop { region = us-west-2, domain = "shop.example" }
account one { id = "ONE" }
account two { id = "TWO", role = "arn:aws:iam::TWO:role/asiaq" }
env live {
  account  = one
  cidr     = 10.1.0.0/20
  zones    = 2
  pipeline = everything
  metanetwork app { ingress = [tcp 80 from internet], routes = [internet via igw] }
  zone world {
    domain  = "shop.example"
    account = two
    record www   { type = A, values = ["203.0.113.10"] }
    record apex  { name = "@", type = A, alias = front }
    record apex2 { name = "new", type = A, alias = newer }
  }
}
hostclass front { network = app, elb { public = true } }
hostclass newer { network = app, lb { kind = application, listeners = [http 80 -> http 8080] } }
pipeline everything { stage { run front { desired = 0 }, run newer { desired = 0 } } }
"#;

const IMAGES: &str = r#"
vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="192.168.0.0/24")["Subnet"]["SubnetId"]
machine = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]["InstanceId"]
for hostclass in "front", "newer":
    image = ec2.create_image(InstanceId=machine, Name=hostclass + " 1700000000")["ImageId"]
    ec2.create_tags(Resources=[image], Tags=[{"Key": "hostclass", "Value": hostclass}])
"#;

/// What others have in each account.
const NEIGHBOURS: &str = r#"
dns = client("route53")
zone = dns.create_hosted_zone(Name="other.example", CallerReference="other")["HostedZone"]["Id"]
dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet":
    {"Name": "www.other.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "198.51.100.1"}]}}]})
result = None
"#;

/// The zones of an account with their records, without AWS's and the marks.
const ZONES: &str = r#"
dns = client("route53")
result = {}
for zone in dns.list_hosted_zones()["HostedZones"]:
    sets = dns.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    result[zone["Name"]] = {
        s["Name"] + " " + s["Type"]: s.get("AliasTarget", {}).get("DNSName") or sorted(v["Value"] for v in s["ResourceRecords"])
        for s in sets if s["Type"] not in ("NS", "SOA") and not s["Name"].startswith("_asiaq")
    }
"#;

/// DNS names of the load balancers of an account.
const BALANCERS: &str = r#"
result = [b["DNSName"] for b in client("elb").describe_load_balancers()["LoadBalancerDescriptions"]] + [
    b["DNSName"] for b in client("elbv2").describe_load_balancers()["LoadBalancers"]]
"#;

fn zones(world: &World) -> Value {
    world.boto(ZONES)
}

fn two() -> Two {
    let two = Two::new(PROGRAM);
    two.one.boto(IMAGES);
    two.one.boto(NEIGHBOURS);
    two.two.boto(NEIGHBOURS);
    two
}

fn neighbours() -> Value {
    json!({ "other.example.": { "www.other.example. A": ["198.51.100.1"] } })
}

#[test]
fn a_zone_of_another_account_is_made_changed_watched_and_unmade_there() {
    let two = two();
    let plan = two.one.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(joined(&plan.stdout).contains("shop.example in account two"), "{}", plan.stdout);
    let account = format!("account two ({})", two.two_id());
    assert!(plan.stdout.contains(&account), "{}", plan.stdout);
    two.one.apply();
    two.one.assert_settled();
    assert_eq!(zones(&two.one), neighbours());
    let balancers: Vec<String> = serde_json::from_value(two.one.boto(BALANCERS)).unwrap();
    let seen = zones(&two.two);
    let world = &seen["shop.example."];
    assert_eq!(world["www.shop.example. A"], json!(["203.0.113.10"]), "{seen:#}");
    for (name, balancer) in [("shop.example. A", &balancers[0]), ("new.shop.example. A", &balancers[1])] {
        let target = world[name].as_str().unwrap().trim_end_matches('.').trim_start_matches("dualstack.");
        assert_eq!(target, balancer, "{seen:#}");
    }
    assert_eq!(world["front-live.shop.example. CNAME"], json!([balancers[0]]), "{seen:#}");
    assert_eq!(seen["other.example."], neighbours()["other.example."]);

    // One environment alone gets to the account of its zone too.
    let plan = two.one.asiaq(&["plan", "--env", "live"]);
    assert_eq!(plan.code, 0, "{plan:#?}");
    let shown = two.one.asiaq(&["show", "live/zone/world", "--format", "json"]);
    assert_eq!(shown.code, 0, "{shown:#?}");
    assert!(shown.stdout.contains("name_servers"), "{}", shown.stdout);

    // Somebody changes a record by hand: that is drift, and goes.
    two.two.boto(
        r#"
dns = client("route53")
zone = [z["Id"] for z in dns.list_hosted_zones()["HostedZones"] if z["Name"] == "shop.example."][0]
dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet":
    {"Name": "www.shop.example", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "198.51.100.9"}]}}]})
result = None
"#,
    );
    let plan = two.one.asiaq(&["plan"]);
    assert!(plan.stdout.contains("drift") && plan.stdout.contains("198.51.100.9"), "{}", plan.stdout);
    // A record less, a name more, another comment.
    let changed = PROGRAM
        .replace("    record apex2 { name = \"new\", type = A, alias = newer }\n", "")
        .replace(
            "account = two\n    record",
            "account = two\n    comment = \"What customers see\"\n    record",
        )
        .replace("values = [\"203.0.113.10\"]", "values = [\"203.0.113.11\"]")
        .replace(
            "hostclass newer { network = app, lb {",
            "hostclass newer { network = app, lb { dns_alias = \"shop\",",
        );
    two.write(&changed);
    let said = two.one.apply();
    assert!(said.stdout.contains("0 to replace"), "{}", said.stdout);
    two.one.assert_settled();
    let seen = zones(&two.two);
    let world = &seen["shop.example."];
    assert_eq!(world["www.shop.example. A"], json!(["203.0.113.11"]), "{seen:#}");
    assert_eq!(world["shop.shop.example. CNAME"], json!([balancers[1]]), "{seen:#}");
    assert_eq!(world["new.shop.example. A"], Value::Null, "{seen:#}");

    let said = two.one.asiaq(&["destroy", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!([zones(&two.one), zones(&two.two)], [neighbours(), neighbours()]);
}

#[test]
fn without_the_account_of_a_zone_everything_else_is_applied() {
    let two = two();
    let proxy = Proxy::start(moto::endpoint());
    proxy.always("AssumeRole", Fault::Refused("AccessDenied", "no"));
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes", "--env", "live"]);
    assert_eq!(said.code, 3, "{said:#?}");
    let why = joined(&said.stderr);
    for part in [format!("account `two` ({})", two.two_id()), "`live/zone/world`".to_owned()] {
        assert!(why.contains(&part), "{part}: {}", said.stderr);
    }
    let balancers: Vec<String> = serde_json::from_value(two.one.boto(BALANCERS)).unwrap();
    assert_eq!(balancers.len(), 2);
    assert_eq!([zones(&two.one), zones(&two.two)], [neighbours(), neighbours()]);
    // With the account the rest follows; without it again, nothing of it is taken for gone.
    two.one.apply();
    let there = zones(&two.two);
    assert_eq!(there.as_object().unwrap().len(), 2, "{there:#}");
    let said = two.one.asiaq_through(&proxy, &["apply", "--yes"]);
    assert_eq!(said.code, 3, "{said:#?}");
    assert_eq!(zones(&two.two), there);
    let said = two.one.asiaq_through(&proxy, &["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(plan["steps"], json!([]), "{plan:#}");
}

#[test]
fn a_zone_that_is_gone_from_the_program_ends_and_one_that_changes_its_account_stays_behind() {
    let two = two();
    two.one.apply();
    two.write(&PROGRAM.replace("    account = two\n", ""));
    let said = two.one.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let what = format!(
        "of `live/zone/world` in account {}, because the program declares `live/zone/world` in account {}",
        two.two_id(),
        two.one_id()
    );
    assert!(joined(&said.stderr).contains(&what), "{}", said.stderr);
    let [one, other] = [zones(&two.one), zones(&two.two)];
    assert_eq!(one["shop.example."], other["shop.example."]);
    assert!(one["shop.example."]["www.shop.example. A"].is_array(), "{one:#}");

    two.write(PROGRAM);
    let said = two.one.asiaq(&["plan"]);
    assert!(joined(&said.stderr).contains("left alone: "), "{}", said.stderr);
    let start = PROGRAM.find("  zone world").unwrap();
    let end = PROGRAM[start..].find("\n  }\n").unwrap() + start + 5;
    let without = format!("{}{}", &PROGRAM[..start], &PROGRAM[end..])
        .replace(", domain = \"shop.example\"", "")
        .replace("elb { public = true }", "")
        .replace("lb { kind = application, listeners = [http 80 -> http 8080] }", "");
    two.write(&without);
    let said = two.one.asiaq(&["apply", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!([zones(&two.one), zones(&two.two)], [neighbours(), neighbours()]);
}

/// The zone is that of an environment in the one account, and a load balancer of the other one has a name in it.
const SHARED: &str = r#"project shop { region = us-west-2, domain = "shop.example" }
account one { id = "ONE" }
account two { id = "TWO", role = "arn:aws:iam::TWO:role/asiaq" }
env dns { account = two, cidr = 10.2.0.0/20, zones = 1, zone world { domain = "shop.example" } }
env live {
  account  = one
  cidr     = 10.1.0.0/20
  zones    = 2
  pipeline = everything
  metanetwork app { ingress = [tcp 80 from internet], routes = [internet via igw] }
}
hostclass front { network = app, elb { public = true } }
pipeline everything { stage { run front { desired = 0 } } }
"#;

#[test]
fn a_load_balancer_has_its_name_in_a_zone_that_another_account_declares() {
    let two = Two::new(SHARED);
    two.one.boto(IMAGES);
    two.one.apply();
    two.one.assert_settled();
    let balancers: Vec<String> = serde_json::from_value(two.one.boto(BALANCERS)).unwrap();
    let name = |zones: &Value| zones["shop.example."]["front-live.shop.example. CNAME"].clone();
    assert_eq!(name(&zones(&two.two)), json!([balancers[0]]));
    let said = two.one.asiaq(&["permissions", "--account", "one"]);
    assert!(!said.stdout.contains("route53:ChangeResourceRecordSets"), "{}", said.stdout);
    let said = two.one.asiaq(&["permissions", "--account", "two"]);
    assert!(said.stdout.contains("route53:ChangeResourceRecordSets"), "{}", said.stdout);
    assert!(!said.stdout.contains("elasticloadbalancing:CreateLoadBalancer"), "{}", said.stdout);
    let said = two.one.asiaq(&["destroy", "--yes", "--env", "live"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(zones(&two.two), json!({ "shop.example.": {} }));
    let said = two.one.asiaq(&["destroy", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(zones(&two.two), json!({}));
}
