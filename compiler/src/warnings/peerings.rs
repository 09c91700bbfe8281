//! Peerings that no rule lets anything through, in either direction.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::Project;
use super::atoms::{Who, extent, stated};
use crate::address_space::overlaps;
use crate::errors;
use crate::library::kinds;
use crate::model::{JointEnd, PeeringPair};

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut joints: BTreeMap<Span, Vec<&PeeringPair>> = BTreeMap::new();
    for joint in &project.model.joints {
        joints.entry(joint.span).or_default().push(joint);
    }
    let mut sources = Sources::new();
    for name in project.names.of_kind(kinds::PEERING) {
        let Some(decl) = project.names.get(kinds::PEERING, name) else { continue };
        let Some(joints) = joints.get(&decl.span) else { continue };
        let ends = joints.first().map(|first| first.ends.each_ref());
        let Some([a, b]) = ends.map(|ends| ends.map(|end| format!("{}/{}", end.env, end.network))) else {
            continue;
        };
        if !joints.iter().any(|joint| is_used(project, joint, &mut sources)) {
            let span = decl.name.as_ref().map_or(decl.span, |name| name.span);
            found.push(errors::idle_peering(span, name, (&a, &b)));
        }
    }
}

/// What the rules of a metanetwork let in; nothing where it is not known.
type Sources<'m> = BTreeMap<&'m JointEnd, Option<Vec<Who<'m>>>>;

fn is_used<'m>(project: &Project<'m>, joint: &'m PeeringPair, sources: &mut Sources<'m>) -> bool {
    let [a, b] = &joint.ends;
    lets_in(project, a, b, sources) || lets_in(project, b, a, sources)
}

/// Whether a rule of `near` lets in something from `far`.
fn lets_in<'m>(project: &Project<'m>, near: &'m JointEnd, far: &JointEnd, sources: &mut Sources<'m>) -> bool {
    let known = sources.entry(near).or_insert_with(|| {
        let env = project.model.environment(&near.env)?;
        let network = env.network(&near.network)?;
        Some(stated(project, env, network).into_iter().flat_map(|stated| stated.sources).collect())
    });
    let Some(known) = known else { return true };
    let block = project.model.environment(&far.env).and_then(|env| extent(project, env, &far.network));
    known.iter().any(|source| match source {
        Who::Group(_) => false,
        Who::Block(source) => block.is_none_or(|block| overlaps(*source, block)),
        Who::Far { env, network } => *env == far.env && *network == far.network,
    })
}
