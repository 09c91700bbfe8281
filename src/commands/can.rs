use std::path::PathBuf;

use anyhow::anyhow;
use asiaq_compiler::Permission;

use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::{self, Format, json, permission};

/// Says whether a role or user may do something, and which statement decides
///
/// PRINCIPAL is a role or user of the account, as in `role/web` or `user/alice`; the name alone is enough if nothing
/// else has it. ACTION may have wildcards: then it is about all such actions. RESOURCE is an ARN, `*`, or the name of
/// something that the account declares. The answer is `allowed` or `denied` if it is so whatever is not known, such
/// as the values of condition keys, and otherwise `depends`. Does not access AWS. Exits with 0 whatever the answer is.
#[derive(clap::Args, Debug)]
pub(crate) struct Can {
    /// Name of the account in the project
    account: String,
    /// Role or user
    principal: String,
    /// Action, as in `s3:GetObject`
    action: String,
    /// ARN of the resource, its name in the project, or `*`
    #[arg(default_value = "*")]
    resource: String,
    /// The project's file or folder. Default: this folder
    path: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Can {
    pub(crate) fn run(&self) -> Result<Exit> {
        let checked = project::answering(self.path.as_deref(), self.format)?;
        let answers: Vec<Permission> = checked
            .permissions(&self.account, &self.principal, &self.action, &self.resource)
            .map_err(|why| anyhow!(why))?;
        match self.format {
            Format::Text => ui::out(&permission::text(&answers)),
            Format::Json => json::print(&Answers { answers: &answers }),
        }
        Ok(Exit::Done)
    }
}

#[derive(serde::Serialize)]
struct Answers<'a> {
    answers: &'a [Permission],
}
