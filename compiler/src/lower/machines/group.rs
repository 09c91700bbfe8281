//! The Auto Scaling group of a hostclass, and its smoke test.

use std::collections::BTreeSet;

use asiaq_ir::{Address, AutoScalingGroup, Health, Ref, STAGE_TAG, SmokeCheck, SmokeTest, Spot};

use super::percent::percent;
use super::{Running, env_tag, policies, sizes};
use crate::errors;
use crate::lower::hostclass::{floating, interface};
use crate::lower::limits::Refused;
use crate::lower::node::chain;
use crate::lower::{Lowering, balancers};
use crate::model::Sizes;
use crate::value::{Reserve, Spanned};

/// Class of an environment without a tag `environment_class`.
const CLASS: &str = "development";

impl Lowering<'_> {
    pub(super) fn group(&mut self, running: Running<'_>, earlier: Option<&Address>) {
        let Running { env, host, run, stage, .. } = running;
        let (load_balancers, target_groups) = balancers::of_machines(env, host);
        let initial = sizes::initial(&run.sizes);
        let stage = stage.to_string();
        let mut own =
            vec![("hostclass", host.name.as_str()), ("environment", &env.name), (STAGE_TAG, &stage)];
        let said = tags_where_said(running);
        if running.env.is_classic() {
            let class = env_tag(env, "environment_class").map_or(CLASS, |class| &class.value);
            own.extend([
                ("application", host.name.as_str()),
                ("owner", running.owner().0),
                ("environment_class", class),
            ]);
            own.extend(said.iter().map(|tag| (tag.key, tag.value)));
        }
        own.extend(running.product_line().map(|line| ("productline", line.value.as_str())));
        let mut node = self
            .node(env, &running.path("group"), run.span)
            .declared_by(&host.name)
            .tagged(&running.prefix(), &own)
            .optional_tags(host.machine.tags.as_ref())
            .after(earlier.cloned().into_iter().chain(self.boot_dependencies(running)));
        if !running.env.is_classic() {
            for tag in said.iter().filter(|tag| tag.is_said) {
                node.optional_tag(tag.key, tag.value);
            }
        }
        let Sizes { min, desired, max, .. } = &run.sizes;
        let (min, desired, max) = (min.as_ref(), desired.as_ref(), max.as_ref());
        let desired_size = sizes::desired(&run.sizes, !run.scaling.is_empty());
        let policies = run.termination_policies.as_ref().unwrap_or(&host.machine.termination_policies);
        // A group whose instances are all on demand has no share of spot instances.
        let spot = run.spot.as_ref().map(|spot| reserve(spot.reserve.value));
        for (text, span) in running.names() {
            node.part(AutoScalingGroup::PREFIX, text, span);
        }
        for (cron, span) in sizes::times(&run.sizes) {
            let length = running.prefix().len() + sizes::longest_suffix(&cron);
            node.element(AutoScalingGroup::SCHEDULES, &cron, &[span]);
            node.part(AutoScalingGroup::SCHEDULES, cron, span);
            if length > sizes::ACTION_NAME {
                let diagnostic = errors::scheduled_action_name(span, length, sizes::ACTION_NAME);
                self.limits.push(Refused { diagnostic, excess: 0 });
            }
        }
        if let Some(line) = running.product_line() {
            node.tag_part(&line.value, line.place(host.span));
        }
        node.tag_part(running.owner().0, running.owner().1);
        for scaling in &run.scaling {
            node.element(AutoScalingGroup::POLICIES, &scaling.name, &[scaling.span]);
            node.part(AutoScalingGroup::POLICIES, &scaling.name, scaling.span);
        }
        for further in &run.types.value {
            node.part(AutoScalingGroup::TYPES, &further.value, further.span);
        }
        let group = AutoScalingGroup {
            prefix: running.prefix(),
            launch_template: running.reference("launch-template"),
            types: if run.types.value.is_empty() {
                Vec::new()
            } else {
                running.types().map(str::to_owned).collect()
            },
            spot: spot.filter(|spot| spot.on_demand < 100),
            subnets: node.set(AutoScalingGroup::SUBNETS, &host.network.chain, subnets(running)),
            min: node.set(AutoScalingGroup::MIN, chain(min), sizes::bound(min, initial.min)),
            max: node.set(AutoScalingGroup::MAX, chain(max), sizes::bound(max, initial.max)),
            desired: node.set(AutoScalingGroup::DESIRED, chain(desired), desired_size),
            initial,
            health: match run.health.value.as_str() {
                "balancer" => Health::Balancer,
                _ => Health::Ec2,
            },
            grace: u32::try_from(run.grace.value).unwrap_or(u32::MAX),
            termination_policies: node.set(
                AutoScalingGroup::TERMINATION_POLICIES,
                &policies.chain,
                termination_policies(&policies.value),
            ),
            load_balancers,
            target_groups,
            schedules: sizes::schedules(&run.sizes),
            policies: policies::policies(run),
            // Alarms add those that they need.
            metrics: BTreeSet::new(),
        };
        self.add(node, group);
    }

    /// Resources that instances need at boot although their group does not reference them: the routes of their subnets,
    /// the rules of their security groups, the interfaces with their addresses.
    fn boot_dependencies(&self, running: Running<'_>) -> Vec<Address> {
        let Running { env, host, sites, .. } = running;
        let own = sites.get(host.network.value.as_str());
        let slots = slots(running).into_iter();
        let tables = slots.filter_map(|slot| own?.tables.get(slot)?.clone());
        let rules = host.groups().filter_map(|network| sites.get(network)?.ingress.clone());
        let floating = floating(running.laid, host).into_iter();
        let interfaces = floating.map(|found| Address::new(&env.name, &interface(host, found.address)));
        let interfaces = interfaces.filter(|address| self.ir.resources.contains_key(address));
        tables.chain(rules).chain(interfaces).collect()
    }

    pub(super) fn smoke_test(&mut self, running: Running<'_>, image: Ref) {
        let Running { env, host, run, .. } = running;
        let settings = &host.machine.smoke_test;
        let check = match settings.check.value.as_str() {
            "http" => SmokeCheck::Http {
                port: settings.port.as_ref().map_or(80, |port| port.value.from),
                path: settings.path.as_ref().map_or_else(|| "/".to_owned(), |path| path.value.clone()),
            },
            "target" => SmokeCheck::Target,
            "ssm" => SmokeCheck::Ssm {
                document: settings
                    .document
                    .as_ref()
                    .map(|document| document.value.clone())
                    .unwrap_or_default(),
            },
            _ => SmokeCheck::Tag,
        };
        let document = settings.document.as_ref();
        let timeout = u32::try_from(settings.timeout.value).unwrap_or(u32::MAX);
        let place = run.smoke_test.place(run.span);
        let mut node = self.node(env, &running.path("group/smoke-test"), place).declared_by(&host.name);
        if let Some(document) = document {
            node.part(SmokeTest::CHECK, &document.value, document.place(place));
        }
        let test = SmokeTest {
            group: running.reference("group"),
            image,
            check: node.set(SmokeTest::CHECK, &settings.check.chain, check),
            timeout: node.set(SmokeTest::TIMEOUT, &settings.timeout.chain, timeout),
        };
        self.add(node, test);
    }
}

/// A tag that only classic instances have where the program says nothing of it.
struct SaidTag {
    key: &'static str,
    value: &'static str,
    is_said: bool,
}

/// The tags for chaos and for deployments.
fn tags_where_said(running: Running<'_>) -> [SaidTag; 2] {
    let Running { host, run, .. } = running;
    let chaos = run.chaos.as_ref().unwrap_or(&host.machine.chaos);
    let is_deployed = run.deployable.value || run.integration_test.is_some() || host.machine.is_deployed;
    [
        SaidTag { key: "chaos", value: if chaos.value { "True" } else { "False" }, is_said: chaos.is_said() },
        SaidTag { key: "is_testing", value: "0", is_said: is_deployed },
    ]
}

/// The subnets of the instances.
fn subnets(running: Running<'_>) -> BTreeSet<Ref> {
    let own = running.sites.get(running.host.network.value.as_str());
    slots(running).into_iter().filter_map(|slot| own?.subnets.get(slot).cloned()).collect()
}

/// The availability zones of the instances, by their number in the layout: those of the metanetwork, or of the static
/// addresses if there are any, because an instance can use a floating interface in its own zone only.
fn slots(running: Running<'_>) -> Vec<usize> {
    let Running { laid, host, .. } = running;
    let network = host.network.value.as_str();
    let count = laid.networks.get(network).map_or(0, |own| own.subnets.len()).min(laid.zones.len());
    let floating = floating(laid, host);
    let held: BTreeSet<usize> = floating.iter().map(|found| found.slot).collect();
    (0..count).filter(|slot| held.is_empty() || held.contains(slot)).collect()
}

/// The instances that stay on demand.
fn reserve(reserve: Reserve) -> Spot {
    match reserve {
        Reserve::Share(share) => Spot { base: 0, on_demand: percent(share).unsigned_abs().min(100) },
        Reserve::Count(base) => Spot { base, on_demand: 0 },
    }
}

/// AWS's names of termination policies. Default: AWS's own policy.
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
