//! Resolves which settings decide a field of a declaration in an environment.
//!
//! From the weakest to the strongest: the root of the inheritance chain, …, the declaration itself; within
//! each, the plain field, overrides for envtypes from the farthest to the nearest, overrides for the
//! environment.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use asiaq_lang::Span;
use asiaq_lang::ast::{Body, Context, Decl, Member, Op, Setting, Statement};

use crate::errors;
use crate::names::name_span;
use crate::schema::KindSchema;

/// The bodies that contribute to a declaration, the weakest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block<'a> {
    layers: Vec<Layer<'a>>,
    /// Number of members in the layers.
    members: usize,
    /// The nested declarations by the hash of kind and name, if there are many and they were asked for: the number of the
    /// layer, and that of the member in it.
    by_name: OnceCell<HashMap<u64, Vec<[usize; 2]>>>,
}

/// The kind and the name of a declaration.
type Heading<'a> = (&'a str, Option<&'a str>);

/// Members of a block in which nested declarations are searched one by one: a bound, so that reading all of them does not
/// take the square of their number.
const FEW: usize = 32;

#[derive(Clone, Copy, Debug)]
struct Layer<'a> {
    /// Depth in the inheritance chain; the root is 0.
    depth: usize,
    /// The context of the override block around it, if there is one.
    context: Option<&'a Context>,
    body: &'a Body,
}

/// A nested declaration, with its depth in the inheritance chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inner<'a> {
    layer: Layer<'a>,
    pub(crate) decl: &'a Decl,
}

impl<'a> Inner<'a> {
    fn is(&self, kind: &str, name: Option<&str>) -> bool {
        self.heading() == (kind, name)
    }

    fn heading(&self) -> Heading<'a> {
        (&self.decl.kind.text, self.decl.name.as_ref().map(|name| name.text.as_str()))
    }

    /// How specific it is in an environment of this `lineage`.
    pub(crate) fn strength(&self, lineage: &[&str]) -> (usize, usize) {
        (self.layer.depth, nearness(self.layer.context, lineage).unwrap_or_default())
    }

    /// The block of this declaration alone.
    pub(crate) fn block(&self) -> Block<'a> {
        let mut block = Block::default();
        block.push(self.layer.depth, self.layer.context, &self.decl.body);
        block
    }
}

/// A setting that applies, and how specific it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) strength: (usize, usize),
    /// Whether it is for some environments only.
    pub(crate) is_override: bool,
}

impl<'a> Block<'a> {
    /// The bodies of a declaration and all its ancestors; `chain` starts with the declaration.
    pub(crate) fn of_chain(chain: &[&'a Decl]) -> Self {
        let mut block = Self::default();
        for (depth, decl) in chain.iter().rev().enumerate() {
            block.push(depth, None, &decl.body);
        }
        block
    }

    fn push(&mut self, depth: usize, context: Option<&'a Context>, body: &'a Body) {
        self.layers.push(Layer { depth, context, body });
        self.members += body.members.len();
        self.by_name.take();
        for member in &body.members {
            if let Member::Override(inner) = member {
                self.push(depth, Some(&inner.context), &inner.body);
            }
        }
    }

    /// The place of the last nested declaration of `kind` and `name`.
    pub(crate) fn last_span(&self, kind: &str, name: Option<&str>) -> Span {
        self.child_decls(kind, name, &[]).last().map(|decl| name_span(decl)).unwrap_or_default()
    }

    /// Names of the nested declarations of `kind`, in order of first appearance.
    pub(crate) fn nested(&self, kind: &str) -> Vec<&'a str> {
        let (mut names, mut seen): (Vec<&str>, BTreeSet<&str>) = Default::default();
        for decl in self.decls().filter(|decl| decl.kind.text == kind) {
            if let Some(name) = &decl.name
                && seen.insert(&name.text)
            {
                names.push(&name.text);
            }
        }
        names
    }

    /// The nested declarations that apply in an environment of this `lineage`, the weakest first.
    pub(crate) fn inner(&self, lineage: &[&str]) -> impl Iterator<Item = Inner<'a>> {
        let here = self.layers.iter().filter(|layer| nearness(layer.context, lineage).is_some());
        here.flat_map(|layer| layer_decls(layer).map(|decl| Inner { layer: *layer, decl }))
    }

    /// The nested declarations of `kind` and `name` that apply in an environment of this `lineage`, the weakest first.
    fn called(&self, kind: &str, name: Option<&str>, lineage: &[&str]) -> Vec<Inner<'a>> {
        if self.members <= FEW {
            return self.inner(lineage).filter(|inner| inner.is(kind, name)).collect();
        }
        let inner = |[layer, member]: [usize; 2]| {
            let layer = *self.layers.get(layer)?;
            let Member::Decl(decl) = layer.body.members.get(member)? else { return None };
            Some(Inner { layer, decl })
        };
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<u64, Vec<[usize; 2]>> = HashMap::new();
            for (at, layer) in self.layers.iter().enumerate() {
                for place in (0..layer.body.members.len()).map(|member| [at, member]) {
                    if let Some(inner) = inner(place) {
                        by_name.entry(hash(inner.heading())).or_default().push(place);
                    }
                }
            }
            by_name
        });
        let found = by_name.get(&hash((kind, name))).into_iter().flatten().filter_map(|place| inner(*place));
        let found = found.filter(|inner| inner.is(kind, name));
        found.filter(|inner| nearness(inner.layer.context, lineage).is_some()).collect()
    }

    /// The nested declarations of `kind` and `name` that apply in an environment of this `lineage`, the weakest
    /// first. Those before the last `replace` are left out.
    pub(crate) fn child_decls(&self, kind: &str, name: Option<&str>, lineage: &[&str]) -> Vec<&'a Decl> {
        let mut found = Vec::new();
        for inner in self.called(kind, name, lineage) {
            if inner.decl.replace.is_some() {
                found.clear();
            }
            found.push(inner.decl);
        }
        found
    }

    /// The merged bodies of the nested declarations of `kind` and `name` in an environment of this `lineage`;
    /// absent if there are none.
    pub(crate) fn child(&self, kind: &str, name: Option<&str>, lineage: &[&str]) -> Option<Self> {
        let mut child = Self::default();
        for inner in self.called(kind, name, lineage) {
            child.take(&inner);
        }
        (!child.layers.is_empty()).then_some(child)
    }

    /// Adds a nested declaration, which is stronger than all added before. A `replace` declaration drops those.
    pub(crate) fn take(&mut self, inner: &Inner<'a>) {
        if inner.decl.replace.is_some() {
            *self = Self::default();
        }
        self.push(inner.layer.depth, inner.layer.context, &inner.decl.body);
    }

    /// The environments and envtypes that its overrides name, those of nested declarations included.
    pub(crate) fn contexts(&self) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        for layer in &self.layers {
            // An override block is a layer of its own, but not one inside a nested declaration.
            found.extend(layer.context.into_iter().flat_map(names));
            for member in &layer.body.members {
                match member {
                    Member::Field(setting) => found.extend(setting.context.iter().flat_map(names)),
                    Member::Decl(decl) => contexts_in(&decl.body, &mut found),
                    Member::Override(_) | Member::Statement(_) => {}
                }
            }
        }
        found
    }

    /// Whether something may be set under a name that `schema` does not know: there is such a field, or a declaration.
    pub(crate) fn has_unknown(&self, schema: &KindSchema) -> bool {
        self.layers.iter().flat_map(|layer| &layer.body.members).any(|member| match member {
            Member::Field(setting) => !schema.fields.iter().any(|field| field.name == setting.name.text),
            Member::Decl(decl) => decl.name.is_none(),
            Member::Override(_) | Member::Statement(_) => false,
        })
    }

    /// Where `field` of `kind` is set under a name that `schema` does not know.
    pub(crate) fn misspelt(&self, kind: &str, field: &str, schema: &KindSchema) -> Option<Span> {
        let is_known = |name: &str| schema.fields.iter().any(|field| field.name == name);
        let is_meant = |name: &str| {
            let known: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
            errors::is_meant(kind, name, &known, field)
        };
        self.layers.iter().flat_map(|layer| &layer.body.members).find_map(|member| match member {
            Member::Field(setting) => {
                let name = setting.name.text.as_str();
                let is_it = !is_known(name) && is_meant(name);
                is_it.then_some(setting.span)
            }
            // A kind may have the name of a field: `role = "…"` and `role web { … }`.
            Member::Decl(decl) => (decl.kind.text == field && decl.name.is_none()).then_some(decl.span),
            Member::Override(_) | Member::Statement(_) => None,
        })
    }

    /// The statements of policies in it, the weakest first.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &'a Statement> {
        self.layers.iter().flat_map(|layer| &layer.body.members).filter_map(|member| match member {
            Member::Statement(statement) => Some(statement),
            Member::Field(_) | Member::Decl(_) | Member::Override(_) => None,
        })
    }

    fn decls(&self) -> impl Iterator<Item = &'a Decl> {
        self.layers.iter().flat_map(layer_decls)
    }

    /// The settings of `field` that apply in an environment of this `lineage`, the strongest first.
    ///
    /// A setting stays a hit when a stronger one hides it: it is what provenance calls a loser.
    pub(crate) fn hits(&self, field: &str, lineage: &[&str]) -> Vec<Hit<'a>> {
        let mut hits: Vec<Hit<'a>> = Vec::new();
        for layer in &self.layers {
            for member in &layer.body.members {
                let Member::Field(setting) = member else { continue };
                if setting.name.text != field {
                    continue;
                }
                let context = setting.context.as_ref().or(layer.context);
                if let Some(nearness) = nearness(context, lineage) {
                    let strength = (layer.depth, nearness);
                    hits.push(Hit { setting, strength, is_override: context.is_some() });
                }
            }
        }
        // The sort is stable: equally strong hits keep their order.
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.strength));
        hits
    }
}

fn hash(heading: Heading<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    heading.hash(&mut hasher);
    hasher.finish()
}

fn layer_decls<'a>(layer: &Layer<'a>) -> impl Iterator<Item = &'a Decl> + use<'a> {
    layer.body.members.iter().filter_map(|member| match member {
        Member::Decl(decl) => Some(decl),
        Member::Field(_) | Member::Override(_) | Member::Statement(_) => None,
    })
}

/// The names of a context.
fn names(context: &Context) -> impl Iterator<Item = &str> {
    context.names.iter().map(|name| name.text.as_str())
}

/// Adds the environments and envtypes that the overrides in `body` name, at any depth.
fn contexts_in<'a>(body: &'a Body, found: &mut BTreeSet<&'a str>) {
    for member in &body.members {
        match member {
            Member::Field(setting) => found.extend(setting.context.iter().flat_map(names)),
            Member::Decl(decl) => contexts_in(&decl.body, found),
            Member::Override(inner) => {
                found.extend(names(&inner.context));
                contexts_in(&inner.body, found);
            }
            Member::Statement(_) => {}
        }
    }
}

/// How specific a context is in an environment of `lineage`: 0 without a context, larger the nearer it is; absent
/// if the context does not apply.
fn nearness(context: Option<&Context>, lineage: &[&str]) -> Option<usize> {
    let Some(context) = context else { return Some(0) };
    let place = lineage.iter().position(|name| context.names.iter().any(|named| named.text == *name))?;
    Some(lineage.len() - place)
}

/// The hits that make up the value, in the order they are joined: the strongest `=`, then every stronger `+=`. The
/// flag is set if there is no `=`, so that the default comes first.
pub(crate) fn winners<'a>(hits: &[Hit<'a>]) -> (bool, Vec<&'a Setting>) {
    let base = hits.iter().position(|hit| hit.setting.op == Op::Set);
    let used = base.map_or(hits, |at| hits.get(..=at).unwrap_or(hits));
    (base.is_none(), used.iter().rev().map(|hit| hit.setting).collect())
}

#[cfg(test)]
mod tests;
