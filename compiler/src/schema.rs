//! The kinds of the language, read from their declarations in the library.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use asiaq_lang::Span;
use asiaq_lang::ast::{Expr, File, Item, KindDecl};

use crate::library::kinds::TEMPLATES;
use crate::resolved::Resolved;
use crate::types::Ty;
use crate::value::Value;

/// Every kind, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schemas(BTreeMap<String, KindSchema>);

/// The fields and nested kinds that a declaration of a kind may have.
#[derive(Clone, Debug)]
pub(crate) struct KindSchema {
    pub(crate) name: String,
    /// Kinds it may be nested in; empty if it is declared at the top of a file.
    pub(crate) parents: Vec<String>,
    pub(crate) fields: Vec<FieldSchema>,
}

/// A field of a kind.
#[derive(Clone, Debug)]
pub(crate) struct FieldSchema {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) default: Option<Expr>,
    /// Smallest and largest legal value, where it has bounds.
    pub(crate) bounds: Option<Expr>,
    /// The name in its declaration.
    pub(crate) span: Span,
    /// Its name, as the fields of declarations share it.
    pub(crate) key: Arc<str>,
    /// Its value where nothing sets it, once it was evaluated. Absent if that depends on the environment.
    pub(crate) unset: OnceLock<Arc<Resolved<Value>>>,
}

impl FieldSchema {
    /// Whether a declaration must set it.
    pub(crate) fn is_required(&self) -> bool {
        self.default.is_none() && !matches!(self.ty, Ty::Optional(_))
    }
}

impl Schemas {
    /// Reads the `kind` items of `files`.
    pub(crate) fn read(files: &[Arc<File>]) -> Self {
        let decls: Vec<&KindDecl> = files
            .iter()
            .flat_map(|file| &file.items)
            .filter_map(|item| match item {
                Item::Kind(kind) => Some(kind),
                Item::Use(_) | Item::Let(_) | Item::Decl(_) | Item::Expect(_) | Item::Moved(_) => None,
            })
            .collect();
        let is_kind = |name: &str| decls.iter().any(|kind| kind.name.text == name);
        let mut kinds: BTreeMap<String, KindSchema> =
            decls.iter().map(|kind| (kind.name.text.clone(), read_kind(kind, &is_kind))).collect();
        for (template, real) in TEMPLATES {
            if let Some(fields) = kinds.get(*real).map(|kind| kind.fields.clone())
                && let Some(template) = kinds.get_mut(*template)
            {
                template.fields = fields;
            }
        }
        Self(kinds)
    }

    /// All kinds, in order of name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &KindSchema> {
        self.0.values()
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&KindSchema> {
        self.0.get(name)
    }

    /// Names of the kinds that may stand at the top of a file, or in a declaration of kind `parent`.
    pub(crate) fn allowed_in<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        self.0.values().filter(move |kind| kind.fits(parent)).map(|kind| kind.name.as_str())
    }

    /// Names of the kinds that may contain a declaration of kind `name`; empty if it is declared at the top of a
    /// file.
    pub(crate) fn parents_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let kind = self.kind(name);
        self.0
            .keys()
            .map(String::as_str)
            .filter(move |parent| kind.is_some_and(|kind| kind.fits(Some(parent))))
    }
}

impl KindSchema {
    pub(crate) fn field(&self, name: &str) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The type of the value in `KIND NAME = VALUE`, if declarations of the kind have a value and no body.
    pub(crate) fn value(&self) -> Option<&FieldSchema> {
        self.field("value").filter(|_| self.fields.len() == 1)
    }

    /// Whether it may stand at the top of a file, or in a declaration of kind `parent`.
    pub(crate) fn fits(&self, parent: Option<&str>) -> bool {
        match parent {
            None => self.parents.is_empty(),
            Some(parent) => {
                let real = TEMPLATES.iter().find(|(template, _)| *template == parent);
                let parent = real.map_or(parent, |(_, real)| real);
                self.parents.iter().any(|allowed| allowed == parent)
            }
        }
    }
}

fn read_kind(kind: &KindDecl, is_kind: &dyn Fn(&str) -> bool) -> KindSchema {
    KindSchema {
        name: kind.name.text.clone(),
        parents: kind.parents.iter().map(|parent| parent.text.clone()).collect(),
        fields: kind
            .fields
            .iter()
            .map(|field| FieldSchema {
                name: field.name.text.clone(),
                ty: Ty::of(&field.ty, is_kind).unwrap_or(Ty::Error),
                default: field.default.clone(),
                bounds: field.bounds.clone(),
                span: field.name.span,
                key: field.name.text.as_str().into(),
                unset: OnceLock::new(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use asiaq_lang::{SourceMap, parse};

    use super::*;
    use crate::library;

    fn library_schemas() -> Schemas {
        let mut sources = SourceMap::default();
        let files: Vec<Arc<File>> = library::schemas()
            .map(|(path, text)| {
                let parsed = parse(sources.add(path, text), text);
                assert_eq!(parsed.diagnostics, [], "{path}");
                Arc::new(parsed.tree)
            })
            .collect();
        Schemas::read(&files)
    }

    #[test]
    fn every_type_in_the_library_is_known() {
        for kind in library_schemas().0.values() {
            for field in &kind.fields {
                assert_ne!(field.ty, Ty::Error, "{}.{}", kind.name, field.name);
            }
        }
    }

    #[test]
    fn a_template_has_the_fields_of_what_it_is_a_template_for() {
        let schemas = library_schemas();
        assert!(schemas.kind("envtype").unwrap().field("cidr").is_some());
        assert!(schemas.kind("metanetwork").unwrap().fits(Some("envtype")));
        assert!(!schemas.kind("metanetwork").unwrap().fits(None));
    }
}
