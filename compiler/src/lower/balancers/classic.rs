//! Classic Load Balancers.

use std::collections::BTreeMap;

use asiaq_ir::{ClassicHealthCheck, ClassicListener, ClassicLoadBalancer};

use super::{declared_by, groups, places, scheme, stickiness, subnets, tag_parts, tags};
use crate::layout::EnvLayout;
use crate::lower::Lowering;
use crate::lower::node::chain;
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
                tls_policy: balancer.policy_of(front.protocol),
            }
        });
        let listeners = listeners.collect();
        let path = balancer.health_check.as_ref().map(|path| path.value.as_str());
        let health_check = ClassicHealthCheck {
            target: health::target(&balancer.listeners.value, path),
            interval: health::INTERVAL,
            timeout: health::TIMEOUT,
            unhealthy: health::THRESHOLD,
            healthy: health::THRESHOLD,
        };
        let check = balancer.health_check.as_ref().map_or(&balancer.listeners.chain, |path| &path.chain);
        let network = balancer.network.as_ref().unwrap_or(&host.network);
        let node = self
            .node(env, &balancer.path(&host.name), balancer.span)
            .tagged(&human_name(&env.name, &host.name), &tags(env, host));
        let mut node = declared_by(node, host, balancer);
        tag_parts(&mut node, host);
        for mapping in &balancer.listeners.value {
            node.element(
                ClassicLoadBalancer::LISTENERS,
                &mapping.value.front.port,
                &places(balancer, mapping),
            );
        }
        let subnets = subnets(env, laid, host, balancer);
        let groups = groups(env, host, balancer);
        let sticky = chain(balancer.sticky.as_ref());
        let resource = ClassicLoadBalancer {
            name: balancer.name(&env.name, &host.name),
            scheme: node.set(ClassicLoadBalancer::SCHEME, &balancer.public.chain, scheme(balancer)),
            subnets: node.set(ClassicLoadBalancer::SUBNETS, &network.chain, subnets),
            groups: node.set(ClassicLoadBalancer::GROUPS, &network.chain, groups),
            listeners: node.set(ClassicLoadBalancer::LISTENERS, &balancer.listeners.chain, listeners),
            health_check: node.set(ClassicLoadBalancer::HEALTH_CHECK, check, health_check),
            stickiness: node.set(ClassicLoadBalancer::STICKINESS, sticky, stickiness(balancer)),
            idle_timeout: node.value(ClassicLoadBalancer::IDLE_TIMEOUT, &balancer.idle_timeout),
            draining: node.value(ClassicLoadBalancer::DRAINING, &balancer.draining),
            cross_zone: node.value(ClassicLoadBalancer::CROSS_ZONE, &balancer.cross_zone),
            attributes: BTreeMap::new(),
        };
        self.add(node, resource);
    }
}
