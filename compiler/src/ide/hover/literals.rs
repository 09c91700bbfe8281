//! Values: what a block holds, how long a time is, what a rule lets in.

use std::net::Ipv4Addr;

use asiaq_lang::ast::{Expr, ExprKind, Route, Rule, StringPart};
use ipnet::Ipv4Net;

use super::declarations::nat_text;
use super::{by_environment, is_template};
use crate::ide::cursor_context::CursorContext;
use crate::ide::hover::networks::usable;
use crate::ide::{Analysis, markdown};
use crate::library::kinds;
use crate::value::Allocation;

impl Analysis {
    pub(super) fn value_text(&self, expr: &Expr, cursor: &CursorContext<'_>) -> String {
        match &expr.kind {
            ExprKind::Auto { .. } => self.auto_text(expr, cursor),
            ExprKind::Sum(..) | ExprKind::Offset(_) => self.offset_text(expr, cursor),
            ExprKind::Rule(rule) => self.rule_text(rule),
            ExprKind::Route(route) => self.route_text(route),
            // Show the whole listener, not one side of it.
            ExprKind::Phrase(..)
                if cursor
                    .values
                    .iter()
                    .any(|value| matches!(value.kind, ExprKind::Arrow(..) | ExprKind::Redirect(..))) =>
            {
                String::new()
            }
            kind if is_template(kind) => self.string_text(expr, cursor),
            _ => self.literal_text(expr),
        }
    }

    /// Explains a value without its context.
    pub(super) fn literal_text(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Cidr(text) => text.parse().map_or_else(|_| String::new(), block_text),
            ExprKind::Ip(text) => text
                .parse()
                .map_or_else(|_| String::new(), |ip| format!("{}: {}", markdown::code(text), reach(ip))),
            ExprKind::Quantity(text, unit) => quantity_text(text, unit),
            ExprKind::Range(low, high) => match (&low.kind, &high.kind) {
                (ExprKind::Int(low), ExprKind::Int(high)) => range_text(low, high),
                _ => String::new(),
            },
            ExprKind::Rule(rule) => self.rule_text(rule),
            ExprKind::Route(route) => self.route_text(route),
            ExprKind::Arrow(front, back) => self.listener_text(front, Some(back)),
            ExprKind::Redirect(front, to) => self.redirect_text(front, to),
            ExprKind::Phrase(word, argument) if word.text == "cookie" => self.cookie_text(argument),
            ExprKind::Phrase(word, _) if word.text == "file" => {
                "The text of this file, by its path from the folder of this `.asq` file. asiaq replaces no `${…}` in it."
                    .to_owned()
            }
            ExprKind::Phrase(word, _) if word.text == "url" => {
                "The document at this address, as it is when a plan is made. `asiaq check` does not read it.".to_owned()
            }
            ExprKind::Phrase(..) => self.listener_text(expr, None),
            ExprKind::Timed(size, time) => self.timed_text(size, time),
            ExprKind::Condition(condition) => self.condition_text(condition),
            ExprKind::Error
            | ExprKind::Int(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::Name(_)
            | ExprKind::Path(..)
            | ExprKind::Window(_)
            | ExprKind::Offset(_)
            | ExprKind::Sum(..)
            | ExprKind::Auto { .. }
            | ExprKind::List(_)
            | ExprKind::Record(_)
            | ExprKind::Link(..) => String::new(),
        }
    }

    /// Explains `auto` with the allocated value.
    fn auto_text(&self, expr: &Expr, cursor: &CursorContext<'_>) -> String {
        let Some(setting) = cursor.setting else { return String::new() };
        let network = match cursor.decls.as_slice() {
            [_, inner] if inner.kind.text == kinds::METANETWORK => inner.name.as_ref(),
            _ => None,
        };
        let title = markdown::program(self.sources().slice(expr.span));
        let envs = self.environments_at(cursor);
        match (setting.name.text.as_str(), network) {
            ("cidr", Some(network)) => {
                let wins: Vec<[String; 3]> = envs
                    .iter()
                    .filter(|env| {
                        env.network(&network.text).is_some_and(|found| found.cidr.span() == setting.span)
                    })
                    .map(|env| {
                        let (block, usable) = self.block_and_usable(&env.name, &network.text);
                        [markdown::code(&env.name), block, usable]
                    })
                    .collect();
                let how = match &expr.kind {
                    ExprKind::Auto { prefix: None, .. } => {
                        "An equal share of the space that the others leave."
                    }
                    _ => "The first free CIDR block of this size.",
                };
                let table = match wins.as_slice() {
                    [] => String::new(),
                    rows => markdown::table(["Environment", "CIDR block", "Usable addresses"], rows),
                };
                markdown::paragraphs([title, how.to_owned(), table])
            }
            ("cidr", None) => {
                let rows = envs
                    .iter()
                    .filter(|env| env.cidr.span() == setting.span)
                    .filter(|env| matches!(env.cidr.value, Allocation::Pool { .. }))
                    .filter_map(|env| {
                        Some((env.name.clone(), self.layout().0.get(&env.name)?.cidr.to_string()))
                    })
                    .collect();
                let how = "A free CIDR block, chosen when the environment is first applied and kept from then on. \
                           If no VPC of the account is in the way, it is:";
                match by_environment("CIDR block", rows) {
                    text if text.is_empty() => String::new(),
                    text => markdown::paragraphs([title, how.to_owned(), text]),
                }
            }
            ("nat", Some(network)) => envs
                .iter()
                .filter_map(|env| env.network(&network.text)?.nat.as_ref())
                .find(|nat| nat.span() == setting.span)
                .map_or_else(String::new, |nat| markdown::paragraphs([title, nat_text(&nat.value)])),
            _ => String::new(),
        }
    }

    /// Explains a text with variables by its value.
    fn string_text(&self, expr: &Expr, cursor: &CursorContext<'_>) -> String {
        let ExprKind::String(parts) = &expr.kind else { return String::new() };
        let rows = self
            .environments_at(cursor)
            .into_iter()
            .map(|env| {
                let text: String = parts
                    .iter()
                    .map(|part| match part {
                        StringPart::Text(text) => text.clone(),
                        StringPart::Interpolation(path) => self.variable(&path.text, env).unwrap_or_default(),
                    })
                    .collect();
                (env.name.clone(), text)
            })
            .collect();
        by_environment("Text", rows)
    }

    pub(super) fn rule_around(&self, cursor: &CursorContext<'_>) -> String {
        cursor
            .values
            .iter()
            .rev()
            .find_map(|value| match &value.kind {
                ExprKind::Rule(rule) => Some(self.rule_text(rule)),
                _ => None,
            })
            .unwrap_or_default()
    }

    pub(super) fn route_around(&self, cursor: &CursorContext<'_>) -> String {
        match cursor.values.last().map(|value| &value.kind) {
            Some(ExprKind::Route(route)) => self.route_text(route),
            _ => String::new(),
        }
    }

    /// A rule in words.
    fn rule_text(&self, rule: &Rule) -> String {
        let sources = self.sources();
        let shown = |expr: &Expr| markdown::code(&crate::explain::on_one_line(sources.slice(expr.span)));
        let protocol = match (rule.protocol.text.as_str(), &rule.number) {
            ("any", _) => "Anything".to_owned(),
            ("proto", Some(number)) => format!("IP protocol {}", shown(number)),
            (word, _) => word.to_uppercase(),
        };
        let ports = match (&rule.ports, rule.protocol.text.as_str()) {
            (Some(of), "icmp") => format!(" of type {}", shown(of)),
            (Some(ports), _) if matches!(ports.kind, ExprKind::Int(_)) => {
                format!(" on port {}", shown(ports))
            }
            (Some(ports), _) => format!(" on ports {}", shown(ports)),
            (None, "tcp" | "udp") => " on every port".to_owned(),
            (None, _) => String::new(),
        };
        let from = each(&rule.sources)
            .into_iter()
            .map(|source| match &source.kind {
                ExprKind::Name(word) if word == "all" => "every metanetwork of the environment".to_owned(),
                ExprKind::Name(word) if word == "internet" => "the whole internet".to_owned(),
                ExprKind::Path(env, network) => {
                    format!("`{}` of `{}`, across a peering", network.text, env.text)
                }
                _ => shown(source),
            })
            .collect::<Vec<_>>();
        let why = rule
            .why
            .as_ref()
            .map_or_else(String::new, |why| format!(", described as {}", sources.slice(why.span)));
        format!("{protocol}{ports} is allowed from {}{why}.", and(&from))
    }

    /// A route in words.
    fn route_text(&self, route: &Route) -> String {
        let destination = match &route.destination.kind {
            ExprKind::Name(word) if word == "internet" => "Traffic that leaves the VPC".to_owned(),
            _ => format!("Traffic to {}", markdown::code(self.sources().slice(route.destination.span))),
        };
        let target = match (route.via.text.as_str(), &route.network) {
            ("igw", _) => "the internet gateway".to_owned(),
            ("vgw", _) => "the VPN gateway".to_owned(),
            ("nat", Some(network)) => {
                format!("the NAT gateway of the same zone in {}", markdown::code(&network.text))
            }
            _ => return String::new(),
        };
        format!("{destination} takes {target}.")
    }
}

/// The items of a list; a value by itself is one.
fn each(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::List(items) => items.iter().collect(),
        _ => vec![expr],
    }
}

/// `a, b and c`
fn and(words: &[String]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

fn block_text(block: Ipv4Net) -> String {
    let count = 1_u64 << (32 - u32::from(block.prefix_len()));
    let rows = [
        ["First address".to_owned(), markdown::code(&block.network().to_string())],
        ["Last address".to_owned(), markdown::code(&block.broadcast().to_string())],
        ["Addresses".to_owned(), count.to_string()],
        ["Usable as one subnet".to_owned(), usable(block).to_string()],
    ];
    let title = format!("{}: {}", markdown::code(&block.to_string()), reach(block.network()));
    if count == 1 {
        return title;
    }
    markdown::paragraphs([title, markdown::table(["", ""], &rows)])
}

/// The address range that contains `ip`, in words (RFC 1918, 6598, 3927, 5735).
fn reach(ip: Ipv4Addr) -> &'static str {
    let [first, second, ..] = ip.octets();
    if ip.is_private() {
        "private addresses (RFC 1918)"
    } else if first == 100 && (64..128).contains(&second) {
        "addresses shared by carriers (RFC 6598), not reachable from the internet"
    } else if ip.is_loopback() {
        "loopback addresses"
    } else if ip.is_link_local() {
        "link-local addresses"
    } else if ip.is_documentation() {
        "addresses for documentation (RFC 5737)"
    } else if ip.is_multicast() {
        "multicast addresses"
    } else if ip.is_unspecified() {
        "every address"
    } else {
        "public addresses"
    }
}

fn quantity_text(text: &str, unit: &str) -> String {
    let Ok(number) = text.parse::<u64>() else { return String::new() };
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "GB" => return format!("`{text}GB`: {number} GiB, which AWS writes GB"),
        "TB" => return format!("`{text}TB`: {} GiB", number.saturating_mul(1024)),
        _ => return String::new(),
    };
    let Some(seconds) = number.checked_mul(factor) else { return String::new() };
    let mut parts = Vec::new();
    let mut rest = seconds;
    for (name, size) in [("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)] {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    format!("`{text}{unit}`: {} ({seconds} s)", parts.join(" "))
}

fn range_text(low: &str, high: &str) -> String {
    match (low.parse::<u64>(), high.parse::<u64>()) {
        (Ok(low), Ok(high)) if low <= high => format!("`{low}..{high}`: {} values", high - low + 1),
        _ => String::new(),
    }
}
