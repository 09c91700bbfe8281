//! The program that is being written: fields and blocks, each with the place of the old files that it comes from.

use std::collections::BTreeMap;
use std::ops::Range;

use asiaq_lang::Span;

/// The files of the program, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) files: BTreeMap<String, Vec<Node>>,
    /// Files beside the program that it names, as they are.
    pub(crate) beside: BTreeMap<String, String>,
}

/// A field, or a declaration with a body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The field, or the head of the declaration. Empty for comments alone.
    pub(crate) text: String,
    /// The body of a declaration.
    pub(crate) body: Option<Vec<Node>>,
    pub(crate) origin: Option<Span>,
    /// Other places of the old files that say the same, and have no node of their own.
    pub(crate) also: Vec<Span>,
    pub(crate) comments: Vec<String>,
    /// Why it is a comment only.
    pub(crate) refused: Option<String>,
    /// Whether the body is a list of values.
    pub(crate) is_list: bool,
}

/// The way to a node: its place in the file, in the body there, and so on.
pub(crate) type Path = Vec<usize>;

/// The text of a file, and what stands where, from the outside in.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    places: Vec<(Range<usize>, Path)>,
}

impl Rendered {
    /// The innermost node at `at`.
    pub(crate) fn node_at(&self, at: usize) -> Option<&Path> {
        let around = self.places.iter().filter(|(range, _)| range.contains(&at));
        around.min_by_key(|(range, _)| range.len()).map(|(_, path)| path)
    }
}

impl Node {
    /// A field of the old option at `origin`.
    pub(crate) fn field(text: impl Into<String>, origin: Span) -> Self {
        Self { text: text.into(), origin: Some(origin), ..Self::default() }
    }

    /// A declaration.
    pub(crate) fn block(head: impl Into<String>, origin: Option<Span>, body: Vec<Node>) -> Self {
        Self { text: head.into(), body: Some(body), origin, ..Self::default() }
    }

    /// A field whose value is a list: `text` ends in `=` or `+=`.
    pub(crate) fn list(text: impl Into<String>, origin: Span, items: Vec<Node>) -> Self {
        Self { text: text.into(), body: Some(items), origin: Some(origin), is_list: true, ..Self::default() }
    }

    /// Whether both say the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let bodies = match (&self.body, &other.body) {
            (None, None) => true,
            (Some(one), Some(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is_same(two))
            }
            _ => false,
        };
        bodies && self.text == other.text && self.refused == other.refused
    }

    /// Takes the place of a node, if that says the same.
    pub(crate) fn stand_for(&mut self, other: &Self) {
        if self.is_same(other) {
            self.take_places(other);
        }
    }

    fn take_places(&mut self, other: &Self) {
        let places = other.origin.iter().chain(&other.also).filter(|place| Some(**place) != self.origin);
        for place in places {
            if !self.also.contains(place) {
                self.also.push(*place);
            }
        }
        for (own, other) in self.body.iter_mut().flatten().zip(other.body.iter().flatten()) {
            own.take_places(other);
        }
    }

    /// Comments alone.
    pub(crate) fn remark(comments: Vec<String>) -> Self {
        Self { comments, ..Self::default() }
    }

    /// What cannot be said, with the reason.
    pub(crate) fn refused(text: impl Into<String>, origin: Span, why: impl Into<String>) -> Self {
        Self { text: text.into(), origin: Some(origin), refused: Some(why.into()), ..Self::default() }
    }

    pub(crate) fn commented(mut self, comments: &[String]) -> Self {
        self.comments.extend(comments.iter().cloned());
        self
    }

    /// Whether nothing is written for it.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.comments.is_empty()
    }

    /// Whether it adds nothing to the program.
    pub(crate) fn is_silent(&self) -> bool {
        self.refused.is_some() || self.text.is_empty()
    }
}

impl Draft {
    pub(crate) fn add(&mut self, file: &str, node: Node) {
        self.files.entry(file.to_owned()).or_default().push(node);
    }

    /// The declaration with the head `head`, such as `env ci`, with a parent or without.
    pub(crate) fn declaration(&mut self, file: &str, head: &str) -> Option<&mut Node> {
        let is_it = |node: &&mut Node| {
            node.body.is_some()
                && node.text.strip_prefix(head).is_some_and(|rest| rest.is_empty() || rest.starts_with(" :"))
        };
        self.files.get_mut(file)?.iter_mut().find(is_it)
    }

    /// The node at `path` in `file`.
    pub(crate) fn node(&self, file: &str, path: &[usize]) -> Option<&Node> {
        let (first, rest) = path.split_first()?;
        let mut node = self.files.get(file)?.get(*first)?;
        for at in rest {
            node = node.body.as_ref()?.get(*at)?;
        }
        Some(node)
    }

    /// The same, to change it.
    pub(crate) fn node_mut(&mut self, file: &str, path: &[usize]) -> Option<&mut Node> {
        let (first, rest) = path.split_first()?;
        let mut node = self.files.get_mut(file)?.get_mut(*first)?;
        for at in rest {
            node = node.body.as_mut()?.get_mut(*at)?;
        }
        Some(node)
    }

    /// Every file as text.
    pub(crate) fn render(&self) -> BTreeMap<String, Rendered> {
        let render = |nodes: &Vec<Node>| {
            let mut rendered = Rendered::default();
            for (at, node) in nodes.iter().enumerate() {
                let is_declaration = |node: &Node| node.body.is_some() && !node.is_list;
                let before = at.checked_sub(1).and_then(|before| nodes.get(before));
                let is_let = |node: &Node| node.text.starts_with("let ");
                if before.is_some_and(|before| {
                    is_declaration(before)
                        || is_declaration(node)
                        || before.text.is_empty()
                        || is_let(before) != is_let(node)
                }) {
                    rendered.text.push('\n');
                }
                write(node, 0, vec![at], &mut rendered);
            }
            rendered
        };
        self.files.iter().map(|(name, nodes)| (name.clone(), render(nodes))).collect()
    }
}

fn write(node: &Node, depth: usize, path: Path, into: &mut Rendered) {
    let indent = "  ".repeat(depth);
    for comment in &node.comments {
        push_comment(&indent, comment, into);
    }
    if let Some(why) = &node.refused {
        push_comment(&indent, &format!("Not taken over: {why}"), into);
        let mut silent = Rendered::default();
        let plain = Node { refused: None, comments: Vec::new(), ..node.clone() };
        write(&plain, 0, Vec::new(), &mut silent);
        for line in silent.text.lines() {
            push_comment(&indent, line, into);
        }
        return;
    }
    if node.text.is_empty() {
        return;
    }
    let start = into.text.len();
    into.text.push_str(&indent);
    into.text.push_str(&node.text);
    match &node.body {
        None => {}
        Some(items) if node.is_list => write_list(items, depth, &path, into),
        Some(body) if body.is_empty() => into.text.push_str(" {}"),
        Some(body) if fits(node, depth) => {
            into.text.push_str(" { ");
            for (at, child) in body.iter().enumerate() {
                if at > 0 {
                    into.text.push_str(", ");
                }
                write_inline(child, below(&path, at), into);
            }
            into.text.push_str(" }");
        }
        Some(body) => {
            into.text.push_str(" {\n");
            for (at, child) in body.iter().enumerate() {
                write(child, depth + 1, below(&path, at), into);
            }
            into.text.push_str(&indent);
            into.text.push('}');
        }
    }
    into.places.push((start..into.text.len(), path));
    into.text.push('\n');
}

/// Characters of the widest line.
const WIDE: usize = 100;

/// Whether a declaration goes on one line: it is small, and nothing in it has a comment.
fn fits(node: &Node, depth: usize) -> bool {
    let is_run = node.text.starts_with("run ");
    let few = if is_run { 6 } else { 2 };
    node.body.as_ref().is_some_and(|body| body.len() <= few)
        && inline_width(node).is_some_and(|width| width + 2 * depth <= WIDE)
}

/// The width of a node on one line; nothing where comments make that impossible.
fn inline_width(node: &Node) -> Option<usize> {
    let mut width = node.text.len() + 4;
    for child in node.body.iter().flatten() {
        let is_plain = child.comments.is_empty() && child.refused.is_none() && !child.text.is_empty();
        let is_deep = child.body.as_ref().is_some_and(|body| !child.is_list && body.len() > 2);
        width += 2 + inline_width(child).filter(|_| is_plain && !is_deep)?;
    }
    Some(width)
}

fn write_inline(node: &Node, path: Path, into: &mut Rendered) {
    let start = into.text.len();
    into.text.push_str(&node.text);
    if let Some(body) = &node.body {
        let (open, close) = match (node.is_list, body.is_empty()) {
            (true, _) => (" [", "]"),
            (false, true) => (" {", "}"),
            (false, false) => (" { ", " }"),
        };
        into.text.push_str(open);
        for (at, child) in body.iter().enumerate() {
            if at > 0 {
                into.text.push_str(", ");
            }
            write_inline(child, below(&path, at), into);
        }
        into.text.push_str(close);
    }
    into.places.push((start..into.text.len(), path));
}

/// Characters of the longest list that stays on one line.
const SHORT: usize = 72;

fn write_list(items: &[Node], depth: usize, path: &Path, into: &mut Rendered) {
    let is_plain = items.iter().all(|item| item.comments.is_empty() && item.refused.is_none());
    if is_plain && items.iter().map(|item| item.text.len() + 2).sum::<usize>() <= SHORT {
        into.text.push_str(" [");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                into.text.push_str(", ");
            }
            let start = into.text.len();
            into.text.push_str(&item.text);
            into.places.push((start..into.text.len(), below(path, at)));
        }
        into.text.push(']');
        return;
    }
    into.text.push_str(" [\n");
    for (at, item) in items.iter().enumerate() {
        write(item, depth + 1, below(path, at), into);
    }
    into.text.push_str(&"  ".repeat(depth));
    into.text.push(']');
}

fn below(path: &Path, at: usize) -> Path {
    let mut path = path.clone();
    path.push(at);
    path
}

fn push_comment(indent: &str, comment: &str, into: &mut Rendered) {
    // Nothing in a comment ends its line.
    let line: String = comment.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    into.text.push_str(format!("{indent}// {}", line.trim_end()).trim_end());
    into.text.push('\n');
}
