//! Text for people and for programs: the only code that prints. Data goes to stdout, talk to stderr.
//!
//! Everything is rendered with colours; the streams take them out where nobody would see them.

pub(crate) mod diagnostics;
pub(crate) mod diff;
pub(crate) mod environments;
pub(crate) mod explanation;
pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod page;
mod prose;
pub(crate) mod reach;
pub(crate) mod report;
mod rules;
pub(crate) mod sarif;
mod style;
mod table;
mod words;

#[cfg(feature = "aws")]
mod age;
#[cfg(feature = "aws")]
pub(crate) mod ask;
#[cfg(feature = "aws")]
pub(crate) mod lease;
#[cfg(feature = "aws")]
pub(crate) mod machines;
#[cfg(feature = "aws")]
pub(crate) mod outcome;
#[cfg(feature = "aws")]
pub(crate) mod permissions;
#[cfg(feature = "aws")]
pub(crate) mod plan;
#[cfg(feature = "aws")]
pub(crate) mod progress;
#[cfg(feature = "aws")]
pub(crate) mod timeline;

use std::io::{self, Write};
use std::sync::OnceLock;

pub(crate) use words::listed;

/// How a command prints its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// Settles when to use colour, for everything that is printed from now on.
pub(crate) fn set_color(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Why data could not be printed, the first time that happened.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Prints data.
pub(crate) fn out(text: &str) {
    if let Err(error) = write(anstream::stdout().lock(), text) {
        LOST.get_or_init(|| error);
    }
}

/// Why data that should have been printed is lost; nothing where all of it arrived.
pub(crate) fn lost() -> Option<&'static io::Error> {
    LOST.get()
}

/// Says something beside the data.
pub(crate) fn say(text: &str) {
    // Where nobody can be told, nobody can be told that either.
    let _ = write(anstream::stderr().lock(), text);
}

/// Says what is not as it should be, where the command goes on.
#[cfg(feature = "aws")]
pub(crate) fn warn(what: &str) {
    say(&format!("{} {what}\n", style::paint(style::WARNING, "warning:")));
}

/// Says why a command cannot go on.
pub(crate) fn error(error: &anyhow::Error) {
    say(&format!("{} {error:#}\n", style::paint(style::ERROR, "error:")));
}

fn write(mut stream: impl Write, text: &str) -> io::Result<()> {
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        // Whoever reads may have had enough, as `head` does: that is no mistake.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
