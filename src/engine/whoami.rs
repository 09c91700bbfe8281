//! Who the caller is, in every account that a program declares.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::anyhow;
use asiaq_aws::Aws;
use asiaq_ir::Account;
use asiaq_runtime::Identity;

use super::accounts::Ways;
use super::{Connection, Interrupts, Log, Reading, account};
use crate::exit::{Halt, Result};
use crate::identities::{Known, Way};
use crate::project;
use crate::ui::Format;

/// The caller, and the accounts of the program. Without a program at `path` only the caller.
pub(crate) async fn whoami(
    path: Option<&Path>,
    reading: &Reading,
    interrupts: &Interrupts,
) -> Result<Vec<Known>> {
    let Reading { accounts: names, format, connection } = reading;
    let (accounts, usual) = declared(path, names, *format)?;
    let log = Log::none();
    let ways = Ways { connection, usual, log: &log, interrupts };
    let caller = ways.caller().await;
    let identity = |of: &anyhow::Result<(Aws, Identity)>| match of {
        Ok((_, identity)) => Ok(identity.clone()),
        Err(error) => Err(error.to_string()),
    };
    let mut known = vec![Known { name: None, account: None, identity: identity(&caller) }];
    for (name, account) in accounts {
        let identity = match Way::of(&account) {
            Way::Caller => match identity(&caller) {
                Ok(identity) if identity.account != account.id => Err(format!(
                    "the caller's credentials are for account {}: use others, or add `profile` or `role`",
                    identity.account
                )),
                of_caller => of_caller,
            },
            Way::Profile(_) | Way::Role(_) => match ways.declared(&name, &account, Some(&caller)).await {
                Ok((_, identity)) => Ok(identity),
                Err(Halt::External(error)) => Err(error.to_string()),
                Err(halt) => return Err(halt),
            },
        };
        known.push(Known { name: Some(name), account: Some(account), identity });
    }
    Ok(known)
}

/// What AWS says in an encoded message, as JSON text, with the credentials of the caller or of an account of the program.
pub(crate) async fn decoded(
    message: &str,
    account: Option<&str>,
    path: Option<&Path>,
    connection: &Connection,
    interrupts: &Interrupts,
) -> Result<String> {
    let names: Vec<String> = account.map(str::to_owned).into_iter().collect();
    let (accounts, usual) = match account {
        Some(_) => declared(path, &names, Format::Text)?,
        None => (BTreeMap::new(), None),
    };
    let log = Log::none();
    let ways = Ways { connection, usual, log: &log, interrupts };
    let declared = accounts.into_iter().next().filter(|(_, account)| Way::of(account) != Way::Caller);
    let (aws, _) = match declared {
        Some((name, account)) => {
            let caller = match Way::of(&account) {
                Way::Role(_) => Some(ways.caller().await),
                Way::Profile(_) | Way::Caller => None,
            };
            ways.declared(&name, &account, caller.as_ref()).await?
        }
        None => ways.caller().await?,
    };
    let text = aws.decode(message).await;
    Ok(text.map_err(|error| account::unusable("decode the message", &error))?)
}

/// The accounts of the program at `path` among `names`, and a region of it. No program is no accounts.
fn declared(
    path: Option<&Path>,
    names: &[String],
    format: Format,
) -> Result<(BTreeMap<String, Account>, Option<String>)> {
    if !project::is_there(path.unwrap_or(Path::new("."))) {
        return match names.first() {
            Some(name) => Err(anyhow!("there is no program that declares the account `{name}`").into()),
            None => Ok((BTreeMap::new(), None)),
        };
    }
    let checked = project::sound(path, format)?;
    project::refuse_unknown_accounts(names, checked.declared())?;
    let mut accounts = checked.declared().accounts.clone();
    accounts.retain(|name, _| names.is_empty() || names.contains(name));
    Ok((accounts, checked.usual_region()))
}
