use asiaq_ir::{ElasticIp, Kind, PROJECT_TAG};
use asiaq_runtime::Cloud as _;
use aws_sdk_ec2::types::Tag;

use crate::account::{Account, REGION, vpc};

#[tokio::test]
async fn the_caller_is_known() {
    let account = Account::new();
    let caller = account.aws.identity().await.unwrap();
    assert_eq!(caller.account, account.id);
    assert!(caller.arn.starts_with("arn:aws:"), "{}", caller.arn);
}

#[tokio::test]
async fn an_empty_account_has_nothing_of_ours() {
    let account = Account::new();
    for kind in Kind::ALL {
        assert_eq!(account.list(*kind).await.found, [], "{}", kind.name());
    }
}

#[tokio::test]
async fn another_project_and_what_has_no_address_are_left_alone() {
    let account = Account::new();
    let id = account.create("vpc", vpc("10.0.0.0/16")).await;
    let other = account.aws.list(REGION, Kind::Vpc, "another").await.unwrap();
    assert_eq!(other.found, []);
    assert!(other.facts.vpcs.iter().any(|fact| fact.id == id && fact.address.is_none()));

    let neighbour = account.by_hand.allocate_address().send().await.unwrap();
    let tag = Tag::builder().key(PROJECT_TAG).value("shop").build();
    account
        .by_hand
        .create_tags()
        .resources(neighbour.allocation_id().unwrap())
        .tags(tag)
        .send()
        .await
        .unwrap();
    account.create("nat/ip/1", ElasticIp {}).await;
    let ours = account.list(Kind::ElasticIp).await.found;
    assert_eq!(ours.len(), 1);
    account.delete(&ours[0]).await.unwrap();
    let left = account.by_hand.describe_addresses().send().await.unwrap();
    assert_eq!(left.addresses().len(), 1);
}

#[tokio::test]
async fn regions_are_apart() {
    let account = Account::new();
    account.create("vpc", vpc("10.0.0.0/16")).await;
    assert_eq!(account.aws.list("eu-west-1", Kind::Vpc, "shop").await.unwrap().found, []);
}
