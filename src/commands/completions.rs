use clap::{Arg, Command};
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
    pub(crate) fn run(&self, asiaq: Command) -> Result<Exit> {
        let mut asiaq = without_hidden(asiaq);
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut asiaq, "asiaq", &mut script);
        ui::out(&String::from_utf8_lossy(&script));
        Ok(Exit::Done)
    }
}

/// The command without the hidden arguments of its subcommands, which the scripts would offer. clap cannot take an
/// argument away, so such a subcommand is made anew.
fn without_hidden(asiaq: Command) -> Command {
    let has_hidden = |command: &&Command| command.get_arguments().any(Arg::is_hide_set);
    let names: Vec<String> =
        asiaq.get_subcommands().filter(has_hidden).map(|command| command.get_name().to_owned()).collect();
    names.iter().fold(asiaq, |asiaq, name| {
        asiaq.mut_subcommand(name, |command| {
            let shown = command.get_arguments().filter(|argument| !argument.is_hide_set()).cloned();
            let about = command.get_about().cloned().unwrap_or_default();
            // clap wants names that outlive everything, and the process ends with the script.
            let name: &'static str = command.get_name().to_owned().leak();
            Command::new(name).about(about).args(shown.collect::<Vec<_>>())
        })
    })
}
