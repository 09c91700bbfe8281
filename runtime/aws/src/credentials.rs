//! Credentials in buckets, which are read when a call needs them and kept nowhere.

use asiaq_runtime::{CloudError, Result};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::operation::ops;
use crate::region::Region;

ops! { s3:
    GET_OBJECT = "GetObject", Write;
    HEAD_OBJECT = "HeadObject" as "GetObject", Own;
}

/// Where the credential of a resource is, as the last call that set it had it.
pub(crate) const CREDENTIAL_TAG: &str = "asiaq:credential";

/// The content of an object, and when it was written. It has no `Debug`.
pub(crate) struct Credential {
    pub(crate) text: String,
    pub(crate) written: String,
}

/// The content of an object, `BUCKET/KEY`, without the line break at its end.
pub(crate) async fn read(region: &Region<'_>, place: &str) -> Result<String> {
    Ok(read_dated(region, place).await?.text)
}

/// The same, with the time at which it was written.
pub(crate) async fn read_dated(region: &Region<'_>, place: &str) -> Result<Credential> {
    let nowhere = || GET_OBJECT.refused(format!("nobody knows where the credential `{place}` is"));
    let (bucket, key) = place.split_once('/').ok_or_else(nowhere)?;
    let call = region.s3().get_object().bucket(bucket).key(key);
    let answer = GET_OBJECT.call(call.send()).await.map_err(|error| missing(error, bucket, key))?;
    let written = answer.last_modified.as_ref().map(time).unwrap_or_default();
    let unreadable =
        || GET_OBJECT.refused(format!("the credential `{key}` in the bucket `{bucket}` is no text"));
    let bytes = answer.body.collect().await.map_err(|_| unreadable())?.into_bytes();
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable())?.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(GET_OBJECT.refused(format!("the credential `{key}` in the bucket `{bucket}` is empty")));
    }
    Ok(Credential { text: text.to_owned(), written })
}

/// When an object, `BUCKET/KEY`, was written; none where AWS does not say it to this caller.
pub(crate) async fn written(region: &Region<'_>, place: &str) -> Option<String> {
    let (bucket, key) = place.split_once('/')?;
    let call = region.s3().head_object().bucket(bucket).key(key);
    HEAD_OBJECT.call(call.send()).await.ok()?.last_modified.as_ref().map(time)
}

fn time(moment: &DateTime) -> String {
    moment.fmt(Format::DateTime).unwrap_or_default()
}

/// The error with the place that the caller asked for.
fn missing(error: CloudError, bucket: &str, key: &str) -> CloudError {
    let message =
        format!("the credential `{key}` in the bucket `{bucket}` cannot be read: {}", error.message);
    CloudError { message, ..error }
}
