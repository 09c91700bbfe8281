use asiaq_ir::{DatabaseSubnetGroup, Ref};
use aws_sdk_rds::types::DbSubnetGroup as Live;

use super::database::group_tags::{self, SubnetGroupTags};
use super::prelude::*;

ops! { rds:
    DESCRIBE_DB_SUBNET_GROUPS = "DescribeDBSubnetGroups", Read;
    CREATE_DB_SUBNET_GROUP = "CreateDBSubnetGroup", Write;
    MODIFY_DB_SUBNET_GROUP = "ModifyDBSubnetGroup", Write;
    DELETE_DB_SUBNET_GROUP = "DeleteDBSubnetGroup", Delete;
}

/// What the description of every group of asiaq begins with.
const MARK: &str = "Subnet Group for VPC ";
/// Another group has the name.
const TAKEN: &str = "DBSubnetGroupAlreadyExists";

impl Api for DatabaseSubnetGroup {
    type Live = Live;
    type Tags = SubnetGroupTags;

    const OPERATIONS: IamActions = &[OPS, group_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_DB_SUBNET_GROUPS;
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_DB_SUBNET_GROUP, TAKEN, |group| &group.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let call = region.rds().describe_db_subnet_groups();
        let (call, is_all) = match which {
            Which::OfProject(_) => (call, true),
            Which::Id(name) => (call.db_subnet_group_name(name), false),
            Which::InPlaceOf(wanted) => (call.db_subnet_group_name(&wanted.name), false),
        };
        let groups = DESCRIBE_DB_SUBNET_GROUPS.all(call.into_paginator().items().send()).await?;
        let may_be_own = |group: &Live| {
            !is_all || group.db_subnet_group_description().is_some_and(|text| text.starts_with(MARK))
        };
        Ok(groups.into_iter().filter(may_be_own).collect())
    }

    fn id(group: &Live) -> Option<&str> {
        group.db_subnet_group_name()
    }

    fn tag_key(group: &Live) -> Option<&str> {
        group.db_subnet_group_arn()
    }

    fn form(group: &Live) -> Option<Self> {
        let subnets = group.subnets().iter().filter_map(|subnet| subnet.subnet_identifier.clone());
        Some(Self {
            name: group.db_subnet_group_name.clone()?,
            description: group.db_subnet_group_description.clone().unwrap_or_default(),
            subnets: subnets.map(Ref::Id).collect(),
        })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .rds()
            .create_db_subnet_group()
            .db_subnet_group_name(&self.name)
            .db_subnet_group_description(&self.description)
            .set_subnet_ids(Some(ids(&self.subnets)))
            .set_tags(group_tags::list(request.tags));
        region.retry_until_consistent(CREATE_DB_SUBNET_GROUP, || call.clone().send()).await?;
        Ok(Created::ready(&self.name, self.clone()))
    }

    /// The group stays as it is for the databases that use it: AWS moves none of them.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        // Only its tags change.
        if self == wanted {
            return Ok(());
        }
        let call = region
            .rds()
            .modify_db_subnet_group()
            .db_subnet_group_name(id)
            .db_subnet_group_description(&wanted.description)
            .set_subnet_ids(Some(ids(&wanted.subnets)));
        region.retry_until_consistent(MODIFY_DB_SUBNET_GROUP, || call.clone().send()).await.map(drop)
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.rds().delete_db_subnet_group().db_subnet_group_name(id);
        region.retry_while_in_use(DELETE_DB_SUBNET_GROUP, || call.clone().send()).await
    }
}
