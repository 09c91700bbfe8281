//! What the emulator does not show of groups and templates, replayed: machines that take their time, answers
//! that are lost, refusals inside answers.

use asiaq_ir::{AutoScalingGroup, Health, Kind, LaunchTemplate, Schedule};
use asiaq_runtime::Fault;

use crate::account::{Account, found, id, refs};
use crate::replay::{Answer, Replay};
use crate::scaling_groups::PATH;
use crate::templates::{self, template};

const NAME: &str = "ci_mhcfoo_1795299142";

fn group() -> AutoScalingGroup {
    AutoScalingGroup {
        prefix: "ci_mhcfoo".to_owned(),
        launch_template: id("lt-1"),
        types: Vec::new(),
        spot: None,
        subnets: refs([&id("subnet-1")]),
        min: Some(1),
        max: Some(2),
        desired: Some(1),
        initial: asiaq_ir::GroupSize { min: 1, desired: 1, max: 2 },
        health: Health::Ec2,
        grace: 300,
        termination_policies: vec!["Default".to_owned()],
        load_balancers: [].into(),
        target_groups: [].into(),
        schedules: [].into(),
        policies: [].into(),
        metrics: [].into(),
    }
}

macro_rules! groups {
    ($($inside:expr),*) => {
        Answer::Ok(concat!(
            "<DescribeAutoScalingGroupsResult><AutoScalingGroups>",
            $("<member>", $inside, "</member>",)*
            "</AutoScalingGroups></DescribeAutoScalingGroupsResult>"
        ))
    };
}

const EMPTY: Answer = groups!("<AutoScalingGroupName>g</AutoScalingGroupName>");
const LEAVING: Answer = groups!(
    "<AutoScalingGroupName>g</AutoScalingGroupName><Instances><member><InstanceId>i-1</InstanceId>\
     <LifecycleState>Terminating</LifecycleState></member></Instances>"
);
const DONE: Answer = Answer::Ok("");

#[tokio::test]
async fn a_group_goes_when_its_machines_have_left() {
    let replay = Replay::start(&[
        ("UpdateAutoScalingGroup", Answer::Error("ScalingActivityInProgress", "one activity at a time")),
        ("UpdateAutoScalingGroup", DONE),
        ("DescribeAutoScalingGroups", LEAVING),
        ("DescribeAutoScalingGroups", LEAVING),
        ("DescribeAutoScalingGroups", LEAVING),
        ("DescribeAutoScalingGroups", EMPTY),
        ("DeleteAutoScalingGroup", Answer::Error("ResourceInUse", "it has instances")),
        ("DeleteAutoScalingGroup", DONE),
    ]);
    Account::replayed(&replay.endpoint).delete(&found("g", group())).await.unwrap();
    let sizes = &replay.calls("UpdateAutoScalingGroup")[1];
    let size = |name: &str| sizes[name].as_str();
    assert_eq!((size("MinSize"), size("DesiredCapacity"), size("MaxSize")), ("0", "0", "0"));
    let deleted = replay.calls("DeleteAutoScalingGroup");
    assert_eq!(
        deleted.iter().map(|call| call["ForceDelete"].as_str()).collect::<Vec<_>>(),
        ["false", "false"]
    );
    assert_eq!(replay.calls("DescribeAutoScalingGroups").len(), 4, "an empty group that is deleted is gone");
}

#[tokio::test]
async fn a_group_whose_machines_do_not_leave_goes_with_them_at_the_deadline() {
    let replay = Replay::start(&[
        ("UpdateAutoScalingGroup", DONE),
        ("DescribeAutoScalingGroups", LEAVING),
        ("DeleteAutoScalingGroup", DONE),
    ]);
    // It never goes, so that what was tried is seen.
    let error = Account::replayed(&replay.endpoint).delete(&found("g", group())).await.unwrap_err();
    assert_eq!(
        (error.fault, error.message.as_str()),
        (Fault::TimedOut, "the autoscaling group is not deleted after 2 s")
    );
    assert_eq!(replay.calls("DeleteAutoScalingGroup")[0]["ForceDelete"], "true");
}

#[tokio::test]
async fn a_group_on_its_way_out_is_not_listed() {
    let deleting = groups!(
        "<AutoScalingGroupName>g_1</AutoScalingGroupName><Status>Delete in progress</Status><Tags>\
         <member><Key>asiaq:project</Key><Value>shop</Value></member>\
         <member><Key>asiaq:address</Key><Value>ci/x</Value></member></Tags>"
    );
    let replay = Replay::start(&[("DescribeAutoScalingGroups", deleting)]);
    assert_eq!(Account::replayed(&replay.endpoint).list(Kind::AutoScalingGroup).await.found, []);
    assert_eq!(replay.actions(), ["DescribeAutoScalingGroups"], "there is nothing to ask more of");
}

/// The group that a lost call made, with the tags of the order; `$created` is the time that its tag says.
macro_rules! made {
    ($created:literal) => {
        groups!(concat!(
            "<AutoScalingGroupName>ci_mhcfoo_1795299142</AutoScalingGroupName>",
            "<LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><Version>$Latest</Version></LaunchTemplate>",
            "<MinSize>1</MinSize><MaxSize>2</MaxSize><DesiredCapacity>1</DesiredCapacity>",
            "<VPCZoneIdentifier>subnet-1</VPCZoneIdentifier><HealthCheckType>EC2</HealthCheckType>",
            "<HealthCheckGracePeriod>300</HealthCheckGracePeriod>",
            "<TerminationPolicies><member>Default</member></TerminationPolicies><Tags>",
            "<member><Key>Name</Key><Value>a &lt;name&gt; &amp; more</Value></member>",
            "<member><Key>asiaq:project</Key><Value>shop</Value></member>",
            "<member><Key>asiaq:env</Key><Value>ci</Value></member>",
            "<member><Key>asiaq:address</Key><Value>ci/hostclass/mhcfoo/group</Value></member>",
            "<member><Key>create_date</Key><Value>", $created, "</Value></member></Tags>"
        ))
    };
}

const TAKEN: Answer = Answer::Error("AlreadyExists", "AutoScalingGroup by this name already exists");

#[tokio::test]
async fn a_group_whose_creation_got_no_answer_is_taken_on() {
    let schedules = [Schedule { cron: "0 8 * * *".to_owned(), min: Some(1), desired: None, max: None }];
    let wanted = AutoScalingGroup { schedules: schedules.into(), ..group() };
    for script in [
        // The call is repeated, and finds what it made.
        vec![("CreateAutoScalingGroup", Answer::Lost), ("CreateAutoScalingGroup", TAKEN)],
        // No repetition gets an answer.
        vec![("CreateAutoScalingGroup", Answer::Lost)],
    ] {
        let more = [
            ("DescribeAutoScalingGroups", made!("2026-11-21T22:12:22.123456")),
            ("DescribePolicies", Answer::Ok("<DescribePoliciesResult/>")),
            ("DescribeScheduledActions", Answer::Ok("<DescribeScheduledActionsResult/>")),
            ("BatchPutScheduledUpdateGroupAction", Answer::Ok("<BatchPutScheduledUpdateGroupActionResult/>")),
        ];
        let replay = Replay::start(&[script, more.to_vec()].concat());
        let account = Account::replayed(&replay.endpoint);
        assert_eq!(account.create(PATH, wanted.clone()).await, NAME);
        let put = &replay.calls("BatchPutScheduledUpdateGroupAction")[0];
        assert_eq!(
            put["ScheduledUpdateGroupActions.member.1.ScheduledActionName"],
            format!("{NAME}_0_8_star_star_star")
        );
        assert_eq!(put["ScheduledUpdateGroupActions.member.1.MinSize"], "1");
        assert!(
            !put.contains_key("ScheduledUpdateGroupActions.member.1.MaxSize"),
            "only what is set: {put:?}"
        );
    }
}

#[tokio::test]
async fn a_group_of_somebody_else_that_has_the_name_is_not_taken_on() {
    let replay = Replay::start(&[
        ("CreateAutoScalingGroup", TAKEN),
        ("DescribeAutoScalingGroups", made!("2020-01-01T00:00:00.000000")),
    ]);
    let error = Account::replayed(&replay.endpoint).try_create(PATH, group()).await.unwrap_err();
    assert_eq!(error.code, "AlreadyExists");
}

#[tokio::test]
async fn a_group_waits_until_its_template_is_known() {
    let unknown = "You must use a valid fully-formed launch template. \
                   The specified launch template, with template ID lt-1, does not exist.";
    let replay = Replay::start(&[
        ("CreateAutoScalingGroup", Answer::Error("ValidationError", unknown)),
        ("CreateAutoScalingGroup", DONE),
    ]);
    assert_eq!(Account::replayed(&replay.endpoint).create(PATH, group()).await, NAME);
    let call = &replay.calls("CreateAutoScalingGroup")[1];
    assert_eq!(call["LaunchTemplate.Version"], "$Latest");
    assert!(!call.keys().any(|key| key.starts_with("MixedInstancesPolicy")), "{call:?}");
}

#[tokio::test]
async fn a_schedule_that_aws_refuses_is_told_by_name() {
    let replay = Replay::start(&[(
        "BatchPutScheduledUpdateGroupAction",
        Answer::Ok(
            "<BatchPutScheduledUpdateGroupActionResult><FailedScheduledUpdateGroupActions><member>\
             <ScheduledActionName>g_x</ScheduledActionName><ErrorCode>LimitExceeded</ErrorCode>\
             <ErrorMessage>too many</ErrorMessage></member></FailedScheduledUpdateGroupActions>\
             </BatchPutScheduledUpdateGroupActionResult>",
        ),
    )]);
    let schedules = [Schedule { cron: "x".to_owned(), min: Some(1), desired: None, max: None }];
    let wanted = AutoScalingGroup { schedules: schedules.into(), ..group() };
    let account = Account::replayed(&replay.endpoint);
    let error = account.update(&found("g", group()), &wanted.into()).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("LimitExceeded", "`g_x`: too many"));
}

#[tokio::test]
async fn a_template_whose_creation_got_no_answer_is_taken_on() {
    let replay = Replay::start(&[
        ("CreateLaunchTemplate", Answer::Lost),
        (
            "DescribeLaunchTemplates",
            Answer::Ok(
                "<launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><tagSet>\
                 <item><key>Name</key><value>a &lt;name&gt; &amp; more</value></item>\
                 <item><key>asiaq:project</key><value>shop</value></item>\
                 <item><key>asiaq:env</key><value>ci</value></item>\
                 <item><key>asiaq:address</key><value>ci/hostclass/mhcfoo/launch-template</value></item>\
                 <item><key>asiaq:name</key><value>ci_mhcfoo</value></item>\
                 </tagSet></item></launchTemplates>",
            ),
        ),
        (
            "DescribeLaunchTemplateVersions",
            Answer::Ok(
                "<launchTemplateVersionSet><item><launchTemplateId>lt-1</launchTemplateId>\
                 <launchTemplateName>ci_mhcfoo</launchTemplateName><versionNumber>1</versionNumber>\
                 <launchTemplateData><imageId>ami-1</imageId><instanceType>m5.large</instanceType>\
                 <ebsOptimized>true</ebsOptimized><securityGroupIdSet><item>sg-1</item></securityGroupIdSet>\
                 <metadataOptions><httpTokens>required</httpTokens></metadataOptions>\
                 </launchTemplateData></item></launchTemplateVersionSet>",
            ),
        ),
        ("DescribeImages", Answer::Ok("<imagesSet/>")),
        ("DescribeSnapshots", Answer::Ok("<snapshotSet/>")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    assert_eq!(account.create(templates::PATH, template("ci_mhcfoo")).await, "lt-1");
    assert_eq!(replay.calls("CreateLaunchTemplate")[0]["ClientToken"], "token-1");
    assert_eq!(replay.calls("CreateLaunchTemplate").len(), 1);
    assert_eq!(replay.calls("DescribeLaunchTemplateVersions")[0]["LaunchTemplateVersion.1"], "$Latest");
    assert_eq!(replay.calls("CreateLaunchTemplateVersion"), [], "it is as it should be");
    assert_eq!(replay.calls("DescribeImages"), [], "who looks for a template asks for no images");
    account.list(asiaq_ir::Kind::LaunchTemplate).await;
    let asked = replay.calls("DescribeImages");
    let owners = |call: &crate::replay::Call| call.get("Owner.1").is_some_and(|owner| owner == "self");
    let users = |call: &crate::replay::Call| call.get("ExecutableBy.1").is_some_and(|user| user == "self");
    assert!(asked.iter().any(owners) && asked.iter().any(users), "{asked:?}");
}

#[tokio::test]
async fn pages_of_templates_images_and_snapshots_are_read() {
    let replay = Replay::start(&[
        (
            "DescribeLaunchTemplates",
            Answer::Ok(
                "<launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><tagSet>\
                 <item><key>asiaq:project</key><value>shop</value></item>\
                 <item><key>asiaq:address</key><value>ci/x</value></item></tagSet></item></launchTemplates>\
                 <nextToken>more</nextToken>",
            ),
        ),
        ("DescribeLaunchTemplates", Answer::Ok("<launchTemplates/>")),
        (
            "DescribeLaunchTemplateVersions",
            Answer::Ok("<launchTemplateVersionSet/><nextToken>more</nextToken>"),
        ),
        (
            "DescribeLaunchTemplateVersions",
            Answer::Ok(
                "<launchTemplateVersionSet><item><launchTemplateId>lt-1</launchTemplateId>\
                 <launchTemplateName>x</launchTemplateName><launchTemplateData><imageId>ami-1</imageId>\
                 </launchTemplateData></item></launchTemplateVersionSet>",
            ),
        ),
        (
            "DescribeImages",
            Answer::Ok(
                "<imagesSet><item><imageId>ami-2</imageId></item></imagesSet><nextToken>more</nextToken>",
            ),
        ),
        ("DescribeImages", Answer::Ok("<imagesSet><item><imageId>ami-1</imageId></item></imagesSet>")),
        (
            "DescribeSnapshots",
            Answer::Ok(
                "<snapshotSet><item><snapshotId>snap-2</snapshotId></item></snapshotSet><nextToken>more</nextToken>",
            ),
        ),
        (
            "DescribeSnapshots",
            Answer::Ok(
                "<snapshotSet><item><snapshotId>snap-1</snapshotId><status>pending</status>\
                 <startTime>2026-01-02T03:04:05.678Z</startTime></item></snapshotSet>",
            ),
        ),
    ]);
    let listed = Account::replayed(&replay.endpoint).list(Kind::LaunchTemplate).await;
    let bare = LaunchTemplate {
        name: "x".to_owned(),
        instance_type: String::new(),
        groups: [].into(),
        ebs_optimized: false,
        metadata_tokens: false,
        ..template("x")
    };
    assert_eq!(listed.found[0].resource, bare.into());
    let images: Vec<&str> = listed.facts.images.iter().map(|image| image.id.as_str()).collect();
    assert_eq!(images, ["ami-1", "ami-2"], "one that is ours and shared with us is one");
    let snapshots = &listed.facts.snapshots;
    assert_eq!((snapshots[0].id.as_str(), snapshots[0].is_completed), ("snap-1", false));
    assert_eq!(snapshots[0].started, "2026-01-02T03:04:05.678Z");
    assert_eq!(snapshots[1].id, "snap-2");
    assert_eq!(replay.calls("DescribeSnapshots")[0]["Filter.1.Value.1"], "hostclass");
}
