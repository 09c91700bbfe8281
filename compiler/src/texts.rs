//! The texts of files that values name: `file "boot.sh"`.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::ast::{Body, Decl, Expr, ExprKind, File, Item, Member, StringPart};
use asiaq_lang::{FileId, SourceMap};

/// Bytes of the longest text: user data is at most 16 KB when it is compressed.
const LONGEST: usize = 1 << 20;

/// A text, or why it cannot be read.
type Text = Result<Arc<str>, String>;

/// Texts by the file of the program that names them, and by the path in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts(BTreeMap<(FileId, String), (Text, Option<FileId>)>);

impl Texts {
    /// Reads the files that values in `trees` name, each once. `path_of` is the path that is written as its second
    /// argument in the file that is its first; `read` is the text there, or why it cannot be read. JSON and YAML
    /// documents are added to `sources`, because mistakes in them are shown at their place.
    pub(crate) fn read(
        sources: &mut SourceMap,
        trees: &[Arc<File>],
        path_of: impl Fn(&str, &str) -> String,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Self {
        let mut texts = Self::default();
        let mut known: BTreeMap<String, (Text, Option<FileId>)> = BTreeMap::new();
        for tree in trees {
            let mut named = Vec::new();
            tree.items.iter().for_each(|item| of_item(item, &mut named));
            for name in named {
                let path = path_of(sources.path(tree.file), &name);
                let text = known.entry(path).or_insert_with_key(|path| {
                    let text = checked(path, read(path));
                    let has_places = path.to_ascii_lowercase().ends_with(".json") || is_yaml(path);
                    let source =
                        text.as_ref().ok().filter(|_| has_places).map(|text| sources.add(path, &**text));
                    (text, source)
                });
                texts.0.insert((tree.file, name), text.clone());
            }
        }
        texts
    }

    /// The text of the file that is written as `path` in file `base`.
    pub(crate) fn get(&self, base: FileId, path: &str) -> Option<&Text> {
        self.0.get(&(base, path.to_owned())).map(|(text, _)| text)
    }

    /// The JSON or YAML document that is written as `path` in file `base`, as a file of the sources.
    pub(crate) fn source(&self, base: FileId, path: &str) -> Option<FileId> {
        self.0.get(&(base, path.to_owned()))?.1
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

fn of_item(item: &Item, into: &mut Vec<String>) {
    match item {
        Item::Let(found) => of_value(&found.value, into),
        Item::Decl(decl) => of_decl(decl, into),
        Item::Use(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => {}
    }
}

fn of_decl(decl: &Decl, into: &mut Vec<String>) {
    decl.value.iter().for_each(|value| of_value(value, into));
    of_body(&decl.body, into);
}

fn of_body(body: &Body, into: &mut Vec<String>) {
    for member in &body.members {
        match member {
            Member::Field(setting) => of_value(&setting.value, into),
            Member::Decl(decl) => of_decl(decl, into),
            Member::Override(found) => of_body(&found.body, into),
            Member::Statement(statement) => statement.parts().for_each(|part| of_value(part, into)),
        }
    }
}

fn of_value(value: &Expr, into: &mut Vec<String>) {
    if let ExprKind::Phrase(word, path) = &value.kind
        && word.text == "file"
        && let ExprKind::String(parts) = &path.kind
        && let [StringPart::Text(path)] = parts.as_slice()
    {
        into.push(path.clone());
    }
    value.parts().into_iter().for_each(|part| of_value(part, into));
}
