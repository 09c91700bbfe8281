mod access;
mod acl;
mod cors;
mod emptying;
mod encryption;
mod lifecycle;
mod listing;
mod lock;
mod logging;
mod notifications;
mod place;
mod replication;
mod tags;
mod versioning;
mod website;

use asiaq_ir::Bucket;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership};
use futures::try_join;

pub(super) use self::emptying::{empty, refusal as refusal_of_end};
pub(crate) use self::place::LIST_BUCKETS;
pub(super) use self::place::of_region as all_of_region;
pub(super) use self::place::refusal as refusal_of_place;
use self::tags::BucketTags;
pub(super) use self::tags::GET_BUCKET_TAGGING;
use super::prelude::*;
use crate::service::{OWN_BUCKET, s3};

ops! { s3:
    CREATE_BUCKET = "CreateBucket", Write;
    // What creating with an owner of objects, with object lock and with tags takes.
    PUT_OWNERSHIP_AT_CREATION = "CreateBucket" as "PutBucketOwnershipControls", Write;
    PUT_LOCK_AT_CREATION = "CreateBucket" as "PutBucketObjectLockConfiguration", Write;
    PUT_VERSIONING_AT_CREATION = "CreateBucket" as "PutBucketVersioning", Write;
    PUT_TAGS_AT_CREATION = "CreateBucket" as "TagResource", Write;
    DELETE_BUCKET = "DeleteBucket", Delete;
}

/// AWS's own region, which a creation there must not name.
const FIRST_REGION: &str = "us-east-1";

/// A bucket of the caller's account in a listing.
pub(in crate::kinds) struct Live {
    name: String,
    /// From the index of tags; none where they have to be asked for.
    tags: Option<Tags>,
}

/// A bucket that calls are about. AWS refuses each of them where the bucket is another account's.
#[derive(Clone, Copy)]
struct At<'a> {
    region: &'a Region<'a>,
    name: &'a str,
    owner: &'a str,
}

impl<'a> At<'a> {
    async fn new(region: &'a Region<'a>, name: &'a str) -> Result<At<'a>> {
        Ok(Self { region, name, owner: region.account().await? })
    }
}

impl Api for Bucket {
    type Live = Live;
    type Tags = BucketTags;

    const OPERATIONS: IamActions = &[
        OPS,
        access::OPS,
        acl::OPS,
        cors::OPS,
        emptying::OPS,
        encryption::OPS,
        lifecycle::OPS,
        lock::OPS,
        logging::OPS,
        notifications::OPS,
        place::OPS,
        replication::OPS,
        tags::OPS,
        versioning::OPS,
        website::OPS,
    ];
    const DESCRIBE: Operation = place::LIST_BUCKETS;
    /// In `us-east-1`, AWS answers the creation of a bucket that the caller has as if it had worked.
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_BUCKET, OWN_BUCKET, |bucket| &bucket.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let name = match which {
            Which::OfProject(_) => return listing::of_region(region).await,
            Which::Id(name) => name,
            Which::InPlaceOf(wanted) => &wanted.name,
        };
        let own = place::is_own(region, name).await?;
        Ok(own.then(|| Live { name: name.to_owned(), tags: None }).into_iter().collect())
    }

    fn id(bucket: &Live) -> Option<&str> {
        Some(&bucket.name)
    }

    fn tags(bucket: &Live) -> Option<Tags> {
        bucket.tags.clone()
    }

    async fn read(region: &Region<'_>, bucket: &Live) -> Result<Option<Self>> {
        s3.found(Box::pin(read(At::new(region, &bucket.name).await?)).await)
    }

    /// The bucket is there with its tags and the owner of its objects. Public access is blocked, or not, before anything
    /// else is set.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let place = (region.name != FIRST_REGION).then(|| BucketLocationConstraint::from(region.name));
        let tags = Some(tags::sdk_tags(request.tags)).filter(|tags| !tags.is_empty());
        let settings = CreateBucketConfiguration::builder().set_location_constraint(place).set_tags(tags);
        let call = region
            .s3()
            .create_bucket()
            .bucket(&self.name)
            .object_ownership(ObjectOwnership::from(self.ownership.as_str()))
            .set_object_lock_enabled_for_bucket(self.object_lock.then_some(true))
            .create_bucket_configuration(settings.build());
        region.retry_until_consistent(CREATE_BUCKET, || call.clone().send()).await?;
        access::set_block(At::new(region, &self.name).await?, &self.access_block).await?;
        let initial = Self {
            name: self.name.clone(),
            // Object lock comes with it.
            versioning: self.object_lock,
            object_lock: self.object_lock,
            retention: None,
            encryption: encryption::of_aws(),
            access_block: self.access_block.clone(),
            ownership: self.ownership.clone(),
            policy: None,
            grants: [].into(),
            lifecycle: [].into(),
            logging: None,
            cors: Vec::new(),
            website: None,
            notifications: [].into(),
            replication: None,
        };
        Ok(Created::ready(&self.name, initial))
    }

    /// One call after the other: AWS refuses two at a time. What opens the bucket comes before the policy that needs it,
    /// and what closes it too.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let at = At::new(region, id).await?;
        if self.replication != wanted.replication && wanted.replication.is_none() {
            replication::remove(at).await?;
        }
        if self.access_block != wanted.access_block {
            access::set_block(at, &wanted.access_block).await?;
        }
        let has_acl = wanted.ownership != acl::WITHOUT_ACL;
        if self.grants != wanted.grants && !has_acl && self.ownership != wanted.ownership {
            acl::set(at, &wanted.grants).await?;
        }
        if self.ownership != wanted.ownership {
            acl::set_ownership(at, &wanted.ownership).await?;
        }
        if self.versioning != wanted.versioning {
            versioning::set(at, wanted.versioning).await?;
        }
        if self.encryption != wanted.encryption {
            encryption::set(at, &wanted.encryption).await?;
        }
        if self.policy != wanted.policy {
            access::set_policy(at, wanted.policy.as_deref()).await?;
        }
        if self.grants != wanted.grants && has_acl {
            acl::set(at, &wanted.grants).await?;
        }
        if self.retention != wanted.retention {
            lock::set(at, wanted.retention.as_ref()).await?;
        }
        if self.lifecycle != wanted.lifecycle {
            lifecycle::set(at, &wanted.lifecycle).await?;
        }
        if self.logging != wanted.logging {
            logging::set(at, wanted.logging.as_ref()).await?;
        }
        if self.cors != wanted.cors {
            cors::set(at, &wanted.cors).await?;
        }
        if self.website != wanted.website {
            website::set(at, wanted.website.as_ref()).await?;
        }
        if self.notifications != wanted.notifications {
            notifications::set(at, &wanted.notifications).await?;
        }
        match &wanted.replication {
            Some(replication) if self.replication != wanted.replication => {
                replication::set(at, replication).await
            }
            Some(_) | None => Ok(()),
        }
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let at = At::new(region, id).await?;
        let call = region.s3().delete_bucket().bucket(id).expected_bucket_owner(at.owner);
        let deleted = region.retry_while_in_use(DELETE_BUCKET, || call.clone().send()).await;
        deleted.map_err(|error| emptying::explained(at, error))
    }
}

/// All settings of a bucket.
async fn read(at: At<'_>) -> Result<Bucket> {
    let (versioning, encryption, access_block, policy, ownership, grants, (object_lock, retention)) = try_join!(
        versioning::read(at),
        encryption::read(at),
        access::block(at),
        access::policy(at),
        acl::ownership(at),
        acl::read(at),
        lock::read(at),
    )?;
    let (lifecycle, logging, cors, website, notifications, replication) = try_join!(
        lifecycle::read(at),
        logging::read(at),
        cors::read(at),
        website::read(at),
        notifications::read(at),
        replication::read(at),
    )?;
    Ok(Bucket {
        name: at.name.to_owned(),
        versioning,
        object_lock,
        retention,
        encryption,
        access_block,
        ownership,
        policy,
        grants,
        lifecycle,
        logging,
        cors,
        website,
        notifications,
        replication,
    })
}

/// The answer to a call for a setting; none where AWS says with `code` that the bucket does not have it.
fn unless<T>(code: &str, answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.code == code => Ok(None),
        answer => answer.map(Some),
    }
}

/// A text that is not empty.
fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl At<'_> {
    /// A call that changes a setting, tried again while AWS is busy with another one or does not know the bucket yet.
    async fn put<T, E, F, Fut>(self, operation: Operation, call: F) -> Result<()>
    where
        E: crate::error::Failure,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.region.retry_until_consistent(operation, call).await.map(drop)
    }
}
