//! Statements of policies.

use super::excerpt;
use crate::{Diagnostic, Span, codes};

/// The form of a statement.
const FORM: &str =
    "a statement has this form: `allow ACTIONS on RESOURCES from PRINCIPALS when KEY is VALUE`";

fn malformed(place: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(codes::MALFORMED_STATEMENT, place, message)
}

pub(crate) fn capital_effect(place: Span, word: &str) -> Diagnostic {
    let small = word.to_ascii_lowercase();
    malformed(place, format!("the word is `{small}`, not `{word}`")).label("capital letter").fix(
        format!("write `{small}`"),
        place,
        small,
    )
}

pub(crate) fn no_actions(place: Span, after: &str) -> Diagnostic {
    malformed(place, format!("expected actions after `{after}`"))
        .label("actions missing after this")
        .help("write an action such as `s3:GetObject`, a list of them in `[ ]`, or `*` for all")
}

pub(crate) fn not_an_action(place: Span, text: &str) -> Diagnostic {
    malformed(place, format!("expected an action, found {}", excerpt(text))).label("not an action").help(
        "write actions such as `s3:GetObject`, with `*` for any text, separated by commas or line breaks",
    )
}

pub(crate) fn unexpected_in_statement(place: Span, text: &str) -> Diagnostic {
    malformed(place, format!("unexpected {}", excerpt(text))).label("no part of the statement").help(FORM)
}

pub(crate) fn unquoted_arn(place: Span, arn: &str) -> Diagnostic {
    malformed(place, "an ARN is written in quotes").label("not in quotes").fix(
        "add the quotes",
        place,
        format!("\"{arn}\""),
    )
}

pub(crate) fn star_for_all(place: Span) -> Diagnostic {
    malformed(place, "all resources and all principals are written `all`").label("`*` is for actions").fix(
        "write `all`",
        place,
        "all",
    )
}

pub(crate) fn part_twice(place: Span, word: &str, first: Span) -> Diagnostic {
    malformed(place, format!("this statement has a second `{word}`"))
        .label("second one")
        .related(first, "first one")
        .help(match word {
            "when" => "join conditions with `and`",
            _ => "write a list in `[ ]`, or two statements",
        })
}

pub(crate) fn part_too_late(place: Span, word: &str, before: &str) -> Diagnostic {
    malformed(place, format!("`{word}` stands before `{before}`"))
        .label(format!("move it before `{before}`"))
        .help(FORM)
}

pub(crate) fn text_not_last(place: Span) -> Diagnostic {
    malformed(place, "the text stands at the end of a statement").label("move it to the end").help(FORM)
}

pub(crate) fn no_test(place: Span, word: &str) -> Diagnostic {
    malformed(place, format!("expected a condition after `{word}`"))
        .label("condition missing after this")
        .help("write a condition key, an operator and a value, as in `aws:SourceVpc is \"vpc-0123\"`")
}

pub(crate) fn not_a_key(place: Span, text: &str) -> Diagnostic {
    malformed(place, format!("expected a condition key, found {}", excerpt(text)))
        .label("not a condition key")
        .help("condition keys have a prefix and a colon, as in `aws:SourceVpc`; a key with blanks is written in quotes")
}

pub(crate) fn no_operator(place: Span) -> Diagnostic {
    malformed(place, "this condition has no operator")
        .label("operator missing after this")
        .help("write `is`, `is not`, `like`, `not like`, `<`, `<=`, `>`, `>=`, `exists`, `is absent` or an operator of IAM")
}

pub(crate) fn foreign_operator(place: Span, found: &str, right: &str) -> Diagnostic {
    malformed(place, format!("conditions have no operator `{found}`")).label("not an operator").fix(
        format!("write `{right}`"),
        place,
        right,
    )
}

pub(crate) fn foreign_joint(place: Span, found: &str) -> Diagnostic {
    malformed(place, format!("conditions are joined by `and`, not by `{found}`")).label("not `and`").fix(
        "write `and`",
        place,
        "and",
    )
}

pub(crate) fn joined_by_or(place: Span) -> Diagnostic {
    malformed(place, "conditions of a statement cannot be joined by `or`")
        .label("all conditions of a statement have to hold")
        .help("list the values of one key in `[ ]`, or write two statements")
}

pub(crate) fn if_without_present(place: Span) -> Diagnostic {
    malformed(place, "expected `present` after `if`").label("`present` missing after this").fix(
        "write `if present`",
        place,
        "if present",
    )
}

pub(crate) fn unquoted_value(place: Span, text: &str) -> Diagnostic {
    malformed(place, format!("this value is written in quotes: {}", excerpt(text)))
        .label("not in quotes")
        .fix("add the quotes", place, format!("\"{text}\""))
}

pub(crate) fn statement_outside(place: Span) -> Diagnostic {
    Diagnostic::new(codes::MISPLACED, place, "this statement is outside of any declaration")
        .label("not in a declaration")
        .help("move it into the policy or role that it is for")
}
