use std::io::IsTerminal as _;

use crate::exit::{Exit, Result};
use crate::{lsp, ui};

/// Serves an editor over standard input and output, by the Language Server Protocol
#[derive(clap::Args, Debug)]
pub(crate) struct Lsp {
    /// Accepted because editors add it; there is no other way to talk to it
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { stdio: _ } = self;
        if std::io::stdin().is_terminal() {
            ui::say("this is for an editor to run, not for a person: it waits for messages\n");
        }
        lsp::serve()
    }
}
