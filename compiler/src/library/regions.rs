//! The regions of AWS, in every partition.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::table;
use crate::near;

const TABLE: &str = include_str!("../../../stdlib/regions.txt");

/// Directions in the codes of regions.
const DIRECTIONS: &[&str] =
    &["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west"];

/// Every known region with the availability zones a new account sees in it, in order of name.
///
/// A live account's own zones win over these.
pub(crate) fn regions() -> &'static BTreeMap<&'static str, Vec<String>> {
    static KNOWN: OnceLock<BTreeMap<&'static str, Vec<String>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines = table::lines(TABLE).filter_map(|line| line.split_once(' '));
        lines.map(|(region, letters)| (region, zones_of(region, letters))).collect()
    })
}

/// The availability zones that a new account sees in a region. For an unknown region, `wanted` zones from `a` on: which
/// ones it has is asked of AWS.
pub(crate) fn zones(region: &str, wanted: usize) -> Vec<String> {
    match regions().get(region) {
        Some(zones) => zones.clone(),
        None => ('a'..='z').take(wanted).map(|zone| format!("{region}{zone}")).collect(),
    }
}

fn zones_of(region: &str, letters: &str) -> Vec<String> {
    letters.chars().map(|zone| format!("{region}{zone}")).collect()
}

/// Whether a text has the form of a region's code: an area, perhaps `gov` or `iso`, a direction and a number, as in
/// `us-gov-west-1`.
pub(crate) fn is_region_code(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (area, kind, direction, number) = match parts.as_slice() {
        [area, direction, number] => (area, "", direction, number),
        [area, kind, direction, number] => (area, *kind, direction, number),
        _ => return false,
    };
    // The European sovereign cloud names a country in place of a direction: `eusc-de-east-1`.
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    (2..=4).contains(&area.len())
        && is_word(area)
        && is_word(kind)
        && (kind.is_empty() || (2..=4).contains(&kind.len()))
        && parts.iter().all(|part| !part.is_empty())
        && DIRECTIONS.contains(direction)
        && (1..=2).contains(&number.len())
        && !number.starts_with('0')
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The region that a misspelt code is plainly meant to be: its letters are a slip away and its digits are the same.
pub(crate) fn misspelt_region(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase().replace('_', "-");
    if let Some((name, _)) = regions().get_key_value(lower.as_str()) {
        return Some(name);
    }
    near::slip(&lower, regions().keys().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_the_form_of_one() {
        assert!(regions().keys().all(|region| is_region_code(region)));
        assert!(regions().len() > 45);
        for region in ["ap-east-2", "ap-southeast-7", "eusc-de-east-1", "us-isof-south-1", "me-west-1"] {
            assert!(regions().contains_key(region), "{region}");
        }
        assert_eq!(zones("us-west-1", 3), ["us-west-1a", "us-west-1c"]);
    }

    #[test]
    fn a_code_that_is_not_known_may_be_one() {
        for code in ["eu-east-1", "us-west-12", "nz-north-1", "us-gov-south-1"] {
            assert!(is_region_code(code), "{code}");
        }
        let not = [
            "",
            "us",
            "us-west",
            "us-west-2a",
            "us-wset-2",
            "US-west-2",
            "us--west-2",
            "us-west-0",
            "a-west-1",
        ];
        for code in not {
            assert!(!is_region_code(code), "{code}");
        }
        assert_eq!(zones("nz-north-1", 2), ["nz-north-1a", "nz-north-1b"]);
    }

    #[test]
    fn only_a_slip_of_letters_means_another_region() {
        assert_eq!(misspelt_region("us-wset-2"), Some("us-west-2"));
        assert_eq!(misspelt_region("us-west2"), Some("us-west-2"));
        assert_eq!(misspelt_region("US_WEST_2"), Some("us-west-2"));
        assert_eq!(misspelt_region("us-west-2a"), Some("us-west-2"));
        assert_eq!(misspelt_region("ap-east-7"), None);
        assert_eq!(misspelt_region("us-west-3"), None);
        assert_eq!(misspelt_region("mars"), None);
    }
}
