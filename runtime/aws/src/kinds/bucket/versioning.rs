use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use super::super::prelude::*;
use super::At;

ops! { s3:
    GET_BUCKET_VERSIONING = "GetBucketVersioning", Own;
    PUT_BUCKET_VERSIONING = "PutBucketVersioning", Write;
}

/// Whether versioning is on. AWS distinguishes where it was never on and where it is suspended: neither keeps new versions.
pub(super) async fn read(at: At<'_>) -> Result<bool> {
    let call = at.region.s3().get_bucket_versioning().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = GET_BUCKET_VERSIONING.call(call.send()).await?;
    Ok(answer.status == Some(BucketVersioningStatus::Enabled))
}

pub(super) async fn set(at: At<'_>, is_on: bool) -> Result<()> {
    let status = if is_on { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
    let settings = VersioningConfiguration::builder().status(status).build();
    let call = at.region.s3().put_bucket_versioning().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.versioning_configuration(settings);
    at.put(PUT_BUCKET_VERSIONING, || call.clone().send()).await
}
