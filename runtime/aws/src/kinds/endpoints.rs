//! The DNS names of databases, caches and search domains, for the records and the user data that name them.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Assigned, CacheCluster, Database, DatabaseCluster, ReplicationGroup, SearchDomain};
use futures::future;

use super::prelude::*;

/// What has an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Cache,
    /// A cluster of databases: the instance that writes.
    Cluster,
    Database,
    /// The readers of a cluster of databases.
    Readers,
    Search,
}

impl Kind {
    /// That of a resource, or of what belongs to it, by its address: `ci/search/logs/record`.
    pub(super) fn at(address: &Address) -> Option<Self> {
        match address.path().split('/').next()? {
            "cache" => Some(Self::Cache),
            "database" => match address.path().rsplit('/').next() {
                Some("cluster-record") => Some(Self::Cluster),
                Some("reader-record") => Some(Self::Readers),
                _ => Some(Self::Database),
            },
            "search" => Some(Self::Search),
            _ => None,
        }
    }
}

/// The DNS name of the resource with an id that `address` belongs to; none where AWS has not assigned it.
pub(super) async fn of(region: &Region<'_>, address: &Address, id: &str) -> Result<Option<String>> {
    let Some(kind) = Kind::at(address) else { return Ok(None) };
    let abroad = region.home_abroad(address).and_then(|account| region.read_abroad(account));
    let region = abroad.as_ref().unwrap_or(region);
    match kind {
        Kind::Cache => match one::<ReplicationGroup>(region, id).await? {
            Some(name) => Ok(Some(name)),
            None => one::<CacheCluster>(region, id).await,
        },
        Kind::Cluster => one::<DatabaseCluster>(region, id).await,
        Kind::Database => match one::<Database>(region, id).await? {
            Some(name) => Ok(Some(name)),
            None => one::<DatabaseCluster>(region, id).await,
        },
        Kind::Readers => {
            let cluster = adapter::look::<DatabaseCluster>(region, id).await?;
            Ok(cluster.and_then(|cluster| cluster.reader_endpoint))
        }
        Kind::Search => one::<SearchDomain>(region, id).await,
    }
}

/// The DNS names of everything of a kind in a region, by id, in this account or in another one of the run: one call or two,
/// and one more a page.
pub(super) async fn all(
    region: &Region<'_>,
    abroad: Option<&str>,
    kind: Kind,
) -> Result<BTreeMap<String, String>> {
    let abroad = abroad.and_then(|account| region.read_abroad(account));
    let region = abroad.as_ref().unwrap_or(region);
    match kind {
        Kind::Cache => {
            let (mut groups, clusters) =
                future::try_join(each_of::<ReplicationGroup>(region), each_of::<CacheCluster>(region))
                    .await?;
            groups.extend(clusters);
            Ok(groups)
        }
        Kind::Cluster => each_of::<DatabaseCluster>(region).await,
        Kind::Database => each_of::<Database>(region).await,
        Kind::Readers => {
            let clusters = DatabaseCluster::describe(region, Which::OfProject("")).await?;
            let named = clusters.into_iter().map(|one| (one.db_cluster_identifier, one.reader_endpoint));
            Ok(named.filter_map(|(id, name)| Some((id?, name?))).collect())
        }
        Kind::Search => each_of::<SearchDomain>(region).await,
    }
}

async fn one<T: Api>(region: &Region<'_>, id: &str) -> Result<Option<String>> {
    Ok(adapter::look::<T>(region, id).await?.as_ref().and_then(name::<T>))
}

async fn each_of<T: Api>(region: &Region<'_>) -> Result<BTreeMap<String, String>> {
    let live = T::describe(region, Which::OfProject("")).await?;
    Ok(live.iter().filter_map(|one| Some((T::id(one)?.to_owned(), name::<T>(one)?))).collect())
}

fn name<T: Api>(live: &T::Live) -> Option<String> {
    let name = T::assigned(live).into_iter().find(|(what, _)| *what == Assigned::DnsName);
    name.map(|(_, name)| name.to_owned())
}
