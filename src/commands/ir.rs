use super::env::Filter;
use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::{self, Format, json};

/// Prints the AWS resources that a project declares, as JSON
///
/// Does not access AWS: CIDR blocks and zones are those of an empty account.
#[derive(clap::Args, Debug)]
pub(crate) struct Ir {
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    filter: Filter,
}

impl Ir {
    pub(crate) fn run(&self) -> Result<Exit> {
        let checked = project::sound(self.project.path.as_deref(), Format::Text)?;
        json::print(&self.filter.lowered(&checked)?);
        ui::say(&ui::from_program());
        Ok(Exit::Done)
    }
}
