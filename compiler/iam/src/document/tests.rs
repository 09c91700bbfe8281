use std::fmt::Write as _;

use proptest::prelude::*;

use super::normal::normal;
use super::read::{Read, read};
use super::*;
use crate::fixture;

fn sound(text: &str) -> Document<std::ops::Range<usize>> {
    let Read { document, problems } = read(text);
    assert!(problems.is_empty(), "{text}: {problems:#?}");
    document.unwrap()
}

fn at<'t>(text: &'t str, place: &std::ops::Range<usize>) -> &'t str {
    text.get(place.clone()).unwrap()
}

/// The problems of a text, a line each: the code, what is marked, the message, and what helps.
fn problems(text: &str) -> String {
    let mut lines = String::new();
    for problem in read(text).problems {
        let marked = at(text, &problem.place);
        let marked = if marked.len() > 40 { "…" } else { marked };
        writeln!(lines, "{} at {marked}: {}", problem.code.word(), problem.message).unwrap();
        for (place, words) in &problem.related {
            writeln!(lines, "  {} at {}", words, at(text, place)).unwrap();
        }
        if let Some(help) = &problem.help {
            writeln!(lines, "  help: {help}").unwrap();
        }
    }
    lines
}

#[test]
fn every_part_has_its_place() {
    let text = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow", "Principal": { "AWS": ["123456789012", "*"] },
    "NotAction": "s3:Get*", "Resource": ["arn:aws:s3:::b/*"],
    "Condition": { "ForAllValues:StringLikeIfExists": { "aws:TagKeys": ["a", "b"] }, "Bool": {"aws:SecureTransport": true} }
  }
}"#;
    let document = sound(text);
    assert_eq!(document.version, Version::V2012);
    assert_eq!(at(text, &document.place), text);
    let [statement] = document.statements.as_slice() else { panic!("{document:?}") };
    assert!(at(text, &statement.place).starts_with("{\n    \"Effect\""));
    assert!(statement.actions.excludes && statement.resources.as_ref().is_some_and(|of| !of.excludes));
    assert_eq!(at(text, &statement.actions.values[0].place), "\"s3:Get*\"");
    let principals = statement.principals.as_ref().unwrap();
    assert_eq!(at(text, &principals.place), r#"{ "AWS": ["123456789012", "*"] }"#);
    assert!(!principals.values[0].is_everyone() && principals.values[1].is_everyone());
    let [tags, secure] = statement.conditions.as_slice() else { panic!("{statement:?}") };
    assert_eq!(tags.operator.word(), "ForAllValues:StringLikeIfExists");
    assert_eq!(at(text, &tags.place), r#""aws:TagKeys": ["a", "b"]"#);
    assert_eq!(at(text, &secure.values[0].place), "true");
    assert_eq!(secure.values[0].value, "true");
}

#[test]
fn what_is_no_policy_is_refused_at_its_place() {
    let mut shown = String::new();
    for text in [
        "",
        "[]",
        "{",
        "{\"Version\": \"2012-10-17\",}",
        "{\"Id\": \"a\nb\"}",
        r#"{"Statement": [], "statement": []}"#,
        r#"{"Statement": [], "Statement": []}"#,
        r#"{"Version": "2012-10-18", "Statement": [3, {}]}"#,
        r#"{"Statement": {"effect": "Allow", "Action": "*"}}"#,
        r#"{"Statement": {"Effect": "allow", "action": "*"}}"#,
        r#"{"Statement": {"Effect": "Alow", "Action": []}}"#,
        r#"{"Statement": {"Effect": true, "Action": {"a": 1}}}"#,
        r#"{"Statement": {"Effect": "Deny", "Action": "*", "NotAction": "s3:*", "Resource": ["*", 5, null]}}"#,
        r#"{"Statement": {"Effect": "Deny", "Action": "*", "Principal": "123456789012"}}"#,
        r#"{"Statement": {"Effect": "Deny", "Action": "*", "Principal": {"Aws": "*", "Service": 7}}}"#,
        r#"{"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"StringEqual": {"a:b": "c"}}}}"#,
        r#"{"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"stringlikeifexists": {"a:b": "c"}}}}"#,
        r#"{"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"NullIfExists": {"a:b": "c"}}}}"#,
        r#"{"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"Bool": {"a:b": {}, "c:d": []}}}}"#,
    ] {
        writeln!(shown, "{text}\n{}", problems(text)).unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn policies_that_mean_the_same_are_equal() {
    let of = |statement: &str| {
        normal(&sound(&format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#)))
    };
    let same = [
        (
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#,
            r#"[{"Resource":["*"],"Action":["S3:getobject"],"Effect":"Allow","Sid":""}]"#,
        ),
        (
            r#"{"Effect":"Deny","Action":["a:b","c:d"],"Resource":"*"}"#,
            r#"{"Effect":"Deny","Action":["c:d","a:b","a:b"],"Resource":["x","*"]}"#,
        ),
        (
            r#"[{"Effect":"Deny","Action":"a:b"},{"Effect":"Allow","Action":"c:d"}]"#,
            r#"[{"Effect":"Allow","Action":"c:d"},{"Effect":"Deny","Action":"a:b"}]"#,
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Principal":{"AWS":"123456789012"}}"#,
            r#"{"Effect":"Allow","Action":"*:*","Principal":{"AWS":["arn:aws:iam::123456789012:root"]}}"#,
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Principal":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Principal":{"AWS":"*"}}"#,
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"s3:max-keys":10},"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*"}}}"#,
            r#"{"Effect":"Allow","Action":"*","Condition":{"ArnLike":{"AWS:sourcearn":"arn:aws:sns:*"},"Bool":{"aws:SecureTransport":["True"]},"NumericLessThan":{"s3:max-keys":"10.0"}}}"#,
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.1.2.3/8"},"DateLessThan":{"aws:CurrentTime":"2020-01-01"}}}"#,
            r#"{"Effect":"Allow","Action":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"DateLessThan":{"aws:CurrentTime":"2019-12-31T23:00:00-01:00"}}}"#,
        ),
    ];
    for (one, other) in same {
        assert_eq!(of(one), of(other));
    }
    let other = [
        (r#"{"Effect":"Allow","Action":"s3:*"}"#, r#"{"Effect":"Deny","Action":"s3:*"}"#),
        (r#"{"Effect":"Allow","Action":"s3:*"}"#, r#"{"Effect":"Allow","NotAction":"s3:*"}"#),
        (
            r#"{"Effect":"Allow","Action":"*","Resource":"a"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"A"}"#,
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a:b":"C"}}}"#,
            r#"{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a:b":"c"}}}"#,
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a:b":"1"}}}"#,
            r#"{"Effect":"Allow","Action":"*","Condition":{"StringEquals":{"a:b":"1.0"}}}"#,
        ),
        (r#"{"Sid":"A","Effect":"Allow","Action":"*"}"#, r#"{"Sid":"B","Effect":"Allow","Action":"*"}"#),
    ];
    for (one, two) in other {
        assert_ne!(of(one), of(two));
    }
    let versions = |resource: &str| {
        ["2008-10-17", "2012-10-17"].map(|version| {
            let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}"#);
            normal(&sound(&format!(r#"{{"Version":"{version}","Statement":{statement}}}"#)))
        })
    };
    let [old, new] = versions("arn:aws:s3:::b/*");
    assert_eq!(old, new, "nothing could be a variable");
    let [old, new] = versions("arn:aws:s3:::b/${aws:username}");
    assert_ne!(old, new, "a variable is a text in the old version");
}

#[test]
fn what_is_sent_is_as_short_as_it_can_be() {
    let document = sound(
        r#"{ "Statement": [{ "Sid": "", "Condition": {"StringLike": {"s3:prefix": ["b", "a"]}}, "Resource": ["*"],
        "Action": ["s3:PutObject", "s3:GetObject", "s3:GetObject"], "Effect": "Allow", "Principal": {"AWS": ["*"]} }], "Version": "2012-10-17" }"#,
    );
    let printed = print(&document);
    assert_eq!(
        printed,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"*","Condition":{"StringLike":{"s3:prefix":["a","b"]}}}]}"#
    );
    assert_eq!(limits::size(&document), printed.len());
}

#[test]
fn limits_are_those_of_the_manual() {
    use limits::Holder;
    let all = [Holder::Managed, Holder::User, Holder::Group, Holder::Role, Holder::Trust];
    assert_eq!(all.map(Holder::most), [6_144, 2_048, 5_120, 10_240, 4_096]);
    assert_eq!(all.map(Holder::quota), [6_144, 2_048, 5_120, 10_240, 2_048]);
    assert_eq!(all.map(Holder::is_sum), [false, true, true, true, false]);
}

#[test]
fn operators_are_read_as_they_are_written() {
    for test in Test::ALL {
        for quantifier in [None, Some(Quantifier::ForAllValues), Some(Quantifier::ForAnyValue)] {
            for if_exists in [false, true] {
                let operator = Operator { quantifier, test: *test, if_exists };
                let is_known = *test != Test::Null || quantifier.is_none() && !if_exists;
                assert_eq!(Operator::read(&operator.word()), is_known.then_some(operator), "{operator:?}");
            }
        }
    }
    for wrong in [
        "",
        "stringequals",
        "StringEquals ",
        "IfExists",
        "ForAllValues:",
        "ForAnyValue:ForAnyValue:Bool",
        "Equals",
    ] {
        assert_eq!(Operator::read(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn a_policy_survives_being_written_and_read(document in fixture::document()) {
        let printed = print(&document);
        let again = sound(&printed);
        prop_assert_eq!(normal(&again), normal(&document));
        prop_assert_eq!(print(&again), printed);
    }

    #[test]
    fn any_text_is_read(text in ".{0,40}|\\{(\"(Version|Statement|Effect|Action)\"|[\\[\\]{}:,\"]|1){0,12}") {
        let found = read(&text);
        for problem in &found.problems {
            prop_assert!(text.get(problem.place.clone()).is_some(), "{:?}", problem);
        }
        let is_object = serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|json| json.is_object());
        prop_assert_eq!(found.document.is_some(), is_object);
    }
}
