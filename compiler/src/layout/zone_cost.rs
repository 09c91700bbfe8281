//! What one more zone costs: the subnets that it replaces.

use std::collections::BTreeMap;

use asiaq_ir::Origin;
use asiaq_lang::{SourceMap, Span};

use super::{Layout, live, networks};
use crate::lower::origin;
use crate::model::{Environment, Model};

/// The subnets that one more zone of some environments replaces, because their metanetworks have no part for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneCost {
    /// The environments, in order of declaration.
    pub environments: Vec<String>,
    /// Their number of zones.
    pub zones: usize,
    /// Number of their subnets that the zone replaces.
    pub replaced: usize,
    /// Number of their subnets.
    pub subnets: usize,
    /// The place that sets the number of zones.
    pub origin: Origin,
}

/// The costs of one more zone, one for each place that sets a number of zones. An environment in one zone is not meant
/// to last.
pub(crate) fn zone_costs(sources: &SourceMap, model: &Model, layout: &Layout) -> Vec<ZoneCost> {
    let mut costs: BTreeMap<Span, ZoneCost> = BTreeMap::new();
    for env in model.environments.iter().filter(|env| is_even(env.zones.value)) {
        let Some((replaced, subnets)) = cost(env, layout).filter(|(replaced, _)| *replaced > 0) else {
            continue;
        };
        let place = env.zones.place(env.span);
        let cost = costs.entry(place).or_insert_with(|| ZoneCost {
            environments: Vec::new(),
            zones: env.zones.value,
            replaced: 0,
            subnets: 0,
            origin: origin(sources, place),
        });
        cost.environments.push(env.name.clone());
        cost.replaced += replaced;
        cost.subnets += subnets;
    }
    costs.into_values().collect()
}

/// Whether this number of zones uses every part of a metanetwork, and there may be more.
fn is_even(zones: usize) -> bool {
    zones > 1 && zones.is_power_of_two()
}

/// The number of subnets that another zone replaces, and of all subnets.
fn cost(env: &Environment, layout: &Layout) -> Option<(usize, usize)> {
    let laid = layout.0.get(&env.name)?;
    let mut more = env.clone();
    more.zones.value += 1;
    let then = networks(&more, laid.cidr, &live::Subnets::of(laid), &mut Vec::new());
    let subnets = laid.networks.values().map(|own| own.subnets.len()).sum();
    let replaced = laid.networks.iter().map(|(name, own)| {
        let kept = then.get(name).map(|then| then.subnets.as_slice()).unwrap_or_default();
        own.subnets.iter().zip(kept).filter(|(before, after)| before != after).count()
    });
    Some((replaced.sum(), subnets))
}
