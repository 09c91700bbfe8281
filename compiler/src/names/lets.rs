//! What the `let`s of a project refer to: circles, and values that other `let`s nest too deeply or make too large.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::ast::{Expr, ExprKind, Let};
use asiaq_lang::{Diagnostic, Span};

use super::Names;
use crate::errors;

/// How deep a value may be nested, with the values of the `let`s it refers to, and through how many `let`s it may lead.
const MAX_DEPTH: usize = 64;

/// Values a list may have, the lists in it taken in: more than any resource of AWS takes.
pub(crate) const LIST_LIMIT: usize = 4096;

/// Reports each circle of `let`s, and each `let` that is the first to be too deep or too large. Returns the names of
/// the `let`s whose values are not to be followed.
pub(super) fn check(names: Names<'_>, diagnostics: &mut Vec<Diagnostic>) -> BTreeSet<String> {
    let graph = Graph::of(names);
    let mut extents = vec![Extent::default(); graph.nodes.len()];
    let mut unfit = BTreeSet::new();
    for group in graph.groups() {
        let is_circle = match group.as_slice() {
            [one] => graph.edges(*one).any(|(next, _)| next == *one),
            _ => true,
        };
        if is_circle {
            diagnostics.extend(graph.circle(&group));
        }
        for at in group {
            let Some((name, found)) = graph.nodes.get(at) else { continue };
            if is_circle {
                unfit.insert((*name).to_owned());
                continue;
            }
            let extent = graph.extent(&found.value, &extents);
            // One that refers to another that is too deep or too large is not reported again.
            let inherits = |fault: fn(&Extent) -> bool| {
                graph.edges(at).any(|(next, _)| extents.get(next).is_some_and(fault))
            };
            let is_too_large = inherits(|of| of.is_too_large) || extent.joins && extent.values > LIST_LIMIT;
            if extent.is_too_deep() && !inherits(Extent::is_too_deep) {
                diagnostics.push(errors::let_too_deep(&found.name, found.value.span, MAX_DEPTH));
            } else if is_too_large && !inherits(|of| of.is_too_large) {
                diagnostics.push(errors::too_many_values(found.value.span, LIST_LIMIT));
            }
            if extent.is_too_deep() || is_too_large {
                unfit.insert((*name).to_owned());
            }
            if let Some(own) = extents.get_mut(at) {
                *own = Extent { is_too_large, ..extent };
            }
        }
    }
    unfit
}

/// The extent of a value with the values of the `let`s it refers to.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Lists, rules and the like, one in the other.
    depth: usize,
    /// `let`s that it leads through.
    links: usize,
    /// Number of values of the list that it is; 1 for anything else.
    values: usize,
    is_list: bool,
    /// Whether a `let` adds several values to the list.
    joins: bool,
    is_too_large: bool,
}

impl Extent {
    fn is_too_deep(&self) -> bool {
        self.depth > MAX_DEPTH || self.links > MAX_DEPTH
    }
}

/// The `let`s by number, and those that each refers to, with the place of the name.
struct Graph<'a> {
    nodes: Vec<(&'a str, &'a Let)>,
    numbers: BTreeMap<&'a str, usize>,
    edges: Vec<Vec<(usize, Span)>>,
}

impl<'a> Graph<'a> {
    fn of(names: Names<'a>) -> Self {
        let nodes: Vec<(&str, &Let)> = names.lets().collect();
        let numbers = nodes.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
        let mut graph = Self { nodes, numbers, edges: Vec::new() };
        let edges = graph.nodes.iter().map(|(_, found)| {
            let mut edges = Vec::new();
            graph.mentions(&found.value, &mut edges);
            edges
        });
        graph.edges = edges.collect();
        graph
    }

    fn edges(&self, at: usize) -> impl Iterator<Item = (usize, Span)> {
        self.edges.get(at).into_iter().flatten().copied()
    }

    fn mentions(&self, expr: &Expr, found: &mut Vec<(usize, Span)>) {
        match &expr.kind {
            ExprKind::Name(name) => found.extend(self.numbers.get(name.as_str()).map(|at| (*at, expr.span))),
            ExprKind::Route(route) => {
                let network = route.network.as_ref();
                found.extend(
                    network.and_then(|name| Some((*self.numbers.get(name.text.as_str())?, name.span))),
                );
            }
            _ => {}
        }
        for part in expr.parts() {
            self.mentions(part, found);
        }
    }

    /// The extent of a value; those of the `let`s that it refers to are known.
    fn extent(&self, expr: &Expr, known: &[Extent]) -> Extent {
        let one = Extent { values: 1, ..Extent::default() };
        match &expr.kind {
            ExprKind::Name(name) => {
                let found = self.numbers.get(name.as_str()).and_then(|at| known.get(*at));
                let behind = found.map(|behind| Extent { links: behind.links + 1, joins: false, ..*behind });
                behind.unwrap_or(one)
            }
            ExprKind::List(items) => {
                let mut list = Extent { is_list: true, ..Extent::default() };
                for item in items {
                    let found = self.extent(item, known);
                    list.depth = list.depth.max(found.depth);
                    list.links = list.links.max(found.links);
                    list.values = list.values.saturating_add(found.values);
                    list.joins |= found.joins || found.is_list && matches!(item.kind, ExprKind::Name(_));
                }
                Extent { depth: list.depth + 1, values: list.values.max(1), ..list }
            }
            _ => {
                let parts = expr.parts();
                let parts = parts.iter().map(|part| self.extent(part, known));
                parts.fold(one, |whole, part| Extent {
                    depth: whole.depth.max(part.depth + 1),
                    links: whole.links.max(part.links),
                    ..whole
                })
            }
        }
    }

    /// The strongly connected components, each after those that it refers to (Tarjan's algorithm, without recursion:
    /// a chain of `let`s may be long).
    fn groups(&self) -> Vec<Vec<usize>> {
        const UNSEEN: usize = usize::MAX;
        let mut order = vec![UNSEEN; self.nodes.len()];
        let mut low = order.clone();
        let mut is_open = vec![false; self.nodes.len()];
        let (mut seen, mut open, mut groups) = (0, Vec::new(), Vec::new());
        for root in 0..self.nodes.len() {
            // Each with the number of its edges that have been followed.
            let mut path: Vec<(usize, usize)> = Vec::new();
            let mut enter = (order.get(root) == Some(&UNSEEN)).then_some(root);
            loop {
                if let Some(at) = enter.take() {
                    set(&mut order, at, seen);
                    set(&mut low, at, seen);
                    set(&mut is_open, at, true);
                    seen += 1;
                    open.push(at);
                    path.push((at, 0));
                }
                let Some((at, followed)) = path.last_mut() else { break };
                let at = *at;
                let next = self.edges.get(at).and_then(|edges| edges.get(*followed));
                *followed += 1;
                match next {
                    Some((next, _)) if get(&order, *next) == UNSEEN => enter = Some(*next),
                    Some((next, _)) if is_open.get(*next) == Some(&true) => {
                        let lowest = get(&low, at).min(get(&order, *next));
                        set(&mut low, at, lowest);
                    }
                    Some(_) => {}
                    None => {
                        path.pop();
                        if let Some((above, _)) = path.last() {
                            let lowest = get(&low, *above).min(get(&low, at));
                            set(&mut low, *above, lowest);
                        }
                        if get(&low, at) == get(&order, at) {
                            let start = open.iter().rposition(|open| *open == at).unwrap_or(0);
                            let group = open.split_off(start);
                            for at in &group {
                                set(&mut is_open, *at, false);
                            }
                            groups.push(group);
                        }
                    }
                }
            }
        }
        groups
    }

    /// Reports the shortest circle through the first `let` of a group.
    fn circle(&self, group: &[usize]) -> Option<Diagnostic> {
        let place = |at: &usize| self.nodes.get(*at).map(|(_, found)| (found.span.file, found.span.start));
        let first = *group.iter().min_by_key(|at| place(at))?;
        let members: BTreeSet<usize> = group.iter().copied().collect();
        // The one from which each was reached, and the place of its name there.
        let mut reached: BTreeMap<usize, (usize, Span)> = BTreeMap::new();
        let mut waiting = std::collections::VecDeque::from([first]);
        while let Some(at) = waiting.pop_front()
            && !reached.contains_key(&first)
        {
            for (next, span) in self.edges(at).filter(|(next, _)| members.contains(next)) {
                reached.entry(next).or_insert_with(|| {
                    waiting.push_back(next);
                    (at, span)
                });
            }
        }
        let mut circle = Vec::new();
        let mut at = first;
        while let Some((before, span)) = reached.get(&at) {
            circle.push((self.nodes.get(*before)?.0, *span));
            at = *before;
            if at == first {
                break;
            }
        }
        circle.reverse();
        errors::let_cycle(&circle)
    }
}

fn get(of: &[usize], at: usize) -> usize {
    of.get(at).copied().unwrap_or_default()
}

fn set<T>(of: &mut [T], at: usize, value: T) {
    if let Some(place) = of.get_mut(at) {
        *place = value;
    }
}
