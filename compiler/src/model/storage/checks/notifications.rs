//! Notifications that AWS refuses: it tells one topic of an event.

use asiaq_ir::Notification;
use asiaq_lang::Diagnostic;

use crate::errors;
use crate::value::Spanned;

pub(super) fn check(all: &[Spanned<Notification>], diagnostics: &mut Vec<Diagnostic>) {
    for (at, one) in all.iter().enumerate() {
        let mut before = all.iter().take(at);
        if let Some(first) = before.find(|first| overlap(&first.value, &one.value)) {
            let name = (&*first.value.id, &*one.value.id);
            diagnostics.push(errors::notifications_overlap(one.span, name, first.span));
        }
    }
}

/// Whether an event of one object would be told by both.
fn overlap(one: &Notification, other: &Notification) -> bool {
    let same_event = one.events.iter().any(|event| other.events.iter().any(|with| events_meet(event, with)));
    let begins = one.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&one.prefix);
    let ends = one.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&one.suffix);
    same_event && begins && ends
}

/// `s3:ObjectCreated:*` is every event with this beginning.
fn events_meet(one: &str, other: &str) -> bool {
    let covers = |pattern: &str, event: &str| {
        pattern.strip_suffix('*').map_or(pattern == event, |start| event.starts_with(start))
    };
    covers(one, other) || covers(other, one)
}
