//! Documents of Systems Manager in an account, whoever they belong to.

use serde::Serialize;

/// A document, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountDocument {
    /// Its name.
    pub name: String,
    /// `Command`, `Automation`, `Session`, ….
    #[serde(rename = "type")]
    pub of: String,
    /// `JSON`, `YAML` or `TEXT`.
    pub format: String,
    /// The version that runs.
    pub version: String,
    /// The type of resource that it is for; any where absent.
    pub target: Option<String>,
    /// The platforms that it runs on.
    pub platforms: Vec<String>,
    /// Whose it is.
    pub owner: DocumentOwner,
}

/// Whose a document is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "by")]
pub enum DocumentOwner {
    /// The project's.
    Own {
        /// Its address.
        address: String,
    },
    /// Another project's of asiaq.
    Project {
        /// Name of the project.
        project: String,
    },
    /// Somebody else's in the account.
    Foreign,
    /// Another account's, or AWS's, which is `Amazon`.
    Account {
        /// The account.
        account: String,
    },
}

/// A version of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentText {
    /// The document; its `version` is the one that the content is of.
    #[serde(flatten)]
    pub document: AccountDocument,
    /// The version that runs.
    pub default_version: String,
    /// The newest version.
    pub latest_version: String,
    /// What it does, as AWS has it.
    pub content: String,
}
