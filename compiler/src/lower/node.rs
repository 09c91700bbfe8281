//! A node of the IR under construction.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::marker::PhantomData;

use asiaq_ir::{
    Address, Field, Node, Origin, PROTECT_TAG, PUBLISHERS_TAG, Resource, ResourceKind, TAGS_TAG,
    list_tag_keys, listed_tag_keys,
};
use asiaq_lang::{SourceMap, Span};

use super::container::Container;
use super::limits::{Part, Refused};
use crate::evaluate::Resolved;
use crate::value::Spanned;

/// Declared tags.
type Tags = BTreeMap<String, Spanned<String>>;

/// Tags that only some resources of a kind have.
const OPTIONAL_TAGS: &[&str] = &["dynonat", "productline", PUBLISHERS_TAG];

/// A node for a resource of kind `R`: everything but the resource itself.
///
/// The methods that take a [`Field`] return the value for this field, and record where it was set.
pub(super) struct NodeBuilder<'m, R> {
    pub(super) project: &'m str,
    pub(super) container: Container<'m>,
    address: Address,
    pub(super) span: Span,
    /// The declarations that the resource comes from, by the paths of their fields.
    declarations: Vec<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// The declared tags besides those of the container, and where they are declared.
    own_tags: Option<&'m Resolved<Tags>>,
    after: BTreeSet<Address>,
    pub(super) provenance: BTreeMap<Cow<'static, str>, Vec<Span>>,
    /// The texts that values consist of, with the places of those that are not in `provenance`.
    pub(super) parts: Vec<Part<'m>>,
    kind: PhantomData<R>,
}

impl<'m, R: ResourceKind + Into<Resource>> NodeBuilder<'m, R> {
    /// A node at `path` of its container, requested at `span`.
    pub(super) fn new(project: &'m str, container: Container<'m>, path: &str, span: Span) -> Self {
        Self {
            project,
            container,
            address: Address::of(&container.scope(), path),
            span,
            declarations: Vec::new(),
            tags: BTreeMap::new(),
            own_tags: None,
            after: BTreeSet::new(),
            provenance: BTreeMap::new(),
            parts: Vec::new(),
            kind: PhantomData,
        }
    }

    /// Adds a declaration that the resource comes from, by the path of its fields: `zone.world`. It is protected if
    /// one of its declarations is.
    pub(super) fn declared_by(mut self, path: impl Into<String>) -> Self {
        self.declarations.push(path.into());
        self
    }

    /// Adds the tags of the container, the tag `Name` and `own` tags.
    pub(super) fn tagged(mut self, name: &str, own: &[(&str, &str)]) -> Self {
        let container = self.container;
        let mut optional: BTreeSet<&str> = BTreeSet::new();
        let mut tag = |key: &str, value: &str| self.tags.insert(key.to_owned(), value.to_owned());
        for (key, value) in container.tags().iter().flat_map(|tags| &tags.value) {
            tag(key, &value.value);
            optional.insert(key);
        }
        if let Container::Environment(env) = container {
            if let Some(envtype) = env.types.first() {
                tag("type", envtype);
            }
            tag("application", &env.application.value);
        }
        tag("Name", name);
        for (key, value) in own {
            tag(key, value);
        }
        optional.extend(own.iter().map(|(key, _)| *key).filter(|key| OPTIONAL_TAGS.contains(key)));
        if !optional.is_empty() {
            tag(TAGS_TAG, &list_tag_keys(optional));
        }
        self.owned()
    }

    /// Adds the tags that say whose the resource is.
    pub(super) fn owned(mut self) -> Self {
        for (key, value) in self.address.ownership_tags(self.project) {
            self.tags.insert(key.to_owned(), value.to_owned());
        }
        self
    }

    /// Adds tags that a later program may remove.
    pub(super) fn optional_tags(mut self, tags: Option<&'m Resolved<Tags>>) -> Self {
        for (key, value) in tags.into_iter().flat_map(|tags| &tags.value) {
            self.optional_tag(key, &value.value);
        }
        self.own_tags = tags;
        self
    }

    /// The declared tags, those of the declaration first, and where they are declared.
    pub(super) fn tag_sources(&self) -> impl Iterator<Item = (&'m Tags, Span)> {
        let declared = [self.own_tags, self.container.tags()];
        declared.into_iter().flatten().map(|tags| (&tags.value, tags.place(self.span)))
    }

    /// Names a text that tags consist of, with its place.
    pub(super) fn tag_part(&mut self, text: impl Into<Cow<'m, str>>, span: Span) {
        self.parts.push(Part::new("", text, span));
    }

    /// Names a text that a value of `field` consists of, with its place. A value that AWS does not accept is reported
    /// at the text that makes it so, and not where the field is set.
    pub(super) fn part<T>(&mut self, field: Field<R, T>, text: impl Into<Cow<'m, str>>, span: Span) {
        self.parts.push(Part::new(field.as_str(), text, span));
    }

    /// Adds a tag that a later program may remove.
    pub(super) fn optional_tag(&mut self, key: &str, value: &str) {
        list_tag(&mut self.tags, key, value);
    }

    /// Adds resources that must exist first although this one does not reference them.
    pub(super) fn after(mut self, earlier: impl IntoIterator<Item = Address>) -> Self {
        self.after.extend(earlier);
        self
    }

    /// The value of a field that the program sets.
    pub(super) fn value<T: Clone>(&mut self, field: Field<R, T>, from: &Resolved<T>) -> T {
        self.set(field, &from.chain, from.value.clone())
    }

    /// The value of a field that the program may leave out.
    pub(super) fn optional<T: Clone>(
        &mut self,
        field: Field<R, Option<T>>,
        from: Option<&Resolved<T>>,
    ) -> Option<T> {
        self.set(field, chain(from), from.map(|from| from.value.clone()))
    }

    /// A value that follows from `chain`, the places that decide it, the winner first; a chain without places is not
    /// recorded.
    pub(super) fn set<T>(&mut self, field: Field<R, T>, chain: &[Span], value: T) -> T {
        self.record(Cow::Borrowed(field.as_str()), chain);
        value
    }

    /// Records where the element `key` of a set was set.
    pub(super) fn element<T>(&mut self, field: Field<R, BTreeSet<T>>, key: &dyn Display, chain: &[Span]) {
        self.record(Cow::Owned(format!("{}/{key}", field.as_str())), chain);
    }

    fn record(&mut self, key: Cow<'static, str>, chain: &[Span]) {
        if !chain.is_empty() {
            self.provenance.insert(key, chain.to_vec());
        }
    }

    /// The node with its resource. Reports the values that AWS does not accept.
    pub(super) fn build(
        self,
        sources: &SourceMap,
        resource: R,
        limits: &mut Vec<Refused>,
    ) -> (Address, Node) {
        let (address, node, provenance) = self.without_provenance(sources, resource, limits);
        let origins = |chain: Vec<Span>| chain.into_iter().map(|span| origin(sources, span)).collect();
        let provenance = provenance.into_iter().map(|(field, chain)| (field.into_owned(), origins(chain)));
        (address, Node { provenance: provenance.collect(), ..node })
    }

    /// The same without the places that set its fields, which are returned beside it.
    pub(super) fn without_provenance(
        mut self,
        sources: &SourceMap,
        resource: R,
        limits: &mut Vec<Refused>,
    ) -> (Address, Node, BTreeMap<Cow<'static, str>, Vec<Span>>) {
        let protect = self.declarations.iter().filter_map(|path| self.container.protects(path)).min();
        if protect.is_some() && !self.tags.is_empty() && !R::SCHEMA.hides_tags {
            self.optional_tag(PROTECT_TAG, "true");
        }
        let resource = resource.into();
        self.check(sources, &resource, limits);
        let node = Node {
            resource,
            region: self.container.region().to_owned(),
            tags: self.tags,
            after: self.after,
            origin: origin(sources, self.span),
            protect: protect.map(|span| origin(sources, span)),
            provenance: BTreeMap::new(),
        };
        (self.address, node, self.provenance)
    }
}

/// The places that set a field; none where the program leaves it out.
pub(super) fn chain<T>(from: Option<&Resolved<T>>) -> &[Span] {
    from.map_or(&[], |from| &from.chain)
}

/// The place of a span, as a plan cites it.
pub(crate) fn origin(sources: &SourceMap, span: Span) -> Origin {
    let at = sources.start(span);
    Origin { file: sources.path(span.file).to_owned(), line: at.line, column: at.column }
}

/// Sets a tag that belongs to some resources only, and adds its key to the tag that lists such keys.
pub(super) fn list_tag(tags: &mut BTreeMap<String, String>, key: &str, value: &str) {
    tags.insert(key.to_owned(), value.to_owned());
    let listed = tags.entry(TAGS_TAG.to_owned()).or_default();
    let mut keys: BTreeSet<String> = listed_tag_keys(listed).collect();
    keys.insert(key.to_owned());
    *listed = list_tag_keys(keys.iter().map(String::as_str));
}
