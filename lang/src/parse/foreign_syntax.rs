//! Foreign syntax that spans several members: indented bodies, dashed lists, lists without brackets, sections.

use std::{iter::Peekable, ops::Range};

use super::{Builder, Node, Rule, inner};
use crate::{
    Diagnostic, Span,
    ast::{Expr, ExprKind},
    codes, errors,
    foreign_syntax::{self, Place},
};

/// A `[section]` and the lines under it, which get no further diagnostics.
#[derive(Debug)]
pub(super) struct Section {
    place: Span,
    name: String,
    /// The end of its last field.
    end: Option<Span>,
}

impl Section {
    pub(super) fn reported(self) -> Diagnostic {
        errors::section_header(self.place, &self.name, self.end)
    }
}

/// Values that may follow one, without brackets.
const LIST: usize = 64;

impl<'t> Builder<'t> {
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.repaired.text.get(range).unwrap_or("")
    }

    /// Whether the value in `range` has foreign syntax. If so, its diagnostic replaces those since index `told`.
    pub(super) fn foreign_syntax(&mut self, range: Range<usize>, place: Place, told: usize) -> bool {
        let text = self.slice(range.clone()).trim_end().to_owned();
        let place = if self.is_of_listeners { Place::Listener } else { place };
        let Some(foreign) = foreign_syntax::recognise(&text, place) else { return false };
        self.diagnostics.truncate(told);
        let whole = self.between(range.start, range.start + text.len());
        let at = self.between(range.start + foreign.at.start, range.start + foreign.at.end);
        self.report(errors::foreign_syntax(whole, at, &text, &foreign));
        true
    }

    /// The indentation of `at`, if it is the first text on its line.
    fn indent(&self, at: usize) -> Option<usize> {
        let line = self.slice(0..at).rsplit(['\n', '\r']).next().unwrap_or("");
        line.trim().is_empty().then_some(line.len())
    }

    fn is_dash(node: &Node<'t>) -> bool {
        let rest = node.as_str().strip_prefix('-');
        node.as_rule() == Rule::junk && rest.is_some_and(|rest| rest.starts_with([' ', '\t']))
    }

    /// Whether `node` ends in a colon and deeper lines follow, as in YAML: then all of them cost one message.
    pub(super) fn indented(
        &mut self,
        node: &Node<'t>,
        rest: &mut Peekable<impl Iterator<Item = Node<'t>>>,
    ) -> bool {
        let text = node.as_str().trim_end();
        if node.as_rule() != Rule::entry || !text.ends_with(':') {
            return false;
        }
        let start = node.as_span().start();
        let Some(indent) = self.indent(start) else { return false };
        let mut body: Option<Range<usize>> = None;
        // The colons that should be `=`; nothing where there is more to mend than that.
        let mut colons = Some(Vec::new());
        while let Some(next) = rest.peek() {
            let span = next.as_span();
            let belongs = match self.indent(span.start()) {
                Some(deeper) => deeper > indent || deeper == indent && Self::is_dash(next),
                None => body.is_some(),
            };
            if !belongs {
                break;
            }
            let end = span.start() + next.as_str().trim_end().len();
            body = Some(body.map_or(span.start(), |body| body.start)..end);
            match (field_colon(next), &mut colons) {
                (Some(at), Some(colons)) => {
                    colons.push(self.between(span.start() + at, span.start() + at + 1));
                }
                (Some(_), None) => {}
                (None, _) => colons = None,
            }
            rest.next();
        }
        let Some(body) = body else { return false };
        let colon = self.between(start + text.len() - 1, start + text.len());
        let first_line = self.slice(body.clone()).lines().next().unwrap_or("").len();
        let shown = self.between(body.start, body.start + first_line);
        let end = self.between(body.end, body.end);
        self.report(errors::indented_body(colon, text, shown, end, colons));
        true
    }

    /// Whether fields follow a declaration without a body, indented: then all of them cost one message.
    pub(super) fn bare(&mut self, node: &Node<'t>, rest: &mut Peekable<impl Iterator<Item = Node<'t>>>) {
        let start = node.as_span().start();
        let header = start + node.as_str().trim_end().len();
        let mut body: Option<Range<usize>> = None;
        while let Some(next) = rest.next_if(|next| {
            let start = next.as_span().start();
            next.as_rule() == Rule::entry
                && is_field(next)
                && self.indent(start).is_some_and(|indent| indent > 0)
        }) {
            let span = next.as_span();
            let end = span.start() + next.as_str().trim_end().len();
            body = Some(body.map_or(span.start(), |body| body.start)..end);
        }
        if let Some(body) = body {
            let first_line = self.slice(body.clone()).lines().next().unwrap_or("").len();
            let header = self.between(header, header);
            let shown = self.between(body.start, body.start + first_line);
            self.report(errors::body_without_braces(header, shown, self.between(body.end, body.end)));
        }
    }

    /// Whether a dash follows an operator on a line of its own, as an item in YAML.
    pub(super) fn dashes_follow(&self, operator: usize, value: usize) -> bool {
        let between = self.slice(operator..value);
        // A number after the dash may as well be an offset.
        let item = self.slice(value..self.repaired.text.len()).strip_prefix('-').unwrap_or("");
        between.contains(['\n', '\r'])
            && item.starts_with([' ', '\t'])
            && item.trim_start().starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '"' | '['))
    }

    /// Whether `node` is a further item of a list with dashes; a first one is reported.
    pub(super) fn dashed(&mut self, node: &Node<'t>) -> bool {
        if !Self::is_dash(node) {
            return false;
        }
        let start = node.as_span().start();
        let dash = self.between(start, start + 1);
        match self.diagnostics.last_mut().filter(|last| last.code == codes::DASHED_LIST) {
            Some(last) => last.related.push(errors::dashed_item(dash)),
            None => self.report(errors::dashed_items(dash)),
        }
        true
    }

    /// Whether values after the field or `let` in `node` were meant to be part of its `value`. They get one
    /// diagnostic, which replaces those since index `before`.
    pub(super) fn listed(
        &mut self,
        node: &Node<'t>,
        rest: &mut Peekable<impl Iterator<Item = Node<'t>>>,
        before: usize,
        name: &str,
        value: &Expr,
    ) -> bool {
        let is_value = |part: &Node<'_>| matches!(part.as_rule(), Rule::value | Rule::junk);
        let Some(start) = inner(*node).find(is_value).map(|part| part.as_span().start()) else {
            return false;
        };
        let mut end = node.as_span().end();
        let mut count = 0;
        while count < LIST
            && let Some(next) =
                rest.next_if(|next| self.goes_on(end, next, value) || self.is_in_call(start..end, next))
        {
            end = next.as_span().end();
            count += 1;
        }
        let text = self.slice(start..end).trim_end().to_owned();
        if let Some(function) = called(&text).filter(|_| text.ends_with(')')) {
            let call = self.between(start, start + text.len());
            let found = errors::function_call(call, function);
            self.diagnostics.truncate(before);
            self.report(found);
            return true;
        }
        if count == 0 {
            return false;
        }
        if !self.foreign_syntax(start..end, Place::Alone, before) {
            let list = bracketed(&text);
            self.diagnostics.truncate(before);
            let values = self.between(start, start + text.len());
            self.report(errors::list_without_brackets(values, name, &list, is_grouped(&text)));
        }
        true
    }

    /// Whether `next` is one more argument of the call of a function in `value`, whose parenthesis is open.
    fn is_in_call(&self, value: Range<usize>, next: &Node<'t>) -> bool {
        let text = self.slice(value);
        called(text).is_some() && text.matches('(').count() > text.matches(')').count() && {
            let start = next.as_span().start();
            self.indent(start).is_none()
        }
    }

    /// Whether `next` is one more value of a list without brackets whose first is `value`.
    fn goes_on(&self, end: usize, next: &Node<'t>, value: &Expr) -> bool {
        let start = next.as_span().start();
        let between = self.slice(end..start);
        if !between.contains(',') || between.contains(['\n', '\r']) {
            return false;
        }
        let text = next.as_str().trim_end();
        match next.as_rule() {
            Rule::junk if errors::is_quoted_key(text) => false,
            Rule::junk => text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '+' | '-')),
            Rule::entry => {
                let is_plain = |part: Node<'_>| matches!(part.as_rule(), Rule::word | Rule::junk);
                let is_rule = ["tcp", "udp", "icmp", "any", "proto"]
                    .iter()
                    .any(|protocol| text.strip_prefix(protocol).is_some_and(|rest| rest.starts_with(' ')));
                let is_named = matches!(
                    &value.kind,
                    ExprKind::Name(word) if !matches!(word.as_str(), "true" | "false")
                ) || matches!(value.kind, ExprKind::Path(..));
                inner(*next).all(is_plain)
                    && (is_rule || text.contains(" via ") || is_named && !text.contains(' '))
            }
            _ => false,
        }
    }

    /// Whether `node` is a `[section]`, or is under one and is not a declaration.
    pub(super) fn sectioned(&mut self, node: &Node<'t>) -> bool {
        let span = self.span(node);
        if node.as_rule() == Rule::junk
            && let Some(name) = section_name(node.as_str())
        {
            self.end_section();
            self.section = Some(Section { place: span, name: name.to_owned(), end: None });
            return true;
        }
        let belongs = match node.as_rule() {
            Rule::junk | Rule::doc => true,
            Rule::entry => is_field(node),
            _ => false,
        };
        match &mut self.section {
            Some(section) if belongs => {
                let start = node.as_span().start();
                let end = start + node.as_str().trim_end().len();
                section.end = Some(Span::new(self.file, self.repaired.place(end), self.repaired.place(end)));
                true
            }
            Some(_) => {
                self.end_section();
                false
            }
            None => false,
        }
    }

    /// Reports the section that was read.
    pub(super) fn end_section(&mut self) {
        if let Some(section) = self.section.take() {
            self.report(section.reported());
        }
    }
}

/// The function that a value calls, as in `cidrsubnet("10.0.0.0/16", 4, 1)`.
fn called(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('(')?;
    errors::as_word(name).filter(|name| *name != "allow")
}

/// Where the colon of `name: value` is in a node.
fn field_colon(node: &Node<'_>) -> Option<usize> {
    let (name, value) = node.as_str().split_once(':')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (node.as_rule() == Rule::entry && name.chars().all(is_plain) && !value.trim().is_empty())
        .then_some(name.len())
}

/// The name in `[…]`, as ini files have it.
fn section_name(text: &str) -> Option<&str> {
    let name = text.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name).trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | ' ' | '@');
    (name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_plain)).then_some(name)
}

/// Whether an entry at the top of a file is a field, or less.
fn is_field(node: &Node<'_>) -> bool {
    let (mut words, mut has_value, mut has_body) = (0, false, false);
    for part in inner(*node) {
        match part.as_rule() {
            Rule::word => words += 1,
            Rule::op => has_value = true,
            Rule::body => has_body = true,
            _ => {}
        }
    }
    !has_body && (words == 1 || !has_value)
}

/// Whether a comparison has a number with separators: up to three digits, and three after a comma.
fn is_grouped(text: &str) -> bool {
    let digits = |c: char| c.is_ascii_digit();
    text.match_indices(',').any(|(at, _)| {
        let before = text.get(..at).unwrap_or("");
        let after = text.get(at + 1..).unwrap_or("");
        let first = before.len() - before.trim_end_matches(digits).len();
        let group = after.len() - after.trim_start_matches(digits).len();
        (1..=3).contains(&first) && group == 3 && before.contains(['<', '>'])
    })
}

/// Values that are separated by commas as a list, each as it was meant.
fn bracketed(text: &str) -> String {
    let mut items = Vec::new();
    let (mut depth, mut is_quoted, mut start) = (0_usize, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                items.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    items.extend(text.get(start..));
    let meant = |item: &str| {
        let item = item.trim();
        foreign_syntax::recognise(item, Place::Item)
            .and_then(|foreign| foreign.meant)
            .unwrap_or_else(|| item.to_owned())
    };
    let items: Vec<String> = items.into_iter().map(meant).filter(|item| !item.is_empty()).collect();
    format!("[{}]", items.join(", "))
}
