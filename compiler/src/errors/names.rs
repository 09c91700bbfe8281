//! Names that are taken, unknown or in the wrong place.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::{nearest, suggestion};
use crate::types::Ty;
use crate::value::End;

/// An unknown name, with the one it was probably meant to be as a fix.
fn unknown(code: &str, span: Span, word: &str, message: String, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error(code, span, message).help(suggestion(word, known));
    match nearest(word, known) {
        Some(name) => diagnostic.fix(format!("write `{name}`"), span, name),
        None => diagnostic,
    }
}

pub(crate) fn unreadable_file(name: &Name, path: &str, why: &str) -> Diagnostic {
    Diagnostic::error("unreadable-file", name.span, format!("cannot read `{path}`: {why}"))
        .help("a path after `use` is relative to the file it stands in; `.asq` is added")
}

pub(crate) fn unknown_library<'a>(name: &Name, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let message = format!("the library has no `{}`", name.text);
    unknown("unknown-library", name.span, &name.text, message, &known)
}

pub(crate) fn no_project(span: Span) -> Diagnostic {
    Diagnostic::error("no-project", span, "an environment is declared, but no project").help(
        "add `project NAME { region = us-west-2 }`: its name is in the tags by which asiaq knows its own",
    )
}

pub(crate) fn second_project(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error("second-project", name.span, format!("`{}` is a second project", name.text))
        .related(first, "the first is declared here")
        .help("a project may span files, but it is declared once")
}

pub(crate) fn declared_twice(kind: &str, name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error("declared-twice", name.span, format!("{kind} `{}` is declared twice", name.text))
        .label("again here")
        .related(first, "first declared here")
        .help("a name means one thing everywhere: rename one of them, or join them")
}

/// A `let` and metanetworks of one name, which would mean two things where a source stands.
pub(crate) fn let_and_networks(name: &Name, networks: &[Span]) -> Diagnostic {
    let found = Diagnostic::error(
        "declared-twice",
        name.span,
        format!("`{}` is the name of this `let`, and of a metanetwork", name.text),
    )
    .help("a name means one thing everywhere: rename one of them");
    networks.iter().fold(found, |found, network| found.related(*network, "a metanetwork of this name"))
}

pub(crate) fn reserved_name(name: &Name) -> Diagnostic {
    Diagnostic::error("reserved-name", name.span, format!("`{}` means something by itself", name.text))
        .help("choose another name")
}

pub(crate) fn path_word(name: &Name) -> Diagnostic {
    Diagnostic::error(
        "reserved-name",
        name.span,
        format!("`{}` is a word in the addresses of resources", name.text),
    )
    .help("choose another name for the metanetwork")
}

pub(crate) fn inherits_from_env(name: &str, parent: &Name, declared: Span) -> Diagnostic {
    Diagnostic::error(
        "parent-is-environment",
        parent.span,
        format!("`{name}` cannot inherit from `{}`, which is an environment", parent.text),
    )
    .related(declared, "declared here")
    .help("an environment inherits from an envtype: move what they share into one")
}

pub(crate) fn unknown_parent<'a>(
    kind: &str,
    parent: &Name,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let message = format!("there is no {kind} `{}` to inherit from", parent.text);
    unknown("unknown-parent", parent.span, &parent.text, message, &known)
}

/// Declarations that inherit from each other in a circle, each with its parent.
pub(crate) fn inheritance_cycle(circle: &[(&str, &Name)]) -> Option<Diagnostic> {
    let ((name, parent), rest) = circle.split_first()?;
    let through = if rest.is_empty() { "" } else { ", through others" };
    let message = format!("`{name}` inherits from itself{through}");
    let found = Diagnostic::error("inheritance-cycle", parent.span, message);
    let found = rest.iter().fold(found, |found, (name, parent)| {
        found.related(parent.span, format!("`{name}` inherits from `{}`", parent.text))
    });
    Some(found.help("one of the declarations in the circle has to stop inheriting"))
}

/// A `let` that is defined by itself; `others` are the values of those that it is defined through.
pub(crate) fn let_cycle(name: &Name, value: Span, others: &[(&str, Span)]) -> Diagnostic {
    let through = if others.is_empty() { "" } else { ", through others" };
    let message = format!("`{}` is defined by itself{through}", name.text);
    let found = Diagnostic::error("let-cycle", value, message);
    let found = others
        .iter()
        .fold(found, |found, (other, span)| found.related(*span, format!("`{other}` is defined by this")));
    found.help("one of the `let`s in the circle needs a value of its own")
}

pub(crate) fn unknown_environment(name: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("there is no environment or envtype `{}`", name.text);
    unknown("unknown-environment", name.span, &name.text, message, known)
}

pub(crate) fn unknown_reference(span: Span, kind: &str, name: &str, known: &[&str]) -> Diagnostic {
    unknown("unknown-reference", span, name, format!("there is no {kind} `{name}`"), known)
}

pub(crate) fn unknown_name(span: Span, name: &str, ty: &Ty, known: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error("unknown-name", span, format!("`{name}` means nothing here"));
    if let Some((_, rest)) = name.split_once('.').filter(|(from, _)| matches!(*from, "var" | "local" | "let"))
    {
        let diagnostic = diagnostic.help(format!("what `let {rest} = …` names is written `{rest}`"));
        if !known.contains(&rest) {
            return diagnostic;
        }
        return diagnostic.safe_fix(format!("write `{rest}`"), span, rest);
    }
    if *ty.required() == Ty::Rule && matches!(name, "tcp" | "udp" | "icmp" | "any" | "proto") {
        return Diagnostic::error("expected-source", span, "this rule does not say where from")
            .help(format!("write `{name} PORTS from SOURCES`, as in `tcp [80, 443] from all`"));
    }
    if matches!(ty.required(), Ty::Cidr | Ty::Source) && is_everybody(name) {
        return diagnostic.help("every address is `internet`").fix("write `internet`", span, "internet");
    }
    match nearest(name, known) {
        Some(near) => {
            diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
        }
        None => diagnostic.help(format!("expected {ty}")),
    }
}

/// Whether a word means every address elsewhere.
fn is_everybody(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "any" | "anywhere" | "default" | "everybody" | "everyone" | "everywhere" | "public" | "world"
    )
}

pub(crate) fn unknown_variable(path: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("`${{{}}}` stands for nothing", path.text);
    unknown("unknown-variable", path.span, &path.text, message, known)
}

pub(crate) fn unknown_network(span: Span, network: &str, env: &str, known: &[&str]) -> Diagnostic {
    let message = format!("environment `{env}` has no metanetwork `{network}`");
    if is_everybody(network) {
        return Diagnostic::error("unknown-network", span, message)
            .help("write `internet` for everybody, `all` for every metanetwork of the environment")
            .fix("write `internet`", span, "internet");
    }
    if matches!(network, "self" | "this" | "me") {
        return Diagnostic::error("unknown-network", span, message).help(format!(
            "a metanetwork is called by its name, its own rules included; {}",
            suggestion(network, known)
        ));
    }
    unknown("unknown-network", span, network, message, known)
}

pub(crate) fn network_of_nobody(span: Span, network: &str, known: &[&str]) -> Diagnostic {
    unknown("unknown-network", span, network, format!("no environment has a metanetwork `{network}`"), known)
}

pub(crate) fn unknown_endpoint(name: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("AWS has no gateway endpoint for `{}`", name.text);
    unknown("unknown-endpoint", name.span, &name.text, message, known)
}

pub(crate) fn underscore_in_environment(name: &Name) -> Diagnostic {
    let dashed = name.text.replace('_', "-");
    Diagnostic::error(
        "underscore-in-environment",
        name.span,
        format!("`{}` has an underscore, which parts the names of its resources", name.text),
    )
    .help(format!("use dashes, as in `{dashed}`"))
    .fix(format!("write `{dashed}`"), name.span, dashed)
}

pub(crate) fn group_prefix_in_environment(name: &Name) -> Diagnostic {
    Diagnostic::error(
        "reserved-name",
        name.span,
        format!("security groups of `{}` would begin with `sg-`, which AWS keeps for ids", name.text),
    )
    .help("choose another name")
}

pub(crate) fn rule_without_peering(span: Span, env: &str, network: &str, end: &End) -> Diagnostic {
    let (far, net) = (&end.env, &end.network);
    Diagnostic::error(
        "rule-without-peering",
        span,
        format!("no peering joins `{env}/{network}` and `{far}/{net}`"),
    )
    .help(format!("add `peering NAME = {env}/{network} <-> {far}/{net}`"))
}

pub(crate) fn network_of_itself(span: Span, end: &End) -> Diagnostic {
    let (env, network) = (&end.env, &end.network);
    Diagnostic::error("network-of-itself", span, format!("`{env}` is the environment of this rule"))
        .help(format!("write `{network}`: a rule names its own environment's metanetworks as they are"))
        .safe_fix(format!("write `{network}`"), span, network)
}

pub(crate) fn customer_without_dmz(span: Span, env: &str, known: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "unknown-network",
        span,
        format!("customer ports are opened on `dmz`, which environment `{env}` does not have"),
    )
    .help(format!("declare `metanetwork dmz`; {}", suggestion("dmz", known)))
}

pub(crate) fn address_without_network(span: Span, host: &str) -> Diagnostic {
    Diagnostic::error(
        "address-without-network",
        span,
        format!("`{host}` has a static address but no metanetwork"),
    )
    .help("add `network = NAME`")
}

pub(crate) fn peering_with_itself(span: Span, env: &str) -> Diagnostic {
    Diagnostic::error("peering-with-itself", span, format!("`{env}` is peered with itself"))
        .help("metanetworks of one environment reach each other already: a rule is enough")
}

pub(crate) fn peering_across_accounts(span: Span, a: &str, b: &str) -> Diagnostic {
    Diagnostic::error(
        "peering-across-accounts",
        span,
        format!("`{a}` and `{b}` are in different accounts, and a peering stays within one"),
    )
    .help("put both environments into one account")
}
