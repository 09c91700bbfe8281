//! Secrets that are encrypted parameters of Systems Manager.

use asiaq_runtime::{NewSecret, Result, SecretValue, SecretVersion, SecretWritten, StoredSecret};
use aws_sdk_ssm::types::{ParameterStringFilter, ParameterType, Tag};

use super::moment;
use crate::credentials::GET_PARAMETER;
use crate::operation::ops;
use crate::region::Region;
use crate::service::ssm;

ops! { ssm:
    DESCRIBE_PARAMETERS = "DescribeParameters", Read;
    GET_PARAMETERS_BY_PATH = "GetParametersByPath", Read;
    GET_PARAMETER_HISTORY = "GetParameterHistory", Read;
    PUT_PARAMETER = "PutParameter", Write;
    ADD_TAGS_TO_RESOURCE = "AddTagsToResource", Write;
    DELETE_PARAMETER = "DeleteParameter", Write;
}

/// Bytes of a value of a standard parameter ("AWS Systems Manager endpoints and quotas").
const MOST: usize = 4096;
/// Names in a filter of a listing.
const NAMES: usize = 50;

/// The parameters below a path whose keys begin so, and maybe others. Values of encrypted ones stay encrypted in the
/// answer.
pub(super) async fn list(region: &Region<'_>, path: &str, prefix: &str) -> Result<Vec<StoredSecret>> {
    let folder =
        prefix.rsplit_once('/').map_or_else(|| path.to_owned(), |(folder, _)| format!("{path}{folder}/"));
    let call = region.ssm().get_parameters_by_path().path(folder).recursive(true).with_decryption(false);
    let pages = GET_PARAMETERS_BY_PATH.all(call.into_paginator().send()).await?;
    let all = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
    let secrets = all.filter_map(|parameter| {
        Some(StoredSecret {
            key: parameter.name?.strip_prefix(path)?.to_owned(),
            changed: moment(parameter.last_modified_date.as_ref()),
            size: None,
            deleted: None,
        })
    });
    Ok(secrets.collect())
}

/// Those of the names that are parameters.
pub(super) async fn existing(region: &Region<'_>, names: &[&str]) -> Result<Vec<String>> {
    let mut there = Vec::new();
    for names in names.chunks(NAMES) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let filter =
            ParameterStringFilter::builder().key("Name").option("Equals").set_values(Some(names)).build();
        let filter = DESCRIBE_PARAMETERS.built(filter)?;
        let call = region.ssm().describe_parameters().parameter_filters(filter);
        let pages = DESCRIBE_PARAMETERS.all(call.into_paginator().send()).await?;
        let all = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
        there.extend(all.filter_map(|parameter| parameter.name));
    }
    Ok(there)
}

pub(super) async fn get(
    region: &Region<'_>,
    name: &str,
    version: Option<&str>,
) -> Result<Option<SecretValue>> {
    let which = version.map_or_else(|| name.to_owned(), |version| format!("{name}:{version}"));
    let call = region.ssm().get_parameter().name(which).with_decryption(true);
    let answer = ssm.found(GET_PARAMETER.call(call.send()).await)?;
    let value = answer.and_then(|answer| answer.parameter?.value);
    Ok(value.map(|value| SecretValue::new(value.into_bytes())))
}

/// Writes a parameter: a new one with its tags, an existing one without, as AWS takes them.
pub(super) async fn put(region: &Region<'_>, name: &str, new: NewSecret<'_>) -> Result<SecretWritten> {
    let text = accepted(new.value)?;
    let call = || {
        region
            .ssm()
            .put_parameter()
            .name(name)
            .value(text)
            .set_description(new.description.map(ToOwned::to_owned))
    };
    // The builder refuses only tags without a key or a value.
    let tags = new.tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok());
    let create = call().r#type(ParameterType::SecureString).overwrite(false).set_tags(Some(tags.collect()));
    match PUT_PARAMETER.call(create.send()).await {
        Err(error) if ssm.is_taken(&error) => {}
        done => return done.map(|_| SecretWritten::Done),
    }
    let there = get(region, name, None).await?;
    if there.is_some_and(|there| there == *new.value) {
        return Ok(SecretWritten::Done);
    }
    if new.only_if_absent {
        return Ok(SecretWritten::Kept);
    }
    let replace = call().r#type(ParameterType::SecureString).overwrite(true);
    PUT_PARAMETER.call(replace.send()).await.map(|_| SecretWritten::Done)
}

/// The text of a value that a standard parameter takes.
fn accepted(value: &SecretValue) -> Result<&str> {
    let Some(text) = value.text().filter(|text| !text.contains('\0')) else {
        return Err(PUT_PARAMETER.refused(
            "the value is not text, and a parameter has only text: a credential bucket or Secrets Manager takes it",
        ));
    };
    if text.is_empty() {
        return Err(PUT_PARAMETER.refused("the value is empty, and a parameter has at least one character"));
    }
    if text.len() > MOST {
        return Err(PUT_PARAMETER.refused(format!(
            "the value has {} bytes, and a standard parameter {MOST}: a credential bucket or Secrets Manager takes it",
            text.len()
        )));
    }
    if text.contains("{{") {
        return Err(PUT_PARAMETER.refused(
            "the value has `{{` in it, which Systems Manager takes for a reference to a parameter: a credential bucket or \
             Secrets Manager takes it",
        ));
    }
    Ok(text)
}

pub(super) async fn delete(region: &Region<'_>, name: &str) -> Result<()> {
    let call = region.ssm().delete_parameter().name(name);
    ssm.found(DELETE_PARAMETER.call(call.send()).await).map(drop)
}

pub(super) async fn versions(region: &Region<'_>, name: &str) -> Result<Vec<SecretVersion>> {
    let call = region.ssm().get_parameter_history().name(name).with_decryption(false);
    let pages = GET_PARAMETER_HISTORY.all(call.into_paginator().send()).await;
    let pages = ssm.found(pages)?.unwrap_or_default();
    let mut all: Vec<_> = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default()).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.version));
    let newest = all.first().map(|one| one.version);
    let versions = all.into_iter().map(|one| SecretVersion {
        version: one.version.to_string(),
        written: moment(one.last_modified_date.as_ref()),
        is_current: Some(one.version) == newest,
        by: one.last_modified_user,
        is_deletion: false,
    });
    Ok(versions.collect())
}
