use std::collections::BTreeSet;

use asiaq_ir::{ElasticIp, InternetGateway, Kind, NatGateway, Ref, Resource, Route, RouteTable};

use crate::account::Account;

fn route(destination: &str, target: &Ref) -> Route {
    Route { destination: destination.parse().unwrap(), target: target.clone() }
}

struct Net {
    account: Account,
    vpc: Ref,
    subnet: Ref,
    igw: Ref,
}

async fn net() -> Net {
    let account = Account::new();
    let vpc = account.vpc().await;
    let subnet = account.subnet(&vpc, "web/subnet/1", "10.0.0.0/24").await;
    let igw = Ref::Id(account.create("igw", InternetGateway { vpc: Some(vpc.clone()) }).await);
    Net { account, vpc, subnet, igw }
}

impl Net {
    fn table<const N: usize>(&self, subnet: Option<&Ref>, routes: [Route; N]) -> RouteTable {
        let routes = BTreeSet::from(routes);
        RouteTable { vpc: self.vpc.clone(), subnet: subnet.cloned(), routes, propagation: None }
    }
}

#[tokio::test]
async fn a_route_table_lives() {
    let net = net().await;
    let elastic_ip = Ref::Id(net.account.create("nat/ip/1", ElasticIp {}).await);
    let nat = NatGateway { subnet: net.subnet.clone(), elastic_ip };
    let nat = Ref::Id(net.account.create("nat/1", nat).await);
    let other = net.account.subnet(&net.vpc, "web/subnet/2", "10.0.1.0/24").await;
    let first = net.table(Some(&net.subnet), [route("0.0.0.0/0", &net.igw), route("8.8.8.0/24", &net.igw)]);
    let rerouted = net.table(Some(&net.subnet), [route("0.0.0.0/0", &nat), route("9.9.9.0/24", &net.igw)]);
    let moved = net.table(Some(&other), [route("0.0.0.0/0", &nat)]);
    let alone = net.table(None, []);
    let changes: [Resource; 4] = [rerouted.into(), moved.into(), alone.into(), first.clone().into()];
    net.account.lives("web/route-table/1", first, &changes).await;
}

#[tokio::test]
async fn a_half_made_route_table_is_finished() {
    let net = net().await;
    net.account.create("web/route-table/1", net.table(None, [])).await;
    let half = net.account.found(Kind::RouteTable, "web/route-table/1").await.unwrap();
    assert_eq!(half.resource, net.table(None, []).into());
    let wanted: Resource = net.table(Some(&net.subnet), [route("0.0.0.0/0", &net.igw)]).into();
    net.account.update(&half, &wanted).await.unwrap();
    assert_eq!(net.account.found(Kind::RouteTable, "web/route-table/1").await.unwrap().resource, wanted);
}

#[tokio::test]
async fn routes_that_are_there_already_and_routes_that_are_gone_already_are_no_error() {
    let net = net().await;
    net.account.create("t", net.table(None, [route("8.8.8.0/24", &net.igw)])).await;
    let mut stale = net.account.found(Kind::RouteTable, "t").await.unwrap();
    stale.resource = net.table(None, [route("9.9.9.0/24", &net.igw)]).into();
    let wanted: Resource = net.table(None, [route("8.8.8.0/24", &net.igw)]).into();
    net.account.update(&stale, &wanted).await.unwrap();
    assert_eq!(net.account.found(Kind::RouteTable, "t").await.unwrap().resource, wanted);
}
