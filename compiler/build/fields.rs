//! A struct for each kind, with the fields that its `.asq` declares.

use std::fmt::Write as _;
use std::io;

use asiaq_lang::ast::{Expr, FieldDecl, TypeExpr, TypeKind};

use crate::kinds::constant;
use crate::library::{Kind, Library, mistake};

/// How values of a type are represented: name in a schema, Rust type, function that takes one from a `Value`.
const TYPES: &[(&str, &str, &str)] = &[
    ("AccountId", "String", "text"),
    ("Address", "value::Address", "address"),
    ("Allocation", "value::Allocation", "allocation"),
    ("AmiId", "String", "text"),
    ("AwsPolicy", "String", "text"),
    ("Bool", "bool", "boolean"),
    ("Capacity", "value::Capacity", "capacity"),
    ("Class", "String", "text"),
    ("Condition", "value::Condition", "condition"),
    ("Credential", "String", "text"),
    ("DailyWindow", "value::Window", "window"),
    ("DatabaseName", "String", "text"),
    ("Dimensions", "BTreeMap<String, Spanned<String>>", "texts"),
    ("Domain", "String", "text"),
    ("Duration", "u64", "duration"),
    ("File", "value::TextFile", "file"),
    ("Folder", "String", "text"),
    ("InstanceType", "String", "text"),
    ("Int", "i64", "int"),
    ("Ip", "Ipv4Addr", "ip"),
    ("Listener", "value::Listener", "listener"),
    ("LogValue", "String", "text"),
    ("Metadata", "value::TextFile", "file"),
    ("NameServer", "value::NameServer", "name_server"),
    ("Nat", "value::Nat", "nat"),
    ("Number", "f64", "number"),
    ("Parameters", "BTreeMap<String, Spanned<String>>", "texts"),
    ("Percent", "f64", "number"),
    ("Port", "value::Ports", "ports"),
    ("PortRange", "value::Ports", "ports"),
    ("Principals", "value::Principal", "principal"),
    ("Region", "String", "text"),
    ("Reserve", "value::Reserve", "reserve"),
    ("Route", "value::Route", "route"),
    ("Rule", "value::Rule", "rule"),
    ("Script", "value::Script", "script"),
    ("SecretStore", "String", "text"),
    ("Size", "u64", "size"),
    ("Snapshot", "String", "text"),
    ("Source", "value::Source", "source"),
    ("Sticky", "value::Sticky", "sticky"),
    ("String", "String", "text"),
    ("Subscriber", "value::Subscriber", "subscriber"),
    ("Tags", "BTreeMap<String, Spanned<String>>", "tags"),
    ("Texts", "BTreeMap<String, Spanned<String>>", "texts"),
    ("UserData", "BTreeMap<String, Spanned<String>>", "texts"),
    ("Watched", "value::Watched", "watched"),
    ("Window", "value::Window", "window"),
];

/// Types whose value is a list, although they are written without brackets.
const LISTS: &[&str] = &["Principals", "Script", "Watched"];

/// The structs of all kinds that have fields. A kind with the one field `value` has a value in place of fields.
pub(crate) fn structs(library: &Library) -> io::Result<String> {
    let mut code = String::new();
    for kind in &library.kinds {
        let fields: Vec<&FieldDecl> = kind.decl.fields.iter().collect();
        match fields.as_slice() {
            [] => {}
            [only] if only.name.text == "value" => {}
            _ => code += &of_kind(kind)?,
        }
    }
    Ok(code)
}

fn of_kind(kind: &Kind) -> io::Result<String> {
    let name = &kind.decl.name.text;
    let of = pascal(name);
    let (mut fields, mut reads, mut names) = (String::new(), String::new(), String::new());
    for field in &kind.decl.fields {
        let field_name = &field.name.text;
        let ident = if field_name == "type" { "r#type" } else { field_name };
        let _ = writeln!(
            names,
            "    #[allow(dead_code)]\n    pub(crate) const {}: &str = {field_name:?};",
            constant(field_name)
        );
        if is_read_by_path(field) {
            continue;
        }
        for line in &field.docs {
            let _ = writeln!(fields, "    /// {line}");
        }
        let Reading { ty, read } = reading(field, &kind.text).ok_or_else(|| {
            mistake(name, &format!("`{field_name}` has a type or default without a Rust form"))
        })?;
        let _ = writeln!(fields, "    pub(crate) {ident}: {ty},");
        let _ = writeln!(reads, "            {ident}: {read},");
    }
    Ok(format!(
        "/// The fields of a declaration of kind `{name}`.\n\
         pub(crate) struct {of}Fields {{\n{fields}}}\n\n\
         impl {of}Fields {{\n{names}\n    \
         /// `site` is the place of the declaration, for what is set nowhere.\n    \
         #[allow(unused_variables)]\n    \
         pub(crate) fn of(fields: &Fields, site: Span) -> Self {{\n        Self {{\n{reads}        }}\n    }}\n}}\n\n"
    ))
}

/// Lowering reads `protect` of every kind by its path in the provenance.
fn is_read_by_path(field: &FieldDecl) -> bool {
    field.name.text == "protect" && matches!(field.ty.kind, TypeKind::Optional(_))
}

/// The type of a field in Rust, and the expression that reads it.
struct Reading {
    ty: String,
    read: String,
}

fn reading(field: &FieldDecl, text: &str) -> Option<Reading> {
    let name = &field.name.text;
    let (ty, is_optional) = match &field.ty.kind {
        TypeKind::Optional(inner) => (&**inner, true),
        TypeKind::Named(_) | TypeKind::List(_) | TypeKind::Enum(_) => (&field.ty, false),
    };
    let (item, is_list) = match &ty.kind {
        TypeKind::List(item) => (&**item, true),
        TypeKind::Named(name) => (ty, LISTS.contains(&name.as_str())),
        TypeKind::Enum(_) | TypeKind::Optional(_) => (ty, false),
    };
    let (rust, pick) = form(item)?;
    let (ty, read) = match (is_list, is_optional, &field.default) {
        (true, true, _) => (
            format!("Option<Resolved<Vec<Spanned<{rust}>>>>"),
            format!("fields.list({name:?}, Value::{pick})"),
        ),
        (true, false, _) => (
            format!("Resolved<Vec<Spanned<{rust}>>>"),
            format!("fields.items({name:?}, Value::{pick}, site)"),
        ),
        (false, false, Some(default)) => {
            let default = literal(rust, default, text)?;
            (format!("Resolved<{rust}>"), format!("fields.one_or({name:?}, Value::{pick}, {default}, site)"))
        }
        // A required field that is missing or broken has been reported.
        (false, _, _) => {
            (format!("Option<Resolved<{rust}>>"), format!("fields.one({name:?}, Value::{pick})"))
        }
    };
    Some(Reading { ty, read })
}

/// The Rust type of a value that is no list, and the function that takes it from a `Value`.
fn form(ty: &TypeExpr) -> Option<(&'static str, &'static str)> {
    match &ty.kind {
        TypeKind::Enum(_) => Some(("String", "text")),
        TypeKind::Named(name) => match TYPES.iter().find(|(known, ..)| known == name) {
            Some((_, rust, pick)) => Some((rust, pick)),
            // A reference to a declaration of that kind.
            None => name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(("String", "reference")),
        },
        TypeKind::List(_) | TypeKind::Optional(_) => None,
    }
}

/// The default of a field in Rust.
fn literal(rust: &str, default: &Expr, text: &str) -> Option<String> {
    let written = text.get(default.span.range())?;
    let digits = written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len());
    let (number, unit) = written.split_at(digits);
    match (rust, written) {
        ("bool", "true" | "false") => Some(written.to_owned()),
        ("i64", _) if unit.is_empty() => Some(written.to_owned()),
        ("u64", _) => {
            let factor = match unit {
                "s" | "GB" => 1,
                "m" => 60,
                "h" => 3600,
                "d" => 86_400,
                _ => return None,
            };
            Some((number.parse::<u64>().ok()? * factor).to_string())
        }
        ("f64", _) if unit == "%" => Some(format!("{number}.0")),
        ("String", _) if written.starts_with('"') => Some(format!("{written}.to_owned()")),
        ("String", _) => Some(format!("{written:?}.to_owned()")),
        ("value::Reserve", _) if unit == "%" => Some(format!("value::Reserve::Share({number}.0)")),
        ("value::Allocation", "auto") => Some("value::Allocation::Share".to_owned()),
        _ => None,
    }
}

/// `smoke_test` as `SmokeTest`.
fn pascal(name: &str) -> String {
    let upper = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(upper).collect()
}
