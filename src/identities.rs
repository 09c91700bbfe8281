//! Who the caller is in each account, as `asiaq whoami` prints it.

use asiaq_ir::Account;
use asiaq_runtime::Identity;

/// How a run gets to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way<'a> {
    /// With the caller's own credentials.
    Caller,
    /// With those of a profile of the AWS configuration files.
    Profile(&'a str),
    /// With those of a role that the caller assumes, by ARN.
    Role(&'a str),
}

impl<'a> Way<'a> {
    pub(crate) fn of(account: &'a Account) -> Self {
        match (&account.profile, &account.role) {
            (Some(profile), _) => Self::Profile(profile),
            (None, Some(role)) => Self::Role(role),
            (None, None) => Self::Caller,
        }
    }
}

/// How a run gets to an account, and who it is there.
#[derive(Debug)]
pub(crate) struct Known {
    /// Name in the program; absent for the caller.
    pub(crate) name: Option<String>,
    /// The declaration; absent for the caller.
    pub(crate) account: Option<Account>,
    /// Who it is, or why it cannot be used.
    pub(crate) identity: std::result::Result<Identity, String>,
}
