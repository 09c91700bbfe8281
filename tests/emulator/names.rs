//! Load balancers, and what they are called.

use super::World;

const PROGRAM: &str = r#"
project sample { region = us-west-2, domain = "dev.sample.net" }

env ci {
  cidr     = 10.1.0.0/20
  zones    = 2
  pipeline = everything
  metanetwork app { ingress = [tcp 80 from internet], routes = [internet via igw] }
  zone inside { domain = "ci.internal", private = true }
  zone world {
    domain  = "dev.sample.net"
    comment = "What the world sees"
    record www  { type = A, values = ["203.0.113.11", "203.0.113.10"], ttl = 1m }
    record apex { name = "@", type = A, alias = front }
    record spf  { name = "@", type = TXT, values = ["v=spf1 include:\"x\" -all"] }
    record any  { name = "*.apps", type = CNAME, values = ["www.dev.sample.net"] }
  }
}
hostclass front { network = app, elb { public = true, sticky = cookie "session", dns_alias = "shop" } }
hostclass newer { network = app, lb { kind = application, listeners = [http 80 -> http 8080], sticky = cookie "x" } }
hostclass quick { network = app, lb { kind = network, listeners = [tcp 9001 -> tcp 9001] } }
pipeline everything {
  stage { run front { desired = 0 }, run newer { desired = 0 }, run quick { desired = 0 } }
}
"#;

/// Images for every hostclass.
const IMAGES: &str = r#"
vpc = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="192.168.0.0/24")["Subnet"]["SubnetId"]
machine = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]["InstanceId"]
for hostclass in "front", "newer", "quick":
    image = ec2.create_image(InstanceId=machine, Name=hostclass + " 1700000000")["ImageId"]
    ec2.create_tags(Resources=[image], Tags=[{"Key": "hostclass", "Value": hostclass}])
"#;

/// The records of the public zone, but for those AWS makes: name and type.
const RECORDS: &str = r#"
import boto3
route53 = boto3.client("route53", region_name="us-west-2")
zones = [zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"] if zone["Name"] == "dev.sample.net."]
sets = [one for zone in zones for one in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]]
result = [one["Name"] + " " + one["Type"] for one in sets if one["Type"] not in ("NS", "SOA")]
"#;

/// What is left of load balancers, target groups and zones.
const LEFT: &str = r#"
import boto3
client = lambda service: boto3.client(service, region_name="us-west-2")
result = [
    len(client("elb").describe_load_balancers()["LoadBalancerDescriptions"]),
    len(client("elbv2").describe_load_balancers()["LoadBalancers"]),
    len(client("elbv2").describe_target_groups()["TargetGroups"]),
    len(client("route53").list_hosted_zones()["HostedZones"]),
]
"#;

#[test]
fn load_balancers_and_their_names_are_made_changed_and_unmade() {
    let world = World::new(PROGRAM);
    world.boto(IMAGES);
    world.apply();
    let records = |names: &[&str]| {
        let mut lines: Vec<String> = Vec::new();
        for name in names {
            let (name, of_type) = name.split_once(' ').unwrap();
            let (mark, rest) = match name.strip_prefix("\\052.") {
                Some(rest) => ("_asiaq-wildcard", rest),
                None => ("_asiaq", name),
            };
            lines.extend([format!("{name} {of_type}"), format!("{mark}.{rest} TXT")]);
        }
        lines.sort();
        lines.dedup();
        lines
    };
    let seen = || {
        let mut lines: Vec<String> = serde_json::from_value(world.boto(RECORDS)).unwrap();
        lines.sort();
        lines
    };
    let mut wanted = vec![
        "dev.sample.net. A",
        "dev.sample.net. TXT",
        "front-ci.dev.sample.net. CNAME",
        "newer-ci.dev.sample.net. CNAME",
        "quick-ci.dev.sample.net. CNAME",
        "shop.dev.sample.net. CNAME",
        "www.dev.sample.net. A",
        "\\052.apps.dev.sample.net. CNAME",
    ];
    assert_eq!(seen(), records(&wanted));

    // Nothing is made anew for what can be changed.
    world.write(
        &PROGRAM
            .replace("cookie \"session\"", "cookie 1h")
            .replace("\"shop\"", "\"store\"")
            .replace("[http 80 -> http 8080]", "[http 80 -> http 8080, http 81 -> http 8080]")
            .replace("ttl = 1m", "ttl = 2m")
            .replace("What the world sees", "What everybody sees"),
    );
    let said = world.apply();
    assert!(said.stdout.contains("0 to replace"), "{}", said.stdout);
    wanted[5] = "store.dev.sample.net. CNAME";
    assert_eq!(seen(), records(&wanted));

    let gone = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
    assert_eq!(world.boto(LEFT), serde_json::json!([0, 0, 0, 0]));
}

const ONE_RECORD: &str = r#"
project sample { region = us-west-2 }
env ci {
  cidr  = 10.1.0.0/20
  zones = 1
  zone world {
    domain = "dev.sample.net"
    record www { type = A, values = ["203.0.113.10"] }
  }
}
"#;

/// Changes the mark of the record: `act` with `values`, or with those that are there.
const MARK: &str = r#"
def mark(act, values=None):
    route53 = client("route53")
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    there = {"Name": "_asiaq.www.dev.sample.net.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": value} for value in values or []]}
    there = next((one for one in sets if one["Name"] == there["Name"]), there)
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": act, "ResourceRecordSet": there}]})
"#;

#[test]
fn a_record_that_lost_its_mark_is_taken_over_by_giving_it_back() {
    let world = World::new(ONE_RECORD);
    world.apply();
    world.boto(&format!("{MARK}\nmark('DELETE')"));
    let refused = world.asiaq(&["apply", "--yes"]);
    assert_eq!(refused.code, 2, "nothing was begun: {refused:#?}");
    let (_, way_out) =
        refused.stderr.split_once("take it over by a TXT record").expect("the way out is said");
    let [_, name, _, value, ..] = way_out.split('`').collect::<Vec<_>>()[..] else { panic!("{way_out}") };
    assert_eq!(name, "_asiaq.www.dev.sample.net");
    world.boto(&format!("{MARK}\nmark('CREATE', [{value:?}])"));
    world.assert_settled();
}

/// Makes a record that nobody marked, in the only zone.
const OTHERS: &str = r#"
route53 = client("route53")
zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
there = {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.99"}]}
route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": ACTION, "ResourceRecordSet": there}]})
"#;

/// Does something with somebody else's record.
fn others(world: &World, action: &str, name: &str) {
    world.boto(&format!("NAME, ACTION = {name:?}, {action:?}\n{OTHERS}"));
}

#[test]
fn a_record_of_somebody_else_is_refused_when_the_plan_is_made() {
    let world = World::new(ONE_RECORD);
    world.apply();
    others(&world, "CREATE", "mail.dev.sample.net");
    let wanted = |record: &str| ONE_RECORD.replace("record www", &format!("{record}\n    record www"));
    for record in [
        "record mail { type = A, values = [\"203.0.113.7\"] }",
        // A CNAME record is alone at its name.
        "record mail { type = CNAME, values = [\"other.sample.net\"] }",
    ] {
        world.write(&wanted(record));
        for command in [&["plan"][..], &["apply", "--yes"]] {
            let said = world.asiaq(command);
            assert_eq!(said.code, 2, "{said:#?}");
            let text = super::joined(&said.stderr);
            assert!(text.contains("`mail.dev.sample.net` has a A record in its zone"), "{text}");
            assert!(text.contains("somebody else made it"), "{text}");
        }
    }
    // Beside it there is room for another type, and without it for everything.
    world.write(&wanted("record mail { type = TXT, values = [\"v=spf1 -all\"] }"));
    world.apply();
    others(&world, "DELETE", "mail.dev.sample.net");
    world.write(&wanted("record mail { type = CNAME, values = [\"other.sample.net\"] }"));
    world.apply();
}

#[test]
fn a_zone_with_records_of_somebody_else_is_not_begun_to_be_deleted() {
    let world = World::new(ONE_RECORD);
    world.apply();
    others(&world, "CREATE", "mail.dev.sample.net");
    let (before, _) = ONE_RECORD.split_once("  zone world").unwrap();
    world.write(&format!("{before}}}\n"));
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--env", "ci", "--yes"]] {
        let said = world.asiaq(command);
        assert_eq!(said.code, 2, "{said:#?}");
        let text = super::joined(&said.stderr);
        assert!(text.contains("records that somebody else made: `mail.dev.sample.net` A"), "{text}");
    }
    let seen: Vec<String> = serde_json::from_value(world.boto(RECORDS)).unwrap();
    assert!(seen.contains(&"www.dev.sample.net. A".to_owned()), "{seen:?}");
    others(&world, "DELETE", "mail.dev.sample.net");
    world.apply();
    assert_eq!(world.boto(LEFT)[3], 0);
}
