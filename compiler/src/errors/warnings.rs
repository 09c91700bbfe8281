//! What is no mistake but probably not meant, and `allow`, which says that it is.

use asiaq_lang::ast::{Allow, Name};
use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::{listed, nearest, suggestion};

/// Every code that is a warning's: what `allow` takes.
pub(crate) const WARNINGS: &[&str] = &[
    "ambiguous-alarm-name",
    "crowded-network",
    "empty-pattern",
    "empty-smoke-test",
    "idle-alarm",
    "idle-allow",
    "idle-hostclass",
    "idle-override",
    "idle-peering",
    "idle-smoke-test",
    "no-return-route",
    "no-static-address",
    "no-vpn-gateway",
    "over-quota",
    "plain-http-subscriber",
    "previous-generation",
    "repeated-rule",
    "replaces-nothing",
    "shadowed-rule",
    "single-zone",
    "stray-override",
    "too-few-addresses",
    "unheard-alarm",
    "untested-deployment",
    "unused-envtype",
    "unused-hostclass",
    "unused-let",
    "unused-nat",
    "unused-pipeline",
    "unused-use",
    "vpn-route-over-vpc",
];

/// The warnings that only an account's facts bring up: an `allow` of one may have nothing to do in a check.
pub(crate) const OF_ACCOUNTS: &[&str] = &["no-vpn-gateway"];

/// The name of a rule, a place or a field in a headline: one line, shortened where it is long.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("`{}…`", start.trim_end())
}

// ------------------------------------------------------------------------------------------------ Allow

pub(crate) fn unknown_code(code: &Name) -> Diagnostic {
    let found = Diagnostic::error("unknown-code", code.span, format!("there is no warning `{}`", code.text))
        .help(suggestion(&code.text, WARNINGS));
    match nearest(&code.text, WARNINGS) {
        Some(near) => found.fix(format!("write `{near}`"), code.span, near),
        None => found,
    }
}

pub(crate) fn error_not_allowed(code: &Name) -> Diagnostic {
    let message = format!("`{}` is an error, which cannot be allowed", code.text);
    Diagnostic::error("error-not-allowed", code.span, message)
        .help("mend the error; only warnings are silenced by `allow`")
}

/// An `allow` of which `code` silences nothing.
pub(crate) fn idle_allow(allow: &Allow, code: &Name, removal: Span) -> Diagnostic {
    let title =
        if allow.codes.len() == 1 { "remove it".to_owned() } else { format!("remove `{}`", code.text) };
    let message = format!("no `{}` is found in what follows this `allow`", code.text);
    Diagnostic::warning("idle-allow", code.span, message)
        .help("take it out, so that the warning is said when there is reason")
        .fix(title, removal, "")
}

// ------------------------------------------------------------------------------------------------ Rules

pub(crate) fn repeated_rule(
    rule: (Span, &str),
    network: &str,
    first: impl IntoIterator<Item = Span>,
    removal: Span,
) -> Diagnostic {
    let (span, text) = rule;
    let message = format!("{} is repeated: `{network}` has this rule already", shown(text));
    let found = Diagnostic::warning("repeated-rule", span, message).label("again here");
    first
        .into_iter()
        .fold(found, |found, first| found.related(first, "said here"))
        .help("take one of them out: AWS is told once")
        .fix("remove it", removal, "")
}

pub(crate) fn shadowed_rule(
    rule: (Span, &str),
    network: &str,
    wider: impl IntoIterator<Item = Span>,
    removal: Span,
) -> Diagnostic {
    let (span, text) = rule;
    let message = format!("{} lets nobody in whom `{network}` does not let in anyway", shown(text));
    let found = Diagnostic::warning("shadowed-rule", span, message).label("adds nothing");
    wider
        .into_iter()
        .fold(found, |found, wider| found.related(wider, "this lets all of it in"))
        .help("take it out, or narrow what lets it in already")
        .fix("remove it", removal, "")
}

pub(crate) fn too_many_rules(
    span: Span,
    network: &str,
    env: &str,
    (count, quota): (usize, usize),
    largest: &[(Span, usize)],
) -> Diagnostic {
    let message = format!(
        "the security group of `{network}` in `{env}` has {count} rules, and AWS's default quota is {quota}"
    );
    let found = Diagnostic::warning("over-quota", span, message);
    largest
        .iter()
        .fold(found, |found, (place, rules)| found.related(*place, format!("this becomes {rules} of them")))
        .help(
            "a rule counts once for each of its ports or ranges and each of its sources: join ports into \
             ranges and sources into blocks, or have the quota raised",
        )
}

pub(crate) fn too_many_routes(
    span: Span,
    network: &str,
    env: &str,
    (count, quota): (usize, usize),
) -> Diagnostic {
    let message = format!(
        "each route table of `{network}` in `{env}` has {count} routes, and AWS's default quota is {quota}"
    );
    Diagnostic::warning("over-quota", span, message)
        .help("join destinations into larger blocks, or have the quota raised")
}

/// A source from which nothing can come, because nothing goes back.
pub(crate) fn no_return_route(
    span: Span,
    block: Ipv4Net,
    network: &str,
    routes: Option<(Span, &str)>,
) -> Diagnostic {
    let way = if block.network().is_private() { "vgw" } else { "igw" };
    let (who, route) = match block.prefix_len() {
        0 => ("the internet".to_owned(), "internet via igw".to_owned()),
        _ => (block.to_string(), format!("{block} via {way}")),
    };
    let message = format!("no route of `{network}` leads back to {who}, which this rule lets in");
    let found = Diagnostic::warning("no-return-route", span, message);
    let found = match routes {
        Some((routes, label)) => found.related(routes, label),
        None => found,
    };
    found.help(format!("add a route such as `{route}`, or take the source out: a NAT gateway only lets out"))
}

// ---------------------------------------------------------------------------------- Peerings and gateways

pub(crate) fn idle_peering(span: Span, name: &str, ends: (&str, &str)) -> Diagnostic {
    let (a, b) = ends;
    let message = format!("no rule lets anything through the peering `{name}`");
    Diagnostic::warning("idle-peering", span, message)
        .help(format!("let one side in, as in `tcp 443 from {b}` for `{a}`, or take the peering out"))
}

pub(crate) fn unused_nat(span: Span, network: &str, envs: &[&str], removal: Option<Span>) -> Diagnostic {
    let message = format!("no route in {} leads through the NAT gateways of `{network}`", listed(envs));
    let found = Diagnostic::warning("unused-nat", span, message).help(format!(
        "add a route such as `internet via nat {network}` where machines should go out, or take `nat` out: \
         each gateway costs money by the hour"
    ));
    match removal {
        Some(removal) => found.fix("remove it", removal, ""),
        None => found,
    }
}

/// Static addresses of several hostclasses that fail together.
pub(crate) fn single_zone(
    span: Span,
    network: &str,
    env: &str,
    zone: &str,
    others: &[(Span, String)],
    next: Option<(String, u32)>,
) -> Diagnostic {
    let message = format!("every static address of `{network}` in `{env}` is in one zone, {zone}");
    let found = Diagnostic::warning("single-zone", span, message);
    let found = others.iter().fold(found, |found, (place, who)| found.related(*place, who.clone()));
    match next {
        Some((zone, offset)) => {
            found.help(format!("when {zone} should have one of them, give it an address from `+{offset}` on"))
        }
        None => found.help("give one of them an address in another zone's subnet"),
    }
}

// -------------------------------------------------------------------------------------------- Overrides

/// What says the same as an override.
#[derive(Clone, Copy)]
pub(crate) enum Same {
    Setting(Span),
    Default,
}

pub(crate) fn idle_override(heading: (Span, &str), same: Same, removal: Span) -> Diagnostic {
    let (span, text) = heading;
    let message = format!("{} says what holds without it", shown(text));
    let found = Diagnostic::warning("idle-override", span, message);
    let found = match same {
        Same::Setting(place) => found.related(place, "this says the same"),
        Same::Default => found.label("the default"),
    };
    found.help("take the override out, or give it another value").fix("remove it", removal, "")
}

/// An override for an environment, or for every environment of an envtype, that lacks the hostclass.
pub(crate) fn stray_override(
    span: Span,
    heading: &str,
    context: &str,
    host: &str,
    lacking: &[&str],
) -> Diagnostic {
    let message = format!("`{heading}` has no effect: {} no `{host}`", has(lacking));
    let found = Diagnostic::warning("stray-override", span, message);
    if lacking == [context] {
        return found.help(format!("take it out, or declare the metanetwork of `{host}` in `{context}`"));
    }
    found
        .help(format!("take it out, or declare the metanetwork of `{host}` in an environment of `{context}`"))
}

/// An override in a pipeline for an environment, or for every environment of an envtype, that runs another one.
pub(crate) fn stray_run_override(span: Span, heading: &str, pipeline: &str, lacking: &[&str]) -> Diagnostic {
    let who = format!("{} {}", listed(lacking), if lacking.len() == 1 { "does" } else { "do" });
    let message = format!("`{heading}` has no effect: {who} not run pipeline `{pipeline}`");
    Diagnostic::warning("stray-override", span, message)
        .help(format!("take it out, or write `pipeline = {pipeline}` there"))
}

/// "`a` has", "`a` and `b` have".
fn has(names: &[&str]) -> String {
    format!("{} {}", listed(names), if names.len() == 1 { "has" } else { "have" })
}

// ------------------------------------------------------------------------------------- What nobody uses

pub(crate) fn unused_let(name: &Name, removal: Span) -> Diagnostic {
    Diagnostic::warning("unused-let", name.span, format!("nothing uses `{}`", name.text))
        .help("take it out, or use it where its value is written")
        .fix("remove it", removal, "")
}

pub(crate) fn unused_envtype(name: &Name) -> Diagnostic {
    Diagnostic::warning("unused-envtype", name.span, format!("no environment is of envtype `{}`", name.text))
        .label("nothing inherits from it")
        .help(format!("declare one, as in `env NAME : {}`, or take it out", name.text))
}

pub(crate) fn unused_hostclass(name: &Name) -> Diagnostic {
    let message = format!("hostclass `{}` is in no environment: it has no metanetwork", name.text);
    Diagnostic::warning("unused-hostclass", name.span, message)
        .help("add `network = NAME`, let another hostclass inherit from it, or take it out")
}

pub(crate) fn unused_use(path: &Name, removal: Span) -> Diagnostic {
    Diagnostic::warning("unused-use", path.span, format!("nothing of `{}` is used", path.text))
        .help("take it out")
        .fix("remove it", removal, "")
}

pub(crate) fn repeated_use(path: &Name, first: Span, removal: Span) -> Diagnostic {
    Diagnostic::warning("unused-use", path.span, format!("`{}` is used twice", path.text))
        .label("again here")
        .related(first, "first used here")
        .help("take one of them out")
        .fix("remove it", removal, "")
}
