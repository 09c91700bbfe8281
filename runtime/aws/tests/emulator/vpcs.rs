use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{DhcpOptions, Kind, Ref, Resource, Subnet, Vpc};

use crate::account::{Account, REGION, tags, vpc};

fn options(servers: &[&str]) -> DhcpOptions {
    DhcpOptions {
        domain_name: Some("ci.example.com".to_owned()),
        domain_name_servers: servers.iter().map(ToString::to_string).collect(),
        ntp_servers: vec!["10.0.0.9".to_owned()],
    }
}

#[tokio::test]
async fn a_vpc_lives() {
    let account = Account::new();
    let set = Ref::Id(account.create("dhcp", options(&["10.0.0.2"])).await);
    let first = Vpc { dns_hostnames: true, dhcp_options: Some(set), ..vpc("10.0.0.0/16") };
    let silent = Vpc { dns_support: false, dns_hostnames: false, dhcp_options: None, ..first.clone() };
    account.lives("vpc", first.clone(), &[silent.into(), first.into()]).await;
}

#[tokio::test]
async fn dhcp_options_live_and_keep_their_order() {
    let account = Account::new();
    account.lives("dhcp", options(&["10.0.0.2", "AmazonProvidedDNS", "10.0.0.1"]), &[]).await;
    let bare = DhcpOptions {
        domain_name: None,
        domain_name_servers: vec!["AmazonProvidedDNS".into()],
        ntp_servers: vec![],
    };
    account.lives("dhcp", bare, &[]).await;
}

#[tokio::test]
async fn a_dhcp_option_set_of_somebody_else_counts_as_the_default() {
    let account = Account::new();
    let id = account.create("vpc", vpc("10.0.0.0/16")).await;
    let option =
        aws_sdk_ec2::types::NewDhcpConfiguration::builder().key("domain-name").values("x.org").build();
    let made = account.by_hand.create_dhcp_options().dhcp_configurations(option).send().await.unwrap();
    let set = made.dhcp_options().unwrap().dhcp_options_id().unwrap();
    account.by_hand.associate_dhcp_options().vpc_id(&id).dhcp_options_id(set).send().await.unwrap();
    let found = account.found(Kind::Vpc, "vpc").await.unwrap();
    assert_eq!(found.resource, vpc("10.0.0.0/16").into());
}

#[tokio::test]
async fn a_subnet_lives() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let subnet = Subnet { vpc, cidr: "10.0.4.0/24".parse().unwrap(), zone: "us-west-2b".to_owned() };
    account.lives("web/subnet/1", subnet, &[]).await;
}

#[tokio::test]
async fn every_vpc_is_a_fact_and_only_ours_are_found() {
    let account = Account::new();
    let id = account.create("vpc", vpc("10.0.0.0/16")).await;
    account.by_hand.associate_vpc_cidr_block().vpc_id(&id).cidr_block("10.9.0.0/16").send().await.unwrap();
    let listed = account.list(Kind::Vpc).await;
    assert_eq!(listed.found.len(), 1);
    let ours = listed.facts.vpcs.iter().find(|fact| fact.id == id).unwrap();
    assert_eq!(ours.blocks, ["10.0.0.0/16".parse().unwrap(), "10.9.0.0/16".parse().unwrap()]);
    assert_eq!(ours.address.as_ref().unwrap().as_str(), "ci/vpc");
    assert_eq!(ours.name.as_deref(), Some("a <name> & more"));
    let default = listed.facts.vpcs.iter().find(|fact| fact.id != id).unwrap();
    assert_eq!(default.blocks, ["172.31.0.0/16".parse().unwrap()]);
    assert_eq!(default.address, None);
}

#[tokio::test]
async fn zones_and_subnets_are_facts() {
    let account = Account::new();
    let vpc = account.vpc().await;
    account.subnet(&vpc, "web/subnet/1", "10.0.0.0/24").await;
    let facts = account.list(Kind::Subnet).await.facts;
    assert_eq!(facts.zones, ["a", "b", "c", "d"].map(|zone| format!("{REGION}{zone}")));
    let (address, subnet) = facts.subnets.first_key_value().unwrap();
    assert_eq!((address.as_str(), subnet.zone.as_str()), ("ci/web/subnet/1", "us-west-2a"));
    assert_eq!((Some(subnet.vpc.as_str()), subnet.cidr), (vpc.id(), "10.0.0.0/24".parse().unwrap()));
    assert_eq!(facts.subnets.len(), 1);
}

#[tokio::test]
async fn tags_are_set_and_taken_off_and_others_stay() {
    let account = Account::new();
    account.create("vpc", vpc("10.0.0.0/16")).await;
    let live = account.found(Kind::Vpc, "vpc").await.unwrap();
    let set =
        BTreeMap::from([("team".to_owned(), "web & more".to_owned()), ("Name".to_owned(), "ci".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::new()).await.unwrap();
    let mut wanted = tags(&live.resource, "vpc");
    wanted.extend(set);
    let live = account.found(Kind::Vpc, "vpc").await.unwrap();
    assert_eq!(live.tags, wanted);
    let gone = BTreeSet::from(["team".to_owned(), "never there".to_owned()]);
    account.retag(&live, &live.resource, &BTreeMap::new(), &gone).await.unwrap();
    wanted.remove("team");
    assert_eq!(account.found(Kind::Vpc, "vpc").await.unwrap().tags, wanted);
}

#[tokio::test]
async fn a_block_with_host_bits_is_read_without() {
    let account = Account::new();
    let tags = tags(&vpc("10.0.0.0/16").into(), "vpc");
    let tags = tags.iter().map(|(k, v)| aws_sdk_ec2::types::Tag::builder().key(k).value(v).build()).collect();
    let made = account.by_hand.create_vpc().cidr_block("10.0.1.2/16").send().await.unwrap();
    let id = made.vpc().unwrap().vpc_id().unwrap();
    account.by_hand.create_tags().resources(id).set_tags(Some(tags)).send().await.unwrap();
    let found = account.found(Kind::Vpc, "vpc").await.unwrap();
    assert_eq!(found.resource, Resource::from(vpc("10.0.0.0/16")));
}
