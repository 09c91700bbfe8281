//! Credentials in buckets, which are read when a call needs them and kept nowhere.

use asiaq_runtime::{CloudError, Result};

use crate::operation::ops;
use crate::region::Region;

ops! { s3:
    GET_OBJECT = "GetObject", Write;
}

/// The content of an object, `BUCKET/KEY`, without the line break at its end.
pub(crate) async fn read(region: &Region<'_>, place: &str) -> Result<String> {
    let nowhere = || GET_OBJECT.refused(format!("nobody knows where the credential `{place}` is"));
    let (bucket, key) = place.split_once('/').ok_or_else(nowhere)?;
    let call = region.s3().get_object().bucket(bucket).key(key);
    let body = GET_OBJECT.call(call.send()).await.map_err(|error| missing(error, bucket, key))?.body;
    let unreadable =
        || GET_OBJECT.refused(format!("the credential `{key}` in the bucket `{bucket}` is no text"));
    let bytes = body.collect().await.map_err(|_| unreadable())?.into_bytes();
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable())?.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(GET_OBJECT.refused(format!("the credential `{key}` in the bucket `{bucket}` is empty")));
    }
    Ok(text.to_owned())
}

/// The error with the place that the caller asked for.
fn missing(error: CloudError, bucket: &str, key: &str) -> CloudError {
    let message =
        format!("the credential `{key}` in the bucket `{bucket}` cannot be read: {}", error.message);
    CloudError { message, ..error }
}
