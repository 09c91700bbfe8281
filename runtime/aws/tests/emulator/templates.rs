//! Launch templates, and what machines can be made from.

use asiaq_ir::{Disk, Kind, LaunchTemplate, Resource};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use crate::account::{Account, id, refs};

pub(crate) const PATH: &str = "hostclass/mhcfoo/launch-template";

pub(crate) fn template(name: &str) -> LaunchTemplate {
    LaunchTemplate {
        name: name.to_owned(),
        image: id("ami-1"),
        instance_type: "m5.large".to_owned(),
        key: None,
        profile: None,
        groups: refs([&id("sg-1")]),
        public_ip: false,
        disks: [].into(),
        endpoints: [].into(),
        user_data: String::new(),
        ebs_optimized: true,
        monitoring: false,
        metadata_tokens: true,
    }
}

fn disk(device: &str) -> Disk {
    Disk { device: device.to_owned(), ..Disk::default() }
}

#[tokio::test]
async fn a_template_lives_and_changes_in_every_field() {
    let account = Account::new();
    let first = template("ci_mhcfoo");
    let changes: [LaunchTemplate; 6] = [
        LaunchTemplate {
            image: id("ami-2"),
            instance_type: "c5.xlarge".to_owned(),
            key: Some("bake".to_owned()),
            profile: Some("web".to_owned()),
            groups: refs([&id("sg-1"), &id("sg-2")]),
            public_ip: true,
            user_data: "hostclass=\"mhcfoo\"\nname=\"a <b> & 'ü'\"\n".to_owned(),
            ebs_optimized: false,
            monitoring: true,
            metadata_tokens: false,
            ..first.clone()
        },
        LaunchTemplate {
            disks: [
                Disk { size: Some(20), ..disk("/dev/sda") },
                Disk {
                    size: Some(100),
                    volume: Some("gp3".to_owned()),
                    iops: Some(4000),
                    throughput: Some(250),
                    encrypted: Some(true),
                    ..disk("/dev/sdb")
                },
                Disk { snapshot: Some("snap-1".to_owned()), encrypted: Some(false), ..disk("/dev/sdc") },
                Disk { ephemeral: Some(0), ..disk("/dev/sdd") },
                Disk { ephemeral: Some(11), ..disk("/dev/sde") },
            ]
            .into(),
            ..first.clone()
        },
        LaunchTemplate { disks: [Disk { size: Some(21), ..disk("/dev/sda") }].into(), ..first.clone() },
        LaunchTemplate { user_data: "x".repeat(16_000), ..first.clone() },
        LaunchTemplate { groups: refs([&id("sg-2")]), ..first.clone() },
        first.clone(),
    ];
    account.lives(PATH, first, &changes.map(Resource::from)).await;
}

#[tokio::test]
async fn a_few_superseded_versions_stay_and_the_newest_is_the_default() {
    let account = Account::new();
    let made = account.create(PATH, template("ci_mhcfoo")).await;
    for number in 2..=8 {
        let live = account.found(Kind::LaunchTemplate, PATH).await.unwrap();
        let wanted = LaunchTemplate { user_data: format!("version {number}"), ..template("ci_mhcfoo") };
        account.update(&live, &wanted.into()).await.unwrap();
    }
    let versions = account.by_hand.describe_launch_template_versions().launch_template_id(&made).send();
    let versions = versions.await.unwrap();
    let mut numbers: Vec<(i64, bool)> = versions
        .launch_template_versions()
        .iter()
        .map(|version| (version.version_number().unwrap(), version.default_version().unwrap()))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [(4, false), (5, false), (6, false), (7, false), (8, true)]);

    let live = account.found(Kind::LaunchTemplate, PATH).await.unwrap();
    account.update(&live, &live.resource).await.unwrap();
    let versions = account.by_hand.describe_launch_template_versions().launch_template_id(&made).send();
    assert_eq!(versions.await.unwrap().launch_template_versions().len(), 5, "no change makes no version");
}

#[tokio::test]
async fn templates_of_others_are_not_listed_and_a_taken_name_is_refused() {
    let account = Account::new();
    for number in 0..20 {
        account
            .create(&format!("hostclass/mhc{number}/launch-template"), template(&format!("ci_mhc{number}")))
            .await;
    }
    let data = aws_sdk_ec2::types::RequestLaunchTemplateData::builder().image_id("ami-9").build();
    let foreign =
        account.by_hand.create_launch_template().launch_template_name("theirs").launch_template_data(data);
    foreign.send().await.unwrap();
    assert_eq!(account.list(Kind::LaunchTemplate).await.found.len(), 20, "more than moto gives unasked");
    let error = account.try_create(PATH, template("theirs")).await.unwrap_err();
    assert_eq!(error.code, "InvalidLaunchTemplateName.AlreadyExistsException");
}

#[tokio::test]
async fn images_and_snapshots_are_facts() {
    let account = Account::new();
    assert_eq!(account.list(Kind::LaunchTemplate).await.facts.images, []);
    let run =
        account.by_hand.run_instances().image_id("ami-1").min_count(1).max_count(1).send().await.unwrap();
    let machine = run.instances()[0].instance_id().unwrap();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let tags = |of: ResourceType| {
        TagSpecification::builder()
            .resource_type(of)
            .tags(tag("hostclass", "mhcfoo"))
            .tags(tag("stage", "tested"))
    };
    let image = account
        .by_hand
        .create_image()
        .instance_id(machine)
        .name("mhcfoo 1700000000")
        .tag_specifications(tags(ResourceType::Image).build());
    let image = image.send().await.unwrap().image_id.unwrap();
    let volume =
        account.by_hand.create_volume().availability_zone("us-west-2a").size(7).send().await.unwrap();
    let mut snapshots = Vec::new();
    for tagged in [true, false] {
        let specification = tagged.then(|| vec![tags(ResourceType::Snapshot).build()]);
        let request = account.by_hand.create_snapshot().volume_id(volume.volume_id().unwrap());
        let made = request.set_tag_specifications(specification).send().await.unwrap();
        snapshots.push(made.snapshot_id.unwrap());
    }

    let facts = account.list(Kind::LaunchTemplate).await.facts;
    let [fact] = facts.images.as_slice() else { panic!("one image: {:?}", facts.images) };
    assert_eq!((fact.id.as_str(), fact.name.as_str()), (image.as_str(), "mhcfoo 1700000000"));
    assert_eq!((fact.owner.as_str(), fact.is_available), (account.id.as_str(), true));
    assert_eq!(fact.tags["stage"], "tested");
    assert_eq!((fact.root_device.as_str(), fact.root_size), ("/dev/sda1", Some(15)));
    assert_eq!(fact.architecture, "x86_64");
    assert!(fact.created.starts_with("20") && fact.created.ends_with('Z'), "{}", fact.created);
    let [fact] = facts.snapshots.as_slice() else { panic!("one snapshot: {:?}", facts.snapshots) };
    assert_eq!((fact.id.as_str(), fact.size, fact.is_completed), (snapshots[0].as_str(), 7, true));
    assert_eq!(fact.tags["hostclass"], "mhcfoo");
    assert!(fact.started.starts_with("20") && fact.started.ends_with('Z'), "{}", fact.started);
}
