use clap_complete::Shell;

use crate::exit::{Exit, Result};
use crate::ui;

/// Prints shell completions
#[derive(clap::Args, Debug)]
pub(crate) struct Completions {
    /// The shell to complete for
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    #[expect(clippy::unnecessary_wraps, reason = "all commands have the same signature")]
    pub(crate) fn run(&self, mut asiaq: clap::Command) -> Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut asiaq, "asiaq", &mut script);
        ui::out(&String::from_utf8_lossy(&script));
        Ok(Exit::Done)
    }
}
