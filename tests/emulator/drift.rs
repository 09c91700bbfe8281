//! What somebody changes by hand in the account is drift in the next plan, and what the program changes is not.

use serde_json::Value;

use super::World;

/// One environment with one metanetwork.
pub(super) const PROGRAM: &str = "project p { region = us-west-2 }
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
pub(super) fn drift(world: &World, arguments: &[&str]) -> Vec<String> {
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
    assert_eq!(settled.stdout, "No drift: nothing has changed since the last apply.\n");

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
    assert!(line("tcp 22").ends_with("drift: not declared"), "{}", said.stdout);
    assert!(line("via igw").ends_with("drift: declared in infra.asq:7"), "{}", said.stdout);
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
    assert!(said.stderr.contains("there is no record of the last apply to `ci`"), "{}", said.stderr);
    world.boto(BY_HAND);
    assert_eq!(drift(&world, &[]), [""; 0], "nobody is named without a record");
    assert_eq!(world.asiaq(&["plan", "--drift-only"]).code, 10);
    world.apply();
    world.boto(BY_HAND);
    assert_eq!(drift(&world, &[]).len(), 2);
}

/// Lets the members of a group go to one place alone.
const SHUT: &str = "
group = ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': ['ci_web']}])['SecurityGroups'][0]
ec2.revoke_security_group_egress(GroupId=group['GroupId'], IpPermissions=group['IpPermissionsEgress'])
there = [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'IpRanges': [{'CidrIp': '10.0.0.0/8', 'Description': 'by hand'}]}]
ec2.authorize_security_group_egress(GroupId=group['GroupId'], IpPermissions=there)
result = None
";

/// Where they may go.
const EGRESS: &str = "
group = ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': ['ci_web']}])['SecurityGroups'][0]
result = [[rule['IpProtocol'], *(block['CidrIp'] for block in rule['IpRanges'])] for rule in group['IpPermissionsEgress']]
";

#[test]
fn where_the_members_of_a_group_may_go_is_everywhere_again() {
    let world = World::new(PROGRAM);
    world.apply();
    let before = world.boto(EGRESS);
    world.boto(SHUT);
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    for line in [
        "+ any to internet        drift: declared in infra.asq:5",
        "- tcp 443 to 10.0.0.0/8  drift: not declared",
    ] {
        assert!(plan.stdout.contains(line), "{line}\n{}", plan.stdout);
    }
    world.apply();
    assert_eq!(world.boto(EGRESS), before);
}
