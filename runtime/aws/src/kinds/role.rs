pub(super) mod boundary;

use std::collections::BTreeMap;

use asiaq_ir::{InlinePolicy, Role};
use aws_sdk_iam::types::{self as sdk, RoleDetail};

use super::identity::attached::{self, Attached, Holder, NONE};
use super::identity::mark::NOTE_TAG;
use super::identity::{self, PAGE, document, is_of_aws, name_of, sdk_tags};
use super::managed_policy::stand_in;
use super::prelude::*;
use super::resource::AwsResource;
use crate::service::iam;

ops! { iam:
    LIST_ROLES = "ListRoles", Own;
    GET_ROLE = "GetRole", Own;
    CREATE_ROLE = "CreateRole", Write;
    UPDATE_ROLE = "UpdateRole", Write;
    UPDATE_ASSUME_ROLE_POLICY = "UpdateAssumeRolePolicy", Write;
    ATTACH_ROLE_POLICY = "AttachRolePolicy", Write;
    PUT_ROLE_POLICY = "PutRolePolicy", Write;
    TAG_ROLE = "TagRole", Write;
    UNTAG_ROLE = "UntagRole", Write;
    DETACH_ROLE_POLICY = "DetachRolePolicy", Delete;
    DELETE_ROLE_POLICY = "DeleteRolePolicy", Delete;
    DELETE_ROLE = "DeleteRole", Delete;
}

/// The longest session of a role for which nothing is said.
const MAX_SESSION: i32 = 3600;

impl AwsResource for Role {
    const ACTIONS: IamActions = &[OPS, boundary::OPS, identity::OPS];
    const SERVICE: &'static Service = &iam;

    /// The listing of all identities lacks two settings of roles, which the listing of roles has.
    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let all = identity::all(region).await?;
        let own: Vec<Found> = all.roles.iter().filter_map(|role| found(region, project, role)).collect();
        if own.is_empty() {
            return Ok(Listed::default());
        }
        let pages = region.iam().list_roles().into_paginator().page_size(PAGE).items().send();
        let settings: BTreeMap<String, sdk::Role> =
            LIST_ROLES.all(pages).await?.into_iter().map(|role| (role.arn.clone(), role)).collect();
        let with_settings = own.into_iter().filter_map(|mut found| {
            let settings = settings.get(&found.id)?;
            let asiaq_ir::Resource::Role(role) = &mut found.resource else { return None };
            role.description = settings.description.clone().filter(|text| !text.is_empty());
            role.max_session = unsigned(settings.max_session_duration.unwrap_or(MAX_SESSION));
            Some(found)
        });
        Ok(Listed { found: with_settings.collect(), ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .iam()
            .create_role()
            .role_name(&self.name)
            .path(&self.path)
            .set_description(self.description.clone())
            .assume_role_policy_document(&self.trust)
            .max_session_duration(signed(self.max_session))
            .set_permissions_boundary(self.boundary.as_ref().and_then(id_of))
            .set_tags(Some(sdk_tags(request.tags)));
        let made = region.retry_until_consistent(CREATE_ROLE, || call.clone().send()).await;
        let arn = made.and_then(|made| Ok(CREATE_ROLE.part("role", made.role)?.arn));
        let arn = identity::created(request, arn, self.existing_conflict(region)).await?;
        let initial = Self { policies: [].into(), inline: [].into(), ..self.clone() };
        Ok(Created::ready(arn, initial))
    }

    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let role = GET_ROLE.call(region.iam().get_role().role_name(&self.name).send()).await?.role;
        Ok(role.map(|role| (role.arn.clone(), identity::tags(role.tags()))))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        tag_family::retag::<RoleTags>(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let name = name_of(id);
        if self.boundary != wanted.boundary {
            boundary::set(region, name, wanted.boundary.as_ref()).await?;
            stand_in::release(region, self.boundary.as_ref(), wanted.boundary.as_ref()).await?;
        }
        if self.trust != wanted.trust {
            let call =
                region.iam().update_assume_role_policy().role_name(name).policy_document(&wanted.trust);
            region.retry_until_consistent(UPDATE_ASSUME_ROLE_POLICY, || call.clone().send()).await?;
        }
        if self.description != wanted.description || self.max_session != wanted.max_session {
            // What a call leaves out gets AWS's default, or stays.
            let call = region
                .iam()
                .update_role()
                .role_name(name)
                .description(wanted.description.as_deref().unwrap_or_default())
                .max_session_duration(signed(wanted.max_session));
            region.retry_until_consistent(UPDATE_ROLE, || call.clone().send()).await?;
        }
        attached::change::<Self>(region, name, attached(self), attached(wanted)).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let name = name_of(id);
        attached::clear::<Self>(region, name, attached(self)).await?;
        let request = region.iam().delete_role().role_name(name);
        region.retry_while_in_use(DELETE_ROLE, || request.clone().send()).await
    }
}

impl Holder for Role {
    async fn note(region: &Region<'_>, holder: &str, note: &str) -> Result<()> {
        RoleTags::set(region, holder, &Tags::from([(NOTE_TAG.to_owned(), note.to_owned())])).await
    }

    async fn attach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()> {
        let call = region.iam().attach_role_policy().role_name(holder).policy_arn(arn);
        region.retry_until_consistent(ATTACH_ROLE_POLICY, || call.clone().send()).await.map(drop)
    }

    async fn detach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()> {
        let call = region.iam().detach_role_policy().role_name(holder).policy_arn(arn);
        region.retry_while_in_use(DETACH_ROLE_POLICY, || call.clone().send()).await
    }

    async fn put(region: &Region<'_>, holder: &str, policy: &InlinePolicy) -> Result<()> {
        let call = region
            .iam()
            .put_role_policy()
            .role_name(holder)
            .policy_name(&policy.name)
            .policy_document(&policy.document);
        region.retry_until_consistent(PUT_ROLE_POLICY, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, holder: &str, policy: &str) -> Result<()> {
        let call = region.iam().delete_role_policy().role_name(holder).policy_name(policy);
        region.retry_while_in_use(DELETE_ROLE_POLICY, || call.clone().send()).await
    }
}

/// What a role has.
fn attached(role: &Role) -> Attached<'_> {
    Attached { policies: &role.policies, inline: &role.inline, groups: NONE }
}

/// What a role in the account has.
pub(super) fn listed<'a>(role: &'a RoleDetail, tags: &'a Tags) -> attached::Listed<'a> {
    attached::Listed {
        note: tags.get(NOTE_TAG).map(String::as_str),
        policies: role.attached_managed_policies(),
        inline: role.role_policy_list(),
        groups: &[],
    }
}

/// A role of the project, without the settings that the listing lacks.
fn found(region: &Region<'_>, project: &str, role: &RoleDetail) -> Option<Found> {
    let mut tags = identity::tags(role.tags());
    let address = tags::address_in(&tags, project)?;
    let path = role.path.clone().filter(|path| !is_of_aws(path))?;
    let listed = listed(role, &tags);
    let resource = Role {
        name: role.role_name.clone()?,
        path,
        description: None,
        trust: document(role.assume_role_policy_document()),
        max_session: unsigned(MAX_SESSION),
        boundary: identity::boundary(role.permissions_boundary()),
        policies: listed.own_policies(),
        inline: listed.own_inline(),
    };
    tags.remove(NOTE_TAG);
    Some(Found {
        address,
        id: role.arn.clone()?,
        region: region.name.to_owned(),
        tags,
        resource: resource.into(),
    })
}

/// Tags of roles, by name or ARN.
struct RoleTags;

impl TagFamily for RoleTags {
    async fn set(region: &Region<'_>, role: &str, tags: &Tags) -> Result<()> {
        let call = region.iam().tag_role().role_name(name_of(role)).set_tags(Some(sdk_tags(tags)));
        region.retry_until_consistent(TAG_ROLE, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, role: &str, keys: Vec<String>) -> Result<()> {
        let call = region.iam().untag_role().role_name(name_of(role)).set_tag_keys(Some(keys));
        region.retry_until_consistent(UNTAG_ROLE, || call.clone().send()).await.map(drop)
    }
}
