//! Application and Network Load Balancers, and their target groups.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    BalancerFamily, Listener, LoadBalancer, Redirect, Ref, Stickiness, TargetGroup, TargetHealthCheck,
};

use super::{declared_by, groups, places, scheme, stickiness, subnets, tag_parts, tags};
use crate::layout::EnvLayout;
use crate::lower::node::chain;
use crate::lower::{Lowering, vpc_of};
use crate::model::{Balancer, Environment, Family, Host, Socket, health};
use crate::value::AppProtocol;

impl Lowering<'_> {
    pub(super) fn load_balancer(
        &mut self,
        env: &Environment,
        laid: &EnvLayout,
        host: &Host,
        balancer: &Balancer,
    ) {
        for back in balancer.backs() {
            self.target_group(env, host, balancer, back);
        }
        let is_network = balancer.family.value == Family::Network;
        let listeners = balancer.listeners.value.iter().map(|mapping| {
            let front = mapping.value.front;
            let target = |back| Ref::to(&env.name, &group_path(balancer, &host.name, back));
            let to = mapping.value.back;
            Listener {
                port: front.port,
                protocol: front.protocol.name().to_owned(),
                certificate: self.certificate(env, host, balancer, front.protocol, mapping.span),
                tls_policy: balancer.policy_of(front.protocol),
                further_certificates: self.further_certificates(env, balancer, front.protocol),
                target: mapping.value.instances().map(target),
                redirect: mapping
                    .value
                    .is_redirect
                    .then(|| Redirect { protocol: to.protocol.name().to_owned(), port: to.port }),
            }
        });
        let listeners = listeners.collect();
        let name = balancer.name(&env.name, &host.name);
        let network = balancer.network.as_ref().unwrap_or(&host.network);
        let node = self.node(env, &balancer.path(&host.name), balancer.span).tagged(&name, &tags(env, host));
        let mut node = declared_by(node, host, balancer);
        tag_parts(&mut node, host);
        for mapping in &balancer.listeners.value {
            node.element(LoadBalancer::LISTENERS, &mapping.value.front.port, &places(balancer, mapping));
        }
        let family = if is_network { BalancerFamily::Network } else { BalancerFamily::Application };
        let idle_timeout = (!is_network).then_some(balancer.idle_timeout.value);
        let cross_zone = is_network.then_some(balancer.cross_zone.value);
        let subnets = subnets(env, laid, host, balancer);
        let resource = LoadBalancer {
            name,
            family: node.set(LoadBalancer::FAMILY, &balancer.family.chain, family),
            scheme: node.set(LoadBalancer::SCHEME, &balancer.public.chain, scheme(balancer)),
            subnets: node.set(LoadBalancer::SUBNETS, &network.chain, subnets),
            groups: node.set(LoadBalancer::GROUPS, &network.chain, groups(env, host, balancer)),
            listeners: node.set(LoadBalancer::LISTENERS, &balancer.listeners.chain, listeners),
            listener_rules: BTreeSet::new(),
            idle_timeout: node.set(LoadBalancer::IDLE_TIMEOUT, &balancer.idle_timeout.chain, idle_timeout),
            cross_zone: node.set(LoadBalancer::CROSS_ZONE, &balancer.cross_zone.chain, cross_zone),
            attributes: BTreeMap::new(),
        };
        self.add(node, resource);
    }

    fn target_group(&mut self, env: &Environment, host: &Host, balancer: &Balancer, back: Socket) {
        let name = Balancer::group_name(&env.name, &host.name, back);
        let of_back = balancer.listeners.value.iter().find(|mapping| mapping.value.instances() == Some(back));
        let span = of_back.map_or(balancer.span, |mapping| mapping.span);
        let check = balancer.health_check.as_ref().map_or(&balancer.listeners.chain, |path| &path.chain);
        let node =
            self.node(env, &group_path(balancer, &host.name, back), span).tagged(&name, &tags(env, host));
        let mut node = declared_by(node, host, balancer);
        tag_parts(&mut node, host);
        let stickiness = stickiness(balancer).map(normalized);
        let group = TargetGroup {
            name,
            vpc: vpc_of(env),
            protocol: node.set(TargetGroup::PROTOCOL, &[span], back.protocol.name().to_owned()),
            port: node.set(TargetGroup::PORT, &[span], back.port),
            health_check: node.set(TargetGroup::HEALTH_CHECK, check, health_check(balancer, back)),
            draining: node.value(TargetGroup::DRAINING, &balancer.draining),
            stickiness: node.set(TargetGroup::STICKINESS, chain(balancer.sticky.as_ref()), stickiness),
            attributes: BTreeMap::new(),
        };
        self.add(node, group);
    }
}

/// The path of the target group of `back`: `hostclass/mhcbanana/lb/target-group/80`.
pub(super) fn group_path(balancer: &Balancer, host: &str, back: Socket) -> String {
    format!("{}/target-group/{}", balancer.path(host), balancer.part(back))
}

/// Each port has its own check: of a path where the port speaks HTTP or the program names a path, else whether the port
/// is open.
fn health_check(balancer: &Balancer, back: Socket) -> TargetHealthCheck {
    let said = balancer.health_check.as_ref().map(|path| path.value.clone());
    let (protocol, path) = match (back.protocol, said) {
        (AppProtocol::Http | AppProtocol::Https, said) => {
            (back.protocol, Some(said.unwrap_or_else(|| health::ROOT.to_owned())))
        }
        (AppProtocol::Ssl | AppProtocol::Tls, Some(said)) => (AppProtocol::Https, Some(said)),
        (AppProtocol::Tcp | AppProtocol::Udp, Some(said)) => (AppProtocol::Http, Some(said)),
        (AppProtocol::Tcp | AppProtocol::Ssl | AppProtocol::Tls | AppProtocol::Udp, None) => {
            (AppProtocol::Tcp, None)
        }
    };
    TargetHealthCheck {
        protocol: protocol.name().to_owned(),
        port: back.port,
        path,
        interval: health::INTERVAL,
        timeout: health::TIMEOUT,
        unhealthy: health::THRESHOLD,
        healthy: health::THRESHOLD,
    }
}

/// AWS does not distinguish a cookie of one day from the default duration.
fn normalized(stickiness: Stickiness) -> Stickiness {
    match stickiness {
        Stickiness::Balancer(Some(86_400)) => Stickiness::Balancer(None),
        other @ (Stickiness::Balancer(_) | Stickiness::Application(_)) => other,
    }
}
