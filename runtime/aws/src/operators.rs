//! Operators in credential buckets: their files, their numbers, and what commands ask and change beside applies.

pub(crate) mod account_file;
pub(crate) mod store;
pub(crate) mod uids;

use asiaq_ir::{ADDRESS_TAG, Operator, PROJECT_TAG};
use asiaq_runtime::{LiveOperator, Result};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use self::account_file::{PASSWORD, USER};
use self::store::{
    GET_OBJECT, GET_OBJECT_TAGGING, LIST_OBJECTS, Listed, PUT_OBJECT, PUT_OBJECT_TAGGING, Store, Stored,
    user_key,
};
use crate::config::Aws;
use crate::operation::{Access, Operation};
use crate::service::s3;
use crate::tags::address_in;

/// The operations that the commands call.
pub(crate) const OPS: &[Operation] = &[
    LIST_OBJECTS.used_for(Access::Read),
    GET_OBJECT.used_for(Access::Read),
    GET_OBJECT_TAGGING.used_for(Access::Read),
    PUT_OBJECT,
    PUT_OBJECT_TAGGING,
];

/// Objects that are read at the same time.
const AT_ONCE: usize = 8;
/// How often a change is made again while others write the same object.
const ROUNDS: usize = 5;

impl Aws {
    /// The operators in a credential bucket, in order of name; none where there is no bucket.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn operators(
        &self,
        region: &str,
        bucket: &str,
        project: &str,
    ) -> Result<Option<Vec<LiveOperator>>> {
        let region = self.region(region);
        let store = Store::new(&region, bucket).await?;
        let Some(listed) = s3.found(store.list().await)? else { return Ok(None) };
        let groups: Vec<&str> = listed.iter().filter_map(Listed::group).collect();
        let reads = listed.iter().filter_map(Listed::operator).map(|account| {
            let has_group = groups.contains(&account);
            async move { live(store, account, has_group, project).await }
        });
        let all: Vec<Option<LiveOperator>> =
            stream::iter(reads.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        Ok(Some(all.into_iter().flatten().collect()))
    }

    /// Writes the hash of a password into the file of an operator, and nothing else. Whether there is such an operator.
    ///
    /// # Errors
    /// The first call that fails; also if others write the file all the time.
    pub async fn set_operator_password(
        &self,
        region: &str,
        bucket: &str,
        account: &str,
        hash: &str,
    ) -> Result<bool> {
        let region = self.region(region);
        let store = Store::new(&region, bucket).await?;
        for _ in 0..ROUNDS {
            let Some(stored) = store.get(&user_key(account)).await? else { return Ok(false) };
            let tags = store.tags_of(&user_key(account), &stored).await?;
            let Stored { mut file, version, .. } = stored;
            file.set(USER, PASSWORD, Some(hash));
            if store.put(&user_key(account), &file, &version, &tags).await? {
                return Ok(true);
            }
        }
        Err(PUT_OBJECT.refused(format!("others write the file of `{account}` all the time: try again")))
    }
}

async fn live(
    store: Store<'_>,
    account: &str,
    has_group: bool,
    project: &str,
) -> Result<Option<LiveOperator>> {
    let Some(stored) = store.get(&user_key(account)).await? else { return Ok(None) };
    let tags = store.tags_of(&user_key(account), &stored).await?;
    Ok(Some(LiveOperator {
        account: account.to_owned(),
        operator: stored.file.operator(&Operator::place(store.bucket, account), has_group),
        address: address_in(&tags, project).map(|address| address.to_string()),
        is_owned: [PROJECT_TAG, ADDRESS_TAG].iter().all(|tag| tags.contains_key(*tag)),
        has_password: stored.file.get(USER, PASSWORD).is_some_and(|hash| !hash.is_empty()),
    }))
}
