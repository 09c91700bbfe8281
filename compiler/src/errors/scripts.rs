//! Scripts of instances that cloud-init would not run.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::{codes, unknown_variable};

pub(crate) fn unreadable_script(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(codes::SCRIPT_UNREADABLE, span, why)
        .label("cannot be read")
        .help("the path is relative to the file that it is written in; its content is UTF-8 text")
}

pub(crate) fn file_without_quotes(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SCRIPT_UNREADABLE, span, "the path of a file is a string")
        .label("not in quotes")
        .help("write `file \"boot.sh\"`")
}

pub(crate) fn file_with_variable(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SCRIPT_UNREADABLE, span, "the path of a file is the same in every environment")
        .label("has a variable")
        .help("write the path, and override the field for an environment: `script@live = file \"live.sh\"`")
}

pub(crate) fn no_folder(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(codes::SCRIPT_UNREADABLE, span, why).label("cannot be read").help(
        "the path is relative to the file that it is written in; create the folder, or correct the path",
    )
}

pub(crate) fn folder_without_quotes(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SCRIPT_UNREADABLE, span, "the path of a folder is a string")
        .label("not in quotes")
        .help("write `dir \"root\"`")
}

pub(crate) fn folder_with_variable(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SCRIPT_UNREADABLE, span, "the path of a folder is the same in every environment")
        .label("has a variable")
        .help("write the path: `dir \"root\"`")
}

pub(crate) fn empty_script(span: Span) -> Diagnostic {
    form(span, "this script is empty", "nothing to run", "add its text, or remove it")
}

pub(crate) fn script_with_mark(span: Span) -> Diagnostic {
    form(
        span,
        "this script begins with a byte order mark, and Linux would not run it",
        "has a byte order mark",
        "save it as UTF-8 without a byte order mark",
    )
}

pub(crate) fn script_line_ends(span: Span, line: usize) -> Diagnostic {
    form(
        span,
        &format!("line {line} of this script ends as on Windows (CRLF)"),
        "has carriage returns",
        "save it with the line ends of Linux (LF)",
    )
}

pub(crate) fn binary_script(span: Span, line: usize, bad: char) -> Diagnostic {
    form(
        span,
        &format!("line {line} of this script contains the control character {}", bad.escape_unicode()),
        "not text",
        "a script is text; store programs elsewhere, and let the script download them",
    )
}

pub(crate) fn script_start(span: Span, file: Option<&str>, text: &str) -> Diagnostic {
    let first = text.lines().next().unwrap_or_default();
    let found = Diagnostic::new(
        codes::SCRIPT_FORM,
        span,
        "the first line of a script must be `#!` and a program, or `#cloud-config`",
    );
    let is_path = file.is_none() && !text.contains('\n') && !first.contains(' ') && first.contains('.');
    if is_path {
        return found
            .label("this is the text of the script, not the name of its file")
            .help(format!("write `file \"{first}\"`"))
            .fix(format!("write `file \"{first}\"`"), span, format!("file \"{first}\""));
    }
    let start = first.chars().take(40).collect::<String>();
    found.label(format!("begins with `{start}`")).help("add `#!/bin/sh` as its first line")
}

pub(crate) fn variable_of_shell(path: &Name, known: &[&str]) -> Diagnostic {
    unknown_variable(path, known).help(format!(
        "for a variable of the shell, write `${}` or `\\${{{}}}`, or put the script into a file, where `${{…}}` is left as it is",
        path.text, path.text
    ))
}

pub(crate) fn secret_in_script(span: Span, line: usize, what: &str) -> Diagnostic {
    Diagnostic::new(codes::SECRET_IN_SCRIPT, span, format!("line {line} of this script looks like {what}"))
        .label("everybody who may describe launch templates can read it")
        .help("give the instances a role with `instance_profile`, and let the script fetch the secret from Systems Manager or Secrets Manager")
}

fn form(span: Span, message: &str, label: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::SCRIPT_FORM, span, message).label(label).help(help)
}
