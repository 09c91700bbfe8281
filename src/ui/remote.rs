//! What commands on instances write, and how they ended.

use serde::Serialize;

use super::text::{BAD, BOLD, DIM, GOOD, count, paint};
use super::{Format, out, say};

/// One line for a program.
#[derive(Serialize)]
struct Line<'a, H: Serialize> {
    #[serde(flatten)]
    host: &'a H,
    #[serde(flatten)]
    what: What<'a>,
}

/// What a line says.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum What<'a> {
    Stdout(&'a str),
    Stderr(&'a str),
    Ended {
        code: u8,
        /// Why there is no exit code of the command itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<&'a str>,
        /// Time on the way; absent where AWS runs the command.
        #[serde(skip_serializing_if = "Option::is_none")]
        seconds: Option<f64>,
        /// Whether there was more output.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        cut: bool,
    },
}

/// How a command ended on an instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    pub(crate) code: u8,
    /// Why there is no exit code of its own.
    pub(crate) failure: Option<&'a str>,
    pub(crate) seconds: Option<f64>,
    /// Why the output is not whole.
    pub(crate) cut: Option<&'a str>,
}

/// Prints commands on instances as they run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    pub(crate) format: Format,
    /// Width of the longest label.
    pub(crate) width: usize,
}

impl Printer {
    /// A line that a command has written.
    pub(crate) fn line(self, host: &impl Serialize, label: &str, is_error: bool, text: &str) {
        match self.format {
            Format::Json => print(host, if is_error { What::Stderr(text) } else { What::Stdout(text) }),
            Format::Text => {
                let line =
                    format!("{} {text}\n", paint(DIM, &format!("{label:width$} |", width = self.width)));
                if is_error { say(&line) } else { out(&line) }
            }
        }
    }

    /// How a command ended.
    pub(crate) fn ended(self, host: &impl Serialize, label: &str, end: End<'_>) {
        let End { code, failure, seconds, cut } = end;
        match self.format {
            Format::Json => print(host, What::Ended { code, failure, seconds, cut: cut.is_some() }),
            Format::Text => {
                for why in [failure, cut].into_iter().flatten() {
                    let label = paint(BAD, &format!("{label:width$} !", width = self.width));
                    say(&format!("{label} {why}\n"));
                }
            }
        }
    }
}

fn print(host: &impl Serialize, what: What<'_>) {
    // All keys are strings, so that this does not fail.
    let text = serde_json::to_string(&Line { host, what }).unwrap_or_default();
    out(&format!("{text}\n"));
}

/// How many ended how: exit codes with their numbers, and those that were not asked.
pub(crate) fn summary(codes: &[(u8, usize)], failures: usize, unasked: usize) -> String {
    let all: usize = codes.iter().map(|(_, number)| number).sum::<usize>() + failures;
    let mut parts: Vec<String> = codes
        .iter()
        .map(|(code, number)| {
            let style = if *code == 0 { GOOD } else { BAD };
            paint(style, &format!("{number} ended with {code}"))
        })
        .collect();
    if failures > 0 {
        parts.push(paint(BAD, &format!("{failures} failed")));
    }
    if unasked > 0 {
        parts.push(format!("{unasked} not running and not asked"));
    }
    format!("{}: {}\n", paint(BOLD, &count(all, "instance")), parts.join(", "))
}

/// The instances that a command would run on, a line for each.
pub(crate) fn reaches<'a>(all: impl Iterator<Item = (&'a str, String, &'a str, Option<&'a str>)>) -> String {
    let lines = all.map(|(label, env, address, jump)| {
        let jump = jump.map(|jump| format!(" through {jump}")).unwrap_or_default();
        format!("{label}{} at {address}{jump}\n", if env.is_empty() { env } else { format!(" in {env}") })
    });
    lines.collect()
}
