//! Calling a thing by another name, everywhere.

use asiaq_lang::{Edit, Span};

use super::index::{Role, Site, Thing};
use super::{Analysis, Offset};
use crate::errors::a_kind;
use crate::library::kinds;
use crate::names::{RESERVED, is_path_word};

/// Words that the grammar takes for its own where a name may stand.
const KEYWORDS: &[&str] = &[
    "allow", "at", "can", "cannot", "enum", "expect", "for", "from", "in", "kind", "let", "or", "reach",
    "replace", "use", "via", "where",
];

/// Metanetworks on which `customer` opens ports, by their names.
const CUSTOMER: &[&str] = &["dmz", "intranet"];

impl Analysis {
    /// The name at a place, where it is one that may be changed.
    pub fn renameable(&self, at: Offset) -> Option<Span> {
        self.changeable(at).ok().map(|(site, _)| site.span)
    }

    /// The edits that call the thing at a place `to`; or why it cannot be called so.
    pub fn rename(&self, at: Offset, to: &str) -> Result<Vec<Edit>, String> {
        let (site, thing) = self.changeable(at)?;
        if self.sources().slice(site.span) == to {
            return Ok(Vec::new());
        }
        self.fits(thing, to)?;
        let edit = |site: &Site| Edit { span: site.span, text: to.to_owned() };
        Ok(self.index().alike(site).map(edit).collect())
    }

    /// The name at a place and what it stands for, or why it cannot be changed.
    fn changeable(&self, at: Offset) -> Result<(&Site, &Thing<String>), String> {
        let Some((site, thing)) = self.name_at(at) else {
            return Err("there is no name here that could be changed".to_owned());
        };
        let name = self.sources().slice(site.span);
        match thing {
            Thing::Kind(_)
            | Thing::Field(..)
            | Thing::Type(_)
            | Thing::Protocol(_)
            | Thing::Word(_)
            | Thing::Code(_)
            | Thing::Variable(_) => return Err(format!("`{name}` is a word of the language")),
            Thing::Region(_) => return Err(format!("`{name}` is AWS's name for a region")),
            Thing::File(_) => return Err(format!("`{name}` is the name of a file")),
            Thing::Nested(kind, ..) if kind == kinds::ENDPOINT => {
                return Err(format!("`{name}` is AWS's name for a service"));
            }
            Thing::Nested(kind, name, _)
                if kind == kinds::METANETWORK
                    && CUSTOMER.contains(&name.as_str())
                    && self.has_customers() =>
            {
                return Err(format!("`customer` opens its ports on the metanetwork that is called `{name}`"));
            }
            Thing::Let(_) | Thing::Declared(..) | Thing::Nested(..) => {}
        }
        let mut declared = self.index().alike(site).filter(|site| site.role == Role::Declaration).peekable();
        if declared.peek().is_none() {
            return Err(format!("`{name}` is declared nowhere"));
        }
        if let Some(library) = declared.find(|site| self.is_library(site.span)) {
            let path = self.sources().path(library.span.file);
            return Err(format!("`{name}` is declared in `{path}`, which comes with asiaq"));
        }
        Ok((site, thing))
    }

    /// Whether a thing may be called `to`.
    fn fits(&self, thing: &Thing<String>, to: &str) -> Result<(), String> {
        if !is_name(to) {
            return Err(format!(
                "`{to}` is not a name: a name is letters, digits, `_` and `-`, a letter first"
            ));
        }
        if RESERVED.contains(&to) || KEYWORDS.contains(&to) {
            return Err(format!("`{to}` means something by itself"));
        }
        let names = self.names();
        if let Some(found) = names.lets.get(to)
            && !matches!(thing, Thing::Declared(kind, _) if kind == kinds::ENV)
        {
            return Err(format!("{} is a `let` of that name", self.where_is(found.name.span)));
        }
        match thing {
            Thing::Let(_) => self.captures(to),
            Thing::Declared(kind, _) => {
                if kind == kinds::ENV && to.contains('_') {
                    return Err(format!("`{to}` has an underscore, which parts the names of its resources"));
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
            Thing::Nested(kind, ..) => {
                if kind == kinds::METANETWORK && is_path_word(to) {
                    return Err(format!("`{to}` is a word in the addresses of resources"));
                }
                if kind == kinds::METANETWORK && CUSTOMER.contains(&to) && self.has_customers() {
                    return Err(format!("`customer` would open its ports on a metanetwork called `{to}`"));
                }
                // Even where the two never meet: what names one of them everywhere would then name both.
                self.taken(to, |other| matches!(other, Thing::Nested(of, ..) if of == kind))
            }
            _ => Ok(()),
        }
    }

    /// Whether a `let` called `to` would come before something else of that name.
    fn captures(&self, to: &str) -> Result<(), String> {
        self.taken(to, |thing| match thing {
            Thing::Nested(..) | Thing::Region(_) | Thing::Word(_) => true,
            Thing::Declared(kind, _) => {
                !matches!(kind.as_str(), kinds::ENV | kinds::PEERING | kinds::PROJECT)
            }
            Thing::Kind(_)
            | Thing::Field(..)
            | Thing::Let(_)
            | Thing::Variable(_)
            | Thing::File(_)
            | Thing::Type(_)
            | Thing::Code(_)
            | Thing::Protocol(_) => false,
        })
    }

    /// Whether some site says `to` and means something that is `wanted`.
    fn taken(&self, to: &str, wanted: impl Fn(&Thing<String>) -> bool) -> Result<(), String> {
        let index = self.index();
        let mut sites = self.sources().ids().flat_map(|file| index.in_file(file));
        let clash = sites
            .find(|site| index.thing(site).is_some_and(&wanted) && self.sources().slice(site.span) == to);
        match clash {
            Some(site) => Err(format!("`{to}` already means something in {}", self.where_is(site.span))),
            None => Ok(()),
        }
    }

    fn has_customers(&self) -> bool {
        let customer = Thing::Kind(kinds::CUSTOMER.to_owned());
        self.index().sites_of_thing(&customer).any(|site| !self.is_library(site.span))
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
