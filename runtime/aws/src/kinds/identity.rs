//! What the kinds of IAM share: the listing of an account, documents and tags.
//!
//! One listing shows all users, user groups, roles and managed policies of the account, with the policies inside them
//! and what is attached to what: its pages are all that an account costs, however much of it is somebody else's.

pub(super) mod attached;
pub(super) mod bounded;
pub(crate) mod credentials;
pub(super) mod mark;
pub(crate) mod principals;
pub(super) mod refusals;
pub(crate) mod stripping;
pub(crate) mod unmanaged;

use std::sync::Arc;

use asiaq_ir::InlinePolicy;
use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, EntityType, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, Tag,
    UserDetail,
};

use super::name_conflict;
use super::prelude::*;
pub(super) use super::values::name_of;
use super::values::unescaped;
use crate::service::iam;

ops! { iam:
    GET_ACCOUNT_AUTHORIZATION_DETAILS = "GetAccountAuthorizationDetails", Read;
}

/// The most entries of a page of any listing of IAM.
pub(super) const PAGE: i32 = 1000;

/// The identities of an account.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    pub(super) users: Vec<UserDetail>,
    pub(super) groups: Vec<GroupDetail>,
    pub(super) roles: Vec<RoleDetail>,
    /// Without those of AWS.
    pub(super) policies: Vec<ManagedPolicyDetail>,
}

/// The identities of the account, from every page.
pub(super) async fn all(region: &Region<'_>) -> Result<Arc<Identities>> {
    cached(region.cache().map(|cache| &cache.everywhere.identities), || async {
        let kinds = [EntityType::User, EntityType::Group, EntityType::Role, EntityType::LocalManagedPolicy];
        let call = region.iam().get_account_authorization_details().set_filter(Some(kinds.into()));
        let pages = call.into_paginator().page_size(PAGE).send();
        let mut all = Identities::default();
        for page in GET_ACCOUNT_AUTHORIZATION_DETAILS.all(pages).await? {
            all.users.extend(page.user_detail_list.unwrap_or_default());
            all.groups.extend(page.group_detail_list.unwrap_or_default());
            all.roles.extend(page.role_detail_list.unwrap_or_default());
            all.policies.extend(page.policies.unwrap_or_default());
        }
        Ok(all)
    })
    .await
}

/// A policy as AWS lists it, in the form that policies of programs have. A text that is not a policy stays as it is.
pub(super) fn document(listed: Option<&str>) -> String {
    asiaq_iam::document::canonical(&unescaped(listed.unwrap_or_default()))
}

/// An inline policy in the IR's form.
pub(super) fn inline(listed: &PolicyDetail) -> Option<InlinePolicy> {
    Some(InlinePolicy { name: listed.policy_name.clone()?, document: document(listed.policy_document()) })
}

/// The permissions boundary of a role or a user.
pub(super) fn boundary(listed: Option<&AttachedPermissionsBoundary>) -> Option<asiaq_ir::Ref> {
    listed.and_then(|boundary| boundary.permissions_boundary_arn.clone()).map(asiaq_ir::Ref::Id)
}

/// The SDK's list as a map.
pub(super) fn tags(listed: &[Tag]) -> Tags {
    listed.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// A map as the SDK's list. The builder refuses only tags without a key or a value.
pub(super) fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

/// Whether a path is one of AWS's own: of service-linked roles, and of IAM Identity Center.
pub(super) fn is_of_aws(path: &str) -> bool {
    path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/")
}

/// The ARN of what a call created, or of what an earlier attempt at it created whose answer was lost.
pub(super) async fn created(
    request: &Create<'_>,
    answer: Result<String>,
    look: impl Future<Output = Result<Option<Tagged>>>,
) -> Result<String> {
    match answer {
        Err(taken) if iam.is_taken(&taken) => match look.await? {
            Some((arn, tags)) if name_conflict::is_requested(request, &tags) => Ok(arn),
            Some(_) | None => Err(taken),
        },
        answer => answer,
    }
}
