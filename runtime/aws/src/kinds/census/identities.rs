//! Identities, from the one listing of an account.

use std::collections::BTreeSet;

use asiaq_ir::{Kind, PROJECT_TAG};
use asiaq_runtime::{Result, Sighting};
use aws_sdk_iam::types::RoleDetail;

use super::super::identity::{self, PAGE, is_of_aws, name_of};
use super::super::instance_profile::{self, LIST_INSTANCE_PROFILES};
use super::super::{managed_policy, saml_provider, user_group};
use super::named;
use crate::operation::Operation;
use crate::region::Region;
use crate::tag_index;
use crate::tags::Tags;

/// The operations that list them.
pub(super) const LISTS: &[Operation] = &[
    identity::GET_ACCOUNT_AUTHORIZATION_DETAILS,
    LIST_INSTANCE_PROFILES,
    saml_provider::LIST_SAML_PROVIDERS,
];

/// An identity of the account at a path.
fn at_path(
    region: &Region<'_>,
    kind: Kind,
    arn: Option<&str>,
    path: Option<&str>,
    tags: Tags,
) -> Option<Sighting> {
    let of_aws = path.filter(|path| is_of_aws(path)).map(|path| {
        if path.starts_with("/aws-reserved/") { "of IAM Identity Center" } else { "of a service" }.to_owned()
    });
    let seen = named(region, kind, arn, arn.map(name_of), tags)?;
    Some(Sighting { of_aws, ..seen })
}

pub(super) async fn roles(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = identity::all(region).await?;
    let seen = all.roles.iter();
    Ok(seen
        .filter_map(|one| at_path(region, Kind::Role, one.arn(), one.path(), identity::tags(one.tags())))
        .collect())
}

pub(super) async fn users(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = identity::all(region).await?;
    let seen = all.users.iter();
    Ok(seen
        .filter_map(|one| at_path(region, Kind::User, one.arn(), one.path(), identity::tags(one.tags())))
        .collect())
}

/// AWS does not tag user groups: an inline policy is asiaq's mark.
pub(super) async fn groups(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = identity::all(region).await?;
    let seen = all.groups.iter();
    Ok(seen
        .filter_map(|one| at_path(region, Kind::UserGroup, one.arn(), one.path(), user_group::tags_of(one)))
        .collect())
}

/// The tags are in the index. A policy that asiaq has made and that the index lacks is asked itself.
pub(super) async fn policies(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let all = identity::all(region).await?;
    let index = tag_index::every_identity(region).await?;
    let mut seen = Vec::new();
    for one in &all.policies {
        let Some(arn) = one.arn() else { continue };
        let tags = match index.get(arn) {
            None if managed_policy::is_marked(one) => managed_policy::tags_of(region, arn).await?,
            known => known.cloned(),
        };
        seen.extend(at_path(region, Kind::ManagedPolicy, Some(arn), one.path(), tags.unwrap_or_default()));
    }
    Ok(seen)
}

/// The same; asiaq has made a profile if it has made the role in it.
pub(super) async fn profiles(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let pages = region.iam().list_instance_profiles().into_paginator().page_size(PAGE).items().send();
    let all = LIST_INSTANCE_PROFILES.all(pages).await?;
    let index = tag_index::every_identity(region).await?;
    let roles = identity::all(region).await?;
    let is_made = |role: &&RoleDetail| identity::tags(role.tags()).contains_key(PROJECT_TAG);
    let made: BTreeSet<&str> = roles.roles.iter().filter(is_made).filter_map(RoleDetail::arn).collect();
    let mut seen = Vec::new();
    for one in &all {
        let tags = match index.get(&one.arn) {
            None if one.roles().iter().any(|role| made.contains(role.arn())) => {
                let profile = instance_profile::look(region, name_of(&one.arn)).await?;
                profile.map(|profile| identity::tags(profile.tags()))
            }
            known => known.cloned(),
        };
        let (arn, path) = (Some(one.arn()), Some(one.path()));
        seen.extend(at_path(region, Kind::InstanceProfile, arn, path, tags.unwrap_or_default()));
    }
    Ok(seen)
}

pub(super) async fn providers(region: &Region<'_>) -> Result<Vec<Sighting>> {
    let arns = saml_provider::arns(region).await?;
    let index = tag_index::every_identity(region).await?;
    let seen = arns.iter().filter_map(|arn| {
        let tags = index.get(arn).cloned().unwrap_or_default();
        // IAM Identity Center makes one.
        let path = name_of(arn).starts_with("AWSSSO_").then_some("/aws-reserved/");
        at_path(region, Kind::SamlProvider, Some(arn), path, tags)
    });
    Ok(seen.collect())
}
