//! The instance types of EC2.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../../stdlib/instance_types.txt");

/// Properties of an instance type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstanceType {
    /// Virtual processors.
    pub(crate) vcpus: u32,
    /// Memory in MiB.
    pub(crate) memory: u32,
    /// `x86_64`, `arm64`, ….
    pub(crate) architecture: &'static str,
    /// Network interfaces it can have.
    pub(crate) interfaces: u32,
    /// IPv4 addresses each of them can have.
    pub(crate) addresses: u32,
    /// Disks of its own, which go when it does.
    pub(crate) disks: u8,
    /// Whether its volumes can have bandwidth of their own.
    pub(crate) is_ebs_optimized: bool,
    /// Whether AWS counts it among the current generations.
    pub(crate) is_current: bool,
}

/// Every instance type, by name.
pub(crate) fn instance_types() -> &'static BTreeMap<&'static str, InstanceType> {
    static TYPES: OnceLock<BTreeMap<&'static str, InstanceType>> = OnceLock::new();
    TYPES.get_or_init(|| TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(read).collect())
}

/// A type of a current generation that could take the place of one of a previous generation: of the same class,
/// size and architecture, with as many processors.
pub(crate) fn successor(of: &str) -> Option<&'static str> {
    let old = instance_types().get(of)?;
    let (class, _, size) = parts(of)?;
    let is_alike = |(name, new): &(&&'static str, &InstanceType)| {
        parts(name).is_some_and(|(other, _, its)| other == class && its == size)
            && new.is_current
            && (new.architecture, new.vcpus) == (old.architecture, old.vcpus)
    };
    // The newest generation; in it the plainest kind, which has the shortest name.
    let rank =
        |name: &'static str| (parts(name).map(|(_, generation, _)| generation), Reverse(name.len()), name);
    instance_types().iter().filter(is_alike).map(|(name, _)| *name).max_by_key(|name| rank(name))
}

/// Class, generation and size of a type: `m`, 5 and `large` of `m5d.large`.
fn parts(name: &str) -> Option<(&str, u32, &str)> {
    let (family, size) = name.split_once('.')?;
    let digits = family.find(|c: char| c.is_ascii_digit())?;
    let (class, rest) = family.split_at_checked(digits)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((class, rest.get(..end)?.parse().ok()?, size))
}

fn read(line: &'static str) -> Option<(&'static str, InstanceType)> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let mut number = || words.next()?.parse().ok();
    let (vcpus, memory) = (number()?, number()?);
    let architecture = words.next()?;
    let mut number = || words.next()?.parse().ok();
    let (interfaces, addresses, disks): (u32, u32, u32) = (number()?, number()?, number()?);
    let is_ebs_optimized = words.next()? != "unsupported";
    let is_current = words.next()? == "current";
    let disks = u8::try_from(disks).ok()?;
    let known = InstanceType {
        vcpus,
        memory,
        architecture,
        interfaces,
        addresses,
        disks,
        is_ebs_optimized,
        is_current,
    };
    Some((name, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_type() {
        assert_eq!(instance_types().len(), TABLE.lines().filter(|line| !line.starts_with('#')).count());
        assert!(instance_types().len() > 1000);
    }

    #[test]
    fn a_type_of_a_previous_generation_has_a_successor() {
        assert_eq!(successor("m3.large"), Some("m8i.large"));
        assert_eq!(successor("r4.2xlarge"), Some("r8i.2xlarge"));
        assert_eq!(successor("i2.xlarge").and_then(|name| name.split('.').nth(1)), Some("xlarge"));
        assert_eq!(successor("m1.small"), None, "no current one is as small");
    }

    #[test]
    fn a_type_says_what_it_can_do() {
        let large = instance_types()["m5d.large"];
        assert_eq!((large.vcpus, large.memory, large.architecture), (2, 8192, "x86_64"));
        assert_eq!((large.interfaces, large.addresses, large.disks), (3, 10, 1));
        assert!(large.is_current && large.is_ebs_optimized);
        assert!(!instance_types()["m3.large"].is_current);
        assert_eq!(instance_types()["t4g.micro"].architecture, "arm64");
    }
}
