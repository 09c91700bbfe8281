//! Words with an argument, and the values that consist of them: listeners, stickiness, sizes with start times.

use super::{Builder, Node, Rule, error_values::error_value, inner};
use crate::{
    ast::{Expr, ExprKind, Name},
    errors, spellings,
};

/// Words that can have an argument.
const WORDS: &[&str] = &[
    "cookie",
    "credential",
    "dir",
    "file",
    "http",
    "https",
    "parameters",
    "secrets_manager",
    "ssl",
    "tcp",
    "tls",
    "udp",
    "url",
];

/// Words before a name of which the machines, the endpoint or the metrics are meant.
const MACHINES: &[&str] = &["cache", "database", "hostclass", "lb", "search", "table"];

/// Words before the name of someone who makes requests, or of a group of such.
const PRINCIPALS: &[&str] = &["account", "group", "role", "saml", "service", "user"];

/// Protocols of AWS's load balancers that the language does not have; they are reported as such.
const WORDS_OF_AWS: &[&str] = &["geneve", "grpc", "http2", "quic", "tcp_quic", "tcp_udp", "ws", "wss"];

/// Whether a value and the one after it are a phrase.
pub(super) fn is_one(word: &Expr, argument: &Expr) -> bool {
    if let ExprKind::Name(word) = &word.kind
        && MACHINES.contains(&word.as_str())
    {
        return matches!(argument.kind, ExprKind::Name(_) | ExprKind::Path(..));
    }
    if let ExprKind::Name(word) = &word.kind
        && PRINCIPALS.contains(&word.as_str())
    {
        return matches!(argument.kind, ExprKind::Int(_) | ExprKind::Name(_) | ExprKind::String(_));
    }
    let is_word = match &word.kind {
        ExprKind::Name(word) => {
            let mut known = WORDS.iter().chain(WORDS_OF_AWS);
            known.any(|known| known.eq_ignore_ascii_case(word))
        }
        _ => false,
    };
    is_word
        && matches!(
            argument.kind,
            ExprKind::Int(_) | ExprKind::Quantity(..) | ExprKind::String(_) | ExprKind::Name(_)
        )
}

/// Whether a value may be a side of a listener: a word, a port, or both. Where routes go is no side.
fn is_side(side: &Expr) -> bool {
    match &side.kind {
        ExprKind::Name(word) => word != "internet" && spellings::route_target(word).is_none(),
        ExprKind::Phrase(word, _) => spellings::route_target(&word.text).is_none(),
        ExprKind::Int(_) => true,
        _ => false,
    }
}

impl<'t> Builder<'t> {
    /// A word with its argument, if it has one: `https 443`, or only `https` or `443`.
    pub(super) fn side(&mut self, word: Expr, arguments: Vec<Expr>) -> Expr {
        let mut arguments = arguments.into_iter();
        let Some(argument) = arguments.next() else { return word };
        if let Some(extra) = arguments.next() {
            let last = arguments.last().map_or(extra.span, |last| last.span);
            self.report(errors::second_port(extra.span.to(last)));
            return Expr { kind: ExprKind::Error, span: word.span.to(last) };
        }
        let span = word.span.to(argument.span);
        let kind = match (word.kind, &argument.kind) {
            (ExprKind::Error, _) | (_, ExprKind::Error) => ExprKind::Error,
            (ExprKind::Name(text), _) => ExprKind::Phrase(Name { text, span: word.span }, Box::new(argument)),
            _ => {
                self.report(errors::missing_protocol_of_port(span));
                ExprKind::Error
            }
        };
        Expr { kind, span }
    }

    /// `https 443 -> http 80` or `http 80 => https 443`, of which the front side is read.
    pub(super) fn arrow(&mut self, front: Expr, node: Node<'t>) -> Expr {
        let start = node.as_span().start();
        let mut parts = inner(node).peekable();
        let is_redirect = parts.next_if(|part| part.as_rule() == Rule::redirects).is_some();
        let Some(back) = parts.next() else {
            let place = self.between(start, start + "->".len());
            self.report(errors::missing_value(place, "->"));
            return error_value(front.span);
        };
        let back = self.operand(back);
        let port: Vec<Expr> =
            parts.filter(|part| part.as_rule() == Rule::arg).map(|part| self.argument(part)).collect();
        let back = self.side(back, port);
        let span = front.span.to(back.span);
        let is_broken = [&front, &back].iter().any(|side| side.kind == ExprKind::Error);
        let kind = if is_broken {
            ExprKind::Error
        } else if is_side(&front) && is_side(&back) {
            let (front, back) = (Box::new(front), Box::new(back));
            if is_redirect { ExprKind::Redirect(front, back) } else { ExprKind::Arrow(front, back) }
        } else {
            self.report(errors::not_a_listener(span));
            ExprKind::Error
        };
        Expr { kind, span }
    }

    /// `3 at "33 19 * * *"`, of which the number is read.
    pub(super) fn timed(&mut self, size: Expr, node: Node<'t>) -> Expr {
        let Some(time) = self.right_side(node, "at") else { return error_value(size.span) };
        let span = size.span.to(time.span);
        let kind = match time.kind {
            ExprKind::Error => ExprKind::Error,
            _ => ExprKind::Timed(Box::new(size), Box::new(time)),
        };
        Expr { kind, span }
    }
}
