use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{DatabaseParameterGroup, Parameter};
use aws_sdk_rds::types::{ApplyMethod, DbParameterGroup as Live, Parameter as Sdk};

use super::database::group_tags::{self, ParameterGroupTags};
use super::prelude::*;

ops! { rds:
    DESCRIBE_DB_PARAMETER_GROUPS = "DescribeDBParameterGroups", Read;
    DESCRIBE_DB_PARAMETERS = "DescribeDBParameters", Own;
    CREATE_DB_PARAMETER_GROUP = "CreateDBParameterGroup", Write;
    MODIFY_DB_PARAMETER_GROUP = "ModifyDBParameterGroup", Write;
    RESET_DB_PARAMETER_GROUP = "ResetDBParameterGroup", Write;
    DELETE_DB_PARAMETER_GROUP = "DeleteDBParameterGroup", Delete;
}

/// What the description of every group of asiaq begins with.
pub(super) const MARK: &str = "Parameters of the database ";
/// Another group has the name.
pub(super) const TAKEN: &str = "DBParameterGroupAlreadyExists";
/// Parameters that one call changes ("`ModifyDBParameterGroup`" of the API reference).
pub(super) const BATCH: usize = 20;

impl Api for DatabaseParameterGroup {
    type Live = Live;
    type Tags = ParameterGroupTags;

    const OPERATIONS: IamActions = &[OPS, group_tags::OPS];
    const DESCRIBE: Operation = DESCRIBE_DB_PARAMETER_GROUPS;
    const UNIQUE_NAME: Option<UniqueName<Self>> =
        Some(UniqueName(CREATE_DB_PARAMETER_GROUP, TAKEN, |group| &group.name));

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<Live>> {
        let call = region.rds().describe_db_parameter_groups();
        let (call, is_all) = match which {
            Which::OfProject(_) => (call, true),
            Which::Id(name) => (call.db_parameter_group_name(name), false),
            Which::InPlaceOf(wanted) => (call.db_parameter_group_name(&wanted.name), false),
        };
        let groups = DESCRIBE_DB_PARAMETER_GROUPS.all(call.into_paginator().items().send()).await?;
        let may_be_own =
            |group: &Live| !is_all || group.description().is_some_and(|text| text.starts_with(MARK));
        Ok(groups.into_iter().filter(may_be_own).collect())
    }

    fn id(group: &Live) -> Option<&str> {
        group.db_parameter_group_name()
    }

    fn tag_key(group: &Live) -> Option<&str> {
        group.db_parameter_group_arn()
    }

    async fn read(region: &Region<'_>, group: &Live) -> Result<Option<Self>> {
        let Some(name) = group.db_parameter_group_name.clone() else { return Ok(None) };
        let Some(own) = own(region, &name).await? else { return Ok(None) };
        Ok(Some(Self {
            name,
            family: group.db_parameter_group_family.clone().unwrap_or_default(),
            description: group.description.clone().unwrap_or_default(),
            parameters: own,
        }))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .rds()
            .create_db_parameter_group()
            .db_parameter_group_name(&self.name)
            .db_parameter_group_family(&self.family)
            .description(&self.description)
            .set_tags(group_tags::list(request.tags));
        CREATE_DB_PARAMETER_GROUP.call(call.send()).await?;
        Ok(Created::ready(&self.name, Self { parameters: BTreeSet::new(), ..self.clone() }))
    }

    /// What is not declared any more is reset to the engine's default. Whether a value comes in force at once depends on
    /// the parameter: a static one waits for a reboot.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let known = known(region, id).await?;
        let (reset, set) = changes(&known, &wanted.family, &self.parameters, &wanted.parameters)?;
        for batch in reset.chunks(BATCH) {
            let call = region
                .rds()
                .reset_db_parameter_group()
                .db_parameter_group_name(id)
                .reset_all_parameters(false)
                .set_parameters(Some(batch.to_vec()));
            region.retry_while_in_use(RESET_DB_PARAMETER_GROUP, || call.clone().send()).await?;
        }
        for batch in set.chunks(BATCH) {
            let call = region
                .rds()
                .modify_db_parameter_group()
                .db_parameter_group_name(id)
                .set_parameters(Some(batch.to_vec()));
            region.retry_while_in_use(MODIFY_DB_PARAMETER_GROUP, || call.clone().send()).await?;
        }
        Ok(())
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let call = region.rds().delete_db_parameter_group().db_parameter_group_name(id);
        region.retry_while_in_use(DELETE_DB_PARAMETER_GROUP, || call.clone().send()).await
    }
}

/// The parameters of a group that are not the engine's default; none where there is no such group.
pub(crate) async fn own(region: &Region<'_>, group: &str) -> Result<Option<BTreeSet<Parameter>>> {
    let call = region.rds().describe_db_parameters().db_parameter_group_name(group).source("user");
    let own = DESCRIBE_DB_PARAMETERS.all(call.into_paginator().items().send()).await;
    let Some(own) = crate::service::rds.found(own)? else { return Ok(None) };
    let own = own
        .into_iter()
        .filter_map(|one| Some(Parameter { name: one.parameter_name?, value: one.parameter_value? }));
    Ok(Some(own.collect()))
}

/// The parameters that there are in a group, by name.
async fn known(region: &Region<'_>, group: &str) -> Result<BTreeMap<String, Sdk>> {
    let call = region.rds().describe_db_parameters().db_parameter_group_name(group);
    let all = DESCRIBE_DB_PARAMETERS.all(call.into_paginator().items().send()).await?;
    Ok(all.into_iter().filter_map(|one| Some((one.parameter_name.clone()?, one))).collect())
}

/// The parameters to reset, and those to set.
pub(super) fn changes(
    known: &BTreeMap<String, Sdk>,
    family: &str,
    live: &BTreeSet<Parameter>,
    wanted: &BTreeSet<Parameter>,
) -> Result<(Vec<Sdk>, Vec<Sdk>)> {
    let is_kept = |name: &str| wanted.iter().any(|one| one.name == name);
    let gone = live.iter().filter(|one| !is_kept(&one.name));
    let reset = gone.map(|one| changed(known, family, &one.name, None)).collect::<Result<_>>()?;
    let new = wanted.difference(live);
    let set = new.map(|one| changed(known, family, &one.name, Some(&one.value))).collect::<Result<_>>()?;
    Ok((reset, set))
}

/// A parameter with a new value, or to be reset.
fn changed(known: &BTreeMap<String, Sdk>, family: &str, name: &str, value: Option<&str>) -> Result<Sdk> {
    let Some(there) = known.get(name) else {
        let message = format!("`{family}` has no parameter `{name}`");
        return Err(MODIFY_DB_PARAMETER_GROUP.refused(message));
    };
    if there.is_modifiable == Some(false) && value.is_some() {
        let message = format!("AWS lets nobody change the parameter `{name}` of `{family}`");
        return Err(MODIFY_DB_PARAMETER_GROUP.refused(message));
    }
    let method = match there.apply_type() {
        Some("static") => ApplyMethod::PendingReboot,
        _ => ApplyMethod::Immediate,
    };
    let value = value.map(ToOwned::to_owned);
    Ok(Sdk::builder().parameter_name(name).set_parameter_value(value).apply_method(method).build())
}
