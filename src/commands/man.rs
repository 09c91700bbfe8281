use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;

use super::Arguments;
use crate::exit::{Exit, Result};
use crate::ui;

/// Prints the manual page, or writes one for each command
#[derive(clap::Args, Debug)]
pub(crate) struct Man {
    /// Writes the pages of all commands into this folder
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self) -> Result<Exit> {
        let command = Arguments::command();
        if let Some(folder) = &self.output {
            clap_mangen::generate_to(command, folder)
                .with_context(|| format!("cannot write manual pages to `{}`", folder.display()))?;
        } else {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page).context("cannot print the manual page")?;
            ui::out(&String::from_utf8_lossy(&page));
        }
        Ok(Exit::Done)
    }
}
