//! What is heard of calls while they are made.

use asiaq_ir::{Kind, NatGateway, Subnet};
use asiaq_runtime::{Cloud as _, Fault};

use crate::account::{Account, found, id};
use crate::replay::{Answer, OK, Replay};

#[tokio::test]
async fn every_attempt_at_a_call_is_heard_of_and_every_pause() {
    let state = |state: &'static str| match state {
        "pending" => Answer::Ok(
            "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>pending</state></item></natGatewaySet>",
        ),
        _ => Answer::Ok(
            "<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>available</state></item></natGatewaySet>",
        ),
    };
    let replay = Replay::start(&[
        ("CreateNatGateway", Answer::Status(503, "RequestLimitExceeded")),
        (
            "CreateNatGateway",
            Answer::Ok("<natGateway><natGatewayId>nat-1</natGatewayId><state>pending</state></natGateway>"),
        ),
        ("DescribeNatGateways", state("pending")),
        ("DescribeNatGateways", Answer::Lost),
        ("DescribeNatGateways", state("available")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    let nat = NatGateway { subnet: id("subnet-1"), elastic_ip: id("eipalloc-1") };
    assert_eq!(account.create("nat/1", nat).await, "nat-1");
    assert_eq!(
        account.heard(),
        [
            "EC2 CreateNatGateway in us-west-2 sent, attempt 1",
            "CreateNatGateway attempt 1: Throttled 503 RequestLimitExceeded, req-1",
            "EC2 CreateNatGateway in us-west-2 sent, attempt 2",
            "CreateNatGateway attempt 2: Ok 200, req-1",
            "EC2 DescribeNatGateways in us-west-2 sent, attempt 1",
            "DescribeNatGateways attempt 1: Ok 200, req-1",
            "waiting: the NAT gateway is not available yet",
            "EC2 DescribeNatGateways in us-west-2 sent, attempt 1",
            "DescribeNatGateways attempt 1: Failed",
            "EC2 DescribeNatGateways in us-west-2 sent, attempt 2",
            "DescribeNatGateways attempt 2: Ok 200, req-1",
        ]
    );
}

#[tokio::test]
async fn a_call_that_is_made_again_says_what_it_waits_for() {
    let replay = Replay::start(&[
        ("DeleteSubnet", Answer::Error("DependencyViolation", "it has dependencies")),
        ("DeleteSubnet", OK),
    ]);
    let subnet = Subnet { vpc: id("vpc-1"), cidr: "10.0.0.0/24".parse().unwrap(), zone: "us-west-2a".into() };
    let account = Account::replayed(&replay.endpoint);
    account.delete(&found("subnet-1", subnet)).await.unwrap();
    assert_eq!(
        account.heard(),
        [
            "EC2 DeleteSubnet in us-west-2 sent, attempt 1",
            "DeleteSubnet attempt 1: Refused 400 DependencyViolation, req-1",
            "waiting: something still uses it (DependencyViolation)",
            "EC2 DeleteSubnet in us-west-2 sent, attempt 1",
            "DeleteSubnet attempt 1: Ok 200, req-1",
        ]
    );
}

/// Services speak other protocols than EC2, and the code is where each has it.
#[tokio::test]
async fn the_code_of_a_refusal_is_heard_from_every_service() {
    let replay = Replay::start(&[
        ("GetCallerIdentity", Answer::Refused("AccessDenied", "no")),
        ("DescribeLogGroups", Answer::JsonError("AccessDeniedException", "no")),
        ("ListTopics", Answer::Refused("AuthorizationError", "no")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    account.aws.identity().await.unwrap_err();
    for kind in [Kind::LogGroup, Kind::Topic] {
        account.aws.list("us-west-2", kind, "shop").await.unwrap_err();
    }
    let answers: Vec<String> =
        account.heard().into_iter().filter(|line| line.contains("attempt 1: ")).collect();
    assert_eq!(
        answers,
        [
            "GetCallerIdentity attempt 1: Refused 400 AccessDenied, req-1",
            "DescribeLogGroups attempt 1: Refused 400 AccessDeniedException, req-1",
            "ListTopics attempt 1: Refused 400 AuthorizationError, req-1",
        ]
    );
}

/// Answers to the creation of a NAT gateway, which is never repeated if it may have had an effect.
async fn creation(answers: &[Answer]) -> (asiaq_runtime::Result<String>, usize) {
    let created =
        Answer::Ok("<natGateway><natGatewayId>nat-1</natGatewayId><state>available</state></natGateway>");
    let mut script: Vec<_> = answers.iter().map(|answer| ("CreateNatGateway", *answer)).collect();
    script.push(("CreateNatGateway", created));
    script.push((
        "DescribeNatGateways",
        Answer::Ok("<natGatewaySet><item><natGatewayId>nat-1</natGatewayId><state>available</state></item></natGatewaySet>"),
    ));
    let replay = Replay::start(&script);
    let account = Account::replayed(&replay.endpoint);
    let nat = NatGateway { subnet: id("subnet-1"), elastic_ip: id("eipalloc-1") };
    let result = account.try_create("nat/1", nat).await;
    (result, replay.calls("CreateNatGateway").len())
}

#[tokio::test]
async fn a_call_whose_signature_is_refused_is_repeated_where_that_can_help() {
    let expired = Answer::Error("RequestExpired", "Request has expired.");
    let (result, calls) = creation(&[expired]).await;
    assert_eq!((result.unwrap().as_str(), calls), ("nat-1", 2), "the clock is known after the first answer");
    let (result, calls) = creation(&[expired, expired]).await;
    let error = result.unwrap_err();
    assert_eq!((error.fault, error.code.as_str(), calls), (Fault::Denied, "RequestExpired", 2));
    assert!(asiaq_aws::advice(&error).unwrap().contains("clock"), "{error}");

    // The answer says that the clock is wrong, so another signature is accepted.
    let (result, calls) = creation(&[Answer::ErrorAt("Fri, 01 Jan 2100 00:00:00 GMT", "AuthFailure")]).await;
    assert_eq!((result.unwrap().as_str(), calls), ("nat-1", 2));
    // With a right clock it is the credentials.
    let (result, calls) = creation(&[Answer::Error("AuthFailure", "no")]).await;
    assert_eq!((result.unwrap_err().fault, calls), (Fault::Denied, 1));
}
