//! Who may do what in an account: policies, and the roles, groups, users and identity providers that have them.

mod arns;
pub(super) mod documents;
mod files;
mod managed;
mod principals;
mod read;
mod statements;

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::Account;
use crate::block::Block;
use crate::evaluate::{Evaluator, Resolved};
use crate::value::{Spanned, TextFile};

pub(crate) use arns::{Arns, Declared};
pub(crate) use documents::Written;
pub(crate) use statements::OBJECTS;
pub(super) use statements::Statements;

/// What an account declares of IAM.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Identity {
    /// Managed policies.
    pub(crate) policies: Vec<Policy>,
    /// Roles.
    pub(crate) roles: Vec<Role>,
    /// Groups.
    pub(crate) groups: Vec<Group>,
    /// Users.
    pub(crate) users: Vec<User>,
    /// SAML providers.
    pub(crate) providers: Vec<Provider>,
}

/// What every declaration of IAM has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heading {
    /// Name of the declaration.
    pub(crate) name: String,
    /// Its name where it is last declared.
    pub(crate) span: Span,
    /// Name in AWS.
    pub(crate) aws: Resolved<String>,
    /// Path in IAM.
    pub(crate) path: Resolved<String>,
    /// Additional tags.
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
}

/// A managed policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policy {
    pub(crate) heading: Heading,
    pub(crate) description: Option<Resolved<String>>,
    pub(crate) document: Written,
}

/// The policies of a role, group or user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Permissions {
    /// Declared managed policies.
    pub(crate) policies: Resolved<Vec<Spanned<String>>>,
    /// Managed policies of AWS, by name.
    pub(crate) managed: Resolved<Vec<Spanned<String>>>,
    /// The declared policy that limits them.
    pub(crate) boundary: Option<Resolved<String>>,
    /// The inline policy.
    pub(crate) inline: Option<Written>,
}

/// A role.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Role {
    pub(crate) heading: Heading,
    pub(crate) description: Option<Resolved<String>>,
    /// Who may assume it.
    pub(crate) trust: Written,
    pub(crate) permissions: Permissions,
    /// Seconds of the longest session.
    pub(crate) max_session: Resolved<u64>,
    /// Whether it has an instance profile.
    pub(crate) has_profile: Resolved<bool>,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) heading: Heading,
    pub(crate) permissions: Permissions,
}

/// A user.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) heading: Heading,
    pub(crate) permissions: Permissions,
    /// The declared groups it is in.
    pub(crate) groups: Resolved<Vec<Spanned<String>>>,
}

/// A SAML provider.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Provider {
    pub(crate) heading: Heading,
    pub(crate) metadata: Resolved<TextFile>,
}

/// Reads what an account declares in its body; `arns` has what it keeps, and what others do.
pub(super) fn fill(
    account: &mut Account,
    block: &Block<'_>,
    evaluator: &Evaluator<'_, '_>,
    arns: Arns,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Account { provenance, tags, .. } = &mut *account;
    let mut reader = read::Reader { evaluator, diagnostics, provenance, arns, tags: tags.as_ref() };
    let identity = reader.identity(block);
    let arns = reader.arns;
    account.identity = identity;
    account.arns = arns;
}
