use std::net::Ipv4Addr;

use asiaq_ir::{
    ElasticIp, GatewayEndpoint, InternetGateway, Kind, NatGateway, NetworkInterface, Ref, RouteTable,
    SecurityGroup, Service, VpnAttachment,
};
use asiaq_runtime::Fault;
use aws_sdk_ec2::types::{GatewayType, ResourceType, Tag, TagSpecification};

use crate::account::{Account, refs, vpc};

#[tokio::test]
async fn an_internet_gateway_lives() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let attached = InternetGateway { vpc: Some(vpc) };
    account.lives("igw", attached.clone(), &[]).await;
    account.lives("igw", InternetGateway { vpc: None }, &[attached.into()]).await;
}

#[tokio::test]
async fn an_internet_gateway_that_is_attached_already_is_attached() {
    let account = Account::new();
    let wanted = InternetGateway { vpc: Some(account.vpc().await) };
    let id = account.create("igw", wanted.clone()).await;
    let mut stale = account.found(Kind::InternetGateway, "igw").await.unwrap();
    stale.resource = InternetGateway { vpc: None }.into();
    account.update(&stale, &wanted.into()).await.unwrap();
    assert_eq!(account.found(Kind::InternetGateway, "igw").await.unwrap().id, id);
}

#[tokio::test]
async fn an_elastic_ip_lives_and_every_address_is_a_fact() {
    let account = Account::new();
    let neighbour = account.by_hand.allocate_address().send().await.unwrap();
    account.lives("nat/ip/1", ElasticIp {}, &[]).await;
    let id = account.create("nat/ip/1", ElasticIp {}).await;
    let facts = account.list(Kind::ElasticIp).await.facts.elastic_ips;
    assert_eq!(facts.len(), 2);
    assert!(facts.values().any(|allocation| *allocation == id));
    let theirs: Ipv4Addr = neighbour.public_ip().unwrap().parse().unwrap();
    assert_eq!(facts.get(&theirs).map(String::as_str), neighbour.allocation_id());
}

#[tokio::test]
async fn a_nat_gateway_lives() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let subnet = account.subnet(&vpc, "dmz/subnet/1", "10.0.0.0/24").await;
    let elastic_ip = Ref::Id(account.create("nat/ip/1", ElasticIp {}).await);
    account.lives("nat/1", NatGateway { subnet, elastic_ip }, &[]).await;
}

fn named(kind: ResourceType, name: &str) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(kind)
        .tags(Tag::builder().key("Name").value(name).build())
        .build()
}

/// A VPN gateway that somebody made, by name.
async fn vpn_gateway(account: &Account, name: &str) -> Ref {
    let request = account.by_hand.create_vpn_gateway().r#type(GatewayType::Ipsec1);
    let made = request.tag_specifications(named(ResourceType::VpnGateway, name)).send().await.unwrap();
    Ref::Id(made.vpn_gateway().unwrap().vpn_gateway_id().unwrap().to_owned())
}

#[tokio::test]
async fn a_vpn_gateway_is_attached_and_detached_and_stays() {
    let account = Account::new();
    let gateway = vpn_gateway(&account, "ci").await;
    let wanted = VpnAttachment { gateway: gateway.clone(), vpc: account.vpc().await };
    account.lives("vpc/vpn-gateway", wanted.clone(), &[]).await;
    let facts = account.list(Kind::VpnAttachment).await.facts.vpn_gateways;
    assert_eq!(facts.len(), 1);
    assert_eq!((Some(facts[0].id.as_str()), facts[0].name.as_deref()), (gateway.id(), Some("ci")));
    assert_eq!(facts[0].attached_to, None);
    account.create("vpc/vpn-gateway", wanted.clone()).await;
    account.create("vpc/vpn-gateway", wanted.clone()).await;
    let facts = account.list(Kind::VpnAttachment).await.facts.vpn_gateways;
    assert_eq!(facts[0].attached_to.as_deref(), wanted.vpc.id());
}

#[tokio::test]
async fn a_vpn_gateway_is_not_taken_from_another_vpc() {
    let account = Account::new();
    let gateway = vpn_gateway(&account, "ci").await;
    let other = Ref::Id(account.create("other", vpc("10.1.0.0/16")).await);
    account.create("other/vpn-gateway", VpnAttachment { gateway: gateway.clone(), vpc: other.clone() }).await;
    let wanted = VpnAttachment { gateway, vpc: account.vpc().await };
    let error = account.try_create("vpc/vpn-gateway", wanted).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    assert!(error.message.contains(&format!("is attached to `{}`", other.id().unwrap())), "{error}");
}

#[tokio::test]
async fn an_attachment_of_a_gateway_with_another_name_is_not_ours() {
    let account = Account::new();
    let gateway = vpn_gateway(&account, "office").await;
    account.create("vpc/vpn-gateway", VpnAttachment { gateway, vpc: account.vpc().await }).await;
    assert_eq!(account.list(Kind::VpnAttachment).await.found, []);
}

#[tokio::test]
async fn a_gateway_endpoint_lives_and_its_routes_are_not_the_tables() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let table = RouteTable { vpc: vpc.clone(), subnet: None, routes: [].into(), propagation: None };
    let one = Ref::Id(account.create("web/route-table/1", table.clone()).await);
    let two = Ref::Id(account.create("web/route-table/2", table.clone()).await);
    let first = GatewayEndpoint { vpc, service: Service::S3, route_tables: refs([&one]) };
    let both = GatewayEndpoint { route_tables: refs([&one, &two]), ..first.clone() };
    let second = GatewayEndpoint { route_tables: refs([&two]), ..first.clone() };
    account.create("s3", both.clone()).await;
    assert_eq!(account.found(Kind::RouteTable, "web/route-table/1").await.unwrap().resource, table.into());
    account.delete(&account.found(Kind::GatewayEndpoint, "s3").await.unwrap()).await.unwrap();
    account.lives("s3", first.clone(), &[both.into(), second.into()]).await;
    account.lives("db", GatewayEndpoint { service: Service::DynamoDb, ..first }, &[]).await;
}

#[tokio::test]
async fn a_network_interface_lives() {
    let account = Account::new();
    let vpc = account.vpc().await;
    let subnet = account.subnet(&vpc, "web/subnet/1", "10.0.0.0/24").await;
    let group = |name: &str| SecurityGroup::new(vpc.clone(), name, "x");
    let web = Ref::Id(account.create("web", group("web")).await);
    let ops = Ref::Id(account.create("ops", group("ops")).await);
    let first = NetworkInterface {
        subnet,
        address: Ipv4Addr::new(10, 0, 0, 9),
        groups: refs([&web]),
        description: "floating interface".to_owned(),
    };
    let both = NetworkInterface { groups: refs([&web, &ops]), ..first.clone() };
    let said = NetworkInterface { description: "time & more".to_owned(), ..both.clone() };
    account.lives("time/address/1", first, &[both.into(), said.into()]).await;
}
