//! What runs in environments.

use asiaq_runtime::DeployRecord;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, CHANGED, DIM, GOOD, age, count, now, paint};
use super::width::width;
use crate::status::{EnvironmentStatus, HostclassStatus, Pending};

/// A paragraph for each environment.
pub(crate) fn text(all: &[EnvironmentStatus]) -> String {
    let now = now();
    let paragraphs: Vec<String> = all.iter().map(|env| environment(env, &now)).collect();
    paragraphs.join("\n")
}

fn environment(env: &EnvironmentStatus, now: &str) -> String {
    let undeclared = if env.declared { "" } else { "  not declared" };
    let mut lines = vec![format!(
        "{}  {}{}",
        paint(BOLD, &env.name),
        paint(DIM, &env.region),
        paint(CHANGED, undeclared)
    )];
    if env.hostclasses.is_empty() {
        lines.push(format!("  {}", paint(DIM, "no instances, and no pipeline")));
    } else {
        let headings = ["HOSTCLASS", "HEALTHY", "STATES", "IMAGES", "TEMPLATE"];
        let headings = headings.map(|heading| Cell::new(DIM, heading)).to_vec();
        let rows: Vec<Vec<Cell>> =
            std::iter::once(headings).chain(env.hostclasses.iter().map(|one| row(one, now))).collect();
        let rows = table::fitted(&rows, 1, width().saturating_sub(2), 4).concat();
        lines.extend(rows.into_iter().map(|line| format!("  {line}")));
    }
    for one in &env.hostclasses {
        for record in one.groups.iter().filter_map(|group| group.deploy.as_ref()) {
            let text = deploy(one.name.as_deref().unwrap_or("(none)"), record, &env.name);
            let wrapped = table::wrapped(CHANGED, &text, width().saturating_sub(2), 2);
            lines.extend(wrapped.into_iter().map(|line| format!("  {line}")));
        }
    }
    for alarm in &env.alarms {
        let since = alarm.since.as_deref().and_then(|since| age(since, now));
        let since = since.map(|since| format!(" for {since}")).unwrap_or_default();
        let reason = alarm.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let text = format!("{} is on{since}{reason}", alarm.name);
        lines.extend(
            table::wrapped(BAD, &text, width().saturating_sub(2), 2)
                .into_iter()
                .map(|line| format!("  {line}")),
        );
    }
    lines.extend(env.plan.map(|pending| format!("  {}", plan(pending, &env.name))));
    lines.into_iter().map(|line| line + "\n").collect()
}

fn row(one: &HostclassStatus, now: &str) -> Vec<Cell> {
    let name = one.name.as_deref().unwrap_or("(none)");
    let (healthy, wanted) =
        one.groups.iter().fold((0, 0), |(a, b), group| (a + group.in_service, b + group.desired));
    let health = match one.groups.as_slice() {
        [] if one.declared => Cell::new(CHANGED, "no group yet"),
        [] => Cell::new(DIM, "no group"),
        groups => {
            let style = if healthy >= wanted { GOOD } else { BAD };
            let several = if groups.len() > 1 { " in 2 groups" } else { "" };
            Cell::new(style, format!("{healthy} of {wanted}{several}"))
        }
    };
    let states: Vec<String> = one.states.iter().map(|(state, number)| format!("{number} {state}")).collect();
    let images: Vec<String> = one
        .images
        .iter()
        .map(|image| {
            let old = image.created.as_deref().and_then(|created| age(created, now));
            let old = old.unwrap_or_else(|| "gone".to_owned());
            let of = if one.images.len() > 1 { format!("{} × ", image.instances) } else { String::new() };
            format!("{of}{} ({old})", image.id)
        })
        .collect();
    let template = match one.outdated.len() {
        0 if one.states.is_empty() => Cell::plain("-"),
        0 => Cell::plain("newest"),
        number => Cell::new(CHANGED, format!("{number} old")),
    };
    let said =
        |list: Vec<String>| Cell::plain(if list.is_empty() { "-".to_owned() } else { list.join(", ") });
    let unnamed = if one.declared { BOLD } else { CHANGED };
    vec![Cell::new(unnamed, name), health, said(states), said(images), template]
}

/// A deploy that is under way, in a line.
fn deploy(hostclass: &str, record: &DeployRecord, env: &str) -> String {
    let DeployRecord { phase, image, before, by, .. } = record;
    let phase = phase.word();
    format!(
        "deploy of {hostclass}: {phase}, {image} in place of {before}, by {by}: `asiaq deploy status --env {env}`"
    )
}

/// What an apply would do, in a line.
fn plan(pending: Pending, env: &str) -> String {
    let Pending { create, update, replace, delete, drift } = pending;
    if pending.all() == 0 {
        return paint(DIM, "as the program says");
    }
    let parts =
        [(create, "to create"), (update, "to change"), (replace, "to replace"), (delete, "to delete")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, what)| format!("{number} {what}")).collect();
    let drift = match drift {
        0 => String::new(),
        number => format!(", {} of drift", count(number, "step")),
    };
    paint(CHANGED, &format!("plan: {}{drift}: `asiaq plan --env {env}`", parts.join(", ")))
}
