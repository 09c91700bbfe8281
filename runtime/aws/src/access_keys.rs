//! The access keys of users.

use asiaq_ir::{ADDRESS_TAG, Address, PROJECT_TAG};
use asiaq_runtime::{AccessKey, NewAccessKey, Result, Retired};
use aws_sdk_iam::types::{AccessKeyMetadata, StatusType, Tag};

use crate::config::Aws;
use crate::kinds::identity::credentials::LIST_ACCESS_KEYS;
use crate::kinds::identity::credentials::removals::DELETE_ACCESS_KEY;
use crate::kinds::user::{GET_USER, TAG_USER, UNTAG_USER};
use crate::operation::{Access, Operation, ops};
use crate::region::Region;
use crate::service::iam;

ops! { iam:
    GET_ACCESS_KEY_LAST_USED = "GetAccessKeyLastUsed", Read;
    CREATE_ACCESS_KEY = "CreateAccessKey", Write;
    UPDATE_ACCESS_KEY = "UpdateAccessKey", Write;
}

/// The operations of kinds that the commands for keys call too.
pub(crate) const MORE: &[Operation] = &[
    DELETE_ACCESS_KEY.used_for(Access::Write),
    LIST_ACCESS_KEYS,
    GET_USER,
    TAG_USER.used_for(Access::Write),
    UNTAG_USER.used_for(Access::Write),
];

/// Tag of a user with the old key of a rotation and, once it is, when it was inactive, in seconds since 1970.
const RETIRED_TAG: &str = "asiaq:retired-key";

/// A user with its keys.
#[derive(Clone, Debug)]
pub struct UserKeys {
    /// Whether the user in AWS is that of the project and the address.
    pub is_own: bool,
    /// Its keys, as AWS lists them.
    pub keys: Vec<AccessKey>,
    /// The note of a rotation.
    pub retired: Option<Retired>,
}

impl Aws {
    /// The keys of a user; absent if there is no such user.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn access_keys(
        &self,
        region: &str,
        user: &str,
        project: &str,
        address: &Address,
    ) -> Result<Option<UserKeys>> {
        let region = self.region(region);
        let answer = GET_USER.call(region.iam().get_user().user_name(user).send()).await;
        let Some(answer) = iam.found(answer)? else { return Ok(None) };
        let found = GET_USER.part("user", answer.user)?;
        let tag = |key: &str| found.tags().iter().find(|tag| tag.key() == key).map(Tag::value);
        let is_own = tag(PROJECT_TAG) == Some(project) && tag(ADDRESS_TAG) == Some(address.as_str());
        let pages = region.iam().list_access_keys().user_name(user).into_paginator().items().send();
        let mut keys = Vec::new();
        for listed in LIST_ACCESS_KEYS.all(pages).await? {
            keys.extend(key(&region, &listed).await?);
        }
        Ok(Some(UserKeys { is_own, keys, retired: tag(RETIRED_TAG).map(retired) }))
    }

    /// Creates a key. The call is made at most once.
    ///
    /// # Errors
    /// If the call fails. If there was no answer, there may be a key whose secret nobody has seen.
    pub async fn create_access_key(&self, region: &str, user: &str) -> Result<NewAccessKey> {
        let region = self.region(region);
        let call = region.iam_at_most_once().create_access_key().user_name(user);
        let key = CREATE_ACCESS_KEY.call(call.send()).await?.access_key;
        let key = CREATE_ACCESS_KEY.part("key", key)?;
        Ok(NewAccessKey { id: key.access_key_id, secret: key.secret_access_key })
    }

    /// Activates or deactivates a key.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn set_access_key(&self, region: &str, user: &str, key: &str, status: KeyStatus) -> Result<()> {
        let status = match status {
            KeyStatus::Active => StatusType::Active,
            KeyStatus::Inactive => StatusType::Inactive,
        };
        let region = self.region(region);
        let call = region.iam().update_access_key().user_name(user).access_key_id(key).status(status);
        UPDATE_ACCESS_KEY.call(call.send()).await.map(drop)
    }

    /// Removes a key. That it is not there is no error.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn delete_access_key(&self, region: &str, user: &str, key: &str) -> Result<()> {
        let region = self.region(region);
        let call = region.iam().delete_access_key().user_name(user).access_key_id(key);
        iam.found(DELETE_ACCESS_KEY.call(call.send()).await).map(drop)
    }

    /// Writes the note of a rotation at a user, or removes it.
    ///
    /// # Errors
    /// If the call fails.
    pub async fn note_retired(&self, region: &str, user: &str, note: Option<&Retired>) -> Result<()> {
        let region = self.region(region);
        let Some(Retired { key, since }) = note else {
            let call = region.iam().untag_user().user_name(user).tag_keys(RETIRED_TAG);
            return UNTAG_USER.call(call.send()).await.map(drop);
        };
        let since = since.map(|since| format!(" {since}")).unwrap_or_default();
        let tag = TAG_USER.built(Tag::builder().key(RETIRED_TAG).value(format!("{key}{since}")).build())?;
        TAG_USER.call(region.iam().tag_user().user_name(user).tags(tag).send()).await.map(drop)
    }
}

/// Whether calls that are signed with a key are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStatus {
    /// They are.
    Active,
    /// They are not.
    Inactive,
}

async fn key(region: &Region<'_>, listed: &AccessKeyMetadata) -> Result<Option<AccessKey>> {
    let Some(id) = listed.access_key_id() else { return Ok(None) };
    let call = region.iam().get_access_key_last_used().access_key_id(id);
    let answer = iam.found(GET_ACCESS_KEY_LAST_USED.call(call.send()).await)?;
    let last_used =
        answer.and_then(|answer| answer.access_key_last_used).and_then(|used| used.last_used_date);
    Ok(Some(AccessKey {
        id: id.to_owned(),
        is_active: listed.status() == Some(&StatusType::Active),
        created: listed.create_date().map(aws_smithy_types::DateTime::secs).unwrap_or_default(),
        last_used: last_used.map(|moment| moment.secs()),
    }))
}

fn retired(note: &str) -> Retired {
    let (key, since) = note.split_once(' ').unwrap_or((note, ""));
    Retired { key: key.to_owned(), since: since.parse().ok() }
}
