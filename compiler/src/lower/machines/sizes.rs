//! The sizes of a group: at its creation, afterwards, and at the times of schedules.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{GroupSize, Schedule};
use asiaq_lang::Span;

use crate::cron::Cron;
use crate::evaluate::Resolved;
use crate::model::Sizes;
use crate::value::Capacity;

/// The sizes at creation: the smallest minimum and the largest of the others. Default for the desired capacity: the
/// maximum.
pub(crate) fn initial(sizes: &Sizes) -> GroupSize {
    let min = sizes.min.iter().flat_map(all).min();
    let max = sizes.max.iter().flat_map(all).max();
    let desired = sizes.desired.iter().flat_map(all).max();
    let most = [min, desired, max].into_iter().flatten().max().unwrap_or(0);
    let min = min.unwrap_or(0);
    GroupSize { min, desired: desired.unwrap_or(most).max(min), max: most }
}

/// The bound after the creation: `initial`, unless a schedule changes it.
pub(super) fn bound(said: Option<&Resolved<Capacity>>, initial: u32) -> Option<u32> {
    match said.map(|said| &said.value) {
        None | Some(Capacity::Always(_)) => Some(initial),
        Some(Capacity::Scheduled(_)) => None,
    }
}

/// The desired capacity after the creation, if the program sets it and neither a schedule nor a policy changes it.
pub(super) fn desired(sizes: &Sizes, is_scaled: bool) -> Option<u32> {
    let is_scheduled = sizes.each().iter().any(|(_, said)| said.is_some_and(|said| is_timed(&said.value)));
    match sizes.desired.as_ref().map(|desired| &desired.value) {
        Some(Capacity::Always(size)) if !is_scheduled && !is_scaled => Some(*size),
        Some(Capacity::Always(_) | Capacity::Scheduled(_)) | None => None,
    }
}

/// The scheduled actions, each with the sizes that it sets.
pub(super) fn schedules(sizes: &Sizes) -> BTreeSet<Schedule> {
    let mut found: BTreeMap<Cron, Schedule> = BTreeMap::new();
    for (name, said) in sizes.each() {
        let timed = said.iter().filter_map(|said| match &said.value {
            Capacity::Always(_) => None,
            Capacity::Scheduled(timed) => Some(timed),
        });
        for timed in timed.flatten() {
            let time = timed.value.time;
            let schedule = found.entry(time).or_insert_with(|| Schedule {
                cron: time.to_string(),
                min: None,
                desired: None,
                max: None,
            });
            let size = Some(timed.value.size);
            match name {
                "min" => schedule.min = size,
                "desired" => schedule.desired = size,
                _ => schedule.max = size,
            }
        }
    }
    found.into_values().collect()
}

/// The times of the scheduled actions, with their places.
pub(super) fn times(sizes: &Sizes) -> impl Iterator<Item = (String, Span)> {
    let said = sizes.each().into_iter().filter_map(|(_, said)| said);
    let timed = said.flat_map(|said| match &said.value {
        Capacity::Always(_) => &[],
        Capacity::Scheduled(timed) => timed.as_slice(),
    });
    timed.map(|timed| (timed.value.time.to_string(), timed.span))
}

/// Longest name of a scheduled action (Amazon EC2 Auto Scaling API reference, `PutScheduledUpdateGroupAction`).
pub(super) const ACTION_NAME: usize = 255;

/// Characters that follow the start of a group's name in the name of the scheduled action of this time: the rest of
/// the name of the group, which is the time of its creation, and `cron` with `star` for `*`.
pub(super) fn longest_suffix(cron: &str) -> usize {
    "_1234567890_".len() + cron.len() + cron.matches('*').count() * ("star".len() - 1)
}

/// Whether a schedule sets the size.
fn is_timed(capacity: &Capacity) -> bool {
    match capacity {
        Capacity::Always(_) => false,
        Capacity::Scheduled(_) => true,
    }
}

/// All values of a size.
fn all(said: &Resolved<Capacity>) -> Vec<u32> {
    match &said.value {
        Capacity::Always(size) => vec![*size],
        Capacity::Scheduled(timed) => timed.iter().map(|timed| timed.value.size).collect(),
    }
}
