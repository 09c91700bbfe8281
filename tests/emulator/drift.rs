//! What somebody changes by hand in the account is drift in the next plan, and what the program changes is not.

use serde_json::Value;

use super::World;

const PROGRAM: &str = "project p { region = us-west-2 }
env ci {
  cidr  = 10.0.0.0/20
  zones = 1
  metanetwork web {
    ingress = [tcp 443 from internet]
    routes  = [internet via igw]
  }
}
";

/// Opens a port that nobody asked for, and takes the route to the internet away.
const BY_HAND: &str = "
group = ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': ['ci_web']}])['SecurityGroups'][0]['GroupId']
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '203.0.113.0/24'}]}])
table = ec2.describe_route_tables(Filters=[{'Name': 'tag:asiaq:address', 'Values': ['ci/web/route-table/1']}])['RouteTables'][0]['RouteTableId']
ec2.delete_route(RouteTableId=table, DestinationCidrBlock='0.0.0.0/0')
result = None
";

/// The steps of a plan and their reasons that are drift.
fn drift(world: &World, arguments: &[&str]) -> Vec<String> {
    let said = world.asiaq(&[&["plan", "--format", "json"], arguments].concat());
    let plan: Value = serde_json::from_str(&said.stdout).unwrap();
    let mut found = Vec::new();
    for step in plan["steps"].as_array().unwrap() {
        for reason in step["reasons"].as_array().into_iter().flatten() {
            if reason["cause"] == "drift" {
                let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
                found.push(format!("{} {}", text(&step["address"]), text(&reason["element"])));
            }
        }
    }
    assert_eq!(plan["summary"]["drift"].as_u64().unwrap() > 0, !found.is_empty());
    found
}

#[test]
fn a_change_by_hand_is_drift_and_one_of_the_program_is_not() {
    let world = World::new(PROGRAM);
    world.apply();
    let settled = world.asiaq(&["plan", "--drift-only"]);
    assert_eq!((settled.code, settled.stderr.as_str()), (0, ""), "{settled:#?}");
    assert_eq!(settled.stdout, "No drift: AWS is as the last apply left it.\n");

    // The program alone: changes, and no drift.
    let changed = PROGRAM.replace("tcp 443 from internet", "tcp [80, 443] from internet");
    world.write(&changed);
    assert_eq!(world.asiaq(&["plan"]).code, 10);
    assert_eq!(world.asiaq(&["plan", "--drift-only"]).code, 0);

    // Both at once are told apart, each beside the line that wants it.
    world.boto(BY_HAND);
    let both = ["ci/web/route-table/1 0.0.0.0/0", "ci/web/security-group/ingress tcp 22 22 203.0.113.0/24"];
    assert_eq!(drift(&world, &[]), both);
    assert_eq!(drift(&world, &["--drift-only"]), both);
    let said = world.asiaq(&["plan", "--drift-only"]);
    assert_eq!(said.code, 10, "{said:#?}");
    let line =
        |part: &str| said.stdout.lines().find(|line| line.contains(part)).unwrap_or_default().to_owned();
    assert!(line("tcp 22").ends_with("drift: nothing wants it"), "{}", said.stdout);
    assert!(line("via igw").ends_with("drift: infra.asq:7 wants it"), "{}", said.stdout);
    assert!(said.stdout.contains("2 of them undo drift"), "{}", said.stdout);
    assert!(!said.stdout.contains("tcp 80"), "{}", said.stdout);

    // An apply undoes both, and knows it.
    world.apply();
    assert_eq!(world.asiaq(&["plan", "--drift-only"]).code, 0);
}

#[test]
fn without_a_record_every_difference_counts_and_the_next_apply_makes_one() {
    let world = World::new(PROGRAM);
    let said = world.asiaq(&["apply", "--yes", "--no-lock"]);
    assert_eq!(said.code, 0, "{said:#?}");
    let said = world.asiaq(&["plan", "--drift-only"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert!(said.stderr.contains("what was last written to `ci` is not known"), "{}", said.stderr);
    world.boto(BY_HAND);
    assert_eq!(drift(&world, &[]), [""; 0], "nobody is named without a record");
    assert_eq!(world.asiaq(&["plan", "--drift-only"]).code, 10);
    world.apply();
    world.boto(BY_HAND);
    assert_eq!(drift(&world, &[]).len(), 2);
}

/// Takes the tags off a subnet and a group, by which asiaq knows them, and tells their ids.
const UNTAG: &str = "
group = ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': ['ci_web']}])['SecurityGroups'][0]['GroupId']
subnet = ec2.describe_subnets(Filters=[{'Name': 'tag:asiaq:address', 'Values': ['ci/web/subnet/1']}])['Subnets'][0]['SubnetId']
ec2.delete_tags(Resources=[group, subnet], Tags=[{'Key': 'asiaq:project'}, {'Key': 'asiaq:address'}])
result = [group, subnet]
";

/// Tags the two again as asiaq said.
const TAG: &str = "
def tag(id, address):
    ec2.create_tags(Resources=[id], Tags=[{'Key': 'asiaq:project', 'Value': 'p'}, {'Key': 'asiaq:address', 'Value': address}])
tag(ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': ['ci_web']}])['SecurityGroups'][0]['GroupId'], 'ci/web/security-group')
tag(ec2.describe_subnets(Filters=[{'Name': 'cidr-block', 'Values': ['10.0.0.0/20']}])['Subnets'][0]['SubnetId'], 'ci/web/subnet/1')
result = None
";

#[test]
fn what_lost_its_tags_is_in_the_way_until_it_has_them_again() {
    let world = World::new(PROGRAM);
    world.apply();
    let before = world.look();
    let untagged = world.boto(UNTAG);
    let refused = world.asiaq(&["apply", "--yes"]);
    assert_eq!(refused.code, 3, "{refused:#?}");
    for (id, address) in [(&untagged[0], "ci/web/security-group"), (&untagged[1], "ci/web/subnet/1")] {
        let id = id.as_str().unwrap();
        let way_out = format!(
            "`{id}` is in the way, and no tags say whose it is: delete it, or let asiaq take it over by tagging it \
             `asiaq:project = p` and `asiaq:address = {address}`, and apply again"
        );
        assert!(refused.stderr.contains(&way_out), "{way_out}\n{}", refused.stderr);
    }
    world.boto(TAG);
    world.assert_settled();
    assert_eq!(world.look(), before);
}

/// The VPCs of the region beside the default one, by the address in their tags.
const OWNED: &str = "
def tags(thing):
    return {tag['Key']: tag['Value'] for tag in thing.get('Tags', [])}
result = sorted(tags(vpc).get('asiaq:address', vpc['VpcId']) for vpc in ec2.describe_vpcs()['Vpcs'] if not vpc['IsDefault'])
";

#[test]
fn tags_that_cannot_be_what_asiaq_wrote_are_refused_before_anything_is_made_anew() {
    let world = World::new(PROGRAM);
    world.apply();
    let before = world.look();
    let tag = |value: &str| {
        world.boto(&format!(
            "vpc = [v for v in ec2.describe_vpcs()['Vpcs'] if not v['IsDefault']][0]['VpcId']
keys = ec2.delete_tags if {value:?} == 'none' else ec2.create_tags
keys(Resources=[vpc], Tags=[{{'Key': 'asiaq:address', **({{}} if {value:?} == 'none' else {{'Value': {value:?}}})}}])
result = vpc"
        ))
    };
    for value in ["none", "", "/vpc", "garbage"] {
        let vpc = tag(value);
        let vpc = vpc.as_str().unwrap();
        for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"]] {
            let refused = world.asiaq(command);
            assert_eq!(refused.code, 2, "{refused:#?}");
            let says = match value {
                "none" => format!("is in `{vpc}` in us-west-2, which does not have the tags"),
                _ => format!("`{vpc}` in us-west-2 is tagged `asiaq:address = {value}`, which is no address"),
            };
            assert!(refused.stderr.contains(&says), "{says}\n{}", refused.stderr);
        }
    }
    tag("ci/vpc");
    assert_eq!(world.boto(OWNED), serde_json::json!(["ci/vpc"]));
    world.assert_settled();
    assert_eq!(world.look(), before);
}
