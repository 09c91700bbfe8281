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

/// The managed policy whose name is a slip of the pen away from `name`, or continues it: `PowerUser` is short for
/// `PowerUserAccess`. None where several do so in different ways, or less than half of the name is there.
pub fn managed_policy_named_like(name: &str) -> Option<&'static str> {
    near::slip(name, managed_policies()).or_else(|| {
        let begins = |known: &str, start: &str| {
            known.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
        };
        let longer = || managed_policies().filter(|known| begins(known, name));
        // Most of the name has to be there: `read` may mean a policy of the program.
        let shortest =
            longer().min_by_key(|known| known.len()).filter(|known| known.len() < 2 * name.len())?;
        longer().all(|known| begins(known, shortest)).then_some(shortest)
    })
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
        assert_eq!(managed_policy_named_like("PowerUser"), Some("PowerUserAccess"));
        assert_eq!(managed_policy_named_like("administrator"), Some("AdministratorAccess"));
        assert_eq!(managed_policy_named_like("Amazon"), None, "many begin so");
        assert_eq!(managed_policy_named_like("Read"), None, "less than half of the name");
        assert!(
            managed_policy("AWSDenyAll").unwrap().denies && !managed_policy("ReadOnlyAccess").unwrap().denies
        );
        assert!(all().count() > 1_500 && all().all(|one| one.path.ends_with('/') && !one.name.is_empty()));
    }
}
