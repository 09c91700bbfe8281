use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ClassicHealthCheck, ClassicListener, ClassicLoadBalancer, Kind, Ref, Resource, Scheme, SecurityGroup,
    Stickiness, Subnet, TlsPolicy,
};
use asiaq_runtime::Fault;
use aws_sdk_elasticloadbalancing::types::{Listener, Tag};

use crate::account::{Account, id, refs, tags};
use crate::replay::{Answer, Replay};

const NAME: &str = "3f0c9d1e3f0c9d1e3f0c9d1e3f0c9d1e";
const PATH: &str = "hostclass/web/elb";

/// A VPC with what a load balancer stands in.
struct Place {
    vpc: Ref,
    a: Ref,
    b: Ref,
    groups: [Ref; 2],
}

async fn place(account: &Account) -> Place {
    let vpc = account.vpc().await;
    let mut groups = Vec::new();
    for name in ["web", "ops"] {
        let group = SecurityGroup::new(vpc.clone(), name, "x");
        groups.push(Ref::Id(account.create(name, group).await));
    }
    let [a, b] = [("a", "10.0.0.0/24"), ("b", "10.0.1.0/24")];
    let (a, b) = (subnet(account, &vpc, a).await, subnet(account, &vpc, b).await);
    Place { vpc, a, b, groups: groups.try_into().unwrap() }
}

async fn subnet(account: &Account, vpc: &Ref, (zone, cidr): (&str, &str)) -> Ref {
    let subnet = Subnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone: format!("us-west-2{zone}") };
    Ref::Id(account.create(&format!("web/subnet/{cidr}"), subnet).await)
}

fn listener(port: u16, protocol: &str, to_port: u16, to_protocol: &str) -> ClassicListener {
    ClassicListener {
        port,
        protocol: protocol.to_owned(),
        to_port,
        to_protocol: to_protocol.to_owned(),
        certificate: None,
        tls_policy: None,
    }
}

fn policy(name: &str) -> TlsPolicy {
    TlsPolicy::Named(format!("ELBSecurityPolicy-{name}"))
}

fn balancer(place: &Place) -> ClassicLoadBalancer {
    ClassicLoadBalancer {
        name: NAME.to_owned(),
        scheme: Scheme::Internal,
        subnets: refs([&place.a]),
        groups: refs([&place.groups[0]]),
        listeners: [listener(80, "HTTP", 80, "HTTP"), listener(9001, "TCP", 9001, "TCP")].into(),
        health_check: ClassicHealthCheck {
            target: "HTTP:80/ping".to_owned(),
            interval: 5,
            timeout: 4,
            unhealthy: 2,
            healthy: 2,
        },
        stickiness: None,
        idle_timeout: 300,
        draining: 300,
        cross_zone: true,
        attributes: BTreeMap::new(),
    }
}

/// A server certificate of IAM; its ARN.
async fn certificate(account: &Account, name: &str) -> Ref {
    let iam = aws_sdk_iam::Client::new(&account.sdk);
    let request = iam.upload_server_certificate().server_certificate_name(name);
    let made = request.certificate_body("body").private_key("key").send().await.unwrap();
    Ref::Id(made.server_certificate_metadata().unwrap().arn().to_owned())
}

fn by_hand(account: &Account) -> aws_sdk_elasticloadbalancing::Client {
    aws_sdk_elasticloadbalancing::Client::new(&account.sdk)
}

/// Name in DNS, and the policies of each port.
async fn seen(account: &Account) -> (String, BTreeMap<i32, Vec<String>>) {
    let there = by_hand(account).describe_load_balancers().load_balancer_names(NAME).send().await.unwrap();
    let there = there.load_balancer_descriptions().first().unwrap();
    let ports = there.listener_descriptions().iter();
    let ports = ports.map(|port| (port.listener().unwrap().load_balancer_port, port.policy_names().to_vec()));
    (there.dns_name().unwrap().to_owned(), ports.collect())
}

#[tokio::test]
async fn a_classic_load_balancer_changes_in_place_in_every_field() {
    let account = Account::new();
    let place = place(&account).await;
    let first = balancer(&place);
    account.create(PATH, first.clone()).await;
    let (dns, _) = seen(&account).await;
    let (old, new) = (certificate(&account, "old").await, certificate(&account, "new").await);
    let https = |certificate: &Ref| ClassicListener {
        certificate: Some(certificate.clone()),
        tls_policy: Some(policy("TLS-1-2-2017-01")),
        ..listener(443, "HTTPS", 80, "HTTP")
    };
    let subnets = ClassicLoadBalancer { subnets: refs([&place.a, &place.b]), ..first.clone() };
    let moved = ClassicLoadBalancer { subnets: refs([&place.b]), ..first.clone() };
    let groups = ClassicLoadBalancer { groups: refs([&place.groups[0], &place.groups[1]]), ..moved.clone() };
    let sticky = ClassicLoadBalancer {
        stickiness: Some(Stickiness::Application("session".to_owned())),
        ..groups.clone()
    };
    let encrypted = ClassicLoadBalancer {
        listeners: [https(&old), listener(80, "HTTP", 8080, "HTTP"), listener(9002, "TCP", 9001, "TCP")]
            .into(),
        ..sticky.clone()
    };
    let renewed = ClassicLoadBalancer {
        listeners: [https(&new), listener(80, "HTTP", 8080, "HTTP"), listener(9002, "TCP", 9001, "TCP")]
            .into(),
        ..encrypted.clone()
    };
    let older = |listeners: BTreeSet<ClassicListener>| {
        let with = |listener: ClassicListener| ClassicListener {
            tls_policy: listener.tls_policy.as_ref().map(|_| policy("2015-05")),
            ..listener
        };
        listeners.into_iter().map(with).collect()
    };
    let another_policy =
        ClassicLoadBalancer { listeners: older(renewed.listeners.clone()), ..renewed.clone() };
    let own_cookie =
        ClassicLoadBalancer { stickiness: Some(Stickiness::Balancer(Some(3600))), ..renewed.clone() };
    let session = ClassicLoadBalancer { stickiness: Some(Stickiness::Balancer(None)), ..renewed.clone() };
    let loose = ClassicLoadBalancer { stickiness: None, ..session.clone() };
    let check = ClassicLoadBalancer {
        health_check: ClassicHealthCheck {
            target: "TCP:8080".to_owned(),
            interval: 30,
            timeout: 5,
            unhealthy: 3,
            healthy: 10,
        },
        ..loose.clone()
    };
    let attributes =
        ClassicLoadBalancer { idle_timeout: 60, draining: 0, cross_zone: false, ..check.clone() };
    let slow = ClassicLoadBalancer { draining: 20, ..attributes.clone() };
    for wanted in [
        subnets,
        moved,
        groups,
        sticky,
        encrypted,
        renewed,
        another_policy,
        own_cookie,
        session,
        loose,
        check,
        attributes,
        slow,
    ] {
        let live = account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap();
        let wanted: Resource = wanted.into();
        account.update(&live, &wanted).await.unwrap();
        assert_eq!(account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap().resource, wanted);
        assert_eq!(seen(&account).await.0, dns, "it is the same one");
    }
}

#[tokio::test]
async fn a_classic_load_balancer_lives() {
    let account = Account::new();
    let place = place(&account).await;
    let first = ClassicLoadBalancer {
        scheme: Scheme::InternetFacing,
        stickiness: Some(Stickiness::Balancer(None)),
        ..balancer(&place)
    };
    let plain = ClassicLoadBalancer { stickiness: None, ..first.clone() };
    account.lives(PATH, first, &[plain.into()]).await;
}

#[tokio::test]
async fn its_tags_change() {
    let account = Account::new();
    let place = place(&account).await;
    account.create(PATH, balancer(&place)).await;
    let live = account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut wanted = tags(&live.resource, PATH);
    wanted.remove("Name");
    wanted.extend(set);
    assert_eq!(account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap().tags, wanted);
}

#[tokio::test]
async fn a_cookie_is_on_every_port_that_speaks_http_and_the_next_one_takes_its_place_at_once() {
    let account = Account::new();
    let place = place(&account).await;
    let sticky = |stickiness| ClassicLoadBalancer {
        listeners: [
            listener(80, "HTTP", 80, "HTTP"),
            listener(81, "HTTP", 80, "HTTP"),
            listener(9001, "TCP", 9001, "TCP"),
        ]
        .into(),
        stickiness: Some(stickiness),
        ..balancer(&place)
    };
    account.create(PATH, sticky(Stickiness::Application("one".to_owned()))).await;
    let policies = |name: &str| {
        BTreeMap::from([(80, vec![name.to_owned()]), (81, vec![name.to_owned()]), (9001, vec![])])
    };
    assert_eq!(seen(&account).await.1, policies("session-cookie-policy"));

    // The emulator deletes no policy that a port still has, and sets none that is not there.
    let live = account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap();
    let wanted: Resource = sticky(Stickiness::Application("two".to_owned())).into();
    account.update(&live, &wanted).await.unwrap();
    assert_eq!(seen(&account).await.1, policies("session-cookie-policy-2"));
    let elb = by_hand(&account);
    let left = elb.describe_load_balancer_policies().load_balancer_name(NAME).send().await.unwrap();
    assert_eq!(left.policy_descriptions().len(), 1);

    // Somebody takes it from one port: that is a difference, and is mended.
    let off = elb.set_load_balancer_policies_of_listener().load_balancer_name(NAME).load_balancer_port(81);
    off.set_policy_names(Some(vec![])).send().await.unwrap();
    let live = account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap();
    assert_ne!(live.resource, wanted);
    account.update(&live, &wanted).await.unwrap();
    assert_eq!(account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap().resource, wanted);
    assert_eq!(seen(&account).await.1, policies("session-cookie-policy-2"));
}

#[tokio::test]
async fn policies_of_others_stay_on_their_ports() {
    let account = Account::new();
    let place = place(&account).await;
    account.create(PATH, balancer(&place)).await;
    let elb = by_hand(&account);
    let made = elb.create_load_balancer_policy().load_balancer_name(NAME).policy_name("tls");
    made.policy_type_name("SSLNegotiationPolicyType").send().await.unwrap();
    let set = elb.set_load_balancer_policies_of_listener().load_balancer_name(NAME).load_balancer_port(80);
    set.policy_names("tls").send().await.unwrap();
    let mut live = account.found(Kind::ClassicLoadBalancer, PATH).await.unwrap();
    let plain = live.resource.clone();
    let sticky: Resource =
        ClassicLoadBalancer { stickiness: Some(Stickiness::Balancer(None)), ..balancer(&place) }.into();
    account.update(&live, &sticky).await.unwrap();
    assert_eq!(seen(&account).await.1[&80], ["tls", "session-cookie-policy"]);
    live.resource = sticky;
    account.update(&live, &plain).await.unwrap();
    assert_eq!(seen(&account).await.1[&80], ["tls"]);
}

#[tokio::test]
async fn a_cookie_without_a_port_for_it_is_refused() {
    let account = Account::new();
    let place = place(&account).await;
    let wanted = ClassicLoadBalancer {
        listeners: [listener(9001, "TCP", 9001, "TCP")].into(),
        stickiness: Some(Stickiness::Balancer(None)),
        ..balancer(&place)
    };
    let error = account.try_create(PATH, wanted).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert!(error.message.starts_with("a cookie needs a port that speaks HTTP"), "{}", error.message);
}

#[tokio::test]
async fn a_subnet_takes_the_place_of_another_one_of_its_zone() {
    let account = Account::new();
    let place = place(&account).await;
    let first = ClassicLoadBalancer { subnets: refs([&place.a, &place.b]), ..balancer(&place) };
    let other = subnet(&account, &place.vpc, ("a", "10.0.2.0/24")).await;
    let second = ClassicLoadBalancer { subnets: refs([&other, &place.b]), ..first.clone() };
    account.lives(PATH, first, &[second.into()]).await;
}

#[tokio::test]
async fn the_load_balancers_of_others_are_theirs() {
    let account = Account::new();
    let place = place(&account).await;
    let elb = by_hand(&account);
    let neighbour = |name: String| {
        let port =
            Listener::builder().protocol("TCP").load_balancer_port(22).instance_port(22).build().unwrap();
        let tag = Tag::builder().key("asiaq:project").value("another").build().unwrap();
        let request = elb.create_load_balancer().load_balancer_name(name).listeners(port).tags(tag);
        request.subnets(place.a.id().unwrap()).security_groups(place.groups[0].id().unwrap()).send()
    };
    // More than a page of the emulator's, and than a batch of tags.
    for number in 0..51 {
        neighbour(format!("other-{number}")).await.unwrap();
    }
    account.create(PATH, balancer(&place)).await;
    let listed = account.list(Kind::ClassicLoadBalancer).await.found;
    assert_eq!(listed.len(), 1);
    account.delete(&listed[0]).await.unwrap();

    // A name that somebody else's has is refused, and that one stays as it is.
    neighbour(NAME.to_owned()).await.unwrap();
    let error = account.try_create(PATH, balancer(&place)).await.unwrap_err();
    assert_eq!(error.code, "DuplicateLoadBalancerName");
    assert!(
        error.message.contains(NAME) && error.message.contains("no tags say whose it is"),
        "{}",
        error.message
    );
    let pages = elb.describe_load_balancers().into_paginator().items().send();
    let left: Vec<_> = pages.collect::<Result<_, _>>().await.unwrap();
    assert_eq!(left.len(), 52);
    let ports = left
        .iter()
        .filter(|one| one.load_balancer_name() == Some(NAME))
        .map(|one| one.listener_descriptions().len());
    assert_eq!(ports.collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_classic_load_balancer_whose_answer_is_lost_is_made_once_and_finished() {
    for lost in ["CreateLoadBalancer", "CreateAppCookieStickinessPolicy", "ConfigureHealthCheck"] {
        let (account, _proxy) = Account::losing(lost);
        let place = place(&account).await;
        let wanted = ClassicLoadBalancer {
            stickiness: Some(Stickiness::Application("session".to_owned())),
            ..balancer(&place)
        };
        account.lives(PATH, wanted, &[]).await;
    }
}

#[tokio::test]
async fn one_that_is_gone_has_nothing_to_delete_and_cannot_be_changed() {
    let account = Account::new();
    let place =
        Place { vpc: id("vpc-1"), a: id("subnet-1"), b: id("subnet-2"), groups: [id("sg-1"), id("sg-2")] };
    let live = crate::account::found(NAME, balancer(&place));
    account.delete(&live).await.unwrap();
    let wanted = ClassicLoadBalancer { idle_timeout: 1, ..balancer(&place) };
    let error = account.update(&live, &wanted.into()).await.unwrap_err();
    assert_eq!((error.fault, error.code.as_str()), (Fault::Refused, "LoadBalancerNotFound"));
}

/// What the emulator has no time for: one goes between two calls.
#[tokio::test]
async fn tags_are_asked_for_one_by_one_where_one_has_just_gone() {
    let one = |name: &'static str| {
        format!("<member><LoadBalancerName>{name}</LoadBalancerName><Scheme>internal</Scheme></member>")
    };
    let listed = format!(
        "<DescribeLoadBalancersResult><LoadBalancerDescriptions>{}{}</LoadBalancerDescriptions>\
         </DescribeLoadBalancersResult>",
        one("gone"),
        one(NAME)
    );
    let tagged = format!(
        "<DescribeTagsResult><TagDescriptions><member><LoadBalancerName>{NAME}</LoadBalancerName><Tags>\
         <member><Key>asiaq:project</Key><Value>shop</Value></member>\
         <member><Key>asiaq:address</Key><Value>ci/{PATH}</Value></member>\
         </Tags></member></TagDescriptions></DescribeTagsResult>"
    );
    let replay = Replay::start(&[
        ("DescribeLoadBalancers", Answer::Ok(listed.leak())),
        ("DescribeTags", Answer::Refused("LoadBalancerNotFound", "one is gone")),
        ("DescribeTags", Answer::Refused("LoadBalancerNotFound", "it is gone")),
        ("DescribeTags", Answer::Ok(tagged.leak())),
        ("DescribeLoadBalancerAttributes", Answer::Ok("<DescribeLoadBalancerAttributesResult/>")),
        ("ListCertificates", Answer::Json("{}")),
        (
            "ListServerCertificates",
            Answer::Ok(
                "<ListServerCertificatesResult><ServerCertificateMetadataList/></ListServerCertificatesResult>",
            ),
        ),
    ]);
    let found = Account::replayed(&replay.endpoint).list(Kind::ClassicLoadBalancer).await.found;
    assert_eq!(found.iter().map(|found| found.id.as_str()).collect::<Vec<_>>(), [NAME]);
    let asked = replay.calls("DescribeTags");
    let names = |call: &crate::replay::Call| {
        call.iter()
            .filter(|(key, _)| key.starts_with("LoadBalancerNames"))
            .map(|(_, name)| name.clone())
            .collect()
    };
    assert_eq!(
        asked.iter().map(names).collect::<Vec<Vec<String>>>(),
        [vec!["gone".to_owned(), NAME.to_owned()], vec!["gone".to_owned()], vec![NAME.to_owned()]]
    );
}
