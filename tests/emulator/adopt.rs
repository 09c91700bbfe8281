//! Adoption: what was there before asiaq becomes the project's by tags alone, and keeps its ids.

use serde_json::Value;

use super::permissions::needs;
use super::proxy::{Fault, Moment, Proxy};
use super::{World, joined, moto};

/// The environment that `legacy.py` makes, but for a rule that is in nobody's configuration any more.
const LEGACY: &str = r#"project shop { region = us-west-2 }

env ci {
  cidr  = 10.20.0.0/20
  zones = 2

  dhcp {
    domain_name = "ci.example.com"
    dns         = [10.20.8.5, amazon]
  }

  metanetwork tunnel {
    cidr    = 10.20.0.0/22
    ingress = [tcp 3128 from intranet]
    routes  = [internet via igw]
    nat     = auto
  }

  metanetwork intranet {
    cidr    = 10.20.8.0/22
    ingress = [tcp 22 from tunnel]
    routes  = [internet via nat tunnel]
  }

  endpoint s3 {}
}
"#;

/// The resources of that environment.
const RESOURCES: usize = 18;

/// A network that somebody made by hand, without a name on anything.
const BY_HAND: &str = "
vpc = ec2.create_vpc(CidrBlock='10.30.0.0/20')['Vpc']['VpcId']
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.30.0.0/20', AvailabilityZone='us-west-2a')['Subnet']['SubnetId']
table = ec2.create_route_table(VpcId=vpc)['RouteTable']['RouteTableId']
ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
gateway = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
ec2.create_route(RouteTableId=table, DestinationCidrBlock='0.0.0.0/0', GatewayId=gateway)
";

const HAND: &str = "project shop { region = us-west-2 }
env hand {
  cidr  = 10.30.0.0/20
  zones = 1
  metanetwork edge {
    cidr      = 10.30.0.0/20
    max_zones = 1
    routes    = [internet via igw]
  }
}
";

/// Ids and tags of everything of EC2, and what is in it that adoption must not change.
const STATE: &str = "
tags = sorted((tag['ResourceId'], tag['Key'], tag['Value']) for tag in ec2.describe_tags()['Tags'])
parts = {
    'vpcs': [vpc['VpcId'] for vpc in ec2.describe_vpcs()['Vpcs']],
    'subnets': [subnet['SubnetId'] for subnet in ec2.describe_subnets()['Subnets']],
    'tables': [[table['RouteTableId'], table['Routes']] for table in ec2.describe_route_tables()['RouteTables']],
    'groups': [[group['GroupId'], group['IpPermissions']] for group in ec2.describe_security_groups()['SecurityGroups']],
    'nats': [nat['NatGatewayId'] for nat in ec2.describe_nat_gateways()['NatGateways'] if nat['State'] == 'available'],
    'addresses': [address['AllocationId'] for address in ec2.describe_addresses()['Addresses']],
    'gateways': [gateway['InternetGatewayId'] for gateway in ec2.describe_internet_gateways()['InternetGateways']],
    'endpoints': [endpoint['VpcEndpointId'] for endpoint in ec2.describe_vpc_endpoints()['VpcEndpoints']],
}
result = {'tags': tags, 'parts': parts}
";

fn legacy() -> World {
    let world = World::new(LEGACY);
    world.script("legacy.py", &[]);
    world
}

fn by_hand() -> World {
    let world = World::new(HAND);
    world.boto(&format!("{BY_HAND}\nresult = vpc"));
    world
}

/// The AWS ids that have the project's tags.
fn owned(world: &World) -> Value {
    world.boto(
        "tags = ec2.describe_tags(Filters=[{'Name': 'key', 'Values': ['asiaq:address', 'asiaq:project']}])['Tags']
ids = [tag['ResourceId'] for tag in tags]
result = {'owned': sorted(set(ids)), 'half': sorted(id for id in set(ids) if ids.count(id) != 2)}",
    )
}

/// Whether a call writes.
fn writes(operation: &str) -> bool {
    !["Describe", "List", "Get", "Query", "BatchGet"].iter().any(|start| operation.starts_with(start))
}

#[test]
fn what_the_original_made_is_adopted_by_tags_alone_and_keeps_its_ids() {
    let world = legacy();
    let before = world.boto(STATE);
    let proxy = Proxy::start(moto::endpoint());

    let calls = world.calls_of(&proxy, &["adopt", "--dry-run"], 10);
    let written: Vec<&String> = calls.iter().filter(|call| writes(call)).collect();
    assert!(written.is_empty(), "a dry run writes nothing: {written:?}");
    assert_eq!(world.boto(STATE), before);

    let said = world.asiaq_through(&proxy, &["adopt", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let calls = proxy.operations();
    let tagged = calls.iter().filter(|call| *call == "CreateTags").count();
    assert_eq!(tagged, RESOURCES, "a call for each resource");
    // The others are about the table of leases.
    let written: Vec<&String> = calls.iter().filter(|call| writes(call) && *call != "CreateTags").collect();
    let of_leases = ["CreateTable", "UpdateItem", "TransactWriteItems"];
    assert!(written.iter().all(|call| of_leases.contains(&call.as_str())), "{written:?}");
    let said = joined(&said.stdout);
    assert!(said.contains("18 resources of account"), "{said}");
    assert!(
        said.contains("ci/intranet/security-group/ingress rules tcp 8443 8443 198.51.100.0/24"),
        "{said}"
    );
    assert_eq!(world.boto(STATE)["parts"], before["parts"]);
    assert_eq!(owned(&world)["owned"].as_array().unwrap().len(), RESOURCES);

    // A second run has nothing to do, and a plan only what was said.
    proxy.clear();
    let calls = world.calls_of(&proxy, &["adopt", "--yes"], 0);
    assert!(!calls.iter().any(|call| writes(call)), "{calls:?}");
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stdout.contains("0 to create, 1 to change, 0 to replace, 0 to delete"), "{plan:#?}");
    assert!(!plan.stdout.contains("drift"), "{plan:#?}");

    world.apply();
    let after = &world.boto(STATE)["parts"];
    for part in ["vpcs", "subnets", "nats", "addresses", "gateways", "endpoints"] {
        assert_eq!(after[part], before["parts"][part], "{part}");
    }
    world.write(&LEGACY.replace("tcp 22 from tunnel", "tcp [22, 80] from tunnel"));
    world.apply();
    let said = world.asiaq(&["destroy", "--yes", "--env", "ci"]);
    assert_eq!(said.code, 0, "{said:#?}");
    // The emulator keeps tags of what is gone.
    let rest = world.boto("result = [v for v in ec2.describe_vpcs()['Vpcs'] if not v['IsDefault']]");
    assert_eq!(rest, Value::Array(Vec::new()));
}

#[test]
fn a_release_takes_the_tags_of_an_adoption_off_and_leaves_the_others() {
    let world = by_hand();
    let before = world.boto(STATE);
    // Its policy is enough.
    let proxy = Proxy::start(moto::endpoint());
    let needed = needs(&world, &proxy, &["adopt", "--yes"], 0);
    assert!(needed.contains("ec2:CreateTags"));
    assert_ne!(world.boto(STATE), before);
    let said = world.asiaq(&["adopt", "--release", "--dry-run"]);
    assert_eq!(said.code, 10, "{said:#?}");
    needs(&world, &proxy, &["adopt", "--release", "--yes"], 0);
    assert_eq!(world.boto(STATE), before);
    // What asiaq made itself stays its own.
    let said = world.asiaq(&["adopt", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let group = "[['shop', 'hand/edge/security-group']]";
    world.apply();
    assert_eq!(world.asiaq(&["adopt", "--release", "--yes"]).code, 0);
    let left = world.boto(
        "tags = {}
for tag in ec2.describe_tags()['Tags']:
    tags.setdefault(tag['ResourceId'], {})[tag['Key']] = tag['Value']
result = [[one['asiaq:project'], one['asiaq:address']] for one in tags.values() if 'asiaq:address' in one]",
    );
    assert_eq!(left, serde_json::from_str::<Value>(&group.replace('\'', "\"")).unwrap());
}

#[test]
fn what_was_made_by_hand_is_adopted_and_what_is_missing_is_made() {
    let world = by_hand();
    let before = world.boto(STATE);
    let said = world.asiaq(&["adopt", "--yes", "--format", "json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(world.boto(STATE)["parts"], before["parts"]);
    // Its group is the only thing that nobody made, and host names are not switched on.
    let plan = world.asiaq(&["plan"]);
    assert!(plan.stdout.contains("1 to create, 1 to change, 0 to replace, 0 to delete"), "{plan:#?}");
    world.apply();
    let said = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
}

#[test]
fn what_fits_twice_is_listed_with_both_sides_until_a_state_names_one() {
    let world = by_hand();
    let other = world.boto("result = ec2.create_vpc(CidrBlock='10.30.0.0/20')['Vpc']['VpcId']");
    let said = world.asiaq(&["adopt", "--dry-run", "--format", "json"]);
    assert_eq!(said.code, 0, "nothing is certain: {said:#?}");
    let data: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(data["matches"], Value::Array(Vec::new()), "{data:#}");
    assert_eq!(data["ambiguous"][0]["addresses"], serde_json::json!(["hand/vpc"]));
    assert_eq!(data["ambiguous"][0]["live"].as_object().unwrap().len(), 2);
    let said = world.asiaq(&["adopt", "--yes"]);
    assert!(said.stdout.contains("it is not certain which is which"), "{said:#?}");
    assert_eq!(owned(&world)["owned"], Value::Array(Vec::new()));

    let state = |id: &str| {
        serde_json::json!({ "version": 4, "resources": [{ "mode": "managed", "type": "aws_vpc", "name": "hand",
            "instances": [{ "attributes": { "id": id, "tags": { "ManagedBy": "terraform" } } }] }] })
    };
    let vpc = world.boto("result = ec2.describe_subnets(Filters=[{'Name': 'cidr-block', 'Values': ['10.30.0.0/20']}])['Subnets'][0]['VpcId']");
    let vpc = vpc.as_str().unwrap();
    assert_ne!(Some(vpc), other.as_str());
    // Terraform may say so on it: who hands over the state means it.
    world.boto(&format!(
        "ec2.create_tags(Resources=['{vpc}'], Tags=[{{'Key': 'ManagedBy', 'Value': 'terraform'}}])
result = 0"
    ));
    let shown = serde_json::json!({ "format_version": "1.0", "values": { "root_module": { "child_modules": [{
        "resources": [{ "mode": "managed", "type": "aws_vpc", "name": "hand", "values": { "id": vpc } }] }] } } });
    std::fs::write(world.path("shown.json"), shown.to_string()).unwrap();
    let said = world.asiaq(&["adopt", "--dry-run", "--tfstate", "shown.json"]);
    assert_eq!(said.code, 10, "{said:#?}");
    std::fs::write(world.path("terraform.tfstate"), state(vpc).to_string()).unwrap();
    let said = world.asiaq(&["adopt", "--yes", "--tfstate", "terraform.tfstate"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let owned = owned(&world);
    let ids: Vec<&str> = owned["owned"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(ids.contains(&vpc) && !ids.contains(&other.as_str().unwrap()), "{ids:?}");
    assert_eq!(ids.len(), 4);

    std::fs::write(world.path("none.tfstate"), "{}").unwrap();
    let said = world.asiaq(&["adopt", "--tfstate", "none.tfstate"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("`none.tfstate` is no state of Terraform"), "{}", said.stderr);
}

#[test]
fn what_others_manage_is_refused_with_their_name() {
    for (tags, manager) in [
        ("{'Key': 'aws:cloudformation:stack-name', 'Value': 'net'}", "CloudFormation stack `net`"),
        ("{'Key': 'kubernetes.io/cluster/main', 'Value': 'owned'}", "Kubernetes cluster `main`"),
        ("{'Key': 'managed-by', 'Value': 'Terraform'}", "Terraform"),
    ] {
        let world = by_hand();
        let tag = |world: &World, tags: &str| {
            world.boto(&format!(
                "vpc = [v['VpcId'] for v in ec2.describe_vpcs()['Vpcs'] if v['CidrBlock'] == '10.30.0.0/20'][0]
ec2.create_tags(Resources=[vpc], Tags=[{tags}])
result = vpc"
            ))
        };
        tag(&world, tags);
        let said = world.asiaq(&["adopt", "--yes"]);
        assert_eq!(said.code, 0, "{said:#?}");
        assert!(joined(&said.stdout).contains(manager), "{said:#?}");
        assert_eq!(owned(&world)["owned"], Value::Array(Vec::new()), "nor what is in it");
        let said = world.asiaq(&["adopt", "--yes", "--managed"]);
        assert_eq!(said.code, 0, "{said:#?}");
        assert_eq!(owned(&world)["owned"].as_array().unwrap().len(), 4);
    }
    let world = by_hand();
    world.boto(
        "vpc = [v['VpcId'] for v in ec2.describe_vpcs()['Vpcs'] if v['CidrBlock'] == '10.30.0.0/20'][0]
pairs = {'asiaq:project': 'other', 'asiaq:env': 'x', 'asiaq:address': 'x/vpc'}
ec2.create_tags(Resources=[vpc], Tags=[{'Key': key, 'Value': value} for key, value in pairs.items()])
result = 0",
    );
    let said = world.asiaq(&["adopt", "--yes", "--managed"]);
    let words = joined(&said.stdout);
    assert!(
        words.contains("project `other` of asiaq") && words.contains("release it there first"),
        "{said:#?}"
    );
    assert_eq!(owned(&world)["owned"].as_array().unwrap().len(), 1, "it has the other's tags only");
}

/// Whatever happens at the n-th call: the next run finishes, and nothing is half owned.
fn is_finished_after(n: usize, kill: bool) -> bool {
    let world = legacy();
    let before = world.boto(STATE);
    let is_hit = if kill {
        let is_hit = world.kill_at(n, &["adopt", "--yes"]);
        world.asiaq(&["unlock", "--env", "ci", "--yes"]);
        is_hit
    } else {
        let proxy = Proxy::start(moto::endpoint());
        proxy.at(n, Fault::Failed(Moment::Before));
        let said = world.asiaq_impatient(&proxy, &["adopt", "--yes"]);
        assert!([0, 2, 3].contains(&said.code), "call {n}: {said:#?}");
        proxy.operations().len() >= n
    };
    assert_eq!(owned(&world)["half"], Value::Array(Vec::new()), "call {n}");
    let said = world.asiaq(&["adopt", "--yes"]);
    assert_eq!(said.code, 0, "call {n}: {said:#?}");
    let owned = owned(&world);
    assert_eq!(owned["owned"].as_array().unwrap().len(), RESOURCES, "call {n}");
    assert_eq!(owned["half"], Value::Array(Vec::new()), "call {n}");
    assert_eq!(world.boto(STATE)["parts"], before["parts"], "call {n}");
    let plan = world.asiaq(&["plan"]);
    assert!(
        plan.stdout.contains("0 to create, 1 to change, 0 to replace, 0 to delete"),
        "call {n}: {plan:#?}"
    );
    is_hit
}

#[test]
fn an_adoption_that_is_killed_or_fails_at_any_call_is_finished_by_the_next_one() {
    if std::env::var("ASIAQ_TESTS").as_deref() == Ok("long") {
        for kill in [true, false] {
            let most = (1..1000).find(|n| !is_finished_after(*n, kill));
            assert!(most.is_some_and(|most| most > 100), "{most:?} calls");
        }
    } else {
        let proxy = Proxy::start(moto::endpoint());
        let world = legacy();
        let calls = world.calls_of(&proxy, &["adopt", "--yes"], 0);
        let first = calls.iter().position(|call| call == "CreateTags").unwrap();
        assert!(is_finished_after(first + 5, true));
        assert!(is_finished_after(first + 5, false));
    }
}

/// What asiaq makes of nearly every kind is what it takes over when nobody's marks are on it: nothing is made twice, replaced
/// or deleted.
/// What is left to do are smoke tests, which nobody has written down for instances that asiaq did not start; after those,
/// nothing.
fn has_only_tests_left(world: &World) {
    let plan = world.asiaq(&["plan", "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["kind"] == "smoke-test"), "{steps:#?}");
    world.apply();
    let plan = world.asiaq(&["plan", "--full"]);
    assert_eq!(plan.code, 0, "{}", plan.stdout);
}

#[test]
fn every_kind_that_asiaq_makes_can_be_adopted() {
    let world = World::of_environments();
    world.apply();
    let before = world.boto(STATE);
    world.script("disown.py", &[]);
    let proxy = Proxy::start(moto::endpoint());
    let calls = world.calls_of(&proxy, &["adopt", "--yes", "--format", "json"], 0);
    let is_mark = |call: &str| {
        let marks = ["PutMetricAlarm", "ChangeResourceRecordSets", "UpdateItem", "TransactWriteItems"];
        call.contains("Tag") || marks.contains(&call)
    };
    let others: Vec<&String> = calls.iter().filter(|call| writes(call) && !is_mark(call)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(world.boto(STATE)["parts"], before["parts"]);
    has_only_tests_left(&world);
    // Marks are as good as those of a creation, but for the way back.
    let said = world.asiaq(&["adopt", "--release", "--dry-run"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let said = world.asiaq(&["adopt", "--release", "--yes"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let again = world.asiaq(&["adopt", "--yes"]);
    assert_eq!(again.code, 0, "{again:#?}");
    has_only_tests_left(&world);
}
