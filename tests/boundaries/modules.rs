//! Which module uses which within a crate: no circles, and no module uses one above it.
//!
//! A module uses the modules that its paths name. Three kinds of paths do not count: those to a parent module, since
//! a child is part of it; re-exports, since they only publish an item; and those of tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::source::{Import, Source};

/// The roots of the crates.
const CRATES: &[&str] = &[
    "compiler/iam/src/lib.rs",
    "compiler/import/src/lib.rs",
    "compiler/ir/src/lib.rs",
    "compiler/src/lib.rs",
    "lang/src/lib.rs",
    "runtime/aws/src/lib.rs",
    "runtime/src/lib.rs",
    "src/main.rs",
];

/// Modules, each with the modules above it that it must not use.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("compiler/src/reach", &["compiler/src/model", "compiler/src/check", "compiler/src/ide"]),
    ("compiler/src/graph_svg", &["compiler/src/model", "compiler/src/check", "compiler/src/ide"]),
    ("compiler/src/model", &["compiler/src/lower", "compiler/src/check", "compiler/src/ide"]),
    ("compiler/src/lower", &["compiler/src/check", "compiler/src/warnings", "compiler/src/ide"]),
    ("compiler/src/warnings", &["compiler/src/check", "compiler/src/ide"]),
    ("runtime/src/graph", &["runtime/src/apply", "runtime/src/lease"]),
    ("runtime/src/plan", &["runtime/src/apply"]),
    ("src/engine", &["src/commands", "src/lsp"]),
    ("src/lsp", &["src/commands", "src/engine", "src/ui"]),
    ("src/ui", &["src/commands", "src/engine", "src/lsp"]),
];

/// The files of a crate by their path without `.rs`, as in `compiler/src/reach/words`.
#[derive(Debug, Default)]
struct Crate {
    root: String,
    files: BTreeMap<String, Source>,
}

/// For each module those it uses, each with the items it uses of them.
type Uses = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

impl Crate {
    /// Reads the crate whose root file is at `path` below `folder`.
    fn read(folder: &Path, path: &str) -> Self {
        let root = path.rsplit_once('/').unwrap().0.to_owned();
        let mut files = BTreeMap::new();
        let mut waiting = vec![(root.clone(), path.to_owned())];
        while let Some((module, path)) = waiting.pop() {
            let text = std::fs::read_to_string(folder.join(&path)).unwrap_or_else(|e| panic!("{path}: {e}"));
            let source = Source::read(&text);
            waiting.extend(source.children.iter().map(|child| {
                let module = format!("{module}/{child}");
                let path = format!("{module}.rs");
                (module, path)
            }));
            files.insert(module, source);
        }
        Self { root, files }
    }

    /// The module that `path` names within `module`, and what it names in that; nothing for another crate.
    fn target<'p>(&self, module: &str, path: &'p [String]) -> Option<(String, &'p [String])> {
        let (first, rest) = path.split_first()?;
        let source = &self.files[module];
        match first.as_str() {
            "crate" => Some(self.below(self.root.clone(), rest)),
            "self" => Some(self.below(module.to_owned(), rest)),
            "super" => {
                let supers = path.iter().take_while(|word| *word == "super").count();
                let parent = module.rsplitn(supers + 1, '/').last()?.to_owned();
                Some(self.below(parent, &path[supers..]))
            }
            child if source.children.contains(child) => Some(self.below(module.to_owned(), path)),
            name => {
                let is_meant =
                    |import: &&Import| import.name.as_deref() == Some(name) && import.path[0] != name;
                let (module, item) = self.target(module, &source.imports.iter().find(is_meant)?.path)?;
                // A path that goes on from an imported item is of that item.
                item.is_empty().then(|| self.below(module, rest))
            }
        }
    }

    /// The innermost module that `path` names below `module`, and the rest of the path.
    fn below<'p>(&self, mut module: String, mut path: &'p [String]) -> (String, &'p [String]) {
        while let Some((name, rest)) = path.split_first()
            && self.files[&module].children.contains(name)
        {
            module = format!("{module}/{name}");
            path = rest;
        }
        (module, path)
    }

    /// Which module uses which.
    fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (module, source) in &self.files {
            let imports = source.imports.iter().filter(|import| !import.is_public);
            let imports = imports.map(|import| (&import.path, import.name.is_none()));
            for (path, is_glob) in imports.chain(source.paths.iter().map(|path| (path, false))) {
                let Some((target, item)) = self.target(module, path) else { continue };
                // An imported module is used where a path begins with its name.
                let is_use = is_glob || !item.is_empty();
                if is_use && *module != target && !module.starts_with(&format!("{target}/")) {
                    let names = uses.entry(module.clone()).or_default().entry(target).or_default();
                    names.insert(item.join("::"));
                }
            }
        }
        uses
    }
}

/// The files that use each other in a circle, with what ties them; empty where there are none.
fn circles(uses: &Uses) -> Vec<String> {
    let behind: BTreeMap<&str, BTreeSet<&str>> =
        uses.keys().map(|file| (file.as_str(), reachable(uses, file))).collect();
    let mut circles: BTreeSet<Vec<&str>> = BTreeSet::new();
    for (file, used) in behind.iter().filter(|(file, used)| used.contains(*file)) {
        let is_back = |other: &&&str| behind.get(**other).is_some_and(|used| used.contains(file));
        circles.insert(used.iter().filter(is_back).copied().collect());
    }
    circles.into_iter().map(|files| described(uses, &files)).collect()
}

fn reachable<'u>(uses: &'u Uses, file: &str) -> BTreeSet<&'u str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![file];
    while let Some(file) = waiting.pop() {
        for used in uses.get(file).into_iter().flat_map(BTreeMap::keys) {
            if found.insert(used.as_str()) {
                waiting.push(used);
            }
        }
    }
    found
}

fn described(uses: &Uses, files: &[&str]) -> String {
    let mut text = String::new();
    for file in files {
        for (used, names) in uses[*file].iter().filter(|(used, _)| files.contains(&used.as_str())) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            writeln!(text, "{file} uses {used}: {}", names.join(", ")).unwrap();
        }
    }
    text
}

/// The uses that the table forbids.
fn upward(uses: &Uses) -> Vec<String> {
    let is_in = |file: &str, folder: &str| file == folder || file.starts_with(&format!("{folder}/"));
    let mut found = Vec::new();
    for (file, used) in uses {
        let above = FORBIDDEN.iter().filter(|(folder, _)| is_in(file, folder)).flat_map(|(_, above)| *above);
        let above: Vec<&&str> = above.collect();
        for (used, names) in used {
            if above.iter().any(|folder| is_in(used, folder)) {
                found.push(format!("{file} uses {used}: {names:?}"));
            }
        }
    }
    found
}

fn workspace() -> Vec<Uses> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    CRATES.iter().map(|root| Crate::read(folder, root).uses()).collect()
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let circles: Vec<String> = workspace().iter().flat_map(circles).collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn no_folder_uses_one_above_it() {
    let upward: Vec<String> = workspace().iter().flat_map(upward).collect();
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}
