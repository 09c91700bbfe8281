use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ClassicHealthCheck, ClassicListener, ClassicLoadBalancer, HostedZone, Kind, LoadBalancer, RecordSet,
    RecordTarget, Ref, Scheme, SecurityGroup, Subnet,
};
use asiaq_runtime::{Cloud as _, Fault};
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};

use crate::account::{Account, PROJECT, REGION, refs};
use crate::moto;
use crate::proxy::{self, Moment, Proxy};
use crate::replay::{Answer, Replay};

const DOMAIN: &str = "dev.sample.net";
const PATH: &str = "zone/world/record/web";

async fn zone(account: &Account) -> Ref {
    let zone = HostedZone { domain: DOMAIN.to_owned(), vpcs: [].into(), comment: String::new() };
    Ref::Id(account.create("zone/world", zone).await)
}

fn record(zone: &Ref, name: &str, record: &str, values: &[&str]) -> RecordSet {
    RecordSet {
        zone: zone.clone(),
        name: if name.is_empty() { DOMAIN.to_owned() } else { format!("{name}.{DOMAIN}") },
        record: record.to_owned(),
        ttl: Some(60),
        target: RecordTarget::Values(values.iter().copied().map(ToOwned::to_owned).collect()),
    }
}

fn by_hand(account: &Account) -> aws_sdk_route53::Client {
    aws_sdk_route53::Client::new(&account.sdk)
}

fn set(name: &str, record: &str, value: &str) -> ResourceRecordSet {
    let value = ResourceRecord::builder().value(value).build().unwrap();
    let set =
        ResourceRecordSet::builder().name(name).r#type(RrType::from(record)).ttl(60).resource_records(value);
    set.build().unwrap()
}

/// What somebody does by hand.
async fn change(account: &Account, zone: &Ref, action: ChangeAction, set: ResourceRecordSet) {
    let change = Change::builder().action(action).resource_record_set(set).build().unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    let request = by_hand(account).change_resource_record_sets().hosted_zone_id(zone.id().unwrap());
    request.change_batch(batch).send().await.unwrap();
}

/// Names and types in a zone, but for those AWS makes, each with its values.
async fn lines(account: &Account, zone: &Ref) -> Vec<String> {
    let request = by_hand(account).list_resource_record_sets().hosted_zone_id(zone.id().unwrap());
    let sets = request.send().await.unwrap().resource_record_sets;
    let own = sets.iter().filter(|set| !matches!(set.r#type, RrType::Ns | RrType::Soa));
    own.map(|set| {
        let values: Vec<&str> = set.resource_records().iter().map(|record| record.value.as_str()).collect();
        format!("{} {} {}", set.name, set.r#type.as_str(), values.join(" | "))
    })
    .collect()
}

/// A load balancer of the classic kind, made by us; its name.
async fn classic(account: &Account, name: &str, path: &str) -> Ref {
    let vpc = Ref::Id(account.create(&format!("{path}/vpc"), crate::account::vpc("10.0.0.0/16")).await);
    let subnet =
        Subnet { vpc: vpc.clone(), cidr: "10.0.0.0/24".parse().unwrap(), zone: "us-west-2a".to_owned() };
    let subnet = Ref::Id(account.create(&format!("{path}/subnet"), subnet).await);
    let group = SecurityGroup::new(vpc, name, "x");
    let group = Ref::Id(account.create(&format!("{path}/group"), group).await);
    let port = ClassicListener {
        port: 80,
        protocol: "HTTP".to_owned(),
        to_port: 80,
        to_protocol: "HTTP".to_owned(),
        certificate: None,
        tls_policy: None,
    };
    let balancer = ClassicLoadBalancer {
        name: name.to_owned(),
        scheme: Scheme::Internal,
        subnets: refs([&subnet]),
        groups: refs([&group]),
        listeners: [port].into(),
        health_check: ClassicHealthCheck {
            target: "TCP:80".to_owned(),
            interval: 30,
            timeout: 5,
            unhealthy: 2,
            healthy: 10,
        },
        stickiness: None,
        idle_timeout: 60,
        draining: 0,
        cross_zone: false,
        attributes: BTreeMap::new(),
    };
    Ref::Id(account.create(path, balancer).await)
}

/// A load balancer of the newer kind, made by us; its ARN.
async fn newer(account: &Account) -> Ref {
    let vpc = account.vpc().await;
    let mut subnets = BTreeSet::new();
    for (zone, cidr) in [("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")] {
        let subnet =
            Subnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone: format!("us-west-2{zone}") };
        subnets.insert(Ref::Id(account.create(&format!("subnet/{zone}"), subnet).await));
    }
    let balancer = LoadBalancer {
        name: "ci-web".to_owned(),
        family: asiaq_ir::BalancerFamily::Network,
        scheme: Scheme::Internal,
        subnets,
        groups: [].into(),
        listeners: [].into(),
        idle_timeout: None,
        cross_zone: Some(false),
        listener_rules: [].into(),
        attributes: [].into(),
    };
    Ref::Id(account.create("hostclass/web/lb", balancer).await)
}

#[tokio::test]
async fn records_of_every_form_live() {
    let account = Account::new();
    let zone = zone(&account).await;
    let long = format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45));
    let cases: &[(&str, &str, &[&str], &[&str])] = &[
        ("web", "A", &["203.0.113.1", "203.0.113.2"], &["203.0.113.3"]),
        ("web", "AAAA", &["2001:db8::1"], &["2001:db8::2"]),
        ("web", "CNAME", &["www.example.com"], &["other.example.com"]),
        ("*", "CNAME", &["www.example.com"], &["other.example.com"]),
        ("*.sub", "A", &["203.0.113.1"], &["203.0.113.2"]),
        ("", "MX", &["10 mail.example.com", "20 mail2.example.com"], &["0 ."]),
        ("_sip._tcp", "SRV", &["1 2 5060 sip.example.com"], &["1 2 5061 sip.example.com"]),
        ("", "TXT", &["\"v=spf1 -all\"", "\"say \\\"a\\\\b\\\"\""], &[&long]),
        ("sub", "NS", &["ns1.example.com", "ns2.example.com"], &["ns3.example.com"]),
        ("", "CAA", &["0 issue \"amazon.com\""], &["0 issue \";\""]),
        ("1.2/3", "PTR", &["web.example.com"], &["other.example.com"]),
    ];
    for (name, of_type, first, second) in cases {
        let first = record(&zone, name, of_type, first);
        let second = record(&zone, name, of_type, second);
        let later = RecordSet { ttl: Some(5), ..second.clone() };
        account.lives(PATH, first, &[second.into(), later.into()]).await;
        assert_eq!(lines(&account, &zone).await, [] as [&str; 0], "the mark of {name} {of_type} went too");
    }
}

#[tokio::test]
async fn a_mark_says_whose_a_record_is_and_records_of_a_name_share_it() {
    let account = Account::new();
    let zone = zone(&account).await;
    let (a, aaaa) =
        (record(&zone, "web", "A", &["203.0.113.1"]), record(&zone, "web", "AAAA", &["2001:db8::1"]));
    let made = account.create(PATH, a).await;
    assert_eq!(made, format!("{}/web.{DOMAIN}/A", zone.id().unwrap()));
    account.create("zone/world/record/web6", aaaa.clone()).await;
    let mark = |of_type: &str, path: &str| {
        let zone = zone.id().unwrap();
        format!(
            "\"asiaq project=shop region=us-west-2 type={of_type} address=ci/zone/world/record/{path} zone={zone}\""
        )
    };
    let both = format!("_asiaq.web.{DOMAIN}. TXT {} | {}", mark("A", "web"), mark("AAAA", "web6"));
    assert_eq!(
        lines(&account, &zone).await,
        [format!("web.{DOMAIN}. A 203.0.113.1"), format!("web.{DOMAIN}. AAAA 2001:db8::1"), both]
    );
    account.delete(&account.found(Kind::RecordSet, PATH).await.unwrap()).await.unwrap();
    let one = format!("_asiaq.web.{DOMAIN}. TXT {}", mark("AAAA", "web6"));
    assert_eq!(lines(&account, &zone).await, [format!("web.{DOMAIN}. AAAA 2001:db8::1"), one]);
    assert_eq!(account.list(Kind::RecordSet).await.found[0].resource, aaaa.into());
    assert_eq!(account.aws.list("eu-west-1", Kind::RecordSet, PROJECT).await.unwrap().found, []);
    assert_eq!(account.aws.list(REGION, Kind::RecordSet, "another").await.unwrap().found, []);
}

#[tokio::test]
async fn records_of_one_name_that_are_made_at_once_are_both_made() {
    let account = Account::new();
    let zone = zone(&account).await;
    let (a, aaaa) =
        (record(&zone, "web", "A", &["203.0.113.1"]), record(&zone, "web", "AAAA", &["2001:db8::1"]));
    let both = futures::future::join(
        account.create(PATH, a.clone()),
        account.create("zone/world/record/web6", aaaa.clone()),
    );
    both.await;
    assert_eq!(account.list(Kind::RecordSet).await.found.len(), 2);
    for (path, wanted) in [(PATH, a), ("zone/world/record/web6", aaaa)] {
        assert_eq!(account.found(Kind::RecordSet, path).await.unwrap().resource, wanted.into());
    }
}

#[tokio::test]
async fn a_record_that_somebody_made_is_never_touched() {
    let account = Account::new();
    let zone = zone(&account).await;
    let elb = classic(&account, "web", "hostclass/web/elb").await;
    let elbs = aws_sdk_elasticloadbalancing::Client::new(&account.sdk);
    let there = elbs.describe_load_balancers().load_balancer_names("web").send().await.unwrap();
    let dns = there.load_balancer_descriptions()[0].dns_name().unwrap().to_owned();
    // A name by hand, of our own load balancer.
    let name = format!("web.{DOMAIN}");
    change(&account, &zone, ChangeAction::Create, set(&name, "CNAME", &dns)).await;
    assert_eq!(account.list(Kind::RecordSet).await.found, []);

    let wanted = RecordSet { target: RecordTarget::NameOf(elb), ..record(&zone, "web", "CNAME", &[]) };
    let error = account.try_create(PATH, wanted.clone()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert!(
        error.message.starts_with("`web.dev.sample.net` has a CNAME record in its zone, and it has no mark"),
        "{}",
        error.message
    );
    // AWS itself refuses a name beside a CNAME.
    let error = account.try_create(PATH, record(&zone, "web", "A", &["203.0.113.1"])).await.unwrap_err();
    assert_eq!(error.code, "InvalidChangeBatch");
    let untouched = [format!("web.{DOMAIN}. CNAME {dns}")];
    assert_eq!(lines(&account, &zone).await, untouched);

    // A record that is no longer ours is neither changed nor deleted.
    let live = crate::account::found("x", wanted.clone());
    account.delete(&live).await.unwrap();
    let other = RecordSet { ttl: Some(5), ..wanted };
    let error = account.update(&live, &other.into()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert_eq!(lines(&account, &zone).await, untouched);
}

#[tokio::test]
async fn a_record_of_another_declaration_is_named() {
    let account = Account::new();
    let zone = zone(&account).await;
    account.create(PATH, record(&zone, "web", "A", &["203.0.113.1"])).await;
    let second = record(&zone, "web", "A", &["203.0.113.2"]);
    let error = account.try_create("zone/world/record/other", second).await.unwrap_err();
    assert!(
        error.message.contains("it is `ci/zone/world/record/web` of project `shop`"),
        "{}",
        error.message
    );
    assert_eq!(account.list(Kind::RecordSet).await.found.len(), 1);
}

#[tokio::test]
async fn a_name_follows_its_load_balancer() {
    let account = Account::new();
    let zone = zone(&account).await;
    let (one, two) = (
        classic(&account, "one", "hostclass/one/elb").await,
        classic(&account, "two", "hostclass/two/elb").await,
    );
    let newer = newer(&account).await;
    let name_of = |balancer: &Ref| RecordSet {
        target: RecordTarget::NameOf(balancer.clone()),
        ..record(&zone, "web", "CNAME", &[])
    };
    let by_value = record(&zone, "web", "CNAME", &["www.example.com"]);
    account
        .lives(
            PATH,
            name_of(&one),
            &[name_of(&two).into(), name_of(&newer).into(), by_value.into(), name_of(&one).into()],
        )
        .await;
}

#[tokio::test]
async fn an_alias_follows_its_load_balancer() {
    let account = Account::new();
    let zone = zone(&account).await;
    let (one, newer) = (classic(&account, "one", "hostclass/one/elb").await, newer(&account).await);
    let alias = |balancer: &Ref| RecordSet {
        target: RecordTarget::Alias(balancer.clone()),
        ttl: None,
        ..record(&zone, "", "A", &[])
    };
    let by_value = record(&zone, "", "A", &["203.0.113.1"]);
    account.lives(PATH, alias(&one), &[alias(&newer).into(), by_value.into(), alias(&one).into()]).await;
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_a_difference_and_is_mended() {
    let account = Account::new();
    let zone = zone(&account).await;
    let elb = classic(&account, "one", "hostclass/one/elb").await;
    let name = format!("web.{DOMAIN}");
    let wanted =
        RecordSet { target: RecordTarget::NameOf(elb.clone()), ..record(&zone, "web", "CNAME", &[]) };
    account.create(PATH, wanted.clone()).await;
    change(&account, &zone, ChangeAction::Upsert, set(&name, "CNAME", "Elsewhere.example.com.")).await;
    let live = account.found(Kind::RecordSet, PATH).await.unwrap();
    assert_eq!(live.resource, record(&zone, "web", "CNAME", &["elsewhere.example.com"]).into());
    account.update(&live, &wanted.clone().into()).await.unwrap();
    assert_eq!(account.found(Kind::RecordSet, PATH).await.unwrap().resource, wanted.clone().into());

    // The load balancer is made anew under its old name, which is its id: it is called differently in DNS.
    let old = account.found(Kind::ClassicLoadBalancer, "hostclass/one/elb").await.unwrap();
    account.delete(&old).await.unwrap();
    account.create("hostclass/one/elb", old.resource.clone()).await;
    let live = account.found(Kind::RecordSet, PATH).await.unwrap();
    assert_ne!(live.resource, wanted.clone().into());
    account.update(&live, &wanted.clone().into()).await.unwrap();
    assert_eq!(account.found(Kind::RecordSet, PATH).await.unwrap().resource, wanted.into());
}

#[tokio::test]
async fn an_alias_made_by_hand_for_the_same_load_balancer_is_no_difference_and_for_another_one_it_is() {
    let account = Account::new();
    let zone = zone(&account).await;
    let elb = classic(&account, "one", "hostclass/one/elb").await;
    let wanted = RecordSet { target: RecordTarget::Alias(elb), ttl: None, ..record(&zone, "web", "A", &[]) };
    account.create(PATH, wanted.clone()).await;
    let elbs = aws_sdk_elasticloadbalancing::Client::new(&account.sdk);
    let there = elbs.describe_load_balancers().load_balancer_names("one").send().await.unwrap();
    let dns = there.load_balancer_descriptions()[0].dns_name().unwrap().to_owned();
    let alias = |dns: &str| {
        let alias =
            AliasTarget::builder().hosted_zone_id("Z1H1FL5HABSF5").dns_name(dns).evaluate_target_health(true);
        let set = ResourceRecordSet::builder().name(format!("web.{DOMAIN}")).r#type(RrType::A);
        set.alias_target(alias.build().unwrap()).build().unwrap()
    };
    // As the console writes it.
    change(&account, &zone, ChangeAction::Upsert, alias(&format!("dualstack.{}.", dns.to_uppercase()))).await;
    assert_eq!(account.found(Kind::RecordSet, PATH).await.unwrap().resource, wanted.into());
    change(&account, &zone, ChangeAction::Upsert, alias("other.us-west-2.elb.amazonaws.com")).await;
    let seen =
        RecordSet { ttl: None, ..record(&zone, "web", "A", &["alias of other.us-west-2.elb.amazonaws.com"]) };
    assert_eq!(account.found(Kind::RecordSet, PATH).await.unwrap().resource, seen.into());
}

#[tokio::test]
async fn records_go_into_the_zones_of_others_from_every_page() {
    let account = Account::new();
    let route53 = by_hand(&account);
    let made = route53.create_hosted_zone().name(DOMAIN).caller_reference("by hand").send().await.unwrap();
    let zone = Ref::Id(made.hosted_zone().unwrap().id().trim_start_matches("/hostedzone/").to_owned());
    let changes: Vec<Change> = (0..301)
        .map(|number| {
            let change = Change::builder().action(ChangeAction::Create);
            change
                .resource_record_set(set(&format!("a{number}.{DOMAIN}"), "A", "203.0.113.1"))
                .build()
                .unwrap()
        })
        .collect();
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().unwrap();
    let request = route53.change_resource_record_sets().hosted_zone_id(zone.id().unwrap());
    request.change_batch(batch).send().await.unwrap();
    account.lives(PATH, record(&zone, "web", "A", &["203.0.113.1"]), &[]).await;
    let left = route53.get_hosted_zone().id(zone.id().unwrap()).send().await.unwrap();
    assert_eq!(left.hosted_zone().unwrap().resource_record_set_count, Some(303));
}

#[tokio::test]
async fn a_record_whose_answer_is_lost_is_changed_once() {
    // The batch that makes it, the one that changes it, and the one that deletes it.
    for lost in 1..=3 {
        let proxy = Proxy::start(moto::endpoint());
        proxy.on("ChangeResourceRecordSets", lost, proxy::Fault::Dropped(Moment::After));
        let account = Account::behind(&proxy);
        let zone = zone(&account).await;
        let second = record(&zone, "web", "A", &["203.0.113.2"]);
        account.lives(PATH, record(&zone, "web", "A", &["203.0.113.1"]), &[second.into()]).await;
        assert_eq!(lines(&account, &zone).await, [] as [&str; 0]);
    }
}

#[tokio::test]
async fn what_else_is_beside_a_mark_stays() {
    let account = Account::new();
    let zone = zone(&account).await;
    let beside = set(&format!("_asiaq.web.{DOMAIN}"), "TXT", "\"by hand\"");
    change(&account, &zone, ChangeAction::Create, beside).await;
    account.lives(PATH, record(&zone, "web", "A", &["203.0.113.1"]), &[]).await;
    assert_eq!(lines(&account, &zone).await, [format!("_asiaq.web.{DOMAIN}. TXT \"by hand\"")]);
}

const LIST: &str = "GET /2013-04-01/hostedzone/Z1/rrset";
const CHANGE: &str = "POST /2013-04-01/hostedzone/Z1/rrset";
const NOTHING: Answer = Answer::Rest(
    200,
    "<ListResourceRecordSetsResponse><ResourceRecordSets/><IsTruncated>false</IsTruncated><MaxItems>20</MaxItems>\
     </ListResourceRecordSetsResponse>",
);
const THEIRS: Answer = Answer::Rest(
    200,
    "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>web.dev.sample.net.</Name>\
     <Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>203.0.113.9</Value></ResourceRecord>\
     </ResourceRecords></ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated>\
     <MaxItems>20</MaxItems></ListResourceRecordSetsResponse>",
);

/// What the emulator has another form for.
#[tokio::test]
async fn a_record_that_somebody_makes_meanwhile_stays_and_a_refusal_is_told_in_awss_words() {
    let replay = Replay::start(&[
        (
            CHANGE,
            Answer::Rest(
                400,
                "<InvalidChangeBatch xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Messages>\
                 <Message>Tried to create resource record set [name=&apos;web.dev.sample.net.&apos;, type=&apos;A&apos;] \
                 but it already exists</Message></Messages><RequestId>req-1</RequestId></InvalidChangeBatch>",
            ),
        ),
        (LIST, THEIRS),
    ]);
    let zone = Ref::Id("Z1".to_owned());
    let wanted = record(&zone, "web", "A", &["203.0.113.1"]);
    let error = Account::replayed(&replay.endpoint).try_create(PATH, wanted.clone()).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert!(error.message.contains("it has no mark of asiaq beside it"), "{}", error.message);
    assert_eq!(replay.calls(CHANGE).len(), 1);

    let replay = Replay::start(&[
        (LIST, NOTHING),
        (
            CHANGE,
            Answer::Rest(
                400,
                "<InvalidChangeBatch><Messages><Message>RRSet of type A with DNS name web.dev.sample.net. is not \
                 permitted because a conflicting CNAME exists</Message></Messages></InvalidChangeBatch>",
            ),
        ),
    ]);
    let error = Account::replayed(&replay.endpoint).try_create(PATH, wanted).await.unwrap_err();
    assert_eq!((error.fault, error.code.as_str()), (Fault::Refused, "InvalidChangeBatch"));
    assert_eq!(
        error.message,
        "RRSet of type A with DNS name web.dev.sample.net. is not permitted because a conflicting CNAME exists"
    );
    assert_eq!(replay.calls(CHANGE).len(), 1);
}

#[tokio::test]
async fn a_zone_that_is_busy_with_the_last_change_takes_the_next_one_later() {
    let replay = Replay::start(&[
        (LIST, NOTHING),
        (
            CHANGE,
            Answer::Rest(
                400,
                "<ErrorResponse><Error><Type>Sender</Type><Code>PriorRequestNotComplete</Code>\
                 <Message>not yet</Message></Error></ErrorResponse>",
            ),
        ),
        (
            CHANGE,
            Answer::Rest(
                200,
                "<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status>\
                 <SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>",
            ),
        ),
    ]);
    let wanted = record(&Ref::Id("Z1".to_owned()), "web", "A", &["203.0.113.1"]);
    let made = Account::replayed(&replay.endpoint).create(PATH, wanted).await;
    assert_eq!(made, "Z1/web.dev.sample.net/A");
    assert_eq!(replay.calls(CHANGE).len(), 2);
}
