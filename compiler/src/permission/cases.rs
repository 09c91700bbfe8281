//! A question about a pattern of resources as one question for each account that they may be in.

use std::collections::BTreeSet;

use asiaq_iam::evaluate::{
    Answer, Attached, Decision, Example, OfResource, Policies, Request, covers_arn, evaluate, example,
    may_need_resource_policy,
};
use asiaq_iam::is_account_id;
use asiaq_lang::Span;

use super::Subject;
use crate::library::kinds;
use crate::model::{Account, Model};

/// A request for resources of one account, with the policies that count for it.
pub(crate) struct Case<'m> {
    pub(crate) request: Request,
    policies: Policies<'m, Span>,
    /// ARNs of declared resources that are in other accounts.
    elsewhere: Vec<&'m str>,
}

/// A declared resource that can have a policy of its own.
struct Owned<'m> {
    account: &'m Account,
    arns: &'m [String],
    policy: Option<Attached<'m, Span>>,
}

/// An account that no program has: it stands for those that nothing names.
const OTHER_ACCOUNT: &str = "000000000000";

impl<'m> Case<'m> {
    pub(crate) fn decide(&self) -> Decision<'m, Span> {
        evaluate(&self.policies, &self.request)
    }

    /// One of the requests, for which the answer is this one.
    pub(crate) fn example(&self, wanted: Answer) -> Option<Example<'m, Span>> {
        example(&self.policies, &self.request, wanted, |arn| {
            !self.elsewhere.iter().any(|other| covers_arn(other, arn))
        })
    }
}

pub(super) fn cases<'m>(
    subject: &Subject<'m>,
    model: &'m Model,
    action: &str,
    resource: &str,
) -> Vec<Case<'m>> {
    let own = subject.account.id.value.as_str();
    let owned = owned(model);
    let case = |account: &str, is_unread: bool| {
        let in_account = |one: &&Owned<'m>| one.account.id.value == account;
        let of = owned.iter().filter(in_account);
        let policies = Policies {
            resource: of
                .filter_map(|one| Some(OfResource { of: Some(one.arns), policy: one.policy? }))
                .collect(),
            is_resource_unread: is_unread,
            ..subject.policies()
        };
        let elsewhere = owned.iter().filter(|one| !in_account(one));
        Case {
            request: Request {
                who: subject.who(),
                action: action.to_owned(),
                resource: resource.to_owned(),
                resource_account: Some(account.to_owned()),
                context: subject.context(),
            },
            policies,
            elsewhere: elsewhere.flat_map(|one| one.arns).map(String::as_str).collect(),
        }
    };
    let holder = owned.iter().find(|one| one.arns.iter().any(|arn| covers_arn(arn, resource)));
    if let Some(holder) = holder {
        return vec![case(&holder.account.id.value, false)];
    }
    let named = resource.split(':').nth(4).filter(|account| is_account_id(account));
    if let Some(other) = named.filter(|other| *other != own) {
        return vec![case(other, true)];
    }
    if !resource.contains(['*', '?']) {
        return vec![case(own, may_need_resource_policy(action))];
    }
    if named.is_some() {
        return vec![case(own, false)];
    }
    // Statements name accounts by numbers; those that the program declares have policies of resources too.
    let mut others: BTreeSet<&str> = owned.iter().map(|one| one.account.id.value.as_str()).collect();
    let policies = subject.policies();
    let documents = policies.identity.iter().filter_map(Attached::document);
    let listed = documents.flat_map(|document| &document.statements).flat_map(|one| &one.resources);
    let listed = listed.flat_map(|list| &list.values).filter_map(|text| text.value.split(':').nth(4));
    others.extend(listed.filter(|account| is_account_id(account)));
    others.insert(OTHER_ACCOUNT);
    others.remove(own);
    std::iter::once(case(own, false)).chain(others.into_iter().map(|other| case(other, true))).collect()
}

/// Declared resources with their policies: roles with their trust policies, and buckets.
fn owned(model: &Model) -> Vec<Owned<'_>> {
    let mut found = Vec::new();
    for account in &model.accounts {
        let mut add = |kind: &str, name: &'_ str, policy| {
            found.extend(account.arns.of(kind, name).map(|arns| Owned { account, arns, policy }));
        };
        for role in &account.identity.roles {
            let name = &role.heading.name;
            add(kinds::ROLE, name, Some(Attached::Known { name, document: &role.trust.document }));
        }
        for bucket in &account.storage.buckets {
            let name = &bucket.title.name;
            // What asiaq adds for those who write logs is about services, which a program does not ask for.
            let policy = bucket.policy.as_ref();
            add(
                kinds::BUCKET,
                name,
                policy.map(|written| Attached::Known { name, document: &written.document }),
            );
        }
    }
    found
}
