//! The machines of a project, and their number.

use std::collections::BTreeMap;

use asiaq_ir::{AutoScalingGroup, Disk, ENV_TAG, Kind, LaunchTemplate, PROJECT_TAG};
use asiaq_runtime::{Fault, Fleet as _, Host, Sizes};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use crate::account::{Account, PROJECT, REGION, id, refs};
use crate::replay::{Answer, Replay};
use crate::scaling_groups::{Ground, PATH};
use crate::templates::{PATH as TEMPLATE, template};

/// A machine made by hand.
async fn run(ground: &Ground, tags: &[(&str, &str)]) -> String {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
    let tags = TagSpecification::builder().resource_type(ResourceType::Instance).set_tags(Some(tags)).build();
    let request = ground.account.by_hand.run_instances().image_id("ami-1").min_count(1).max_count(1);
    let made = request.tag_specifications(tags).send().await.unwrap();
    made.instances().first().unwrap().instance_id().unwrap().to_owned()
}

#[tokio::test]
async fn machines_of_the_project_are_listed_with_everything_known_of_them() {
    let ground = Ground::new().await;
    let aws = &ground.account.aws;
    assert_eq!(aws.hosts(REGION, PROJECT, None).await.unwrap(), []);
    // An image that is there, of a machine of nobody.
    let nobody = run(&ground, &[("Name", "x")]).await;
    let image =
        ground.account.by_hand.create_image().instance_id(&nobody).name("mhcfoo 1").send().await.unwrap();
    let image = image.image_id.unwrap();
    let live = ground.account.found(Kind::LaunchTemplate, TEMPLATE).await.unwrap();
    let of_image = LaunchTemplate {
        image: id(&image),
        groups: refs([&ground.security]),
        user_data: "hostclass=\"mhcfoo\"".to_owned(),
        disks: [
            Disk { device: "/dev/sda1".to_owned(), size: Some(20), ..Disk::default() },
            Disk { device: "/dev/sdb".to_owned(), ephemeral: Some(0), ..Disk::default() },
        ]
        .into(),
        ..template("ci_mhcfoo")
    };
    ground.account.update(&live, &of_image.into()).await.unwrap();
    let group = ground.account.create(PATH, ground.group()).await;

    let ours = [(PROJECT_TAG, PROJECT), (ENV_TAG, "staging"), ("hostclass", "mhcbar")];
    let staging = run(&ground, &ours).await;
    let ended = run(&ground, &ours).await;
    ground.account.by_hand.terminate_instances().instance_ids(&ended).send().await.unwrap();
    run(&ground, &[(PROJECT_TAG, "other"), (ENV_TAG, "ci")]).await;

    let of_ci = aws.hosts(REGION, PROJECT, Some("ci")).await.unwrap();
    let tagged = of_ci[0].id.clone();
    for (key, value) in [
        ("hostclass", "mhcfoo"),
        ("hostname", "foo-1"),
        ("owner", "me"),
        ("productline", "p"),
        ("smoketest", "tested"),
    ] {
        let tag = Tag::builder().key(key).value(value).build();
        ground.account.by_hand.create_tags().resources(&tagged).tags(tag).send().await.unwrap();
    }
    let hosts = aws.hosts(REGION, PROJECT, None).await.unwrap();
    let environments: Vec<&str> = hosts.iter().map(|host| host.environment.as_deref().unwrap()).collect();
    assert_eq!((environments, &hosts[2].id), (vec!["ci", "ci", "staging"], &staging));
    let host = hosts.iter().find(|host| host.id == tagged).unwrap();
    let (private, launched) = (host.private.clone(), host.launched.clone().unwrap());
    assert!(private.len() == 1 && private[0].to_string().starts_with("10.0."), "{private:?}");
    assert!(launched.starts_with("20") && launched.ends_with('Z'), "{launched}");
    let images = ground.account.by_hand.describe_images().image_ids(&image).send().await.unwrap();
    let expected = Host {
        id: tagged,
        region: REGION.to_owned(),
        zone: Some("us-west-2a".to_owned()),
        environment: Some("ci".to_owned()),
        hostclass: Some("mhcfoo".to_owned()),
        hostname: Some("foo-1".to_owned()),
        owner: Some("me".to_owned()),
        product_line: Some("p".to_owned()),
        smoke_test: Some("tested".to_owned()),
        group: Some(group),
        security_group: Some("intranet".to_owned()),
        state: "running".to_owned(),
        public: None,
        private,
        instance_type: Some("m5.large".to_owned()),
        image: Some(image),
        image_created: Some(images.images()[0].creation_date().unwrap().to_owned()),
        outdated: false,
        launched: Some(launched),
    };
    assert_eq!(*host, expected);
}

#[tokio::test]
async fn interfaces_come_in_their_order_and_may_be_missing() {
    let replay = Replay::start(&[
        (
            "DescribeInstances",
            Answer::Ok(
                "<reservationSet><item><instancesSet>\
                 <item><instanceId>i-2</instanceId><imageId>ami-1</imageId><ipAddress>54.0.0.1</ipAddress>\
                 <instanceState><name>running</name></instanceState><networkInterfaceSet>\
                 <item><privateIpAddress>10.0.0.9</privateIpAddress><attachment><deviceIndex>1</deviceIndex>\
                 </attachment></item>\
                 <item><privateIpAddress>10.0.0.4</privateIpAddress><attachment><deviceIndex>0</deviceIndex>\
                 </attachment></item></networkInterfaceSet></item>\
                 <item><instanceId>i-1</instanceId><instanceState><name>shutting-down</name></instanceState></item>\
                 </instancesSet></item></reservationSet><nextToken>more</nextToken>",
            ),
        ),
        ("DescribeInstances", Answer::Ok("<reservationSet/>")),
        ("DescribeImages", Answer::Ok("<imagesSet/>")),
        (
            "DescribeAutoScalingGroups",
            Answer::Ok(
                "<DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult>",
            ),
        ),
        ("DescribeLaunchTemplates", Answer::Ok("<launchTemplates/>")),
    ]);
    let hosts = Account::replayed(&replay.endpoint).aws.hosts(REGION, PROJECT, Some("ci")).await.unwrap();
    let seen: BTreeMap<&str, Vec<String>> = hosts
        .iter()
        .map(|host| (host.id.as_str(), host.private.iter().map(ToString::to_string).collect()))
        .collect();
    assert_eq!(seen, [("i-1", vec![]), ("i-2", vec!["10.0.0.4".to_owned(), "10.0.0.9".to_owned()])].into());
    assert_eq!(hosts[0].address(), None);
    assert_eq!(hosts[1].address().unwrap().to_string(), "54.0.0.1");
    assert_eq!((hosts[1].image.as_deref(), hosts[1].image_created.as_deref()), (Some("ami-1"), None));
    let calls = replay.calls("DescribeInstances");
    assert_eq!((calls.len(), calls[1]["NextToken"].as_str()), (2, "more"));
    let asked: Vec<&String> = calls[0].values().collect();
    for wanted in ["tag:asiaq:project", "shop", "tag:asiaq:env", "ci", "instance-state-name", "shutting-down"]
    {
        assert!(asked.iter().any(|value| *value == wanted), "`{wanted}` in {asked:?}");
    }
    assert!(!asked.iter().any(|value| *value == "terminated"));
}

#[tokio::test]
async fn a_group_is_made_larger_and_smaller() {
    let ground = Ground::new().await;
    let aws = &ground.account.aws;
    let name = ground.account.create(PATH, ground.group()).await;
    let sizes = async || {
        let groups = aws.groups(REGION, PROJECT, Some("ci")).await.unwrap();
        assert_eq!((groups.len(), groups[0].name.as_str()), (1, name.as_str()));
        let group = &groups[0];
        assert_eq!(group.address.as_str(), format!("ci/{PATH}"));
        (group.min, group.desired, group.max, group.machines, group.in_service)
    };
    assert_eq!(sizes().await, (1, 2, 4, 2, 2));
    aws.scale(REGION, PROJECT, &name, Sizes { desired: Some(4), ..Sizes::default() }).await.unwrap();
    assert_eq!(sizes().await, (1, 4, 4, 4, 4));
    aws.scale(REGION, PROJECT, &name, Sizes { min: Some(0), desired: Some(0), max: Some(9) }).await.unwrap();
    assert_eq!(sizes().await, (0, 0, 9, 0, 0));
    aws.scale(REGION, PROJECT, &name, Sizes::default()).await.unwrap();
    assert_eq!(sizes().await, (0, 0, 9, 0, 0));
    assert_eq!(aws.groups(REGION, PROJECT, Some("staging")).await.unwrap(), []);
    assert_eq!(aws.groups(REGION, "nobody", None).await.unwrap(), []);
}

#[tokio::test]
async fn a_group_of_somebody_else_is_not_scaled() {
    let ground = Ground::new().await;
    let aws = &ground.account.aws;
    let one = Sizes { desired: Some(1), ..Sizes::default() };
    let group = AutoScalingGroup { prefix: "ci_mhcbar".into(), ..ground.group() };
    let name = ground.account.create("hostclass/mhcbar/group", group).await;
    let error = aws.scale(REGION, "other", &name, one).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert_eq!(error.message, "the autoscaling group `ci_mhcbar_1795299142` is not this project's");
    let error = aws.scale(REGION, PROJECT, "ci_mhcba", one).await.unwrap_err();
    assert_eq!(error.message, "there is no autoscaling group `ci_mhcba`");
    assert_eq!(aws.groups(REGION, PROJECT, None).await.unwrap()[0].desired, 2);
}
