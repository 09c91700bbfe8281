//! Peering connections: one for each pair of environments with peered metanetworks.

use std::collections::BTreeMap;

use asiaq_ir::{PeeringConnection, Ref};
use asiaq_lang::Span;

use super::{Lowering, vpc_of};
use crate::errors;
use crate::model::Environment;

/// A reference to the connection between two environments: it belongs to the first by name.
pub(super) fn reference(a: &str, b: &str) -> Ref {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    Ref::to(first, &format!("peering/{second}"))
}

impl Lowering<'_> {
    pub(super) fn peerings(&mut self) {
        let model = self.model;
        let mut pairs: BTreeMap<(&str, &str), Vec<Span>> = BTreeMap::new();
        for joint in &model.joints {
            let [a, b] = &joint.ends;
            pairs.entry((&a.env, &b.env)).or_default().push(joint.span);
        }
        for ((a, b), spans) in pairs {
            let (Some(requester), Some(accepter)) = (model.environment(a), model.environment(b)) else {
                continue;
            };
            let Some(span) = spans.first().copied() else { continue };
            if self.is_out_of_reach(requester, accepter) {
                self.diagnostics.push(errors::peering_across_accounts(span, a, b));
                continue;
            }
            let accepter_account = self.account_beside(requester, accepter);
            let mut node =
                self.node(requester, &format!("peering/{b}"), span).tagged(&format!("{a}-{b}"), &[]);
            let connection = PeeringConnection {
                requester: node.set(PeeringConnection::REQUESTER, &spans, vpc_of(requester)),
                accepter: vpc_of(accepter),
                accepter_region: accepter.region.value.clone(),
                accepter_account,
                accepted: true,
            };
            self.add(node, connection);
        }
    }

    /// Whether two environments are of different accounts that no run can get to at once, since both are the caller's.
    fn is_out_of_reach(&self, one: &Environment, other: &Environment) -> bool {
        let way = |env: &Environment| {
            let declared = env.account_name.as_ref().and_then(|name| self.model.account(name));
            declared.is_some_and(|account| account.profile.is_some() || account.role.is_some())
        };
        other_account(one, other).is_some() && !way(one) && !way(other)
    }

    /// The account of `other`, if it is another one than that of `one`. An environment that names none is in the account of
    /// the caller, which is known once AWS was asked.
    fn account_beside(&self, one: &Environment, other: &Environment) -> Option<String> {
        let looked_at = self.facts.account.as_ref();
        let account =
            |env: &'_ Environment| env.account.as_ref().map(|set| &set.value).or(looked_at).cloned();
        let (one, other) = (account(one)?, account(other)?);
        (one != other).then_some(other)
    }
}

/// The account of `other`, if both environments name one and these differ.
fn other_account<'e>(one: &Environment, other: &'e Environment) -> Option<&'e String> {
    let (one, other) = (&one.account.as_ref()?.value, &other.account.as_ref()?.value);
    (one != other).then_some(other)
}
