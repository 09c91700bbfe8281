//! The names of the kinds, and the kinds that have each attribute.

use std::fmt::Write as _;
use std::io;

use asiaq_lang::ast::KindDecl;

use crate::library::{Library, mistake};

/// The attributes that a kind may have: as written in its `.asq`, constant, and meaning.
const ATTRIBUTES: &[(&str, &str, &str)] = &[
    ("active", "ACTIVE", "Kinds whose declarations have an effect without being named elsewhere."),
    (
        "addressed",
        "ADDRESSED",
        "Kinds that begin addresses of resources, beside the metanetworks of an environment.",
    ),
    ("block", "BLOCKS", "Kinds that are blocks of the declaration around them, and so have no name."),
    ("inheritable", "INHERITABLE", "Kinds whose declarations may inherit from another one."),
    (
        "repeatable",
        "REPEATABLE",
        "Kinds of which several declarations without a name are several things, in order.",
    ),
    ("statements", "STATEMENTS", "Kinds whose declarations may have statements of a policy."),
];

/// A constant for each kind, and a slice of kinds for each attribute.
pub(crate) fn constants(library: &Library) -> io::Result<String> {
    let mut code = String::new();
    for kind in &library.kinds {
        let name = &kind.decl.name.text;
        let _ = writeln!(code, "pub(crate) const {}: &str = {name:?};", constant(name));
    }
    let kinds = || library.kinds.iter().map(|kind| &kind.decl);
    for (attribute, constant, docs) in ATTRIBUTES {
        let having = kinds().filter(|kind| kind.attributes.iter().any(|has| has.name.text == *attribute));
        let having: Vec<&str> = having.map(|kind| kind.name.text.as_str()).collect();
        let _ = writeln!(code, "/// {docs}\npub(crate) const {constant}: &[&str] = &{having:?};");
    }
    let of_account = |kind: &&KindDecl| kind.parents.iter().any(|parent| parent.text == "account");
    let of_accounts: Vec<&str> = kinds().filter(of_account).map(|kind| kind.name.text.as_str()).collect();
    let _ = writeln!(
        code,
        "/// Kinds that are declared in accounts.\npub(crate) const OF_ACCOUNTS: &[&str] = &{of_accounts:?};"
    );
    let (mut templates, mut names) = (Vec::new(), Vec::new());
    for kind in kinds() {
        for attribute in &kind.attributes {
            let arguments: Vec<&str> = attribute.arguments.iter().map(|word| word.text.as_str()).collect();
            match (attribute.name.text.as_str(), arguments.as_slice()) {
                ("template", [of]) => templates.push((&kind.name.text, *of)),
                ("named", [_, ..]) => names.push((&kind.name.text, arguments)),
                (plain, []) if ATTRIBUTES.iter().any(|(known, ..)| *known == plain) => {}
                (other, _) => return Err(mistake(&kind.name.text, &format!("unknown attribute `{other}`"))),
            }
        }
    }
    let docs = "Kinds that are templates: each has the fields and blocks of the kind after it.";
    let _ = writeln!(code, "/// {docs}\npub(crate) const TEMPLATES: &[(&str, &str)] = &{templates:?};");
    for (kind, names) in names {
        let docs = format!("What a declaration of kind `{kind}` may be called.");
        let constant = constant(kind);
        let _ = writeln!(code, "/// {docs}\npub(crate) const {constant}_NAMES: &[&str] = &{names:?};");
    }
    Ok(code)
}

/// A name as that of a constant.
pub(crate) fn constant(name: &str) -> String {
    name.to_ascii_uppercase()
}
