//! Where a name is declared, and everywhere it is used.

use asiaq_lang::Span;

use super::index::{Occurrence, Role, Symbol};
use super::{Analysis, Offset};

impl Analysis {
    /// The declarations of the symbol at a place; in the library for kinds, fields and templates. For a declaration
    /// that extends an inherited symbol, the inherited declaration.
    pub fn definition(&self, at: Offset) -> Vec<Span> {
        let Some((occurrence, symbol)) = self.name_at(at) else { return Vec::new() };
        match symbol {
            Symbol::File(file) => vec![Span { file: *file, start: 0, end: 0 }],
            Symbol::Nested(..) => self.nested_definition(occurrence),
            Symbol::Variable(path) if path == "project.name" => {
                self.names().projects().map(crate::names::name_span).collect()
            }
            Symbol::Kind(_)
            | Symbol::Field(..)
            | Symbol::Let(_)
            | Symbol::Declared(..)
            | Symbol::Variable(_)
            | Symbol::Type(_)
            | Symbol::Protocol(_)
            | Symbol::Region(_)
            | Symbol::Code(_)
            | Symbol::Word(_) => self.declarations(occurrence),
        }
    }

    /// Every place that names the symbol at a place, its declarations first.
    pub fn references(&self, at: Offset) -> Vec<Span> {
        let Some((occurrence, symbol)) = self.name_at(at) else { return Vec::new() };
        match symbol {
            Symbol::Word(_) | Symbol::Type(_) | Symbol::Protocol(_) => Vec::new(),
            Symbol::Kind(_)
            | Symbol::Field(..)
            | Symbol::Let(_)
            | Symbol::Declared(..)
            | Symbol::Nested(..)
            | Symbol::Variable(_)
            | Symbol::File(_)
            | Symbol::Code(_)
            | Symbol::Region(_) => self.index().alike(occurrence).map(|occurrence| occurrence.span).collect(),
        }
    }

    fn declarations(&self, occurrence: &Occurrence) -> Vec<Span> {
        let occurrences =
            self.index().alike(occurrence).filter(|occurrence| occurrence.role == Role::Declaration);
        occurrences.map(|occurrence| occurrence.span).collect()
    }

    /// The nearest declaration in the chain of inheritance; where it may be several environments' symbol, the
    /// farthest one of each.
    fn nested_definition(&self, occurrence: &Occurrence) -> Vec<Span> {
        let index = self.index();
        let names = self.names();
        let declared: Vec<(&str, Span)> = index
            .alike(occurrence)
            .filter(|occurrence| occurrence.role == Role::Declaration)
            .filter_map(|occurrence| Some((index.owner(occurrence)?, occurrence.span)))
            .collect();
        let of = |owner: &str| declared.iter().find(|(found, _)| *found == owner).map(|(_, at)| *at);
        if let Some(owner) = index.owner(occurrence) {
            let lineage = names.lineage(owner);
            let nearest = |owners: &[&str]| owners.iter().find_map(|owner| of(owner));
            let above = || nearest(lineage.get(1..).unwrap_or_default());
            let found = match occurrence.role {
                Role::Declaration => above().or(Some(occurrence.span)),
                Role::Reference => nearest(&lineage),
            };
            if let Some(found) = found {
                return vec![found];
            }
        }
        let is_root = |owner: &str| {
            names.lineage(owner).iter().skip(1).all(|above| declared.iter().all(|(found, _)| found != above))
        };
        declared.iter().filter(|(owner, _)| is_root(owner)).map(|(_, span)| *span).collect()
    }
}
