//! Who is who in an account.

use std::collections::BTreeSet;

use asiaq_runtime::{Found, Principal, Result};

use crate::config::Aws;
use crate::kinds::instance_profile::REMOVE_ROLE_FROM_INSTANCE_PROFILE;
use crate::kinds::{identity, managed_policy, role, saml_provider, user, user_group};
use crate::operation::{IamActions, Operation};

/// The operations that list identities.
pub(crate) const READS: &[Operation] = &[
    identity::GET_ACCOUNT_AUTHORIZATION_DETAILS,
    managed_policy::LIST_POLICY_TAGS,
    saml_provider::LIST_SAML_PROVIDERS,
    saml_provider::GET_SAML_PROVIDER,
];

/// The operations that delete what nobody manages.
pub(crate) const PRUNING: IamActions = &[
    READS,
    identity::credentials::OPS,
    identity::credentials::removals::OPS,
    identity::stripping::OPS,
    managed_policy::OPS,
    role::OPS,
    saml_provider::OPS,
    user::OPS,
    user_group::OPS,
    &[REMOVE_ROLE_FROM_INSTANCE_PROFILE],
];

impl Aws {
    /// The users, user groups, roles, customer managed policies and SAML providers of the account, whoever they belong to.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn principals(&self, region: &str, project: &str) -> Result<Vec<Principal>> {
        identity::principals::principals(&self.surveyed(region), project).await
    }

    /// The identities that no project of asiaq owns, as resources of the account `name` that can be deleted. Left out are
    /// those of AWS, the caller with what it has, and what is among `used`: as ARNs, or as `role/web` and `profile/web`.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn unmanaged(
        &self,
        region: &str,
        project: &str,
        name: &str,
        used: &BTreeSet<String>,
    ) -> Result<Vec<Found>> {
        let caller = self.regions().identity().await?;
        identity::unmanaged::of_account(&self.surveyed(region), project, name, &caller, used).await
    }
}
