//! Operators in credential buckets: their files, their numbers, and what commands ask and change beside applies.

pub(crate) mod account_file;
pub(crate) mod store;
pub(crate) mod uids;

use asiaq_ir::{ADDRESS_TAG, Operator, PROJECT_TAG};
use asiaq_runtime::{LiveOperator, Result};

use self::account_file::{PASSWORD, USER};
use self::store::{GET_OBJECT_TAGGING, PUT_OBJECT_TAGGING, Rewritten, Store, accounts, user_key};
use crate::config::Aws;
use crate::credentials::GET_OBJECT;
use crate::operation::{Access, Operation};
use crate::secrets::buckets::{LIST_OBJECTS, PUT_OBJECT};
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
        let reads = accounts(&listed).map(|(account, has_group)| live(store, account, has_group, project));
        Ok(Some(store::all(reads).await?))
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
        let changed = store.rewrite(account, |file, _| file.set(USER, PASSWORD, Some(hash))).await?;
        match changed {
            Rewritten::Done => Ok(true),
            Rewritten::Absent => Ok(false),
            Rewritten::Contended => {
                Err(PUT_OBJECT
                    .refused(format!("others write the file of `{account}` all the time: try again")))
            }
        }
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
