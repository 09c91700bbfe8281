//! Declarations of the project's own that nothing comes of.

use std::collections::BTreeSet;

use asiaq_lang::Diagnostic;
use asiaq_lang::ast::{Decl, Item};

use super::Project;
use crate::errors;
use crate::library::kinds;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let own = |span: asiaq_lang::Span| project.is_own(span.file);
    if project.names.lets().any(|(_, found)| own(found.span)) {
        let is_mentioned = |name: &str| project.mentions().any(|(_, names)| names.contains(name));
        let lets = project.names.lets().map(|(_, found)| found).filter(|found| own(found.span));
        let unused = lets.filter(|found| !is_mentioned(&found.name.text));
        found.extend(unused.map(|found| errors::unused_let(&found.name, project.removal(found.span))));
    }
    let decls: Vec<&Decl> = project
        .files
        .iter()
        .flat_map(|file| &file.items)
        .filter_map(|item| match item {
            Item::Decl(decl) => Some(decl),
            Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
        })
        .collect();
    let parents = |of: &'static [&'static str]| -> BTreeSet<&str> {
        let heirs = decls.iter().filter(|decl| of.contains(&decl.kind.text.as_str()));
        heirs.filter_map(|decl| Some(decl.parent.as_ref()?.text.as_str())).collect()
    };
    let (types, classes) = (parents(&[kinds::ENV, kinds::ENVTYPE]), parents(&[kinds::HOSTCLASS]));
    let present: BTreeSet<&str> =
        project.model.environments.iter().flat_map(|env| &env.hosts).map(|host| host.name.as_str()).collect();
    for decl in decls.into_iter().filter(|decl| own(decl.span)) {
        let Some(name) = &decl.name else { continue };
        match decl.kind.text.as_str() {
            kinds::ENVTYPE if !types.contains(name.text.as_str()) => found.push(errors::unused_envtype(name)),
            kinds::HOSTCLASS
                if !classes.contains(name.text.as_str()) && !present.contains(name.text.as_str()) =>
            {
                found.push(errors::unused_hostclass(name));
            }
            _ => {}
        }
    }
}
