mod data;
mod images;
mod versions;

use std::collections::BTreeSet;

use asiaq_ir::{LaunchTemplate, Need, RegionFacts};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{self as sdk, ResourceType};
use futures::try_join;

use super::{InAws, Made};
use crate::permissions::Rights;
use crate::region::Region;
use crate::{error, tags};

impl InAws for LaunchTemplate {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"],
        facts: &[(Need::Images, "ec2:DescribeImages"), (Need::Snapshots, "ec2:DescribeSnapshots")],
        make: &[
            "ec2:CreateLaunchTemplate",
            "ec2:CreateLaunchTemplateVersion",
            "ec2:ModifyLaunchTemplate",
            "ec2:DeleteLaunchTemplateVersions",
        ],
        delete: &["ec2:DeleteLaunchTemplate"],
        ..Rights::EC2
    };

    /// Lists the project's templates as their newest versions say.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let templates = of_project(region, project).await?;
        // AWS says the newest versions of all templates in one call, or of one in one.
        let newest = if templates.is_empty() { Vec::new() } else { versions::newest(region).await? };
        let found: Vec<_> = templates
            .iter()
            .filter_map(|template| {
                let id = template.launch_template_id()?;
                let version = newest.iter().find(|version| version.launch_template_id() == Some(id))?;
                tags::found(region.name, project, template.tags(), Some(id), data::read(version))
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    /// The images and snapshots that a template can be made from.
    async fn facts(region: &Region<'_>, needs: &BTreeSet<Need>) -> Result<RegionFacts, CloudError> {
        let images = async {
            if needs.contains(&Need::Images) { images::images(region).await } else { Ok(Vec::new()) }
        };
        let snapshots = async {
            if needs.contains(&Need::Snapshots) { images::snapshots(region).await } else { Ok(Vec::new()) }
        };
        let (images, snapshots) = try_join!(images, snapshots)?;
        Ok(RegionFacts { images, snapshots, ..RegionFacts::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateLaunchTemplate";
        let request = region
            .once()
            .create_launch_template()
            .client_token(order.token)
            .launch_template_name(&self.name)
            .launch_template_data(data::write(self))
            .set_tag_specifications(tags::at_birth(ResourceType::LaunchTemplate, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        let id = made.launch_template.and_then(|template| template.launch_template_id);
        Ok(Made { id: error::part(OPERATION, "id", id)?, born: self.clone(), ready: true })
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if self == wanted {
            return Ok(());
        }
        let newest = versions::add(region, id, data::write(wanted)).await?;
        versions::make_default(region, id, newest).await?;
        versions::prune(region, id).await
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let request = region.ec2().describe_launch_templates().launch_template_names(&self.name);
        let found = error::call("DescribeLaunchTemplates", request.send()).await?;
        let found = found.launch_templates().first();
        Ok(found.and_then(|found| tags::tagged(found.launch_template_id(), found.tags())))
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().delete_launch_template().launch_template_id(id);
        region.released(|| error::call("DeleteLaunchTemplate", request.clone().send())).await
    }
}

async fn of_project(region: &Region<'_>, project: &str) -> Result<Vec<sdk::LaunchTemplate>, CloudError> {
    let request = region.ec2().describe_launch_templates().filters(tags::of_project(project));
    let pages = request.into_paginator().page_size(versions::PAGE).items().send();
    error::call("DescribeLaunchTemplates", pages.collect()).await
}
