//! Tags of the resources of EC2: every listing has them, and one pair of calls changes those of all kinds.

use asiaq_runtime::Result;

use super::adapter::TagFamily;
use crate::operation::ops;
use crate::region::Region;
use crate::tags::{self, TagChange};

ops! { ec2:
    CREATE_TAGS = "CreateTags", Write;
    DELETE_TAGS = "DeleteTags", Write;
}

pub(super) struct Ec2Tags;

impl TagFamily for Ec2Tags {
    async fn change(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        if !tags.set.is_empty() {
            let request = region.ec2().create_tags().resources(id).set_tags(Some(tags::list(tags.set)));
            region.retry_until_consistent(CREATE_TAGS, || request.clone().send()).await?;
        }
        if !tags.remove.is_empty() {
            let request = region.ec2().delete_tags().resources(id).set_tags(Some(tags::keys(tags.remove)));
            region.retry_until_consistent(DELETE_TAGS, || request.clone().send()).await?;
        }
        Ok(())
    }
}

/// The associated types and accessors of a kind of EC2, whose listings have id and tags:
/// `ec2_kind!(sdk::Subnet: subnet_id, tags);`.
macro_rules! ec2_kind {
    ($live:ty: $id:ident, $tags:ident) => {
        type Live = $live;
        type Tags = $crate::kinds::ec2_tags::Ec2Tags;

        fn id(live: &$live) -> Option<&str> {
            live.$id()
        }

        fn tags(live: &$live) -> Option<$crate::tags::Tags> {
            Some($crate::tags::map(live.$tags()))
        }
    };
}

pub(super) use ec2_kind;
