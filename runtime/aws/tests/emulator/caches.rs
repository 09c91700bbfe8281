use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    CacheCluster, CacheParameterGroup, CacheSubnetGroup, FINAL_SNAPSHOT_TAG, Kind, Ref, ReplicationGroup,
    Resource,
};

use crate::account::{Account, REGION, id, tags};
use crate::moto;
use crate::proxy::{Fault, Moment, Proxy};

/// What a cache lies in: its subnet group, and a security group.
struct Place {
    subnets: Ref,
    group: Ref,
}

async fn place(account: &Account) -> Place {
    let vpc = account.vpc().await;
    let subnet = account.subnet(&vpc, "app/subnet/1", "10.0.0.0/24").await;
    let name = account.create("cache/sessions/subnets", subnet_group(&[&subnet])).await;
    let group = asiaq_ir::SecurityGroup::new(vpc, "ci_app", "app");
    Place { subnets: id(&name), group: id(&account.create("app/security-group", group).await) }
}

fn subnet_group(subnets: &[&Ref]) -> CacheSubnetGroup {
    CacheSubnetGroup {
        name: "ci-sessions".to_owned(),
        description: "ci-sessions".to_owned(),
        subnets: subnets.iter().map(|&subnet| subnet.clone()).collect(),
    }
}

fn group(place: &Place) -> ReplicationGroup {
    ReplicationGroup {
        name: "A982d4467b4eb931".to_owned(),
        description: "ci-sessions".to_owned(),
        valkey: true,
        version: "8.0".to_owned(),
        node_type: "cache.t4g.small".to_owned(),
        cluster: false,
        shards: 1,
        replicas: 0,
        failover: false,
        multi_az: false,
        port: 6379,
        subnets: place.subnets.clone(),
        groups: [place.group.clone()].into(),
        parameters: id("default.valkey8"),
        window: "sat:05:00-sat:06:00".to_owned(),
        snapshots: 0,
        snapshot_window: "07:00-08:00".to_owned(),
        encrypted: false,
        kms_key: None,
        tls: false,
        token: None,
        newest_token: true,
        user_group: None,
        minor_upgrades: true,
        apply_now: false,
    }
}

fn cluster(place: &Place) -> CacheCluster {
    CacheCluster {
        name: "A982d4467b4eb932".to_owned(),
        version: "1.6.17".to_owned(),
        node_type: "cache.t4g.small".to_owned(),
        nodes: 1,
        multi_az: false,
        port: 11211,
        subnets: place.subnets.clone(),
        groups: [place.group.clone()].into(),
        parameters: id("default.memcached1.6"),
        window: "sat:05:00-sat:06:00".to_owned(),
        tls: false,
        minor_upgrades: true,
        apply_now: false,
    }
}

fn parameters(family: &str, values: &[(&str, &str)]) -> CacheParameterGroup {
    CacheParameterGroup {
        name: format!("ci-sessions-{}", family.replace('.', "-")),
        family: family.to_owned(),
        description: "ci-sessions".to_owned(),
        parameters: values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

/// The calls that change something, in order.
fn writes(proxy: &Proxy) -> Vec<String> {
    let is_write = |operation: &String| !operation.starts_with("Describe") && !operation.starts_with("List");
    proxy.operations().into_iter().filter(is_write).collect()
}

#[tokio::test]
async fn a_replication_group_lives_and_every_field_changes() {
    let account = Account::new();
    let place = place(&account).await;
    let first = group(&place);
    let own = account.create("cache/sessions/parameters", parameters("valkey8", &[("timeout", "20")])).await;
    let quiet = ReplicationGroup {
        description: "other words".to_owned(),
        window: "sun:23:30-mon:00:30".to_owned(),
        snapshots: 7,
        snapshot_window: "02:00-03:00".to_owned(),
        minor_upgrades: false,
        ..first.clone()
    };
    let larger = ReplicationGroup { node_type: "cache.m7g.large".to_owned(), ..quiet.clone() };
    let newer = ReplicationGroup { version: "8.1".to_owned(), ..larger.clone() };
    let tuned = ReplicationGroup { parameters: id(&own), ..newer.clone() };
    let several = ReplicationGroup { replicas: 2, failover: true, multi_az: true, ..tuned.clone() };
    let fewer = ReplicationGroup { replicas: 1, ..several.clone() };
    let alone = ReplicationGroup { replicas: 0, failover: false, multi_az: false, ..several.clone() };
    let encrypted = ReplicationGroup { tls: true, ..alone.clone() };
    let major =
        ReplicationGroup { version: "9.0".to_owned(), parameters: id("default.valkey9"), ..alone.clone() };
    let changes = [quiet, larger, newer, tuned, several, fewer, alone, encrypted, major];
    account.lives("cache/sessions", first, &changes.map(Resource::from)).await;
}

#[tokio::test]
async fn a_cluster_gets_shards_and_loses_the_last_ones() {
    let account = Account::new();
    let place = place(&account).await;
    let first = ReplicationGroup {
        cluster: true,
        shards: 2,
        replicas: 1,
        failover: true,
        multi_az: true,
        parameters: id("default.valkey8.cluster.on"),
        encrypted: true,
        kms_key: Some(format!("arn:aws:kms:{REGION}:{}:key/1", account.id)),
        tls: true,
        ..group(&place)
    };
    let more = ReplicationGroup { shards: 4, ..first.clone() };
    let fewer = ReplicationGroup { shards: 1, replicas: 2, ..first.clone() };
    account.lives("cache/sessions", first.clone(), &[more.into(), fewer.into(), first.into()]).await;
}

#[tokio::test]
async fn replicas_come_before_failover_and_failover_before_zones_and_go_the_other_way() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let place = place(&account).await;
    let one = group(&place);
    let two = ReplicationGroup { replicas: 1, failover: true, multi_az: true, ..one.clone() };
    account.create("cache/sessions", one.clone()).await;
    let change = async |wanted: &ReplicationGroup| {
        let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
        proxy.clear();
        account.update(&live, &wanted.clone().into()).await.unwrap();
        writes(&proxy)
    };
    let up = ["IncreaseReplicaCount", "ModifyReplicationGroup", "ModifyReplicationGroup"];
    assert_eq!(change(&two).await, up);
    let down = ["ModifyReplicationGroup", "ModifyReplicationGroup", "DecreaseReplicaCount"];
    assert_eq!(change(&one).await, down);
    let named = ReplicationGroup { description: "other words".to_owned(), ..one.clone() };
    assert_eq!(change(&named).await, ["ModifyReplicationGroup"]);
}

#[tokio::test]
async fn redis_becomes_valkey_in_one_call_with_its_parameters() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let place = place(&account).await;
    let old = account.create("cache/sessions/parameters", parameters("redis7", &[("timeout", "20")])).await;
    let new = account.create("cache/sessions/new", parameters("valkey8", &[("timeout", "20")])).await;
    let redis =
        ReplicationGroup { valkey: false, version: "7.1".to_owned(), parameters: id(&old), ..group(&place) };
    let valkey = ReplicationGroup { parameters: id(&new), ..group(&place) };
    account.create("cache/sessions", redis).await;
    let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
    proxy.clear();
    account.update(&live, &valkey.clone().into()).await.unwrap();
    assert_eq!(writes(&proxy), ["ModifyReplicationGroup"]);
    let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
    assert_eq!(live.resource, valkey.into());
    let left = account.found(Kind::CacheParameterGroup, "cache/sessions/parameters").await.unwrap();
    account.delete(&left).await.unwrap();
}

#[tokio::test]
async fn a_cache_that_is_changing_is_still_the_own_one() {
    let account = Account::new();
    let place = place(&account).await;
    account.create("cache/sessions", group(&place)).await;
    let by_hand = aws_sdk_elasticache::Client::new(&account.sdk);
    let call = by_hand.modify_replication_group().replication_group_id("a982d4467b4eb931");
    call.replication_group_description("by hand").apply_immediately(true).send().await.unwrap();
    // Its tags can be neither listed nor written now.
    let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    account.retag(&live, &group(&place).into(), &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut expected = tags(&group(&place).into(), "cache/sessions");
    expected.remove("Name");
    expected.extend(set);
    let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
    assert_eq!((live.tags, live.resource), (expected, group(&place).into()));
}

#[tokio::test]
async fn a_snapshot_is_taken_before_the_end_where_a_tag_says_so() {
    let account = Account::new();
    let place = place(&account).await;
    account.create("cache/sessions", group(&place)).await;
    let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
    let set = BTreeMap::from([(FINAL_SNAPSHOT_TAG.to_owned(), "true".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::new()).await.unwrap();
    account.delete(&live).await.unwrap();
    let by_hand = aws_sdk_elasticache::Client::new(&account.sdk);
    let left = by_hand.describe_snapshots().send().await.unwrap();
    let names: Vec<&str> = left.snapshots().iter().filter_map(|snapshot| snapshot.snapshot_name()).collect();
    assert!(matches!(names[..], [name] if name.starts_with("ci-sessions-20")), "{names:?}");
}

/// A bucket in which credentials are, and how to write one of them.
async fn credentials(account: &Account) -> String {
    let bucket = format!("{}.credentials", account.id);
    let place = aws_sdk_s3::types::BucketLocationConstraint::from(REGION);
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(place).build();
    account.s3().create_bucket().bucket(&bucket).create_bucket_configuration(place).send().await.unwrap();
    bucket
}

async fn put(account: &Account, place: &str, text: &str) {
    let (bucket, key) = place.split_once('/').unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from(text.as_bytes().to_vec());
    account.s3().put_object().bucket(bucket).key(key).body(body).send().await.unwrap();
}

/// The group as it is found.
async fn live_group(account: &Account) -> (asiaq_runtime::Found, ReplicationGroup) {
    let found = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
    let group = serde_json::from_value(found.resource.to_value()).unwrap();
    (found, group)
}

#[tokio::test]
async fn a_token_is_read_when_it_is_needed_and_a_new_one_comes_in_two_steps() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let place = place(&account).await;
    let bucket = credentials(&account).await;
    let (first, second) = (format!("{bucket}/cache/one"), format!("{bucket}/cache/two"));
    let with = |at: &str| ReplicationGroup { tls: true, token: Some(at.to_owned()), ..group(&place) };
    let refused = account.try_create("cache/sessions", with(&first)).await.unwrap_err();
    assert!(refused.message.contains("the credential `cache/one`"), "{refused}");
    put(&account, &first, "too short\n").await;
    let refused = account.try_create("cache/sessions", with(&first)).await.unwrap_err();
    assert!(
        refused.message.contains("is no AUTH token") && !refused.message.contains("too short"),
        "{refused}"
    );
    assert_eq!(account.list(Kind::ReplicationGroup).await.found, []);

    put(&account, &first, "correct-horse-battery\n").await;
    put(&account, &second, "correct-horse-staple!").await;
    account.create("cache/sessions", with(&first)).await;
    assert_eq!(live_group(&account).await.1, with(&first));
    let change = async |wanted: &ReplicationGroup| {
        let (found, _) = live_group(&account).await;
        proxy.clear();
        account.update(&found, &wanted.clone().into()).await.unwrap();
        assert_eq!(live_group(&account).await.1, *wanted);
        let is_meant = |call: &String| call.starts_with("Modify") || call.starts_with("AddTags");
        writes(&proxy).into_iter().filter(is_meant).collect::<Vec<_>>()
    };
    let two_steps =
        ["AddTagsToResource", "ModifyReplicationGroup", "ModifyReplicationGroup", "AddTagsToResource"];
    assert_eq!(change(&with(&second)).await, two_steps);
    // The time of an object has whole seconds.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    put(&account, &second, "correct-horse-staple?").await;
    assert!(!live_group(&account).await.1.newest_token, "a newer value is a difference");
    assert_eq!(change(&with(&second)).await, two_steps);
    // What nobody may read any more is no difference.
    let (of, key) = second.split_once('/').unwrap();
    account.s3().delete_object().bucket(of).key(key).send().await.unwrap();
    assert_eq!(live_group(&account).await.1, with(&second));
    let (found, _) = live_group(&account).await;
    account.delete(&found).await.unwrap();
}

#[tokio::test]
async fn a_group_gets_a_token_and_gives_it_up_for_users() {
    let account = Account::new();
    let place = place(&account).await;
    let bucket = credentials(&account).await;
    let key = format!("{bucket}/cache");
    put(&account, &key, "correct-horse-battery").await;
    let open = group(&place);
    let token = ReplicationGroup { tls: true, token: Some(key), ..open.clone() };
    let users = ReplicationGroup { token: None, user_group: Some("shop".to_owned()), ..token.clone() };
    let others = ReplicationGroup { user_group: Some("others".to_owned()), ..users.clone() };
    let encrypted = ReplicationGroup { user_group: None, ..users.clone() };
    let changes =
        [&token, &users, &others, &token, &users, &encrypted, &users, &open].map(|one| one.clone().into());
    account.lives("cache/sessions", open.clone(), &changes).await;
    account.lives("cache/sessions", users, &[]).await;
}

#[tokio::test]
async fn a_token_survives_lost_answers_and_a_run_that_ended_between_its_steps() {
    for (operation, nth) in
        [("ModifyReplicationGroup", 1), ("ModifyReplicationGroup", 2), ("AddTagsToResource", 1)]
    {
        let proxy = Proxy::start(moto::endpoint());
        let account = Account::behind(&proxy);
        let place = place(&account).await;
        let bucket = credentials(&account).await;
        let (first, second) = (format!("{bucket}/one"), format!("{bucket}/two"));
        put(&account, &first, "correct-horse-battery").await;
        put(&account, &second, "correct-horse-staple!").await;
        let with = |at: &str| ReplicationGroup { tls: true, token: Some(at.to_owned()), ..group(&place) };
        account.create("cache/sessions", with(&first)).await;
        let (found, _) = live_group(&account).await;
        proxy.clear();
        proxy.on(operation, nth, Fault::Dropped(Moment::After));
        account.update(&found, &with(&second).into()).await.unwrap();
        assert_eq!(live_group(&account).await.1, with(&second), "{operation} {nth}");

        // The run ends with the second step refused, and another one continues: also back to the first token.
        for (at, nth) in [(&first, 2), (&first, 1)] {
            let (found, _) = live_group(&account).await;
            proxy.clear();
            proxy.on("ModifyReplicationGroup", nth, Fault::Refused("InvalidParameterValue", "no"));
            account.update(&found, &with(at).into()).await.unwrap_err();
            let (found, half) = live_group(&account).await;
            assert_eq!((half.token.as_ref(), half.newest_token), (Some(at), false));
            account.update(&found, &with(&second).into()).await.unwrap();
            assert_eq!(live_group(&account).await.1, with(&second));
        }
    }
}

#[tokio::test]
async fn a_cluster_of_memcached_lives_and_every_field_changes() {
    let account = Account::new();
    let place = place(&account).await;
    let own =
        account.create("cache/pages/parameters", parameters("memcached1.6", &[("idle_timeout", "20")])).await;
    let first = cluster(&place);
    let quiet = CacheCluster {
        window: "sun:23:30-mon:00:30".to_owned(),
        minor_upgrades: false,
        version: "1.6.22".to_owned(),
        parameters: id(&own),
        ..first.clone()
    };
    let more = CacheCluster { nodes: 3, multi_az: true, ..quiet.clone() };
    let fewer = CacheCluster { nodes: 2, ..more.clone() };
    account.lives("cache/pages", first.clone(), &[quiet.into(), more.into(), fewer.into()]).await;
}

#[tokio::test]
async fn groups_of_subnets_and_parameters_live() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let one = account.subnet(&vpc, "app/subnet/1", "10.0.0.0/24").await;
    let two = account.subnet(&vpc, "app/subnet/2", "10.0.1.0/24").await;
    let both = CacheSubnetGroup { description: "other words".to_owned(), ..subnet_group(&[&one, &two]) };
    let other = subnet_group(&[&two]);
    account.lives("cache/x/subnets", subnet_group(&[&one]), &[both.into(), other.into()]).await;
    // More than one call takes.
    let many: Vec<(String, String)> =
        (0..45).map(|at| (format!("parameter-{at:02}"), at.to_string())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let changes = [
        parameters("redis7", &many),
        parameters("redis7", &many[..3]),
        parameters("redis7", &[("parameter-01", "9")]),
    ];
    account.lives("cache/x/parameters", parameters("redis7", &[]), &changes.map(Resource::from)).await;
}

#[tokio::test]
async fn a_group_in_use_stays_until_its_user_is_gone() {
    let account = Account::new();
    let place = place(&account).await;
    account.create("cache/sessions", group(&place)).await;
    let subnets = account.found(Kind::CacheSubnetGroup, "cache/sessions/subnets").await.unwrap();
    let refused = account.delete(&subnets).await.unwrap_err();
    assert_eq!(refused.code, "CacheSubnetGroupInUse");
    let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
    account.delete(&live).await.unwrap();
    account.delete(&subnets).await.unwrap();
}

#[tokio::test]
async fn caches_whose_answers_are_lost_are_taken_for_the_own_ones() {
    for operation in ["CreateReplicationGroup", "DeleteReplicationGroup", "ModifyReplicationGroup"] {
        let (account, _proxy) = Account::losing(operation);
        let place = place(&account).await;
        let other = ReplicationGroup { snapshots: 3, ..group(&place) };
        account.lives("cache/sessions", group(&place), &[other.into()]).await;
    }
    for operation in ["CreateCacheSubnetGroup", "CreateCacheCluster", "DeleteCacheCluster"] {
        let (account, _proxy) = Account::losing(operation);
        let place = place(&account).await;
        account.lives("cache/pages", cluster(&place), &[]).await;
    }
}

#[tokio::test]
async fn the_caches_of_others_are_theirs() {
    let account = Account::new();
    let place = place(&account).await;
    let by_hand = aws_sdk_elasticache::Client::new(&account.sdk);
    let made = by_hand.create_replication_group().replication_group_id("A982d4467b4eb931");
    let made = made.replication_group_description("theirs").cache_node_type("cache.t4g.small");
    made.cache_subnet_group_name(place.subnets.id().unwrap()).send().await.unwrap();
    assert_eq!(account.list(Kind::ReplicationGroup).await.found, []);
    let refused = account.try_create("cache/sessions", group(&place)).await.unwrap_err();
    assert_eq!(refused.code, "ReplicationGroupAlreadyExists");
    assert!(refused.message.contains("no tags say whose it is"), "{refused}");
}

#[tokio::test]
async fn a_cache_that_could_not_be_made_says_so() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let place = place(&account).await;
    proxy.on("CreateReplicationGroup", 1, Fault::Refused("InsufficientCacheClusterCapacity", "no room"));
    let refused = account.try_create("cache/sessions", group(&place)).await.unwrap_err();
    assert_eq!(refused.code, "InsufficientCacheClusterCapacity");
}

#[tokio::test]
async fn what_waits_for_the_window_goes_on_waiting_until_something_is_done_at_once() {
    let account = Account::new();
    let place = place(&account).await;
    let first = group(&place);
    account.create("cache/sessions", first.clone()).await;
    let larger = ReplicationGroup { node_type: "cache.m7g.large".to_owned(), ..first.clone() };
    let in_force = async || {
        let by_hand = aws_sdk_elasticache::Client::new(&account.sdk);
        let members = by_hand.describe_cache_clusters().send().await.unwrap();
        members.cache_clusters()[0].cache_node_type().unwrap().to_owned()
    };
    let change = async |wanted: &ReplicationGroup| {
        let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
        account.update(&live, &wanted.clone().into()).await.unwrap();
        let live = account.found(Kind::ReplicationGroup, "cache/sessions").await.unwrap();
        assert_eq!(live.resource, ReplicationGroup { apply_now: false, ..wanted.clone() }.into());
    };
    let waiting = async || {
        let facts = account.list(Kind::ReplicationGroup).await.facts;
        facts.waiting.into_values().flatten().map(|one| one.field).collect::<Vec<_>>()
    };
    change(&larger).await;
    assert_eq!(
        (in_force().await.as_str(), waiting().await),
        ("cache.t4g.small", vec!["node_type".to_owned()])
    );
    // What no client notices does not bring it along.
    let named = ReplicationGroup { description: "other words".to_owned(), ..larger.clone() };
    change(&named).await;
    assert_eq!((in_force().await.as_str(), waiting().await.len()), ("cache.t4g.small", 1));
    // It is taken back, and asked for again.
    change(&ReplicationGroup { node_type: first.node_type.clone(), ..named.clone() }).await;
    assert_eq!(waiting().await.len(), 0);
    change(&named).await;
    assert_eq!(waiting().await.len(), 1);
    // A parameter group is changed at once, with what waits.
    let own = account.create("cache/sessions/parameters", parameters("valkey8", &[("timeout", "20")])).await;
    change(&ReplicationGroup { parameters: id(&own), ..named.clone() }).await;
    assert_eq!((in_force().await.as_str(), waiting().await.len()), ("cache.m7g.large", 0));
}
