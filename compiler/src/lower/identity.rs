//! Policies, roles, groups, users and identity providers of an account.

use std::collections::BTreeSet;

use asiaq_iam::document::{canonical, print};
use asiaq_iam::table;
use asiaq_ir::{
    Address, Field, InlinePolicy, InstanceProfile, ManagedPolicy, Partition, Ref, Resource, ResourceKind,
    Role as IrRole, SamlProvider, Scope, User as IrUser, UserGroup,
};
use asiaq_lang::Span;

use super::Lowering;
use super::node::{NodeBuilder, chain};
use crate::errors;
use crate::library::kinds;
use crate::model::{Account, Group, Heading, Permissions, Policy, Provider, Role, User, Written};

/// Name of the inline policy that the statements in a body become.
const INLINE: &str = "inline";

impl<'a> Lowering<'a> {
    pub(super) fn identity(&mut self, account: &Account) {
        let identity = &account.identity;
        for policy in &identity.policies {
            self.policy(account, policy);
        }
        for role in &identity.roles {
            self.role(account, role);
        }
        for group in &identity.groups {
            self.user_group(account, group);
        }
        for user in &identity.users {
            self.user(account, user);
        }
        for provider in &identity.providers {
            self.provider(account, provider);
        }
    }

    fn policy(&mut self, account: &Account, policy: &Policy) {
        let mut node = self.part::<ManagedPolicy>(account, kinds::POLICY, &policy.heading);
        let resource = ManagedPolicy {
            name: node.value(ManagedPolicy::NAME, &policy.heading.aws),
            path: node.value(ManagedPolicy::PATH, &policy.heading.path),
            description: node.optional(ManagedPolicy::DESCRIPTION, policy.description.as_ref()),
            document: document(&mut node, ManagedPolicy::DOCUMENT, &policy.document),
        };
        self.add(node, resource);
    }

    fn role(&mut self, account: &Account, role: &Role) {
        let heading = &role.heading;
        let mut node = self.part::<IrRole>(account, kinds::ROLE, heading);
        let resource = IrRole {
            name: node.value(IrRole::NAME, &heading.aws),
            path: node.value(IrRole::PATH, &heading.path),
            description: node.optional(IrRole::DESCRIPTION, role.description.as_ref()),
            trust: document(&mut node, IrRole::TRUST, &role.trust),
            max_session: node.set(
                IrRole::MAX_SESSION,
                &role.max_session.chain,
                u32::try_from(role.max_session.value).unwrap_or(u32::MAX),
            ),
            boundary: boundary(&mut node, IrRole::BOUNDARY, account, &role.permissions),
            policies: policies(&mut node, IrRole::POLICIES, account, &role.permissions),
            inline: inline(&mut node, IrRole::INLINE, &role.permissions),
        };
        self.add(node, resource);
        if role.has_profile.value {
            let mut node = self
                .in_account::<InstanceProfile>(account, &profile_path(role), heading.span)
                .declared_by(declared(kinds::ROLE, heading))
                .tagged(&heading.aws.value, &[])
                .optional_tags(heading.tags.as_ref());
            let resource = InstanceProfile {
                name: node.value(InstanceProfile::NAME, &heading.aws),
                path: node.value(InstanceProfile::PATH, &heading.path),
                role: Some(of_account(&account.name, kinds::ROLE, &heading.name)),
            };
            self.add(node, resource);
        }
    }

    fn user_group(&mut self, account: &Account, group: &Group) {
        let path = format!("{}/{}", kinds::GROUP, group.heading.name);
        let mut node = self
            .in_account::<UserGroup>(account, &path, group.heading.span)
            .declared_by(declared(kinds::GROUP, &group.heading))
            .owned();
        let resource = UserGroup {
            name: node.value(UserGroup::NAME, &group.heading.aws),
            path: node.value(UserGroup::PATH, &group.heading.path),
            policies: policies(&mut node, UserGroup::POLICIES, account, &group.permissions),
            inline: inline(&mut node, UserGroup::INLINE, &group.permissions),
        };
        self.add(node, resource);
    }

    fn user(&mut self, account: &Account, user: &User) {
        let mut node = self.part::<IrUser>(account, kinds::USER, &user.heading);
        let mut groups = BTreeSet::new();
        for group in &user.groups.value {
            let group_ref = of_account(&account.name, kinds::GROUP, &group.value);
            node.element(IrUser::GROUPS, &key(&group_ref), &[group.span]);
            groups.insert(group_ref);
        }
        let resource = IrUser {
            name: node.value(IrUser::NAME, &user.heading.aws),
            path: node.value(IrUser::PATH, &user.heading.path),
            boundary: boundary(&mut node, IrUser::BOUNDARY, account, &user.permissions),
            policies: policies(&mut node, IrUser::POLICIES, account, &user.permissions),
            inline: inline(&mut node, IrUser::INLINE, &user.permissions),
            groups,
        };
        self.add(node, resource);
    }

    fn provider(&mut self, account: &Account, provider: &Provider) {
        let mut node = self.part::<SamlProvider>(account, kinds::SAML, &provider.heading);
        let written = &provider.metadata.value;
        let (text, is_read) = match &written.url {
            None => (written.text.as_ref(), true),
            Some(url) => match self.facts.documents.get(url) {
                Some(Ok(text)) => (text.as_str(), true),
                Some(Err(why)) => {
                    self.diagnostics.push(errors::metadata_unread(provider.metadata.span(), url, why));
                    (url.as_str(), false)
                }
                None => (url.as_str(), false),
            },
        };
        let resource = SamlProvider {
            name: node.value(SamlProvider::NAME, &provider.heading.aws),
            metadata: node.set(SamlProvider::METADATA, &provider.metadata.chain, text.trim().to_owned()),
        };
        let limits = self.limits.len();
        self.add(node, resource);
        if !is_read {
            // The address stands for the document, and is not what AWS gets.
            self.limits.truncate(limits);
        }
    }

    /// The node of a declaration in an account.
    fn part<'m, R>(&self, account: &'m Account, kind: &str, heading: &'m Heading) -> NodeBuilder<'m, R>
    where
        'a: 'm,
        R: ResourceKind + Into<Resource>,
    {
        self.in_account(account, &format!("{kind}/{}", heading.name), heading.span)
            .declared_by(declared(kind, heading))
            .tagged(&heading.aws.value, &[])
            .optional_tags(heading.tags.as_ref())
    }
}

/// The address of the instance profile of a role.
pub(super) fn profile_of(account: &Account, role: &Role) -> Address {
    Address::of(&Scope::account(&account.name), &profile_path(role))
}

fn profile_path(role: &Role) -> String {
    format!("{}/{}/profile", kinds::ROLE, role.heading.name)
}

/// The path of the fields of a declaration.
fn declared(kind: &str, heading: &Heading) -> String {
    format!("{kind}.{}", heading.name)
}

/// A reference to what an account declares.
pub(super) fn of_account(account: &str, kind: &str, name: &str) -> Ref {
    Ref::To(address_in(account, kind, name))
}

/// The address of what an account declares.
pub(super) fn address_in(account: &str, kind: &str, name: &str) -> Address {
    Address::of(&Scope::account(account), &format!("{kind}/{name}"))
}

/// What an element of a set of references is known by.
fn key(to: &Ref) -> String {
    match to {
        Ref::To(address) => address.to_string(),
        Ref::Id(id) => id.clone(),
        Ref::Find(_) => String::new(),
    }
}

fn policy_of(account: &Account, name: &str) -> Ref {
    of_account(&account.name, kinds::POLICY, name)
}

/// A policy as JSON.
fn document<R: ResourceKind + Into<Resource>>(
    node: &mut NodeBuilder<'_, R>,
    field: Field<R, String>,
    written: &Written,
) -> String {
    node.set(field, &written.chain, json(written))
}

/// A policy as AWS gets it.
fn json(written: &Written) -> String {
    print(&canonical::of(written.document.clone()))
}

/// The permissions boundary of a role or user.
fn boundary<R: ResourceKind + Into<Resource>>(
    node: &mut NodeBuilder<'_, R>,
    field: Field<R, Option<Ref>>,
    account: &Account,
    permissions: &Permissions,
) -> Option<Ref> {
    let policy = permissions.boundary.as_ref();
    node.set(field, chain(policy), policy.map(|policy| policy_of(account, &policy.value)))
}

/// The managed policies that a role, group or user has.
fn policies<R: ResourceKind + Into<Resource>>(
    node: &mut NodeBuilder<'_, R>,
    field: Field<R, BTreeSet<Ref>>,
    account: &Account,
    permissions: &Permissions,
) -> BTreeSet<Ref> {
    let own =
        permissions.policies.value.iter().map(|policy| (policy_of(account, &policy.value), policy.span));
    let partition = Partition::of(&account.region).name();
    let of_aws = permissions.managed.value.iter().map(|policy| {
        let arn = table::managed_policy(&policy.value).map_or_else(
            || format!("arn:{partition}:iam::aws:policy/{}", policy.value),
            |known| known.arn(partition),
        );
        (Ref::Id(arn), policy.span)
    });
    let all: Vec<(Ref, Span)> = own.chain(of_aws).collect();
    for (policy, span) in &all {
        node.element(field, &key(policy), &[*span]);
    }
    all.into_iter().map(|(policy, _)| policy).collect()
}

/// The inline policy, if the body has statements.
fn inline<R: ResourceKind + Into<Resource>>(
    node: &mut NodeBuilder<'_, R>,
    field: Field<R, BTreeSet<InlinePolicy>>,
    permissions: &Permissions,
) -> BTreeSet<InlinePolicy> {
    let Some(written) = &permissions.inline else { return BTreeSet::new() };
    let policy = InlinePolicy { name: INLINE.to_owned(), document: json(written) };
    node.element(field, &policy.name, &written.chain);
    BTreeSet::from([policy])
}
