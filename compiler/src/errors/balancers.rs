//! Load balancers that AWS would not make, or that would not serve.

use asiaq_ir::Protocol;
use asiaq_lang::{Diagnostic, Span};

use super::{codes, few, listed, suggestion};
use crate::model::{Balancer, Environment, Family, Mapping, Network};
use crate::near;
use crate::value::{AppProtocol, Spanned};

/// A listener as it is written in full.
fn shown(mapping: Mapping) -> String {
    let Mapping { front, back, is_redirect } = mapping;
    let arrow = if is_redirect { "=>" } else { "->" };
    format!("{} {} {arrow} {} {}", front.protocol.word(), front.port, back.protocol.word(), back.port)
}

pub(crate) fn duplicate_front_port(
    again: &Spanned<Mapping>,
    first: &Spanned<Mapping>,
    host: &str,
) -> Diagnostic {
    let port = again.value.front.port;
    let found = Diagnostic::new(
        codes::DUPLICATE_FRONT_PORT,
        again.span,
        format!("the load balancer of `{host}` listens on port {port} twice"),
    )
    .label(format!("port {port} again"))
    .help("a port has one listener: remove one of them, or give it another port");
    if again.span == first.span { found } else { found.related(first.span, "the other one") }
}

pub(crate) fn listener_layers(mapping: &Spanned<Mapping>) -> Diagnostic {
    let Mapping { front, back, .. } = mapping.value;
    let (requests, connections) = if front.protocol.is_http() { (front, back) } else { (back, front) };
    let found = Diagnostic::new(
        codes::LISTENER_LAYERS,
        mapping.span,
        format!(
            "`{}` mixes HTTP requests ({}) and plain connections ({})",
            shown(mapping.value),
            requests.protocol.word(),
            connections.protocol.word()
        ),
    )
    .label("both sides must be HTTP, or neither");
    // Which side was meant decides what the load balancer accepts, so there is no fix.
    let meant = if front.protocol.is_http() { "http" } else { "tcp" };
    let written = format!("{} {} -> {meant} {}", front.protocol.word(), front.port, back.port);
    found.help(format!("both sides must be HTTP, or neither, as in `{written}`"))
}

pub(crate) fn listener_protocol(
    mapping: &Spanned<Mapping>,
    protocol: AppProtocol,
    balancer: &Balancer,
) -> Diagnostic {
    let family = balancer.family.value;
    let way_out = match (family, protocol) {
        (Family::Classic | Family::Application, AppProtocol::Udp) => {
            "use a Network Load Balancer: `lb { kind = network … }`"
        }
        (Family::Application, _) => {
            "use a Network Load Balancer: write `kind = network`, or listen with `http` or `https`"
        }
        (Family::Network | Family::Classic, _) => {
            "use an Application Load Balancer: write `kind = application`, or listen with `tcp`, `tls` or `udp`"
        }
    };
    Diagnostic::new(
        codes::LISTENER_PROTOCOL,
        mapping.span,
        format!("{} cannot listen with `{}`", family.shown(), protocol.word()),
    )
    .label("not supported by this kind of load balancer")
    .related(balancer.family.place(balancer.span), "the kind of load balancer is set here")
    .help(way_out)
}

pub(crate) fn redirect_of_another_kind(mapping: &Spanned<Mapping>, balancer: &Balancer) -> Diagnostic {
    let message = format!("{} cannot redirect clients", balancer.family.value.shown());
    Diagnostic::new(codes::BALANCER_SETTING, mapping.span, message)
        .label("not supported by this kind of load balancer")
        .related(balancer.family.place(balancer.span), "the kind of load balancer is set here")
        .help("use an Application Load Balancer, with `kind = application`, or forward with `->`")
}

pub(crate) fn redirect_without_http(mapping: &Spanned<Mapping>) -> Diagnostic {
    let message = format!("`{}` redirects another protocol than HTTP", shown(mapping.value));
    Diagnostic::new(codes::LISTENER_PROTOCOL, mapping.span, message)
        .label("only HTTP has redirects")
        .help("redirect from `http` or `https` to `http` or `https`, as in `http 80 => https 443`")
}

pub(crate) fn redirect_loop(mapping: &Spanned<Mapping>) -> Diagnostic {
    let message = format!("`{}` redirects clients to where they come from", shown(mapping.value));
    Diagnostic::new(codes::REDIRECT_LOOP, mapping.span, message)
        .label("clients never reach an instance")
        .help("redirect to a port that forwards to the instances")
}

pub(crate) fn redirect_to_nothing(
    mapping: &Spanned<Mapping>,
    there: Option<&Spanned<Mapping>>,
) -> Diagnostic {
    let (protocol, port) = (mapping.value.back.protocol, mapping.value.back.port);
    let message = match there {
        Some(_) => {
            format!("clients are redirected to `{} {port}`, which uses another protocol", protocol.word())
        }
        None => format!("clients are redirected to `{} {port}`, where nothing listens", protocol.word()),
    };
    let found =
        Diagnostic::new(codes::REDIRECT_TO_NOTHING, mapping.span, message).label("leads to a closed port");
    let found = match there {
        Some(there) => found.related(there.span, "the listener of this port"),
        None => found,
    };
    found.help(format!(
        "add a listener `{} {port}`, or forward with `->` if the instances listen there",
        protocol.word()
    ))
}

pub(crate) fn two_default_certificates(span: Span, list: Span) -> Diagnostic {
    let message = "`certificate` and `certificates` both name the default certificate";
    Diagnostic::new(codes::BALANCER_SETTING, span, message)
        .label("the first of `certificates` is the default one")
        .related(list, "the list of certificates")
        .help("remove `certificate`, and list its name in `certificates`")
}

pub(crate) fn listener_families(mapping: &Spanned<Mapping>) -> Diagnostic {
    let Mapping { front, back, .. } = mapping.value;
    Diagnostic::new(
        codes::LISTENER_PROTOCOL,
        mapping.span,
        format!(
            "`{}` cannot send `{}` for a listener with `{}`",
            shown(mapping.value),
            back.protocol.word(),
            front.protocol.word()
        ),
    )
    .label("cannot be forwarded like this")
    .help("`udp` can only be forwarded as `udp`, and other protocols never as `udp`: change one of the two sides")
}

/// `tcp 443 -> tls 443` of a Network Load Balancer.
pub(crate) fn listener_without_tls(mapping: &Spanned<Mapping>) -> Diagnostic {
    let Mapping { front, back, .. } = mapping.value;
    Diagnostic::new(
        codes::LISTENER_PROTOCOL,
        mapping.span,
        format!("`{}` cannot send `tls` for a listener with `tcp`", shown(mapping.value)),
    )
    .label("cannot be forwarded like this")
    .help(format!(
        "a `tcp` listener passes encrypted connections on as they are, as in `tcp {0} -> tcp {1}`; `tls {0} -> tls {1}` \
         decrypts and encrypts them",
        front.port, back.port
    ))
}

/// Two listeners of a Classic Load Balancer send to one port of the instances, one of them with TLS.
pub(crate) fn instance_port_with_and_without_tls(
    mapping: &Spanned<Mapping>,
    other: &Spanned<Mapping>,
) -> Diagnostic {
    let port = mapping.value.back.port;
    Diagnostic::new(
        codes::LISTENER_PROTOCOL,
        mapping.span,
        format!("a Classic Load Balancer sends to port {port} of the instances either with TLS or without"),
    )
    .label(format!("sends `{}`", mapping.value.back.protocol.word()))
    .related(other.span, format!("sends `{}`", other.value.back.protocol.word()))
    .help("use the same protocol on both, or another port of the instances")
}

pub(crate) fn sticky_without_http(span: Span, mapping: &Spanned<Mapping>) -> Diagnostic {
    let protocol = mapping.value.front.protocol.word();
    Diagnostic::new(
        codes::STICKY_WITHOUT_HTTP,
        span,
        format!("stickiness by cookie needs HTTP or HTTPS, not `{protocol}`"),
    )
    .label("needs HTTP or HTTPS")
    .related(mapping.span, format!("this listener uses `{protocol}`"))
    .help("remove `sticky`, or use only `http` or `https` listeners")
}

pub(crate) fn health_check_without_http(span: Span, listeners: Span) -> Diagnostic {
    Diagnostic::new(
        codes::HEALTH_CHECK_WITHOUT_HTTP,
        span,
        "a health check path needs HTTP, and no listener forwards HTTP to the instances",
    )
    .label("no listener forwards HTTP")
    .related(listeners, "these listeners check only that the port is open")
    .help("remove `health_check`, or add a listener that forwards `http`")
}

pub(crate) fn health_check_path(span: Span, path: &str) -> Diagnostic {
    let found =
        Diagnostic::new(codes::HEALTH_CHECK_PATH, span, format!("`{path}` is not a valid request path"))
            .label("not a valid path");
    if path.starts_with('/') {
        return found.help("write up to 1024 ASCII characters without spaces, as in `\"/heartbeat\"`");
    }
    found.help("write a path that starts with `/`, without host and port, as in `\"/heartbeat\"`")
}

pub(crate) fn balancer_setting(span: Span, field: &str, balancer: &Balancer, way_out: &str) -> Diagnostic {
    let family = balancer.family.value.shown();
    Diagnostic::new(codes::BALANCER_SETTING, span, format!("`{field}` cannot be set on {family}"))
        .label("not supported by this kind of load balancer")
        .related(balancer.family.place(balancer.span), "the kind of load balancer is set here")
        .help(way_out)
}

pub(crate) fn balancer_without_domain(balancer: &Balancer, host: &str, env: &str) -> Diagnostic {
    let found = Diagnostic::new(
        codes::BALANCER_WITHOUT_DOMAIN,
        balancer.span,
        format!("the load balancer of `{host}` in `{env}` has no domain for its DNS name"),
    )
    .label("no domain for its DNS name");
    found.help("add `domain = \"example.com\"` to the project, or to the hostclass")
}

pub(crate) fn not_a_label(span: Span, alias: &str) -> Diagnostic {
    let found =
        Diagnostic::new(codes::NOT_A_LABEL, span, format!("`{alias}` is not one label of a DNS name"))
            .label("must be a single DNS label");
    match alias.split_once('.') {
        Some((first, _)) => found.help(format!(
            "the domain is added automatically: write `\"{first}\"`, or declare a `record` for a name in another domain"
        )),
        None => {
            found.help("write up to 63 letters, digits and hyphens, without a hyphen at either end, as in `\"www\"`")
        }
    }
}

pub(crate) fn balancer_without_internet(span: Span, host: &str, network: &Network, env: &str) -> Diagnostic {
    let (name, routes) = (&network.name, &network.routes);
    let label = if routes.value.is_empty() { "this has no routes" } else { "no `internet via igw` here" };
    Diagnostic::new(
        codes::BALANCER_WITHOUT_INTERNET,
        span,
        format!(
            "the load balancer of `{host}` is public, but `{name}` of `{env}` has no route to the internet"
        ),
    ).label("public load balancer")
    .related(routes.place(network.span), label)
    .help(format!(
        "add `internet via igw` to the routes of `{name}`, or move the load balancer to another metanetwork with `network`"
    ))
}

pub(crate) fn balancer_in_one_zone(balancer: &Balancer, host: &str, env: &Environment) -> Diagnostic {
    Diagnostic::new(
        codes::BALANCER_IN_ONE_ZONE,
        balancer.span,
        format!("the load balancer of `{host}` has only one zone in `{}`", env.name),
    )
    .label("needs two zones")
    .related(env.zones.place(env.span), format!("`{}` has one zone", env.name))
    .help("an Application Load Balancer needs at least two zones: write `zones = 2`, or use an `elb`")
}

pub(crate) fn balancer_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        codes::BALANCER_NAME,
        span,
        format!("AWS does not allow the load balancer name `{name}`: {why}"),
    )
    .label(format!("would be named `{name}`"))
    .help("rename the hostclass or the environment")
}

pub(crate) fn host_name_too_long(span: Span, label: &str, domain: &str) -> Diagnostic {
    let name = format!("{label}.{domain}");
    let why = if label.len() > 63 {
        format!("`{label}` has {} characters, and a DNS label has at most 63", label.len())
    } else {
        format!("`{name}` has {} characters, and a DNS name has at most 253", name.len())
    };
    Diagnostic::new(codes::HOST_NAME_TOO_LONG, span, why)
        .label("results in a name that is too long")
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
    Diagnostic::new(
        codes::BALANCER_NAME_TAKEN,
        span,
        format!("the load balancers of `{host}` in `{env}` and of `{other}` in `{of}` would both be called `{name}`"),
    ).label(format!("would be named `{name}` too"))
    .related(first, format!("`{other}` uses it here"))
    .help("names of load balancers are unique in a region: rename one of the hostclasses")
}

pub(crate) fn certificate_name(span: Span, name: &str) -> Diagnostic {
    let found =
        Diagnostic::new(codes::CERTIFICATE_NAME, span, format!("`{name}` is not a valid certificate name"))
            .label("not a certificate name");
    match name.strip_prefix("*.") {
        Some(rest) => found.help(format!(
            "write the name that clients use, such as `\"www.{rest}\"`: a certificate for `{name}` matches it"
        )),
        None => found.help("write a domain, or the name of an IAM server certificate"),
    }
}

/// A policy of the other kind of load balancers.
pub(crate) fn foreign_tls_policy(span: Span, name: &str, balancer: &Balancer) -> Diagnostic {
    let family = balancer.family.value;
    let message = format!("security policy `{name}` does not exist for {}", family.shown());
    Diagnostic::new(codes::NOT_A_TLS_POLICY, span, message)
        .label("a policy of the other kind of load balancers")
        .related(balancer.family.place(balancer.span), "the kind of load balancer is set here")
        .help(match family {
            Family::Classic => {
                "use one such as `\"ELBSecurityPolicy-TLS-1-2-2017-01\"`, or an Application Load Balancer"
            }
            Family::Application | Family::Network => {
                "use one such as `\"ELBSecurityPolicy-TLS13-1-2-2021-06\"`"
            }
        })
}

pub(crate) fn not_a_tls_policy(span: Span, name: &str, is_classic: bool) -> Diagnostic {
    let message = format!("`{name}` is not the name of a security policy");
    let found = Diagnostic::new(codes::NOT_A_TLS_POLICY, span, message).label("not a security policy");
    let example = if is_classic { "TLS-1-2-2017-01" } else { "TLS13-1-2-2021-06" };
    let otherwise = format!("write the name that AWS has for it, as in `\"ELBSecurityPolicy-{example}\"`");
    meant_policy(found, span, name, is_classic, otherwise)
}

/// A policy that has the form of one.
pub(crate) fn unknown_tls_policy(span: Span, name: &str, is_classic: bool) -> Diagnostic {
    let message = format!("asiaq does not know security policy `{name}`");
    let found = Diagnostic::new(codes::UNKNOWN_TLS_POLICY, span, message)
        .label("not in asiaq's list of security policies");
    let otherwise = "check the name; if AWS has this policy, write `allow(unknown-tls-policy)`".to_owned();
    meant_policy(found, span, name, is_classic, otherwise)
}

/// The diagnostic with the policy that was plainly meant, or else with another help.
fn meant_policy(
    found: Diagnostic,
    span: Span,
    name: &str,
    is_classic: bool,
    otherwise: String,
) -> Diagnostic {
    let known: Vec<&str> = asiaq_ir::tls_policies(is_classic).collect();
    let same = known.iter().copied().find(|known| known.eq_ignore_ascii_case(name));
    match same.or_else(|| near::slip(name, known)) {
        Some(meant) => found.help(format!("did you mean `{meant}`?")).fix(
            format!("write `\"{meant}\"`"),
            span,
            format!("\"{meant}\""),
        ),
        None => found.help(otherwise),
    }
}

pub(crate) fn certificate_without_tls(span: Span, listeners: Span) -> Diagnostic {
    let message = "a certificate is named, and no listener is encrypted";
    Diagnostic::new(codes::TLS_POLICY_WITHOUT_TLS, span, message)
        .label("no listener uses it")
        .related(listeners, "these listeners use no TLS")
        .help("remove `certificate`, or add a listener with `https` or `tls`")
}

pub(crate) fn tls_policy_without_tls(span: Span, listeners: Span) -> Diagnostic {
    Diagnostic::new(
        codes::TLS_POLICY_WITHOUT_TLS,
        span,
        "a security policy is set, and no listener is encrypted",
    )
    .label("no listener uses it")
    .related(listeners, "these listeners use no TLS")
    .help("remove `tls_policy`, or add a listener with `https` or `tls`")
}

pub(crate) fn certificate_unknown(
    span: Span,
    names: &[String],
    region: &str,
    known: &[String],
) -> Diagnostic {
    let known: &[&str] = &known.iter().map(String::as_str).collect::<Vec<_>>();
    let label =
        if names.len() > 1 { "no certificates for these names" } else { "no certificate for this name" };
    let found = Diagnostic::new(
        codes::CERTIFICATE_UNKNOWN,
        span,
        format!("the account has no certificate for {} in {region}", few(names)),
    )
    .label(label);
    if known.is_empty() {
        return found.help("the account has no certificates: request one first, or listen with `http`");
    }
    found.help(format!(
        "{}; request one first, or name one with `certificate`",
        match names.first().filter(|name| super::nearest(name, known).is_some()) {
            Some(name) => suggestion(name, known),
            None => format!("it has certificates for {}", listed(known)),
        }
    ))
}

/// A hostclass, the block of its load balancer, and its environment.
type Of<'m> = (&'m str, &'m str, &'m str);

/// A port, and the listener that it belongs to.
type Closed = (Span, (Protocol, u16));

/// `tcp 80`, `tcp 80 and udp 53`.
fn ports_of(closed: &[Closed]) -> String {
    let mut ports: Vec<String> =
        closed.iter().map(|(_, (protocol, port))| format!("{protocol} {port}")).collect();
    ports.dedup();
    match ports.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Listeners of a load balancer in `network` that no rule lets anybody reach; nothing where there are none.
pub(crate) fn unreachable_balancer(
    (host, block, env): Of<'_>,
    closed: &[Closed],
    network: &str,
    rules: Option<Span>,
) -> Option<Diagnostic> {
    let ((span, _), others) = closed.split_first()?;
    let ports = ports_of(closed);
    let message = format!(
        "nobody can reach the `{block}` of `{host}` in `{env}`: no rule of `{network}` allows {ports}"
    );
    let found =
        Diagnostic::new(codes::UNREACHABLE_BALANCER, *span, message).label("no rule allows clients here");
    let found = others
        .iter()
        .filter(|(other, _)| other != span)
        .fold(found, |found, (other, _)| found.related(*other, "nor here"));
    let found = match rules {
        Some(rules) => found.related(rules, format!("the rules of `{network}` apply to the load balancer")),
        None => found,
    };
    Some(found.help(format!(
        "add a rule for its clients to `{network}`, as in `{} from …`",
        ports_of(closed.get(..1)?)
    )))
}

/// Ports of instances that let nothing in from their load balancer; nothing where there are none. `sides` are the
/// metanetworks whose rules apply to the instances, and that of the load balancer.
pub(crate) fn unreachable_target(
    (host, block, env): Of<'_>,
    closed: &[Closed],
    what: &str,
    (groups, from): (&[&str], &str),
    rules: Option<Span>,
) -> Option<Diagnostic> {
    let ((span, _), others) = closed.split_first()?;
    let ports = ports_of(closed);
    let message =
        format!("the instances of `{host}` in `{env}` do not allow {what} their `{block}`: {ports}");
    let found = Diagnostic::new(codes::UNREACHABLE_TARGET, *span, message)
        .label("no rule of the instances allows this");
    let found = others
        .iter()
        .filter(|(other, _)| other != span)
        .fold(found, |found, (other, _)| found.related(*other, "nor this"));
    let found = match rules {
        Some(rules) => found.related(rules, "no rule allows the load balancer here"),
        None => found,
    };
    let groups: Vec<String> = groups.iter().map(|group| format!("`{group}`")).collect();
    let port = ports_of(closed.get(..1)?);
    Some(found.help(format!("add a rule such as `{port} from {from}` to {}", groups.join(" or "))))
}
