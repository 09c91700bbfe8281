//! Warnings about rules, peerings, overrides and unused declarations, and mistakes in `allow`.

use asiaq_lang::ast::{Allow, Name};
use asiaq_lang::{Code, Diagnostic, Span};
use ipnet::Ipv4Net;

use super::{codes, listed, nearest, suggestion};

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
    let warnings: Vec<&str> = codes::warnings().map(Code::as_str).collect();
    let found =
        Diagnostic::new(codes::UNKNOWN_CODE, code.span, format!("unknown warning code `{}`", code.text))
            .label("not a warning code")
            .help(suggestion(&code.text, &warnings));
    match nearest(&code.text, &warnings) {
        Some(near) => found.fix(format!("write `{near}`"), code.span, near),
        None => found,
    }
}

pub(crate) fn error_not_allowed(code: &Name) -> Diagnostic {
    let message = format!("`{}` is an error, and only warnings can be allowed", code.text);
    Diagnostic::new(codes::ERROR_NOT_ALLOWED, code.span, message)
        .label("this code is an error")
        .help("fix the error, and remove the code from `allow`")
}

/// An `allow` of which `code` silences nothing.
pub(crate) fn idle_allow(allow: &Allow, code: &Name, removal: Span) -> Diagnostic {
    let title =
        if allow.codes.len() == 1 { "remove it".to_owned() } else { format!("remove `{}`", code.text) };
    let message = format!("this `allow` has no effect: there is no `{}` warning to suppress", code.text);
    Diagnostic::new(codes::IDLE_ALLOW, code.span, message)
        .label("no effect")
        .help("remove it, so that a later warning is not hidden")
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
    let message = format!("{} is repeated: `{network}` already has this rule", shown(text));
    let found = Diagnostic::new(codes::REPEATED_RULE, span, message).label("again here");
    first
        .into_iter()
        .fold(found, |found, first| found.related(first, "first declared here"))
        .help("remove one of them: AWS stores a rule once")
        .fix("remove it", removal, "")
}

pub(crate) fn shadowed_rule(
    rule: (Span, &str),
    network: &str,
    wider: impl IntoIterator<Item = Span>,
    removal: Span,
) -> Diagnostic {
    let (span, text) = rule;
    let message = format!("{} has no effect: another rule of `{network}` allows this traffic", shown(text));
    let found = Diagnostic::new(codes::SHADOWED_RULE, span, message).label("no effect");
    wider
        .into_iter()
        .fold(found, |found, wider| found.related(wider, "this rule allows all of it"))
        .help("remove it, or narrow the wider rule")
        .fix("remove it", removal, "")
}

pub(crate) fn covered_source(
    source: (Span, &str),
    cover: (Span, &str),
    is_equal: bool,
    removal: Span,
) -> Diagnostic {
    let (span, text) = source;
    let message = if is_equal {
        format!("source {} is repeated in this rule", shown(text))
    } else {
        format!("source {} has no effect: {} in the same rule contains it", shown(text), shown(cover.1))
    };
    Diagnostic::new(codes::COVERED_SOURCE, span, message)
        .label(if is_equal { "again here" } else { "no effect" })
        .related(cover.0, if is_equal { "the same source" } else { "this contains it" })
        .help(if is_equal { "remove one of them" } else { "remove it, or narrow the wider source" })
        .fix("remove it", removal, "")
}

pub(crate) fn covered_ports(rule: Span, covered: &str, cover: &str) -> Diagnostic {
    let message = if covered == cover {
        format!("port `{covered}` is repeated in this rule")
    } else {
        format!("port `{covered}` has no effect: `{cover}` in the same rule contains it")
    };
    Diagnostic::new(codes::COVERED_PORTS, rule, message)
        .label(format!("`{covered}` changes nothing here"))
        .help(format!("remove `{covered}` from the ports"))
}

pub(crate) fn every_port_open(span: Span, rule: &str, network: &str) -> Diagnostic {
    let message = format!("{} opens every port of `{network}` to the internet", shown(rule));
    Diagnostic::new(codes::EVERY_PORT_OPEN, span, message).label("every port, from every address").help(
        "allow the ports that clients need, as in `tcp 443 from internet`. If it is meant so, write \
             `allow(every-port-open)`",
    )
}

pub(crate) fn impossible_source(span: Span, block: Ipv4Net, special: Ipv4Net) -> Diagnostic {
    let message =
        format!("no packet comes from {block}: it is in {special}, which is no address of a sender");
    let help = if block.addr().is_unspecified() {
        "write `internet` for every address"
    } else {
        "write the addresses that instances see: those of the clients, or of the NAT gateway in front of them"
    };
    Diagnostic::new(codes::IMPOSSIBLE_SOURCE, span, message).label("lets nobody in").help(help)
}

pub(crate) fn repeated_value(value: (Span, &str), field: &str, first: Span, removal: Span) -> Diagnostic {
    let (span, text) = value;
    let message = format!("{} is in `{field}` twice", shown(text));
    Diagnostic::new(codes::REPEATED_VALUE, span, message)
        .label("again here")
        .related(first, "the first one")
        .help("remove one of them")
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
    let found = Diagnostic::new(codes::OVER_QUOTA, span, message).label(format!("{count} rules in total"));
    largest
        .iter()
        .fold(found, |found, (place, rules)| found.related(*place, format!("this becomes {rules} rules")))
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
    Diagnostic::new(codes::OVER_QUOTA, span, message)
        .label(format!("{count} routes"))
        .help("merge destinations into larger CIDR blocks, or request a higher quota")
}

/// A source that some rules of a metanetwork allow, and that no machine can answer; `others` are further such rules.
pub(crate) fn no_return_route(
    span: Span,
    block: Ipv4Net,
    network: &str,
    others: &[Span],
    routes: Option<Span>,
) -> Diagnostic {
    let who = if block.prefix_len() == 0 { "the internet".to_owned() } else { block.to_string() };
    let rules = match others.len() {
        0 => "which this rule allows".to_owned(),
        others => format!("which {} of its rules allow", others + 1),
    };
    let message = format!("`{network}` has no route back to {who}, {rules}");
    let found =
        Diagnostic::new(codes::NO_RETURN_ROUTE, span, message).label("replies to this source are lost");
    let found = others.iter().fold(found, |found, other| found.related(*other, "allowed here, too"));
    let found = match routes {
        Some(routes) => found.related(routes, "no route back here"),
        None => found,
    };
    found.help(
        "add a route to it, or remove the source: a NAT gateway only allows outgoing connections. If the \
         route is made outside of this project, write `allow(no-return-route)`",
    )
}

// ---------------------------------------------------------------------------------- Peerings and gateways

pub(crate) fn idle_peering(span: Span, name: &str, ends: (&str, &str)) -> Diagnostic {
    let (a, b) = ends;
    let message = format!("no rule allows traffic through the peering `{name}`");
    Diagnostic::new(codes::IDLE_PEERING, span, message)
        .label("no traffic is allowed through this")
        .help(format!("add a rule on one side, as in `tcp 443 from {b}` for `{a}`, or remove the peering"))
}

pub(crate) fn unused_nat(span: Span, network: &str, envs: &[&str], removal: Option<Span>) -> Diagnostic {
    let message = format!("no route in {} uses the NAT gateways of `{network}`", listed(envs));
    let found = Diagnostic::new(codes::UNUSED_NAT, span, message).label("unused NAT gateways").help(format!(
        "add a route such as `internet via nat {network}` where instances need internet access, or remove `nat`: \
         AWS bills each gateway by the hour"
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
    let found = Diagnostic::new(codes::SINGLE_ZONE, span, message).label(format!("has an address in {zone}"));
    let found = others.iter().fold(found, |found, (place, who)| found.related(*place, who.clone()));
    match next {
        Some((zone, offset)) => {
            found.help(format!("to place one of them in {zone}, give it an address from `+{offset}` on"))
        }
        None => found.help("give one of them an address in another zone's subnet"),
    }
}

// -------------------------------------------------------------------------------------------- Overrides

/// The source of the value that an override repeats.
#[derive(Clone, Copy)]
pub(crate) enum Same {
    Setting(Span),
    Default,
}

pub(crate) fn idle_override(heading: (Span, &str), same: Same, removal: Span) -> Diagnostic {
    let (span, text) = heading;
    let message = format!("{} has no effect: it sets the value that applies anyway", shown(text));
    let found = Diagnostic::new(codes::IDLE_OVERRIDE, span, message);
    let found = match same {
        Same::Setting(place) => found.related(place, "the same value is set here"),
        Same::Default => found.label("this is the default"),
    };
    found.help("remove the override, or give it another value").fix("remove it", removal, "")
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
    let found = Diagnostic::new(codes::STRAY_OVERRIDE, span, message)
        .label(format!("not declared in {}", listed(lacking)));
    if lacking == [context] {
        return found.help(format!("remove it, or declare the metanetwork of `{host}` in `{context}`"));
    }
    found.help(format!("remove it, or declare the metanetwork of `{host}` in an environment of `{context}`"))
}

/// An override in a pipeline for an environment, or for every environment of an envtype, that runs another one.
pub(crate) fn stray_run_override(span: Span, heading: &str, pipeline: &str, lacking: &[&str]) -> Diagnostic {
    let who = format!("{} {}", listed(lacking), if lacking.len() == 1 { "does" } else { "do" });
    let message = format!("`{heading}` has no effect: {who} not run pipeline `{pipeline}`");
    Diagnostic::new(codes::STRAY_OVERRIDE, span, message)
        .label("never applies")
        .help(format!("remove it, or write `pipeline = {pipeline}` there"))
}

/// "`a` has", "`a` and `b` have".
fn has(names: &[&str]) -> String {
    format!("{} {}", listed(names), if names.len() == 1 { "has" } else { "have" })
}

// ------------------------------------------------------------------------------------- Unused declarations

pub(crate) fn unused_let(name: &Name, removal: Span) -> Diagnostic {
    Diagnostic::new(codes::UNUSED_LET, name.span, format!("`{}` is not used", name.text))
        .label("never used")
        .help("remove it, or use it where its value is written")
        .fix("remove it", removal, "")
}

pub(crate) fn unused_envtype(name: &Name) -> Diagnostic {
    Diagnostic::new(codes::UNUSED_ENVTYPE, name.span, format!("no environment is of envtype `{}`", name.text))
        .label("no declaration inherits from this")
        .help(format!("declare one, as in `env NAME : {}`, or remove the envtype", name.text))
}

pub(crate) fn unused_hostclass(name: &Name) -> Diagnostic {
    let message = format!("hostclass `{}` is not part of any environment: it has no `network`", name.text);
    Diagnostic::new(codes::UNUSED_HOSTCLASS, name.span, message)
        .label("no metanetwork")
        .help("add `network = NAME`, inherit from it in another hostclass, or remove it")
}

pub(crate) fn unused_endpoint(span: Span, service: &str) -> Diagnostic {
    Diagnostic::new(codes::UNUSED_ENDPOINT, span, format!("no metanetwork uses endpoint `{service}`"))
        .label("no metanetworks")
        .help("name metanetworks, remove `networks` so that all of them use it, or remove the endpoint")
}

pub(crate) fn unused_topic(span: Span, name: &str) -> Diagnostic {
    let message = format!("topic `{name}` is not created: it has no subscribers, and nothing notifies it");
    Diagnostic::new(codes::UNUSED_TOPIC, span, message)
        .label("never created")
        .help("add `subscribers`, name it in the `notify` of an alarm, or remove it")
}

pub(crate) fn unknown_caa_tag(span: Span, tag: &str, known: &[&str]) -> Diagnostic {
    Diagnostic::new(
        codes::UNKNOWN_CAA_TAG,
        span,
        format!("certificate authorities do not know the CAA tag `{tag}`"),
    )
    .label("a tag that is ignored")
    .help(suggestion(tag, known))
}

pub(crate) fn unused_use(path: &Name, removal: Span) -> Diagnostic {
    Diagnostic::new(codes::UNUSED_USE, path.span, format!("nothing from `{}` is used", path.text))
        .label("nothing from here is used")
        .help("remove it")
        .fix("remove it", removal, "")
}

pub(crate) fn repeated_use(path: &Name, first: Span, removal: Span) -> Diagnostic {
    Diagnostic::new(codes::UNUSED_USE, path.span, format!("`{}` is used twice", path.text))
        .label("again here")
        .related(first, "first used here")
        .help("remove one of them")
        .fix("remove it", removal, "")
}
