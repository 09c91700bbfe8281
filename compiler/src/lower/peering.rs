//! Peering connections: one for each pair of environments with peered metanetworks.

use std::collections::BTreeMap;

use asiaq_ir::{PeeringConnection, Ref};
use asiaq_lang::Span;

use super::{Lowering, vpc_of};
use crate::errors;

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
            let account = |env: &crate::model::Environment| env.account.as_ref().map(|set| set.value.clone());
            if let (Some(one), Some(other)) = (account(requester), account(accepter))
                && one != other
            {
                self.diagnostics.push(errors::peering_across_accounts(span, a, b));
                continue;
            }
            let mut node =
                self.node(requester, &format!("peering/{b}"), span).tagged(&format!("{a}-{b}"), &[]);
            let connection = PeeringConnection {
                requester: node.set(PeeringConnection::REQUESTER, &spans, vpc_of(requester)),
                accepter: vpc_of(accepter),
                accepter_region: accepter.region.value.clone(),
                accepted: true,
            };
            self.add(node, connection);
        }
    }
}
