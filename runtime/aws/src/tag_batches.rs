//! Tags that a service reads by separate calls, several resources in one.

use std::collections::BTreeMap;

use asiaq_runtime::Result;
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::service::Service;
use crate::tags::Tags;

/// Concurrent calls.
const AT_ONCE: usize = 4;

/// The tags of the resources with these ids, `size` of them in one call of `ask`.
///
/// AWS refuses a whole batch when one of the resources is just gone: the others are then read one by one.
pub(crate) async fn of<F, Fut>(
    service: &Service,
    ids: &[String],
    size: usize,
    ask: F,
) -> Result<BTreeMap<String, Tags>>
where
    F: Fn(Vec<String>) -> Fut + Sync,
    Fut: Future<Output = Result<BTreeMap<String, Tags>>> + Send,
{
    let ask = &ask;
    let batches: Vec<_> = ids.chunks(size).map(|batch| batch_of(service, batch, ask)).collect();
    let all: Vec<_> = stream::iter(batches).buffered(AT_ONCE).try_collect().await?;
    Ok(all.into_iter().flatten().collect())
}

async fn batch_of<F, Fut>(service: &Service, batch: &[String], ask: &F) -> Result<BTreeMap<String, Tags>>
where
    F: Fn(Vec<String>) -> Fut + Sync,
    Fut: Future<Output = Result<BTreeMap<String, Tags>>> + Send,
{
    if let Some(all) = service.found(ask(batch.to_vec()).await)? {
        return Ok(all);
    }
    let mut left = BTreeMap::new();
    for id in batch {
        left.extend(service.found(ask(vec![id.clone()]).await)?.unwrap_or_default());
    }
    Ok(left)
}
