//! Names that are taken, unknown or in the wrong place.

use asiaq_lang::ast::Name;
use asiaq_lang::aws_words::{self, Slot};
use asiaq_lang::{Code, Diagnostic, Span};

use super::{codes, did_you_mean, listed, nearest, suggestion};
use crate::types::Ty;
use crate::typing::{ACCOUNT_NAME, VARIABLES, variables};
use crate::value::End;

/// An unknown name, with the one it was probably meant to be as a fix.
pub(super) fn unknown(
    code: Code,
    span: Span,
    word: &str,
    (message, label): (String, &str),
    known: &[&str],
) -> Diagnostic {
    let diagnostic = Diagnostic::new(code, span, message).label(label).help(suggestion(word, known));
    match nearest(word, known) {
        Some(name) => diagnostic.fix(format!("write `{name}`"), span, name),
        None => diagnostic,
    }
}

pub(crate) fn unreadable_file(name: &Name, path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::UNREADABLE_FILE, name.span, format!("cannot read `{path}`: {why}"))
        .label("cannot be read")
        .help("a path after `use` is relative to the file that contains it; `.asq` is added")
}

pub(crate) fn unknown_library<'a>(name: &Name, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let message = format!("the library has no `{}`", name.text);
    unknown(codes::UNKNOWN_LIBRARY, name.span, &name.text, (message, "not in the library"), &known)
}

pub(crate) fn no_project(span: Span) -> Diagnostic {
    Diagnostic::new(codes::NO_PROJECT, span, "there is an environment, but no project")
        .label("needs a project")
        .help("add `project NAME { region = us-west-2 }`: asiaq tags its resources with this name")
}

pub(crate) fn second_project(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(codes::SECOND_PROJECT, name.span, format!("`{}` is a second project", name.text))
        .label("second project")
        .related(first, "first declared here")
        .help("a project can span several files, but is declared once: remove one of the declarations")
}

pub(crate) fn declared_twice(kind: &str, name: &Name, first: Span) -> Diagnostic {
    Diagnostic::new(codes::DECLARED_TWICE, name.span, format!("{kind} `{}` is declared twice", name.text))
        .label("again here")
        .related(first, "first declared here")
        .help("a name has one meaning in all files: rename one of them, or merge them")
}

/// A `let` and metanetworks with the same name: a source of a rule could mean either.
pub(crate) fn let_and_networks(name: &Name, networks: &[Span]) -> Diagnostic {
    let found = Diagnostic::new(
        codes::DECLARED_TWICE,
        name.span,
        format!("`{}` names both a `let` and a metanetwork", name.text),
    )
    .label("this `let` has the same name")
    .help("a name has one meaning in all files: rename one of them");
    networks.iter().fold(found, |found, network| found.related(*network, "a metanetwork with the same name"))
}

pub(crate) fn reserved_name(name: &Name) -> Diagnostic {
    let meaning = match name.text.as_str() {
        "all" => "it means every metanetwork of an environment",
        "amazon" => "it means the DNS server that AWS provides",
        "auto" => "it means a CIDR block that is allocated",
        "env" | "project" => "it begins the variables in strings",
        "internet" => "it means every address",
        _ => "it is a value",
    };
    Diagnostic::new(codes::RESERVED_NAME, name.span, format!("`{}` is a reserved word: {meaning}", name.text))
        .label("reserved word")
        .help("choose another name")
}

pub(crate) fn command_word(name: &Name) -> Diagnostic {
    let message = format!("`{0}` cannot name a pipeline: `asiaq deploy {0}` is a command", name.text);
    Diagnostic::new(codes::RESERVED_NAME, name.span, message)
        .label("name of a command")
        .help("choose another name")
}

pub(crate) fn path_word(kind: &str, name: &Name) -> Diagnostic {
    Diagnostic::new(
        codes::RESERVED_NAME,
        name.span,
        format!("`{}` is reserved for the addresses of resources", name.text),
    )
    .label("reserved word")
    .help(format!("choose another name for the {kind}"))
}

pub(crate) fn inherits_from_env(name: &str, parent: &Name, declared: Span) -> Diagnostic {
    Diagnostic::new(
        codes::PARENT_IS_ENVIRONMENT,
        parent.span,
        format!("`{name}` cannot inherit from `{}`, which is an environment", parent.text),
    )
    .label("this is an environment")
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
    unknown(
        codes::UNKNOWN_PARENT,
        parent.span,
        &parent.text,
        (message, &format!("not {}", super::a_kind(kind))),
        &known,
    )
}

/// Declarations that inherit from each other in a circle, each with its parent.
/// Places of a circle that are shown.
const SHOWN: usize = 8;

pub(crate) fn inheritance_cycle(circle: &[(&str, &Name)]) -> Option<Diagnostic> {
    let ((name, parent), rest) = circle.split_first()?;
    let through = if rest.is_empty() { "" } else { ", through others" };
    let message = format!("`{name}` inherits from itself{through}");
    let found = Diagnostic::new(codes::INHERITANCE_CYCLE, parent.span, message)
        .label(format!("`{name}` inherits from `{}`", parent.text));
    let found = rest.iter().take(SHOWN).fold(found, |found, (name, parent)| {
        found.related(parent.span, format!("`{name}` inherits from `{}`", parent.text))
    });
    Some(found.help("remove the parent from one of these declarations"))
}

pub(crate) fn inheritance_too_deep(name: &str, parent: &Name, limit: usize) -> Diagnostic {
    let message = format!("`{name}` inherits from more than {limit} declarations, one through the other");
    Diagnostic::new(codes::NESTED_TOO_DEEPLY, parent.span, message)
        .label(format!("has {limit} ancestors itself"))
        .help("let it inherit from one that is closer to the root")
}

pub(crate) fn let_too_deep(name: &Name, value: Span, limit: usize) -> Diagnostic {
    let message = format!("`{}` refers to `let`s that refer to others, more than {limit} deep", name.text);
    Diagnostic::new(codes::NESTED_TOO_DEEPLY, value, message)
        .label("leads too deep")
        .help("write the innermost value here, in place of the `let`s that lead to it")
}

/// A `let` that is defined by itself. Each `let` of the circle comes with the place of the next one's name in its
/// value.
pub(crate) fn let_cycle(circle: &[(&str, Span)]) -> Option<Diagnostic> {
    let ((name, place), rest) = circle.split_first()?;
    let through = match rest {
        [] => String::new(),
        _ if rest.len() > SHOWN => format!(", through {} others", rest.len()),
        _ => {
            let names: Vec<String> = rest.iter().map(|(name, _)| format!("`{name}`")).collect();
            let (last, before) = names.split_last()?;
            let before = before.join(", ");
            if before.is_empty() {
                format!(", through {last}")
            } else {
                format!(", through {before} and {last}")
            }
        }
    };
    let next = |at: usize| circle.get(at + 1).map_or(*name, |(name, _)| name);
    let message = format!("`{name}` is defined in terms of itself{through}");
    let found = Diagnostic::new(codes::LET_CYCLE, *place, message).label(format!(
        "`{name}` refers to {}",
        if rest.is_empty() { "itself".to_owned() } else { format!("`{}`", next(0)) }
    ));
    let found = rest.iter().take(SHOWN).enumerate().fold(found, |found, (at, (name, place))| {
        found.related(*place, format!("`{name}` refers to `{}`", next(at + 1)))
    });
    Some(found.help("give one of these `let`s a value that does not refer to the others"))
}

/// A guess that would decide who can reach what, as a question without a fix.
pub(crate) fn without_fix(found: Diagnostic) -> Diagnostic {
    Diagnostic { fix: None, ..found }
}

pub(crate) fn unknown_environment(name: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("there is no environment or envtype `{}`", name.text);
    unknown(
        codes::UNKNOWN_ENVIRONMENT,
        name.span,
        &name.text,
        (message, "not an environment or envtype"),
        known,
    )
}

pub(crate) fn unknown_reference(span: Span, kind: &str, name: &str, known: &[&str]) -> Diagnostic {
    let label = format!("not {}", super::a_kind(kind));
    unknown(codes::UNKNOWN_REFERENCE, span, name, (format!("there is no {kind} `{name}`"), &label), known)
}

/// `audit.logs` in place of `audit/logs`.
pub(crate) fn dot_in_path(span: Span, account: &str, name: &str) -> Diagnostic {
    let right = format!("{account}/{name}");
    Diagnostic::new(codes::UNKNOWN_REFERENCE, span, format!("`{account}.{name}` is not a name"))
        .label(format!("`{name}` of the account `{account}`?"))
        .safe_fix(format!("write `{right}`"), span, right)
}

/// A scaling policy where a topic is expected.
pub(crate) fn policy_for_topic(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_REFERENCE, span, format!("`{name}` is a scaling policy, not a topic"))
        .label("an alarm notifies a topic")
        .help(
            "an `alarm` cannot invoke a scaling policy: write `track` and `target` in the `scaling` to scale by a \
             metric, or create the alarm outside of asiaq",
        )
}

pub(crate) fn unknown_name(span: Span, name: &str, ty: &Ty, known: &[&str]) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(codes::UNKNOWN_NAME, span, format!("unknown name `{name}`")).label("unknown name");
    if let Some((_, rest)) = name.split_once('.').filter(|(from, _)| matches!(*from, "var" | "local" | "let"))
    {
        let diagnostic = diagnostic.help(format!("refer to `let {rest} = …` as `{rest}`"));
        if !known.contains(&rest) {
            return diagnostic;
        }
        return diagnostic.safe_fix(format!("write `{rest}`"), span, rest);
    }
    if let Some((first, _)) = name.split_once('.').filter(|(first, _)| matches!(*first, "env" | "project")) {
        return variable_outside_text(diagnostic, span, name, first, ty);
    }
    if *ty.required() == Ty::Rule && matches!(name, "tcp" | "udp" | "icmp" | "any" | "proto") {
        return Diagnostic::new(codes::EXPECTED_SOURCE, span, "this rule has no source")
            .label("`from` missing")
            .help(format!("write `{name} PORTS from SOURCES`, as in `tcp [80, 443] from all`"));
    }
    let slot = if *ty.required() == Ty::Source { Slot::Source } else { Slot::Block };
    if let Some(help) = aws_words::help(slot, name).filter(|_| opens(ty)) {
        return diagnostic.help(help);
    }
    if let Some(near) = did_you_mean(name, known) {
        let found = diagnostic.help(near);
        // A block may be where a route goes, or who may connect: a guess at another must not be taken over unread.
        return match nearest(name, known).filter(|_| !opens(ty)) {
            Some(near) => found.fix(format!("write `{near}`"), span, near),
            None => found,
        };
    }
    diagnostic.help(format!("expected {ty}"))
}

/// `env.name` without the quotes and braces of a variable.
fn variable_outside_text(found: Diagnostic, span: Span, name: &str, first: &str, ty: &Ty) -> Diagnostic {
    let takes_text = matches!(ty.required(), Ty::String | Ty::Domain | Ty::Subscriber);
    if !takes_text {
        return found.help(format!("`{first}.…` is a variable, which only strings contain; expected {ty}"));
    }
    if !VARIABLES.contains(&name) {
        let known =
            VARIABLES.iter().map(|known| format!("`\"${{{known}}}\"`")).collect::<Vec<_>>().join(", ");
        return found.help(format!("write a variable in a string: {known}"));
    }
    // The variable alone is a whole domain only if it is one.
    let meant = match (ty.required(), name) {
        (Ty::Domain, "env.name" | "env.type" | "project.name" | "project.region" | "project.team") => {
            return found.help(format!("write a variable in a string, as in `\"${{{name}}}.example.com\"`"));
        }
        _ => format!("\"${{{name}}}\""),
    };
    found.help(format!("write a variable in a string: `{meant}`")).fix(
        format!("write `{meant}`"),
        span,
        meant,
    )
}

/// A variable of accounts in a text of something else, or one of environments in an account.
pub(crate) fn misplaced_variable(path: &Name, is_in_account: bool) -> Diagnostic {
    let (place, label) = if is_in_account {
        ("an account", "an account is the same for all environments")
    } else {
        ("an environment", "only accounts have it")
    };
    let known: Vec<String> = variables(is_in_account).map(|known| format!("`{known}`")).collect();
    let message = format!("`${{{}}}` has no value in {place}", path.text);
    Diagnostic::new(codes::MISPLACED_VARIABLE, path.span, message)
        .label(label)
        .help(format!("use one of {}", known.join(", ")))
}

/// A variable of the project in an account, where its value depends on the environment.
pub(crate) fn variable_of_environment(path: &Name) -> Diagnostic {
    let field = path.text.split_once('.').map_or("", |(_, field)| field);
    let message = format!(
        "`${{{}}}` has no value in an account: the project's `{field}` depends on the environment",
        path.text
    );
    Diagnostic::new(codes::MISPLACED_VARIABLE, path.span, message)
        .label("an account is the same for all environments")
        .help(format!("write the text without `${{{}}}`, or with `${{{ACCOUNT_NAME}}}`", path.text))
}

/// A variable whose field the project does not set.
pub(crate) fn variable_without_value(path: &Name) -> Diagnostic {
    let field = path.text.split_once('.').map_or("", |(_, field)| field);
    Diagnostic::new(
        codes::UNKNOWN_VARIABLE,
        path.span,
        format!("`${{{}}}` has no value: the project sets no `{field}`", path.text),
    )
    .label("not set in the project")
    .help(format!("add `{field} = \"…\"` to the `project`"))
}

/// Whether a value of a type decides who can reach what.
fn opens(ty: &Ty) -> bool {
    match ty {
        Ty::Cidr | Ty::Source | Ty::Rule | Ty::Route | Ty::Peering => true,
        Ty::List(item) | Ty::Optional(item) => opens(item),
        _ => false,
    }
}

pub(crate) fn unknown_variable(path: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("unknown variable `${{{}}}`", path.text);
    unknown(codes::UNKNOWN_VARIABLE, path.span, &path.text, (message, "not a variable"), known)
}

pub(crate) fn unknown_network(span: Span, network: &str, env: &str, known: &[&str]) -> Diagnostic {
    let message = format!("environment `{env}` has no metanetwork `{network}`");
    let label = format!("not a metanetwork of `{env}`");
    unknown(codes::UNKNOWN_NETWORK, span, network, (message, &label), known)
}

/// A source of a rule, or the metanetwork of the NAT gateways of a route. What it was meant to be decides who can reach
/// what, so it has no fix.
pub(crate) fn unknown_source(span: Span, word: &str, env: &str, known: &[&str]) -> Diagnostic {
    let message = format!("environment `{env}` has no metanetwork `{word}`");
    let found =
        Diagnostic::new(codes::UNKNOWN_NETWORK, span, message).label(format!("not a metanetwork of `{env}`"));
    if matches!(word, "self" | "this" | "me") {
        return found.help("use the metanetwork's name, also in its own rules");
    }
    let aws = || aws_words::help(Slot::Source, word);
    let exact = known.iter().any(|name| name.eq_ignore_ascii_case(word));
    let help = if exact { None } else { aws() };
    found.help(help.unwrap_or_else(|| suggestion(word, known)))
}

pub(crate) fn network_of_nobody(span: Span, network: &str, known: &[&str]) -> Diagnostic {
    let message = format!("no environment has a metanetwork `{network}`");
    unknown(codes::UNKNOWN_NETWORK, span, network, (message, "not a metanetwork"), known)
}

pub(crate) fn unknown_endpoint(name: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("`{}` is not a known gateway VPC endpoint", name.text);
    let found =
        unknown(codes::UNKNOWN_ENDPOINT, name.span, &name.text, (message, "not a gateway endpoint"), known);
    if found.fix.is_some() {
        return found;
    }
    found.help(format!(
        "interface endpoints are not known to asiaq yet: gateway endpoints are {}",
        listed(known)
    ))
}

pub(crate) fn underscore_in_environment(name: &Name) -> Diagnostic {
    let dashed = name.text.replace('_', "-");
    Diagnostic::new(
        codes::UNDERSCORE_IN_ENVIRONMENT,
        name.span,
        format!(
            "`{}` has an underscore, which asiaq uses as a separator in the names of resources",
            name.text
        ),
    )
    .label("contains an underscore")
    .help(format!("use hyphens, as in `{dashed}`"))
    .fix(format!("write `{dashed}`"), name.span, dashed)
}

pub(crate) fn group_prefix_in_environment(name: &Name) -> Diagnostic {
    Diagnostic::new(
        codes::RESERVED_NAME,
        name.span,
        format!(
            "names of security groups of `{}` would begin with `sg-`, which AWS reserves for ids",
            name.text
        ),
    )
    .label("begins with `sg`")
    .help("choose another name")
}

pub(crate) fn rule_without_peering(span: Span, env: &str, network: &str, end: &End) -> Diagnostic {
    let (far, net) = (&end.env, &end.network);
    Diagnostic::new(
        codes::RULE_WITHOUT_PEERING,
        span,
        format!("no peering connects `{env}/{network}` and `{far}/{net}`"),
    )
    .label("no peering to this")
    .help(format!("add `peering NAME = {env}/{network} <-> {far}/{net}`"))
}

pub(crate) fn network_of_itself(span: Span, end: &End) -> Diagnostic {
    let (env, network) = (&end.env, &end.network);
    Diagnostic::new(codes::NETWORK_OF_ITSELF, span, format!("`{env}` is this rule's own environment"))
        .label("own environment")
        .help(format!("write `{network}`: metanetworks of the same environment need no environment name"))
        .safe_fix(format!("write `{network}`"), span, network)
}

pub(crate) fn customer_without_dmz(span: Span, env: &str, known: &[&str]) -> Diagnostic {
    Diagnostic::new(
        codes::UNKNOWN_NETWORK,
        span,
        format!("customer ports need the metanetwork `dmz`, which environment `{env}` does not have"),
    )
    .label("no `dmz` to open ports on")
    .help(format!("declare `metanetwork dmz`; {}", suggestion("dmz", known)))
}

pub(crate) fn address_without_network(span: Span, host: &str) -> Diagnostic {
    Diagnostic::new(
        codes::ADDRESS_WITHOUT_NETWORK,
        span,
        format!("`{host}` has a static address but no metanetwork"),
    )
    .label("needs a metanetwork")
    .help("add `network = NAME`")
}

pub(crate) fn peering_with_itself(span: Span, env: &str) -> Diagnostic {
    Diagnostic::new(codes::PEERING_WITH_ITSELF, span, format!("`{env}` is peered with itself"))
        .label("both ends are in the same environment")
        .help("metanetworks of one environment need no peering: add a rule")
}

pub(crate) fn peering_across_accounts(span: Span, a: &str, b: &str) -> Diagnostic {
    Diagnostic::new(
        codes::PEERING_ACROSS_ACCOUNTS,
        span,
        format!("`{a}` and `{b}` are in different accounts, and no credentials get to both"),
    )
    .label("ends are in different accounts")
    .help("add `profile` or `role` to one of the two accounts")
}
