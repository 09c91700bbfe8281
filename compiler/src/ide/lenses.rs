//! Code lenses above declarations: their uses and overrides.

mod reach;

use std::collections::BTreeMap;

use asiaq_lang::ast::{Decl, Item, Member, Name};
use asiaq_lang::{FileId, Span};

use self::reach::Reaches;
use super::Analysis;
use super::index::Role;
use crate::library::kinds;
use crate::names::{Names, is_environment, name_span};

/// Names in a title before "and more".
const NAMES: usize = 4;

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The declared name.
    pub span: Span,
    /// The text of the lens.
    pub title: String,
    /// The places that the lens leads to.
    pub targets: Vec<Span>,
}

impl Analysis {
    /// The lenses of a file, in order.
    pub fn lenses(&self, file: FileId) -> Vec<Lens> {
        let Some(tree) = self.tree(file) else { return Vec::new() };
        let names = self.names();
        let descent = Descent::of(&names);
        let mut reaches = Reaches::of(self);
        let mut lenses = Vec::new();
        for item in &tree.items {
            match item {
                Item::Let(found) => lenses.extend(self.uses(&found.name)),
                Item::Decl(decl) => {
                    let Some(name) = &decl.name else { continue };
                    match decl.kind.text.as_str() {
                        kinds::ENVTYPE => {
                            lenses.push(envtype(&names, &descent, name));
                            self.overridden(&descent, decl, &mut lenses);
                        }
                        kinds::HOSTCLASS => {
                            lenses.extend(self.hosts(name));
                            lenses.extend(reaches.hostclass(name));
                        }
                        _ => {}
                    }
                    if is_environment(&decl.kind.text) {
                        lenses.extend(decl.body.members.iter().filter_map(|member| match member {
                            Member::Decl(inner) if inner.kind.text == kinds::METANETWORK => {
                                reaches.lens(&name.text, inner.name.as_ref()?)
                            }
                            Member::Decl(_)
                            | Member::Field(_)
                            | Member::Override(_)
                            | Member::Statement(_) => None,
                        }));
                    }
                }
                Item::Use(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => {}
            }
        }
        lenses.sort_by_key(|lens| lens.span);
        lenses
    }

    /// The uses of a `let`.
    fn uses(&self, name: &Name) -> Option<Lens> {
        let index = self.index();
        let occurrence = index.at(name.span.file, name.span.start)?;
        let uses = index.alike(occurrence).filter(|occurrence| occurrence.role == Role::Reference);
        let targets: Vec<Span> = uses.map(|occurrence| occurrence.span).collect();
        Some(Lens { span: name.span, title: counted("used", &targets), targets })
    }

    /// The environments that have a hostclass.
    fn hosts(&self, name: &Name) -> Option<Lens> {
        let envs = self.checked.model.environments.iter();
        let found = envs.filter(|env| env.host(&name.text).is_some());
        let (names, targets): (Vec<&str>, Vec<Span>) = found.map(|env| (env.name.as_str(), env.span)).unzip();
        (!names.is_empty()).then(|| Lens {
            span: name.span,
            title: format!("in {}", shortened(&names)),
            targets,
        })
    }

    /// The environments and envtypes that override declarations of an envtype.
    fn overridden(&self, descent: &Descent<'_>, envtype: &Decl, lenses: &mut Vec<Lens>) {
        let Some(owner) = &envtype.name else { return };
        for member in &envtype.body.members {
            let Member::Decl(decl) = member else { continue };
            let Some(name) = &decl.name else { continue };
            let Some(occurrence) = self.index().at(name.span.file, name.span.start) else { continue };
            let (who, targets): (Vec<&str>, Vec<Span>) = self
                .index()
                .alike(occurrence)
                .filter(|other| other.role == Role::Declaration && other.span != name.span)
                .filter_map(|other| Some((self.index().owner(other)?, other.span)))
                .filter(|(heir, _)| *heir != owner.text && descent.is_of(heir, &owner.text))
                .unzip();
            if !who.is_empty() {
                let title = format!("overridden in {}", shortened(&who));
                lenses.push(Lens { span: name.span, title, targets });
            }
        }
    }
}

/// Each environment and envtype with its ancestors, itself included.
struct Descent<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Descent<'a> {
    fn of(names: &Names<'a>) -> Self {
        let all = names.of_kind(kinds::ENV).chain(names.of_kind(kinds::ENVTYPE));
        Self(all.map(|name| (name, names.lineage(name))).collect())
    }

    fn is_of(&self, heir: &str, ancestor: &str) -> bool {
        self.0.get(heir).is_some_and(|lineage| lineage.contains(&ancestor))
    }
}

/// The environments of an envtype.
fn envtype(names: &Names<'_>, descent: &Descent<'_>, name: &Name) -> Lens {
    let envs = names.env_order().iter().filter(|env| descent.is_of(env, &name.text));
    let targets: Vec<Span> = envs.filter_map(|env| names.get(kinds::ENV, env)).map(name_span).collect();
    let title = match targets.len() {
        0 => "no environment".to_owned(),
        1 => "1 environment".to_owned(),
        many => format!("{many} environments"),
    };
    Lens { span: name.span, title, targets }
}

fn counted(verb: &str, places: &[Span]) -> String {
    match places.len() {
        0 => format!("not {verb}"),
        1 => format!("{verb} once"),
        many => format!("{verb} {many} times"),
    }
}

/// The first few names.
fn shortened(names: &[&str]) -> String {
    let shown = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(NAMES).filter(|more| *more > 0) {
        Some(more) => format!("{shown} and {more} more"),
        None => shown,
    }
}
