//! The caches of the environments of a program, and what is done with them beside applies.

use asiaq_ir::Kind;
use asiaq_runtime::ProjectCache;

use super::environments::{Environments, EnvironmentsRequest, declared, named};
use super::{Interrupts, account};
use crate::exit::Result;

/// The environments of a program, and the way to their caches.
#[derive(Debug)]
pub(crate) struct CacheSession {
    environments: Environments,
    /// Addresses of the declared caches.
    declared: Vec<String>,
}

/// Connects to the accounts of the environments.
pub(crate) async fn cache_session(
    request: EnvironmentsRequest<'_>,
    interrupts: &Interrupts,
) -> Result<CacheSession> {
    let (environments, checked) = Environments::connect(request, interrupts).await?;
    let kinds = [Kind::ReplicationGroup, Kind::CacheCluster];
    Ok(CacheSession { environments, declared: declared(checked.declared(), &kinds) })
}

impl CacheSession {
    /// Whether an account of the environments could not be used.
    pub(crate) fn is_partial(&self) -> bool {
        self.environments.is_partial()
    }

    /// The caches of the environments, in order of address.
    pub(crate) async fn caches(&self) -> anyhow::Result<Vec<ProjectCache>> {
        let look =
            async |aws: &asiaq_aws::Aws, region: &str, project: &str| aws.caches(region, project).await;
        let mut all = self.environments.all("list the caches", look, |one| &one.environment).await?;
        all.sort_by(|one, other| one.address.cmp(&other.address));
        Ok(all)
    }

    /// The live cache that a declaration or an id names.
    pub(crate) async fn cache(&self, name: &str) -> anyhow::Result<ProjectCache> {
        let all = self.caches().await?;
        let meant = named(("cache", name), &all, &self.declared, |one| (&one.address, &one.id))?;
        Ok(meant.clone())
    }

    /// Takes a snapshot of a cache, called `snapshot`, and waits until it is whole.
    pub(crate) async fn snapshot(&self, cache: &ProjectCache, snapshot: &str) -> anyhow::Result<()> {
        let (cloud, region) = self.environments.of(&cache.environment);
        let done = cloud.snapshot_cache(region, cache, self.environments.project(), snapshot).await;
        done.map_err(|error| account::unusable(&format!("take a snapshot of `{}`", cache.id), &error))
    }
}
