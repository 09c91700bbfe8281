//! Claims about who may do what that do not hold, or cannot be proved.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::codes;

/// Who a claim is about, and which request.
pub(crate) struct Asked<'a> {
    /// As in a program.
    pub(crate) who: &'a str,
    /// The action.
    pub(crate) action: &'a str,
    /// The ARN of the resource, or `*`.
    pub(crate) resource: &'a str,
}

/// Things that decide a claim, each with its place where it has one.
type Reasons = Vec<(Option<Span>, String)>;

impl Asked<'_> {
    fn sentence(&self, verb: &str) -> String {
        let Self { who, action, resource } = self;
        let on = if *resource == "*" { String::new() } else { format!(" on `{resource}`") };
        format!("{who} {verb} `{action}`{on}")
    }
}

pub(crate) fn unknown_account(name: &Name, is_environment: bool, known: &[&str]) -> Diagnostic {
    let message = format!("there is no account or accounttype `{}`", name.text);
    let found = super::names::unknown(
        codes::UNKNOWN_REFERENCE,
        name.span,
        &name.text,
        (message, "not an account or accounttype"),
        known,
    );
    if is_environment {
        found.help("who may do what is expected of an account: write `expect ACCOUNT { … }`")
    } else {
        found
    }
}

/// Reachability in a block that has the name of an account.
pub(crate) fn claim_of_account(unknown: Diagnostic) -> Diagnostic {
    unknown.help("what reaches what is expected of an environment: write `expect ENVIRONMENT { … }`")
}

pub(crate) fn claim_excludes(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        codes::NOT_IN_STATEMENT,
        span,
        format!("an expectation names the {what} that it is about"),
    )
    .label("not allowed here")
    .help("write them without `not`; a `*` stands for any text")
}

pub(crate) fn claim_assumes(span: Span) -> Diagnostic {
    let message = "an expectation says what a request has: `KEY is VALUE` or `KEY is absent`";
    Diagnostic::new(codes::NOT_IN_STATEMENT, span, message)
        .label("not a value of a request")
        .help("write one value without wildcards, and an expectation for each if there are several")
}

/// A claim that somebody cannot do what a statement allows, under `conditions`.
pub(crate) fn can_be_done(
    span: Span,
    asked: &Asked<'_>,
    conditions: &[String],
    reasons: Reasons,
    others: usize,
) -> Diagnostic {
    let under = match conditions {
        [] => String::new(),
        conditions => format!(" when {}", conditions.join(" and ")),
    };
    let message = asked.sentence("can do") + &under;
    let found = Diagnostic::new(codes::EXPECTATION_FAILED, span, message).label("does not hold");
    with_reasons(found, reasons, others, "remove or deny the permission, or narrow the expectation")
}

/// A claim that somebody can do what nothing allows, or what a statement denies.
/// `is_never` says that it is so in every case.
pub(crate) fn cannot_be_done(
    span: Span,
    asked: &Asked<'_>,
    is_never: bool,
    reasons: Reasons,
    others: usize,
) -> Diagnostic {
    let message = asked.sentence("cannot do") + if is_never { "" } else { " in every case" };
    let found = Diagnostic::new(codes::EXPECTATION_FAILED, span, message);
    with_reasons(
        found.label("does not hold"),
        reasons,
        others,
        "add a statement that allows it, or write `cannot`",
    )
}

pub(crate) fn permission_unknown(
    span: Span,
    asked: &Asked<'_>,
    reasons: Reasons,
    others: usize,
) -> Diagnostic {
    let message = format!("whether {} cannot be told from this program", asked.sentence("can do"));
    let found = Diagnostic::new(codes::EXPECTATION_UNKNOWN, span, message).label("cannot be decided");
    with_reasons(found, reasons, others, "narrow the expectation, or remove it")
}

/// With the reasons that have a place beside it, and the others in its help before the `way_out`.
fn with_reasons(mut diagnostic: Diagnostic, reasons: Reasons, others: usize, way_out: &str) -> Diagnostic {
    let mut notes = Vec::new();
    for (place, reason) in reasons {
        match place {
            Some(place) => diagnostic = diagnostic.related(place, reason),
            None => notes.push(reason),
        }
    }
    match others {
        0 => {}
        1 => notes.push("the same applies to one more case of this expectation".to_owned()),
        others => notes.push(format!("the same applies to {others} more cases of this expectation")),
    }
    notes.push(way_out.to_owned());
    diagnostic.help(notes.join("; "))
}

pub(crate) fn idle_permission(span: Span, context: &str) -> Diagnostic {
    let message = format!("nothing is proved here: no account is of accounttype `{context}`");
    Diagnostic::new(codes::IDLE_EXPECTATION, span, message)
        .label("about nothing")
        .help("declare an account of this accounttype, name others, or remove the expectation")
}
