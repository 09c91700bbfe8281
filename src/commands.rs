//! The command line: one file a command.

#[cfg(feature = "aws")]
mod apply;
mod check;
mod completions;
#[cfg(feature = "aws")]
mod destroy;
mod docs;
#[cfg(feature = "aws")]
mod down;
pub(crate) mod env;
mod explain;
mod fmt;
mod graph;
#[cfg(feature = "aws")]
mod hosts;
mod ir;
mod lsp;
mod man;
#[cfg(feature = "aws")]
mod permissions;
#[cfg(feature = "aws")]
mod pipeline;
#[cfg(feature = "aws")]
mod plan;
mod reach;
#[cfg(feature = "aws")]
mod scale;
#[cfg(feature = "aws")]
mod timeline;
#[cfg(feature = "aws")]
mod unlock;
#[cfg(feature = "aws")]
mod up;

use crate::exit::{Exit, Result};
use crate::ui::ColorChoice;

/// Checks, plans and makes AWS environments that are written down in `.asq` files.
#[derive(clap::Parser, Debug)]
#[command(name = "asiaq", version, propagate_version = true, after_help = AFTERWORD)]
pub(crate) struct Arguments {
    /// When to use colour; `NO_COLOR` in the environment means never, too
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTERWORD: &str = "\
Exit codes: 0 done (`plan`: nothing to do), 1 the program has errors, 2 usage or surroundings, \
3 an apply stopped part-way, 10 there are changes to make (`plan`, `--dry-run`), 130 interrupted.";

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    Check(check::Check),
    #[cfg(feature = "aws")]
    Plan(plan::Plan),
    #[cfg(feature = "aws")]
    Apply(apply::Apply),
    #[cfg(feature = "aws")]
    Destroy(destroy::Destroy),
    #[cfg(feature = "aws")]
    Up(up::Up),
    #[cfg(feature = "aws")]
    Down(down::Down),
    #[cfg(feature = "aws")]
    Hosts(hosts::Hosts),
    #[cfg(feature = "aws")]
    Scale(scale::Scale),
    #[cfg(feature = "aws")]
    Permissions(permissions::Permissions),
    #[cfg(feature = "aws")]
    Timeline(timeline::Timeline),
    #[cfg(feature = "aws")]
    Unlock(unlock::Unlock),
    Docs(docs::Docs),
    Explain(explain::Explain),
    Fmt(fmt::Fmt),
    Reach(reach::Reach),
    Graph(graph::Graph),
    Ir(ir::Ir),
    Lsp(lsp::Lsp),
    #[command(subcommand)]
    Env(env::Env),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    pub(crate) fn run(self) -> Result<Exit> {
        match self {
            Self::Check(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Plan(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Apply(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Destroy(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Up(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Down(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Hosts(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Scale(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Permissions(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Timeline(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Unlock(command) => command.run(),
            Self::Docs(command) => command.run(),
            Self::Explain(command) => command.run(),
            Self::Fmt(command) => command.run(),
            Self::Reach(command) => command.run(),
            Self::Graph(command) => command.run(),
            Self::Ir(command) => command.run(),
            Self::Lsp(command) => command.run(),
            Self::Env(command) => command.run(),
            Self::Completions(command) => command.run(),
            Self::Man(command) => command.run(),
        }
    }
}
