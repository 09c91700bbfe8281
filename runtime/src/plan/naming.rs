//! Names of new resources while an old one has the name.

use std::collections::BTreeSet;

use asiaq_ir::{Kind, Resource};
use serde_json::Value;

use super::live::Live;
use crate::digest::hex_digest;

/// The longest name of a load balancer and of a target group.
const LONGEST: usize = 32;
/// The most names that are tried.
const MOST_NAMES: u32 = 1000;
/// Hexadecimal digits that make a name another one.
const DIGITS: usize = 5;

/// The chosen names that live resources have, by region and kind.
pub(super) struct Names<'a>(BTreeSet<(&'a str, Kind, String)>);

impl<'a> Names<'a> {
    pub(super) fn new(live: &Live<'a>) -> Self {
        let names = live.items().filter_map(|(_, item)| {
            let kind = item.found.resource.kind();
            let name = item.value.get(kind.schema().chosen_name?)?.as_str()?;
            Some((item.found.region.as_str(), kind, name.to_owned()))
        });
        Self(names.collect())
    }

    /// `resource` under a name that is free: its own, or one that ends in a digest.
    pub(super) fn free(&self, region: &str, resource: Resource) -> Resource {
        let kind = resource.kind();
        let Some(field) = kind.schema().chosen_name else { return resource };
        let mut value = resource.to_value();
        let Some(name) = value.get(field).and_then(Value::as_str).map(str::to_owned) else { return resource };
        let is_taken = |name: &str| self.0.contains(&(region, kind, name.to_owned()));
        if !is_taken(&name) {
            return resource;
        }
        let free = (1..=MOST_NAMES).map(|number| another(&name, number)).find(|name| !is_taken(name));
        if let (Some(slot), Some(free)) = (value.get_mut(field), free) {
            *slot = Value::String(free);
        }
        serde_json::from_value(value).unwrap_or(resource)
    }
}

/// Another name for `name`, of the same form and length.
fn another(name: &str, number: u32) -> String {
    let mut digits = hex_digest(&format!("{name} {number}"));
    digits.truncate(DIGITS);
    let is_hashed = name.len() == LONGEST && name.chars().all(|c| c.is_ascii_hexdigit());
    let kept: String = name.chars().take(LONGEST - DIGITS - usize::from(!is_hashed)).collect();
    if is_hashed { format!("{kept}{digits}") } else { format!("{}-{digits}", kept.trim_end_matches('-')) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_has_the_same_form() {
        assert_eq!(another("ci-front", 1), "ci-front-eea9e");
        assert_eq!(another("526a730faf81faea45b9a55520e83da0", 1).len(), 32);
        assert!(another("526a730faf81faea45b9a55520e83da0", 1).chars().all(|c| c.is_ascii_hexdigit()));
        assert!(another("staging-mhcaverylonghostcla0263a", 2).len() <= 32);
        assert_ne!(another("ci-front", 1), another("ci-front", 2));
    }
}
