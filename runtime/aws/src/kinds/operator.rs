//! Operators. Their tags say whose they are; the content is shared with those who write passwords and other keys into it.

use std::collections::BTreeMap;

use asiaq_ir::{ADDRESS_TAG, Operator, PROJECT_TAG};
use asiaq_runtime::operator_differences;

use super::name_conflict::is_requested;
use super::prelude::*;
use crate::credentials::GET_OBJECT;
use crate::operators::account_file::{ACTIVE, AccountFile, GROUP, ID, USER};
use crate::operators::store::{self, ROUNDS, Rewritten, Store, Stored, Version, group_key, user_key};
use crate::operators::uids::{Choice, Taken};
use crate::secrets::buckets::{LIST_OBJECTS, PUT_OBJECT};
use crate::service::s3;

ops! { s3:
    // The objects of operators are in the buckets that a listing of buckets shows.
    LIST_ALL_BUCKETS = "ListBuckets" as "ListAllMyBuckets", Own;
}

/// Says that an operator was declared by this project, and is deactivated since its declaration is gone.
const RELEASED_TAG: &str = "asiaq:released-by";

/// An operator of a listing.
pub(super) struct Live {
    operator: Operator,
    tags: Tags,
}

impl Api for Operator {
    type Live = Live;
    type Tags = ObjectTags;

    const OPERATIONS: IamActions = &[OPS, store::OPS, store::MORE];
    const DESCRIBE: Operation = LIST_OBJECTS;

    /// Nothing is in the place of an operator: see [`refusal_of_creation`].
    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        match which {
            Which::OfProject(project) => of_project(region, project).await,
            Which::Id(_) | Which::InPlaceOf(_) => Ok(Vec::new()),
        }
    }

    fn id(live: &Live) -> Option<&str> {
        Some(&live.operator.name)
    }

    fn tags(live: &Live) -> Option<Tags> {
        Some(live.tags.clone())
    }

    fn form(live: &Live) -> Option<Self> {
        Some(live.operator.clone())
    }

    /// A number is chosen, and the group is there before the account, as machines need it.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let (bucket, account) = parts(&self.name)?;
        let store = Store::new(region, bucket).await?;
        let mut choice = Choice::begin().await;
        for _ in 0..ROUNDS {
            let taken = explained(choice.taken(store).await, bucket)?;
            let there = store.get(&user_key(account)).await?;
            let mut tags = match &there {
                Some(stored) => store.tags_of(&user_key(account), stored).await?,
                None => Tags::new(),
            };
            if let Some(why) = conflict(self, &taken, there.as_ref(), &tags, request) {
                return Err(PUT_OBJECT.refused(why));
            }
            tags.remove(RELEASED_TAG);
            tags.extend(request.tags.clone());
            let (mut file, version) =
                there.map_or((AccountFile::empty(), Version::None), |stored| (stored.file, stored.version));
            let is_new = matches!(version, Version::None);
            let uid = file.id(USER).or(self.uid).unwrap_or_else(|| taken.free(account));
            let gid = taken.gid(account, uid);
            file.describe(self, uid);
            if is_new {
                file.set(GROUP, ID, Some(&gid.to_string()));
            }
            add_group(store, account, gid, &taken).await?;
            if store.put(&user_key(account), &file, &version, &tags).await? {
                let initial = Self { uid: self.uid, ..file.operator(&self.name, true) };
                return Ok(Created::ready(&self.name, initial));
            }
        }
        Err(contended(&self.name))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self == wanted {
            return Ok(());
        }
        if let Some(why) = fixed_uid(self, wanted) {
            return Err(PUT_OBJECT.refused(why));
        }
        let (bucket, account) = parts(id)?;
        let store = Store::new(region, bucket).await?;
        let mut choice = Choice::begin().await;
        for _ in 0..ROUNDS {
            let Some(Stored { mut file, version, .. }) = store.get(&user_key(account)).await? else {
                return Err(GET_OBJECT.refused(format!("`{id}` is gone: apply again")));
            };
            let mut uid = file.id(USER).or(wanted.uid);
            if uid.is_none() || !self.is_whole {
                let taken = choice.taken(store).await?;
                let chosen = uid.unwrap_or_else(|| taken.free(account));
                add_group(store, account, taken.gid(account, chosen), &taken).await?;
                uid = Some(chosen);
            }
            let before = file.clone();
            file.describe(wanted, uid.unwrap_or_default());
            if file == before {
                return Ok(());
            }
            let tags = store.tags(&user_key(account)).await?.unwrap_or_default();
            if store.put(&user_key(account), &file, &version, &tags).await? {
                return Ok(());
            }
        }
        Err(contended(id))
    }

    /// The account is deactivated: the object stays, so that nobody gets its number.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let (bucket, account) = parts(id)?;
        let store = Store::new(region, bucket).await?;
        let released = |file: &mut AccountFile, tags: &mut Tags| {
            let project = tags.get(PROJECT_TAG).cloned().unwrap_or_default();
            tags.retain(|key, _| !key.starts_with("asiaq:"));
            tags.insert(RELEASED_TAG.to_owned(), project);
            file.set(USER, ACTIVE, Some("no"));
        };
        match s3.found(store.rewrite(account, released).await)? {
            Some(Rewritten::Contended) => Err(contended(id)),
            Some(Rewritten::Done | Rewritten::Absent) | None => Ok(()),
        }
    }
}

/// The operators of a project: only its own objects are read.
async fn of_project(region: &Region<'_>, project: &str) -> Result<Vec<Live>> {
    let mut all = Vec::new();
    for bucket in store::buckets(region, project).await? {
        let store = Store::new(region, &bucket).await?;
        let listed = store.list().await?;
        let reads =
            store::accounts(&listed).map(|(account, has_group)| live(store, account, has_group, project));
        all.extend(store::all(reads).await?);
    }
    Ok(all)
}

/// An operator of the project; none where it is somebody else's, or just gone.
async fn live(store: Store<'_>, account: &str, has_group: bool, project: &str) -> Result<Option<Live>> {
    let key = user_key(account);
    let Some(tags) = store.tags(&key).await? else { return Ok(None) };
    if tags::address_in(&tags, project).is_none() {
        return Ok(None);
    }
    let Some(stored) = store.get(&key).await? else { return Ok(None) };
    let name = Operator::place(store.bucket, account);
    Ok(Some(Live { operator: stored.file.operator(&name, has_group), tags }))
}

/// Why an operator cannot be created.
pub(super) async fn refusal_of_creation(
    wanted: &Operator,
    region: &Region<'_>,
    request: &Create<'_>,
) -> Result<Option<CloudError>> {
    let (bucket, account) = parts(&wanted.name)?;
    let store = Store::new(region, bucket).await?;
    let mut choice = Choice::begin().await;
    // A bucket that is not there yet may be created before.
    let Some(taken) = s3.found(choice.taken(store).await)? else { return Ok(None) };
    let there = store.get(&user_key(account)).await?;
    let tags = match &there {
        Some(stored) => store.tags_of(&user_key(account), stored).await?,
        None => Tags::new(),
    };
    let why = conflict(wanted, &taken, there.as_ref(), &tags, request);
    Ok(why.map(|why| PUT_OBJECT.refused(why)))
}

/// Why an operator cannot become another one.
pub(super) async fn refusal_of_change(
    live: &Operator,
    wanted: &Operator,
    region: &Region<'_>,
) -> Result<Option<CloudError>> {
    if let Some(why) = fixed_uid(live, wanted) {
        return Ok(Some(PUT_OBJECT.refused(why)));
    }
    let Some(uid) = wanted.uid.filter(|_| live.uid.is_none()) else { return Ok(None) };
    let (bucket, account) = parts(&wanted.name)?;
    let taken = Choice::begin().await.taken(Store::new(region, bucket).await?).await?;
    Ok(taken_uid(&taken, uid, account).map(|why| PUT_OBJECT.refused(why)))
}

/// What stands in the way of a new operator: another account with its number, or an object with its name that is not the
/// project's and says something else.
fn conflict(
    wanted: &Operator,
    taken: &Taken,
    there: Option<&Stored>,
    tags: &Tags,
    request: &Create<'_>,
) -> Option<String> {
    let (bucket, account) = parts(&wanted.name).ok()?;
    if let Some(why) = wanted.uid.and_then(|uid| taken_uid(taken, uid, account)) {
        return Some(why);
    }
    let live = there?.file.operator(&wanted.name, true);
    if let Some(why) = fixed_uid(&live, wanted) {
        return Some(why);
    }
    let project = request.tags.get(PROJECT_TAG);
    if is_requested(request, tags) || tags.get(RELEASED_TAG).is_some_and(|by| Some(by) == project) {
        return None;
    }
    if let (Some(project), Some(address)) = (tags.get(PROJECT_TAG), tags.get(ADDRESS_TAG)) {
        return Some(format!(
            "the bucket `{bucket}` has the operator `{account}` as `{address}` of project `{project}`"
        ));
    }
    let names = operator_differences(wanted, &live);
    if names.is_empty() {
        return None;
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let value = |tag: &str| request.tags.get(tag).map_or("", String::as_str);
    Some(format!(
        "the bucket `{bucket}` has an operator `{account}` that asiaq did not write, with other values of {}: declare \
         those (`asiaq operator show {account}` tells them), or let asiaq change them by tagging the object \
         `{}{account}` with `{PROJECT_TAG} = {}` and `{ADDRESS_TAG} = {}`",
        names.join(", "),
        Operator::FOLDER,
        value(PROJECT_TAG),
        value(ADDRESS_TAG),
    ))
}

fn taken_uid(taken: &Taken, uid: u32, account: &str) -> Option<String> {
    let holder = taken.holder(uid, account)?;
    Some(format!("`{holder}` has the uid {uid} in this bucket, and keeps it: choose another one"))
}

/// The number of an account does not change.
fn fixed_uid(live: &Operator, wanted: &Operator) -> Option<String> {
    let (there, other) = (live.uid?, wanted.uid?);
    let why = || {
        format!(
            "its uid is {there}, not {other}, and files on machines belong to that: write `uid = {there}`, or leave it out"
        )
    };
    (there != other).then(why)
}

/// Makes the group of an account, if there is none.
async fn add_group(store: Store<'_>, account: &str, gid: u32, taken: &Taken) -> Result<()> {
    if taken.group_names.contains(account) {
        return Ok(());
    }
    let mut file = AccountFile::empty();
    file.set(GROUP, ID, Some(&gid.to_string()));
    // Somebody else may have made it meanwhile.
    store.put(&group_key(account), &file, &Version::None, &Tags::new()).await.map(drop)
}

/// The bucket and the account of an operator.
fn parts(name: &str) -> Result<(&str, &str)> {
    Operator::parts(name).ok_or_else(|| GET_OBJECT.refused(format!("`{name}` is no operator")))
}

fn contended(name: &str) -> CloudError {
    PUT_OBJECT.refused(format!("others write `{name}` all the time: apply again"))
}

/// The error of a bucket that is not there, with the way out.
fn explained<T>(answer: Result<T>, bucket: &str) -> Result<T> {
    answer.map_err(|error| match error.code.as_str() {
        "NoSuchBucket" => CloudError {
            message: format!("the credential bucket `{bucket}` does not exist: create it, and apply again"),
            ..error
        },
        _ => error,
    })
}

/// Tags of operators, by bucket and key.
pub(super) struct ObjectTags;

impl TagFamily for ObjectTags {
    async fn of(region: &Region<'_>, ids: Vec<String>) -> Result<BTreeMap<String, Tags>> {
        let mut all = BTreeMap::new();
        for id in ids {
            let (bucket, account) = parts(&id)?;
            let tags = Store::new(region, bucket).await?.tags(&user_key(account)).await?;
            all.extend(tags.map(|tags| (id.clone(), tags)));
        }
        Ok(all)
    }

    async fn set(region: &Region<'_>, id: &str, tags: &Tags) -> Result<()> {
        let (bucket, account) = parts(id)?;
        let store = Store::new(region, bucket).await?;
        let mut all = store.tags(&user_key(account)).await?.unwrap_or_default();
        all.extend(tags.clone());
        store.set_tags(&user_key(account), &all).await
    }

    async fn remove(region: &Region<'_>, id: &str, keys: Vec<String>) -> Result<()> {
        let (bucket, account) = parts(id)?;
        let store = Store::new(region, bucket).await?;
        let mut all = store.tags(&user_key(account)).await?.unwrap_or_default();
        all.retain(|key, _| !keys.contains(key));
        store.set_tags(&user_key(account), &all).await
    }
}
