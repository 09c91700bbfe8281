//! The instance types of EC2, and the regions that offer them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::table;
use crate::near;

const TABLE: &str = include_str!("../../../stdlib/instance_types.txt");

/// Properties of an instance type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstanceType {
    /// Virtual processors.
    pub(crate) vcpus: u32,
    /// Memory in MiB.
    pub(crate) memory: u32,
    /// `x86_64`, `arm64`, …; several are separated by commas.
    pub(crate) architecture: &'static str,
    /// Network interfaces it can have.
    pub(crate) interfaces: u32,
    /// IPv4 addresses each of them can have.
    pub(crate) addresses: u32,
    /// Disks of its own, which go when it does.
    pub(crate) disks: u8,
    /// Whether its volumes can have bandwidth of their own.
    pub(crate) is_ebs_optimized: bool,
    /// Whether AWS counts it among the previous generations.
    pub(crate) is_previous: bool,
    /// A bit for each region of [`regions_of_table`] that offers it.
    offered: u64,
}

impl InstanceType {
    /// Whether instances of the type run AMIs of an architecture.
    pub(crate) fn runs(&self, architecture: &str) -> bool {
        self.architecture.split(',').any(|own| own == architecture)
    }
}

/// What a type can do; absent for an unknown type, and for one of which only the name is known.
pub(crate) fn instance_type(name: &str) -> Option<InstanceType> {
    // A project names few types, and asks for each of them for every run in every environment.
    static ASKED: Mutex<BTreeMap<&str, InstanceType>> = Mutex::new(BTreeMap::new());
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = asked.get(name) {
        return Some(*known);
    }
    let (name, known) = read(table::line(TABLE, name)?)?;
    asked.insert(name, known);
    Some(known)
}

/// The virtual processors of an instance type; absent for an unknown one.
pub fn vcpus(name: &str) -> Option<u32> {
    instance_type(name).map(|known| known.vcpus)
}

/// Every type of which more than the name is known, in order of name.
pub(crate) fn instance_types() -> impl Iterator<Item = (&'static str, InstanceType)> {
    table::lines(TABLE).filter_map(read)
}

/// Whether EC2 has, or had, a type of this name.
pub(crate) fn is_instance_type(name: &str) -> bool {
    table::line(TABLE, name).is_some()
}

/// Whether AWS counts a type among the previous generations.
pub(crate) fn is_previous(name: &str) -> bool {
    table::line(TABLE, name).is_some_and(|line| flags(line).contains('p'))
}

/// Whether EC2 has no Spot Instances of a type.
pub(crate) fn is_never_spot(name: &str) -> bool {
    table::line(TABLE, name).is_some_and(|line| flags(line).contains('d'))
}

/// Whether a region offers a type; absent where the table does not have the region, or knows no region of the type.
pub(crate) fn is_offered(name: &str, region: &str) -> Option<bool> {
    let place = regions_of_table().iter().position(|known| *known == region)?;
    let offered = offered(table::line(TABLE, name)?);
    (offered != 0).then_some(offered & (1 << place) != 0)
}

/// The architecture of the AMIs that a type runs: that of the table, or else the one that its name tells. Families with
/// a `g` after the generation have Graviton processors (EC2 user guide, "Instance type naming conventions").
pub(crate) fn guessed_architecture(name: &str) -> &'static str {
    let is_graviton = || {
        let family = name.split('.').next().unwrap_or_default();
        let options = family.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
        let options = options.trim_start_matches(|c: char| c.is_ascii_digit());
        options.contains('g') || family == "a1"
    };
    match instance_type(name) {
        Some(known) => known.architecture.split(',').next_back().unwrap_or_default(),
        None if is_graviton() => "arm64",
        None => "x86_64",
    }
}

/// Whether a text has the form of an instance type: a family and a size, as in `m7i.large`.
pub(crate) fn is_type_name(text: &str) -> bool {
    let is_word = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.split_once('.').is_some_and(|(family, size)| {
        is_word(family) && family.contains(|c: char| c.is_ascii_digit()) && is_word(size)
    })
}

/// The type that a name is plainly meant to be: of a known family, with a size that is a slip of the pen away. A family
/// that is not known may be a new one.
pub(crate) fn misspelt_type(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let (family, _) = lower.split_once('.')?;
    let names = table::lines(TABLE).filter_map(|line| line.split(' ').next());
    let of_family = names.filter(|name| name.split_once('.').is_some_and(|(known, _)| known == family));
    let of_family: Vec<&str> = of_family.collect();
    let same = of_family.iter().find(|name| **name == lower).copied();
    same.or_else(|| near::slip(&lower, of_family))
}

/// A type that could take the place of a previous generation's in all of `regions`: a current one of the same class,
/// size and architecture, with as many processors.
pub(crate) fn successor(of: &str, regions: &[&str]) -> Option<&'static str> {
    let (class, ..) = parts(of)?;
    best(of, regions, |name, new| !new.is_previous && parts(name).is_some_and(|(other, ..)| other == class))
}

/// A type that is most like `of` and that all of `regions` offer: of the same class, size and architecture, or else of the
/// same size, with as much memory.
pub(crate) fn stand_in(of: &str, regions: &[&str]) -> Option<&'static str> {
    let old = instance_type(of)?;
    successor(of, regions)
        .or_else(|| best(of, regions, |_, new| !new.is_previous && new.memory == old.memory))
}

/// The newest of the types of the size, architecture and processors of `of` that `regions` offer; of those, the plainest
/// kind, which has the shortest name.
fn best(
    of: &str,
    regions: &[&str],
    is_fit: impl Fn(&'static str, &InstanceType) -> bool,
) -> Option<&'static str> {
    let old = instance_type(of)?;
    let (_, _, size) = parts(of)?;
    let places =
        regions.iter().filter_map(|region| regions_of_table().iter().position(|known| known == region));
    let wanted = places.fold(0_u64, |bits, place| bits | 1 << place);
    let is_alike = |(name, new): &(&'static str, InstanceType)| {
        parts(name).is_some_and(|(_, _, its)| its == size)
            && (new.architecture, new.vcpus) == (old.architecture, old.vcpus)
            && new.offered & wanted == wanted
            && *name != of
            && is_fit(name, new)
    };
    let rank =
        |name: &'static str| (parts(name).map(|(_, generation, _)| generation), Reverse(name.len()), name);
    instance_types().filter(is_alike).map(|(name, _)| name).max_by_key(|name| rank(name))
}

/// Class, generation and size of a type: `m`, 5 and `large` of `m5d.large`.
fn parts(name: &str) -> Option<(&str, u32, &str)> {
    let (family, size) = name.split_once('.')?;
    let digits = family.find(|c: char| c.is_ascii_digit())?;
    let (class, rest) = family.split_at_checked(digits)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((class, rest.get(..end)?.parse().ok()?, size))
}

/// The regions of which the table knows what they offer, in order of their bits.
fn regions_of_table() -> &'static [&'static str] {
    static REGIONS: OnceLock<Vec<&'static str>> = OnceLock::new();
    REGIONS.get_or_init(|| {
        let comments = TABLE.lines().take_while(|line| line.starts_with('#'));
        comments.last().map_or_else(Vec::new, |line| line.split(' ').skip(1).collect())
    })
}

/// The flags of a line, which are its last word but one.
fn flags(line: &str) -> &str {
    line.rsplit(' ').nth(1).unwrap_or_default()
}

fn offered(line: &str) -> u64 {
    line.rsplit(' ').next().and_then(|bits| u64::from_str_radix(bits, 16).ok()).unwrap_or(0)
}

fn read(line: &'static str) -> Option<(&'static str, InstanceType)> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let mut number = || words.next()?.parse().ok();
    let (vcpus, memory) = (number()?, number()?);
    let architecture = words.next()?;
    let mut number = || words.next()?.parse().ok();
    let (interfaces, addresses, disks): (u32, u32, u32) = (number()?, number()?, number()?);
    let known = InstanceType {
        vcpus,
        memory,
        architecture,
        interfaces,
        addresses,
        disks: u8::try_from(disks).ok()?,
        is_ebs_optimized: flags(line).contains('e'),
        is_previous: flags(line).contains('p'),
        offered: offered(line),
    };
    Some((name, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_type() {
        let lines = || table::lines(TABLE);
        assert!(lines().count() > 1400);
        let names: Vec<&str> = lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(names.is_sorted());
        for line in lines() {
            let name = line.split(' ').next().unwrap();
            assert!(is_instance_type(name) && is_type_name(name), "{name}");
            assert_eq!(instance_type(name).is_none(), line.split(' ').nth(1) == Some("?"), "{name}");
        }
        assert!(instance_types().count() > 1380);
        assert_eq!(regions_of_table().len(), 38);
    }

    #[test]
    fn a_type_of_a_previous_generation_has_a_successor() {
        assert_eq!(successor("m3.large", &[]), Some("m8i.large"));
        assert_eq!(successor("i2.xlarge", &[]).and_then(|name| name.split('.').nth(1)), Some("xlarge"));
        assert_eq!(successor("m1.small", &[]), None, "no current one is as small");
    }

    #[test]
    fn previous_generations_are_those_of_the_list_of_aws() {
        for name in [
            "t1.micro",
            "m1.small",
            "m2.xlarge",
            "m3.large",
            "c1.medium",
            "c3.large",
            "r3.large",
            "g2.2xlarge",
        ] {
            assert!(is_previous(name), "{name}");
        }
        for name in [
            "m5.large",
            "m6i.large",
            "c5.large",
            "r5.large",
            "r6i.large",
            "t2.micro",
            "m5a.large",
            "g5.xlarge",
        ] {
            assert!(!is_previous(name), "{name}");
        }
    }

    #[test]
    fn a_region_offers_some_types() {
        assert_eq!(is_offered("m7i.large", "us-west-2"), Some(true));
        assert_eq!(is_offered("m7i.large", "ca-west-1"), Some(false));
        assert_eq!(is_offered("m5a.large", "mx-central-1"), Some(false));
        assert_eq!(is_offered("m7i.large", "nz-north-1"), None, "the region is not in the table");
        assert_eq!(is_offered("hi1.4xlarge", "us-west-2"), None, "no region of it is known");
        let other = stand_in("m7i.large", &["ca-west-1"]).unwrap();
        assert_eq!(is_offered(other, "ca-west-1"), Some(true));
        assert_eq!(instance_type(other).map(|it| (it.vcpus, it.memory)), Some((2, 8192)));
    }

    #[test]
    fn only_a_slip_in_the_size_means_another_type() {
        assert_eq!(misspelt_type("m5.lrge"), Some("m5.large"));
        assert_eq!(misspelt_type("M5.Large"), Some("m5.large"));
        assert_eq!(misspelt_type("t3.mirco"), Some("t3.micro"));
        for name in ["m10g.large", "m8ix.large", "m5.48xlarge", "m5", "large"] {
            assert_eq!(misspelt_type(name), None, "{name}");
        }
        for name in ["m5", "large", "m5 large", "m5.large.x", ".large", "m5.", "M5.large", "metal.large"] {
            assert!(!is_type_name(name), "{name}");
        }
        for name in ["m10g.large", "u-24tb9.metal", "mac-m9.metal", "p6e-gb200.36xlarge"] {
            assert!(is_type_name(name), "{name}");
        }
    }

    #[test]
    fn a_type_says_what_it_can_do() {
        let large = instance_type("m5d.large").unwrap();
        assert_eq!((large.vcpus, large.memory, large.architecture), (2, 8192, "x86_64"));
        assert_eq!((large.interfaces, large.addresses, large.disks), (3, 10, 1));
        assert!(large.is_ebs_optimized);
        assert_eq!(instance_type("t4g.micro").unwrap().architecture, "arm64");
        assert_eq!(instance_type("i3.metal"), None, "only its name is known");
    }
}
