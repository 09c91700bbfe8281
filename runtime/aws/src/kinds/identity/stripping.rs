//! Takes away what keeps AWS from deleting an identity that nobody manages, beside the policies that it has: credentials,
//! members, instance profiles, and who has a policy.

use asiaq_ir::{Resource, Role, User, UserGroup};

use super::attached::Holder;
use super::bounded::Bounded;
use super::credentials;
use crate::kinds::instance_profile;
use crate::kinds::prelude::*;
use crate::kinds::user_group::GET_GROUP;
use crate::service::iam;

ops! { iam:
    LIST_ENTITIES_FOR_POLICY = "ListEntitiesForPolicy", Delete;
    LIST_INSTANCE_PROFILES_FOR_ROLE = "ListInstanceProfilesForRole", Delete;
}

/// Strips the identity with this ARN.
pub(in crate::kinds) async fn strip(region: &Region<'_>, id: &str, live: &Resource) -> Result<()> {
    let stripped = match live {
        Resource::Role(role) => of_role(region, &role.name).await,
        Resource::User(user) => credentials::remove(region, &user.name).await,
        Resource::UserGroup(group) => of_group(region, &group.name).await,
        Resource::ManagedPolicy(_) => of_policy(region, id).await,
        _ => Ok(()),
    };
    // An earlier attempt may have deleted it.
    iam.found(stripped).map(drop)
}

async fn of_role(region: &Region<'_>, role: &str) -> Result<()> {
    let pages = region.iam().list_instance_profiles_for_role().role_name(role).into_paginator();
    let profiles = LIST_INSTANCE_PROFILES_FOR_ROLE.all(pages.items().send()).await?;
    for profile in profiles {
        instance_profile::take_out(region, &profile.instance_profile_name, role).await?;
    }
    Ok(())
}

async fn of_group(region: &Region<'_>, group: &str) -> Result<()> {
    let pages = region.iam().get_group().group_name(group).into_paginator().items().send();
    let members = GET_GROUP.all(pages).await?;
    for member in members {
        User::leave(region, &member.user_name, group).await?;
    }
    Ok(())
}

async fn of_policy(region: &Region<'_>, arn: &str) -> Result<()> {
    let pages = region.iam().list_entities_for_policy().policy_arn(arn).into_paginator().send();
    let holders = LIST_ENTITIES_FOR_POLICY.all(pages).await?;
    for page in &holders {
        for name in page.policy_users().iter().filter_map(|user| user.user_name()) {
            User::detach(region, name, arn).await?;
        }
        for name in page.policy_groups().iter().filter_map(|group| group.group_name()) {
            UserGroup::detach(region, name, arn).await?;
        }
        for name in page.policy_roles().iter().filter_map(|role| role.role_name()) {
            Role::detach(region, name, arn).await?;
        }
    }
    bounds(region, arn).await
}

/// Removes a policy where it is a permissions boundary.
async fn bounds(region: &Region<'_>, arn: &str) -> Result<()> {
    let all = super::all(region).await?;
    for one in Bounded::by(&all, arn) {
        one.set(region, None).await?;
    }
    Ok(())
}
