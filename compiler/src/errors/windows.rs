//! Mistakes in windows of time.

use asiaq_lang::{Diagnostic, Span};

use super::{codes, suggestion};
use crate::types::Ty;
use crate::window::{Flaw, Window, days};

pub(crate) fn flawed_window(span: Span, text: &str, flaw: &Flaw, ty: &Ty) -> Diagnostic {
    let (label, help) = match flaw {
        Flaw::Day(day) => (format!("`{day}` is no day of the week"), suggestion(day, days())),
        Flaw::Time(time) => {
            let help = "write hours from 00 to 23 and minutes from 00 to 59".to_owned();
            (format!("`{time}` is no time of a day"), help)
        }
        Flaw::OneDay => ("only one end has a day".to_owned(), format!("write {ty}")),
        Flaw::Empty => ("it ends when it begins".to_owned(), format!("write {ty}")),
    };
    Diagnostic::new(codes::BAD_WINDOW, span, format!("`{text}` is not a window of time"))
        .label(label)
        .help(help)
}

/// A window shorter than AWS takes it.
pub(crate) fn short_window(span: Span, window: Window, least: u32) -> Diagnostic {
    let message = format!("a window of {} minutes is too short: AWS needs {least}", window.minutes());
    Diagnostic::new(codes::BAD_WINDOW, span, message)
        .label(format!("{window}"))
        .help(format!("make it at least {least} minutes long"))
}

/// Two windows of one thing that have a minute in common.
pub(crate) fn windows_meet(span: Span, field: &str, other: &str, at: Span) -> Diagnostic {
    Diagnostic::new(codes::BAD_WINDOW, span, format!("`{field}` and `{other}` overlap"))
        .label("AWS refuses windows that overlap, on any day")
        .related(at, "the other window")
        .help("move one of them")
}
