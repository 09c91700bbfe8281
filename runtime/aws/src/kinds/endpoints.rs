//! The DNS names of databases, caches and search domains, for the records and the user data that name them.

use asiaq_ir::Address;

use super::cache_cluster;
use super::database;
use super::prelude::*;
use super::replication_group;
use super::search_domain;

/// What has an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Cache,
    Database,
    Search,
}

impl Kind {
    /// That of a resource, or of what belongs to it, by its address: `ci/search/logs/record`.
    pub(super) fn at(address: &Address) -> Option<Self> {
        match address.path().split('/').next()? {
            "cache" => Some(Self::Cache),
            "database" => Some(Self::Database),
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
        Kind::Cache => match replication_group::endpoint_of(region, id).await? {
            Some(name) => Ok(Some(name)),
            None => cache_cluster::endpoint_of(region, id).await,
        },
        Kind::Database => database::endpoint_of(region, id).await,
        Kind::Search => search_domain::endpoint_of(region, id).await,
    }
}
