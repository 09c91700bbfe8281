//! Roles whose trust policies name each other: IAM creates a role only if all that its trust policy names is there.

use std::collections::BTreeMap;

use asiaq_lang::Diagnostic;

use crate::errors;
use crate::library::kinds;
use crate::model::{Model, Role};

/// Where a walk along the roles is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Never,
    OnTheWay,
    Done,
}

/// A warning for each circle of roles of all accounts.
pub(super) fn find(model: &Model) -> Vec<Diagnostic> {
    let all = || {
        model
            .accounts
            .iter()
            .flat_map(|account| account.identity.roles.iter().map(move |role| (account, role)))
    };
    let roles: Vec<&Role> = all().map(|(_, role)| role).collect();
    let numbers: BTreeMap<&str, usize> = all()
        .enumerate()
        .filter_map(|(at, (account, role))| {
            Some((account.arns.of(kinds::ROLE, &role.heading.name)?.first()?.as_str(), at))
        })
        .collect();
    let named = |role: &Role| -> Vec<usize> {
        let principals = role.trust.document.statements.iter().filter_map(|one| one.principals.as_ref());
        let names = principals.flat_map(|principals| &principals.values);
        names.filter_map(|one| numbers.get(one.name.value.as_str()).copied()).collect()
    };
    let mut found = Vec::new();
    let mut seen = vec![Seen::Never; roles.len()];
    for start in 0..roles.len() {
        // The roles on the way, each with those that it names and that are still to be visited.
        let mut way: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut next = Some(start).filter(|start| seen.get(*start) == Some(&Seen::Never));
        loop {
            if let Some((at, role)) = next.take().and_then(|at| Some((at, *roles.get(at)?))) {
                mark(&mut seen, at, Seen::OnTheWay);
                way.push((at, named(role)));
            }
            let Some((at, rest)) = way.last_mut() else { break };
            let at = *at;
            match rest.pop() {
                None => {
                    mark(&mut seen, at, Seen::Done);
                    way.pop();
                }
                Some(to) => match seen.get(to) {
                    Some(Seen::Never) => next = Some(to),
                    Some(Seen::OnTheWay) => {
                        let circle = way.iter().skip_while(|(one, _)| *one != to);
                        let circle: Vec<&Role> =
                            circle.filter_map(|(one, _)| roles.get(*one).copied()).collect();
                        found.extend(warning(&circle));
                    }
                    Some(Seen::Done) | None => {}
                },
            }
        }
    }
    found
}

fn mark(seen: &mut [Seen], at: usize, now: Seen) {
    if let Some(seen) = seen.get_mut(at) {
        *seen = now;
    }
}

fn warning(circle: &[&Role]) -> Option<Diagnostic> {
    let first = circle.first()?;
    let names: Vec<&str> = circle.iter().map(|role| role.heading.name.as_str()).collect();
    Some(errors::roles_in_a_circle(first.trust.chain.first().copied().unwrap_or(first.heading.span), &names))
}
