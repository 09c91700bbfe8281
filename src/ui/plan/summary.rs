//! The summary of a step, in one line.

use asiaq_ir::{GroupSize, LaunchTemplate, Ref, Resource, Summary};
use asiaq_runtime::{Action, Plan, Step};

use crate::ui::text::{age, count, reference, route};

/// The important fields of a resource that is created; what is known of a new image.
pub(super) fn of(plan: &Plan, step: &Step) -> String {
    let is_new = |template: &LaunchTemplate| match step.live().map(|live| &live.resource) {
        Some(Resource::LaunchTemplate(live)) => live.image != template.image,
        _ => true,
    };
    let image = match step.wanted() {
        Some(Resource::LaunchTemplate(template)) if is_new(template) => about(plan, &template.image),
        _ => String::new(),
    };
    let said = match &step.action {
        Action::Create { node } => described(&node.resource, step.address.scope().as_str()) + &image,
        Action::Update { .. } | Action::Replace { .. } => image.trim_start().to_owned(),
        Action::Delete { .. } => String::new(),
    };
    match plan.ir.elsewhere.get(&step.address) {
        Some(account) => format!("{said} in account {account}").trim_start().to_owned(),
        None => said,
    }
}

/// Stage and age of an AMI of a hostclass, name and age of any other, if they are known.
fn about(plan: &Plan, image: &Ref) -> String {
    let Some(known) = image.id().and_then(|id| plan.images.get(id)) else { return String::new() };
    let is_of_hostclass =
        known.name.split_once(' ').is_some_and(|(_, made)| made.bytes().all(|byte| byte.is_ascii_digit()));
    let stage = match known.tags.get("stage") {
        Some(stage) => stage.as_str(),
        None if is_of_hostclass => "no stage",
        None => known.name.as_str(),
    };
    let age = match age(&known.created, &plan.now) {
        Some(age) if age.ends_with('s') => ", new".to_owned(),
        Some(age) => format!(", {age} old"),
        None => String::new(),
    };
    format!(" ({stage}{age})")
}

fn described(resource: &Resource, env: &str) -> String {
    match resource {
        Resource::RouteTable(table) => {
            table.routes.iter().map(|line| route(line, env)).collect::<Vec<_>>().join(", ")
        }
        Resource::AutoScalingGroup(group) => {
            let GroupSize { min, desired, max } = group.initial;
            format!("{min}..{max}, {} at first", count(desired as usize, "machine"))
        }
        Resource::SmokeTest(test) => format!("of {}", reference(&test.image)),
        other => other.summary().iter().map(|it| part(it, env)).collect::<Vec<_>>().join(" "),
    }
}

fn part(part: &Summary<'_>, env: &str) -> String {
    match part {
        Summary::Text(text) => text.clone(),
        Summary::Reference(Ref::To(address)) if address.scope().as_str() == env => address.path().to_owned(),
        Summary::Reference(other) => reference(other),
        Summary::Count(number, noun) => count(*number, noun),
    }
}
