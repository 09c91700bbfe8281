//! Rules as other firewalls write them.

use std::ops::Range;

use super::{
    ForeignKind, ForeignSyntax, is_ipv6, range,
    tokens::{Token, is_block, is_name, is_number, tokens},
};
use crate::aws_words::{self, Slot};

/// The parts of a rule.
#[derive(Default)]
struct Rule {
    protocol: String,
    ports: Vec<String>,
    sources: Vec<String>,
    why: Option<String>,
    every_port: bool,
    /// Foreign syntax that was found, with its place.
    findings: Vec<(ForeignKind, Range<usize>)>,
    is_guess: bool,
    /// What to say of a word of AWS in it.
    help: Option<String>,
}

/// The port or range of ports that a word means, with the foreign syntax in it.
pub(super) fn port(text: &str) -> Option<(String, Option<ForeignKind>)> {
    if is_number(text) {
        return Some((text.to_owned(), None));
    }
    if let Some((from, to)) = text.split_once("..")
        && is_number(from)
        && is_number(to)
    {
        return Some((text.to_owned(), None));
    }
    range(text).map(|meant| (meant, Some(ForeignKind::Range)))
}

/// `tcp dmz 80 443` and everything that looks like a rule.
pub(super) fn rule(text: &str, tokens: &[Token<'_>]) -> Option<ForeignSyntax> {
    let mut rule = Rule::default();
    let mut rest = tokens.iter().peekable();
    if let Some(verb) =
        rest.next_if(|token| matches!(token.text, "allow" | "permit" | "accept" | "ingress" | "rule"))
    {
        rule.findings.push((ForeignKind::Filler, verb.at.clone()));
    }
    if let Some(verb) = rest.next_if(|token| matches!(token.text, "block" | "deny" | "drop" | "reject")) {
        rule.guess(ForeignKind::Deny, verb);
    }
    let first = rest.next()?;
    rule.protocol(first)?;
    if rule.protocol == "proto" {
        let number = rest.next_if(|token| is_number(token.text))?;
        rule.protocol = format!("proto {}", number.text);
    }
    let has_from = tokens.iter().any(|token| matches!(token.text, "from" | "<-" | "from:"));
    let mut is_source = !has_from;
    while let Some(token) = rest.next() {
        match token.text {
            "but" | "except" | "excluding" | "not" | "unless" | "without" if is_source => {
                rule.guess(ForeignKind::Exception, token);
            }
            // `lb front`, but not `lb, front`: a metanetwork may be called so.
            "elb" | "hostclass" | "lb"
                if is_source
                    && let Some(name) = rest.peek()
                    && is_name(name.text)
                    && text.get(token.at.end..name.at.start).is_some_and(|gap| !gap.contains(',')) =>
            {
                let at = token.at.start..name.at.end;
                rest.next();
                rule.findings.push((ForeignKind::MachineSource, at));
                rule.is_guess = true;
                rule.sources.push("internet".to_owned());
            }
            "from" | "<-" | "from:" => {
                if token.text != "from" {
                    rule.findings.push((ForeignKind::Arrow, token.at.clone()));
                }
                is_source = true;
            }
            "port" | "ports" | "port:" | "ports:" | "and" | "&" | "on" => {
                rule.findings.push((ForeignKind::Filler, token.at.clone()));
            }
            "to" | "towards" | "->" | "into" => {
                rule.guess(ForeignKind::Outbound, token);
                is_source = true;
            }
            _ => rule.part(token, is_source, has_from)?,
        }
    }
    rule.settled(has_from, &(0..text.len()))
}

impl Rule {
    /// Takes note of something that has no equivalent.
    fn guess(&mut self, kind: ForeignKind, token: &Token<'_>) {
        self.findings.push((kind, token.at.clone()));
        self.is_guess = true;
    }

    /// The protocol, and the port that may be joined to it.
    fn protocol(&mut self, token: &Token<'_>) -> Option<()> {
        let word = token.bare().to_ascii_lowercase();
        if token.quoted().is_some() {
            self.findings.push((ForeignKind::Quoted, token.at.clone()));
        }
        let is_protocol = |word: &str| matches!(word, "tcp" | "udp" | "icmp");
        match word.as_str() {
            "tcp" | "udp" | "icmp" | "any" | "proto" => self.protocol = word,
            "all" | "*" | "-1" | "ip" => {
                self.findings.push((ForeignKind::EveryProtocol, token.at.clone()));
                "any".clone_into(&mut self.protocol);
            }
            _ => {
                let (left, right) = word.split_once(['/', ':'])?;
                let (protocol, joined) = if is_protocol(left) { (left, right) } else { (right, left) };
                if !is_protocol(protocol) {
                    return None;
                }
                protocol.clone_into(&mut self.protocol);
                self.findings.push((ForeignKind::JoinedPort, token.at.clone()));
                let (joined, _) = port(joined)?;
                self.ports.push(joined);
            }
        }
        Some(())
    }

    /// A port, a source or the reason.
    fn part(&mut self, token: &Token<'_>, is_source: bool, has_from: bool) -> Option<()> {
        if let Some(list) = token.text.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
            let lists = self.ports.len() + self.sources.len();
            for item in tokens(list) {
                let at = token.at.start + 1 + item.at.start..token.at.start + 1 + item.at.end;
                self.part(&Token { text: item.text, at }, is_source, has_from)?;
            }
            if self.ports.len() + self.sources.len() == lists {
                return None;
            }
            // Several ports or sources are correct in brackets.
            self.findings
                .retain(|(kind, _)| !matches!(kind, ForeignKind::ManyPorts | ForeignKind::ManySources));
            return Some(());
        }
        let at = token.at.clone();
        if is_source && is_aws(token) {
            self.help = aws_words::help(Slot::Source, token.bare());
            self.guess(ForeignKind::AwsSource, token);
            self.sources.push(token.bare().to_owned());
            return Some(());
        }
        if token.quoted().is_some() {
            if is_source && !self.sources.is_empty() {
                return self.why.replace(token.text.to_owned()).is_none().then_some(());
            }
            self.findings.push((ForeignKind::Quoted, at.clone()));
        }
        let word = token.bare();
        if self.protocol == "icmp"
            && let Some((kind, "-1")) = word.split_once(':')
        {
            self.findings.push((ForeignKind::Range, at));
            if is_number(kind) {
                self.ports.push(kind.to_owned());
            }
            return Some(());
        }
        if matches!(word, "-1" | "-1:-1") || !is_source && matches!(word, "*" | "any" | "all") {
            self.findings.push((ForeignKind::EveryPort, at));
            self.every_port = true;
        } else if let Some((port, kind)) = port(word) {
            self.findings.extend(kind.map(|kind| (kind, at.clone())));
            if has_from && is_source {
                self.findings.push((ForeignKind::LatePort, at.clone()));
            }
            if has_from && !self.ports.is_empty() {
                self.findings.push((ForeignKind::ManyPorts, at));
            }
            self.ports.push(port);
        } else if word == "*" {
            self.findings.push((ForeignKind::EverySource, at));
            self.is_guess = true;
            self.sources.push("internet".to_owned());
        } else if is_ipv6(word) {
            self.findings.push((ForeignKind::Ipv6, at));
            self.is_guess = true;
            self.sources.push("internet".to_owned());
        } else if word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            self.guess(ForeignKind::Negative, token);
            self.every_port = true;
        } else if matches!(word, "tcp" | "udp" | "icmp" | "proto") {
            // A second rule.
            return None;
        } else if is_name(word) || is_block(word) {
            if has_from && !is_source {
                self.ports.push(word.to_owned());
            } else {
                if !self.sources.is_empty() {
                    self.findings.push((ForeignKind::ManySources, at));
                }
                self.sources.push(word.to_owned());
            }
        } else {
            return None;
        }
        Some(())
    }

    /// The rule in `.asq` syntax, if foreign syntax was found.
    fn settled(mut self, has_from: bool, whole: &Range<usize>) -> Option<ForeignSyntax> {
        if self.sources.is_empty() {
            return None;
        }
        if !has_from {
            // `tcp dmz` alone is incomplete: the old format required a port.
            if self.ports.is_empty() && !self.every_port && self.findings.is_empty() {
                return None;
            }
            self.findings.push((ForeignKind::NoFrom, whole.clone()));
        }
        let every_port = self.every_port || self.protocol == "any" && self.ports == ["0..65535"];
        let mut meant = self.protocol;
        if !every_port && !self.ports.is_empty() {
            meant.extend([" ", &one_or_list(&self.ports)]);
        }
        meant.extend([" from ", &one_or_list(&self.sources)]);
        if let Some(why) = &self.why {
            meant.extend([" ", why]);
        }
        let is_guess = self.is_guess;
        let is_lesser = |kind: ForeignKind| {
            use ForeignKind as Is;
            !matches!(
                kind,
                Is::Deny
                    | Is::Outbound
                    | Is::AwsSource
                    | Is::Exception
                    | Is::MachineSource
                    | Is::Negative
                    | Is::Ipv6
                    | Is::EverySource
            )
        };
        let (kind, at) =
            self.findings.into_iter().min_by_key(|(kind, _)| (is_guess && is_lesser(*kind), *kind))?;
        let help = self.help.filter(|_| kind == ForeignKind::AwsSource);
        Some(ForeignSyntax { kind, at, meant: (!is_guess).then_some(meant), help })
    }
}

/// Whether a source is a word or an id of AWS that takes no part in rules: its neighbours are no further sources.
fn is_aws(token: &Token<'_>) -> bool {
    aws_words::is_id(token.bare())
        || matches!(
            token.bare(),
            "managed_prefix_list" | "pl" | "prefix_list" | "prefix-list" | "security_group" | "sg"
        )
}

fn one_or_list(items: &[String]) -> String {
    match items {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}
