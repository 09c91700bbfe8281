//! A node of the IR under construction.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::marker::PhantomData;

use asiaq_ir::{Address, Field, Node, Origin, PROTECT_TAG, Resource, ResourceKind, TAGS_TAG};
use asiaq_lang::{SourceMap, Span};

use crate::evaluate::Resolved;
use crate::model::Environment;
use crate::value::Spanned;

/// Tags that only some resources of a kind have.
const OPTIONAL_TAGS: &[&str] = &["dynonat", "productline"];

/// A node for a resource of kind `R`: everything but the resource itself.
///
/// The methods that take a [`Field`] return the value for this field, and record where it was set.
pub(super) struct NodeBuilder<'m, R> {
    project: &'m str,
    env: &'m Environment,
    address: Address,
    span: Span,
    /// The declarations that the resource comes from, by the paths of their fields.
    declarations: Vec<String>,
    tags: BTreeMap<String, String>,
    after: BTreeSet<Address>,
    provenance: BTreeMap<String, Vec<Span>>,
    kind: PhantomData<R>,
}

impl<'m, R: ResourceKind + Into<Resource>> NodeBuilder<'m, R> {
    /// A node at `path` of `env`, requested at `span`.
    pub(super) fn new(project: &'m str, env: &'m Environment, path: &str, span: Span) -> Self {
        Self {
            project,
            env,
            address: Address::new(&env.name, path),
            span,
            declarations: Vec::new(),
            tags: BTreeMap::new(),
            after: BTreeSet::new(),
            provenance: BTreeMap::new(),
            kind: PhantomData,
        }
    }

    /// Adds a declaration that the resource comes from, by the path of its fields: `zone.world`. It is protected if
    /// one of its declarations is.
    pub(super) fn declared_by(mut self, path: impl Into<String>) -> Self {
        self.declarations.push(path.into());
        self
    }

    /// Adds the tags of the environment, the tag `Name` and `own` tags.
    pub(super) fn tagged(mut self, name: &str, own: &[(&str, &str)]) -> Self {
        let env = self.env;
        let mut optional: BTreeSet<&str> = BTreeSet::new();
        let mut tag = |key: &str, value: &str| self.tags.insert(key.to_owned(), value.to_owned());
        for (key, value) in env.tags.iter().flat_map(|tags| &tags.value) {
            tag(key, &value.value);
            optional.insert(key);
        }
        if let Some(envtype) = env.types.first() {
            tag("type", envtype);
        }
        tag("application", &env.application.value);
        tag("Name", name);
        for (key, value) in own {
            tag(key, value);
        }
        optional.extend(own.iter().map(|(key, _)| *key).filter(|key| OPTIONAL_TAGS.contains(key)));
        if !optional.is_empty() {
            tag(TAGS_TAG, &optional.into_iter().collect::<Vec<_>>().join(" "));
        }
        for (key, value) in self.address.ownership_tags(self.project) {
            tag(key, value);
        }
        self
    }

    /// Adds tags that a later program may remove.
    pub(super) fn optional_tags(mut self, tags: Option<&BTreeMap<String, Spanned<String>>>) -> Self {
        for (key, value) in tags.into_iter().flatten() {
            self.optional_tag(key, &value.value);
        }
        self
    }

    fn optional_tag(&mut self, key: &str, value: &str) {
        self.tags.insert(key.to_owned(), value.to_owned());
        let listed = self.tags.entry(TAGS_TAG.to_owned()).or_default();
        let mut keys: BTreeSet<&str> = listed.split_whitespace().collect();
        keys.insert(key);
        *listed = keys.into_iter().collect::<Vec<_>>().join(" ");
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
        self.record(field.as_str().to_owned(), chain);
        value
    }

    /// Records where the element `key` of a set was set.
    pub(super) fn element<T>(&mut self, field: Field<R, BTreeSet<T>>, key: &dyn Display, chain: &[Span]) {
        self.record(format!("{}/{key}", field.as_str()), chain);
    }

    fn record(&mut self, key: String, chain: &[Span]) {
        if !chain.is_empty() {
            self.provenance.insert(key, chain.to_vec());
        }
    }

    /// The node with its resource.
    pub(super) fn build(mut self, sources: &SourceMap, resource: R) -> (Address, Node) {
        let protect = self.declarations.iter().filter_map(|path| self.env.protects(path)).min();
        if protect.is_some() && !self.tags.is_empty() && !R::SCHEMA.hides_tags {
            self.optional_tag(PROTECT_TAG, "true");
        }
        let origins = |chain: Vec<Span>| chain.into_iter().map(|span| origin(sources, span)).collect();
        let node = Node {
            resource: resource.into(),
            region: self.env.region.value.clone(),
            tags: self.tags,
            after: self.after,
            origin: origin(sources, self.span),
            protect: protect.map(|span| origin(sources, span)),
            provenance: self.provenance.into_iter().map(|(field, chain)| (field, origins(chain))).collect(),
        };
        (self.address, node)
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
