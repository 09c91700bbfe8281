//! Instance types of previous generations, and types that a region does not offer, or not as Spot Instances.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::Project;
use crate::model::Run;
use crate::{errors, library};

/// An instance type where it is set, or the default one at its run.
type Site<'m> = (Span, &'m str, bool);

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut sites: BTreeMap<Site<'_>, Vec<&str>> = BTreeMap::new();
    // Those with Spot Instances, and where that is said.
    let mut spots: BTreeMap<Site<'_>, Span> = BTreeMap::new();
    for env in &project.model.environments {
        for (_, run) in env.running() {
            for site in types(run) {
                sites.entry(site).or_default().push(&env.region.value);
                spots.extend(run.spot.as_ref().map(|spot| (site, spot.span)));
            }
        }
    }
    for ((span, name, _), spot) in spots {
        if library::is_never_spot(name) {
            found.push(errors::type_not_as_spot(span, name, spot));
        }
    }
    for ((span, name, is_default), mut regions) in sites {
        regions.sort_unstable();
        regions.dedup();
        if library::is_previous(name) && !is_default {
            found.push(errors::previous_generation(span, name, library::successor(name, &regions)));
        }
        let lacking = regions.iter().filter(|region| library::is_offered(name, region) == Some(false));
        let lacking: Vec<&str> = lacking.copied().collect();
        if !lacking.is_empty() {
            let other = library::stand_in(name, &regions);
            found.push(errors::type_not_in_region(span, name, is_default, &lacking, other));
        }
    }
}

/// The instance types of a run.
fn types(run: &Run) -> impl Iterator<Item = Site<'_>> {
    let own = &run.instance_type;
    let is_default = !own.is_said();
    let own = (own.place(run.span), own.value.as_str(), is_default);
    std::iter::once(own).chain(run.types.value.iter().map(|other| (other.span, other.value.as_str(), false)))
}
