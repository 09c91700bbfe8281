//! The identities of an account, whoever they belong to.

use asiaq_ir::Address;
use serde::Serialize;

/// The kind of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A user.
    User,
    /// A user group.
    Group,
    /// A role.
    Role,
    /// A customer managed policy.
    Policy,
    /// A SAML identity provider.
    Saml,
}

impl PrincipalKind {
    /// The word for it in the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Policy => "policy",
            Self::Saml => "saml",
        }
    }
}

/// Whose an identity is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "owner")]
pub enum Owner {
    /// It has the ownership tags of the project.
    Own {
        /// Its address in the project.
        address: Address,
    },
    /// It has those of another project.
    Project {
        /// Name of that project.
        project: String,
    },
    /// AWS made it: for a service, or for IAM Identity Center.
    Aws,
    /// Somebody else made it.
    Foreign,
}

/// A policy in force for an identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct HeldPolicy {
    /// Name.
    pub name: String,
    /// ARN of a managed policy; absent for an inline policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The user group that a user has it through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Whether the project gave it to the identity.
    pub own: bool,
    /// The policy as JSON; absent for one of AWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

/// An identity of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Principal {
    /// Its kind.
    pub kind: PrincipalKind,
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Whose it is.
    #[serde(flatten)]
    pub owner: Owner,
    /// The user groups that a user is in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The users in a user group; the users, groups and roles that have a managed policy, as `role/web`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The policies in force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<HeldPolicy>,
    /// ARN of the permissions boundary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// The trust policy of a role, or the document of a managed policy, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}
