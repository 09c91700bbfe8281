//! Who the caller is, in each account.

use serde::Serialize;

use super::table::{self, Cell};
use super::text::{BAD, BOLD, PLAIN};
use super::width::width;
use super::without_secrets;
use crate::identities::{Known, Way};

/// How a run gets to an account, in words, or in one word for programs.
fn way(known: &Known) -> (String, &'static str) {
    match known.account.as_ref().map(Way::of) {
        None | Some(Way::Caller) => ("caller".to_owned(), "caller"),
        Some(Way::Profile(profile)) => (format!("profile {profile}"), "profile"),
        Some(Way::Role(role)) => (format!("role {role}"), "role"),
    }
}

/// A line for the caller and for each account, then why some of them cannot be used.
pub(crate) fn text(all: &[Known]) -> String {
    let rows = all.iter().map(|known| {
        let id = match (&known.account, &known.identity) {
            (Some(account), _) => account.id.as_str(),
            (None, Ok(identity)) => identity.account.as_str(),
            (None, Err(_)) => "-",
        };
        let identity = match &known.identity {
            Ok(identity) => Cell::plain(&identity.arn),
            Err(_) => Cell::new(BAD, "cannot be used"),
        };
        let name = known.name.as_deref().unwrap_or("-");
        vec![Cell::new(BOLD, name), Cell::plain(id), Cell::plain(way(known).0), identity]
    });
    let mut text = table::listing(&["NAME", "ACCOUNT", "BY", "IDENTITY"], rows, 1);
    for known in all {
        let Err(why) = &known.identity else { continue };
        let name = known.name.as_deref().unwrap_or("caller");
        let why = without_secrets(why);
        text += &(table::wrapped(PLAIN, &format!("\n{name}: {why}"), width(), 2).join("\n") + "\n");
    }
    text
}

#[derive(Serialize)]
pub(crate) struct Data<'a> {
    /// Name in the program; absent for the caller.
    name: Option<&'a str>,
    /// The account that it has to be; absent for the caller.
    account: Option<&'a str>,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'a asiaq_runtime::Identity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// The same for programs.
pub(crate) fn data(all: &[Known]) -> Vec<Data<'_>> {
    all.iter().map(Data::of).collect()
}

impl<'a> Data<'a> {
    fn of(known: &'a Known) -> Self {
        let Known { name, account, identity } = known;
        let account = account.as_ref();
        Self {
            name: name.as_deref(),
            account: account.map(|account| account.id.as_str()),
            by: way(known).1,
            profile: account.and_then(|account| account.profile.as_deref()),
            role: account.and_then(|account| account.role.as_deref()),
            identity: identity.as_ref().ok(),
            error: identity.as_ref().err().map(String::as_str),
        }
    }
}
