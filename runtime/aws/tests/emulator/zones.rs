use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, HostedZone, HostedZoneFact, Kind, RecordSet, RecordTarget, Ref, Resource};
use asiaq_runtime::{Cloud as _, Fault};
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType, Tag, TagResourceType,
};

use crate::account::{Account, PROJECT, REGION, id, refs, tags, vpc};

const PATH: &str = "zone/world";
const DOMAIN: &str = "dev.sample.net";

fn zone<const N: usize>(vpcs: [&Ref; N]) -> HostedZone {
    HostedZone { domain: DOMAIN.to_owned(), vpcs: refs(vpcs), comment: "of the tests".to_owned() }
}

fn by_hand(account: &Account) -> aws_sdk_route53::Client {
    aws_sdk_route53::Client::new(&account.sdk)
}

/// A record that somebody makes by hand.
async fn record(account: &Account, zone: &str, name: &str, record: &str, value: &str) {
    let value = ResourceRecord::builder().value(value).build().unwrap();
    let set =
        ResourceRecordSet::builder().name(name).r#type(RrType::from(record)).ttl(60).resource_records(value);
    let change = Change::builder().action(ChangeAction::Create).resource_record_set(set.build().unwrap());
    let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
    by_hand(account)
        .change_resource_record_sets()
        .hosted_zone_id(zone)
        .change_batch(batch)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_public_zone_lives() {
    let account = Account::new();
    let other = HostedZone { comment: String::new(), ..zone([]) };
    account.lives(PATH, zone([]), &[other.into()]).await;
}

#[tokio::test]
async fn a_private_zone_lives_and_is_seen_by_others() {
    let account = Account::new();
    let one = account.vpc().await;
    let two = Ref::Id(account.create("other", vpc("10.1.0.0/16")).await);
    let three = Ref::Id(account.create("third", vpc("10.2.0.0/16")).await);
    account.lives(PATH, zone([&one, &two]), &[zone([&two, &three]).into(), zone([&one]).into()]).await;
}

#[tokio::test]
async fn a_public_zone_cannot_become_private() {
    let account = Account::new();
    account.create(PATH, zone([])).await;
    let live = account.found(Kind::HostedZone, PATH).await.unwrap();
    let error = account.update(&live, &zone([&id("vpc-1")]).into()).await.unwrap_err();
    assert!(error.message.contains("declare another zone"), "{}", error.message);
}

#[tokio::test]
async fn a_zone_is_of_the_region_it_was_made_for_and_its_tags_change() {
    let account = Account::new();
    let made = account.create(PATH, zone([])).await;
    let elsewhere = account.aws.list("eu-west-1", Kind::HostedZone, PROJECT).await.unwrap();
    assert_eq!(elsewhere.found, []);
    assert_eq!(elsewhere.facts.hosted_zones.len(), 1);

    let live = account.found(Kind::HostedZone, PATH).await.unwrap();
    let set: BTreeMap<String, String> = (0..12).map(|n| (format!("key-{n}"), "x".to_owned())).collect();
    account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut wanted = tags(&live.resource, PATH);
    wanted.remove("Name");
    wanted.extend(set.clone());
    let live = account.found(Kind::HostedZone, PATH).await.unwrap();
    assert_eq!(live.tags, wanted);
    account.retag(&live, &live.resource, &BTreeMap::new(), &set.into_keys().collect()).await.unwrap();
    let request = by_hand(&account).list_tags_for_resource().resource_type(TagResourceType::Hostedzone);
    let left = request.resource_id(made).send().await.unwrap().resource_tag_set.unwrap();
    let region = left.tags().iter().find(|tag| tag.key() == Some("asiaq:region")).and_then(Tag::value);
    assert_eq!((left.tags().len(), region), (4, Some(REGION)));
}

#[tokio::test]
async fn every_zone_of_the_account_is_a_fact() {
    let account = Account::new();
    let route53 = by_hand(&account);
    // More than a page, and than a batch of tags.
    for number in 0..101 {
        let request = route53.create_hosted_zone().name(format!("z{number}.Sample.net"));
        request.caller_reference(format!("by hand {number}")).send().await.unwrap();
    }
    let made = account.create(PATH, zone([&account.vpc().await])).await;
    let listed = account.list(Kind::HostedZone).await;
    assert_eq!(listed.found.len(), 1);
    assert_eq!(listed.facts.hosted_zones.len(), 102);
    let fact = HostedZoneFact {
        id: made,
        domain: DOMAIN.to_owned(),
        is_private: true,
        address: Some(Address::new("ci", PATH)),
        is_used: false,
    };
    assert!(listed.facts.hosted_zones.contains(&fact), "{:?}", listed.facts.hosted_zones);
    let others = || listed.facts.hosted_zones.iter().filter(|zone| zone.address.is_none());
    assert_eq!(others().count(), 101);
    assert!(others().any(|zone| zone.domain == "z7.sample.net" && !zone.is_private));
}

#[tokio::test]
async fn a_zone_with_the_records_of_others_stays() {
    let account = Account::new();
    let made = account.create(PATH, zone([])).await;
    let live = account.found(Kind::HostedZone, PATH).await.unwrap();
    for number in 0..6 {
        record(&account, &made, &format!("by-hand-{number}.{DOMAIN}"), "A", "203.0.113.1").await;
    }
    record(&account, &made, &format!("sub.{DOMAIN}"), "NS", "ns.example.com").await;
    let error = account.delete(&live).await.unwrap_err();
    assert_eq!(error.fault, Fault::Refused);
    let said = "`dev.sample.net` still has records that somebody else made: `by-hand-0.dev.sample.net` A, ";
    assert!(error.message.starts_with(said), "{}", error.message);
    assert!(error.message.contains(" and 2 more; "), "{}", error.message);
    assert_eq!(account.found(Kind::HostedZone, PATH).await.as_ref(), Some(&live));
}

#[tokio::test]
async fn a_zone_in_which_only_marks_are_left_goes() {
    let account = Account::new();
    let made = account.create(PATH, zone([])).await;
    let name = format!("web.{DOMAIN}");
    let web = RecordSet {
        zone: Ref::Id(made.clone()),
        name: name.clone(),
        record: "A".to_owned(),
        ttl: Some(60),
        target: RecordTarget::Values(["203.0.113.1".to_owned()].into()),
    };
    account.create("zone/world/record/web", web).await;
    // Somebody deletes the record, and knows nothing of its mark.
    let value = ResourceRecord::builder().value("203.0.113.1").build().unwrap();
    let set = ResourceRecordSet::builder().name(name).r#type(RrType::A).ttl(60).resource_records(value);
    let change = Change::builder().action(ChangeAction::Delete).resource_record_set(set.build().unwrap());
    let batch = ChangeBatch::builder().changes(change.build().unwrap()).build().unwrap();
    by_hand(&account)
        .change_resource_record_sets()
        .hosted_zone_id(&made)
        .change_batch(batch)
        .send()
        .await
        .unwrap();
    assert_eq!(account.list(Kind::RecordSet).await.found, []);
    let live = account.found(Kind::HostedZone, PATH).await.unwrap();
    account.delete(&live).await.unwrap();
    assert_eq!(account.list(Kind::HostedZone).await.facts.hosted_zones, []);
}

#[tokio::test]
async fn a_zone_whose_answer_is_lost_is_made_once() {
    for lost in ["CreateHostedZone", "ChangeTagsForResource", "AssociateVPCWithHostedZone"] {
        let (account, _proxy) = Account::losing(lost);
        let one = account.vpc().await;
        let two = Ref::Id(account.create("other", vpc("10.1.0.0/16")).await);
        account.lives(PATH, zone([&one, &two]), &[]).await;
        assert_eq!(account.list(Kind::HostedZone).await.facts.hosted_zones, [], "after {lost}");
    }
}

#[tokio::test]
async fn a_zone_that_never_got_its_tags_is_known_by_its_reference() {
    let account = Account::new();
    let made = account.create(PATH, zone([])).await;
    let route53 = by_hand(&account);
    let bare =
        || route53.change_tags_for_resource().resource_type(TagResourceType::Hostedzone).resource_id(&made);
    let keys = ["Name", "asiaq:project", "asiaq:env", "asiaq:address", "asiaq:region"].map(str::to_owned);
    bare().set_remove_tag_keys(Some(keys.into())).send().await.unwrap();
    let live = account.found(Kind::HostedZone, PATH).await.unwrap();
    assert_eq!((live.id.as_str(), live.tags.len()), (made.as_str(), 0));
    assert_eq!(account.aws.list(REGION, Kind::HostedZone, "another").await.unwrap().found, []);
    let wanted: Resource = zone([]).into();
    account.retag(&live, &wanted, &tags(&wanted, PATH), &BTreeSet::new()).await.unwrap();
    assert_eq!(account.found(Kind::HostedZone, PATH).await.unwrap().tags, tags(&wanted, PATH));
    // One that has tags, and not ours, is somebody's.
    let keys = ["asiaq:project", "asiaq:address"].map(str::to_owned);
    bare().set_remove_tag_keys(Some(keys.into())).send().await.unwrap();
    assert_eq!(account.found(Kind::HostedZone, PATH).await, None);
}
