//! The page about the commands, generated from their help.

use std::fmt::Write as _;

use clap::Command;

use super::{Page, Section};

pub(super) fn page(asiaq: Command) -> Page {
    let mut command = asiaq.term_width(100);
    command.build();
    let summary = "Every command with its options, and the exit codes.".to_owned();
    let mut markdown = format!("# The command line\n\n{summary}\n");
    if let Some(afterword) = command.get_after_help() {
        let _ = write!(markdown, "\n{afterword}\n");
    }
    for subcommand in command.get_subcommands_mut() {
        describe(&mut markdown, subcommand);
    }
    Page {
        path: "commands".to_owned(),
        title: "The command line".to_owned(),
        summary,
        section: Section::Guide,
        words: &["argument", "cli", "command", "commands", "exit code", "flag", "option"],
        words_of_headings: &[],
        markdown,
    }
}

fn describe(markdown: &mut String, command: &mut Command) {
    if command.get_name() == "help" {
        return;
    }
    let name = command.get_display_name().unwrap_or_default().replace('-', " ");
    let help = command.render_long_help().to_string();
    let _ = write!(markdown, "\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end());
    for subcommand in command.get_subcommands_mut() {
        describe(markdown, subcommand);
    }
}
