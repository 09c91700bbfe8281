//! Ingress rules and routes in the language's own syntax.

use std::fmt::Write as _;

use asiaq_ir::{GroupRule, Protocol, Ref, Route, Source};

use super::words::reference;

/// One rule.
pub(super) fn one(rule: &GroupRule, env: &str) -> String {
    let ports = ports_text(ports(rule), rule.protocol);
    line(rule.protocol, &ports, "from", &source(&rule.source, env), &rule.description)
}

/// One rule of those that say where members of a group may go; the language has none.
pub(super) fn outward(rule: &GroupRule, env: &str) -> String {
    let ports = ports_text(ports(rule), rule.protocol);
    line(rule.protocol, &ports, "to", &source(&rule.source, env), &rule.description)
}

/// One route.
pub(super) fn route(route: &Route, env: &str) -> String {
    let destination = if route.destination.prefix_len() == 0 {
        "internet".to_owned()
    } else {
        route.destination.to_string()
    };
    format!("{destination} via {}", via(&route.target, env))
}

/// From and to, as AWS has them.
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
