mod command;
mod http;
mod machine;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ADDRESS_TAG, Address, Ref, SmokeCheck, SmokeTest, TESTED_TAG};
use asiaq_runtime::{CloudError, Create, Found, Listed};

use super::{InAws, Made, Retag, autoscaling_group};
use crate::error;
use crate::permissions::Rights;
use crate::region::Region;

/// The operation in errors of our own: waiting for machines is none of AWS's.
const OPERATION: &str = "SmokeTest";

impl InAws for SmokeTest {
    const RIGHTS: Rights = Rights {
        make: &[
            "ec2:DescribeInstances",
            "autoscaling:DescribeScalingActivities",
            "ssm:SendCommand",
            "ssm:GetCommandInvocation",
        ],
        tags: &["autoscaling:CreateOrUpdateTags"],
        delete: &["autoscaling:DeleteTags"],
        ..Rights::NONE
    };

    /// A test that was passed is a tag of its group; how it was passed is not written down.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let groups = autoscaling_group::of_project(region, project).await?;
        let found = groups.iter().filter_map(|group| {
            let tags = autoscaling_group::tags_of(group);
            let id = group.auto_scaling_group_name.clone()?;
            let test = Self {
                group: Ref::Id(id.clone()),
                image: Ref::Id(tags.get(TESTED_TAG)?.clone()),
                check: SmokeCheck::Tag,
                timeout: 0,
            };
            Some(Found {
                address: Address::parse(tags.get(ADDRESS_TAG)?).child("smoke-test"),
                id,
                region: region.name.to_owned(),
                tags: BTreeMap::new(),
                resource: test.into(),
            })
        });
        Ok(Listed { found: found.collect(), ..Listed::default() })
    }

    /// Nothing has been passed at birth; the rest follows as an update.
    async fn make(&self, _: &Region<'_>, _: &Create<'_>) -> Result<Made<Self>, CloudError> {
        let group = known(self.group.id())?;
        let born = Self { image: Ref::Id(String::new()), ..self.clone() };
        Ok(Made { id: group.to_owned(), born, ready: true })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self.image == wanted.image {
            return Ok(());
        }
        let image = known(wanted.image.id())?;
        watch::until_passed(region, id, wanted).await?;
        let set = BTreeMap::from([(TESTED_TAG.to_owned(), image.to_owned())]);
        autoscaling_group::retag(region, id, Retag { set: &set, remove: &BTreeSet::new() }).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        if autoscaling_group::look(region, id).await?.is_none() {
            return Ok(());
        }
        let remove = BTreeSet::from([TESTED_TAG.to_owned()]);
        autoscaling_group::retag(region, id, Retag { set: &BTreeMap::new(), remove: &remove }).await
    }
}

/// The id of what the test is about.
fn known(id: Option<&str>) -> Result<&str, CloudError> {
    id.ok_or_else(|| error::refused(OPERATION, "its group or its image is not known"))
}
