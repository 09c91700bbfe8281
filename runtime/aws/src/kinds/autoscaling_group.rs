mod balancers;
mod group_tags;
mod launch;
mod listing;
mod policies;
mod request;
mod schedules;

use std::time::Duration;

use asiaq_ir::{AutoScalingGroup, CREATED_TAG, GroupSize};
use asiaq_runtime::{CloudError, Create, Fault, Listed, Tagged};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::{InAws, Made, Retag};
use crate::error;
use crate::permissions::Rights;
use crate::region::Region;

pub(crate) use group_tags::{read as tags_of, retag};
pub(crate) use listing::{DESCRIBE, look, of_project};

const CREATE: &str = "CreateAutoScalingGroup";
const DELETE: &str = "DeleteAutoScalingGroup";

/// For the machines of a group that goes to leave their load balancers and end; then for the group to go.
const LIMIT: Duration = Duration::from_mins(15);

impl InAws for AutoScalingGroup {
    const RIGHTS: Rights = Rights {
        look: &[
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribePolicies",
            "autoscaling:DescribeScheduledActions",
        ],
        make: &[
            "autoscaling:CreateAutoScalingGroup",
            "autoscaling:AttachLoadBalancers",
            "autoscaling:AttachLoadBalancerTargetGroups",
            "autoscaling:DetachLoadBalancers",
            "autoscaling:DetachLoadBalancerTargetGroups",
            "autoscaling:PutScalingPolicy",
            "autoscaling:DeletePolicy",
            "autoscaling:BatchPutScheduledUpdateGroupAction",
            "autoscaling:BatchDeleteScheduledAction",
            "ec2:RunInstances",
            "iam:PassRole",
            "iam:CreateServiceLinkedRole",
        ],
        tags: &["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"],
        delete: &["autoscaling:UpdateAutoScalingGroup", "autoscaling:DeleteAutoScalingGroup"],
        ..Rights::NONE
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        Ok(Listed { found: listing::found(region, project).await?, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        let name = format!("{}_{}", self.prefix, seconds(order)?);
        let request = request::creation(region, self, &name, order.tags);
        match region.settled(|| error::call(CREATE, request.clone().send())).await {
            // The answer to an earlier attempt at this step may have been lost.
            Err(error) if error.code == "AlreadyExists" => {
                let group = look(region, &name).await?;
                let tags = group.as_ref().map(tags_of).unwrap_or_default();
                if order.tags.iter().any(|(key, value)| tags.get(key) != Some(value)) {
                    return Err(error);
                }
            }
            answer => drop(answer?),
        }
        let GroupSize { min, desired, max } = self.initial;
        let born = Self {
            min: Some(min),
            max: Some(max),
            desired: Some(desired),
            schedules: [].into(),
            policies: [].into(),
            ..self.clone()
        };
        Ok(Made { id: name, born, ready: true })
    }

    /// A group that launches from the same template.
    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let there = listing::of_template(region, &self.launch_template).await?;
        Ok(there.and_then(|there| Some((there.auto_scaling_group_name.clone()?, tags_of(&there)))))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: Retag<'_>) -> Result<(), CloudError> {
        retag(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        // What is to join joins before its word on health counts; what is to leave leaves after.
        balancers::attach(region, id, self, wanted).await?;
        request::change(region, id, self, wanted).await?;
        balancers::detach(region, id, self, wanted).await?;
        schedules::change(region, id, &self.schedules, &wanted.schedules).await?;
        policies::change(region, id, &self.policies, &wanted.policies).await
    }

    /// Lets the machines leave their load balancers and end, then deletes the group. One whose machines do not
    /// end in time is deleted with them.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let sizes = region.autoscaling().update_auto_scaling_group().auto_scaling_group_name(id);
        let none = sizes.min_size(0).max_size(0).desired_capacity(0);
        region.released(|| error::call(request::UPDATE, none.clone().send())).await?;
        let empty = || async {
            let group = look(region, id).await?;
            Ok(group.is_none_or(|group| group.instances().is_empty()).then_some(()))
        };
        let is_drained = match region.until(DESCRIBE, "its machines are not gone", LIMIT, empty).await {
            Err(error) if error.fault == Fault::TimedOut => false,
            answer => answer.map(|()| true)?,
        };
        let request = region.autoscaling().delete_auto_scaling_group().auto_scaling_group_name(id);
        let request = request.force_delete(!is_drained);
        region.released(|| error::call(DELETE, request.clone().send())).await?;
        if is_drained {
            // Nothing is left of it that anybody could wait for, and listings leave it out.
            return Ok(());
        }
        let gone = || async { Ok(look(region, id).await?.is_none().then_some(())) };
        region.until(DESCRIBE, "the autoscaling group is not deleted", LIMIT, gone).await
    }
}

/// The time of making in the name of a group: seconds of the Unix epoch.
fn seconds(order: &Create<'_>) -> Result<i64, CloudError> {
    let said = order.tags.get(CREATED_TAG).map(String::as_str).unwrap_or_default();
    let time = DateTime::from_str(&format!("{}Z", said.trim_end_matches('Z')), Format::DateTime);
    let time = time.map_err(|_| {
        error::refused(
            CREATE,
            format!("the tag `{CREATED_TAG}` has to be a time, for the name; it is `{said}`"),
        )
    });
    time.map(|time| time.secs())
}

/// A number as the SDK has it.
fn signed(number: u32) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// A number of the SDK; AWS gives none below zero.
fn unsigned(number: i32) -> u32 {
    number.try_into().unwrap_or_default()
}
