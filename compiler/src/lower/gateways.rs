//! The internet gateway and the VPN gateway of a VPC.

use asiaq_ir::{InternetGateway, Lookup, Ref, VpnAttachment, VpnGatewayFact};
use asiaq_lang::Span;

use super::missing::{Missing, What};
use super::{Lowering, vpc_of};
use crate::errors;
use crate::layout::live_vpc;
use crate::model::Environment;
use crate::value::Via;

/// The gateways of an environment.
pub(super) struct Gateways {
    /// Its internet gateway, if a route needs one.
    pub(super) internet: Option<Ref>,
    /// Its VPN gateway, if a route or propagation needs one and it is available.
    pub(super) vpn: Option<Ref>,
}

/// Path of the internet gateway.
pub(super) const INTERNET: &str = "internet-gateway";
/// Path of the VPN gateway's attachment.
const VPN: &str = "vpc/vpn-gateway";

impl Lowering<'_> {
    pub(super) fn gateways(&mut self, env: &Environment) -> Gateways {
        let internet = first_route(env, &Via::Igw).map(|span| {
            let node = self.node(env, INTERNET, span).tagged(&env.name, &[]);
            self.add(node, InternetGateway { vpc: Some(vpc_of(env)) });
            Ref::to(&env.name, INTERNET)
        });
        let propagates = || {
            let mut networks = env.networks.iter();
            networks
                .find(|network| network.vgw_propagation.value)
                .map(|network| network.vgw_propagation.span())
        };
        let vpn = first_route(env, &Via::Vgw).or_else(propagates).and_then(|span| {
            let gateway = self.vpn_gateway(env, span)?;
            let node = self.node(env, VPN, span);
            self.add(node, VpnAttachment { gateway, vpc: vpc_of(env) });
            Some(Ref::to(&env.name, VPN))
        });
        Gateways { internet, vpn }
    }

    /// The VPN gateway with the environment's name, unless it is attached to another VPC.
    fn vpn_gateway(&mut self, env: &Environment, span: Span) -> Option<Ref> {
        let Some(region) = self.region(env) else {
            return Some(Ref::Find(Lookup::VpnGateway(env.name.clone())));
        };
        let own = live_vpc(env, Some(region)).map(|vpc| vpc.id.as_str());
        let mut named: Vec<&VpnGatewayFact> =
            region.vpn_gateways.iter().filter(|gateway| gateway.name.as_ref() == Some(&env.name)).collect();
        // First the gateway that is attached here already, then one that is not attached, then by id.
        named.sort_by_key(|gateway| {
            let attached = gateway.attached_to.as_deref();
            (attached.is_some() && attached != own, attached.is_none(), gateway.id.clone())
        });
        let Some(gateway) = named.first() else {
            let what = What::VpnGateway { region: env.region.value.clone() };
            self.missing.push(Missing { span, what, own: env.name.clone() });
            return None;
        };
        match gateway.attached_to.as_deref() {
            Some(other) if Some(other) != own => {
                let taken = errors::vpn_gateway_taken(span, &gateway.id, &env.name, other);
                self.diagnostics.push(taken);
                None
            }
            Some(_) | None => Some(Ref::Id(gateway.id.clone())),
        }
    }
}

/// The place of the first route through this gateway.
fn first_route(env: &Environment, via: &Via) -> Option<Span> {
    let mut routes = env.networks.iter().flat_map(|network| &network.routes.value);
    routes.find(|route| route.value.via == *via).map(|route| route.span)
}
