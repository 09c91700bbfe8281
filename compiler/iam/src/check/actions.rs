//! Actions: whether they are names of actions, whether AWS has them, and whether they are there once.

use std::collections::BTreeMap;

use super::Checked;
use super::meant::{Meant, is_prefix};
use crate::document::Text;
use crate::problem::{Code, Problem};
use crate::table;

pub(super) fn check<P: Clone>(checked: &Checked<P>, problems: &mut Vec<Problem<P>>) {
    let actions = &checked.statement.actions;
    let mut seen: BTreeMap<String, &Text<P>> = BTreeMap::new();
    for (text, meant) in actions.values.iter().zip(&checked.meant) {
        problems.extend(problem(text, meant));
        if let Some(first) = seen.insert(text.value.to_ascii_lowercase(), text) {
            problems.push(twice(text, first, "IAM does not look at the case of actions"));
        }
    }
    if let Some(list) = &checked.statement.resources {
        let mut seen: BTreeMap<&str, &Text<P>> = BTreeMap::new();
        for text in &list.values {
            if let Some(first) = seen.insert(&text.value, text) {
                problems.push(twice(text, first, "take one of them out"));
            }
        }
    }
}

fn twice<P: Clone>(text: &Text<P>, first: &Text<P>, help: &str) -> Problem<P> {
    let message = format!("`{}` is in this list already", text.value);
    Problem::new(Code::Duplicate, text.place.clone(), message)
        .help(help)
        .related(first.place.clone(), "it is here")
}

fn problem<P: Clone>(text: &Text<P>, meant: &Meant) -> Option<Problem<P>> {
    let action = &text.value;
    let at = |code: Code, message: String| Problem::new(code, text.place.clone(), message);
    match meant {
        Meant::All => None,
        Meant::Malformed => Some(malformed(text)),
        Meant::UnknownService => {
            let (prefix, name) = action.split_once(':').unwrap_or_default();
            let meant = table::service_named_like(prefix).map(|prefix| format!("{prefix}:{name}"));
            let message = format!("no service with the prefix `{prefix}` is known");
            let help = "check the spelling: the prefixes are those of the Service Authorization Reference";
            Some(at(Code::UnknownService, message).help(help).instead(meant))
        }
        Meant::Some(_, actions) if !actions.is_empty() => None,
        Meant::Some(service, _) => {
            let name = action.split_once(':').map_or("", |(_, name)| name);
            if name.contains(['*', '?']) {
                let message = format!("`{action}` matches no action of `{}`", service.prefix());
                let help = "check the spelling: a statement that matches no action does nothing";
                return Some(at(Code::MatchesNothing, message).help(help));
            }
            let meant = service.action_named_like(name).map(|name| format!("{}:{name}", service.prefix()));
            let message = format!("`{}` has no action `{name}` that is known", service.prefix());
            let help = "check the spelling: IAM accepts any name, and the statement then does nothing for it";
            Some(at(Code::UnknownAction, message).help(help).instead(meant))
        }
    }
}

fn malformed<P: Clone>(text: &Text<P>) -> Problem<P> {
    let action = &text.value;
    let message = if action.is_empty() {
        "an empty text is not an action".to_owned()
    } else {
        format!("`{action}` is not an action")
    };
    let problem = Problem::new(Code::BadAction, text.place.clone(), message);
    let help = match action.split_once(':') {
        None => "an action has the prefix of its service, as in `s3:GetObject`".to_owned(),
        Some((_, name)) if name.contains(':') => {
            "an action has one colon, behind the prefix of its service".to_owned()
        }
        Some((prefix, _)) if prefix.contains(['*', '?']) => {
            "IAM takes no wildcards in the prefix of a service: name each service, or write `*` alone"
                .to_owned()
        }
        Some((prefix, _)) if !is_prefix(prefix) => format!("`{prefix}` is not the prefix of a service"),
        Some(_) => "the name of an action has letters, digits, `*` and `?` only".to_owned(),
    };
    problem.help(help)
}
