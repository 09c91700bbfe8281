//! What the machines of a hostclass are born as.

use std::collections::BTreeSet;

use asiaq_ir::{LaunchTemplate, Ref};

use super::Running;
use super::image::Chosen;
use crate::library::instance_types;
use crate::lower::Lowering;

impl Lowering<'_> {
    pub(super) fn launch_template(&mut self, running: Running<'_>, image: &Chosen<'_>) {
        let Running { env, host, run, .. } = running;
        let machine = &host.machine;
        let further = machine.security.value.iter().map(|network| network.value.as_str());
        let networks = std::iter::once(host.network.value.as_str()).chain(further);
        let groups: BTreeSet<Ref> =
            networks.map(|network| Ref::to(&env.name, &format!("{network}/security-group"))).collect();
        let text =
            |said: &Option<crate::evaluate::Resolved<String>>| said.as_ref().map(|said| said.value.clone());
        let template = LaunchTemplate {
            name: running.prefix(),
            image: image.reference(),
            instance_type: run.instance_type.value.clone(),
            key: text(&machine.key),
            profile: text(&machine.profile),
            groups,
            public_ip: host.public_ip.value,
            disks: self.disks(running, image),
            user_data: self.user_data(running),
            ebs_optimized: machine.ebs_optimized.value && running.types().all(can_be_ebs_optimized),
            monitoring: machine.monitoring.value,
            metadata_tokens: machine.metadata_tokens.value,
        };
        let image_said = run.ami.as_ref().or(machine.image.id.as_ref());
        let image_said = image_said.map_or_else(|| vec![run.span], |said| said.chain.clone());
        let mut draft = self
            .add(env, &running.path("launch-template"), run.span, template)
            .tagged(env, &running.prefix(), &[("hostclass", &host.name)])
            .provenance("image", &image_said)
            .provenance("instance_type", &run.instance_type.chain)
            .provenance("groups", &host.network.chain)
            .provenance("public_ip", &host.public_ip.chain)
            .provenance("ebs_optimized", &machine.ebs_optimized.chain)
            .provenance("monitoring", &machine.monitoring.chain)
            .provenance("metadata_tokens", &machine.metadata_tokens.chain);
        for (field, said) in [("key", &machine.key), ("profile", &machine.profile)] {
            if let Some(said) = said {
                draft = draft.provenance(field, &said.chain);
            }
        }
        drop(draft);
    }
}

/// Whether disks of an instance type can have bandwidth of their own; of one that nobody knows they can.
fn can_be_ebs_optimized(name: &str) -> bool {
    instance_types().get(name).is_none_or(|known| known.is_ebs_optimized)
}
