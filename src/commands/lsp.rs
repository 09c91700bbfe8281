use std::io::IsTerminal as _;

use crate::exit::{Exit, Result};
use crate::{lsp, ui};

/// Runs the language server (LSP) on standard input and output
#[derive(clap::Args, Debug)]
pub(crate) struct Lsp {
    /// Accepted because editors pass it; stdin and stdout are the only transport
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub(crate) fn run(&self) -> Result<Exit> {
        let Self { stdio: _ } = self;
        if std::io::stdin().is_terminal() {
            ui::say("the language server is started by an editor; it is waiting for messages on stdin\n");
        }
        let ended = lsp::serve()?;
        if let Some(why) = ended.why {
            ui::error(&anyhow::anyhow!(why));
        }
        Ok(ended.exit)
    }
}
