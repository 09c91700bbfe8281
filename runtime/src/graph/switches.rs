//! New before old: what serves is replaced by a switch. The new resource is created and serves, then traffic is
//! switched over, and then the old one is released, drained and deleted.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, Ref, Resource, STAGE_TAG, ScopeRef};
use petgraph::graph::NodeIndex;

use super::edges::{Builder, Parts, StepDependencies};
use super::operation::{EdgeStrength, Switches};
use crate::plan::step::{Action, Step};

/// So many pairs of a deleted group and a successor each have an edge of their own. Beyond, all deletions wait for the
/// first one.
const PAIRS: usize = 256;

/// Makes updates release last what is deleted, if something takes its place or another step still uses it.
pub(super) fn release_last(steps: &mut [Step], dependencies: &[StepDependencies]) {
    let mut deleted: BTreeSet<&str> = BTreeSet::new();
    let mut created: BTreeSet<&Address> = BTreeSet::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (step, dependencies) in steps.iter().zip(dependencies) {
        match &step.action {
            Action::Create { .. } => drop(created.insert(&step.address)),
            Action::Replace { live, .. } => {
                created.insert(&step.address);
                deleted.insert(&live.id);
            }
            Action::Delete { live } => drop(deleted.insert(&live.id)),
            Action::Update { .. } => {}
        }
        let fields = step.kind.schema().released_last;
        if fields.is_empty() && !matches!(step.action, Action::Delete { .. }) {
            used.extend(dependencies.live_refs.iter().map(|live_ref| live_ref.id.as_str()));
        }
    }
    let mut found: Vec<(usize, BTreeSet<String>)> = Vec::new();
    for (index, (step, dependencies)) in steps.iter().zip(dependencies).enumerate() {
        let (Action::Update { .. }, fields) = (&step.action, step.kind.schema().released_last) else {
            continue;
        };
        let has_successor = || {
            let wanted = step.wanted().map(asiaq_ir::Resource::to_value).unwrap_or_default();
            let wanted = fields.iter().filter_map(|field| wanted.get(*field)).flat_map(asiaq_ir::refs_in);
            wanted.into_iter().any(|to| matches!(&to, Ref::To(address) if created.contains(address)))
        };
        let released = dependencies.live_refs.iter().filter(|live_ref| {
            fields.contains(&live_ref.field.as_str()) && deleted.contains(live_ref.id.as_str())
        });
        let released: BTreeSet<String> = released.map(|live_ref| live_ref.id.clone()).collect();
        if !released.is_empty() && (released.iter().any(|id| used.contains(id.as_str())) || has_successor()) {
            found.push((index, released));
        }
    }
    for (index, released) in found {
        if let Some(Step { action: Action::Update { release, .. }, .. }) = steps.get_mut(index) {
            *release = released;
        }
    }
}

/// Groups that are deleted, and those that are created in their stage.
type Replacement<'g, 'p> = (Vec<&'g Parts<'p>>, Vec<&'g Parts<'p>>);

impl Builder<'_> {
    /// Orders what replaces each other, and returns the operations that depend on what serves.
    pub(super) fn order_switches(&mut self) -> Switches {
        let mut switches = Switches::default();
        self.order_releases();
        let balancers = self.order_hand_overs(&mut switches);
        self.order_targets(&mut switches, &balancers);
        self.order_drains(&mut switches);
        switches
    }

    /// What is released last is released after everything else has stopped using it.
    fn order_releases(&mut self) {
        let mut released: BTreeMap<&str, Vec<NodeIndex>> = BTreeMap::new();
        for parts in &self.parts {
            for id in parts.step.release().into_iter().flatten() {
                released.entry(id).or_default().extend(parts.release);
            }
        }
        if released.is_empty() {
            return;
        }
        for parts in &self.parts {
            for live_ref in &parts.dependencies.live_refs {
                for release in released.get(live_ref.id.as_str()).into_iter().flatten() {
                    if let Some(end) = parts.end_of(&live_ref.id).filter(|_| !parts.releases(&live_ref.id)) {
                        Self::connect(&mut self.edges, end, *release, EdgeStrength::Preferred);
                    }
                }
            }
        }
    }

    /// The first resource that takes an exclusive value takes it from all that have it, in one call; others wait for
    /// it. Returns for each creation the live references of what it displaces.
    fn order_hand_overs(&mut self, switches: &mut Switches) -> BTreeMap<NodeIndex, Vec<String>> {
        let mut leaving: BTreeMap<(Kind, String), Vec<&Parts<'_>>> = BTreeMap::new();
        let mut taking: BTreeMap<(Kind, String), Vec<&Parts<'_>>> = BTreeMap::new();
        for parts in self.parts.iter().filter(|parts| parts.step.kind.schema().handed_over) {
            let key = |(first, rest): &(String, Vec<serde_json::Value>)| {
                let rest = rest.split_last().map_or(&[][..], |(_, rest)| rest);
                (parts.step.kind, format!("{first} {}", serde_json::Value::Array(rest.to_vec())))
            };
            if let (Some(_), Some(released)) = (parts.deleter, &parts.dependencies.released) {
                leaving.entry(key(released)).or_default().push(parts);
            }
            if let (Some(_), Some(acquired)) = (parts.writer, &parts.dependencies.acquired) {
                taking.entry(key(acquired)).or_default().push(parts);
            }
        }
        let mut displaced: BTreeMap<NodeIndex, Vec<String>> = BTreeMap::new();
        for (key, taking) in taking {
            let leaving = leaving.get(&key).map(Vec::as_slice).unwrap_or_default();
            let mut writers = taking.iter().filter_map(|parts| parts.writer);
            let Some(first) = writers.next().filter(|_| !leaving.is_empty()) else { continue };
            for parts in leaving {
                let Some(deleter) = parts.deleter else { continue };
                Self::connect(&mut self.edges, first, deleter, EdgeStrength::Required);
                switches.displaced.push((first, deleter, parts.index));
                let ids = parts.dependencies.live_refs.iter().map(|live_ref| live_ref.id.clone());
                displaced.entry(first).or_default().extend(ids);
            }
            for other in writers {
                Self::connect(&mut self.edges, first, other, EdgeStrength::Required);
            }
        }
        displaced
    }

    /// Traffic goes to new target groups and load balancers after their machines are attached; a record that pointed
    /// at another load balancer is switched when the new one serves.
    fn order_targets(&mut self, switches: &mut Switches, displaced: &BTreeMap<NodeIndex, Vec<String>>) {
        let mut attachers: BTreeMap<&Address, Vec<NodeIndex>> = BTreeMap::new();
        let mut balancers: BTreeMap<&Address, &Parts<'_>> = BTreeMap::new();
        for parts in &self.parts {
            match parts.step.kind {
                Kind::AutoScalingGroup => {
                    for address in &parts.dependencies.required {
                        attachers.entry(address).or_default().extend(parts.writer);
                    }
                }
                Kind::LoadBalancer | Kind::ClassicLoadBalancer if is_created(parts.step) => {
                    balancers.insert(&parts.step.address, parts);
                }
                _ => {}
            }
        }
        let live_balancers: BTreeSet<&str> = self
            .parts
            .iter()
            .filter(|parts| is_balancer(parts.step.kind))
            .filter_map(|parts| Some(parts.step.live()?.id.as_str()))
            .collect();
        let created: BTreeSet<&Address> = self
            .parts
            .iter()
            .filter(|parts| is_created(parts.step))
            .map(|parts| &parts.step.address)
            .collect();
        let mut found = Vec::new();
        for parts in &self.parts {
            let Some(writer) = parts.writer else { continue };
            let required = &parts.dependencies.required;
            match (parts.step.kind, &parts.step.action) {
                (Kind::LoadBalancer, Action::Update { .. }) => {
                    let new = required.iter().filter(|address| created.contains(*address));
                    let attach = new.filter_map(|address| attachers.get(address)).flatten();
                    found.extend(attach.map(|attacher| (*attacher, writer)));
                }
                (Kind::RecordSet, _) => {
                    let own = parts.dependencies.live_refs.iter().map(|live_ref| live_ref.id.as_str());
                    let others = displaced.get(&writer).into_iter().flatten().map(String::as_str);
                    let is_switched = own.chain(others).any(|id| live_balancers.contains(id));
                    for new in required.iter().filter_map(|address| balancers.get(address)) {
                        let Some(balancer) = new.writer.filter(|_| is_switched) else { continue };
                        switches.serving.push((writer, balancer, new.index));
                        let backs = new.dependencies.required.iter().chain([&new.step.address]);
                        let attach = backs.filter_map(|address| attachers.get(address)).flatten();
                        found.extend(attach.map(|attacher| (*attacher, writer)));
                    }
                }
                _ => {}
            }
        }
        for (before, after) in found {
            Self::connect(&mut self.edges, before, after, EdgeStrength::Preferred);
        }
    }

    /// A group is drained after its successors serve, and after nothing sends traffic to it.
    fn order_drains(&mut self, switches: &mut Switches) {
        // Groups that are deleted, and those that are created, by environment and stage.
        let mut stages: BTreeMap<(ScopeRef<'_>, Option<&str>), Replacement<'_, '_>> = BTreeMap::new();
        let mut replaced: Vec<&Parts<'_>> = Vec::new();
        for parts in self.parts.iter().filter(|parts| parts.step.kind == Kind::AutoScalingGroup) {
            match &parts.step.action {
                Action::Create { node } => {
                    let key = (parts.step.address.scope(), node.tags.get(STAGE_TAG).map(String::as_str));
                    stages.entry(key).or_default().1.push(parts);
                }
                Action::Delete { live } => {
                    let key = (parts.step.address.scope(), live.tags.get(STAGE_TAG).map(String::as_str));
                    stages.entry(key).or_default().0.push(parts);
                }
                Action::Replace { .. } => replaced.push(parts),
                Action::Update { .. } => {}
            }
        }
        let mut pairs: Vec<(&Parts<'_>, &Parts<'_>)> =
            replaced.iter().map(|parts| (*parts, *parts)).collect();
        let mut found: Vec<(NodeIndex, NodeIndex)> = Vec::new();
        for (deleted, created) in stages.into_values() {
            let is_small = deleted.len() * created.len() <= PAIRS;
            let Some(first) = deleted.first().filter(|_| !created.is_empty()) else { continue };
            for old in &deleted {
                if is_small || old.index == first.index {
                    pairs.extend(created.iter().map(|new| (*old, *new)));
                } else {
                    found.extend(first.deleter.zip(old.deleter));
                }
            }
        }
        let mut balancers_of: BTreeMap<&Address, Vec<NodeIndex>> = BTreeMap::new();
        let mut balancers_with: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut records_of: BTreeMap<&str, Vec<NodeIndex>> = BTreeMap::new();
        for parts in &self.parts {
            match parts.step.kind {
                Kind::LoadBalancer => {
                    for address in &parts.dependencies.required {
                        balancers_of.entry(address).or_default().extend(parts.writer);
                    }
                    if let Some(live) = parts.step.live() {
                        for live_ref in &parts.dependencies.live_refs {
                            balancers_with.entry(&live_ref.id).or_default().push(&live.id);
                        }
                    }
                }
                Kind::RecordSet => {
                    for live_ref in &parts.dependencies.live_refs {
                        let end = parts.end_of(&live_ref.id);
                        records_of.entry(&live_ref.id).or_default().extend(end);
                    }
                }
                _ => {}
            }
        }
        for (old, new) in pairs {
            let (Some(deleter), Some(writer)) = (old.deleter, new.writer) else { continue };
            found.push((writer, deleter));
            let balancers = new.dependencies.required.iter().filter_map(|address| balancers_of.get(address));
            found.extend(balancers.flatten().map(|balancer| (*balancer, deleter)));
            if serves(old.step) {
                switches.serving.push((deleter, writer, new.index));
            }
        }
        for parts in self.parts.iter().filter(|parts| parts.step.kind == Kind::AutoScalingGroup) {
            let Some(deleter) = parts.deleter else { continue };
            for live_ref in &parts.dependencies.live_refs {
                let with = balancers_with.get(live_ref.id.as_str()).into_iter().flatten().copied();
                let records = with.chain([live_ref.id.as_str()]).filter_map(|id| records_of.get(id));
                found.extend(records.flatten().map(|record| (*record, deleter)));
            }
        }
        for (before, after) in found {
            Self::connect(&mut self.edges, before, after, EdgeStrength::Preferred);
        }
    }
}

fn is_created(step: &Step) -> bool {
    matches!(step.action, Action::Create { .. } | Action::Replace { .. })
}

fn is_balancer(kind: Kind) -> bool {
    matches!(kind, Kind::LoadBalancer | Kind::ClassicLoadBalancer)
}

/// Whether the live group of a step has instances.
fn serves(step: &Step) -> bool {
    step.live().is_some_and(|live| match &live.resource {
        Resource::AutoScalingGroup(group) => group.desired != Some(0),
        _ => false,
    })
}
