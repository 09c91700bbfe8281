//! From the reasons of reachability back to the text of the program.

use std::collections::BTreeMap;

use asiaq_ir::Origin;
use asiaq_lang::{SourceMap, Span};

use crate::evaluate::Resolved;
use crate::model::Model;
use crate::reach::Because;

/// From places in words back to stretches of the text.
pub(super) struct Places<'m> {
    sources: &'m SourceMap,
    model: &'m Model,
    known: Option<BTreeMap<Origin, Span>>,
}

impl<'m> Places<'m> {
    pub(super) fn new(sources: &'m SourceMap, model: &'m Model) -> Self {
        Self { sources, model, known: None }
    }

    /// The reasons with their places, each place once; those without a place last.
    pub(super) fn cite(&mut self, reasons: &[Because]) -> Vec<(Option<Span>, String)> {
        let (sources, model) = (self.sources, self.model);
        let known = self.known.get_or_insert_with(|| known(sources, model));
        let mut cited: Vec<(Option<Span>, String)> = Vec::new();
        for reason in reasons {
            let span = reason.origin.as_ref().and_then(|origin| known.get(origin)).copied();
            let is_said = |(at, said): &(Option<Span>, String)| match span {
                Some(span) => *at == Some(span),
                None => *said == reason.what,
            };
            if !cited.iter().any(is_said) {
                cited.push((span, reason.what.clone()));
            }
        }
        cited.sort_by_key(|(span, _)| span.is_none());
        cited
    }
}

/// Everything in a model that a reason may come from.
fn known(sources: &SourceMap, model: &Model) -> BTreeMap<Origin, Span> {
    let mut spans: Vec<Span> = model.joints.iter().map(|joint| joint.span).collect();
    for env in &model.environments {
        for network in &env.networks {
            spans.push(network.span);
            spans.extend(network.ingress.value.iter().map(|rule| rule.span));
            spans.extend(network.routes.value.iter().map(|route| route.span));
        }
        for host in &env.hosts {
            spans.push(host.network.span());
            spans.extend(host.machine.security.value.iter().map(|network| network.span));
            spans.extend(host.balancers.iter().flat_map(|balancer| &balancer.network).map(Resolved::span));
        }
        spans.extend(env.customer.iter().flat_map(|customer| &customer.ports.value).map(|ports| ports.span));
    }
    spans.into_iter().map(|span| (crate::lower::origin(sources, span), span)).collect()
}
