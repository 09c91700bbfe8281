mod data;
mod images;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, LaunchTemplate, Need, Needs, RegionFacts, user_data};
use aws_sdk_ec2::types::{self as sdk, ResourceType};
use futures::try_join;

pub(crate) use self::images::{
    DESCRIBE_IMAGES, DESCRIBE_KEY_PAIRS, DESCRIBE_SNAPSHOTS, GET_PARAMETERS, facts as image_facts,
    values as parameter_values,
};
pub(crate) use self::versions::{
    DELETE_LAUNCH_TEMPLATE_VERSIONS, DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, MODIFY_LAUNCH_TEMPLATE, newest_of,
};
use super::endpoints;
use super::prelude::*;
use crate::secrets;

ops! { ec2:
    DESCRIBE_LAUNCH_TEMPLATES = "DescribeLaunchTemplates", Read;
    CREATE_LAUNCH_TEMPLATE = "CreateLaunchTemplate", Write;
    DELETE_LAUNCH_TEMPLATE = "DeleteLaunchTemplate", Delete;
}

/// The newest versions of a project's templates, by AWS id.
pub(crate) async fn newest_versions(region: &Region<'_>, project: &str) -> Result<BTreeMap<String, String>> {
    let templates = LaunchTemplate::describe(region, Which::OfProject(project)).await?;
    Ok(numbers(&templates))
}

/// The newest versions of templates, by AWS id.
fn numbers(templates: &[sdk::LaunchTemplate]) -> BTreeMap<String, String> {
    let newest = templates.iter().filter_map(|template| {
        Some((template.launch_template_id.clone()?, template.latest_version_number?.to_string()))
    });
    newest.collect()
}

impl Api for LaunchTemplate {
    ec2_kind! { sdk::LaunchTemplate { launch_template_id, tags }
        also: images::OPS versions::OPS secrets::LOOKS,
        delete: DELETE_LAUNCH_TEMPLATE = delete_launch_template(launch_template_id),
    }

    const HAS_TOKEN: bool = true;

    const DESCRIBE: Operation = DESCRIBE_LAUNCH_TEMPLATES;

    async fn describe(region: &Region<'_>, which: Which<'_, Self>) -> Result<Vec<sdk::LaunchTemplate>> {
        let all = region.ec2().describe_launch_templates();
        let call = match which {
            Which::OfProject(project) => all.set_filters(region.filter_of::<Self>(project)),
            Which::Id(_) => return Ok(Vec::new()),
            Which::InPlaceOf(wanted) => {
                let call = all.launch_template_names(&wanted.name);
                let answer = DESCRIBE_LAUNCH_TEMPLATES.call(call.send()).await?;
                return Ok(answer.launch_templates.unwrap_or_default());
            }
        };
        DESCRIBE_LAUNCH_TEMPLATES.all(call.into_paginator().page_size(versions::PAGE).items().send()).await
    }

    /// Lists the project's templates with the content of their newest versions.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let templates = Self::describe(region, Which::OfProject(project)).await?;
        // AWS says the newest versions of all templates in one call, or of one in one.
        let newest = if templates.is_empty() { Vec::new() } else { versions::newest(region).await? };
        let facts = RegionFacts { newest_versions: numbers(&templates), ..RegionFacts::default() };
        let found = adapter::owned::<Self>(region, project, templates).await?.into_iter().filter_map(|one| {
            let version = newest.iter().find(|version| version.launch_template_id() == Some(&one.id))?;
            one.found(region, project, data::read(version))
        });
        Ok(Listed { found: found.collect(), facts, ..Listed::default() })
    }

    /// The images, snapshots and key pairs that a template can be made from, and the secrets that instances read.
    async fn facts(region: &Region<'_>, needs: &Needs) -> Result<RegionFacts> {
        let snapshots = async {
            if needs.contains(Need::Snapshots) { images::snapshots(region).await } else { Ok(Vec::new()) }
        };
        let key_pairs = images::key_pairs(region, needs);
        let secrets = async { Ok(secrets::states(region, needs).await) };
        let (images, snapshots, key_pairs, secrets) =
            try_join!(images::facts(region, needs), snapshots, key_pairs, secrets)?;
        Ok(RegionFacts { snapshots, key_pairs, secrets, ..images })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let filled = Box::pin(filled_in(region, self)).await?;
        let call = region
            .non_idempotent_client()
            .create_launch_template()
            .client_token(request.token)
            .launch_template_name(&self.name)
            .launch_template_data(data::write(&filled))
            .set_tag_specifications(tags::tag_specifications(ResourceType::LaunchTemplate, request.tags));
        let made = region.retry_until_consistent(CREATE_LAUNCH_TEMPLATE, || call.clone().send()).await?;
        let id = made.launch_template.and_then(|template| template.launch_template_id);
        Ok(Created::ready(CREATE_LAUNCH_TEMPLATE.part("id", id)?, self.clone()))
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self == wanted {
            return Ok(());
        }
        let filled = Box::pin(filled_in(region, wanted)).await?;
        let newest = Box::pin(versions::add(region, id, data::write(&filled))).await?;
        versions::make_default(region, id, newest).await?;
        versions::prune(region, id).await
    }
}

/// A launch template with the endpoints in its user data.
async fn filled_in(region: &Region<'_>, template: &LaunchTemplate) -> Result<LaunchTemplate> {
    let mut filled = template.clone();
    for endpoint in &template.endpoints {
        let address = Address::parse(&endpoint.address);
        let id = CREATE_LAUNCH_TEMPLATE.part("id", endpoint.of.id())?;
        let name = endpoints::of(region, &address, id).await?;
        let name = CREATE_LAUNCH_TEMPLATE.part("endpoint", name)?;
        filled.user_data = filled.user_data.replace(&user_data::endpoint_place(&endpoint.address), &name);
    }
    filled.endpoints = BTreeSet::new();
    Ok(filled)
}
