//! Whether actions and resources of a statement go together: `s3:GetObject` is for objects, `s3:ListBucket` for buckets.

use super::Checked;
use super::meant::Meant;
use crate::arn::{Arns, arns};
use crate::document::{Text, Version};
use crate::problem::{Code, Problem};
use crate::table::Action;

pub(super) fn check<P: Clone>(checked: &Checked<P>, problems: &mut Vec<Problem<P>>) {
    let statement = checked.statement;
    let Some(resources) = statement.resources.as_ref().filter(|list| !list.excludes) else { return };
    if statement.actions.excludes {
        return;
    }
    let patterns: Vec<Arns> =
        resources.values.iter().map(|text| arns(&text.value, checked.version)).collect();
    if patterns.contains(&Arns::Malformed) {
        return;
    }
    let mut is_used = vec![false; patterns.len()];
    let mut is_open = false;
    let mut found = Vec::new();
    for (text, meant) in statement.actions.values.iter().zip(&checked.meant) {
        // What is not known may take any resource.
        let Some(actions) = meant.known() else {
            is_open = true;
            continue;
        };
        let mut does_apply = false;
        for (pattern, used) in patterns.iter().zip(&mut is_used) {
            // A resource that is used already needs no further look, unless this action has none yet.
            if *used && does_apply {
                continue;
            }
            let applies = actions.iter().any(|action| takes(*action, pattern));
            *used |= applies;
            does_apply |= applies;
        }
        if !does_apply {
            found.push(no_resource(text, actions, &resources.values));
        }
    }
    let is_any_used = is_used.contains(&true);
    problems.append(&mut found);
    if is_any_used && !is_open {
        let unused = resources.values.iter().zip(&is_used).filter(|(_, used)| !**used);
        problems.extend(unused.map(|(text, _)| {
            let message = format!("no action of this statement is for `{}`", text.value);
            let help = "the statement does nothing for this resource: take it out, or add the actions that are meant";
            Problem::new(Code::NotApplicable, text.place.clone(), message).help(help)
        }));
    }
}

/// Whether one of these actions may be about a resource. What is not known may be about any.
pub fn may_apply<'a>(actions: impl IntoIterator<Item = &'a str>, resource: &str) -> bool {
    let pattern = arns(resource, Version::V2012);
    let applies = |action: &str| {
        Meant::of(action).known().is_none_or(|known| known.iter().any(|action| takes(*action, &pattern)))
    };
    actions.into_iter().any(applies)
}

/// The ARN of a bucket. The table does not say that a name has no slash, with which it would be an object's.
const BUCKET: &str = "arn:*:s3:::*";

/// Whether an action takes some resource of a pattern. Without resource types it is for all resources of its service.
fn takes(action: Action, pattern: &Arns) -> bool {
    let mut types = action.types().peekable();
    if types.peek().is_none() {
        return pattern.is_whole_service();
    }
    types.any(|(of, _)| pattern.overlaps(of.pattern()) && !(of.arn == BUCKET && pattern.has_slash()))
}

fn no_resource<P: Clone>(text: &Text<P>, actions: &[Action], resources: &[Text<P>]) -> Problem<P> {
    let message = format!("`{}` is for no resource of this statement", text.value);
    let mut wanted: Vec<String> = Vec::new();
    for (of, _) in actions.iter().flat_map(|action| action.types()) {
        let arn = format!("`{}`", of.arn.replacen("arn:*:", "arn:aws:", 1));
        if !wanted.contains(&arn) && wanted.len() < 4 {
            wanted.push(arn);
        }
    }
    let help = if wanted.is_empty() {
        "it is for no resource in particular: move it to a statement with the resource `*`".to_owned()
    } else {
        format!("its resources are {}", wanted.join(", "))
    };
    let mut problem = Problem::new(Code::NotApplicable, text.place.clone(), message).help(help);
    if let [only] = resources {
        problem = problem.related(only.place.clone(), "the resource is this one");
    }
    problem
}
