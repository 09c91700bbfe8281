//! The health of instances in the target groups and Classic Load Balancers of their group.

use aws_sdk_autoscaling::types::AutoScalingGroup;
use futures::future;

use crate::kinds::health::{self, Health};
use crate::kinds::prelude::*;
use crate::operation::Operation;

/// The operations of the test.
pub(super) const OPS: &[Operation] = health::OPS;

/// The health of the instances of a group, by what checks it.
#[derive(Debug, Default)]
pub(super) struct Targets(Vec<(String, Health)>);

impl Targets {
    /// Takes one call for each target group and load balancer.
    pub(super) async fn of(region: &Region<'_>, group: &AutoScalingGroup) -> Result<Self> {
        let of_targets = group.target_group_arns().iter().map(|arn| async move {
            let name = arn.split('/').nth(1).unwrap_or(arn);
            Ok((format!("target group `{name}`"), health::of_targets(region, arn).await?))
        });
        let of_instances = group.load_balancer_names().iter().map(|name| async move {
            Ok((format!("load balancer `{name}`"), health::of_instances(region, name).await?))
        });
        let (mut all, classic): (Vec<_>, Vec<_>) =
            future::try_join(future::try_join_all(of_targets), future::try_join_all(of_instances)).await?;
        all.extend(classic);
        Ok(Self(all))
    }

    /// Why an instance does not pass; nothing if everything that checks it finds it healthy.
    pub(super) fn obstacle(&self, instance: &str) -> Option<String> {
        if self.0.is_empty() {
            return Some("its group has no load balancer that could check it".to_owned());
        }
        self.0.iter().find_map(|(name, health)| {
            health.obstacle(instance).map(|why| format!("not healthy in {name}: {why}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_passes_where_all_that_check_it_find_it_healthy() {
        let healthy = |ids: &[&str]| Health {
            healthy: ids.iter().map(|id| (*id).to_owned()).collect(),
            initial: ["i-3".to_owned()].into(),
            unhealthy: [("i-2".to_owned(), "Health checks failed.".to_owned())].into(),
            ..Health::default()
        };
        let targets = Targets(vec![
            ("target group `a`".to_owned(), healthy(&["i-1", "i-4"])),
            ("load balancer `b`".to_owned(), healthy(&["i-1"])),
        ]);
        assert_eq!(targets.obstacle("i-1"), None);
        let told = |id| targets.obstacle(id).unwrap();
        assert_eq!(told("i-2"), "not healthy in target group `a`: Health checks failed");
        assert_eq!(told("i-3"), "not healthy in target group `a`: its first health checks are not done");
        assert_eq!(told("i-4"), "not healthy in load balancer `b`: not registered yet");
        assert_eq!(
            Targets::default().obstacle("i-1").unwrap(),
            "its group has no load balancer that could check it"
        );
    }
}
