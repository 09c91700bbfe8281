//! Every name in a project with what it stands for: definition, references, rename and colours all ask here.

pub(super) mod gather;
mod nested;

use asiaq_lang::{FileId, Span};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Thing<S> {
    /// A kind of the language.
    Kind(S),
    /// A field of a kind.
    Field(S, S),
    /// A `let`.
    Let(S),
    /// A declaration at the top of a file, by kind and name; envtypes are of kind `env`.
    Declared(S, S),
    /// A declaration inside an environment, by kind and name, and the farthest environment or envtype in the
    /// chain of inheritance that declares it: what that one's heirs call so is the same thing.
    Nested(S, S, S),
    /// A variable of texts.
    Variable(S),
    /// A file that is used.
    File(FileId),
    /// A type.
    Type(S),
    /// The protocol of a rule.
    Protocol(S),
    /// An AWS region.
    Region(S),
    /// The code of a warning.
    Code(S),
    /// A word that means something where it stands: `all`, `igw`, one of an enum.
    Word(S),
}

/// Whether a name is given or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Declaration,
    Reference,
}

/// A name where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) span: Span,
    pub(super) role: Role,
    /// Which of the index's things.
    thing: u32,
    /// The environment or envtype whose names count here.
    owner: Option<u32>,
}

/// Every name in a project.
#[derive(Debug, Default)]
pub(super) struct Index {
    things: Vec<Thing<String>>,
    /// In order of place.
    sites: Vec<Site>,
    /// For each thing its sites, declarations first, each in order of place.
    by_thing: Vec<Vec<u32>>,
}

impl Index {
    /// The name at a place: the one it is in, else the one that ends there.
    pub(super) fn at(&self, file: FileId, at: u32) -> Option<&Site> {
        let after = self.sites.partition_point(|site| (site.span.file, site.span.start) <= (file, at));
        let before = self.sites.get(after.checked_sub(1)?)?;
        (before.span.file == file && at <= before.span.end).then_some(before)
    }

    /// The names in a file, in order.
    pub(super) fn in_file(&self, file: FileId) -> &[Site] {
        let start = self.sites.partition_point(|site| site.span.file < file);
        let end = self.sites.partition_point(|site| site.span.file <= file);
        self.sites.get(start..end).unwrap_or_default()
    }

    /// What a name stands for.
    pub(super) fn thing(&self, site: &Site) -> Option<&Thing<String>> {
        self.things.get(site.thing as usize)
    }

    /// The environment or envtype whose names count where a name stands.
    pub(super) fn owner(&self, site: &Site) -> Option<&str> {
        match self.things.get(site.owner? as usize)? {
            Thing::Declared(_, name) => Some(name),
            _ => None,
        }
    }

    /// Every site of what a name stands for, declarations first.
    pub(super) fn alike(&self, site: &Site) -> impl Iterator<Item = &Site> {
        self.sites_of(site.thing)
    }

    /// Every site of a thing, declarations first.
    pub(super) fn sites_of_thing(&self, thing: &Thing<String>) -> impl Iterator<Item = &Site> {
        let id = self.things.iter().position(|known| known == thing);
        id.and_then(|id| u32::try_from(id).ok()).into_iter().flat_map(|id| self.sites_of(id))
    }

    fn sites_of(&self, thing: u32) -> impl Iterator<Item = &Site> {
        let sites = self.by_thing.get(thing as usize);
        sites.into_iter().flatten().filter_map(|at| self.sites.get(*at as usize))
    }
}
