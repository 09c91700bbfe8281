//! More of something than AWS takes by default: likely to fail when it is applied.

mod accounts;
mod regional;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::quotas::{
    LISTENERS_OF_APPLICATION, LISTENERS_OF_CLASSIC, LISTENERS_OF_NETWORK, PEERINGS_OF_VPC,
    POLICIES_OF_SCALING_GROUP, ROUTES_OF_TABLE, RULES_OF_GROUP, SUBNETS_OF_VPC,
};
use asiaq_ir::{Address, Resource};
use asiaq_lang::{Diagnostic, Span};

use super::{Project, atoms};
use crate::errors;
use crate::model::{Environment, Family, Model, Network};

pub(super) use accounts::find as of_accounts;

/// Rules that are shown as the reason.
const SHOWN: usize = 3;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    regional::find(project, found);
    let peerings = peerings(project.model);
    for env in &project.model.environments {
        if let Some(peered) =
            peerings.get(env.name.as_str()).filter(|peered| peered.len() > PEERINGS_OF_VPC.default)
        {
            let count = (peered.len(), PEERINGS_OF_VPC.default);
            found.push(errors::over_quota(env.span, &env.name, PEERINGS_OF_VPC.name, count));
        }
        let subnets = env.networks.len() * env.zones.value;
        if let Some(last) = env.networks.last().filter(|_| subnets > SUBNETS_OF_VPC.default) {
            let place = project.place(last.span, env.span);
            found.push(errors::over_quota(
                place,
                &env.name,
                SUBNETS_OF_VPC.name,
                (subnets, SUBNETS_OF_VPC.default),
            ));
        }
        parts(project, env, found);
        for network in &env.networks {
            let span = project.place(network.span, project.place(network.ingress.span(), env.span));
            let rules = rules(project, env, network);
            if rules > RULES_OF_GROUP.default {
                let largest = largest(project, env, network);
                let count = (rules, RULES_OF_GROUP.default);
                found.push(errors::too_many_rules(span, &network.name, &env.name, count, &largest));
            }
            let routes = routes(project, env, network);
            if routes > ROUTES_OF_TABLE.default {
                found.push(errors::too_many_routes(
                    span,
                    &network.name,
                    &env.name,
                    (routes, ROUTES_OF_TABLE.default),
                ));
            }
        }
    }
}

/// Parts of one load balancer and of one Auto Scaling group.
fn parts(project: &Project<'_>, env: &Environment, found: &mut Vec<Diagnostic>) {
    for (_, balancer) in env.balancers() {
        let quota = match balancer.family.value {
            Family::Classic => LISTENERS_OF_CLASSIC,
            Family::Application => LISTENERS_OF_APPLICATION,
            Family::Network => LISTENERS_OF_NETWORK,
        };
        let count = (balancer.listeners.value.len(), quota.default);
        if count.0 > quota.default {
            let place = project.place(balancer.listeners.place(balancer.span), env.span);
            found.push(errors::over_quota(place, &env.name, "listeners of a load balancer", count));
        }
    }
    for run in env.pipeline.iter().flat_map(|pipeline| pipeline.runs()) {
        let count = (run.scaling.len(), POLICIES_OF_SCALING_GROUP.default);
        if count.0 > count.1 {
            let place = project.place(run.span, env.span);
            found.push(errors::over_quota(place, &env.name, POLICIES_OF_SCALING_GROUP.name, count));
        }
    }
}

/// The environments that each is peered with.
fn peerings(model: &Model) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut peerings: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for joint in &model.joints {
        let [a, b] = &joint.ends;
        peerings.entry(&a.env).or_default().insert(&b.env);
        peerings.entry(&b.env).or_default().insert(&a.env);
    }
    peerings
}

fn rules(project: &Project<'_>, env: &Environment, network: &Network) -> usize {
    let address = Address::new(&env.name, &format!("{}/security-group/ingress", network.name));
    match project.ir.resources.get(&address).map(|node| &node.resource) {
        Some(Resource::IngressRules(group)) => group.rules.len(),
        Some(_) | None => 0,
    }
}

fn routes(project: &Project<'_>, env: &Environment, network: &Network) -> usize {
    network.routes.value.len() + project.model.joined(&env.name, &network.name).count()
}

/// The places that expand to the most rules.
fn largest<'m>(project: &Project<'m>, env: &'m Environment, network: &'m Network) -> Vec<(Span, usize)> {
    let stated = atoms::stated(project, env, network);
    let mut places: Vec<(Span, usize)> = stated.iter().map(|stated| (stated.span, stated.count())).collect();
    places.sort_by_key(|(span, rules)| (std::cmp::Reverse(*rules), *span));
    places.retain(|(_, rules)| *rules > 1);
    places.truncate(SHOWN);
    places
}
