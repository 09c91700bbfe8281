//! Used files of which nothing is needed.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::Diagnostic;
use asiaq_lang::ast::{File, Item, Use};

use super::Project;
use crate::errors;
use crate::library::kinds::ACTIVE;
use crate::workspace::beside;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let by_path: BTreeMap<&str, &File> =
        project.files.iter().map(|file| (project.sources.path(file.file), *file)).collect();
    for file in project.files.iter().filter(|file| project.is_own(file.file)) {
        let mut seen: BTreeMap<String, &Use> = BTreeMap::new();
        for used in uses(file) {
            let path = beside(project.sources.path(file.file), &used.path.text);
            if let Some(first) = seen.get(&path) {
                found.push(errors::repeated_use(&used.path, first.path.span, project.removal(used.span)));
            } else if let Some(target) = by_path.get(path.as_str())
                && !is_used(project, &by_path, file, target)
            {
                found.push(errors::unused_use(&used.path, project.removal(used.span)));
            }
            seen.entry(path).or_insert(used);
        }
    }
}

fn uses(file: &File) -> impl Iterator<Item = &Use> {
    file.items.iter().filter_map(|item| match item {
        Item::Use(used) => Some(used),
        Item::Let(_) | Item::Decl(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
    })
}

fn is_empty(file: &File) -> bool {
    file.items.is_empty()
}

/// Whether `target`, or a file that it uses, has an effect of its own or is named by another file.
fn is_used(project: &Project<'_>, by_path: &BTreeMap<&str, &File>, user: &File, target: &File) -> bool {
    let mut brought = BTreeSet::from([project.sources.path(target.file)]);
    let mut waiting = vec![target];
    while let Some(file) = waiting.pop() {
        let base = project.sources.path(file.file);
        for used in uses(file) {
            let next = by_path.get_key_value(beside(base, &used.path.text).as_str());
            if let Some((path, file)) = next
                && brought.insert(path)
            {
                waiting.push(file);
            }
        }
    }
    if brought.contains(project.sources.path(user.file)) {
        return true;
    }
    if brought.iter().all(|path| by_path.get(path).is_some_and(|file| project.is_own(file.file)))
        && !is_empty(target)
    {
        // Unused declarations in the project's own files have warnings of their own.
        return true;
    }
    let is_brought = |file: &&&File| brought.contains(project.sources.path(file.file));
    let mut declared: BTreeSet<&str> = BTreeSet::new();
    for item in project.files.iter().filter(is_brought).flat_map(|file| &file.items) {
        match item {
            Item::Decl(decl) if ACTIVE.contains(&decl.kind.text.as_str()) => return true,
            Item::Expect(_) | Item::Moved(_) => return true,
            Item::Decl(decl) => declared.extend(decl.name.as_ref().map(|name| name.text.as_str())),
            Item::Let(found) => {
                declared.insert(&found.name.text);
            }
            Item::Use(_) | Item::Kind(_) => {}
        }
    }
    let mut others = project.mentions().filter(|(file, _)| !is_brought(&file));
    others.any(|(_, names)| names.iter().any(|name| declared.contains(name)))
}
