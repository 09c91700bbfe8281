//! Calling a symbol by another name, everywhere.

use asiaq_ir::ACCOUNT_SEGMENT;
use asiaq_lang::{Edit, Span};

use super::index::{Occurrence, Role, Symbol};
use super::{Analysis, Offset};
use crate::errors::a_kind;
use crate::library::kinds;
use crate::names::{RESERVED, is_path_word};

/// Keywords of the grammar in places of names.
const KEYWORDS: &[&str] = &[
    "allow", "and", "at", "can", "cannot", "deny", "enum", "expect", "for", "from", "if", "in", "kind",
    "let", "moved", "not", "on", "or", "reach", "replace", "use", "via", "when", "where",
];

/// Metanetworks on which `customer` opens ports, by their names.
const CUSTOMER: &[&str] = &["dmz", "intranet"];

impl Analysis {
    /// The name at a place, where it is one that may be changed.
    pub fn renameable(&self, at: Offset) -> Option<Span> {
        self.changeable(at).ok().map(|(occurrence, _)| occurrence.span)
    }

    /// The edits that rename the symbol at a place to `to`, or the reason why `to` is not possible.
    pub fn rename(&self, at: Offset, to: &str) -> Result<Vec<Edit>, String> {
        let (occurrence, symbol) = self.changeable(at)?;
        if self.sources().slice(occurrence.span) == to {
            return Ok(Vec::new());
        }
        self.fits(symbol, to)?;
        let edit = |occurrence: &Occurrence| Edit { span: occurrence.span, text: to.to_owned() };
        Ok(self.index().alike(occurrence).map(edit).collect())
    }

    /// The name at a place and its symbol, or why it cannot be renamed.
    fn changeable(&self, at: Offset) -> Result<(&Occurrence, &Symbol<String>), String> {
        let Some((occurrence, symbol)) = self.name_at(at) else {
            return Err("there is no name here that could be changed".to_owned());
        };
        let name = self.sources().slice(occurrence.span);
        match symbol {
            Symbol::Kind(_)
            | Symbol::Field(..)
            | Symbol::Type(_)
            | Symbol::Protocol(_)
            | Symbol::Word(_)
            | Symbol::Code(_)
            | Symbol::Variable(_) => return Err(format!("`{name}` is a word of the language")),
            Symbol::Region(_) => return Err(format!("`{name}` is AWS's name for a region")),
            Symbol::File(_) => return Err(format!("`{name}` is the name of a file")),
            Symbol::Nested(kind, ..) if kind == kinds::ENDPOINT => {
                return Err(format!("`{name}` is AWS's name for a service"));
            }
            Symbol::Nested(kind, name, _)
                if kind == kinds::METANETWORK
                    && CUSTOMER.contains(&name.as_str())
                    && self.has_customers() =>
            {
                return Err(format!("`customer` opens its ports on the metanetwork that is called `{name}`"));
            }
            Symbol::Let(_) | Symbol::Declared(..) | Symbol::Nested(..) => {}
        }
        let mut declared = self
            .index()
            .alike(occurrence)
            .filter(|occurrence| occurrence.role == Role::Declaration)
            .peekable();
        if declared.peek().is_none() {
            return Err(format!("`{name}` is declared nowhere"));
        }
        if let Some(library) = declared.find(|occurrence| self.is_library(occurrence.span)) {
            let path = self.sources().path(library.span.file);
            return Err(format!("`{name}` is declared in `{path}`, which comes with asiaq"));
        }
        Ok((occurrence, symbol))
    }

    /// Whether a symbol may be called `to`.
    fn fits(&self, symbol: &Symbol<String>, to: &str) -> Result<(), String> {
        if !is_name(to) {
            return Err(format!(
                "`{to}` is not a name: a name is letters, digits, `_` and `-`, a letter first"
            ));
        }
        if RESERVED.contains(&to) || KEYWORDS.contains(&to) {
            return Err(format!("`{to}` means something by itself"));
        }
        let names = self.names();
        if let Some(found) = names.get_let(to)
            && !matches!(symbol, Symbol::Declared(kind, _) if kind == kinds::ENV)
        {
            return Err(format!("{} is a `let` of that name", self.where_is(found.name.span)));
        }
        match symbol {
            Symbol::Let(_) => self.captures(to),
            Symbol::Declared(kind, _) => {
                if kind == kinds::ENV && to.contains('_') {
                    return Err(format!("`{to}` has an underscore, which parts the names of its resources"));
                }
                if kind == kinds::ENV && to == ACCOUNT_SEGMENT {
                    return Err(format!("`{to}` begins the addresses of accounts"));
                }
                if kind == kinds::ENV && to.starts_with("sg-") {
                    return Err("AWS keeps names that begin with `sg-` for ids".to_owned());
                }
                let taken = if kind == kinds::ENV { names.environment(to) } else { names.get(kind, to) };
                match taken {
                    Some(decl) => {
                        let place = self.where_is(crate::names::name_span(decl));
                        Err(format!("{place} is {} of that name", a_kind(&decl.kind.text)))
                    }
                    None => Ok(()),
                }
            }
            Symbol::Nested(kind, ..) => {
                if kind == kinds::METANETWORK && is_path_word(to) {
                    return Err(format!("`{to}` is a word in the addresses of resources"));
                }
                if kind == kinds::METANETWORK && CUSTOMER.contains(&to) && self.has_customers() {
                    return Err(format!("`customer` would open its ports on a metanetwork called `{to}`"));
                }
                // Even if the two are in different environments: a name outside of environments would then mean both.
                self.taken(to, |other| matches!(other, Symbol::Nested(of, ..) if of == kind))
            }
            _ => Ok(()),
        }
    }

    /// Whether a `let` named `to` would shadow another symbol of that name.
    fn captures(&self, to: &str) -> Result<(), String> {
        self.taken(to, |symbol| match symbol {
            Symbol::Nested(..) | Symbol::Region(_) | Symbol::Word(_) => true,
            Symbol::Declared(kind, _) => {
                !matches!(kind.as_str(), kinds::ENV | kinds::PEERING | kinds::PROJECT)
            }
            Symbol::Kind(_)
            | Symbol::Field(..)
            | Symbol::Let(_)
            | Symbol::Variable(_)
            | Symbol::File(_)
            | Symbol::Type(_)
            | Symbol::Code(_)
            | Symbol::Protocol(_) => false,
        })
    }

    /// Whether an occurrence has the name `to` and its symbol satisfies `wanted`.
    fn taken(&self, to: &str, wanted: impl Fn(&Symbol<String>) -> bool) -> Result<(), String> {
        let index = self.index();
        let mut occurrences = self.sources().ids().flat_map(|file| index.in_file(file));
        let clash = occurrences.find(|occurrence| {
            index.symbol(occurrence).is_some_and(&wanted) && self.sources().slice(occurrence.span) == to
        });
        match clash {
            Some(occurrence) => {
                Err(format!("`{to}` already means something in {}", self.where_is(occurrence.span)))
            }
            None => Ok(()),
        }
    }

    fn has_customers(&self) -> bool {
        let customer = Symbol::Kind(kinds::CUSTOMER.to_owned());
        self.index().occurrences_of_symbol(&customer).any(|occurrence| !self.is_library(occurrence.span))
    }

    /// Whether a place is in a file that comes with the compiler.
    pub(super) fn is_library(&self, span: Span) -> bool {
        crate::library::is_library(self.sources().path(span.file))
    }

    fn where_is(&self, span: Span) -> String {
        format!("`{}:{}`", self.sources().path(span.file), self.sources().start(span).line)
    }
}

/// Whether a text is a name.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && !text.ends_with('-')
}
