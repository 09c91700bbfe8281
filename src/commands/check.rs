use crate::exit::{Exit, Result};
use crate::project::{self, Project};
use crate::ui::{self, Format, diagnostics, json};

/// Finds every mistake, without AWS and without credentials
#[derive(clap::Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    project: Project,
    /// How to print what is wrong
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Check {
    pub(crate) fn run(&self) -> Result<Exit> {
        let checked = project::read(self.project.path.as_deref())?;
        match self.format {
            Format::Json => json::print(&json::report(&checked.sources, &checked.diagnostics)),
            Format::Text => {
                ui::out(&diagnostics::draw(&checked.sources, &checked.diagnostics));
                ui::out(&diagnostics::verdict(&checked));
            }
        }
        Ok(if checked.has_errors() { Exit::Program } else { Exit::Done })
    }
}
