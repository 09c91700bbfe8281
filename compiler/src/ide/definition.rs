//! Where a name is declared, and everywhere it is used.

use asiaq_lang::Span;

use super::index::{Role, Site, Thing};
use super::{Analysis, Offset};

impl Analysis {
    /// Where the thing at a place is declared; in the library for kinds, fields and templates. At a declaration
    /// that says more about an inherited thing, where that is declared.
    pub fn definition(&self, at: Offset) -> Vec<Span> {
        let Some((site, thing)) = self.name_at(at) else { return Vec::new() };
        match thing {
            Thing::File(file) => vec![Span { file: *file, start: 0, end: 0 }],
            Thing::Nested(..) => self.nested_definition(site),
            Thing::Variable(path) if path == "project.name" => {
                self.names().projects.iter().map(|decl| crate::names::name_span(decl)).collect()
            }
            Thing::Kind(_)
            | Thing::Field(..)
            | Thing::Let(_)
            | Thing::Declared(..)
            | Thing::Variable(_)
            | Thing::Type(_)
            | Thing::Protocol(_)
            | Thing::Region(_)
            | Thing::Code(_)
            | Thing::Word(_) => self.declarations(site),
        }
    }

    /// Every place that names the thing at a place, its declarations first.
    pub fn references(&self, at: Offset) -> Vec<Span> {
        let Some((site, thing)) = self.name_at(at) else { return Vec::new() };
        match thing {
            Thing::Word(_) | Thing::Type(_) | Thing::Protocol(_) => Vec::new(),
            Thing::Kind(_)
            | Thing::Field(..)
            | Thing::Let(_)
            | Thing::Declared(..)
            | Thing::Nested(..)
            | Thing::Variable(_)
            | Thing::File(_)
            | Thing::Code(_)
            | Thing::Region(_) => self.index().alike(site).map(|site| site.span).collect(),
        }
    }

    fn declarations(&self, site: &Site) -> Vec<Span> {
        let sites = self.index().alike(site).filter(|site| site.role == Role::Declaration);
        sites.map(|site| site.span).collect()
    }

    /// The nearest declaration in the chain of inheritance; where it may be several environments' thing, the
    /// farthest one of each.
    fn nested_definition(&self, site: &Site) -> Vec<Span> {
        let index = self.index();
        let names = self.names();
        let declared: Vec<(&str, Span)> = index
            .alike(site)
            .filter(|site| site.role == Role::Declaration)
            .filter_map(|site| Some((index.owner(site)?, site.span)))
            .collect();
        let of = |owner: &str| declared.iter().find(|(found, _)| *found == owner).map(|(_, at)| *at);
        if let Some(owner) = index.owner(site) {
            let lineage = names.lineage(owner);
            let nearest = |owners: &[&str]| owners.iter().find_map(|owner| of(owner));
            let above = || nearest(lineage.get(1..).unwrap_or_default());
            let found = match site.role {
                Role::Declaration => above().or(Some(site.span)),
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
