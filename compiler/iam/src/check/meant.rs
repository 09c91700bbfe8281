//! Which actions of the table a text of a statement is about.

use crate::table::{self, Action, Service};

/// Which actions a text is about.
pub(super) enum Meant {
    /// All of all services.
    All,
    /// These, of one service; none if a pattern matches none, or a name is not known.
    Some(&'static Service, Vec<Action>),
    /// Those of a service that the table does not have.
    UnknownService,
    /// Nothing: it is not an action.
    Malformed,
}

impl Meant {
    pub(super) fn of(text: &str) -> Self {
        if matches!(text, "*" | "*:*") {
            return Self::All;
        }
        let Some((prefix, name)) = text.split_once(':') else { return Self::Malformed };
        if !is_prefix(prefix) || !is_name(name) {
            return Self::Malformed;
        }
        let Some(service) = table::service(prefix).filter(|_| !prefix.eq_ignore_ascii_case("aws")) else {
            return Self::UnknownService;
        };
        let actions = if name.contains(['*', '?']) {
            service.matching(name).collect()
        } else {
            service.action(name).into_iter().collect()
        };
        Self::Some(service, actions)
    }

    /// Its actions, if they are known: nothing where it is about others too.
    pub(super) fn known(&self) -> Option<&[Action]> {
        match self {
            Self::Some(_, actions) if !actions.is_empty() => Some(actions),
            _ => None,
        }
    }
}

/// Whether IAM takes a text as the prefix of a service.
pub(super) fn is_prefix(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Whether IAM takes a text as the name of an action.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?' | b'_' | b'-'))
}
