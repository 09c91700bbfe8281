//! Identities and what they may do (IAM), which belong to accounts.
//!
//! Policies are JSON in the form of `asiaq_iam::document::canonical`: two that mean the same have the same text. The
//! ARNs in them follow from names and the id of the account.
//!
//! Names are unique for each kind only, so the id of a resource is its ARN.

use std::collections::BTreeSet;

use asiaq_ir_derive::{Element, ResourceKind};
use serde::{Deserialize, Serialize};

use crate::Ref;

/// A managed policy of the account. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "{id}", console = "iam/home#/policies/details/{id}", fields(name)))]
#[resource(outage(seconds = 10, what = "what it allows is not allowed"))]
#[resource(home = Global, scope = Account, summary(name))]
#[aws(tags = "iam:CreatePolicy.Tags", own_tags = 1)]
pub struct ManagedPolicy {
    /// Its name, unique in the account: `read-config`.
    #[resource(replace = "AWS cannot rename a managed policy", exclusive)]
    #[aws("iam:CreatePolicy.PolicyName")]
    pub name: String,
    /// Its path: `/`, or `/team/`.
    #[resource(replace = "AWS cannot move a managed policy to another path")]
    #[aws("iam:CreatePolicy.Path")]
    pub path: String,
    /// Description, for people.
    #[resource(
        create_only = "AWS cannot change the description of a managed policy, and a new policy would have to be \
                              attached to everything that has this one"
    )]
    #[aws("iam:CreatePolicy.Description", plus = 8)]
    pub description: Option<String>,
    /// What it allows and denies.
    #[resource(in_place = Disruptive)]
    #[aws("iam:CreatePolicy.PolicyDocument")]
    pub document: String,
}

/// A role. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "{id}", console = "iam/home#/roles/details/{name}", fields(name)))]
#[resource(outage(seconds = 30, what = "nobody can assume it"))]
#[resource(home = Global, scope = Account, summary(name))]
#[aws(tags = "iam:CreateRole.Tags", own_tags = 2)]
pub struct Role {
    /// Its name, unique in the account: `deployer`.
    #[resource(replace = "AWS cannot rename a role, and a new one has another identity", exclusive)]
    #[aws("iam:CreateRole.RoleName")]
    pub name: String,
    /// Its path: `/`, or `/team/`.
    #[resource(replace = "AWS cannot move a role to another path, and a new one has another identity")]
    #[aws("iam:CreateRole.Path")]
    pub path: String,
    /// Description, for people.
    #[aws("iam:CreateRole.Description")]
    pub description: Option<String>,
    /// Who can assume it: its trust policy.
    #[resource(in_place = Disruptive)]
    #[aws("iam:CreateRole.AssumeRolePolicyDocument")]
    pub trust: String,
    /// The longest session in seconds.
    #[resource(decrease_risk = Disruptive)]
    #[aws("iam:CreateRole.MaxSessionDuration")]
    pub max_session: u32,
    /// The managed policy that limits what the others allow.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("iam:CreateRole.PermissionsBoundary")]
    pub boundary: Option<Ref>,
    /// Managed policies that are attached to it. Others that somebody attached are not listed.
    #[resource(elements(removed = Disruptive), in_use, initial = BTreeSet::new())]
    #[aws("iam:AttachRolePolicy.PolicyArn")]
    pub policies: BTreeSet<Ref>,
    /// Its inline policies. Others that somebody added are not listed.
    #[resource(elements(changed = Disruptive, removed = Disruptive), initial = BTreeSet::new())]
    #[aws("iam:PutRolePolicy")]
    pub inline: BTreeSet<InlinePolicy>,
}

/// A policy that is a part of a role, a user group or a user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Element)]
pub struct InlinePolicy {
    /// Its name, unique in its role, user group or user. Never `asiaq`: that is the mark of a user group.
    #[element(key)]
    #[aws("iam:PutRolePolicy.PolicyName")]
    pub name: String,
    /// What it allows and denies.
    #[aws("iam:PutRolePolicy.PolicyDocument")]
    pub document: String,
}

/// An instance profile, through which instances get a role. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "{id}", fields(name)))]
#[resource(outage(seconds = 60, what = "no instance starts with it"))]
#[resource(home = Global, scope = Account, summary(name))]
#[aws(tags = "iam:CreateInstanceProfile.Tags", own_tags = 1)]
pub struct InstanceProfile {
    /// Its name, unique in the account.
    #[resource(replace = "AWS cannot rename an instance profile", exclusive)]
    #[aws("iam:CreateInstanceProfile.InstanceProfileName")]
    pub name: String,
    /// Its path: `/`, or `/team/`.
    #[resource(replace = "AWS cannot move an instance profile to another path")]
    #[aws("iam:CreateInstanceProfile.Path")]
    pub path: String,
    /// Its role. Absent only in AWS, where somebody took it out or a run ended early.
    // Instances keep the old one until their association is renewed.
    #[resource(in_place = Disruptive, in_use, initial = None)]
    #[aws("iam:AddRoleToInstanceProfile.RoleName")]
    pub role: Option<Ref>,
}

/// A user group. Its id is its ARN.
///
/// AWS has no tags of user groups: an inline policy called `asiaq`, which allows nothing, marks the owner. Of the tags
/// of a user group only the ownership tags are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "{id}", console = "iam/home#/groups/details/{name}", fields(name)))]
#[resource(outage(seconds = 30, what = "its members lack what it allows"))]
#[resource(home = Global, scope = Account, hides_tags, summary(name))]
#[aws(not_tagged = "IAM has no tags of user groups")]
pub struct UserGroup {
    /// Its name, unique in the account: `developers`.
    #[resource(replace = "the user group is of another name", exclusive)]
    #[aws("iam:CreateGroup.GroupName")]
    pub name: String,
    /// Its path: `/`, or `/team/`.
    // Its ARN changes with it.
    #[resource(in_place = Disruptive)]
    #[aws("iam:CreateGroup.Path")]
    pub path: String,
    /// Managed policies that are attached to it. Others that somebody attached are not listed.
    #[resource(elements(removed = Disruptive), in_use, initial = BTreeSet::new())]
    #[aws("iam:AttachGroupPolicy.PolicyArn")]
    pub policies: BTreeSet<Ref>,
    /// Its inline policies. Others that somebody added are not listed.
    #[resource(elements(changed = Disruptive, removed = Disruptive), initial = BTreeSet::new())]
    #[aws("iam:PutGroupPolicy")]
    pub inline: BTreeSet<InlinePolicy>,
}

/// A user. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "{id}", console = "iam/home#/users/details/{name}", fields(name)))]
#[resource(outage(seconds = 30, what = "its requests are denied"))]
// A new user of the same name has neither its keys nor its identity.
#[resource(home = Global, scope = Account, deletion = DataLoss, summary(name))]
#[aws(tags = "iam:CreateUser.Tags", own_tags = 2)]
pub struct User {
    /// Its name, unique in the account: `alice`.
    #[resource(replace = "the user is of another name", exclusive)]
    #[aws("iam:CreateUser.UserName")]
    pub name: String,
    /// Its path: `/`, or `/team/`.
    // Its ARN changes with it.
    #[resource(in_place = Disruptive)]
    #[aws("iam:CreateUser.Path")]
    pub path: String,
    /// The managed policy that limits what the others allow.
    #[resource(in_place = Disruptive, in_use)]
    #[aws("iam:CreateUser.PermissionsBoundary")]
    pub boundary: Option<Ref>,
    /// Managed policies that are attached to it. Others that somebody attached are not listed.
    #[resource(elements(removed = Disruptive), in_use, initial = BTreeSet::new())]
    #[aws("iam:AttachUserPolicy.PolicyArn")]
    pub policies: BTreeSet<Ref>,
    /// Its inline policies. Others that somebody added are not listed.
    #[resource(elements(changed = Disruptive, removed = Disruptive), initial = BTreeSet::new())]
    #[aws("iam:PutUserPolicy")]
    pub inline: BTreeSet<InlinePolicy>,
    /// The user groups that it is a member of. Others that somebody added it to are not listed.
    #[resource(elements(removed = Disruptive), in_use, initial = BTreeSet::new())]
    #[aws("iam:AddUserToGroup.GroupName")]
    pub groups: BTreeSet<Ref>,
}

/// A SAML 2.0 identity provider. Its id is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ResourceKind)]
#[resource(mark = Name, lies_in(), renamed = ByName)]
#[resource(outputs(arn = "{id}", console = "iam/home#/identity_providers/details/SAML/{id}", fields(name)))]
#[resource(outage(seconds = 10, what = "nobody signs in through it"))]
#[resource(home = Global, scope = Account, summary(name))]
#[aws(tags = "iam:CreateSAMLProvider.Tags", own_tags = 1)]
pub struct SamlProvider {
    /// Its name, unique in the account: `okta`.
    #[resource(replace = "AWS cannot rename a SAML provider", exclusive)]
    #[aws("iam:CreateSAMLProvider.Name")]
    pub name: String,
    /// The metadata document of the identity provider: XML, without white space at its ends.
    #[resource(in_place = Disruptive)]
    #[aws("iam:CreateSAMLProvider.SAMLMetadataDocument")]
    pub metadata: String,
}
