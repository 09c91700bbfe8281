//! Credentials in the stores of environments, which are read when a call needs them and kept nowhere.

use asiaq_ir::SecretPlace;
use asiaq_runtime::{CloudError, Result};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::operation::ops;
use crate::region::Region;

ops! {
    s3 {
        GET_OBJECT = "GetObject", Write;
        HEAD_OBJECT = "HeadObject" as "GetObject", Own;
    }
    ssm {
        GET_PARAMETER = "GetParameter", Own;
    }
    secretsmanager {
        GET_SECRET_VALUE = "GetSecretValue", Write;
        LIST_SECRET_VERSION_IDS = "ListSecretVersionIds", Own;
    }
}

/// Where the credential of a resource is, as the last call that set it had it.
pub(crate) const CREDENTIAL_TAG: &str = "asiaq:credential";

/// A credential, and when it was written. It has no `Debug`.
pub(crate) struct Credential {
    pub(crate) text: String,
    pub(crate) written: String,
}

/// The text of a credential, without the line break at its end.
pub(crate) async fn read(region: &Region<'_>, place: &str) -> Result<String> {
    Ok(read_dated(region, place).await?.text)
}

/// The same, with the time at which it was written.
pub(crate) async fn read_dated(region: &Region<'_>, place: &str) -> Result<Credential> {
    let (bytes, written) = match SecretPlace::read(place) {
        Some(SecretPlace::Object { bucket, key }) => {
            let call = region.s3().get_object().bucket(bucket).key(key);
            let call = call.expected_bucket_owner(region.account().await?);
            let answer = GET_OBJECT.call(call.send()).await.map_err(|error| missing(error, place))?;
            let written = answer.last_modified.as_ref().map(time);
            let bytes = answer.body.collect().await.map_err(|_| unreadable(place))?;
            (bytes.to_vec(), written)
        }
        Some(SecretPlace::Parameter(name)) => {
            let call = region.ssm().get_parameter().name(name).with_decryption(true);
            let answer = GET_PARAMETER.call(call.send()).await.map_err(|error| missing(error, place))?;
            let parameter = GET_PARAMETER.part("parameter", answer.parameter)?;
            let written = parameter.last_modified_date.as_ref().map(time);
            (parameter.value.unwrap_or_default().into_bytes(), written)
        }
        Some(SecretPlace::Secret(name)) => {
            let call = region.secretsmanager().get_secret_value().secret_id(name);
            let answer = GET_SECRET_VALUE.call(call.send()).await.map_err(|error| missing(error, place))?;
            let written = answer.created_date.as_ref().map(time);
            (answer.secret_string.unwrap_or_default().into_bytes(), written)
        }
        None => {
            return Err(GET_OBJECT.refused(format!("nobody knows where the credential `{place}` is")));
        }
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable(place))?.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(GET_OBJECT.refused(format!("the credential {} is empty", words(place))));
    }
    Ok(Credential { text: text.to_owned(), written: written.unwrap_or_default() })
}

/// When a credential was written; none where AWS does not say it to this caller.
pub(crate) async fn written(region: &Region<'_>, place: &str) -> Option<String> {
    match SecretPlace::read(place)? {
        SecretPlace::Object { bucket, key } => {
            let call = region.s3().head_object().bucket(bucket).key(key);
            let call = call.expected_bucket_owner(region.account().await.ok()?);
            HEAD_OBJECT.call(call.send()).await.ok()?.last_modified.as_ref().map(time)
        }
        SecretPlace::Parameter(name) => {
            let call = region.ssm().get_parameter().name(name).with_decryption(false);
            let parameter = GET_PARAMETER.call(call.send()).await.ok()?.parameter?;
            parameter.last_modified_date.as_ref().map(time)
        }
        SecretPlace::Secret(name) => {
            let call = region.secretsmanager().list_secret_version_ids().secret_id(name);
            let answer = LIST_SECRET_VERSION_IDS.call(call.send()).await.ok()?;
            let is_current = |stages: &[String]| stages.iter().any(|stage| stage == "AWSCURRENT");
            let current = answer.versions().iter().find(|one| is_current(one.version_stages()))?;
            current.created_date().map(time)
        }
    }
}

fn unreadable(place: &str) -> CloudError {
    GET_OBJECT.refused(format!("the credential {} is no text", words(place)))
}

/// The place of a credential, in words.
fn words(place: &str) -> String {
    match SecretPlace::read(place) {
        Some(SecretPlace::Object { bucket, key }) => format!("`{key}` in the bucket `{bucket}`"),
        Some(SecretPlace::Parameter(name)) => format!("in the parameter `{name}`"),
        Some(SecretPlace::Secret(name)) => format!("in the secret `{name}`"),
        None => format!("`{place}`"),
    }
}

fn time(moment: &DateTime) -> String {
    moment.fmt(Format::DateTime).unwrap_or_default()
}

/// The error with the place that the caller asked for.
fn missing(error: CloudError, place: &str) -> CloudError {
    let message = format!("the credential {} cannot be read: {}", words(place), error.message);
    CloudError { message, ..error }
}
