//! Peerings that no rule lets anything through, in either direction.

use asiaq_lang::Diagnostic;

use super::Project;
use super::atoms::{Who, extent, stated};
use crate::address_space::overlaps;
use crate::errors;
use crate::library::kinds;
use crate::model::{JointEnd, PeeringPair};

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    for name in project.names.of_kind(kinds::PEERING) {
        let Some(decl) = project.names.get(kinds::PEERING, name) else { continue };
        let mut joints = project.model.joints.iter().filter(|joint| joint.span == decl.span).peekable();
        let Some(first) = joints.peek() else { continue };
        let [a, b] = &first.ends;
        let ends = [a, b].map(|end| format!("{}/{}", end.env, end.network));
        if !joints.any(|joint| is_used(project, joint)) {
            let span = decl.name.as_ref().map_or(decl.span, |name| name.span);
            let [a, b] = &ends;
            found.push(errors::idle_peering(span, name, (a, b)));
        }
    }
}

fn is_used(project: &Project<'_>, joint: &PeeringPair) -> bool {
    let [a, b] = &joint.ends;
    lets_in(project, a, b) || lets_in(project, b, a)
}

/// Whether a rule of `near` lets in something from `far`.
fn lets_in(project: &Project<'_>, near: &JointEnd, far: &JointEnd) -> bool {
    let Some(env) = project.model.environment(&near.env) else { return true };
    let Some(network) = env.network(&near.network) else { return true };
    let block = project.model.environment(&far.env).and_then(|env| extent(project, env, &far.network));
    stated(project, env, network).iter().flat_map(|stated| &stated.sources).any(|source| match source {
        Who::Group(_) => false,
        Who::Block(source) => block.is_none_or(|block| overlaps(*source, block)),
        Who::Far { env, network } => *env == far.env && *network == far.network,
    })
}
