//! The launch template of a hostclass.

use std::collections::BTreeSet;

use asiaq_ir::{LaunchTemplate, Ref};

use super::Running;
use super::devices::Placed;
use super::image::Chosen;
use crate::library::instance_type;
use crate::lower::Lowering;
use crate::lower::node::chain;

impl Lowering<'_> {
    pub(super) fn launch_template(&mut self, running: Running<'_>, image: &Chosen<'_>) {
        let Running { env, host, run, .. } = running;
        let machine = &host.machine;
        let further = machine.security.value.iter().map(|network| network.value.as_str());
        let networks = std::iter::once(host.network.value.as_str()).chain(further);
        let groups: BTreeSet<Ref> =
            networks.map(|network| Ref::to(&env.name, &format!("{network}/security-group"))).collect();
        let image_chain = machine.image.source(run).chain(run.span);
        let is_ebs_optimized = machine.ebs_optimized.value && running.types().all(can_be_ebs_optimized);
        let mut node = self
            .node(env, &running.path("launch-template"), run.span)
            .declared_by(&host.name)
            .tagged(&running.prefix(), &[("hostclass", &host.name)]);
        for further in &machine.security.value {
            let group = format!("{}/{}/security-group", env.name, further.value);
            node.element(LaunchTemplate::GROUPS, &group, &[further.span]);
        }
        for (text, span) in running.names() {
            node.part(LaunchTemplate::NAME, text, span);
        }
        let disks = self.disks(running, image);
        for Placed { disk, places } in &disks {
            for (field, place) in places {
                node.part(LaunchTemplate::DISKS, format!("{}.{field}", disk.device), *place);
            }
        }
        let template = LaunchTemplate {
            name: running.prefix(),
            image: node.set(LaunchTemplate::IMAGE, &image_chain, image.reference()),
            instance_type: node.value(LaunchTemplate::INSTANCE_TYPE, &run.instance_type),
            key: node.optional(LaunchTemplate::KEY, machine.key.as_ref()),
            profile: node.optional(LaunchTemplate::PROFILE, machine.profile.as_ref()),
            groups: node.set(LaunchTemplate::GROUPS, &host.network.chain, groups),
            public_ip: node.value(LaunchTemplate::PUBLIC_IP, &host.public_ip),
            disks: disks.into_iter().map(|placed| placed.disk).collect(),
            user_data: node.set(
                LaunchTemplate::USER_DATA,
                chain(machine.script.as_ref()),
                self.user_data(running),
            ),
            ebs_optimized: node.set(
                LaunchTemplate::EBS_OPTIMIZED,
                &machine.ebs_optimized.chain,
                is_ebs_optimized,
            ),
            monitoring: node.value(LaunchTemplate::MONITORING, &machine.monitoring),
            metadata_tokens: node.value(LaunchTemplate::METADATA_TOKENS, &machine.metadata_tokens),
        };
        self.add(node, template);
    }
}

/// Whether an instance type can be EBS-optimized. Default for unknown types: yes.
fn can_be_ebs_optimized(name: &str) -> bool {
    instance_type(name).is_none_or(|known| known.is_ebs_optimized)
}
