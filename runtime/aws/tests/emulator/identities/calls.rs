//! The calls for identities: their order, their number, and those that go wrong.

use asiaq_aws::Purpose;
use asiaq_ir::{Address, Ir, Node, Origin, Scope};
use futures::stream::{self, StreamExt as _};

use super::*;
use crate::moto;
use crate::proxy::{Fault, Proxy};
use crate::scaling_groups::{self, Ground};

/// The operations that changed something since the log was cleared.
fn writes(proxy: &Proxy) -> Vec<String> {
    proxy.calls().into_iter().filter(|call| call.is_write).map(|call| call.operation).collect()
}

#[tokio::test]
async fn a_role_gets_what_is_new_before_it_loses_what_is_old() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let first =
        Role { policies: refs([&id(READ_ONLY)]), inline: [inline("a", "s3:*")].into(), ..role("web") };
    account.create("role/web", first.clone()).await;
    let live = account.found(Kind::Role, "role/web").await.unwrap();
    proxy.clear();
    let wanted =
        Role { policies: refs([&id(ADMINISTRATOR)]), inline: [inline("b", "s3:*")].into(), ..first.clone() };
    account.update(&live, &wanted.into()).await.unwrap();
    assert_eq!(
        writes(&proxy),
        ["TagRole", "AttachRolePolicy", "PutRolePolicy", "DetachRolePolicy", "DeleteRolePolicy", "TagRole"]
    );
    proxy.clear();
    let live = account.found(Kind::Role, "role/web").await.unwrap();
    account.update(&live, &live.resource.clone()).await.unwrap();
    assert_eq!(writes(&proxy), [""; 0], "what is unchanged costs no write");
    // The account has room for no more.
    proxy.clear();
    proxy.on(
        "AttachRolePolicy",
        1,
        Fault::Refused("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"),
    );
    account.update(&live, &first.clone().into()).await.unwrap();
    assert_eq!(account.found(Kind::Role, "role/web").await.unwrap().resource, first.into());
}

#[tokio::test]
async fn lost_answers_leave_nothing_twice() {
    for operation in [
        "CreateRole",
        "CreateUser",
        "CreateGroup",
        "CreatePolicy",
        "CreateInstanceProfile",
        "AddRoleToInstanceProfile",
        "CreateSAMLProvider",
        "PutGroupPolicy",
        "UpdateGroup",
        "TagRole",
        "CreatePolicyVersion",
        "AttachRolePolicy",
    ] {
        let (account, proxy) = Account::losing(operation);
        let arn = account.create("policy/read", policy("read", "s3:*")).await;
        let with = Role { policies: refs([&id(&arn)]), ..role("web") };
        let role_of = account.create("role/web", with.clone()).await;
        let profile =
            InstanceProfile { name: "web".to_owned(), path: "/".to_owned(), role: Some(id(&role_of)) };
        account.create("role/web/profile", profile.clone()).await;
        let dev = account.create("group/dev", group("dev")).await;
        let member = User { groups: refs([&id(&dev)]), ..user("alice") };
        // The group is at its place by now, whatever its creation said.
        account.create("user/alice", member).await;
        account.create("saml/okta", provider("one")).await;
        let live = account.found(Kind::ManagedPolicy, "policy/read").await.unwrap();
        account.update(&live, &policy("read", "sqs:*").into()).await.unwrap();
        for (kind, path, wanted) in [
            (Kind::ManagedPolicy, "policy/read", Resource::from(policy("read", "sqs:*"))),
            (Kind::Role, "role/web", with.into()),
            (Kind::InstanceProfile, "role/web/profile", profile.into()),
            (Kind::UserGroup, "group/dev", group("dev").into()),
            (Kind::SamlProvider, "saml/okta", provider("one").into()),
        ] {
            assert_eq!(account.found(kind, path).await.unwrap().resource, wanted, "{operation}");
        }
        assert!(proxy.calls().iter().any(|call| call.operation == operation), "{operation} is called");
    }
}

#[tokio::test]
async fn a_principal_that_aws_does_not_know_yet_is_waited_for() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let unknown = "Invalid principal in policy: \"AWS\":\"arn:aws:iam::1:role/new\"";
    proxy.on("CreateRole", 1, Fault::Refused("MalformedPolicyDocument", unknown));
    account.create("role/web", role("web")).await;
    proxy.on("UpdateAssumeRolePolicy", 1, Fault::Refused("MalformedPolicyDocument", unknown));
    let live = account.found(Kind::Role, "role/web").await.unwrap();
    let wanted = Role { trust: trust(r#"{"AWS":"111122223333"}"#), ..role("web") };
    account.update(&live, &wanted.clone().into()).await.unwrap();
    assert_eq!(account.found(Kind::Role, "role/web").await.unwrap().resource, wanted.into());
    let heard = account.heard();
    let told =
        heard.iter().filter(|line| line.contains("AWS does not know the role or the instance profile yet"));
    assert_eq!(told.count(), 2, "{heard:#?}");
    // Any other mistake of a policy is told at once.
    proxy.on(
        "UpdateAssumeRolePolicy",
        3,
        Fault::Refused("MalformedPolicyDocument", "Syntax errors in policy."),
    );
    let live = account.found(Kind::Role, "role/web").await.unwrap();
    let error = account.update(&live, &role("web").into()).await.unwrap_err();
    assert_eq!(error.message, "Syntax errors in policy.");
}

#[tokio::test]
async fn a_thousand_roles_of_others_cost_pages_and_no_calls_of_their_own() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let iam = by_hand(&account);
    let foreign = (0..1000).map(|n| {
        iam.create_role().role_name(format!("theirs-{n}")).assume_role_policy_document(of_ec2()).send()
    });
    let made =
        stream::iter(foreign).buffer_unordered(8).filter(|made| std::future::ready(made.is_ok())).count();
    assert_eq!(made.await, 1000);
    for n in 0..30 {
        account.create(&format!("role/own-{n}"), role(&format!("own-{n}"))).await;
    }
    proxy.clear();
    let regions = BTreeSet::from([REGION.to_owned()]);
    account.aws.survey(&regions, PROJECT, &Needs::default()).await.unwrap();
    let of_iam = |proxy: &Proxy| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for call in proxy.calls().into_iter().filter(|call| call.service == "iam") {
            *counts.entry(call.operation).or_default() += 1;
        }
        counts
    };
    assert_eq!(of_iam(&proxy), BTreeMap::new(), "a program without accounts lists nothing of them");
    proxy.clear();
    let accounts = BTreeMap::from([("audit".to_owned(), REGION.to_owned())]);
    let listed =
        account.aws.survey(&regions, PROJECT, &Needs { accounts, ..Needs::default() }).await.unwrap();
    let found = listed.iter().flat_map(|(_, listed)| &listed.found);
    assert_eq!(found.filter(|found| found.resource.kind() == Kind::Role).count(), 30);
    // A thousand a page; the emulator has one page of all details.
    let pages = [
        ("GetAccountAuthorizationDetails", 1),
        ("ListInstanceProfiles", 1),
        ("ListRoles", 2),
        ("ListSAMLProviders", 1),
    ];
    let pages = pages.into_iter().map(|(operation, pages)| (operation.to_owned(), pages)).collect();
    assert_eq!(of_iam(&proxy), pages);
}

#[tokio::test]
async fn a_group_of_machines_waits_for_its_instance_profile() {
    let proxy = Proxy::start(moto::endpoint());
    let ground = Ground::at(Account::behind(&proxy)).await;
    let unknown = "You must use a valid fully-formed launch template. Value (web) for parameter \
                   iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name";
    proxy.on("CreateAutoScalingGroup", 1, Fault::Refused("ValidationError", unknown));
    ground.account.create(scaling_groups::PATH, ground.group()).await;
    let told = ground
        .account
        .heard()
        .into_iter()
        .filter(|line| line.contains("does not know the role or the instance"));
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn the_policy_of_a_program_with_identities_has_every_call() {
    let proxy = Proxy::start(moto::endpoint());
    let account = Account::behind(&proxy);
    let read = policy("read", "s3:*");
    let arn = id(&account.create("policy/read", read.clone()).await);
    let web = Role { policies: refs([&arn]), boundary: Some(arn.clone()), ..role("web") };
    let web_id = id(&account.create("role/web", web.clone()).await);
    let profile = InstanceProfile { name: "web".to_owned(), path: "/".to_owned(), role: Some(web_id) };
    account.create("role/web/profile", profile.clone()).await;
    let dev = UserGroup { inline: [inline("a", "s3:*")].into(), policies: refs([&arn]), ..group("dev") };
    let dev_id = id(&account.create("group/dev", dev.clone()).await);
    let alice = User {
        inline: [inline("a", "s3:*")].into(),
        policies: refs([&arn]),
        boundary: Some(arn.clone()),
        groups: refs([&dev_id]),
        ..user("alice")
    };
    account.create("user/alice", alice.clone()).await;
    account.create("saml/okta", provider("one")).await;
    let changed: [(&str, Resource, Resource); 6] = [
        ("user/alice", alice.into(), User { path: "/team/".to_owned(), ..user("alice") }.into()),
        ("group/dev", dev.into(), group("dev").into()),
        ("role/web/profile", profile.clone().into(), profile.into()),
        ("role/web", web.into(), Role { max_session: 7200, trust: trust(r#""*""#), ..role("web") }.into()),
        ("saml/okta", provider("one").into(), provider("two").into()),
        ("policy/read", read.into(), policy("read", "sqs:*").into()),
    ];
    let mut resources = BTreeMap::new();
    let origin = Origin { file: "shop.asq".to_owned(), line: 1, column: 1 };
    for (path, first, second) in changed {
        let live = account.found(first.kind(), path).await.unwrap();
        let owner = BTreeMap::from([("owner".to_owned(), "ops".to_owned())]);
        account.retag(&live, &second, &owner, &BTreeSet::from(["Name".to_owned()])).await.unwrap();
        let live = account.found(first.kind(), path).await.unwrap();
        assert_eq!(refusal(&account, &live).await, None, "{path}");
        account.delete(&live).await.unwrap();
        let node = Node {
            resource: first,
            region: REGION.to_owned(),
            tags: BTreeMap::new(),
            after: BTreeSet::new(),
            origin: origin.clone(),
            protect: None,
            provenance: BTreeMap::new(),
        };
        resources.insert(Address::of(&Scope::account("audit"), path), node);
    }
    let audit = asiaq_ir::Account {
        id: "111122223333".to_owned(),
        region: REGION.to_owned(),
        profile: None,
        role: None,
        external_id: None,
        mfa_serial: None,
        session: None,
        protect: false,
        prune: false,
        origin,
    };
    let ir = Ir {
        project: PROJECT.to_owned(),
        accounts: BTreeMap::from([("audit".to_owned(), audit)]),
        resources,
        ..Ir::default()
    };
    let accounts = BTreeMap::from([("audit".to_owned(), REGION.to_owned())]);
    let needs = Needs { accounts, ..Needs::default() };
    let statements: Vec<_> = asiaq_aws::permissions(&ir, &needs, Purpose::Apply)
        .into_iter()
        .flat_map(|policy| policy.statement)
        .collect();
    let allowed: BTreeSet<&str> =
        statements.iter().flat_map(|statement| statement.action.iter().copied()).collect();
    let calls = proxy.calls();
    let called: BTreeSet<String> = calls
        .iter()
        .filter(|call| call.service == "iam")
        .map(|call| format!("iam:{}", call.operation))
        .collect();
    let refused: Vec<&String> = called.iter().filter(|action| !allowed.contains(action.as_str())).collect();
    assert!(refused.is_empty() && called.len() > 40, "{refused:?} of {called:?}");
    let roles = statements.iter().find(|statement| statement.sid == "ChangeRoles").unwrap();
    assert_eq!(roles.resource, BTreeSet::from(["arn:aws:iam::111122223333:role/*".to_owned()]));
    let without =
        asiaq_aws::permissions(&Ir { resources: BTreeMap::new(), ..ir }, &Needs::default(), Purpose::Plan);
    let text = serde_json::to_string(&without).unwrap();
    assert!(!text.contains("GetAccountAuthorizationDetails"), "{text}");
}
