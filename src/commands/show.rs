use std::path::{Path, PathBuf};

use crate::engine::{self, Connection, InventoryRequest};
use crate::exit::{Exit, Result};
use crate::project;
use crate::ui::{self, Format, inventory, json};

/// Shows what is in AWS: ids, addresses, DNS names, name servers, links to the console
///
/// Lists each resource that the program declares, with its id and what AWS chose for it, and says of each whether it is
/// in AWS. What is in AWS and no longer declared is listed too. Reads AWS and changes nothing.
///
/// ADDRESS is the address of a resource, as in `prod/zone/world`: shows all that is known of it. Or it is the beginning
/// of addresses, such as an environment or `prod/hostclass/web`: lists what is below it. If a declared resource at or
/// below ADDRESS is not in AWS, the exit code is 10. If an account could not be used, it is 3.
///
/// `--format shell` prints variables for `eval "$(asiaq show --format shell)"`, such as `ASIAQ_PROD_VPC_ID`. `--format
/// terraform` prints a file of variables for Terraform: with `variable "asiaq" { type = any }`, a VPC is
/// `var.asiaq["prod/vpc"].id`.
#[derive(clap::Args, Debug)]
#[command(override_usage = "asiaq show [OPTIONS] [PATH] [ADDRESS]")]
pub(crate) struct Show {
    /// The project's file or folder. Default: this folder
    #[arg(value_name = "PATH")]
    first: Option<String>,
    /// A resource, or the beginning of addresses. Default: all resources
    #[arg(value_name = "ADDRESS")]
    second: Option<String>,
    /// Only this environment; may be repeated. Default: all environments
    #[arg(long = "env", value_name = "NAME")]
    envs: Vec<String>,
    /// Only what belongs to this account and not to an environment; may be repeated, also beside `--env`
    #[arg(long = "account", value_name = "NAME")]
    accounts: Vec<String>,
    /// Also read this region; may be repeated. Resources in a region that the program no longer uses are otherwise not
    /// found
    #[arg(long, value_name = "REGION")]
    also_region: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: ShowFormat,
    #[command(flatten)]
    connection: Connection,
}

/// The output formats of `show`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum ShowFormat {
    /// For people.
    #[default]
    #[value(alias = "text")]
    Table,
    /// For programs.
    Json,
    /// Variables of a POSIX shell, one assignment per line.
    Shell,
    /// A file of variables for Terraform, such as `asiaq.auto.tfvars`.
    Terraform,
}

impl Show {
    pub(crate) fn run(&self) -> Result<Exit> {
        let (path, address) = self.place();
        let diagnostics = if self.format == ShowFormat::Json { Format::Json } else { Format::Text };
        let found = engine::block_on(async |interrupts| {
            let request = InventoryRequest {
                path: path.as_deref(),
                address,
                envs: &self.envs,
                accounts: &self.accounts,
                also_regions: &self.also_region,
                connection: &self.connection,
                format: diagnostics,
            };
            interrupts.guard(Box::pin(engine::inventory(request, &interrupts))).await
        })?;
        match self.format {
            ShowFormat::Table => ui::out(&inventory::text(&found)),
            ShowFormat::Json => json::print(&inventory::data(&found)),
            ShowFormat::Shell => ui::out(&inventory::shell(&found)),
            ShowFormat::Terraform => ui::out(&inventory::terraform(&found)),
        }
        let as_variables = matches!(self.format, ShowFormat::Shell | ShowFormat::Terraform);
        ui::say(&inventory::notes(&found, as_variables));
        let is_missed = address.is_some() && found.absent().next().is_some();
        Ok(if found.is_partial {
            Exit::Partial
        } else if is_missed {
            Exit::Changes
        } else {
            Exit::Done
        })
    }

    /// The project and the address: a word that names no project is an address.
    fn place(&self) -> (Option<PathBuf>, Option<&str>) {
        let (path, address) = match (self.first.as_deref(), self.second.as_deref()) {
            (Some(word), None) if project::is_there(Path::new(word)) => (Some(word), None),
            (Some(word), None) => (None, Some(word)),
            (Some(word), Some(path)) if project::is_path(path) && !project::is_path(word) => {
                (Some(path), Some(word))
            }
            (path, address) => (path, address),
        };
        (path.map(PathBuf::from), address)
    }
}
