//! ARNs of what buckets and trails use: of the right service, and in the region and account where AWS looks for them.

use asiaq_iam::is_account_id;
use asiaq_ir::{Partition, Ref};
use asiaq_lang::{Diagnostic, Span};

use super::in_account;
use crate::errors;
use crate::model::Account;
use crate::model::storage::Trail;

/// What an ARN has to be.
struct Wanted<'w> {
    /// In words: "a topic".
    what: &'w str,
    service: &'w str,
    /// How the part behind the account begins.
    starts: &'w [&'w str],
    /// The region; absent where any will do.
    region: Option<&'w str>,
    /// The account; absent where any will do.
    account: Option<&'w str>,
}

/// Keys of KMS have the region of what they encrypt ("`PutBucketEncryption`" and "`CreateTrail`" of the API references).
const KEY: Wanted<'_> =
    Wanted { what: "a key of KMS", service: "kms", starts: &["key/", "alias/"], region: None, account: None };
const ROLE: Wanted<'_> =
    Wanted { what: "a role", service: "iam", starts: &["role/"], region: Some(""), account: None };

pub(super) fn check(accounts: &[Account], account: &Account, diagnostics: &mut Vec<Diagnostic>) {
    let (region, id) = (account.region.as_str(), account.id.value.as_str());
    if region.is_empty() {
        // It is broken or missing, which is reported.
        return;
    }
    let mut look = |text: &str, span: Span, wanted: &Wanted<'_>| {
        let partition = Partition::of(region).name();
        if let Some(why) = problem(text, partition, wanted) {
            diagnostics.push(errors::unfit_arn(span, text, wanted.what, &why, &like(partition, id, wanted)));
        }
    };
    for bucket in &account.storage.buckets {
        if let Some(key) = bucket.encryption.value.key.as_ref().filter(|key| !is_name_of_key(key)) {
            look(key, bucket.encryption.span(), &Wanted { region: Some(region), ..KEY });
        }
        for notification in &bucket.notifications {
            let Ref::Id(topic) = &notification.value.topic else { continue };
            let wanted = Wanted {
                what: "a topic that S3 can tell of events",
                service: "sns",
                starts: &[],
                region: Some(region),
                account: None,
            };
            look(topic, notification.span, &wanted);
        }
        if let Some(copies) = &bucket.copies {
            look(&copies.replication.role, copies.span, &Wanted { account: Some(id), ..ROLE });
        }
    }
    for trail in &account.storage.trails {
        let Trail { kms_key, log_group, log_role, topic, .. } = trail;
        // The key has to be where the bucket is.
        let owner = in_account(&account.name, &trail.bucket.value).0;
        let owner = accounts.iter().find(|other| other.name == owner);
        if let Some(key) = kms_key.as_ref().filter(|key| !is_name_of_key(&key.value)) {
            let region = owner.map(|owner| owner.region.as_str()).filter(|region| !region.is_empty());
            look(&key.value, key.span(), &Wanted { region, ..KEY });
        }
        if let Some(group) = log_group {
            let wanted = Wanted {
                what: "a log group of the trail",
                service: "logs",
                starts: &["log-group:"],
                region: Some(region),
                account: Some(id),
            };
            look(&group.value, group.span(), &wanted);
        }
        if let Some(role) = log_role {
            look(&role.value, role.span(), &Wanted { account: Some(id), ..ROLE });
        }
        // CloudTrail takes the name of a topic too.
        if let Some(topic) = topic.as_ref().filter(|topic| topic.value.contains(':')) {
            let wanted =
                Wanted { what: "a topic", service: "sns", starts: &[], region: Some(region), account: None };
            look(&topic.value, topic.span(), &wanted);
        }
    }
}

/// What is wrong with the ARN of a key of KMS in a region, where nothing else names the key.
pub(in crate::model) fn key_problem(text: &str, span: Span, region: &str) -> Option<Diagnostic> {
    unfit(text, span, region, &Wanted { region: Some(region), starts: &["key/"], ..KEY })
}

/// What is wrong with the ARN of a role.
pub(in crate::model) fn role_problem(text: &str, span: Span, region: &str) -> Option<Diagnostic> {
    unfit(text, span, region, &ROLE)
}

fn unfit(text: &str, span: Span, region: &str, wanted: &Wanted<'_>) -> Option<Diagnostic> {
    if region.is_empty() {
        // It is broken, and has been reported.
        return None;
    }
    let partition = Partition::of(region).name();
    let why = problem(text, partition, wanted)?;
    Some(errors::unfit_arn(span, text, wanted.what, &why, &like(partition, "111111111111", wanted)))
}

/// Whether a text is the id or the alias of a key in the same account and region.
fn is_name_of_key(text: &str) -> bool {
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
    };
    match text.strip_prefix("alias/") {
        Some(alias) => is_word(alias),
        None => text.contains('-') && !text.contains('/') && is_word(text),
    }
}

/// Why a text is not what is wanted.
fn problem(text: &str, partition: &str, wanted: &Wanted<'_>) -> Option<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", of, service, region, account, rest] = parts.as_slice() else {
        return Some("not an ARN".to_owned());
    };
    if *of != partition {
        return Some(format!("in the partition `{of}`"));
    }
    if *service != wanted.service {
        return Some(format!("an ARN of the service `{service}`"));
    }
    if wanted.region.is_some_and(|here| here != *region) {
        return Some(if region.is_empty() {
            "without a region".to_owned()
        } else {
            format!("in the region `{region}`")
        });
    }
    if !is_account_id(account) {
        return Some(format!("`{account}` is no account id"));
    }
    if wanted.account.is_some_and(|here| here != *account) {
        return Some(format!("in the account `{account}`"));
    }
    let is_meant = |start: &&str| rest.strip_prefix(start).is_some_and(|name| !name.is_empty());
    let is_named =
        if wanted.starts.is_empty() { !rest.is_empty() } else { wanted.starts.iter().any(is_meant) };
    (!is_named).then(|| format!("an ARN of something else in `{service}`"))
}

/// How the ARN looks.
fn like(partition: &str, account: &str, wanted: &Wanted<'_>) -> String {
    let region = wanted.region.unwrap_or("REGION");
    let account = wanted.account.unwrap_or(account);
    let start = wanted.starts.first().copied().unwrap_or_default();
    format!("arn:{partition}:{}:{region}:{account}:{start}NAME", wanted.service)
}
