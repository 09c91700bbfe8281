use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    CapacityScaling, GlobalIndex, IndexCapacity, KeyAttribute, Kind, LocalIndex, Replica, Resource, Table,
    TableCapacity,
};
use asiaq_runtime::Found;
use aws_sdk_dynamodb::types::{BackupTypeFilter, BillingMode};

use crate::account::{Account, tags};
use crate::moto;
use crate::proxy::{Fault, Proxy};

fn attribute(name: &str, of: &str) -> KeyAttribute {
    KeyAttribute { name: name.to_owned(), of: of.to_owned() }
}

fn table() -> Table {
    Table {
        name: "users_ci".to_owned(),
        key: attribute("id", "S"),
        sort: Some(attribute("at", "N")),
        local_indexes: [].into(),
        indexes: [].into(),
        capacity: None,
        index_capacity: [].into(),
        ttl: None,
        stream: None,
        recovery: None,
        deletion_protection: false,
        is_in_kms: false,
        kms_key: None,
        class: "STANDARD".to_owned(),
        replicas: [].into(),
    }
}

fn index(name: &str, key: &str) -> GlobalIndex {
    GlobalIndex {
        name: name.to_owned(),
        key: attribute(key, "S"),
        sort: None,
        projection: "ALL".to_owned(),
        include: [].into(),
    }
}

fn capacity(read: i64, write: i64) -> TableCapacity {
    TableCapacity { read, write, read_scaling: None, write_scaling: None }
}

fn of_index(index: &str, capacity: TableCapacity) -> IndexCapacity {
    IndexCapacity { index: index.to_owned(), capacity }
}

#[tokio::test]
async fn a_table_lives_and_every_field_changes() {
    let account = Account::new();
    let key = format!("arn:aws:kms:us-west-2:{}:key/1", account.id);
    let other_key = format!("arn:aws:kms:us-west-2:{}:key/2", account.id);
    let first = Table {
        local_indexes: [LocalIndex {
            name: "by_size".to_owned(),
            sort: attribute("size", "N"),
            projection: "INCLUDE".to_owned(),
            include: ["state".to_owned()].into(),
        }]
        .into(),
        indexes: [index("by_mail", "mail"), index("by_town", "town")].into(),
        stream: Some("NEW_IMAGE".to_owned()),
        ttl: Some("ends".to_owned()),
        recovery: Some(7),
        deletion_protection: true,
        is_in_kms: true,
        kms_key: Some(key),
        class: "STANDARD_INFREQUENT_ACCESS".to_owned(),
        ..table()
    };
    let keys = GlobalIndex { projection: "KEYS_ONLY".to_owned(), ..index("by_mail", "mail") };
    let sorted = GlobalIndex { sort: Some(attribute("at", "N")), ..index("by_name", "name") };
    let changed = Table {
        indexes: [keys, sorted].into(),
        ttl: None,
        stream: Some("NEW_AND_OLD_IMAGES".to_owned()),
        recovery: Some(35),
        deletion_protection: false,
        kms_key: Some(other_key),
        class: "STANDARD".to_owned(),
        ..first.clone()
    };
    let copied = Table {
        is_in_kms: false,
        kms_key: None,
        recovery: None,
        indexes: [].into(),
        replicas: ["eu-west-1", "eu-central-1"].map(|region| Replica { region: region.to_owned() }).into(),
        ..changed.clone()
    };
    let without = Table { replicas: [].into(), stream: None, ttl: Some("over".to_owned()), ..copied.clone() };
    account.lives("table/users", first, &[changed, copied, without].map(Resource::from)).await;
}

#[tokio::test]
async fn billing_and_capacity_change_with_what_scales_them() {
    let account = Account::new();
    let first = Table { indexes: [index("by_mail", "mail"), index("by_town", "town")].into(), ..table() };
    let fixed = Table {
        capacity: Some(capacity(5, 5)),
        index_capacity: [of_index("by_mail", capacity(5, 5)), of_index("by_town", capacity(9, 1))].into(),
        ..first.clone()
    };
    let scaling = |max, target| Some(CapacityScaling { max, target });
    let scaled =
        TableCapacity { read_scaling: scaling(100, 70), write_scaling: scaling(50, 70), ..capacity(5, 5) };
    let registered = Table {
        capacity: Some(scaled.clone()),
        index_capacity: [of_index("by_mail", scaled.clone()), of_index("by_town", capacity(9, 1))].into(),
        ..fixed.clone()
    };
    let more = Table {
        capacity: Some(TableCapacity {
            read: 10,
            read_scaling: scaling(200, 50),
            write_scaling: None,
            ..scaled
        }),
        index_capacity: [of_index("by_mail", capacity(6, 5)), of_index("by_town", capacity(9, 1))].into(),
        ..registered.clone()
    };
    let changes = [fixed, registered, more, first.clone()].map(Resource::from);
    account.lives("table/users", first, &changes).await;
    let scaling = aws_sdk_applicationautoscaling::Client::new(&account.sdk);
    let dynamodb = aws_sdk_applicationautoscaling::types::ServiceNamespace::Dynamodb;
    let left = scaling.describe_scalable_targets().service_namespace(dynamodb).send().await.unwrap();
    assert_eq!(left.scalable_targets(), []);
}

#[tokio::test]
async fn units_that_aws_has_moved_are_no_difference_and_stay() {
    let account = Account::new();
    let by_hand = aws_sdk_dynamodb::Client::new(&account.sdk);
    let scaled =
        TableCapacity { read_scaling: Some(CapacityScaling { max: 100, target: 70 }), ..capacity(5, 5) };
    let wanted = Table { capacity: Some(scaled.clone()), ..table() };
    account.create("table/users", wanted.clone()).await;
    let units = aws_sdk_dynamodb::types::ProvisionedThroughput::builder();
    let moved = units.read_capacity_units(40).write_capacity_units(5).build().unwrap();
    by_hand.update_table().table_name("users_ci").provisioned_throughput(moved).send().await.unwrap();
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    assert_eq!(live.resource, wanted.clone().into());
    let more = Table { capacity: Some(TableCapacity { write: 7, ..scaled }), ..wanted };
    account.update(&live, &more.into()).await.unwrap();
    let seen = by_hand.describe_table().table_name("users_ci").send().await.unwrap().table.unwrap();
    let units = seen.provisioned_throughput.unwrap();
    assert_eq!((units.read_capacity_units, units.write_capacity_units), (Some(40), Some(7)));
}

#[tokio::test]
async fn another_attribute_for_the_end_of_items_takes_two_runs() {
    let account = Account::new();
    let first = Table { ttl: Some("ends".to_owned()), ..table() };
    account.create("table/users", first.clone()).await;
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    assert_eq!(live.resource, first.clone().into());
    let wanted: Resource = Table { ttl: Some("over".to_owned()), ..first }.into();
    account.update(&live, &wanted).await.unwrap();
    let off = Found { resource: table().into(), ..live };
    let waits = account.update(&off, &wanted).await.unwrap_err();
    assert!(waits.message.contains("run `asiaq apply` again in an hour"), "{waits}");
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    assert_eq!(live.resource, table().into());
    account.update(&live, &wanted).await.unwrap();
    assert_eq!(account.found(Kind::Table, "table/users").await.unwrap().resource, wanted);
}

#[tokio::test]
async fn a_run_that_was_killed_between_two_indexes_is_continued() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let first = Table { indexes: [index("a_mail", "mail"), index("b_town", "town")].into(), ..table() };
    account.create("table/users", first.clone()).await;
    let wanted: Resource =
        Table { indexes: [index("c_name", "name"), index("d_age", "age")].into(), ..first }.into();
    for call in 1..=3 {
        let live = account.found(Kind::Table, "table/users").await.unwrap();
        proxy.on("UpdateTable", call, Fault::Refused("AccessDeniedException", "not now"));
        account.update(&live, &wanted).await.unwrap_err();
        proxy.clear();
    }
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    account.update(&live, &wanted).await.unwrap();
    assert_eq!(account.found(Kind::Table, "table/users").await.unwrap().resource, wanted);
}

#[tokio::test]
async fn a_backup_of_a_table_stays_unless_it_says_no() {
    let account = Account::new();
    let by_hand = aws_sdk_dynamodb::Client::new(&account.sdk);
    let backups = async || {
        let listed = by_hand.list_backups().backup_type(BackupTypeFilter::All).send().await.unwrap();
        let names = listed.backup_summaries.unwrap_or_default().into_iter();
        names.filter_map(|backup| backup.backup_name).collect::<Vec<_>>()
    };
    account.create("table/users", table()).await;
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    account.delete(&live).await.unwrap();
    let kept = backups().await;
    assert!(kept.len() == 1 && kept[0].starts_with("users_ci-final-2"), "{kept:?}");
    account.create("table/users", Table { name: "other_ci".to_owned(), ..table() }).await;
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    let none = BTreeMap::from([("asiaq:final-backup".to_owned(), "false".to_owned())]);
    account.retag(&live, &live.resource, &none, &BTreeSet::new()).await.unwrap();
    account.delete(&live).await.unwrap();
    assert_eq!(backups().await, kept);
}

#[tokio::test]
async fn a_table_with_deletion_protection_is_deleted_by_who_set_it() {
    let account = Account::new();
    let kept = Table { deletion_protection: true, ..table() };
    account.create("table/users", kept.clone()).await;
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    assert_eq!(live.resource, kept.into());
    account.delete(&live).await.unwrap();
    assert_eq!(account.found(Kind::Table, "table/users").await, None);
}

#[tokio::test]
async fn the_tables_of_others_are_theirs() {
    let account = Account::new();
    let by_hand = aws_sdk_dynamodb::Client::new(&account.sdk);
    let wanted = table();
    let definition = aws_sdk_dynamodb::types::AttributeDefinition::builder()
        .attribute_name("id")
        .attribute_type("S".into())
        .build()
        .unwrap();
    let key = aws_sdk_dynamodb::types::KeySchemaElement::builder()
        .attribute_name("id")
        .key_type(aws_sdk_dynamodb::types::KeyType::Hash)
        .build()
        .unwrap();
    let made = by_hand
        .create_table()
        .table_name(&wanted.name)
        .attribute_definitions(definition)
        .key_schema(key)
        .billing_mode(BillingMode::PayPerRequest);
    made.send().await.unwrap();
    assert_eq!(account.list(Kind::Table).await.found, []);
    let refused = account.try_create("table/users", wanted).await.unwrap_err();
    assert_eq!(refused.code, "ResourceInUseException");
    assert!(refused.message.contains("no tags say whose it is"), "{refused}");
}

#[tokio::test]
async fn the_tags_of_a_table_change() {
    let account = Account::new();
    account.create("table/users", table()).await;
    let live = account.found(Kind::Table, "table/users").await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut expected = tags(&table().into(), "table/users");
    expected.remove("Name");
    expected.extend(set);
    assert_eq!(account.found(Kind::Table, "table/users").await.unwrap().tags, expected);
}

#[tokio::test]
async fn a_table_whose_answer_is_lost_is_taken_for_the_own_one() {
    for operation in
        ["CreateTable", "UpdateTable", "UpdateTimeToLive", "RegisterScalableTarget", "PutScalingPolicy"]
    {
        let (account, _proxy) = Account::losing(operation);
        let scaling = Some(CapacityScaling { max: 10, target: 50 });
        let first = Table {
            capacity: Some(TableCapacity { read_scaling: scaling, ..capacity(5, 5) }),
            ttl: Some("ends".to_owned()),
            ..table()
        };
        let indexed = Table {
            indexes: [index("by_mail", "mail")].into(),
            index_capacity: [of_index("by_mail", capacity(5, 5))].into(),
            ..first.clone()
        };
        account.lives("table/users", first, &[indexed.into()]).await;
    }
}
