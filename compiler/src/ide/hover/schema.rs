//! Hovers for kinds and fields: the documentation from the library, and the value of a field.

use asiaq_lang::ast::{FieldDecl, Item, KindDecl};

use super::docs;
use crate::ide::index::gather::shared_kind;
use crate::ide::values::Path;
use crate::ide::{Analysis, markdown};
use crate::reference::introduction;
use crate::schema::FieldSchema;

impl Analysis {
    /// The declaration of a kind in the library.
    pub(in crate::ide) fn kind_decl(&self, name: &str) -> Option<&KindDecl> {
        self.workspace.files.iter().flat_map(|file| &file.items).find_map(|item| match item {
            Item::Kind(kind) if kind.name.text == name => Some(kind),
            Item::Kind(_)
            | Item::Use(_)
            | Item::Let(_)
            | Item::Decl(_)
            | Item::Expect(_)
            | Item::Moved(_) => None,
        })
    }

    /// The declaration of a field in the library.
    pub(in crate::ide) fn field_decl(&self, kind: &str, field: &str) -> Option<&FieldDecl> {
        self.kind_decl(shared_kind(kind))?.fields.iter().find(|found| found.name.text == field)
    }

    pub(super) fn kind_text(&self, kind: &str) -> String {
        let Some(decl) = self.kind_decl(kind) else { return String::new() };
        let parents: Vec<&str> = decl.parents.iter().map(|parent| parent.text.as_str()).collect();
        let title = match parents.as_slice() {
            [] => format!("kind {kind}"),
            parents => format!("kind {kind} in {}", parents.join(", ")),
        };
        let fields = self.schemas.kind(kind).map_or(&[][..], |schema| &schema.fields);
        let rows: Vec<[String; 3]> = fields
            .iter()
            .map(|field| [markdown::code(&field.name), field.ty.to_string(), self.unsaid(kind, field)])
            .collect();
        let fields = match rows.as_slice() {
            [] => String::new(),
            rows => markdown::table(["Field", "Takes", "Unless said"], rows),
        };
        markdown::paragraphs([markdown::program(&title), introduction(&decl.docs), fields])
    }

    pub(super) fn field_text(&self, kind: &str, field: &str, path: Option<&Path>) -> String {
        let Some(decl) = self.field_decl(kind, field) else { return String::new() };
        let Some(schema) = self.schemas.kind(kind).and_then(|schema| schema.field(field)) else {
            return String::new();
        };
        let title = markdown::program(self.sources().slice(decl.span));
        let bounds = schema.bounds.as_ref().map_or_else(String::new, |bounds| {
            format!(", within {}", markdown::code(self.sources().slice(bounds.span)))
        });
        let unless = match self.unsaid(kind, schema).as_str() {
            "" => String::new(),
            "required" => ", has to be said".to_owned(),
            default => format!(", {default} unless said"),
        };
        let takes = format!("Takes {}{bounds}{unless}.", schema.ty);
        let values = path.map_or_else(String::new, |path| self.values_text(path));
        markdown::paragraphs([title, docs(&decl.docs), takes, values])
    }

    /// The default of a field, or whether it is required.
    fn unsaid(&self, kind: &str, field: &FieldSchema) -> String {
        if field.is_required() {
            return "required".to_owned();
        }
        self.default_of(kind, &field.name).map_or_else(String::new, |default| markdown::code(&default))
    }
}
