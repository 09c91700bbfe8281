pub(crate) mod command;
mod http;
mod machine;
mod target;
mod watch;

use std::collections::BTreeMap;

use asiaq_ir::{AutoScalingGroup, Ref, SmokeCheck, SmokeTest, TESTED_TAG};

pub(crate) use self::command::{GET_COMMAND_INVOCATION, SEND_COMMAND};
pub(crate) use self::machine::DESCRIBE_INSTANCES;
use self::watch::OPERATION;
pub(crate) use self::watch::{until_in_service, until_passed};
use super::autoscaling_group::{self, GroupTags};
use super::prelude::*;
use super::resource::AwsResource;
use crate::error;
use crate::operation::Access;
use crate::service::autoscaling;

impl AwsResource for SmokeTest {
    const ACTIONS: IamActions = &[
        &[autoscaling_group::CREATE_OR_UPDATE_TAGS, autoscaling_group::DELETE_TAGS.used_for(Access::Delete)],
        command::OPS,
        machine::OPS,
        target::OPS,
        watch::OPS,
    ];
    const SERVICE: &'static Service = &autoscaling;

    /// A passed test is a tag of its group, with the image; how it passed is not recorded.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let groups = autoscaling_group::of_project(region, project).await?;
        let found = groups.iter().filter_map(|group| {
            let id = group.auto_scaling_group_name.clone()?;
            let tags = region.imagine::<AutoScalingGroup>(&id, autoscaling_group::tags_of(group));
            let test = Self {
                group: Ref::Id(id.clone()),
                image: Ref::Id(tags.get(TESTED_TAG)?.clone()),
                check: SmokeCheck::Tag,
                timeout: 0,
            };
            Some(Found {
                address: tags::address_in(&tags, project)?.child("smoke-test"),
                id,
                region: region.name.to_owned(),
                tags: BTreeMap::new(),
                resource: test.into(),
            })
        });
        Ok(Listed { found: found.collect(), ..Listed::default() })
    }

    /// A new test has passed for no image; the test itself is an update.
    async fn create(&self, _: &Region<'_>, _: &Create<'_>) -> Result<Created<Self>> {
        let group = known(self.group.id())?;
        let initial = Self { image: Ref::Id(String::new()), ..self.clone() };
        Ok(Created { id: group.to_owned(), initial, ready: true })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.image == wanted.image {
            return Ok(());
        }
        let image = known(wanted.image.id())?;
        watch::until_passed(region, id, wanted).await?;
        let set = BTreeMap::from([(TESTED_TAG.to_owned(), image.to_owned())]);
        GroupTags::set(region, id, &set).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        if autoscaling_group::look(region, id).await?.is_none() {
            return Ok(());
        }
        GroupTags::remove(region, id, vec![TESTED_TAG.to_owned()]).await
    }
}

/// An AWS id that the test needs, or an error if it is unknown.
fn known(id: Option<&str>) -> Result<&str> {
    id.ok_or_else(|| error::refused(OPERATION, "its group or its image is not known"))
}
