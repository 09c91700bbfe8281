//! Whether a statement applies to a request.

use super::condition::{filled, holds, resembles};
use super::principal::{Named, named};
use super::request::Request;
use super::truth::Truth;
use super::{Found, Open, matched};
use crate::arn::{Arns, arns, of_tokens};
use crate::document::{Choice, Statement, Test, Version};
use crate::pattern::{Token, tokens};
use crate::table::{self, Action};
use crate::variables::Wildcards;

/// A request, made ready to be compared with many statements.
pub(super) struct Asked<'r> {
    pub(super) request: &'r Request,
    /// The action in lower case.
    pub(super) action: Vec<Token>,
    resource: Arns,
    /// The action, if it is one that is known to have no resource.
    pub(super) without_resource: Option<Action>,
}

/// Whether a statement applies to a request, apart from who makes it.
pub(super) struct Applies<'d, P> {
    pub(super) truth: Truth,
    /// What is not known, where that counts.
    pub(super) open: Vec<Open<'d, P>>,
}

impl<'r> Asked<'r> {
    pub(super) fn new(request: &'r Request) -> Self {
        let action = tokens(&request.action.to_ascii_lowercase());
        // The name of a resource has no variables.
        let resource = arns(&request.resource, Version::V2008);
        let known = table::action(&request.action);
        let without_resource = known.filter(|action| action.types().next().is_none());
        Self { request, action, resource, without_resource }
    }

    /// Whether all that is asked for are resources of these ARNs.
    pub(super) fn is_about(&self, of: &[String]) -> Truth {
        let each = of.iter().map(|arn| resembles(tokens(arn), &self.resource));
        Truth::any(each)
    }

    /// Whether a pattern names an account, and the resource is known to be in another one.
    fn is_elsewhere(&self, pattern: &Arns) -> bool {
        let of = pattern.account();
        of.is_some_and(|of| self.request.resource_account.as_ref().is_some_and(|account| *account != of))
    }
}

/// Whether a statement applies to a request, whoever makes it.
pub(super) fn applies<'d, P>(found: Found<'d, P>, version: Version, asked: &Asked) -> Applies<'d, P> {
    let statement: &'d Statement<P> = found.statement;
    let mut truth = action(&statement.actions, asked);
    let mut open = Vec::new();
    if truth == Truth::Unknown {
        open.push(Open::Action(found));
    }
    if truth != Truth::False
        && let Some(list) = &statement.resources
    {
        let of = resource(list, version, asked);
        if of == Truth::Unknown {
            open.push(Open::Resource(found));
        }
        truth = truth.and(of);
    }
    for condition in &statement.conditions {
        if truth == Truth::False {
            break;
        }
        let of = holds(condition, version, asked.request);
        if of == Truth::Unknown {
            open.push(Open::Condition(found, condition));
        }
        truth = truth.and(of);
    }
    if truth == Truth::False {
        open.clear();
    }
    Applies { truth, open }
}

/// How a statement of a resource's policy names who makes the request.
pub(super) fn principal<P>(statement: &Statement<P>, asked: &Asked) -> Option<Named> {
    let names_role = statement.conditions.iter().any(|condition| {
        let operator = condition.operator;
        condition.key.value.eq_ignore_ascii_case("aws:PrincipalArn")
            && !operator.test.is_negated()
            && !operator.if_exists
            && operator.quantifier.is_none()
            && operator.test != Test::Null
    });
    statement.principals.as_ref().map(|list| named(list, &asked.request.who, names_role))
}

fn action<P>(list: &Choice<P>, asked: &Asked) -> Truth {
    let each = list.values.iter().map(|text| tokens(&text.value.to_ascii_lowercase()));
    let is_listed = Truth::any(each.map(|pattern| matched(&pattern, &asked.action)));
    if list.excludes { !is_listed } else { is_listed }
}

fn resource<P>(list: &Choice<P>, version: Version, asked: &Asked) -> Truth {
    let service = asked.without_resource.filter(|_| asked.resource.is_whole_service());
    let service = service.map(|action| action.service.prefix());
    let each = list.values.iter().map(|text| {
        let found = filled(&text.value, version, Wildcards::Any, asked.request)?;
        if asked.is_elsewhere(&of_tokens(found.clone())) {
            return Some(Truth::False);
        }
        Some(match service {
            None => resembles(found, &asked.resource),
            Some(service) => whole(&of_tokens(found), service),
        })
    });
    if list.excludes {
        // A variable that no value is for: the manual says that the statement may not count at all.
        return !Truth::any(each.map(|found| found.unwrap_or(Truth::Unknown)));
    }
    Truth::any(each.map(|found| found.unwrap_or(Truth::False)))
}

/// Whether a pattern is for an action that has no resource. `*` is; `arn:aws:s3:::*` is too, as the manual's examples have
/// it, and of other services it is not said.
fn whole(pattern: &Arns, service: &str) -> Truth {
    match pattern {
        Arns::All => Truth::True,
        other if !other.is_whole_service() => Truth::False,
        other if service == "s3" => other.covers(&arns("arn:aws:s3:::*", Version::V2008)).into(),
        _ => Truth::Unknown,
    }
}
