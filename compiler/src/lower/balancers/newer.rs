//! Application and network load balancers, and their target groups.

use asiaq_ir::{BalancerFamily, Listener, LoadBalancer, Ref, Stickiness, TargetGroup, TargetHealthCheck};

use super::{groups, scheme, stickiness, subnets, tags};
use crate::layout::EnvLayout;
use crate::lower::{Lowering, vpc_of};
use crate::model::{Balancer, Environment, Family, Host, Socket, health};
use crate::value::AppProtocol;

impl Lowering<'_> {
    pub(super) fn newer_balancer(
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
            let (front, back) = (mapping.value.front, mapping.value.back);
            Listener {
                port: front.port,
                protocol: front.protocol.name().to_owned(),
                certificate: self.certificate(env, host, balancer, front.protocol, mapping.span),
                target: Ref::to(&env.name, &group_path(balancer, &host.name, back)),
            }
        });
        let name = balancer.name(&env.name, &host.name);
        let resource = LoadBalancer {
            name: name.clone(),
            family: if is_network { BalancerFamily::Network } else { BalancerFamily::Application },
            scheme: scheme(balancer),
            subnets: subnets(env, laid, host, balancer),
            groups: groups(env, host, balancer),
            listeners: listeners.collect(),
            idle_timeout: (!is_network).then_some(balancer.idle_timeout.value),
            cross_zone: is_network.then_some(balancer.cross_zone.value),
        };
        let network = balancer.network.as_ref().unwrap_or(&host.network);
        let mut draft = self
            .add(env, &balancer.path(&host.name), balancer.span, resource)
            .tagged(env, &name, &tags(env, host))
            .provenance("family", &balancer.family.chain)
            .provenance("scheme", &balancer.public.chain)
            .provenance("subnets", &network.chain)
            .provenance("groups", &network.chain)
            .provenance("listeners", &balancer.listeners.chain)
            .provenance("idle_timeout", &balancer.idle_timeout.chain)
            .provenance("cross_zone", &balancer.cross_zone.chain);
        for mapping in &balancer.listeners.value {
            draft = draft.provenance(&format!("listeners/{}", mapping.value.front.port), &[mapping.span]);
        }
        drop(draft);
    }

    fn target_group(&mut self, env: &Environment, host: &Host, balancer: &Balancer, back: Socket) {
        let name = balancer.group_name(&env.name, &host.name, back);
        let group = TargetGroup {
            name: name.clone(),
            vpc: vpc_of(env),
            protocol: back.protocol.name().to_owned(),
            port: back.port,
            health_check: health_check(balancer, back),
            draining: balancer.draining.value,
            stickiness: stickiness(balancer).map(usual),
        };
        let of_back = balancer.listeners.value.iter().find(|mapping| mapping.value.back == back);
        let span = of_back.map_or(balancer.span, |mapping| mapping.span);
        let check = balancer.health_check.as_ref().map_or(&balancer.listeners.chain, |path| &path.chain);
        let mut draft = self
            .add(env, &group_path(balancer, &host.name, back), span, group)
            .tagged(env, &name, &tags(env, host))
            .provenance("protocol", &[span])
            .provenance("port", &[span])
            .provenance("health_check", check)
            .provenance("draining", &balancer.draining.chain);
        if let Some(sticky) = &balancer.sticky {
            draft = draft.provenance("stickiness", &sticky.chain);
        }
        drop(draft);
    }
}

/// The path of the target group of `back`: `hostclass/mhcbanana/lb/target-group/80`.
pub(super) fn group_path(balancer: &Balancer, host: &str, back: Socket) -> String {
    format!("{}/target-group/{}", balancer.path(host), balancer.part(back))
}

/// Each port is asked by itself: one that speaks HTTP for a path, any other one whether it is open, unless there is
/// a path to ask for.
fn health_check(balancer: &Balancer, back: Socket) -> TargetHealthCheck {
    let said = balancer.health_check.as_ref().map(|path| path.value.clone());
    let (protocol, path) = match (back.protocol, said) {
        (AppProtocol::Http | AppProtocol::Https, said) => {
            (back.protocol, Some(said.unwrap_or_else(|| health::ROOT.to_owned())))
        }
        (AppProtocol::Ssl, Some(said)) => (AppProtocol::Https, Some(said)),
        (AppProtocol::Tcp | AppProtocol::Udp, Some(said)) => (AppProtocol::Http, Some(said)),
        (AppProtocol::Tcp | AppProtocol::Ssl | AppProtocol::Udp, None) => (AppProtocol::Tcp, None),
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

/// A cookie of a day is the one that newer load balancers give where nobody says how long: AWS tells no difference.
fn usual(stickiness: Stickiness) -> Stickiness {
    match stickiness {
        Stickiness::Balancer(Some(86_400)) => Stickiness::Balancer(None),
        other @ (Stickiness::Balancer(_) | Stickiness::Application(_)) => other,
    }
}
