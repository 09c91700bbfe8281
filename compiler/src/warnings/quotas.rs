//! More rules or routes than AWS takes by default: likely to fail when they are applied.

use asiaq_ir::{Address, Resource};
use asiaq_lang::{Diagnostic, Span};

use super::{Project, atoms};
use crate::errors;
use crate::model::{Environment, Network};

/// Inbound rules per security group (VPC user guide, "Amazon VPC quotas").
const RULES: usize = 60;
/// Routes per route table (VPC user guide, "Amazon VPC quotas").
const ROUTES: usize = 500;

/// Rules that are shown as the reason.
const SHOWN: usize = 3;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    for env in &project.model.environments {
        for network in &env.networks {
            let span = project.place(network.span, project.place(network.ingress.span(), env.span));
            let rules = rules(project, env, network);
            if rules > RULES {
                let largest = largest(project, env, network);
                let count = (rules, RULES);
                found.push(errors::too_many_rules(span, &network.name, &env.name, count, &largest));
            }
            let routes = routes(project, env, network);
            if routes > ROUTES {
                found.push(errors::too_many_routes(span, &network.name, &env.name, (routes, ROUTES)));
            }
        }
    }
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
