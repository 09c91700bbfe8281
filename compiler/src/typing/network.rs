//! Values made of several parts: rules, routes, NAT, peerings.

use std::net::Ipv6Addr;

use asiaq_ir::Protocol;
use asiaq_lang::ast::{self, Expr, ExprKind, Name};
use asiaq_lang::aws_words::{self, Slot};
use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::{Typer, plain};
use crate::errors;
use crate::library::kinds;
use crate::reach::MachineKind;
use crate::types::Ty;
use crate::value::{End, EndOfClaim, NameServer, Nat, Ports, Route, Rule, Source, Spanned, Value, Via};

/// ICMP types by name, as IANA lists them for version 4.
pub(crate) const ICMP_TYPES: &[(&str, u16)] = &[
    ("echo-reply", 0),
    ("destination-unreachable", 3),
    ("redirect", 5),
    ("echo-request", 8),
    ("router-advertisement", 9),
    ("router-solicitation", 10),
    ("time-exceeded", 11),
    ("parameter-problem", 12),
    ("timestamp", 13),
    ("timestamp-reply", 14),
];

/// Characters of the longest description of a group or rule (EC2 API reference, `CreateSecurityGroup`).
const LONGEST_DESCRIPTION: usize = 255;

/// Checks the characters and the length of the description of a security group or rule, by the same page.
pub(crate) fn check_description(text: &str, span: Span) -> Option<Diagnostic> {
    let legal = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    match text.chars().find(|c| !legal(*c)) {
        Some(bad) => Some(errors::description_character(span, bad)),
        None if text.len() > LONGEST_DESCRIPTION => {
            Some(errors::description_too_long(span, text.len(), LONGEST_DESCRIPTION))
        }
        None => None,
    }
}

impl Typer<'_, '_> {
    pub(super) fn rule(&mut self, rule: &ast::Rule) -> Value {
        let protocol = match (rule.protocol.text.as_str(), &rule.number) {
            ("tcp", None) => Some(Protocol::Tcp),
            ("udp", None) => Some(Protocol::Udp),
            ("icmp", None) => Some(Protocol::Icmp),
            ("any", None) => Some(Protocol::Any),
            ("proto", Some(number)) => self.protocol_number(number),
            ("proto", None) => {
                self.report(errors::proto_without_number(rule.protocol.span));
                None
            }
            (word, _) => {
                self.report(errors::unknown_protocol(rule.protocol.span, word));
                None
            }
        };
        let (mut ports, mut icmp_type, mut sound) = (Vec::new(), None, true);
        if let Some(expr) = &rule.ports {
            match protocol {
                Some(Protocol::Tcp | Protocol::Udp) => sound = self.port_list(expr, expr.span, &mut ports),
                Some(Protocol::Icmp) => {
                    icmp_type = self.icmp_type(expr);
                    sound = icmp_type.is_some();
                }
                Some(Protocol::Any | Protocol::Number(_)) => {
                    self.report(errors::ports_without_meaning(expr.span, &rule.protocol.text));
                    sound = false;
                }
                None => sound = false,
            }
        }
        let mut sources = Vec::new();
        sound &= self.source_list(&rule.sources, rule.sources.span, &mut sources);
        let why = rule.why.as_ref().map_or_else(String::new, |why| self.description(why));
        match protocol {
            Some(protocol) if sound => Value::Rule(Rule { protocol, ports, icmp_type, sources, why }),
            _ => Value::Error,
        }
    }

    fn protocol_number(&mut self, expr: &Expr) -> Option<Protocol> {
        let ExprKind::Int(digits) = &expr.kind else {
            self.report(errors::proto_without_number(expr.span));
            return None;
        };
        match digits.parse() {
            Ok(1) => Some(Protocol::Icmp),
            Ok(6) => Some(Protocol::Tcp),
            Ok(17) => Some(Protocol::Udp),
            Ok(number) => Some(Protocol::Number(number)),
            Err(_) => {
                self.report(errors::bad_protocol_number(expr.span));
                None
            }
        }
    }

    /// The description of a rule: at most 255 of the characters that AWS accepts.
    fn description(&mut self, why: &Expr) -> String {
        let ExprKind::String(parts) = &why.kind else {
            self.report(errors::type_mismatch(why.span, why, &Ty::String));
            return String::new();
        };
        let Some(text) = self.text(parts) else { return String::new() };
        self.diagnostics.extend(check_description(&text, why.span));
        text
    }

    fn port_list(&mut self, expr: &Expr, site: Span, into: &mut Vec<Ports>) -> bool {
        let Some(behind) = self.behind_lets(expr).cloned() else { return false };
        if let ExprKind::List(items) = &behind.kind {
            if items.is_empty() {
                self.report(errors::empty_list(site, "ports"));
                return false;
            }
            return self.every(items, site, into, Self::port_list);
        }
        let ports = self.ports(&behind, &Ty::PortRange, site);
        into.extend(ports);
        ports.is_some()
    }

    /// Takes in the items of a list, one by one; whether all of them were sound.
    pub(super) fn every<T>(
        &mut self,
        items: &[Expr],
        site: Span,
        into: &mut Vec<T>,
        take: impl Fn(&mut Self, &Expr, Span, &mut Vec<T>) -> bool,
    ) -> bool {
        let mut sound = true;
        for item in items {
            if !self.has_room(into.len(), site) {
                return false;
            }
            sound &= take(self, item, item.span, into);
        }
        sound
    }

    fn icmp_type(&mut self, expr: &Expr) -> Option<u16> {
        let known = match &expr.kind {
            ExprKind::Name(name) => ICMP_TYPES.iter().find(|(known, _)| known == name).map(|(_, of)| *of),
            ExprKind::Int(digits) => digits.parse().ok().filter(|number| *number <= 255),
            _ => None,
        };
        if known.is_none() {
            let names: Vec<&str> = ICMP_TYPES.iter().map(|(name, _)| *name).collect();
            self.report(errors::unknown_icmp_type(expr, &names));
        }
        known
    }

    fn source_list(&mut self, expr: &Expr, site: Span, into: &mut Vec<Spanned<Source>>) -> bool {
        let Some(behind) = self.behind_lets(expr).cloned() else { return false };
        if let ExprKind::List(items) = &behind.kind {
            if items.is_empty() {
                self.report(errors::empty_list(site, "sources"));
                return false;
            }
            return self.every(items, site, into, Self::source_list);
        }
        let source = self.source(&behind, site);
        let is_sound = source.is_some();
        into.extend(source.map(|source| Spanned::new(source, site)));
        is_sound
    }

    /// The ends that an end of a claim means: anything that may be the source of a rule, and machines of hostclasses.
    pub(crate) fn ends_of_claim(&mut self, expr: &Expr) -> Vec<Spanned<EndOfClaim>> {
        match &expr.kind {
            ExprKind::Phrase(word, name) => self.machines(expr, word, name).into_iter().collect(),
            ExprKind::List(items) if !items.is_empty() => {
                let mut ends = Vec::new();
                self.every(items, expr.span, &mut ends, |typer, item, _, ends| {
                    let found = typer.ends_of_claim(item);
                    let is_sound = !found.is_empty();
                    ends.extend(found);
                    is_sound
                });
                ends
            }
            _ => {
                let mut ends = Vec::new();
                self.source_list(expr, expr.span, &mut ends);
                ends.into_iter().map(|end| Spanned::new(EndOfClaim::Source(end.value), end.span)).collect()
            }
        }
    }

    /// `hostclass web`, `lb ci/web`, `database orders`
    fn machines(&mut self, expr: &Expr, word: &Name, name: &Expr) -> Option<Spanned<EndOfClaim>> {
        let Some(kind) = MachineKind::of(&word.text) else {
            self.report(errors::not_machines(word));
            return None;
        };
        let (env, name) = match &name.kind {
            ExprKind::Name(text) => (None, Name { text: text.clone(), span: name.span }),
            ExprKind::Path(env, name) => (Some(env), name.clone()),
            ExprKind::Error => return None,
            _ => {
                self.report(errors::no_name_of_machines(name.span, kind));
                return None;
            }
        };
        if let Some(env) = env
            && !self.is_environment(env)
        {
            return None;
        }
        if kind.is_of_hostclass() && self.names.get(kinds::HOSTCLASS, &name.text).is_none() {
            let known: Vec<&str> = self.names.of_kind(kinds::HOSTCLASS).collect();
            let unknown = errors::unknown_reference(name.span, kinds::HOSTCLASS, &name.text, &known);
            self.report(unknown);
            return None;
        }
        let env = env.map(|env| env.text.clone());
        Some(Spanned::new(EndOfClaim::Machines { env, kind, name }, expr.span))
    }

    /// Whether an environment or envtype has this name, else it is reported.
    fn is_environment(&mut self, env: &Name) -> bool {
        if self.names.environment(&env.text).is_some() {
            return true;
        }
        let known: Vec<&str> =
            self.names.of_kind(kinds::ENV).chain(self.names.of_kind(kinds::ENVTYPE)).collect();
        self.report(errors::without_fix(errors::unknown_environment(env, &known)));
        false
    }

    /// The ports of a claim; nothing where they are broken.
    pub(crate) fn ports_of_claim(&mut self, expr: &Expr) -> Option<Vec<Ports>> {
        let mut ports = Vec::new();
        self.port_list(expr, expr.span, &mut ports).then_some(ports)
    }

    pub(super) fn single_source(&mut self, expr: &Expr, site: Span) -> Value {
        self.source(expr, site).map_or(Value::Error, Value::Source)
    }

    fn source(&mut self, expr: &Expr, site: Span) -> Option<Source> {
        match &expr.kind {
            ExprKind::Name(word) if word == "all" => Some(Source::All),
            ExprKind::Name(word) if word == "internet" => Some(Source::Cidr(Ipv4Net::default())),
            ExprKind::Name(name) => Some(Source::Network(name.clone())),
            ExprKind::Path(..) => self.end(expr).map(|end| Source::Peer(end.value)),
            ExprKind::Error => None,
            ExprKind::Phrase(word, name) if matches!(word.text.as_str(), "elb" | "hostclass" | "lb") => {
                let name = match &name.kind {
                    ExprKind::Name(name) => name.as_str(),
                    _ => "…",
                };
                self.report(errors::machines_as_source(site, &word.text, name));
                None
            }
            _ => self.cidr(expr, &Ty::Source, site).map(Source::Cidr),
        }
    }

    /// Whether a value in place of a rule is plainly a source.
    pub(super) fn is_source(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => {
                matches!(name.as_str(), "all" | "internet") || self.names.has_network(name)
            }
            ExprKind::Path(env, _) => self.names.environment(&env.text).is_some(),
            ExprKind::Ip(_) | ExprKind::Cidr(..) => true,
            _ => false,
        }
    }

    fn end(&mut self, expr: &Expr) -> Option<Spanned<End>> {
        let ExprKind::Path(env, network) = &expr.kind else {
            if expr.kind != ExprKind::Error {
                let quoted = match &expr.kind {
                    ExprKind::String(parts) => Some(plain(parts)).filter(|text| text.contains('/')),
                    _ => None,
                };
                self.report(errors::not_an_end(expr.span, quoted.as_deref()));
            }
            return None;
        };
        if !self.is_environment(env) {
            return None;
        }
        Some(Spanned::new(End { env: env.text.clone(), network: network.text.clone() }, expr.span))
    }

    pub(super) fn peering(&mut self, left: &Expr, right: &Expr) -> Value {
        match (self.end(left), self.end(right)) {
            (Some(left), Some(right)) => Value::Peering(left, right),
            _ => Value::Error,
        }
    }

    pub(super) fn route(&mut self, route: &ast::Route) -> Value {
        let destination = self.behind_lets(&route.destination).cloned();
        let destination =
            destination.and_then(|behind| self.cidr(&behind, &Ty::Cidr, route.destination.span));
        let via = match (route.via.text.as_str(), &route.network) {
            ("igw", None) => Some(Via::Igw),
            ("vgw", None) => Some(Via::Vgw),
            ("nat", Some(network)) => Some(Via::Nat(Spanned::new(self.named(network), network.span))),
            ("nat", None) => {
                self.report(errors::nat_without_network(route.via.span));
                None
            }
            ("igw" | "vgw", Some(second)) => {
                self.report(errors::second_route_target(second.span, &route.via.text, &second.text));
                None
            }
            (word, _) => {
                self.report(errors::unknown_route_target(route.via.span, word));
                None
            }
        };
        match (destination, via) {
            (Some(destination), Some(via)) => Value::Route(Route { destination, via }),
            _ => Value::Error,
        }
    }

    /// The name that a name means: a `let` may name a metanetwork.
    fn named(&self, name: &ast::Name) -> String {
        let word = Expr { kind: ExprKind::Name(name.text.clone()), span: name.span };
        match self.behind_lets(&word).map(|behind| &behind.kind) {
            Some(ExprKind::Name(behind)) => behind.clone(),
            _ => name.text.clone(),
        }
    }

    pub(super) fn nat(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Auto { prefix: None, pool: None } => Value::Nat(Nat::Auto),
            ExprKind::Name(word) if word == "auto" => Value::Nat(Nat::Auto),
            ExprKind::Name(word) if word == "one" => Value::Nat(Nat::One),
            ExprKind::List(_) => {
                let Value::List(items) = self.list(expr, &Ty::Ip, &Ty::Nat, site) else {
                    return Value::Error;
                };
                let addresses: Option<Vec<_>> = items
                    .into_iter()
                    .map(|item| match item.value {
                        Value::Ip(ip) => Some(Spanned::new(ip, item.span)),
                        _ => None,
                    })
                    .collect();
                addresses.map_or(Value::Error, |addresses| Value::Nat(Nat::Static(addresses)))
            }
            ExprKind::String(parts) => {
                let text = plain(parts);
                self.report(errors::nat_as_text(expr.span, &text))
            }
            _ => self.mismatch(expr, &Ty::Nat, site),
        }
    }

    pub(super) fn name_server(&mut self, expr: &Expr, site: Span) -> Value {
        match &expr.kind {
            ExprKind::Name(word) if word == "amazon" => return Value::NameServer(NameServer::Amazon),
            ExprKind::Name(word) if word.to_ascii_lowercase().starts_with("amazon") => {
                return self.report(errors::amazon_by_another_name(expr.span, word));
            }
            _ => {}
        }
        match self.address(expr, &Ty::NameServer, site) {
            Some(address) => Value::NameServer(NameServer::Address(address)),
            None => Value::Error,
        }
    }
}

/// What is wrong with a text in quotes where an address or a block is expected: it is IPv6, or the id of something.
pub(super) fn foreign_text(span: Span, text: &str, ty: &Ty) -> Option<Diagnostic> {
    let is_network = matches!(
        ty.required(),
        Ty::Cidr | Ty::Source | Ty::Ip | Ty::Address | Ty::Allocation | Ty::NameServer | Ty::Nat
    );
    let address = text.split('/').next().unwrap_or(text);
    if is_network && address.parse::<Ipv6Addr>().is_ok() {
        return Some(errors::ipv6(span, text));
    }
    let help = aws_words::help(Slot::Source, text).filter(|_| aws_words::is_id(text));
    help.filter(|_| is_network).map(|help| errors::id_in_quotes(span, text, ty, help))
}
