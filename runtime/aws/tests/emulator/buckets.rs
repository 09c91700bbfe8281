use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    AccessBlock, AccessLogs, Bucket, CorsRule, Encryption, Grant, Kind, LifecycleRule, NAME_TAG,
    NoncurrentTransition, Notification, Ref, Replication, ReplicationRule, Resource, Retention, RoutingRule,
    Transition, Website,
};
use asiaq_runtime::{Cloud as _, Create, Intent};
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Delete, Event, NotificationConfiguration,
    ObjectIdentifier, QueueConfiguration, Tag, Tagging, TopicConfiguration,
};

use crate::account::{Account, REGION, found, id, tags};
use crate::moto;
use crate::proxy::{Fault, Proxy};

/// A bucket as asiaq makes it where nobody says anything. All accounts of the emulator share the names.
fn bucket(account: &Account, name: &str) -> Bucket {
    Bucket {
        name: named(account, name),
        versioning: false,
        object_lock: false,
        retention: None,
        encryption: Encryption { algorithm: "AES256".to_owned(), key: None, bucket_key: false },
        access_block: block(true),
        ownership: "BucketOwnerEnforced".to_owned(),
        policy: None,
        grants: BTreeSet::new(),
        lifecycle: BTreeSet::new(),
        logging: None,
        cors: Vec::new(),
        website: None,
        notifications: BTreeSet::new(),
        replication: None,
    }
}

fn named(account: &Account, name: &str) -> String {
    format!("shop.{name}.{}", account.id)
}

fn block(all: bool) -> AccessBlock {
    AccessBlock { block_acls: all, ignore_acls: all, block_policy: all, restrict_buckets: all }
}

fn rule(id: &str) -> LifecycleRule {
    LifecycleRule {
        id: id.to_owned(),
        enabled: true,
        prefix: String::new(),
        tags: BTreeMap::new(),
        larger: None,
        smaller: None,
        expire: None,
        expire_on: None,
        expire_markers: false,
        expire_noncurrent: None,
        keep_noncurrent: None,
        abort_uploads: None,
        transitions: BTreeSet::new(),
        noncurrent_transitions: BTreeSet::new(),
    }
}

/// A bucket that somebody makes by hand, in the region of the tests.
async fn make(account: &Account, name: &str) {
    let place = BucketLocationConstraint::from(REGION);
    let place = CreateBucketConfiguration::builder().location_constraint(place).build();
    let made = account.s3().create_bucket().bucket(name).create_bucket_configuration(place);
    made.send().await.unwrap();
}

async fn write(account: &Account, bucket: &str, key: &str) {
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    account.s3().put_object().bucket(bucket).key(key).body(body).send().await.unwrap();
}

/// A topic of the emulator.
async fn topic(account: &Account, name: &str) -> Ref {
    let made = aws_sdk_sns::Client::new(&account.sdk).create_topic().name(name).send().await.unwrap();
    id(&made.topic_arn.unwrap())
}

/// A policy as the IR has it, which lets the service write logs.
fn log_policy(name: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"logs","Effect":"Allow","Principal":{{"Service":"logging.s3.amazonaws.com"}},"Action":"s3:PutObject","Resource":"arn:aws:s3:::{name}/*"}}]}}"#
    )
}

#[tokio::test]
async fn a_bucket_lives_and_every_field_changes() {
    let account = Account::new();
    let logs = named(&account, "logs");
    let target = Bucket { policy: Some(log_policy(&logs)), ..bucket(&account, "logs") };
    account.create("bucket/logs", target).await;
    let first = bucket(&account, "data");
    let kms =
        Encryption { algorithm: "aws:kms".to_owned(), key: Some("alias/data".to_owned()), bucket_key: true };
    let kept = Bucket {
        versioning: true,
        encryption: kms,
        lifecycle: [
            LifecycleRule { expire: Some(30), prefix: "tmp/".to_owned(), ..rule("short") },
            LifecycleRule {
                enabled: false,
                tags: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
                larger: Some(1),
                smaller: Some(1000),
                expire_on: Some("2027-01-31".to_owned()),
                ..rule("filtered")
            },
            LifecycleRule {
                expire_markers: true,
                expire_noncurrent: Some(9),
                keep_noncurrent: Some(2),
                abort_uploads: Some(7),
                transitions: [
                    Transition { class: "GLACIER".to_owned(), after: Some(90), on: None },
                    Transition { class: "STANDARD_IA".to_owned(), after: Some(30), on: None },
                ]
                .into(),
                noncurrent_transitions: [NoncurrentTransition {
                    class: "GLACIER".to_owned(),
                    after: 30,
                    keep: Some(1),
                }]
                .into(),
                ..rule("old")
            },
        ]
        .into(),
        logging: Some(AccessLogs { bucket: id(&logs), prefix: "data/".to_owned() }),
        ..first.clone()
    };
    let open = Bucket {
        access_block: AccessBlock { block_policy: true, ..block(false) },
        ownership: "BucketOwnerPreferred".to_owned(),
        grants: [
            Grant { grantee: "1".repeat(64), permission: "READ".to_owned() },
            Grant {
                grantee: "http://acs.amazonaws.com/groups/s3/LogDelivery".to_owned(),
                permission: "WRITE".to_owned(),
            },
        ]
        .into(),
        cors: vec![CorsRule {
            methods: ["GET", "PUT"].map(str::to_owned).into(),
            origins: ["https://shop.example".to_owned()].into(),
            headers: ["*".to_owned()].into(),
            expose: ["ETag".to_owned()].into(),
            max_age: Some(60),
        }],
        website: Some(Website {
            index: Some("index.html".to_owned()),
            error: Some("error.html".to_owned()),
            redirect: None,
            rules: vec![RoutingRule {
                prefix: Some("old/".to_owned()),
                host: Some("https://shop.example".to_owned()),
                replace_prefix: Some("new/".to_owned()),
                status: Some("302".to_owned()),
                ..RoutingRule::default()
            }],
        }),
        notifications: [Notification {
            id: "new".to_owned(),
            topic: topic(&account, "new").await,
            events: ["s3:ObjectCreated:*".to_owned()].into(),
            prefix: "in/".to_owned(),
            suffix: ".csv".to_owned(),
        }]
        .into(),
        policy: Some(log_policy(&first.name)),
        ..kept.clone()
    };
    let moved = Bucket {
        website: Some(Website {
            index: None,
            error: None,
            redirect: Some("https://shop.example".to_owned()),
            rules: Vec::new(),
        }),
        lifecycle: [LifecycleRule { expire: Some(60), ..rule("short") }].into(),
        grants: [Grant { grantee: "2".repeat(64), permission: "READ_ACP".to_owned() }].into(),
        ..open.clone()
    };
    let closed = Bucket { versioning: false, ..first.clone() };
    let changes = [kept.into(), open.into(), moved.into(), closed.into(), first.clone().into()];
    account.lives("bucket/data", first, &changes).await;
}

#[tokio::test]
async fn the_objects_of_a_bucket_are_locked_and_copied() {
    let account = Account::new();
    make(&account, &named(&account, "copies")).await;
    let first = Bucket { versioning: true, object_lock: true, ..bucket(&account, "data") };
    let retention = |mode: &str, days: u32| Some(Retention { mode: mode.to_owned(), days });
    let locked = Bucket { retention: retention("GOVERNANCE", 30), ..first.clone() };
    let longer = Bucket { retention: retention("COMPLIANCE", 60), ..first.clone() };
    account.lives("bucket/data", first, &[locked.into(), longer.into()]).await;
    let plain = Bucket { versioning: true, ..bucket(&account, "source") };
    let copy = |id: &str, priority: u32, account_of: Option<&str>| ReplicationRule {
        id: id.to_owned(),
        priority,
        prefix: format!("{id}/"),
        bucket: named(&account, "copies"),
        account: account_of.map(str::to_owned),
        class: account_of.map(|_| "GLACIER".to_owned()),
        markers: account_of.is_none(),
    };
    let rules = [copy("a", 1, None), copy("b", 2, Some("210987654321"))];
    let role = "arn:aws:iam::123456789012:role/copy".to_owned();
    let copied = Bucket { replication: Some(Replication { role, rules: rules.into() }), ..plain.clone() };
    // The versions go after the rules that need them.
    let off = Bucket { versioning: false, ..plain.clone() };
    account.lives("bucket/source", plain, &[copied.into(), off.into()]).await;
}

#[tokio::test]
async fn a_bucket_of_another_region_is_made_there_and_found_only_there() {
    let account = Account::new();
    for region in ["us-east-1", "eu-west-1"] {
        let resource: Resource = bucket(&account, region).into();
        let address = asiaq_ir::Address::new("ci", region);
        let tags = tags(&resource, region);
        let request = Create { region, address: &address, resource: &resource, tags: &tags, token: "token" };
        let made = account.aws.create(&request).await.unwrap();
        // In us-east-1, AWS answers a second creation as if it had worked.
        assert_eq!(account.aws.create(&request).await.unwrap(), made);
        let here = account.aws.list(region, Kind::Bucket, "shop").await.unwrap().found;
        assert_eq!(here.iter().map(|found| &found.id).collect::<Vec<_>>(), [&made]);
        assert_eq!((&here[0].resource, &here[0].tags), (&resource, &tags));
    }
    assert_eq!(account.list(Kind::Bucket).await.found, []);
}

#[tokio::test]
async fn the_names_of_others_are_told_before_anything_is_made() {
    let (account, other) = (Account::new(), Account::new());
    let mine = bucket(&account, "theirs");
    make(&other, &mine.name).await;
    let refusal = async |bucket: Bucket, region: &str| {
        let resource: Resource = bucket.into();
        let address = asiaq_ir::Address::new("ci", "bucket/x");
        let tags = tags(&resource, "bucket/x");
        let request = Create { region, address: &address, resource: &resource, tags: &tags, token: "" };
        let why = account.aws.refusal(region, &Intent::Create(&request), &BTreeSet::new()).await.unwrap();
        why.map(|error| error.message)
    };
    let said = refusal(mine.clone(), REGION).await.unwrap();
    assert!(said.contains("another account has a bucket"), "{said}");
    let refused = account.try_create("bucket/x", mine.clone()).await.unwrap_err();
    assert_eq!(refused.code, "BucketAlreadyExists");
    // The account's own, without tags, and in another region.
    let own = bucket(&account, "own");
    make(&account, &own.name).await;
    let said = refusal(own.clone(), REGION).await.unwrap();
    assert!(said.contains("no tags say whose it is"), "{said}");
    let said = refusal(own.clone(), "eu-west-1").await.unwrap();
    assert!(said.contains(&format!("in {REGION}")), "{said}");
    assert_eq!(refusal(bucket(&account, "free"), REGION).await, None);
    // What an earlier run has made is no conflict, nor is what the same plan deletes.
    account.create("bucket/x", bucket(&account, "mine")).await;
    assert_eq!(refusal(bucket(&account, "mine"), REGION).await, None);
}

#[tokio::test]
async fn the_bucket_of_another_account_is_never_changed() {
    let (account, other) = (Account::new(), Account::new());
    let mine = bucket(&account, "mine");
    make(&other, &mine.name).await;
    let live = found(&mine.name, mine.clone());
    let changed = Bucket { versioning: true, ..mine.clone() };
    assert_eq!(account.update(&live, &changed.into()).await.unwrap_err().code, "AccessDenied");
    assert_eq!(account.empty(&live).await.unwrap_err().code, "AccessDenied");
    assert!(other.s3().head_bucket().bucket(&mine.name).send().await.is_ok());
}

#[tokio::test]
async fn a_bucket_is_emptied_only_if_that_is_said() {
    let account = Account::new();
    let wanted = Bucket { versioning: true, ..bucket(&account, "data") };
    account.create("bucket/data", wanted.clone()).await;
    let live = account.found(Kind::Bucket, "bucket/data").await.unwrap();
    let why = async |intent: Intent<'_>| {
        let why = account.aws.refusal(REGION, &intent, &BTreeSet::new()).await.unwrap();
        why.map(|error| error.message)
    };
    assert_eq!(why(Intent::Delete(&live)).await, None, "an empty bucket is deleted");
    for _ in 0..2 {
        write(&account, &wanted.name, "a").await;
    }
    write(&account, &wanted.name, "b").await;
    account.s3().delete_object().bucket(&wanted.name).key("b").send().await.unwrap();
    let said = why(Intent::Delete(&live)).await.unwrap();
    assert!(said.contains("1 object, 2 old versions, 1 delete marker: `--allow data-loss`"), "{said}");
    assert_eq!(why(Intent::Empty(&live)).await, None);
    let refused = account.delete(&live).await.unwrap_err();
    assert!(refused.code == "BucketNotEmpty" && refused.message.contains("--allow data-loss"), "{refused}");
    account.empty(&live).await.unwrap();
    assert_eq!(account.found(Kind::Bucket, "bucket/data").await, None);
    account.empty(&live).await.unwrap();
}

#[tokio::test]
async fn a_bucket_of_several_pages_is_counted_and_emptied() {
    let account = Account::new();
    let wanted = Bucket { versioning: true, ..bucket(&account, "data") };
    account.create("bucket/data", wanted.clone()).await;
    let s3 = account.s3();
    for keys in (0..1010).collect::<Vec<_>>().chunks(50) {
        let (account, name) = (&account, &wanted.name);
        let made = keys.iter().map(|key| async move { write(account, name, &format!("k{key}")).await });
        futures::future::join_all(made).await;
    }
    for keys in (0..1010).collect::<Vec<_>>().chunks(505) {
        let key = |key: &usize| ObjectIdentifier::builder().key(format!("k{key}")).build().unwrap();
        let keys = Delete::builder().set_objects(Some(keys.iter().map(key).collect())).build().unwrap();
        s3.delete_objects().bucket(&wanted.name).delete(keys).send().await.unwrap();
    }
    let live = account.found(Kind::Bucket, "bucket/data").await.unwrap();
    let said = account.aws.refusal(REGION, &Intent::Delete(&live), &BTreeSet::new()).await.unwrap().unwrap();
    assert!(said.message.contains("1010 old versions, 1010 delete markers:"), "{said}");
    account.empty(&live).await.unwrap();
    assert_eq!(account.found(Kind::Bucket, "bucket/data").await, None);
}

#[tokio::test]
async fn objects_that_may_be_locked_are_never_deleted() {
    let account = Account::new();
    let wanted = Bucket { versioning: true, object_lock: true, ..bucket(&account, "data") };
    account.create("bucket/data", wanted.clone()).await;
    write(&account, &wanted.name, "a").await;
    write(&account, &wanted.name, "b").await;
    let live = account.found(Kind::Bucket, "bucket/data").await.unwrap();
    for intent in [Intent::Delete(&live), Intent::Empty(&live)] {
        let said = account.aws.refusal(REGION, &intent, &BTreeSet::new()).await.unwrap().unwrap();
        assert!(said.message.contains("object lock and 2 objects"), "{said}");
    }
    assert!(account.empty(&live).await.unwrap_err().message.contains("object lock"));
    let left = account.s3().list_object_versions().bucket(&wanted.name).send().await.unwrap();
    assert_eq!(left.versions().len(), 2);
}

#[tokio::test]
async fn what_others_write_into_a_document_of_a_bucket_stays() {
    let account = Account::new();
    let first = bucket(&account, "data");
    account.create("bucket/data", first.clone()).await;
    let live = account.found(Kind::Bucket, "bucket/data").await.unwrap();
    let s3 = account.s3();
    let topic = |id: &str, arn: &Ref| {
        let topic = TopicConfiguration::builder().id(id).topic_arn(arn.id().unwrap());
        topic.events(Event::S3ObjectRemoved).build().unwrap()
    };
    let queue = QueueConfiguration::builder()
        .id("queue")
        .queue_arn(format!("arn:aws:sqs:{REGION}:{}:q", account.id))
        .events(Event::S3ObjectCreated)
        .build()
        .unwrap();
    let arn = self::topic(&account, "theirs").await;
    let all = NotificationConfiguration::builder().topic_configurations(topic("theirs", &arn));
    let all = all.queue_configurations(queue).build();
    let put = s3.put_bucket_notification_configuration().bucket(&first.name).notification_configuration(all);
    put.send().await.unwrap();
    assert_eq!(account.found(Kind::Bucket, "bucket/data").await.unwrap(), live, "theirs are no difference");
    let own = Notification {
        id: "own".to_owned(),
        topic: arn,
        events: ["s3:ObjectCreated:*".to_owned()].into(),
        prefix: String::new(),
        suffix: String::new(),
    };
    let with = Bucket { notifications: [own].into(), ..first.clone() };
    account.update(&live, &with.clone().into()).await.unwrap();
    let live = account.found(Kind::Bucket, "bucket/data").await.unwrap();
    assert_eq!(live.resource, with.into());
    account.update(&live, &first.clone().into()).await.unwrap();
    let left = s3.get_bucket_notification_configuration().bucket(&first.name).send().await.unwrap();
    let ids: Vec<_> = left.topic_configurations().iter().map(|topic| topic.id().unwrap()).collect();
    assert_eq!((ids, left.queue_configurations().len()), (vec!["theirs"], 1));
}

#[tokio::test]
async fn the_tags_of_others_on_a_bucket_stay() {
    let account = Account::new();
    let first = bucket(&account, "data");
    account.create("bucket/data", first.clone()).await;
    let live = account.found(Kind::Bucket, "bucket/data").await.unwrap();
    let s3 = account.s3();
    let read = async || {
        let tags = s3.get_bucket_tagging().bucket(&first.name).send().await.unwrap().tag_set;
        tags.into_iter().map(|tag| (tag.key, tag.value)).collect::<BTreeMap<_, _>>()
    };
    let mut theirs = read().await;
    theirs.insert("theirs".to_owned(), "kept".to_owned());
    let all = theirs.iter().map(|(key, value)| Tag::builder().key(key).value(value).build().unwrap());
    let all = Tagging::builder().set_tag_set(Some(all.collect())).build().unwrap();
    s3.put_bucket_tagging().bucket(&first.name).tagging(all).send().await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    let remove = BTreeSet::from(["Name".to_owned()]);
    account.retag(&live, &live.resource, &set, &remove).await.unwrap();
    let now = read().await;
    assert_eq!(now.get("theirs").map(String::as_str), Some("kept"));
    assert_eq!(now.get("owner").map(String::as_str), Some("ops"));
    assert!(!now.contains_key("Name") && now.contains_key(NAME_TAG));
}

#[tokio::test]
async fn the_buckets_of_others_are_theirs_and_cost_no_call_each() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    for number in 0..5 {
        make(&account, &named(&account, &format!("theirs{number}"))).await;
    }
    account.create("bucket/data", bucket(&account, "data")).await;
    proxy.clear();
    assert_eq!(account.list(Kind::Bucket).await.found.len(), 1);
    // Buckets that are younger than the index of tags are asked once.
    let asked = proxy.calls().iter().filter(|call| call.operation == "GetBucketTagging").count();
    assert_eq!(asked, 5);
    let written = proxy.calls().iter().filter(|call| call.operation.starts_with("Put")).count();
    assert_eq!(written, 0);
}

#[tokio::test]
async fn a_bucket_whose_answer_is_lost_is_taken_for_the_own_one() {
    for operation in
        ["CreateBucket", "PutPublicAccessBlock", "PutBucketVersioning", "PutBucketLifecycleConfiguration"]
    {
        let (account, _proxy) = Account::losing(operation);
        let first = Bucket {
            versioning: true,
            lifecycle: [LifecycleRule { expire: Some(3), ..rule("short") }].into(),
            ..bucket(&account, "data")
        };
        account.lives("bucket/data", first, &[]).await;
    }
}

#[tokio::test]
async fn a_bucket_that_is_busy_is_tried_again() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let first = bucket(&account, "data");
    account.create("bucket/data", first.clone()).await;
    let live = account.found(Kind::Bucket, "bucket/data").await.unwrap();
    for operation in ["PutBucketVersioning", "PutBucketPolicy"] {
        proxy.on(operation, 1, Fault::Refused("OperationAborted", "A conflicting operation is in progress"));
    }
    let wanted = Bucket { versioning: true, policy: Some(log_policy(&first.name)), ..first };
    account.update(&live, &wanted.clone().into()).await.unwrap();
    assert_eq!(account.found(Kind::Bucket, "bucket/data").await.unwrap().resource, wanted.into());
}
