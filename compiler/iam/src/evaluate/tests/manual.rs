//! The worked examples of the IAM user guide.

use super::*;
use crate::document::read::read;

const CARLOS: &str = "arn:aws:iam::123456789012:user/carlossalazar";

fn policy(statements: &str) -> Document<()> {
    let found = read(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    found.document.unwrap().map(&|_| ())
}

fn request(who: Who, action: &str, resource: &str) -> Request {
    let account = who.account().map(str::to_owned);
    let context = Context::new(Others::Absent);
    Request {
        who,
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: account,
        context,
    }
}

fn user(action: &str, resource: &str) -> Request {
    request(Who::User(CARLOS.to_owned()), action, resource)
}

fn session(action: &str, resource: &str) -> Request {
    let arn = "arn:aws:iam::123456789012:role/team/example".to_owned();
    request(Who::Role { arn, session: Some("one".to_owned()) }, action, resource)
}

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn allow(action: &str) -> Document<()> {
    policy(&format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#))
}

fn bucket(principal: &str) -> Document<()> {
    policy(&format!(
        r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#
    ))
}

/// "Example identity-based and resource-based policy evaluation".
#[test]
fn carlos_writes_to_his_bucket_and_not_to_that_of_the_logs() {
    let world = World {
        identity: vec![policy(
            r#"{"Sid":"AllowS3ListRead","Effect":"Allow","Action":["s3:GetBucketLocation","s3:GetAccountPublicAccessBlock","s3:ListAccessPoints","s3:ListAllMyBuckets"],"Resource":"arn:aws:s3:::*"},
               {"Sid":"AllowS3Self","Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::carlossalazar/*","arn:aws:s3:::carlossalazar"]},
               {"Sid":"DenyS3Logs","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*log*"}"#,
        )],
        resource: vec![policy(
            r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/carlossalazar"},"Action":"s3:*","Resource":["arn:aws:s3:::carlossalazar/*","arn:aws:s3:::carlossalazar"]}"#,
        )],
        ..nothing()
    };
    let denied = user("s3:PutObject", "arn:aws:s3:::carlossalazar-logs/a");
    assert_eq!(world.answer(&denied), Answer::Denied);
    let policies = world.policies();
    let decision = evaluate(&policies, &denied);
    assert_eq!(decision.by[0].statement.sid.as_ref().unwrap().value, "DenyS3Logs");
    assert_eq!(decision.by[0].layer, Layer::Identity);
    let allowed = user("s3:PutObject", "arn:aws:s3:::carlossalazar/a");
    assert_eq!(world.answer(&allowed), Answer::Allowed);
    assert_eq!(world.answer(&user("s3:ListAllMyBuckets", "arn:aws:s3:::*")), Answer::Allowed);
    assert_eq!(world.answer(&user("s3:ListAllMyBuckets", "*")), Answer::Allowed);
    assert_eq!(world.answer(&user("s3:GetObject", "arn:aws:s3:::others/a")), Answer::Denied);
    let other = Request { who: Who::User("arn:aws:iam::123456789012:user/else".to_owned()), ..allowed };
    assert_eq!(World { identity: vec![], ..world }.answer(&other), Answer::Denied, "the bucket is his alone");
}

/// "The difference between explicit and implicit denies".
#[test]
fn reports_are_denied_and_creating_is_not_allowed() {
    let world = World {
        identity: vec![
            policy(
                r#"{"Sid":"AllowGetList","Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"*"},
                   {"Sid":"DenyReports","Effect":"Deny","Action":"iam:*Report","Resource":"*"}"#,
            ),
            allow("iam:GenerateCredentialReport"),
        ],
        ..nothing()
    };
    assert_eq!(world.answer(&user("iam:GetUser", CARLOS)), Answer::Allowed);
    assert_eq!(world.answer(&user("iam:GenerateCredentialReport", "*")), Answer::Denied);
    let policies = world.policies();
    let decision = evaluate(&policies, &user("iam:CreatePolicy", "*"));
    assert_eq!((decision.answer, decision.lacking), (Answer::Denied, vec![Layer::Identity]), "implicitly");
    assert!(decision.by.is_empty());
}

/// "Evaluating identity-based policies with permissions boundaries", "… with Organizations SCPs".
#[test]
fn boundaries_and_organizations_limit_what_is_allowed() {
    let world = World { identity: vec![policy(ALL)], ..nothing() };
    let get = user("s3:GetObject", "arn:aws:s3:::b/k");
    assert_eq!(world.answer(&get), Answer::Allowed);
    for (limited, lacking) in [
        (World { boundary: Some(allow("ec2:*")), ..world.clone() }, Layer::Boundary),
        (World { control: vec![policy(ALL), allow("ec2:*")], ..world.clone() }, Layer::Control),
        (World { resource_control: vec![allow("ec2:*")], ..world.clone() }, Layer::ResourceControl),
        (World { identity: vec![], boundary: Some(policy(ALL)), ..world.clone() }, Layer::Identity),
        (World { identity: vec![], control: vec![policy(ALL)], ..world }, Layer::Identity),
    ] {
        assert_eq!(limited.answer(&get), Answer::Denied);
        assert_eq!(evaluate(&limited.policies(), &get).lacking, [lacking]);
    }
}

/// "Resource-based policies and implicit denies in other policy types (same account)".
#[test]
fn what_a_bucket_allows_is_limited_by_how_it_names_somebody() {
    let limits = World { boundary: Some(allow("ec2:*")), ..nothing() };
    let in_session = World { session: Some(allow("ec2:*")), ..nothing() };
    let (by_user, by_session) =
        (user("s3:GetObject", "arn:aws:s3:::b/k"), session("s3:GetObject", "arn:aws:s3:::b/k"));
    let role = r#"{"AWS":"arn:aws:iam::123456789012:role/team/example"}"#;
    let one_session = r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/example/one"}"#;
    let account = r#"{"AWS":"123456789012"}"#;
    let carlos = format!(r#"{{"AWS":"{CARLOS}"}}"#);
    for (world, principal, request, answer) in [
        // Neither needs a policy of its own.
        (nothing(), carlos.as_str(), &by_user, Answer::Allowed),
        (nothing(), role, &by_session, Answer::Allowed),
        (nothing(), one_session, &by_session, Answer::Allowed),
        (nothing(), "\"*\"", &by_user, Answer::Allowed),
        // An account leaves it to its own policies.
        (nothing(), account, &by_user, Answer::Denied),
        (nothing(), account, &by_session, Answer::Denied),
        // A boundary or the policy of a session limits what a role is allowed, and nobody named directly.
        (limits.clone(), carlos.as_str(), &by_user, Answer::Allowed),
        (limits.clone(), role, &by_session, Answer::Denied),
        (limits, one_session, &by_session, Answer::Allowed),
        (in_session.clone(), role, &by_session, Answer::Denied),
        (in_session.clone(), one_session, &by_session, Answer::Allowed),
        (in_session, "\"*\"", &by_session, Answer::Depends),
    ] {
        let world = World { resource: vec![bucket(principal)], ..world };
        assert_eq!(world.answer(request), answer, "{principal} {request:?}");
    }
}

/// "IAM role principals": a broad policy with `aws:PrincipalArn`.
#[test]
fn everyone_whose_role_a_condition_names_is_not_limited() {
    let broad = policy(
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/team/example"}}}"#,
    );
    let world = World { resource: vec![broad], session: Some(allow("ec2:*")), ..nothing() };
    assert_eq!(world.answer(&session("s3:GetObject", "arn:aws:s3:::b/k")), Answer::Allowed);
}

/// "Cross-account policy evaluation logic".
#[test]
fn both_accounts_have_to_allow() {
    let get = user("s3:GetObject", "arn:aws:s3:::b/k");
    let abroad = Request { resource_account: Some("999999999999".to_owned()), ..get.clone() };
    let unknown = Request { resource_account: None, ..get.clone() };
    let account = r#"{"AWS":"arn:aws:iam::123456789012:root"}"#;
    for (identity, resource, here, there, anywhere) in [
        (vec![policy(ALL)], vec![], Answer::Allowed, Answer::Denied, Answer::Depends),
        (vec![], vec![bucket(account)], Answer::Denied, Answer::Denied, Answer::Denied),
        (vec![policy(ALL)], vec![bucket(account)], Answer::Allowed, Answer::Allowed, Answer::Allowed),
        (vec![], vec![bucket(r#"{"AWS":"*"}"#)], Answer::Allowed, Answer::Denied, Answer::Depends),
    ] {
        let world = World { identity, resource, ..nothing() };
        assert_eq!(world.answer(&get), here);
        assert_eq!(world.answer(&abroad), there);
        assert_eq!(world.answer(&unknown), anywhere);
    }
}

/// "IAM role trust policies … must explicitly allow access for principals".
#[test]
fn a_role_is_assumed_by_whom_it_trusts() {
    let trust = |principal: &str| {
        policy(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#))
    };
    let role = "arn:aws:iam::123456789012:role/x";
    let assume = user("sts:AssumeRole", role);
    let ec2 = request(Who::Service("ec2.amazonaws.com".to_owned()), "sts:AssumeRole", role);
    let admin = World { identity: vec![policy(ALL)], ..nothing() };
    assert_eq!(admin.answer(&assume), Answer::Denied, "its own permissions are not enough");
    let by_account = World { resource: vec![trust(r#"{"AWS":"123456789012"}"#)], ..admin.clone() };
    assert_eq!(by_account.answer(&assume), Answer::Allowed);
    assert_eq!(World { identity: vec![], ..by_account }.answer(&assume), Answer::Denied);
    let by_name = World { resource: vec![trust(&format!(r#"{{"AWS":"{CARLOS}"}}"#))], ..nothing() };
    assert_eq!(by_name.answer(&assume), Answer::Allowed);
    let by_service = World { resource: vec![trust(r#"{"Service":"ec2.amazonaws.com"}"#)], ..nothing() };
    assert_eq!(by_service.answer(&ec2), Answer::Allowed);
    assert_eq!(by_service.answer(&assume), Answer::Denied);
}

/// "AWS JSON policy elements: `NotPrincipal`".
#[test]
fn an_exception_names_the_account_too() {
    let deny = |names: &str| {
        policy(&format!(
            r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":[{names}]}},"Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}"#
        ))
    };
    let get = user("s3:GetObject", "arn:aws:s3:::b/k");
    for (names, answer) in [
        (format!("\"{CARLOS}\",\"arn:aws:iam::123456789012:root\""), Answer::Allowed),
        (format!("\"{CARLOS}\""), Answer::Depends),
        ("\"arn:aws:iam::123456789012:user/other\"".to_owned(), Answer::Denied),
    ] {
        let world = World { identity: vec![policy(ALL)], resource: vec![deny(&names)], ..nothing() };
        assert_eq!(world.answer(&get), answer, "{names}");
    }
}

/// "Condition operators": the ARN that a text matches and an ARN does not, keys that are missing, `IfExists`, `Null`.
#[test]
fn conditions_hold_as_the_manual_says() {
    let long = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
    let pattern = "arn:aws:someservice:*:111122223333:finance/*";
    let known = |values: &[&str]| Value::Known(values.iter().map(|value| (*value).to_owned()).collect());
    for (condition, value, holds) in [
        (format!(r#""StringLike":{{"k:x":"{pattern}"}}"#), known(&[long]), true),
        (format!(r#""ArnLike":{{"k:x":"{pattern}"}}"#), known(&[long]), false),
        (r#""StringEquals":{"k:x":"a"}"#.to_owned(), Value::Absent, false),
        (r#""StringNotLike":{"k:x":"a"}"#.to_owned(), Value::Absent, true),
        (r#""ArnNotLike":{"k:x":"arn:aws:s3:::b"}"#.to_owned(), Value::Absent, true),
        (r#""StringLikeIfExists":{"k:x":["t1.*","t2.*","m3.*"]}"#.to_owned(), Value::Absent, true),
        (r#""StringLikeIfExists":{"k:x":["t1.*","t2.*","m3.*"]}"#.to_owned(), known(&["t2.micro"]), true),
        (r#""StringLikeIfExists":{"k:x":["t1.*","t2.*","m3.*"]}"#.to_owned(), known(&["c5.large"]), false),
        (r#""StringNotEqualsIfExists":{"k:x":"a"}"#.to_owned(), Value::Absent, true),
        (r#""Null":{"k:x":"true"}"#.to_owned(), Value::Absent, true),
        (r#""Null":{"k:x":"true"}"#.to_owned(), known(&["2020-01-01T00:00:00Z"]), false),
        (r#""Null":{"k:x":false}"#.to_owned(), known(&["x"]), true),
        (
            r#""IpAddress":{"k:x":["203.0.113.0/24","2001:DB8:1234:5678::/64"]}"#.to_owned(),
            known(&["2001:db8:1234:5678::9"]),
            true,
        ),
        (r#""IpAddress":{"k:x":"203.0.113.0/24"}"#.to_owned(), known(&["203.0.114.0"]), false),
        (r#""NumericLessThanEquals":{"k:x":"10"}"#.to_owned(), known(&["9"]), true),
        (r#""NumericLessThanEquals":{"k:x":"10"}"#.to_owned(), known(&["10.5"]), false),
        (
            r#""DateGreaterThan":{"k:x":"2020-01-01T00:00:01Z"}"#.to_owned(),
            known(&["2020-01-01T01:00:01+01:00"]),
            false,
        ),
        (r#""DateGreaterThan":{"k:x":"2020-01-01T00:00:01Z"}"#.to_owned(), known(&["1577836802"]), true),
        (r#""Bool":{"k:x":"false"}"#.to_owned(), known(&["False"]), true),
    ] {
        answers(&condition, &value, holds);
    }
    // "Creating a condition with multiple keys or values".
    let attributes = r#"{"k:x":["PostDateTime","Message","Tags"]}"#;
    for (operator, values, holds) in [
        ("ForAllValues:StringLike", vec!["PostDateTime", "Message"], true),
        ("ForAllValues:StringLike", vec!["PostDateTime", "UserName"], false),
        ("ForAllValues:StringLike", vec![], true),
        ("ForAnyValue:StringLike", vec!["UserName", "PostDateTime"], true),
        ("ForAnyValue:StringLike", vec!["UserName"], false),
        ("ForAnyValue:StringLike", vec![], false),
    ] {
        answers(&format!("\"{operator}\":{attributes}"), &known(&values), holds);
    }
}

fn answers(condition: &str, value: &Value, holds: bool) {
    let statement =
        format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#);
    let world = World { identity: vec![policy(&statement)], ..nothing() };
    let mut asked = user("s3:GetObject", "arn:aws:s3:::b/k");
    asked.context = Context::new(Others::Absent).with("K:X", value.clone());
    let wanted = if holds { Answer::Allowed } else { Answer::Denied };
    assert_eq!(world.answer(&asked), wanted, "{condition} {value:?}");
}

/// "IAM policy elements: Variables and tags".
#[test]
fn variables_stand_for_keys_of_the_request() {
    let own = policy(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*"},
           {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::team/${aws:PrincipalTag/team, 'company'}/*"}"#,
    );
    let world = World { identity: vec![own], ..nothing() };
    let mut get = user("s3:GetObject", "arn:aws:s3:::b/carlossalazar/x");
    assert_eq!(world.answer(&get), Answer::Allowed);
    assert_eq!(world.answer(&user("s3:GetObject", "arn:aws:s3:::b/other/x")), Answer::Denied);
    assert_eq!(
        world.answer(&session("s3:GetObject", "arn:aws:s3:::b/x/y")),
        Answer::Denied,
        "roles have no user name"
    );
    get.resource = "arn:aws:s3:::team/company/x".to_owned();
    assert_eq!(world.answer(&get), Answer::Allowed, "the value for users without the tag");
    get.context = Context::new(Others::Unknown);
    assert_eq!(world.answer(&get), Answer::Depends);
    get.context = get.context.with("aws:PrincipalTag/Team", Value::Known(vec!["red".to_owned()]));
    assert_eq!(world.answer(&get), Answer::Denied);
}

#[test]
fn a_value_that_is_not_known_may_have_any_sign() {
    let world = |resource: &str| {
        let statement = format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"{resource}"}}"#);
        World { identity: vec![policy(&statement)], ..nothing() }
    };
    let mut get = user("s3:GetObject", "arn:aws:s3:::b/k");
    get.context = Context::new(Others::Unknown);
    for (resource, answer) in [
        ("arn:aws:${k:x}::b/k", Answer::Depends),
        ("arn:aws:s3:::${k:x}/k", Answer::Depends),
        ("arn:aws:s3:::c${k:x}", Answer::Denied),
        ("arn:aws:s3:::b/k${k:x}", Answer::Depends),
    ] {
        assert_eq!(world(resource).answer(&get), answer, "{resource}");
    }
    get.context = get.context.with("k:x", Value::Known(vec!["s3:".to_owned()]));
    assert_eq!(world("arn:aws:${k:x}::b/k").answer(&get), Answer::Allowed);
    let alike = |wanted: &str| {
        let condition = format!(r#""StringEquals":{{"k:x":"{wanted}"}}"#);
        let statement =
            format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#);
        World { identity: vec![policy(&statement)], ..nothing() }.answer(&get)
    };
    assert_eq!(alike("s3${k:y}"), Answer::Depends);
    assert_eq!(alike("c${k:y}"), Answer::Denied);
}

#[test]
fn actions_without_a_resource_need_all_resources() {
    let on = |resource: &str| {
        let statement = format!(r#"{{"Effect":"Allow","Action":"ec2:Describe*","Resource":"{resource}"}}"#);
        World { identity: vec![policy(&statement)], ..nothing() }.answer(&user("ec2:DescribeInstances", "*"))
    };
    assert_eq!(on("*"), Answer::Allowed);
    assert_eq!(on("arn:aws:ec2:*:*:instance/*"), Answer::Denied);
    assert_eq!(on("arn:aws:ec2:*:*:*"), Answer::Depends, "the manual does not say");
}

#[test]
fn what_is_not_known_is_named() {
    let guarded = policy(
        r#"{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
    );
    let world = World { identity: vec![guarded], ..nothing() };
    let mut get = user("s3:GetObject", "arn:aws:s3:::b/k");
    get.context = Context::new(Others::Unknown);
    let policies = world.policies();
    let decision = evaluate(&policies, &get);
    assert_eq!(decision.answer, Answer::Depends);
    let [Open::Condition(found, condition)] = decision.open.as_slice() else { panic!("{decision:?}") };
    assert_eq!(found.statement.sid.as_ref().unwrap().value, "A");
    assert_eq!(condition.key.value, "aws:MultiFactorAuthPresent");

    let unread = Policies::<()> {
        identity: vec![Attached::Unread { name: "ReadOnlyAccess", denies: false }],
        ..Policies::default()
    };
    let decision = evaluate(&unread, &get);
    assert!(
        matches!(decision.open.as_slice(), [Open::Unread(Layer::Identity, "ReadOnlyAccess")]),
        "{decision:?}"
    );
    let all = policy(ALL);
    let also = Policies {
        identity: [unread.identity, attached(std::slice::from_ref(&all))].concat(),
        ..Policies::default()
    };
    assert_eq!(evaluate(&also, &get).answer, Answer::Allowed, "what it does not deny cannot take it back");
}
