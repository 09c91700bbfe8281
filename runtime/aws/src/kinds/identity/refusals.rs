//! What somebody else has added to an identity that a plan deletes. AWS would refuse the deletion half-way.

use std::collections::BTreeSet;

use asiaq_ir::{Kind, PROJECT_TAG, Resource};

use super::attached::Listed as Holdings;
use super::{Identities, credentials};
use crate::kinds::prelude::*;
use crate::kinds::{instance_profile, managed_policy, role, user, user_group};

/// The kinds that may be refused.
pub(in crate::kinds) const REFUSED: [Kind; 4] =
    [Kind::ManagedPolicy, Kind::Role, Kind::UserGroup, Kind::User];

/// Things that an error names.
const NAMED: usize = 10;

/// Why an identity cannot be deleted, as far as the last survey shows; for a user, its credentials too. `leaving` are the
/// ids of the resources that are deleted with it.
pub(in crate::kinds) async fn refusal(
    region: &Region<'_>,
    found: &Found,
    leaving: &BTreeSet<&str>,
) -> Result<Option<CloudError>> {
    if !REFUSED.contains(&found.resource.kind()) {
        return Ok(None);
    }
    let all = super::all(region).await?;
    let project = found.tags.get(PROJECT_TAG).map(String::as_str).unwrap_or_default();
    let (operation, what, left) = match &found.resource {
        Resource::Role(_) => (role::DELETE_ROLE, "role", of_role(region, &all, &found.id, leaving).await?),
        Resource::User(wanted) => {
            let mut left = of_user(&all, &found.id);
            left.extend(credentials::of(region, &wanted.name).await?);
            (user::DELETE_USER, "user", left)
        }
        Resource::UserGroup(_) => {
            (user_group::DELETE_GROUP, "user group", of_group(&all, &found.id, project))
        }
        Resource::ManagedPolicy(_) => {
            (managed_policy::DELETE_POLICY, "policy", of_policy(&all, &found.id, project))
        }
        _ => return Ok(None),
    };
    Ok((!left.is_empty()).then(|| operation.refused(kept(what, super::name_of(&found.id), &left))))
}

fn kept(what: &str, name: &str, left: &[String]) -> String {
    let named = left.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = left.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "the {what} `{name}` has what somebody else gave it: {named}{more}; take it away there and go on, or keep the \
         {what}"
    )
}

async fn of_role(
    region: &Region<'_>,
    all: &Identities,
    id: &str,
    leaving: &BTreeSet<&str>,
) -> Result<Vec<String>> {
    let Some(detail) = all.roles.iter().find(|role| role.arn() == Some(id)) else { return Ok(Vec::new()) };
    let tags = super::tags(detail.tags());
    let mut left = role::listed(detail, &tags).foreign();
    let profiles = detail.instance_profile_list().iter().filter(|one| !leaving.contains(one.arn.as_str()));
    for profile in profiles {
        let name = &profile.instance_profile_name;
        let live = instance_profile::look(region, name).await?;
        let of = |tags: &Tags| tags.get(PROJECT_TAG).cloned();
        if live.is_some_and(|live| of(&super::tags(live.tags())) != of(&tags)) {
            left.push(format!("the instance profile `{name}`"));
        }
    }
    Ok(left)
}

fn of_user(all: &Identities, id: &str) -> Vec<String> {
    let Some(detail) = all.users.iter().find(|user| user.arn() == Some(id)) else { return Vec::new() };
    user::listed(detail, &super::tags(detail.tags())).foreign()
}

fn of_group(all: &Identities, id: &str, project: &str) -> Vec<String> {
    let Some(detail) = all.groups.iter().find(|group| group.arn() == Some(id)) else { return Vec::new() };
    let name = detail.group_name().unwrap_or_default();
    let members = all.users.iter().filter(|user| user.group_list().iter().any(|group| group == name));
    let foreign = members.filter(|user| {
        let tags = super::tags(user.tags());
        !is_of(&tags, project) || !user::listed(user, &tags).own_groups().any(|group| group == name)
    });
    let foreign = foreign.map(|user| format!("the member `{}`", user.user_name().unwrap_or_default()));
    let mut left: Vec<String> = foreign.collect();
    left.extend(user_group::listed(detail, &user_group::tags_of(detail)).foreign());
    left
}

/// The roles, user groups and users that somebody else has attached a policy to.
fn of_policy(all: &Identities, id: &str, project: &str) -> Vec<String> {
    let mut left = Vec::new();
    let mut look =
        |what: &str, name: Option<&str>, tags: &Tags, has: Holdings<'_>, boundary: Option<&str>| {
            let is_attached = has.policies.iter().any(|policy| policy.policy_arn() == Some(id));
            let is_foreign = is_attached && !(is_of(tags, project) && has.has_own_policy(id));
            let is_boundary = boundary == Some(id) && !is_of(tags, project);
            if is_foreign || is_boundary {
                left.push(format!("the {what} `{}`", name.unwrap_or_default()));
            }
        };
    for one in &all.roles {
        let tags = super::tags(one.tags());
        let boundary = one.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
        look("role", one.role_name(), &tags, role::listed(one, &tags), boundary);
    }
    for one in &all.groups {
        let tags = user_group::tags_of(one);
        look("user group", one.group_name(), &tags, user_group::listed(one, &tags), None);
    }
    for one in &all.users {
        let tags = super::tags(one.tags());
        let boundary = one.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
        look("user", one.user_name(), &tags, user::listed(one, &tags), boundary);
    }
    left
}

fn is_of(tags: &Tags, project: &str) -> bool {
    tags.get(PROJECT_TAG).is_some_and(|own| own == project)
}
