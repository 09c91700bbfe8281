//! Values.

use std::{iter::Peekable, ops::Range};

use super::{Builder, Node, Rule, error_values::error_value, inner, phrases, separation::Separation};
use crate::{
    Span,
    ast::{self, Expr, ExprKind, Name},
    errors,
    foreign_syntax::Place,
};

impl<'t> Builder<'t> {
    pub(super) fn value(&mut self, node: Node<'t>) -> Expr {
        let mut parts = inner(node);
        let Some(first) = parts.next() else {
            return error_value(Span { file: self.file, ..Span::default() });
        };
        let operand = self.operand(first);
        let Some(tail) = parts.next() else { return alone(operand) };
        if operand.kind == ExprKind::Error {
            return operand;
        }
        match tail.as_rule() {
            Rule::offset => self.sum(operand, tail),
            Rule::upto => self.range(operand, tail),
            Rule::prefix | Rule::pool => self.allocation(operand, tail, parts.next()),
            Rule::link => self.link(operand, tail),
            Rule::arrow => self.arrow(operand, tail),
            Rule::at => self.timed(operand, tail),
            Rule::compared => self.condition(operand, tail, parts),
            Rule::via => self.route(operand, tail),
            _ => self.rule(operand, std::iter::once(tail).chain(parts)),
        }
    }

    /// One thing, without operators.
    pub(super) fn operand(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::path => self.path(&node, span),
            // Blanks in it mean nothing.
            Rule::bounded => ExprKind::Name(node.as_str().split_whitespace().collect()),
            Rule::number => number(node.as_str()).unwrap_or_else(|| {
                self.report(errors::malformed_number(span, node.as_str()));
                ExprKind::Error
            }),
            Rule::window => ExprKind::Window(node.as_str().to_owned()),
            Rule::string => self.string(&node),
            Rule::list => ExprKind::List(self.list(node)),
            Rule::body => ExprKind::Record(self.record(node)),
            Rule::offset => return self.signed_number(node),
            _ => {
                self.report(errors::single_quotes(span, node.as_str()));
                ExprKind::Error
            }
        };
        Expr { kind, span }
    }

    pub(super) fn path(&mut self, node: &Node<'t>, span: Span) -> ExprKind {
        let text = node.as_str();
        let Some((first, second)) = text.split_once('/') else { return ExprKind::Name(text.to_owned()) };
        if let Some((second, _)) = second.split_once('/') {
            let at = node.as_span().start() + first.len() + 1 + second.len();
            self.report(errors::long_path(self.between(at, node.as_span().end()), first, second));
            return ExprKind::Error;
        }
        let middle = span.start + u32::try_from(first.len()).unwrap_or(u32::MAX);
        ExprKind::Path(
            Name { text: first.to_owned(), span: Span { end: middle, ..span } },
            Name { text: second.to_owned(), span: Span { start: middle + 1, ..span } },
        )
    }

    fn list(&mut self, node: Node<'t>) -> Vec<Expr> {
        let mut items: Vec<Expr> = Vec::new();
        let mut separation = Separation::default();
        let mut end = None;
        let mut parts = inner(node).peekable();
        while let Some(part) = parts.next() {
            let span = part.as_span();
            let told = self.diagnostics.len();
            match part.as_rule() {
                Rule::value => {
                    self.separated(&mut separation, &part);
                    let mut item = self.value(part);
                    let junk = parts.next_if(|next| self.spoils(span.end(), next));
                    let range = span.start()..junk.as_ref().map_or(span.end(), |junk| junk.as_span().end());
                    if let Some(junk) = junk {
                        // It spoils the item that it follows; one that is broken anyway has been reported.
                        if item.kind != ExprKind::Error {
                            self.report(errors::unexpected(self.span(&junk), junk.as_str()));
                        }
                        item.kind = ExprKind::Error;
                    }
                    end = Some(range.end);
                    self.check_ports(&item, range.clone(), parts.clone());
                    if told < self.diagnostics.len() {
                        let range = self.rule_with_commas(range, &mut parts);
                        end = Some(range.end);
                        if self.foreign_syntax(range, Place::Item, told) {
                            item.kind = ExprKind::Error;
                        }
                        separation.skip();
                    }
                    items.push(item);
                }
                Rule::junk => {
                    let place = self.span(&part);
                    let is_first = end.is_none_or(|end| self.apart(end, span.start()));
                    if is_first && !self.foreign_syntax(span.start()..span.end(), Place::Item, told) {
                        self.report(errors::not_a_value(place, part.as_str()));
                    }
                    items.push(Expr { kind: ExprKind::Error, span: place });
                    end = Some(span.end());
                }
                _ => {}
            }
        }
        items
    }

    /// Whether `next` is text that follows a value, which ends at `end`, and does not belong there.
    fn spoils(&self, end: usize, next: &Node<'t>) -> bool {
        next.as_rule() == Rule::junk && !self.apart(end, next.as_span().start())
    }

    /// Reports an item such as `tcp 80` that is a rule with the items after it: `tcp 80, 443 from all`.
    fn check_ports(
        &mut self,
        item: &Expr,
        place: Range<usize>,
        mut rest: Peekable<impl Iterator<Item = Node<'t>>>,
    ) {
        let ExprKind::Phrase(word, port) = &item.kind else { return };
        if !matches!(word.text.as_str(), "tcp" | "udp") {
            return;
        }
        let range = self.rule_with_commas(place, &mut rest);
        if self.repaired.text.get(range).is_some_and(|text| text.contains(" from ")) {
            let protocol = Expr { kind: ExprKind::Name(word.text.clone()), span: word.span };
            self.report(errors::no_source(&protocol, port.span));
        }
    }

    /// The place of a broken item with the items after it that were meant to be its ports, as in
    /// `tcp 80, 443 from all`.
    fn rule_with_commas(
        &self,
        item: Range<usize>,
        rest: &mut Peekable<impl Iterator<Item = Node<'t>>>,
    ) -> Range<usize> {
        let text = self.repaired.text.get(item.clone()).unwrap_or("");
        let is_rule = ["tcp ", "udp "].iter().any(|protocol| text.starts_with(protocol));
        let is_port = |node: &Node<'t>, end: usize| {
            let start = node.as_span().start();
            let between = self.repaired.text.get(end..start).unwrap_or("");
            matches!(node.as_rule(), Rule::value | Rule::junk)
                && !between.contains(['\n', '\r'])
                && node.as_str().starts_with(|c: char| c.is_ascii_digit())
        };
        let mut end = item.end;
        let mut has_source = text.contains(" from ");
        while is_rule
            && !has_source
            && let Some(next) = rest.next_if(|next| is_port(next, end))
        {
            has_source = next.as_str().contains(" from ");
            end = next.as_span().end();
        }
        // `tcp 80 from lb a, lb b`
        let is_machine = |node: &Node<'t>| {
            let word = node.as_str().split(' ').next().unwrap_or("");
            matches!(node.as_rule(), Rule::value | Rule::junk) && matches!(word, "elb" | "hostclass" | "lb")
        };
        while has_source && let Some(next) = rest.next_if(is_machine) {
            end = next.as_span().end();
        }
        item.start..end
    }

    /// `tunnel + 5`
    fn sum(&mut self, operand: Expr, tail: Node<'t>) -> Expr {
        let place = self.span(&tail);
        let Some((offset, end)) = self.offset(tail) else { return error_value(operand.span) };
        let span = operand.span.to(end);
        let kind = if let ExprKind::Name(text) = operand.kind {
            ExprKind::Sum(Name { text, span: operand.span }, offset)
        } else {
            self.report(errors::sum_without_network(place));
            ExprKind::Error
        };
        Expr { kind, span }
    }

    /// The sign and the number of an offset, and its place.
    fn offset(&mut self, node: Node<'t>) -> Option<(String, Span)> {
        let (sign, number, span) = self.signed(node)?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            self.report(if sign == "-" {
                errors::negative_quantity(span, number)
            } else {
                errors::fractional_offset(span)
            });
            return None;
        }
        Some((format!("{sign}{number}"), span))
    }

    /// `+5`, `-1.5`: an offset, or a number below zero.
    pub(super) fn signed_number(&mut self, node: Node<'t>) -> Expr {
        let place = self.span(&node);
        let Some((sign, text, span)) = self.signed(node) else {
            return Expr { kind: ExprKind::Error, span: place };
        };
        let kind = if let Some(ExprKind::Int(_) | ExprKind::Number(_)) = number(text) {
            ExprKind::Offset(format!("{sign}{text}"))
        } else {
            self.report(match number(text) {
                Some(ExprKind::Quantity(..)) if sign == "-" => errors::negative_quantity(span, text),
                _ => errors::malformed_number(span, &format!("{sign}{text}")),
            });
            ExprKind::Error
        };
        Expr { kind, span }
    }

    /// The sign of `+5` or `-0.5`, what follows it, and where both are.
    pub(super) fn signed(&mut self, node: Node<'t>) -> Option<(&'t str, &'t str, Span)> {
        let mut parts = inner(node);
        let sign = parts.next()?;
        let place = self.span(&sign);
        let Some(number) = parts.next() else {
            self.report(errors::missing_offset(place, sign.as_str()));
            return None;
        };
        Some((sign.as_str(), number.as_str(), place.to(self.span(&number))))
    }

    /// `1000..1006`, of which the first is read.
    pub(super) fn range(&mut self, from: Expr, upto: Node<'t>) -> Expr {
        let Some(to) = self.right_side(upto, "..") else { return error_value(from.span) };
        if to.kind == ExprKind::Error {
            return Expr { kind: ExprKind::Error, span: from.span.to(to.span) };
        }
        let span = from.span.to(to.span);
        Expr { kind: ExprKind::Range(Box::new(from), Box::new(to)), span }
    }

    fn link(&mut self, from: Expr, link: Node<'t>) -> Expr {
        let Some(to) = self.right_side(link, "<->") else { return error_value(from.span) };
        let span = from.span.to(to.span);
        Expr { kind: ExprKind::Link(Box::new(from), Box::new(to)), span }
    }

    /// The right side of `operator`, from the operator's node.
    pub(super) fn right_side(&mut self, node: Node<'t>, operator: &str) -> Option<Expr> {
        let start = node.as_span().start();
        let right = inner(node).find(|part| !is_keyword(part));
        if right.is_none() {
            let place = self.between(start, start + operator.len());
            self.report(errors::missing_value(place, operator));
        }
        right.map(|right| self.operand(right))
    }

    /// `auto /20 in 10.0.0.0/8`, of which `auto` is read.
    fn allocation(&mut self, operand: Expr, tail: Node<'t>, pool: Option<Node<'t>>) -> Expr {
        let place = self.span(&tail);
        if operand.kind != ExprKind::Name("auto".to_owned()) {
            let found = match (operand.kind, tail.as_rule()) {
                (ExprKind::Ip(address), Rule::prefix) => {
                    errors::split_cidr(operand.span.to(place), &address, tail.as_str())
                }
                (_, Rule::prefix) => errors::not_auto(place, tail.as_str()),
                _ => errors::not_auto(Span { end: place.start + 2, ..place }, "in"),
            };
            self.report(found);
            return Expr { kind: ExprKind::Error, span: operand.span.to(place) };
        }
        let mut span = operand.span;
        let (prefix, pool) = match tail.as_rule() {
            Rule::prefix => {
                span = span.to(place);
                let text = tail.as_str().trim_start_matches('/').to_owned();
                (Some(Name { text, span: Span { start: place.start + 1, ..place } }), pool)
            }
            _ => (None, Some(tail)),
        };
        let pool = match pool {
            Some(pool) => {
                let Some(pool) = self.right_side(pool, "in") else { return error_value(span) };
                span = span.to(pool.span);
                Some(Box::new(pool))
            }
            None => None,
        };
        Expr { kind: ExprKind::Auto { prefix, pool }, span }
    }

    /// `internet via nat tunnel`, of which the destination is read.
    fn route(&mut self, destination: Expr, node: Node<'t>) -> Expr {
        let mut keyword = self.span(&node);
        let mut words = Vec::with_capacity(2);
        for part in inner(node) {
            match part.as_rule() {
                Rule::word => words.push(self.word(&part)),
                _ => keyword = self.span(&part),
            }
        }
        let mut words = words.into_iter();
        let Some(via) = words.next() else {
            self.report(errors::missing_target(keyword));
            return error_value(destination.span.to(keyword));
        };
        let network = words.next();
        let span = destination.span.to(network.as_ref().unwrap_or(&via).span);
        Expr { kind: ExprKind::Route(Box::new(ast::Route { destination, via, network })), span }
    }

    /// `tcp [80, 443] from all "why"`, of which the protocol is read.
    fn rule(&mut self, protocol: Expr, tail: impl Iterator<Item = Node<'t>>) -> Expr {
        let mut arguments = Vec::new();
        let (mut from, mut arrow) = (None, None);
        for part in tail {
            match part.as_rule() {
                Rule::arg => arguments.push(self.argument(part)),
                Rule::arrow => arrow = Some(part),
                _ => from = Some(part),
            }
        }
        let last = arguments.last().map_or(protocol.span, |last: &Expr| last.span);
        if arguments.iter().any(|argument| argument.kind == ExprKind::Error) {
            return Expr { kind: ExprKind::Error, span: protocol.span.to(last) };
        }
        if let Some(arrow) = arrow {
            let front = self.side(protocol, arguments);
            return self.arrow(front, arrow);
        }
        let Some(from) = from else {
            if let [argument] = arguments.as_slice()
                && phrases::is_one(&protocol, argument)
            {
                return self.side(protocol, arguments);
            }
            let extra = arguments.first().map_or(last, |first| first.span.to(last));
            self.report(errors::no_source(&protocol, extra));
            return Expr { kind: ExprKind::Error, span: protocol.span.to(last) };
        };
        let ExprKind::Name(text) = protocol.kind else {
            self.report(errors::missing_protocol(protocol.span));
            return Expr { kind: ExprKind::Error, span: protocol.span.to(last) };
        };
        let protocol = Name { text, span: protocol.span };
        let mut arguments = arguments.into_iter();
        let number = if protocol.text == "proto" { arguments.next() } else { None };
        let ports = arguments.next();
        if let Some(extra) = arguments.next() {
            self.report(errors::many_ports(extra.span.to(last)));
            return Expr { kind: ExprKind::Error, span: protocol.span.to(last) };
        }
        let mut keyword = protocol.span;
        let mut after = Vec::with_capacity(2);
        for part in inner(from) {
            match part.as_rule() {
                Rule::from_word => keyword = self.span(&part),
                _ => after.push(self.operand(part)),
            }
        }
        let mut after = after.into_iter();
        let Some(sources) = after.next() else {
            self.report(errors::missing_source(keyword));
            return error_value(protocol.span.to(keyword));
        };
        let why = after.next();
        let span = protocol.span.to(why.as_ref().unwrap_or(&sources).span);
        Expr { kind: ExprKind::Rule(Box::new(ast::Rule { protocol, number, ports, sources, why })), span }
    }

    pub(super) fn argument(&mut self, node: Node<'t>) -> Expr {
        let mut parts = inner(node);
        let Some(first) = parts.next() else {
            return error_value(Span { file: self.file, ..Span::default() });
        };
        let first = self.operand(first);
        match parts.next() {
            Some(upto) => self.range(first, upto),
            None => first,
        }
    }
}

/// Whether a node is the keyword of the operator that it is in.
pub(super) fn is_keyword(node: &Node<'_>) -> bool {
    matches!(node.as_rule(), Rule::in_word | Rule::at_word | Rule::or_word | Rule::for_word | Rule::cross)
}

/// An operand without an operator.
fn alone(operand: Expr) -> Expr {
    match operand.kind {
        ExprKind::Name(word) if word == "auto" => {
            Expr { kind: ExprKind::Auto { prefix: None, pool: None }, span: operand.span }
        }
        _ => operand,
    }
}

/// The kind of expression of a text that begins with a digit.
pub(super) fn number(text: &str) -> Option<ExprKind> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == bytes.len() {
        return Some(ExprKind::Int(text.to_owned()));
    }
    if bytes.contains(&b'/') {
        let dotted = bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'/'));
        return dotted.then(|| ExprKind::Cidr(text.to_owned()));
    }
    if text.matches('.').nth(1).is_some() {
        return Some(ExprKind::Ip(text.to_owned()));
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = text.strip_suffix(unit)?;
    if number.ends_with('.') {
        return None;
    }
    match unit {
        "" => Some(ExprKind::Number(text.to_owned())),
        _ if unit == "%" || unit.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Some(ExprKind::Quantity(number.to_owned(), unit.to_owned()))
        }
        _ => None,
    }
}
