use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Kind, Operator, credential_bucket};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag, Tagging};

use crate::account::{Account, PROJECT, REGION, tags};
use crate::moto;
use crate::proxy::Proxy;

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZ1T3UukjLqPzB0U79LWmWRYqYWdoSVjwzw2qzLuT3N anna@laptop";
const USER: &str = "accounts/users/anna";
const HASH: &str = "$6$planted$K1zv9Q";

/// All accounts of the emulator share the names of buckets.
fn bucket(account: &Account) -> String {
    credential_bucket(REGION, PROJECT, &account.id)
}

async fn account() -> Account {
    let account = Account::new();
    make_bucket(&account).await;
    account
}

async fn make_bucket(account: &Account) {
    let place = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::from(REGION))
        .build();
    account
        .s3()
        .create_bucket()
        .bucket(bucket(account))
        .create_bucket_configuration(place)
        .send()
        .await
        .unwrap();
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn operator(account: &Account, name: &str, uid: Option<u32>) -> Operator {
    Operator {
        name: Operator::place(&bucket(account), name),
        uid,
        groups: set(&["disco_operators", "users"]),
        shell: "/bin/bash".to_owned(),
        home: None,
        ssh_keys: set(&[KEY]),
        active: Some(true),
        is_whole: true,
    }
}

async fn put(account: &Account, key: &str, text: &str) {
    let body = ByteStream::from(text.as_bytes().to_vec());
    account.s3().put_object().bucket(bucket(account)).key(key).body(body).send().await.unwrap();
}

async fn text(account: &Account, key: &str) -> String {
    let answer = account.s3().get_object().bucket(bucket(account)).key(key).send().await.unwrap();
    String::from_utf8(answer.body.collect().await.unwrap().to_vec()).unwrap()
}

async fn tag(account: &Account, key: &str, pairs: &[(&str, &str)]) {
    let list = pairs.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build().unwrap());
    let tags = Tagging::builder().set_tag_set(Some(list.collect())).build().unwrap();
    account.s3().put_object_tagging().bucket(bucket(account)).key(key).tagging(tags).send().await.unwrap();
}

#[tokio::test]
async fn an_operator_lives_and_every_field_changes() {
    let account = account().await;
    let first = operator(&account, "anna", Some(2010));
    let changes = [
        Operator { groups: set(&["users"]), shell: "/bin/zsh".to_owned(), ..first.clone() },
        Operator { home: Some("/srv/anna".to_owned()), ssh_keys: set(&[]), ..first.clone() },
        Operator { active: Some(false), ..first.clone() },
        first.clone(),
    ];
    account.lives("operator/anna", first, &changes.map(Into::into)).await;
}

#[tokio::test]
async fn machines_find_an_account_and_its_group_encrypted() {
    let account = account().await;
    account.create("operator/anna", operator(&account, "anna", None)).await;
    assert_eq!(
        text(&account, USER).await,
        format!(
            "[user]\nid = 2000\ngroups = disco_operators,users\nshell = /bin/bash\nactive = yes\nssh_key_0 = {KEY}\n[group]\nid = 2000\n"
        )
    );
    assert_eq!(text(&account, "accounts/groups/anna").await, "[group]\nid = 2000\n");
    for key in [USER, "accounts/groups/anna"] {
        let head = account.s3().head_object().bucket(bucket(&account)).key(key).send().await.unwrap();
        assert_eq!(head.server_side_encryption.unwrap().as_str(), "AES256", "{key}");
    }
}

#[tokio::test]
async fn a_change_keeps_what_others_wrote() {
    let account = account().await;
    account.create("operator/anna", operator(&account, "anna", None)).await;
    let written = format!(
        "{}password = {HASH}\nnote = on call\n",
        text(&account, USER).await.replace("[group]\nid = 2000\n", "")
    );
    put(&account, USER, &written).await;
    let all = tags(&operator(&account, "anna", None).into(), "operator/anna");
    let pairs: Vec<(&str, &str)> = all.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    tag(&account, USER, &pairs).await;
    let live = account.found(Kind::Operator, "operator/anna").await.unwrap();
    assert!(!format!("{live:?}").contains(HASH), "nobody is shown the hash");
    let wanted = Operator { groups: set(&["users"]), ..operator(&account, "anna", None) };
    account.update(&live, &wanted.into()).await.unwrap();
    assert_eq!(text(&account, USER).await, written.replace("disco_operators,users", "users"));
    assert_eq!(account.found(Kind::Operator, "operator/anna").await.unwrap().tags, all);
}

#[tokio::test]
async fn the_end_of_an_operator_deactivates_it_and_keeps_its_uid() {
    let account = account().await;
    account.create("operator/anna", operator(&account, "anna", None)).await;
    let live = account.found(Kind::Operator, "operator/anna").await.unwrap();
    account.delete(&live).await.unwrap();
    assert_eq!(account.found(Kind::Operator, "operator/anna").await, None);
    let left = text(&account, USER).await;
    assert!(left.contains("id = 2000\n") && left.contains("active = no\n"), "{left}");
    account.create("operator/ben", operator(&account, "ben", None)).await;
    assert!(text(&account, "accounts/users/ben").await.contains("id = 2001\n"));
    // Who comes back has the number of before.
    account.create("operator/anna", operator(&account, "anna", None)).await;
    let back = text(&account, USER).await;
    assert!(back.contains("id = 2000\n") && back.contains("active = yes\n"), "{back}");
    assert!(account.found(Kind::Operator, "operator/anna").await.is_some());
}

#[tokio::test]
async fn operators_that_are_made_together_get_different_uids() {
    let account = account().await;
    put(&account, "accounts/users/old", "[user]\nid = 2001\nactive = no\n").await;
    put(&account, "accounts/groups/ops", "[group]\nid = 2003\n").await;
    let names = ["anna", "ben", "carl", "dora"];
    let made = names.map(|name| {
        let account = &account;
        async move { account.create(&format!("operator/{name}"), operator(account, name, None)).await }
    });
    futures::future::join_all(made).await;
    let mut uids = BTreeSet::new();
    for name in names {
        let live = account.found(Kind::Operator, &format!("operator/{name}")).await.unwrap();
        let asiaq_ir::Resource::Operator(live) = live.resource else { panic!("it is an operator") };
        uids.extend(live.uid);
    }
    assert_eq!(uids, BTreeSet::from([2000, 2002, 2004, 2005]));
}

#[tokio::test]
async fn a_uid_is_never_that_of_somebody_else() {
    let account = account().await;
    put(&account, "accounts/users/old", "[user]\nid = 2001\nactive = no\n").await;
    let refused =
        account.try_create("operator/anna", operator(&account, "anna", Some(2001))).await.unwrap_err();
    assert!(refused.message.contains("`old` has the uid 2001"), "{refused}");
    account.create("operator/anna", operator(&account, "anna", None)).await;
    let live = account.found(Kind::Operator, "operator/anna").await.unwrap();
    let refused = account.update(&live, &operator(&account, "anna", Some(2009)).into()).await.unwrap_err();
    assert!(refused.message.contains("its uid is 2000, not 2009"), "{refused}");
}

#[tokio::test]
async fn an_account_that_others_wrote_is_taken_over_only_as_it_is() {
    let account = account().await;
    let theirs = format!(
        "[user]\nid = 2044\npassword = {HASH}\nssh_key_0 = {KEY}\nshell = /bin/bash\ngroups = users,disco_operators\nactive = yes\n"
    );
    put(&account, USER, &theirs).await;
    put(&account, "accounts/groups/anna", "[group]\nid = 2045\n").await;
    let other = Operator { shell: "/bin/zsh".to_owned(), ..operator(&account, "anna", None) };
    let refused = account.try_create("operator/anna", other).await.unwrap_err();
    assert!(refused.message.contains("with other values of `shell`"), "{refused}");
    assert!(!refused.to_string().contains(HASH));
    assert_eq!(text(&account, USER).await, theirs, "nothing was written");
    assert_eq!(account.found(Kind::Operator, "operator/anna").await, None);
    account.create("operator/anna", operator(&account, "anna", None)).await;
    assert_eq!(text(&account, USER).await, theirs, "no byte of it changed");
    assert_eq!(text(&account, "accounts/groups/anna").await, "[group]\nid = 2045\n");
    let live = account.found(Kind::Operator, "operator/anna").await.unwrap();
    assert_eq!(live.resource, operator(&account, "anna", Some(2044)).into());
}

#[tokio::test]
async fn objects_that_nobody_declared_are_not_read_and_not_touched() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    make_bucket(&account).await;
    put(&account, "accounts/users/theirs", "[user]\nid = 2001\n").await;
    put(&account, "app_auth/web/password", "a secret").await;
    account.create("operator/anna", operator(&account, "anna", None)).await;
    proxy.clear();
    assert_eq!(account.list(Kind::Operator).await.found.len(), 1);
    let read = proxy.calls().iter().filter(|call| call.operation == "GetObject").count();
    assert_eq!(read, 1, "only one's own is read");
    assert_eq!(text(&account, "accounts/users/theirs").await, "[user]\nid = 2001\n");
}

#[tokio::test]
async fn a_group_that_is_gone_is_a_difference() {
    let account = account().await;
    account.create("operator/anna", operator(&account, "anna", None)).await;
    account.s3().delete_object().bucket(bucket(&account)).key("accounts/groups/anna").send().await.unwrap();
    let live = account.found(Kind::Operator, "operator/anna").await.unwrap();
    let broken = Operator { is_whole: false, ..operator(&account, "anna", Some(2000)) };
    assert_eq!(live.resource, broken.into());
    account.update(&live, &operator(&account, "anna", None).into()).await.unwrap();
    assert_eq!(text(&account, "accounts/groups/anna").await, "[group]\nid = 2000\n");
}

#[tokio::test]
async fn the_tags_of_an_operator_change() {
    let account = account().await;
    account.create("operator/anna", operator(&account, "anna", None)).await;
    let live = account.found(Kind::Operator, "operator/anna").await.unwrap();
    let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
    account.retag(&live, &live.resource, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
    let mut expected = tags(&live.resource, "operator/anna");
    expected.remove("Name");
    expected.extend(set);
    assert_eq!(account.found(Kind::Operator, "operator/anna").await.unwrap().tags, expected);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_account_and_loses_no_change() {
    for operation in ["PutObject", "GetObject", "GetObjectTagging", "ListObjectsV2"] {
        let (account, _proxy) = Account::losing(operation);
        make_bucket(&account).await;
        let first = operator(&account, "anna", Some(2010));
        let second = Operator { active: Some(false), ..first.clone() };
        account.lives("operator/anna", first, &[second.into()]).await;
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_named() {
    let account = Account::new();
    let refused = account.try_create("operator/anna", operator(&account, "anna", None)).await.unwrap_err();
    assert!(refused.message.contains("does not exist: create it"), "{refused}");
}
