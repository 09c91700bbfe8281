//! Logs that cannot be passed on or filed.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

fn setting(span: Span, message: &str, label: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::LOG_SETTING, span, message).label(label).help(help)
}

pub(crate) fn types_beside_tag(span: Span, field: &str) -> Diagnostic {
    setting(
        span,
        &format!("a log with a `tag` of its own has no `{field}`"),
        "types are in tags `disco.NAME.TYPE`",
        &format!("remove `{field}`, or `tag`"),
    )
}

pub(crate) fn log_file_without_tag(span: Span, name: &str) -> Diagnostic {
    setting(
        span,
        &format!("the files of `{name}` are named after its types: `{name}/app.log`"),
        "for a log with a `tag`",
        "remove `file`, or set the `tag` that its messages have",
    )
}

pub(crate) fn log_without_types(span: Span, name: &str) -> Diagnostic {
    setting(span, &format!("log `{name}` has no type"), "no type", "add a type, such as `types = [app]`")
}

pub(crate) fn not_a_log_type(span: Span, of_type: &str) -> Diagnostic {
    setting(
        span,
        &format!("`{of_type}` cannot be the type of a log"),
        "not a type",
        "write letters, digits, `_` and `-`, but not `other`, the file of types that are not listed",
    )
}

pub(crate) fn not_a_log_tag(span: Span, tag: &str) -> Diagnostic {
    setting(
        span,
        &format!("`{tag}` cannot be what the tags of messages begin with"),
        "not a tag",
        "write up to 100 letters, digits, `.`, `_`, `-` and `/`, as in `\"mongod\"`",
    )
}

pub(crate) fn log_tag_of_convention(span: Span, tag: &str) -> Diagnostic {
    setting(
        span,
        &format!("messages whose tag begins with `{tag}` belong to the log that the tag names"),
        "the tag of another log",
        "remove `tag`: a log without one has the tags `disco.NAME.TYPE`",
    )
}

pub(crate) fn log_tag_twice(span: Span, tag: &str, other: Span) -> Diagnostic {
    setting(span, &format!("two logs have the tag `{tag}`"), "also the tag of another log", "remove one")
        .related(other, "the other log")
}

pub(crate) fn not_a_log_path(span: Span, file: &str) -> Diagnostic {
    setting(
        span,
        &format!("`{file}` cannot be the file of a log"),
        "not a file below the folder of the aggregator",
        "write a path of letters, digits, `.`, `_` and `-` that ends with `.log`, as in `\"databases/mongo.log\"`",
    )
}

pub(crate) fn not_a_log_place(span: Span, field: &str, path: &str) -> Diagnostic {
    setting(
        span,
        &format!("`{path}` cannot be the `{field}` of logs"),
        "not a path for logs",
        "write a path that begins with `/`, of letters, digits, `.`, `_` and `-`, as in `\"/data/log\"`",
    )
}

pub(crate) fn not_a_log_group(span: Span, group: &str) -> Diagnostic {
    setting(
        span,
        &format!("`{group}` cannot be the name of a group"),
        "not a group of Linux",
        "write the name of a group of the aggregator, such as `\"adm\"`",
    )
}
