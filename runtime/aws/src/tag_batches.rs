//! Tags of things whose service does not list them with the thing, asked for so many at a time.

use std::collections::BTreeMap;

use asiaq_runtime::CloudError;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::service::Service;
use crate::tags::Tags;

/// Batches that are asked for at the same time.
const AT_ONCE: usize = 4;

/// The tags of the things with these ids, `size` of them a call of `ask`.
///
/// AWS refuses a whole batch when one of the things has just gone: the others are then asked for one by one.
pub(crate) async fn of<F, Fut>(
    service: &Service,
    ids: &[String],
    size: usize,
    ask: F,
) -> Result<BTreeMap<String, Tags>, CloudError>
where
    F: Fn(Vec<String>) -> Fut + Sync,
    Fut: Future<Output = Result<BTreeMap<String, Tags>, CloudError>> + Send,
{
    let ask = &ask;
    let batches: Vec<_> = ids.chunks(size).map(|batch| batch_of(service, batch, ask)).collect();
    let all: Vec<_> = stream::iter(batches).buffered(AT_ONCE).try_collect().await?;
    Ok(all.into_iter().flatten().collect())
}

async fn batch_of<F, Fut>(
    service: &Service,
    batch: &[String],
    ask: &F,
) -> Result<BTreeMap<String, Tags>, CloudError>
where
    F: Fn(Vec<String>) -> Fut + Sync,
    Fut: Future<Output = Result<BTreeMap<String, Tags>, CloudError>> + Send,
{
    match ask(batch.to_vec()).await {
        Err(error) if service.is_not_found(&error) => {}
        answer => return answer,
    }
    let mut left = BTreeMap::new();
    for id in batch {
        match ask(vec![id.clone()]).await {
            Err(error) if service.is_not_found(&error) => {}
            answer => left.extend(answer?),
        }
    }
    Ok(left)
}
