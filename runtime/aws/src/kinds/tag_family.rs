//! How the services keep the tags of their resources.

use std::collections::BTreeMap;

use asiaq_runtime::Result;

use crate::region::Region;
use crate::tags::{TagChange, Tags};

/// The calls for the tags of the resources of a service.
pub(crate) trait TagFamily {
    /// Whether listings have the tags from an index that may lag behind.
    const IS_INDEXED: bool = false;

    /// The tags of resources whose listing lacks them, by [`Api::tag_key`](super::adapter::Api::tag_key).
    async fn of(_: &Region<'_>, _ids: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        Ok(BTreeMap::new())
    }

    /// The tags of one resource at this moment; none where it is gone.
    async fn now(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
        Ok(Some(Self::of(region, vec![id.to_owned()]).await?.remove(id).unwrap_or_default()))
    }

    /// What [`set`](Self::set) and [`remove`](Self::remove) take for a resource: the id, as a rule.
    async fn key(_: &Region<'_>, id: &str) -> Result<String> {
        Ok(id.to_owned())
    }

    /// Sets tags, of which there are some.
    async fn set(region: &Region<'_>, key: &str, tags: &Tags) -> Result<()>;

    /// Removes tags by their keys, of which there are some.
    async fn remove(region: &Region<'_>, key: &str, keys: Vec<String>) -> Result<()>;
}

/// Sets and removes tags, in a call each, where there are any.
pub(super) async fn retag<F: TagFamily>(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
    if tags.set.is_empty() && tags.remove.is_empty() {
        return Ok(());
    }
    let key = F::key(region, id).await?;
    if !tags.set.is_empty() {
        F::set(region, &key, tags.set).await?;
    }
    if !tags.remove.is_empty() {
        F::remove(region, &key, tags.remove.iter().cloned().collect()).await?;
    }
    Ok(())
}
