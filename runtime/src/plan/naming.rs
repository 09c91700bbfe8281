//! Names of new resources while an old one has the name.

use std::collections::BTreeSet;

use asiaq_ir::{Kind, MOVED_TAG, Resource};

use super::live::Live;
use super::moves::Moves;
use crate::digest::hex_digest;

/// The longest name of a load balancer and of a target group.
const LONGEST: usize = 32;
/// The most names that are tried.
const MOST_NAMES: u32 = 1000;
/// Hexadecimal digits that make a name another one.
const DIGITS: usize = 5;

/// The names that live resources keep although the program may have them for others, by region and kind: chosen names,
/// and those of renamed declarations.
pub(super) struct Names<'a>(BTreeSet<(&'a str, Kind, String)>);

impl<'a> Names<'a> {
    pub(super) fn new(live: &Live<'a>, moves: &Moves<'_>) -> Self {
        let names = live.items().filter_map(|(_, item)| {
            let kind = item.found.resource.kind();
            let has_moved = || moves.origin(item.found).is_some() || item.found.tags.contains_key(MOVED_TAG);
            let schema = kind.schema();
            let derived = schema.derived_name.filter(|field| schema.exclusive.contains(field) && has_moved());
            let name = item.value.get(schema.chosen_name.or(derived)?)?.as_str()?;
            Some((item.found.region.as_str(), kind, name.to_owned()))
        });
        Self(names.collect())
    }

    /// Another name for `resource`, with its field, if a live one keeps its own.
    pub(super) fn free(&self, region: &str, resource: &Resource) -> Option<(&'static str, String)> {
        let kind = resource.kind();
        let field = kind.schema().chosen_name.or(kind.schema().derived_name)?;
        let name = resource.field(field);
        let name = name.as_str()?;
        let is_taken = |name: &str| self.0.contains(&(region, kind, name.to_owned()));
        if !is_taken(name) {
            return None;
        }
        let free = (1..=MOST_NAMES).map(|number| another(name, number)).find(|name| !is_taken(name))?;
        Some((field, free))
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
