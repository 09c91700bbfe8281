use clap::CommandFactory;
use clap_complete::Shell;

use super::Arguments;
use crate::exit::{Exit, Result};
use crate::ui;

/// Prints completions for a shell
#[derive(clap::Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    #[expect(clippy::unnecessary_wraps, reason = "every command has the same shape")]
    pub(crate) fn run(&self) -> Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "asiaq", &mut script);
        ui::out(&String::from_utf8_lossy(&script));
        Ok(Exit::Done)
    }
}
