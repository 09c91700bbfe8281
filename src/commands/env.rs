use std::collections::BTreeSet;

use anyhow::bail;
use asiaq_compiler::Checked;
use asiaq_ir::{Facts, Ir};

use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::{self, Format, environments, json};

/// Shows the environments of a project
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Env {
    List(List),
}

/// Lists the declared environments
#[derive(clap::Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    project: Project,
    /// Output format of the list
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Selects environments of a project.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Filter {
    /// Only this environment; may be repeated. Default: all environments
    #[arg(long = "env", value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

impl Env {
    pub(crate) fn run(&self) -> Result<Exit> {
        match self {
            Self::List(list) => list.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<Exit> {
        let checked = project::sound(self.project.path.as_deref(), self.format)?;
        match self.format {
            Format::Json => json::print(&checked.environments()),
            Format::Text => ui::out(&environments::table(&checked.environments())),
        }
        Ok(Exit::Done)
    }
}

impl Filter {
    /// The selected names; refuses a name that is not declared.
    pub(crate) fn known(&self, checked: &Checked) -> anyhow::Result<BTreeSet<String>> {
        let environments = checked.environments();
        let declared: Vec<&str> = environments.iter().map(|env| env.name.as_str()).collect();
        for name in &self.names {
            if !declared.contains(&name.as_str()) {
                bail!(project::unknown_environment(name, &declared));
            }
        }
        Ok(self.names.iter().cloned().collect())
    }

    /// The resources of the selected environments, or of all if none is named, in an empty account.
    pub(crate) fn lowered(&self, checked: &Checked) -> anyhow::Result<Ir> {
        let named = self.known(checked)?;
        let mut ir = checked.lower(&Facts::default()).ir;
        if !named.is_empty() {
            ir.environments.retain(|name, _| named.contains(name));
            ir.resources.retain(|address, _| named.contains(address.env()));
            // A run for single environments prunes no account.
            ir.accounts.values_mut().for_each(|account| account.prune = false);
        }
        Ok(ir)
    }
}
