//! The `asiaq` command line.

// Only this crate accesses files, environment variables and the clock; the other crates get them as arguments.
#![allow(clippy::disallowed_methods)]
// Arithmetic of times and durations panics on overflow; `clippy.toml` allows that of numbers.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod atomic_write;
mod autofix;
mod commands;
#[cfg(feature = "aws")]
mod engine;
#[cfg(feature = "aws")]
mod env_operator;
#[cfg(feature = "aws")]
mod env_table;
mod exit;
#[cfg(feature = "aws")]
mod identities;
#[cfg(feature = "aws")]
mod in_region;
#[cfg(feature = "aws")]
mod inventory;
#[cfg(feature = "aws")]
mod limits;
mod lsp;
mod new_hostclass;
mod new_project;
mod other_commands;
mod output;
mod panic;
#[cfg(feature = "aws")]
mod password;
mod project;
mod reference;
#[cfg(feature = "aws")]
mod sandbox_list;
#[cfg(feature = "aws")]
mod siblings;
#[cfg(feature = "aws")]
mod status;
#[cfg(feature = "aws")]
mod tfstate;
mod ui;
#[cfg(feature = "aws")]
mod unseen;
#[cfg(feature = "aws")]
mod user_keys;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser};

use commands::Arguments;
use exit::{Exit, Halt};

/// A check allocates many small values: a third of its time was spent in the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Secrets pass through the memory of some commands, and a core dump would write it to a file.
fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Where that is not allowed, the limits are those of whoever started asiaq.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

fn main() -> ExitCode {
    panic::install();
    no_core_dumps();
    // An argument that is not Unicode is none of these words.
    let words = std::env::args_os().skip(1).filter_map(|word| word.into_string().ok());
    if let Some(option) = other_commands::single_dashed(words) {
        return refuse_option(&option);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
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

/// Says why the arguments cannot be used; for a command or an option of another tool, what to use in its place.
fn refuse(error: &clap::Error) -> ExitCode {
    match (error.kind(), error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word)), _) => {
            let pages = || reference::pages(Arguments::command());
            let instead = other_commands::instead(word).map(str::to_owned);
            if let Some(instead) = instead.or_else(|| reference::about(&pages(), word)) {
                ui::error(&anyhow::anyhow!("asiaq has no command `{word}`: {instead}"));
                return Exit::External.into();
            }
        }
        (ErrorKind::UnknownArgument, _, Some(ContextValue::String(option)))
            if other_commands::instead_of_option(option).is_some() =>
        {
            return refuse_option(option);
        }
        _ => {}
    }
    error.exit()
}

fn refuse_option(option: &str) -> ExitCode {
    let name = option.split('=').next().unwrap_or(option);
    let instead = other_commands::instead_of_option(option).unwrap_or_default();
    ui::error(&anyhow::anyhow!("asiaq has no option `{name}`: {instead}"));
    Exit::External.into()
}
