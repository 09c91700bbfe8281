//! AWS's managed policies. The table has their names only, not what they allow.

use crate::near;

const TABLE: &str = include_str!("../../../../stdlib/managed_policies.txt");

/// A managed policy of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Managed {
    /// Its name, as in `ReadOnlyAccess`.
    pub name: &'static str,
    /// Its path, as in `/` or `/service-role/`.
    pub path: &'static str,
    /// Whether it denies something too.
    pub denies: bool,
}

impl Managed {
    /// Its ARN in a partition, as in `arn:aws:iam::aws:policy/ReadOnlyAccess`.
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }
}

fn all() -> impl Iterator<Item = Managed> {
    TABLE.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
        let mut words = line.split(' ');
        let path = words.next().unwrap_or("/");
        words.map(move |word| {
            let name = word.trim_end_matches('!');
            Managed { name, path, denies: name != word }
        })
    })
}

/// The managed policy of a name; names differ without regard to case.
pub fn managed_policy(name: &str) -> Option<Managed> {
    all().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// The names of all that are known.
pub fn managed_policies() -> impl Iterator<Item = &'static str> {
    all().map(|known| known.name)
}

/// The managed policy that a name is plainly meant to be.
pub fn managed_policy_named_like(name: &str) -> Option<&'static str> {
    near::slip(name, all().map(|known| known.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_have_the_arns_of_the_manual() {
        let of = |name: &str| managed_policy(name).unwrap().arn("aws");
        assert_eq!(
            of("AmazonSSMManagedInstanceCore"),
            "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
        );
        let of_batch = "arn:aws:iam::aws:policy/service-role/AWSBatchServiceRole";
        assert_eq!(of("awsbatchservicerole"), of_batch);
        assert_eq!(managed_policy("ReadOnlyAcces"), None);
        assert_eq!(managed_policy_named_like("ReadOnlyAcces"), Some("ReadOnlyAccess"));
        assert!(
            managed_policy("AWSDenyAll").unwrap().denies && !managed_policy("ReadOnlyAccess").unwrap().denies
        );
        assert!(all().count() > 1_500 && all().all(|one| one.path.ends_with('/') && !one.name.is_empty()));
    }
}
