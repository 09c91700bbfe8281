//! The identities of an account that no project of asiaq owns, as resources that can be deleted.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    Address, InlinePolicy, ManagedPolicy, PROJECT_TAG, Ref, Resource, Role, SamlProvider, Scope, User,
    UserGroup,
};
use asiaq_runtime::{Identity, Owner, Principal, PrincipalKind};
use aws_sdk_iam::types::{AttachedPolicy, GroupDetail, PolicyDetail, RoleDetail, UserDetail};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::{Identities, boundary, document, inline, is_of_aws, principals, tags};
use crate::kinds::managed_policy;
use crate::kinds::prelude::*;

/// Policies whose tags are read at the same time.
const AT_ONCE: usize = 4;

/// The identities that nobody manages, under addresses of the account `name`. Left out are those of AWS, those of any
/// project of asiaq, those that the caller is or has, and what is among `used`: as ARNs, or as `role/web` and `profile/web`.
pub(crate) async fn of_account(
    region: &Region<'_>,
    project: &str,
    name: &str,
    caller: &Identity,
    used: &BTreeSet<String>,
) -> Result<Vec<Found>> {
    let all = principals::principals(region, project).await?;
    let kept = of_caller(&all, caller);
    let is_free = |one: &&Principal| {
        one.owner == Owner::Foreign
            && !path_of(one).is_some_and(is_of_aws)
            && !kept.contains(&one.arn)
            && !used.contains(&one.arn)
            && !used.contains(&format!("{}/{}", one.kind.word(), one.name))
    };
    let identities = super::all(region).await?;
    let details = &Details::of(&identities);
    let free = all.iter().filter(is_free);
    let looks: Vec<_> = free.map(|one| found(region, details, name, one, used)).collect();
    let found: Vec<Option<Found>> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// The path in an ARN: `/a/b/` of `arn:aws:iam::1:role/a/b/name`.
fn path_of(one: &Principal) -> Option<&str> {
    let after = one.arn.find('/')?;
    let end = one.arn.rfind('/')?;
    one.arn.get(after..=end)
}

/// The ARNs of the caller's user or role, of its groups, and of the policies that it has.
fn of_caller(all: &[Principal], caller: &Identity) -> BTreeSet<String> {
    let role = caller.arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
    let is_caller = |one: &&Principal| {
        one.arn == caller.arn || (one.kind == PrincipalKind::Role && role == Some(one.name.as_str()))
    };
    let mut kept = BTreeSet::new();
    for one in all.iter().filter(is_caller) {
        kept.insert(one.arn.clone());
        kept.extend(one.policies.iter().filter_map(|policy| policy.arn.clone()));
        kept.extend(one.boundary.clone());
        let groups =
            all.iter().filter(|other| other.kind == PrincipalKind::Group && one.groups.contains(&other.name));
        kept.extend(groups.map(|group| group.arn.clone()));
    }
    kept
}

/// What the listing says of identities, by ARN.
struct Details<'a> {
    roles: BTreeMap<&'a str, &'a RoleDetail>,
    users: BTreeMap<&'a str, &'a UserDetail>,
    groups: BTreeMap<&'a str, &'a GroupDetail>,
}

impl<'a> Details<'a> {
    fn of(all: &'a Identities) -> Self {
        Self {
            roles: all.roles.iter().filter_map(|role| Some((role.arn()?, role))).collect(),
            users: all.users.iter().filter_map(|user| Some((user.arn()?, user))).collect(),
            groups: all.groups.iter().filter_map(|group| Some((group.arn()?, group))).collect(),
        }
    }
}

/// The identity as a resource with everything that it has.
async fn found(
    region: &Region<'_>,
    details: &Details<'_>,
    account: &str,
    one: &Principal,
    used: &BTreeSet<String>,
) -> Result<Option<Found>> {
    let id = one.arn.as_str();
    let resource: Option<(Resource, Tags)> = match one.kind {
        PrincipalKind::Role => details.roles.get(id).and_then(|role| {
            let profiles = role.instance_profile_list().iter().map(|profile| &profile.instance_profile_name);
            // Instances of the program have it.
            if profiles.into_iter().any(|profile| used.contains(&format!("profile/{profile}"))) {
                return None;
            }
            let resource = Role {
                name: one.name.clone(),
                path: role.path.clone().unwrap_or_default(),
                description: None,
                trust: document(role.assume_role_policy_document()),
                max_session: 3600,
                boundary: boundary(role.permissions_boundary()),
                policies: attached(role.attached_managed_policies()),
                inline: inlined(role.role_policy_list()),
            };
            Some((resource.into(), tags(role.tags())))
        }),
        PrincipalKind::User => details.users.get(id).map(|user| {
            let resource = User {
                name: one.name.clone(),
                path: user.path.clone().unwrap_or_default(),
                boundary: boundary(user.permissions_boundary()),
                policies: attached(user.attached_managed_policies()),
                inline: inlined(user.user_policy_list()),
                groups: one.groups.iter().cloned().map(Ref::Id).collect(),
            };
            (resource.into(), tags(user.tags()))
        }),
        PrincipalKind::Group => details.groups.get(id).map(|group| {
            let resource = UserGroup {
                name: one.name.clone(),
                path: group.path.clone().unwrap_or_default(),
                policies: attached(group.attached_managed_policies()),
                inline: inlined(group.group_policy_list()),
            };
            (resource.into(), Tags::new())
        }),
        PrincipalKind::Policy => {
            let tags = managed_policy::tags_of(region, id).await?.unwrap_or_default();
            let resource = ManagedPolicy {
                name: one.name.clone(),
                path: path_of(one).unwrap_or_default().to_owned(),
                description: None,
                document: one.document.clone().unwrap_or_default(),
            };
            Some((resource.into(), tags))
        }
        PrincipalKind::Saml => {
            let resource = SamlProvider { name: one.name.clone(), metadata: String::new() };
            Some((resource.into(), Tags::new()))
        }
    };
    let address = Address::of(&Scope::account(account), &Address::unmanaged(one.kind.word(), &one.name));
    let region = region.name.to_owned();
    let resource = resource.filter(|(_, tags)| !tags.contains_key(PROJECT_TAG));
    Ok(resource.map(|(resource, tags)| Found { address, id: id.to_owned(), region, tags, resource }))
}

fn attached(listed: &[AttachedPolicy]) -> BTreeSet<Ref> {
    listed.iter().filter_map(|policy| policy.policy_arn.clone()).map(Ref::Id).collect()
}

fn inlined(listed: &[PolicyDetail]) -> BTreeSet<InlinePolicy> {
    listed.iter().filter_map(inline).collect()
}
