//! Expectations that do not hold, or cannot be proved.

use asiaq_ir::Protocol;
use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::{codes, did_you_mean};
use crate::reach::{Answer, Failure, Flow, MachineKind, Missed, Place, in_words};

/// Reasons, each with its place where it has one.
type Reasons = Vec<(Option<Span>, String)>;

pub(crate) fn claim_outside(span: Span, from: &Place, to: &Place) -> Diagnostic {
    Diagnostic::new(
        codes::CLAIM_OUTSIDE,
        span,
        format!("neither `{from}` nor `{to}` is in an environment, so this cannot be checked"),
    )
    .label("decided outside this program")
    .help("use a metanetwork on at least one side")
}

/// A word that is not a kind of machines, before a name in a list of ends.
pub(crate) fn not_machines(word: &Name) -> Diagnostic {
    let known: Vec<String> = MachineKind::ALL.iter().map(|kind| format!("`{}`", kind.word())).collect();
    let message = format!("`{}` is not a word for machines", word.text);
    Diagnostic::new(codes::EXPECTED_CLAIM, word.span, message)
        .label(format!("not one of {}", known.join(", ")))
        .help(
            "write `hostclass web` for its instances, `lb web` for its load balancers, or `database orders`",
        )
}

pub(crate) fn no_name_of_machines(span: Span, kind: MachineKind) -> Diagnostic {
    let word = kind.word();
    let what = if kind.is_of_hostclass() { "hostclass" } else { word };
    Diagnostic::new(codes::EXPECTED_CLAIM, span, format!("expected the name of a {what} after `{word}`"))
        .label(format!("not the name of a {what}"))
        .help(format!("write `{word} NAME`, or `{word} ENV/NAME` for another environment"))
}

/// A hostclass where a metanetwork is expected.
pub(crate) fn hostclass_in_claim(span: Span, name: &str, env: &str) -> Diagnostic {
    let message = format!("environment `{env}` has no metanetwork `{name}`, and `{name}` is a hostclass");
    Diagnostic::new(codes::UNKNOWN_NETWORK, span, message)
        .label("not a metanetwork")
        .help(format!("write `hostclass {name}` for its instances, or `lb {name}` for its load balancers"))
}

pub(crate) fn claim_without_machines(
    span: Span,
    kind: MachineKind,
    name: &str,
    context: &str,
    known: &[&str],
) -> Diagnostic {
    let (message, label, help) = match kind {
        MachineKind::Instances => (
            format!("hostclass `{name}` runs in no environment of `{context}`"),
            "has no instances there",
            format!("add `run {name} {{ … }}` to the pipeline, or remove the expectation"),
        ),
        MachineKind::Balancers => (
            format!("hostclass `{name}` has no load balancer in an environment of `{context}`"),
            "has no load balancer there",
            format!("write `hostclass {name}` for its instances, or add an `lb` to the hostclass"),
        ),
        MachineKind::Databases | MachineKind::Caches | MachineKind::SearchDomains => {
            let word = kind.word();
            let way_out = match did_you_mean(name, known) {
                Some(near) => near,
                None => format!("declare `{word} {name} {{ … }}` there, or remove the expectation"),
            };
            let message =
                format!("no environment of `{context}` has a {word} `{name}` with addresses in its VPC");
            (message, "not there", way_out)
        }
    };
    Diagnostic::new(codes::CLAIM_WITHOUT_MACHINES, span, message).label(label).help(help)
}

pub(crate) fn idle_expectation(span: Span) -> Diagnostic {
    let message = "nothing is proved here: no pair of machines or addresses stands behind this expectation";
    Diagnostic::new(codes::IDLE_EXPECTATION, span, message)
        .label("about nothing")
        .help("declare an environment that has both ends, name others, or remove the expectation")
}

pub(crate) fn can_be_reached(
    span: Span,
    (answer, flows): (&Answer, &[Flow]),
    reasons: Reasons,
    others: &[String],
    is_opposite: bool,
) -> Diagnostic {
    let Answer { from, to, .. } = answer;
    let parts: Vec<&str> = flows.iter().flat_map(|flow| &flow.part).map(String::as_str).collect();
    let part = match parts.as_slice() {
        [] => String::new(),
        [part] => format!(" ({part})"),
        [part, ..] => format!(" ({part} and more)"),
    };
    let message = format!("`{from}` reaches `{to}`{part}: {}", in_words(flows));
    let way_out =
        if is_opposite { "remove what allows it, or write `can reach`" } else { "remove what allows it" };
    failed(span, message, reasons, others, way_out)
}

pub(crate) fn cannot_be_reached(
    span: Span,
    failure: &Failure,
    reasons: Reasons,
    others: &[String],
    is_opposite: bool,
) -> Diagnostic {
    let Failure { answer: Answer { from, to, .. }, closed, missed, .. } = failure;
    let ports: Vec<String> = closed.iter().map(|ports| ports.text(Protocol::Tcp)).collect();
    let on = if ports.is_empty() { String::new() } else { format!(" on tcp {}", ports.join(", ")) };
    let message = match missed {
        None => format!("`{from}` does not reach `{to}`{on}"),
        Some(Missed { from: None, to: None, .. }) => {
            format!("only a part of `{from}` reaches all of `{to}`{on}")
        }
        Some(Missed { from: source, to: target, .. }) => {
            let whole = |machines: &Option<String>, place| match machines {
                Some(machines) => format!("{machines} in `{place}`"),
                None => format!("`{place}`"),
            };
            format!("{} does not reach {}{on}", whole(source, from), whole(target, to))
        }
    };
    let way_out = if is_opposite {
        "add what is missing, or write `cannot reach`"
    } else {
        "add what is missing, or narrow the expectation"
    };
    failed(span, message, reasons, others, way_out)
}

pub(crate) fn reach_unknown(
    span: Span,
    (answer, unknown): (&Answer, &[Flow]),
    reasons: Reasons,
    others: &[String],
    can: bool,
) -> Diagnostic {
    let Answer { from, to, .. } = answer;
    let message = format!(
        "whether `{from}` reaches `{to}` on {} depends on networks outside this program",
        in_words(unknown)
    );
    let way_out = if can {
        "narrow this expectation to what the program decides, or remove it"
    } else {
        "close these ports in the program, narrow this expectation, or remove it"
    };
    with_reasons(
        Diagnostic::new(codes::EXPECTATION_UNKNOWN, span, message).label("cannot be decided"),
        reasons,
        others,
        way_out,
    )
}

fn failed(span: Span, message: String, reasons: Reasons, others: &[String], way_out: &str) -> Diagnostic {
    with_reasons(
        Diagnostic::new(codes::EXPECTATION_FAILED, span, message).label("does not hold"),
        reasons,
        others,
        way_out,
    )
}

/// With the reasons that have a place beside it, and the others in its help; where there are none, the help is
/// the `way_out`.
fn with_reasons(
    mut diagnostic: Diagnostic,
    reasons: Reasons,
    others: &[String],
    way_out: &str,
) -> Diagnostic {
    let mut notes = Vec::new();
    for (span, reason) in reasons {
        match span {
            Some(span) => diagnostic = diagnostic.related(span, reason),
            None => notes.push(reason),
        }
    }
    match others {
        [] => {}
        [one] => notes.push(format!("the same applies to {one}")),
        [one, rest @ ..] => notes.push(format!("the same applies to {one}, and {} more", rest.len())),
    }
    diagnostic.help(if notes.is_empty() { way_out.to_owned() } else { notes.join("; ") })
}
