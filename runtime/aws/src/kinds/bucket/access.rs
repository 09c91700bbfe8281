//! Who may do what with a bucket: what of public access is blocked, and the policy.

use asiaq_iam::document::canonical::canonical;
use asiaq_ir::AccessBlock;
use aws_sdk_s3::types::PublicAccessBlockConfiguration;

use super::super::prelude::*;
use super::{At, unless};

ops! { s3:
    GET_PUBLIC_ACCESS_BLOCK = "GetPublicAccessBlock" as "GetBucketPublicAccessBlock", Own;
    PUT_PUBLIC_ACCESS_BLOCK = "PutPublicAccessBlock" as "PutBucketPublicAccessBlock", Write;
    GET_BUCKET_POLICY = "GetBucketPolicy", Own;
    PUT_BUCKET_POLICY = "PutBucketPolicy", Write;
    DELETE_BUCKET_POLICY = "DeleteBucketPolicy", Write;
}

pub(super) async fn block(at: At<'_>) -> Result<AccessBlock> {
    let call = at.region.s3().get_public_access_block().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = GET_PUBLIC_ACCESS_BLOCK.call(call.send()).await;
    let live = unless("NoSuchPublicAccessBlockConfiguration", answer)?
        .and_then(|answer| answer.public_access_block_configuration);
    let is_on = |of: fn(&PublicAccessBlockConfiguration) -> Option<bool>| {
        live.as_ref().and_then(of).unwrap_or_default()
    };
    Ok(AccessBlock {
        block_acls: is_on(|live| live.block_public_acls),
        ignore_acls: is_on(|live| live.ignore_public_acls),
        block_policy: is_on(|live| live.block_public_policy),
        restrict_buckets: is_on(|live| live.restrict_public_buckets),
    })
}

pub(super) async fn set_block(at: At<'_>, wanted: &AccessBlock) -> Result<()> {
    let settings = PublicAccessBlockConfiguration::builder()
        .block_public_acls(wanted.block_acls)
        .ignore_public_acls(wanted.ignore_acls)
        .block_public_policy(wanted.block_policy)
        .restrict_public_buckets(wanted.restrict_buckets)
        .build();
    let call = at.region.s3().put_public_access_block().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.public_access_block_configuration(settings);
    at.put(PUT_PUBLIC_ACCESS_BLOCK, || call.clone().send()).await
}

/// The policy in the form of the IR.
pub(super) async fn policy(at: At<'_>) -> Result<Option<String>> {
    let call = at.region.s3().get_bucket_policy().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = unless("NoSuchBucketPolicy", GET_BUCKET_POLICY.call(call.send()).await)?;
    Ok(answer.and_then(|answer| answer.policy).map(|text| canonical(&text)))
}

pub(super) async fn set_policy(at: At<'_>, wanted: Option<&str>) -> Result<()> {
    if let Some(text) = wanted {
        let call = at.region.s3().put_bucket_policy().bucket(at.name).expected_bucket_owner(at.owner);
        let call = call.policy(text);
        return at.put(PUT_BUCKET_POLICY, || call.clone().send()).await;
    }
    let call = at.region.s3().delete_bucket_policy().bucket(at.name).expected_bucket_owner(at.owner);
    at.put(DELETE_BUCKET_POLICY, || call.clone().send()).await
}
