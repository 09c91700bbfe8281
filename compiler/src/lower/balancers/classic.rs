//! Classic load balancers.

use asiaq_ir::{ClassicHealthCheck, ClassicListener, ClassicLoadBalancer};

use super::{groups, scheme, stickiness, subnets, tags};
use crate::layout::EnvLayout;
use crate::lower::Lowering;
use crate::model::{Balancer, Environment, Host, health, human_name};

impl Lowering<'_> {
    pub(super) fn classic_balancer(
        &mut self,
        env: &Environment,
        laid: &EnvLayout,
        host: &Host,
        balancer: &Balancer,
    ) {
        let listeners = balancer.listeners.value.iter().map(|mapping| {
            let (front, back) = (mapping.value.front, mapping.value.back);
            ClassicListener {
                port: front.port,
                protocol: front.protocol.classic_name().to_owned(),
                to_port: back.port,
                to_protocol: back.protocol.classic_name().to_owned(),
                certificate: self.certificate(env, host, balancer, front.protocol, mapping.span),
            }
        });
        let path = balancer.health_check.as_ref().map(|path| path.value.as_str());
        let resource = ClassicLoadBalancer {
            name: balancer.name(&env.name, &host.name),
            scheme: scheme(balancer),
            subnets: subnets(env, laid, host, balancer),
            groups: groups(env, host, balancer),
            listeners: listeners.collect(),
            health_check: ClassicHealthCheck {
                target: health::target(&balancer.listeners.value, path),
                interval: health::INTERVAL,
                timeout: health::TIMEOUT,
                unhealthy: health::THRESHOLD,
                healthy: health::THRESHOLD,
            },
            stickiness: stickiness(balancer),
            idle_timeout: balancer.idle_timeout.value,
            draining: balancer.draining.value,
            cross_zone: balancer.cross_zone.value,
        };
        let check = balancer.health_check.as_ref().map_or(&balancer.listeners.chain, |path| &path.chain);
        let network = balancer.network.as_ref().unwrap_or(&host.network);
        let mut draft = self
            .add(env, &balancer.path(&host.name), balancer.span, resource)
            .tagged(env, &human_name(&env.name, &host.name), &tags(env, host))
            .provenance("scheme", &balancer.public.chain)
            .provenance("subnets", &network.chain)
            .provenance("groups", &network.chain)
            .provenance("listeners", &balancer.listeners.chain)
            .provenance("health_check", check)
            .provenance("idle_timeout", &balancer.idle_timeout.chain)
            .provenance("draining", &balancer.draining.chain)
            .provenance("cross_zone", &balancer.cross_zone.chain);
        for mapping in &balancer.listeners.value {
            draft = draft.provenance(&format!("listeners/{}", mapping.value.front.port), &[mapping.span]);
        }
        if let Some(sticky) = &balancer.sticky {
            draft = draft.provenance("stickiness", &sticky.chain);
        }
        drop(draft);
    }
}
