//! Versions of a document. What runs is the default one, so another content is a new version that becomes the default.

use std::time::Duration;

use asiaq_ir::{Document, document_content};
use aws_sdk_ssm::types::{DocumentFormat, DocumentStatus, DocumentVersionInfo};

use super::super::prelude::*;
use super::{DESCRIBE_DOCUMENT, GET_DOCUMENT};
use crate::service::ssm;

ops! { ssm:
    LIST_DOCUMENT_VERSIONS = "ListDocumentVersions", Write;
    UPDATE_DOCUMENT = "UpdateDocument", Write;
    UPDATE_DOCUMENT_DEFAULT_VERSION = "UpdateDocumentDefaultVersion", Write;
    DELETE_VERSION = "DeleteDocument", Write;
}

/// Versions that stay, the default one included.
const KEPT: usize = 5;
/// A version has the content already.
const DUPLICATE_CONTENT: &str = "DuplicateDocumentContent";
/// The longest wait for a new version.
const READY: Duration = Duration::from_mins(5);

/// The content of a version, or of the default one; none where the document is gone.
pub(super) async fn content(
    region: &Region<'_>,
    name: &str,
    version: Option<&str>,
    format: &str,
) -> Result<Option<String>> {
    let call = region
        .ssm()
        .get_document()
        .name(name)
        .set_document_version(version.map(ToOwned::to_owned))
        .document_format(DocumentFormat::from(format));
    let answer = GET_DOCUMENT.call(call.send()).await;
    Ok(ssm.found(answer)?.and_then(|answer| answer.content))
}

/// Makes the version with the wanted content the default one: one that is there already, or a new one. A run that was
/// stopped in between finds the version that it made.
pub(super) async fn switch(
    region: &Region<'_>,
    name: &str,
    live: &Document,
    wanted: &Document,
) -> Result<()> {
    let versions = versions(region, name).await?;
    let is_same_target = live.target == wanted.target;
    let there = if is_same_target { with_content(region, name, &versions, wanted).await? } else { None };
    let version = match there {
        Some(version) => version,
        None => added(region, name, wanted).await?,
    };
    active(region, name, &version).await?;
    let call = region.ssm().update_document_default_version().name(name).document_version(&version);
    UPDATE_DOCUMENT_DEFAULT_VERSION.call(call.send()).await?;
    prune(region, name, &versions, &version).await
}

/// All versions, the newest first.
async fn versions(region: &Region<'_>, name: &str) -> Result<Vec<DocumentVersionInfo>> {
    let call = region.ssm().list_document_versions().name(name);
    let mut all = LIST_DOCUMENT_VERSIONS.all(call.into_paginator().items().send()).await?;
    all.sort_by_key(|version| std::cmp::Reverse(number(version)));
    Ok(all)
}

fn number(version: &DocumentVersionInfo) -> u64 {
    version.document_version().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// A version that is in the wanted format and means what is wanted.
async fn with_content(
    region: &Region<'_>,
    name: &str,
    versions: &[DocumentVersionInfo],
    wanted: &Document,
) -> Result<Option<String>> {
    for version in versions {
        let (Some(number), Some(format)) = (version.document_version(), version.document_format()) else {
            continue;
        };
        let is_failed = version.status() == Some(&DocumentStatus::Failed);
        if is_failed || format.as_str() != wanted.format {
            continue;
        }
        let content = content(region, name, Some(number), &wanted.format).await?;
        if content.is_some_and(|content| document_content(&wanted.format, &content) == wanted.content) {
            return Ok(Some(number.to_owned()));
        }
    }
    Ok(None)
}

/// Adds a version; its number.
async fn added(region: &Region<'_>, name: &str, wanted: &Document) -> Result<String> {
    let call = region
        .ssm()
        .update_document()
        .name(name)
        .document_version("$LATEST")
        .document_format(DocumentFormat::from(wanted.format.as_str()))
        .content(&wanted.content)
        .set_target_type(wanted.target.clone());
    let answer = match UPDATE_DOCUMENT.call(call.send()).await {
        // The answer to an earlier attempt was lost.
        Err(error) if error.code == DUPLICATE_CONTENT => {
            let there = with_content(region, name, &versions(region, name).await?, wanted).await?;
            return there.ok_or(error);
        }
        answer => answer?,
    };
    let version = answer.document_description.and_then(|document| document.document_version);
    UPDATE_DOCUMENT.part("version", version)
}

/// Waits until a version can be used.
async fn active(region: &Region<'_>, name: &str, version: &str) -> Result<()> {
    let look = || async {
        let call = region.ssm().describe_document().name(name).document_version(version);
        let Some(live) = DESCRIBE_DOCUMENT.call(call.send()).await?.document else { return Ok(None) };
        match live.status {
            Some(DocumentStatus::Active) => Ok(Some(())),
            Some(DocumentStatus::Failed) => {
                Err(UPDATE_DOCUMENT.refused(live.status_information.unwrap_or_default()))
            }
            _ => Ok(None),
        }
    };
    region.poll(DESCRIBE_DOCUMENT.name, "the version is not active", READY, look).await
}

/// Deletes the oldest of the versions that were there before. One with a name is somebody's.
async fn prune(
    region: &Region<'_>,
    name: &str,
    versions: &[DocumentVersionInfo],
    default: &str,
) -> Result<()> {
    let others = versions.iter().filter(|version| version.document_version() != Some(default));
    let old = others.skip(KEPT.saturating_sub(1)).filter(|version| version.version_name().is_none());
    for number in old.filter_map(DocumentVersionInfo::document_version) {
        let call = region.ssm().delete_document().name(name).document_version(number);
        region.retry_while_in_use(DELETE_VERSION, || call.clone().send()).await?;
    }
    Ok(())
}
