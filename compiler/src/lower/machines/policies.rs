//! The scaling policies of a group: the declared ones, and the two that every group has.

use std::collections::BTreeSet;

use asiaq_ir::{Scaling as IrScaling, ScalingPolicy, ScalingStep};

use super::percent::percent;
use crate::evaluate::Resolved;
use crate::model::{Run, Scaling};
use crate::value::Reserve;

/// Seconds before another change.
const COOLDOWN: u32 = 600;
/// Seconds until a new instance counts.
const WARMUP: u32 = 300;

/// The policies of the group of a run: `up` and `down` by 10 % unless they are declared.
pub(super) fn policies(run: &Run) -> BTreeSet<ScalingPolicy> {
    let declared = run.scaling.iter().filter_map(policy);
    let usual = [("up", 10), ("down", -10)].into_iter().filter(|(name, _)| !is_declared(run, name));
    let usual = usual.map(|(name, by)| ScalingPolicy {
        name: name.to_owned(),
        scaling: IrScaling::Simple { by, percent: true, at_least: Some(1), cooldown: COOLDOWN },
    });
    declared.chain(usual).collect()
}

fn is_declared(run: &Run, name: &str) -> bool {
    run.scaling.iter().any(|scaling| scaling.name == name)
}

/// The policy of a declared scaling. An incomplete declaration has been reported and has none.
fn policy(declared: &Scaling) -> Option<ScalingPolicy> {
    let at_least = declared.at_least.as_ref().and_then(|least| u32::try_from(least.value).ok());
    let scaling = if let Some(track) = &declared.track {
        let metric = metric(&track.value)?;
        IrScaling::Track { metric: metric.to_owned(), target: declared.target.as_ref()?.value.to_string() }
    } else if declared.steps.is_empty() {
        let (by, percent) = change(declared.add.as_ref(), declared.remove.as_ref())?;
        let cooldown = seconds(declared.cooldown.as_ref(), COOLDOWN);
        IrScaling::Simple { by, percent, at_least: at_least.filter(|_| percent), cooldown }
    } else {
        let mut percent = false;
        let mut steps = Vec::new();
        for step in &declared.steps {
            let (by, is_percent) = change(step.add.as_ref(), step.remove.as_ref())?;
            percent |= is_percent;
            let bound = |bound: &Option<Resolved<f64>>| bound.as_ref().map(|at| at.value);
            steps.push((bound(&step.from), bound(&step.to), by));
        }
        steps.sort_by(|(a, ..), (b, ..)| {
            let start = |from: &Option<f64>| from.unwrap_or(f64::NEG_INFINITY);
            start(a).total_cmp(&start(b))
        });
        let steps = steps.into_iter().map(|(from, to, by)| ScalingStep {
            from: from.map(|from| from.to_string()),
            to: to.map(|to| to.to_string()),
            by,
        });
        let warmup = seconds(declared.warmup.as_ref(), WARMUP);
        IrScaling::Steps { percent, at_least: at_least.filter(|_| percent), warmup, steps: steps.collect() }
    };
    Some(ScalingPolicy { name: declared.name.clone(), scaling })
}

/// AWS's name of a metric for target tracking.
fn metric(word: &str) -> Option<&'static str> {
    match word {
        "cpu" => Some("ASGAverageCPUUtilization"),
        "network_in" => Some("ASGAverageNetworkIn"),
        "network_out" => Some("ASGAverageNetworkOut"),
        _ => None,
    }
}

/// The change of the size, negative for a removal, and whether it is a percentage.
fn change(add: Option<&Resolved<Reserve>>, remove: Option<&Resolved<Reserve>>) -> Option<(i32, bool)> {
    let (amount, sign) = add.map(|add| (add.value, 1)).or(remove.map(|remove| (remove.value, -1)))?;
    match amount {
        Reserve::Share(share) => Some((sign * percent(share), true)),
        Reserve::Count(count) => Some((sign * i32::try_from(count).ok()?, false)),
    }
}

fn seconds(time: Option<&Resolved<u64>>, default: u32) -> u32 {
    time.and_then(|time| u32::try_from(time.value).ok()).unwrap_or(default)
}
