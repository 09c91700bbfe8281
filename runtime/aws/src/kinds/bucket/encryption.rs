use asiaq_ir::Encryption;
use aws_sdk_s3::types::{
    BlockedEncryptionTypes, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

use super::super::prelude::*;
use super::{At, unless};

ops! { s3:
    GET_BUCKET_ENCRYPTION = "GetBucketEncryption" as "GetEncryptionConfiguration", Own;
    PUT_BUCKET_ENCRYPTION = "PutBucketEncryption" as "PutEncryptionConfiguration", Write;
}

/// What a bucket has that says nothing.
pub(super) fn of_aws() -> Encryption {
    Encryption { algorithm: "AES256".to_owned(), key: None, bucket_key: false }
}

pub(super) async fn read(at: At<'_>) -> Result<Encryption> {
    let rule = rule(at).await?;
    let default = rule.as_ref().and_then(|rule| rule.apply_server_side_encryption_by_default.as_ref());
    let Some(default) = default else { return Ok(of_aws()) };
    let has_key = default.sse_algorithm != ServerSideEncryption::Aes256;
    Ok(Encryption {
        algorithm: default.sse_algorithm.as_str().to_owned(),
        key: default.kms_master_key_id.clone().filter(|_| has_key),
        bucket_key: has_key && rule.and_then(|rule| rule.bucket_key_enabled).unwrap_or_default(),
    })
}

/// Writes the document with the encryption types that are blocked now: whoever blocked them, nobody declares them.
pub(super) async fn set(at: At<'_>, wanted: &Encryption) -> Result<()> {
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::from(wanted.algorithm.as_str()))
        .set_kms_master_key_id(wanted.key.clone());
    let blocked: Option<BlockedEncryptionTypes> =
        rule(at).await?.and_then(|rule| rule.blocked_encryption_types);
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(PUT_BUCKET_ENCRYPTION.built(default.build())?)
        .bucket_key_enabled(wanted.bucket_key)
        .set_blocked_encryption_types(blocked);
    let settings = ServerSideEncryptionConfiguration::builder().rules(rule.build()).build();
    let settings = PUT_BUCKET_ENCRYPTION.built(settings)?;
    let call = at.region.s3().put_bucket_encryption().bucket(at.name).expected_bucket_owner(at.owner);
    let call = call.server_side_encryption_configuration(settings);
    at.put(PUT_BUCKET_ENCRYPTION, || call.clone().send()).await
}

async fn rule(at: At<'_>) -> Result<Option<ServerSideEncryptionRule>> {
    let call = at.region.s3().get_bucket_encryption().bucket(at.name).expected_bucket_owner(at.owner);
    let answer = GET_BUCKET_ENCRYPTION.call(call.send()).await;
    let answer = unless("ServerSideEncryptionConfigurationNotFoundError", answer)?;
    let rules = answer.and_then(|answer| answer.server_side_encryption_configuration).map(|all| all.rules);
    Ok(rules.and_then(|rules| rules.into_iter().next()))
}
