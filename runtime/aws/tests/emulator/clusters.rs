//! Clusters of Aurora, their instances and their parameters.

use asiaq_ir::{
    DatabaseCluster, DatabaseClusterInstance, DatabaseClusterParameterGroup, Kind, Parameter, Password,
    Resource,
};
use asiaq_runtime::Fault;

use crate::account::{Account, REGION, id};
use crate::databases::{ROLE, network, subnets_of};
use crate::replay::{Answer, Replay};

fn parameters(family: &str, values: &[(&str, &str)]) -> DatabaseClusterParameterGroup {
    DatabaseClusterParameterGroup {
        name: format!("ci-orders-{family}"),
        family: family.to_owned(),
        description: "Parameters of the database ci-orders".to_owned(),
        parameters: values
            .iter()
            .map(|(name, value)| Parameter { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect(),
    }
}

fn cluster(group: &str) -> DatabaseCluster {
    DatabaseCluster {
        name: "ci-orders".to_owned(),
        engine: "aurora-postgresql".to_owned(),
        version: "16.4".to_owned(),
        storage_type: "aurora".to_owned(),
        subnet_group: id("ci-orders-cluster"),
        groups: [id(group)].into(),
        parameter_group: id("ci-orders-aurora-postgresql16"),
        port: 5432,
        min_capacity: Some("0.5".to_owned()),
        max_capacity: Some("16".to_owned()),
        backups: 7,
        backup_window: Some("05:04-05:34".to_owned()),
        maintenance_window: Some("sat:06:00-sat:06:30".to_owned()),
        user: "asiaq".to_owned(),
        password: Password::Managed,
        encrypted: true,
        kms_key: None,
        deletion_protection: false,
        final_snapshot: false,
        logs: ["postgresql".to_owned()].into(),
        restore: None,
        apply_now: false,
        in_force: true,
    }
}

fn instance(number: u32, class: &str) -> DatabaseClusterInstance {
    DatabaseClusterInstance {
        name: format!("ci-orders-{number}"),
        cluster: id("ci-orders"),
        engine: "aurora-postgresql".to_owned(),
        class: class.to_owned(),
        public: false,
        minor_upgrades: true,
        maintenance_window: Some("sat:06:00-sat:06:30".to_owned()),
        ca: None,
        insights: false,
        monitoring: 0,
        monitoring_role: None,
        apply_now: false,
    }
}

/// The cluster in a listing, without what the program leaves to AWS.
async fn live(account: &Account) -> DatabaseCluster {
    let found = account.found(Kind::DatabaseCluster, "database/orders").await.unwrap();
    let cluster: DatabaseCluster = serde_json::from_value(found.resource.to_value()).unwrap();
    DatabaseCluster { kms_key: None, ..cluster }
}

async fn live_instance(account: &Account, path: &str) -> DatabaseClusterInstance {
    let found = account.found(Kind::DatabaseClusterInstance, path).await.unwrap();
    let instance: DatabaseClusterInstance = serde_json::from_value(found.resource.to_value()).unwrap();
    DatabaseClusterInstance { ca: None, ..instance }
}

/// An account with the groups of a cluster.
async fn with_groups() -> (Account, Vec<String>) {
    let account = Account::new();
    let (subnets, groups) = network(&account).await;
    let mut of_cluster = subnets_of(&subnets);
    "ci-orders-cluster".clone_into(&mut of_cluster.name);
    account.create("database/orders/cluster-subnets", of_cluster).await;
    account
        .create("database/orders/parameters/aurora-postgresql16", parameters("aurora-postgresql16", &[]))
        .await;
    (account, groups)
}

#[tokio::test]
async fn parameters_live_and_every_field_changes() {
    let account = Account::new();
    let family = "aurora-postgresql16";
    let first = parameters(family, &[("max_connections", "500")]);
    let many = parameters(family, &[("max_connections", "100"), ("work_mem", "8192")]);
    let none = parameters(family, &[]);
    let changes = [many, none, first.clone()].map(Resource::from);
    account.lives("database/orders/parameters/aurora-postgresql16", first, &changes).await;
}

#[tokio::test]
async fn a_cluster_lives_and_every_field_changes() {
    let (account, groups) = with_groups().await;
    let first = cluster(&groups[0]);
    account.create("database/orders", first.clone()).await;
    assert_eq!(live(&account).await, first);
    let changes = [
        DatabaseCluster { version: "16.6".to_owned(), ..first.clone() },
        DatabaseCluster {
            version: "16.6".to_owned(),
            storage_type: "aurora-iopt1".to_owned(),
            ..first.clone()
        },
        DatabaseCluster {
            version: "16.6".to_owned(),
            groups: [id(&groups[1])].into(),
            port: 5433,
            min_capacity: Some("1".to_owned()),
            max_capacity: Some("32".to_owned()),
            backups: 1,
            backup_window: Some("01:00-01:30".to_owned()),
            maintenance_window: Some("sun:03:00-sun:03:30".to_owned()),
            deletion_protection: true,
            final_snapshot: true,
            logs: ["instance".to_owned()].into(),
            ..first.clone()
        },
    ];
    for wanted in changes {
        let found = account.found(Kind::DatabaseCluster, "database/orders").await.unwrap();
        account.update(&found, &wanted.clone().into()).await.unwrap();
        assert_eq!(live(&account).await, wanted);
    }
    let listed = account.list(Kind::Database).await;
    assert_eq!(listed.found, [], "a cluster is no instance");
}

#[tokio::test]
async fn instances_come_change_and_go_without_their_cluster() {
    let (account, groups) = with_groups().await;
    account.create("database/orders", cluster(&groups[0])).await;
    let first = instance(1, "db.r7g.large");
    account.create("database/orders/instance/1", first.clone()).await;
    account.create("database/orders/instance/2", instance(2, "db.r7g.large")).await;
    assert_eq!(live_instance(&account, "database/orders/instance/1").await, first);
    let changes = [
        instance(2, "db.r7g.xlarge"),
        DatabaseClusterInstance {
            public: true,
            minor_upgrades: false,
            maintenance_window: Some("sun:03:00-sun:03:30".to_owned()),
            insights: true,
            monitoring: 30,
            monitoring_role: Some(ROLE.to_owned()),
            ..instance(2, "db.r7g.xlarge")
        },
        DatabaseClusterInstance { apply_now: true, ..instance(2, "db.r7g.2xlarge") },
    ];
    for wanted in changes {
        let path = "database/orders/instance/2";
        let found = account.found(Kind::DatabaseClusterInstance, path).await.unwrap();
        account.update(&found, &wanted.clone().into()).await.unwrap();
        assert_eq!(
            live_instance(&account, path).await,
            DatabaseClusterInstance { apply_now: false, ..wanted }
        );
    }
    assert_eq!(account.list(Kind::Database).await.found, [], "an instance of a cluster is of another kind");

    // The cluster stays as long as it has instances.
    let whole = account.found(Kind::DatabaseCluster, "database/orders").await.unwrap();
    let refused = account.delete(&whole).await.unwrap_err();
    assert!(refused.message.contains("still contains DB instances"), "{refused}");
    for path in ["database/orders/instance/2", "database/orders/instance/1"] {
        let found = account.found(Kind::DatabaseClusterInstance, path).await.unwrap();
        account.delete(&found).await.unwrap();
        assert!(account.found(Kind::DatabaseClusterInstance, path).await.is_none());
        account.delete(&found).await.unwrap();
    }
    account.delete(&whole).await.unwrap();
    assert!(account.found(Kind::DatabaseCluster, "database/orders").await.is_none());
    account.delete(&whole).await.unwrap();
}

#[tokio::test]
async fn a_deleted_cluster_leaves_a_snapshot_that_another_one_is_made_from() {
    let (account, groups) = with_groups().await;
    let first = DatabaseCluster { final_snapshot: true, deletion_protection: true, ..cluster(&groups[0]) };
    account.create("database/orders", first.clone()).await;
    let found = account.found(Kind::DatabaseCluster, "database/orders").await.unwrap();
    account.delete(&found).await.unwrap();
    let snapshots = account.aws.database_snapshots(REGION, "shop").await.unwrap();
    let last = snapshots.iter().find(|one| one.id.starts_with("ci-orders-final-20")).unwrap();
    assert!(last.is_cluster, "{snapshots:?}");

    let unfit =
        DatabaseCluster { restore: Some("latest".to_owned()), user: "other".to_owned(), ..first.clone() };
    let refused = account.try_create("database/orders", unfit).await.unwrap_err();
    assert!(refused.message.contains("the master user of the data is `asiaq`"), "{refused}");
    let wanted = DatabaseCluster { restore: Some("latest".to_owned()), backups: 14, ..first };
    account.create("database/orders", wanted.clone()).await;
    assert_eq!(live(&account).await, DatabaseCluster { restore: None, ..wanted });
}

#[tokio::test]
async fn an_upgrade_goes_to_the_newest_version_that_aws_offers() {
    let (account, groups) = with_groups().await;
    account.create("database/orders", cluster(&groups[0])).await;
    account
        .create("database/orders/parameters/aurora-postgresql17", parameters("aurora-postgresql17", &[]))
        .await;
    let wanted = DatabaseCluster {
        version: "17".to_owned(),
        parameter_group: id("ci-orders-aurora-postgresql17"),
        apply_now: true,
        ..cluster(&groups[0])
    };
    let found = account.found(Kind::DatabaseCluster, "database/orders").await.unwrap();
    account.update(&found, &wanted.into()).await.unwrap();
    let there = live(&account).await;
    assert_eq!(
        (there.version, there.parameter_group),
        ("17.6".to_owned(), id("ci-orders-aurora-postgresql17"))
    );
    let found = account.found(Kind::DatabaseCluster, "database/orders").await.unwrap();
    let unknown = DatabaseCluster { version: "18".to_owned(), ..cluster(&groups[0]) };
    let refused = account.update(&found, &unknown.into()).await.unwrap_err();
    assert!(
        refused.message.contains("AWS upgrades `aurora-postgresql` 17.6 to nothing and not to 18"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_cluster() {
    let (account, proxy) = Account::losing("CreateDBCluster");
    let (subnets, groups) = network(&account).await;
    let mut of_cluster = subnets_of(&subnets);
    "ci-orders-cluster".clone_into(&mut of_cluster.name);
    account.create("database/orders/cluster-subnets", of_cluster).await;
    account
        .create("database/orders/parameters/aurora-postgresql16", parameters("aurora-postgresql16", &[]))
        .await;
    account.create("database/orders", cluster(&groups[0])).await;
    assert_eq!(live(&account).await, cluster(&groups[0]));
    drop(proxy);
}

/// A cluster of two in a status, whose writer has a number, as AWS describes it.
macro_rules! in_status {
    ($status:literal, $first:literal) => {
        Answer::Ok(concat!(
            "<DescribeDBClustersResult><DBClusters><DBCluster>",
            "<DBClusterIdentifier>ci-orders</DBClusterIdentifier><Engine>aurora-postgresql</Engine>",
            "<EngineVersion>16.4</EngineVersion><Endpoint>ci-orders.rds.example</Endpoint><Status>",
            $status,
            "</Status><DBClusterMembers><DBClusterMember><DBInstanceIdentifier>ci-orders-1</DBInstanceIdentifier>",
            "<IsClusterWriter>",
            $first,
            "</IsClusterWriter></DBClusterMember><DBClusterMember>",
            "<DBInstanceIdentifier>ci-orders-2</DBInstanceIdentifier></DBClusterMember></DBClusterMembers>",
            "</DBCluster></DBClusters></DescribeDBClustersResult>"
        ))
    };
}

#[tokio::test]
async fn a_failover_that_changes_nothing_is_told() {
    let replay = Replay::start(&[
        ("DescribeDBClusters", in_status!("failing-over", "true")),
        ("DescribeDBClusters", in_status!("available", "true")),
        ("FailoverDBCluster", Answer::Ok("<FailoverDBClusterResult/>")),
    ]);
    let account = Account::replayed(&replay.endpoint);
    let error = account.aws.fail_cluster_over(REGION, "ci-orders").await.unwrap_err();
    assert_eq!(error.fault, Fault::TimedOut);
    assert!(error.message.contains("the same instance of the cluster `ci-orders` still writes"), "{error}");
    assert_eq!(replay.calls("FailoverDBCluster").len(), 1);
}

#[tokio::test]
async fn a_cluster_that_stays_busy_or_fails_is_told_in_words() {
    let busy = Replay::start(&[("DescribeDBClusters", in_status!("modifying", "true"))]);
    let account = Account::replayed(&busy.endpoint);
    let error = account.aws.reboot_cluster(REGION, "ci-orders").await.unwrap_err();
    assert_eq!(error.fault, Fault::TimedOut);
    assert!(error.message.contains("is still `modifying`: somebody else may be changing it"), "{error}");

    let failed =
        Replay::start(&[("DescribeDBClusters", in_status!("inaccessible-encryption-credentials", "true"))]);
    let account = Account::replayed(&failed.endpoint);
    let error = account.aws.reboot_cluster(REGION, "ci-orders").await.unwrap_err();
    assert!(error.message.contains("is `inaccessible-encryption-credentials`"), "{error}");
}
