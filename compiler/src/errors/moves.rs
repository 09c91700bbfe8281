//! Moves that lead nowhere, or that nothing needs.

use asiaq_lang::ast::{Moved, Name};
use asiaq_lang::{Diagnostic, Span};

use crate::library::kinds;

use super::{a_kind, codes, listed, nearest, suggestion};

/// `kind` of a `moved` that is no kind.
pub(crate) fn moved_unknown_kind(kind: &Name, known: &[&str]) -> Diagnostic {
    let message = format!("unknown kind of declaration `{}`", kind.text);
    let found = Diagnostic::new(codes::UNKNOWN_KIND, kind.span, message).label("unknown kind");
    match nearest(&kind.text, known) {
        Some(name) => {
            found.help(suggestion(&kind.text, known)).fix(format!("write `{name}`"), kind.span, name)
        }
        None => found.help(format!("a `moved` is of a kind: {}", listed(known))),
    }
}

/// A kind that AWS knows nothing of, or by other names.
pub(crate) fn needless_move(moved: &Moved, removal: Span) -> Diagnostic {
    let kind = moved.kind.text.as_str();
    let is_known_by_name = [kinds::SEARCH, kinds::TABLE].contains(&kind);
    if kind == kinds::ACCOUNT || kinds::OF_ACCOUNTS.contains(&kind) || is_known_by_name {
        let help = if kind == kinds::ACCOUNT {
            "keep the name: what belongs to an account is known by it"
        } else {
            "write its present name in AWS as `name` in the new declaration: then it stays"
        };
        return Diagnostic::new(
            codes::NEEDLESS_MOVE,
            moved.span,
            format!("`moved` cannot rename {}", a_kind(kind)),
        )
        .label("has no effect")
        .help(help);
    }
    let message = format!("the name of {} needs no `moved`", a_kind(kind));
    Diagnostic::new(codes::NEEDLESS_MOVE, moved.span, message)
        .label("has no effect")
        .help(format!("remove it: nothing in AWS is known by the name of {}", a_kind(kind)))
        .fix("remove it", removal, "")
}

/// A place where none makes sense.
pub(crate) fn move_with_place(kind: &Name, place: &Name) -> Diagnostic {
    let message = format!("{} is not declared in an environment", a_kind(&kind.text));
    Diagnostic::new(codes::MOVED_ELSEWHERE, place.span, message)
        .label("no environment is possible here")
        .help(format!("write only the names: `moved {} OLD -> NEW`", kind.text))
}

pub(crate) fn moved_elsewhere(kind: &Name, from: &Name, to: &Name) -> Diagnostic {
    let message = format!("{} of `{}` cannot move to `{}`", a_kind(&kind.text), from.text, to.text);
    Diagnostic::new(codes::MOVED_ELSEWHERE, to.span, message)
        .label(format!("not `{}`", from.text))
        .related(from.span, "it was here")
        .help("a `moved` is a new name in the same environment; what is declared elsewhere is created there")
        .fix(format!("write `{}`", from.text), to.span, from.text.as_str())
}

pub(crate) fn moved_and_declared(moved: &Moved, env: Option<&str>, declared: Span) -> Diagnostic {
    let (kind, old) = (&moved.kind.text, &moved.old.name);
    let place = env.map_or_else(String::new, |env| format!(" in environment `{env}`"));
    let message = format!("{kind} `{}` is said to have moved, and is still declared{place}", old.text);
    Diagnostic::new(codes::MOVED_AND_DECLARED, old.span, message)
        .label("still declared")
        .related(declared, "declared here")
        .help("remove the declaration, or remove the `moved` if these are two things")
}

/// The new name is not declared, or as `other` kind.
pub(crate) fn moved_to_nothing(moved: &Moved, other: Option<(&str, Span)>, known: &[&str]) -> Diagnostic {
    let (kind, new) = (&moved.kind.text, &moved.new.name);
    if let Some((other, declared)) = other {
        let message = format!("`{}` is {}, and not {}", new.text, a_kind(other), a_kind(kind));
        return Diagnostic::new(codes::MOVED_TO_NOTHING, new.span, message)
            .label(format!("not {}", a_kind(kind)))
            .related(declared, "declared here")
            .help(
                "what is in AWS stays of its kind: name the declaration of the same kind that it belongs to",
            );
    }
    let place = moved.place().map_or_else(String::new, |place| format!(" in `{}`", place.text));
    let message = format!("there is no {kind} `{}`{place}", new.text);
    let found =
        Diagnostic::new(codes::MOVED_TO_NOTHING, new.span, message).label("not declared").help(format!(
            "{}; `moved {kind} OLD -> NEW` ends with the name that is declared now",
            suggestion(&new.text, known)
        ));
    match nearest(&new.text, known) {
        Some(name) => found.fix(format!("write `{name}`"), new.span, name),
        None => found,
    }
}

pub(crate) fn moved_twice(moved: &Moved, name: &Name, first: Span) -> Diagnostic {
    let is_new = name.span == moved.new.name.span;
    let (message, help) = if is_new {
        ("two moves lead to", "one thing in AWS has this name: keep one of the two")
    } else {
        ("two moves begin at", "one thing in AWS had this name: keep one of the two")
    };
    Diagnostic::new(codes::MOVED_TWICE, name.span, format!("{message} {} `{}`", moved.kind.text, name.text))
        .label("again here")
        .related(first, "first here")
        .help(help)
}

pub(crate) fn circular_move(moved: &Moved) -> Diagnostic {
    let (old, new) = (&moved.old.name.text, &moved.new.name.text);
    let message = if old == new {
        format!("{} `{old}` is said to have moved to itself", moved.kind.text)
    } else {
        format!("{} `{old}` is said to have moved to `{new}` and back", moved.kind.text)
    };
    Diagnostic::new(codes::CIRCULAR_MOVE, moved.span, message)
        .label("leads back to its start")
        .help("keep the moves that end with the name that is declared now")
}
