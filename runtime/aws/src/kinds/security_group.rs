use std::sync::Arc;

use asiaq_ir::{GroupRule, Ref, SecurityGroup};
use aws_sdk_ec2::types::{self as sdk, ResourceType};

use super::group_rules;
use super::prelude::*;
use crate::error;
use crate::service::ec2;

ops! { ec2:
    DESCRIBE_SECURITY_GROUPS = "DescribeSecurityGroups", Read;
    CREATE_SECURITY_GROUP = "CreateSecurityGroup", Write;
    AUTHORIZE_SECURITY_GROUP_EGRESS = "AuthorizeSecurityGroupEgress", Write;
    REVOKE_SECURITY_GROUP_EGRESS = "RevokeSecurityGroupEgress", Write;
    DELETE_SECURITY_GROUP = "DeleteSecurityGroup", Delete;
}

impl Api for SecurityGroup {
    ec2_kind! { sdk::SecurityGroup { group_id, tags }
        delete: DELETE_SECURITY_GROUP = delete_security_group(group_id),
    }

    const DESCRIBE: Operation = DESCRIBE_SECURITY_GROUPS;

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::SecurityGroup>> {
        let wanted = match which {
            Which::OfProject(project) => return Ok(of_project(region, project).await?.to_vec()),
            Which::Id(_) => return Ok(Vec::new()),
            Which::InPlaceOf(wanted) => wanted,
        };
        let of_vpc = filter("vpc-id", wanted.vpc.id().unwrap_or_default());
        let call = region
            .ec2()
            .describe_security_groups()
            .filters(of_vpc)
            .filters(filter("group-name", &wanted.name));
        let answer = DESCRIBE_SECURITY_GROUPS.call(call.send()).await?;
        Ok(answer.security_groups.unwrap_or_default())
    }

    fn form(group: &sdk::SecurityGroup) -> Option<Self> {
        Some(Self {
            vpc: Ref::Id(group.vpc_id.clone()?),
            name: group.group_name.clone()?,
            description: group.description.clone().unwrap_or_default(),
            egress: group_rules::egress(group),
        })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .non_idempotent_client()
            .create_security_group()
            .set_vpc_id(id_of(&self.vpc))
            .group_name(&self.name)
            .description(&self.description)
            .set_tag_specifications(tags::tag_specifications(ResourceType::SecurityGroup, request.tags));
        let made = region.retry_until_consistent(CREATE_SECURITY_GROUP, || call.clone().send()).await?;
        Ok(Created::ready(CREATE_SECURITY_GROUP.part("id", made.group_id)?, self.clone()))
    }

    /// Adds new rules first, then revokes the others one at a time: a rule that is gone already must not keep the
    /// others.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
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
            match region
                .retry_until_consistent(AUTHORIZE_SECURITY_GROUP_EGRESS, || request.clone().send())
                .await
            {
                Err(error) if error.code == "InvalidPermission.Duplicate" => {}
                answer => drop(answer?),
            }
        }
        for removed in self.egress.difference(&wanted.egress) {
            let rules = Some(group_rules::write(std::slice::from_ref(removed)));
            let request = region.ec2().revoke_security_group_egress().group_id(id).set_ip_permissions(rules);
            match REVOKE_SECURITY_GROUP_EGRESS.call(request.send()).await {
                Err(error) if ec2.is_part_not_found(&error) => {}
                answer => drop(answer?),
            }
        }
        Ok(())
    }
}

/// The groups of a project, with their rules.
pub(super) async fn of_project(region: &Region<'_>, project: &str) -> Result<Arc<Vec<sdk::SecurityGroup>>> {
    cached(region.cache().map(|cache| &cache.security_groups), || async {
        let filters = region.filter_of::<SecurityGroup>(project);
        let request = region.ec2().describe_security_groups().set_filters(filters);
        DESCRIBE_SECURITY_GROUPS.all(request.into_paginator().items().send()).await
    })
    .await
}
