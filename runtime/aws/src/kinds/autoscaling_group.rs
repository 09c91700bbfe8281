mod balancers;
mod calls;
mod group_tags;
mod launch;
mod listing;
mod metrics;
mod policies;
mod schedules;

use std::time::Duration;

use asiaq_ir::{AutoScalingGroup, CREATED_TAG, GroupSize, NAME_TAG};
use asiaq_runtime::Fault;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::health;
use super::prelude::*;
use super::resource::AwsResource;
use crate::service::autoscaling;

pub(crate) use balancers::{attach_to, detach_from};
pub(crate) use calls::UPDATE_AUTO_SCALING_GROUP;
pub(crate) use group_tags::{
    CREATE_OR_UPDATE_TAGS, DELETE_TAGS, GroupTags, is_copy, read as tags_of, write as write_tags,
};
pub(crate) use launch::template_of;
pub(crate) use listing::{
    DESCRIBE_AUTO_SCALING_GROUPS, all_of_project, every, is_serving, launched_from, look, of_project, sizes,
};

ops! {
    autoscaling {
        CREATE_AUTO_SCALING_GROUP = "CreateAutoScalingGroup", Write;
        DELETE_AUTO_SCALING_GROUP = "DeleteAutoScalingGroup", Delete;
    }
    ec2 {
        RUN_INSTANCES = "RunInstances", Write;
    }
    iam {
        PASS_ROLE = "PassRole", Write;
        CREATE_SERVICE_LINKED_ROLE = "CreateServiceLinkedRole", Write;
    }
}

/// The longest wait for the instances of a deleted group to drain and terminate, and then for the group to be gone.
const LIMIT: Duration = Duration::from_mins(15);

/// The seconds after that of a plan of which a new group may have its name, where groups of earlier plans have the others.
const NEXT_SECONDS: i64 = 3;

/// Creates a group, and returns its name: its prefix and the second of the plan. A group that it replaces may be as young
/// as that.
async fn created(group: &AutoScalingGroup, region: &Region<'_>, request: &Create<'_>) -> Result<String> {
    let start = seconds(request)?;
    let mut later = 0;
    loop {
        let name = format!("{}_{}", group.prefix, start.saturating_add(later));
        let mut tags = request.tags.clone();
        tags.insert(NAME_TAG.to_owned(), asiaq_runtime::tag_value(&name));
        let call = calls::creation(region, group, &name, &tags);
        match region.retry_until_consistent(CREATE_AUTO_SCALING_GROUP, || call.clone().send()).await {
            Err(error) if error.code == "AlreadyExists" => {
                let there = look(region, &name).await?;
                let tags = there.as_ref().map(tags_of).unwrap_or_default();
                // The answer to an earlier attempt at this step may have been lost.
                if request.tags.iter().all(|(key, value)| tags.get(key) == Some(value)) {
                    return Ok(name);
                }
                later += 1;
                if later > NEXT_SECONDS {
                    return Err(error);
                }
            }
            answer => return answer.map(|_| name),
        }
    }
}

impl AwsResource for AutoScalingGroup {
    const ACTIONS: IamActions = &[
        OPS,
        balancers::OPS,
        group_tags::OPS,
        health::OPS,
        listing::OPS,
        metrics::OPS,
        policies::OPS,
        calls::OPS,
        schedules::OPS,
    ];
    const SERVICE: &'static Service = &autoscaling;

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        listing::found(region, project).await
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let name = created(self, region, request).await?;
        let GroupSize { min, desired, max } = self.initial;
        let initial = Self {
            min: Some(min),
            max: Some(max),
            desired: Some(desired),
            schedules: [].into(),
            policies: [].into(),
            metrics: [].into(),
            ..self.clone()
        };
        Ok(Created { id: name, initial, ready: true })
    }

    /// A group that launches from the same template.
    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let there = listing::of_template(region, &self.launch_template).await?;
        Ok(there.and_then(|there| Some((there.auto_scaling_group_name.clone()?, tags_of(&there)))))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        tag_family::retag::<GroupTags>(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        // Load balancers are attached before the health check type changes, and detached after.
        balancers::attach(region, id, self, wanted).await?;
        calls::change(region, id, self, wanted).await?;
        balancers::detach(region, id, self, wanted).await?;
        schedules::change(region, id, &self.schedules, &wanted.schedules).await?;
        policies::change(region, id, &self.policies, &wanted.policies).await?;
        metrics::change(region, id, &self.metrics, &wanted.metrics).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        remove(region, id).await
    }
}

/// Sets the size to 0, so that instances drain, and then deletes the group. Instances that do not terminate in time are
/// deleted with it.
pub(crate) async fn remove(region: &Region<'_>, id: &str) -> Result<()> {
    let sizes = region.autoscaling().update_auto_scaling_group().auto_scaling_group_name(id);
    let none = sizes.min_size(0).max_size(0).desired_capacity(0);
    region.retry_while_in_use(UPDATE_AUTO_SCALING_GROUP, || none.clone().send()).await?;
    let empty = || async {
        let group = look(region, id).await?;
        Ok(group.is_none_or(|group| group.instances().is_empty()).then_some(()))
    };
    let is_drained =
        match region.poll(DESCRIBE_AUTO_SCALING_GROUPS.name, "its machines are not gone", LIMIT, empty).await
        {
            Err(error) if error.fault == Fault::TimedOut => false,
            answer => answer.map(|()| true)?,
        };
    let request = region.autoscaling().delete_auto_scaling_group().auto_scaling_group_name(id);
    let request = request.force_delete(!is_drained);
    region.retry_while_in_use(DELETE_AUTO_SCALING_GROUP, || request.clone().send()).await?;
    if is_drained {
        // Nothing is left to wait for, and listings leave the group out.
        return Ok(());
    }
    let gone = || async { Ok(look(region, id).await?.is_none().then_some(())) };
    region.poll(DESCRIBE_AUTO_SCALING_GROUPS.name, "the autoscaling group is not deleted", LIMIT, gone).await
}

/// The time of making in the name of a group: seconds of the Unix epoch.
fn seconds(request: &Create<'_>) -> Result<i64> {
    let said = request.tags.get(CREATED_TAG).map(String::as_str).unwrap_or_default();
    let time = DateTime::from_str(&format!("{}Z", said.trim_end_matches('Z')), Format::DateTime);
    let time = time.map_err(|_| {
        CREATE_AUTO_SCALING_GROUP
            .refused(format!("the tag `{CREATED_TAG}` has to be a time, for the name; it is `{said}`"))
    });
    time.map(|time| time.secs())
}
