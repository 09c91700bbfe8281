//! The texts of files that values name, `file "boot.sh"`, and the folders: `dir "root"`.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::ast::{Body, Decl, Expr, ExprKind, File, Item, Member, StringPart};
use asiaq_lang::{FileId, SourceMap};

/// Bytes of the longest text: user data is at most 16 KB when it is compressed.
const LONGEST: usize = 1 << 20;

/// A text, or why it cannot be read.
type Text = Result<Arc<str>, String>;

/// The texts of files and the folders that values name, by the file of the program that names them, and by the path in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    files: BTreeMap<(FileId, String), (Text, Option<FileId>)>,
    /// The path of each folder as the commands see it, or why there is none.
    folders: BTreeMap<(FileId, String), Result<String, String>>,
}

/// What a value names beside the program.
enum Beside {
    /// `file "boot.sh"`.
    File(String),
    /// `dir "root"`.
    Folder(String),
}

impl Texts {
    /// Reads the files that values in `trees` name, each once. `path_of` is the path that is written as its second
    /// argument in the file that is its first; `read` is the text there, or why it cannot be read; `folder` says why there
    /// is no folder there. JSON and YAML documents are added to `sources`, because mistakes in them are shown at their
    /// place.
    pub(crate) fn read(
        sources: &mut SourceMap,
        trees: &[Arc<File>],
        path_of: impl Fn(&str, &str) -> String,
        read: impl Fn(&str) -> Result<String, String>,
        folder: impl Fn(&str) -> Result<(), String>,
    ) -> Self {
        let mut texts = Self::default();
        let mut known: BTreeMap<String, (Text, Option<FileId>)> = BTreeMap::new();
        for tree in trees {
            let mut named = Vec::new();
            tree.items.iter().for_each(|item| of_item(item, &mut named));
            for name in named {
                let name = match name {
                    Beside::File(name) => name,
                    Beside::Folder(name) => {
                        let path = path_of(sources.path(tree.file), &name);
                        let found = folder(&path).map(|()| path);
                        texts.folders.insert((tree.file, name), found);
                        continue;
                    }
                };
                let path = path_of(sources.path(tree.file), &name);
                let text = known.entry(path).or_insert_with_key(|path| {
                    let text = checked(path, read(path));
                    let has_places = path.to_ascii_lowercase().ends_with(".json") || is_yaml(path);
                    let source =
                        text.as_ref().ok().filter(|_| has_places).map(|text| sources.add(path, &**text));
                    (text, source)
                });
                texts.files.insert((tree.file, name), text.clone());
            }
        }
        texts
    }

    /// The text of the file that is written as `path` in file `base`.
    pub(crate) fn get(&self, base: FileId, path: &str) -> Option<&Text> {
        self.files.get(&(base, path.to_owned())).map(|(text, _)| text)
    }

    /// The JSON or YAML document that is written as `path` in file `base`, as a file of the sources.
    pub(crate) fn source(&self, base: FileId, path: &str) -> Option<FileId> {
        self.files.get(&(base, path.to_owned()))?.1
    }

    /// The folder that is written as `path` in file `base`, by its path for commands, or why there is none.
    pub(crate) fn folder(&self, base: FileId, path: &str) -> Option<&Result<String, String>> {
        self.folders.get(&(base, path.to_owned()))
    }
}

/// Whether a path says that the file is YAML.
pub(crate) fn is_yaml(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    [".yaml", ".yml"].iter().any(|end| lower.ends_with(end))
}

fn checked(path: &str, text: Result<String, String>) -> Text {
    let text = text?;
    if text.len() > LONGEST {
        return Err(format!("`{path}` is larger than 1 MB"));
    }
    Ok(text.into())
}

fn of_item(item: &Item, into: &mut Vec<Beside>) {
    match item {
        Item::Let(found) => of_value(&found.value, into),
        Item::Decl(decl) => of_decl(decl, into),
        Item::Use(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => {}
    }
}

fn of_decl(decl: &Decl, into: &mut Vec<Beside>) {
    decl.value.iter().for_each(|value| of_value(value, into));
    of_body(&decl.body, into);
}

fn of_body(body: &Body, into: &mut Vec<Beside>) {
    for member in &body.members {
        match member {
            Member::Field(setting) => of_value(&setting.value, into),
            Member::Decl(decl) => of_decl(decl, into),
            Member::Override(found) => of_body(&found.body, into),
            Member::Statement(statement) => statement.parts().for_each(|part| of_value(part, into)),
        }
    }
}

fn of_value(value: &Expr, into: &mut Vec<Beside>) {
    if let ExprKind::Phrase(word, path) = &value.kind
        && let ExprKind::String(parts) = &path.kind
        && let [StringPart::Text(path)] = parts.as_slice()
    {
        match word.text.as_str() {
            "file" => into.push(Beside::File(path.clone())),
            "dir" => into.push(Beside::Folder(path.clone())),
            _ => {}
        }
    }
    value.parts().into_iter().for_each(|part| of_value(part, into));
}
