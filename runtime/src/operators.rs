//! Operators in the credential buckets of a project, as `asiaq operator` shows them.

use asiaq_ir::Operator;

/// An operator in a bucket, without the hash of its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOperator {
    /// Name of the account.
    pub account: String,
    /// What its file says.
    pub operator: Operator,
    /// The address of its owner in the project; none where the project does not own it.
    pub address: Option<String>,
    /// Whether a project of asiaq owns it, this one or another one.
    pub is_owned: bool,
    /// Whether it has a password.
    pub has_password: bool,
}

/// The fields in which a live operator differs from a declared one. A number that is not declared fits.
pub fn operator_differences(declared: &Operator, live: &Operator) -> Vec<&'static str> {
    let all = [
        ("uid", declared.uid.is_some() && declared.uid != live.uid),
        ("groups", declared.groups != live.groups),
        ("shell", declared.shell != live.shell),
        ("home", declared.home != live.home),
        ("ssh_keys", declared.ssh_keys != live.ssh_keys),
        ("active", declared.active != live.active),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
