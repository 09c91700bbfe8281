//! Logs: that their configuration says what is meant, and nothing that a name could put into it.

use std::collections::BTreeMap;

use asiaq_lang::Diagnostic;

use crate::errors;
use crate::library::fields::{LogFields, LoggingFields};
use crate::linux::name_problem;
use crate::logging::{CONVENTION, OTHER};
use crate::model::{Log, Logging, Model, Settings};

/// Most characters of a tag or a type: rsyslog takes tags of up to 511.
const LONGEST: usize = 100;

pub(super) fn prove(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let Logging { settings, logs } = &model.logging;
    if let Some(settings) = settings {
        check_settings(settings, diagnostics);
    }
    let mut tags = BTreeMap::new();
    for log in logs {
        check_log(log, diagnostics);
        if let Some(tag) = &log.tag
            && let Some(other) = tags.insert(&tag.value, log.span)
        {
            diagnostics.push(errors::log_tag_twice(tag.span(), &tag.value, other));
        }
    }
}

fn check_settings(settings: &Settings, diagnostics: &mut Vec<Diagnostic>) {
    let paths = [
        (LoggingFields::FOLDER, Some(&settings.folder)),
        (LoggingFields::SOCKET, settings.socket.as_ref()),
        (LoggingFields::QUEUE, Some(&settings.queue)),
    ];
    for (field, path) in paths.into_iter().filter_map(|(field, path)| Some((field, path?))) {
        let is_path = path.value.strip_prefix('/').is_some_and(is_path);
        if !is_path {
            diagnostics.push(errors::not_a_log_place(path.place(settings.span), field, &path.value));
        }
    }
    if let Some(group) = &settings.group
        && name_problem(&group.value).is_some()
    {
        diagnostics.push(errors::not_a_log_group(group.span(), &group.value));
    }
}

fn check_log(log: &Log, diagnostics: &mut Vec<Diagnostic>) {
    let Some(tag) = &log.tag else {
        if let Some(file) = &log.file {
            diagnostics.push(errors::log_file_without_tag(file.span(), &log.name));
        }
        if log.all_types().is_empty() && !log.has_broken {
            diagnostics.push(errors::log_without_types(log.types.place(log.span), &log.name));
        }
        for one in &log.more_types.value {
            if !is_word(&one.value) || one.value == OTHER {
                diagnostics.push(errors::not_a_log_type(one.span, &one.value));
            }
        }
        return;
    };
    for (field, types) in [(LogFields::TYPES, &log.types), (LogFields::MORE_TYPES, &log.more_types)] {
        if types.is_said() {
            diagnostics.push(errors::types_beside_tag(types.span(), field));
        }
    }
    if tag.value.starts_with(CONVENTION) {
        diagnostics.push(errors::log_tag_of_convention(tag.span(), &tag.value));
    } else if !is_tag(&tag.value) {
        diagnostics.push(errors::not_a_log_tag(tag.span(), &tag.value));
    }
    if let Some(file) = &log.file
        && !is_log_file(&file.value)
    {
        diagnostics.push(errors::not_a_log_path(file.span(), &file.value));
    }
}

/// Whether a text can be a type in a tag.
fn is_word(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=LONGEST).contains(&text.len()) && text.chars().all(is_sign)
}

/// Whether tags can begin with a text.
fn is_tag(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    (1..=LONGEST).contains(&text.len()) && text.chars().all(is_sign)
}

/// Whether a text is a path, without the `/` that it may begin with, that nothing takes for something else.
fn is_path(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_part = |part: &str| {
        let is_name = !matches!(part, "" | "." | "..") && !part.starts_with('-');
        is_name && part.len() <= LONGEST && part.chars().all(is_sign)
    };
    text.len() <= 2 * LONGEST && text.split('/').all(is_part)
}

/// Whether a path is a file for a log. Its folders can have the name of no other file.
fn is_log_file(text: &str) -> bool {
    let is_log = |part: &str| part.strip_suffix(".log").is_some();
    let mut parts: Vec<&str> = text.split('/').collect();
    let file = parts.pop().unwrap_or_default();
    is_path(text) && is_log(file) && !parts.iter().any(|part| is_log(part))
}
