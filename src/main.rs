//! The `asiaq` command: arguments in, text out. What the language means is the compiler's business, what AWS
//! needs the engine's.

// Files, the environment and the clock are this crate's business; every other crate is handed what it needs.
#![allow(clippy::disallowed_methods)]

mod commands;
mod disk;
#[cfg(feature = "aws")]
mod engine;
mod exit;
mod lsp;
mod mending;
mod output;
mod project;
mod reference;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use commands::Arguments;
use exit::{Exit, Halt};

/// A check makes and drops a great many small things: a third of its time was the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    ui::set_color(arguments.color);
    let exit = match arguments.command.run() {
        Ok(exit) => exit,
        Err(Halt::Program) => Exit::Program,
        Err(Halt::Interrupted) => {
            ui::say("\ninterrupted; nothing was changed\n");
            Exit::Interrupted
        }
        Err(Halt::External(error)) => {
            ui::error(&error);
            Exit::External
        }
    };
    match ui::lost() {
        Some(why) => {
            ui::error(&anyhow::anyhow!("the output could not be written: {why}"));
            Exit::External.into()
        }
        None => exit.into(),
    }
}
