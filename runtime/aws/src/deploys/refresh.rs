//! Instance refreshes: AWS replaces the instances of a group, a few at a time.

use std::time::Duration;

use asiaq_runtime::{InstanceRefresh, RefreshState, Result};
use aws_sdk_autoscaling::types::{
    self as sdk, DesiredConfiguration, InstanceRefreshStatus, RefreshPreferences, ScaleInProtectedInstances,
    StandbyInstances,
};

use super::launch;
use crate::config::Aws;
use crate::kinds::autoscaling_group;
use crate::kinds::values::signed;
use crate::operation::ops;

ops! { autoscaling:
    DESCRIBE_INSTANCE_REFRESHES = "DescribeInstanceRefreshes", Read;
    START_INSTANCE_REFRESH = "StartInstanceRefresh", Write;
    ROLLBACK_INSTANCE_REFRESH = "RollbackInstanceRefresh", Write;
}

/// The share that keeps serving: nothing leaves before what takes its place is in service.
const FEWEST: i32 = 100;
/// The share that may be there at the same time. AWS rounds it up to whole instances.
const MOST: i32 = 110;

impl Aws {
    /// The newest refresh of a group; absent where there was none.
    ///
    /// # Errors
    /// If AWS does not answer.
    pub async fn refresh(&self, region: &str, group: &str) -> Result<Option<InstanceRefresh>> {
        let region = self.region(region);
        // The one that goes on comes first, and then the newest (Auto Scaling API reference).
        let call = region.autoscaling().describe_instance_refreshes().auto_scaling_group_name(group);
        let answer = DESCRIBE_INSTANCE_REFRESHES.call(call.max_records(1).send()).await?;
        Ok(answer.instance_refreshes().first().map(read))
    }

    /// Starts to put a version of its launch template in place in all instances of a group that have another one. AWS waits
    /// for `pause` after the first instance and after half of them. One of this version that goes on already is none too
    /// many.
    ///
    /// # Errors
    /// If AWS refuses, as it does while another one goes on.
    pub async fn start_refresh(
        &self,
        region: &str,
        group: &str,
        version: &str,
        pause: Duration,
    ) -> Result<()> {
        let Some(live) = autoscaling_group::look(&self.region(region), group).await? else { return Ok(()) };
        let (plain, mixed) = launch(&live, version);
        let wanted = DesiredConfiguration::builder()
            .set_launch_template(plain)
            .set_mixed_instances_policy(mixed)
            .build();
        let pauses = pauses(live.desired_capacity().unwrap_or_default());
        let pause = i32::try_from(pause.as_secs()).unwrap_or(i32::MAX);
        let preferences = RefreshPreferences::builder()
            .min_healthy_percentage(FEWEST)
            .max_healthy_percentage(MOST)
            .set_checkpoint_delay((!pauses.is_empty()).then_some(pause))
            .set_checkpoint_percentages((!pauses.is_empty()).then_some(pauses))
            .skip_matching(true)
            // As they leave with the old group of another deploy.
            .scale_in_protected_instances(ScaleInProtectedInstances::Refresh)
            .standby_instances(StandbyInstances::Ignore)
            .build();
        let here = self.region(region);
        let call = here.autoscaling().start_instance_refresh().auto_scaling_group_name(group);
        let call = call.desired_configuration(wanted).preferences(preferences);
        match here.retry_until_consistent(START_INSTANCE_REFRESH, || call.clone().send()).await {
            Err(error) if error.code == "InstanceRefreshInProgress" => {
                let going = self.refresh(region, group).await?;
                let is_same = going.is_some_and(|one| one.version.as_deref() == Some(version));
                if is_same { Ok(()) } else { Err(error) }
            }
            answer => answer.map(drop),
        }
    }

    /// Makes the refresh of a group that goes on put the old version in place again. Whether there was one.
    ///
    /// # Errors
    /// If AWS refuses.
    pub async fn roll_back_refresh(&self, region: &str, group: &str) -> Result<bool> {
        let region = self.region(region);
        let call = region.autoscaling().rollback_instance_refresh().auto_scaling_group_name(group);
        match region.retry_until_consistent(ROLLBACK_INSTANCE_REFRESH, || call.clone().send()).await {
            Err(error) if error.code == "ActiveInstanceRefreshNotFound" => Ok(false),
            answer => answer.map(|_| true),
        }
    }
}

/// The shares, in percent, after which a refresh of so many instances pauses: the first one, half of them, and all.
fn pauses(instances: i32) -> Vec<i32> {
    let instances = instances.max(0).unsigned_abs();
    let first = 100_u32.checked_div(instances).unwrap_or_default().max(1);
    let shares = match instances {
        0 | 1 => Vec::new(),
        2 | 3 => vec![first, 100],
        _ => vec![first, 50, 100],
    };
    shares.into_iter().map(signed).collect()
}

fn read(refresh: &sdk::InstanceRefresh) -> InstanceRefresh {
    let wanted = refresh.desired_configuration();
    let said = wanted.and_then(|wanted| {
        wanted
            .launch_template()
            .or_else(|| wanted.mixed_instances_policy()?.launch_template()?.launch_template_specification())
    });
    InstanceRefresh {
        state: match refresh.status() {
            Some(InstanceRefreshStatus::Successful) => RefreshState::Done,
            Some(
                InstanceRefreshStatus::Failed
                | InstanceRefreshStatus::Cancelled
                | InstanceRefreshStatus::RollbackFailed,
            ) => RefreshState::Failed,
            Some(InstanceRefreshStatus::RollbackInProgress) => RefreshState::RollingBack,
            Some(InstanceRefreshStatus::RollbackSuccessful) => RefreshState::RolledBack,
            Some(_) | None => RefreshState::Running,
        },
        version: said.and_then(|said| said.version.clone()),
        percent: refresh
            .percentage_complete()
            .and_then(|share| u32::try_from(share).ok())
            .unwrap_or_default(),
        reason: refresh.status_reason.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_pauses_after_the_first_instance_and_after_half() {
        for (instances, shares) in [
            (0, &[][..]),
            (1, &[]),
            (2, &[50, 100]),
            (3, &[33, 100]),
            (4, &[25, 50, 100]),
            (10, &[10, 50, 100]),
            (500, &[1, 50, 100]),
        ] {
            assert_eq!(pauses(instances), shares, "{instances}");
        }
    }
}
