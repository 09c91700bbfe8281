use std::sync::Arc;

use asiaq_ir::{GroupRule, Ref, SecurityGroup};
use asiaq_runtime::{CloudError, Create, Listed, Tagged};
use aws_sdk_ec2::types::{self as sdk, ResourceType};

use super::{InAws, Made, group_rules};
use crate::permissions::Rights;
use crate::region::{Region, filter};
use crate::survey::once;
use crate::{error, tags};

const AUTHORIZE: &str = "AuthorizeSecurityGroupEgress";
const REVOKE: &str = "RevokeSecurityGroupEgress";

impl InAws for SecurityGroup {
    const RIGHTS: Rights = Rights {
        look: &["ec2:DescribeSecurityGroups"],
        make: &[
            "ec2:CreateSecurityGroup",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupEgress",
        ],
        delete: &["ec2:DeleteSecurityGroup"],
        ..Rights::EC2
    };

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed, CloudError> {
        let groups = of_project(region, project).await?;
        let found = groups
            .iter()
            .filter_map(|group| {
                tags::found(region.name, project, group.tags(), group.group_id(), read(group))
            })
            .collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn make(&self, region: &Region<'_>, order: &Create<'_>) -> Result<Made<Self>, CloudError> {
        const OPERATION: &str = "CreateSecurityGroup";
        let request = region
            .once()
            .create_security_group()
            .set_vpc_id(self.vpc.id().map(ToOwned::to_owned))
            .group_name(&self.name)
            .description(&self.description)
            .set_tag_specifications(tags::at_birth(ResourceType::SecurityGroup, order.tags));
        let made = region.settled(|| error::call(OPERATION, request.clone().send())).await?;
        Ok(Made { id: error::part(OPERATION, "id", made.group_id)?, born: self.clone(), ready: true })
    }

    /// New rules first, then the rest goes, one at a time: what somebody else has taken away already is no reason to
    /// leave the others.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<(), CloudError> {
        if (Self { egress: wanted.egress.clone(), description: wanted.description.clone(), ..self.clone() })
            != *wanted
        {
            return Err(error::refused(
                "UpdateSecurityGroup",
                "AWS cannot rename a security group, nor move it",
            ));
        }
        let added: Vec<GroupRule> = wanted.egress.difference(&self.egress).cloned().collect();
        if !added.is_empty() {
            let rules = Some(group_rules::write(&added));
            let request =
                region.ec2().authorize_security_group_egress().group_id(id).set_ip_permissions(rules);
            match region.settled(|| error::call(AUTHORIZE, request.clone().send())).await {
                Err(error) if error.code == "InvalidPermission.Duplicate" => {}
                answer => drop(answer?),
            }
        }
        for removed in self.egress.difference(&wanted.egress) {
            let rules = Some(group_rules::write(std::slice::from_ref(removed)));
            let request = region.ec2().revoke_security_group_egress().group_id(id).set_ip_permissions(rules);
            match error::call(REVOKE, request.send()).await {
                Err(error) if error::part_not_found(&error) => {}
                answer => drop(answer?),
            }
        }
        Ok(())
    }

    async fn in_the_way(&self, region: &Region<'_>) -> Result<Option<Tagged>, CloudError> {
        let of_vpc = filter("vpc-id", self.vpc.id().unwrap_or_default());
        let of_name = filter("group-name", &self.name);
        let request = region.ec2().describe_security_groups().filters(of_vpc).filters(of_name);
        let found = error::call("DescribeSecurityGroups", request.send()).await?;
        let found = found.security_groups().first();
        Ok(found.and_then(|found| tags::tagged(found.group_id(), found.tags())))
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<(), CloudError> {
        let request = region.ec2().delete_security_group().group_id(id);
        region.released(|| error::call("DeleteSecurityGroup", request.clone().send())).await
    }
}

/// The groups of a project, with their rules.
pub(super) async fn of_project(
    region: &Region<'_>,
    project: &str,
) -> Result<Arc<Vec<sdk::SecurityGroup>>, CloudError> {
    once(region.seen().map(|seen| &seen.security_groups), || async {
        let request = region.ec2().describe_security_groups().filters(tags::of_project(project));
        error::call("DescribeSecurityGroups", request.into_paginator().items().send().collect()).await
    })
    .await
}

fn read(group: &sdk::SecurityGroup) -> Option<SecurityGroup> {
    Some(SecurityGroup {
        vpc: Ref::Id(group.vpc_id.clone()?),
        name: group.group_name.clone()?,
        description: group.description.clone().unwrap_or_default(),
        egress: group_rules::egress(group),
    })
}
