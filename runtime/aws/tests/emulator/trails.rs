use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{DataEvents, Kind, Resource, Trail};
use asiaq_runtime::{Cloud as _, Create};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use crate::account::{Account, REGION, id, tags};
use crate::moto;
use crate::proxy::{Fault, Proxy};

fn trail(bucket: &str) -> Trail {
    Trail {
        name: "main".to_owned(),
        bucket: id(bucket),
        prefix: None,
        multi_region: true,
        global_events: true,
        organization: false,
        validation: true,
        kms_key: None,
        log_group: None,
        log_role: None,
        topic: None,
        logging: true,
        management: Some("All".to_owned()),
        data: BTreeSet::new(),
    }
}

/// A bucket for logs, by hand.
async fn bucket(account: &Account, name: &str) -> String {
    let name = format!("{name}.{}", account.id);
    let place = BucketLocationConstraint::from(REGION);
    let place = CreateBucketConfiguration::builder().location_constraint(place).build();
    account.s3().create_bucket().bucket(&name).create_bucket_configuration(place).send().await.unwrap();
    name
}

#[tokio::test]
async fn a_trail_lives_and_every_field_changes() {
    let account = Account::new();
    let (logs, others) = (bucket(&account, "logs").await, bucket(&account, "others").await);
    let topic = aws_sdk_sns::Client::new(&account.sdk).create_topic().name("trails").send().await.unwrap();
    let first = trail(&logs);
    let other = Trail {
        bucket: id(&others),
        prefix: Some("trails".to_owned()),
        multi_region: false,
        global_events: false,
        organization: true,
        validation: false,
        kms_key: Some(format!("arn:aws:kms:{REGION}:{}:key/1", account.id)),
        log_group: Some(format!("arn:aws:logs:{REGION}:{}:log-group:trail:*", account.id)),
        log_role: Some(format!("arn:aws:iam::{}:role/trail", account.id)),
        topic: Some(id(&topic.topic_arn.unwrap())),
        ..first.clone()
    };
    let objects =
        DataEvents { of: "AWS::S3::Object".to_owned(), resources: [format!("arn:aws:s3:::{logs}/")].into() };
    let stopped = Trail { logging: false, ..first.clone() };
    let written = Trail { management: Some("WriteOnly".to_owned()), data: [objects].into(), ..first.clone() };
    let only_data = Trail { management: None, ..written.clone() };
    let changes = [other, stopped, written, only_data, first.clone()].map(Resource::from);
    account.lives("trail/main", first, &changes).await;
}

#[tokio::test]
async fn a_trail_of_every_region_belongs_to_its_home() {
    let account = Account::new();
    let logs = bucket(&account, "logs").await;
    account.create("trail/main", trail(&logs)).await;
    let elsewhere = account.aws.list("eu-west-1", Kind::Trail, "shop").await.unwrap();
    assert_eq!(elsewhere.found, [], "it records there, and is not there");
    // One with the same name and another home is another trail.
    let resource: Resource = trail(&logs).into();
    let address = asiaq_ir::Address::new("ci", "trail/other");
    let tags = tags(&resource, "trail/other");
    let request =
        Create { region: "eu-west-1", address: &address, resource: &resource, tags: &tags, token: "token" };
    let arn = account.aws.create(&request).await.unwrap();
    let ids = async |region: &str| {
        let found = account.aws.list(region, Kind::Trail, "shop").await.unwrap().found;
        found.into_iter().map(|found| found.id).collect::<Vec<_>>()
    };
    assert_eq!(ids("eu-west-1").await, [arn]);
    assert_eq!(ids(REGION).await.len(), 1);
}

#[tokio::test]
async fn a_trail_waits_until_its_bucket_lets_it_write() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let logs = bucket(&account, "logs").await;
    for code in ["InsufficientS3BucketPolicyException", "S3BucketDoesNotExistException"] {
        proxy.on("CreateTrail", 1, Fault::Refused(code, "not yet"));
        let made = account.create("trail/main", trail(&logs)).await;
        assert!(made.ends_with(":trail/main"));
        let live = account.found(Kind::Trail, "trail/main").await.unwrap();
        assert_eq!(live.resource, trail(&logs).into(), "it is started too");
        account.delete(&live).await.unwrap();
        proxy.clear();
    }
}

#[tokio::test]
async fn the_trails_of_others_are_theirs() {
    let account = Account::new();
    let logs = bucket(&account, "logs").await;
    let by_hand = aws_sdk_cloudtrail::Client::new(&account.sdk);
    // The emulator, unlike AWS, would make it again.
    by_hand.create_trail().name("main").s3_bucket_name(&logs).send().await.unwrap();
    assert_eq!(account.list(Kind::Trail).await.found, []);
    let refused = account.try_create("trail/main", trail(&logs)).await.unwrap_err();
    assert_eq!(refused.code, "TrailAlreadyExistsException");
    assert!(refused.message.contains("no tags say whose it is"), "{refused}");
    let status = by_hand.get_trail_status().name("main").send().await.unwrap();
    assert_eq!(status.is_logging, Some(false));
}

#[tokio::test]
async fn the_tags_of_a_trail_change() {
    let account = Account::new();
    let wanted = trail(&bucket(&account, "logs").await);
    account.create("trail/main", wanted.clone()).await;
    let live = account.found(Kind::Trail, "trail/main").await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut expected = tags(&wanted.into(), "trail/main");
    expected.remove("Name");
    expected.extend(set);
    assert_eq!(account.found(Kind::Trail, "trail/main").await.unwrap().tags, expected);
}

#[tokio::test]
async fn a_trail_whose_answer_is_lost_is_taken_for_the_own_one() {
    for operation in ["CreateTrail", "PutEventSelectors", "StartLogging"] {
        let (account, _proxy) = Account::losing(operation);
        let first =
            Trail { management: Some("ReadOnly".to_owned()), ..trail(&bucket(&account, "logs").await) };
        account.lives("trail/main", first, &[]).await;
    }
}
