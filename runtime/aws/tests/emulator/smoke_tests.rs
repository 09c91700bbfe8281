//! Smoke tests: machines that pass, that do not yet, and that never will.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use asiaq_ir::{AutoScalingGroup, GroupSize, Kind, Resource, SmokeCheck, SmokeTest, TESTED_TAG};
use asiaq_runtime::{CloudError, Fault};
use aws_sdk_ec2::types::Tag;
use aws_sdk_ssm::types::DocumentType;

use crate::account::{Account, id};
use crate::replay::{Answer, Replay};
use crate::scaling_groups::{Ground, PATH as GROUP};

const PATH: &str = "hostclass/mhcfoo/group/smoke-test";

fn test(group: &str, check: SmokeCheck, timeout: u32) -> SmokeTest {
    SmokeTest { group: id(group), image: id("ami-1"), check, timeout }
}

/// Sets the tag of every machine of a group, as they do themselves when they are well.
async fn machines_say(ground: &Ground, group: &str, value: &str) {
    let request = ground.groups.describe_auto_scaling_groups().auto_scaling_group_names(group);
    let seen = request.send().await.unwrap();
    for machine in seen.auto_scaling_groups().first().unwrap().instances() {
        let tag = Tag::builder().key("smoketest").value(value).build();
        let request = ground.account.by_hand.create_tags().resources(machine.instance_id().unwrap());
        request.tags(tag).send().await.unwrap();
    }
}

#[tokio::test]
async fn machines_pass_when_they_say_so() {
    let ground = Ground::new().await;
    let group = ground.account.create(GROUP, ground.group()).await;
    machines_say(&ground, &group, " ").await;
    let short = ground.account.try_create(PATH, test(&group, SmokeCheck::Tag, 0)).await.unwrap_err();
    assert_eq!((short.operation.as_str(), short.fault), ("SmokeTest", Fault::TimedOut));
    assert!(
        short.message.starts_with(&format!("after 0 s 0 of 2 instances of `{group}` pass; `i-")),
        "{short}"
    );
    assert_eq!(
        short.message.matches("(InService, Healthy, running): its tag `smoketest` is empty").count(),
        2
    );
    assert_eq!(ground.account.found(Kind::SmokeTest, PATH).await, None, "a test that failed is not passed");

    let (made, ()) = tokio::join!(
        ground.account.create(PATH, test(&group, SmokeCheck::Tag, 30)),
        machines_say(&ground, &group, "tested"),
    );
    assert_eq!(made, group);
    let found = ground.account.found(Kind::SmokeTest, PATH).await.unwrap();
    let Resource::SmokeTest(passed) = &found.resource else { panic!("it is a smoke test") };
    assert_eq!((&found.id, &passed.group, &passed.image), (&group, &id(&group), &id("ami-1")));
    assert!(found.tags.is_empty());
    assert_eq!(ground.found().await.0.tags[TESTED_TAG], "ami-1", "the group says it");

    // With another image it has to be passed anew; without a change there is nothing to do.
    let other = SmokeTest { image: id("ami-2"), ..test(&group, SmokeCheck::Tag, 5) };
    ground.account.update(&found, &other.clone().into()).await.unwrap();
    let found = ground.account.found(Kind::SmokeTest, PATH).await.unwrap();
    machines_say(&ground, &group, "").await;
    ground.account.update(&found, &other.into()).await.unwrap();
    assert_eq!(ground.found().await.0.tags[TESTED_TAG], "ami-2");

    ground.account.delete(&found).await.unwrap();
    assert_eq!(ground.account.found(Kind::SmokeTest, PATH).await, None);
    let (live, _) = ground.found().await;
    ground.account.delete(&live).await.unwrap();
    ground.account.delete(&found).await.unwrap();
}

#[tokio::test]
async fn a_group_that_is_to_have_no_machines_passes_at_once() {
    let ground = Ground::new().await;
    let none =
        AutoScalingGroup { min: Some(0), desired: Some(0), initial: GroupSize::default(), ..ground.group() };
    let group = ground.account.create(GROUP, none).await;
    ground.account.create(PATH, test(&group, SmokeCheck::Tag, 0)).await;
    assert_eq!(ground.found().await.0.tags[TESTED_TAG], "ami-1");
}

#[tokio::test]
async fn a_document_succeeds_on_every_machine() {
    let ground = Ground::new().await;
    let group = ground.account.create(GROUP, ground.group()).await;
    let ssm = aws_sdk_ssm::Client::new(&ground.account.sdk);
    let content = r#"{ "schemaVersion": "2.2", "description": "tests", "mainSteps": [] }"#;
    let document = ssm.create_document().name("smoke").document_type(DocumentType::Command).content(content);
    document.send().await.unwrap();
    let check = SmokeCheck::Ssm { document: "smoke".to_owned() };
    ground.account.create(PATH, test(&group, check, 30)).await;
    let commands = ssm.list_commands().send().await.unwrap();
    let documents: Vec<&str> =
        commands.commands().iter().filter_map(|command| command.document_name()).collect();
    assert_eq!(documents, ["smoke", "smoke"]);
}

#[tokio::test]
async fn a_group_that_is_gone_is_no_success() {
    let ground = Ground::new().await;
    let error = ground.account.try_create(PATH, test("ci_mhcfoo_1", SmokeCheck::Tag, 30)).await.unwrap_err();
    assert_eq!(error.message, "there is no group `ci_mhcfoo_1` any more");
}

/// A group that is to have two machines, and those it has.
macro_rules! members {
    ($($id:literal $lifecycle:literal $health:literal),*) => {
        Answer::Ok(concat!(
            "<DescribeAutoScalingGroupsResult><AutoScalingGroups><member>",
            "<AutoScalingGroupName>g</AutoScalingGroupName><DesiredCapacity>2</DesiredCapacity><Instances>",
            $("<member><InstanceId>", $id, "</InstanceId><LifecycleState>", $lifecycle, "</LifecycleState>",
            "<HealthStatus>", $health, "</HealthStatus></member>",)*
            "</Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult>"
        ))
    };
}

/// The machines as EC2 sees them, all at 127.0.0.1; `$more` says more of each.
macro_rules! instances {
    ($($id:literal $state:literal),*; $more:literal) => {
        Answer::Ok(concat!(
            "<reservationSet><item><instancesSet>",
            $("<item><instanceId>", $id, "</instanceId><privateIpAddress>127.0.0.1</privateIpAddress>",
            "<instanceState><name>", $state, "</name></instanceState>", $more, "</item>",)*
            "</instancesSet></item></reservationSet>"
        ))
    };
}

const BOTH: Answer = members!("i-1" "InService" "Healthy", "i-2" "InService" "Healthy");
const RUNNING: Answer = instances!("i-1" "running", "i-2" "running"; "");

async fn replayed(replay: &Replay, check: SmokeCheck, timeout: u32) -> Result<String, CloudError> {
    Account::replayed(&replay.endpoint).try_create(PATH, test("g", check, timeout)).await
}

#[tokio::test]
async fn a_machine_that_ends_is_named_with_its_reason() {
    let replay = Replay::start(&[
        ("DescribeAutoScalingGroups", members!("i-1" "InService" "Healthy", "i-2" "Pending" "Healthy")),
        ("DescribeAutoScalingGroups", members!("i-1" "InService" "Healthy", "i-2" "Terminating" "Unhealthy")),
        ("DescribeInstances", RUNNING),
        (
            "DescribeInstances",
            instances!("i-1" "running", "i-2" "shutting-down";
                "<stateReason><message>Client.InstanceInitiatedShutdown: by itself</message></stateReason>"),
        ),
    ]);
    let error = replayed(&replay, SmokeCheck::Tag, 30).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert_eq!(
        error.message,
        "0 of 2 instances of `g` pass; `i-1` (InService, Healthy, running): its tag `smoketest` is empty; \
         `i-2` (Terminating, Unhealthy, shutting-down): Client.InstanceInitiatedShutdown: by itself"
    );
    assert_eq!(replay.calls("CreateOrUpdateTags"), []);
}

#[tokio::test]
async fn machines_that_were_on_their_way_out_are_no_failure() {
    let replay = Replay::start(&[
        (
            "DescribeAutoScalingGroups",
            members!("i-0" "Terminating" "Healthy", "i-1" "InService" "Healthy", "i-2" "Pending" "Healthy"),
        ),
        ("DescribeAutoScalingGroups", members!("i-0" "Terminating" "Healthy", "i-1" "InService" "Healthy")),
        ("DescribeAutoScalingGroups", BOTH),
        (
            "DescribeInstances",
            instances!("i-0" "shutting-down", "i-1" "running", "i-2" "running";
                "<tagSet><item><key>smoketest</key><value>tested</value></item></tagSet>"),
        ),
        ("DescribeScalingActivities", Answer::Ok("<DescribeScalingActivitiesResult/>")),
        ("CreateOrUpdateTags", Answer::Ok("")),
    ]);
    replayed(&replay, SmokeCheck::Tag, 30).await.unwrap();
    let tagged = &replay.calls("CreateOrUpdateTags")[0];
    assert_eq!(tagged["Tags.member.1.Key"], TESTED_TAG);
    assert_eq!(tagged["Tags.member.1.Value"], "ami-1");
    assert_eq!(tagged["Tags.member.1.PropagateAtLaunch"], "false");
}

#[tokio::test]
async fn launches_that_fail_again_and_again_end_the_wait_in_awss_words() {
    let none = members!("i-1" "InService" "Healthy");
    let failed = Answer::Ok(
        "<DescribeScalingActivitiesResult><Activities>\
         <member><ActivityId>4</ActivityId><StatusCode>Failed</StatusCode>\
         <StatusMessage>The image id '[ami-1]' does not exist. Launching EC2 instance failed.</StatusMessage></member>\
         <member><ActivityId>3</ActivityId><StatusCode>Failed</StatusCode></member>\
         <member><ActivityId>2</ActivityId><StatusCode>Failed</StatusCode></member>\
         <member><ActivityId>1</ActivityId><StatusCode>Successful</StatusCode></member>\
         </Activities></DescribeScalingActivitiesResult>",
    );
    let before = Answer::Ok(
        "<DescribeScalingActivitiesResult><Activities>\
         <member><ActivityId>1</ActivityId><StatusCode>Successful</StatusCode></member>\
         </Activities></DescribeScalingActivitiesResult>",
    );
    let said = "an instance could not be launched: The image id '[ami-1]' does not exist. Launching EC2 instance failed.";
    let script = |first: Answer| {
        [
            ("DescribeAutoScalingGroups", none),
            ("DescribeInstances", instances!("i-1" "running"; "")),
            ("DescribeScalingActivities", first),
            ("DescribeScalingActivities", failed),
        ]
    };
    let replay = Replay::start(&script(before));
    let error = replayed(&replay, SmokeCheck::Tag, 30).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert!(error.message.ends_with(said), "{error}");

    // What failed before anybody looked does not end the wait, and is still told when it was in vain.
    let replay = Replay::start(&script(failed));
    let error = replayed(&replay, SmokeCheck::Tag, 0).await.unwrap_err();
    assert_eq!(error.fault, Fault::TimedOut);
    assert!(error.message.ends_with(said), "{error}");
}

#[tokio::test]
async fn a_machine_answers_a_get() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let mut asked = Vec::new();
        // Each of the machines does not answer well at first.
        for status in ["503 Wait", "500 Wait", "200 OK", "302 Elsewhere"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            asked.push(lines.next().unwrap().unwrap());
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
        }
        asked
    });
    let replay = Replay::start(&[
        ("DescribeAutoScalingGroups", BOTH),
        ("DescribeInstances", RUNNING),
        ("CreateOrUpdateTags", Answer::Ok("")),
    ]);
    replayed(&replay, SmokeCheck::Http { port, path: "/up".to_owned() }, 30).await.unwrap();
    assert_eq!(server.join().unwrap(), ["GET /up HTTP/1.1"; 4]);

    let error = replayed(&replay, SmokeCheck::Http { port, path: "/up".to_owned() }, 0).await.unwrap_err();
    let said = format!("`i-1` (InService, Healthy, running): `http://127.0.0.1:{port}/up`: ");
    assert!(error.message.contains(&said) && error.message.contains("refused"), "{error}");
}

#[tokio::test]
async fn a_document_that_fails_is_sent_again_and_told_with_the_end_of_its_output() {
    let replay = Replay::start(&[
        ("DescribeAutoScalingGroups", BOTH),
        ("DescribeInstances", instances!("i-1" "running", "i-2" "running"; "")),
        ("SendCommand", Answer::JsonError("InvalidInstanceId", "not yet")),
        ("SendCommand", Answer::Json(r#"{"Command": {"CommandId": "c-1"}}"#)),
        ("GetCommandInvocation", Answer::JsonError("InvocationDoesNotExist", "not yet")),
        ("GetCommandInvocation", Answer::Json(r#"{"Status": "InProgress"}"#)),
        (
            "GetCommandInvocation",
            Answer::Json(r#"{"Status": "Failed", "StandardErrorContent": "first line\nno database\n"}"#),
        ),
    ]);
    let error = replayed(&replay, SmokeCheck::Ssm { document: "smoke".to_owned() }, 1).await.unwrap_err();
    assert_eq!(error.fault, Fault::TimedOut);
    assert!(error.message.contains("Failed: first line no database"), "{error}");
    let sent = replay.calls("SendCommand");
    assert!(sent.len() > 3, "it is tried again: {sent:?}");
    assert!(sent[0]["Body"].contains(r#""DocumentName":"smoke""#), "{sent:?}");

    let replay = Replay::start(&[
        ("DescribeAutoScalingGroups", BOTH),
        ("DescribeInstances", RUNNING),
        ("SendCommand", Answer::JsonError("InvalidDocument", "there is no such document")),
    ]);
    let error = replayed(&replay, SmokeCheck::Ssm { document: "smoke".to_owned() }, 30).await.unwrap_err();
    assert_eq!((error.operation.as_str(), error.code.as_str()), ("SendCommand", "InvalidDocument"));
}
