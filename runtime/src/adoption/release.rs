//! The way back: the tags of an adoption are taken off, and nothing else changes.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ADDRESS_TAG, ADOPTED_TAG, Kind, listed_tag_keys};
use serde_json::Value;

use crate::{Cloud, Coverage, Found, Observed, Plan, Result, Step};

/// Adds the tags that listings hide, so that they say what was adopted.
///
/// # Errors
/// The first call that fails.
pub async fn reveal_adopted<C: Cloud>(cloud: &C, observed: &mut Observed) -> Result<()> {
    let hiding = observed.found.iter().filter(|found| found.hides_tags());
    let places: BTreeSet<(String, Kind)> =
        hiding.map(|found| (found.region.clone(), found.resource.kind())).collect();
    for (region, kind) in places {
        let hidden = cloud.hidden_tags(&region, kind).await?;
        let own = |found: &&mut Found| found.region == region && found.resource.kind() == kind;
        for found in observed.found.iter_mut().filter(own) {
            found.tags.extend(hidden.get(&found.id).cloned().unwrap_or_default());
        }
    }
    Ok(())
}

/// The plan that releases what was adopted and is in `scope`; `next` is a plan of the same program.
pub fn releases(observed: &Observed, scope: &Coverage, next: &Plan) -> Plan {
    let adopted = observed.found.iter().filter(|found| scope.includes(&found.address));
    let steps = adopted.filter(|found| found.tags.contains_key(ADOPTED_TAG)).map(release);
    let mut steps: Vec<Step> = steps.collect();
    steps.sort_by(|a, b| a.rank().cmp(&b.rank()));
    Plan { steps, notes: Vec::new(), known: BTreeMap::new(), ..next.clone() }
}

fn release(found: &Found) -> Step {
    let given: BTreeSet<String> =
        found.tags.get(ADOPTED_TAG).into_iter().flat_map(|keys| listed_tag_keys(keys)).collect();
    let is_ours = |key: &&String| key.starts_with("asiaq:") || given.contains(*key);
    let remove = found.tags.keys().filter(is_ours).cloned().collect();
    let shown = (ADDRESS_TAG, found.address.as_str().into(), Value::Null);
    Step::of_tags(found, shown, "it was adopted, and stays as it is", BTreeMap::new(), remove)
}
