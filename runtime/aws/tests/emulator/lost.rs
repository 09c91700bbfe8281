//! Answers that are lost, late or refusals, replayed.

use asiaq_ir::{InternetGateway, Kind, SecurityGroup};
use asiaq_runtime::{Cloud as _, Fault};

use crate::account::{Account, REGION, id, vpc};
use crate::replay::{Answer, OK, Replay};

#[tokio::test]
async fn a_creation_waits_until_aws_knows_of_what_it_names() {
    let replay = Replay::start(&[
        ("CreateSecurityGroup", Answer::Error("InvalidVpcID.NotFound", "vpc-1 does not exist")),
        ("CreateSecurityGroup", Answer::Ok("<groupId>sg-1</groupId>")),
    ]);
    let group = SecurityGroup::new(id("vpc-1"), "web", "x");
    assert_eq!(Account::replayed(&replay.endpoint).create("web", group).await, "sg-1");
    assert_eq!(replay.actions().len(), 2);
}

#[tokio::test]
async fn a_throttled_creation_is_repeated() {
    let replay = Replay::start(&[
        ("CreateInternetGateway", Answer::Status(503, "RequestLimitExceeded")),
        (
            "CreateInternetGateway",
            Answer::Ok("<internetGateway><internetGatewayId>igw-1</internetGatewayId></internetGateway>"),
        ),
    ]);
    let account = Account::replayed(&replay.endpoint);
    assert_eq!(account.create("igw", InternetGateway { vpc: None }).await, "igw-1");
    assert_eq!(replay.actions(), ["CreateInternetGateway", "CreateInternetGateway"]);
}

#[tokio::test]
async fn a_creation_without_an_answer_is_looked_for_before_it_is_repeated() {
    for lost in [Answer::Lost, Answer::Status(500, "InternalError")] {
        let replay = Replay::start(&[
            ("CreateVpc", lost),
            ("DescribeVpcs", Answer::Ok("<vpcSet/>")),
            (
                "DescribeVpcs",
                Answer::Ok(
                    "<vpcSet><item><vpcId>vpc-old</vpcId><state>available</state>\
                     <cidrBlock>10.7.0.0/16</cidrBlock><dhcpOptionsId>default</dhcpOptionsId><tagSet>\
                     <item><key>Name</key><value>a &lt;name&gt; &amp; more</value></item>\
                     <item><key>asiaq:project</key><value>shop</value></item>\
                     <item><key>asiaq:env</key><value>ci</value></item>\
                     <item><key>asiaq:address</key><value>ci/vpc</value></item></tagSet></item>\
                     <item><vpcId>vpc-1</vpcId><state>available</state>\
                     <cidrBlock>10.0.0.0/16</cidrBlock><dhcpOptionsId>default</dhcpOptionsId><tagSet>\
                     <item><key>Name</key><value>a &lt;name&gt; &amp; more</value></item>\
                     <item><key>asiaq:project</key><value>shop</value></item>\
                     <item><key>asiaq:env</key><value>ci</value></item>\
                     <item><key>asiaq:address</key><value>ci/vpc</value></item></tagSet></item></vpcSet>",
                ),
            ),
            (
                "DescribeVpcAttribute",
                Answer::Ok(
                    "<enableDnsSupport><value>true</value></enableDnsSupport>\
                     <enableDnsHostnames><value>true</value></enableDnsHostnames>",
                ),
            ),
            ("ModifyVpcAttribute", OK),
        ]);
        let account = Account::replayed(&replay.endpoint);
        assert_eq!(account.create("vpc", vpc("10.0.0.0/16")).await, "vpc-1");
        assert_eq!(replay.calls("CreateVpc").len(), 1, "it is not made twice");
        // What was left to do is done.
        assert_eq!(replay.calls("ModifyVpcAttribute")[0]["EnableDnsHostnames.Value"], "false");
    }
}

#[tokio::test]
async fn a_creation_that_did_nothing_is_repeated() {
    let replay = Replay::start(&[
        ("CreateInternetGateway", Answer::Lost),
        (
            "CreateInternetGateway",
            Answer::Ok("<internetGateway><internetGatewayId>igw-1</internetGatewayId></internetGateway>"),
        ),
        ("DescribeInternetGateways", Answer::Ok("<internetGatewaySet/>")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    assert_eq!(account.create("igw", InternetGateway { vpc: None }).await, "igw-1");
}

#[tokio::test]
async fn a_lost_answer_of_any_other_call_is_asked_for_again() {
    let replay = Replay::start(&[
        ("DescribeAddresses", Answer::Lost),
        ("DescribeAddresses", Answer::Status(500, "InternalError")),
        ("DescribeAddresses", Answer::Ok("<addressesSet/>")),
    ]);
    assert_eq!(Account::replayed(&replay.endpoint).list(Kind::ElasticIp).await.found, []);
}

#[tokio::test]
async fn what_a_caller_may_not_do_is_denied() {
    let said = Answer::Error("UnauthorizedOperation", "You are not authorized to perform this operation.");
    let replay = Replay::start(&[("CreateInternetGateway", said)]);
    let account = Account::replayed(&replay.endpoint);
    let error = account.try_create("igw", InternetGateway { vpc: None }).await.unwrap_err();
    assert_eq!((error.fault, error.code.as_str()), (Fault::Denied, "UnauthorizedOperation"));
    assert_eq!(error.request.as_deref(), Some("req-1"));
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_unreachable() {
    let account = Account::replayed("http://127.0.0.1:1");
    let error = account.aws.list(REGION, Kind::ElasticIp, "shop").await.unwrap_err();
    assert_eq!((error.fault, error.operation.as_str()), (Fault::Unreachable, "DescribeAddresses"));
}
