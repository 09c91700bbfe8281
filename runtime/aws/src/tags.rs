//! Tags: between the SDK's lists and the engine's maps.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ADDRESS_TAG, Address, PROJECT_TAG};
use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// How the tags of a resource change.
#[derive(Clone, Copy)]
pub(crate) struct TagChange<'a> {
    /// Tags to set.
    pub(crate) set: &'a Tags,
    /// Keys of tags to remove.
    pub(crate) remove: &'a BTreeSet<String>,
}

/// The ownership tags of the resource at `address`, for a kind that AWS lists without tags.
pub(crate) fn of_owned(address: &Address, project: &str) -> Tags {
    let tags = address.ownership_tags(project);
    tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The tags of a new resource of type `of`; none where there are none, because EC2 refuses an empty list.
pub(crate) fn tag_specifications(
    of: ResourceType,
    tags: &BTreeMap<String, String>,
) -> Option<Vec<TagSpecification>> {
    let specification = TagSpecification::builder().resource_type(of).set_tags(Some(list(tags))).build();
    (!tags.is_empty()).then(|| vec![specification])
}

/// A map as the SDK's list.
pub(crate) fn list(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// The SDK's list as a map.
pub(crate) fn map(tags: &[Tag]) -> BTreeMap<String, String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    tags.iter().map(|tag| (text(tag.key()), text(tag.value()))).collect()
}

/// The value of tag `key`.
pub(crate) fn get<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}

/// The address of a resource of `project`; none where it belongs to another project or has no address.
pub(crate) fn address(tags: &[Tag], project: &str) -> Option<Address> {
    let ours = get(tags, PROJECT_TAG) == Some(project);
    get(tags, ADDRESS_TAG).filter(|_| ours).map(Address::parse)
}

/// The same, from tags as a map.
pub(crate) fn address_in(tags: &BTreeMap<String, String>, project: &str) -> Option<Address> {
    let ours = tags.get(PROJECT_TAG).is_some_and(|own| own == project);
    tags.get(ADDRESS_TAG).filter(|_| ours).map(|address| Address::parse(address))
}

/// Maximum number of values in a filter of a `Describe…` call.
pub(crate) const VALUES: usize = 200;

/// A filter of a `Describe…` call: `name` is `value`.
pub(crate) fn filter(name: &str, value: &str) -> Filter {
    filter_any(name, &[value.to_owned()])
}

/// A filter of a `Describe…` call: `name` is one of `values`.
pub(crate) fn filter_any(name: &str, values: &[String]) -> Filter {
    Filter::builder().name(name).set_values(Some(values.to_vec())).build()
}

/// A filter for the resources of `project`.
pub(crate) fn of_project(project: &str) -> Filter {
    filter(&format!("tag:{PROJECT_TAG}"), project)
}
