//! Load balancers that AWS would not make, or that would not serve.

use asiaq_lang::{Diagnostic, Span};

use super::{listed, suggestion};
use crate::model::{Balancer, Environment, Family, Mapping, Network};
use crate::value::{AppProtocol, Spanned};

/// A listener as it is written in full.
fn shown(mapping: Mapping) -> String {
    let Mapping { front, back } = mapping;
    format!("{} {} -> {} {}", front.protocol.word(), front.port, back.protocol.word(), back.port)
}

pub(crate) fn duplicate_front_port(
    again: &Spanned<Mapping>,
    first: &Spanned<Mapping>,
    host: &str,
) -> Diagnostic {
    let port = again.value.front.port;
    let found = Diagnostic::error(
        "duplicate-front-port",
        again.span,
        format!("the load balancer of `{host}` listens on port {port} twice"),
    )
    .help("a port has one listener: take one of them out, or give it another port");
    if again.span == first.span { found } else { found.related(first.span, "the other one") }
}

pub(crate) fn listener_layers(mapping: &Spanned<Mapping>) -> Diagnostic {
    let Mapping { front, back } = mapping.value;
    let (requests, connections) = if front.protocol.is_http() { (front, back) } else { (back, front) };
    let found = Diagnostic::error(
        "listener-layers",
        mapping.span,
        format!(
            "`{}` joins requests ({}) and connections ({})",
            shown(mapping.value),
            requests.protocol.word(),
            connections.protocol.word()
        ),
    );
    let meant = if front.protocol.is_http() { "http" } else { "tcp" };
    let written = format!("{} {} -> {meant} {}", front.protocol.word(), front.port, back.port);
    found.help(format!("both sides understand HTTP or neither does: write `{written}`")).fix(
        format!("write `{written}`"),
        mapping.span,
        written,
    )
}

pub(crate) fn listener_protocol(
    mapping: &Spanned<Mapping>,
    protocol: AppProtocol,
    balancer: &Balancer,
) -> Diagnostic {
    let family = balancer.family.value;
    let way_out = match (family, protocol) {
        (Family::Classic | Family::Application, AppProtocol::Udp) => {
            "a network load balancer does: `lb { kind = network … }`"
        }
        (Family::Application, _) => {
            "a network load balancer does: write `kind = network`, or listen with `http` or `https`"
        }
        (Family::Network | Family::Classic, _) => {
            "an application load balancer does: write `kind = application`, or listen with `tcp`, `tls` or `udp`"
        }
    };
    Diagnostic::error(
        "listener-protocol",
        mapping.span,
        format!("{} does not listen with `{}`", family.shown(), protocol.word()),
    )
    .related(balancer.family.place(balancer.span), "this is what it is")
    .help(way_out)
}

pub(crate) fn listener_families(mapping: &Spanned<Mapping>) -> Diagnostic {
    let Mapping { front, back } = mapping.value;
    Diagnostic::error(
        "listener-protocol",
        mapping.span,
        format!("`{}` makes `{}` of `{}`", shown(mapping.value), back.protocol.word(), front.protocol.word()),
    )
    .help(format!("what comes in by `udp` goes on by `udp`: write `udp {} -> udp {}`", front.port, back.port))
}

pub(crate) fn sticky_without_http(span: Span, mapping: &Spanned<Mapping>) -> Diagnostic {
    let protocol = mapping.value.front.protocol.word();
    Diagnostic::error(
        "sticky-without-http",
        span,
        format!("there are no cookies in what comes by `{protocol}`"),
    )
    .related(mapping.span, format!("it listens with `{protocol}` here"))
    .help("take `sticky` out, or listen with `http` or `https` only")
}

pub(crate) fn health_check_without_http(span: Span, listeners: Span) -> Diagnostic {
    Diagnostic::error(
        "health-check-without-http",
        span,
        "a path is checked, but no machine is spoken to by HTTP",
    )
    .related(listeners, "here a port that is open is enough")
    .help("take `health_check` out, or add a listener that goes on by `http`")
}

pub(crate) fn health_check_path(span: Span, path: &str) -> Diagnostic {
    let found =
        Diagnostic::error("health-check-path", span, format!("`{path}` is not the path of a request"));
    if path.starts_with('/') {
        return found
            .help("a path has up to 1024 characters of plain ASCII and no blank, as in `\"/heartbeat\"`");
    }
    found.help("a path begins with a slash, as in `\"/heartbeat\"`, and names neither host nor port")
}

pub(crate) fn balancer_setting(span: Span, field: &str, balancer: &Balancer, way_out: &str) -> Diagnostic {
    let family = balancer.family.value.shown();
    Diagnostic::error("balancer-setting", span, format!("`{field}` does not go with {family}"))
        .related(balancer.family.place(balancer.span), "this is what it is")
        .help(way_out)
}

pub(crate) fn balancer_without_domain(balancer: &Balancer, host: &str, env: &str) -> Diagnostic {
    let found = Diagnostic::error(
        "balancer-without-domain",
        balancer.span,
        format!("nothing says in which domain the load balancer of `{host}` has its name in `{env}`"),
    );
    found.help("add `domain = \"example.com\"` to the project, or to the hostclass")
}

pub(crate) fn not_a_label(span: Span, alias: &str) -> Diagnostic {
    let found = Diagnostic::error("not-a-label", span, format!("`{alias}` is not one label of a DNS name"));
    match alias.split_once('.') {
        Some((first, _)) => found.help(format!(
            "the domain follows by itself: write `\"{first}\"`, or a `record` for a name in another domain"
        )),
        None => {
            found.help("write up to 63 letters, digits and dashes, no dash first or last, as in `\"www\"`")
        }
    }
}

pub(crate) fn balancer_without_internet(span: Span, host: &str, network: &Network, env: &str) -> Diagnostic {
    let (name, routes) = (&network.name, &network.routes);
    let label = if routes.value.is_empty() { "it has no routes" } else { "its routes" };
    Diagnostic::error(
        "balancer-without-internet",
        span,
        format!(
            "the load balancer of `{host}` is public, but `{name}` of `{env}` does not lead to the internet"
        ),
    )
    .related(routes.place(network.span), label)
    .help(format!(
        "add `internet via igw` to the routes of `{name}`, or put it into another metanetwork by `network`"
    ))
}

pub(crate) fn balancer_in_one_zone(balancer: &Balancer, host: &str, env: &Environment) -> Diagnostic {
    Diagnostic::error(
        "balancer-in-one-zone",
        balancer.span,
        format!("the load balancer of `{host}` is in one zone in `{}`", env.name),
    )
    .related(env.zones.place(env.span), format!("`{}` has one zone", env.name))
    .help("an application load balancer is in two zones at least: write `zones = 2`, or use an `elb`")
}

pub(crate) fn balancer_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::error("balancer-name", span, format!("AWS takes no load balancer called `{name}`: {why}"))
        .help("call the hostclass or the environment something else")
}

pub(crate) fn host_name_too_long(span: Span, label: &str, domain: &str) -> Diagnostic {
    let name = format!("{label}.{domain}");
    let why = if label.len() > 63 {
        format!("`{label}` has {} characters, and a label of a DNS name has 63 at most", label.len())
    } else {
        format!("`{name}` has {} characters, and a DNS name has 253 at most", name.len())
    };
    Diagnostic::error("host-name-too-long", span, why)
        .help("give the hostclass or the environment a shorter name")
}

/// Two things of one name in AWS.
pub(crate) fn balancer_name_taken(
    span: Span,
    name: &str,
    (host, env): (&str, &str),
    first: Span,
    (other, of): (&str, &str),
) -> Diagnostic {
    Diagnostic::error(
        "balancer-name-taken",
        span,
        format!("the load balancers of `{host}` in `{env}` and of `{other}` in `{of}` would both be called `{name}`"),
    )
    .related(first, format!("`{other}` has it here"))
    .help("AWS tells them apart by this name alone: rename one of the hostclasses")
}

pub(crate) fn certificate_name(span: Span, name: &str) -> Diagnostic {
    let found =
        Diagnostic::error("certificate-name", span, format!("no certificate is looked for under `{name}`"));
    match name.strip_prefix("*.") {
        Some(rest) => found.help(format!(
            "write the name that clients use, such as `\"www.{rest}\"`: a certificate for `{name}` is found by it"
        )),
        None => found.help("write a domain, or the name of a server certificate of IAM"),
    }
}

pub(crate) fn certificate_unknown(span: Span, name: &str, region: &str, known: &[&str]) -> Diagnostic {
    let found = Diagnostic::error(
        "certificate-unknown",
        span,
        format!("the account has no certificate for `{name}` in {region}"),
    );
    if known.is_empty() {
        return found.help("it has none at all: have one issued first, or listen with `http`");
    }
    found.help(format!(
        "{}; have one issued first, or name one with `certificate`",
        match super::nearest(name, known) {
            Some(_) => suggestion(name, known),
            None => format!("it has some for {}", listed(known)),
        }
    ))
}
