use std::collections::BTreeSet;

use asiaq_ir::{GroupRule, IngressRules, Kind, Protocol, Ref, Resource, SecurityGroup, Source};
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId};

use crate::account::Account;

fn rule(protocol: Protocol, from: Option<u16>, to: Option<u16>, source: Source) -> GroupRule {
    GroupRule { protocol, from, to, source, description: String::new() }
}

fn block(text: &str) -> Source {
    Source::Cidr(text.parse().unwrap())
}

fn tcp(port: u16, source: Source) -> GroupRule {
    rule(Protocol::Tcp, Some(port), Some(port), source)
}

async fn group(account: &Account, vpc: &Ref, name: &str) -> Ref {
    let group = SecurityGroup::new(vpc.clone(), name, "a & b");
    Ref::Id(account.create(name, group).await)
}

fn rules<const N: usize>(group: &Ref, rules: [GroupRule; N]) -> IngressRules {
    IngressRules { group: group.clone(), rules: BTreeSet::from(rules) }
}

#[tokio::test]
async fn a_security_group_lives() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let group = SecurityGroup::new(vpc, "ci_web", "Customers & co");
    account.lives("web", group, &[]).await;
}

#[tokio::test]
async fn ingress_rules_live() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let (web, ops) = (group(&account, &vpc, "web").await, group(&account, &vpc, "ops").await);
    let first = rules(&web, [tcp(22, Source::Group(ops.clone())), tcp(443, block("0.0.0.0/0"))]);
    let more = rules(
        &web,
        [
            tcp(443, block("0.0.0.0/0")),
            tcp(443, block("10.0.0.0/8")),
            tcp(443, Source::Group(web.clone())),
            GroupRule { description: "the tests".to_owned(), ..tcp(80, block("10.0.0.0/8")) },
        ],
    );
    let said = rules(
        &web,
        [
            GroupRule { description: "everybody".to_owned(), ..tcp(443, block("0.0.0.0/0")) },
            GroupRule { description: "everything".to_owned(), ..tcp(80, block("10.0.0.0/8")) },
        ],
    );
    account.lives("web/ingress", first, &[more.into(), said.into()]).await;
}

#[tokio::test]
async fn every_form_of_protocol_and_ports_comes_back_as_it_went() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let web = group(&account, &vpc, "web").await;
    let here = || block("10.0.0.0/8");
    let wanted = rules(
        &web,
        [
            rule(Protocol::Any, None, None, here()),
            rule(Protocol::Tcp, None, None, here()),
            rule(Protocol::Udp, None, None, here()),
            rule(Protocol::Udp, Some(5000), Some(5999), here()),
            rule(Protocol::Icmp, None, None, here()),
            rule(Protocol::Icmp, Some(8), None, here()),
            rule(Protocol::Icmp, Some(3), Some(4), here()),
            rule(Protocol::Number(50), None, None, here()),
        ],
    );
    account.lives("web/ingress", wanted, &[]).await;
}

#[tokio::test]
async fn a_group_without_rules_has_none_to_find() {
    let account = Account::new();
    let vpc = account.vpc().await;
    group(&account, &vpc, "web").await;
    assert_eq!(account.list(Kind::IngressRules).await.found, []);
}

#[tokio::test]
async fn sources_that_are_never_written_are_found_and_revoked() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let web = group(&account, &vpc, "web").await;
    let kept = tcp(22, block("10.0.0.0/8"));
    account.create("web/ingress", rules(&web, [kept.clone()])).await;
    let by_hand = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
        .prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-12345678").build())
        .ip_ranges(IpRange::builder().cidr_ip("10.1.2.3/16").build());
    let request = account.by_hand.authorize_security_group_ingress().set_group_id(web.id().map(Into::into));
    request.ip_permissions(by_hand.build()).send().await.unwrap();
    let live = account.found(Kind::IngressRules, "web/ingress").await.unwrap();
    let seen = rules(
        &web,
        [
            kept.clone(),
            tcp(443, block("10.1.0.0/16")),
            tcp(443, Source::Other("::/0".to_owned())),
            tcp(443, Source::Other("pl-12345678".to_owned())),
        ],
    );
    assert_eq!(live.resource, seen.clone().into());
    // The emulator keeps host bits, which AWS does not: that one stays.
    let wanted: Resource = rules(&web, [kept, tcp(443, block("10.1.0.0/16"))]).into();
    account.update(&live, &wanted).await.unwrap();
    assert_eq!(account.found(Kind::IngressRules, "web/ingress").await.unwrap().resource, wanted);
}

#[tokio::test]
async fn rules_that_are_there_already_and_rules_that_are_gone_already_are_no_error() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let web = group(&account, &vpc, "web").await;
    let [a, b, c, d] = [1, 2, 3, 4].map(|port| tcp(port, block("10.0.0.0/8")));
    account.create("web/ingress", rules(&web, [a.clone(), b.clone()])).await;
    let mut stale = account.found(Kind::IngressRules, "web/ingress").await.unwrap();
    // As it was planned, `a` was not there and `c` was.
    stale.resource = rules(&web, [b.clone(), c]).into();
    let wanted: Resource = rules(&web, [a, d]).into();
    account.update(&stale, &wanted).await.unwrap();
    assert_eq!(account.found(Kind::IngressRules, "web/ingress").await.unwrap().resource, wanted);
}
