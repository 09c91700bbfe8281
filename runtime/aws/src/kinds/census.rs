//! Everything of each kind that an account has, whoever it belongs to: one listing for each kind and page, and nothing that is
//! asked of a single thing where AWS lists it. Where a listing shows no tags, they come from calls about several things, or from
//! the index of tags.

mod balancers;
mod identities;
mod machines;
mod names;
mod network;
mod stores;

use std::collections::BTreeSet;
use std::sync::Arc;

use asiaq_ir::{Home, Kind, PROJECT_TAG};
use asiaq_runtime::{Result, Sighting, Sort, Unread};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{
    apart, bucket, cache_tags, database, instance_profile, log_group, managed_policy, may_be_unread,
    search_domain, table, tags, topic,
};
use crate::config::Aws;
use crate::listing_cache::ListingCache;
use crate::operation::{IamActions, Operation};
use crate::region::Region;
use crate::tag_index;
use crate::tags::Tags;

/// Listings at the same time.
const LISTINGS: usize = 16;

/// The operations that list everything, and those that show the tags of what a program names.
pub(crate) const OPS: IamActions = &[
    tag_index::OPS,
    network::LISTS,
    identities::LISTS,
    machines::LISTS,
    balancers::LISTS,
    stores::LISTS,
    names::LISTS,
    NAMED,
];

/// What is asked of a thing that has the name of a declared one and no tags in the index.
const NAMED: &[Operation] = &[
    bucket::GET_BUCKET_TAGGING,
    cache_tags::LIST_TAGS_FOR_RESOURCE,
    database::group_tags::LIST_TAGS_FOR_RESOURCE,
    instance_profile::GET_INSTANCE_PROFILE,
    log_group::LIST_TAGS_FOR_RESOURCE,
    managed_policy::LIST_POLICY_TAGS,
    search_domain::LIST_TAGS,
    table::tags::LIST_TAGS_OF_RESOURCE,
    topic::LIST_TAGS_FOR_RESOURCE,
];

/// The kinds that are seen: the others are parts of these, or lie in buckets.
fn is_seen(kind: Kind) -> bool {
    !matches!(kind, Kind::VpnAttachment | Kind::IngressRules | Kind::SmokeTest | Kind::Operator)
}

impl Aws {
    /// Everything of each kind in the regions, and of what belongs to no region; and the kinds that could not be listed.
    /// What of `declared`, the names that the program gives, has no tags in the index is asked itself: the index lags
    /// behind.
    ///
    /// # Errors
    /// If EC2 refuses a listing.
    pub async fn census(
        &self,
        regions: &BTreeSet<String>,
        project: &str,
        declared: &BTreeSet<(Kind, String)>,
    ) -> Result<(Vec<Sighting>, Vec<Unread>)> {
        let everywhere = Arc::default();
        let caches: Vec<(&String, Arc<ListingCache>)> = regions
            .iter()
            .map(|name| {
                let everywhere = Arc::clone(&everywhere);
                (name, Arc::new(ListingCache { everywhere, ..Default::default() }))
            })
            .collect();
        let of = |home| Kind::ALL.iter().filter(move |kind| kind.schema().home == home && is_seen(**kind));
        let global = caches.iter().take(1).flat_map(|one| of(Home::Global).map(move |kind| (one, *kind)));
        let regional = caches.iter().flat_map(|one| of(Home::Region).map(move |kind| (one, *kind)));
        let listings: Vec<_> = global
            .chain(regional)
            .map(|((name, cache), kind)| async move {
                let region = || self.region(name).with_cache(Arc::clone(cache));
                match seen(&region().hasty(), kind, project, declared).await {
                    // A service that is there may be busy.
                    Err(error) if !may_be_unread(kind, &error) => {
                        Ok((seen(&region(), kind, project, declared).await?, None))
                    }
                    Err(error) => Ok((Vec::new(), Some(Unread { region: (*name).clone(), kind, error }))),
                    Ok(seen) => Ok((seen, None)),
                }
            })
            .collect();
        let listed: Vec<(Vec<Sighting>, Option<Unread>)> =
            stream::iter(listings).buffered(LISTINGS).try_collect().await?;
        let (seen, unread): (Vec<_>, Vec<_>) = listed.into_iter().unzip();
        Ok((seen.concat(), unread.into_iter().flatten().collect()))
    }
}

/// Everything of a kind in a region.
async fn seen(
    region: &Region<'_>,
    kind: Kind,
    project: &str,
    declared: &BTreeSet<(Kind, String)>,
) -> Result<Vec<Sighting>> {
    let mut seen = apart(|| all(region, kind, project)).await?;
    for one in &mut seen {
        let is_declared = one.name.clone().is_some_and(|name| declared.contains(&(kind, name)));
        if is_declared && !one.tags.contains_key(PROJECT_TAG) {
            one.tags.extend(tags(region, kind, &one.id).await?.unwrap_or_default());
        }
    }
    Ok(seen)
}

async fn all(region: &Region<'_>, kind: Kind, project: &str) -> Result<Vec<Sighting>> {
    match kind {
        Kind::ManagedPolicy => identities::policies(region).await,
        Kind::SamlProvider => identities::providers(region).await,
        Kind::Role => identities::roles(region).await,
        Kind::InstanceProfile => identities::profiles(region).await,
        Kind::UserGroup => identities::groups(region).await,
        Kind::User => identities::users(region).await,
        Kind::DhcpOptions => network::option_sets(region).await,
        Kind::Vpc => network::vpcs(region).await,
        Kind::InternetGateway => network::internet_gateways(region).await,
        Kind::SecurityGroup => network::groups(region).await,
        Kind::Subnet => network::subnets(region).await,
        Kind::ElasticIp => network::addresses(region).await,
        Kind::NatGateway => network::nat_gateways(region).await,
        Kind::PeeringConnection => network::peerings(region).await,
        Kind::RouteTable => network::route_tables(region).await,
        Kind::GatewayEndpoint => network::endpoints(region).await,
        Kind::NetworkInterface => network::interfaces(region).await,
        Kind::HostedZone => names::zones(region).await,
        Kind::RecordSet => names::records(region, project).await,
        Kind::Topic => stores::topics(region).await,
        Kind::LogGroup => stores::log_groups(region).await,
        Kind::Alarm => stores::alarms(region).await,
        Kind::Trail => stores::trails(region).await,
        Kind::Document => stores::documents(region).await,
        Kind::Bucket => stores::buckets(region).await,
        Kind::Table => stores::tables(region).await,
        Kind::SearchDomain => stores::search_domains(region).await,
        Kind::DatabaseSubnetGroup => stores::database_subnet_groups(region).await,
        Kind::DatabaseParameterGroup => stores::database_parameter_groups(region).await,
        Kind::DatabaseClusterParameterGroup => stores::cluster_parameter_groups(region).await,
        Kind::Database => stores::databases(region).await,
        Kind::DatabaseCluster => stores::database_clusters(region).await,
        Kind::CacheSubnetGroup => stores::cache_subnet_groups(region).await,
        Kind::CacheParameterGroup => stores::cache_parameter_groups(region).await,
        Kind::ReplicationGroup => stores::replication_groups(region).await,
        Kind::CacheCluster => stores::cache_clusters(region).await,
        Kind::TargetGroup => balancers::target_groups(region).await,
        Kind::ClassicLoadBalancer => balancers::classic(region).await,
        Kind::LoadBalancer => balancers::balancers(region).await,
        Kind::LaunchTemplate => machines::templates(region).await,
        // With their instances, and the volumes that no instance has.
        Kind::AutoScalingGroup => machines::groups(region).await,
        // The listing of databases has the instances of clusters; the others see [`is_seen`].
        Kind::DatabaseClusterInstance
        | Kind::VpnAttachment
        | Kind::IngressRules
        | Kind::SmokeTest
        | Kind::Operator => Ok(Vec::new()),
    }
}

/// A thing of a kind; none where AWS gives no id.
fn sighting(region: &Region<'_>, sort: Sort, id: Option<&str>, tags: Tags) -> Option<Sighting> {
    let is_global = matches!(sort, Sort::Kind(kind) if kind.schema().home == Home::Global);
    Some(Sighting {
        sort,
        region: (!is_global).then(|| region.name.to_owned()),
        id: id?.to_owned(),
        name: tags.get("Name").filter(|name| !name.is_empty()).cloned(),
        within: None,
        tags,
        of_aws: None,
    })
}

/// The same, with its own name.
fn named(
    region: &Region<'_>,
    kind: Kind,
    id: Option<&str>,
    name: Option<&str>,
    tags: Tags,
) -> Option<Sighting> {
    let one = sighting(region, Sort::Kind(kind), id, tags)?;
    Some(Sighting { name: name.map(ToOwned::to_owned), ..one })
}
