//! What keeps data at an address in the VPC of an environment: databases, caches and search domains.

use crate::library::kinds;
use crate::model::Environment;
use crate::reach::{MachineKind, SEARCH_PORT};

/// A database, a cache or a search domain.
#[derive(Clone, Debug)]
pub(crate) struct Store<'m> {
    pub(crate) kind: MachineKind,
    pub(crate) name: &'m str,
    /// Its path in the environment.
    pub(crate) path: String,
    /// The port that it listens on.
    pub(crate) port: u16,
}

/// Something that keeps data and has metrics.
#[derive(Clone, Debug)]
pub(crate) struct Metered<'m> {
    /// The word of its kind.
    pub(crate) kind: &'static str,
    pub(crate) name: &'m str,
    /// What its metrics call it: its name in AWS, or the id of the first node of a cache.
    pub(crate) aws: String,
    /// Whether it is a cluster of Aurora.
    pub(crate) is_cluster: bool,
}

impl Environment {
    /// Everything in it that keeps data and has metrics.
    pub(crate) fn metered(&self) -> impl Iterator<Item = Metered<'_>> {
        let of = |kind, name, aws: &str| Metered { kind, name, aws: aws.to_owned(), is_cluster: false };
        let databases = self.databases.iter();
        let databases = databases.map(move |one| Metered {
            is_cluster: one.is_cluster(),
            ..of(kinds::DATABASE, one.name.as_str(), &one.identifier.value)
        });
        let searches = self.searches.iter();
        let searches = searches.map(move |one| of(kinds::SEARCH, one.name.as_str(), &one.aws.value));
        let caches = self.caches.iter();
        let caches = caches.map(move |one| of(kinds::CACHE, one.name.as_str(), &one.first_node(&self.name)));
        let tables = self.tables.iter().map(move |one| {
            let aws = one.called.as_ref().map(|called| called.value.clone());
            let aws = aws.unwrap_or_else(|| format!("{}_{}", one.name, self.name));
            of(kinds::TABLE, one.name.as_str(), &aws)
        });
        databases.chain(searches).chain(caches).chain(tables)
    }

    /// Its databases, caches and search domains with addresses in its VPC.
    pub(crate) fn stores(&self) -> impl Iterator<Item = Store<'_>> {
        let of = |kind: MachineKind, name, port| Store {
            kind,
            name,
            path: format!("{}/{name}", kind.word()),
            port,
        };
        let databases = self.databases.iter();
        let databases =
            databases.map(move |one| of(MachineKind::Databases, one.name.as_str(), one.port.value));
        let searches = self.searches.iter().filter(|search| search.network.is_some());
        let searches =
            searches.map(move |one| of(MachineKind::SearchDomains, one.name.as_str(), SEARCH_PORT));
        let caches = self.caches.iter();
        let caches = caches.map(move |one| of(MachineKind::Caches, one.name.as_str(), one.port.value));
        databases.chain(searches).chain(caches)
    }
}
