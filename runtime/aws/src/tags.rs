//! Tags: between the SDK's lists and the engine's maps.

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, Address, PROJECT_TAG, Resource};
use asiaq_runtime::{Found, Tagged};
use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};

use crate::region::filter;

/// The tags that a thing of type `of` is born with; none where there are none, because EC2 refuses an
/// empty list.
pub(crate) fn at_birth(of: ResourceType, tags: &BTreeMap<String, String>) -> Option<Vec<TagSpecification>> {
    let birth = TagSpecification::builder().resource_type(of).set_tags(Some(list(tags))).build();
    (!tags.is_empty()).then(|| vec![birth])
}

/// A map as the SDK's list.
pub(crate) fn list(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Keys alone, for taking tags off whatever their value.
pub(crate) fn keys<'a>(keys: impl IntoIterator<Item = &'a String>) -> Vec<Tag> {
    keys.into_iter().map(|key| Tag::builder().key(key).build()).collect()
}

/// The SDK's list as a map.
pub(crate) fn map(tags: &[Tag]) -> BTreeMap<String, String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    tags.iter().map(|tag| (text(tag.key()), text(tag.value()))).collect()
}

/// Id and tags of a thing as the SDK has them.
pub(crate) fn tagged(id: Option<&str>, tags: &[Tag]) -> Option<Tagged> {
    Some((id?.to_owned(), map(tags)))
}

/// The value of tag `key`.
pub(crate) fn get<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}

/// The address of a thing of `project`; none for a thing of anybody else, and for one whose address nobody
/// wrote down.
pub(crate) fn address(tags: &[Tag], project: &str) -> Option<Address> {
    let ours = get(tags, PROJECT_TAG) == Some(project);
    get(tags, ADDRESS_TAG).filter(|_| ours).map(Address::parse)
}

/// The same, from tags as a map.
pub(crate) fn address_in(tags: &BTreeMap<String, String>, project: &str) -> Option<Address> {
    let ours = tags.get(PROJECT_TAG).is_some_and(|own| own == project);
    tags.get(ADDRESS_TAG).filter(|_| ours).map(|address| Address::parse(address))
}

/// A filter for the things of `project`.
pub(crate) fn of_project(project: &str) -> Filter {
    filter(&format!("tag:{PROJECT_TAG}"), project)
}

/// A thing of `project` as the engine knows it; none for any other, and for one that lacks something
/// without which it says nothing.
pub(crate) fn found(
    region: &str,
    project: &str,
    tags: &[Tag],
    id: Option<&str>,
    resource: Option<impl Into<Resource>>,
) -> Option<Found> {
    Some(Found {
        address: address(tags, project)?,
        id: id?.to_owned(),
        region: region.to_owned(),
        tags: map(tags),
        resource: resource?.into(),
    })
}

/// A thing as the engine knows it, from all its tags; none as for [`found`].
pub(crate) fn found_with(
    region: &str,
    project: &str,
    tags: BTreeMap<String, String>,
    id: &str,
    resource: Option<impl Into<Resource>>,
) -> Option<Found> {
    Some(Found {
        address: address_in(&tags, project)?,
        id: id.to_owned(),
        region: region.to_owned(),
        tags,
        resource: resource?.into(),
    })
}
