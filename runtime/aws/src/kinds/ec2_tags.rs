//! Tags of the resources of EC2: every listing has them, and one pair of calls changes those of all kinds.

use asiaq_runtime::Result;
use aws_sdk_ec2::types::Tag;

use super::tag_family::TagFamily;
use crate::operation::ops;
use crate::region::Region;
use crate::tags::{self, Tags};

ops! { ec2:
    CREATE_TAGS = "CreateTags", Write;
    DELETE_TAGS = "DeleteTags", Write;
}

/// Sets and removes tags of resources that exist for some time, as many as one call names.
pub(crate) async fn change(region: &Region<'_>, ids: &[String], set: &Tags, remove: &[String]) -> Result<()> {
    if !set.is_empty() {
        let call = region.ec2().create_tags().set_resources(Some(ids.to_vec()));
        CREATE_TAGS.call(call.set_tags(Some(tags::list(set))).send()).await?;
    }
    if !remove.is_empty() {
        let call = region.ec2().delete_tags().set_resources(Some(ids.to_vec()));
        DELETE_TAGS.call(call.set_tags(Some(keys(remove))).send()).await?;
    }
    Ok(())
}

/// Keys alone, which remove tags whatever their value.
fn keys(keys: &[String]) -> Vec<Tag> {
    keys.iter().map(|key| Tag::builder().key(key).build()).collect()
}

pub(super) struct Ec2Tags;

impl TagFamily for Ec2Tags {
    async fn set(region: &Region<'_>, id: &str, tags: &Tags) -> Result<()> {
        let call = region.ec2().create_tags().resources(id).set_tags(Some(tags::list(tags)));
        region.retry_until_consistent(CREATE_TAGS, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, id: &str, remove: Vec<String>) -> Result<()> {
        let call = region.ec2().delete_tags().resources(id).set_tags(Some(keys(&remove)));
        region.retry_until_consistent(DELETE_TAGS, || call.clone().send()).await.map(drop)
    }
}

/// What the kinds of EC2 have in common: id and tags in the listing, and calls of the same shape to list and delete.
///
/// ```ignore
/// ec2_kind! { sdk::Subnet { subnet_id, tags }
///     describe: DESCRIBE_SUBNETS = describe_subnets(subnet_ids),
///     delete: DELETE_SUBNET = delete_subnet(subnet_id),
/// }
/// ```
///
/// A kind without `describe` has a [`describe`](super::adapter::Api::describe) of its own, and one without `delete` a
/// [`delete`](super::adapter::Api::delete). `also` names the operations of other files that the kind calls.
macro_rules! ec2_kind {
    (
        $live:ty { $id:ident, $tags:ident }
        $(also: $($also:path)+,)?
        $(describe: $DESCRIBE:ident = $describe:ident($ids:ident),)?
        $(delete: $DELETE:ident = $delete:ident($key:ident),)?
    ) => {
        type Live = $live;
        type Tags = $crate::kinds::ec2_tags::Ec2Tags;

        const OPERATIONS: $crate::operation::IamActions =
            &[OPS, $($($also,)+)? $crate::kinds::ec2_tags::OPS];

        fn id(live: &$live) -> Option<&str> {
            live.$id()
        }

        fn tags(live: &$live) -> Option<$crate::tags::Tags> {
            Some($crate::tags::map(live.$tags()))
        }

        $(
            const DESCRIBE: $crate::operation::Operation = $DESCRIBE;

            async fn describe(
                region: &$crate::region::Region<'_>,
                which: $crate::kinds::adapter::Which<'_, Self>,
            ) -> asiaq_runtime::Result<Vec<$live>> {
                let all = region.ec2().$describe();
                let call = match which {
                    $crate::kinds::adapter::Which::OfProject(project) => {
                        all.set_filters(region.filter_of::<Self>(project))
                    }
                    $crate::kinds::adapter::Which::Id(id) => all.$ids(id),
                    $crate::kinds::adapter::Which::InPlaceOf(wanted) => match wanted.place(region) {
                        Some(filters) => all.set_filters(Some(filters)),
                        None => return Ok(Vec::new()),
                    },
                };
                $DESCRIBE.all(call.into_paginator().items().send()).await
            }
        )?

        $(
            async fn delete(
                &self,
                region: &$crate::region::Region<'_>,
                id: &str,
            ) -> asiaq_runtime::Result<()> {
                let call = region.ec2().$delete().$key(id);
                region.retry_while_in_use($DELETE, || call.clone().send()).await
            }
        )?
    };
}

pub(super) use ec2_kind;
