//! What all environments of one account and region have together, and AWS's default quotas for it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use asiaq_lang::Diagnostic;

use super::super::Project;
use crate::errors;
use crate::model::{Environment, Family};
use crate::value::Nat;

/// The default quotas of a region (as of 2025: Amazon VPC user guide, "Amazon VPC quotas"; Amazon EC2 user guide,
/// "Elastic IP address quota"; Elastic Load Balancing user guides, "Quotas"; Amazon EC2 Auto Scaling user guide,
/// "Quotas").
const VPCS: Quota = ("VPCs", 5);
const ELASTIC_IPS: Quota = ("elastic IP addresses", 5);
const GATEWAY_ENDPOINTS: Quota = ("gateway endpoints", 20);
const DHCP_OPTIONS: Quota = ("DHCP option sets", 100);
const SECURITY_GROUPS: Quota = ("security groups", 2500);
const CLASSIC: Quota = ("Classic Load Balancers", 20);
const APPLICATION: Quota = ("Application Load Balancers", 50);
const NETWORK: Quota = ("Network Load Balancers", 50);
const TARGET_GROUPS: Quota = ("target groups", 3000);
const AUTO_SCALING_GROUPS: Quota = ("Auto Scaling groups", 500);
const LAUNCH_TEMPLATES: Quota = ("launch templates", 5000);
/// NAT gateways of one zone.
const NAT_GATEWAYS: usize = 5;

/// What is counted, and how many of it an account has by default.
type Quota = (&'static str, usize);

/// The contents of a region in an account.
#[derive(Default)]
struct Region<'m> {
    environments: Vec<&'m Environment>,
    counts: BTreeMap<&'static str, (usize, usize)>,
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
        contents.count(ELASTIC_IPS, declared);
        let mut over: Vec<(String, usize, usize)> = contents
            .counts
            .iter()
            .filter(|(_, (count, quota))| count > quota)
            .map(|(what, (count, quota))| ((*what).to_owned(), *count, *quota))
            .collect();
        let crowded = contents.gateways.iter().filter(|(_, count)| **count > NAT_GATEWAYS);
        if let Some((zone, count)) = crowded.max_by_key(|(_, count)| **count) {
            over.push((format!("NAT gateways in {zone}"), *count, NAT_GATEWAYS));
        }
        // The first environment, so that a further one does not move the warning.
        let Some(first) = contents.environments.first().filter(|_| !over.is_empty()) else { continue };
        let others = contents.environments.len() - 1;
        found.push(errors::over_regional_quotas(first.span, others, account, region, &over));
    }
}

impl<'m> Region<'m> {
    fn count(&mut self, (what, quota): Quota, number: usize) {
        self.counts.entry(what).or_insert((0, quota)).0 += number;
    }

    fn add(&mut self, project: &Project<'m>, env: &'m Environment) {
        self.environments.push(env);
        self.count(VPCS, 1);
        self.count(SECURITY_GROUPS, env.networks.len());
        self.count(GATEWAY_ENDPOINTS, env.endpoints.len());
        self.count(DHCP_OPTIONS, usize::from(env.dhcp.is_some()));
        let zones = project.layout.0.get(&env.name).map_or(&[][..], |laid| &laid.zones);
        for nat in env.networks.iter().filter_map(|network| network.nat.as_ref()) {
            match &nat.value {
                Nat::Auto | Nat::One => self.count(ELASTIC_IPS, nat.value.count(zones.len())),
                Nat::Static(addresses) => self.addresses.extend(addresses.iter().map(|ip| ip.value)),
            }
            for zone in zones.iter().take(nat.value.count(zones.len())) {
                *self.gateways.entry(zone).or_default() += 1;
            }
        }
        let running = env.running().count();
        self.count(AUTO_SCALING_GROUPS, running);
        self.count(LAUNCH_TEMPLATES, running);
        self.addresses.extend(env.hosts.iter().filter_map(|host| host.eip.as_ref()).map(|eip| eip.value));
        for (_, balancer) in env.balancers() {
            let family = balancer.family.value;
            self.count(
                match family {
                    Family::Classic => CLASSIC,
                    Family::Application => APPLICATION,
                    Family::Network => NETWORK,
                },
                1,
            );
            if family != Family::Classic {
                self.count(TARGET_GROUPS, balancer.backs().len());
            }
        }
    }
}
