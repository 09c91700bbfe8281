//! Random policies, for tests. The words are few, so that what is asked meets what is written.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::document::{
    Choice, Condition, Document, Effect, Operator, Principal, PrincipalKind, Principals, Quantifier,
    Statement, Test, Text, Version,
};

pub(crate) const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:PassRole"];
pub(crate) const RESOURCES: &[&str] =
    &["arn:aws:s3:::a/x", "arn:aws:s3:::a/alice", "arn:aws:s3:::b", "arn:aws:iam::111111111111:role/r"];
pub(crate) const PRINCIPALS: &[&str] = &[
    "*",
    "111111111111",
    "arn:aws:iam::222222222222:root",
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:sts::111111111111:assumed-role/r/s",
];
const ACTION_PATTERNS: &[&str] =
    &["*", "s3:*", "s3:Get*", "S3:GETOBJECT", "iam:PassRole", "s3:?utObject", "s3:ListBucket"];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::a/${aws:username}",
    "arn:aws:iam::*:role/?",
    "arn:aws:s3:::${k:s, 'b'}",
    "arn:*:s3:::a/x",
    "arn:aws:${k:s}::b",
];

/// Keys, each with tests that fit its values, values of policies, and values of requests.
pub(crate) type Key = (&'static str, &'static [Test], &'static [&'static str], &'static [&'static str]);

pub(crate) const KEYS: &[Key] = &[
    (
        "k:s",
        &[
            Test::StringEquals,
            Test::StringNotEquals,
            Test::StringLike,
            Test::StringNotLike,
            Test::StringEqualsIgnoreCase,
            Test::StringNotEqualsIgnoreCase,
        ],
        &["a", "A", "b", "a*", "?b", "${aws:username}", "${*}", "${k:t, 'b'}"],
        &["a", "A", "b", "ab", "*", "alice", "s3:"],
    ),
    (
        "k:n",
        &[
            Test::NumericEquals,
            Test::NumericNotEquals,
            Test::NumericLessThan,
            Test::NumericGreaterThanEquals,
            Test::NumericGreaterThan,
            Test::NumericLessThanEquals,
        ],
        &["1", "1.0", "10", "-2"],
        &["1", "2", "10.0", "-2", "x"],
    ),
    (
        "k:d",
        &[Test::DateEquals, Test::DateNotEquals, Test::DateLessThan, Test::DateGreaterThanEquals],
        &["2020-01-01T00:00:00Z", "1577836800", "2021-06-01"],
        &["2020-01-01", "2021-06-01T00:00:00Z", "2019"],
    ),
    ("k:b", &[Test::Bool], &["true", "false"], &["true", "FALSE"]),
    (
        "k:i",
        &[Test::IpAddress, Test::NotIpAddress],
        &["10.0.0.0/8", "10.1.2.3", "::/0"],
        &["10.1.2.3", "11.0.0.1", "::1"],
    ),
    (
        "k:a",
        &[Test::ArnLike, Test::ArnNotLike, Test::ArnEquals, Test::ArnNotEquals],
        &["arn:aws:sns:*:1:t*", "arn:aws:sns:us-east-1:1:t", "arn:*:sqs:*:*:${aws:username}"],
        &["arn:aws:sns:us-east-1:1:t", "arn:aws:sns:us-east-1:1:t:x", "arn:aws:sqs:r:1:alice", "no"],
    ),
    ("k:t", &[Test::StringEquals, Test::BinaryEquals], &["a", "b"], &["a", "b"]),
    ("aws:username", &[Test::StringEquals, Test::StringNotLike], &["alice", "a*"], &["alice", "bob"]),
];

fn texts(from: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<Text<()>>> {
    subsequence(from.to_vec(), 1..=most)
        .prop_shuffle()
        .prop_map(|found| found.into_iter().map(|value| Text::new((), value)).collect())
}

fn choice(from: &'static [&'static str]) -> impl Strategy<Value = Choice<()>> {
    (prop::bool::weighted(0.2), texts(from, 3)).prop_map(|(excludes, values)| Choice {
        place: (),
        excludes,
        values,
    })
}

fn principals() -> impl Strategy<Value = Principals<()>> {
    (prop::bool::weighted(0.2), texts(PRINCIPALS, 3)).prop_map(|(excludes, names)| {
        let values = names.into_iter().map(|name| Principal { kind: PrincipalKind::Aws, name }).collect();
        Principals { place: (), excludes, values }
    })
}

fn operator(tests: &'static [Test]) -> impl Strategy<Value = Operator> {
    let quantifier = select(vec![None, None, Some(Quantifier::ForAllValues), Some(Quantifier::ForAnyValue)]);
    (quantifier, select(tests.to_vec()), prop::bool::weighted(0.2), prop::bool::weighted(0.1)).prop_map(
        |(quantifier, test, if_exists, is_null)| {
            if is_null { Operator::new(Test::Null) } else { Operator { quantifier, test, if_exists } }
        },
    )
}

pub(crate) fn condition() -> impl Strategy<Value = Condition<()>> {
    select(KEYS.to_vec()).prop_flat_map(|(key, tests, values, _)| {
        (operator(tests), texts(values, 2)).prop_map(move |(operator, values)| {
            let values = match operator.test {
                Test::Null => vec![Text::new((), if values.len() == 1 { "true" } else { "false" })],
                _ => values,
            };
            Condition { place: (), operator, operator_place: (), key: Text::new((), key), values }
        })
    })
}

/// Statements; with principals if they are of a resource's policy.
pub(crate) fn statement(of_resource: bool) -> impl Strategy<Value = Statement<()>> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let conditions = prop::collection::vec(condition(), 0..=2).prop_map(|mut conditions| {
        // No policy can have two conditions of one operator and key.
        conditions.sort_by_key(|one| (one.operator, one.key.value.clone()));
        conditions.dedup_by_key(|one| (one.operator, one.key.value.clone()));
        conditions
    });
    (effect, choice(ACTION_PATTERNS), choice(RESOURCE_PATTERNS), principals(), conditions).prop_map(
        move |(effect, actions, resources, principals, conditions)| Statement {
            place: (),
            sid: None,
            effect,
            principals: of_resource.then_some(principals),
            actions,
            resources: Some(resources),
            conditions,
        },
    )
}

/// Policies of identities or, some, of resources.
pub(crate) fn document() -> impl Strategy<Value = Document<()>> {
    prop::bool::weighted(0.3).prop_flat_map(document_of)
}

/// Policies of identities or of resources.
pub(crate) fn document_of(of_resource: bool) -> impl Strategy<Value = Document<()>> {
    let version = prop_oneof![1 => Just(Version::V2008), 5 => Just(Version::V2012)];
    (version, prop::collection::vec(statement(of_resource), 0..=3))
        .prop_map(|(version, statements)| Document { place: (), version, id: None, statements })
}
