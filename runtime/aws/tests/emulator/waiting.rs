//! States on the way, which the emulator skips, replayed.

use asiaq_ir::{
    ElasticIp, NatGateway, NetworkInterface, PeeringConnection, RouteTable, SecurityGroup, Subnet,
    VpnAttachment,
};
use asiaq_runtime::Fault;

use crate::account::{Account, REGION, found, id, refs, vpc};
use crate::replay::{Answer, OK, Replay};

fn nat() -> NatGateway {
    NatGateway { subnet: id("subnet-1"), elastic_ip: id("eipalloc-1") }
}

const PENDING: Answer =
    Answer::Ok("<natGateway><natGatewayId>nat-1</natGatewayId><state>pending</state></natGateway>");

#[tokio::test]
async fn a_nat_gateway_is_waited_for_and_its_failure_is_told_in_awss_words() {
    let replay = Replay::start(&[
        ("CreateNatGateway", PENDING),
        ("DescribeNatGateways", Answer::Ok("<natGatewaySet/>")),
        (
            "DescribeNatGateways",
            Answer::Ok(
                "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>pending</state></item></natGatewaySet>",
            ),
        ),
        (
            "DescribeNatGateways",
            Answer::Ok(
                "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>failed</state>\
                 <failureCode>Gateway.NotAttached</failureCode>\
                 <failureMessage>Network vpc-1 has no Internet gateway attached</failureMessage>\
                 </item></natGatewaySet>",
            ),
        ),
    ]);
    let error = Account::replayed(&replay.endpoint).try_create("nat/1", nat()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert_eq!(error.code, "Gateway.NotAttached");
    assert_eq!(error.message, "Network vpc-1 has no Internet gateway attached");
    assert_eq!(replay.calls("CreateNatGateway")[0]["ClientToken"], "token-1");
}

#[tokio::test]
async fn a_nat_gateway_that_never_becomes_ready_ends_the_wait() {
    let replay = Replay::start(&[
        ("CreateNatGateway", PENDING),
        ("DescribeNatGateways", Answer::Ok("<natGatewaySet/>")),
    ]);
    let error = Account::replayed(&replay.endpoint).try_create("nat/1", nat()).await.unwrap_err();
    assert_eq!(error.fault, Fault::TimedOut);
}

#[tokio::test]
async fn a_nat_gateway_is_gone_when_aws_says_deleted() {
    let replay = Replay::start(&[
        ("DeleteNatGateway", OK),
        (
            "DescribeNatGateways",
            Answer::Ok(
                "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>deleting</state></item></natGatewaySet>",
            ),
        ),
        (
            "DescribeNatGateways",
            Answer::Ok(
                "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>deleted</state></item></natGatewaySet>",
            ),
        ),
    ]);
    Account::replayed(&replay.endpoint).delete(&found("nat-1", nat())).await.unwrap();
    assert_eq!(replay.actions(), ["DeleteNatGateway", "DescribeNatGateways", "DescribeNatGateways"]);
}

#[tokio::test]
async fn a_deletion_waits_for_what_still_uses_the_thing() {
    let replay = Replay::start(&[
        ("DeleteSubnet", Answer::Error("DependencyViolation", "it has dependencies")),
        ("DeleteSubnet", Answer::Error("DependencyViolation", "it has dependencies")),
        ("DeleteSubnet", OK),
    ]);
    let subnet = Subnet { vpc: id("vpc-1"), cidr: "10.0.0.0/24".parse().unwrap(), zone: "us-west-2a".into() };
    Account::replayed(&replay.endpoint).delete(&found("subnet-1", subnet)).await.unwrap();
    assert_eq!(replay.actions().len(), 3);
}

#[tokio::test]
async fn what_was_just_taken_away_may_be_in_the_way_for_a_moment() {
    let replay = Replay::start(&[
        (
            "CreateSubnet",
            Answer::Error("InvalidSubnet.Conflict", "10.0.0.0/24 conflicts with another subnet"),
        ),
        (
            "CreateSubnet",
            Answer::Ok("<subnet><subnetId>subnet-2</subnetId><state>available</state></subnet>"),
        ),
    ]);
    let subnet = Subnet { vpc: id("vpc-1"), cidr: "10.0.0.0/24".parse().unwrap(), zone: "us-west-2a".into() };
    assert_eq!(Account::replayed(&replay.endpoint).create("web/subnet/1", subnet).await, "subnet-2");
    assert_eq!(replay.actions(), ["CreateSubnet", "CreateSubnet"]);
}

#[tokio::test]
async fn an_address_whose_gateway_is_just_gone_is_released_in_the_end() {
    let replay = Replay::start(&[
        ("ReleaseAddress", Answer::Error("AuthFailure", "You do not have permission to access the resource")),
        ("ReleaseAddress", OK),
    ]);
    Account::replayed(&replay.endpoint).delete(&found("eipalloc-1", ElasticIp {})).await.unwrap();
    assert_eq!(replay.actions(), ["ReleaseAddress", "ReleaseAddress"]);
}

#[tokio::test]
async fn a_deletion_that_stays_refused_says_what_aws_said() {
    let said = Answer::Error("DependencyViolation", "sg-1 has a dependent object");
    let replay = Replay::start(&[("DeleteSecurityGroup", said)]);
    let group = SecurityGroup::new(id("vpc-1"), "web", "x");
    let error = Account::replayed(&replay.endpoint).delete(&found("sg-1", group)).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert_eq!(error.to_string(), "DeleteSecurityGroup: sg-1 has a dependent object (request req-1)");
}

#[tokio::test]
async fn an_interface_that_a_machine_holds_is_taken_from_it_and_deleted() {
    let busy = Answer::Error("InvalidNetworkInterface.InUse", "eni-1 is currently in use");
    let replay = Replay::start(&[
        ("DeleteNetworkInterface", busy),
        ("DeleteNetworkInterface", busy),
        ("DeleteNetworkInterface", OK),
        (
            "DescribeNetworkInterfaces",
            Answer::Ok(
                "<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><attachment>\
                 <attachmentId>eni-attach-1</attachmentId><status>attached</status></attachment></item>\
                 </networkInterfaceSet>",
            ),
        ),
        ("DetachNetworkInterface", OK),
    ]);
    let interface = NetworkInterface {
        subnet: id("subnet-1"),
        address: [10, 0, 0, 9].into(),
        groups: refs([&id("sg-1")]),
        description: String::new(),
    };
    Account::replayed(&replay.endpoint).delete(&found("eni-1", interface)).await.unwrap();
    let detach = &replay.calls("DetachNetworkInterface")[0];
    assert_eq!((detach["AttachmentId"].as_str(), detach["Force"].as_str()), ("eni-attach-1", "true"));
}

#[tokio::test]
async fn a_refused_peering_connection_says_why() {
    let replay = Replay::start(&[
        (
            "CreateVpcPeeringConnection",
            Answer::Ok(
                "<vpcPeeringConnection><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId>\
                 <status><code>initiating-request</code></status></vpcPeeringConnection>",
            ),
        ),
        ("AcceptVpcPeeringConnection", Answer::Error("InvalidStateTransition", "not now")),
        (
            "DescribeVpcPeeringConnections",
            Answer::Ok(
                "<vpcPeeringConnectionSet><item><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId>\
                 <status><code>failed</code><message>overlapping CIDR ranges</message></status></item>\
                 </vpcPeeringConnectionSet>",
            ),
        ),
    ]);
    let error = Account::replayed(&replay.endpoint).try_create("peering", peering()).await.unwrap_err();
    assert_eq!(error.message, "the peering connection is failed: overlapping CIDR ranges");
}

#[tokio::test]
async fn a_table_that_still_serves_a_subnet_lets_it_go_and_is_deleted() {
    let replay = Replay::start(&[
        ("DeleteRouteTable", Answer::Error("DependencyViolation", "rtb-1 has dependencies")),
        ("DeleteRouteTable", OK),
        (
            "DescribeRouteTables",
            Answer::Ok(
                "<routeTableSet><item><routeTableId>rtb-1</routeTableId><associationSet>\
                 <item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId>\
                 <subnetId>subnet-1</subnetId></item></associationSet></item></routeTableSet>",
            ),
        ),
        ("DisassociateRouteTable", OK),
    ]);
    let table =
        RouteTable { vpc: id("vpc-1"), subnet: Some(id("subnet-1")), routes: [].into(), propagation: None };
    Account::replayed(&replay.endpoint).delete(&found("rtb-1", table)).await.unwrap();
    assert_eq!(replay.calls("DisassociateRouteTable")[0]["AssociationId"], "rtbassoc-1");
}

#[tokio::test]
async fn a_peering_connection_is_accepted_when_it_gets_there() {
    let replay = Replay::start(&[
        (
            "CreateVpcPeeringConnection",
            Answer::Ok(
                "<vpcPeeringConnection><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId>\
                 <status><code>initiating-request</code></status></vpcPeeringConnection>",
            ),
        ),
        ("AcceptVpcPeeringConnection", Answer::Error("InvalidVpcPeeringConnectionID.NotFound", "not yet")),
        (
            "AcceptVpcPeeringConnection",
            Answer::Ok(
                "<vpcPeeringConnection><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId>\
                 <status><code>provisioning</code></status></vpcPeeringConnection>",
            ),
        ),
        ("DescribeVpcPeeringConnections", Answer::Ok("<vpcPeeringConnectionSet/>")),
        ("DescribeVpcPeeringConnections", peering_is("pending-acceptance")),
        ("DescribeVpcPeeringConnections", peering_is("provisioning")),
        ("DescribeVpcPeeringConnections", peering_is("active")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    assert_eq!(account.create("peering", peering()).await, "pcx-1");
    assert_eq!(replay.calls("AcceptVpcPeeringConnection").len(), 2);
    assert_eq!(replay.calls("DescribeVpcPeeringConnections").len(), 4);
}

fn peering() -> PeeringConnection {
    PeeringConnection {
        requester: id("vpc-1"),
        accepter: id("vpc-2"),
        accepter_region: REGION.to_owned(),
        accepter_account: None,
        accepted: true,
    }
}

fn peering_is(state: &str) -> Answer {
    Answer::Ok(match state {
        "pending-acceptance" => {
            "<vpcPeeringConnectionSet><item><status><code>pending-acceptance</code></status></item>\
             </vpcPeeringConnectionSet>"
        }
        "provisioning" => {
            "<vpcPeeringConnectionSet><item><status><code>provisioning</code></status></item>\
             </vpcPeeringConnectionSet>"
        }
        _ => {
            "<vpcPeeringConnectionSet><item><status><code>active</code></status></item>\
             </vpcPeeringConnectionSet>"
        }
    })
}

#[tokio::test]
async fn a_vpc_is_waited_for() {
    let replay = Replay::start(&[
        ("CreateVpc", Answer::Ok("<vpc><vpcId>vpc-1</vpcId><state>pending</state></vpc>")),
        ("DescribeVpcs", Answer::Error("InvalidVpcID.NotFound", "not yet")),
        (
            "DescribeVpcs",
            Answer::Ok("<vpcSet><item><vpcId>vpc-1</vpcId><state>pending</state></item></vpcSet>"),
        ),
        (
            "DescribeVpcs",
            Answer::Ok("<vpcSet><item><vpcId>vpc-1</vpcId><state>available</state></item></vpcSet>"),
        ),
    ]);
    let account = Account::replayed(&replay.endpoint);
    assert_eq!(account.create("vpc", vpc("10.0.0.0/16")).await, "vpc-1");
    assert_eq!(replay.actions(), ["CreateVpc", "DescribeVpcs", "DescribeVpcs", "DescribeVpcs"]);
}

fn attachment() -> VpnAttachment {
    VpnAttachment { gateway: id("vgw-1"), vpc: id("vpc-1") }
}

fn gateway_is(state: &str) -> Answer {
    Answer::Ok(match state {
        "attaching" => {
            "<vpnGatewaySet><item><vpnGatewayId>vgw-1</vpnGatewayId><attachments><item>\
             <vpcId>vpc-1</vpcId><state>attaching</state></item></attachments></item></vpnGatewaySet>"
        }
        "attached" => {
            "<vpnGatewaySet><item><vpnGatewayId>vgw-1</vpnGatewayId><attachments><item>\
             <vpcId>vpc-1</vpcId><state>attached</state></item></attachments></item></vpnGatewaySet>"
        }
        "detaching" => {
            "<vpnGatewaySet><item><vpnGatewayId>vgw-1</vpnGatewayId><attachments><item>\
             <vpcId>vpc-1</vpcId><state>detaching</state></item></attachments></item></vpnGatewaySet>"
        }
        _ => "<vpnGatewaySet><item><vpnGatewayId>vgw-1</vpnGatewayId></item></vpnGatewaySet>",
    })
}

#[tokio::test]
async fn a_vpn_gateway_is_waited_for_until_it_is_attached() {
    let replay = Replay::start(&[
        ("DescribeVpnGateways", gateway_is("alone")),
        (
            "AttachVpnGateway",
            Answer::Ok("<attachment><vpcId>vpc-1</vpcId><state>attaching</state></attachment>"),
        ),
        ("DescribeVpnGateways", gateway_is("attaching")),
        ("DescribeVpnGateways", gateway_is("attached")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    assert_eq!(account.create("vpc/vpn-gateway", attachment()).await, "vgw-1");
    assert_eq!(replay.calls("AttachVpnGateway").len(), 1);
    assert_eq!(replay.calls("DescribeVpnGateways").len(), 3);
}

#[tokio::test]
async fn a_vpn_gateway_that_is_on_its_way_off_already_is_waited_for() {
    let replay = Replay::start(&[
        ("DetachVpnGateway", Answer::Error("IncorrectState", "vgw-1 is not attached")),
        ("DescribeVpnGateways", gateway_is("detaching")),
        ("DescribeVpnGateways", gateway_is("detaching")),
        ("DescribeVpnGateways", gateway_is("alone")),
    ]);
    Account::replayed(&replay.endpoint).delete(&found("vgw-1", attachment())).await.unwrap();
    assert_eq!(replay.calls("DetachVpnGateway").len(), 1);
}

#[tokio::test]
async fn a_deletion_that_stays_refused_says_what_is_in_the_way() {
    let replay = Replay::start(&[
        ("DeleteSubnet", Answer::Error("DependencyViolation", "subnet-1 has dependencies")),
        (
            "DescribeNetworkInterfaces",
            Answer::Ok(
                "<networkInterfaceSet>\
                 <item><networkInterfaceId>eni-1</networkInterfaceId><description>RDSNetworkInterface</description></item>\
                 <item><networkInterfaceId>eni-2</networkInterfaceId>\
                 <attachment><instanceId>i-1</instanceId></attachment></item>\
                 </networkInterfaceSet>",
            ),
        ),
    ]);
    let subnet = Subnet { vpc: id("vpc-1"), cidr: "10.0.0.0/24".parse().unwrap(), zone: "us-west-2a".into() };
    let error = Account::replayed(&replay.endpoint).delete(&found("subnet-1", subnet)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "DeleteSubnet: subnet-1 has dependencies; still there: `eni-1` (RDSNetworkInterface), `eni-2` (i-1) (request req-1)"
    );
}
