//! The shared implementation of most kinds: a kind implements [`Api`], and gets [`AwsResource`] from it.
//!
//! A special case that several kinds share is a method of [`Api`] with a default. A kind with a special case that no
//! other kind has implements [`AwsResource`] directly.

use std::collections::BTreeMap;
use std::time::Duration;

use asiaq_ir::{Assigned, Needs, RegionFacts, Resource, ResourceKind};
use asiaq_runtime::{CloudError, Create, Found, Listed, Result, Tagged};
use aws_sdk_ec2::types::Filter;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::name_conflict;
use super::resource::{AwsResource, Created};
use super::tag_family::{TagFamily, retag};
use crate::error;
use crate::operation::{IamActions, Operation};
use crate::region::Region;
use crate::tags::{TagChange, Tags};

/// Resources that are read at the same time.
const AT_ONCE: usize = 8;

/// The AWS calls of a kind whose resources have an id and tags.
pub(super) trait Api: Sized + PartialEq + Into<Resource> + ResourceKind {
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
    /// See [`AwsResource::HAS_TOKEN`].
    const HAS_TOKEN: bool = false;
    /// For services that take a name for the identity.
    const UNIQUE_NAME: Option<UniqueName<Self>> = None;

    /// Lists resources. That one does not exist may be an empty list or an error.
    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Self::Live>>;

    fn id(live: &Self::Live) -> Option<&str>;

    /// The tags in the listing, where it has them.
    fn tags(_: &Self::Live) -> Option<Tags> {
        None
    }

    /// What the calls about tags take: the id, as a rule.
    fn tag_key(live: &Self::Live) -> Option<&str> {
        Self::id(live)
    }

    /// Whether a resource counts as there: not one that failed or is being deleted.
    fn exists(_: &Self::Live) -> bool {
        true
    }

    fn state(_: &Self::Live) -> State {
        State::Ready
    }

    /// For kinds of EC2: the filters that find what has the place of this resource; none where its place is not there.
    fn place(&self, _: &Region<'_>) -> Option<Vec<Filter>> {
        None
    }

    /// Whether a resource that [`describe`](Self::describe) finds in the place of this one has the same place.
    fn is_in_place_of(_: &Self::Live, _wanted: &Self) -> bool {
        true
    }

    /// A resource in the IR's form, for kinds whose listings show all of it; none where it has a form that the IR does
    /// not know.
    fn form(_: &Self::Live) -> Option<Self> {
        None
    }

    /// A resource in the IR's form; none where it is just gone, or has a form that the IR does not know.
    async fn read(_: &Region<'_>, live: &Self::Live) -> Result<Option<Self>> {
        Ok(Self::form(live))
    }

    /// What AWS chose for a resource, as its kind declares it (see [`asiaq_ir::Outputs`]).
    fn assigned(_: &Self::Live) -> Vec<(Assigned, &str)> {
        Vec::new()
    }

    /// Keeps what other kinds ask of a resource that was found instead of created.
    fn note(_: &Region<'_>, _: &Self::Live) {}

    /// See [`AwsResource::list`].
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let live = Self::describe(region, Which::OfProject(project)).await?;
        let facts = assigned::<Self>(&live);
        Ok(Listed { found: found::<Self>(region, project, live).await?, facts, ..Listed::default() })
    }

    /// See [`AwsResource::facts`].
    async fn facts(_: &Region<'_>, _needs: &Needs) -> Result<RegionFacts> {
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

/// For services that answer a call for a name that is taken as if it had worked, at least where the settings are the
/// same: the name is looked up before a creation. The operation that creates, the code with which it refuses a name
/// that is taken, and the name.
pub(super) struct UniqueName<T>(pub(super) Operation, pub(super) &'static str, pub(super) fn(&T) -> &str);

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
    pub(super) fn found<T: ResourceKind + Into<Resource>>(
        self,
        region: &Region<'_>,
        project: &str,
        read: Option<T>,
    ) -> Option<Found> {
        Some(Found {
            address: region.address_of::<T>(&self.id, &self.tags, project)?,
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
    let untagged: Vec<String> = untagged.filter_map(T::tag_key).map(ToOwned::to_owned).collect();
    let mut tags = if untagged.is_empty() { BTreeMap::new() } else { T::Tags::of(region, untagged).await? };
    let mut owned = Vec::new();
    for one in live {
        let Some(id) = T::id(&one).map(ToOwned::to_owned) else { continue };
        let mut known = T::tags(&one).or_else(|| tags.remove(T::tag_key(&one)?));
        // Whose it is must not depend on an index.
        if region.imagines::<T>(&id) && T::tags(&one).is_none() {
            known = T::Tags::now(region, &id).await?;
        }
        let Some(tags) = known.map(|tags| region.imagine::<T>(&id, tags)) else { continue };
        if region.address_of::<T>(&id, &tags, project).is_some() {
            owned.push(Owned { id, tags, live: one });
        }
    }
    Ok(owned)
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

/// What AWS chose for the resources in a listing.
pub(super) fn assigned<T: Api>(live: &[T::Live]) -> RegionFacts {
    let mut facts = RegionFacts::default();
    for one in live.iter().filter(|one| T::exists(one)) {
        for (what, value) in T::assigned(one) {
            let Some(id) = T::id(one) else { continue };
            let values = facts.assigned.entry(id.to_owned()).or_default().entry(what).or_default();
            values.insert(value.to_owned());
        }
    }
    facts
}

/// The resources that exist; none where AWS says that there are none.
async fn existing<T: Api>(region: &Region<'_>, which: Which<'_, T>) -> Result<Vec<T::Live>> {
    Ok(T::DESCRIBE.service.found(T::describe(region, which).await)?.unwrap_or_default())
}

/// The resource with an id; none where it is gone, or not known yet everywhere.
pub(super) async fn look<T: Api>(region: &Region<'_>, id: &str) -> Result<Option<T::Live>> {
    Ok(existing(region, Which::<T>::Id(id)).await?.into_iter().next())
}

/// The resource that has the name or the place of `wanted`, with its id and tags.
async fn in_place_of<T: Api>(region: &Region<'_>, wanted: &T) -> Result<Option<(T::Live, Tagged)>> {
    let there = existing(region, Which::InPlaceOf(wanted)).await?.into_iter();
    let there = there.filter(T::exists).find(|live| T::is_in_place_of(live, wanted));
    let Some(live) = there else { return Ok(None) };
    let Some(id) = T::id(&live).map(ToOwned::to_owned) else { return Ok(None) };
    let tags = match T::tags(&live) {
        None => T::Tags::now(region, &id).await?,
        listed => listed,
    };
    Ok(tags.map(|tags| (live, (id, tags))))
}

/// The resource that `request` has created already, when the answer was lost; an error where another resource has the
/// name.
async fn adopted<T: Api>(
    wanted: &T,
    region: &Region<'_>,
    request: &Create<'_>,
) -> Result<Option<Created<T>>> {
    let Some(UniqueName(operation, code, name)) = T::UNIQUE_NAME else { return Ok(None) };
    let Some((live, (id, tags))) = in_place_of(region, wanted).await? else { return Ok(None) };
    if !name_conflict::is_requested(request, &tags) {
        return Err(name_conflict::refusal(operation, code, name(wanted), request));
    }
    let Some(initial) = T::read(region, &live).await? else { return Ok(None) };
    T::note(region, &live);
    Ok(Some(Created { id, initial, ready: T::READY.is_none() }))
}

impl<T: Api> AwsResource for T {
    const ACTIONS: IamActions = T::OPERATIONS;
    const SERVICE: &'static crate::service::Service = T::DESCRIBE.service;
    const HAS_TOKEN: bool = <T as Api>::HAS_TOKEN;

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        <T as Api>::list(region, project).await
    }

    async fn facts(region: &Region<'_>, needs: &Needs) -> Result<RegionFacts> {
        <T as Api>::facts(region, needs).await
    }

    async fn tags(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
        if T::Tags::IS_INDEXED { T::Tags::now(region, id).await } else { Ok(None) }
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        if let Some(created) = adopted(self, region, request).await? {
            return Ok(created);
        }
        match <T as Api>::create(self, region, request).await {
            Err(error) if T::UNIQUE_NAME.is_some_and(|UniqueName(_, code, _)| error.code == code) => {
                adopted(self, region, request).await?.ok_or(error)
            }
            created => created,
        }
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
        retag::<T::Tags>(region, id, tags).await
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
