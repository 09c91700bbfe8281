use asiaq_ir::{AccessLogs, Ref};
use aws_sdk_s3::types::{BucketLoggingStatus, LoggingEnabled};

use super::super::prelude::*;
use super::At;

ops! { s3:
    GET_BUCKET_LOGGING = "GetBucketLogging", Own;
    PUT_BUCKET_LOGGING = "PutBucketLogging", Write;
}

pub(super) async fn read(at: At<'_>) -> Result<Option<AccessLogs>> {
    let call = at.region.s3().get_bucket_logging().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = GET_BUCKET_LOGGING.call(call.send()).await?;
    Ok(answer
        .logging_enabled
        .map(|live| AccessLogs { bucket: Ref::Id(live.target_bucket), prefix: live.target_prefix }))
}

/// AWS checks that it may write to the other bucket, whose policy may have been written just before.
pub(super) async fn set(at: At<'_>, wanted: Option<&AccessLogs>) -> Result<()> {
    let settings = wanted
        .map(|wanted| {
            let logs = LoggingEnabled::builder().set_target_bucket(id_of(&wanted.bucket));
            PUT_BUCKET_LOGGING.built(logs.target_prefix(&wanted.prefix).build())
        })
        .transpose()?;
    let status = BucketLoggingStatus::builder().set_logging_enabled(settings).build();
    let call = at.region.s3().put_bucket_logging().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.bucket_logging_status(status);
    at.put(PUT_BUCKET_LOGGING, || call.clone().send()).await
}
