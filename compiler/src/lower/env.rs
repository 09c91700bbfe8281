//! The VPC and its DHCP option set.

use asiaq_ir::{DhcpOptions, Ref, Vpc};

use super::Lowering;
use crate::layout::EnvLayout;
use crate::model::{Dhcp, Environment};
use crate::proof::{Place, place};
use crate::value::{Address, NameServer};

impl Lowering<'_> {
    pub(super) fn vpc(&mut self, env: &Environment, laid: &EnvLayout) {
        let mut node = self.node(env, "vpc", env.span).declared_by("").tagged(&env.name, &[]);
        let vpc = Vpc {
            cidr: node.set(Vpc::CIDR, &env.cidr.chain, laid.cidr),
            dns_support: true,
            dns_hostnames: true,
            dhcp_options: env.dhcp.as_ref().map(|_| Ref::to(&env.name, "dhcp")),
        };
        self.add(node, vpc);
        if let Some(dhcp) = &env.dhcp {
            self.dhcp(env, laid, dhcp);
        }
    }

    fn dhcp(&mut self, env: &Environment, laid: &EnvLayout, dhcp: &Dhcp) {
        let resolve = |address: &Address| {
            let subnets = match address {
                Address::Offset { network: Some(network), .. } => {
                    laid.networks.get(&network.value).map(|laid| laid.subnets.as_slice())
                }
                Address::Offset { network: None, .. } | Address::Ip(_) => None,
            };
            match (address, place(address, subnets.unwrap_or_default())) {
                (Address::Ip(ip), _) => Some(ip.to_string()),
                (Address::Offset { .. }, Place::Address(at)) => Some(at.to_string()),
                (Address::Offset { .. }, Place::Reserved(..) | Place::Outside) => None,
            }
        };
        let servers = dhcp.dns.value.iter().filter_map(|server| match &server.value {
            NameServer::Amazon => Some("AmazonProvidedDNS".to_owned()),
            NameServer::Address(address) => resolve(address),
        });
        let ntp_servers = dhcp.ntp.value.iter().filter_map(|server| resolve(&server.value));
        let mut node = self.node(env, "dhcp", dhcp.span).declared_by("dhcp").tagged(&env.name, &[]);
        let options = DhcpOptions {
            domain_name: node.optional(DhcpOptions::DOMAIN_NAME, dhcp.domain_name.as_ref()),
            domain_name_servers: node.set(
                DhcpOptions::DOMAIN_NAME_SERVERS,
                &dhcp.dns.chain,
                servers.collect(),
            ),
            ntp_servers: node.set(DhcpOptions::NTP_SERVERS, &dhcp.ntp.chain, ntp_servers.collect()),
        };
        self.add(node, options);
    }
}
