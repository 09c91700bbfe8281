//! What all environments of one account and region have together.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use asiaq_ir::Quota;
use asiaq_ir::quotas as all;
use asiaq_lang::Diagnostic;

use super::super::Project;
use crate::errors;
use crate::model::{Environment, Family};
use crate::value::Nat;

/// The contents of a region in an account.
#[derive(Default)]
struct Region<'m> {
    environments: Vec<&'m Environment>,
    counts: BTreeMap<Quota, usize>,
    /// Declared elastic IP addresses; each counts once.
    addresses: BTreeSet<Ipv4Addr>,
    /// NAT gateways by zone.
    gateways: BTreeMap<&'m str, usize>,
}

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut regions: BTreeMap<(&str, &str), Region<'_>> = BTreeMap::new();
    for env in &project.model.environments {
        let account = env.account.as_ref().map_or("", |account| account.value.as_str());
        regions.entry((account, &env.region.value)).or_default().add(project, env);
    }
    for ((account, region), contents) in &mut regions {
        let declared = contents.addresses.len();
        contents.count(all::ELASTIC_IPS, declared);
        let mut over: Vec<(String, usize, usize)> = contents
            .counts
            .iter()
            .filter(|(quota, count)| **count > quota.default)
            .map(|(quota, count)| (quota.name.to_owned(), *count, quota.default))
            .collect();
        let crowded = contents.gateways.iter().filter(|(_, count)| **count > all::NAT_GATEWAYS.default);
        if let Some((zone, count)) = crowded.max_by_key(|(_, count)| **count) {
            over.push((format!("NAT gateways in {zone}"), *count, all::NAT_GATEWAYS.default));
        }
        // The first environment, so that a further one does not move the warning.
        let Some(first) = contents.environments.first().filter(|_| !over.is_empty()) else { continue };
        let others = contents.environments.len() - 1;
        found.push(errors::over_regional_quotas(first.span, others, account, region, &over));
    }
}

impl<'m> Region<'m> {
    fn count(&mut self, quota: Quota, number: usize) {
        *self.counts.entry(quota).or_default() += number;
    }

    fn add(&mut self, project: &Project<'m>, env: &'m Environment) {
        self.environments.push(env);
        self.count(all::VPCS, 1);
        self.count(all::SECURITY_GROUPS, env.networks.len());
        self.count(all::GATEWAY_ENDPOINTS, env.endpoints.len());
        self.count(all::DHCP_OPTION_SETS, usize::from(env.dhcp.is_some()));
        let zones = project.layout.0.get(&env.name).map_or(&[][..], |laid| &laid.zones);
        for nat in env.networks.iter().filter_map(|network| network.nat.as_ref()) {
            match &nat.value {
                Nat::Auto | Nat::One => self.count(all::ELASTIC_IPS, nat.value.count(zones.len())),
                Nat::Static(addresses) => self.addresses.extend(addresses.iter().map(|ip| ip.value)),
            }
            for zone in zones.iter().take(nat.value.count(zones.len())) {
                *self.gateways.entry(zone).or_default() += 1;
            }
        }
        let running = env.running().count();
        self.count(all::AUTO_SCALING_GROUPS, running);
        self.count(all::LAUNCH_TEMPLATES, running);
        self.addresses.extend(env.hosts.iter().filter_map(|host| host.eip.as_ref()).map(|eip| eip.value));
        for (_, balancer) in env.balancers() {
            let family = balancer.family.value;
            self.count(
                match family {
                    Family::Classic => all::CLASSIC_LOAD_BALANCERS,
                    Family::Application => all::APPLICATION_LOAD_BALANCERS,
                    Family::Network => all::NETWORK_LOAD_BALANCERS,
                },
                1,
            );
            if family != Family::Classic {
                self.count(all::TARGET_GROUPS, balancer.backs().len());
            }
        }
    }
}
