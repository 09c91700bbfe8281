//! Who is who in an account.

use asiaq_runtime::{Principal, Result};

use crate::config::Aws;
use crate::kinds::{identity, managed_policy, saml_provider};
use crate::operation::Operation;

/// The operations that list identities.
pub(crate) const READS: &[Operation] = &[
    identity::GET_ACCOUNT_AUTHORIZATION_DETAILS,
    managed_policy::LIST_POLICY_TAGS,
    saml_provider::LIST_SAML_PROVIDERS,
    saml_provider::GET_SAML_PROVIDER,
];

impl Aws {
    /// The users, user groups, roles, customer managed policies and SAML providers of the account, whoever they belong to.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn principals(&self, region: &str, project: &str) -> Result<Vec<Principal>> {
        identity::principals::principals(&self.surveyed(region), project).await
    }
}
