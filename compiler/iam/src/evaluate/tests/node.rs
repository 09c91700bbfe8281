//! Answers compared with those of an independent evaluator, a package for node that `make simulator` installs. Without it,
//! the test says that it compares nothing.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

use super::*;
use crate::document::Test;

/// Requests that are compared.
const COUNT: usize = 1_500;

/// Actions, each with resources that it is for: the other evaluator refuses to answer for others.
const ASKED: [(&str, &[&str]); 4] = [
    ("s3:GetObject", &["arn:aws:s3:::a/x", "arn:aws:s3:::a/alice"]),
    ("s3:PutObject", &["arn:aws:s3:::a/x", "arn:aws:s3:::a/alice"]),
    ("s3:ListBucket", &["arn:aws:s3:::b"]),
    ("iam:PassRole", &["arn:aws:iam::111111111111:role/r"]),
];

/// Keys that all requests may have: the tests of a policy, its values, and values of requests.
const KEYS: [fixture::Key; 4] = [
    ("aws:SecureTransport", &[Test::Bool], &["true", "false"], &["true", "false"]),
    (
        "aws:SourceVpc",
        &[Test::StringEquals, Test::StringNotEquals, Test::StringLike, Test::StringNotLike],
        &["vpc-1", "vpc-2", "vpc-*"],
        &["vpc-1", "vpc-2", "x"],
    ),
    (
        "aws:SourceIp",
        &[Test::IpAddress, Test::NotIpAddress],
        &["203.0.113.0/24", "198.51.100.7/32"],
        &["203.0.113.5", "198.51.100.7", "192.0.2.1"],
    ),
    (
        "aws:MultiFactorAuthAge",
        &[Test::NumericLessThan, Test::NumericGreaterThanEquals, Test::NumericEquals],
        &["60", "3600"],
        &["10", "60", "7200"],
    ),
];

fn conditions() -> impl Strategy<Value = Vec<Condition<()>>> {
    let one = select(KEYS.to_vec()).prop_flat_map(|(key, tests, wanted, _)| {
        (select(tests.to_vec()), select(wanted.to_vec()), any::<bool>(), prop::bool::weighted(0.1)).prop_map(
            move |(test, wanted, if_exists, is_null)| {
                let operator = if is_null {
                    Operator::new(Test::Null)
                } else {
                    Operator { quantifier: None, test, if_exists }
                };
                let wanted = if is_null { "true" } else { wanted };
                let values = vec![Text::new((), wanted)];
                Condition { place: (), operator, operator_place: (), key: Text::new((), key), values }
            },
        )
    });
    prop::collection::vec(one, 0..=2).prop_map(|mut conditions| {
        conditions.sort_by_key(|one| (one.operator, one.key.value.clone()));
        conditions.dedup_by_key(|one| (one.operator, one.key.value.clone()));
        conditions
    })
}

/// A policy with statements of the fixture, whose conditions are on keys that AWS has.
fn policy(of_resource: bool) -> BoxedStrategy<Document<()>> {
    let statement =
        (fixture::statement(of_resource), conditions()).prop_map(|(mut statement, conditions)| {
            statement.conditions = conditions;
            if let Some(list) = &mut statement.resources {
                list.values.retain(|text| !text.value.contains("k:s"));
            }
            // Of all but those listed the manual leaves too much open, and lists that are empty now say nothing.
            statement.principals.iter_mut().for_each(|principals| principals.excludes = false);
            statement
        });
    let is_whole =
        |statement: &Statement<()>| statement.resources.as_ref().is_some_and(|list| !list.values.is_empty());
    prop::collection::vec(statement, 1..=3)
        .prop_map(move |mut statements| {
            statements.retain(is_whole);
            if statements.is_empty() && !of_resource {
                return everything();
            }
            Document { place: (), version: crate::document::Version::V2012, id: None, statements }
        })
        .boxed()
}

/// Policies, and a request of which everything is known.
fn case() -> impl Strategy<Value = (World, Request, Vec<(&'static str, &'static str)>)> {
    let worlds = (
        prop::collection::vec(policy(false), 0..=2),
        prop::option::weighted(0.3, policy(false)),
        prop::option::weighted(0.6, policy(true)),
    );
    let asked = select(ASKED.to_vec()).prop_flat_map(|(action, of)| (Just(action), select(of.to_vec())));
    let who = prop_oneof![
        Just(Who::User(ALICE.to_owned())),
        Just(Who::Role { arn: ROLE.to_owned(), session: Some("s".to_owned()) }),
    ];
    let account = prop_oneof![3 => Just(ACCOUNT), 1 => Just("222222222222")];
    let values: Vec<_> =
        KEYS.map(|(key, _, _, found)| (Just(key), prop::option::of(select(found.to_vec())))).into();
    (worlds, asked, who, account, values).prop_map(|(worlds, (action, resource), who, account, values)| {
        let (identity, boundary, resources) = worlds;
        let resources = resources.filter(|policy| !policy.statements.is_empty());
        let world = World { identity, boundary, resource: resources.into_iter().collect(), ..nothing() };
        let values: Vec<(&str, &str)> =
            values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let known = |all: Context, (key, value): &(&str, &str)| {
            all.with(key, Value::Known(vec![(*value).to_owned()]))
        };
        let account = if action.starts_with("iam:") { ACCOUNT } else { account };
        let request = Request {
            who,
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_account: Some(account.to_owned()),
            context: values.iter().fold(Context::new(Others::Absent), known),
        };
        (world, request, values)
    })
}

fn simulation(world: &World, request: &Request, values: &[(&'static str, &'static str)]) -> Json {
    let json = |document: &Document<()>| -> Json { serde_json::from_str(&print(document)).unwrap() };
    let named = |document: &Document<()>| json!({ "name": "p", "policy": json(document) });
    let mut context: serde_json::Map<String, Json> =
        values.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let principal = match &request.who {
        Who::User(arn) => {
            context.insert("aws:username".to_owned(), json!("alice"));
            context.insert("aws:PrincipalArn".to_owned(), json!(arn));
            arn.clone()
        }
        other => {
            context.insert("aws:PrincipalArn".to_owned(), json!(ROLE));
            other.session().unwrap()
        }
    };
    let mut simulation = json!({
        "identityPolicies": world.identity.iter().map(named).collect::<Vec<_>>(),
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
        "request": {
            "action": request.action,
            "principal": principal,
            "resource": { "resource": request.resource, "accountId": request.resource_account },
            "contextVariables": context,
        },
    });
    if let Some(policy) = world.resource.first() {
        simulation["resourcePolicy"] = json(policy);
    }
    if let Some(boundary) = &world.boundary {
        simulation["permissionBoundaryPolicies"] = json!([named(boundary)]);
    }
    simulation
}

#[test]
#[expect(clippy::print_stdout, reason = "says what is not compared")]
fn answers_are_those_of_an_evaluator_of_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/simulator");
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|found| found.status.success());
    if !has_node || !folder.join("node_modules").is_dir() {
        println!("not compared: there is no node, or `make simulator` has not been run");
        return;
    }
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let cases: Vec<_> = (0..COUNT).map(|_| case().new_tree(&mut runner).unwrap().current()).collect();
    let asked: Vec<Json> =
        cases.iter().map(|(world, request, values)| simulation(world, request, values)).collect();
    let mut node = Command::new("node")
        .arg(folder.join("simulate.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = node.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(Json::Array(asked).to_string().as_bytes()));
    let output = node.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let answers: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), cases.len());
    let (mut allowed, mut denied) = (0, 0);
    for ((world, request, values), theirs) in cases.iter().zip(&answers) {
        let ours = match world.answer(request) {
            // What the manual leaves open.
            Answer::Depends => continue,
            Answer::Allowed => "Allowed",
            Answer::Denied => "Denied",
        };
        if ours == "Allowed" {
            allowed += 1;
        } else {
            denied += 1;
        }
        assert_eq!(ours, theirs, "{:#}", simulation(world, request, values));
    }
    assert!(allowed > 100 && denied > 100, "{allowed} {denied}");
}
