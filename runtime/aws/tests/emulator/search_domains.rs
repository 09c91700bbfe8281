use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Assigned, Kind, Resource, SearchClient, SearchDomain, SearchLog, SearchMasters};

use asiaq_runtime::{Cloud as _, Intent, Update};

use crate::account::{Account, PROJECT, REGION, id, refs};
use crate::moto;
use crate::proxy::{Fault, Moment, Proxy};

/// A public domain that one block may call.
fn domain() -> SearchDomain {
    SearchDomain {
        name: "es-logs-ci".to_owned(),
        version: "Elasticsearch_7.7".to_owned(),
        instance_type: "m5.large.search".to_owned(),
        count: 1,
        masters: None,
        zones: 1,
        storage: Some(20),
        storage_type: Some("gp3".to_owned()),
        iops: None,
        throughput: None,
        subnets: BTreeSet::new(),
        groups: BTreeSet::new(),
        allowed: [SearchClient::Block("203.0.113.0/24".to_owned())].into(),
        policy: None,
        encrypted: false,
        kms_key: None,
        node_encryption: false,
        enforce_https: false,
        tls_policy: "Policy-Min-TLS-1-0-2019-07".to_owned(),
        fine_grained: false,
        master_user: None,
        snapshot_hour: Some(0),
        logs: BTreeSet::new(),
    }
}

/// How often an operation was called.
fn times(proxy: &Proxy, operation: &str) -> usize {
    proxy.operations().iter().filter(|called| *called == operation).count()
}

#[tokio::test]
async fn a_search_domain_lives_and_every_field_changes() {
    let account = Account::new();
    let first = domain();
    let masters = |count| Some(SearchMasters { instance_type: "m5.large.search".to_owned(), count });
    let spread = SearchDomain { count: 3, zones: 3, masters: masters(3), ..first.clone() };
    let fewer = SearchDomain { count: 2, zones: 2, masters: masters(5), ..first.clone() };
    let larger = SearchDomain {
        storage: Some(100),
        iops: Some(4000),
        throughput: Some(250),
        instance_type: "r5.large.search".to_owned(),
        ..first.clone()
    };
    let own_disks = SearchDomain {
        instance_type: "i3.large.search".to_owned(),
        storage: None,
        storage_type: None,
        ..first.clone()
    };
    let open = SearchDomain { allowed: [SearchClient::Everybody].into(), ..first.clone() };
    let closed = SearchDomain { allowed: BTreeSet::new(), ..first.clone() };
    let address = account.create("dmz/elastic-ip/1", asiaq_ir::ElasticIp {}).await;
    let nat = SearchClient::Address(id(&address));
    let through_nat = SearchDomain {
        allowed: [nat, SearchClient::Block("198.51.100.7/32".to_owned())].into(),
        ..first.clone()
    };
    let policy = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"arn:aws:iam::{}:root\"}},\
         \"Action\":\"es:ESHttpGet\",\"Resource\":\"*\"}}]}}",
        account.id
    );
    let other_policy = SearchDomain {
        allowed: BTreeSet::new(),
        policy: Some(asiaq_iam::document::canonical(&policy)),
        ..first.clone()
    };
    let strict = SearchDomain {
        enforce_https: true,
        tls_policy: "Policy-Min-TLS-1-2-2019-07".to_owned(),
        snapshot_hour: Some(3),
        ..first.clone()
    };
    let log = SearchLog {
        of: "ES_APPLICATION_LOGS".to_owned(),
        group: format!("arn:aws:logs:{REGION}:{}:log-group:search", account.id),
    };
    let logged = SearchDomain { logs: [log].into(), ..first.clone() };
    let upgraded = SearchDomain { version: "OpenSearch_1.3".to_owned(), count: 2, ..first.clone() };
    let encrypted = SearchDomain {
        version: "OpenSearch_1.3".to_owned(),
        encrypted: true,
        kms_key: Some("1a2b3c4d".to_owned()),
        node_encryption: true,
        enforce_https: true,
        fine_grained: true,
        ..first.clone()
    };
    let changes = [
        spread,
        fewer,
        larger,
        own_disks,
        first.clone(),
        open,
        through_nat,
        closed,
        other_policy,
        strict,
        logged,
        upgraded,
        encrypted,
    ]
    .map(Resource::from);
    account.lives("search/logs", first, &changes).await;
}

#[tokio::test]
async fn a_domain_in_a_vpc_makes_the_role_of_the_service_once() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let vpc = account.vpc().await;
    let subnet = account.subnet(&vpc, "intranet/subnet/1", "10.0.0.0/24").await;
    let inside = |name: &str| SearchDomain {
        name: name.to_owned(),
        subnets: refs([&subnet]),
        groups: [id("sg-0123")].into(),
        allowed: [SearchClient::Everybody].into(),
        ..domain()
    };
    let first = account.create("search/logs", inside("es-logs-ci")).await;
    account.create("search/users", inside("es-users-ci")).await;
    assert_eq!(times(&proxy, "CreateServiceLinkedRole"), 1);
    let listed = account.list(Kind::SearchDomain).await;
    assert_eq!(listed.found.len(), 2);
    let names = &listed.facts.assigned[&first][&Assigned::DnsName];
    assert_eq!(names.len(), 1, "the endpoint in the VPC is told");
}

#[tokio::test]
async fn all_changes_of_a_domain_are_one_call() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    account.create("search/logs", domain()).await;
    let live = account.found(Kind::SearchDomain, "search/logs").await.unwrap();
    let wanted = SearchDomain { count: 2, storage: Some(50), enforce_https: true, ..domain() };
    account.update(&live, &wanted.clone().into()).await.unwrap();
    assert_eq!(times(&proxy, "UpdateDomainConfig"), 1);
    let live = account.found(Kind::SearchDomain, "search/logs").await.unwrap();
    assert_eq!(live.resource, wanted.into());
}

#[tokio::test]
async fn an_upgrade_back_is_refused() {
    let account = Account::new();
    account.create("search/logs", SearchDomain { version: "OpenSearch_1.3".to_owned(), ..domain() }).await;
    let live = account.found(Kind::SearchDomain, "search/logs").await.unwrap();
    let refused = account.update(&live, &domain().into()).await.unwrap_err();
    assert!(refused.message.contains("cannot bring a search domain from OpenSearch_1.3 back"), "{refused}");
    let far = SearchDomain { version: "OpenSearch_9.9".to_owned(), ..domain() };
    let refused = account.update(&live, &far.into()).await.unwrap_err();
    assert!(refused.message.contains("offers no upgrade"), "{refused}");
}

#[tokio::test]
async fn a_lost_answer_leaves_one_domain_and_another_owner_keeps_it() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    proxy.on("CreateDomain", 1, Fault::Dropped(Moment::After));
    let arn = account.create("search/logs", domain()).await;
    assert!(arn.ends_with(":domain/es-logs-ci"), "{arn}");
    let taken = account.try_create("search/other", domain()).await.unwrap_err();
    assert_eq!(taken.code, "ResourceAlreadyExistsException");
}

#[tokio::test]
async fn tags_are_changed() {
    let account = Account::new();
    account.create("search/logs", domain()).await;
    let live = account.found(Kind::SearchDomain, "search/logs").await.unwrap();
    let set = [("owner".to_owned(), "ops".to_owned())].into();
    let remove = ["Name".to_owned()].into();
    account.retag(&live, &domain().into(), &set, &remove).await.unwrap();
    let tags = account.found(Kind::SearchDomain, "search/logs").await.unwrap().tags;
    assert_eq!(tags.get("owner").map(String::as_str), Some("ops"));
    assert_eq!(tags.get("Name"), None);
}

#[tokio::test]
async fn a_plan_is_told_how_a_change_is_made_and_what_stands_in_its_way() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    account.create("search/logs", domain()).await;
    let live = account.found(Kind::SearchDomain, "search/logs").await.unwrap();
    let says = async |wanted: SearchDomain| {
        let (wanted, none) = (Resource::from(wanted), (BTreeMap::new(), BTreeSet::new()));
        let update = Update {
            region: REGION,
            address: &live.address,
            id: &live.id,
            live: &live.resource,
            wanted: &wanted,
            set_tags: &none.0,
            remove_tags: &none.1,
        };
        let refusal = account.aws.refusal(REGION, &Intent::Update(&update), &BTreeSet::new()).await.unwrap();
        let forecast = account.aws.forecast(&update).await.unwrap();
        (refusal.map(|refusal| refusal.message).unwrap_or_default(), forecast.unwrap_or_default())
    };
    let (refusal, forecast) = says(SearchDomain { count: 2, ..domain() }).await;
    assert!(refusal.is_empty() && forecast.contains("blue/green"), "{refusal} {forecast}");
    let (_, forecast) = says(SearchDomain { allowed: [SearchClient::Everybody].into(), ..domain() }).await;
    assert!(forecast.contains("without new nodes"), "{forecast}");
    let (refusal, _) = says(SearchDomain { version: "Elasticsearch_6.8".to_owned(), ..domain() }).await;
    assert!(refusal.contains("back to Elasticsearch_6.8"), "{refusal}");
    assert_eq!(account.found(Kind::SearchDomain, "search/logs").await.unwrap(), live, "nothing was written");

    let red = account.create("search/red", SearchDomain { name: "es-red-ci".to_owned(), ..domain() }).await;
    let found = account.found(Kind::SearchDomain, "search/red").await.unwrap();
    let (wanted, none) = (
        Resource::from(SearchDomain { name: "es-red-ci".to_owned(), count: 2, ..domain() }),
        (BTreeMap::new(), BTreeSet::new()),
    );
    let update = Update {
        region: REGION,
        address: &found.address,
        id: &red,
        live: &found.resource,
        wanted: &wanted,
        set_tags: &none.0,
        remove_tags: &none.1,
    };
    let refusal = account.aws.refusal(REGION, &Intent::Update(&update), &BTreeSet::new()).await.unwrap();
    assert!(refusal.is_some_and(|refusal| refusal.message.contains("health is red")));
}

/// A domain in a VPC is made, changed, upgraded and deleted, where one call goes wrong: nothing is left, and nothing is
/// there twice. A run that fails is repeated.
#[tokio::test]
async fn every_call_may_fail_once() {
    let operations = [
        "AddTags",
        "CreateDomain",
        "CreateServiceLinkedRole",
        "DeleteDomain",
        "DescribeDomains",
        "GetCompatibleVersions",
        "GetRole",
        "ListDomainNames",
        "ListTags",
        "UpdateDomainConfig",
        "UpgradeDomain",
    ];
    let faults = || {
        [
            Fault::Dropped(Moment::Before),
            Fault::Dropped(Moment::After),
            Fault::Failed(Moment::Before),
            Fault::Throttled,
        ]
    };
    for (operation, fault) in
        operations.into_iter().flat_map(|operation| faults().map(|fault| (operation, fault)))
    {
        let proxy = Proxy::start(moto::endpoint());
        let account = Account::behind(&proxy);
        let vpc = account.vpc().await;
        let subnet = account.subnet(&vpc, "intranet/subnet/1", "10.0.0.0/24").await;
        let first = SearchDomain {
            subnets: refs([&subnet]),
            groups: [id("sg-0123")].into(),
            allowed: [SearchClient::Everybody].into(),
            ..domain()
        };
        let changed = SearchDomain { version: "OpenSearch_1.3".to_owned(), count: 2, ..first.clone() };
        let told = format!("{operation} {fault:?}");
        proxy.on(operation, 1, fault);
        let arn = match account.try_create("search/logs", first.clone()).await {
            Ok(arn) => arn,
            Err(_) => account.create("search/logs", first.clone()).await,
        };
        let find = async || match account.aws.list(REGION, Kind::SearchDomain, PROJECT).await {
            Ok(listed) => listed.found,
            Err(_) => account.list(Kind::SearchDomain).await.found,
        };
        let live = find().await;
        assert_eq!((live.len(), &live[0].id, &live[0].resource), (1, &arn, &first.into()), "{told}");
        let set = [("owner".to_owned(), "ops".to_owned())].into();
        if account.retag(&live[0], &changed.clone().into(), &set, &BTreeSet::new()).await.is_err() {
            let live = find().await;
            account.retag(&live[0], &changed.clone().into(), &set, &BTreeSet::new()).await.unwrap();
        }
        let live = find().await;
        assert_eq!((live.len(), &live[0].resource), (1, &changed.into()), "{told}");
        if account.delete(&live[0]).await.is_err() {
            account.delete(&live[0]).await.unwrap();
        }
        assert_eq!(account.list(Kind::SearchDomain).await.found, [], "{told}");
    }
}
