//! Whether a statement of a resource's policy is about who makes a request.

use super::request::{Who, sessions};
use super::truth::Truth;
use crate::document::normal::account;
use crate::document::{Principal, PrincipalKind, Principals};

/// How a statement names who makes a request. What it allows is limited accordingly ("Determining whether a request is
/// allowed or denied within an account").
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    /// By the name of the user or session, or as everyone: nothing limits it.
    pub(super) directly: Truth,
    /// By the name of the role: its boundary and the policies of the session limit it.
    pub(super) by_role: Truth,
    /// By its account, whose own policies decide.
    pub(super) by_account: Truth,
}

impl Named {
    const NOT: Self = Self { directly: Truth::False, by_role: Truth::False, by_account: Truth::False };

    /// As everyone. Of a session the manual says that nothing limits it where a condition names the role, and is silent
    /// otherwise.
    fn as_everyone(is_so: Truth, who: &Who, names_role: bool) -> Self {
        match who {
            Who::Role { .. } if !names_role => {
                Self { directly: is_so.and(Truth::Unknown), by_role: is_so, by_account: Truth::False }
            }
            _ => Self { directly: is_so, ..Self::NOT },
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            directly: self.directly.or(other.directly),
            by_role: self.by_role.or(other.by_role),
            by_account: self.by_account.or(other.by_account),
        }
    }
}

/// How a list names who makes a request. `names_role` says that a condition on `aws:PrincipalArn` has to hold besides.
pub(super) fn named<P>(principals: &Principals<P>, who: &Who, names_role: bool) -> Named {
    let found = principals.values.iter().map(|one| names(one, who, names_role)).fold(Named::NOT, Named::or);
    if principals.excludes { Named::as_everyone(excluded(found, who), who, names_role) } else { found }
}

fn names<P>(principal: &Principal<P>, who: &Who, names_role: bool) -> Named {
    let name = principal.name.value.as_str();
    let directly = |is_so: Truth| Named { directly: is_so, ..Named::NOT };
    if principal.is_everyone() {
        // Whether everyone includes those whom only a provider knows is not said.
        let is_so = if matches!(who, Who::Provider(_)) { Truth::Unknown } else { Truth::True };
        return Named::as_everyone(is_so, who, names_role);
    }
    match principal.kind {
        PrincipalKind::Aws => {
            let is_account = account(name).is_some() && account(name) == who.account();
            match who {
                Who::Root(_) => directly(is_account.into()),
                _ if is_account => Named { by_account: Truth::True, ..Named::NOT },
                Who::User(arn) => directly((name == arn).into()),
                Who::Role { arn, .. } if name == arn => Named { by_role: Truth::True, ..Named::NOT },
                Who::Role { arn, session: None } => {
                    let is_one = sessions(arn).is_some_and(|start| name.starts_with(&start));
                    directly(if is_one { Truth::Unknown } else { Truth::False })
                }
                Who::Role { .. } => directly((who.session().as_deref() == Some(name)).into()),
                Who::Service(_) | Who::Provider(_) | Who::Anonymous => Named::NOT,
            }
        }
        PrincipalKind::Service => directly(matches!(who, Who::Service(service) if service == name).into()),
        PrincipalKind::Federated => {
            directly(matches!(who, Who::Provider(provider) if provider == name).into())
        }
        // The canonical id of an account is not known here.
        PrincipalKind::CanonicalUser => {
            let is_open = if who.account().is_some() { Truth::Unknown } else { Truth::False };
            Named { by_account: is_open, ..Named::NOT }
        }
    }
}

/// Whether all but those listed include who makes the request. The manual: AWS may look at the account first, then at the
/// role, then at the session; so all of them have to be listed for an exception that is certain.
fn excluded(listed: Named, who: &Who) -> Truth {
    let needed = match who {
        Who::User(_) => [listed.directly, listed.by_account],
        Who::Role { .. } => [listed.by_role.or(listed.directly), listed.by_account],
        Who::Root(_) | Who::Service(_) | Who::Provider(_) | Who::Anonymous => [listed.directly; 2],
    };
    !Truth::agreed(needed)
}
