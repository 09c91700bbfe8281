//! Ids and owners of AMIs.

/// Aliases of AWS for the owners of AMIs.
pub(crate) const OWNER_ALIASES: &[&str] = &["self", "amazon", "aws-marketplace"];

/// Accounts whose AMIs many use, by the beginning of the names of their AMIs (as the vendors publish them).
const OWNERS: &[(&str, &str, &str)] = &[
    ("ubuntu", "099720109477", "Canonical"),
    ("debian-", "136693071363", "Debian"),
    ("al2023-", "amazon", "Amazon"),
    ("amzn2-", "amazon", "Amazon"),
    ("RHEL-", "309956199498", "Red Hat"),
    ("Windows_Server-", "amazon", "Amazon"),
];

/// User that an AMI lets in over SSH, where nothing is known of its owner.
pub(crate) const USUAL_USER: &str = "ec2-user";

/// The user that AMIs of an owner let in over SSH.
pub(crate) fn login_user(owner: &str) -> &'static str {
    match owner {
        "099720109477" => "ubuntu",
        "136693071363" => "admin",
        _ => USUAL_USER,
    }
}

/// Whether a text is the id of an AMI: 8 hexadecimal digits, or 17.
pub(crate) fn is_ami_id(text: &str) -> bool {
    text.strip_prefix("ami-").is_some_and(|digits| {
        matches!(digits.len(), 8 | 17) && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// The owner of the AMIs that a pattern is plainly meant for: as `owner` has it, and by name.
pub(crate) fn known_owner(pattern: &str) -> Option<(&'static str, &'static str)> {
    let known = OWNERS.iter().find(|(start, ..)| pattern.starts_with(start));
    known.map(|(_, owner, name)| (*owner, *name))
}
