//! Output for people and for programs. Data goes to stdout, messages go to stderr; no other module prints.
//!
//! Text is always coloured; the streams remove colours if they are not a terminal.

#[cfg(feature = "aws")]
pub(crate) mod adoption;
#[cfg(feature = "aws")]
pub(crate) mod bakes;
#[cfg(feature = "aws")]
pub(crate) mod caches;
#[cfg(feature = "aws")]
pub(crate) mod chaos;
pub(crate) mod code_host;
#[cfg(feature = "aws")]
pub(crate) mod databases;
#[cfg(feature = "aws")]
pub(crate) mod deploys;
pub(crate) mod diagnostics;
pub(crate) mod diff;
pub(crate) mod environments;
pub(crate) mod explanation;
pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod permission;
mod prose;
pub(crate) mod reach;
pub(crate) mod report;
#[cfg(feature = "aws")]
mod secrets;
mod table;
mod text;
pub(crate) mod verification;
mod width;

#[cfg(feature = "aws")]
pub(crate) mod documents;
#[cfg(feature = "aws")]
pub(crate) mod identities;
#[cfg(feature = "aws")]
pub(crate) mod images;
#[cfg(feature = "aws")]
pub(crate) mod instances;
#[cfg(feature = "aws")]
pub(crate) mod inventory;
#[cfg(feature = "aws")]
pub(crate) mod key_pairs;
#[cfg(feature = "aws")]
pub(crate) mod keys;
#[cfg(feature = "aws")]
pub(crate) mod lease;
#[cfg(feature = "aws")]
pub(crate) mod limits;
#[cfg(feature = "aws")]
pub(crate) mod operators;
#[cfg(feature = "aws")]
pub(crate) mod outcome;
#[cfg(feature = "aws")]
pub(crate) mod permissions;
#[cfg(feature = "aws")]
pub(crate) mod plan;
#[cfg(feature = "aws")]
pub(crate) mod principals;
#[cfg(feature = "aws")]
pub(crate) mod progress;
#[cfg(feature = "aws")]
pub(crate) mod remote;
#[cfg(feature = "aws")]
pub(crate) mod sandboxes;
#[cfg(feature = "aws")]
pub(crate) mod search;
#[cfg(feature = "aws")]
pub(crate) mod snapshots;
#[cfg(feature = "aws")]
pub(crate) mod status;
#[cfg(feature = "aws")]
pub(crate) mod stored_secrets;
#[cfg(feature = "aws")]
pub(crate) mod tables;
#[cfg(feature = "aws")]
pub(crate) mod timeline;
#[cfg(feature = "aws")]
pub(crate) mod unmanaged;

use std::io::{self, Write};
use std::sync::OnceLock;

#[cfg(feature = "aws")]
pub(crate) use secrets::without_secrets;
pub(crate) use text::listed;
#[cfg(feature = "aws")]
pub(crate) use text::{count, span};

/// Output format of data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// What an answer without AWS is worth.
pub(crate) fn from_program() -> String {
    let text =
        "computed from the program alone: live environments keep the CIDR blocks that they have in AWS";
    table::wrapped(text::PLAIN, text, width::width(), 0).join("\n") + "\n"
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

/// Sets when to use colour in all further output.
pub(crate) fn set_color(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Prints data that may be no text, as it is.
#[cfg(feature = "aws")]
pub(crate) fn bytes(data: &[u8]) {
    keep_error(write(io::stdout().lock(), data));
}

/// The first error of writing data.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Prints data.
pub(crate) fn out(text: &str) {
    keep_error(write(anstream::stdout().lock(), text.as_bytes()));
}

/// The error if not all data could be written.
pub(crate) fn lost() -> Option<&'static io::Error> {
    LOST.get()
}

/// Prints a list: as data, or as text, or says on stderr that there is nothing (`none`).
#[cfg(feature = "aws")]
pub(crate) fn list(
    format: Format,
    data: &impl serde::Serialize,
    none: Option<&str>,
    text: impl FnOnce() -> String,
) {
    match (format, none) {
        (Format::Json, _) => json::print(data),
        (Format::Text, Some(none)) => say(&format!("{none}\n")),
        (Format::Text, None) => out(&text()),
    }
}

/// Prints a message.
pub(crate) fn say(text: &str) {
    // There is nowhere to report that stderr cannot be written.
    let _ = write(anstream::stderr().lock(), text.as_bytes());
}

/// Asks on the terminal and waits for one line.
pub(crate) fn ask(question: &str) -> io::Result<String> {
    say(question);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Prints a warning; the command continues.
pub(crate) fn warn(what: &str) {
    say(&format!("{} {what}\n", text::paint(text::WARNING, "warning:")));
}

/// Prints why a command failed.
pub(crate) fn error(error: &anyhow::Error) {
    say(&format!("{} {error:#}\n", text::paint(text::ERROR, "error:")));
}

fn keep_error(written: io::Result<()>) {
    if let Err(error) = written {
        LOST.get_or_init(|| error);
    }
}

fn write(mut stream: impl Write, data: &[u8]) -> io::Result<()> {
    match stream.write_all(data).and_then(|()| stream.flush()) {
        // The reader may close the pipe early, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
