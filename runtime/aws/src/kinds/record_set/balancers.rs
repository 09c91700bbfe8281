//! DNS names of load balancers.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Ref};
use futures::future;

use super::names;
use crate::kinds::classic_load_balancer::describe as classic;
use crate::kinds::load_balancer::{self, DESCRIBE_LOAD_BALANCERS};
use crate::kinds::prelude::*;

/// The DNS names of the load balancers of a region, classic and newer, by id, in this account or in another one of the run:
/// two calls, and one more a page.
pub(super) async fn all(region: &Region<'_>, abroad: Option<&str>) -> Result<BTreeMap<String, String>> {
    let abroad = abroad.and_then(|account| region.read_abroad(account));
    let region = abroad.as_ref().unwrap_or(region);
    let (classic, newer) =
        future::try_join(classic::described(region), load_balancer::described(region)).await?;
    let classic = classic.iter().filter_map(|one| Some((one.load_balancer_name()?, one.dns_name()?)));
    let newer = newer.iter().filter_map(|one| Some((one.load_balancer_arn()?, one.dns_name()?)));
    Ok(classic.chain(newer).map(|(id, name)| (id.to_owned(), name.to_owned())).collect())
}

/// The DNS name of a load balancer of the environment that `address` is in.
pub(super) async fn name_of(region: &Region<'_>, address: &Address, balancer: &Ref) -> Result<String> {
    let is_near = region.home_abroad(address).is_none();
    match balancer.id().filter(|_| is_near).and_then(|id| region.batchers().name_of(id)) {
        Some(name) => Ok(names::plain(&name)),
        None => look_up(region, address, balancer).await.map(|(name, _)| name),
    }
}

/// The DNS name of a load balancer of the environment that `address` is in, and the id of its hosted zone, both of which
/// an alias record needs.
pub(super) async fn look_up(
    region: &Region<'_>,
    address: &Address,
    balancer: &Ref,
) -> Result<(String, String)> {
    let abroad = region.home_abroad(address).and_then(|account| region.read_abroad(account));
    let region = abroad.as_ref().unwrap_or(region);
    let id = DESCRIBE_LOAD_BALANCERS.part("load balancer", balancer.id())?;
    let (name, zone) = if id.starts_with("arn:") {
        let request = region.elbv2().describe_load_balancers().load_balancer_arns(id);
        let there = region.retry_until_consistent(DESCRIBE_LOAD_BALANCERS, || request.clone().send()).await?;
        let there = there.load_balancers.unwrap_or_default().pop();
        there.map(|one| (one.dns_name, one.canonical_hosted_zone_id)).unwrap_or_default()
    } else {
        let request = region.elb().describe_load_balancers().load_balancer_names(id);
        let there = region.retry_until_consistent(DESCRIBE_LOAD_BALANCERS, || request.clone().send()).await?;
        let there = there.load_balancer_descriptions.unwrap_or_default().pop();
        there.map(|one| (one.dns_name, one.canonical_hosted_zone_name_id)).unwrap_or_default()
    };
    let name = names::plain(&DESCRIBE_LOAD_BALANCERS.part("DNS name", name)?);
    Ok((name, DESCRIBE_LOAD_BALANCERS.part("hosted zone", zone)?))
}
