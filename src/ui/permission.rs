//! What roles and users may do, on a terminal.

use asiaq_compiler::{Permission, PermissionAnswer};

use super::table::wrapped;
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD, PLAIN, paint};
use super::width;

/// Each answer with the statements that decide it.
pub(crate) fn text(answers: &[Permission]) -> String {
    answers.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(permission: &Permission) -> String {
    let (style, word) = match permission.answer {
        PermissionAnswer::Allowed => (GOOD, "allowed"),
        PermissionAnswer::Denied => (BAD, "denied"),
        PermissionAnswer::Depends => (CHANGED, "depends"),
    };
    let head = format!("{} {} on {}", permission.principal, permission.action, permission.resource);
    let mut lines = vec![paint(style, word)];
    lines.extend(wrapped(BOLD, &head, width::width(), 2));
    for by in &permission.by {
        lines.extend(wrapped(PLAIN, &by.text, width::width(), 2));
        let place = format!("{} `{}`, {}:{}", by.layer, by.policy, by.origin.file, by.origin.line);
        lines.extend(wrapped(DIM, &place, width::width(), 4));
    }
    for layer in &permission.lacking {
        lines.extend(wrapped(PLAIN, &format!("no {layer} allows it"), width::width(), 2));
    }
    for open in &permission.open {
        lines.extend(wrapped(PLAIN, &format!("not known: {open}"), width::width(), 2));
    }
    lines.join("\n") + "\n"
}
