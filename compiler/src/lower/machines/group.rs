//! The group that keeps so many machines of a hostclass, and the test that they have to pass.

use std::collections::BTreeSet;

use asiaq_ir::{Address, AutoScalingGroup, Health, Ref, STAGE_TAG, SmokeCheck, SmokeTest, Spot};

use super::{Running, env_tag, policies, sizes};
use crate::lower::hostclass::{floating, interface};
use crate::lower::{Lowering, balancers, path_of};
use crate::value::{Reserve, Spanned};

/// Class of an environment whose tags do not say it.
const CLASS: &str = "development";

impl Lowering<'_> {
    pub(super) fn group(&mut self, running: Running<'_>, earlier: &BTreeSet<Address>) {
        let Running { env, host, run, stage, .. } = running;
        let (load_balancers, target_groups) = balancers::of_machines(env, host);
        let initial = sizes::initial(&run.sizes);
        let policies_said = run.termination_policies.as_ref();
        let policies_said = policies_said.unwrap_or(&host.machine.termination_policies);
        let group = AutoScalingGroup {
            prefix: running.prefix(),
            launch_template: running.reference("launch-template"),
            types: if run.types.value.is_empty() {
                Vec::new()
            } else {
                running.types().map(str::to_owned).collect()
            },
            // Where everything is on demand there is no share.
            spot: run
                .spot
                .as_ref()
                .map(|spot| reserve(spot.reserve.value))
                .filter(|spot| spot.on_demand < 100),
            subnets: subnets(running),
            min: sizes::bound(run.sizes.min.as_ref(), initial.min),
            max: sizes::bound(run.sizes.max.as_ref(), initial.max),
            desired: sizes::desired(&run.sizes, !run.scaling.is_empty()),
            initial,
            health: match run.health.value.as_str() {
                "balancer" => Health::Balancer,
                _ => Health::Ec2,
            },
            grace: u32::try_from(run.grace.value).unwrap_or(u32::MAX),
            termination_policies: termination_policies(&policies_said.value),
            load_balancers,
            target_groups,
            schedules: sizes::schedules(&run.sizes),
            policies: policies::policies(run),
        };
        let class = env_tag(env, "environment_class").map_or(CLASS, |class| &class.value);
        let chaos = run.chaos.as_ref().unwrap_or(&host.machine.chaos);
        let stage = stage.to_string();
        let ground = self.ground(running);
        let mut own = vec![
            ("hostclass", host.name.as_str()),
            ("application", &host.name),
            ("owner", running.owner().0),
            ("environment", &env.name),
            ("environment_class", class),
            ("chaos", if chaos.value { "True" } else { "False" }),
            ("is_testing", "0"),
            (STAGE_TAG, &stage),
        ];
        own.extend(running.product_line().map(|line| ("productline", line.value.as_str())));
        let mut draft = self
            .add(env, &running.path("group"), run.span, group)
            .tagged(env, &running.prefix(), &own)
            .also(host.machine.tags.as_ref().map(|tags| &tags.value))
            .provenance("subnets", &host.network.chain)
            .provenance("termination_policies", &policies_said.chain);
        for (name, said) in run.sizes.each() {
            if let Some(said) = said {
                draft = draft.provenance(name, &said.chain);
            }
        }
        drop(draft.after_all(earlier.iter().cloned().chain(ground)));
    }

    /// What machines find when they boot, though their group does not point at it: the routes of their subnets, the
    /// rules of their security groups, the interfaces that keep their addresses.
    fn ground(&self, running: Running<'_>) -> Vec<Address> {
        let Running { env, host, .. } = running;
        let network = host.network.value.as_str();
        let tables = slots(running).into_iter().map(|slot| path_of(network, "route-table", slot));
        let others = host.machine.security.value.iter().map(|other| other.value.as_str());
        let rules =
            std::iter::once(network).chain(others).map(|name| format!("{name}/security-group/ingress"));
        let interfaces = (0..floating(running.laid, host).len()).map(|at| interface(&host.name, at));
        let addresses = tables.chain(rules).chain(interfaces).map(|path| Address::new(&env.name, &path));
        addresses.filter(|address| self.ir.resources.contains_key(address)).collect()
    }

    pub(super) fn smoke_test(&mut self, running: Running<'_>, image: Ref) {
        let Running { env, host, run, .. } = running;
        let said = &host.machine.smoke_test;
        let check = match said.check.value.as_str() {
            "http" => SmokeCheck::Http {
                port: said.port.as_ref().map_or(80, |port| port.value.from),
                path: said.path.as_ref().map_or_else(|| "/".to_owned(), |path| path.value.clone()),
            },
            "ssm" => SmokeCheck::Ssm {
                document: said.document.as_ref().map(|document| document.value.clone()).unwrap_or_default(),
            },
            _ => SmokeCheck::Tag,
        };
        let timeout = u32::try_from(said.timeout.value).unwrap_or(u32::MAX);
        let test = SmokeTest { group: running.reference("group"), image, check, timeout };
        self.add(env, &running.path("group/smoke-test"), run.smoke_test.place(run.span), test)
            .provenance("check", &said.check.chain)
            .provenance("timeout", &said.timeout.chain);
    }
}

/// The subnets that machines are in.
fn subnets(running: Running<'_>) -> BTreeSet<Ref> {
    let network = running.host.network.value.as_str();
    let paths = slots(running).into_iter().map(|slot| path_of(network, "subnet", slot));
    paths.map(|path| Ref::to(&running.env.name, &path)).collect()
}

/// The zones that machines are in, as places in the layout: those of the metanetwork, and where there are static
/// addresses those of these, since a machine takes its floating interface in its own zone only.
fn slots(running: Running<'_>) -> Vec<usize> {
    let Running { laid, host, .. } = running;
    let network = host.network.value.as_str();
    let count = laid.networks.get(network).map_or(0, |own| own.subnets.len()).min(laid.zones.len());
    let floating = floating(laid, host);
    let held: BTreeSet<usize> = floating.iter().map(|found| found.slot).collect();
    (0..count).filter(|slot| held.is_empty() || held.contains(slot)).collect()
}

/// How much stays on demand.
fn reserve(reserve: Reserve) -> Spot {
    match reserve {
        Reserve::Share(share) => Spot { base: 0, on_demand: percent(share) },
        Reserve::Count(base) => Spot { base, on_demand: 0 },
    }
}

/// A share as a whole number of percent; what is in between has been reported.
pub(super) fn percent(share: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
    let whole = share.round().clamp(0.0, 100.0) as u32;
    whole
}

/// AWS's names of termination policies; AWS's own choice where there are none.
fn termination_policies(words: &[Spanned<String>]) -> Vec<String> {
    let known = words.iter().filter_map(|word| termination_policy(&word.value));
    let policies: Vec<String> = known.map(str::to_owned).collect();
    if policies.is_empty() { vec!["Default".to_owned()] } else { policies }
}

/// AWS's name of a termination policy.
fn termination_policy(word: &str) -> Option<&'static str> {
    Some(match word {
        "oldest_launch_template" => "OldestLaunchTemplate",
        "oldest_launch_configuration" => "OldestLaunchConfiguration",
        "oldest_instance" => "OldestInstance",
        "newest_instance" => "NewestInstance",
        "closest_to_next_instance_hour" => "ClosestToNextInstanceHour",
        "allocation_strategy" => "AllocationStrategy",
        "default" => "Default",
        _ => return None,
    })
}
