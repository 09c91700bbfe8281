//! What an account keeps and records: buckets, trails and documents.

mod checks;
mod names;
mod read;
mod writers;

use std::collections::BTreeMap;

use asiaq_iam::document::{Document as Policy, Statement, Version};
use asiaq_ir::{
    AccessBlock, CorsRule, Encryption, Grant, LifecycleRule, Notification, Replication, Retention, Website,
};
use asiaq_lang::Span;

use super::identity::Written;
use crate::evaluate::Resolved;
use crate::value::Spanned;

pub(super) use checks::{check_all, key_problem, name_problem, role_problem};
pub(super) use names::add_arns;
pub(super) use read::fill;
pub(super) use writers::grant_writers;
pub(crate) use writers::{ACCESS_LOGS, CLOUDTRAIL};

/// What an account declares of buckets, trails and documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Storage {
    /// Buckets.
    pub(crate) buckets: Vec<Bucket>,
    /// Trails.
    pub(crate) trails: Vec<Trail>,
    /// Documents of Systems Manager.
    pub(crate) documents: Vec<Document>,
}

/// What every declaration here has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Titled {
    /// Name of the declaration.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Name in AWS.
    pub(crate) aws: Resolved<String>,
    /// Additional tags.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bucket {
    pub(crate) title: Titled,
    pub(crate) versioning: Resolved<bool>,
    pub(crate) object_lock: Resolved<bool>,
    pub(crate) retention: Option<Resolved<Retention>>,
    pub(crate) encryption: Resolved<Encryption>,
    pub(crate) access_block: Resolved<AccessBlock>,
    pub(crate) ownership: Resolved<String>,
    /// Its policy, without what asiaq adds.
    pub(crate) policy: Option<Written>,
    /// What asiaq adds for those who write to it.
    pub(crate) writers: Vec<Statement<Span>>,
    /// The bucket of the account that gets the access logs, and the beginning of their keys.
    pub(crate) logging: Option<(Resolved<String>, String)>,
    pub(crate) grants: Vec<Spanned<Grant>>,
    pub(crate) lifecycle: Vec<Spanned<LifecycleRule>>,
    pub(crate) cors: Vec<Spanned<CorsRule>>,
    pub(crate) website: Option<Spanned<Website>>,
    pub(crate) notifications: Vec<Spanned<Notification>>,
    pub(crate) copies: Option<Copies>,
}

impl Bucket {
    /// Its policy as AWS gets it: what the program says, and what its writers need.
    pub(crate) fn whole_policy(&self) -> Option<Policy<Span>> {
        let place = self.title.span;
        let own = self.policy.as_ref().map(|written| written.document.clone());
        let mut policy =
            own.unwrap_or(Policy { place, version: Version::V2012, id: None, statements: Vec::new() });
        policy.statements.extend(self.writers.iter().cloned());
        (!policy.statements.is_empty()).then_some(policy)
    }
}

/// Where new objects of a bucket are copied to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Copies {
    /// The first rule.
    pub(crate) span: Span,
    pub(crate) replication: Replication,
    /// The buckets of the program with the copies, with the account before a slash where that is said.
    pub(crate) to: Vec<Spanned<String>>,
}

/// A trail.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trail {
    pub(crate) title: Titled,
    /// The bucket that gets the records, with the account before a slash where that is said.
    pub(crate) bucket: Resolved<String>,
    pub(crate) prefix: Option<Resolved<String>>,
    pub(crate) multi_region: Resolved<bool>,
    pub(crate) global_events: Resolved<bool>,
    pub(crate) organization: Option<Resolved<String>>,
    pub(crate) validation: Resolved<bool>,
    pub(crate) kms_key: Option<Resolved<String>>,
    pub(crate) log_group: Option<Resolved<String>>,
    pub(crate) log_role: Option<Resolved<String>>,
    pub(crate) topic: Option<Resolved<String>>,
    pub(crate) record: Resolved<String>,
    pub(crate) objects: Resolved<Vec<Spanned<String>>>,
    pub(crate) logging: Resolved<bool>,
}

/// A document of Systems Manager.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) title: Titled,
    pub(crate) of: Resolved<String>,
    pub(crate) format: Resolved<String>,
    pub(crate) content: Resolved<String>,
    pub(crate) target: Option<Resolved<String>>,
}

/// The account and the name of what `logs` or `audit/logs` in an account is.
pub(crate) fn in_account<'t>(account: &'t str, reference: &'t str) -> (&'t str, &'t str) {
    reference.split_once('/').unwrap_or((account, reference))
}
