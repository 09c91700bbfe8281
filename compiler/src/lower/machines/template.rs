//! The launch template of a hostclass.

use std::collections::BTreeSet;

use asiaq_ir::{Address, LaunchTemplate, Ref};

use super::Running;
use super::devices::Placed;
use super::image::Chosen;
use super::sites::group_of;
use crate::library::instance_type;
use crate::lower::node::chain;
use crate::lower::{Lowering, identity};
use crate::model::Environment;

impl Lowering<'_> {
    pub(super) fn launch_template(&mut self, running: Running<'_>, image: &Chosen<'_>) {
        let Running { env, host, run, .. } = running;
        let machine = &host.machine;
        let group = |network| match running.sites.get(network) {
            Some(site) => Ref::To(site.group.clone()),
            None => Ref::to(&env.name, &group_of(network)),
        };
        let groups: BTreeSet<Ref> = host.groups().map(group).collect();
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
        let declared = machine.profile.as_ref().and_then(|named| self.declared_profile(env, &named.value));
        let mut profile = machine.profile.clone();
        if let (Some(profile), Some((name, address))) = (&mut profile, declared) {
            // EC2 refuses an instance profile that does not exist yet.
            node = node.after([address]);
            profile.value = name;
        }
        let (user_data, endpoints) = self.user_data(running);
        let template = LaunchTemplate {
            name: running.prefix(),
            image: node.set(LaunchTemplate::IMAGE, &image_chain, image.reference()),
            instance_type: node.value(LaunchTemplate::INSTANCE_TYPE, &run.instance_type),
            key: node.optional(LaunchTemplate::KEY, machine.key.as_ref()),
            profile: node.optional(LaunchTemplate::PROFILE, profile.as_ref()),
            groups: node.set(LaunchTemplate::GROUPS, &host.network.chain, groups),
            public_ip: node.value(LaunchTemplate::PUBLIC_IP, &host.public_ip),
            disks: disks.into_iter().map(|placed| placed.disk).collect(),
            user_data: node.set(LaunchTemplate::USER_DATA, chain(machine.script.as_ref()), user_data),
            endpoints,
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

    /// The instance profile that a name means in the account of an environment: its name in AWS, and its address.
    fn declared_profile(&self, env: &Environment, name: &str) -> Option<(String, Address)> {
        let account = self.model.account(env.account_name.as_ref()?)?;
        let roles = || account.identity.roles.iter().filter(|role| role.has_profile.value);
        let role = roles()
            .find(|role| role.heading.name == name)
            .or_else(|| roles().find(|role| role.heading.aws.value == name))?;
        Some((role.heading.aws.value.clone(), identity::profile_of(account, role)))
    }
}

/// Whether an instance type can be EBS-optimized. Default for unknown types: yes.
fn can_be_ebs_optimized(name: &str) -> bool {
    instance_type(name).is_none_or(|known| known.is_ebs_optimized)
}
