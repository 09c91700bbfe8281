//! What AWS says of the quotas of an account, and of what it has.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_aws::Aws;
use asiaq_compiler::vcpus;
use asiaq_ir::Quota;
use asiaq_runtime::{Area, Counts, Fault, Member, Usage};

/// What AWS says of an account.
#[derive(Default)]
pub(super) struct Told {
    pub(super) used: BTreeMap<(Quota, Area), Usage>,
    pub(super) limits: BTreeMap<(Quota, Option<String>), usize>,
    /// What could not be read.
    pub(super) notes: Vec<String>,
}

impl Told {
    /// Asks about the quotas that `counted` counts against.
    pub(super) async fn of(member: &Member<Aws>, project: &str, counted: &Counts) -> Self {
        let mut told = Self::default();
        let quotas: BTreeSet<Quota> = counted.keys().map(|(quota, _)| *quota).collect();
        let regions: BTreeSet<&str> = counted.keys().filter_map(|(_, area)| area.region.as_deref()).collect();
        let home = regions.first().copied().or_else(|| member.regions.first().map(String::as_str));
        let (global, regional): (BTreeSet<Quota>, BTreeSet<Quota>) =
            quotas.into_iter().partition(|quota| quota.is_global());
        if let Some(home) = home.filter(|_| !global.is_empty()) {
            told.read(member, home, project, &global).await;
        }
        for region in regions {
            let here = |quota: &Quota| {
                counted.keys().any(|(of, area)| of == quota && area.region.as_deref() == Some(region))
            };
            let quotas: BTreeSet<Quota> = regional.iter().copied().filter(here).collect();
            told.read(member, region, project, &quotas).await;
        }
        told
    }

    /// Reads these quotas, all of them of one region or of none.
    async fn read(&mut self, member: &Member<Aws>, region: &str, project: &str, quotas: &BTreeSet<Quota>) {
        let is_global = quotas.iter().all(|quota| quota.is_global());
        let usage = Box::pin(member.cloud.usage(region, project, quotas, &vcpus)).await;
        let place = (!is_global).then(|| region.to_owned());
        self.used.extend(usage.used);
        self.limits.extend(usage.limits.into_iter().map(|(quota, value)| ((quota, place.clone()), value)));
        let words = place.as_deref().unwrap_or("all regions");
        for error in usage.failed {
            self.notes.push(format!("{words}: what is in use is not known: {error}"));
        }
        match member.cloud.quotas(region, quotas).await {
            Ok(values) => {
                self.limits.extend(values.into_iter().map(|(quota, value)| ((quota, place.clone()), value)));
            }
            Err(error) => {
                let what = match error.fault {
                    Fault::Denied => "does not show the quotas to these credentials",
                    Fault::Refused | Fault::Unreachable | Fault::Unreadable | Fault::TimedOut => {
                        "does not say the quotas"
                    }
                };
                self.notes.push(format!(
                    "{words}: Service Quotas {what}, so that AWS's defaults are compared: {error}"
                ));
            }
        }
    }
}
