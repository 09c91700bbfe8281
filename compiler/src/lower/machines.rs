//! The hostclasses of a pipeline: for each one a launch template, an Auto Scaling group and a smoke test.

mod devices;
mod group;
mod image;
mod key_pair;
mod percent;
mod policies;
mod sites;
mod sizes;
mod template;
#[cfg(test)]
mod tests;
mod user_data;

use std::collections::BTreeSet;

use asiaq_ir::{Address, Ref};

pub(crate) use sizes::initial;

use self::sites::Sites;
use super::Lowering;
use super::alike::Key;
use crate::evaluate::Resolved;
use crate::layout::EnvLayout;
use crate::model::{Environment, Host, Run};
use crate::value::Spanned;

/// Owner of instances if neither a tag nor the project names one.
const DEFAULT_OWNER: &str = "asiaq";

/// A hostclass that runs in an environment.
#[derive(Clone, Copy)]
pub(super) struct Running<'m> {
    pub(super) env: &'m Environment,
    pub(super) laid: &'m EnvLayout,
    pub(super) host: &'m Host,
    pub(super) run: &'m Run,
    sites: &'m Sites<'m>,
    /// Number of its stage, from 1.
    stage: usize,
}

impl Lowering<'_> {
    pub(super) fn machines(&mut self, env: &Environment, laid: &EnvLayout) {
        // The barrier of the last stage that runs something here, not added before a later stage waits for it.
        let mut passed: Option<(Address, BTreeSet<Address>)> = None;
        let mut turn = self.machines.turn(env, laid);
        let sites = &self.sites(env, laid);
        // A hostclass without a metanetwork in this environment has been reported.
        for (stage, runs) in env.stages_running() {
            // What the next stage waits for, and whether anything of it is left out.
            let (mut made, mut is_partial) = (BTreeSet::new(), false);
            let earlier = passed.as_ref().map(|(barrier, _)| barrier.clone());
            for (host, run) in runs {
                let running = Running { env, laid, host, run, sites, stage };
                let key = Key::of(env, laid, host, run);
                if !self.machines.want(&turn, &key) {
                    self.is_whole = false;
                    is_partial = true;
                    continue;
                }
                let reported = self.reported();
                made.extend(self.running(running, earlier.as_ref()));
                if reported == self.reported() {
                    turn.note_clean(key);
                }
            }
            if is_partial || !made.is_empty() {
                made.extend(earlier);
                self.ir.barriers.extend(passed.take());
                let barrier = format!("pipeline/stage/{stage}");
                passed = Some((Address::new(&env.name, &barrier), made));
            }
        }
        self.machines.keep(turn);
    }

    /// Lowers one run, which starts after the barrier `earlier`. Returns the resources that the next stage waits for.
    fn running(&mut self, running: Running<'_>, earlier: Option<&Address>) -> Vec<Address> {
        self.key_pair(running);
        let Some(image) = self.image(running) else { return Vec::new() };
        self.launch_template(running, &image);
        self.group(running, earlier);
        if running.run.smoke_test.value {
            self.smoke_test(running, image.reference());
        }
        running.waited_for()
    }
}

impl<'m> Running<'m> {
    /// `hostclass/mhcbanana/group`
    fn path(self, part: &str) -> String {
        format!("hostclass/{}/{part}", self.host.name)
    }

    /// The resources that the next stage waits for.
    fn waited_for(self) -> Vec<Address> {
        let test = self.run.smoke_test.value.then(|| self.address("group/smoke-test"));
        std::iter::once(self.address("group")).chain(test).collect()
    }

    fn address(self, part: &str) -> Address {
        Address::new(&self.env.name, &self.path(part))
    }

    fn reference(self, part: &str) -> Ref {
        Ref::To(self.address(part))
    }

    /// Start of its names in AWS: `ci_mhcbanana`.
    fn prefix(self) -> String {
        format!("{}_{}", self.env.name, self.host.name)
    }

    /// The parts of this start, with their places.
    fn names(self) -> [(&'m str, asiaq_lang::Span); 2] {
        [(&self.env.name, self.env.span), (&self.host.name, self.host.span)]
    }

    /// Owner of its instances: the environment's tag `owner`. Default: the team.
    fn owner(self) -> (&'m str, asiaq_lang::Span) {
        let env = self.env;
        let team = env.common.team.as_ref().map(|team| (team.value.as_str(), team.span()));
        env_tag(env, "owner")
            .map(|tag| (tag.value.as_str(), tag.span))
            .or(team)
            .unwrap_or((DEFAULT_OWNER, self.run.span))
    }

    fn product_line(self) -> Option<&'m Resolved<String>> {
        self.host.machine.product_line.as_ref()
    }

    /// The allowed instance types, the preferred one first.
    fn types(self) -> impl Iterator<Item = &'m str> {
        let further = self.run.types.value.iter().map(|further| further.value.as_str());
        std::iter::once(self.run.instance_type.value.as_str()).chain(further)
    }
}

/// A tag of an environment.
fn env_tag<'m>(env: &'m Environment, key: &str) -> Option<&'m Spanned<String>> {
    env.tags.as_ref()?.value.get(key)
}
