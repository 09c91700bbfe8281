//! The reference of the library, as data: the declarations in its files, with their documentation.

use std::sync::Arc;

use asiaq_lang::ast::{Decl, FieldDecl, File, Item, KindDecl, Member, Op};
use asiaq_lang::{SourceMap, parse};
use serde::Serialize;

use crate::library;
use crate::schema::{FieldSchema, Schemas};

/// Everything the library declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The kinds, in order of name.
    pub kinds: Vec<KindPage>,
    /// The templates a project may `use`, in order of path.
    pub templates: Vec<TemplatePage>,
    /// The regions AWS has, in order of name, each with the letters of its zones.
    pub regions: Vec<(String, String)>,
}

/// A kind of declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindPage {
    /// Name.
    pub name: String,
    /// Documentation as Markdown, without the programs.
    pub docs: String,
    /// The smallest useful program that declares one.
    pub start: Option<String>,
    /// A program that declares one and sets every field of it.
    pub example: Option<String>,
    /// Kinds that may contain it; empty if it is declared at the top of a file.
    pub parents: Vec<String>,
    /// Kinds that stand in it, in order of name.
    pub children: Vec<String>,
    /// Its fields, in order of declaration.
    pub fields: Vec<FieldPage>,
}

/// A field of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldPage {
    /// Name.
    pub name: String,
    /// Documentation as Markdown.
    pub docs: String,
    /// Its type as the library writes it, as in `[Rule]`.
    #[serde(rename = "type")]
    pub ty: String,
    /// Its type in words.
    pub form: String,
    /// Whether a declaration has to say it.
    pub required: bool,
    /// Default value, as the library writes it.
    pub default: Option<String>,
    /// Smallest and largest legal value, as the library writes them.
    pub bounds: Option<String>,
    /// A setting of it in the kind's example.
    pub example: Option<String>,
}

/// A template: declarations that a project may inherit from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TemplatePage {
    /// The path after `use`.
    pub path: String,
    /// Documentation as Markdown.
    pub docs: String,
    /// Its text.
    pub text: String,
}

impl Reference {
    /// Reads the library.
    pub fn of_library() -> Self {
        let mut sources = SourceMap::default();
        let mut files: Vec<Arc<File>> = Vec::new();
        for (path, text) in library::schemas() {
            let file = sources.add(path, text);
            files.push(Arc::new(parse(file, text).tree));
        }
        let schemas = Schemas::read(&files);
        let items = files.iter().flat_map(|file| &file.items);
        let declared = items.filter_map(|item| match item {
            Item::Kind(kind) => Some(kind),
            Item::Use(_) | Item::Let(_) | Item::Decl(_) | Item::Expect(_) | Item::Moved(_) => None,
        });
        let mut kinds: Vec<KindPage> = declared.map(|kind| kind_page(&sources, &schemas, kind)).collect();
        kinds.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            kinds,
            templates: library::templates().filter_map(template_page).collect(),
            regions: library::regions()
                .iter()
                .map(|(name, zones)| ((*name).to_owned(), letters(zones)))
                .collect(),
        }
    }

    /// The kind `name`.
    pub fn kind(&self, name: &str) -> Option<&KindPage> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}

/// The letters that end the names of zones.
fn letters(zones: &[String]) -> String {
    zones.iter().filter_map(|zone| zone.chars().last()).collect()
}

fn kind_page(sources: &SourceMap, schemas: &Schemas, kind: &KindDecl) -> KindPage {
    let (docs, mut programs) = without_programs(&kind.docs);
    let example = programs.pop();
    let settings = example.as_deref().map(|text| settings(text, &kind.name.text)).unwrap_or_default();
    let field = |field: &FieldDecl| field_page(sources, schemas, kind, field, &settings);
    KindPage {
        name: kind.name.text.clone(),
        docs,
        start: programs.pop(),
        parents: schemas.parents_of(&kind.name.text).map(str::to_owned).collect(),
        children: schemas.allowed_in(Some(&kind.name.text)).map(str::to_owned).collect(),
        fields: kind.fields.iter().map(field).collect(),
        example,
    }
}

fn field_page(
    sources: &SourceMap,
    schemas: &Schemas,
    kind: &KindDecl,
    field: &FieldDecl,
    settings: &[(String, String)],
) -> FieldPage {
    let schema = schemas.kind(&kind.name.text).and_then(|kind| kind.field(&field.name.text));
    let written = |span| sources.slice(span).to_owned();
    let example = settings.iter().find(|(name, _)| *name == field.name.text);
    FieldPage {
        name: field.name.text.clone(),
        docs: field.docs.join("\n"),
        ty: written(field.ty.span),
        form: schema.map(|schema| schema.ty.to_string()).unwrap_or_default(),
        required: schema.is_some_and(FieldSchema::is_required),
        default: field.default.as_ref().map(|value| written(value.span)),
        bounds: field.bounds.as_ref().map(|value| written(value.span)),
        example: example.map(|(_, text)| text.clone()),
    }
}

fn template_page(path: &str) -> Option<TemplatePage> {
    let text = library::template(path)?;
    let tree = parse(asiaq_lang::FileId::default(), text).tree;
    // The comment at the head of the file, or else the documentation of its first declaration.
    let head = text.lines().take_while(|line| line.starts_with("// "));
    let head: Vec<&str> = head.filter_map(|line| line.strip_prefix("// ")).collect();
    let first = tree.items.iter().find_map(|item| match item {
        Item::Decl(decl) => Some(decl.docs.join("\n")),
        Item::Let(found) => Some(found.docs.join("\n")),
        Item::Use(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
    });
    let docs = Some(head.join("\n")).filter(|head| !head.is_empty()).or(first);
    Some(TemplatePage { path: path.to_owned(), docs: docs.unwrap_or_default(), text: text.to_owned() })
}

/// Documentation without its fenced programs, and the programs.
fn without_programs(docs: &[String]) -> (String, Vec<String>) {
    let mut prose: Vec<&str> = Vec::new();
    let mut programs: Vec<String> = Vec::new();
    let mut is_program = false;
    for line in docs {
        match (is_fence(line), is_program) {
            (true, false) => programs.push(String::new()),
            (true, true) => {}
            (false, false) => prose.push(line),
            (false, true) => {
                if let Some(program) = programs.last_mut() {
                    program.extend([line, "\n"]);
                }
            }
        }
        is_program ^= is_fence(line);
    }
    (prose.join("\n").trim_end().to_owned(), programs)
}

/// Documentation up to the end of its first program.
pub(crate) fn introduction(docs: &[String]) -> String {
    let fences = docs.iter().enumerate().filter(|(_, line)| is_fence(line)).map(|(at, _)| at);
    let end = fences.take(2).last().map_or(docs.len(), |last| last + 1);
    docs.iter().take(end).cloned().collect::<Vec<_>>().join("\n")
}

fn is_fence(line: &str) -> bool {
    line.starts_with("```")
}

/// The settings in declarations of `kind` in a program: field, and the setting as it is written. A
/// declaration with a value, as a peering, sets the field `value`.
fn settings(text: &str, kind: &str) -> Vec<(String, String)> {
    let mut sources = SourceMap::default();
    let file = sources.add("example", text);
    let tree = parse(file, text).tree;
    let mut found = Vec::new();
    let mut waiting: Vec<&Decl> = tree
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Decl(decl) => Some(decl),
            Item::Use(_) | Item::Let(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => None,
        })
        .collect();
    while let Some(decl) = waiting.pop() {
        let is_one = decl.kind.text == kind;
        if is_one && decl.value.is_some() {
            found.push(("value".to_owned(), sources.slice(decl.span).to_owned()));
        }
        for member in &decl.body.members {
            match member {
                Member::Decl(inner) => waiting.push(inner),
                Member::Field(setting) if is_one => {
                    let heading = setting
                        .context
                        .as_ref()
                        .map_or(setting.name.span, |at| setting.name.span.to(at.span));
                    let op = match setting.op {
                        Op::Set => "=",
                        Op::Append => "+=",
                    };
                    // The program's own may be aligned with its neighbours.
                    let (heading, value) = (sources.slice(heading), sources.slice(setting.value.span));
                    found.push((setting.name.text.clone(), format!("{heading} {op} {}", outdented(value))));
                }
                Member::Field(_) | Member::Override(_) | Member::Statement(_) => {}
            }
        }
    }
    found
}

/// A setting of several lines without its indentation, which is taken from its last line.
fn outdented(text: &str) -> String {
    let depth = text.lines().last().map_or(0, |last| last.len() - last.trim_start().len());
    let lines = text.lines().enumerate().map(|(at, line)| match at {
        0 => line,
        _ => line.get(depth.min(line.len() - line.trim_start().len())..).unwrap_or(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Files, Workspace, check};

    struct Example(String);

    impl Files for Example {
        fn read(&self, path: &str) -> Result<String, String> {
            match path {
                "infra.asq" => Ok(self.0.clone()),
                "legacy.json" => Ok(r#"{ "Version": "2012-10-17", "Statement": [
                    { "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }
                ] }"#
                    .to_owned()),
                "okta.xml" => Ok(format!("<EntityDescriptor>{}</EntityDescriptor>", "x".repeat(1000))),
                _ => Err("there is only one file".to_owned()),
            }
        }
    }

    #[test]
    fn everything_is_documented() {
        for kind in Reference::of_library().kinds {
            assert!(!kind.docs.is_empty(), "{}", kind.name);
            for field in &kind.fields {
                assert!(!field.docs.is_empty(), "{}.{}", kind.name, field.name);
            }
        }
    }

    fn diagnostics(program: String) -> Vec<asiaq_lang::Diagnostic> {
        check(Workspace::load(&["infra.asq".to_owned()], &Example(program)).unwrap()).diagnostics
    }

    #[test]
    fn every_kind_has_a_sound_example_that_sets_every_field() {
        for kind in Reference::of_library().kinds {
            let text = kind.example.unwrap_or_else(|| panic!("`{}` has no example", kind.name));
            assert_eq!(diagnostics(text), [], "{}", kind.name);
            for field in kind.fields {
                assert!(field.example.is_some(), "the example of `{}` sets no `{}`", kind.name, field.name);
            }
        }
    }

    /// It is a whole program, formatted, sound and without a warning, and fits on a screen.
    #[test]
    fn every_kind_begins_with_a_small_sound_example() {
        for kind in Reference::of_library().kinds {
            let text = kind.start.unwrap_or_else(|| panic!("`{}` has no small example", kind.name));
            assert!(text.lines().count() <= 16, "{}", kind.name);
            assert!(text.len() < kind.example.unwrap().len(), "{}", kind.name);
            let is_declared = text.split([' ', '\n']).any(|word| word == kind.name);
            assert!(is_declared, "{}: {text}", kind.name);
            assert_eq!(asiaq_lang::format(&text), text, "{}", kind.name);
            assert_eq!(diagnostics(text), [], "{}", kind.name);
        }
    }

    #[test]
    fn an_introduction_ends_with_the_first_program() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let docs = lines("a\n\n```asq\nb\n```\n\n```asq\nc\n```");
        assert_eq!(introduction(&docs), "a\n\n```asq\nb\n```");
        assert_eq!(introduction(&lines("a\nb")), "a\nb");
        assert_eq!(without_programs(&docs), ("a".to_owned(), vec!["b\n".to_owned(), "c\n".to_owned()]));
    }

    #[test]
    fn an_example_stands_at_the_left_margin() {
        assert_eq!(outdented("routes = [\n      a\n      b\n    ]"), "routes = [\n  a\n  b\n]");
        assert_eq!(outdented("zones = 3"), "zones = 3");
    }
}
