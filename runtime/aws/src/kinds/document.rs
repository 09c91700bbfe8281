pub(crate) mod inventory;
mod versions;

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_ir::{Document, PROJECT_TAG, document_content};
use aws_sdk_ssm::types::{
    DocumentFormat, DocumentIdentifier, DocumentKeyValuesFilter, DocumentStatus, DocumentType,
    ResourceTypeForTagging, Tag,
};

use super::prelude::*;
use crate::service::{DUPLICATE_DOCUMENT, ssm};

ops! { ssm:
    LIST_DOCUMENTS = "ListDocuments", Read;
    DESCRIBE_DOCUMENT = "DescribeDocument", Read;
    GET_DOCUMENT = "GetDocument", Read;
    LIST_TAGS_FOR_RESOURCE = "ListTagsForResource", Read;
    CREATE_DOCUMENT = "CreateDocument", Write;
    ADD_TAGS_TO_RESOURCE = "AddTagsToResource", Write;
    REMOVE_TAGS_FROM_RESOURCE = "RemoveTagsFromResource", Write;
    DELETE_DOCUMENT = "DeleteDocument", Delete;
}

/// A document of the account, without its content.
pub(super) struct Live {
    name: String,
    of: String,
    format: String,
    target: Option<String>,
    tags: Option<Tags>,
    /// None in a listing, which has only documents that are there.
    status: Option<(DocumentStatus, String)>,
}

impl Api for Document {
    type Live = Live;
    type Tags = DocumentTags;

    const OPERATIONS: IamActions = &[OPS, versions::OPS];
    const DESCRIBE: Operation = DESCRIBE_DOCUMENT;
    const READY: Option<Limit> = Some(Limit(Duration::from_mins(5), "the document is not active"));
    const GONE: Option<Limit> = Some(Limit(Duration::from_mins(5), "the document is not gone"));
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_DOCUMENT, DUPLICATE_DOCUMENT, |document| &document.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let name = match which {
            Which::OfProject(project) => return of_project(region, project).await,
            Which::Id(name) => name,
            Which::InPlaceOf(wanted) => &wanted.name,
        };
        let call = region.ssm().describe_document().name(name);
        let live = DESCRIBE_DOCUMENT.call(call.send()).await?.document;
        let live = live.map(|live| Live {
            name: name.to_owned(),
            of: text(live.document_type.as_ref().map(DocumentType::as_str)),
            format: text(live.document_format.as_ref().map(DocumentFormat::as_str)),
            target: live.target_type.filter(|target| !target.is_empty()),
            tags: None,
            status: live.status.map(|status| (status, live.status_information.unwrap_or_default())),
        });
        Ok(live.into_iter().collect())
    }

    fn id(document: &Live) -> Option<&str> {
        Some(&document.name)
    }

    fn tags(document: &Live) -> Option<Tags> {
        document.tags.clone()
    }

    fn state(document: &Live) -> State {
        match &document.status {
            Some((DocumentStatus::Creating | DocumentStatus::Updating, _)) => State::Pending,
            Some((DocumentStatus::Failed, why)) => State::Failed(DESCRIBE_DOCUMENT.refused(why.clone())),
            Some(_) | None => State::Ready,
        }
    }

    /// With the content of the default version, which is what runs.
    async fn read(region: &Region<'_>, document: &Live) -> Result<Option<Self>> {
        let content = versions::content(region, &document.name, None, &document.format).await?;
        Ok(content.map(|content| Self {
            name: document.name.clone(),
            of: document.of.clone(),
            format: document.format.clone(),
            content: document_content(&document.format, &content),
            target: document.target.clone(),
        }))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .ssm()
            .create_document()
            .name(&self.name)
            .document_type(DocumentType::from(self.of.as_str()))
            .document_format(DocumentFormat::from(self.format.as_str()))
            .content(&self.content)
            .set_target_type(self.target.clone())
            .set_tags(Some(sdk_tags(request.tags)).filter(|tags| !tags.is_empty()));
        CREATE_DOCUMENT.call(call.send()).await?;
        Ok(Created { id: self.name.clone(), initial: self.clone(), ready: false })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self == wanted { Ok(()) } else { versions::switch(region, id, self, wanted).await }
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.ssm().delete_document().name(id);
        region.retry_while_in_use(DELETE_DOCUMENT, || call.clone().send()).await
    }
}

/// The names of the documents that the account owns, with their tags.
pub(super) async fn of_account(region: &Region<'_>) -> Result<Vec<(String, Tags)>> {
    let call = region.ssm().list_documents().filters(filter("Owner", "Self"));
    let all = LIST_DOCUMENTS.all(call.into_paginator().page_size(PAGE).items().send()).await?;
    let tags = |live: &DocumentIdentifier| map(live.tags());
    Ok(all.into_iter().filter_map(|live| Some((live.name.clone()?, tags(&live)))).collect())
}

/// The documents that the account owns and that have the project's tag.
async fn of_project(region: &Region<'_>, project: &str) -> Result<Vec<Live>> {
    let call = region
        .ssm()
        .list_documents()
        .filters(filter("Owner", "Self"))
        .filters(filter(&format!("tag:{PROJECT_TAG}"), project));
    let all = LIST_DOCUMENTS.all(call.into_paginator().page_size(PAGE).items().send()).await?;
    let live = all.into_iter().filter_map(|live| {
        Some(Live {
            name: live.name?,
            of: text(live.document_type.as_ref().map(DocumentType::as_str)),
            format: text(live.document_format.as_ref().map(DocumentFormat::as_str)),
            target: live.target_type.filter(|target| !target.is_empty()),
            tags: live.tags.map(|tags| map(&tags)).filter(|tags| !tags.is_empty()),
            status: None,
        })
    });
    Ok(live.collect())
}

fn filter(key: &str, value: &str) -> DocumentKeyValuesFilter {
    DocumentKeyValuesFilter::builder().key(key).values(value).build()
}

/// The most that one page has.
const PAGE: i32 = 50;

fn text(word: Option<&str>) -> String {
    word.unwrap_or_default().to_owned()
}

/// Tags of documents, by name.
pub(super) struct DocumentTags;

impl TagFamily for DocumentTags {
    async fn of(region: &Region<'_>, names: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        let mut all = BTreeMap::new();
        for name in names {
            let call = region.ssm().list_tags_for_resource().resource_type(ResourceTypeForTagging::Document);
            let answer = LIST_TAGS_FOR_RESOURCE.call(call.resource_id(&name).send()).await;
            if let Some(answer) = ssm.found(answer)? {
                all.insert(name, map(answer.tag_list()));
            }
        }
        Ok(all)
    }

    async fn set(region: &Region<'_>, name: &str, tags: &Tags) -> Result<()> {
        let call = region.ssm().add_tags_to_resource().resource_type(ResourceTypeForTagging::Document);
        let call = call.resource_id(name).set_tags(Some(sdk_tags(tags)));
        ADD_TAGS_TO_RESOURCE.call(call.send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, name: &str, keys: Vec<String>) -> Result<()> {
        let call = region.ssm().remove_tags_from_resource().resource_type(ResourceTypeForTagging::Document);
        let call = call.resource_id(name).set_tag_keys(Some(keys));
        REMOVE_TAGS_FROM_RESOURCE.call(call.send()).await.map(drop)
    }
}

fn map(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    // The builder refuses only tags without a key or a value.
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}
