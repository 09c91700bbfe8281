use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    BalancerFamily, Kind, Listener, LoadBalancer, Redirect, Ref, Resource, Scheme, SecurityGroup, Stickiness,
    Subnet, TargetGroup, TargetHealthCheck, TlsPolicy,
};
use asiaq_runtime::Fault;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, RedirectActionConfig, RedirectActionStatusCodeEnum, Tag,
};

use crate::account::{Account, found, id, refs, tags};
use crate::replay::{Answer, Replay};

const PATH: &str = "hostclass/web/lb";
const GROUP: &str = "hostclass/web/lb/target-group/80";

fn target_group(vpc: &Ref, name: &str, protocol: &str, port: u16) -> TargetGroup {
    let is_http = protocol.starts_with("HTTP");
    TargetGroup {
        name: name.to_owned(),
        vpc: vpc.clone(),
        protocol: protocol.to_owned(),
        port,
        health_check: TargetHealthCheck {
            protocol: if is_http { "HTTP" } else { "TCP" }.to_owned(),
            port,
            path: is_http.then(|| "/ping".to_owned()),
            interval: 10,
            timeout: 5,
            unhealthy: 2,
            healthy: 3,
        },
        draining: 120,
        stickiness: None,
        attributes: [].into(),
    }
}

async fn subnet(account: &Account, vpc: &Ref, zone: &str, cidr: &str) -> Ref {
    let subnet = Subnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone: format!("us-west-2{zone}") };
    Ref::Id(account.create(&format!("web/subnet/{cidr}"), subnet).await)
}

async fn group(account: &Account, vpc: &Ref, name: &str) -> Ref {
    let group = SecurityGroup::new(vpc.clone(), name, "x");
    Ref::Id(account.create(name, group).await)
}

fn policy(name: &str) -> TlsPolicy {
    TlsPolicy::Named(format!("ELBSecurityPolicy-{name}"))
}

fn listener(port: u16, protocol: &str, target: &Ref) -> Listener {
    Listener {
        port,
        protocol: protocol.to_owned(),
        certificate: None,
        tls_policy: None,
        further_certificates: None,
        target: Some(target.clone()),
        redirect: None,
    }
}

/// A load balancer of a family in two subnets of a VPC, without ports.
async fn balancer(account: &Account, vpc: &Ref, family: BalancerFamily) -> LoadBalancer {
    let (a, b) =
        (subnet(account, vpc, "a", "10.0.0.0/24").await, subnet(account, vpc, "b", "10.0.1.0/24").await);
    let is_network = family == BalancerFamily::Network;
    LoadBalancer {
        name: "ci-web".to_owned(),
        family,
        scheme: Scheme::Internal,
        subnets: refs([&a, &b]),
        groups: refs([&group(account, vpc, "web").await]),
        listeners: BTreeSet::new(),
        listener_rules: BTreeSet::new(),
        idle_timeout: (!is_network).then_some(300),
        cross_zone: is_network.then_some(true),
        attributes: [].into(),
    }
}

async fn certificate(account: &Account, name: &str) -> Ref {
    let iam = aws_sdk_iam::Client::new(&account.sdk);
    let request = iam.upload_server_certificate().server_certificate_name(name);
    let made = request.certificate_body("body").private_key("key").send().await.unwrap();
    Ref::Id(made.server_certificate_metadata().unwrap().arn().to_owned())
}

fn by_hand(account: &Account) -> aws_sdk_elasticloadbalancingv2::Client {
    aws_sdk_elasticloadbalancingv2::Client::new(&account.sdk)
}

#[tokio::test]
async fn a_target_group_lives_and_changes_in_place() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let first = target_group(&vpc, "ci-web", "HTTP", 80);
    let check = TargetGroup {
        health_check: TargetHealthCheck {
            protocol: "HTTPS".to_owned(),
            port: 8443,
            path: Some("/other".to_owned()),
            interval: 30,
            timeout: 6,
            unhealthy: 4,
            healthy: 5,
        },
        ..first.clone()
    };
    let sticky =
        TargetGroup { stickiness: Some(Stickiness::Application("session".to_owned())), ..check.clone() };
    let timed =
        TargetGroup { stickiness: Some(Stickiness::Balancer(Some(3600))), draining: 0, ..check.clone() };
    let daily = TargetGroup { stickiness: Some(Stickiness::Balancer(None)), ..timed.clone() };
    let plain = TargetGroup { stickiness: None, draining: 300, ..timed.clone() };
    account
        .lives(GROUP, first, &[check.into(), sticky.into(), timed.into(), daily.into(), plain.into()])
        .await;
}

#[tokio::test]
async fn a_target_group_of_connections_keeps_clients_by_their_address() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let first = target_group(&vpc, "ci-web", "TCP", 9001);
    let sticky = TargetGroup { stickiness: Some(Stickiness::Balancer(None)), ..first.clone() };
    let plain = TargetGroup { draining: 10, ..first.clone() };
    let asked = TargetHealthCheck {
        protocol: "HTTP".to_owned(),
        path: Some("/ping".to_owned()),
        ..first.health_check.clone()
    };
    let asked = TargetGroup { health_check: asked, ..plain.clone() };
    account.lives(GROUP, first, &[sticky.into(), plain.clone().into(), asked.into(), plain.into()]).await;
}

#[tokio::test]
async fn an_application_load_balancer_lives_and_changes_in_place() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let one = Ref::Id(account.create(GROUP, target_group(&vpc, "one", "HTTP", 80)).await);
    let two = Ref::Id(
        account.create("hostclass/web/lb/target-group/81", target_group(&vpc, "two", "HTTP", 81)).await,
    );
    let (old, new) = (certificate(&account, "old").await, certificate(&account, "new").await);
    let https = |certificate: &Ref, target: &Ref| Listener {
        certificate: Some(certificate.clone()),
        tls_policy: Some(policy("TLS13-1-2-2021-06")),
        ..listener(443, "HTTPS", target)
    };
    let bare = balancer(&account, &vpc, BalancerFamily::Application).await;
    let first = LoadBalancer { listeners: [listener(80, "HTTP", &one)].into(), ..bare.clone() };
    let more =
        LoadBalancer { listeners: [listener(80, "HTTP", &one), https(&old, &one)].into(), ..bare.clone() };
    let stronger = Listener { tls_policy: Some(policy("TLS13-1-3-2021-06")), ..https(&old, &one) };
    let stronger = LoadBalancer { listeners: [listener(80, "HTTP", &one), stronger].into(), ..bare.clone() };
    let renewed =
        LoadBalancer { listeners: [listener(80, "HTTP", &two), https(&new, &one)].into(), ..bare.clone() };
    let encrypted = Listener { port: 80, ..https(&new, &two) };
    let turned =
        LoadBalancer { listeners: [encrypted.clone(), listener(443, "HTTP", &two)].into(), ..bare.clone() };
    let fewer = LoadBalancer { listeners: [encrypted].into(), ..bare.clone() };
    let third = subnet(&account, &vpc, "c", "10.0.2.0/24").await;
    let moved = LoadBalancer {
        subnets: bare.subnets.iter().skip(1).cloned().chain([third]).collect(),
        groups: refs([&group(&account, &vpc, "ops").await]),
        idle_timeout: Some(60),
        ..fewer.clone()
    };
    account
        .lives(
            PATH,
            first,
            &[more.into(), stronger.into(), renewed.into(), turned.into(), fewer.into(), moved.into()],
        )
        .await;
}

#[tokio::test]
async fn redirects_and_further_certificates_change_in_place() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let one = Ref::Id(account.create(GROUP, target_group(&vpc, "one", "HTTP", 80)).await);
    let [shop, old, older] = [
        certificate(&account, "shop").await,
        certificate(&account, "old").await,
        certificate(&account, "older").await,
    ];
    let https = |further: &[&Ref]| {
        let further: BTreeSet<Ref> = further.iter().copied().cloned().collect();
        Listener {
            certificate: Some(shop.clone()),
            tls_policy: Some(policy("TLS13-1-2-2021-06")),
            further_certificates: Some(further).filter(|further| !further.is_empty()),
            ..listener(443, "HTTPS", &one)
        }
    };
    let redirect = |port: u16| Listener {
        target: None,
        redirect: Some(Redirect { protocol: "HTTPS".to_owned(), port }),
        ..listener(80, "HTTP", &one)
    };
    let bare = balancer(&account, &vpc, BalancerFamily::Application).await;
    let with = |listeners: [Listener; 2]| LoadBalancer { listeners: listeners.into(), ..bare.clone() };
    let renewed = Listener { certificate: Some(older.clone()), ..https(&[&old]) };
    account
        .lives(
            PATH,
            with([redirect(443), https(&[&old])]),
            &[
                with([redirect(8443), https(&[&old, &older])]).into(),
                with([listener(80, "HTTP", &one), https(&[&old])]).into(),
                with([redirect(443), renewed]).into(),
                with([redirect(443), https(&[])]).into(),
            ],
        )
        .await;
}

#[tokio::test]
async fn a_network_load_balancer_lives_and_changes_in_place() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let tcp = Ref::Id(account.create(GROUP, target_group(&vpc, "tcp", "TCP", 9001)).await);
    let udp = Ref::Id(
        account.create("hostclass/web/lb/target-group/53", target_group(&vpc, "udp", "UDP", 53)).await,
    );
    let certificate = certificate(&account, "web").await;
    let bare = balancer(&account, &vpc, BalancerFamily::Network).await;
    let first = LoadBalancer {
        scheme: Scheme::InternetFacing,
        listeners: [listener(9001, "TCP", &tcp), listener(53, "UDP", &udp)].into(),
        ..bare
    };
    let tls_policy = Some(policy("TLS-1-2-2017-01"));
    let tls = Listener { certificate: Some(certificate), tls_policy, ..listener(9001, "TLS", &tcp) };
    let encrypted = LoadBalancer { listeners: [tls, listener(53, "UDP", &udp)].into(), ..first.clone() };
    let apart = LoadBalancer { cross_zone: Some(false), ..first.clone() };
    account.lives(PATH, first, &[encrypted.into(), apart.into()]).await;
}

#[tokio::test]
async fn tags_of_both_change() {
    let account = Account::new();
    let vpc = account.vpc().await;
    account.create(GROUP, target_group(&vpc, "ci-web", "HTTP", 80)).await;
    account.create(PATH, balancer(&account, &vpc, BalancerFamily::Application).await).await;
    for (kind, path) in [(Kind::TargetGroup, GROUP), (Kind::LoadBalancer, PATH)] {
        let live = account.found(kind, path).await.unwrap();
        let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
        account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
        let mut wanted = tags(&live.resource, path);
        wanted.remove("Name");
        wanted.extend(set);
        assert_eq!(account.found(kind, path).await.unwrap().tags, wanted);
    }
}

#[tokio::test]
async fn a_port_that_was_made_to_do_something_else_is_a_difference_and_is_mended() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let one = Ref::Id(account.create(GROUP, target_group(&vpc, "one", "HTTP", 80)).await);
    let bare = balancer(&account, &vpc, BalancerFamily::Application).await;
    let wanted: Resource = LoadBalancer { listeners: [listener(80, "HTTP", &one)].into(), ..bare }.into();
    let arn = account.create(PATH, wanted.clone()).await;
    let elb = by_hand(&account);
    let port = elb.describe_listeners().load_balancer_arn(&arn).send().await.unwrap().listeners()[0].clone();
    let elsewhere = RedirectActionConfig::builder()
        .host("x.example.com")
        .status_code(RedirectActionStatusCodeEnum::Http302);
    let redirect = Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(elsewhere.build());
    let request =
        elb.modify_listener().listener_arn(port.listener_arn().unwrap()).default_actions(redirect.build());
    request.send().await.unwrap();
    let live = account.found(Kind::LoadBalancer, PATH).await.unwrap();
    assert_ne!(live.resource, wanted);
    account.update(&live, &wanted).await.unwrap();
    assert_eq!(account.found(Kind::LoadBalancer, PATH).await.unwrap().resource, wanted);
    let ports = elb.describe_listeners().load_balancer_arn(&arn).send().await.unwrap();
    assert_eq!(ports.listeners()[0].listener_arn(), port.listener_arn(), "it is the same port");
}

#[tokio::test]
async fn load_balancers_and_groups_of_others_are_theirs() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let elb = by_hand(&account);
    let wanted = balancer(&account, &vpc, BalancerFamily::Application).await;
    let tag = Tag::builder().key("asiaq:project").value("another").build();
    // More than a page of the emulator's, and than a batch of tags.
    for number in 0..51 {
        let request = elb.create_target_group().name(format!("other-{number}")).tags(tag.clone());
        request.protocol("HTTP".into()).port(80).vpc_id(vpc.id().unwrap()).send().await.unwrap();
        let subnets = wanted.subnets.iter().map(|subnet| subnet.id().unwrap().to_owned()).collect();
        let request = elb.create_load_balancer().name(format!("other-{number}")).set_subnets(Some(subnets));
        request.tags(tag.clone()).send().await.unwrap();
    }
    account.create(GROUP, target_group(&vpc, "ci-web", "HTTP", 80)).await;
    account.create(PATH, wanted.clone()).await;
    for kind in [Kind::LoadBalancer, Kind::TargetGroup] {
        let listed = account.list(kind).await.found;
        assert_eq!(listed.len(), 1, "{}", kind.name());
        account.delete(&listed[0]).await.unwrap();
    }
    let error =
        account.try_create(PATH, LoadBalancer { name: "other-1".to_owned(), ..wanted }).await.unwrap_err();
    assert_eq!((error.fault, error.code.as_str()), (Fault::Refused, "DuplicateLoadBalancerName"));
    let error = account.try_create(GROUP, target_group(&vpc, "other-1", "HTTP", 80)).await.unwrap_err();
    assert_eq!((error.fault, error.code.as_str()), (Fault::Refused, "DuplicateTargetGroupName"));
    let pages = elb.describe_load_balancers().into_paginator().items().send();
    let left: Vec<_> = pages.collect::<Result<_, _>>().await.unwrap();
    let pages = elb.describe_target_groups().into_paginator().items().send();
    let groups: Vec<_> = pages.collect::<Result<_, _>>().await.unwrap();
    assert_eq!((left.len(), groups.len()), (51, 51));
}

#[tokio::test]
async fn what_lost_its_answer_is_made_once_and_finished() {
    for lost in ["CreateLoadBalancer", "CreateListener", "ModifyLoadBalancerAttributes"] {
        let (account, _proxy) = Account::losing(lost);
        let vpc = account.vpc().await;
        let one = Ref::Id(account.create(GROUP, target_group(&vpc, "one", "HTTP", 80)).await);
        let bare = balancer(&account, &vpc, BalancerFamily::Application).await;
        account
            .lives(PATH, LoadBalancer { listeners: [listener(80, "HTTP", &one)].into(), ..bare }, &[])
            .await;
    }
    for lost in ["CreateTargetGroup", "ModifyTargetGroupAttributes"] {
        let (account, _proxy) = Account::losing(lost);
        let vpc = account.vpc().await;
        account.lives(GROUP, target_group(&vpc, "one", "HTTP", 80), &[]).await;
    }
}

/// A load balancer as it is replayed.
macro_rules! described {
    ($state:literal) => {
        Answer::Ok(concat!(
            "<DescribeLoadBalancersResult><LoadBalancers><member><LoadBalancerArn>arn:lb</LoadBalancerArn>",
            "<LoadBalancerName>ci-web</LoadBalancerName><Type>application</Type><Scheme>internal</Scheme>",
            $state,
            "</member></LoadBalancers></DescribeLoadBalancersResult>"
        ))
    };
}

fn replayed() -> LoadBalancer {
    LoadBalancer {
        name: "ci-web".to_owned(),
        family: BalancerFamily::Application,
        scheme: Scheme::Internal,
        subnets: refs([&id("subnet-1"), &id("subnet-2")]),
        groups: refs([&id("sg-1")]),
        listeners: BTreeSet::new(),
        listener_rules: BTreeSet::new(),
        idle_timeout: Some(60),
        cross_zone: None,
        attributes: [].into(),
    }
}

const NOT_THERE: Answer = Answer::Refused("LoadBalancerNotFound", "it does not exist");
const MADE: Answer = Answer::Ok(
    "<CreateLoadBalancerResult><LoadBalancers><member><LoadBalancerArn>arn:lb</LoadBalancerArn>\
     <State><Code>provisioning</Code></State></member></LoadBalancers></CreateLoadBalancerResult>",
);

#[tokio::test]
async fn a_load_balancer_is_waited_for() {
    let replay = Replay::start(&[
        ("DescribeLoadBalancers", NOT_THERE),
        ("CreateLoadBalancer", MADE),
        ("DescribeLoadBalancers", NOT_THERE),
        ("DescribeLoadBalancers", described!("<State><Code>provisioning</Code></State>")),
        ("DescribeLoadBalancers", described!("<State><Code>active</Code></State>")),
    ]);
    assert_eq!(Account::replayed(&replay.endpoint).create(PATH, replayed()).await, "arn:lb");
    assert_eq!(replay.calls("DescribeLoadBalancers").len(), 4);
}

#[tokio::test]
async fn a_load_balancer_that_fails_says_why() {
    let replay = Replay::start(&[
        ("DescribeLoadBalancers", NOT_THERE),
        ("CreateLoadBalancer", MADE),
        (
            "DescribeLoadBalancers",
            described!("<State><Code>failed</Code><Reason>no addresses left</Reason></State>"),
        ),
    ]);
    let error = Account::replayed(&replay.endpoint).try_create(PATH, replayed()).await.unwrap_err();
    assert_eq!(
        (error.fault, error.message.as_str()),
        (Fault::Refused, "the load balancer failed: no addresses left")
    );
}

#[tokio::test]
async fn a_load_balancer_is_gone_when_nobody_knows_it_and_its_protection_is_not_ours() {
    let replay = Replay::start(&[
        ("DeleteLoadBalancer", Answer::Ok("<DeleteLoadBalancerResult/>")),
        ("DescribeLoadBalancers", described!("<State><Code>active</Code></State>")),
        ("DescribeLoadBalancers", NOT_THERE),
    ]);
    Account::replayed(&replay.endpoint).delete(&found("arn:lb", replayed())).await.unwrap();
    assert_eq!(replay.calls("DescribeLoadBalancers").len(), 2);

    let replay = Replay::start(&[(
        "DeleteLoadBalancer",
        Answer::Refused("OperationNotPermitted", "deletion protection is enabled"),
    )]);
    let error = Account::replayed(&replay.endpoint).delete(&found("arn:lb", replayed())).await.unwrap_err();
    assert_eq!((error.code.as_str(), replay.actions().len()), ("OperationNotPermitted", 1));
}

#[tokio::test]
async fn a_group_is_deleted_when_its_port_is_gone() {
    let replay = Replay::start(&[
        ("DeleteTargetGroup", Answer::Refused("ResourceInUse", "in use by a listener")),
        ("DeleteTargetGroup", Answer::Ok("<DeleteTargetGroupResult/>")),
        ("DescribeTargetGroups", Answer::Refused("TargetGroupNotFound", "it does not exist")),
    ]);
    let group = target_group(&id("vpc-1"), "ci-web", "HTTP", 80);
    Account::replayed(&replay.endpoint).delete(&found("arn:tg", group)).await.unwrap();
    assert_eq!(replay.actions(), ["DeleteTargetGroup", "DeleteTargetGroup", "DescribeTargetGroups"]);
}
