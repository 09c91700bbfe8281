//! The operations on a kind of resource that the engine calls.

use std::collections::BTreeMap;

use asiaq_ir::{Needs, RegionFacts};
use asiaq_runtime::{Create, Listed, Result, Tagged};

use crate::error;
use crate::operation::IamActions;
use crate::region::Region;
use crate::service::Service;
use crate::tags::{TagChange, Tags};

/// AWS operations on a kind of resource. All references are AWS ids.
///
/// Most kinds implement [`Api`](super::adapter::Api) instead, which is enough for this one. Kinds that do not fit, as
/// they are a part of another resource or have no tags, implement this.
pub(super) trait AwsResource: Sized + PartialEq {
    /// The operations that the kind calls.
    const ACTIONS: IamActions;

    /// The service that creates and deletes it.
    const SERVICE: &'static Service;

    /// Whether the call that creates it takes a token or a reference, so that a repeated one creates no second.
    const HAS_TOKEN: bool = false;

    /// The resources of the kind in the region that belong to `project`, and facts that the same listing shows.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed>;

    /// Facts of the account that take calls of their own: those in `needs`.
    async fn facts(_: &Region<'_>, _needs: &Needs) -> Result<RegionFacts> {
        Ok(RegionFacts::default())
    }

    /// The tags of a resource at this moment, for kinds whose listing has them from an index that may lag behind.
    async fn tags(_: &Region<'_>, _id: &str) -> Result<Option<Tags>> {
        Ok(None)
    }

    /// The tags of the resources of the kind, by id, for kinds whose listing shows only the ownership tags. Some may be
    /// missing.
    async fn hidden_tags(_: &Region<'_>) -> Result<BTreeMap<String, Tags>> {
        Ok(BTreeMap::new())
    }

    /// Creates the bare resource with its tags, by one call that is not repeated when its answer is lost.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>>;

    /// Id and tags of the resource that has the name or the place of this one. Because of it AWS refuses to create this
    /// one, or creates a duplicate.
    async fn existing_conflict(&self, _: &Region<'_>) -> Result<Option<Tagged>> {
        Ok(None)
    }

    /// Waits until a created resource can be used.
    async fn ready(&self, _: &Region<'_>, _id: &str) -> Result<()> {
        Ok(())
    }

    /// Sets and removes tags. The default does nothing, for parts of other resources, which have no tags.
    async fn retag(_: &Region<'_>, _id: &str, _tags: TagChange<'_>) -> Result<()> {
        Ok(())
    }

    /// Changes the fields in which `self`, the live resource, differs from the wanted one.
    async fn update(&self, _: &Region<'_>, _id: &str, wanted: &Self) -> Result<()> {
        if self == wanted { Ok(()) } else { Err(error::refused("Update", "AWS cannot change this in place")) }
    }

    /// Deletes the resource and waits until it is gone.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()>;
}

/// A resource that was just created.
pub(super) struct Created<T> {
    /// AWS id.
    pub(super) id: String,
    /// Its fields after the creation. Where these differ from the wanted ones, an update follows.
    pub(super) initial: T,
    /// Whether it can be used at once.
    pub(super) ready: bool,
}

impl<T> Created<T> {
    /// A resource that can be used at once.
    pub(super) fn ready(id: impl Into<String>, initial: T) -> Self {
        Self { id: id.into(), initial, ready: true }
    }
}
