use std::collections::BTreeMap;

use asiaq_ir::{Address, Kind, PeeringConnection, Ref};
use asiaq_runtime::{Cloud as _, Create};

use crate::account::{Account, PROJECT, REGION, tags, vpc};

async fn two_vpcs(account: &Account) -> PeeringConnection {
    let accepter = Ref::Id(account.create("other", vpc("10.1.0.0/16")).await);
    PeeringConnection {
        requester: account.vpc().await,
        accepter,
        accepter_region: REGION.to_owned(),
        accepter_account: None,
        accepted: true,
    }
}

#[tokio::test]
async fn a_peering_connection_lives() {
    let account = Account::new();
    let peering = two_vpcs(&account).await;
    account.lives("peering/other", peering, &[]).await;
}

#[tokio::test]
async fn a_peering_connection_that_nobody_accepted_is_found_so_and_accepted() {
    let account = Account::new();
    let wanted = two_vpcs(&account).await;
    let request = account
        .by_hand
        .create_vpc_peering_connection()
        .set_vpc_id(wanted.requester.id().map(Into::into))
        .set_peer_vpc_id(wanted.accepter.id().map(Into::into));
    let made = request.send().await.unwrap();
    let id = made.vpc_peering_connection().unwrap().vpc_peering_connection_id().unwrap();
    let tags = tags(&wanted.clone().into(), "peering/other");
    let tags = tags.iter().map(|(k, v)| aws_sdk_ec2::types::Tag::builder().key(k).value(v).build()).collect();
    account.by_hand.create_tags().resources(id).set_tags(Some(tags)).send().await.unwrap();
    let live = account.found(Kind::PeeringConnection, "peering/other").await.unwrap();
    assert_eq!(live.resource, PeeringConnection { accepted: false, ..wanted.clone() }.into());
    account.update(&live, &wanted.clone().into()).await.unwrap();
    let live = account.found(Kind::PeeringConnection, "peering/other").await.unwrap();
    assert_eq!(live.resource, wanted.into());
}

#[tokio::test]
async fn a_peering_connection_between_regions_is_listed_where_it_was_asked_for() {
    const ELSEWHERE: &str = "eu-west-1";
    let account = Account::new();
    let resource = vpc("10.1.0.0/16").into();
    let accepter = account
        .aws
        .create(&Create {
            region: ELSEWHERE,
            address: &Address::new("ci", "far"),
            resource: &resource,
            tags: &BTreeMap::new(),
            token: "token-2",
        })
        .await
        .unwrap();
    let peering = PeeringConnection {
        requester: account.vpc().await,
        accepter: Ref::Id(accepter),
        accepter_region: ELSEWHERE.to_owned(),
        accepter_account: None,
        accepted: true,
    };
    account.create("peering/far", peering.clone()).await;
    assert_eq!(account.found(Kind::PeeringConnection, "peering/far").await.unwrap().resource, peering.into());
    let there = account.aws.list(ELSEWHERE, Kind::PeeringConnection, PROJECT).await.unwrap();
    assert_eq!(there.found, []);
}
