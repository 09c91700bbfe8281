//! The lines below a new group: what changes its size.

use asiaq_ir::{AutoScalingGroup, Node, Resource, Scaling, ScalingPolicy, Schedule};

use super::mark::{Detail, Mark};

const POLICIES: &str = AutoScalingGroup::POLICIES.as_str();
const SCHEDULES: &str = AutoScalingGroup::SCHEDULES.as_str();

/// The schedules and scaling policies of a group that is created.
pub(super) fn of(node: &Node) -> Vec<Detail> {
    let Resource::AutoScalingGroup(group) = &node.resource else { return Vec::new() };
    let line = |field: &str, key: &str, text: String| Detail {
        mark: Mark::Plus,
        text,
        place: node.cite(field, Some(key)).to_string(),
    };
    let schedules = group.schedules.iter().map(|one| line(SCHEDULES, &one.cron, schedule(one)));
    let is_declared =
        |policy: &&ScalingPolicy| node.provenance.contains_key(&format!("{POLICIES}/{}", policy.name));
    let (declared, usual): (Vec<_>, Vec<_>) = group.policies.iter().partition(is_declared);
    let declared = declared.into_iter().map(|one| {
        line(POLICIES, &one.name, format!("scaling {}: {}; {}", one.name, scaling(&one.scaling), caller(one)))
    });
    let mut lines: Vec<Detail> = schedules.chain(declared).collect();
    lines.extend(unasked(&usual));
    lines
}

/// A schedule, as in `at "33 6 * * mon-fri" UTC: desired 3`.
fn schedule(schedule: &Schedule) -> String {
    let sizes = [("min", schedule.min), ("desired", schedule.desired), ("max", schedule.max)];
    let sizes = sizes.into_iter().filter_map(|(name, size)| Some(format!("{name} {}", size?)));
    format!("at \"{}\" UTC: {}", schedule.cron, sizes.collect::<Vec<_>>().join(", "))
}

/// The policies that every group has, which the program does not state.
fn unasked(usual: &[&ScalingPolicy]) -> Option<Detail> {
    let effects = usual.iter().rev().map(|policy| format!("{} {}", policy.name, scaling(&policy.scaling)));
    let effects: Vec<String> = effects.collect();
    let them = match effects.len() {
        0 => return None,
        1 => "it",
        _ => "them",
    };
    let text = format!("scaling {}: every group has {them}, no alarm calls {them}", effects.join(", "));
    Some(Detail { mark: Mark::Plus, text, place: String::new() })
}

/// What calls a policy.
fn caller(policy: &ScalingPolicy) -> &'static str {
    match policy.scaling {
        Scaling::Track { .. } => "called by alarms that AWS makes",
        Scaling::Simple { .. } | Scaling::Steps { .. } => "no alarm of the program calls it",
    }
}

/// What a policy does.
fn scaling(scaling: &Scaling) -> String {
    match scaling {
        Scaling::Track { metric, target } => {
            let (metric, unit) = match metric.as_str() {
                "ASGAverageCPUUtilization" => ("cpu", " %"),
                "ASGAverageNetworkIn" => ("network_in", " bytes"),
                "ASGAverageNetworkOut" => ("network_out", " bytes"),
                other => (other, ""),
            };
            format!("keeps {metric} near {target}{unit}")
        }
        Scaling::Simple { by, percent, at_least, .. } => change(*by, *percent) + &least(*at_least),
        Scaling::Steps { percent, at_least, steps, .. } => {
            let steps: Vec<String> = steps.iter().map(|step| change(step.by, *percent)).collect();
            steps.join(", ") + &least(*at_least)
        }
    }
}

/// A change of the size: `+2`, `-10 %`.
fn change(by: i32, percent: bool) -> String {
    format!("{by:+}{}", if percent { " %" } else { "" })
}

fn least(at_least: Option<u32>) -> String {
    at_least.map(|least| format!(" (at least {least})")).unwrap_or_default()
}
