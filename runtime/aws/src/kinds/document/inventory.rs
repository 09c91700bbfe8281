//! All documents of an account, whoever they belong to.

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, PROJECT_TAG};
use asiaq_runtime::{AccountDocument, DocumentOwner, DocumentText};
use aws_sdk_ssm::types::{DocumentFormat, DocumentType, PlatformType};

use super::super::prelude::*;
use super::{DESCRIBE_DOCUMENT, GET_DOCUMENT, LIST_DOCUMENTS, PAGE, filter, map, text};
use crate::service::ssm;

/// The documents of the account in a region; with `all` also AWS's, and those that other accounts share with it.
pub(crate) async fn documents(region: &Region<'_>, project: &str, all: bool) -> Result<Vec<AccountDocument>> {
    let own = (!all).then(|| vec![filter("Owner", "Self")]);
    let call = region.ssm().list_documents().set_filters(own);
    let found = LIST_DOCUMENTS.all(call.into_paginator().page_size(PAGE).items().send()).await?;
    let account = region.account().await?;
    let documents = found.into_iter().filter_map(|live| {
        let tags = live.tags.as_deref().map(map).unwrap_or_default();
        let owner = live.owner.as_deref().unwrap_or(account);
        Some(AccountDocument {
            name: live.name?,
            of: text(live.document_type.as_ref().map(DocumentType::as_str)),
            format: text(live.document_format.as_ref().map(DocumentFormat::as_str)),
            version: live.document_version.unwrap_or_default(),
            target: live.target_type.filter(|target| !target.is_empty()),
            platforms: platforms(&live.platform_types.unwrap_or_default()),
            owner: owner_of(owner, account, &tags, project),
        })
    });
    let mut documents: Vec<_> = documents.collect();
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(documents)
}

/// A version of a document, or the default one; none where there is no such document or version.
pub(crate) async fn document(
    region: &Region<'_>,
    project: &str,
    name: &str,
    version: Option<&str>,
) -> Result<Option<DocumentText>> {
    let call = region.ssm().describe_document().name(name);
    let call = call.set_document_version(version.map(ToOwned::to_owned));
    let answer = DESCRIBE_DOCUMENT.call(call.send()).await;
    let Some(live) = ssm.found(answer)?.and_then(|answer| answer.document) else { return Ok(None) };
    let call = region.ssm().get_document().name(name);
    let call = call.set_document_version(version.map(ToOwned::to_owned));
    let Some(got) = ssm.found(GET_DOCUMENT.call(call.send()).await)? else { return Ok(None) };
    let tags = live.tags.as_deref().map(map).unwrap_or_default();
    let account = region.account().await?;
    let owner = live.owner.as_deref().unwrap_or(account);
    let default_version = live.default_version.unwrap_or_default();
    Ok(Some(DocumentText {
        document: AccountDocument {
            name: name.to_owned(),
            of: text(live.document_type.as_ref().map(DocumentType::as_str)),
            format: text(got.document_format.as_ref().map(DocumentFormat::as_str)),
            version: got.document_version.unwrap_or_else(|| default_version.clone()),
            target: live.target_type.filter(|target| !target.is_empty()),
            platforms: platforms(&live.platform_types.unwrap_or_default()),
            owner: owner_of(owner, account, &tags, project),
        },
        default_version,
        latest_version: live.latest_version.unwrap_or_default(),
        content: got.content.unwrap_or_default(),
    }))
}

fn platforms(all: &[PlatformType]) -> Vec<String> {
    all.iter().map(|platform| platform.as_str().to_owned()).collect()
}

fn owner_of(owner: &str, account: &str, tags: &BTreeMap<String, String>, project: &str) -> DocumentOwner {
    if owner != account {
        return DocumentOwner::Account { account: owner.to_owned() };
    }
    match (tags.get(PROJECT_TAG), tags.get(ADDRESS_TAG)) {
        (Some(of), Some(address)) if of == project => DocumentOwner::Own { address: address.clone() },
        (Some(of), _) if of != project => DocumentOwner::Project { project: of.clone() },
        _ => DocumentOwner::Foreign,
    }
}
