//! Resources that somebody created by hand become a project's by their tags, as the page about ownership says.

use super::World;

const PROGRAM: &str = "project legacy { region = us-west-2 }

env old {
  cidr  = 10.77.0.0/20
  zones = 2
  metanetwork web { ingress = [tcp 443 from internet], routes = [internet via igw] }
}
";

/// A VPC with two subnets, and the ids of the three.
const BY_HAND: &str = "vpc = ec2.create_vpc(CidrBlock='10.77.0.0/20')['Vpc']['VpcId']
result = [vpc] + [ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)['Subnet']['SubnetId']
          for cidr, zone in [('10.77.0.0/21', 'us-west-2a'), ('10.77.8.0/21', 'us-west-2b')]]";

#[test]
fn what_was_made_by_hand_is_taken_over_by_two_tags() {
    let world = World::new(PROGRAM);
    let ids: Vec<String> = serde_json::from_value(world.boto(BY_HAND)).unwrap();
    let before = world.asiaq(&["plan"]);
    assert!(before.stdout.contains("8 to create, 0 to change"), "{before:#?}");

    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ownership.md")).unwrap();
    for (id, address) in ids.iter().zip(["old/vpc", "old/web/subnet/1", "old/web/subnet/2"]) {
        for tag in ["asiaq:project", "asiaq:address", address.trim_end_matches("/2")] {
            assert!(page.contains(tag), "the page does not name {tag}");
        }
        world.boto(&format!(
            "ec2.create_tags(Resources=[{id:?}], Tags=[{{'Key': 'asiaq:project', 'Value': 'legacy'}},
  {{'Key': 'asiaq:address', 'Value': {address:?}}}])
result = 0"
        ));
    }
    let plan = world.asiaq(&["plan"]);
    assert!(plan.stdout.contains("5 to create, 3 to change, 0 to replace, 0 to delete"), "{plan:#?}");
    assert!(ids.iter().all(|id| plan.stdout.contains(id)), "{plan:#?}");
    world.apply();
    let vpcs =
        world.boto("result = [vpc['VpcId'] for vpc in ec2.describe_vpcs()['Vpcs'] if not vpc['IsDefault']]");
    assert_eq!(vpcs, serde_json::json!([ids[0]]));
}
