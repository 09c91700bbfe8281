//! What may be typed at a place.

mod cursor;
mod lets;
mod literals;
mod members;
mod moved;
mod path;
mod slot;
mod statements;
mod stores;
mod values;

use std::collections::BTreeSet;

use asiaq_lang::Span;

use self::cursor::Cursor;
pub use self::path::TypedPath;
use self::slot::Slot;
use super::{Analysis, Offset};
use crate::library::kinds;
use crate::names::Names;

/// Something that may be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Text shown in the list of completions.
    pub label: String,
    /// Kind of the completed symbol.
    pub kind: CompletionKind,
    /// Short text beside the label, such as a type or a value.
    pub detail: Option<String>,
    /// Documentation, in Markdown.
    pub documentation: Option<String>,
    /// Text to insert.
    pub insert: Insert,
    /// Span that the inserted text replaces: the typed part of the word. Empty at the cursor if nothing is typed.
    pub replace: Span,
    /// Sort key of the list.
    pub sort: String,
}

/// The text that a completion inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insert {
    /// The text as it is.
    Plain(String),
    /// Text with `$1`, `${2:words}` and `$0` where the cursor goes; `\`, `$` and `}` in it are escaped by `\`.
    Snippet(String),
}

/// The sort of a completed symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A word of the language.
    Keyword,
    /// A kind, with its body.
    Kind,
    /// A field.
    Field,
    /// A word that is a value: `true`, `igw`, one of an enum.
    Word,
    /// A unit after a number.
    Unit,
    /// An AWS region.
    Region,
    /// A `let`.
    Let,
    /// An environment.
    Environment,
    /// An envtype.
    Envtype,
    /// A metanetwork.
    Network,
    /// Any other declaration.
    Declaration,
    /// A file after `use`.
    File,
    /// A variable in a text.
    Variable,
    /// A type.
    Type,
    /// A diagnostic code.
    Code,
}

impl Analysis {
    /// The completions at a place.
    pub fn completions(&self, at: Offset) -> Vec<Completion> {
        let text = self.sources().text(at.file);
        let Some(cursor) = Cursor::find(text, at.at as usize) else { return Vec::new() };
        let names = self.names();
        let mut offers = Offers {
            analysis: self,
            names: &names,
            replace: Span::new(at.file, cursor.replace.start, cursor.replace.end),
            cursor: &cursor,
            found: Vec::new(),
        };
        let part = statements::find(text, at.at as usize);
        match slot::find(&cursor, &self.schemas) {
            _ if part.is_some() => part.iter().for_each(|part| offers.statement(part)),
            Slot::Top => offers.top(),
            Slot::Member(body) => offers.members(&body),
            Slot::Name { kind, .. } if kind == kinds::ENDPOINT => offers.services(),
            Slot::Name { kind, .. } if kind == kinds::RUN => offers.runs(),
            Slot::Name { kind, replaces } => offers.inherited(&kind, replaces),
            Slot::Nested => offers.nested_kinds(),
            Slot::Parent(kind) => offers.parents(&kind),
            Slot::Environment => offers.environments(),
            Slot::Expected => offers.expected(),
            Slot::Use => offers.paths(),
            Slot::Type => offers.types(),
            Slot::Value(ty) => offers.value(&ty),
            Slot::Item(ty) => offers.item(&ty),
            Slot::AfterProtocol(protocol) => offers.after_protocol(&protocol),
            Slot::Word(words) => offers.words(words),
            Slot::Side => offers.protocols_of_listeners(),
            Slot::Time => offers.times(),
            Slot::Statistic => offers.statistics(),
            Slot::Target => offers.targets(),
            Slot::NatNetwork => offers.nat_networks(),
            Slot::NetworkOf(env) => offers.networks_of(&env),
            Slot::Unit(ty) => offers.units(&ty),
            Slot::Variable => offers.variables(),
            Slot::ClaimEnd(context) => offers.claim_ends(&context),
            Slot::Identity(kind) => offers.identities(&kind),
            Slot::Machines { kind, context } => offers.machines(kind, &context),
            Slot::Endpoint => offers.told(),
            Slot::Store { kind, part } => offers.stores(kind, part),
            Slot::Version(kind) => offers.versions(&kind),
            Slot::MovedKind => offers.movable(),
            Slot::MovedFrom(kind) => offers.moved_from(&kind),
            Slot::MovedTo(kind) => offers.moved_to(&kind),
            Slot::MovedIn { kind, env } => offers.nested_in(&kind, &env),
            Slot::Code => offers.codes(),
            Slot::Nothing => {}
        }
        let mut found = offers.found;
        found.sort_by(|a, b| a.sort.cmp(&b.sort).then_with(|| a.label.cmp(&b.label)));
        let mut seen = BTreeSet::new();
        found.retain(|offer| seen.insert(offer.label.clone()));
        found
    }
}

/// Collects the completions.
struct Offers<'a> {
    analysis: &'a Analysis,
    names: &'a Names<'a>,
    cursor: &'a Cursor<'a>,
    replace: Span,
    found: Vec<Completion>,
}

/// Position in the list of completions.
#[derive(Clone, Copy)]
enum Rank {
    First,
    Second,
    Third,
    Last,
}

impl Offers<'_> {
    /// Offers `label` as it is.
    fn plain(&mut self, rank: Rank, kind: CompletionKind, label: &str, detail: Option<String>) {
        self.offer(rank, kind, label, detail, None, Insert::Plain(label.to_owned()));
    }

    fn offer(
        &mut self,
        rank: Rank,
        kind: CompletionKind,
        label: &str,
        detail: Option<String>,
        documentation: Option<String>,
        insert: Insert,
    ) {
        let rank = match rank {
            Rank::First => '0',
            Rank::Second => '1',
            Rank::Third => '2',
            Rank::Last => '3',
        };
        self.found.push(Completion {
            label: label.to_owned(),
            kind,
            detail,
            documentation: documentation.filter(|text| !text.is_empty()),
            insert,
            replace: self.replace,
            sort: format!("{rank}{:04}", self.found.len()),
        });
    }
}
