pub(super) mod boundary;

use asiaq_ir::{InlinePolicy, Ref, User};
use aws_sdk_iam::types::UserDetail;

use super::identity::attached::{self, Attached, Holder};
use super::identity::mark::NOTE_TAG;
use super::identity::{self, Identities, name_of, sdk_tags};
use super::managed_policy::stand_in;
use super::prelude::*;
use super::resource::AwsResource;
use crate::service::iam;

ops! { iam:
    GET_USER = "GetUser", Own;
    CREATE_USER = "CreateUser", Write;
    UPDATE_USER = "UpdateUser", Write;
    ATTACH_USER_POLICY = "AttachUserPolicy", Write;
    PUT_USER_POLICY = "PutUserPolicy", Write;
    ADD_USER_TO_GROUP = "AddUserToGroup", Write;
    TAG_USER = "TagUser", Write;
    UNTAG_USER = "UntagUser", Write;
    DETACH_USER_POLICY = "DetachUserPolicy", Delete;
    DELETE_USER_POLICY = "DeleteUserPolicy", Delete;
    REMOVE_USER_FROM_GROUP = "RemoveUserFromGroup", Delete;
    DELETE_USER = "DeleteUser", Delete;
}

impl AwsResource for User {
    const ACTIONS: IamActions = &[OPS, boundary::OPS, identity::OPS, identity::credentials::OPS];
    const SERVICE: &'static Service = &iam;

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let all = identity::all(region).await?;
        let found = all.users.iter().filter_map(|user| found(region, project, user, &all)).collect();
        Ok(Listed { found, ..Listed::default() })
    }

    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let call = region
            .iam()
            .create_user()
            .user_name(&self.name)
            .path(&self.path)
            .set_permissions_boundary(self.boundary.as_ref().and_then(id_of))
            .set_tags(Some(sdk_tags(request.tags)));
        let made = region.retry_until_consistent(CREATE_USER, || call.clone().send()).await;
        let arn = made.and_then(|made| Ok(CREATE_USER.part("user", made.user)?.arn));
        let arn = identity::created(request, arn, self.existing_conflict(region)).await?;
        let initial = Self { policies: [].into(), inline: [].into(), groups: [].into(), ..self.clone() };
        Ok(Created::ready(arn, initial))
    }

    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let user = GET_USER.call(region.iam().get_user().user_name(&self.name).send()).await?.user;
        Ok(user.map(|user| (user.arn.clone(), identity::tags(user.tags()))))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        tag_family::retag::<UserTags>(region, id, tags).await
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let name = name_of(id);
        if self.boundary != wanted.boundary {
            boundary::set(region, name, wanted.boundary.as_ref()).await?;
            stand_in::release(region, self.boundary.as_ref(), wanted.boundary.as_ref()).await?;
        }
        if self.path != wanted.path {
            let call = region.iam().update_user().user_name(name).new_path(&wanted.path);
            region.retry_until_consistent(UPDATE_USER, || call.clone().send()).await?;
        }
        attached::change::<Self>(region, name, attached(self), attached(wanted)).await
    }

    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let name = name_of(id);
        attached::clear::<Self>(region, name, attached(self)).await?;
        let request = region.iam().delete_user().user_name(name);
        region.retry_while_in_use(DELETE_USER, || request.clone().send()).await
    }
}

impl Holder for User {
    async fn note(region: &Region<'_>, holder: &str, note: &str) -> Result<()> {
        UserTags::set(region, holder, &Tags::from([(NOTE_TAG.to_owned(), note.to_owned())])).await
    }

    async fn attach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()> {
        let call = region.iam().attach_user_policy().user_name(holder).policy_arn(arn);
        region.retry_until_consistent(ATTACH_USER_POLICY, || call.clone().send()).await.map(drop)
    }

    async fn detach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()> {
        let call = region.iam().detach_user_policy().user_name(holder).policy_arn(arn);
        region.retry_while_in_use(DETACH_USER_POLICY, || call.clone().send()).await
    }

    async fn put(region: &Region<'_>, holder: &str, policy: &InlinePolicy) -> Result<()> {
        let call = region
            .iam()
            .put_user_policy()
            .user_name(holder)
            .policy_name(&policy.name)
            .policy_document(&policy.document);
        region.retry_until_consistent(PUT_USER_POLICY, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, holder: &str, policy: &str) -> Result<()> {
        let call = region.iam().delete_user_policy().user_name(holder).policy_name(policy);
        region.retry_while_in_use(DELETE_USER_POLICY, || call.clone().send()).await
    }

    async fn join(region: &Region<'_>, holder: &str, group: &str) -> Result<()> {
        let call = region.iam().add_user_to_group().user_name(holder).group_name(group);
        region.retry_until_consistent(ADD_USER_TO_GROUP, || call.clone().send()).await.map(drop)
    }

    async fn leave(region: &Region<'_>, holder: &str, group: &str) -> Result<()> {
        let call = region.iam().remove_user_from_group().user_name(holder).group_name(group);
        region.retry_while_in_use(REMOVE_USER_FROM_GROUP, || call.clone().send()).await
    }
}

/// What a user has.
fn attached(user: &User) -> Attached<'_> {
    Attached { policies: &user.policies, inline: &user.inline, groups: &user.groups }
}

/// What a user in the account has.
pub(super) fn listed<'a>(user: &'a UserDetail, tags: &'a Tags) -> attached::Listed<'a> {
    attached::Listed {
        note: tags.get(NOTE_TAG).map(String::as_str),
        policies: user.attached_managed_policies(),
        inline: user.user_policy_list(),
        groups: user.group_list(),
    }
}

/// A user of the project.
fn found(region: &Region<'_>, project: &str, user: &UserDetail, all: &Identities) -> Option<Found> {
    let mut tags = identity::tags(user.tags());
    let address = tags::address_in(&tags, project)?;
    let listed = listed(user, &tags);
    let arn = |name: &str| {
        let group = all.groups.iter().find(|group| group.group_name() == Some(name));
        group.and_then(|group| group.arn.clone()).map(Ref::Id)
    };
    let resource = User {
        name: user.user_name.clone()?,
        path: user.path.clone()?,
        boundary: identity::boundary(user.permissions_boundary()),
        policies: listed.own_policies(),
        inline: listed.own_inline(),
        groups: listed.own_groups().filter_map(arn).collect(),
    };
    tags.remove(NOTE_TAG);
    Some(Found {
        address,
        id: user.arn.clone()?,
        region: region.name.to_owned(),
        tags,
        resource: resource.into(),
    })
}

/// Tags of users, by name or ARN.
struct UserTags;

impl TagFamily for UserTags {
    async fn set(region: &Region<'_>, user: &str, tags: &Tags) -> Result<()> {
        let call = region.iam().tag_user().user_name(name_of(user)).set_tags(Some(sdk_tags(tags)));
        region.retry_until_consistent(TAG_USER, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, user: &str, keys: Vec<String>) -> Result<()> {
        let call = region.iam().untag_user().user_name(name_of(user)).set_tag_keys(Some(keys));
        region.retry_until_consistent(UNTAG_USER, || call.clone().send()).await.map(drop)
    }
}
