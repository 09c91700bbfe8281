//! Rules that somebody added to the listeners of load balancers in AWS.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Address, Kind, ListenerRule, LoadBalancer, Ref, Resource};

use super::live::Live;
use super::note::Note;
use super::step::{Action, Step};

/// The addresses of live target groups that the program has, by AWS id.
pub(super) type Declared<'a> = BTreeMap<&'a str, &'a Address>;

/// The rules of the listeners of `live` that `wanted` keeps: those of the ports that stay open.
pub(super) fn kept(
    wanted: &LoadBalancer,
    live: &LoadBalancer,
    declared: &Declared<'_>,
) -> BTreeSet<ListenerRule> {
    let is_open = |rule: &&ListenerRule| wanted.listeners.iter().any(|listener| listener.port == rule.port);
    let follow = |rule: &ListenerRule| {
        let targets = rule.targets.iter().map(|target| target_of(rule, target, wanted, live, declared));
        ListenerRule { targets: targets.collect(), ..rule.clone() }
    };
    live.listener_rules.iter().filter(is_open).map(follow).collect()
}

/// A wanted resource as the program states it, without rules.
pub(super) fn without(wanted: Resource) -> Resource {
    match wanted {
        Resource::LoadBalancer(balancer) => {
            LoadBalancer { listener_rules: BTreeSet::new(), ..balancer }.into()
        }
        stated => stated,
    }
}

/// What a rule forwards to from now on: it follows a target group of the program, and otherwise a listener that leaves
/// the target group for another one, first that of the rule.
fn target_of(
    rule: &ListenerRule,
    target: &Ref,
    wanted: &LoadBalancer,
    live: &LoadBalancer,
    declared: &Declared<'_>,
) -> Ref {
    if let Some(address) = target.id().and_then(|id| declared.get(id)) {
        return Ref::To((*address).clone());
    }
    let is_left = |port: u16| {
        let before = live.listeners.iter().find(|before| before.port == port);
        before.is_some_and(|before| before.target.as_ref() == Some(target))
    };
    let (own, others): (Vec<_>, Vec<_>) =
        wanted.listeners.iter().partition(|listener| listener.port == rule.port);
    let mut left = own.into_iter().chain(others).filter(|listener| is_left(listener.port));
    let next = left.find_map(|listener| listener.target.as_ref().filter(|next| matches!(next, Ref::To(_))));
    next.unwrap_or(target).clone()
}

/// Keeps the target groups that `steps` would delete although a rule forwards to them, since AWS would refuse that.
/// Returns a note for each.
pub(super) fn keep_targets(steps: &mut Vec<Step>, live: &Live<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    let is_group = |step: &Step| step.kind == Kind::TargetGroup;
    if !steps.iter().any(|step| is_group(step) && matches!(step.action, Action::Delete { .. })) {
        return notes;
    }
    let ended = steps.iter().filter_map(|step| match &step.action {
        Action::Delete { live } | Action::Replace { live, .. } => Some(live.id.clone()),
        Action::Create { .. } | Action::Update { .. } => None,
    });
    let ended: BTreeSet<String> = ended.collect();
    let changed = steps.iter().filter_map(|step| match step.wanted()? {
        Resource::LoadBalancer(after) => Some((step.live()?.id.as_str(), after)),
        _ => None,
    });
    let changed: BTreeMap<&str, &LoadBalancer> = changed.collect();
    let mut forwarding = Vec::new();
    for (_, item) in live.items().filter(|(_, item)| !ended.contains(&item.found.id)) {
        let Resource::LoadBalancer(before) = &item.found.resource else { continue };
        let after = changed.get(item.found.id.as_str()).copied().unwrap_or(before);
        forwarding.extend(after.listener_rules.iter().map(|rule| (item.found.address.clone(), rule.clone())));
    }
    steps.retain(|step| {
        let Action::Delete { live } = &step.action else { return true };
        let target = Ref::Id(live.id.clone());
        let mut rules = forwarding.iter().filter(|(_, rule)| rule.targets.contains(&target));
        let Some((balancer, rule)) = rules.next().filter(|_| is_group(step)) else { return true };
        notes.push(Note::TargetStays {
            address: step.address.clone(),
            balancer: balancer.clone(),
            rule: rule.to_string(),
        });
        false
    });
    notes
}

/// Takes the rules out of `steps` that the successor of a load balancer cannot have. Returns a note for each load
/// balancer that loses rules.
pub(super) fn lost(steps: &mut [Step]) -> Vec<Note> {
    let mut notes = Vec::new();
    for step in steps {
        let after = match &mut step.action {
            Action::Replace { node, .. } => match &mut node.resource {
                Resource::LoadBalancer(next) => {
                    next.listener_rules.retain(ListenerRule::can_move);
                    priorities(next)
                }
                _ => continue,
            },
            Action::Update { wanted: Resource::LoadBalancer(next), .. } => priorities(next),
            Action::Create { .. } | Action::Update { .. } => continue,
            Action::Delete { .. } => BTreeSet::new(),
        };
        let Some(Resource::LoadBalancer(before)) = step.live().map(|live| &live.resource) else { continue };
        let rules = before.listener_rules.iter().filter(|rule| !after.contains(&(rule.port, rule.priority)));
        let rules: Vec<String> = rules.map(ToString::to_string).collect();
        if !rules.is_empty() {
            notes.push(Note::LosesRules { address: step.address.clone(), rules });
        }
    }
    notes
}

/// What tells the rules of a load balancer apart.
fn priorities(balancer: &LoadBalancer) -> BTreeSet<(u16, u32)> {
    balancer.listener_rules.iter().map(|rule| (rule.port, rule.priority)).collect()
}
