//! Texts of all kinds are read, checked and evaluated as policies.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod properties;

use proptest::prelude::*;
use proptest::sample::select;

/// A policy with a bit of everything.
const POLICY: &str = r#"{ "Version": "2012-10-17", "Id": "x", "Statement": [
  { "Sid": "A", "Effect": "Allow", "NotPrincipal": { "AWS": ["111111111111", "*"], "Service": "ec2.amazonaws.com" },
    "Action": ["s3:Get*", "iam:PassRole"], "NotResource": "arn:aws:s3:::b/${aws:username, 'none'}",
    "Condition": { "ForAllValues:StringLikeIfExists": { "aws:TagKeys": ["a*", "b"] },
      "Bool": { "aws:MultiFactorAuthPresent": true }, "NumericLessThan": { "s3:max-keys": 10 },
      "IpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "DateLessThan": { "aws:CurrentTime": "2030-01-01T00:00:00Z" } } },
  { "Effect": "Deny", "NotAction": "*", "Resource": ["*"] } ] }"#;

/// What documents are made of.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "null",
    "true",
    "1e9",
    "-",
    " ",
    "\n",
    "\\u0000",
    "\\ud800",
    "é",
    "*",
    "?",
    "${",
    "${*}",
    "\"Statement\"",
    "\"Effect\"",
    "\"Allow\"",
    "\"Action\"",
    "\"Resource\"",
    "\"Condition\"",
    "\"Principal\"",
    "\"s3:*\"",
    "\"arn:aws:s3:::*\"",
    "\"Null\"",
    "\"StringEquals\"",
    "\"aws:SourceIp\"",
];

proptest! {
    #[test]
    fn any_words(words in prop::collection::vec(select(WORDS), 0..40)) {
        properties::policy(&words.concat());
    }

    #[test]
    fn a_policy_of_which_something_is_changed(at in 0..POLICY.len(), length in 0_usize..12, word in select(WORDS)) {
        let (start, rest) = (POLICY.get(..at), POLICY.get((at + length).min(POLICY.len())..));
        if let (Some(start), Some(rest)) = (start, rest) {
            properties::policy(&format!("{start}{word}{rest}"));
        }
    }
}

#[test]
fn a_policy_and_none() {
    for text in [POLICY, "", "{}", "[]", "3", "{\"Statement\":[]}", "\u{feff}{}", "{\"Statement\":\u{a0}[]}"]
    {
        properties::policy(text);
    }
}

#[test]
fn deep_and_wide_texts_end() {
    properties::policy(&"[".repeat(100_000));
    properties::policy(&format!("{}{}", "{\"Statement\":".repeat(2_000), "}".repeat(2_000)));
    let stars = "a*".repeat(2_000);
    let statement =
        format!(r#"{{"Effect":"Deny","Action":"s3:{stars}","Resource":"arn:aws:s3:::{stars}b"}}"#);
    properties::policy(&format!(r#"{{"Statement":[{statement},{statement}]}}"#));
    let many = vec![r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#; 2_000].join(",");
    properties::policy(&format!(r#"{{"Statement":[{many}]}}"#));
}
