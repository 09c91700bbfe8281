//! The VPC and what it hands out by DHCP.

use asiaq_ir::{DhcpOptions, Ref, Vpc};

use super::Lowering;
use crate::layout::EnvLayout;
use crate::model::{Dhcp, Environment};
use crate::proof::{Place, place};
use crate::value::{Address, NameServer};

impl Lowering<'_> {
    pub(super) fn vpc(&mut self, env: &Environment, laid: &EnvLayout) {
        let dhcp_options = env.dhcp.as_ref().map(|_| Ref::to(&env.name, "dhcp"));
        self.add(
            env,
            "vpc",
            env.span,
            Vpc { cidr: laid.cidr, dns_support: true, dns_hostnames: true, dhcp_options },
        )
        .tagged(env, &env.name, &[])
        .provenance("cidr", &env.cidr.chain);
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
                (Address::Offset { .. }, Place::Spanned(at)) => Some(at.to_string()),
                (Address::Offset { .. }, Place::Reserved(..) | Place::Outside) => None,
            }
        };
        let options = DhcpOptions {
            domain_name: dhcp.domain_name.as_ref().map(|name| name.value.clone()),
            domain_name_servers: dhcp
                .dns
                .value
                .iter()
                .filter_map(|server| match &server.value {
                    NameServer::Amazon => Some("AmazonProvidedDNS".to_owned()),
                    NameServer::Spanned(address) => resolve(address),
                })
                .collect(),
            ntp_servers: dhcp.ntp.value.iter().filter_map(|server| resolve(&server.value)).collect(),
        };
        let mut draft = self
            .add(env, "dhcp", dhcp.span, options)
            .tagged(env, &env.name, &[])
            .provenance("domain_name_servers", &dhcp.dns.chain)
            .provenance("ntp_servers", &dhcp.ntp.chain);
        if let Some(name) = &dhcp.domain_name {
            draft = draft.provenance("domain_name", &name.chain);
        }
        drop(draft);
    }
}
