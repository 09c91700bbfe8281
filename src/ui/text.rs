//! Colours, lists, durations, values, rules and routes as text.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Color, Style};
#[cfg(feature = "aws")]
use asiaq_ir::{Address, resolve_in};
use asiaq_ir::{
    CacheParameterGroup, GroupRule, IngressRules, Lookup, Protocol, Ref, Route, RouteTable, SecurityGroup,
    Source,
};
#[cfg(feature = "aws")]
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Map, Value};

/// Sets whose elements are shown as they are written in a program.
const RULES: &str = IngressRules::RULES.as_str();
const EGRESS: &str = SecurityGroup::EGRESS.as_str();
const ROUTES: &str = RouteTable::ROUTES.as_str();

/// Values by name: one alone has its name too.
const PARAMETERS: &str = CacheParameterGroup::PARAMETERS.as_str();

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = colour(AnsiColor::Green);
pub(super) const CHANGED: Style = colour(AnsiColor::Yellow);
#[cfg(feature = "aws")]
pub(super) const REPLACED: Style = colour(AnsiColor::Magenta);
pub(super) const BAD: Style = colour(AnsiColor::Red);
pub(super) const ERROR: Style = BAD.bold();
pub(super) const WARNING: Style = CHANGED.bold();

/// `text` in `style`.
pub(super) fn paint(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

/// `a`, `b` and `c`.
pub(crate) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// A duration that was measured: `1.4s`, `2m 05s`.
#[cfg(feature = "aws")]
pub(crate) fn duration(time: std::time::Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1}s", time.as_secs_f64())
    } else {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    }
}

/// A time to wait in its largest two units, seconds rounded up: `40s`, `5m`, `2h 10m`.
#[cfg(feature = "aws")]
pub(crate) fn span(time: std::time::Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let (whole, rest) = match seconds {
        3_600.. => ((seconds / 3_600, "h"), (seconds % 3_600 / 60, "m")),
        60.. => ((seconds / 60, "m"), (seconds % 60, "s")),
        _ => ((seconds, "s"), (0, "")),
    };
    let rest = if rest.0 == 0 { String::new() } else { format!(" {}{}", rest.0, rest.1) };
    format!("{}{}{rest}", whole.0, whole.1)
}

/// A value of the IR for people: references by name, null as `none`.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        // Keeps the value on one line.
        Value::String(text) if text.contains(char::is_control) => format!("{text:?}"),
        Value::String(text) => name(text).to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => match serde_json::from_value(value.clone()) {
            Ok(one) => reference(&one),
            Err(_) => object(fields),
        },
    }
}

/// `{ name = value, … }` without empty fields; the value alone if there is only one field.
fn object(fields: &Map<String, Value>) -> String {
    if let [one] = fields.values().collect::<Vec<_>>().as_slice() {
        return value(one);
    }
    named(fields)
}

/// The same with every name.
fn named(fields: &Map<String, Value>) -> String {
    let is_set = |value: &&Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
    let set = fields.iter().filter(|(_, value)| is_set(value));
    let set: Vec<String> = set.map(|(name, one)| format!("{name} = {}", value(one))).collect();
    format!("{{ {} }}", set.join(", "))
}

/// An element of set `field`, as it is written in environment `env`.
pub(super) fn element(field: &str, element: &Value, env: &str) -> String {
    let rule = || serde_json::from_value(element.clone()).ok().map(|rule| rule_line(&rule, env));
    let route_line = || serde_json::from_value(element.clone()).ok().map(|it| route(&it, env));
    let text = match field {
        RULES => rule(),
        EGRESS => serde_json::from_value(element.clone()).ok().map(|rule| egress_line(&rule, env)),
        ROUTES => route_line(),
        PARAMETERS => element.as_object().filter(|all| !all.is_empty()).map(named),
        _ => None,
    };
    text.unwrap_or_else(|| value(element))
}

/// The value of field `field`, or an element of it, as a plan of environment `env` shows it.
#[cfg(feature = "aws")]
pub(super) fn within(field: &str, value: &Value, env: &str) -> String {
    if matches!(field, RULES | EGRESS | ROUTES) {
        return element(field, value, env);
    }
    let mut inside = |reference: &Ref| match reference {
        Ref::To(address) if address.scope().as_str() == env => Ref::To(Address::parse(address.path())),
        other => other.clone(),
    };
    element(field, &resolve_in(value.clone(), &mut inside), env)
}

/// The name in an ARN: its last part, or of a load balancer and a target group what comes before their random id.
pub(super) fn name(text: &str) -> &str {
    let mut parts = text.splitn(6, ':');
    let Some(path) = parts.next().filter(|first| *first == "arn").and_then(|_| parts.nth(4)) else {
        return text;
    };
    let segments: Vec<&str> = path.split(['/', ':']).collect();
    match segments.as_slice() {
        ["loadbalancer" | "listener" | "listener-rule", "app" | "net" | "gateway", name, ..]
        | ["targetgroup", name, ..]
        | [.., name] => name,
        [] => text,
    }
}

/// The name of the resource that a reference points to.
pub(super) fn reference(reference: &Ref) -> String {
    match reference {
        Ref::To(address) => address.to_string(),
        Ref::Id(id) => name(id).to_owned(),
        Ref::Find(Lookup::ElasticIp(address)) => address.to_string(),
        Ref::Find(Lookup::VpnGateway(name)) => format!("VPN gateway `{name}`"),
        Ref::Find(Lookup::HostedZone(domain)) => format!("hosted zone `{domain}`"),
        Ref::Find(Lookup::Image(hostclass)) => format!("newest image of `{hostclass}`"),
        Ref::Find(Lookup::NewestImage { pattern, .. }) => format!("newest image `{pattern}`"),
        Ref::Find(Lookup::ImageParameter(name)) => format!("image in parameter `{name}`"),
        Ref::Find(Lookup::Certificate(domain)) => format!("certificate for `{domain}`"),
    }
}

/// One ingress rule in the syntax of the language, as in `tcp 443 from web`.
pub(super) fn rule_line(rule: &GroupRule, env: &str) -> String {
    let ports = ports_text(ports(rule), rule.protocol);
    line(rule.protocol, &ports, "from", &source(&rule.source, env), &rule.description)
}

/// One egress rule, as in `tcp 443 to web`; the language cannot declare these.
pub(super) fn egress_line(rule: &GroupRule, env: &str) -> String {
    let ports = ports_text(ports(rule), rule.protocol);
    line(rule.protocol, &ports, "to", &source(&rule.source, env), &rule.description)
}

/// One route, as in `10.1.0.0/16 via igw`.
pub(super) fn route(route: &Route, env: &str) -> String {
    let destination = if route.destination.prefix_len() == 0 {
        "internet".to_owned()
    } else {
        route.destination.to_string()
    };
    format!("{destination} via {}", via(&route.target, env))
}

/// First and last port, or ICMP type and code, as AWS has them.
pub(super) type Ports = (Option<u16>, Option<u16>);

pub(super) fn ports(rule: &GroupRule) -> Ports {
    (rule.from, rule.to)
}

pub(super) fn ports_text((from, to): Ports, protocol: Protocol) -> String {
    match (from, to, protocol) {
        (None, ..) => String::new(),
        (Some(kind), None, _) => kind.to_string(),
        (Some(kind), Some(code), Protocol::Icmp) => format!("{kind}/{code}"),
        (Some(from), Some(to), _) if from == to => from.to_string(),
        (Some(from), Some(to), _) => format!("{from}..{to}"),
    }
}

pub(super) fn line(protocol: Protocol, ports: &str, way: &str, others: &str, description: &str) -> String {
    let mut line = protocol.to_string();
    if !ports.is_empty() {
        line.push(' ');
        line.push_str(ports);
    }
    let _ = write!(line, " {way} {others}");
    if !description.is_empty() {
        let _ = write!(line, " {description:?}");
    }
    line
}

pub(super) fn source(source: &Source, env: &str) -> String {
    match source {
        Source::Cidr(block) if block.prefix_len() == 0 => "internet".to_owned(),
        Source::Cidr(block) => block.to_string(),
        Source::Group(Ref::To(address)) => match address.as_str().strip_suffix("/security-group") {
            Some(network) => network.strip_prefix(&format!("{env}/")).unwrap_or(network).to_owned(),
            None => address.to_string(),
        },
        Source::Group(group @ (Ref::Id(_) | Ref::Find(_))) => reference(group),
        Source::Other(words) => words.clone(),
    }
}

fn via(target: &Ref, env: &str) -> String {
    let Ref::To(address) = target else { return reference(target) };
    let own = address.as_str().strip_prefix(&format!("{env}/"));
    match own.and_then(|path| path.split_once('/').or(Some((path, "")))) {
        Some(("internet-gateway", "")) => "igw".to_owned(),
        Some(("vpc", "vpn-gateway")) => "vgw".to_owned(),
        Some((network, part)) if part.starts_with("nat-gateway/") => format!("nat {network}"),
        _ => address.to_string(),
    }
}

/// The time from `then` to `now` in one unit: `3d`, `5h`, `12m`, `40s`; `None` if either is not a time.
/// Both are UTC in ISO 8601, with or without the zone.
#[cfg(feature = "aws")]
pub(crate) fn age(then: &str, now: &str) -> Option<String> {
    let seconds = instant(now)?.as_second().saturating_sub(instant(then)?.as_second()).max(0);
    let (count, unit) = match seconds {
        86_400.. => (seconds / 86_400, "d"),
        3_600.. => (seconds / 3_600, "h"),
        60.. => (seconds / 60, "m"),
        _ => (seconds, "s"),
    };
    Some(format!("{count}{unit}"))
}

/// The current time, for [`age`].
#[cfg(feature = "aws")]
pub(crate) fn now() -> String {
    Timestamp::now().to_string()
}

#[cfg(feature = "aws")]
fn instant(text: &str) -> Option<Timestamp> {
    let without_zone = || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(without_zone)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_says_all_that_it_has() {
        let listener = |port: u16| {
            let certificate = json!({ "id": "arn:one" });
            json!({ "certificate": certificate, "policy": null, "port": 443, "protocol": "HTTPS", "to_port": port })
        };
        let said = |port| element("listeners", &listener(port), "ci");
        assert_eq!(said(80), "{ certificate = arn:one, port = 443, protocol = HTTPS, to_port = 80 }");
        assert_ne!(said(80), said(8081));
        assert_eq!(value(&json!({ "of": { "ref": "ci/vpc" } })), "ci/vpc");
        assert_eq!(value(&json!({ "text": "orders" })), "orders");
        assert_eq!(value(&json!("one\ntwo")), r#""one\ntwo""#);
    }

    #[test]
    fn an_arn_is_said_by_its_name() {
        let balancing = "arn:aws:elasticloadbalancing:us-west-2:1:";
        assert_eq!(name(&format!("{balancing}loadbalancer/app/live-web/50dc6c495c0c9188")), "live-web");
        assert_eq!(name(&format!("{balancing}loadbalancer/live-web")), "live-web");
        assert_eq!(name(&format!("{balancing}targetgroup/live-web-80/73e2d6bc24d8a067")), "live-web-80");
        assert_eq!(name("arn:aws:sns:us-west-2:1:live-critical"), "live-critical");
        assert_eq!(name("arn:aws:iam::1:instance-profile/web"), "web");
        assert_eq!(name("arn:aws:logs:us-west-2:1:log-group:web"), "web");
        assert_eq!(name("an:other:text"), "an:other:text");
    }

    #[cfg(feature = "aws")]
    #[test]
    fn an_age_has_one_unit() {
        let age = |then| age(then, "2026-11-22T06:00:00Z");
        assert_eq!(age("2026-11-22T05:59:20.5Z").as_deref(), Some("40s"));
        assert_eq!(age("2026-11-22T05:48:00").as_deref(), Some("12m"));
        assert_eq!(age("2026-11-22T00:59:59+00:00").as_deref(), Some("5h"));
        assert_eq!(age("2026-11-01T06:00:00.000Z").as_deref(), Some("21d"));
        assert_eq!(age("2027-01-01T00:00:00Z").as_deref(), Some("0s"), "clocks differ");
        assert_eq!(age("yesterday"), None);
    }
}
