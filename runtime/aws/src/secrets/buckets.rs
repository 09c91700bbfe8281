//! Secrets that are objects of a bucket. AWS refuses every call where it is another account's.

use asiaq_ir::SecretState;
use asiaq_runtime::{NewSecret, Result, SecretValue, SecretVersion, SecretWritten, StoredSecret};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ServerSideEncryption, ServerSideEncryptionConfiguration};

use super::moment;
use crate::credentials::GET_OBJECT;
use crate::operation::ops;
use crate::region::Region;
use crate::service::s3;

ops! { s3:
    LIST_OBJECTS = "ListObjectsV2" as "ListBucket", Read;
    LIST_OBJECT_VERSIONS = "ListObjectVersions" as "ListBucketVersions", Read;
    GET_OBJECT_VERSION = "GetObject" as "GetObjectVersion", Write;
    GET_BUCKET_ENCRYPTION = "GetBucketEncryption" as "GetEncryptionConfiguration", Read;
    PUT_OBJECT = "PutObject", Write;
    DELETE_OBJECT = "DeleteObject", Write;
}

/// What a write with a condition is answered if the object is not as it says, or if somebody else writes it at the moment.
pub(crate) const CHANGED: [&str; 2] = ["PreconditionFailed", "ConditionalRequestConflict"];
/// AWS's code for an object that is not there.
pub(crate) const NO_OBJECT: &str = "NoSuchKey";
/// AWS's code for a version of an object that is not there.
const NO_VERSION: &str = "NoSuchVersion";

pub(super) async fn list(region: &Region<'_>, bucket: &str, prefix: &str) -> Result<Vec<StoredSecret>> {
    let call = region.s3().list_objects_v2().bucket(bucket).expected_bucket_owner(region.account().await?);
    let pages = LIST_OBJECTS.all(call.prefix(prefix).into_paginator().send()).await?;
    let objects = pages.into_iter().flat_map(|page| page.contents.unwrap_or_default());
    Ok(objects
        .filter_map(|object| {
            Some(StoredSecret {
                changed: moment(object.last_modified.as_ref()),
                size: object.size.and_then(|size| u64::try_from(size).ok()),
                key: object.key?,
                deleted: None,
            })
        })
        .collect())
}

/// A listing needs no permission to read the value.
pub(super) async fn state(region: &Region<'_>, bucket: &str, key: &str) -> Result<SecretState> {
    let call = region.s3().list_objects_v2().bucket(bucket).expected_bucket_owner(region.account().await?);
    let call = call.prefix(key).max_keys(1);
    // The first of the keys that begin so is the key itself, if there is one.
    let Some(page) = s3.found(LIST_OBJECTS.call(call.send()).await)? else { return Ok(SecretState::Missing) };
    let is_there = page.contents().first().is_some_and(|object| object.key() == Some(key));
    Ok(if is_there { SecretState::Present } else { SecretState::Missing })
}

pub(super) async fn get(
    region: &Region<'_>,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Option<SecretValue>> {
    let call =
        region.s3().get_object().bucket(bucket).key(key).set_version_id(version.map(ToOwned::to_owned));
    let operation = if version.is_some() { GET_OBJECT_VERSION } else { GET_OBJECT };
    let answer = match operation.call(call.send()).await {
        Err(error) if [NO_OBJECT, NO_VERSION].contains(&error.code.as_str()) => return Ok(None),
        answer => answer?,
    };
    let bytes = answer.body.collect().await;
    let bytes = bytes.map_err(|_| operation.refused("the connection broke off while the value was read"))?;
    Ok(Some(SecretValue::new(bytes.to_vec())))
}

/// Writes an object, encrypted as the bucket says, and reads it back.
pub(super) async fn put(
    region: &Region<'_>,
    bucket: &str,
    key: &str,
    new: NewSecret<'_>,
) -> Result<SecretWritten> {
    let bytes = new.value.bytes();
    let call = region
        .s3()
        .put_object()
        .bucket(bucket)
        .expected_bucket_owner(region.account().await?)
        .key(key)
        .body(ByteStream::from(bytes.to_vec()))
        .set_server_side_encryption(encryption(region, bucket).await)
        .set_if_none_match(new.only_if_absent.then(|| "*".to_owned()));
    match PUT_OBJECT.call(call.send()).await {
        Err(error) if new.only_if_absent && CHANGED.contains(&error.code.as_str()) => {
            // It may be of an earlier attempt at this call, whose answer was lost.
            let there = get(region, bucket, key, None).await?;
            let is_own = there.is_some_and(|there| there == *new.value);
            return Ok(if is_own { SecretWritten::Done } else { SecretWritten::Kept });
        }
        done => done.map(drop)?,
    }
    if get(region, bucket, key, None).await?.is_none_or(|there| there != *new.value) {
        return Err(
            PUT_OBJECT.refused("the value that was read back is another one: somebody else writes it too")
        );
    }
    Ok(SecretWritten::Done)
}

/// The encryption that a write asks for: that of Amazon S3, unless the bucket has a key of its own.
async fn encryption(region: &Region<'_>, bucket: &str) -> Option<ServerSideEncryption> {
    let call = region.s3().get_bucket_encryption().bucket(bucket);
    let call = call.expected_bucket_owner(region.account().await.ok()?);
    let answer = GET_BUCKET_ENCRYPTION.call(call.send()).await.ok();
    let rules = answer.and_then(|answer| answer.server_side_encryption_configuration);
    let has_key = rules.iter().flat_map(ServerSideEncryptionConfiguration::rules).any(|rule| {
        let default = rule.apply_server_side_encryption_by_default();
        default.is_some_and(|default| default.sse_algorithm != ServerSideEncryption::Aes256)
    });
    (!has_key).then_some(ServerSideEncryption::Aes256)
}

pub(super) async fn delete(region: &Region<'_>, bucket: &str, key: &str) -> Result<()> {
    let call = region.s3().delete_object().bucket(bucket).expected_bucket_owner(region.account().await?);
    DELETE_OBJECT.call(call.key(key).send()).await.map(drop)
}

pub(super) async fn versions(region: &Region<'_>, bucket: &str, key: &str) -> Result<Vec<SecretVersion>> {
    let (mut all, mut marker) = (Vec::new(), None);
    loop {
        let (key_marker, version_marker) = match marker.take() {
            Some((key, version)) => (Some(key), version),
            None => (None, None),
        };
        let call = region.s3().list_object_versions().bucket(bucket).prefix(key);
        let call = call.expected_bucket_owner(region.account().await?);
        let call = call.set_key_marker(key_marker).set_version_id_marker(version_marker);
        let page = LIST_OBJECT_VERSIONS.call(call.send()).await?;
        let values = page.versions().iter().filter(|one| one.key() == Some(key)).map(|one| SecretVersion {
            version: one.version_id().unwrap_or_default().to_owned(),
            written: moment(one.last_modified()),
            by: None,
            is_current: one.is_latest() == Some(true),
            is_deletion: false,
        });
        all.extend(values);
        let marks = page.delete_markers().iter().filter(|one| one.key() == Some(key));
        all.extend(marks.map(|one| SecretVersion {
            version: one.version_id().unwrap_or_default().to_owned(),
            written: moment(one.last_modified()),
            by: None,
            is_current: one.is_latest() == Some(true),
            is_deletion: true,
        }));
        match (page.is_truncated(), page.next_key_marker) {
            (Some(true), Some(next)) if next == key => marker = Some((next, page.next_version_id_marker)),
            _ => break,
        }
    }
    // Each list is the newest first.
    all.sort_by(|one, other| (other.is_current, &other.written).cmp(&(one.is_current, &one.written)));
    Ok(all)
}
