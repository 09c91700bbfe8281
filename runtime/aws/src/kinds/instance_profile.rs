use std::collections::BTreeSet;

use asiaq_ir::{InstanceProfile, Ref};
use aws_sdk_iam::types as sdk;

use super::identity::{self, PAGE, name_of, sdk_tags};
use super::prelude::*;
use super::resource::AwsResource;
use crate::service::iam;
use crate::tag_index;

ops! { iam:
    LIST_INSTANCE_PROFILES = "ListInstanceProfiles", Read;
    GET_INSTANCE_PROFILE = "GetInstanceProfile", Read;
    CREATE_INSTANCE_PROFILE = "CreateInstanceProfile", Write;
    ADD_ROLE_TO_INSTANCE_PROFILE = "AddRoleToInstanceProfile", Write;
    TAG_INSTANCE_PROFILE = "TagInstanceProfile", Write;
    UNTAG_INSTANCE_PROFILE = "UntagInstanceProfile", Write;
    // AWS asks for it where a profile gets its role.
    PASS_ROLE = "PassRole", Write;
    REMOVE_ROLE_FROM_INSTANCE_PROFILE = "RemoveRoleFromInstanceProfile", Delete;
    DELETE_INSTANCE_PROFILE = "DeleteInstanceProfile", Delete;
}

impl AwsResource for InstanceProfile {
    const ACTIONS: IamActions = &[OPS, identity::OPS];
    const SERVICE: &'static Service = &iam;

    /// No listing shows the tags of instance profiles, and the index of tags lags behind: the tags of those are asked for
    /// whose role is the project's or that have none.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let all = identity::all(region).await?;
        let index = tag_index::identities(region).await?;
        let pages = region.iam().list_instance_profiles().into_paginator().page_size(PAGE).items().send();
        let profiles: Vec<sdk::InstanceProfile> = LIST_INSTANCE_PROFILES.all(pages).await?;
        let is_own =
            |role: &&sdk::RoleDetail| tags::address_in(&identity::tags(role.tags()), project).is_some();
        let own: BTreeSet<&str> = all.roles.iter().filter(is_own).filter_map(sdk::RoleDetail::arn).collect();
        let is_any = |profile: &&sdk::InstanceProfile| {
            index.contains_key(&profile.arn)
                || profile.roles.is_empty()
                || profile.roles.iter().any(|role| own.contains(role.arn.as_str()))
        };
        let arns = profiles.iter().filter(is_any).map(|profile| profile.arn.clone()).collect();
        let mut tags = tag_index::from(&index, arns, async |arn: String| {
            let profile = look(region, name_of(&arn)).await?;
            Ok(profile.map(|profile| identity::tags(profile.tags())))
        })
        .await?;
        let found = profiles.into_iter().filter_map(|profile| {
            let tags = tags.remove(&profile.arn)?;
            let (address, region) = (tags::address_in(&tags, project)?, region.name.to_owned());
            let resource = read(&profile).into();
            Some(Found { address, id: profile.arn, region, tags, resource })
        });
        Ok(Listed { found: found.collect(), ..Listed::default() })
    }

    async fn tags(region: &Region<'_>, id: &str) -> Result<Option<Tags>> {
        Ok(look(region, name_of(id)).await?.map(|profile| identity::tags(profile.tags())))
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .iam()
            .create_instance_profile()
            .instance_profile_name(&self.name)
            .path(&self.path)
            .set_tags(Some(sdk_tags(request.tags)));
        let made = CREATE_INSTANCE_PROFILE.call(call.send()).await;
        let arn =
            made.and_then(|made| Ok(CREATE_INSTANCE_PROFILE.part("profile", made.instance_profile)?.arn));
        let arn = identity::created(request, arn, self.existing_conflict(region)).await?;
        Ok(Created::ready(arn, Self { role: None, ..self.clone() }))
    }

    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let profile = look(region, &self.name).await?;
        Ok(profile.map(|profile| (profile.arn.clone(), identity::tags(profile.tags()))))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        tag_family::retag::<ProfileTags>(region, id, tags).await
    }

    /// A profile has one role at most.
    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        if self.role == wanted.role {
            return Ok(());
        }
        if let Some(role) = self.role.as_ref().and_then(Ref::id) {
            take_out(region, name_of(id), name_of(role)).await?;
        }
        match &wanted.role {
            Some(role) => put_in(region, name_of(id), role).await,
            None => Ok(()),
        }
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let name = name_of(id);
        if let Some(role) = self.role.as_ref().and_then(Ref::id) {
            take_out(region, name, name_of(role)).await?;
        }
        let request = region.iam().delete_instance_profile().instance_profile_name(name);
        region.retry_while_in_use(DELETE_INSTANCE_PROFILE, || request.clone().send()).await
    }
}

fn read(profile: &sdk::InstanceProfile) -> InstanceProfile {
    InstanceProfile {
        name: profile.instance_profile_name.clone(),
        path: profile.path.clone(),
        role: profile.roles.first().map(|role| Ref::Id(role.arn.clone())),
    }
}

/// The profile of a name; none where there is none.
pub(super) async fn look(region: &Region<'_>, name: &str) -> Result<Option<sdk::InstanceProfile>> {
    let call = region.iam().get_instance_profile().instance_profile_name(name);
    let answer = GET_INSTANCE_PROFILE.call(call.send()).await;
    Ok(iam.found(answer)?.and_then(|answer| answer.instance_profile))
}

/// Gives a profile its role. If the answer to an earlier attempt was lost, it has it.
async fn put_in(region: &Region<'_>, name: &str, role: &Ref) -> Result<()> {
    let arn = role.id().unwrap_or_default();
    let call =
        region.iam().add_role_to_instance_profile().instance_profile_name(name).role_name(name_of(arn));
    match region.retry_until_consistent(ADD_ROLE_TO_INSTANCE_PROFILE, || call.clone().send()).await {
        Err(full) if full.code == "LimitExceeded" => {
            let has_it =
                look(region, name).await?.is_some_and(|profile| read(&profile).role.as_ref() == Some(role));
            if has_it { Ok(()) } else { Err(full) }
        }
        done => done.map(drop),
    }
}

/// Takes a role, by name, out of a profile. That it is not there is no error.
pub(super) async fn take_out(region: &Region<'_>, name: &str, role: &str) -> Result<()> {
    let call = region.iam().remove_role_from_instance_profile().instance_profile_name(name).role_name(role);
    region.retry_while_in_use(REMOVE_ROLE_FROM_INSTANCE_PROFILE, || call.clone().send()).await
}

/// Tags of instance profiles, by ARN.
struct ProfileTags;

impl TagFamily for ProfileTags {
    async fn set(region: &Region<'_>, arn: &str, tags: &Tags) -> Result<()> {
        let call = region
            .iam()
            .tag_instance_profile()
            .instance_profile_name(name_of(arn))
            .set_tags(Some(sdk_tags(tags)));
        region.retry_until_consistent(TAG_INSTANCE_PROFILE, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, arn: &str, keys: Vec<String>) -> Result<()> {
        let call = region
            .iam()
            .untag_instance_profile()
            .instance_profile_name(name_of(arn))
            .set_tag_keys(Some(keys));
        region.retry_until_consistent(UNTAG_INSTANCE_PROFILE, || call.clone().send()).await.map(drop)
    }
}
