use asiaq_ir::{ADDRESS_TAG, InlinePolicy, PROJECT_TAG, UserGroup};
use aws_sdk_iam::types::{GroupDetail, PolicyDetail};

use super::identity::attached::{self, Attached, Holder, NONE};
use super::identity::mark::NOTE_TAG;
use super::identity::{self, mark, name_of};
use super::prelude::*;
use super::resource::AwsResource;
use super::values::unescaped;
use crate::service::iam;

ops! { iam:
    GET_GROUP = "GetGroup", Own;
    GET_GROUP_POLICY = "GetGroupPolicy", Own;
    CREATE_GROUP = "CreateGroup", Write;
    ATTACH_GROUP_POLICY = "AttachGroupPolicy", Write;
    UPDATE_GROUP = "UpdateGroup", Delete;
    PUT_GROUP_POLICY = "PutGroupPolicy", Delete;
    DETACH_GROUP_POLICY = "DetachGroupPolicy", Delete;
    DELETE_GROUP_POLICY = "DeleteGroupPolicy", Delete;
    DELETE_GROUP = "DeleteGroup", Delete;
}

impl AwsResource for UserGroup {
    const ACTIONS: IamActions = &[OPS, identity::OPS];
    const SERVICE: &'static Service = &iam;

    async fn list(region: &Region<'_>, project: &str) -> Result<Listed> {
        let all = identity::all(region).await?;
        let found = all.groups.iter().filter_map(|group| found(region, project, group)).collect();
        Ok(Listed { found, ..Listed::default() })
    }

    /// A group is created at a path that marks it, since the call that creates it cannot do so otherwise.
    async fn create(&self, region: &Region<'_>, request: &Create<'_>) -> Result<Created<Self>> {
        let path = mark::path(request.tags, &self.name);
        let call = region.iam().create_group().group_name(&self.name).path(path);
        let group = match CREATE_GROUP.call(call.send()).await {
            Err(taken) if iam.is_taken(&taken) => {
                let (group, tags) = look(region, &self.name).await?;
                let is_same = |key: &str| tags.contains_key(key) && tags.get(key) == request.tags.get(key);
                if is_same(PROJECT_TAG) && is_same(ADDRESS_TAG) { group } else { return Err(taken) }
            }
            made => CREATE_GROUP.part("group", made?.group)?,
        };
        // Its ARN changes with its path.
        let arn = match group.arn.strip_suffix(&format!("{}{}", group.path, self.name)) {
            Some(start) => format!("{start}{}{}", self.path, self.name),
            None => group.arn.clone(),
        };
        leave_marked_path(region, &self.name, &group.path, &self.path).await?;
        let initial = Self { policies: [].into(), inline: [].into(), ..self.clone() };
        Ok(Created::ready(arn, initial))
    }

    async fn existing_conflict(&self, region: &Region<'_>) -> Result<Option<Tagged>> {
        let (group, tags) = look(region, &self.name).await?;
        Ok(Some((group.arn, tags)))
    }

    async fn retag(region: &Region<'_>, id: &str, tags: TagChange<'_>) -> Result<()> {
        if tags.set.is_empty() { Ok(()) } else { write_mark(region, name_of(id), tags.set).await }
    }

    async fn update(&self, region: &Region<'_>, id: &str, wanted: &Self) -> Result<()> {
        let name = name_of(id);
        if self.path != wanted.path {
            leave_marked_path(region, name, &self.path, &wanted.path).await?;
        }
        attached::change::<Self>(region, name, attached(self), attached(wanted)).await
    }

    /// AWS deletes no group with a policy, so that its path marks it until it is gone.
    async fn delete(&self, region: &Region<'_>, id: &str) -> Result<()> {
        let name = name_of(id);
        let Some((_, tags)) = iam.found(look(region, name).await)? else { return Ok(()) };
        attached::clear::<Self>(region, name, attached(self)).await?;
        if mark::of_path(&self.path).is_empty() {
            set_path(region, name, &mark::path(&tags, name)).await?;
        }
        Self::remove(region, name, mark::NAME).await?;
        let request = region.iam().delete_group().group_name(name);
        region.retry_while_in_use(DELETE_GROUP, || request.clone().send()).await
    }
}

impl Holder for UserGroup {
    async fn note(region: &Region<'_>, holder: &str, note: &str) -> Result<()> {
        write_mark(region, holder, &Tags::from([(NOTE_TAG.to_owned(), note.to_owned())])).await
    }

    async fn attach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()> {
        let call = region.iam().attach_group_policy().group_name(holder).policy_arn(arn);
        region.retry_until_consistent(ATTACH_GROUP_POLICY, || call.clone().send()).await.map(drop)
    }

    async fn detach(region: &Region<'_>, holder: &str, arn: &str) -> Result<()> {
        let call = region.iam().detach_group_policy().group_name(holder).policy_arn(arn);
        region.retry_while_in_use(DETACH_GROUP_POLICY, || call.clone().send()).await
    }

    async fn put(region: &Region<'_>, holder: &str, policy: &InlinePolicy) -> Result<()> {
        let call = region
            .iam()
            .put_group_policy()
            .group_name(holder)
            .policy_name(&policy.name)
            .policy_document(&policy.document);
        region.retry_until_consistent(PUT_GROUP_POLICY, || call.clone().send()).await.map(drop)
    }

    async fn remove(region: &Region<'_>, holder: &str, policy: &str) -> Result<()> {
        let call = region.iam().delete_group_policy().group_name(holder).policy_name(policy);
        region.retry_while_in_use(DELETE_GROUP_POLICY, || call.clone().send()).await
    }
}

/// What a user group has.
fn attached(group: &UserGroup) -> Attached<'_> {
    Attached { policies: &group.policies, inline: &group.inline, groups: NONE }
}

/// What a user group in the account has.
pub(super) fn listed<'a>(group: &'a GroupDetail, tags: &'a Tags) -> attached::Listed<'a> {
    attached::Listed {
        note: tags.get(NOTE_TAG).map(String::as_str),
        policies: group.attached_managed_policies(),
        inline: group.group_policy_list(),
        groups: &[],
    }
}

/// What the mark of a user group in the account says.
pub(super) fn tags_of(group: &GroupDetail) -> Tags {
    let is_mark = |policy: &&PolicyDetail| policy.policy_name() == Some(mark::NAME);
    let policy = group.group_policy_list().iter().find(is_mark).and_then(PolicyDetail::policy_document);
    mark::said(policy.map(unescaped).as_deref(), group.path().unwrap_or_default())
}

/// A user group of the project.
fn found(region: &Region<'_>, project: &str, group: &GroupDetail) -> Option<Found> {
    let mut tags = tags_of(group);
    let address = tags::address_in(&tags, project)?;
    let listed = listed(group, &tags);
    let resource = UserGroup {
        name: group.group_name.clone()?,
        path: group.path.clone()?,
        policies: listed.own_policies(),
        inline: listed.own_inline(),
    };
    tags.remove(NOTE_TAG);
    Some(Found {
        address,
        id: group.arn.clone()?,
        region: region.name.to_owned(),
        tags,
        resource: resource.into(),
    })
}

/// A user group with what its mark says.
async fn look(region: &Region<'_>, name: &str) -> Result<(aws_sdk_iam::types::Group, Tags)> {
    let answer = GET_GROUP.call(region.iam().get_group().group_name(name).max_items(1).send()).await?;
    let group = GET_GROUP.part("group", answer.group)?;
    let policy = region.iam().get_group_policy().group_name(name).policy_name(mark::NAME);
    let policy = iam.found(GET_GROUP_POLICY.call(policy.send()).await)?;
    let policy = policy.map(|policy| unescaped(&policy.policy_document));
    let tags = mark::said(policy.as_deref(), &group.path);
    Ok((group, tags))
}

/// Writes the mark: what it says already, and `tags`.
async fn write_mark(region: &Region<'_>, name: &str, tags: &Tags) -> Result<()> {
    let (_, mut said) = look(region, name).await?;
    said.extend(tags.clone());
    let policy = InlinePolicy { name: mark::NAME.to_owned(), document: mark::write(&said) };
    UserGroup::put(region, name, &policy).await
}

/// Moves a group to another path. It has a mark of its own before it leaves the path that marks it.
async fn leave_marked_path(region: &Region<'_>, name: &str, from: &str, to: &str) -> Result<()> {
    let marked = mark::of_path(from);
    if !marked.is_empty() {
        write_mark(region, name, &marked).await?;
    }
    if from == to { Ok(()) } else { set_path(region, name, to).await }
}

async fn set_path(region: &Region<'_>, name: &str, path: &str) -> Result<()> {
    let call = region.iam().update_group().group_name(name).new_path(path);
    region.retry_until_consistent(UPDATE_GROUP, || call.clone().send()).await.map(drop)
}
