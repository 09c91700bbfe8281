//! The quotas of an account, and what it has of what they limit.

mod usage;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Partition, Quota};
use asiaq_runtime::{Area, CloudError, Result, Usage};

use crate::config::Aws;
use crate::operation::ops;
use crate::region::Region;
use crate::service::servicequotas;

pub(crate) use usage::{OPS as USAGE, READS};

ops! { servicequotas:
    LIST_SERVICE_QUOTAS = "ListServiceQuotas", Read;
}

/// What an account has of what quotas limit.
#[derive(Clone, Debug, Default)]
pub struct AccountUsage {
    /// The numbers.
    pub used: BTreeMap<(Quota, Area), Usage>,
    /// Quotas that the services themselves say.
    pub limits: BTreeMap<Quota, usize>,
    /// The listings that failed.
    pub failed: Vec<CloudError>,
}

impl Aws {
    /// The values of the known quotas of the services of `quotas`, which are of one region or of the whole account. Those
    /// that AWS does not list have their defaults.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn quotas(&self, region: &str, quotas: &BTreeSet<Quota>) -> Result<BTreeMap<Quota, usize>> {
        let is_global = quotas.iter().all(|quota| quota.is_global());
        let region = self.region(if is_global { Partition::of(region).home_or(region) } else { region });
        let listed = quotas.iter().filter(|quota| !quota.code.is_empty());
        let services: BTreeSet<&str> = listed.map(|quota| quota.service).collect();
        let mut values = BTreeMap::new();
        for service in services {
            values.extend(of_service(&region, service).await?);
        }
        Ok(values)
    }

    /// What the account has in `region` of what these quotas limit; of quotas of the whole account, everywhere. Of what
    /// belongs to `project` the listing of instances shows too how much it is. `vcpus` are the virtual processors of an
    /// instance type.
    pub async fn usage(
        &self,
        region: &str,
        project: &str,
        quotas: &BTreeSet<Quota>,
        vcpus: &(dyn Fn(&str) -> Option<u32> + Sync),
    ) -> AccountUsage {
        usage::of(&self.region(region), project, quotas, vcpus).await
    }
}

async fn of_service(region: &Region<'_>, service: &str) -> Result<BTreeMap<Quota, usize>> {
    let pages = region.servicequotas().list_service_quotas().service_code(service).into_paginator();
    let listed =
        servicequotas.found(LIST_SERVICE_QUOTAS.all(pages.items().send()).await)?.unwrap_or_default();
    let value = |quota: aws_sdk_servicequotas::types::ServiceQuota| {
        let code = quota.quota_code()?;
        let known = Quota::ALL.iter().find(|known| known.service == service && known.code == code)?;
        Some((*known, whole(quota.value?)))
    };
    Ok(listed.into_iter().filter_map(value).collect())
}

/// A value of Service Quotas, which counts in floating point.
fn whole(value: f64) -> usize {
    format!("{:.0}", value.max(0.0)).parse().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_whole_numbers() {
        assert_eq!([whole(5.0), whole(-1.0), whole(1_152.0), whole(f64::INFINITY)], [5, 0, 1152, usize::MAX]);
    }
}
