//! The access keys of a user. Secrets are in nothing but the output of a creation.

use asiaq_runtime::{AccessKey, NewAccessKey};
use jiff::Timestamp;
use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BOLD, GOOD, PLAIN};
use crate::user_keys::UserKeys;

/// What a command does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Step {
    Create,
    Activate,
    Deactivate,
    /// Notes since when a key is inactive.
    Note,
    /// Waits until a key may be removed.
    Wait,
    Remove,
}

/// One line per key, below the headings.
pub(crate) fn text(found: &UserKeys) -> String {
    if found.keys.is_empty() {
        return format!("`{}` in account {} has no access keys.\n", found.user, found.account);
    }
    let rows = found.keys.iter().map(|key| {
        vec![
            Cell::new(BOLD, &key.id),
            Cell::new(if key.is_active { GOOD } else { PLAIN }, status(key)),
            Cell::plain(moment(key.created)),
            Cell::plain(key.last_used.map_or_else(|| "-".to_owned(), moment)),
        ]
    });
    table::listing(&["KEY", "STATUS", "CREATED", "LAST USED"], rows, 1)
}

fn status(key: &AccessKey) -> &'static str {
    if key.is_active { "active" } else { "inactive" }
}

/// Seconds since 1970 as `2026-11-29T20:15:00Z`.
fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| "-".to_owned(), |moment| moment.to_string())
}

#[derive(Serialize)]
pub(crate) struct Data<'a> {
    account: &'a str,
    user: &'a str,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    id: String,
    status: &'static str,
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
}

/// The same for programs.
pub(crate) fn data(found: &UserKeys) -> Data<'_> {
    let key = |key: &'_ AccessKey| Key {
        id: key.id.clone(),
        status: status(key),
        created: moment(key.created),
        last_used: key.last_used.map(moment),
    };
    Data { account: &found.account, user: &found.user, keys: found.keys.iter().map(key).collect() }
}

/// The question before a step.
pub(crate) fn question(found: &UserKeys, step: Step, key: Option<&AccessKey>) -> String {
    let whose = format!("of `{}` in account {}", found.user, found.account);
    let id = key.map(|key| key.id.as_str()).unwrap_or_default();
    let used = key.map_or_else(String::new, |key| match (key.is_active, key.last_used) {
        (true, Some(last)) => format!("It is active, and was last used at {}. ", moment(last)),
        (true, None) => "It is active. ".to_owned(),
        (false, _) => String::new(),
    });
    match step {
        Step::Create => {
            format!("Create an access key {whose}, and print its secret?")
        }
        Step::Activate => format!("Activate the access key {id} {whose}?"),
        Step::Deactivate => format!("{used}Deactivate the access key {id} {whose}?"),
        Step::Note => format!("Note that the access key {id} {whose} is inactive from now on?"),
        Step::Remove => format!("{used}Remove the access key {id} {whose} for good?"),
        Step::Wait => String::new(),
    }
}

/// What a rotation waits for.
pub(crate) fn waits(found: &UserKeys, key: &str, until: i64) -> String {
    format!(
        "the old access key {key} of `{}` is inactive; from {} on, `asiaq keys rotate` removes it",
        found.user,
        moment(until)
    )
}

/// A step that is taken, or would be.
#[derive(Serialize)]
pub(crate) struct Done<'a> {
    account: &'a str,
    user: &'a str,
    step: Step,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_access_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    dry_run: bool,
}

impl<'a> Done<'a> {
    fn of(found: &'a UserKeys, step: Step) -> Self {
        Self {
            account: &found.account,
            user: &found.user,
            step,
            access_key_id: None,
            secret_access_key: None,
            until: None,
            dry_run: false,
        }
    }

    /// A key with its secret.
    pub(crate) fn created(found: &'a UserKeys, made: &'a NewAccessKey) -> Self {
        let (access_key_id, secret_access_key) = (Some(made.id.as_str()), Some(made.secret.as_str()));
        Self { access_key_id, secret_access_key, ..Self::of(found, Step::Create) }
    }

    /// A step that was taken.
    pub(crate) fn taken(found: &'a UserKeys, step: Step, key: Option<&'a AccessKey>) -> Self {
        Self { access_key_id: key.map(|key| key.id.as_str()), ..Self::of(found, step) }
    }

    /// A step that would be taken.
    pub(crate) fn planned(found: &'a UserKeys, step: Step, key: Option<&'a AccessKey>) -> Self {
        Self { dry_run: true, ..Self::taken(found, step, key) }
    }

    /// Nothing to do before `until`.
    pub(crate) fn waits(found: &'a UserKeys, key: &'a str, until: i64) -> Self {
        Self { access_key_id: Some(key), until: Some(moment(until)), ..Self::of(found, Step::Wait) }
    }
}

/// A step in words; a new key as a profile of the AWS credentials file has it.
pub(crate) fn done(done: &Done<'_>) -> String {
    let id = done.access_key_id.unwrap_or_default();
    if let Some(secret) = done.secret_access_key {
        return format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    }
    let verb = match (done.step, done.dry_run) {
        (Step::Create, false) => "created",
        (Step::Create, true) => "would create",
        (Step::Activate, false) => "activated",
        (Step::Activate, true) => "would activate",
        (Step::Deactivate, false) => "deactivated",
        (Step::Deactivate, true) => "would deactivate",
        (Step::Note, false) => "noted as inactive from now on:",
        (Step::Note, true) => "would note as inactive from now on:",
        (Step::Remove, false) => "removed",
        (Step::Remove, true) => "would remove",
        (Step::Wait, _) => "waits with",
    };
    let what = if id.is_empty() { "an access key".to_owned() } else { format!("the access key {id}") };
    format!("{verb} {what} of `{}` in account {}\n", done.user, done.account)
}
