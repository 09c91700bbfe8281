//! Lifecycle rules that AWS refuses, or that never do anything ("Lifecycle configuration elements" and "Transitioning objects
//! using Amazon S3 Lifecycle" of the Amazon S3 user guide).

use asiaq_ir::LifecycleRule;

/// Days that objects are kept in a class before they move to one of infrequent access, or on from it.
const LEAST: u32 = 30;
/// Storage classes, those that objects move to first before the others. Two of the same number do not follow each other.
const ORDER: &[(&str, u32)] = &[
    ("STANDARD_IA", 0),
    ("INTELLIGENT_TIERING", 1),
    ("ONEZONE_IA", 2),
    ("GLACIER_IR", 3),
    ("GLACIER", 4),
    ("DEEP_ARCHIVE", 5),
];

pub(in crate::model::storage) fn problem(rule: &LifecycleRule) -> Option<String> {
    one_thing(rule).map(str::to_owned).or_else(|| times(rule))
}

/// Settings that do not go together.
fn one_thing(rule: &LifecycleRule) -> Option<&'static str> {
    let moves = !rule.transitions.is_empty() || !rule.noncurrent_transitions.is_empty();
    let has_effect = rule.expire.is_some()
        || rule.expire_on.is_some()
        || rule.expire_markers
        || rule.expire_noncurrent.is_some()
        || rule.abort_uploads.is_some()
        || moves;
    let is_narrow = !rule.tags.is_empty() || rule.larger.is_some() || rule.smaller.is_some();
    let ages = rule.expire.is_some() || rule.transitions.iter().any(|one| one.after.is_some());
    let days = rule.expire_on.is_some() || rule.transitions.iter().any(|one| one.on.is_some());
    if !has_effect {
        return Some("it does nothing: set `expire` or another time");
    }
    if rule.expire.is_some() && rule.expire_on.is_some() {
        return Some("it has `expire` and `expire_on`: remove one of them");
    }
    if rule.expire_markers && (rule.expire.is_some() || rule.expire_on.is_some()) {
        return Some("`expire_markers` cannot be with `expire` or `expire_on`: write two rules");
    }
    if rule.keep_noncurrent.is_some() && rule.expire_noncurrent.is_none() {
        return Some("`keep_noncurrent` needs `expire_noncurrent`");
    }
    if is_narrow && (rule.abort_uploads.is_some() || rule.expire_markers) {
        return Some("`abort_uploads` and `expire_markers` know neither tags nor sizes: write another rule");
    }
    if rule.transitions.iter().any(|one| one.after.is_some() && one.on.is_some()) {
        return Some("a transition has `after` and `on`: remove one of them");
    }
    if ages && days {
        return Some("it has ages and days of the calendar: write two rules");
    }
    match (rule.larger, rule.smaller) {
        (Some(larger), Some(smaller)) if larger >= smaller => {
            Some("no object is that large: `larger_than` is less than `smaller_than`")
        }
        _ => None,
    }
}

/// Moves and deletions that come in the wrong order, or too early.
fn times(rule: &LifecycleRule) -> Option<String> {
    let moves = rule.transitions.iter().filter_map(|one| Some((one.class.as_str(), one.after?)));
    let noncurrent = rule.noncurrent_transitions.iter().map(|one| (one.class.as_str(), one.after));
    let deletions =
        [(rule.expire, "expire", "after"), (rule.expire_noncurrent, "expire_noncurrent", "noncurrent_after")];
    for (all, (deletion, deleted_by, moved_by)) in
        [moves.collect::<Vec<_>>(), noncurrent.collect()].into_iter().zip(deletions)
    {
        if let Some(early) = all.iter().find(|(class, after)| needs_least(class) && *after < LEAST) {
            let (class, after) = (early.0.to_ascii_lowercase(), early.1);
            return Some(format!(
                "objects are {LEAST} days old when they move to `{class}`, not {after}: write `{moved_by} = {LEAST}d`"
            ));
        }
        if let Some(problem) = order(&all, moved_by) {
            return Some(problem);
        }
        let last = all.iter().map(|(_, after)| *after).max();
        if deletion.is_some_and(|deletion| last.is_some_and(|last| last >= deletion)) {
            return Some(format!(
                "objects are deleted before they move: `{deleted_by}` is later than every `{moved_by}`"
            ));
        }
    }
    let last = rule.transitions.iter().filter_map(|one| one.on.as_deref()).max();
    let too_late = rule.expire_on.as_deref().is_some_and(|day| last.is_some_and(|last| last >= day));
    too_late.then(|| "objects are deleted before they move: `expire_on` is later than every `on`".to_owned())
}

/// Objects move down the classes, and stay in one of infrequent access for a while.
fn order(moves: &[(&str, u32)], moved_by: &str) -> Option<String> {
    let mut sorted: Vec<(u32, &str, u32)> =
        moves.iter().map(|(class, after)| (place(class), *class, *after)).collect();
    sorted.sort_unstable();
    sorted.array_windows().find_map(|[(_, first, from), (_, next, to)]| {
        let (first_word, next_word) = (first.to_ascii_lowercase(), next.to_ascii_lowercase());
        let least = from + if needs_least(first) { LEAST } else { 1 };
        (*to < least).then(|| {
            format!("objects move to `{next_word}` at least {} after they move to `{first_word}`: write `{moved_by} = {least}d`", days(least - from))
        })
    })
}

fn days(count: u32) -> String {
    if count == 1 { "a day".to_owned() } else { format!("{count} days") }
}

fn place(class: &str) -> u32 {
    ORDER.iter().find(|(known, _)| *known == class).map_or(0, |(_, place)| *place)
}

fn needs_least(class: &str) -> bool {
    matches!(class, "STANDARD_IA" | "ONEZONE_IA")
}
