//! What is in a bucket, and its end: AWS deletes only a bucket without objects, old versions and delete markers.

use asiaq_ir::Bucket;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::super::prelude::*;
use super::{At, DELETE_BUCKET};
use crate::service::s3;

ops! { s3:
    LIST_OBJECT_VERSIONS = "ListObjectVersions" as "ListBucketVersions", Delete;
    DELETE_OBJECTS = "DeleteObjects" as "DeleteObject", Delete;
    DELETE_VERSIONS = "DeleteObjects" as "DeleteObjectVersion", Delete;
}

/// Pages that a plan counts; a page has up to a thousand entries.
const COUNTED: usize = 10;
/// How often a bucket is emptied again while others write to it.
const ROUNDS: usize = 5;
/// AWS's code for a bucket that is not empty.
const NOT_EMPTY: &str = "BucketNotEmpty";

/// The entries of a bucket, as far as they were counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Content {
    objects: usize,
    old: usize,
    markers: usize,
    /// Whether there are more.
    is_part: bool,
}

impl Content {
    fn is_empty(&self) -> bool {
        self.objects == 0 && self.old == 0 && self.markers == 0
    }

    fn add(&mut self, page: &ListObjectVersionsOutput) {
        let (current, old): (Vec<_>, Vec<_>) =
            page.versions().iter().partition(|version| version.is_latest().unwrap_or(true));
        self.objects = self.objects.saturating_add(current.len());
        self.old = self.old.saturating_add(old.len());
        self.markers = self.markers.saturating_add(page.delete_markers().len());
    }

    fn words(&self) -> String {
        let parts = [(self.objects, "object"), (self.old, "old version"), (self.markers, "delete marker")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
            .collect();
        let more = if self.is_part { " and more" } else { "" };
        format!("{}{more}", parts.join(", "))
    }
}

/// Why a bucket cannot be deleted, or not emptied.
pub(in crate::kinds) async fn refusal(
    bucket: &Bucket,
    region: &Region<'_>,
    id: &str,
    with_data: bool,
) -> Result<Option<CloudError>> {
    if with_data && !bucket.object_lock {
        return Ok(None);
    }
    let content = s3.found(count(At::new(region, id).await?).await)?;
    let Some(content) = content else { return Ok(None) };
    let why = if bucket.object_lock { locked(id, &content) } else { kept(id, &content) };
    Ok((!content.is_empty()).then_some(why))
}

fn kept(name: &str, content: &Content) -> CloudError {
    DELETE_BUCKET.refused_as(
        NOT_EMPTY,
        format!("the bucket `{name}` has {}: `--allow data-loss` deletes them with it", content.words()),
    )
}

fn locked(name: &str, content: &Content) -> CloudError {
    DELETE_BUCKET.refused_as(
        NOT_EMPTY,
        format!(
            "the bucket `{name}` has object lock and {}: asiaq deletes no objects that may be locked; empty it by hand, \
             or keep it",
            content.words()
        ),
    )
}

/// Deletes everything in a bucket, unless objects in it may be locked.
pub(in crate::kinds) async fn empty(bucket: &Bucket, region: &Region<'_>, id: &str) -> Result<()> {
    let at = At::new(region, id).await?;
    for _ in 0..ROUNDS {
        let Some(first) = s3.found(page(at, None).await)? else { return Ok(()) };
        let mut content = Content::default();
        content.add(&first);
        if content.is_empty() {
            return Ok(());
        }
        if bucket.object_lock {
            content.is_part = first.is_truncated().unwrap_or_default();
            return Err(locked(id, &content));
        }
        let mut next = Some(first);
        while let Some(entries) = next {
            delete(at, &entries).await?;
            next = following(at, &entries).await?;
        }
    }
    Err(DELETE_BUCKET.refused_as(
        NOT_EMPTY,
        format!("`{id}` gets new objects while asiaq empties it: stop what writes to it, and apply again"),
    ))
}

/// What AWS says of a bucket that is not empty, with what to do.
pub(super) fn explained(at: At<'_>, error: CloudError) -> CloudError {
    if error.code != NOT_EMPTY {
        return error;
    }
    let message = format!(
        "{}; something was written to `{}` after the plan: look at it, and add `--allow data-loss` to delete it too",
        error.message, at.name
    );
    CloudError { message, ..error }
}

async fn count(at: At<'_>) -> Result<Content> {
    let mut content = Content::default();
    let mut next = Some(page(at, None).await?);
    let mut pages: usize = 0;
    while let Some(entries) = next {
        content.add(&entries);
        pages = pages.saturating_add(1);
        if pages == COUNTED {
            content.is_part = entries.is_truncated().unwrap_or_default();
            break;
        }
        next = following(at, &entries).await?;
    }
    Ok(content)
}

/// The page after `entries`.
async fn following(
    at: At<'_>,
    entries: &ListObjectVersionsOutput,
) -> Result<Option<ListObjectVersionsOutput>> {
    let is_last = !entries.is_truncated().unwrap_or_default();
    // A page that says that there are more says where.
    if is_last || entries.next_key_marker.is_none() {
        return Ok(None);
    }
    page(at, Some(entries)).await.map(Some)
}

async fn page(at: At<'_>, after: Option<&ListObjectVersionsOutput>) -> Result<ListObjectVersionsOutput> {
    let call = at.region.s3().list_object_versions().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call
        .set_key_marker(after.and_then(|after| after.next_key_marker.clone()))
        .set_version_id_marker(after.and_then(|after| after.next_version_id_marker.clone()));
    LIST_OBJECT_VERSIONS.call(call.send()).await
}

/// Deletes the entries of one page, which one call takes.
async fn delete(at: At<'_>, entries: &ListObjectVersionsOutput) -> Result<()> {
    let versions = entries.versions().iter().map(|version| (version.key(), version.version_id()));
    let markers = entries.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
    let objects = versions.chain(markers).filter_map(|(key, version)| {
        let object = ObjectIdentifier::builder().key(key?).set_version_id(version.map(ToOwned::to_owned));
        Some(DELETE_OBJECTS.built(object.build()))
    });
    let objects = objects.collect::<Result<Vec<_>>>()?;
    if objects.is_empty() {
        return Ok(());
    }
    let objects = Delete::builder().set_objects(Some(objects)).quiet(true).build();
    let objects = DELETE_OBJECTS.built(objects)?;
    let call = at.region.s3().delete_objects().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = DELETE_OBJECTS.call(call.delete(objects).send()).await?;
    match answer.errors() {
        [] => Ok(()),
        [first, ..] => Err(DELETE_OBJECTS.refused_as(
            first.code().unwrap_or_default(),
            format!("`{}`: {}", first.key().unwrap_or_default(), first.message().unwrap_or_default()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_is_said_in_words() {
        let content = Content { objects: 1, old: 0, markers: 2, is_part: true };
        assert_eq!(content.words(), "1 object, 2 delete markers and more");
    }
}
