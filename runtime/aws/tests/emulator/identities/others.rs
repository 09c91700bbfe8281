//! Identities and what others do with them.

use asiaq_ir::NAME_TAG;

use super::*;

#[tokio::test]
async fn what_others_gave_stays_and_is_not_listed() {
    let account = Account::new();
    let iam = by_hand(&account);
    account.create("group/dev", group("dev")).await;
    account.create("role/web", Role { policies: refs([&id(READ_ONLY)]), ..role("web") }).await;
    account.create("user/alice", user("alice")).await;
    iam.create_group().group_name("theirs").send().await.unwrap();
    iam.create_user().user_name("bob").send().await.unwrap();
    iam.add_user_to_group().user_name("alice").group_name("theirs").send().await.unwrap();
    iam.add_user_to_group().user_name("bob").group_name("dev").send().await.unwrap();
    iam.attach_role_policy().role_name("web").policy_arn(ADMINISTRATOR).send().await.unwrap();
    let extra = allow("s3:*");
    iam.put_role_policy().role_name("web").policy_name("extra").policy_document(&extra).send().await.unwrap();
    iam.create_instance_profile().instance_profile_name("theirs").send().await.unwrap();
    iam.add_role_to_instance_profile().instance_profile_name("theirs").role_name("web").send().await.unwrap();
    let key = iam.create_access_key().user_name("alice").send().await.unwrap().access_key.unwrap();

    let role_of = account.found(Kind::Role, "role/web").await.unwrap();
    let wanted = Role { policies: BTreeSet::new(), ..role("web") };
    account.update(&role_of, &wanted.clone().into()).await.unwrap();
    let role_of = account.found(Kind::Role, "role/web").await.unwrap();
    assert_eq!(role_of.resource, wanted.into());
    let left = iam.list_attached_role_policies().role_name("web").send().await.unwrap();
    assert_eq!(left.attached_policies()[0].policy_arn(), Some(ADMINISTRATOR));
    assert_eq!(
        refusal(&account, &role_of).await.unwrap(),
        "the role `web` has what somebody else gave it: the attached policy `AdministratorAccess`, the inline policy \
         `extra`, the instance profile `theirs`; take it away there and go on, or keep the role"
    );
    let alice = account.found(Kind::User, "user/alice").await.unwrap();
    assert_eq!(alice.resource, user("alice").into());
    assert_eq!(
        refusal(&account, &alice).await.unwrap(),
        format!(
            "the user `alice` has what somebody else gave it: the membership in `theirs`, the access key `{}`; take it \
             away there and go on, or keep the user",
            key.access_key_id
        )
    );
    let dev = account.found(Kind::UserGroup, "group/dev").await.unwrap();
    assert_eq!(
        refusal(&account, &dev).await.unwrap(),
        "the user group `dev` has what somebody else gave it: the member `bob`; take it away there and go on, or keep \
         the user group"
    );
    // AWS refuses it too, and the group is still the project's.
    assert_eq!(account.delete(&dev).await.unwrap_err().code, "DeleteConflict");
    let dev = account.found(Kind::UserGroup, "group/dev").await.expect("its path marks it");
    account.update(&dev, &group("dev").into()).await.unwrap();
    let dev = account.found(Kind::UserGroup, "group/dev").await.unwrap();
    assert_eq!((dev.resource, dev.tags), (group("dev").into(), tags(&group("dev").into(), "group/dev")));
}

#[tokio::test]
async fn a_policy_that_others_use_is_not_deleted() {
    let account = Account::new();
    let iam = by_hand(&account);
    let arn = account.create("policy/read", policy("read", "s3:*")).await;
    let own = Role { policies: refs([&id(&arn)]), boundary: Some(id(&arn)), ..role("own") };
    account.create("role/own", own).await;
    let live = account.found(Kind::ManagedPolicy, "policy/read").await.unwrap();
    assert_eq!(refusal(&account, &live).await, None);
    iam.create_user().user_name("bob").send().await.unwrap();
    iam.attach_user_policy().user_name("bob").policy_arn(&arn).send().await.unwrap();
    let refused = refusal(&account, &live).await.unwrap();
    assert!(
        refused.starts_with("the policy `read` has what somebody else gave it: the user `bob`;"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_group_whose_creation_ended_early_is_the_projects() {
    let account = Account::new();
    let iam = by_hand(&account);
    let path = "/asiaq/shop/dev/ci/group/dev/";
    iam.create_group().group_name("dev").path(path).send().await.unwrap();
    let live = account.found(Kind::UserGroup, "group/dev").await.unwrap();
    assert_eq!(live.tags, tags(&group("dev").into(), "group/dev"));
    account.update(&live, &group("dev").into()).await.unwrap();
    let live = account.found(Kind::UserGroup, "group/dev").await.unwrap();
    assert_eq!(live.resource, group("dev").into());
    assert_eq!(live.tags, tags(&group("dev").into(), "group/dev"));
}

#[tokio::test]
async fn the_copy_of_a_group_has_the_mark_of_the_original() {
    let account = Account::new();
    let iam = by_hand(&account);
    account.create("group/dev", group("dev")).await;
    let mark = iam.get_group_policy().group_name("dev").policy_name("asiaq").send().await.unwrap();
    let mark = mark.policy_document.replace("%22", "\"").replace("%3A", ":").replace("%2C", ",");
    let mark = mark.replace("%7B", "{").replace("%7D", "}").replace("%5B", "[").replace("%5D", "]");
    let mark = mark.replace("%20", " ").replace("%2A", "*");
    iam.create_group().group_name("copy").send().await.unwrap();
    iam.put_group_policy()
        .group_name("copy")
        .policy_name("asiaq")
        .policy_document(mark)
        .send()
        .await
        .unwrap();
    let found = account.list(Kind::UserGroup).await.found;
    let names: BTreeMap<&str, &str> =
        found.iter().map(|one| (one.id.rsplit('/').next().unwrap(), one.tags[NAME_TAG].as_str())).collect();
    assert_eq!(names, BTreeMap::from([("dev", "dev"), ("copy", "dev")]));
}

#[tokio::test]
async fn what_somebody_else_has_under_the_name_is_left_alone() {
    let account = Account::new();
    let iam = by_hand(&account);
    iam.create_role().role_name("web").assume_role_policy_document(of_ec2()).send().await.unwrap();
    iam.create_user().user_name("alice").send().await.unwrap();
    iam.create_group().group_name("dev").send().await.unwrap();
    iam.create_policy().policy_name("read").policy_document(allow("s3:*")).send().await.unwrap();
    for (path, wanted) in [
        ("role/web", Resource::from(role("web"))),
        ("user/alice", user("alice").into()),
        ("group/dev", group("dev").into()),
        ("policy/read", policy("read", "sqs:*").into()),
    ] {
        let error = account.try_create(path, wanted.clone()).await.unwrap_err();
        assert_eq!(error.code, "EntityAlreadyExists", "{path}");
        assert!(error.message.contains("no tags say whose it is"), "{error}");
        assert_eq!(account.found(wanted.kind(), path).await, None);
    }
}

#[tokio::test]
async fn a_deleted_principal_is_a_difference_and_never_written_back() {
    let account = Account::new();
    account.create("role/web", role("web")).await;
    let gone = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEID1234567"},"Action":"sts:AssumeRole"}]}"#;
    let iam = by_hand(&account);
    iam.update_assume_role_policy().role_name("web").policy_document(gone).send().await.unwrap();
    let live = account.found(Kind::Role, "role/web").await.unwrap();
    let Resource::Role(seen) = &live.resource else { panic!("it is a role") };
    assert!(seen.trust.contains("AROAEXAMPLEID1234567"), "{}", seen.trust);
    let wanted = Role { description: Some("new".to_owned()), ..role("web") };
    account.update(&live, &wanted.clone().into()).await.unwrap();
    assert_eq!(account.found(Kind::Role, "role/web").await.unwrap().resource, wanted.into());
}

#[tokio::test]
async fn the_spelling_of_a_policy_is_no_difference() {
    let account = Account::new();
    let wanted =
        Role { trust: trust(r#"{"AWS":["111122223333","arn:aws:iam::222233334444:root"]}"#), ..role("web") };
    account.create("role/web", wanted.clone()).await;
    let spelled = r#"{ "Statement": { "Action": ["sts:AssumeRole"], "Effect": "Allow", "Sid": "",
        "Principal": { "AWS": ["222233334444", "arn:aws:iam::111122223333:root"] } }, "Version": "2012-10-17" }"#;
    let iam = by_hand(&account);
    iam.update_assume_role_policy().role_name("web").policy_document(spelled).send().await.unwrap();
    assert_eq!(account.found(Kind::Role, "role/web").await.unwrap().resource, wanted.into());
}
