//! Roles, policies, user groups, users and identity providers.

mod calls;
mod others;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_iam::document::canonical;
use asiaq_ir::{
    InlinePolicy, InstanceProfile, Kind, ManagedPolicy, Needs, Resource, Role, SamlProvider, User, UserGroup,
};
use asiaq_runtime::{Cloud as _, Found, Intent};

use crate::account::{Account, PROJECT, REGION, id, refs, tags};

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn allow(action: &str) -> String {
    canonical(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    ))
}

fn trust(principal: &str) -> String {
    canonical(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
    ))
}

fn of_ec2() -> String {
    trust(r#"{"Service":"ec2.amazonaws.com"}"#)
}

fn inline(name: &str, action: &str) -> InlinePolicy {
    InlinePolicy { name: name.to_owned(), document: allow(action) }
}

fn policy(name: &str, action: &str) -> ManagedPolicy {
    ManagedPolicy { name: name.to_owned(), path: "/".to_owned(), description: None, document: allow(action) }
}

fn role(name: &str) -> Role {
    Role {
        name: name.to_owned(),
        path: "/team/".to_owned(),
        description: None,
        trust: of_ec2(),
        max_session: 3600,
        boundary: None,
        policies: BTreeSet::new(),
        inline: BTreeSet::new(),
    }
}

fn user(name: &str) -> User {
    User {
        name: name.to_owned(),
        path: "/".to_owned(),
        boundary: None,
        policies: BTreeSet::new(),
        inline: BTreeSet::new(),
        groups: BTreeSet::new(),
    }
}

fn group(name: &str) -> UserGroup {
    UserGroup {
        name: name.to_owned(),
        path: "/".to_owned(),
        policies: BTreeSet::new(),
        inline: BTreeSet::new(),
    }
}

fn provider(word: &str) -> SamlProvider {
    let metadata = format!("<EntityDescriptor><!-- {word} {} --></EntityDescriptor>", "x".repeat(1000));
    SamlProvider { name: "okta".to_owned(), metadata }
}

/// AWS by hand.
fn by_hand(account: &Account) -> aws_sdk_iam::Client {
    aws_sdk_iam::Client::new(&account.sdk)
}

/// Why a plan that deletes this alone would be refused.
async fn refusal(account: &Account, found: &Found) -> Option<String> {
    let accounts = BTreeMap::from([("audit".to_owned(), REGION.to_owned())]);
    let needs = Needs { accounts, ..Needs::default() };
    account.aws.survey(&BTreeSet::new(), PROJECT, &needs).await.unwrap();
    let refused = account.aws.refusal(REGION, &Intent::Delete(found), &BTreeSet::new()).await.unwrap();
    refused.map(|error| error.message)
}

#[tokio::test]
async fn a_managed_policy_lives_and_its_document_changes_often() {
    let account = Account::new();
    let first = ManagedPolicy {
        path: "/team/".to_owned(),
        description: Some("reads".to_owned()),
        ..policy("read", "s3:GetObject")
    };
    let actions =
        ["s3:PutObject", "s3:*", "s3:Get*", "sqs:SendMessage", "sns:Publish", "s3:ListBucket", "ec2:*"];
    let changes: Vec<Resource> =
        actions.map(|action| ManagedPolicy { document: allow(action), ..first.clone() }.into()).into();
    account.lives("policy/read", first, &changes).await;
}

#[tokio::test]
async fn the_oldest_version_of_a_policy_goes_and_never_the_one_in_force() {
    let account = Account::new();
    let first = policy("read", "s3:GetObject");
    let arn = account.create("policy/read", first.clone()).await;
    let iam = by_hand(&account);
    for action in ["s3:Get*", "s3:List*", "s3:Put*"] {
        let call = iam.create_policy_version().policy_arn(&arn).policy_document(allow(action));
        call.set_as_default(false).send().await.unwrap();
    }
    for action in ["sqs:*", "sns:*", "ec2:*"] {
        let live = account.found(Kind::ManagedPolicy, "policy/read").await.unwrap();
        let wanted = ManagedPolicy { document: allow(action), ..first.clone() };
        account.update(&live, &wanted.into()).await.unwrap();
    }
    let versions = iam.list_policy_versions().policy_arn(&arn).send().await.unwrap();
    let mut ids: Vec<&str> = versions.versions().iter().filter_map(|version| version.version_id()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["v3", "v4", "v5", "v6", "v7"]);
}

#[tokio::test]
async fn a_role_lives_and_every_field_changes() {
    let account = Account::new();
    let own = id(&account.create("policy/own", policy("own", "s3:*")).await);
    let first = Role { policies: refs([&own]), inline: [inline("a", "s3:*")].into(), ..role("web") };
    let changes: Vec<Role> = vec![
        Role { description: Some("serves".to_owned()), ..first.clone() },
        Role { max_session: 7200, ..first.clone() },
        Role { trust: trust(r#"{"Service":["ec2.amazonaws.com","ecs.amazonaws.com"]}"#), ..first.clone() },
        Role { boundary: Some(own.clone()), ..first.clone() },
        Role { policies: refs([&own, &id(READ_ONLY)]), ..first.clone() },
        Role { policies: refs([&id(ADMINISTRATOR)]), boundary: None, ..first.clone() },
        Role { inline: [inline("a", "sqs:*"), inline("b", "sns:*")].into(), ..first.clone() },
        Role { inline: [inline("b", "sns:*")].into(), policies: BTreeSet::new(), ..first.clone() },
        first.clone(),
    ];
    let changes: Vec<Resource> = changes.into_iter().map(Resource::from).collect();
    account.lives("role/web", first, &changes).await;
}

#[tokio::test]
async fn an_instance_profile_lives_and_its_role_changes() {
    let account = Account::new();
    let [one, two] =
        [account.create("role/one", role("one")).await, account.create("role/two", role("two")).await];
    let first = InstanceProfile { name: "web".to_owned(), path: "/".to_owned(), role: Some(id(&one)) };
    let other = InstanceProfile { role: Some(id(&two)), ..first.clone() };
    account.lives("role/web/profile", first.clone(), &[other.into(), first.into()]).await;
}

#[tokio::test]
async fn a_profile_that_never_got_its_role_is_found_and_gets_it() {
    let account = Account::new();
    let one = id(&account.create("role/one", role("one")).await);
    let bare = InstanceProfile { name: "web".to_owned(), path: "/".to_owned(), role: None };
    account.create("role/web/profile", bare.clone()).await;
    let live = account.found(Kind::InstanceProfile, "role/web/profile").await.unwrap();
    assert_eq!(live.resource, bare.clone().into());
    let wanted = InstanceProfile { role: Some(one), ..bare };
    account.update(&live, &wanted.clone().into()).await.unwrap();
    let live = account.found(Kind::InstanceProfile, "role/web/profile").await.unwrap();
    assert_eq!(live.resource, wanted.into());
}

#[tokio::test]
async fn a_user_group_lives_and_what_it_has_changes() {
    let account = Account::new();
    let first = UserGroup {
        policies: refs([&id(READ_ONLY)]),
        inline: [inline("a", "s3:*")].into(),
        ..group("developers")
    };
    let changes: Vec<UserGroup> = vec![
        UserGroup { policies: refs([&id(ADMINISTRATOR), &id(READ_ONLY)]), ..first.clone() },
        UserGroup { policies: BTreeSet::new(), inline: BTreeSet::new(), ..first.clone() },
        UserGroup { inline: [inline("a", "sqs:*"), inline("b", "s3:*")].into(), ..first.clone() },
    ];
    let changes: Vec<Resource> = changes.into_iter().map(Resource::from).collect();
    account.lives("group/developers", first, &changes).await;
}

#[tokio::test]
async fn a_user_lives_and_what_it_has_changes() {
    let account = Account::new();
    let own = id(&account.create("policy/own", policy("own", "s3:*")).await);
    let [dev, ops] =
        [account.create("group/dev", group("dev")).await, account.create("group/ops", group("ops")).await];
    let first = User { groups: refs([&id(&dev)]), policies: refs([&own]), ..user("alice") };
    let changes: Vec<User> = vec![
        User { groups: refs([&id(&dev), &id(&ops)]), ..first.clone() },
        User { groups: refs([&id(&ops)]), policies: BTreeSet::new(), ..first.clone() },
        User { boundary: Some(own.clone()), inline: [inline("a", "s3:*")].into(), ..first.clone() },
        User { groups: BTreeSet::new(), ..first.clone() },
    ];
    let changes: Vec<Resource> = changes.into_iter().map(Resource::from).collect();
    account.lives("user/alice", first, &changes).await;
}

#[tokio::test]
async fn users_and_groups_change_their_path_in_place() {
    let account = Account::new();
    account.create("user/alice", user("alice")).await;
    account.create("group/dev", group("dev")).await;
    for (kind, path, wanted) in [
        (Kind::User, "user/alice", Resource::from(User { path: "/team/".to_owned(), ..user("alice") })),
        (Kind::UserGroup, "group/dev", UserGroup { path: "/team/".to_owned(), ..group("dev") }.into()),
    ] {
        let live = account.found(kind, path).await.unwrap();
        account.update(&live, &wanted).await.unwrap();
        let live = account.found(kind, path).await.unwrap();
        assert_eq!((&live.resource, &live.tags), (&wanted, &tags(&wanted, path)));
        assert!(live.id.contains("/team/"), "{}", live.id);
        account.delete(&live).await.unwrap();
        assert_eq!(account.found(kind, path).await, None);
    }
}

#[tokio::test]
async fn an_identity_provider_lives_and_its_metadata_change() {
    let account = Account::new();
    account.lives("saml/okta", provider("one"), &[provider("two").into()]).await;
}

#[tokio::test]
async fn tags_of_every_kind_change() {
    let account = Account::new();
    let one = id(&account.create("role/one", role("one")).await);
    let profile = InstanceProfile { name: "web".to_owned(), path: "/".to_owned(), role: Some(one) };
    for (path, wanted) in [
        ("policy/read", Resource::from(policy("read", "s3:*"))),
        ("role/web", Role { policies: refs([&id(READ_ONLY)]), ..role("web") }.into()),
        ("role/web/profile", profile.into()),
        ("user/alice", User { policies: refs([&id(READ_ONLY)]), ..user("alice") }.into()),
        ("saml/okta", provider("one").into()),
    ] {
        account.create(path, wanted.clone()).await;
        let live = account.found(wanted.kind(), path).await.unwrap();
        let set = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
        account.retag(&live, &wanted, &set, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
        let mut expected = tags(&wanted, path);
        expected.remove("Name");
        expected.extend(set);
        let live = account.found(wanted.kind(), path).await.unwrap();
        assert_eq!((live.tags, live.resource), (expected, wanted), "{path}");
    }
    // A user group keeps the ownership tags alone.
    account.create("group/dev", group("dev")).await;
    let live = account.found(Kind::UserGroup, "group/dev").await.unwrap();
    let moved = BTreeMap::from([("asiaq:address".to_owned(), "ci/group/ops".to_owned())]);
    account.retag(&live, &live.resource.clone(), &moved, &BTreeSet::new()).await.unwrap();
    let live = account.found(Kind::UserGroup, "group/ops").await.unwrap();
    assert_eq!(live.tags["asiaq:project"], PROJECT);
}
