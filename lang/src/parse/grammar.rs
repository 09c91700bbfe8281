//! The parser of the grammar: functions that the build script generates from `grammar/asq.pest`, and their runtime.

/// The functions, and the enum of rules.
#[allow(
    dead_code,
    missing_docs,
    non_camel_case_types,
    unreachable_code,
    unreachable_pub,
    unused_variables,
    clippy::all,
    clippy::pedantic
)]
mod rules {
    use super::Matcher;

    include!(concat!(env!("OUT_DIR"), "/grammar.rs"));

    /// Tries the whole of a text.
    pub(super) fn file(m: &mut Matcher<'_>) -> Option<usize> {
        match_file::<true>(m, 0)
    }
}

pub(super) use rules::Rule;

/// The nodes of a text, each before its children.
#[derive(Debug, Default)]
pub(super) struct Nodes(Vec<Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    rule: Rule,
    start: u32,
    end: u32,
    /// The number of nodes that stand before the one that follows it.
    next: u32,
}

impl Nodes {
    /// The node of the whole `text`, of which these are the nodes.
    pub(super) fn root<'t>(&'t self, text: &'t str) -> Node<'t> {
        Node {
            nodes: &self.0,
            text,
            entry: self.0.first().copied().unwrap_or(Entry { rule: Rule::file, start: 0, end: 0, next: 0 }),
            at: 0,
        }
    }
}

/// A stretch of the text with the rule that it fits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'t> {
    nodes: &'t [Entry],
    text: &'t str,
    entry: Entry,
    /// Its number.
    at: u32,
}

/// Where a node is in the text that was parsed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    start: u32,
    end: u32,
}

impl Stretch {
    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }
}

impl<'t> Node<'t> {
    pub(super) fn as_rule(&self) -> Rule {
        self.entry.rule
    }

    pub(super) fn as_span(&self) -> Stretch {
        Stretch { start: self.entry.start, end: self.entry.end }
    }

    pub(super) fn as_str(&self) -> &'t str {
        self.text.get(self.as_span().start()..self.as_span().end()).unwrap_or("")
    }

    /// The direct children.
    pub(super) fn into_inner(self) -> impl Iterator<Item = Node<'t>> + Clone {
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            if at >= self.entry.next {
                return None;
            }
            let entry = *self.nodes.get(at as usize)?;
            let node = Node { entry, at, ..self };
            at = entry.next;
            Some(node)
        })
    }
}

/// Parses `text`; the grammar takes every text whose brackets and quotes match, up to 4 GB of it.
pub(super) fn parse(text: &str) -> Option<Nodes> {
    u32::try_from(text.len()).ok()?;
    let mut matcher = Matcher { text, nodes: Vec::with_capacity(text.len() / 4), steps: 0 };
    rules::file(&mut matcher)?;
    Some(Nodes(matcher.nodes))
}

/// A text being matched.
struct Matcher<'t> {
    text: &'t str,
    nodes: Vec<Entry>,
    /// Rules and repetitions tried, counted in tests.
    steps: usize,
}

impl Matcher<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn step(&mut self) {
        if cfg!(test) {
            self.steps += 1;
        }
    }

    fn next(&self, at: usize, is_in: impl Fn(u8) -> bool) -> bool {
        self.byte(at).is_some_and(is_in)
    }

    /// One byte.
    fn one(&self, at: usize, is_in: impl Fn(u8) -> bool) -> Option<usize> {
        self.next(at, is_in).then_some(at + 1)
    }

    /// As many bytes as there are; bytes of one character are taken or left together.
    fn run(&self, at: usize, is_in: impl Fn(u8) -> bool) -> Option<usize> {
        let rest = self.text.as_bytes().get(at..)?;
        Some(at + rest.iter().position(|byte| !is_in(*byte)).unwrap_or(rest.len()))
    }

    fn text(&self, at: usize, wanted: &str) -> Option<usize> {
        let end = at + wanted.len();
        (self.text.as_bytes().get(at..end) == Some(wanted.as_bytes())).then_some(end)
    }

    /// One character.
    fn any(&self, at: usize) -> Option<usize> {
        let length = match self.byte(at)? {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
        };
        Some(at + length)
    }

    fn start(at: usize) -> Option<usize> {
        (at == 0).then_some(at)
    }

    fn end(&self, at: usize) -> Option<usize> {
        (at == self.text.len()).then_some(at)
    }

    /// Opens a node at `at` and returns its index.
    fn open<const KEEP: bool>(&mut self, at: usize) -> usize {
        let node = self.nodes.len();
        if KEEP {
            let start = place(at);
            self.nodes.push(Entry { rule: Rule::file, start, end: start, next: 0 });
        }
        node
    }

    /// Ends a node at `end`, or takes it back with all that is inside.
    fn close<const KEEP: bool>(
        &mut self,
        rule: Rule,
        node: usize,
        at: usize,
        end: Option<usize>,
    ) -> Option<usize> {
        if KEEP {
            match end {
                Some(end) => {
                    let next = place(self.nodes.len());
                    if let Some(entry) = self.nodes.get_mut(node) {
                        *entry = Entry { rule, start: place(at), end: place(end), next };
                    }
                }
                None => self.nodes.truncate(node),
            }
        }
        end
    }

    /// A node without others in it.
    fn leaf<const KEEP: bool>(&mut self, rule: Rule, at: usize, end: Option<usize>) -> Option<usize> {
        if KEEP && let Some(end) = end {
            let next = place(self.nodes.len() + 1);
            self.nodes.push(Entry { rule, start: place(at), end: place(end), next });
        }
        end
    }

    fn mark(&self) -> usize {
        self.nodes.len()
    }

    fn reset<const KEEP: bool>(&mut self, mark: usize) {
        if KEEP {
            self.nodes.truncate(mark);
        }
    }
}

/// A place in a text, or in its nodes, of which there are fewer than bytes and a few.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
