//! All identities of an account, with whose they are and what they have: from the one listing.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::PROJECT_TAG;
use asiaq_runtime::{HeldPolicy, Owner, Principal, PrincipalKind};
use aws_sdk_iam::types::{
    AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, UserDetail,
};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::attached::Listed;
use super::{Identities, document, is_of_aws, mark, name_of};
use crate::kinds::prelude::*;
use crate::kinds::{managed_policy, role, saml_provider, user, user_group};

/// Providers and policies that are read at the same time.
const AT_ONCE: usize = 4;

/// The identities of the account, by kind and name. The tags of managed policies and of providers are asked for one by one,
/// of policies only for those that asiaq made.
pub(crate) async fn principals(region: &Region<'_>, project: &str) -> Result<Vec<Principal>> {
    let all = super::all(region).await?;
    let documents = documents(&all);
    let mut found = Vec::new();
    let groups = groups(&all, &documents, project);
    found.extend(users(&all, &documents, project, &groups));
    found.extend(groups);
    found.extend(roles(&all, &documents, project));
    let tags = policy_tags(region, &all).await?;
    found.extend(policies(&all, &documents, project, &tags));
    for (arn, tags) in saml_provider::tagged(region).await? {
        let owner = owner(&tags, project, "/");
        found.push(Principal { document: None, ..principal(PrincipalKind::Saml, &arn, owner) });
    }
    found.sort_by(|a, b| (a.kind, &a.name, &a.arn).cmp(&(b.kind, &b.name, &b.arn)));
    Ok(found)
}

fn principal(kind: PrincipalKind, arn: &str, owner: Owner) -> Principal {
    Principal {
        kind,
        name: name_of(arn).to_owned(),
        arn: arn.to_owned(),
        owner,
        groups: Vec::new(),
        members: Vec::new(),
        policies: Vec::new(),
        boundary: None,
        document: None,
    }
}

fn owner(tags: &Tags, project: &str, path: &str) -> Owner {
    match (tags::address_in(tags, project), tags.get(PROJECT_TAG)) {
        (Some(address), _) => Owner::Own { address },
        (None, Some(other)) if other != project => Owner::Project { project: other.clone() },
        _ if is_of_aws(path) => Owner::Aws,
        (None, _) => Owner::Foreign,
    }
}

/// The policies that something has itself.
fn held(listed: &Listed<'_>, documents: &Documents<'_>, is_own: bool) -> Vec<HeldPolicy> {
    let managed = listed.policies.iter().filter_map(|policy| policy.policy_arn()).map(|arn| HeldPolicy {
        name: name_of(arn).to_owned(),
        own: is_own && listed.has_own_policy(arn),
        document: documents.get(arn).cloned(),
        arn: Some(arn.to_owned()),
        through: None,
    });
    let inline = listed.inline.iter().filter_map(|policy| {
        let name = policy.policy_name().filter(|name| *name != mark::NAME)?;
        Some(HeldPolicy {
            name: name.to_owned(),
            own: is_own && listed.has_own_inline(name),
            document: Some(document(PolicyDetail::policy_document(policy))),
            arn: None,
            through: None,
        })
    });
    let mut held: Vec<HeldPolicy> = managed.chain(inline).collect();
    held.sort();
    held
}

/// The documents of the managed policies of the account, by ARN.
type Documents<'a> = BTreeMap<&'a str, String>;

fn documents(all: &Identities) -> Documents<'_> {
    let document = |policy| {
        let default =
            ManagedPolicyDetail::policy_version_list(policy).iter().find(|one| one.is_default_version)?;
        Some((policy.arn()?, document(default.document())))
    };
    all.policies.iter().filter_map(document).collect()
}

fn groups(all: &Identities, documents: &Documents<'_>, project: &str) -> Vec<Principal> {
    let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for user in &all.users {
        for group in user.group_list() {
            members.entry(group).or_default().extend(user.user_name());
        }
    }
    let group = |group: &GroupDetail| {
        let tags = user_group::tags_of(group);
        let owner = owner(&tags, project, group.path().unwrap_or_default());
        let name = group.group_name().unwrap_or_default();
        let policies = held(&user_group::listed(group, &tags), documents, matches!(owner, Owner::Own { .. }));
        let members = members.get(name).into_iter().flatten().map(|name| (*name).to_owned()).collect();
        Some(Principal { members, policies, ..principal(PrincipalKind::Group, group.arn()?, owner) })
    };
    all.groups.iter().filter_map(group).collect()
}

fn users(all: &Identities, documents: &Documents<'_>, project: &str, groups: &[Principal]) -> Vec<Principal> {
    let of_groups: BTreeMap<&str, &[HeldPolicy]> =
        groups.iter().map(|group| (group.name.as_str(), group.policies.as_slice())).collect();
    let user = |user: &UserDetail| {
        let tags = super::tags(user.tags());
        let owner = owner(&tags, project, user.path().unwrap_or_default());
        let mut policies = held(&user::listed(user, &tags), documents, matches!(owner, Owner::Own { .. }));
        let mut groups = user.group_list().to_vec();
        groups.sort();
        for name in &groups {
            let through = of_groups.get(name.as_str()).copied().unwrap_or_default().iter();
            policies
                .extend(through.map(|policy| HeldPolicy { through: Some(name.clone()), ..policy.clone() }));
        }
        let boundary = user.permissions_boundary().and_then(|one| one.permissions_boundary_arn.clone());
        Some(Principal { groups, policies, boundary, ..principal(PrincipalKind::User, user.arn()?, owner) })
    };
    all.users.iter().filter_map(user).collect()
}

fn roles(all: &Identities, documents: &Documents<'_>, project: &str) -> Vec<Principal> {
    let role = |role: &RoleDetail| {
        let tags = super::tags(role.tags());
        let owner = owner(&tags, project, role.path().unwrap_or_default());
        let policies = held(&role::listed(role, &tags), documents, matches!(owner, Owner::Own { .. }));
        let boundary = role.permissions_boundary().and_then(|one| one.permissions_boundary_arn.clone());
        let document = Some(document(role.assume_role_policy_document()));
        Some(Principal { policies, boundary, document, ..principal(PrincipalKind::Role, role.arn()?, owner) })
    };
    all.roles.iter().filter_map(role).collect()
}

fn policies(
    all: &Identities,
    documents: &Documents<'_>,
    project: &str,
    tags: &BTreeMap<String, Tags>,
) -> Vec<Principal> {
    let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut note = |kind: &str, name: Option<&str>, policies: &[AttachedPolicy]| {
        for arn in policies.iter().filter_map(AttachedPolicy::policy_arn) {
            holders.entry(arn.to_owned()).or_default().push(format!("{kind}/{}", name.unwrap_or_default()));
        }
    };
    all.groups.iter().for_each(|one| note("group", one.group_name(), one.attached_managed_policies()));
    all.roles.iter().for_each(|one| note("role", one.role_name(), one.attached_managed_policies()));
    all.users.iter().for_each(|one| note("user", one.user_name(), one.attached_managed_policies()));
    let policy = |policy: &ManagedPolicyDetail| {
        let arn = policy.arn()?;
        let untagged = Tags::new();
        let owner = owner(tags.get(arn).unwrap_or(&untagged), project, policy.path().unwrap_or_default());
        Some(Principal {
            members: holders.get(arn).cloned().unwrap_or_default(),
            document: documents.get(arn).cloned(),
            ..principal(PrincipalKind::Policy, arn, owner)
        })
    };
    all.policies.iter().filter_map(policy).collect()
}

/// The tags of the managed policies that asiaq made, by ARN.
async fn policy_tags(region: &Region<'_>, all: &Identities) -> Result<BTreeMap<String, Tags>> {
    let marked = all.policies.iter().filter(|policy| managed_policy::is_marked(policy));
    let looks: Vec<_> = marked
        .filter_map(|policy| policy.arn.clone())
        .map(|arn| async move {
            let tags = managed_policy::tags_of(region, &arn).await?;
            Ok::<_, CloudError>((arn, tags.unwrap_or_default()))
        })
        .collect();
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}
