//! Listings that several kinds share: one survey of the account calls each of them once.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::Imagined;
use asiaq_runtime::Result;
use aws_sdk_autoscaling::types::AutoScalingGroup;
use aws_sdk_ec2::types::{DhcpOptions, SecurityGroup, Vpc};
use aws_sdk_elasticloadbalancing::types::LoadBalancerDescription;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancer;
use aws_sdk_iam::types::ServerCertificateMetadata;
use aws_sdk_route53::types::{HostedZone, ResourceRecordSet};
use tokio::sync::OnceCell;

use crate::kinds::identity::Identities;
use crate::tags::Tags;

/// Records by zone and name; an ownership marker is at the name that it marks too.
pub(crate) type ByName = BTreeMap<(String, String), Vec<ResourceRecordSet>>;

/// A listing, once it was called.
pub(crate) type Once<T> = OnceCell<Arc<T>>;

/// The listings of one region.
#[derive(Debug, Default)]
pub(crate) struct ListingCache {
    pub(crate) dhcp_options: Once<Vec<DhcpOptions>>,
    pub(crate) vpcs: Once<Vec<Vpc>>,
    pub(crate) security_groups: Once<Vec<SecurityGroup>>,
    pub(crate) classic_balancers: Once<Vec<LoadBalancerDescription>>,
    pub(crate) balancers: Once<Vec<LoadBalancer>>,
    pub(crate) scaling_groups: Once<Vec<AutoScalingGroup>>,
    /// Tags of topics and log groups by ARN, from the index of every service's.
    pub(crate) index: Once<BTreeMap<String, Tags>>,
    /// Tags of everything whose listing shows none, by ARN.
    pub(crate) whole_index: Once<BTreeMap<String, Tags>>,
    /// What the listings show beside what the project owns.
    pub(crate) imagined: Arc<Imagined>,
    /// Listings of global services.
    pub(crate) everywhere: Arc<Everywhere>,
}

/// Listings that are the same in every region.
#[derive(Debug, Default)]
pub(crate) struct Everywhere {
    pub(crate) zones: Once<Vec<HostedZone>>,
    pub(crate) zone_tags: Once<BTreeMap<String, Tags>>,
    pub(crate) records: Once<Vec<(String, Vec<ResourceRecordSet>)>>,
    /// The same records by name.
    pub(crate) names: Once<ByName>,
    pub(crate) server_certificates: Once<Vec<ServerCertificateMetadata>>,
    pub(crate) identities: Once<Identities>,
    /// Tags of what IAM lists without tags and any project of asiaq owns, by ARN.
    pub(crate) identity_tags: Once<BTreeMap<String, Tags>>,
    /// The same, whoever it belongs to.
    pub(crate) every_identity: Once<BTreeMap<String, Tags>>,
}

/// The content of `cell`, from `ask` where it is empty or there is none.
pub(crate) async fn cached<T, Fut>(cell: Option<&Once<T>>, ask: impl FnOnce() -> Fut + Send) -> Result<Arc<T>>
where
    T: Send + Sync,
    Fut: Future<Output = Result<T>> + Send,
{
    let ask = || async { ask().await.map(Arc::new) };
    match cell {
        Some(cell) => cell.get_or_try_init(ask).await.cloned(),
        None => ask().await,
    }
}
