//! The shared implementation of most kinds: a kind implements [`Api`], and gets [`AwsResource`] from it.
//!
//! A special case that several kinds share is a method of [`Api`] with a default. A kind with a special case that no
//! other kind has implements [`AwsResource`] directly.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use asiaq_ir::{Need, RegionFacts, Resource};
use asiaq_runtime::{CloudError, Create, Found, Listed, Result, Tagged};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::name_conflict;
use super::resource::{AwsResource, Created};
use crate::error;
use crate::operation::{IamActions, Operation};
use crate::region::Region;
use crate::tags::{TagChange, Tags, address_in};

/// Resources that are read at the same time.
const AT_ONCE: usize = 8;

/// The AWS calls of a kind whose resources have an id and tags.
pub(super) trait Api: Sized + PartialEq + Into<Resource> {
    /// An entry of a listing.
    type Live;
    /// How tags are read and changed.
    type Tags: TagFamily;

    /// The operations that the kind calls, those of its tags included.
    const OPERATIONS: IamActions;
    /// The operation that lists the kind: the label of waits.
    const DESCRIBE: Operation;
    /// How long a created resource is waited for; none where it can be used at once.
    const READY: Option<Limit> = None;
    /// How long a deleted resource is waited for; none where it is gone at once.
    const GONE: Option<Limit> = None;

    /// Lists resources. That one does not exist may be an empty list or an error.
    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Self::Live>>;

    fn id(live: &Self::Live) -> Option<&str>;

    /// The tags in the listing, where it has them.
    fn tags(_: &Self::Live) -> Option<Tags> {
        None
    }

    /// Whether a resource counts as there: not one that failed or is being deleted.
    fn exists(_: &Self::Live) -> bool {
        true
    }

    fn state(_: &Self::Live) -> State {
        State::Ready
    }

    /// A resource in the IR's form; none where it is just gone, or has a form that the IR does not know. Kinds with a
    /// `list` of their own need none.
    async fn read(_: &Region<'_>, _: &Self::Live) -> Result<Option<Self>> {
        Ok(None)
    }

    /// See [`AwsResource::list`].
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let live = Self::describe(region, Which::OfProject(project)).await?;
        Ok(Listed { found: found::<Self>(region, project, live).await?, ..Listed::default() })
    }

    /// See [`AwsResource::facts`].
    async fn facts(_: &Region<'_>, _needs: &BTreeSet<Need>) -> Result<RegionFacts> {
        Ok(RegionFacts::default())
    }

    /// See [`AwsResource::create`].
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>>;

    /// See [`AwsResource::update`].
    async fn update(&self, _: &Region<'_>, _id: &str, wanted: &Self) -> Result<()> {
        if self == wanted { Ok(()) } else { Err(error::refused("Update", "AWS cannot change this in place")) }
    }

    /// Deletes the resource. The wait until it is gone follows.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()>;
}

/// How a service keeps the tags of its resources.
pub(super) trait TagFamily {
    /// Whether listings have the tags from an index that may lag behind.
    const IS_INDEXED: bool = false;

    /// The tags of resources whose listing lacks them, by id.
    async fn of(_: &Region<'_>, _ids: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        Ok(BTreeMap::new())
    }

    /// The tags of one resource at this moment; none where it is gone.
    async fn now(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
        Ok(Some(Self::of(region, vec![id.to_owned()]).await?.remove(id).unwrap_or_default()))
    }

    /// Sets and removes tags, in a call each, where there are any.
    async fn change(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()>;
}

/// The resources that [`Api::describe`] lists.
#[derive(Debug)]
pub(super) enum Which<'a, T> {
    /// Those of a project, and others where AWS has no filter for it.
    OfProject(&'a str),
    /// The one with this id.
    Id(&'a str),
    /// Those that have the name or the place of this one.
    InPlaceOf(&'a T),
}

/// The longest wait for something, and how its end is reported: `the VPC is not available`.
pub(super) struct Limit(pub(super) Duration, pub(super) &'static str);

/// How far a resource is.
pub(super) enum State {
    Pending,
    Ready,
    Gone,
    /// It will never be ready.
    Failed(CloudError),
}

/// A resource of the project in a listing.
pub(super) struct Owned<L> {
    pub(super) id: String,
    pub(super) tags: Tags,
    pub(super) live: L,
}

impl<L> Owned<L> {
    /// The resource as the engine knows it; none where it lacks something that every one has.
    pub(super) fn found(
        self,
        region: &Region<'_>,
        project: &str,
        read: Option<impl Into<Resource>>,
    ) -> Option<Found> {
        Some(Found {
            address: address_in(&self.tags, project)?,
            id: self.id,
            region: region.name.to_owned(),
            tags: self.tags,
            resource: read?.into(),
        })
    }
}

/// The resources in a listing that belong to `project` and exist.
pub(super) async fn owned<T: Api>(
    region: &Region<'_>,
    project: &str,
    live: Vec<T::Live>,
) -> Result<Vec<Owned<T::Live>>> {
    let live: Vec<T::Live> = live.into_iter().filter(T::exists).collect();
    let untagged = live.iter().filter(|one| T::tags(one).is_none());
    let untagged: Vec<String> = untagged.filter_map(T::id).map(ToOwned::to_owned).collect();
    let mut tags = if untagged.is_empty() { BTreeMap::new() } else { T::Tags::of(region, untagged).await? };
    let owned = live.into_iter().filter_map(|one| {
        let id = T::id(&one)?.to_owned();
        let tags = T::tags(&one).or_else(|| tags.remove(&id))?;
        address_in(&tags, project).map(|_| Owned { id, tags, live: one })
    });
    Ok(owned.collect())
}

/// The resources in a listing that belong to `project`, as the engine knows them.
pub(super) async fn found<T: Api>(
    region: &Region<'_>,
    project: &str,
    live: Vec<T::Live>,
) -> Result<Vec<Found>> {
    let reads: Vec<_> = owned::<T>(region, project, live)
        .await?
        .into_iter()
        .map(|one| async move {
            let read = T::read(region, &one.live).await?;
            Ok(one.found(region, project, read))
        })
        .collect();
    let found: Vec<Option<Found>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// The resources that exist; none where AWS says that there are none.
async fn existing<T: Api>(region: &Region<'_>, which: Which<'_, T>) -> Result<Vec<T::Live>> {
    match T::describe(region, which).await {
        Err(error) if T::DESCRIBE.service.is_not_found(&error) => Ok(Vec::new()),
        answer => answer,
    }
}

/// The resource with an id; none where it is gone, or not known yet everywhere.
pub(super) async fn look<T: Api>(region: &Region<'_>, id: &str) -> Result<Option<T::Live>> {
    Ok(existing(region, Which::<T>::Id(id)).await?.into_iter().next())
}

/// The resource that has the name or the place of `wanted`, with its id and tags.
async fn in_place_of<T: Api>(region: &Region<'_>, wanted: &T) -> Result<Option<(T::Live, Tagged)>> {
    let there = existing(region, Which::InPlaceOf(wanted)).await?.into_iter().find(T::exists);
    let Some(live) = there else { return Ok(None) };
    let Some(id) = T::id(&live).map(ToOwned::to_owned) else { return Ok(None) };
    let tags = match T::tags(&live) {
        None => T::Tags::now(region, &id).await?,
        listed => listed,
    };
    Ok(tags.map(|tags| (live, (id, tags))))
}

/// For services that take a name for the identity, so that a call for a name that is taken may look as if it had
/// worked: the resource that `request` has created already, when the answer was lost. An error with `code` where
/// another resource has the name.
pub(super) async fn adopted<T: Api>(
    wanted: &T,
    region: &Region<'_>,
    request: &Create<'_>,
    (operation, code, name): (Operation, &str, &str),
) -> Result<Option<(T::Live, Created<T>)>> {
    let Some((live, (id, tags))) = in_place_of(region, wanted).await? else { return Ok(None) };
    if !name_conflict::is_requested(request, &tags) {
        return Err(name_conflict::refusal(operation, code, name, request));
    }
    let initial = T::read(region, &live).await?;
    Ok(initial.map(|initial| (live, Created { id, initial, ready: T::READY.is_none() })))
}

impl<T: Api> AwsResource for T {
    const ACTIONS: IamActions = T::OPERATIONS;
    const SERVICE: &'static crate::service::Service = T::DESCRIBE.service;

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        <T as Api>::list(region, project).await
    }

    async fn facts(region: &Region<'_>, needs: &BTreeSet<Need>) -> Result<RegionFacts> {
        <T as Api>::facts(region, needs).await
    }

    async fn tags(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
        if T::Tags::IS_INDEXED { T::Tags::now(region, id).await } else { Ok(None) }
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        <T as Api>::create(self, region, request).await
    }

    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        Ok(in_place_of(region, self).await?.map(|(_, tagged)| tagged))
    }

    async fn ready(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let Some(Limit(limit, what)) = T::READY else { return Ok(()) };
        let ready = || async {
            match look::<T>(region, id).await?.as_ref().map(T::state) {
                Some(State::Ready) => Ok(Some(())),
                Some(State::Failed(error)) => Err(error),
                // A resource that AWS does not know yet everywhere is on its way.
                Some(State::Pending | State::Gone) | None => Ok(None),
            }
        };
        region.poll(T::DESCRIBE.name, what, limit, ready).await
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        T::Tags::change(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        <T as Api>::update(self, region, id, wanted).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        <T as Api>::delete(self, region, id).await?;
        let Some(Limit(limit, what)) = T::GONE else { return Ok(()) };
        let gone = || async {
            let seen = look::<T>(region, id).await?;
            Ok(seen.is_none_or(|live| matches!(T::state(&live), State::Gone)).then_some(()))
        };
        region.poll(T::DESCRIBE.name, what, limit, gone).await
    }
}
