//! What has lost the tags by which asiaq knows its own: it is never made a second time, and what to do is said.

use serde_json::{Value, json};

use super::World;
use super::drift::PROGRAM;

/// Resources that are told whose they are by tags, by address: those of EC2, and groups of machines.
const TAGS: &str = "
scaling = client('autoscaling')
keys = ['asiaq:project', 'asiaq:address']
def tagged():
    of_ec2 = ec2.describe_tags(Filters=[{'Name': 'key', 'Values': ['asiaq:address']}])['Tags']
    found = {tag['Value']: tag['ResourceId'] for tag in of_ec2 if tag['ResourceType'] != 'instance'}
    of_groups = scaling.describe_tags(Filters=[{'Name': 'key', 'Values': ['asiaq:address']}])['Tags']
    return {**found, **{tag['Value']: tag['ResourceId'] for tag in of_groups}}
def untag(addresses, keys=keys):
    there = tagged()
    for address in addresses:
        if address.endswith('/group'):
            scaling.delete_tags(Tags=[{'ResourceId': there[address], 'ResourceType': 'auto-scaling-group', 'Key': key} for key in keys])
        else:
            ec2.delete_tags(Resources=[there[address]], Tags=[{'Key': key} for key in keys])
    return [there[address] for address in addresses]
def tag(address, id):
    tags = [{'Key': 'asiaq:project', 'Value': 'shop'}, {'Key': 'asiaq:address', 'Value': address}]
    if address.endswith('/group'):
        scaling.create_or_update_tags(Tags=[{**tag, 'ResourceId': id, 'ResourceType': 'auto-scaling-group', 'PropagateAtLaunch': True} for tag in tags])
    else:
        ec2.create_tags(Resources=[id], Tags=tags)
";

/// Everything of EC2 and every group of machines that AWS has, whether it has tags or not.
const CENSUS: &str = "
result = [
    sorted(s['SubnetId'] for s in ec2.describe_subnets()['Subnets']),
    sorted(s['GroupId'] for s in ec2.describe_security_groups()['SecurityGroups']),
    sorted(t['RouteTableId'] for t in ec2.describe_route_tables()['RouteTables']),
    sorted(g['InternetGatewayId'] for g in ec2.describe_internet_gateways()['InternetGateways']),
    sorted(g['NatGatewayId'] for g in ec2.describe_nat_gateways()['NatGateways'] if g['State'] != 'deleted'),
    sorted(a['AllocationId'] for a in ec2.describe_addresses()['Addresses']),
    sorted(e['VpcEndpointId'] for e in ec2.describe_vpc_endpoints()['VpcEndpoints']),
    sorted(p['VpcPeeringConnectionId'] for p in ec2.describe_vpc_peering_connections()['VpcPeeringConnections']),
    sorted(i['NetworkInterfaceId'] for i in ec2.describe_network_interfaces()['NetworkInterfaces']),
    sorted(t['LaunchTemplateId'] for t in ec2.describe_launch_templates()['LaunchTemplates']),
    sorted(g['AutoScalingGroupName'] for g in client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups']),
]
";

#[test]
fn nothing_that_lost_its_tags_is_made_a_second_time() {
    let world = World::of_environments();
    world.apply();
    let before = world.boto(CENSUS);
    // What points at something that is to be made anew is looked for only when that is there.
    let parts = [
        &[
            "ci/internet-gateway",
            "ci/public/nat-gateway/1",
            "ci/app/route-table/1",
            "ci/endpoint/s3",
            "ci/peering/qa",
            "ci/interface/jump",
            "ci/hostclass/api/group",
        ][..],
        &["ci/public/elastic-ip/1", "ci/app/subnet/1", "ci/public/security-group"],
        &["ci/hostclass/front/launch-template"],
    ];
    for part in parts {
        for keys in ["['asiaq:project']", "['asiaq:address']", "keys"] {
            let ids = world.boto(&format!("{TAGS}\nresult = untag({part:?}, {keys})"));
            let command = if keys == "keys" { &["apply", "--yes"][..] } else { &["plan"] };
            let refused = world.asiaq(command);
            assert_eq!(refused.code, 2, "{refused:#?}");
            for (id, address) in ids.as_array().unwrap().iter().zip(part) {
                let id = id.as_str().unwrap();
                let way_out = format!(
                    "`{id}` in us-west-2 stands where `{address}` belongs, and no tags say whose it is: delete it, or \
                     let asiaq take it over by tagging it `asiaq:project = shop` and `asiaq:address = {address}`"
                );
                assert!(refused.stderr.contains(&way_out), "{way_out}\n{}", refused.stderr);
            }
            let pairs: Vec<(&&str, &Value)> = part.iter().zip(ids.as_array().unwrap()).collect();
            world.boto(&format!("{TAGS}\nfor address, id in {}:\n    tag(address, id)", json!(pairs)));
        }
    }
    assert_eq!(world.boto(CENSUS), before);
    world.assert_settled();
}

#[test]
fn what_lost_its_tags_is_not_left_behind_by_a_destroy() {
    let world = World::of_environments();
    world.apply();
    let before = world.boto(CENSUS);
    for part in [
        &[
            "ci/public/nat-gateway/1",
            "ci/public/elastic-ip/1",
            "ci/app/subnet/1",
            "ci/hostclass/front/launch-template",
        ][..],
        &["ci/public/elastic-ip/1", "ci/hostclass/api/group", "ci/internet-gateway"],
    ] {
        let ids = world.boto(&format!("{TAGS}\nresult = untag({part:?}, ['asiaq:address'])"));
        let refused = world.asiaq(&["destroy", "--yes"]);
        assert_eq!(refused.code, 2, "{refused:#?}");
        for (id, address) in ids.as_array().unwrap().iter().zip(part) {
            // An address that nothing of ours leans on any more is not known until that is.
            let is_hidden = part.len() == 4 && address.contains("elastic-ip");
            let id = id.as_str().unwrap();
            assert!(is_hidden || refused.stderr.contains(id), "{id} of {address}: {}", refused.stderr);
        }
        let pairs: Vec<(&&str, &Value)> = part.iter().zip(ids.as_array().unwrap()).collect();
        world.boto(&format!("{TAGS}\nfor address, id in {}:\n    tag(address, id)", json!(pairs)));
    }
    assert_eq!(world.boto(CENSUS), before);
    let gone = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(gone.code, 0, "{gone:#?}");
    let again = world.asiaq(&["destroy", "--yes"]);
    assert_eq!((again.code, again.stdout.contains("Nothing to do")), (0, true), "{again:#?}");
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
                "none" => format!("is in `{vpc}` in us-west-2, which has lost its ownership tags"),
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
