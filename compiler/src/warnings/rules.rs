//! Rules that let in nothing that others of the same metanetwork do not.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::Project;
use super::atoms::{self, Opening};
use crate::errors;
use crate::model::Environment;

/// The findings about one rule in the source, which may be part of many environments.
#[derive(Default)]
struct Standing<'m> {
    /// Number of lists that contain it.
    lists: usize,
    /// Number of those lists in which it is redundant.
    idle: usize,
    /// The environment in which it was first found redundant, and the rule that covers it there.
    first: Option<(&'m str, Shadow)>,
}

/// The rule that makes another one superfluous.
struct Shadow {
    /// Places of the covering rules.
    by: Vec<Span>,
    /// Whether it is the same rule, and not a wider one.
    is_equal: bool,
}

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut rules: BTreeMap<Span, Standing<'_>> = BTreeMap::new();
    for env in &project.model.environments {
        for network in env.networks.iter().filter(|network| !network.ingress.value.is_empty()) {
            let Some(openings) = atoms::openings(project, env, network) else { continue };
            for (opening, shadow) in openings.iter().zip(shadows(project, env, &openings)) {
                if !opening.is_rule {
                    continue;
                }
                let standing = rules.entry(opening.span).or_default();
                standing.lists += 1;
                if let Some(shadow) = shadow {
                    standing.idle += 1;
                    standing.first.get_or_insert((&network.name, shadow));
                }
            }
        }
    }
    for (span, standing) in rules {
        // A rule that is needed in one environment is no mistake in another.
        let Some((network, shadow)) = standing.first.filter(|_| standing.idle == standing.lists) else {
            continue;
        };
        let rule = (span, project.sources.slice(span));
        let by = shadow.by.into_iter().filter(|by| *by != span);
        let removal = project.removal(span);
        found.push(if shadow.is_equal {
            errors::repeated_rule(rule, network, by, removal)
        } else {
            errors::shadowed_rule(rule, network, by, removal)
        });
    }
}

/// For each opening, what makes it superfluous. Taking all of the superfluous ones out changes nothing: of two
/// that say the same, the later is superfluous.
fn shadows(project: &Project<'_>, env: &Environment, openings: &[Opening<'_>]) -> Vec<Option<Shadow>> {
    let mut shadows: Vec<Option<Shadow>> = openings.iter().map(|_| None).collect();
    for (at, opening) in openings.iter().enumerate().rev().filter(|(_, opening)| opening.is_rule) {
        let shadow = {
            let others = || {
                let live = openings.iter().zip(&shadows).enumerate();
                live.filter(move |(other, (_, shadow))| *other != at && shadow.is_none())
                    .map(|(_, (other, _))| other)
            };
            shadow(project, env, opening, others)
        };
        if let Some(slot) = shadows.get_mut(at) {
            *slot = shadow;
        }
    }
    shadows
}

fn shadow<'o, 'm: 'o, I: Iterator<Item = &'o Opening<'m>>>(
    project: &Project<'_>,
    env: &Environment,
    opening: &Opening<'_>,
    others: impl Fn() -> I,
) -> Option<Shadow> {
    let mut shadow = Shadow { by: Vec::new(), is_equal: true };
    for atom in &opening.atoms {
        let (other, by) = others().find_map(|other| {
            let by = other.atoms.iter().find(|by| by.covers(atom, project, env))?;
            Some((other, by))
        })?;
        shadow.is_equal &= by == atom;
        if !shadow.by.contains(&other.span) {
            shadow.by.push(other.span);
        }
    }
    (!opening.atoms.is_empty()).then_some(shadow)
}
