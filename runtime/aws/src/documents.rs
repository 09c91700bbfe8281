//! The documents of Systems Manager in an account, whoever they belong to.

use asiaq_runtime::{AccountDocument, DocumentText, Result};

use crate::config::Aws;
use crate::kinds::document::inventory;

impl Aws {
    /// The documents of the account in a region; with `all` also AWS's, and those that other accounts share with it.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn documents(&self, region: &str, project: &str, all: bool) -> Result<Vec<AccountDocument>> {
        inventory::documents(&self.region(region), project, all).await
    }

    /// A version of a document, or the default one; none where there is no such document or version.
    ///
    /// # Errors
    /// The first call that fails.
    pub async fn document(
        &self,
        region: &str,
        project: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Option<DocumentText>> {
        inventory::document(&self.region(region), project, name, version).await
    }
}
