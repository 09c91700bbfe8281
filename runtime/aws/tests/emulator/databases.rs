use asiaq_ir::{
    Database, DatabaseParameterGroup, DatabaseSubnetGroup, Kind, Parameter, Password, Ref, Resource,
};
use asiaq_runtime::{Cloud as _, Fault};

use crate::account::{Account, REGION, id};
use crate::replay::{Answer, Replay};

pub(crate) fn subnets_of(subnets: &[String]) -> DatabaseSubnetGroup {
    DatabaseSubnetGroup {
        name: "ci-orders".to_owned(),
        description: "Subnet Group for VPC ci".to_owned(),
        subnets: subnets.iter().cloned().map(Ref::Id).collect(),
    }
}

fn parameters(family: &str, values: &[(&str, &str)]) -> DatabaseParameterGroup {
    DatabaseParameterGroup {
        name: format!("ci-orders-{family}"),
        family: family.to_owned(),
        description: "Parameters of the database ci-orders".to_owned(),
        parameters: values
            .iter()
            .map(|(name, value)| Parameter { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect(),
    }
}

/// A VPC with three subnets and two security groups.
pub(crate) async fn network(account: &Account) -> (Vec<String>, Vec<String>) {
    let ec2 = aws_sdk_ec2::Client::new(&account.sdk);
    let vpc = ec2.create_vpc().cidr_block("10.0.0.0/16").send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    let (mut subnets, mut groups) = (Vec::new(), Vec::new());
    for (slot, zone) in ["a", "b", "c"].iter().enumerate() {
        let call = ec2.create_subnet().vpc_id(&vpc).cidr_block(format!("10.0.{slot}.0/24"));
        let made = call.availability_zone(format!("{REGION}{zone}")).send().await.unwrap();
        subnets.push(made.subnet.unwrap().subnet_id.unwrap());
    }
    for name in ["data", "ops"] {
        let call = ec2.create_security_group().group_name(name).description(name).vpc_id(&vpc);
        groups.push(call.send().await.unwrap().group_id.unwrap());
    }
    (subnets, groups)
}

/// A role that sends measurements.
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/rds-monitoring";

fn orders(group: &str) -> Database {
    Database {
        name: "ci-orders".to_owned(),
        engine: "postgres".to_owned(),
        version: "16.4".to_owned(),
        class: "db.m7g.large".to_owned(),
        storage: 100,
        storage_type: "gp3".to_owned(),
        iops: None,
        throughput: None,
        max_storage: None,
        subnet_group: id("ci-orders"),
        groups: [id(group)].into(),
        parameter_group: id("ci-orders-postgres16"),
        port: 5432,
        multi_az: true,
        backups: 7,
        backup_window: Some("05:04-05:34".to_owned()),
        maintenance_window: Some("sat:06:00-sat:06:30".to_owned()),
        user: "asiaq".to_owned(),
        password: Password::Managed,
        license: None,
        character_set: None,
        encrypted: true,
        kms_key: None,
        public: false,
        minor_upgrades: true,
        deletion_protection: false,
        final_snapshot: false,
        ca: None,
        insights: false,
        monitoring: 0,
        monitoring_role: None,
        option_group: None,
        logs: ["postgresql".to_owned()].into(),
        source: None,
        restore: None,
        apply_now: false,
        in_force: true,
    }
}

/// The database in a listing, without what the program leaves to AWS.
async fn live(account: &Account) -> Database {
    let found = account.found(Kind::Database, "database/orders").await.unwrap();
    let database: Database = serde_json::from_value(found.resource.to_value()).unwrap();
    Database {
        iops: None,
        throughput: None,
        license: None,
        character_set: None,
        kms_key: None,
        ca: None,
        option_group: database.option_group.filter(|group| !group.starts_with("default:")),
        ..database
    }
}

/// An account with the groups of a database.
async fn with_groups() -> (Account, Vec<String>) {
    let account = Account::new();
    let (subnets, groups) = network(&account).await;
    account.create("database/orders/subnets", subnets_of(&subnets)).await;
    account.create("database/orders/parameters/postgres16", parameters("postgres16", &[])).await;
    (account, groups)
}

#[tokio::test]
async fn groups_live_and_every_field_changes() {
    let account = Account::new();
    let (subnets, _) = network(&account).await;
    let first = subnets_of(&subnets);
    let fewer = subnets_of(&subnets[..2]);
    account.lives("database/orders/subnets", first.clone(), &[fewer.into(), first.into()]).await;

    let first = parameters("postgres16", &[("max_connections", "500")]);
    let many = parameters("postgres16", &[("max_connections", "100"), ("work_mem", "8192")]);
    let none = parameters("postgres16", &[]);
    let changes = [many, none, first.clone()].map(Resource::from);
    account.lives("database/orders/parameters/postgres16", first, &changes).await;
}

#[tokio::test]
async fn unknown_parameters_are_refused_before_anything_is_changed() {
    let account = Account::new();
    let wanted = parameters("postgres16", &[("max_conections", "500")]);
    let refused = account.try_create("database/orders/parameters/postgres16", wanted).await.unwrap_err();
    assert!(refused.message.contains("`postgres16` has no parameter `max_conections`"), "{refused}");
}

#[tokio::test]
async fn a_database_lives_and_every_field_changes() {
    let (account, groups) = with_groups().await;
    let first = orders(&groups[0]);
    account.create("database/orders", first.clone()).await;
    assert_eq!(live(&account).await, first);
    let changes = [
        Database { version: "16.6".to_owned(), ..first.clone() },
        Database { version: "16.6".to_owned(), class: "db.m7g.xlarge".to_owned(), ..first.clone() },
        Database { version: "16.6".to_owned(), storage: 200, max_storage: Some(500), ..first.clone() },
        Database {
            version: "16.6".to_owned(),
            storage: 200,
            groups: [id(&groups[1])].into(),
            multi_az: false,
            backups: 1,
            backup_window: Some("01:00-01:30".to_owned()),
            maintenance_window: Some("sun:03:00-sun:03:30".to_owned()),
            minor_upgrades: false,
            deletion_protection: true,
            final_snapshot: true,
            logs: ["upgrade".to_owned()].into(),
            public: true,
            insights: true,
            monitoring: 60,
            monitoring_role: Some(ROLE.to_owned()),
            ..first.clone()
        },
    ];
    for wanted in changes {
        let found = account.found(Kind::Database, "database/orders").await.unwrap();
        account.update(&found, &wanted.clone().into()).await.unwrap();
        assert_eq!(live(&account).await, wanted);
    }
}

#[tokio::test]
async fn a_deleted_database_leaves_a_snapshot_that_is_named_after_the_moment() {
    let (account, groups) = with_groups().await;
    let wanted = Database { final_snapshot: true, deletion_protection: true, ..orders(&groups[0]) };
    account.create("database/orders", wanted).await;
    let found = account.found(Kind::Database, "database/orders").await.unwrap();
    account.delete(&found).await.unwrap();
    let rds = aws_sdk_rds::Client::new(&account.sdk);
    let snapshots = rds.describe_db_snapshots().send().await.unwrap().db_snapshots.unwrap();
    let names: Vec<&str> = snapshots.iter().filter_map(|one| one.db_snapshot_identifier()).collect();
    assert!(names.iter().any(|name| name.starts_with("ci-orders-final-20")), "{names:?}");
    assert!(account.found(Kind::Database, "database/orders").await.is_none());
}

#[tokio::test]
async fn a_database_is_made_from_a_snapshot_with_all_that_a_restore_leaves_out() {
    let (account, groups) = with_groups().await;
    let first = Database { final_snapshot: true, ..orders(&groups[0]) };
    account.create("database/orders", first.clone()).await;
    let found = account.found(Kind::Database, "database/orders").await.unwrap();
    account.delete(&found).await.unwrap();
    let wanted = Database { restore: Some("latest".to_owned()), backups: 14, storage: 150, ..first };
    account.create("database/orders", wanted.clone()).await;
    assert_eq!(live(&account).await, Database { restore: None, ..wanted });
}

#[tokio::test]
async fn a_password_is_read_when_it_is_needed_and_a_missing_one_creates_nothing() {
    let (account, groups) = with_groups().await;
    let place = format!("{}.credentials/rds/orders", account.id);
    let wanted = Database { password: Password::Credential(place), ..orders(&groups[0]) };
    let refused = account.try_create("database/orders", wanted.clone()).await.unwrap_err();
    assert!(refused.message.contains("the credential `rds/orders`"), "{refused}");
    assert!(account.found(Kind::Database, "database/orders").await.is_none());

    let bucket = format!("{}.credentials", account.id);
    let place = aws_sdk_s3::types::BucketLocationConstraint::from(REGION);
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(place).build();
    account.s3().create_bucket().bucket(&bucket).create_bucket_configuration(place).send().await.unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"correct-horse\n");
    account.s3().put_object().bucket(&bucket).key("rds/orders").body(body).send().await.unwrap();
    account.create("database/orders", wanted.clone()).await;
    assert_eq!(live(&account).await, wanted);
}

#[tokio::test]
async fn an_upgrade_goes_to_the_newest_version_that_is_meant_and_that_aws_offers() {
    let (account, groups) = with_groups().await;
    account.create("database/orders", orders(&groups[0])).await;
    account.create("database/orders/parameters/postgres17", parameters("postgres17", &[])).await;
    let wanted = Database {
        version: "17".to_owned(),
        parameter_group: id("ci-orders-postgres17"),
        apply_now: true,
        ..orders(&groups[0])
    };
    let found = account.found(Kind::Database, "database/orders").await.unwrap();
    account.update(&found, &wanted.into()).await.unwrap();
    assert_eq!(live(&account).await.version, "17.6");
    let found = account.found(Kind::Database, "database/orders").await.unwrap();
    let unknown = Database { version: "18".to_owned(), ..orders(&groups[0]) };
    let refused = account.update(&found, &unknown.into()).await.unwrap_err();
    assert!(refused.message.contains("AWS upgrades `postgres` 17.6 to nothing and not to 18"), "{refused}");
}

#[tokio::test]
async fn listings_do_not_grow_with_databases_of_others() {
    let (account, groups) = with_groups().await;
    account.create("database/orders", orders(&groups[0])).await;
    let listed = account.aws.list(REGION, Kind::Database, "other").await.unwrap();
    assert_eq!(listed.found, []);
}

/// A database in a status, as AWS describes it.
macro_rules! in_status {
    ($status:literal) => {
        Answer::Ok(concat!(
            "<DescribeDBInstancesResult><DBInstances><DBInstance>",
            "<DBInstanceIdentifier>ci-orders</DBInstanceIdentifier><Engine>postgres</Engine>",
            "<EngineVersion>16.4</EngineVersion><DBInstanceClass>db.m7g.large</DBInstanceClass>",
            "<AllocatedStorage>100</AllocatedStorage><DBInstanceStatus>",
            $status,
            "</DBInstanceStatus><DBInstanceArn>arn:aws:rds:us-west-2:111122223333:db:ci-orders</DBInstanceArn>",
            "<Endpoint><Address>ci-orders.rds.example</Address><Port>5432</Port></Endpoint>",
            "</DBInstance></DBInstances></DescribeDBInstancesResult>"
        ))
    };
}

#[tokio::test]
async fn a_database_that_somebody_else_changes_is_waited_for() {
    let replay = Replay::start(&[
        ("DescribeDBInstances", in_status!("modifying")),
        ("DescribeDBInstances", in_status!("backing-up")),
        ("DescribeDBInstances", in_status!("available")),
        ("RebootDBInstance", Answer::Ok("<RebootDBInstanceResult/>")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    account.aws.reboot_database(REGION, "ci-orders", true).await.unwrap();
    let actions = replay.actions();
    let looks = actions.iter().take_while(|action| *action == "DescribeDBInstances").count();
    assert_eq!(looks, 3, "{actions:?}");
    assert_eq!(replay.calls("RebootDBInstance")[0]["ForceFailover"], "true");
}

#[tokio::test]
async fn a_database_that_stays_busy_or_fails_is_told_in_words() {
    let busy = Replay::start(&[("DescribeDBInstances", in_status!("modifying"))]);
    let account = Account::replayed(&busy.endpoint);
    let error = account.aws.reboot_database(REGION, "ci-orders", false).await.unwrap_err();
    assert_eq!(error.fault, Fault::TimedOut);
    assert!(error.message.contains("is still `modifying`: somebody else may be changing it"), "{error}");

    let failed = Replay::start(&[("DescribeDBInstances", in_status!("incompatible-parameters"))]);
    let account = Account::replayed(&failed.endpoint);
    let error = account.aws.reboot_database(REGION, "ci-orders", false).await.unwrap_err();
    assert!(error.message.contains("is `incompatible-parameters`"), "{error}");
}

#[tokio::test]
async fn a_snapshot_that_is_still_taken_is_waited_for_and_a_failed_one_is_refused() {
    macro_rules! snapshot {
        ($status:literal) => {
            Answer::Ok(concat!(
                "<DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot><DBSnapshotIdentifier>one</DBSnapshotIdentifier>",
                "<DBInstanceIdentifier>live-orders</DBInstanceIdentifier><Engine>postgres</Engine>",
                "<EngineVersion>16.4</EngineVersion><MasterUsername>asiaq</MasterUsername><Encrypted>true</Encrypted>",
                "<PercentProgress>40</PercentProgress><Status>",
                $status,
                "</Status></DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult>"
            ))
        };
    }
    let wanted = Database { restore: Some("one".to_owned()), ..orders("sg-1") };
    let none = Answer::Error("DBInstanceNotFound", "DBInstance ci-orders not found.");
    let script = [
        ("DescribeDBInstances", none),
        ("DescribeDBSnapshots", snapshot!("creating")),
        ("DescribeDBSnapshots", snapshot!("creating")),
        ("DescribeDBSnapshots", snapshot!("available")),
        ("RestoreDBInstanceFromDBSnapshot", Answer::Ok("<RestoreDBInstanceFromDBSnapshotResult/>")),
        ("DescribeDBInstances", in_status!("incompatible-restore")),
    ];
    let replay = Replay::start(&script);
    let error =
        Account::replayed(&replay.endpoint).try_create("database/orders", wanted.clone()).await.unwrap_err();
    assert!(error.message.contains("`incompatible-restore`"), "{error}");
    assert_eq!(replay.calls("DescribeDBSnapshots").len(), 3);
    assert_eq!(replay.calls("RestoreDBInstanceFromDBSnapshot").len(), 1);

    let replay =
        Replay::start(&[("DescribeDBInstances", none), ("DescribeDBSnapshots", snapshot!("failed"))]);
    let error = Account::replayed(&replay.endpoint).try_create("database/orders", wanted).await.unwrap_err();
    assert!(error.message.contains("the snapshot `one` is `failed`"), "{error}");
    assert_eq!(replay.calls("RestoreDBInstanceFromDBSnapshot").len(), 0);
}
