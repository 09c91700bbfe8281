//! The roles and users that a policy limits as their permissions boundary.

use asiaq_ir::Ref;
use aws_sdk_iam::types::AttachedPermissionsBoundary;

use super::{Identities, tags};
use crate::kinds::prelude::*;
use crate::kinds::{role, user};

/// A role or user with a permissions boundary.
pub(in crate::kinds) struct Bounded {
    holder: Holder,
    name: String,
    pub(in crate::kinds) tags: Tags,
}

#[derive(Clone, Copy, Debug)]
enum Holder {
    Role,
    User,
}

impl Bounded {
    /// Everybody whose boundary is the policy `arn`.
    pub(in crate::kinds) fn by(all: &Identities, arn: &str) -> Vec<Self> {
        let is_it = |boundary: Option<&AttachedPermissionsBoundary>| {
            boundary.and_then(|boundary| boundary.permissions_boundary_arn()) == Some(arn)
        };
        let roles = all.roles.iter().filter(|role| is_it(role.permissions_boundary()));
        let roles = roles.filter_map(|role| {
            Some(Self { holder: Holder::Role, name: role.role_name.clone()?, tags: tags(role.tags()) })
        });
        let users = all.users.iter().filter(|user| is_it(user.permissions_boundary()));
        let users = users.filter_map(|user| {
            Some(Self { holder: Holder::User, name: user.user_name.clone()?, tags: tags(user.tags()) })
        });
        roles.chain(users).collect()
    }

    /// Gives it another boundary, or none.
    pub(in crate::kinds) async fn set(&self, region: &Region<'_>, boundary: Option<&Ref>) -> Result<()> {
        match self.holder {
            Holder::Role => role::boundary::set(region, &self.name, boundary).await,
            Holder::User => user::boundary::set(region, &self.name, boundary).await,
        }
    }
}
