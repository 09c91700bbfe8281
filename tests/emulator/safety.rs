//! What asiaq must never do.

use serde_json::{Value, json};

use super::World;

const ONE: &str = "project p { region = us-west-2 }
env ci {
  cidr  = 10.0.0.0/20
  zones = 1
  metanetwork web { ingress = [tcp 443 from internet], routes = [internet via igw] }
}
";

#[test]
fn neighbours_are_left_alone() {
    let world = World::new(ONE);
    // Somebody else's environment, with names and tags that come close.
    world.boto(
        "tags = lambda kind, name: [{'ResourceType': kind, 'Tags': [{'Key': 'Name', 'Value': name}, {'Key': 'asiaq:project', 'Value': 'pp'}, {'Key': 'asiaq:address', 'Value': 'ci/vpc'}]}]\n\
         vpc = ec2.create_vpc(CidrBlock='10.0.0.0/16', TagSpecifications=tags('vpc', 'ci'))['Vpc']['VpcId']\n\
         subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.0.0.0/24', TagSpecifications=tags('subnet', 'ci_web_us-west-2a'))['Subnet']['SubnetId']\n\
         group = ec2.create_security_group(GroupName='ci_web', Description='theirs', VpcId=vpc)['GroupId']\n\
         ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 1, 'ToPort': 2, 'IpRanges': [{'CidrIp': '10.0.0.0/8'}]}])\n\
         gateway = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']\n\
         ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)\n\
         ec2.allocate_address(Domain='vpc')\n\
         ec2.create_dhcp_options(DhcpConfigurations=[{'Key': 'domain-name', 'Values': ['theirs']}])\n\
         ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress='10.0.0.9', Description='floating interface')",
    );
    let before = world.look();
    world.apply();
    assert_ne!(world.look(), before);
    assert_eq!(world.asiaq(&["destroy", "--yes"]).code, 0);
    assert_eq!(world.look(), before);
}

#[test]
fn rules_set_by_hand_are_shown_and_revoked() {
    let world = World::new(ONE);
    world.apply();
    world.boto(
        "group = next(g for g in ec2.describe_security_groups()['SecurityGroups'] if g['GroupName'] == 'ci_web')['GroupId']\n\
         ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}])",
    );
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10);
    assert!(plan.stdout.contains("tcp 22 from"), "{}", plan.stdout);
    world.apply();
    assert_eq!(world.lines("from 0.0.0.0/0"), ["tcp 443-443 from 0.0.0.0/0"]);
}

#[test]
fn a_vpn_gateway_is_attached_by_name_never_taken_never_deleted() {
    let routed = ONE.replace("routes = [internet via igw]", "routes = [172.16.0.0/12 via vgw]");
    let world = World::new(&routed);
    // Without a gateway everything else is made, and a warning says what is missing.
    let said = world.apply();
    assert!(said.stderr.contains("no-vpn-gateway"), "{}", said.stderr);
    let gateway = world.boto(
        "result = ec2.create_vpn_gateway(Type='ipsec.1', TagSpecifications=[{'ResourceType': 'vpn-gateway', 'Tags': [{'Key': 'Name', 'Value': 'ci'}]}])['VpnGateway']['VpnGatewayId']",
    );
    world.apply();
    assert_eq!(world.lines("vpn gateway"), ["vpn gateway ci of ci"]);
    assert_eq!(world.lines("via vgw"), ["172.16.0.0/12 via vgw ci"]);
    // Without a route it is let go; the gateway stays.
    world.write(ONE);
    world.apply();
    assert_eq!(world.lines("vpn gateway"), ["vpn gateway ci of nobody"]);
    // Attached elsewhere, it is not taken.
    world.boto(&format!(
        "vpc = ec2.create_vpc(CidrBlock='10.9.0.0/16')['Vpc']['VpcId']\nec2.attach_vpn_gateway(VpnGatewayId={gateway}, VpcId=vpc)"
    ));
    world.write(&routed);
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 1, "{plan:#?}");
    assert!(plan.stderr.contains("vpn-gateway-taken"), "{}", plan.stderr);
    assert_eq!(world.lines("vpn gateway"), ["vpn gateway ci of unnamed"]);
}

#[test]
fn another_account_is_refused_before_the_first_write() {
    let world = World::new(&format!(
        "account other {{ id = \"999999999999\" }}\n{}",
        ONE.replace("zones = 1", "zones = 1\n  account = other")
    ));
    let before = world.look();
    let said = world.asiaq(&["apply", "--yes", "--env", "ci"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("999999999999"), "{}", said.stderr);
    assert_eq!(world.look(), before);
}

#[test]
fn a_protected_environment_refuses_what_cannot_be_undone() {
    let protected = ONE.replace("zones = 1", "zones = 1\n  protect = true");
    let world = World::new(&protected);
    world.apply();
    let before = world.look();
    world.write(&protected.replace("10.0.0.0/20", "10.7.0.0/20"));
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(said.stderr.contains("--allow"), "{}", said.stderr);
    let said = world.asiaq(&["destroy", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert!(
        said.stderr.contains("delete vpc ci/vpc (data-loss), protected by infra.asq:"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.ends_with("to apply anyway, add `--allow data-loss`\n"), "{}", said.stderr);
    assert_eq!(world.look(), before);
    let said = world.asiaq(&["destroy", "--yes", "--allow", "data-loss"]);
    assert_eq!(said.code, 0, "{said:#?}");
    assert_eq!(world.look().trim(), "");
}

#[test]
fn protection_outlasts_the_declaration() {
    let protected = ONE.replace("zones = 1", "zones = 1\n  protect = true");
    let world = World::new(&protected);
    world.apply();
    let before = world.look();
    world.write("project p { region = us-west-2 }");
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 2, "{said:#?}");
    assert_eq!(world.look(), before);
    // Said to be unprotected, it is.
    world.write(ONE);
    world.apply();
    world.write("project p { region = us-west-2 }");
    assert_eq!(world.asiaq(&["apply", "--yes", "--env", "ci"]).code, 0);
    assert_eq!(world.look().trim(), "");
}

#[test]
fn a_protected_declaration_keeps_what_it_made_after_it_is_gone() {
    let topic = |says: &str| {
        format!(
            "{ONE}\ntopic critical {{ subscribers = [\"arn:aws:sqs:us-west-2:123456789012:q\"]{says} }}\n"
        )
    };
    let world = World::new(&topic(", protect = true"));
    world.apply();
    let before = world.look();
    // Renamed it would be another one, and removed none.
    world.write(&topic(", protect = true, name = \"other_topic\""));
    let renamed = world.asiaq(&["apply", "--yes"]);
    assert_eq!(renamed.code, 2, "{renamed:#?}");
    assert!(renamed.stderr.contains("(data-loss), protected by infra.asq:"), "{}", renamed.stderr);
    world.write(ONE);
    let gone = world.asiaq(&["apply", "--yes"]);
    assert_eq!(gone.code, 2, "{gone:#?}");
    assert!(gone.stderr.contains("protected by its tag `asiaq:protect`"), "{}", gone.stderr);
    assert!(gone.stderr.contains("add `--allow data-loss`"), "{}", gone.stderr);
    assert_eq!(world.look(), before);
    // A plan says so before anybody agrees to it.
    let plan = world.asiaq(&["plan"]);
    assert_eq!(plan.code, 10, "{plan:#?}");
    assert!(plan.stderr.contains("would be refused, because of protection:\n"), "{}", plan.stderr);
    let plan: Value = serde_json::from_str(&world.asiaq(&["plan", "--format", "json"]).stdout).unwrap();
    assert_eq!(plan["refused"], json!(["ci/topic/critical"]));
    // Nothing else is protected, and what is said to be unprotected is not.
    world.write(&topic(", protect = true, protect@ci = false"));
    let plan = world.asiaq(&["plan"]);
    assert!(plan.stdout.contains("asiaq:protect") && !plan.stdout.contains("disruptive"), "{}", plan.stdout);
    world.apply();
    world.write(ONE);
    world.apply();
}

#[test]
fn an_environment_in_a_region_nobody_speaks_of_is_found_where_one_looks() {
    let elsewhere = ONE.replace("zones = 1", "zones = 1\n  region = us-west-1");
    let world = World::new(&elsewhere);
    world.apply();
    world.write("project p { region = us-west-2 }");
    assert_eq!(world.asiaq(&["plan"]).code, 0);
    assert_eq!(world.asiaq(&["plan", "--also-region", "us-west-1"]).code, 10);
    assert_eq!(world.asiaq(&["destroy", "--yes", "--also-region", "us-west-1"]).code, 0);
    assert_eq!(world.asiaq(&["plan", "--also-region", "us-west-1"]).code, 0);
}

#[test]
fn a_saved_plan_is_applied_as_it_was_shown_or_not_at_all() {
    let world = World::new(ONE);
    // As `mktemp` makes one.
    std::fs::write(world.path("plan.json"), "").unwrap();
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    let said = world.asiaq(&["apply", "--yes", "plan.json"]);
    assert_eq!(said.code, 0, "{said:#?}");
    world.assert_settled();
    let again = world.asiaq(&["apply", "--yes", "plan.json"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, "Nothing to do: AWS matches `p`.\n"));

    // One that has nothing to do is no word for a world that has moved since.
    assert_eq!(world.asiaq(&["plan", "-o", "empty.json"]).code, 0);
    world.write(&ONE.replace("tcp 443 from internet", "tcp [443, 80] from internet"));
    assert_eq!(world.asiaq(&["plan", "-o", "plan.json"]).code, 10);
    world.boto(
        "group = next(g for g in ec2.describe_security_groups()['SecurityGroups'] if g['GroupName'] == 'ci_web')['GroupId']\n\
         ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 22, 'ToPort': 22, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}])",
    );
    for saved in ["plan.json", "empty.json"] {
        let said = world.asiaq(&["apply", "--yes", saved]);
        assert_eq!(said.code, 2, "{said:#?}");
        assert!(said.stderr.contains("ci/web/security-group/ingress"), "{}", said.stderr);
    }
}

#[test]
fn an_address_that_the_account_does_not_have_is_found_before_anything_is_made() {
    let world = World::new(
        &ONE.replace("routes = [internet via igw]", "routes = [internet via igw], nat = [203.0.113.9]"),
    );
    let said = world.asiaq(&["apply", "--yes"]);
    assert_eq!(said.code, 1, "{said:#?}");
    assert!(said.stderr.contains("elastic-ip-unknown"), "{}", said.stderr);
    assert_eq!(world.look().trim(), "");
}
