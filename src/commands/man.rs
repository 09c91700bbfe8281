use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use crate::exit::{Exit, Result};
use crate::ui;

/// Prints the manual page, or writes the manual pages of all commands
#[derive(clap::Args, Debug)]
pub(crate) struct Man {
    /// Writes the manual pages of all commands to this folder
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, asiaq: clap::Command) -> Result<Exit> {
        if let Some(folder) = &self.output {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create the folder `{}`", folder.display()))?;
            clap_mangen::generate_to(asiaq, folder)
                .with_context(|| format!("cannot write manual pages to `{}`", folder.display()))?;
        } else {
            let mut page = Vec::new();
            // The page of `asiaq help` is none of its own.
            clap_mangen::Man::new(asiaq.disable_help_subcommand(true))
                .render(&mut page)
                .context("cannot print the manual page")?;
            ui::out(&String::from_utf8_lossy(&page));
        }
        Ok(Exit::Done)
    }
}
