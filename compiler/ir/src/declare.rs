//! What each kind declares beside its struct. `derive(ResourceKind)` writes the implementations from the attributes
//! of the fields.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::{GroupRule, Listener, ListenerRule, Mark, Measured, Outputs, Ref, Schema, Source, TagShapes};

/// The declaration of one kind of resource.
pub trait ResourceKind: Clone + Measured {
    /// How changes of the kind are planned.
    const SCHEMA: &'static Schema;
    /// Names of the fields in JSON, in the order of the struct.
    const FIELDS: &'static [&'static str];
    /// What its tags are sent as; absent for a kind without tags.
    const TAGS: Option<&'static TagShapes>;
    /// What tells a resource of the kind from a copy that has its tags.
    const MARK: Mark;
    /// What is said of a live resource of the kind.
    const OUTPUTS: &'static Outputs;

    /// The resource after the first request of a creation that takes several; otherwise the resource itself.
    #[must_use]
    fn initial(&self) -> Self;

    /// How many elements AWS requires in set `field`, also while elements are replaced; 0 for any other field.
    fn min_elements(&self, field: &str) -> usize;

    /// References to resources that AWS does not delete while this one exists.
    fn references_in_use(&self) -> Vec<&Ref>;

    /// What the ownership mark of the resource names of its own, if the resource says it: its name, or its zone.
    fn own_name(&self) -> Option<&str>;

    /// The VPC, the subnets or the resource that it lies in. What lies in nothing of the project's is not the
    /// project's.
    fn lies_in(&self) -> Vec<&Ref>;

    /// The fields that describe the resource in one line.
    fn summary(&self) -> Vec<Summary<'_>>;
}

/// A field of kind `R` with values of type `T`, as in `Vpc::CIDR`.
pub struct Field<R, T> {
    name: &'static str,
    types: PhantomData<fn() -> (R, T)>,
}

impl<R, T> Field<R, T> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// Its name in JSON.
    pub const fn as_str(self) -> &'static str {
        self.name
    }
}

impl<R, T> Clone for Field<R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T> Copy for Field<R, T> {}

impl<R, T> fmt::Debug for Field<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// An element of a set that AWS changes element by element.
pub trait Element {
    /// Names of the fields that identify an element; the whole element where empty.
    const KEY: &'static [&'static str];
}

impl Element for Ref {
    const KEY: &'static [&'static str] = &[];
}

impl Element for String {
    const KEY: &'static [&'static str] = &[];
}

/// A field whose value is a set of [`Element`]s.
pub trait Elements {
    /// The key of an element.
    const KEY: &'static [&'static str];
}

impl<T: Element> Elements for BTreeSet<T> {
    const KEY: &'static [&'static str] = T::KEY;
}

/// Part of the summary of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Summary<'a> {
    /// A value as text.
    Text(String),
    /// Another resource.
    Reference(&'a Ref),
    /// The size of a set, and the noun for one of its elements.
    Count(usize, &'static str),
}

/// A value that a summary can show. `noun` is the singular of the field's name.
pub(crate) trait Summarize {
    fn summarize(&self, noun: &'static str) -> Summary<'_>;
}

impl Summarize for Ref {
    fn summarize(&self, _: &'static str) -> Summary<'_> {
        Summary::Reference(self)
    }
}

impl<T> Summarize for BTreeSet<T> {
    fn summarize(&self, noun: &'static str) -> Summary<'_> {
        Summary::Count(self.len(), noun)
    }
}

impl Summarize for Option<String> {
    fn summarize(&self, _: &'static str) -> Summary<'_> {
        Summary::Text(self.clone().unwrap_or_default())
    }
}

macro_rules! summarize_as_text {
    ($($value:ty),+) => {
        $(impl Summarize for $value {
            fn summarize(&self, _: &'static str) -> Summary<'_> {
                Summary::Text(self.to_string())
            }
        })+
    };
}

summarize_as_text!(String, Ipv4Net, Ipv4Addr, u16);

/// A value whose references AWS does not delete while the resource with this value exists.
pub(crate) trait InUse {
    fn in_use(&self) -> Vec<&Ref>;
}

impl InUse for Ref {
    fn in_use(&self) -> Vec<&Ref> {
        vec![self]
    }
}

impl<T: InUse> InUse for Option<T> {
    fn in_use(&self) -> Vec<&Ref> {
        self.iter().flat_map(InUse::in_use).collect()
    }
}

impl<T: InUse> InUse for BTreeSet<T> {
    fn in_use(&self) -> Vec<&Ref> {
        self.iter().flat_map(InUse::in_use).collect()
    }
}

impl InUse for Listener {
    fn in_use(&self) -> Vec<&Ref> {
        self.target.iter().collect()
    }
}

impl InUse for ListenerRule {
    fn in_use(&self) -> Vec<&Ref> {
        self.targets.iter().collect()
    }
}

impl InUse for GroupRule {
    fn in_use(&self) -> Vec<&Ref> {
        match &self.source {
            Source::Group(group) => vec![group],
            Source::Cidr(_) | Source::Other(_) => Vec::new(),
        }
    }
}
