//! Upgrades of a search domain: in place, by the steps that AWS offers.

use std::collections::{BTreeMap, VecDeque};

use asiaq_ir::{SearchDomain, version};
use aws_sdk_opensearch::types::{CompatibleVersionsMap, UpgradeStatus};

use super::{LIMIT, is_changing};
use crate::kinds::prelude::*;
use crate::kinds::values::name_of;

ops! { es:
    GET_COMPATIBLE_VERSIONS = "GetCompatibleVersions", Own;
    UPGRADE_DOMAIN = "UpgradeDomain", Write;
    GET_UPGRADE_STATUS = "GetUpgradeStatus", Write;
}

/// Upgrades a domain, step by step. A run that ends in between is continued from the version that the domain has then.
pub(super) async fn to(region: &Region<'_>, id: &str, live: &str, wanted: &str) -> Result<()> {
    let steps = match way(region, live, wanted).await? {
        Ok(steps) => steps,
        Err(why) => return Err(UPGRADE_DOMAIN.refused(&why)),
    };
    for step in steps {
        let call = region.opensearch().upgrade_domain().domain_name(name_of(id)).target_version(&step);
        UPGRADE_DOMAIN.call(call.send()).await?;
        finished(region, id, &step).await?;
    }
    Ok(())
}

/// Why a domain cannot get a version; none if it can.
pub(super) async fn obstacle(region: &Region<'_>, live: &str, wanted: &str) -> Result<Option<String>> {
    Ok(way(region, live, wanted).await?.err())
}

/// The steps from one version to another, or why there are none.
async fn way(region: &Region<'_>, live: &str, wanted: &str) -> Result<Result<Vec<String>, String>> {
    if is_older(wanted, live) {
        return Ok(Err(format!("AWS cannot bring a search domain from {live} back to {wanted}")));
    }
    let answer = GET_COMPATIBLE_VERSIONS.call(region.opensearch().get_compatible_versions().send()).await?;
    let steps = path(answer.compatible_versions(), live, wanted);
    Ok(steps.ok_or_else(|| format!("AWS offers no upgrade from {live} to {wanted}")))
}

/// Waits until a domain has a version.
async fn finished(region: &Region<'_>, id: &str, target: &str) -> Result<()> {
    let what = format!("the search domain has not got {target}");
    let look = || async {
        let Some(domain) = adapter::look::<SearchDomain>(region, id).await? else { return Ok(None) };
        if is_changing(&domain) {
            return Ok(None);
        }
        if domain.engine_version() == Some(target) {
            return Ok(Some(()));
        }
        let call = region.opensearch().get_upgrade_status().domain_name(name_of(id));
        let status = GET_UPGRADE_STATUS.call(call.send()).await?;
        match status.step_status() {
            Some(UpgradeStatus::Failed) => {
                let message =
                    format!("the upgrade to {target} failed: look at the upgrade history of the domain");
                Err(UPGRADE_DOMAIN.refused(&message))
            }
            _ => Ok(None),
        }
    };
    region.poll(UPGRADE_DOMAIN.name, &what, LIMIT, look).await
}

/// Whether a version comes before another one: Elasticsearch comes before OpenSearch.
pub(super) fn is_older(version: &str, than: &str) -> bool {
    let parts = |text: &str| {
        let (engine, number) = text.split_once('_').unwrap_or_default();
        (engine == "OpenSearch", number.to_owned())
    };
    let ((line, number), (other_line, other)) = (parts(version), parts(than));
    line.cmp(&other_line).then_with(|| version::order(&number, &other)).is_lt()
}

/// The fewest steps from one version to another, each with what AWS offers.
fn path(offered: &[CompatibleVersionsMap], from: &str, to: &str) -> Option<Vec<String>> {
    let targets: BTreeMap<&str, &[String]> =
        offered.iter().filter_map(|one| Some((one.source_version()?, one.target_versions()))).collect();
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(version) = next.pop_front() {
        if version == to {
            let back = std::iter::successors(Some(version), |version| came_from.get(version).copied());
            let mut steps: Vec<String> =
                back.filter(|version| *version != from).map(ToOwned::to_owned).collect();
            steps.reverse();
            return Some(steps);
        }
        for target in targets.get(version).copied().unwrap_or_default() {
            if target != from && !came_from.contains_key(target.as_str()) {
                came_from.insert(target, version);
                next.push_back(target);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(from: &str, to: &[&str]) -> CompatibleVersionsMap {
        let to = to.iter().map(|version| (*version).to_owned()).collect();
        CompatibleVersionsMap::builder().source_version(from).set_target_versions(Some(to)).build()
    }

    #[test]
    fn an_upgrade_takes_the_fewest_steps_that_aws_offers() {
        let all = [
            offered("Elasticsearch_6.8", &["Elasticsearch_7.9", "Elasticsearch_7.10"]),
            offered("Elasticsearch_7.9", &["Elasticsearch_7.10"]),
            offered("Elasticsearch_7.10", &["OpenSearch_1.3"]),
            offered("OpenSearch_1.3", &["OpenSearch_2.19"]),
        ];
        let steps = path(&all, "Elasticsearch_6.8", "OpenSearch_2.19").unwrap();
        assert_eq!(steps, ["Elasticsearch_7.10", "OpenSearch_1.3", "OpenSearch_2.19"]);
        assert_eq!(path(&all, "OpenSearch_2.19", "OpenSearch_1.3"), None);
        assert_eq!(path(&all, "OpenSearch_1.3", "OpenSearch_1.3").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn elasticsearch_comes_before_opensearch() {
        assert!(is_older("Elasticsearch_7.10", "OpenSearch_1.3"));
        assert!(is_older("OpenSearch_2.9", "OpenSearch_2.19"));
        assert!(!is_older("OpenSearch_2.19", "OpenSearch_2.19"));
    }
}
