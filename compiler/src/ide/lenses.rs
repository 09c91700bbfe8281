//! What an editor shows above declarations: who uses them, where they are overridden.

use asiaq_lang::ast::{Decl, Item, Member, Name};
use asiaq_lang::{FileId, Span};

use super::Analysis;
use super::index::{Role, Thing};
use crate::names::{Names, name_span};

/// Names in a title before "and more".
const NAMES: usize = 4;

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name it is about.
    pub span: Span,
    /// What it says.
    pub title: String,
    /// The places it speaks of; it leads there.
    pub targets: Vec<Span>,
}

impl Analysis {
    /// The lenses of a file, in order.
    pub fn lenses(&self, file: FileId) -> Vec<Lens> {
        let Some(tree) = self.tree(file) else { return Vec::new() };
        let names = self.names();
        let mut lenses = Vec::new();
        for item in &tree.items {
            match item {
                Item::Let(found) => lenses.extend(self.uses(&found.name)),
                Item::Decl(decl) => {
                    let Some(name) = &decl.name else { continue };
                    match decl.kind.text.as_str() {
                        "envtype" => {
                            lenses.push(envtype(&names, name));
                            self.overridden(&names, decl, &mut lenses);
                        }
                        "hostclass" => lenses.extend(self.hosts(name)),
                        _ => {}
                    }
                }
                Item::Use(_) | Item::Expect(_) | Item::Kind(_) => {}
            }
        }
        lenses
    }

    /// Who uses a `let`.
    fn uses(&self, name: &Name) -> Option<Lens> {
        let targets: Vec<Span> = self
            .index()
            .sites_of_thing(&Thing::Let(name.text.clone()))
            .filter(|site| site.role == Role::Reference)
            .map(|site| site.span)
            .collect();
        Some(Lens { span: name.span, title: counted("used", &targets), targets })
    }

    /// The environments that have a hostclass.
    fn hosts(&self, name: &Name) -> Option<Lens> {
        let envs = self.checked.model.environments.iter();
        let found = envs.filter(|env| env.hosts.iter().any(|host| host.name == name.text));
        let (names, targets): (Vec<&str>, Vec<Span>) = found.map(|env| (env.name.as_str(), env.span)).unzip();
        (!names.is_empty()).then(|| Lens {
            span: name.span,
            title: format!("in {}", listed(&names)),
            targets,
        })
    }

    /// The heirs of an envtype that say more about what it declares.
    fn overridden(&self, names: &Names<'_>, envtype: &Decl, lenses: &mut Vec<Lens>) {
        let Some(owner) = &envtype.name else { return };
        for member in &envtype.body.members {
            let Member::Decl(decl) = member else { continue };
            let Some(name) = &decl.name else { continue };
            let Some(site) = self.index().at(name.span.file, name.span.start) else { continue };
            let (who, targets): (Vec<&str>, Vec<Span>) = self
                .index()
                .alike(site)
                .filter(|other| other.role == Role::Declaration && other.span != name.span)
                .filter_map(|other| Some((self.index().owner(other)?, other.span)))
                .filter(|(heir, _)| names.lineage(heir).iter().skip(1).any(|above| *above == owner.text))
                .unzip();
            if !who.is_empty() {
                let title = format!("overridden in {}", listed(&who));
                lenses.push(Lens { span: name.span, title, targets });
            }
        }
    }
}

/// The environments of an envtype.
fn envtype(names: &Names<'_>, name: &Name) -> Lens {
    let envs = names.env_order.iter().filter(|env| names.lineage(env).contains(&name.text.as_str()));
    let targets: Vec<Span> = envs.filter_map(|env| names.get("env", env)).map(name_span).collect();
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
fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(NAMES).filter(|more| *more > 0) {
        Some(more) => format!("{shown} and {more} more"),
        None => shown,
    }
}
