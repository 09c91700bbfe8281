//! The syntax that is expected at the cursor.

use super::cursor::{Cursor, Frame, Within};
use super::statements::is_identity;
use crate::library::kinds;
use crate::names::{is_account, is_environment};
use crate::reach::MachineKind;
use crate::schema::Schemas;
use crate::types::Ty;

/// Syntax that is expected at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Slot {
    /// A declaration.
    Top,
    /// A field or a declaration of a body.
    Member(Body),
    /// The name of a nested declaration.
    Name { kind: String, replaces: Replaces },
    /// A kind after `replace`.
    Nested,
    /// The parent of a declaration of this kind.
    Parent(String),
    /// An environment or envtype.
    Environment,
    /// The same, or an account or accounttype.
    Expected,
    /// The path of a file.
    Use,
    /// A type.
    Type,
    /// A value.
    Value(Ty),
    /// An item of a list.
    Item(Ty),
    /// Ports, or `from`.
    AfterProtocol(String),
    /// One of these words.
    Word(&'static [&'static str]),
    /// The start of a side of a listener.
    Side,
    /// Five fields of a time.
    Time,
    /// A statistic in a condition.
    Statistic,
    /// The target of a route.
    Target,
    /// A metanetwork with NAT gateways.
    NatNetwork,
    /// A metanetwork of this environment or envtype.
    NetworkOf(String),
    /// A unit of this type, after a number.
    Unit(Ty),
    /// A variable of a text.
    Variable,
    /// A source or destination in a network test of this environment or envtype.
    ClaimEnd(String),
    /// A role, group or user that a claim is about.
    Identity(String),
    /// A hostclass whose machines are an end of such a test.
    Machines { kind: MachineKind, context: String },
    /// What user data may be told: `database`, for one of its databases.
    Endpoint,
    /// The name of something that keeps data, of this kind.
    Store { kind: &'static str, part: Part },
    /// The version of an engine, in a body of this kind.
    Version(String),
    /// The kind of a declaration that has moved.
    MovedKind,
    /// The old name of a declaration of this kind.
    MovedFrom(String),
    /// The new name of a declaration of this kind.
    MovedTo(String),
    /// The same, in an environment.
    MovedIn { kind: String, env: String },
    /// The code of a warning.
    Code,
    /// Unknown: nothing is offered.
    Nothing,
}

/// Whether a nested declaration starts afresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replaces {
    Yes,
    No,
}

/// What follows the name of something that keeps data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Its host name or its port.
    Endpoint,
    /// Nothing.
    Whole,
}

/// The body that the cursor is in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Body {
    pub(super) kind: String,
    /// The environment, account or type of these that directly contains the body, if any.
    pub(super) owner: Option<Owner>,
    /// Whether it is a block of overrides.
    pub(super) is_override: bool,
}

/// The environment, account or type of these around a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Owner {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) parent: Option<String>,
}

/// What a bracket holds.
enum Inside {
    Top,
    Body(Body),
    Claims(String),
    /// Items, each wanted like this.
    Items(Slot),
    /// Environments after `@`.
    Contexts,
    /// Lines of user data.
    UserData,
    /// Something with nothing to offer: tags, a schema.
    Unknown,
}

/// The slot at the cursor.
pub(super) fn find(cursor: &Cursor<'_>, schemas: &Schemas) -> Slot {
    let slot = position(cursor, schemas);
    match (cursor.within, slot) {
        (Within::Variable, _) => Slot::Variable,
        (Within::Program, Slot::Value(ty) | Slot::Item(ty))
            if cursor.typed().starts_with(|c: char| c.is_ascii_digit()) =>
        {
            match ty.required() {
                Ty::Duration | Ty::Size | Ty::Percent => Slot::Unit(ty.required().clone()),
                Ty::Reserve => Slot::Unit(Ty::Percent),
                Ty::Error => Slot::Unit(Ty::Error),
                _ => Slot::Nothing,
            }
        }
        (Within::Program, Slot::Code) => Slot::Code,
        (Within::Program, _) if cursor.typed().starts_with(|c: char| c.is_ascii_digit()) => Slot::Nothing,
        (Within::Program, slot) => slot,
    }
}

fn position(cursor: &Cursor<'_>, schemas: &Schemas) -> Slot {
    if cursor.is_in_allow {
        return Slot::Code;
    }
    let mut inside = Inside::Top;
    for frame in &cursor.frames {
        inside = enter(inside, frame, schemas);
    }
    statement(&inside, &cursor.statement, schemas)
}

/// The environment, account or type of these that the cursor is in.
pub(super) fn owner(cursor: &Cursor<'_>) -> Option<Owner> {
    cursor.frames.first().and_then(|frame| owner_of(&frame.heading))
}

/// The environment or envtype that the cursor is in.
pub(super) fn environment(cursor: &Cursor<'_>) -> Option<Owner> {
    owner(cursor).filter(|owner| is_environment(&owner.kind))
}

fn owner_of(heading: &[&str]) -> Option<Owner> {
    match heading {
        [kind, name, rest @ ..] if is_environment(kind) || is_account(kind) => {
            let parent = match rest {
                [":", parent, ..] => Some((*parent).to_owned()),
                _ => None,
            };
            Some(Owner { kind: (*kind).to_owned(), name: (*name).to_owned(), parent })
        }
        _ => None,
    }
}

fn enter(inside: Inside, frame: &Frame<'_>, schemas: &Schemas) -> Inside {
    if frame.bracket == "[" {
        if frame.heading.last() == Some(&"@") {
            return Inside::Contexts;
        }
        return match statement(&inside, &frame.heading, schemas) {
            Slot::Value(ty) | Slot::Item(ty) => match ty.required() {
                Ty::List(item) => Inside::Items(Slot::Item((**item).clone())),
                Ty::Nat => Inside::Items(Slot::Item(Ty::Ip)),
                other => Inside::Items(Slot::Item(other.clone())),
            },
            Slot::AfterProtocol(protocol) if matches!(protocol.as_str(), "tcp" | "udp") => {
                Inside::Items(Slot::Item(Ty::PortRange))
            }
            _ => Inside::Unknown,
        };
    }
    match (inside, frame.heading.as_slice()) {
        (Inside::Top, ["expect", context, ..]) => Inside::Claims((*context).to_owned()),
        (Inside::Top, ["kind" | "use" | "let" | "moved", ..]) => Inside::Unknown,
        (Inside::Body(body), ["@", ..]) => Inside::Body(Body { is_override: true, ..body }),
        (Inside::Body(body), [field, "=" | "+="])
            if field_type(schemas, &body.kind, field).required() == &Ty::UserData =>
        {
            Inside::UserData
        }
        (_, heading) if heading.contains(&"=") || heading.contains(&"+=") => Inside::Unknown,
        (Inside::Top, [kind, ..]) => Inside::Body(Body {
            kind: (*kind).to_owned(),
            owner: owner_of(&frame.heading),
            is_override: false,
        }),
        (Inside::Body(body), ["replace", kind, ..] | [kind, ..]) => {
            Inside::Body(Body { kind: (*kind).to_owned(), ..body })
        }
        _ => Inside::Unknown,
    }
}

/// The slot after `words`, the beginning of a statement.
fn statement(inside: &Inside, words: &[&str], schemas: &Schemas) -> Slot {
    match inside {
        Inside::Top => top(words, schemas),
        Inside::Body(body) => member(body, words, schemas),
        Inside::Claims(context) => claim(context, words),
        Inside::Items(Slot::Item(ty)) => value(ty, words, Slot::Item(ty.clone())),
        Inside::Items(_) | Inside::Unknown => Slot::Nothing,
        Inside::Contexts => Slot::Environment,
        Inside::UserData => match words {
            [_, "="] => Slot::Endpoint,
            [_, "=", word] => store(word, Part::Endpoint),
            _ => Slot::Nothing,
        },
    }
}

/// The slot after a word that says what keeps data.
fn store(word: &str, part: Part) -> Slot {
    kinds::store(word).map_or(Slot::Nothing, |kind| Slot::Store { kind, part })
}

fn top(words: &[&str], schemas: &Schemas) -> Slot {
    match words {
        [] => Slot::Top,
        ["use", ..] => Slot::Use,
        ["let", _, ":"] => Slot::Type,
        ["let", _, ":", ty, "=", rest @ ..] => {
            let ty = named(ty, schemas);
            value(&ty, rest, Slot::Value(ty.clone()))
        }
        ["let", _, "=", rest @ ..] => value(&Ty::Error, rest, Slot::Value(Ty::Error)),
        ["expect"] => Slot::Expected,
        ["moved", rest @ ..] => moved(rest),
        [kind, _, ":"] => Slot::Parent((*kind).to_owned()),
        [kind, _, "=", rest @ ..] => {
            let ty = field_type(schemas, kind, "value");
            value(&ty, rest, Slot::Value(ty.clone()))
        }
        _ => Slot::Nothing,
    }
}

/// The slot after `moved` and these words.
fn moved(words: &[&str]) -> Slot {
    match words {
        [] => Slot::MovedKind,
        [kind] => Slot::MovedFrom((*kind).to_owned()),
        [kind, .., "->"] => Slot::MovedTo((*kind).to_owned()),
        [kind, .., "->", env, "/"] => Slot::MovedIn { kind: (*kind).to_owned(), env: (*env).to_owned() },
        [_, _] | [_, _, "/", _] => Slot::Word(&["->"]),
        _ => Slot::Nothing,
    }
}

fn member(body: &Body, words: &[&str], schemas: &Schemas) -> Slot {
    let assigned = words.iter().position(|word| matches!(*word, "=" | "+="));
    if let (Some(at), [field, ..]) = (assigned, words) {
        let ty = field_type(schemas, &body.kind, field);
        if *field == "version" && kinds::store(&body.kind).is_some() && at + 1 == words.len() {
            return Slot::Version(body.kind.clone());
        }
        return value(&ty, words.get(at + 1..).unwrap_or_default(), Slot::Value(ty.clone()));
    }
    match words {
        [] => Slot::Member(body.clone()),
        [.., "@"] => Slot::Environment,
        ["replace"] => Slot::Nested,
        ["replace", kind] => Slot::Name { kind: (*kind).to_owned(), replaces: Replaces::Yes },
        [kind] if schemas.kind(kind).is_some() => {
            Slot::Name { kind: (*kind).to_owned(), replaces: Replaces::No }
        }
        _ => Slot::Nothing,
    }
}

fn claim(context: &str, words: &[&str]) -> Slot {
    match words {
        [] | [.., "reach"] => Slot::ClaimEnd(context.to_owned()),
        [word] | [.., "reach", word] if is_machine_word(word) => machines(word, context),
        [word] if is_identity(word) => Slot::Identity((*word).to_owned()),
        [word, _] if is_identity(word) => Slot::Word(&["can", "cannot"]),
        [.., "can" | "cannot"] => Slot::Word(&["reach"]),
        [word, env, "/"] | [.., "reach", word, env, "/"] if is_machine_word(word) => machines(word, env),
        [.., env, "/"] => Slot::NetworkOf((*env).to_owned()),
        [_] | [_, "/", _] => Slot::Word(&["can reach", "cannot reach"]),
        [word, _] | [word, _, "/", _] if is_machine_word(word) => Slot::Word(&["can reach", "cannot reach"]),
        _ => Slot::Nothing,
    }
}

fn is_machine_word(word: &str) -> bool {
    MachineKind::of(word).is_some()
}

fn machines(word: &str, context: &str) -> Slot {
    let context = context.to_owned();
    MachineKind::of(word).map_or(Slot::Nothing, |kind| Slot::Machines { kind, context })
}

/// The slot after `words`, the beginning of a value of type `ty`. `whole` if `words` is empty.
fn value(ty: &Ty, words: &[&str], whole: Slot) -> Slot {
    if let [.., env, "/"] = words
        && *env != "auto"
    {
        return Slot::NetworkOf((*env).to_owned());
    }
    if let Some(from) = words.iter().rposition(|word| *word == "from") {
        return match words.get(from + 1..) {
            Some([]) => Slot::Value(Ty::Source),
            _ => Slot::Nothing,
        };
    }
    if let Some(via) = words.iter().rposition(|word| *word == "via") {
        return match words.get(via + 1..) {
            Some([]) => Slot::Target,
            Some(["nat"]) => Slot::NatNetwork,
            _ => Slot::Nothing,
        };
    }
    match (ty.required(), words) {
        (_, []) => whole,
        (Ty::Watched, [word]) => store(word, Part::Whole),
        (Ty::Listener, [.., "->" | "=>"]) => Slot::Side,
        (Ty::Listener, [_] | [_, _]) => Slot::Word(&["->", "=>"]),
        (Ty::Capacity, [_]) => Slot::Word(&["at"]),
        (_, [_, "at"]) => Slot::Time,
        (Ty::Condition, words) => condition(words),
        (_, ["auto", "/", _]) => Slot::Word(&["in"]),
        (_, ["auto", .., "in"]) => Slot::Value(Ty::Cidr),
        (Ty::Peering, [_, "/", _]) => Slot::Word(&["<->"]),
        (Ty::Peering, [.., "<->"]) => Slot::Value(Ty::Peering),
        (Ty::PortRange, [.., ".."]) => Slot::Value(Ty::PortRange),
        (_, [protocol @ ("tcp" | "udp" | "icmp" | "any" | "proto")]) => {
            Slot::AfterProtocol((*protocol).to_owned())
        }
        (_, ["tcp" | "udp" | "icmp" | "proto", _] | ["tcp" | "udp", _, "..", _]) => Slot::Word(&["from"]),
        (Ty::Route, [_]) | (Ty::Error, ["internet"]) => Slot::Word(&["via"]),
        _ => Slot::Nothing,
    }
}

/// The slot after `words`, the beginning of a condition.
fn condition(words: &[&str]) -> Slot {
    match words {
        [.., "or"] => Slot::Statistic,
        [.., "x"] => Slot::Value(Ty::Duration),
        [.., "for"] => Slot::Value(Ty::Int),
        [.., "for", _] => Slot::Word(&["x"]),
        [.., ">" | ">=" | "<" | "<="] => Slot::Value(Ty::Number),
        [.., ">" | ">=" | "<" | "<=", _] | [.., ">" | ">=" | "<" | "<=", "-" | "+", _] => {
            Slot::Word(&["for", "or"])
        }
        [_] | [.., "or", _] => Slot::Word(&[">", ">=", "<", "<="]),
        _ => Slot::Nothing,
    }
}

fn field_type(schemas: &Schemas, kind: &str, field: &str) -> Ty {
    let field = schemas.kind(kind).and_then(|schema| schema.field(field));
    field.map_or(Ty::Error, |field| field.ty.clone())
}

/// The type that a word names.
fn named(word: &str, schemas: &Schemas) -> Ty {
    let expr = asiaq_lang::ast::TypeExpr {
        kind: asiaq_lang::ast::TypeKind::Named(word.to_owned()),
        span: asiaq_lang::Span::default(),
    };
    Ty::of(&expr, &|name| schemas.kind(name).is_some()).unwrap_or(Ty::Error)
}
