//! Operators: accounts of people on machines.

use std::collections::BTreeSet;

use asiaq_ir_derive::ResourceKind;
use serde::{Deserialize, Serialize};

/// An operator: an object in a credential bucket, from which machines make an account. Its id is its name. Beside it is the
/// object of the group with its name.
///
/// It is written key by key: what others write into it stays. It is not deleted but deactivated, so that nobody gets its uid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "s3:::{id}", fields(uid)))]
#[resource(outage(none))]
#[resource(deletion = Safe, summary(name))]
#[aws(tags = "s3:PutObjectTagging.Tagging.TagSet", own_tags = 1)]
pub struct Operator {
    /// The bucket and the key: `us-west-2.shop.credentials.ci/accounts/users/anna`.
    #[resource(replace = "the account is in another file", exclusive)]
    #[aws("s3:PutObject.Key")]
    pub name: String,
    /// Number of the account and, as a rule, of its group. The adapter chooses one that is free if it is left out.
    #[resource(if_set = Disruptive)]
    #[aws(not_sent = "it is a line of the object")]
    pub uid: Option<u32>,
    /// Groups of the account beside its own.
    #[resource(elements(removed = Disruptive))]
    #[aws(not_sent = "they are a line of the object")]
    pub groups: BTreeSet<String>,
    /// Login shell.
    #[aws(not_sent = "it is a line of the object")]
    pub shell: String,
    /// Home directory.
    #[aws(not_sent = "it is a line of the object")]
    pub home: Option<String>,
    /// Public keys, each as a line of `authorized_keys`.
    #[resource(elements(removed = Disruptive))]
    #[aws(not_sent = "they are lines of the object")]
    pub ssh_keys: BTreeSet<String>,
    /// Whether the account can be used; none where the object does not say it.
    #[resource(decrease_risk = Disruptive)]
    #[aws(not_sent = "it is a line of the object")]
    pub active: Option<bool>,
    /// Whether both objects are there with their numbers, as machines need them.
    #[aws(not_sent = "it follows from the objects")]
    pub is_whole: bool,
}

/// The name of a credential bucket with this ending. Other regions than the first one of the original have no dots, so that
/// the certificates of S3 fit.
pub fn credential_bucket(region: &str, project: &str, ending: &str) -> String {
    match region {
        "us-west-2" => format!("{region}.{project}.credentials.{ending}"),
        _ => format!("{region}--{project}--credentials--{ending}"),
    }
}

impl Operator {
    /// Where the keys of operators begin.
    pub const FOLDER: &'static str = "accounts/users/";

    /// The bucket and the key of an operator.
    pub fn place(bucket: &str, account: &str) -> String {
        format!("{bucket}/{}{account}", Self::FOLDER)
    }

    /// Bucket and account of an operator.
    pub fn parts(name: &str) -> Option<(&str, &str)> {
        let (bucket, key) = name.split_once('/')?;
        Some((bucket, key.strip_prefix(Self::FOLDER)?))
    }
}
