//! What accounts have, and what their roles, user groups and users have.

use asiaq_iam::document::limits::{Holder, size};
use asiaq_ir::Quota;
use asiaq_ir::quotas as all;
use asiaq_lang::{Diagnostic, Span};

use super::super::Project;
use crate::errors;
use crate::model::{Account, Permissions};

pub(in crate::warnings) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    for account in &project.model.accounts {
        let Account { name, span, identity, storage, .. } = account;
        let whole = [
            (all::MANAGED_POLICIES, identity.policies.len()),
            (all::ROLES, identity.roles.len()),
            (all::USER_GROUPS, identity.groups.len()),
            (all::USERS, identity.users.len()),
            (all::SAML_PROVIDERS, identity.providers.len()),
            (all::BUCKETS, storage.buckets.len()),
        ];
        found.extend(whole.into_iter().filter_map(|(quota, count)| over(*span, name, quota, count)));
        for role in &identity.roles {
            let heading = &role.heading;
            found.extend(attached(heading.span, &heading.name, all::POLICIES_OF_ROLE, &role.permissions));
            let (length, quota) = (size(&role.trust.document), Holder::Trust.quota());
            if length > quota {
                found.push(errors::long_trust(role.trust.document.place, &heading.name, (length, quota)));
            }
        }
        for user in &identity.users {
            let heading = &user.heading;
            found.extend(attached(heading.span, &heading.name, all::POLICIES_OF_USER, &user.permissions));
        }
    }
}

/// The managed policies of a role or user, if they are more than the quota.
fn attached(span: Span, name: &str, quota: Quota, permissions: &Permissions) -> Option<Diagnostic> {
    let Permissions { policies, managed, .. } = permissions;
    let last = [policies, managed].into_iter().max_by_key(|list| list.value.len());
    let place = last.map_or(span, |list| list.place(span));
    over(place, name, quota, policies.value.len() + managed.value.len())
}

fn over(span: Span, name: &str, quota: Quota, count: usize) -> Option<Diagnostic> {
    (count > quota.default).then(|| errors::over_quota(span, name, quota.name, (count, quota.default)))
}
