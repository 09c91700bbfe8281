//! Secrets of Secrets Manager.

use asiaq_ir::SecretState;
use asiaq_runtime::{CloudError, NewSecret, Result, SecretValue, SecretVersion, SecretWritten, StoredSecret};
use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, Tag};

use super::moment;
use crate::credentials::{GET_SECRET_VALUE, LIST_SECRET_VERSION_IDS};
use crate::operation::ops;
use crate::region::Region;
use crate::service::secretsmanager;

ops! { secretsmanager:
    LIST_SECRETS = "ListSecrets", Read;
    DESCRIBE_SECRET = "DescribeSecret", Read;
    CREATE_SECRET = "CreateSecret", Write;
    PUT_SECRET_VALUE = "PutSecretValue", Write;
    RESTORE_SECRET = "RestoreSecret", Write;
    TAG_RESOURCE = "TagResource", Write;
    DELETE_SECRET = "DeleteSecret", Write;
}

/// Bytes of a value ("AWS Secrets Manager quotas").
const MOST: usize = 65_536;
/// What marks the value that a secret has now.
const CURRENT: &str = "AWSCURRENT";

/// The secrets whose names begin with `start` and whose keys begin with `prefix`, and maybe others.
pub(super) async fn list(region: &Region<'_>, start: &str, prefix: &str) -> Result<Vec<StoredSecret>> {
    let mut call = region.secretsmanager().list_secrets().include_planned_deletion(true);
    let name = format!("{start}{prefix}");
    if !name.is_empty() {
        call = call.filters(Filter::builder().key(FilterNameStringType::Name).values(name).build());
    }
    let pages = LIST_SECRETS.all(call.into_paginator().send()).await?;
    let all = pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default());
    let secrets = all.filter_map(|secret| {
        Some(StoredSecret {
            // The filter does not mind capitals.
            key: secret.name?.strip_prefix(start).filter(|key| !key.is_empty())?.to_owned(),
            changed: moment(secret.last_changed_date.as_ref()),
            size: None,
            deleted: moment(secret.deleted_date.as_ref()),
        })
    });
    Ok(secrets.collect())
}

/// No value is read.
pub(super) async fn state(region: &Region<'_>, name: &str) -> Result<SecretState> {
    let call = region.secretsmanager().describe_secret().secret_id(name);
    let found = secretsmanager.found(DESCRIBE_SECRET.call(call.send()).await)?;
    Ok(match found {
        None => SecretState::Missing,
        Some(secret) => match secret.deleted_date {
            Some(date) => SecretState::Deleted(moment(Some(&date)).unwrap_or_default()),
            None => SecretState::Present,
        },
    })
}

pub(super) async fn get(
    region: &Region<'_>,
    name: &str,
    version: Option<&str>,
) -> Result<Option<SecretValue>> {
    let call = region.secretsmanager().get_secret_value().secret_id(name);
    let call = call.set_version_id(version.map(ToOwned::to_owned));
    let answer = GET_SECRET_VALUE.call(call.send()).await;
    let answer = match answer {
        Err(error) if is_deleted(&error) => None,
        answer => secretsmanager.found(answer)?,
    };
    Ok(answer.and_then(|answer| {
        let binary = answer.secret_binary.map(Blob::into_inner);
        answer.secret_string.map(String::into_bytes).or(binary).map(SecretValue::new)
    }))
}

/// Writes the value of a secret, which is created where there is none, or brought back where it is deleted.
pub(super) async fn put(region: &Region<'_>, name: &str, new: NewSecret<'_>) -> Result<SecretWritten> {
    let bytes = new.value.bytes();
    if bytes.is_empty() {
        return Err(CREATE_SECRET.refused("the value is empty, and Secrets Manager takes at least one byte"));
    }
    if bytes.len() > MOST {
        let message = format!(
            "the value has {} bytes, and Secrets Manager takes {MOST}: a credential bucket takes it",
            bytes.len()
        );
        return Err(CREATE_SECRET.refused(message));
    }
    let text = new.value.text().filter(|text| !text.contains('\0')).map(ToOwned::to_owned);
    let binary = text.is_none().then(|| Blob::new(bytes));
    let tags = new.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let create = region
        .secretsmanager()
        .create_secret()
        .name(name)
        .set_description(new.description.map(ToOwned::to_owned))
        .set_secret_string(text.clone())
        .set_secret_binary(binary.clone())
        .set_tags(Some(tags.collect()));
    match CREATE_SECRET.call(create.send()).await {
        Err(error) if secretsmanager.is_taken(&error) => {}
        done => return done.map(|_| SecretWritten::Done),
    }
    let is_deleted = matches!(state(region, name).await?, SecretState::Deleted(_));
    if is_deleted {
        let call = region.secretsmanager().restore_secret().secret_id(name);
        RESTORE_SECRET.call(call.send()).await?;
    } else if let Some(there) = get(region, name, None).await? {
        if there == *new.value {
            return Ok(SecretWritten::Done);
        }
        if new.only_if_absent {
            return Ok(SecretWritten::Kept);
        }
    }
    let call = region.secretsmanager().put_secret_value().secret_id(name);
    let call = call.set_secret_string(text).set_secret_binary(binary);
    PUT_SECRET_VALUE.call(call.send()).await?;
    Ok(if is_deleted { SecretWritten::Restored } else { SecretWritten::Done })
}

fn is_deleted(error: &CloudError) -> bool {
    error.code == "InvalidRequestException" && error.message.contains("marked ")
}

/// Deletes a secret, which can be had back for some days.
pub(super) async fn delete(region: &Region<'_>, name: &str, days: i64) -> Result<Option<String>> {
    let call = region.secretsmanager().delete_secret().secret_id(name).recovery_window_in_days(days);
    let answer = secretsmanager.found(DELETE_SECRET.call(call.send()).await)?;
    Ok(answer.and_then(|answer| moment(answer.deletion_date.as_ref())))
}

pub(super) async fn versions(region: &Region<'_>, name: &str) -> Result<Vec<SecretVersion>> {
    let call = region.secretsmanager().list_secret_version_ids().secret_id(name).include_deprecated(true);
    let pages = LIST_SECRET_VERSION_IDS.all(call.into_paginator().send()).await;
    let pages = secretsmanager.found(pages)?.unwrap_or_default();
    let all = pages.into_iter().flat_map(|page| page.versions.unwrap_or_default());
    let mut versions: Vec<SecretVersion> = all
        .map(|one| SecretVersion {
            is_current: one.version_stages().iter().any(|stage| stage == CURRENT),
            version: one.version_id.unwrap_or_default(),
            written: moment(one.created_date.as_ref()),
            by: None,
            is_deletion: false,
        })
        .collect();
    versions.sort_by(|one, other| (other.is_current, &other.written).cmp(&(one.is_current, &one.written)));
    Ok(versions)
}
