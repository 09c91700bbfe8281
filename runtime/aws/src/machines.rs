//! What operators do to single instances.

use std::collections::BTreeMap;

use asiaq_runtime::Result;

use crate::bakes::{STOP_INSTANCES, TERMINATE_INSTANCES};
use crate::config::Aws;
use crate::kinds::ec2_tags::{self, CREATE_TAGS, DELETE_TAGS};
use crate::operation::{Access, Operation, ops};

ops! { autoscaling:
    TERMINATE_IN_GROUP = "TerminateInstanceInAutoScalingGroup", Write;
}

/// The operations of others that are called too.
pub(crate) const MORE: &[Operation] = &[
    STOP_INSTANCES.used_for(Access::Write),
    TERMINATE_INSTANCES.used_for(Access::Write),
    CREATE_TAGS.used_for(Access::Write),
    DELETE_TAGS.used_for(Access::Write),
];

/// Instances that one call names.
const AT_ONCE: usize = 100;

impl Aws {
    /// Stops instances, without waiting until they have stopped.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn stop_instances(&self, region: &str, ids: &[String]) -> Result<()> {
        let region = self.region(region);
        for ids in ids.chunks(AT_ONCE) {
            let call = region.ec2().stop_instances().set_instance_ids(Some(ids.to_vec()));
            STOP_INSTANCES.call(call.send()).await?;
        }
        Ok(())
    }

    /// Terminates instances at once, without their groups.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn terminate_instances(&self, region: &str, ids: &[String]) -> Result<()> {
        let region = self.region(region);
        for ids in ids.chunks(AT_ONCE) {
            let call = region.ec2().terminate_instances().set_instance_ids(Some(ids.to_vec()));
            TERMINATE_INSTANCES.call(call.send()).await?;
        }
        Ok(())
    }

    /// Lets an Auto Scaling group terminate an instance: it leaves the load balancers first. The group then launches another one,
    /// or wants one fewer if it `shrinks`.
    ///
    /// # Errors
    /// If AWS refuses, as where the group would be below its minimum.
    pub async fn terminate_in_group(&self, region: &str, id: &str, shrinks: bool) -> Result<()> {
        let region = self.region(region);
        let call = region.autoscaling().terminate_instance_in_auto_scaling_group().instance_id(id);
        let call = call.should_decrement_desired_capacity(shrinks);
        TERMINATE_IN_GROUP.call(call.send()).await.map(drop)
    }

    /// Sets and removes tags of instances.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn tag_instances(
        &self,
        region: &str,
        ids: &[String],
        set: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<()> {
        let region = self.region(region);
        for ids in ids.chunks(AT_ONCE) {
            ec2_tags::change(&region, ids, set, remove).await?;
        }
        Ok(())
    }
}
