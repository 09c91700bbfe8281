//! Trust policies: whether anyone can assume the role.

use crate::document::{Document, Effect, Principal, PrincipalKind, Statement};
use crate::pattern::matches_ignoring_case;
use crate::problem::{Code, Problem};

/// The actions that IAM takes in a trust policy.
const ACTIONS: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

pub(super) fn check<P: Clone>(document: &Document<P>, problems: &mut Vec<Problem<P>>) {
    let mut is_usable = false;
    let mut is_reported = false;
    for statement in &document.statements {
        for action in &statement.actions.values {
            if !ACTIONS.iter().any(|known| matches_ignoring_case(&action.value, known)) {
                let message = format!("`{}` has no place in a trust policy", action.value);
                problems.push(
                    Problem::new(Code::TrustElement, action.place.clone(), message)
                        .help("a trust policy has the actions of STS: `sts:AssumeRole`, `sts:AssumeRoleWithSAML`, `sts:AssumeRoleWithWebIdentity`, `sts:TagSession`, `sts:SetSourceIdentity`"),
                );
                is_reported = true;
            }
        }
        if statement.effect == Effect::Deny || statement.actions.excludes {
            is_usable |= statement.effect == Effect::Allow;
            continue;
        }
        let assumes =
            statement.actions.values.iter().any(|action| starts_with(&action.value, "sts:AssumeRole"));
        for principal in statement.principals.iter().filter(|of| !of.excludes).flat_map(|of| &of.values) {
            let wanted = wanted(principal);
            if grants(statement, wanted) {
                is_usable = true;
                problems.extend(open_provider(statement, principal));
            } else if assumes {
                problems.push(useless(principal, wanted));
                is_reported = true;
            }
        }
        is_usable |= statement.principals.as_ref().is_some_and(|of| of.excludes);
    }
    if !is_usable && !is_reported && !document.statements.is_empty() {
        problems.push(
            Problem::new(Code::TrustForNobody, document.place.clone(), "nobody can assume this role")
                .help("add a statement that allows `sts:AssumeRole` to an account, role or service"),
        );
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

/// The action with which a principal assumes a role.
fn wanted<P>(principal: &Principal<P>) -> &'static str {
    let name = &principal.name.value;
    match principal.kind {
        PrincipalKind::Federated if name.contains(":saml-provider/") => "sts:AssumeRoleWithSAML",
        PrincipalKind::Federated => "sts:AssumeRoleWithWebIdentity",
        PrincipalKind::Aws | PrincipalKind::CanonicalUser | PrincipalKind::Service => "sts:AssumeRole",
    }
}

fn grants<P>(statement: &Statement<P>, wanted: &str) -> bool {
    statement.actions.values.iter().any(|action| matches_ignoring_case(&action.value, wanted))
}

fn useless<P: Clone>(principal: &Principal<P>, wanted: &str) -> Problem<P> {
    let message = format!(
        "`{}` assumes roles with `{wanted}`, which this statement does not allow",
        principal.name.value
    );
    Problem::new(Code::TrustForNobody, principal.name.place.clone(), message)
        .help(format!("add `{wanted}`, or make a statement of its own for each kind of principal"))
}

/// A provider such as GitHub signs tokens for all its customers: without `sub` each of them gets in.
fn open_provider<P: Clone>(statement: &Statement<P>, principal: &Principal<P>) -> Option<Problem<P>> {
    let (_, host) = principal.name.value.split_once(":oidc-provider/")?;
    let is_bound = statement.conditions.iter().any(|one| {
        let key = one.key.value.to_ascii_lowercase();
        key.starts_with(&host.to_ascii_lowercase())
            && !one.operator.test.is_negated()
            && !key.ends_with(":aud")
    });
    (!is_bound).then(|| {
        let message = format!("everyone with a token of `{host}` can assume this role");
        Problem::new(Code::OpenToEveryone, principal.name.place.clone(), message)
            .help(format!("add a condition on `{host}:sub`, which says whose token it is"))
    })
}
