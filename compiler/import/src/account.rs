//! An account that is written, and how its parts are named.

use std::collections::BTreeSet;

use asiaq_lang::Span;

use crate::draft::Node;
use crate::ini::{Section, Setting};
use crate::sections::word;
use crate::words::{quoted, words};

/// The trust policy of people who sign in.
pub(crate) const FEDERATION: &str = "iam/federation/AssumeRolePolicyDocument.iam";

/// What an account is written with.
pub(crate) struct Account<'a> {
    pub(crate) name: &'a str,
    pub(crate) iam: Option<&'a Section>,
}

impl<'a> Account<'a> {
    /// An option of `[iam]` for the account.
    pub(crate) fn get(&self, option: &str) -> Option<&'a Setting> {
        let iam = self.iam?;
        iam.get(&format!("{option}@{}", self.name.to_ascii_lowercase())).or_else(|| iam.get(option))
    }

    pub(crate) fn said(&self, option: &str) -> Option<&'a Setting> {
        self.get(option).filter(|setting| !setting.value.is_empty())
    }

    pub(crate) fn names(&self, option: &str) -> BTreeSet<&'a str> {
        self.said(option).map(|setting| words(&setting.value).into_iter().collect()).unwrap_or_default()
    }
}

/// A declaration with its own name in AWS, where that is no name of `.asq`.
pub(crate) fn named(kind: &str, aws: &str, origin: Span, mut body: Vec<Node>) -> Node {
    if word(aws) != aws {
        body.insert(0, Node::field(format!("name = {}", quoted(aws)), origin));
    }
    Node::block(format!("{kind} {}", word(aws)), Some(origin), body)
}
