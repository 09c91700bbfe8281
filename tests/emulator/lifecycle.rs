//! From nothing to an environment and back.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::World;

const CLASSIC: &str = r#"
use std/classic
project sample { region = us-west-2 }

envtype sandbox : classic {
  zones       = 2
  application = "sample"
  dhcp { domain_name = "us-west-2.compute.internal", ntp = [tunnel + 5] }
  customer { ports = [443], from = [internet] }
  metanetwork tunnel {
    ingress = [tcp 3128 from all "proxy"]
    routes  = [internet via igw]
    nat     = auto
  }
  metanetwork intranet {
    ingress = [tcp from intranet, icmp from all]
    routes  = [internet via nat tunnel]
  }
}
env ci   : sandbox { cidr = 10.1.0.0/20 }
env demo : sandbox { cidr = auto /20 in 10.128.0.0/9 }
hostclass mhcntp { network = tunnel, ip = +5 }
peering both = ci/intranet <-> demo/intranet
"#;

#[test]
fn an_environment_is_made_kept_and_unmade() {
    let world = World::new(CLASSIC);
    let before = world.look();
    assert_eq!(world.asiaq(&["plan"]).code, 10);
    assert_eq!(world.look(), before, "a plan writes nothing");
    assert_eq!(world.asiaq(&["apply", "--dry-run"]).code, 10);
    assert_eq!(world.look(), before, "a dry run writes nothing");

    world.apply();
    let made = world.look();
    // Where `demo` lies depends on its name alone.
    insta::assert_snapshot!("classic_from_outside", made);
    assert_eq!(world.asiaq(&["apply", "--yes"]).code, 0);
    assert_eq!(world.look(), made, "applying again changes nothing");

    let gone = world.asiaq(&["destroy", "--yes", "--env", "demo"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
    assert!(world.lines("demo").is_empty(), "{}", world.look());
    assert_eq!(world.lines("via pcx"), Vec::<String>::new(), "routes to the peer went with it");
    assert_eq!(world.lines("vpc ci").len(), 1);

    let gone = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
    assert_eq!(world.look(), before, "nothing is left");
}

#[test]
fn resources_carry_the_names_and_tags_that_other_tools_rely_on() {
    let world = World::new(CLASSIC);
    world.apply();
    let tags = world.boto(
        r"
def named(things, name):
    tags = [{t['Key']: t['Value'] for t in thing.get('Tags', []) if t['Key'] != 'create_date'} for thing in things]
    return next(found for found in tags if found.get('Name') == name)

result = {
    'vpc': named(ec2.describe_vpcs()['Vpcs'], 'ci'),
    'subnet': named(ec2.describe_subnets()['Subnets'], 'ci_tunnel_us-west-2a'),
    'table': named(ec2.describe_route_tables()['RouteTables'], 'ci_intranet_us-west-2b'),
    'group': named(ec2.describe_security_groups()['SecurityGroups'], 'ci_dmz'),
    'nat': named(ec2.describe_nat_gateways()['NatGateways'], 'ci_tunnel_us-west-2a'),
    'address': named(ec2.describe_addresses()['Addresses'], 'ci_tunnel_us-west-2a'),
}
",
    );
    let tags = serde_json::to_string_pretty(&tags).unwrap();
    insta::assert_snapshot!("classic_tags", tags);
    let created = world.boto(
        "result = [t['Value'] for v in ec2.describe_vpcs()['Vpcs'] for t in v.get('Tags', []) if t['Key'] == 'create_date']",
    );
    let created = created[0].as_str().unwrap();
    assert!(created.len() == 26 && created.starts_with("20") && created.as_bytes()[10] == b'T', "{created}");
}

#[test]
fn an_apply_that_is_killed_is_continued() {
    let world = World::new(CLASSIC);
    for finished in [1, 4, 10, 15] {
        let mut child = world
            .command(env!("CARGO_BIN_EXE_asiaq"))
            .args(["apply", "--yes"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A line for each operation that is over; the kill finds others in flight.
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let over = lines.filter(|line| line.contains("created")).take(finished).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(over, finished);
        assert_eq!(world.asiaq(&["unlock", "--env", "ci", "--env", "demo", "--yes"]).code, 0);
    }
    world.apply();
    let made = world.look();
    let fresh = World::new(CLASSIC);
    fresh.apply();
    assert_eq!(made, fresh.look(), "what was killed and continued is what is made in one go");
}

#[test]
fn an_environment_that_is_no_longer_declared_goes() {
    let two = "project p { region = us-west-2 }
envtype box { zones = 1, metanetwork web {} }
env a : box { cidr = 10.0.0.0/20 }
env b : box { cidr = 10.1.0.0/20 }
";
    let world = World::new(two);
    world.apply();
    world.write(&two.replace("env b : box { cidr = 10.1.0.0/20 }\n", ""));
    let both = world.lines("vpc ");
    let unasked = world.asiaq(&["apply", "--yes"]);
    assert_eq!(unasked.code, 2, "{unasked:#?}");
    assert!(unasked.stderr.contains("`b` is no longer declared"), "{}", unasked.stderr);
    assert!(unasked.stderr.contains("`--env b`, or `--allow data-loss`"), "{}", unasked.stderr);
    assert!(world.asiaq(&["plan"]).stderr.contains("an apply would be refused, because `b` is"));
    assert_eq!(world.lines("vpc "), both);
    // A plan that is saved is no order either.
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    assert_eq!(world.asiaq(&["apply", "plan.json", "--yes"]).code, 2);
    assert_eq!(world.asiaq(&["plan", "--env", "b", "-o", "plan.json"]).code, 10);
    let asked = world.asiaq(&["apply", "plan.json", "--yes"]);
    assert_eq!(asked.code, 0, "{asked:#?}");
    assert_eq!(world.lines("vpc "), ["vpc a 10.0.0.0/20 dns True True dhcp default"]);
    world.assert_settled();

    world.write(two);
    world.apply();
    world.write(&two.replace("env b : box { cidr = 10.1.0.0/20 }\n", ""));
    assert_eq!(world.asiaq(&["apply", "--yes", "--allow", "data-loss"]).code, 0);
    assert_eq!(world.lines("vpc ").len(), 1);
}
