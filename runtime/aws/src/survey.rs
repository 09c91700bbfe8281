//! One look at the whole account: what several kinds list alike is listed once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_ir::Need;
use asiaq_runtime::{CloudError, Listed, each_kind};
use aws_sdk_autoscaling::types::AutoScalingGroup;
use aws_sdk_ec2::types::{DhcpOptions, SecurityGroup, Vpc};
use aws_sdk_elasticloadbalancing::types::LoadBalancerDescription;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancer;
use aws_sdk_iam::types::ServerCertificateMetadata;
use aws_sdk_route53::types::{HostedZone, ResourceRecordSet};
use tokio::sync::OnceCell;

use crate::config::Aws;
use crate::kinds;
use crate::region::Region;
use crate::tag_batches::Tags;

/// An answer, as soon as somebody has asked.
pub(crate) type Once<T> = OnceCell<Arc<T>>;

/// What one look at a region brings.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) dhcp_options: Once<Vec<DhcpOptions>>,
    pub(crate) vpcs: Once<Vec<Vpc>>,
    pub(crate) security_groups: Once<Vec<SecurityGroup>>,
    pub(crate) classic_balancers: Once<Vec<LoadBalancerDescription>>,
    pub(crate) balancers: Once<Vec<LoadBalancer>>,
    pub(crate) scaling_groups: Once<Vec<AutoScalingGroup>>,
    /// Tags of topics and log groups by ARN, from the index of every service's.
    pub(crate) index: Once<BTreeMap<String, Tags>>,
    /// What belongs to no region.
    pub(crate) everywhere: Arc<Everywhere>,
}

/// What one look brings that is the same in every region.
#[derive(Debug, Default)]
pub(crate) struct Everywhere {
    pub(crate) zones: Once<Vec<HostedZone>>,
    pub(crate) zone_tags: Once<BTreeMap<String, Tags>>,
    pub(crate) records: Once<Vec<(String, Vec<ResourceRecordSet>)>>,
    pub(crate) server_certificates: Once<Vec<ServerCertificateMetadata>>,
}

/// See [`asiaq_runtime::Cloud::survey`].
pub(crate) async fn survey(
    aws: &Aws,
    regions: &BTreeSet<String>,
    project: &str,
    needs: &BTreeSet<Need>,
) -> Result<Vec<(String, Listed)>, CloudError> {
    let everywhere = Arc::new(Everywhere::default());
    let seen: BTreeMap<&String, Arc<Seen>> = regions
        .iter()
        .map(|region| (region, Arc::new(Seen { everywhere: everywhere.clone(), ..Seen::default() })))
        .collect();
    let seen = &seen;
    let mut listings = each_kind(regions, |name, kind| async move {
        let seen = seen.get(&name).cloned().unwrap_or_default();
        let listed = kinds::list(&Region::in_survey(aws, &name, seen), kind, project, needs).await?;
        Ok((name, listed))
    })
    .await?;
    kinds::name_strangers(&mut listings);
    Ok(listings)
}

/// What `cell` holds, from `ask` where nobody has asked yet.
pub(crate) async fn once<T, Fut>(
    cell: Option<&Once<T>>,
    ask: impl FnOnce() -> Fut + Send,
) -> Result<Arc<T>, CloudError>
where
    T: Send + Sync,
    Fut: Future<Output = Result<T, CloudError>> + Send,
{
    let ask = || async { ask().await.map(Arc::new) };
    match cell {
        Some(cell) => cell.get_or_try_init(ask).await.cloned(),
        None => ask().await,
    }
}
