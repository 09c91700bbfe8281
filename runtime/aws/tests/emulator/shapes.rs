//! Answers and calls that the emulator does not know, replayed.

use asiaq_ir::{GroupRule, IngressRules, Kind, Protocol, Ref, Resource, RouteTable, Source};

use crate::account::{Account, found, id};
use crate::replay::{Answer, OK, Replay};

#[tokio::test]
async fn every_page_is_read() {
    let replay = Replay::start(&[
        (
            "DescribeSubnets",
            Answer::Ok(
                "<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>\
                 <cidrBlock>10.0.0.0/24</cidrBlock><availabilityZone>us-west-2a</availabilityZone><tagSet>\
                 <item><key>asiaq:project</key><value>shop</value></item>\
                 <item><key>asiaq:address</key><value>ci/web/subnet/1</value></item>\
                 </tagSet></item></subnetSet><nextToken>more</nextToken>",
            ),
        ),
        (
            "DescribeSubnets",
            Answer::Ok(
                "<subnetSet><item><subnetId>subnet-2</subnetId><vpcId>vpc-1</vpcId>\
                 <cidrBlock>10.0.1.0/24</cidrBlock><availabilityZone>us-west-2b</availabilityZone><tagSet>\
                 <item><key>asiaq:project</key><value>shop</value></item>\
                 <item><key>asiaq:address</key><value>ci/web/subnet/2</value></item>\
                 </tagSet></item></subnetSet>",
            ),
        ),
        (
            "DescribeAvailabilityZones",
            Answer::Ok(
                "<availabilityZoneInfo>\
                 <item><zoneName>us-west-2b</zoneName><zoneState>available</zoneState></item>\
                 <item><zoneName>us-west-2a</zoneName><zoneState>available</zoneState>\
                 <zoneType>availability-zone</zoneType><optInStatus>opt-in-not-required</optInStatus></item>\
                 <item><zoneName>us-west-2c</zoneName><zoneState>impaired</zoneState></item>\
                 <item><zoneName>us-west-2-lax-1a</zoneName><zoneState>available</zoneState>\
                 <zoneType>local-zone</zoneType><optInStatus>opted-in</optInStatus></item>\
                 </availabilityZoneInfo>",
            ),
        ),
    ]);
    let listed = Account::replayed(&replay.endpoint).list(Kind::Subnet).await;
    let ids: Vec<&str> = listed.found.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["subnet-1", "subnet-2"]);
    assert_eq!(listed.facts.zones, ["us-west-2a", "us-west-2b"]);
    let calls = replay.calls("DescribeSubnets");
    assert_eq!(calls[0]["Filter.1.Name"], "tag:asiaq:project");
    assert_eq!(calls[0]["Filter.1.Value.1"], "shop");
    assert_eq!(calls[1]["NextToken"], "more");
}

#[tokio::test]
async fn routes_of_a_vpn_gateway_are_let_in_and_not_listed() {
    let replay = Replay::start(&[
        ("EnableVgwRoutePropagation", Answer::Error("Gateway.NotFound", "not yet")),
        ("EnableVgwRoutePropagation", OK),
        ("DisableVgwRoutePropagation", OK),
        (
            "DescribeRouteTables",
            Answer::Ok(
                "<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet>\
                 <item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId>\
                 <origin>CreateRouteTable</origin></item>\
                 <item><destinationCidrBlock>192.168.0.0/16</destinationCidrBlock><gatewayId>vgw-1</gatewayId>\
                 <origin>EnableVgwRoutePropagation</origin></item>\
                 <item><destinationCidrBlock>10.9.0.0/16</destinationCidrBlock>\
                 <vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId><state>blackhole</state>\
                 <origin>CreateRoute</origin></item>\
                 <item><destinationCidrBlock>10.8.0.0/16</destinationCidrBlock>\
                 <transitGatewayId>tgw-1</transitGatewayId><origin>CreateRoute</origin></item>\
                 <item><destinationPrefixListId>pl-1</destinationPrefixListId><gatewayId>vpce-1</gatewayId>\
                 <origin>CreateRoute</origin></item></routeSet>\
                 <propagatingVgwSet><item><gatewayId>vgw-1</gatewayId></item></propagatingVgwSet><tagSet>\
                 <item><key>asiaq:project</key><value>shop</value></item>\
                 <item><key>asiaq:address</key><value>ci/x</value></item></tagSet></item></routeTableSet>",
            ),
        ),
    ]);
    let account = Account::replayed(&replay.endpoint);
    let without = RouteTable { vpc: id("vpc-1"), subnet: None, routes: [].into(), propagation: None };
    let with = RouteTable { propagation: Some(id("vgw-1")), ..without.clone() };
    account.update(&found("rtb-1", without.clone()), &with.clone().into()).await.unwrap();
    let calls = replay.calls("EnableVgwRoutePropagation");
    assert_eq!((calls[1]["GatewayId"].as_str(), calls[1]["RouteTableId"].as_str()), ("vgw-1", "rtb-1"));
    account.update(&found("rtb-1", with), &without.into()).await.unwrap();
    assert_eq!(replay.calls("DisableVgwRoutePropagation")[0]["GatewayId"], "vgw-1");
    let Resource::RouteTable(table) = account.found(Kind::RouteTable, "x").await.unwrap().resource else {
        panic!("a route table is found")
    };
    assert_eq!(table.propagation, Some(id("vgw-1")));
    let targets: Vec<Ref> = table.routes.into_iter().map(|route| route.target).collect();
    assert_eq!(targets, [id("tgw-1"), id("pcx-1")]);
}

#[tokio::test]
async fn a_table_takes_a_subnet_from_another_one_in_one_step() {
    let replay = Replay::start(&[
        ("CreateRouteTable", Answer::Ok("<routeTable><routeTableId>rtb-new</routeTableId></routeTable>")),
        ("AssociateRouteTable", Answer::Error("Resource.AlreadyAssociated", "subnet-1 has a table")),
        (
            "DescribeRouteTables",
            Answer::Ok(
                "<routeTableSet><item><routeTableId>rtb-old</routeTableId><associationSet>\
                 <item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId>\
                 <subnetId>subnet-1</subnetId></item></associationSet></item></routeTableSet>",
            ),
        ),
        ("ReplaceRouteTableAssociation", Answer::Ok("<newAssociationId>rtbassoc-2</newAssociationId>")),
    ]);
    let wanted =
        RouteTable { vpc: id("vpc-1"), subnet: Some(id("subnet-1")), routes: [].into(), propagation: None };
    assert_eq!(Account::replayed(&replay.endpoint).create("web/route-table/1", wanted).await, "rtb-new");
    let replaced = &replay.calls("ReplaceRouteTableAssociation")[0];
    assert_eq!(replaced["AssociationId"], "rtbassoc-1");
    assert_eq!(replaced["RouteTableId"], "rtb-new");
    assert_eq!(replay.calls("DisassociateRouteTable"), [], "the subnet is never without a table");
}

#[tokio::test]
async fn a_description_is_taken_off_by_not_saying_it_and_rules_go_in_one_call_each_way() {
    let replay = Replay::start(&[
        ("AuthorizeSecurityGroupIngress", OK),
        ("UpdateSecurityGroupRuleDescriptionsIngress", OK),
        ("RevokeSecurityGroupIngress", OK),
    ]);
    let rule = |port: u16, description: &str| GroupRule {
        protocol: Protocol::Tcp,
        from: Some(port),
        to: Some(port),
        source: Source::Group(id("sg-2")),
        description: description.to_owned(),
    };
    let rules =
        |rules: &[GroupRule]| IngressRules { group: id("sg-1"), rules: rules.iter().cloned().collect() };
    let live = rules(&[rule(1, "old"), rule(2, ""), rule(3, "")]);
    let wanted = rules(&[rule(1, ""), rule(4, "new"), rule(5, "")]);
    let account = Account::replayed(&replay.endpoint);
    account.update(&found("sg-1", live), &wanted.into()).await.unwrap();
    assert_eq!(
        replay.actions(),
        [
            "AuthorizeSecurityGroupIngress",
            "UpdateSecurityGroupRuleDescriptionsIngress",
            "RevokeSecurityGroupIngress"
        ]
    );
    let described = &replay.calls("UpdateSecurityGroupRuleDescriptionsIngress")[0];
    assert_eq!(described["IpPermissions.1.Groups.1.GroupId"], "sg-2");
    assert!(!described.keys().any(|field| field.ends_with("Description")), "{described:?}");
    let added = &replay.calls("AuthorizeSecurityGroupIngress")[0];
    assert_eq!(added["IpPermissions.1.Groups.1.Description"], "new");
    assert_eq!(added["IpPermissions.2.FromPort"], "5");
}

#[tokio::test]
async fn a_group_of_another_account_is_found_and_revoked_as_such() {
    let replay = Replay::start(&[
        (
            "DescribeSecurityGroups",
            Answer::Ok(
                "<securityGroupInfo><item><ownerId>111122223333</ownerId><groupId>sg-1</groupId><ipPermissions>\
                 <item><ipProtocol>tcp</ipProtocol><fromPort>0</fromPort><toPort>65535</toPort><groups>\
                 <item><userId>444455556666</userId><groupId>sg-9</groupId></item>\
                 <item><userId>111122223333</userId><groupId>sg-2</groupId></item></groups></item>\
                 </ipPermissions><tagSet><item><key>asiaq:project</key><value>shop</value></item>\
                 <item><key>asiaq:address</key><value>ci/x</value></item></tagSet></item></securityGroupInfo>",
            ),
        ),
        ("RevokeSecurityGroupIngress", OK),
    ]);
    let account = Account::replayed(&replay.endpoint);
    let live = account.found(Kind::IngressRules, "x/ingress").await.unwrap();
    let every_port = |source: Source| GroupRule {
        protocol: Protocol::Tcp,
        from: None,
        to: None,
        source,
        description: String::new(),
    };
    let theirs = every_port(Source::Other("444455556666/sg-9".to_owned()));
    let ours = every_port(Source::Group(id("sg-2")));
    assert_eq!(
        live.resource,
        IngressRules { group: id("sg-1"), rules: [theirs, ours.clone()].into() }.into()
    );
    account.update(&live, &IngressRules { group: id("sg-1"), rules: [ours].into() }.into()).await.unwrap();
    let revoked = &replay.calls("RevokeSecurityGroupIngress")[0];
    assert_eq!(revoked["IpPermissions.1.Groups.1.UserId"], "444455556666");
    assert_eq!(revoked["IpPermissions.1.Groups.1.GroupId"], "sg-9");
    assert_eq!(revoked["IpPermissions.1.ToPort"], "65535");
}
