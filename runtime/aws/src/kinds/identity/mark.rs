//! The mark of a user group, which AWS does not tag: an inline policy. It allows an action that needs no permission, and
//! that only for requests with tags that no such request has; the names and values of these tags are those of the mark.
//!
//! While a group is created or deleted it cannot have a policy. Then its path is its mark:
//! `/asiaq/PROJECT/NAME/ADDRESS/`.

use std::collections::BTreeMap;

use asiaq_ir::{ACCOUNT_TAG, ADDRESS_TAG, Address, ENV_TAG, NAME_TAG, PROJECT_TAG};
use serde::{Deserialize, Serialize};

use crate::kinds::prelude::*;
use crate::kinds::values::{escaped, unescaped};

/// Tag of a role or a user with the note on what asiaq gave it; a group has it in its mark.
pub(in crate::kinds) const NOTE_TAG: &str = "asiaq:attached";

/// The name of the inline policy.
pub(in crate::kinds) const NAME: &str = "asiaq";

/// What a mark keeps of the tags of a group.
const KEPT: [&str; 6] = [PROJECT_TAG, ENV_TAG, ACCOUNT_TAG, ADDRESS_TAG, NAME_TAG, NOTE_TAG];

/// The beginning of a path that is a mark.
const PATH: &str = "/asiaq/";

/// Condition key of the tags of a request, before the key of the tag.
const REQUEST_TAG: &str = "aws:RequestTag/";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: String,
    statement: Vec<Statement>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: String,
    action: String,
    resource: String,
    condition: Condition,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    string_equals: BTreeMap<String, String>,
}

/// The policy that says what a mark keeps of `tags`.
pub(in crate::kinds) fn write(tags: &Tags) -> String {
    let kept = tags.iter().filter(|(key, _)| KEPT.contains(&key.as_str()));
    let string_equals = kept.map(|(key, value)| (format!("{REQUEST_TAG}{key}"), value.clone())).collect();
    let statement = Statement {
        effect: "Allow".to_owned(),
        action: "sts:GetCallerIdentity".to_owned(),
        resource: "*".to_owned(),
        condition: Condition { string_equals },
    };
    let policy = Policy { version: "2012-10-17".to_owned(), statement: vec![statement] };
    // Maps with text for keys can be written.
    serde_json::to_string(&policy).unwrap_or_default()
}

/// The path that says `tags` of a group.
pub(in crate::kinds) fn path(tags: &Tags, name: &str) -> String {
    let tag = |key: &str| escaped(tags.get(key).map(String::as_str).unwrap_or_default());
    format!("{PATH}{}/{name}/{}/", tag(PROJECT_TAG).replace('/', "%2f"), tag(ADDRESS_TAG))
}

/// The tags in a path; none where it is not a mark.
pub(in crate::kinds) fn of_path(path: &str) -> Tags {
    let parts =
        path.strip_prefix(PATH).and_then(|rest| rest.strip_suffix('/')).map(|rest| rest.splitn(3, '/'));
    let mut parts = parts.into_iter().flatten();
    let (Some(project), Some(name), Some(address)) = (parts.next(), parts.next(), parts.next()) else {
        return Tags::new();
    };
    let mut tags = tags::of_owned(&Address::parse(&unescaped(address)), &unescaped(project));
    tags.insert(NAME_TAG.to_owned(), name.to_owned());
    tags
}

/// What the policy of a group says, or its path where it has none.
pub(in crate::kinds) fn said(policy: Option<&str>, path: &str) -> Tags {
    policy.map(read).filter(|tags| !tags.is_empty()).unwrap_or_else(|| of_path(path))
}

/// The tags in a policy; none where it is not a mark.
fn read(policy: &str) -> Tags {
    let policy: Option<Policy> = serde_json::from_str(policy).ok();
    let said = policy.into_iter().flat_map(|policy| policy.statement);
    said.flat_map(|statement| statement.condition.string_equals)
        .filter_map(|(key, value)| Some((key.strip_prefix(REQUEST_TAG)?.to_owned(), value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_back_as_it_went() {
        let tags = |all: &[(&str, &str)]| -> Tags {
            all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let mut owner = tags(&[
            (PROJECT_TAG, "the \"shop\" & co/1"),
            (ACCOUNT_TAG, "audit"),
            (ADDRESS_TAG, "account/audit/group/dev"),
            (NAME_TAG, "dev"),
        ]);
        let path = path(&owner, "dev");
        assert_eq!(path, "/asiaq/the%20%22shop%22%20%26%20co%2f1/dev/account/audit/group/dev/");
        assert_eq!(said(None, &path), owner);
        owner.insert(NOTE_TAG.to_owned(), "0123ab".to_owned());
        let mut more = owner.clone();
        more.insert("team".to_owned(), "astro".to_owned());
        assert_eq!(said(Some(&write(&more)), "/"), owner);
        assert_eq!(said(Some("{}"), "/team/"), Tags::new());
    }
}
