//! NAT gateways that no route leads through: each costs money by the hour.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::Project;
use crate::errors;
use crate::model::Environment;
use crate::value::Via;

/// The environments that have a metanetwork's NAT gateways from one place of the text.
#[derive(Default)]
struct Users<'m> {
    network: &'m str,
    idle: Vec<&'m str>,
    is_used_somewhere: bool,
}

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut places: BTreeMap<Span, Users<'_>> = BTreeMap::new();
    for env in &project.model.environments {
        for network in &env.networks {
            let Some(nat) = &network.nat else { continue };
            let users = places.entry(project.place(nat.span(), env.span)).or_default();
            users.network = &network.name;
            if is_used(env, &network.name) {
                users.is_used_somewhere = true;
            } else {
                users.idle.push(&env.name);
            }
        }
    }
    for (span, users) in places.into_iter().filter(|(_, users)| !users.idle.is_empty()) {
        let removal = (!users.is_used_somewhere).then(|| project.removal(span));
        found.push(errors::unused_nat(span, users.network, &users.idle, removal));
    }
}

fn is_used(env: &Environment, network: &str) -> bool {
    let mut routes = env.networks.iter().flat_map(|network| &network.routes.value);
    routes.any(|route| matches!(&route.value.via, Via::Nat(through) if through.value == network))
}
